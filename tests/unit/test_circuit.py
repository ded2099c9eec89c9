"""The circuit: what opens, probes and closes it, and what it never forgets."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from lockstep.domain.circuit import (
    PROBE_DELAYS_S,
    PROBE_ENDS_WITHIN_S,
    RELAPSE_S,
    TELLING_ENDS_WITHIN_S,
    Circuit,
    Position,
    Reason,
    Trouble,
    closed,
    half_opened,
    hurried,
    is_probe_due,
    lanes_set,
    opened,
    reopened,
    telling,
    told,
)
from lockstep.domain.circuit_alerts import alert_of
from lockstep.domain.connection_signs import OPENS_AT_ONCE, OPENS_WHEN_NOTHING_ELSE_COMES, SAID_BY_THE_ORG
from lockstep.domain.failures import Disposition, FailureKind
from tests.fakes.changes import NOON

DOWN = Trouble(Reason.ORG_UNAVAILABLE, "503")
REFUSED = Trouble(Reason.SIGN_IN_REFUSED, "invalid_grant", "mark")


def at(seconds):
    return NOON + timedelta(seconds=seconds)


def is_open(trouble=DOWN):
    return opened(Circuit(), trouble, NOON)


def is_half_open(trouble=DOWN):
    return half_opened(is_open(trouble), NOON)


def is_closed_again():
    return closed(is_open(), "a probe", at(60))


@pytest.mark.parametrize(
    ("event", "from_closed", "from_open", "from_half_open"),
    [
        (lambda each: opened(each, DOWN, NOON), Position.OPEN, None, None),
        (lambda each: half_opened(each, NOON), None, Position.HALF_OPEN, Position.HALF_OPEN),
        (lambda each: reopened(each, DOWN, NOON), None, Position.OPEN, Position.OPEN),
        (lambda each: closed(each, "a person", NOON), None, Position.CLOSED, Position.CLOSED),
        (lambda each: hurried(each, NOON), None, Position.OPEN, None),
    ],
    ids=["opened", "half_opened", "reopened", "closed", "hurried"],
)
def test_each_event_leads_from_each_position_to_one(event, from_closed, from_open, from_half_open):
    after = [event(each) for each in (Circuit(), is_open(), is_half_open())]

    assert [each and each.position for each in after] == [from_closed, from_open, from_half_open]


@pytest.mark.parametrize("reason", Reason)
def test_probes_come_at_the_times_of_their_reason(reason):
    circuit = opened(Circuit(), Trouble(reason, "why"), NOON)
    waits = [circuit.next_probe_at - NOON]
    for _ in range(6):
        circuit = reopened(half_opened(circuit, NOON), Trouble(reason, "why"), NOON)
        waits.append(circuit.next_probe_at - NOON)

    expected = [*PROBE_DELAYS_S[reason], *[PROBE_DELAYS_S[reason][-1]] * 7][:7]
    assert [wait.total_seconds() for wait in waits] == expected


def test_outage_is_probed_after_20_seconds_and_then_up_to_every_5_minutes():
    assert PROBE_DELAYS_S[Reason.ORG_UNAVAILABLE] == (20, 60, 120, 240, 300)


def test_org_that_answers_the_probe_and_refuses_the_work_is_not_probed_as_if_for_the_first_time():
    circuit = is_open()
    for _ in range(3):
        circuit = reopened(half_opened(circuit, NOON), DOWN, NOON)
    closed_at = closed(circuit, "a probe", NOON)

    soon = opened(closed_at, DOWN, at(RELAPSE_S - 1))
    late = opened(closed_at, DOWN, at(RELAPSE_S))

    assert soon.next_probe_at - soon.since == timedelta(seconds=240)
    assert late.next_probe_at - late.since == timedelta(seconds=20)


def test_new_secret_makes_the_probe_due_at_once_after_a_refused_sign_in_only():
    assert not is_probe_due(is_open(REFUSED), at(1), "mark")
    assert is_probe_due(is_open(REFUSED), at(1), "another mark")
    assert not is_probe_due(is_open(DOWN), at(1), "another mark")
    assert not is_probe_due(is_half_open(REFUSED), at(1), "another mark")
    assert not is_probe_due(Circuit(), at(1), "another mark")


def test_probe_is_due_at_its_time():
    assert not is_probe_due(is_open(), at(19), "")
    assert is_probe_due(is_open(), at(20), "")


def test_probe_that_never_ends_is_begun_anew():
    assert not is_probe_due(is_half_open(), at(PROBE_ENDS_WITHIN_S - 1), "")
    assert is_probe_due(is_half_open(), at(PROBE_ENDS_WITHIN_S), "")


def test_people_are_told_of_each_turn_once():
    circuit = is_open()
    one = telling(circuit, NOON)

    assert telling(one, NOON) is None
    assert telling(one, at(TELLING_ENDS_WITHIN_S)) is not None  # the first one died
    done = told(one, one.turn, is_sent=True)
    assert telling(done, at(10_000)) is None
    assert telling(closed(done, "a probe", at(60)), at(60)) is not None


def test_alert_that_could_not_be_sent_is_still_to_be_sent():
    one = telling(is_open(), NOON)

    assert telling(told(one, one.turn, is_sent=False), NOON) is not None


def test_end_of_an_alert_says_nothing_of_the_next_turn():
    one = telling(is_open(), NOON)

    assert told(closed(one, "a person", NOON), one.turn, is_sent=True) is None


def test_people_are_told_anew_when_a_probe_finds_another_reason():
    one = telling(is_open(), NOON)
    knows = told(one, one.turn, is_sent=True)

    assert reopened(half_opened(knows, NOON), DOWN, NOON).is_told
    assert not reopened(half_opened(knows, NOON), REFUSED, NOON).is_told


def test_lanes_are_to_be_switched_after_each_turn():
    circuit = is_open()

    assert not circuit.are_lanes_set
    assert lanes_set(circuit, circuit.turn).are_lanes_set
    assert lanes_set(closed(circuit, "a person", NOON), circuit.turn) is None
    assert not closed(lanes_set(circuit, circuit.turn), "a person", NOON).are_lanes_set


def test_circuit_that_is_open_without_a_next_probe_cannot_be_made():
    with pytest.raises(ValidationError, match="next probe"):
        Circuit.model_validate({**dict(is_open()), "next_probe_at": None})


TROUBLES = st.builds(Trouble, st.sampled_from(Reason), st.just("why"), st.sampled_from(["", "a", "b"]))
EVENTS = st.one_of(
    st.builds(lambda trouble: lambda each, now: opened(each, trouble, now), TROUBLES),
    st.just(half_opened),
    st.just(hurried),
    st.builds(lambda trouble: lambda each, now: reopened(each, trouble, now), TROUBLES),
    st.just(lambda each, now: closed(each, "a person", now)),
    st.just(telling),
    st.builds(lambda sent: lambda each, _now: told(each, each.turn, is_sent=sent), st.booleans()),
    st.just(lambda each, _now: lanes_set(each, each.turn)),
)


@given(st.lists(st.tuples(EVENTS, st.integers(0, 1000)), max_size=40))
def test_no_order_of_events_leaves_it_open_without_a_probe_or_an_alert_lost(events):
    circuit, now = Circuit(), NOON
    for event, seconds in events:
        now += timedelta(seconds=seconds)
        after = event(circuit, now)
        if after is None:
            continue
        assert after.revision == circuit.revision + 1
        if after.position is not circuit.position and Position.CLOSED in (after.position, circuit.position):
            assert (after.turn, after.is_told, after.are_lanes_set) == (circuit.turn + 1, False, False)
        assert after.is_closed == (after.next_probe_at is None)
        if after.next_probe_at:
            assert after.next_probe_at <= max(now + timedelta(seconds=900), circuit.next_probe_at or now)
        assert Circuit.model_validate_json(after.model_dump_json()) == after
        circuit = after


def test_stored_circuit_of_a_newer_release_can_be_read():
    assert Circuit.model_validate_json('{"revision": 3, "something_new": 1}').revision == 3


@pytest.mark.parametrize("reason", Reason)
def test_alert_says_what_happened_and_what_to_do_in_a_subject_that_fits(reason):
    opening = alert_of(opened(Circuit(), Trouble(reason, "what the org said"), NOON))
    closing = alert_of(closed(opened(Circuit(), Trouble(reason, "x"), NOON), "a probe", at(4980)))

    for subject, _text in (opening, closing):
        assert subject.isascii()
        assert len(subject) <= 100
    assert "2026-05-06 12:00 UTC" in opening[1]
    assert f"({reason}: what the org said)" in opening[1]
    assert "What to do: " in opening[1]
    assert "1 h 23 min" in closing[0] + closing[1]


def test_alert_of_a_refused_sign_in_names_the_command_and_the_page():
    text = alert_of(is_open(REFUSED))[1]

    assert "lockstep auth login" in text
    assert "docs/sign-in.md" in text


def test_each_failure_says_one_thing_of_the_connection_at_most():
    said = [*OPENS_AT_ONCE, *OPENS_WHEN_NOTHING_ELSE_COMES, *SAID_BY_THE_ORG]

    assert len(said) == len(set(said))


def test_every_failure_that_stops_all_calls_can_open_the_circuit():
    elsewhere = {
        FailureKind.ROUTE_BROKEN,  # one route, not the connection
        FailureKind.AWS_UNAVAILABLE,
        FailureKind.CIRCUIT_OPEN,
        FailureKind.STORAGE_FULL,  # calls that create nothing still work
        FailureKind.BULK_JOB_STUCK,  # one job, not the connection
    }
    halting = {kind for kind in FailureKind if Disposition.HALT is _disposition(kind)}

    assert halting - elsewhere == (OPENS_AT_ONCE.keys() | OPENS_WHEN_NOTHING_ELSE_COMES.keys()) - {
        FailureKind.OUTCOME_UNKNOWN
    }


def _disposition(kind):
    from lockstep.domain.failures import DISPOSITIONS

    return DISPOSITIONS[kind]

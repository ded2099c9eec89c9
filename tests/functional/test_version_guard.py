"""The version guard, the real one and the fake: never older over newer, whoever dies."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import boto3
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lockstep.adapters.version_guard import DynamoDbVersionGuard
from lockstep.domain.changes import Version
from lockstep.domain.guard import CALL_LIFE, GuardAnswer, GuardClaim
from tests.fakes.changes import NOON
from tests.fakes.org import FakeGuard
from tests.fakes.shared import SharedGuard

LEASE_S = 75
LATER = NOON + timedelta(seconds=LEASE_S + 1)


@pytest.fixture(params=["dynamodb", "fake", "shared"])
def guard(request):
    if request.param == "dynamodb":
        request.getfixturevalue("aws")
        return DynamoDbVersionGuard("version-guard", LEASE_S)
    return FakeGuard(LEASE_S) if request.param == "fake" else SharedGuard(LEASE_S)


def claim_of(stamp, content="a", event_at_ms=0, external_id="1"):
    version = Version(stamp, event_at_ms, 0)
    return GuardClaim("shop", "Account", external_id, version, content, f"c-{stamp}-{content}")


def of_other_change(claim):
    return replace(claim, correlation_id="another")


def ask(guard, claim, owner="me", now=NOON):
    return guard.claim([claim], owner, now)[0]


def test_new_record_is_granted(guard):
    assert ask(guard, claim_of(1)) is GuardAnswer.GRANTED


def test_claims_are_answered_in_order(guard):
    guard.claim([claim_of(5)], "me", NOON)
    guard.commit([claim_of(5)], "me")

    answers = guard.claim([claim_of(4), claim_of(1, external_id="2"), claim_of(9)], "you", NOON)

    assert answers == [GuardAnswer.STALE, GuardAnswer.GRANTED, GuardAnswer.GRANTED]


@pytest.mark.parametrize(
    ("claim", "answer"),
    [
        (claim_of(4), GuardAnswer.STALE),
        (claim_of(5), GuardAnswer.WRITTEN),
        (of_other_change(claim_of(5)), GuardAnswer.SAME),
        (of_other_change(claim_of(5, event_at_ms=9)), GuardAnswer.SAME),
        (claim_of(5, content="b", event_at_ms=9), GuardAnswer.GRANTED),
        (claim_of(6), GuardAnswer.GRANTED),
        (claim_of(10**20), GuardAnswer.GRANTED),
    ],
    ids=["lower", "own", "same", "same-content-later", "other-content-later", "higher", "far-beyond-2-to-the-53"],
)
def test_written_version_decides(guard, claim, answer):
    ask(guard, claim_of(5))
    guard.commit([claim_of(5)], "me")

    assert ask(guard, claim, "you") is answer


def test_held_record_is_refused_until_the_lease_ends(guard):
    ask(guard, claim_of(1))

    assert ask(guard, claim_of(2), "you") is GuardAnswer.HELD
    assert ask(guard, claim_of(2), "you", LATER) is GuardAnswer.GRANTED


def test_dead_writer_leaves_nothing_older_through(guard):
    ask(guard, claim_of(5))

    assert ask(guard, claim_of(4), "you", LATER) is GuardAnswer.STALE
    assert ask(guard, claim_of(5), "you", LATER) is GuardAnswer.GRANTED


def test_suspended_version_may_come_again_and_nothing_older_may(guard):
    ask(guard, claim_of(5))
    guard.suspend([claim_of(5)], "me")

    assert ask(guard, claim_of(4), "you") is GuardAnswer.STALE
    assert ask(guard, claim_of(5), "you") is GuardAnswer.GRANTED


def test_first_message_of_a_change_is_not_overtaken_by_its_second(guard):
    """Its sender came again: two messages of one change, of which the later one waits."""
    first = claim_of(5)
    second = replace(first, version=first.version._replace(received_at_ms=20_000))
    ask(guard, second)
    guard.suspend([second], "me")

    assert ask(guard, first) is GuardAnswer.GRANTED
    guard.commit([first], "me")
    assert ask(guard, second) is GuardAnswer.WRITTEN


def test_release_puts_back_what_was_claimed_before(guard):
    ask(guard, claim_of(5))
    guard.suspend([claim_of(5)], "me")
    ask(guard, claim_of(7), "you")
    guard.release([claim_of(7)], "you", failed_at=NOON)

    assert ask(guard, claim_of(4), "him") is GuardAnswer.STALE
    assert ask(guard, claim_of(6), "him") is GuardAnswer.GRANTED


@pytest.mark.parametrize("ending", ["release", "suspend"])
def test_record_of_which_a_failure_was_logged_says_so_to_its_next_writer_and_no_longer(guard, ending):
    ask(guard, claim_of(5))
    getattr(guard, ending)([claim_of(5)], "me", failed_at=NOON)

    ask(guard, claim_of(6), "you", LATER)
    assert guard.failed_before([claim_of(6)], "you") == [claim_of(6)]
    guard.commit([claim_of(6)], "you")

    ask(guard, claim_of(7), "him", LATER)
    assert guard.failed_before([claim_of(7)], "him") == []


def test_failure_that_the_error_log_may_not_show_yet_is_remembered_for_one_writer_more(guard):
    ask(guard, claim_of(5))
    guard.release([claim_of(5)], "me", failed_at=NOON)
    ask(guard, claim_of(6), "you", NOON + timedelta(seconds=5))
    guard.commit([claim_of(6)], "you")

    ask(guard, claim_of(7), "him", LATER)

    assert guard.failed_before([claim_of(7)], "him") == [claim_of(7)]


def test_wait_in_the_queue_is_no_logged_failure(guard):
    ask(guard, claim_of(5))
    guard.suspend([claim_of(5)], "me")
    ask(guard, claim_of(5), "you")

    assert guard.failed_before([claim_of(5)], "you") == []


def arrives(guard, claim, owner, now):
    """Claim, and return until when an earlier write may arrive."""
    assert ask(guard, claim, owner, now) is GuardAnswer.GRANTED
    return guard.arrivals_until([claim], owner)[0]


def test_next_writer_learns_until_when_a_write_that_was_given_up_may_arrive(guard):
    ask(guard, claim_of(5))
    guard.suspend([claim_of(5)], "me", given_up_at=NOON)

    assert arrives(guard, claim_of(6), "you", LATER) == NOON + CALL_LIFE


@pytest.mark.parametrize("ending", ["commit", "suspend", "release"])
def test_write_that_was_given_up_is_remembered_whatever_becomes_of_the_next(guard, ending):
    ask(guard, claim_of(5))
    guard.suspend([claim_of(5)], "me", given_up_at=NOON)
    ask(guard, claim_of(6), "you")
    getattr(guard, ending)([claim_of(6)], "you", **({"failed_at": NOON} if ending == "release" else {}))

    assert arrives(guard, claim_of(7), "him", LATER) == NOON + CALL_LIFE
    guard.suspend([claim_of(7)], "him")
    assert arrives(guard, claim_of(8), "her", NOON + CALL_LIFE + timedelta(seconds=1)) is None


@pytest.mark.parametrize("ending", ["commit", "suspend", "release"])
def test_writer_that_died_may_have_been_writing_to_the_end_of_its_lease(guard, ending):
    until = NOON + timedelta(seconds=LEASE_S) + CALL_LIFE
    ask(guard, claim_of(5))
    assert arrives(guard, claim_of(6), "you", LATER) == until
    getattr(guard, ending)([claim_of(6)], "you", **({"failed_at": NOON} if ending == "release" else {}))

    assert arrives(guard, claim_of(7), "him", LATER) == until


def test_write_that_was_answered_is_not_on_its_way(guard):
    ask(guard, claim_of(5))
    guard.suspend([claim_of(5)], "me", failed_at=NOON)

    assert arrives(guard, claim_of(5), "you", NOON) is None
    guard.commit([claim_of(5)], "you")
    assert arrives(guard, claim_of(6), "him", NOON) is None


def test_arrivals_are_told_of_granted_claims_in_order(guard):
    ask(guard, claim_of(5))
    guard.suspend([claim_of(5)], "me", given_up_at=NOON)
    claims = [claim_of(1, external_id="2"), claim_of(4), claim_of(6)]
    guard.claim(claims, "you", NOON)

    told = guard.arrivals_until([claims[0], claims[2]], "you")

    assert told == [None, NOON + CALL_LIFE]


def test_item_forgets_what_must_have_arrived(aws):
    guard = DynamoDbVersionGuard("version-guard", LEASE_S)
    ask(guard, claim_of(5))
    guard.suspend([claim_of(5)], "me", given_up_at=NOON)
    ask(guard, claim_of(6), "you", NOON + CALL_LIFE + timedelta(seconds=1))
    guard.commit([claim_of(6)], "you")

    (item,) = boto3.client("dynamodb").scan(TableName="version-guard")["Items"]
    assert "arrives_until_ms" not in item


def test_release_of_the_first_claim_lets_anything_through(guard):
    ask(guard, claim_of(5))
    guard.release([claim_of(5)], "me", failed_at=NOON)

    assert ask(guard, claim_of(1), "you") is GuardAnswer.GRANTED


def test_late_commit_of_a_lost_lease_changes_nothing(guard):
    ask(guard, claim_of(5))
    ask(guard, claim_of(6), "you", LATER)

    guard.commit([claim_of(5)], "me")
    guard.commit([claim_of(6)], "you")

    assert ask(guard, claim_of(5), "him", LATER) is GuardAnswer.STALE


def test_sources_do_not_compare(guard):
    ask(guard, claim_of(9))
    guard.commit([claim_of(9)], "me")

    assert ask(guard, replace(claim_of(1), source="erp"), "you") is GuardAnswer.GRANTED


def test_commit_is_safe_to_repeat(guard):
    ask(guard, claim_of(5))
    guard.commit([claim_of(5)], "me")
    guard.commit([claim_of(5)], "me")

    assert ask(guard, claim_of(5)) is GuardAnswer.WRITTEN


_ENDINGS = {"release": ("release", "failed_at"), "give up": ("suspend", "given_up_at")}
_STEPS = st.lists(
    st.tuples(st.integers(1, 4), st.sampled_from(["commit", "suspend", "release", "give up", "die"])),
    min_size=1,
    max_size=8,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=_STEPS)
def test_fake_answers_like_the_real_one(aws, steps):
    real, fake = DynamoDbVersionGuard("version-guard", LEASE_S), FakeGuard(LEASE_S)
    name = uuid4().hex  # the table outlives an example
    now = NOON
    for turn, (stamp, ending) in enumerate(steps):
        claim = claim_of(stamp, external_id=name)
        answers = [ask(guard, claim, f"owner-{turn}", now) for guard in (real, fake)]
        assert answers[0] is answers[1]
        if answers[0] is GuardAnswer.GRANTED:
            assert real.arrivals_until([claim], f"owner-{turn}") == fake.arrivals_until([claim], f"owner-{turn}")
            for guard in (real, fake) if ending != "die" else ():
                method, more = _ENDINGS.get(ending, (ending, None))
                getattr(guard, method)([claim], f"owner-{turn}", **({more: now} if more else {}))
        now += timedelta(seconds=LEASE_S + 1 if ending == "die" else 1)

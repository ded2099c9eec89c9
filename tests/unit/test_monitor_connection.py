"""The monitor: whatever dies on the way, lanes, people and circuit are in line a minute later."""

from datetime import timedelta

import pytest

from lockstep.domain.circuit import Circuit, Position, Reason
from lockstep.domain.credentials import ClientCredentials
from lockstep.domain.failures import FailureKind, SyncError
from lockstep.services.breaker import close_circuit
from lockstep.services.monitor_connection import LANES_ARE_WATCHED_S
from tests.fakes.connection import Connection, KilledError

REFUSED = SyncError(FailureKind.CREDENTIALS_REJECTED, "Salesforce refuses the sign-in")
DOWN = SyncError(FailureKind.ORG_UNAVAILABLE, "Salesforce answered 503")
AWS_DOWN = SyncError(FailureKind.AWS_UNAVAILABLE, "AWS refused")


@pytest.fixture
def connection():
    return Connection()


def open_it(connection, failure=REFUSED):
    breaker = connection.breaker()
    for _ in range(3):
        if breaker.refusal() is None:
            breaker.learn([failure], has_answered=False)
    connection.org.answer = failure


def later(connection, seconds=60):
    """Run the monitor some time later."""
    connection.now += timedelta(seconds=seconds)
    return connection.monitor()()


def subjects(connection):
    return [subject for subject, _text in connection.alerts.sent]


def test_open_circuit_switches_the_lanes_off_and_tells_people_once(connection):
    open_it(connection)

    reports = [later(connection) for _ in range(10)]

    assert not connection.lanes.are_on
    assert subjects(connection) == ["Lockstep waits: Salesforce refuses the sign-in"]
    assert [len(report.told) for report in reports] == [1] + [0] * 9


def test_probe_that_succeeds_closes_it_switches_the_lanes_on_and_says_how_long_it_was(connection):
    open_it(connection, DOWN)
    later(connection, 1)
    connection.org.answer = connection.usage(10)

    report = later(connection, 20)

    assert report.circuit.is_closed
    assert connection.lanes.are_on
    assert subjects(connection)[1:] == ["Lockstep goes on after 21 s: ORG_UNAVAILABLE is over"]
    assert connection.breaker().refusal() is None


def test_probe_that_fails_leaves_it_open_and_comes_later_each_time(connection):
    open_it(connection, DOWN)

    asked = []
    for minute in range(1, 25):
        before = connection.org.asked
        later(connection)
        if connection.org.asked > before:
            asked.append(minute)

    assert asked == [1, 2, 4, 8, 13, 18, 23]
    assert len(connection.alerts.sent) == 1


def test_refused_sign_in_is_probed_every_fifteen_minutes(connection):
    open_it(connection)

    for _ in range(45):
        later(connection)

    assert connection.org.asked == 3


def test_new_secret_is_tried_in_the_next_run(connection):
    open_it(connection)
    later(connection)
    connection.credentials = ClientCredentials("client", "second")
    connection.org.answer = None

    report = later(connection)

    assert report.circuit.is_closed
    assert connection.lanes.are_on


def test_new_secret_that_is_refused_too_is_tried_once(connection):
    open_it(connection)
    connection.credentials = ClientCredentials("client", "second")

    for _ in range(5):
        later(connection)

    assert connection.org.asked == 1


@pytest.mark.parametrize("kind", [FailureKind.AWS_UNAVAILABLE, FailureKind.SIGN_IN_BUSY])
def test_probe_that_says_nothing_of_the_org_leaves_the_reason(connection, kind):
    open_it(connection)
    connection.org.answer = SyncError(kind, "not now")

    report = later(connection, 900)

    assert report.circuit.position is Position.OPEN
    assert report.circuit.reason is Reason.SIGN_IN_REFUSED
    assert len(connection.alerts.sent) == 1


def test_any_answer_of_the_org_itself_closes_an_outage(connection):
    open_it(connection, DOWN)
    connection.org.answer = SyncError(FailureKind.PERMISSION_DENIED, "may not read the limits")

    assert later(connection, 20).circuit.is_closed


def test_outage_that_turns_out_to_be_a_refused_sign_in_is_told_as_that(connection):
    open_it(connection, DOWN)
    later(connection, 1)
    connection.org.answer = REFUSED

    report = later(connection, 20)

    assert report.circuit.reason is Reason.SIGN_IN_REFUSED
    assert [subject.partition(": ")[2] for subject in subjects(connection)] == [
        "Salesforce does not answer",
        "Salesforce refuses the sign-in",
    ]


def test_spent_limit_stays_open_until_more_than_the_reserve_is_left(connection):
    open_it(connection, SyncError(FailureKind.API_LIMIT_EXCEEDED, "TotalRequests"))
    connection.org.answer = connection.usage(85)
    assert not later(connection, 900).circuit.is_closed
    assert "85 of the org's 100" in connection.circuits.stored.detail

    connection.org.answer = connection.usage(79).model_copy(update={"read_at": connection.now + timedelta(seconds=900)})
    report = later(connection, 900)

    assert report.circuit.is_closed
    assert report.usage.used == 79
    assert connection.breaker().refusal() is None
    assert len(connection.alerts.sent) == 2


def test_closed_circuit_is_looked_at_every_five_minutes(connection):
    for _ in range(21):
        connection.org.answer = connection.usage(10).model_copy(
            update={"read_at": connection.now + timedelta(seconds=60)}
        )
        later(connection)

    assert connection.org.asked == 5


@pytest.mark.parametrize("failure", [REFUSED, SyncError(FailureKind.API_LIMIT_EXCEEDED, "TotalRequests")])
def test_look_finds_what_is_wrong_while_nothing_is_written(connection, failure):
    connection.org.answer = failure

    report = later(connection)

    assert not report.circuit.is_closed
    assert not connection.lanes.are_on
    assert len(connection.alerts.sent) == 1


@pytest.mark.parametrize("failure", [DOWN, SyncError(FailureKind.CONFIGURATION_INVALID, "the secret does not exist")])
def test_look_at_an_org_that_is_down_or_not_connected_yet_opens_nothing_and_is_noted(connection, failure):
    connection.org.answer = failure

    assert later(connection).circuit.is_closed
    assert connection.troubles == [failure]


def test_look_that_finds_the_reserve_reached_opens_the_circuit(connection):
    connection.org.answer = connection.usage(80)

    assert later(connection).circuit.reason is Reason.DAILY_LIMIT_SPENT


@pytest.mark.parametrize("is_after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("ending", ["probe", "person"])
def test_killed_at_any_step_it_is_all_done_after_the_next_run(ending, is_after):
    kills = 0
    for step in range(1, 40):
        connection = Connection()
        connection.steps.kill_at, connection.steps.is_after = step, is_after
        was_killed, alerts_doubled = story(connection, ending)
        if not was_killed:
            break
        kills += 1
        assert connection.circuits.stored.is_closed, connection.steps.seen
        assert connection.circuits.stored.is_told
        assert connection.lanes.are_on
        told = len(connection.alerts.sent)
        # An alert that left and whose end was not booked is sent again; nothing else is.
        assert told == (3 if alerts_doubled else 2), connection.steps.seen
    assert kills >= 11


def story(connection, ending):
    """Open and close, with monitors in between; one process dies. Say whether, and whether at the end of an alert."""
    survived = True
    doubled = False

    def run(act):
        nonlocal survived, doubled
        try:
            act()
        except KilledError:
            survived = False
            seen = connection.steps.seen
            doubled = seen[-1] == "alert" if connection.steps.is_after else seen[-2:] == ["alert", "save"]
            act()

    run(lambda: open_it(connection, DOWN))
    for _ in range(4):  # an alert that was begun is sent by another run after 90 seconds
        run(lambda: later(connection, 30))
    connection.org.answer = None
    if ending == "person":
        run(lambda: close_circuit(connection.circuits, "lockstep auth login", connection.now))
    for _ in range(12):
        run(lambda: later(connection, 60))
    return not survived, doubled


def test_lane_that_cannot_be_switched_is_switched_in_the_next_run_and_people_know_meanwhile(connection):
    open_it(connection)
    connection.lanes.outage = AWS_DOWN
    report = later(connection)
    assert report.troubles[0] is AWS_DOWN
    assert len(connection.alerts.sent) == 1

    connection.lanes.outage = None
    later(connection)

    assert not connection.lanes.are_on
    assert connection.circuits.stored.are_lanes_set


def test_alert_that_cannot_be_sent_is_sent_in_the_next_run(connection):
    open_it(connection)
    connection.alerts.outage = AWS_DOWN
    assert later(connection).told == []

    connection.alerts.outage = None
    assert len(later(connection).told) == 1


def test_lane_that_somebody_switches_on_while_the_circuit_is_open_is_switched_off_again(connection):
    open_it(connection)
    later(connection)
    connection.lanes.are_on = True  # a deployment

    later(connection, LANES_ARE_WATCHED_S)

    assert not connection.lanes.are_on


def test_lane_that_a_slower_monitor_switches_off_after_the_circuit_closed_is_switched_on_again(connection):
    open_it(connection, DOWN)
    connection.org.answer = None
    later(connection, 20)
    connection.lanes.are_on = False

    later(connection)

    assert connection.lanes.are_on


def test_lane_that_a_person_switches_off_while_the_circuit_is_closed_stays_off(connection):
    later(connection)
    connection.lanes.are_on = False

    later(connection)
    assert not connection.lanes.are_on

    open_it(connection, DOWN)
    connection.org.answer = None
    later(connection, 20)
    later(connection, LANES_ARE_WATCHED_S)
    connection.lanes.are_on = False
    later(connection)
    assert not connection.lanes.are_on


def test_circuit_that_closes_while_its_lanes_are_switched_off_has_them_on_in_the_end(connection):
    open_it(connection)
    switch = connection.lanes.switch

    def slow_switch(*, on):
        switch(on=on)
        if not on:
            close_circuit(connection.circuits, "lockstep auth login", connection.now)

    connection.lanes.switch = slow_switch
    connection.org.answer = None

    later(connection)

    assert connection.lanes.are_on
    assert len(connection.alerts.sent) == 1


def test_circuit_closed_by_a_person_during_a_probe_stays_closed(connection):
    open_it(connection)

    def closing():
        close_circuit(connection.circuits, "lockstep auth login", connection.now)
        raise REFUSED

    connection.org.usage = closing

    report = later(connection, 900)

    assert report.circuit.is_closed
    assert "lockstep auth login" in connection.alerts.sent[-1][1]


def test_probe_says_nothing_of_an_opening_that_came_after_it(connection):
    open_it(connection)

    def opening_anew():
        close_circuit(connection.circuits, "lockstep auth login", connection.now)
        connection.now += timedelta(seconds=1)
        open_it(connection, DOWN)

    connection.org.usage = opening_anew

    report = later(connection, 900)

    assert not report.circuit.is_closed
    assert report.circuit.reason is Reason.ORG_UNAVAILABLE


def test_usage_from_before_a_person_closed_the_circuit_does_not_open_it_again(connection):
    connection.org.answer = connection.usage(85)
    later(connection, 0)
    connection.now += timedelta(seconds=1)
    assert close_circuit(connection.circuits, "a person", connection.now)

    assert later(connection).circuit.is_closed

    connection.org.answer = connection.usage(85).model_copy(update={"read_at": connection.now + timedelta(seconds=300)})
    assert not later(connection, 300).circuit.is_closed


def test_two_monitors_at_once_make_one_probe(connection):
    open_it(connection, DOWN)
    later(connection, 1)
    other = connection.monitor()
    connection.now += timedelta(seconds=20)
    connection.circuits.before_save.append(other)

    connection.monitor()()

    assert connection.org.asked == 1


def test_quiet_run_writes_nothing(connection):
    later(connection)
    connection.usages.stored = connection.usage(1).model_copy(update={"read_at": connection.now})
    saved = connection.circuits.stored

    later(connection)

    assert connection.circuits.stored == saved
    assert saved == Circuit(are_lanes_set=True, revision=1)

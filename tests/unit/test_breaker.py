"""A container's watch over the connection: what opens the circuit, and what an open one does."""

from datetime import timedelta

import pytest

from lockstep.domain.budget import Lane
from lockstep.domain.circuit import Circuit, Reason
from lockstep.domain.credentials import fingerprint
from lockstep.domain.failures import Disposition, FailureKind, SyncError
from lockstep.services.breaker import CIRCUIT_MAX_AGE_S, SILENT_BATCHES_TO_OPEN, close_circuit
from tests.fakes.connection import Connection, FakeMeter

LONGEST_QUEUE_DELAY_S = 900  # SQS API Reference, SendMessageBatch: DelaySeconds

AWS_DOWN = SyncError(FailureKind.AWS_UNAVAILABLE, "AWS refused")


@pytest.fixture
def connection():
    return Connection()


def failures(*kinds):
    return [SyncError(kind, f"why {kind}") for kind in kinds]


def batch(breaker, *kinds, has_answered=False):
    """Let a container run a batch that ends so."""
    if breaker.refusal() is None:
        breaker.learn(failures(*kinds), has_answered=has_answered)


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        (FailureKind.CREDENTIALS_REJECTED, Reason.SIGN_IN_REFUSED),
        (FailureKind.CONFIGURATION_INVALID, Reason.SIGN_IN_REFUSED),
        (FailureKind.API_LIMIT_EXCEEDED, Reason.DAILY_LIMIT_SPENT),
    ],
)
def test_one_batch_is_enough_where_nobody_gets_anything_done(connection, kind, reason):
    batch(connection.breaker(), kind)

    assert connection.circuits.stored.reason is reason
    assert connection.circuits.stored.detail == f"why {kind}"
    assert connection.bell.rings == 1


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        (FailureKind.ORG_UNAVAILABLE, Reason.ORG_UNAVAILABLE),
        (FailureKind.OUTCOME_UNKNOWN, Reason.ORG_UNAVAILABLE),
        (FailureKind.CONCURRENT_LIMIT_EXCEEDED, Reason.CONCURRENT_LIMIT),
    ],
)
def test_silence_opens_after_three_batches_in_a_row(connection, kind, reason):
    breaker = connection.breaker()

    for _ in range(SILENT_BATCHES_TO_OPEN - 1):
        batch(breaker, kind)
    assert connection.circuits.stored.is_closed
    batch(breaker, kind)

    assert connection.circuits.stored.reason is reason


def test_batches_are_counted_anew_after_the_circuit_has_opened(connection):
    breaker = connection.breaker()
    for _ in range(SILENT_BATCHES_TO_OPEN):
        batch(breaker, FailureKind.ORG_UNAVAILABLE)
    close_circuit(connection.circuits, "a probe", connection.now)
    connection.now += timedelta(seconds=60)

    batch(breaker, FailureKind.ORG_UNAVAILABLE)

    assert connection.circuits.stored.is_closed


@pytest.mark.parametrize("answer", [{"has_answered": True}, {"more": FailureKind.RECORD_INVALID}])
def test_batch_in_which_the_org_said_something_begins_the_count_anew(connection, answer):
    breaker = connection.breaker()
    more = [answer["more"]] if "more" in answer else []

    for _ in range(5):
        batch(breaker, FailureKind.ORG_UNAVAILABLE)
        batch(breaker, FailureKind.ORG_UNAVAILABLE)
        batch(breaker, FailureKind.ORG_UNAVAILABLE, *more, has_answered=answer.get("has_answered", False))

    assert connection.circuits.stored.is_closed


def test_batch_without_a_call_to_the_org_neither_counts_nor_begins_anew(connection):
    breaker = connection.breaker()
    for kinds in ([FailureKind.ORG_UNAVAILABLE], [], [FailureKind.MAPPING_FAILED], [FailureKind.ORG_UNAVAILABLE]):
        batch(breaker, *kinds)
    assert connection.circuits.stored.is_closed

    batch(breaker, FailureKind.ORG_UNAVAILABLE)

    assert not connection.circuits.stored.is_closed


@pytest.mark.parametrize(
    "kind", sorted(set(FailureKind) - {FailureKind.CREDENTIALS_REJECTED, FailureKind.CONFIGURATION_INVALID})
)
def test_failures_of_records_alone_open_nothing_while_the_org_works(connection, kind):
    connection.meter.latest = connection.usage(10)
    breaker = connection.breaker()

    for _ in range(10):
        batch(breaker, kind, has_answered=True)

    assert connection.circuits.stored.is_closed


def test_numbers_tell_a_spent_day_from_too_many_at_once(connection):
    connection.meter.latest = connection.usage(100)
    breaker = Connection.breaker(connection)
    connection.budget = type(connection.budget)(0)

    for _ in range(SILENT_BATCHES_TO_OPEN):
        batch(breaker, FailureKind.CONCURRENT_LIMIT_EXCEEDED)

    assert connection.circuits.stored.reason is Reason.DAILY_LIMIT_SPENT


def test_open_circuit_refuses_as_a_halt_that_waits_half_a_minute_to_a_minute(connection):
    batch(connection.breaker(), FailureKind.CREDENTIALS_REJECTED)

    refusal = connection.breaker().refusal()

    assert refusal.kind is FailureKind.CIRCUIT_OPEN
    assert refusal.disposition is Disposition.HALT
    assert refusal.retry_after_s == 60
    assert "SIGN_IN_REFUSED" in refusal.detail


def test_half_open_circuit_refuses_too(connection):
    batch(connection.breaker(), FailureKind.CREDENTIALS_REJECTED)
    connection.now += timedelta(seconds=900)
    seen = []
    connection.org.usage = lambda: seen.append(connection.breaker().refusal())

    connection.monitor()()

    assert seen[0].kind is FailureKind.CIRCUIT_OPEN
    assert connection.breaker().refusal() is None


def test_containers_that_open_it_at_the_same_moment_make_one_turn_and_ring_once(connection):
    one, other = connection.breaker(), connection.breaker()
    one.refusal()
    other.refusal()
    rejected = failures(FailureKind.CREDENTIALS_REJECTED)
    connection.circuits.before_save.append(lambda: other.learn(rejected, has_answered=False))

    one.learn(rejected, has_answered=False)

    assert connection.circuits.stored.turn == 1
    assert connection.bell.rings == 1
    assert one.refusal() is not None


def test_circuit_is_read_again_after_five_seconds_and_not_before(connection):
    breaker = connection.breaker()
    breaker.refusal()
    batch(connection.breaker(), FailureKind.CREDENTIALS_REJECTED)

    connection.now += timedelta(seconds=CIRCUIT_MAX_AGE_S)
    assert breaker.refusal() is None
    connection.now += timedelta(seconds=1)
    assert breaker.refusal() is not None


def test_batch_that_began_before_the_circuit_closed_does_not_open_it_again(connection):
    breaker = connection.breaker()
    breaker.refusal()
    batch(connection.breaker(), FailureKind.CREDENTIALS_REJECTED)
    connection.now += timedelta(seconds=3)
    assert close_circuit(connection.circuits, "lockstep auth login", connection.now)

    breaker.learn(failures(FailureKind.CREDENTIALS_REJECTED), has_answered=False)
    assert connection.circuits.stored.is_closed

    connection.now += timedelta(seconds=10)
    batch(breaker, FailureKind.CREDENTIALS_REJECTED)
    assert not connection.circuits.stored.is_closed


def test_lane_goes_on_by_what_it_knows_while_the_circuit_cannot_be_read_or_stored(connection):
    breaker = connection.breaker()
    connection.circuits.outage = AWS_DOWN

    assert breaker.refusal() is None
    breaker.learn(failures(FailureKind.CREDENTIALS_REJECTED), has_answered=False)

    assert connection.troubles == [AWS_DOWN, AWS_DOWN]
    connection.circuits.outage = None
    batch(breaker, FailureKind.CREDENTIALS_REJECTED)
    assert not connection.circuits.stored.is_closed


def test_bell_that_cannot_be_rung_does_not_hinder_the_opening(connection):
    connection.bell.outage = AWS_DOWN

    batch(connection.breaker(), FailureKind.CREDENTIALS_REJECTED)

    assert not connection.circuits.stored.is_closed
    assert connection.troubles == [AWS_DOWN]


def test_refused_secret_is_marked_and_not_stored(connection):
    batch(connection.breaker(), FailureKind.CREDENTIALS_REJECTED)

    assert connection.circuits.stored.secret_mark == fingerprint(connection.credentials)
    assert "first" not in connection.circuits.stored.model_dump_json()


def test_webhooks_that_reach_the_reserve_open_the_circuit_and_say_how_many_calls_are_left(connection):
    breaker = connection.breaker()
    breaker.refusal()
    connection.meter.latest = connection.usage(80)

    breaker.learn([], has_answered=True)

    assert connection.circuits.stored.reason is Reason.DAILY_LIMIT_SPENT
    assert "80 of the org's 100 API calls" in connection.circuits.stored.detail


def test_fresh_container_knows_what_the_others_have_seen(connection):
    connection.usages.stored = connection.usage(85)

    assert connection.breaker(meter=FakeMeter()).refusal().kind is FailureKind.CIRCUIT_OPEN
    assert connection.circuits.stored.reason is Reason.DAILY_LIMIT_SPENT


@pytest.mark.parametrize(("lane", "used"), [(Lane.FILES, 72), (Lane.RECONCILIATION, 60)])
def test_less_urgent_lane_waits_and_leaves_the_circuit_closed(connection, lane, used):
    connection.usages.stored = connection.usage(used)

    refusal = connection.breaker(lane).refusal()

    assert refusal.disposition is Disposition.HALT
    assert refusal.retry_after_s <= LONGEST_QUEUE_DELAY_S
    assert connection.circuits.stored == Circuit()
    assert connection.breaker(Lane.WEBHOOKS).refusal() is None


def test_usage_from_before_the_circuit_closed_does_not_open_it_again(connection):
    breaker = connection.breaker()
    breaker.refusal()
    connection.meter.latest = connection.usage(85)
    breaker.learn([], has_answered=True)
    connection.now += timedelta(seconds=60)
    close_circuit(connection.circuits, "a probe", connection.now)
    connection.now += timedelta(seconds=60)

    assert breaker.refusal() is None

    connection.meter.latest = connection.usage(85)
    assert breaker.refusal() is not None


def test_usage_is_shared_at_most_once_a_minute(connection):
    breaker = connection.breaker()
    for used in range(0, 40, 5):
        connection.now += timedelta(seconds=10)
        connection.meter.latest = connection.usage(used)
        breaker.refusal()
        breaker.learn([], has_answered=True)

    assert connection.usages.saves == 2


def test_closing_a_closed_circuit_changes_nothing(connection):
    assert not close_circuit(connection.circuits, "lockstep auth login", connection.now)
    assert connection.circuits.stored == Circuit()

"""People are told of failures and the org shows them; killed at any step, nothing is forgotten."""

from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from lockstep.domain.circuit import Circuit, Reason, Trouble, closed, opened
from lockstep.domain.error_log import EntryStatus
from lockstep.domain.error_mirror import OBJECT
from lockstep.domain.failure_digest import FailureDigest
from lockstep.domain.failures import FailureKind, SyncError
from lockstep.services import tell_failures
from lockstep.services.mirror_failures import MirrorFailures
from lockstep.services.tell_failures import TELLING_LEASE_S, TellFailures
from lockstep.services.watch_retries import WatchRetries
from tests.fakes.changes import NOON, change
from tests.fakes.connection import FakeAlertTopic, KilledError, Steps
from tests.fakes.describes import FakeLeases
from tests.fakes.errors import FakeErrorLog
from tests.fakes.org import FakeGateway
from tests.unit.test_failure_digest import failed


@dataclass
class FakeDigests:
    """Implements `ports.error_log.DigestStore`."""

    steps: Steps
    stored: FailureDigest = field(default_factory=FailureDigest)

    def load(self):
        return self.stored

    def save(self, digest):
        self.steps.take("digest", lambda: setattr(self, "stored", digest))


class SteppedErrorLog(FakeErrorLog):
    def mark_told(self, entries):
        self.steps.take("mark", lambda: super(SteppedErrorLog, self).mark_told(entries))


class SteppedGateway(FakeGateway):
    def upsert(self, *args):
        answers = []
        self.steps.take("upsert", lambda: answers.append(super(SteppedGateway, self).upsert(*args)))
        return answers[0]


class Desk:
    """A stack's failures, and runs that share what outlives them."""

    def __init__(self):
        self.now = NOON
        self.steps = Steps()
        self.log = SteppedErrorLog()
        self.log.steps = self.steps
        self.org = SteppedGateway()
        self.org.steps = self.steps
        self.digests = FakeDigests(self.steps)
        self.alerts = FakeAlertTopic(self.steps)
        self.leases = FakeLeases()

    def run(self, minutes=1, *, has_mirror=True, has_time=lambda: True):
        self.now += timedelta(minutes=minutes)
        tell = TellFailures(
            error_log=self.log,
            digests=self.digests,
            alerts=self.alerts,
            leases=self.leases,
            mirror=MirrorFailures(self.org) if has_mirror else None,
            clock=lambda: self.now,
        )
        return tell(has_time)

    def fail(self, *entries):
        self.log.log(entries)

    @property
    def shown(self):
        return {key: record["Status__c"] for (name, key), record in self.org.records.items() if name == OBJECT}


@pytest.fixture
def desk():
    return Desk()


def test_thousand_of_one_reason_are_one_alert_and_five_calls(desk):
    desk.fail(*[failed(str(number)) for number in range(1000)])

    report = desk.run()

    assert [subject for subject, _ in desk.alerts.sent] == ["Lockstep: 1,000 changes need a person"]
    assert (report.shown, len(desk.shown), len(desk.org.calls)) == (1000, 1000, 5)
    assert desk.log.news(1) == []


def test_what_became_of_a_failure_is_shown_and_not_told(desk):
    desk.fail(failed())
    desk.run()
    name = change("1").correlation_id
    desk.log.reopen([name], desk.now)
    desk.run()
    assert desk.shown == {name: "Retrying"}

    from lockstep.domain.changes import State
    from lockstep.domain.error_log import Resolution

    desk.log.resolve([Resolution(name, State.APPLIED)], desk.now)
    desk.run()

    assert desk.shown == {name: "Resolved"}
    assert len(desk.alerts.sent) == 1


def test_without_a_mirror_the_org_is_not_asked(desk):
    desk.fail(failed())

    desk.run(has_mirror=False)

    assert desk.org.calls == []
    assert len(desk.alerts.sent) == 1


@pytest.mark.parametrize(
    "kind", [FailureKind.ORG_UNAVAILABLE, FailureKind.CREDENTIALS_REJECTED, FailureKind.SIGN_IN_BUSY]
)
def test_while_the_org_is_out_of_reach_all_waits(desk, kind):
    desk.fail(*[failed(str(number)) for number in range(300)])
    desk.org.outages = [SyncError(kind, "away")]

    report = desk.run()

    assert (desk.alerts.sent, report.shown, [each.kind for each in report.troubles]) == ([], 0, [kind])
    assert desk.run().shown == 300
    assert [subject for subject, _ in desk.alerts.sent] == ["Lockstep: 300 changes need a person"]


@pytest.mark.parametrize("kind", [FailureKind.FIELD_UNKNOWN, FailureKind.STORAGE_FULL, FailureKind.OUTCOME_UNKNOWN])
def test_call_that_the_org_refuses_is_not_made_again_and_people_are_told(desk, kind):
    desk.fail(failed(), failed("2"))
    desk.org.outages = [SyncError(kind, "no")]

    report = desk.run()
    desk.run()

    assert (len(desk.alerts.sent), len(desk.org.calls), len(report.troubles)) == (1, 1, 2)
    assert ("deploy salesforce/" in report.troubles[0].detail) == (kind is FailureKind.FIELD_UNKNOWN)


def test_record_that_the_org_refuses_does_not_keep_its_neighbour(desk):
    desk.fail(failed(), failed("2"))
    desk.org.failures = {change("1").correlation_id: SyncError(FailureKind.RECORD_INVALID, "no")}

    report = desk.run()

    assert (report.shown, len(report.troubles)) == (1, 1)
    assert list(desk.shown) == [change("2").correlation_id]


def test_failure_of_the_mirrors_own_object_is_told_and_not_shown(desk):
    desk.fail(failed(object_name=OBJECT))

    desk.run()

    assert desk.org.calls == []
    assert len(desk.alerts.sent) == 1


def test_of_two_runs_at_once_one_works(desk):
    desk.fail(failed())
    desk.leases.take(tell_failures.LEASE, TELLING_LEASE_S, desk.now + timedelta(minutes=1))

    assert desk.run(1).reasons == []
    assert len(desk.run(3).reasons) == 1


def test_run_without_time_leaves_the_rest_to_the_next(desk, monkeypatch):
    monkeypatch.setattr(tell_failures, "ENTRIES_AT_ONCE", 2)
    desk.fail(*[failed(str(number)) for number in range(3)])
    looks = iter([True, False])

    assert desk.run(has_time=lambda: next(looks)).shown == 2
    assert desk.run().shown == 1


def test_alert_that_cannot_be_sent_is_sent_by_the_next_run(desk):
    desk.fail(failed())
    desk.alerts.outage = SyncError(FailureKind.AWS_UNAVAILABLE, "no SNS")
    assert desk.run().reasons == []

    desk.alerts.outage = None

    assert len(desk.run().reasons) == 1


STEPS = ["upsert", "digest", "mark", "upsert", "digest", "mark", "alert", "digest"]


def test_run_takes_the_steps_at_which_the_next_test_kills_it(desk, monkeypatch):
    _three_in_two_parts(desk, monkeypatch)
    desk.run()

    assert desk.steps.seen == STEPS


@pytest.mark.parametrize("kill_at", range(1, len(STEPS) + 1))
@pytest.mark.parametrize("is_after", [False, True])
def test_killed_at_any_step_everything_is_shown_and_told_at_least_once(desk, monkeypatch, kill_at, is_after):
    _three_in_two_parts(desk, monkeypatch)
    desk.steps.kill_at, desk.steps.is_after = kill_at, is_after
    with pytest.raises(KilledError):
        desk.run()

    for _ in range(70):
        desk.run(minutes=2)

    assert len(desk.shown) == 3
    assert desk.log.news(1) == []
    assert 3 <= sum(_told(subject) for subject, _ in desk.alerts.sent) <= 6


def _three_in_two_parts(desk, monkeypatch):
    monkeypatch.setattr(tell_failures, "ENTRIES_AT_ONCE", 2)
    desk.fail(failed("1"), failed("2"), failed("3"))


def _told(subject):
    return int(subject.removeprefix("Lockstep: ").split()[0])


def test_due_retry_is_late_by_how_long_it_could_have_been_sent():
    log = FakeErrorLog()
    late = WatchRetries(log, lambda: NOON + timedelta(minutes=20))
    assert late(Circuit()) == 0

    log.log([failed(status=EntryStatus.RETRYING, next_try_at=NOON)])
    assert late(Circuit()) == 1200

    outage = opened(Circuit(), Trouble(Reason.ORG_UNAVAILABLE, "down"), NOON)
    assert late(outage) == 0
    assert late(closed(outage, "a probe", NOON + timedelta(minutes=15))) == 300

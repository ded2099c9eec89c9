"""The gate: a broken route is held and told once, by many containers, and runs again by itself."""

from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from lockstep.domain.changes import State
from lockstep.domain.failures import FailureKind, SyncError
from lockstep.domain.mapping import Mapped, Unmappable
from lockstep.domain.verdicts import Done, Failed
from lockstep.services.cached_describes import ASKING_LEASE_S, CachedDescribes
from lockstep.services.check_routes import (
    ALERT_AGAIN_S,
    BROKEN_MAX_AGE_S,
    CHANGED_RETRY_S,
    DOUBTED_MAX_AGE_S,
    UNDECIDED_S,
    RouteGate,
)
from tests.fakes.changes import NOON, change
from tests.fakes.describes import FakeAlerts, FakeDescribeSource, FakeDescribeStore, FakeLeases
from tests.unit.describes import FIELDS, account, contact, lookup, route, sized

KEY = ("erp", "contact")
MAX_AGE_S = 3600
AWAY = SyncError(FailureKind.ORG_UNAVAILABLE, "away")
NO_AWS = SyncError(FailureKind.AWS_UNAVAILABLE, "refused")


def is_time():
    return True


@dataclass
class Containers:
    """Any number of containers with one store, one org and one clock."""

    source: FakeDescribeSource = field(default_factory=lambda: FakeDescribeSource(good_org()))
    store: FakeDescribeStore = field(default_factory=FakeDescribeStore)
    leases: FakeLeases = field(default_factory=FakeLeases)
    alerts: FakeAlerts = field(default_factory=FakeAlerts)
    now: object = NOON

    def gate(self, *, holds=True, **changes):
        """Start a container; its route is made from the changes."""
        describes = CachedDescribes(source=self.source, store=self.store, leases=self.leases, clock=lambda: self.now)
        return RouteGate(
            routes={"erp_contact": route(**changes)},
            describes=describes,
            leases=self.leases,
            alerts=self.alerts,
            clock=lambda: self.now,
            max_age_s=MAX_AGE_S,
            holds=holds,
        )

    def wait(self, seconds):
        self.now += timedelta(seconds=seconds)

    def break_org(self):
        self.source.describes["Contact"] = contact({"FirstName": None})

    def mend_org(self):
        self.source.describes["Contact"] = contact()


def good_org():
    return {"Contact": contact(), "Account": account()}


@pytest.fixture
def containers():
    return Containers()


def failed(kind=FailureKind.FIELD_UNKNOWN, external_id="1"):
    return Failed(change(external_id, source="erp", entity="contact"), SyncError(kind, "as the test wants"))


def test_route_that_fits_runs_and_costs_one_call_for_each_object(containers):
    gate = containers.gate()

    assert [gate.problem(KEY) for _ in range(100)] == [None] * 100
    assert sorted(containers.source.asked) == ["Account", "Contact"]


def test_containers_share_one_describe_until_it_is_too_old(containers):
    for _ in range(5):
        containers.gate().problem(KEY)
    assert len(containers.source.asked) == 2

    containers.wait(MAX_AGE_S + 1)
    for gate in [containers.gate() for _ in range(5)]:
        gate.problem(KEY)
        gate.problem(KEY)
    assert len(containers.source.asked) == 4


def test_broken_route_is_held_without_a_try(containers):
    containers.break_org()

    problem = containers.gate().problem(KEY)

    assert problem.kind is FailureKind.ROUTE_BROKEN
    assert problem.retry_after_s
    assert "fields.FirstName" in problem.detail
    assert "erp_contact" in problem.detail


def test_broken_route_is_told_once_by_all_containers_with_every_problem(containers):
    containers.source.describes["Contact"] = contact({"FirstName": None, "Birthdate": None})

    for gate in [containers.gate() for _ in range(3)]:
        gate.problem(KEY)
        containers.wait(BROKEN_MAX_AGE_S + 1)
        gate.problem(KEY)

    ((subject, text),) = containers.alerts.sent
    assert "erp_contact" in subject
    assert len(subject) < 100
    for said in ("routes/erp_contact.yaml", "fields.FirstName", "fields.Birthdate", "What to do", "mapping check"):
        assert said in text


def test_broken_route_is_told_again_while_it_lasts(containers):
    containers.break_org()
    gate = containers.gate()
    gate.problem(KEY)
    containers.wait(ALERT_AGAIN_S + 1)

    gate.problem(KEY)

    assert len(containers.alerts.sent) == 2


def test_other_problem_of_a_broken_route_is_told(containers):
    containers.break_org()
    gate = containers.gate()
    gate.problem(KEY)
    containers.source.describes["Contact"] = contact({"Birthdate": None})
    containers.wait(BROKEN_MAX_AGE_S + 1)

    gate.problem(KEY)

    assert len(containers.alerts.sent) == 2


def test_alert_that_could_not_be_sent_is_sent_later(containers):
    containers.break_org()
    containers.alerts.outage = NO_AWS
    gate = containers.gate()
    assert gate.problem(KEY)
    containers.alerts.outage = None
    containers.wait(BROKEN_MAX_AGE_S + 1)

    gate.problem(KEY)

    assert len(containers.alerts.sent) == 1


def test_mended_org_lets_the_route_run_by_itself_and_is_told_when_it_breaks_again(containers):
    containers.break_org()
    gate = containers.gate()
    assert gate.problem(KEY)
    containers.mend_org()
    assert gate.problem(KEY)
    containers.wait(BROKEN_MAX_AGE_S + 1)

    assert gate.problem(KEY) is None

    containers.break_org()
    containers.wait(MAX_AGE_S + 1)
    assert gate.problem(KEY)
    assert len(containers.alerts.sent) == 2


def test_mended_route_runs_at_once(containers):
    wrong = {"fields": {"Frist__c": FIELDS["FirstName"]}}
    assert containers.gate(**wrong).problem(KEY)

    assert containers.gate().problem(KEY) is None


def test_old_describe_does_not_hold_a_route_whose_field_was_deployed_since(containers):
    containers.break_org()
    containers.gate(fields={"FirstName": None}).problem(KEY)
    containers.mend_org()
    containers.wait(BROKEN_MAX_AGE_S + 1)

    assert containers.gate().problem(KEY) is None
    assert containers.alerts.sent == []


def test_gate_that_does_not_hold_tells_people_and_lets_the_org_decide(containers):
    containers.break_org()
    gate = containers.gate(holds=False)

    assert gate.problem(KEY) is None
    ((subject, text),) = containers.alerts.sent
    assert "held" not in subject + text
    assert "fields.FirstName" in text


def test_warnings_do_not_hold(containers):
    assert containers.gate(fields={"FirstName": {"from": "born", "type": "date"}}).problem(KEY) is None


def test_object_that_is_gone_holds_the_route(containers):
    del containers.source.describes["Contact"]

    assert "object" in containers.gate().problem(KEY).detail


@pytest.mark.parametrize("part", ["source", "store", "leases"])
def test_describe_that_cannot_be_had_holds_nothing(containers, part):
    containers.break_org()
    getattr(containers, part).outage = AWAY if part == "source" else NO_AWS

    gate = containers.gate()

    assert [gate.problem(KEY) for _ in range(20)] == [None] * 20
    assert len(containers.source.asked) <= 1


def test_org_that_comes_back_is_asked_again(containers):
    containers.break_org()
    containers.source.outage = AWAY
    gate = containers.gate()
    gate.problem(KEY)
    containers.source.outage = None
    containers.wait(ASKING_LEASE_S + 1)

    assert gate.problem(KEY)


def test_route_that_is_held_stays_held_while_the_org_cannot_be_asked(containers):
    containers.break_org()
    gate = containers.gate()
    gate.problem(KEY)
    containers.source.outage = AWAY
    containers.wait(BROKEN_MAX_AGE_S + 1)

    assert gate.problem(KEY)


def test_container_that_finds_another_one_asking_waits_for_its_answer(containers):
    containers.leases.take("describe#Contact", ASKING_LEASE_S, NOON)
    containers.break_org()
    gate = containers.gate()

    assert gate.problem(KEY) is None
    containers.leases.give_back("describe#Contact")
    containers.wait(UNDECIDED_S + 1)
    assert gate.problem(KEY)


def test_refused_field_makes_the_gate_look_again_once_and_its_changes_wait(containers):
    gate = containers.gate()
    gate.problem(KEY)
    containers.break_org()
    containers.wait(DOUBTED_MAX_AGE_S + 1)
    done = Done(change("9", source="erp", entity="contact"), State.APPLIED)

    verdicts = gate.reconsider([failed(external_id="1"), done, failed(external_id="2")], is_time)

    assert [getattr(each, "failure", None) and each.failure.kind for each in verdicts] == [
        FailureKind.ROUTE_BROKEN,
        None,
        FailureKind.ROUTE_BROKEN,
    ]
    assert containers.source.asked.count("Contact") == 2
    assert len(containers.alerts.sent) == 1


def test_refused_field_of_a_route_that_fits_stays_refused(containers):
    gate = containers.gate()
    verdicts = [failed()]

    for _ in range(10):
        assert gate.reconsider(verdicts, is_time) == verdicts
    assert len(containers.source.asked) == 2


def test_other_failures_do_not_make_the_gate_look(containers):
    gate = containers.gate()

    gate.reconsider([failed(FailureKind.RECORD_INVALID), failed(FailureKind.ORG_UNAVAILABLE)], is_time)

    assert containers.source.asked == []


def test_time_that_is_up_makes_no_call(containers):
    containers.gate().reconsider([failed()], lambda: False)

    assert containers.source.asked == []


LONG = {"last": "x", "first": "x" * 41}
NO_LIMIT = {"fields": {"FirstName": {"from": "first", "type": "text"}}}


def answer(gate):
    """Map a payload whose first name is longer than the org's field."""
    return gate.route(KEY).to_record(LONG, "1", 1)


def test_route_is_as_written_until_the_org_has_been_looked_at_and_has_its_limits_then(containers):
    gate = containers.gate(**NO_LIMIT)

    assert isinstance(answer(gate), Mapped)
    assert containers.source.asked == []
    gate.problem(KEY)
    (problem,) = answer(gate).problems
    assert problem.field == "FirstName"
    assert "40 characters" in problem.reason
    assert sorted(containers.source.asked) == ["Account", "Contact"]


def test_route_is_compiled_again_only_when_the_describe_has_changed(containers):
    gate = containers.gate(**NO_LIMIT)
    gate.problem(KEY)
    before = gate.route(KEY)

    containers.wait(MAX_AGE_S + 1)
    gate.problem(KEY)
    assert gate.route(KEY) is before

    containers.source.describes["Contact"] = contact({"FirstName": sized("FirstName", 100)})
    containers.wait(MAX_AGE_S + 1)
    gate.problem(KEY)
    assert isinstance(answer(gate), Mapped)


def test_route_that_nobody_has_written_is_none(containers):
    assert containers.gate().route(("erp", "nothing")) is None


def test_org_that_is_away_leaves_the_limits_that_are_known(containers):
    gate = containers.gate(**NO_LIMIT)
    gate.problem(KEY)
    containers.source.outage = AWAY
    containers.wait(MAX_AGE_S + 1)
    gate.problem(KEY)

    assert isinstance(answer(gate), Unmappable)


def test_value_that_the_org_takes_since_the_last_look_is_mapped_again_and_no_person_is_called(containers):
    gate = containers.gate(**NO_LIMIT)
    gate.problem(KEY)
    containers.source.describes["Contact"] = contact({"FirstName": sized("FirstName", 100)})
    refused = failed(FailureKind.FIELD_LIMIT)
    assert gate.reconsider([refused], is_time) == [refused]

    containers.wait(DOUBTED_MAX_AGE_S + 1)
    ((change_, again),) = [(each.change, each.failure) for each in gate.reconsider([refused], is_time)]

    assert change_ is refused.change
    assert (again.kind, again.retry_after_s) == (FailureKind.ROUTE_BROKEN, CHANGED_RETRY_S)
    assert isinstance(answer(gate), Mapped)


def test_value_that_the_org_still_refuses_is_for_a_person(containers):
    gate = containers.gate(**NO_LIMIT)
    gate.problem(KEY)
    containers.wait(DOUBTED_MAX_AGE_S + 1)
    refused = failed(FailureKind.FIELD_LIMIT)

    assert gate.reconsider([refused], is_time) == [refused]
    assert containers.source.asked.count("Contact") == 2


def test_route_without_its_limits_is_kept_beside(containers):
    gate = containers.gate(**NO_LIMIT)
    as_written = gate.route(KEY)
    gate.problem(KEY)

    assert gate.route(KEY).as_written is as_written
    assert isinstance(as_written.to_record(LONG, "1", 1), Mapped)


SHOP = "012000000000001AAA"


def org_with_record_types(containers):
    """Give the org a record type that has fewer values, and make the route name it."""
    info = {"recordTypeId": SHOP, "developerName": "Shop", "active": True, "master": False}
    by_id = lookup("RecordTypeId", "RecordType", "RecordType")
    containers.source.describes["Contact"] = contact({"RecordTypeId": by_id}) | {"recordTypeInfos": [info]}
    containers.source.picklists["Contact", SHOP] = {"picklistFieldValues": {"Tier__c": {"values": [{"value": "Gold"}]}}}
    return {"fields": {"RecordTypeId": {"type": "constant", "value": SHOP}}}


def test_values_of_a_record_type_cost_one_call_for_all_containers_and_hold_a_route_that_writes_others(containers):
    changes = org_with_record_types(containers)

    problems = [containers.gate(**changes).problem(KEY) for _ in range(3)]

    assert all("fields.Tier__c.default" in each.detail for each in problems)
    assert containers.source.asked.count(f"Contact.{SHOP}") == 1


def test_org_that_does_not_tell_the_values_of_a_record_type_holds_nothing(containers):
    changes = org_with_record_types(containers)
    containers.source.picklists.clear()

    assert containers.gate(**changes).problem(KEY) is None

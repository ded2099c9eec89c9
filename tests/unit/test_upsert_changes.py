"""The upsert use case with fakes of its ports: what becomes of each change, and of its neighbours."""

from dataclasses import dataclass
from datetime import timedelta
from types import SimpleNamespace

import pytest

from lockstep.domain.changes import Operation, State
from lockstep.domain.error_log import EntryStatus
from lockstep.domain.failures import FailureKind, SyncError
from lockstep.domain.mapping import FieldProblem, Mapped, Note, ParentKey, Unmappable
from tests.fakes import lane as lane_of_fakes
from tests.fakes.changes import NOON, change


def _route(object_name="Account", entity="customer", on_delete="delete"):
    def to_record(payload, external_id, version, change_id):
        if "bad" in payload:
            return Unmappable((FieldProblem("Name", "is not text", "send text"),))
        parent = payload.get("parent")
        parents = (ParentKey("Account", "Key__c", parent),) if parent else ()
        notes = (Note("Name", "truncated"),) if payload.get("long") else ()
        own = {"Key__c": external_id, "V__c": version, "Change__c": change_id}
        return Mapped({**own, "Name": payload.get("name")}, notes, parents)

    return SimpleNamespace(
        source="shop",
        entity=entity,
        object_name=object_name,
        external_id_field="Key__c",
        on_delete=on_delete,
        has_unguarded_rows=False,
        condition=None,
        also=(),
        create_only=frozenset(),
        version_field="V__c",
        change_field="Change__c",
        as_written=None,
        to_record=to_record,
        to_mark=lambda external_id, version, change_id: {
            "Key__c": external_id,
            "Deleted__c": True,
            "V__c": version,
            "Change__c": change_id,
        },
    )


@dataclass
class Lane(lane_of_fakes.Lane):
    """A shop's customers become Accounts, its orders Orders."""

    on_delete: object = "delete"

    def run(self, *changes, has_time=lambda: True):
        """Deliver the changes as one batch."""
        self.routes = {
            ("shop", "customer"): _route(on_delete=self.on_delete),
            ("shop", "order"): _route("Order", "order", self.on_delete),
        }
        return super().run(*changes, has_time=has_time)

    def name(self, external_id, object_name="Account"):
        return self.gateway.records[object_name, external_id]["Name"]


@pytest.fixture
def lane():
    return Lane()


def _failure(kind, **more):
    return SyncError(kind, "as the test wants", **more)


def test_batch_is_written_in_one_call_and_acknowledged(lane):
    changes = [change(str(n)) for n in range(150)]

    report = lane.run(*changes)

    assert report.again == frozenset()
    assert lane.gateway.calls == [("upsert", "Account", 150)]
    assert {lane.state(one) for one in changes} == {State.APPLIED}


def test_more_than_200_records_take_a_second_call(lane):
    lane.run(*[change(str(n)) for n in range(201)])

    assert [count for _, _, count in lane.gateway.calls] == [200, 1]


def test_only_the_newest_of_a_record_is_written(lane):
    newest, middle, oldest = change(version=3), change(version=2), change(version=1)

    lane.run(middle, newest, oldest)

    assert lane.name("1") == "v3"
    assert (lane.state(newest), lane.state(middle), lane.state(oldest)) == (
        State.APPLIED,
        State.SUPERSEDED,
        State.SUPERSEDED,
    )


def test_older_version_in_a_later_batch_is_superseded_without_a_call(lane):
    lane.run(change(version=2))
    lane.run(late := change(version=1))

    assert lane.state(late) is State.SUPERSEDED
    assert lane.name("1") == "v2"
    assert len(lane.gateway.calls) == 1


def test_settled_change_delivered_again_does_no_work(lane):
    lane.run(one := change())
    report = lane.run(one)

    assert report.again == frozenset()
    assert report.outcomes == ()
    assert len(lane.gateway.calls) == 1


def test_same_change_twice_in_a_batch_is_one_write_and_both_messages_go(lane):
    one = change()

    report = lane.run(one, one)

    assert report.again == frozenset()
    assert lane.gateway.calls == [("upsert", "Account", 1)]
    assert lane.state(one) is State.APPLIED


def test_same_version_under_another_event_is_a_duplicate(lane):
    lane.run(change(event_id="first"))
    lane.run(second := change(event_id="second"))

    assert lane.state(second) is State.DUPLICATE


def test_change_that_was_written_by_an_attempt_that_died_is_applied_not_a_copy_of_itself(lane):
    lane.run(one := change())
    lane.log.state_by_id[one.correlation_id] = State.QUEUED  # its end was never booked

    lane.run(one)

    assert lane.state(one) is State.APPLIED
    assert len(lane.gateway.calls) == 1


def test_bad_record_does_not_fail_its_neighbours(lane):
    bad, good = change("bad"), change("good")
    lane.gateway.failures["bad"] = _failure(FailureKind.RECORD_INVALID, error_code="STRING_TOO_LONG")

    report = lane.run(bad, good)

    assert report.again == frozenset()
    assert (lane.state(bad), lane.state(good)) == (State.PENDING, State.APPLIED)
    assert (lane.entry(bad).status, lane.entry(good)) == (EntryStatus.PENDING, None)


def test_value_that_fails_the_whole_call_is_found_among_its_neighbours(lane):
    lane.gateway.poison = {"7"}
    lane.gateway.poison_error = _failure(FailureKind.RECORD_INVALID, error_code="JSON_PARSER_ERROR")
    changes = [change(str(n)) for n in range(16)]

    lane.run(*changes)

    assert [one.external_id for one in changes if lane.state(one) is not State.APPLIED] == ["7"]
    assert len(lane.gateway.calls) == 9  # 1 + 2 * log2(16)


def test_unmappable_payload_waits_for_a_person_and_names_field_and_remedy(lane):
    one = change(payload='{"bad": 1}')

    (outcome,) = lane.run(one).outcomes

    assert outcome.state is State.PENDING
    assert outcome.failure_kind == FailureKind.MAPPING_FAILED
    assert outcome.detail == "Name: is not text. send text"


def test_change_without_a_route_waits_for_a_person(lane):
    lane.run(one := change(entity="invoice"))

    assert lane.state(one) is State.PENDING
    assert lane.entry(one).change.payload == one.payload


def test_person_pending_change_is_tried_again_when_redriven(lane):
    lane.gateway.failures["1"] = _failure(FailureKind.RECORD_INVALID)
    lane.run(one := change())
    del lane.gateway.failures["1"]

    lane.run(one)

    assert lane.state(one) is State.APPLIED


def test_release_after_a_refused_record_lets_an_older_version_pass(lane):
    lane.gateway.failures["1"] = _failure(FailureKind.RECORD_INVALID)
    lane.run(change(version=2))
    lane.gateway.failures.clear()

    lane.run(older := change(version=1))

    assert lane.state(older) is State.APPLIED


def test_locked_row_is_deferred_by_seconds_and_counted(lane):
    lane.gateway.failures["1"] = _failure(FailureKind.ROW_LOCKED)

    report = lane.run(one := change())

    assert report.again == frozenset()
    assert [(each.correlation_id, each.deferrals) for each in lane.inbound.sent] == [(one.correlation_id, 1)]
    assert lane.state(one) is State.QUEUED


def test_after_some_short_waits_a_locked_row_goes_over_to_the_schedule(lane):
    lane.gateway.failures["1"] = _failure(FailureKind.ROW_LOCKED)

    lane.run(one := change(deferrals=5))

    assert lane.inbound.sent == []
    assert (lane.state(one), lane.entry(one).status) == (State.RETRYING, EntryStatus.RETRYING)
    assert [(each.tries, each.deferrals, each.is_logged) for each in lane.retry_all()] == [(1, 0, True)]


def test_unreachable_org_stops_the_batch_and_spends_no_try(lane):
    lane.gateway.outages = [_failure(FailureKind.ORG_UNAVAILABLE)]
    changes = [change(str(n)) for n in range(450)]

    report = lane.run(*changes)

    assert report.again == frozenset()
    assert len(lane.gateway.calls) == 1
    assert len(lane.inbound.sent) == 450
    assert {lane.state(one) for one in changes} == {State.QUEUED}


def test_outage_is_waited_out_however_often_it_was_met(lane):
    lane.gateway.outages = [_failure(FailureKind.ORG_UNAVAILABLE)]

    lane.run(one := change(deferrals=500))

    assert [each.correlation_id for each in lane.inbound.sent] == [one.correlation_id]
    assert [each.deferrals for each in lane.inbound.sent] == [500]
    assert lane.entry(one) is None


def test_nothing_older_passes_a_write_of_unknown_outcome(lane):
    lane.gateway.outages = [_failure(FailureKind.OUTCOME_UNKNOWN)]
    lane.run(newer := change(version=2))

    lane.run(older := change(version=1))
    lane.run(newer)

    assert lane.state(older) is State.SUPERSEDED
    assert lane.state(newer) is State.APPLIED
    assert lane.name("1") == "v2"


def test_change_is_delivered_again_when_the_queue_refuses_to_defer_it(lane):
    lane.gateway.failures["1"] = _failure(FailureKind.ROW_LOCKED)
    lane.inbound.refused = {"1"}

    report = lane.run(change("1"), change("2"))

    assert report.again == {"m0"}


def test_change_is_delivered_again_when_the_error_log_refuses_it_and_its_neighbour_is_not(lane):
    lane.gateway.failures = {"1": _failure(FailureKind.RECORD_INVALID), "2": _failure(FailureKind.RECORD_INVALID)}
    one, two = change("1"), change("2")
    lane.errors.refused = {one.correlation_id}

    report = lane.run(one, two, change("3"))

    assert report.again == {"m0"}
    assert (lane.state(one), lane.state(two)) == (None, State.PENDING)


def test_parent_in_the_same_batch_is_written_first(lane):
    child = change("o1", entity="order", payload='{"parent": "c1"}')

    lane.run(child, change("c1"))

    assert [name for _, name, _ in lane.gateway.calls] == ["Account", "Order"]


def test_missing_parent_is_a_wait_and_the_child_arrives_after_it(lane):
    child = change("o1", entity="order", payload='{"parent": "c1", "name": "child"}')
    lane.gateway.failures["o1"] = _failure(FailureKind.FIELD_UNKNOWN, error_code="INVALID_FIELD")
    lane.run(child)
    assert lane.state(child) is State.QUEUED
    (deferred,) = lane.inbound.sent

    lane.gateway.failures.clear()
    lane.run(change("c1"), deferred)

    assert lane.state(child) is State.APPLIED


def test_child_is_written_when_its_parent_arrives_between_the_refusal_and_the_look(lane, monkeypatch):
    lane.run(change("c1"))
    child = change("o1", entity="order", payload='{"parent": "c1"}')
    lane.gateway.failures["o1"] = _failure(FailureKind.FIELD_UNKNOWN, error_code="INVALID_FIELD")
    look = lane.gateway.existing

    def existing(*asked):
        lane.gateway.failures.clear()
        return look(*asked)

    monkeypatch.setattr(lane.gateway, "existing", existing)
    lane.run(child)

    assert lane.state(child) is State.APPLIED


def test_unknown_field_waits_for_a_person_when_the_parent_is_there(lane):
    lane.run(change("c1"))
    child = change("o1", entity="order", payload='{"parent": "c1"}')
    lane.gateway.failures["o1"] = _failure(FailureKind.FIELD_UNKNOWN, error_code="INVALID_FIELD")

    lane.run(child)

    assert lane.state(child) is State.PENDING


def test_held_record_is_deferred_and_the_wait_is_not_counted(lane):
    first, second = change(version=1), change(version=2)
    lane.guard.claim([UpsertClaims.of(first)], "another", NOON)

    lane.run(second)

    assert [each.deferrals for each in lane.inbound.sent] == [0]
    assert lane.gateway.calls == []


def test_lease_of_a_dead_writer_ends(lane):
    one = change()
    lane.guard.claim([UpsertClaims.of(one)], "dead", NOON)
    lane.now = NOON + timedelta(seconds=76)

    lane.run(one)

    assert lane.state(one) is State.APPLIED


def test_no_call_is_begun_when_the_time_is_up(lane):
    report = lane.run(one := change(), has_time=lambda: False)

    assert lane.gateway.calls == []
    assert report.again == frozenset()
    assert [each.correlation_id for each in lane.inbound.sent] == [one.correlation_id]


def _delete(external_id="1", version=2):
    return change(external_id, version, operation=Operation.DELETE, payload="{}")


def test_delete_removes_the_record_and_an_older_update_does_not_bring_it_back(lane):
    lane.run(change(version=1))
    lane.run(_delete(version=3))
    lane.run(late := change(version=2))

    assert lane.gateway.records == {}
    assert lane.state(late) is State.SUPERSEDED


def test_ignored_delete_leaves_the_record_and_is_settled(lane):
    lane.on_delete = "ignore"
    lane.run(change(version=1))

    lane.run(gone := _delete())

    assert lane.state(gone) is State.APPLIED
    assert lane.name("1") == "v1"


def test_mark_is_set_on_a_record_that_is_there_and_makes_none(lane):
    lane.on_delete = SimpleNamespace(mark={"Deleted__c": True})
    lane.run(change("1"))

    lane.run(_delete("1"), nowhere := _delete("2"))

    assert lane.gateway.records["Account", "1"]["Deleted__c"] is True
    assert ("Account", "2") not in lane.gateway.records
    assert lane.state(nowhere) is State.APPLIED


def test_claim_checked_payload_is_fetched(lane):
    reference = lane.payloads.put("x", '{"name": "large"}')

    lane.run(change(payload_reference=reference))

    assert lane.name("1") == "large"


def test_lost_claim_checked_payload_waits_for_a_person(lane):
    reference = lane.payloads.put("x", "{}")
    lane.payloads.text_by_key.clear()

    lane.run(one := change(payload_reference=reference))

    assert lane.state(one) is State.PENDING


def test_truncations_are_counted_by_field(lane):
    report = lane.run(change("1", payload='{"long": 1}'), change("2", payload='{"long": 1}'))

    assert report.notes == {("Account", "Name", "truncated"): 2}


class UpsertClaims:
    """Claims as the use case makes them."""

    @staticmethod
    def of(one):
        from lockstep.domain.guard import GuardClaim

        return GuardClaim("shop", "Account", one.external_id, one.order, one.content_hash, one.correlation_id)

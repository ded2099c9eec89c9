"""What Salesforce's answers mean where the code says too little, and what is done about a governor limit."""

from dataclasses import dataclass
from types import SimpleNamespace

import pytest

from lockstep.adapters.salesforce_failures import of_call, of_row
from lockstep.domain.changes import State
from lockstep.domain.error_log import EntryStatus
from lockstep.domain.failures import FailureKind, SyncError
from lockstep.domain.mapping import Mapped
from lockstep.ports.org import WriteResult
from tests.fakes.changes import change
from tests.fakes.lane import Lane
from tests.fakes.org import FakeGateway

APEX = "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY"
RULE = "FIELD_CUSTOM_VALIDATION_EXCEPTION"
SECRET = "Ada Secretperson"
ROWS = [
    (APEX, "T: System.LimitException: Too many SOQL queries: 101", FailureKind.GOVERNOR_LIMIT),
    (APEX, "npsp.T: System.LimitException: npsp:Apex CPU time limit exceeded", FailureKind.GOVERNOR_LIMIT),
    (APEX, "T: execution of AfterInsert caused by: System.DmlException", FailureKind.AUTOMATION_FAILED),
    (RULE, "LOCKSTEP_STALE_VERSION", FailureKind.STALE_VERSION),
    (RULE, "Name must be capitalised", FailureKind.RECORD_INVALID),
    ("STRING_TOO_LONG", "System.LimitException LOCKSTEP_STALE_VERSION", FailureKind.RECORD_INVALID),
    ("LIMIT_EXCEEDED", "", FailureKind.ORG_LIMIT_EXCEEDED),
    ("PROCESSING_HALTED", "", FailureKind.ROW_LOCKED),
    ("ENTIRELY_NEW", "", FailureKind.UNEXPECTED),
]


@pytest.mark.parametrize(("code", "message", "kind"), ROWS)
def test_code_decides_but_for_two_words_that_nobody_translates(code, message, kind):
    failure = of_row([{"statusCode": code, "message": message, "fields": []}])

    assert (failure.kind, failure.error_code) == (kind, code)


@pytest.mark.parametrize(
    "failure",
    [
        of_row([{"statusCode": "STRING_TOO_LONG", "message": SECRET, "fields": ["Name"]}]),
        of_call(400, [{"errorCode": "MALFORMED_ID", "message": SECRET}]),
        of_row([{"statusCode": "X", "message": SECRET}]).with_detail("told otherwise"),
    ],
)
def test_vendors_words_are_kept_apart_from_what_is_logged(failure):
    assert failure.vendor_message == SECRET
    assert SECRET not in f"{failure} {failure!r} {failure.detail} {failure.args}"


@pytest.mark.parametrize("errors", [None, [], {}, ["text"], [{"statusCode": "X", "message": {"no": "text"}}], [None]])
def test_answer_of_another_shape_has_no_words(errors):
    assert of_row(errors).vendor_message is None


@dataclass
class _Limited(FakeGateway):
    """An org whose trigger stands no more than `most` records at once, and never one of `heavy`."""

    most: int = 200
    heavy: frozenset[str] = frozenset()

    def upsert(self, object_name, external_id_field, records):
        results = super().upsert(object_name, external_id_field, records)
        names = [str(record[external_id_field]) for record in records]
        if len(records) <= self.most and not self.heavy & set(names):
            return results
        for name in names:
            self.records.pop((object_name, name), None)
        limit = SyncError(FailureKind.GOVERNOR_LIMIT, "too much", error_code=APEX, vendor_message="Too many")
        return [WriteResult(failure=limit) for _ in records]


def _lane(**limits):
    route = SimpleNamespace(
        source="shop",
        entity="customer",
        object_name="Account",
        external_id_field="Key__c",
        on_delete="ignore",
        condition=None,
        also=(),
        create_only=frozenset(),
        change_field=None,
        limited=None,
        to_record=lambda payload, external_id, version, change_id: Mapped({"Key__c": external_id}),
    )
    return Lane({("shop", "customer"): route}, gateway=_Limited(**limits))


def test_call_that_meets_a_governor_limit_is_halved_until_it_passes():
    lane = _lane(most=50)
    changes = [change(str(n)) for n in range(200)]

    lane.run(*changes)

    assert {lane.state(one) for one in changes} == {State.APPLIED}
    assert [count for _, _, count in lane.gateway.calls] == [200, 100, 50, 50, 100, 50, 50]


def test_record_that_meets_a_governor_limit_alone_needs_a_person_and_its_neighbours_are_written():
    lane = _lane(heavy=frozenset({"7"}))
    changes = [change(str(n)) for n in range(16)]

    lane.run(*changes)

    (bad,) = [one for one in changes if lane.state(one) is not State.APPLIED]
    entry = lane.entry(bad)
    assert (bad.external_id, entry.status) == ("7", EntryStatus.PENDING)
    assert (entry.failure_kind, entry.vendor_message) == (FailureKind.AUTOMATION_FAILED, "Too many")


def test_mapped_record_of_a_refused_change_is_kept_as_json():
    lane = _lane(heavy=frozenset({"7"}))

    lane.run(one := change("7"))

    assert lane.entry(one).record == '{"Key__c":"7"}'


def test_long_record_and_message_are_cut_with_a_mark():
    lane = _lane()
    lane.gateway.failures["7"] = SyncError(FailureKind.RECORD_INVALID, "no", vendor_message="y" * 9_000)
    lane.routes["shop", "customer"].to_record = lambda *_: Mapped({"Key__c": "7", "Note__c": "x" * 60_000})

    lane.run(one := change("7"))

    entry = lane.entry(one)
    assert len(entry.record) == 50_000
    assert entry.record.endswith("cut by Lockstep")
    assert len(entry.vendor_message) == 4_000

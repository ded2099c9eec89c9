"""The demo's judgement: it must see what is wrong in the org."""

from decimal import Decimal

import pytest

from local.demo.comparing import differences
from local.demo.expectation import Fact, RecordKey, expected_records
from local.demo.scenario import make_scenario
from local.demo.sends import REFUSAL, Kind

KEY = RecordKey("Account", "Key__c", "9007199254740993")
CHILD = RecordKey("Order", "Key__c", "o1")
FACTS = [
    Fact(KEY, 2, {"Name": "New", "Total__c": Decimal("19.90"), "Gone__c": False}),
    Fact(KEY, 1, {"Name": "Old", "Total__c": Decimal("1.00"), "Gone__c": False}),
    Fact(CHILD, 1, {"Status": "Draft"}, {"AccountId": KEY}),
]
ACCOUNT = {"Id": "001", "Key__c": KEY.external_id, "Name": "New", "Total__c": Decimal("19.9"), "Gone__c": False}
ORDER = {"Id": "801", "Key__c": "o1", "Status": "Draft", "AccountId": "001"}


def _told(accounts, orders):
    return differences(expected_records(FACTS), {"Account": accounts, "Order": orders})


def test_org_that_holds_the_newest_of_each_record_has_no_difference():
    assert _told([ACCOUNT], [ORDER]) == []


@pytest.mark.parametrize(
    ("account", "word"),
    [
        ({"Name": "Old"}, "Name is 'Old'"),
        ({"Total__c": "19.90"}, "Total__c is '19.90'"),
        ({"Total__c": None}, "Total__c is None"),
        ({"Gone__c": Decimal(0)}, "Gone__c is Decimal('0')"),
        ({"Key__c": "9007199254740992"}, "0 records, expected 1"),
    ],
    ids=["older version", "text for a number", "nothing for a number", "number for a checkbox", "id off by one"],
)
def test_difference_is_seen(account, word):
    assert any(word in line for line in _told([ACCOUNT | account], [ORDER]))


def test_record_too_many_is_seen():
    assert _told([ACCOUNT, {"Id": "002", "Key__c": None}], [ORDER]) == ["Account 002 should not be there"]


def test_second_record_of_one_id_is_seen():
    assert "2 records, expected 1" in _told([ACCOUNT, ACCOUNT | {"Id": "002"}], [ORDER])[0]


def test_child_at_another_parent_is_seen():
    assert "AccountId is '009'" in _told([ACCOUNT], [ORDER | {"AccountId": "009"}])[0]


def test_one_seed_makes_up_one_scenario():
    assert make_scenario(7, 200) == make_scenario(7, 200)
    assert make_scenario(7, 200) != make_scenario(8, 200)


def test_only_what_cannot_be_written_teaches_the_org_nothing():
    scenario = make_scenario(1, 200)
    waves = (scenario.first, scenario.second, scenario.third)
    sends = [send for wave in waves for lane in wave for send in lane]

    assert {send.kind for send in sends if send.fact is None} == {*REFUSAL, Kind.UNFIT}
    assert {send.kind for send in sends if send.mended} == {Kind.UNFIT}

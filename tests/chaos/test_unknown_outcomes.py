"""Nobody knows whether a write took effect: it is not made twice, not lost, and comes back from no delete."""

import json
from dataclasses import dataclass, field

import pytest
import requests

from tests.chaos.crashes import Calls, Crash
from tests.chaos.shop import customer, deletion
from tests.chaos.simulation.trouble import CALL_LIFE_S
from tests.chaos.world import new_world

WRITES = {"path_contains": "composite"}
AFTER = {
    "connection broken after the commit": {"match": WRITES, "when": "after", "drop_connection": True},
    "too slow, and done": {"match": WRITES, "when": "after", "delay_s": 25},
    "error after the commit": {"match": WRITES, "when": "after", "error_code": "UNKNOWN_EXCEPTION"},
}
AFTER_ONCE = AFTER["connection broken after the commit"]
BEFORE = {"match": WRITES, "drop_connection": True}


def _calls(world, method):
    return [call for call in world.org.calls() if call.method == method and "describe" not in call.path]


def _writes(world):
    """Return how often each record was written, by the org's own history."""
    return {
        record["Shopify_Customer_Id__c"]: len(world.org.history_of(record["Id"]))
        for record in world.org.records("Account")
    }


@pytest.mark.parametrize("fault", AFTER.values(), ids=AFTER)
def test_write_that_took_effect_is_found_and_not_made_twice(fault):
    with new_world() as world:
        world.org.plan_faults(fault)
        world.enqueue(*[customer(number) for number in range(1, 6)])

        world.drain()

        assert _writes(world) == {str(number): 1 for number in range(1, 6)}
        assert [call.rows for call in _calls(world, "PATCH")] == [5]
        assert len([call for call in _calls(world, "GET") if "/query" in call.path]) == 1
        world.check_books()


def test_write_that_took_no_effect_is_made_again():
    with new_world() as world:
        world.org.plan_faults(BEFORE)
        world.enqueue(customer(1), customer(2))

        world.drain()

        assert _writes(world) == {"1": 1, "2": 1}
        world.check_books()


def test_half_that_took_effect_is_left_and_the_other_half_is_written():
    with new_world() as world:
        world.org.plan_faults(
            {"row": True, "match": {"external_id": "2"}, "error_code": "UNABLE_TO_LOCK_ROW", "times": 3}, AFTER_ONCE
        )
        world.enqueue(customer(1), customer(2))

        world.drain()

        assert _writes(world) == {"1": 1, "2": 1}
        world.check_books()


def test_record_says_which_change_wrote_it():
    with new_world() as world:
        world.enqueue(customer(1, 1), customer(1, 2))

        world.drain()

        (record,) = world.org.records("Account")
        (applied,) = [name for name, item in world.log().items() if item["state"]["S"] == "Applied"]
        assert record["Lockstep_Change_Id__c"] == applied


def test_second_worker_that_writes_a_newer_version_in_between_settles_the_older():
    with new_world() as world:
        world.org.plan_faults(AFTER_ONCE)
        world.enqueue(customer(1, 1))
        world.invoke(world.receive())
        world.enqueue(customer(1, 2))
        world.invoke(world.receive())

        world.drain()

        assert world.names("Account") == {"1": "v2"}
        assert _writes(world) == {"1": 2}
        assert world.states() == {"Applied": 1, "Superseded": 1}
        world.check_books()


def test_question_that_the_org_cannot_answer_waits_and_spends_no_try():
    with new_world() as world:
        world.org.plan_faults(AFTER_ONCE)
        world.enqueue(customer(1))
        world.invoke(world.receive())
        world.org.plan_faults({"match": {"path_contains": "query"}, "status": 503, "html": True, "times": 2})

        world.drain()

        (entry,) = world.errors().values()
        assert [attempt["M"]["failure_kind"]["S"] for attempt in entry["attempts"]["L"]] == ["OUTCOME_UNKNOWN"]
        assert _writes(world) == {"1": 1}
        world.check_books()


@dataclass
class _Late(Calls):
    """Its first write to the org is given up by its caller, or its caller dies; it can arrive later."""

    dies: bool = False
    late: list = field(default_factory=list)
    has_come: bool = False

    def through(self, name, call):
        if name != "org PATCH" or self.has_come or not self._watches:
            return super().through(name, call)
        self.has_come = True
        self.late.append(call)
        if self.dies:
            self.is_dead = True
            raise Crash
        raise requests.ReadTimeout("nobody knows")

    def arrive(self):
        with self.paused():
            return self.late.pop()()


@pytest.mark.parametrize("dies", [False, True], ids=["given up", "its caller died"])
@pytest.mark.parametrize("after_s", [1, CALL_LIFE_S - 1], ids=["at once", "at the last moment"])
def test_create_that_arrives_after_its_delete_found_nothing_does_not_stand(dies, after_s):
    calls = _Late(dies=dies)
    with new_world(calls) as world:
        world.enqueue(customer(1, 1))
        world.invoke(world.receive())
        world.clock.advance(76)  # the dead one's lease
        world.enqueue(deletion(1, 2))
        world.invoke(world.receive())
        assert "Applied" not in world.states()

        world.clock.advance(max(0, after_s - 76))
        assert calls.arrive().status_code == 200
        world.drain()

        (record,) = world.org.records("Account")
        assert record["Is_Deleted_In_Shopify__c"] is True
        assert world.states() == {"Applied": 1, "Superseded": 1}
        world.check_books()


def test_delete_of_a_record_that_never_comes_is_done_when_nothing_can_arrive_any_more():
    with new_world(_Late()) as world:
        world.enqueue(customer(1, 1))
        world.invoke(world.receive())
        world.enqueue(deletion(1, 2))

        world.drain()

        assert world.org.records("Account") == []
        (delete,) = [item for item in world.log().values() if item["state"]["S"] == "Applied"]
        waits = [json.dumps(step) for step in delete["steps"]["L"] if "EARLIER_WRITE_UNSETTLED" in json.dumps(step)]
        assert 1 <= len(waits) <= 2
        world.check_books()

"""The same keys by webhook and file at once, with faults and deaths at random: the newest wins, nothing is lost.

BULK_SEEDS=200 plays more of them.
"""

import os
import random
from collections.abc import Iterator
from typing import Any

import pytest

from lockstep.adapters.inbound_queue import SqsQueue
from lockstep.domain.changes import Change, Operation, content_hash, correlation_id
from lockstep.domain.chunks import ChunkState
from tests.chaos.crashes import Calls, Point, When, die
from tests.chaos.surroundings import queue_url
from tests.fakes.bulk_lane import BulkLane, bulk_lane

SEEDS = int(os.environ.get("BULK_SEEDS", "2"))
KEYS = [f"k{number}" for number in range(6)]
MODES: list[dict[str, Any]] = [{}, {"on_delete": "delete"}, {"version_fence": False}]
FAULTS: list[dict[str, Any]] = [
    {"row": True, "error_code": "UNABLE_TO_LOCK_ROW"},
    {"job": "fail", "after_rows": 0},
    {"ends_sessions": True, "match": {"path_contains": "jobs/ingest"}},
    {"ends_sessions": True, "when": "after", "match": {"path_contains": "jobs/ingest"}},
    {"drop_connection": True, "match": {"path_contains": "jobs/ingest"}},
    {"drop_connection": True, "when": "after", "match": {"path_contains": "jobs/ingest"}},
    {"after_bytes": 60, "chunked": True, "match": {"path_contains": "Results"}},
    {"status": 503, "match": {"path_contains": "jobs/ingest"}},
]


class Play:
    """One seed: what is sent, and what must stand in the end."""

    def __init__(self, lane: BulkLane, seed: int) -> None:
        self.lane = lane
        self.chance = random.Random(seed)
        self.newest: dict[str, tuple[int, bool]] = {}
        self.loads: list[str] = []
        self.sent: list[Change] = []
        self._versions = list(range(1, 200))
        self.chance.shuffle(self._versions)

    def _version(self, key: str, *, is_delete: bool) -> int:
        version = self._versions.pop()
        self.newest[key] = max(self.newest.get(key, (0, False)), (version, is_delete))
        return version

    def webhook(self) -> None:
        key, is_delete = self.chance.choice(KEYS), self.chance.random() < 0.3
        version = self._version(key, is_delete=is_delete)
        payload = f'{{"name": "{key} v{version}", "city": ""}}'
        now = self.lane.clock.now
        change = Change(
            correlation_id=correlation_id("erp", f"event {version}"),
            source="erp",
            entity="account",
            operation=Operation.DELETE if is_delete else Operation.UPSERT,
            external_id=key,
            version=version,
            event_id=f"event {version}",
            topic="account",
            event_at_ms=int(now.timestamp() * 1000),
            received_at=now,
            content_hash=content_hash(payload.encode()),
            payload=payload,
        )
        self.sent.append(change)
        SqsQueue(queue_url("inbound")).send([change])

    def file(self) -> None:
        keys = self.chance.sample(KEYS, self.chance.randint(1, len(KEYS)))
        rows = []
        for key in keys:
            version = self._version(key, is_delete=False)
            rows.append([key, version, f"{key} v{version}", ""])
        name = f"load-{len(self.loads)}"
        self.loads.append(name)
        self.lane.drop(rows, name=name, per_chunk=self.chance.choice([2, 10]))

    def trouble(self) -> None:
        self.lane.org.plan_faults(self.chance.choice(FAULTS))

    def death(self) -> None:
        """Let the next function of the bulk lane die at some call."""
        calls = self.lane.calls
        calls.names.clear()
        calls.point, calls.struck = Point(self.chance.randint(1, 40), self.chance.choice(list(When))), die
        self.lane.step(self.chance.choice(["chunks", "polls"]))
        calls.point = None

    def upsert(self) -> None:
        if messages := self.lane.world.receive(self.chance.randint(1, 10)):
            self.lane.world.invoke(messages)

    def pass_time(self) -> None:
        self.lane.clock.advance(self.chance.choice([1, 6, 60, 600]))
        self.lane.world.monitor()

    def step(self) -> None:
        acts = [self.webhook, self.file, self.trouble, self.death, self.upsert, self.upsert, self.pass_time]
        acts += [lambda: self.lane.step("chunks"), lambda: self.lane.step("polls")] * 3
        acts += [self.lane.sweep, self.lane.world.retry]
        self.chance.choice(acts)()

    def settle(self) -> None:
        """Let everything heal, and work until nothing is left."""
        self.lane.org.faults.clear()
        for _ in range(40):
            self.lane.work_for(60, step_s=30)
            self.upsert()
            self.lane.world.monitor()
            self.lane.world.retry()
            self.lane.sweep()
            if self._is_settled():
                return
            self.lane.clock.advance(500)
        raise AssertionError(f"never settles: {[chunk.state for chunk in self._chunks()]}, {self.lane.world.states()}")

    def _is_settled(self) -> bool:
        is_idle = not any(self.lane.world.depth(queue) for queue in ("chunks", "polls", "inbound"))
        are_done = all(chunk.state is ChunkState.DONE for chunk in self._chunks())
        return is_idle and are_done and not self.lane.world.errors("Retrying", "Pending")

    def _chunks(self) -> Iterator[Any]:
        return (chunk for name in self.loads for chunk in self.lane.chunks(name))

    def check(self) -> None:
        assert not self.lane.world.errors("Pending", "Abandoned", "Retrying")
        for name in self.loads:
            assert self.lane.counts(name).on_their_way == 0, name
        states = self.lane.world.log()
        assert all(states[each.correlation_id]["state"]["S"] in ("Applied", "Superseded") for each in self.sent)
        names, marks = self.lane.records(), self.lane.records("Is_Deleted_In_ERP__c")
        for key, (version, is_delete) in self.newest.items():
            if is_delete:
                assert marks.get(key, True), f"{key} was deleted in version {version} and is {names[key]}"
            else:
                assert names.get(key) == f"{key} v{version}", key
                assert not marks[key], key
        self.lane.world.check_versions()


@pytest.mark.parametrize("seed", range(SEEDS))
def test_the_newest_of_each_key_wins_and_nothing_is_lost(seed):
    with bulk_lane(Calls(), **MODES[seed % len(MODES)]) as lane:
        play = Play(lane, seed)
        play.file()
        for _ in range(60):
            play.step()
        play.settle()
        play.check()

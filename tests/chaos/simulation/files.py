"""Files beside the webhooks: some of the story is told by rows, and a queue that holds much goes by jobs."""

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest

from lockstep.adapters.drop_files import WRITTEN_AT
from lockstep.domain.chunks import Chunk, ChunkState
from lockstep.domain.file_rules import FileRules
from lockstep.domain.loads import Load, LoadState
from lockstep.domain.row_counts import RowCounts
from lockstep.runtime import bulk_parts, route_files
from lockstep.services import hand_over
from tests.chaos.simulation.judge import Damage
from tests.chaos.simulation.story import Told
from tests.chaos.world import World, forget_environment
from tests.fakes.bulk_lane import BulkLane, bulk_functions
from tests.fakes.drops_lane import drops_lane, put_event

BY_FILE = 0.35  # of the customers' events
FILLERS = 20  # records that only files tell of
FIRST_FILLER = 500_000
FENCED = 0.5  # of the plays
AGAIN = 0.2  # of the bulk lane's messages come twice
TWICE = 0.3  # of the files are told of twice by S3
LATE = 0.4  # of them are told of later, when others are there
QUEUES = {"drops": 1, "chunks": 2, "polls": 2}  # with how often they have their turn
CHUNK_ROWS = (5, 9)  # at least one file has more
NO_TIME_MS, MUCH_TIME_MS = 50_000, 900_000  # of an invocation; a splitter without time goes on in another
HEADER = ("id", "updated_at", "first_name")
ROUTE = ("shopify", "customer")
RULES = FileRules.model_validate({"external_id": "id", "version": {"at": "updated_at", "as": "iso8601"}})
JOB_FAULTS: tuple[dict[str, Any], ...] = (
    {"job": "fail", "after_rows": 0},
    {"job": "fail", "after_rows": 200},
    {"job": "abort", "after_rows": 0},
    {"job": "abort", "after_rows": 200},
    {"job": "stick", "after_rows": 0, "delay_s": 2_500},
    {"match": {"path_contains": "successfulResults"}, "after_bytes": 90},
    {"match": {"path_contains": "failedResults"}, "drop_connection": True},
    {"match": {"path_contains": "batches"}, "after_bytes": 90},
    {"match": {"path_contains": "jobs/ingest"}, "error_code": "INVALID_SESSION_ID"},
    {"match": {"path_contains": "jobs/ingest"}, "error_code": "UNKNOWN_EXCEPTION", "when": "after"},
    {"match": {"path_contains": "jobs/ingest"}, "drop_connection": True, "when": "after"},
)


class Files:
    """The files of a play, and the functions that load them."""

    def __init__(self, lane: BulkLane, chance: random.Random, events: Sequence[Told], happened: Counter[str]) -> None:
        self._lane = lane
        self._chance = chance
        self._happened = happened
        self._to_drop = list(_files(chance, events))
        self._rows: Counter[str] = Counter()  # by name of the file
        self._to_tell: list[str] = []

    @property
    def is_all_dropped(self) -> bool:
        return not self._to_drop and not self._to_tell

    def are_at_work(self) -> bool:
        """Whether a file or a chunk waits for its turn, or a job for a look."""
        with self._lane.calls.paused():
            return any(self._lane.world.depth(queue) for queue in QUEUES)

    def drop(self) -> None:
        """Put a file where it is loaded from; S3 tells of it now, later or twice."""
        if not self._to_drop:
            self._tell()
            return
        rows = self._to_drop.pop()
        name = f"{len(self._rows)}.csv"
        lines = [HEADER, *([str(event.id), event.stamp, event.name] for event in rows)]
        content = "".join(",".join(line) + "\n" for line in lines)
        written_at = self._lane.clock.now.isoformat()
        with self._lane.calls.paused():
            event = put_event(f"{'_'.join(ROUTE)}/{name}", content.encode(), {WRITTEN_AT: written_at})
        self._rows[name] = len(rows)
        self._happened["row"] += len(rows)
        self._to_tell += [event] * (2 if self._chance.random() < TWICE else 1)
        if self._chance.random() > LATE:
            self._tell()

    def _tell(self) -> None:
        """Let S3 tell of an object that was put, whichever."""
        event = self._to_tell.pop(self._chance.randrange(len(self._to_tell)))
        with self._lane.calls.paused():
            self._lane.send_body("drops", event)
        self._happened["event of a file"] += 1

    def work(self) -> None:
        """Let a bulk function take a message, which may come once more."""
        (queue,) = self._chance.choices(list(QUEUES), list(QUEUES.values()))
        messages = self._lane.world.receive(1, queue)
        if not messages:
            return
        if self._chance.random() < AGAIN:
            self._happened["message of the bulk lane twice"] += 1
            self._lane.send_body(queue, messages[0]["Body"])
        self._lane.take(queue, messages, remaining_ms=self._chance.choice([NO_TIME_MS, MUCH_TIME_MS]))
        self._happened[f"message of {queue}"] += 1

    def fault(self) -> None:
        self._lane.org.plan_faults(self._chance.choice(JOB_FAULTS))

    def settle(self) -> bool:
        """Work off what is visible; be the person who lets waiting loads go on. True where all is done."""
        for queue in QUEUES:
            while self._lane.step(queue) is not None:
                pass
        loads = self._lane.book.recent(1_000)
        for load in loads:
            if load.state is LoadState.WAITING:
                self._happened["load that waited for a person"] += 1
                self._lane.resume(load.load_id)
        self._lane.sweep()
        return not self.are_at_work() and all(load.state is LoadState.DONE for load in loads)

    def judge(self, damage: Damage) -> None:
        """Every file is one load, and every row of it is at its end, and in one place."""
        loads = self._lane.book.recent(1_000)
        of_files = Counter(load.name for load in loads if not load.is_backlog)
        damage.unbooked += [f"{name} became {of_files[name]} loads" for name in self._rows if of_files[name] != 1]
        for load in loads:
            self._judge_load(load, list(self._lane.book.chunks(load.load_id)), damage)
        if any(load.chunks > 1 for load in loads if not load.is_backlog):
            self._happened["play with files of several chunks"] += 1
        if any(load.is_backlog for load in loads):
            self._happened["play with backlogs"] += 1

    def _judge_load(self, load: Load, chunks: Sequence[Chunk], damage: Damage) -> None:
        counts = RowCounts.sum_of(chunk.counts for chunk in chunks)
        cut = sum((chunk.origin or chunk).rows for chunk in chunks)
        rows = cut if load.is_backlog else self._rows[load.name]
        self._happened["backlog" if load.is_backlog else "file"] += 1
        self._happened["job"] += sum(bool(chunk.job_id) for chunk in chunks)
        if load.state is not LoadState.DONE or any(chunk.state is not ChunkState.DONE for chunk in chunks):
            damage.unbooked.append(f"{load.load_id} has not ended")
        elif counts.on_their_way or not cut == counts.read == rows:
            damage.unbooked.append(f"{load.load_id}: {rows} rows, {cut} in its chunks, {counts}")


@contextmanager
def files_of(
    world: World, chance: random.Random, events: Sequence[Told], happened: Counter[str], *, has_backlogs: bool
) -> Iterator[Files]:
    """Let a world load files, and hand over what waits; in some plays nobody relies on the org's fence."""
    models = dict(route_files.load_route_models())
    fenced = chance.random() < FENCED
    models["_".join(ROUTE)] = models["_".join(ROUTE)].model_copy(update={"file": RULES, "version_fence": fenced})
    with (
        bulk_functions(world, models, slots=2) as lane,
        pytest.MonkeyPatch.context() as patch,
        drops_lane(patch, chance.choice(CHUNK_ROWS)),
    ):
        patch.setenv("BULK_THRESHOLD", "1" if has_backlogs else "0")
        patch.setenv("UPSERT_BATCH_SIZE", "2")
        patch.setattr(bulk_parts, "utc_now", world.clock)
        patch.setattr(hand_over, "LEAST_CHANGES", 2)
        forget_environment()
        happened["play with the fence" if fenced else "play with claims"] += 1
        yield Files(lane, chance, events, happened)


def told_by_files(chance: random.Random, events: Sequence[Told]) -> tuple[list[Told], list[Told]]:
    """Tell apart which events are told by files, and add records of which nobody else tells.

    A row has nothing but its version to be told from another by, so a record with two events of one version has none.
    """
    tied = {event.record for event in events if event.telling > 1}
    by_file = [
        event for event in events if _may_be_a_row(event) and event.record not in tied and chance.random() < BY_FILE
    ]
    chosen = {id(event) for event in by_file}
    fillers = [Told("customers/update", FIRST_FILLER + number, 1, {}, 1) for number in range(FILLERS)]
    return [event for event in events if id(event) not in chosen], [*by_file, *fillers]


def _may_be_a_row(event: Told) -> bool:
    return event.record[0] == "Account" and not event.is_delete


def _files(chance: random.Random, events: Sequence[Told]) -> Iterator[list[Told]]:
    """Cut into files, with some rows in two of them."""
    events = list(events)
    chance.shuffle(events)
    count = chance.randint(1, 4)
    for number in range(count):
        yield events[number::count] + chance.sample(events, min(5, len(events)))

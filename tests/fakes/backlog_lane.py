"""The upsert function beside the bulk functions: a queue that holds much goes by jobs."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from lockstep.domain.chunks import Chunk
from lockstep.domain.loads import Load
from lockstep.domain.row_counts import RowCounts
from lockstep.runtime import route_files
from lockstep.services import hand_over
from tests.chaos.crashes import Calls
from tests.chaos.shop import customer
from tests.chaos.world import forget_environment
from tests.fakes.bulk_lane import BulkLane, bulk_lane, forget_bulk

THRESHOLD = 15
LEAST = 10


class BacklogLane(BulkLane):
    """Hands backlogs over, and works them off."""

    def queue(self, count: int, second: int = 1, first: int = 1) -> None:
        """Let customers change, each with a message on the inbound queue."""
        self.world.enqueue(*(customer(id_, second) for id_ in range(first, first + count)))

    def upsert(self, most: int = 10) -> bool:
        """Let the upsert function take one batch."""
        return self.world.invoke(self.world.receive(most))

    def names(self) -> dict[str, str]:
        return self.world.names("Account")

    def backlogs(self) -> list[Load]:
        return sorted(self.book.recent(100), key=lambda load: load.started_at)

    def backlog_chunks(self) -> list[Chunk]:
        return [chunk for load in self.backlogs() for chunk in self.book.chunks(load.load_id)]

    def backlog_counts(self) -> RowCounts:
        return RowCounts.sum_of(chunk.counts for chunk in self.backlog_chunks())

    def rest(self) -> None:
        """Work and retry until nothing is left to do."""
        for _ in range(20):
            self.work()
            self.world.retry()
            left = sum(self.world.depth(queue) for queue in ("chunks", "polls", "inbound"))
            if not left and not self.world.errors("Retrying"):
                return
            self.clock.advance(100)
        raise AssertionError(f"never rests: {self.world.states()}")


@contextmanager
def backlog_lane(calls: Calls | None = None, **route: Any) -> Iterator[BacklogLane]:
    """Make all of it; `route` changes the route of customers."""
    models = route_files.load_route_models()
    name = "shopify_customer"
    models[name] = models[name].model_copy(update=route)
    with bulk_lane(calls) as made, pytest.MonkeyPatch.context() as patch:
        patch.setattr(route_files, "load_route_models", lambda: models)
        patch.setenv("BULK_THRESHOLD", str(THRESHOLD))
        patch.setenv("UPSERT_BATCH_SIZE", "10")
        patch.setattr(hand_over, "LEAST_CHANGES", LEAST)
        forget_bulk()
        forget_environment()
        yield BacklogLane(made.world, patch)

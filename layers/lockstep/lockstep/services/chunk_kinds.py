"""What is done with a chunk, by its kind: rows of a file, or changes of a backlog."""

from collections.abc import Callable

from lockstep.domain.chunks import Chunk
from lockstep.domain.loads import Load
from lockstep.ports.bulk import LocalFile
from lockstep.services.collect_changes import CollectChanges
from lockstep.services.collect_results import Collected, CollectResults, Ended
from lockstep.services.plan_rows import PlanRows
from lockstep.services.prepare_changes import PrepareChanges
from lockstep.services.prepare_rows import Prepared, PrepareRows


class PrepareChunk:
    """Makes the rows of a chunk's job."""

    def __init__(self, plan_rows: PlanRows, rows: PrepareRows, changes: PrepareChanges) -> None:
        self._plan_rows = plan_rows
        self._rows = rows
        self._changes = changes

    def __call__(self, load: Load, chunk: Chunk, into: LocalFile, has_time: Callable[[], bool]) -> Prepared:
        """Write them into a file.

        Raises:
            SyncError: AWS_UNAVAILABLE, FILE_GONE, ROUTE_MISSING, ROUTE_BROKEN.
        """
        if chunk.is_backlog:
            return self._changes(chunk, into, has_time)
        return self._rows(self._plan_rows(load, chunk), into, has_time)


class CollectChunk:
    """Books the rows of a chunk's job."""

    def __init__(self, plan_rows: PlanRows, rows: CollectResults, changes: CollectChanges) -> None:
        self._plan_rows = plan_rows
        self._rows = rows
        self._changes = changes

    def __call__(self, load: Load, chunk: Chunk, ended: Ended, has_time: Callable[[], bool]) -> Collected:
        """Book them.

        Raises:
            SyncError: AWS_UNAVAILABLE, or what the org answers.
        """
        if chunk.is_backlog:
            return self._changes(load, chunk, ended, has_time)
        return self._rows(self._plan_rows(load, chunk), ended, has_time)

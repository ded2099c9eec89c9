"""Settles what the error log still holds of records that a job has written, and of rows that corrected ones replace."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice

from lockstep.domain.batches import slices
from lockstep.domain.changes import correlation_id
from lockstep.domain.error_list import OPEN_STATUSES
from lockstep.domain.error_log import ErrorEntry
from lockstep.domain.file_rows import BadRow
from lockstep.domain.job_rows import ManifestRow, manifest_key_of, manifest_row
from lockstep.domain.loads import row_event_id
from lockstep.domain.row_changes import row_order
from lockstep.ports.books import EntryBooks
from lockstep.ports.bulk import LoadFiles
from lockstep.ports.error_log import ErrorLog
from lockstep.services.prepare_rows import RowPlan
from lockstep.services.settle_older import SettleOlder

# Open failures that a job looks through, those that changed last first: some hundred reads at most.
MOST_LISTED = 20_000
_AT_ONCE = 200


class SettleEarlier:
    """Safe to repeat: what is settled is not listed again, so each call goes on where the one before ended."""

    def __init__(
        self,
        *,
        entries: EntryBooks,
        error_log: ErrorLog,
        settle_older: SettleOlder,
        load_files: LoadFiles,
        most_listed: int = MOST_LISTED,
    ) -> None:
        self._entries = entries
        self._error_log = error_log
        self._settle_older = settle_older
        self._load_files = load_files
        self._most_listed = most_listed

    def overtaken(self, plan: RowPlan, written: Sequence[str], has_time: Callable[[], bool]) -> bool:
        """Settle older failures of the records that were written; False where there was no time for all.

        Nobody is asked for each row: the open failures are listed once, and mostly there are none.

        Args:
            plan: Of the chunk.
            written: Lines of the list of the job's rows.
            has_time: False when no further write should be begun.

        Raises:
            SyncError: AWS_UNAVAILABLE.
        """
        names_by_key = self._failed(plan) if written else {}
        if not names_by_key:
            return True
        rows = {key: manifest_row(line) for line in written if (key := manifest_key_of(line)) in names_by_key}
        names = [name for key in rows for name in names_by_key[key]]
        return self._settled(names, lambda entry: _is_older(plan, entry, rows), "a newer row was written", has_time)

    def corrected(self, plan: RowPlan, has_time: Callable[[], bool]) -> bool:
        """Settle the failures that a chunk's rows correct, once all of these are booked; otherwise like `overtaken`.

        What becomes of a corrected row is told under its own name: also where it failed again.

        Raises:
            SyncError: AWS_UNAVAILABLE, FILE_GONE.
        """
        return self._settled(
            list(self._corrected_names(plan)), lambda _: True, "a corrected row has taken its place", has_time
        )

    def _failed(self, plan: RowPlan) -> Mapping[str, Sequence[str]]:
        """Return the open failures of the load's source and object: their names by External ID."""
        load, found = plan.load, dict[str, list[str]]()
        for entry in islice(self._entries.summaries(OPEN_STATUSES), self._most_listed):
            if (entry.source, entry.object_name) == (load.source, load.object_name):
                found.setdefault(entry.external_id, []).append(entry.correlation_id)
        return found

    def _corrected_names(self, plan: RowPlan) -> Iterator[str]:
        corrects, load, chunk = plan.meaning.corrects, plan.load, plan.chunk.with_all_rows()
        if corrects is None:
            return
        for row in plan.meaning.rows(chunk, self._load_files.open(chunk)):
            if not isinstance(row, BadRow) and (line := corrects(row[1])) is not None:
                yield correlation_id(load.source, row_event_id(load.part_of, line))

    def _settled(
        self, names: Sequence[str], is_meant: Callable[[ErrorEntry], bool], why: str, has_time: Callable[[], bool]
    ) -> bool:
        for some in slices(names, _AT_ONCE):
            if not has_time():
                return False
            entries = [entry for entry in self._error_log.get(some) if entry.status in OPEN_STATUSES]
            if meant := [entry for entry in entries if is_meant(entry)]:
                self._settle_older(meant, why)
        return True


def _is_older(plan: RowPlan, entry: ErrorEntry, rows: Mapping[str, ManifestRow]) -> bool:
    change = entry.change
    if change is None or change.external_id not in rows:
        return False
    row = rows[change.external_id]
    return change.order < row_order(plan.load, row.line, row.version)

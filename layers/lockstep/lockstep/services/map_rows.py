"""Maps the rows of a chunk, and sends those that are no single row of a job where they belong."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from operator import itemgetter
from typing import TypeAlias

from lockstep.domain.also_records import NotMeant, Records
from lockstep.domain.bulk_csv import csv_lines
from lockstep.domain.changes import Change, content_hash
from lockstep.domain.conversions.characters import key_problem
from lockstep.domain.conversions.results import Problem
from lockstep.domain.failures import FailureKind, SyncError
from lockstep.domain.file_rows import BadRow
from lockstep.domain.job_rows import Candidate
from lockstep.domain.json_text import dump_json
from lockstep.domain.loads import Load
from lockstep.domain.mapped import BulkRow, Mapped, Unmappable
from lockstep.domain.mapping import CompiledRoute
from lockstep.domain.mapping_failures import Told, mapping_failure, told_problems
from lockstep.domain.row_changes import row_change, row_change_id
from lockstep.domain.row_counts import RowCounts
from lockstep.domain.row_meaning import Cells, RowMeaning
from lockstep.domain.verdicts import Failed
from lockstep.ports.bulk import LocalFile
from lockstep.services.failed_rows import FailedRow, FailedRows
from lockstep.services.settle_rows import SettleRows

Row: TypeAlias = tuple[int, Cells]
_Named: TypeAlias = tuple[int, Cells, str, int]
"""A row's line, cells, key and version."""
_Going: TypeAlias = tuple[int, str, int, list[str], str]
"""Line, key and version of a row that may go into the job, its cells there, and the hash of what it was."""
_SENT_AT_ONCE = 200
_BETWEEN_KEYS = "\x1f"
_new = tuple.__new__  # a NamedTuple's own constructor costs three times as much


class MapRows:
    """Maps the rows of one attempt, in the order of the file.

    `counts` are rows that went elsewhere; `failed` counts those that it was given.

    Args:
        hashes: True where the rows' contents are compared, which costs more than mapping them.
    """

    def __init__(
        self,
        *,
        load: Load,
        route: CompiledRoute,
        meaning: RowMeaning,
        failed: FailedRows,
        settle: SettleRows,
        hashes: bool,
        spool: LocalFile,
    ) -> None:
        self._load = load
        self._route = route
        self._meaning = meaning
        self._failed = failed
        self._settle = settle
        self._hashes = hashes
        self._spool = spool
        self._parents_of = _parents_of(route)
        self._by_rest: list[Change] = []
        self._version_at = _version_at(route) if meaning.leaves_version else None
        self.counts = RowCounts()
        self.notes: Counter[tuple[str, str, str]] = Counter()

    def mapped(self, rows: Iterable[Row | BadRow]) -> list[Candidate]:
        """Map some rows, put their lines aside, and return what is remembered of those that may go into the job."""
        candidates: list[Candidate] = []
        going = list(self._going(rows))
        texts = [text.encode() for text in csv_lines([cells for _, _, _, cells, _ in going])]
        first, parents_of = self._spool.size, self._parents_of
        for (line, key, version, cells, digest), text in zip(going, texts, strict=True):
            end = first + len(text)
            candidates.append(_new(Candidate, (key, version, line, parents_of(cells), first, end, digest)))
            first = end
        self._spool.append(texts)
        return candidates

    def _going(self, rows: Iterable[Row | BadRow]) -> Iterator[_Going]:
        """Map the rows together; those before one that has no name come first, so that all are told in their order."""
        key_of, version_of = self._meaning.key_of, self._meaning.version_of
        named: list[_Named] = []
        for row in rows:
            if isinstance(row, BadRow):
                yield from self._mapped_together(named)
                named = []
                self._failed.add_unreadable(row)
                continue
            line, cells = row
            key, version = key_of(cells), version_of(cells)
            if isinstance(version, Problem) or isinstance(key, Problem):
                yield from self._mapped_together(named)
                named = []
                self._reject_unnamed(row, [each for each in (key, version) if isinstance(each, Problem)])
                continue
            named.append((line, cells, key, version))
        yield from self._mapped_together(named)

    def _mapped_together(self, named: Sequence[_Named]) -> Iterator[_Going]:
        if not named:
            return
        load, is_named = self._load, self._route.change_field is not None
        lines, rows, keys, versions = zip(*named, strict=True)
        change_ids = [row_change_id(load, line) if is_named else "" for line in lines]
        found = self._meaning.map_rows(rows, keys, versions, change_ids)
        for (line, cells, key, version), each in zip(named, found, strict=True):
            bulk = each if isinstance(each, BulkRow) else self._one_row((line, cells), key, version, each)
            if bulk is not None:
                yield line, key, version, self._versioned(bulk.cells), self._hash(cells) if self._hashes else ""

    def finish(self) -> None:
        """Send and store what waits.

        Raises:
            SyncError: AWS_UNAVAILABLE.
        """
        self._send()
        self._failed.finish()

    def _one_row(self, row: Row, key: str, version: int, found: Records) -> BulkRow | None:
        """Return the row of a record that has something to say; None where it goes elsewhere."""
        if isinstance(found, NotMeant):
            self.counts += RowCounts(not_meant=1)
            return None
        if not isinstance(found, Unmappable):
            if len(found) > 1 or not _is_settled(found[0].record, self._route):
                self.send_by_rest(row, key, version)
                return None
            return self._rendered(row, key, version, self._route.to_bulk_row(found[0].record))
        self._reject(row, key, version, found)
        return None

    def _rendered(self, row: Row, key: str, version: int, bulk: BulkRow | Unmappable) -> BulkRow | None:
        if isinstance(bulk, Unmappable):
            self._reject(row, key, version, bulk)
            return None
        self.notes.update((self._route.object_name, note.field, note.what) for note in bulk.notes)
        return bulk

    def _reject(self, row: Row, key: str, version: int, found: Unmappable) -> None:
        line, cells = row
        if key_problem(key):
            self._add_unnamed(row, told_problems(found, FailureKind.MAPPING_FAILED))
            return
        payload = self._meaning.payload(cells)
        failure = mapping_failure(found, self._route, Told(payload, key, version, row_change_id(self._load, line)))
        failed = Failed(
            row_change(self._load, line, key, version, payload), failure, object_name=self._load.object_name
        )
        self._failed.add(FailedRow(line, self._meaning.shown(cells), failure, failed))

    def _reject_unnamed(self, row: Row, problems: Sequence[Problem]) -> None:
        """Reject a row of which no change can be made: it has no key, or no version."""
        told = "; ".join(f"{each.reason}. {each.remedy}" for each in problems)
        self._add_unnamed(row, SyncError(FailureKind.MAPPING_FAILED, told))

    def _add_unnamed(self, row: Row, failure: SyncError) -> None:
        line, cells = row
        told = failure.with_detail(f"line {line}: {failure.detail}")
        self._failed.add(FailedRow(line, self._meaning.shown(cells), told, None))

    def send_by_rest(self, row: Row, key: str, version: int) -> None:
        """Send a row to the inbound queue, with others."""
        line, cells = row
        self._by_rest.append(row_change(self._load, line, key, version, self._meaning.payload(cells)))
        if len(self._by_rest) == _SENT_AT_ONCE:
            self._send()

    def _send(self) -> None:
        changes, self._by_rest = self._by_rest, []
        if changes:
            self.counts += self._settle.by_rest(changes)

    def _versioned(self, cells: list[str]) -> list[str]:
        if self._version_at is not None:
            cells[self._version_at] = ""
        return cells

    def _hash(self, cells: Cells) -> str:
        return content_hash(dump_json(self._meaning.payload(cells)).encode())


def _parents_of(route: CompiledRoute) -> Callable[[Sequence[str]], str]:
    at = [place for place, column in enumerate(route.layout.columns) if column.relationship]
    if not at:
        return lambda _: ""
    if len(at) == 1:
        return itemgetter(at[0])
    return lambda cells: _BETWEEN_KEYS.join([cells[place] for place in at])


def _is_settled(record: Mapped, route: CompiledRoute) -> bool:
    """True where the org need not be asked before the record is written."""
    return not record.wishes and route.create_only.isdisjoint(record.fields)


def _version_at(route: CompiledRoute) -> int | None:
    return route.layout.fields.index(route.version_field) if route.version_field else None

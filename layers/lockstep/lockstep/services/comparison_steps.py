"""One step of a comparison at a time: ask the org for its list, read a page of it, send some deletes."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import NamedTuple, assert_never

from lockstep.domain.bulk_csv import csv_text
from lockstep.domain.bulk_job import FIRST_LOOK_S, Aborted, CollectResults, IngestJob, LookAgain, NotClosed, next_look
from lockstep.domain.comparisons import Comparison, Stage
from lockstep.domain.external_ids import KeyKind
from lockstep.domain.failures import FailureKind, SyncError
from lockstep.domain.key_hashes import KeyRange, KnownKeys, hash_of
from lockstep.domain.load_keys import missing_key
from lockstep.domain.loads import Load
from lockstep.domain.missing_records import missing_change
from lockstep.domain.routes import Route
from lockstep.domain.source_records import SourceRecords, Standing, query_of
from lockstep.ports.bulk import LoadFiles, LocalFile, LocalFiles, Page, QueryJobs
from lockstep.services.check_routes import Gate
from lockstep.services.load_key_lists import LoadKeyLists
from lockstep.services.settle_rows import SettleRows

PAGE_RECORDS = 50_000
_SENT_AT_ONCE = 200
_LIST_HEADER = ("Id", "ExternalId")


class Step(NamedTuple):
    """Where the comparison stands after a step, and when the next is due."""

    comparison: Comparison
    delay_s: int = 0


class ComparisonSteps:
    """Every step can be made again: a list of the missing is written in place of the same, a delete has one name.

    Args:
        routes: As they are written, by source and entity.
        gate: Has them with what is known of the org.
        page_records: How many records are read at once.
    """

    def __init__(
        self,
        *,
        routes: Mapping[tuple[str, str], Route],
        gate: Gate,
        queries: QueryJobs,
        key_lists: LoadKeyLists,
        load_files: LoadFiles,
        local_files: LocalFiles,
        settle: SettleRows,
        page_records: int = PAGE_RECORDS,
    ) -> None:
        self._routes = routes
        self._gate = gate
        self._queries = queries
        self._key_lists = key_lists
        self._load_files = load_files
        self._local_files = local_files
        self._settle = settle
        self._page_records = page_records

    def __call__(self, load: Load, comparison: Comparison, has_time: Callable[[], bool]) -> Step:
        """Make the next step.

        Raises:
            SyncError: AWS_UNAVAILABLE; ROUTE_MISSING; as the org answers; JOB_STATE_CHANGED, BULK_JOB_FAILED or
                BULK_JOB_ABORTED where the org has no list.
        """
        match comparison.stage:
            case Stage.BEGUN:
                return self._checked(load, comparison)
            case Stage.QUERYING:
                return self._queried(load, comparison)
            case Stage.READING:
                return self._read(load, comparison)
            case Stage.SENDING:
                return self._sent(load, comparison, has_time)
            case Stage.ASKING | Stage.DONE | Stage.NOT_MADE:
                return Step(comparison)
            case _:
                assert_never(comparison.stage)

    def _checked(self, load: Load, comparison: Comparison) -> Step:
        """A file that could not be read in full is never the whole truth."""
        _, kind = self._route(load)
        if problem := self._key_lists.problem(load, kind):
            return Step(comparison.changed(stage=Stage.NOT_MADE, why=problem))
        return Step(comparison.changed(stage=Stage.QUERYING, parts=self._key_lists.parts_needed(load)))

    def _queried(self, load: Load, comparison: Comparison) -> Step:
        if not comparison.job_id:
            route, _ = self._route(load)
            return Step(comparison.changed(job_id=self._queries.create(query_of(route))), FIRST_LOOK_S)
        job = self._queries.look(comparison.job_id)
        if job is None:
            raise SyncError(FailureKind.JOB_STATE_CHANGED, "the org does not know the query job (any more)")
        looks = comparison.looks + 1
        match next_look(job, rows=0, looks=looks, elapsed_s=0):
            case LookAgain(delay_s):
                return Step(comparison.changed(looks=looks), delay_s)
            case NotClosed():
                return Step(comparison.changed(looks=looks), FIRST_LOOK_S)
            case CollectResults(None):
                return Step(comparison.changed(stage=Stage.READING, looks=0))
            case CollectResults() | Aborted():
                raise _not_listed(job)

    def _read(self, load: Load, comparison: Comparison) -> Step:
        """Compare one page; the list of what is missing is stored before the place after it is noted."""
        route, kind = self._route(load)
        known = self._key_lists.known(load, KeyRange(comparison.part, comparison.parts))
        with self._local_files.new() as file, self._local_files.new() as listed:
            page = self._queries.fetch(comparison.job_id, comparison.locator, self._page_records, file)
            found = _PageFound(comparison, kind, known)
            rows = file.csv_rows()
            records = SourceRecords(route, next(rows, []), comparison.cutoff_ms, kind)
            _write_list(listed, found.missing(records, rows))
            if found.read != page.records:
                raise SyncError(FailureKind.OUTCOME_UNKNOWN, "a page of the list ended too early; it is read again")
            if found.count:
                self._load_files.put(missing_key(load.load_id, comparison.run, comparison.lists), listed)
        return Step(_moved_on(found.added(), page))

    def _sent(self, load: Load, comparison: Comparison, has_time: Callable[[], bool]) -> Step:
        """Send the deletes of one list, as many as there is time for."""
        if comparison.sent_lists >= comparison.lists:
            return Step(comparison.changed(stage=Stage.DONE))
        key = missing_key(load.load_id, comparison.run, comparison.sent_lists)
        with self._local_files.new() as file:
            if not self._load_files.get(key, file):
                raise SyncError(FailureKind.FILE_GONE, f"{key} was deleted; stop the load, and drop the file again")
            rows = islice(file.csv_rows(), 1 + comparison.sent_rows, None)
            while some := list(islice(rows, _SENT_AT_ONCE)):
                self._settle.by_rest([missing_change(load, comparison, name) for _, name in some])
                done = len(some)
                comparison = comparison.changed(sent=comparison.sent + done, sent_rows=comparison.sent_rows + done)
                if not has_time():
                    return Step(comparison)
        return Step(comparison.changed(sent_lists=comparison.sent_lists + 1, sent_rows=0))

    def _route(self, load: Load) -> tuple[Route, KeyKind]:
        key = (load.source, load.entity)
        route, compiled = self._routes.get(key), self._gate.route(key)
        if route is None or compiled is None:
            reason = f"there is no route of {load.entity} of {load.source} any more; deploy it, or stop the load"
            raise SyncError(FailureKind.ROUTE_MISSING, reason)
        return route, compiled.key_kind


class _PageFound:
    """What a page has of one part."""

    def __init__(self, comparison: Comparison, kind: KeyKind, known: KnownKeys) -> None:
        self._comparison = comparison
        self._wanted = KeyRange(comparison.part, comparison.parts)
        self._hash = hash_of(kind)
        self._keys = known
        self.read = self.count = self._known = self._newer = 0

    def missing(self, records: SourceRecords, rows: Iterable[Sequence[str]]) -> Iterator[tuple[str, str]]:
        """Give the Id and the External ID of what the file does not name, and count."""
        for row in rows:
            self.read += 1
            name = records.name_of(row)
            hashed = self._hash(name[1])
            if hashed not in self._wanted:
                continue
            standing = records.standing_of(row)
            self._known += standing is not Standing.MARKED
            if hashed in self._keys or standing is Standing.MARKED:
                continue
            if standing is Standing.NEWER:
                self._newer += 1
            else:
                self.count += 1
                yield name

    def added(self) -> Comparison:
        """Return the comparison with the page's counts."""
        before = self._comparison
        return before.changed(
            known=before.known + self._known,
            newer=before.newer + self._newer,
            missing=before.missing + self.count,
            lists=before.lists + bool(self.count),
        )


def _write_list(file: LocalFile, rows: Iterable[tuple[str, str]]) -> None:
    file.append([csv_text([_LIST_HEADER]).encode()])
    left = iter(rows)
    while some := list(islice(left, _SENT_AT_ONCE)):
        file.append([csv_text(some).encode()])


def _moved_on(comparison: Comparison, page: Page) -> Comparison:
    if page.following:
        return comparison.changed(page=comparison.page + 1, locator=page.following)
    if comparison.part + 1 < comparison.parts:
        return comparison.changed(part=comparison.part + 1, page=0, locator="")
    return comparison.decided()


def _not_listed(job: IngestJob) -> SyncError:
    if job.failure is None:
        return SyncError(FailureKind.BULK_JOB_ABORTED, f"somebody aborted the query job {job.id}")
    why = job.failure.vendor_message or job.failure.detail
    return SyncError(FailureKind.BULK_JOB_FAILED, f"the query job {job.id} failed: {why}", vendor_message=why)

"""Reads an ingest job's result files; what they say of each row is kept in the bucket before anything is made of it."""

from collections.abc import Iterator, Sequence

from lockstep.domain.bulk_csv import csv_lines
from lockstep.domain.bulk_job import IngestJob
from lockstep.domain.bulk_results import ERROR_COLUMN, ID_COLUMN, ResultFile, SubmittedKeys, key_column
from lockstep.domain.chunks import Chunk
from lockstep.domain.failures import FailureKind, SyncError
from lockstep.domain.job_outcome import JobOutcome
from lockstep.domain.job_rows import ManifestRow, is_submitted, manifest_key_of, manifest_row
from lockstep.domain.load_keys import manifest_key, result_key
from lockstep.domain.mapping import CompiledRoute
from lockstep.ports.bulk import BulkApi, LoadFiles, LocalFile, LocalFiles

_DOWNLOADS = 3


class ReadResults:
    """Files are read once from the org, and from the bucket when a second look is needed."""

    def __init__(self, bulk: BulkApi, load_files: LoadFiles, local_files: LocalFiles) -> None:
        self._bulk = bulk
        self._load_files = load_files
        self._local_files = local_files

    def __call__(self, chunk: Chunk, route: CompiledRoute, job: IngestJob | None) -> JobOutcome:
        """Sort the rows of the chunk's job by what became of them.

        Args:
            chunk: Its attempt is the job's.
            route: Names the External ID field.
            job: None where the org knows the job no more.

        Raises:
            SyncError: AWS_UNAVAILABLE, or what the org answers; FILE_GONE where the list of the job's rows is lost.
        """
        submitted, left_out = self._manifest(chunk)
        outcome = JobOutcome(left_out=left_out)
        keys = SubmittedKeys(map(manifest_key_of, submitted))
        for which in ResultFile if submitted else ():
            results = self._results(chunk, route, job, which)
            found = [(place, said) for key, said in results if (place := keys.take(key)) is not None]
            if which is ResultFile.SUCCESSFUL:
                outcome.successful += [submitted[place] for place, _ in found]
                outcome.record_ids += [said for _, said in found] if chunk.is_backlog else ()
            else:
                self._sort_in(outcome, which, [(manifest_row(submitted[place]), said) for place, said in found], route)
        outcome.missing += [manifest_row(submitted[place]) for place in keys.missing]
        outcome.unknown = keys.unknown
        return outcome

    def _manifest(self, chunk: Chunk) -> tuple[list[str], list[ManifestRow]]:
        with self._local_files.new() as file:
            if not self._load_files.get(manifest_key(chunk), file):
                reason = f"{manifest_key(chunk)} is gone; resume the load, and its rows are sent once more"
                raise SyncError(FailureKind.FILE_GONE, reason)
            lines = list(file.lines())
        return list(filter(is_submitted, lines)), [manifest_row(line) for line in lines if not is_submitted(line)]

    def _results(
        self, chunk: Chunk, route: CompiledRoute, job: IngestJob | None, which: ResultFile
    ) -> Sequence[tuple[str, str]]:
        """Return the key of each row and what is said of it; that is kept before it is used."""
        with self._local_files.new() as file:
            if self._load_files.get(result_key(chunk, which), file):
                return _read(file, route, which)
            if job is None:
                return []
            found: Sequence[tuple[str, str]] = []
            for _ in range(_DOWNLOADS):
                self._bulk.fetch(job.id, which, file)
                found = _read(file, route, which)
                # A download that ended too early may look whole; of what was not processed nobody tells the number.
                if len(found) >= _expected(job, which):
                    break
            file.clear()
            file.append([_kept(found, route, which)])
            self._load_files.put(result_key(chunk, which), file)
            return found

    def _sort_in(
        self, outcome: JobOutcome, which: ResultFile, found: Sequence[tuple[ManifestRow, str]], route: CompiledRoute
    ) -> None:
        if which is ResultFile.UNPROCESSED:
            outcome.unprocessed += [row for row, _ in found]
            return
        for row, error in found:
            failure = _of_child(self._bulk.row_failure(error), route)
            if failure.kind is FailureKind.STALE_VERSION:
                outcome.stale.append(row)
            else:
                outcome.failed.append((row, failure))


_SAID = {ResultFile.SUCCESSFUL: ID_COLUMN, ResultFile.FAILED: ERROR_COLUMN}


def _read(file: LocalFile, route: CompiledRoute, which: ResultFile) -> list[tuple[str, str]]:
    """Return the key of each row, and its record's Id or its error."""
    rows: Iterator[list[str]] = file.csv_rows()
    header = next(rows, None)
    if header is None:
        return []
    key_at = key_column(header, route.external_id_field)
    width = len(header)
    if which in _SAID:
        said_at = key_column(header, _SAID[which])
        return [(row[key_at], row[said_at]) for row in rows if len(row) == width]
    return [(row[key_at], "") for row in rows if len(row) == width]


def _kept(found: Sequence[tuple[str, str]], route: CompiledRoute, which: ResultFile) -> bytes:
    """Return the result file without the columns that nobody reads: they are what was sent, which we have."""
    columns = [route.external_id_field, _SAID[which]] if which in _SAID else [route.external_id_field]
    return "".join(csv_lines([columns, *(row[: len(columns)] for row in found)])).encode()


def _expected(job: IngestJob, which: ResultFile) -> int:
    match which:
        case ResultFile.SUCCESSFUL:
            return job.successful
        case ResultFile.FAILED:
            return job.failed
        case ResultFile.UNPROCESSED:
            return 0


def _of_child(failure: SyncError, route: CompiledRoute) -> SyncError:
    """Doubt what the org says of a child: a parent that is missing has the code of a field that is.

    By REST it is looked into, row by row.
    """
    if failure.kind is not FailureKind.FIELD_UNKNOWN or not route.parents:
        return failure
    return SyncError(
        FailureKind.PARENT_MISSING,
        "the record's parent is not in the org, or a field is not: the next try looks which",
        error_code=failure.error_code,
        vendor_message=failure.vendor_message,
    )

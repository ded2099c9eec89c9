"""What the use cases need of Bulk API 2.0, of files, of job slots and of what was deleted."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import NamedTuple, Protocol

from lockstep.domain.bulk_job import IngestJob
from lockstep.domain.bulk_results import ResultFile
from lockstep.domain.changes import PayloadReference, Version
from lockstep.domain.chunks import Chunk
from lockstep.domain.failures import SyncError
from lockstep.domain.file_rows import Readable


@dataclass(frozen=True, slots=True)
class UpsertJob:
    """The wish for a job that upserts CSV rows (commas, line feeds) by an External ID field."""

    object_name: str
    external_id_field: str


class LocalFile(Protocol):
    """A file on this machine that is gone with its context."""

    @property
    def size(self) -> int:
        """Its length in bytes."""

    @property
    def path(self) -> Path:
        """Where it lies, for adapters."""

    def append(self, parts: Iterable[bytes]) -> None:
        """Write at its end."""

    def clear(self) -> None:
        """Forget what was written."""

    def copy_parts(self, source: "LocalFile", parts: Iterable[tuple[int, int]]) -> None:
        """Write parts (first byte, end byte) of another file at its end."""

    def lines(self) -> Iterator[str]:
        """Give its lines in UTF-8, each with its line feed; read as it is asked for."""

    def csv_rows(self) -> Iterator[list[str]]:
        """Give its rows as CSV with commas, in UTF-8, the header first; read as it is asked for."""


class LocalFiles(Protocol):
    """Makes files on this machine."""

    def new(self) -> AbstractContextManager[LocalFile]:
        """Make an empty one."""


class BulkApi(Protocol):
    """Ingest jobs of the org. Every method is one API call unless it says otherwise."""

    def create(self, wanted: UpsertJob) -> str:
        """Make a job and return its id. Not safe to repeat: a job that nobody knows is aborted by the sweep.

        Raises:
            SyncError: The call failed; OUTCOME_UNKNOWN where there may be a job.
        """

    def upload(self, job_id: str, rows: LocalFile) -> None:
        """Send all rows, header first; a job takes them once.

        Raises:
            SyncError: As `create`; JOB_STATE_CHANGED where the job does not wait for rows.
        """

    def close(self, job_id: str) -> None:
        """Say that all rows are there.

        Raises:
            SyncError: As `upload`.
        """

    def abort(self, job_id: str) -> None:
        """Stop a job that nobody waits for.

        Raises:
            SyncError: As `upload`.
        """

    def look(self, job_id: str) -> IngestJob | None:
        """Return how a job is; None where the org does not know it (any more: seven days).

        Raises:
            SyncError: As `SalesforceGateway.upsert`.
        """

    def open_jobs(self) -> Sequence[IngestJob]:
        """Return the jobs that this user has made and not closed; one call for each 1,000 jobs of the org.

        Raises:
            SyncError: As `SalesforceGateway.upsert`.
        """

    def fetch(self, job_id: str, which: ResultFile, into: LocalFile) -> None:
        """Download results; where the download breaks off it is begun anew, several calls then.

        Raises:
            SyncError: As `SalesforceGateway.upsert`.
        """

    def row_failure(self, text: str) -> SyncError:
        """Name the failure that an `sf__Error` stands for."""


class Page(NamedTuple):
    """What the org says of a page: how many records it has, and where the next one begins, empty after the last."""

    records: int
    following: str


class QueryJobs(Protocol):
    """Lists of the org's records, made by jobs. Every method is one API call unless it says otherwise."""

    def create(self, soql: str) -> str:
        """Ask for a list and return the job's id; one that nobody knows costs nothing but itself.

        Raises:
            SyncError: As `SalesforceGateway.upsert`; FIELD_UNKNOWN where the org does not have what is asked for.
        """

    def look(self, job_id: str) -> IngestJob | None:
        """Return how a job is; None where the org does not know it (any more: seven days).

        Raises:
            SyncError: As `SalesforceGateway.upsert`.
        """

    def fetch(self, job_id: str, locator: str, most: int, into: LocalFile) -> Page:
        """Download a page as CSV, header first; return what the org says of it.

        A page can be read again. Where the download breaks off it is begun anew, several calls then.

        Args:
            job_id: A job that is complete.
            locator: Where the page begins; empty for the first.
            most: How many records at most.
            into: Where the page goes.

        Raises:
            SyncError: As `SalesforceGateway.upsert`; JOB_STATE_CHANGED where the list is gone.
        """


class LoadFiles(Protocol):
    """A load's own files, and the bytes of its chunks."""

    def open(self, chunk: Chunk) -> Readable:
        """Return the chunk's bytes, from its first to its end, as they arrive.

        Reading raises AWS_UNAVAILABLE, too.

        Raises:
            SyncError: AWS_UNAVAILABLE; FILE_GONE where there is no such file any more.
        """

    def put(self, key: str, content: LocalFile) -> PayloadReference:
        """Store a file, in place of what is there.

        Raises:
            SyncError: AWS_UNAVAILABLE.
        """

    def get(self, key: str, into: LocalFile) -> bool:
        """Read a file; False where there is none.

        Raises:
            SyncError: AWS_UNAVAILABLE.
        """


class JobSlots(Protocol):
    """How many jobs of an object may be at work at once."""

    def take(self, object_name: str, holder: str, now: datetime) -> bool:
        """Take a slot, or keep the one that the holder has; False where all are taken.

        Raises:
            SyncError: AWS_UNAVAILABLE.
        """

    def give_back(self, object_name: str, holder: str) -> None:
        """Let another have the slot. Safe to repeat.

        Raises:
            SyncError: AWS_UNAVAILABLE.
        """


class Deletion(NamedTuple):
    """A record that a delete was let through for, in `version`."""

    external_id: str
    version: Version
    deleted_at_ms: int


class Deletions(Protocol):
    """The records that were deleted last, of one source and object, as the version guard knows them."""

    def since(self, source: str, object_name: str, at_ms: int) -> Iterator[Deletion]:
        """Give those that were claimed at `at_ms` or later; pages are read as they are asked for.

        What was claimed in the last moments may be missing.

        Raises:
            SyncError: AWS_UNAVAILABLE.
        """

"""What the use cases need of Bulk API 2.0, and of files on this machine."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from lockstep.domain.bulk_job import IngestJob
from lockstep.domain.bulk_results import ResultFile
from lockstep.domain.failures import SyncError


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

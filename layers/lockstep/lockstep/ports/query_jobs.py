"""What the use cases need of query jobs of Bulk API 2.0."""

from typing import NamedTuple, Protocol

from lockstep.domain.bulk_job import IngestJob
from lockstep.ports.bulk import LocalFile


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

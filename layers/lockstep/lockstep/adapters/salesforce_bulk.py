"""Bulk API 2.0 ingest jobs over HTTP: rows go from a file and results into one, never through memory."""

from collections.abc import Iterator, Sequence

import requests

from lockstep.adapters.bulk_calls import TRANSFER_TIMEOUT, BulkCalls, job_of
from lockstep.adapters.salesforce_failures import of_bulk_row
from lockstep.domain.bulk_job import IngestJob, JobState
from lockstep.domain.bulk_results import ResultFile
from lockstep.domain.connection import AccessToken
from lockstep.domain.failures import SyncError
from lockstep.ports.bulk import LocalFile, UpsertJob
from lockstep.ports.sign_in import SignIn

_PATHS = {
    ResultFile.SUCCESSFUL: "successfulResults",
    ResultFile.FAILED: "failedResults",
    ResultFile.UNPROCESSED: "unprocessedrecords",
}
_INGEST = "jobs/ingest"


class SalesforceBulk:
    """Implements `ports.bulk.BulkApi`.

    Args:
        sign_in: Gives tokens.
        version: API version, e.g. `66.0`.
        session: Its time limits and adapters are used for every call.
    """

    def __init__(self, sign_in: SignIn, version: str, session: requests.Session) -> None:
        self._calls = BulkCalls(sign_in, version, session)
        self._own_id = ""

    def create(self, wanted: UpsertJob) -> str:
        """Ask for an upsert job of CSV rows."""
        asked = {
            "object": wanted.object_name,
            "operation": "upsert",
            "externalIdFieldName": wanted.external_id_field,
            "contentType": "CSV",
            "lineEnding": "LF",
            "columnDelimiter": "COMMA",
        }
        made = self._calls.json("POST", _INGEST, json=asked)
        job = job_of(made)
        self._own_id = job.created_by or self._own_id
        return job.id

    def upload(self, job_id: str, rows: LocalFile) -> None:
        """Send the file as it lies on the disk; with a new token it is sent from its beginning."""

        def put(token: AccessToken) -> None:
            with rows.path.open("rb") as opened:
                headers = {"Content-Type": "text/csv; charset=UTF-8"}
                path = f"{_INGEST}/{job_id}/batches"
                self._calls.send(token, "PUT", path, headers=headers, data=opened, timeout=TRANSFER_TIMEOUT).close()

        self._calls.call(put)

    def close(self, job_id: str) -> None:
        """Set the job's state."""
        self._calls.json("PATCH", f"{_INGEST}/{job_id}", json={"state": JobState.UPLOAD_COMPLETE.value})

    def abort(self, job_id: str) -> None:
        """Set the job's state."""
        self._calls.json("PATCH", f"{_INGEST}/{job_id}", json={"state": JobState.ABORTED.value})

    def look(self, job_id: str) -> IngestJob | None:
        """Ask for one job."""
        try:
            return job_of(self._calls.json("GET", f"{_INGEST}/{job_id}"))
        except SyncError as exc:
            if exc.error_code == "NOT_FOUND":
                return None
            raise

    def open_jobs(self) -> Sequence[IngestJob]:
        """Read the list page by page; it holds everybody's jobs."""
        jobs = [job for job in self._listed() if job.state is JobState.OPEN]
        own = self._own_id or (self._ask_own_id() if jobs else "")
        return [job for job in jobs if _same_id(job.created_by, own)]

    def fetch(self, job_id: str, which: ResultFile, into: LocalFile) -> None:
        """Download block by block; the file must be empty."""
        path = f"{_INGEST}/{job_id}/{_PATHS[which]}"
        self._calls.download(path, into)

    def row_failure(self, text: str) -> SyncError:
        """Read code and message."""
        return of_bulk_row(text)

    def _listed(self) -> Iterator[IngestJob]:
        path = f"{_INGEST}?jobType=V2Ingest"
        while path:
            page = self._calls.json("GET", path)
            records = page.get("records")
            yield from (job_of(each) for each in records if isinstance(each, dict)) if isinstance(records, list) else ()
            following = page.get("nextRecordsUrl")
            path = following if isinstance(following, str) and following != path else ""

    def _ask_own_id(self) -> str:
        """Ask who we are."""
        answer = self._calls.json("GET", "/services/oauth2/userinfo")
        self._own_id = str(answer.get("user_id") or "")
        return self._own_id


def _same_id(first: str, second: str) -> bool:
    """Compare ids of 15 and of 18 characters."""
    return bool(first) and first[:15] == second[:15]

"""Bulk API 2.0 ingest jobs over HTTP: rows go from a file and results into one, never through memory."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from http import HTTPStatus
from typing import Any, TypeVar
from urllib.parse import urljoin

import requests

from lockstep.adapters.salesforce_failures import of_bulk_row, of_call, of_exception, of_job
from lockstep.adapters.salesforce_session import CONNECT_TIMEOUT_S
from lockstep.domain.bulk_job import IngestJob, JobState
from lockstep.domain.bulk_results import ResultFile
from lockstep.domain.connection import AccessToken
from lockstep.domain.failures import FailureKind, SyncError
from lockstep.ports.bulk import LocalFile, UpsertJob
from lockstep.ports.sign_in import SignIn

# Between two bytes, not for all of them: Salesforce stores 100 MB before it answers an upload.
_TRANSFER_TIMEOUT = (CONNECT_TIMEOUT_S, 60.0)
_DOWNLOADS = 3
_BLOCK_BYTES = 256 * 1024
_PATHS = {
    ResultFile.SUCCESSFUL: "successfulResults",
    ResultFile.FAILED: "failedResults",
    ResultFile.UNPROCESSED: "unprocessedrecords",
}
_INGEST = "jobs/ingest"

Answer = TypeVar("Answer")


class SalesforceBulk:
    """Implements `ports.bulk.BulkApi`.

    Args:
        sign_in: Gives tokens.
        version: API version, e.g. `66.0`.
        session: Its time limits and adapters are used for every call.
    """

    def __init__(self, sign_in: SignIn, version: str, session: requests.Session) -> None:
        self._sign_in = sign_in
        self._version = version
        self._session = session
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
        made = self._json("POST", _INGEST, json=asked)
        job = _job(made)
        self._own_id = job.created_by or self._own_id
        return job.id

    def upload(self, job_id: str, rows: LocalFile) -> None:
        """Send the file as it lies on the disk; with a new token it is sent from its beginning."""

        def put(token: AccessToken) -> None:
            with rows.path.open("rb") as opened:
                headers = {"Content-Type": "text/csv; charset=UTF-8"}
                path = f"{_INGEST}/{job_id}/batches"
                self._send(token, "PUT", path, headers=headers, data=opened, timeout=_TRANSFER_TIMEOUT).close()

        self._call(put)

    def close(self, job_id: str) -> None:
        """Set the job's state."""
        self._json("PATCH", f"{_INGEST}/{job_id}", json={"state": JobState.UPLOAD_COMPLETE.value})

    def abort(self, job_id: str) -> None:
        """Set the job's state."""
        self._json("PATCH", f"{_INGEST}/{job_id}", json={"state": JobState.ABORTED.value})

    def look(self, job_id: str) -> IngestJob | None:
        """Ask for one job."""
        try:
            return _job(self._json("GET", f"{_INGEST}/{job_id}"))
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
        for remaining in reversed(range(_DOWNLOADS)):
            try:
                self._call(lambda token: self._download(token, path, into))
            except SyncError as exc:
                if not remaining or exc.kind is not FailureKind.OUTCOME_UNKNOWN:
                    raise
                into.clear()
            else:
                return

    def row_failure(self, text: str) -> SyncError:
        """Read code and message."""
        return of_bulk_row(text)

    def _download(self, token: AccessToken, path: str, into: LocalFile) -> None:
        into.clear()  # what came before the org refused the token
        with self._send(token, "GET", path, stream=True, timeout=_TRANSFER_TIMEOUT) as response:
            into.append(response.iter_content(_BLOCK_BYTES))

    def _listed(self) -> Iterator[IngestJob]:
        path = f"{_INGEST}?jobType=V2Ingest"
        while path:
            page = self._json("GET", path)
            records = page.get("records")
            yield from (_job(each) for each in records if isinstance(each, dict)) if isinstance(records, list) else ()
            following = page.get("nextRecordsUrl")
            path = following if isinstance(following, str) and following != path else ""

    def _ask_own_id(self) -> str:
        """Ask who we are."""
        answer = self._json("GET", "/services/oauth2/userinfo")
        self._own_id = str(answer.get("user_id") or "")
        return self._own_id

    def _json(self, method: str, path: str, **more: Any) -> Mapping[str, Any]:
        def ask(token: AccessToken) -> Mapping[str, Any]:
            with self._send(token, method, path, **more) as response:
                body = _parsed(response)
            return body if isinstance(body, dict) else {}

        return self._call(ask)

    def _send(self, token: AccessToken, method: str, path: str, **more: Any) -> requests.Response:
        base = f"{token.instance_url}/services/data/v{self._version}/"
        headers = {"Authorization": f"Bearer {token.value}", "Accept": "*/*", **more.pop("headers", {})}
        response = self._session.request(method, urljoin(base, path), headers=headers, **more)
        if response.status_code >= HTTPStatus.MULTIPLE_CHOICES:
            with response:
                raise _of_answer(response, path)
        return response

    def _call(self, call: Callable[[AccessToken], Answer]) -> Answer:
        """Call with the current token; once more with a new one where the org refuses it."""
        try:
            return self._call_once(call)
        except SyncError as exc:
            if exc.kind is not FailureKind.SESSION_EXPIRED:
                raise
            return self._call_once(call)

    def _call_once(self, call: Callable[[AccessToken], Answer]) -> Answer:
        token = self._sign_in.token()
        try:
            return call(token)
        except requests.RequestException as exc:
            raise of_exception(exc) from exc
        except SyncError as exc:
            if exc.kind is FailureKind.SESSION_EXPIRED:
                self._sign_in.discard(token)
            raise


def _of_answer(response: requests.Response, path: str) -> SyncError:
    failure = of_call(response.status_code, _parsed(response))
    if failure.error_code != "NOT_FOUND" or not path.startswith(f"{_INGEST}/"):
        return failure
    gone = "the org does not know the ingest job (any more)"
    return SyncError(FailureKind.JOB_STATE_CHANGED, gone, error_code=failure.error_code)


def _parsed(response: requests.Response) -> object:
    """Read the body; Salesforce Edge answers in HTML or not at all."""
    try:
        return response.json()
    except ValueError:
        return None


def _job(body: Mapping[str, Any]) -> IngestJob:
    try:
        state = JobState(str(body.get("state")))
        job_id = str(body["id"])
    except (KeyError, ValueError) as exc:
        raise SyncError(FailureKind.UNEXPECTED, "the org describes an ingest job in a way unknown to Lockstep") from exc
    message = body.get("errorMessage")
    return IngestJob(
        id=job_id,
        state=state,
        object_name=str(body.get("object", "")),
        external_id_field=str(body.get("externalIdFieldName", "")),
        created_by=str(body.get("createdById", "")),
        created_at=_time(body.get("createdDate")),
        processed=_count(body.get("numberRecordsProcessed")),
        failed=_count(body.get("numberRecordsFailed")),
        failure=of_job(str(message or "")) if state is JobState.FAILED else None,
    )


def _time(text: object) -> datetime | None:
    try:
        return datetime.fromisoformat(str(text))
    except ValueError:
        return None


def _count(value: object) -> int:
    return value if isinstance(value, int) and value > 0 else 0


def _same_id(first: str, second: str) -> bool:
    """Compare ids of 15 and of 18 characters."""
    return bool(first) and first[:15] == second[:15]

"""Calls of Bulk API 2.0 over HTTP: signed in, with time limits, failures classified."""

from collections.abc import Callable, Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Any, TypeVar
from urllib.parse import urljoin

import requests

from lockstep.adapters.salesforce_failures import of_call, of_job
from lockstep.adapters.salesforce_session import CONNECT_TIMEOUT_S
from lockstep.adapters.token_calls import call_with_token
from lockstep.domain.bulk_job import IngestJob, JobState
from lockstep.domain.connection import AccessToken
from lockstep.domain.failures import FailureKind, SyncError
from lockstep.ports.bulk import LocalFile
from lockstep.ports.sign_in import SignIn

# Between two bytes, not for all of them: Salesforce stores 100 MB before it answers an upload.
TRANSFER_TIMEOUT = (CONNECT_TIMEOUT_S, 60.0)
_DOWNLOADS = 3
_BLOCK_BYTES = 256 * 1024
_OF_A_JOB = ("jobs/ingest/", "jobs/query/")

Answer = TypeVar("Answer")


class BulkCalls:
    """What ingest jobs and query jobs share.

    Args:
        sign_in: Gives tokens.
        version: API version, e.g. `66.0`.
        session: Its time limits and adapters are used for every call.
    """

    def __init__(self, sign_in: SignIn, version: str, session: requests.Session) -> None:
        self._sign_in = sign_in
        self._version = version
        self._session = session

    def download(self, path: str, into: LocalFile) -> Mapping[str, str]:
        """Write an answer into a file, begun anew where it breaks off; return its headers.

        Raises:
            SyncError: As `ports.bulk.BulkApi.fetch`.
        """
        for remaining in reversed(range(_DOWNLOADS)):
            try:
                return self.call(lambda token: self._download(token, path, into))
            except SyncError as exc:
                if not remaining or exc.kind is not FailureKind.OUTCOME_UNKNOWN:
                    raise
                into.clear()
        raise AssertionError("the last try has returned or raised")

    def _download(self, token: AccessToken, path: str, into: LocalFile) -> Mapping[str, str]:
        into.clear()  # what came before the org refused the token
        with self.send(token, "GET", path, stream=True, timeout=TRANSFER_TIMEOUT) as response:
            into.append(response.iter_content(_BLOCK_BYTES))
            return response.headers

    def json(self, method: str, path: str, **more: Any) -> Mapping[str, Any]:
        """Return the object that a call answers; an empty one where it answers none.

        Raises:
            SyncError: As `ports.bulk.BulkApi`.
        """

        def ask(token: AccessToken) -> Mapping[str, Any]:
            with self.send(token, method, path, **more) as response:
                body = _parsed(response)
            return body if isinstance(body, dict) else {}

        return self.call(ask)

    def send(self, token: AccessToken, method: str, path: str, **more: Any) -> requests.Response:
        """Send one request with a token.

        Raises:
            SyncError: The org refuses it.
            RequestException: It cannot be reached.
        """
        base = f"{token.instance_url}/services/data/v{self._version}/"
        headers = {"Authorization": f"Bearer {token.value}", "Accept": "*/*", **more.pop("headers", {})}
        response = self._session.request(method, urljoin(base, path), headers=headers, **more)
        if response.status_code >= HTTPStatus.MULTIPLE_CHOICES:
            with response:
                raise _of_answer(response, path)
        return response

    def call(self, call: Callable[[AccessToken], Answer]) -> Answer:
        """Call with the current token; once more with a new one where the org refuses it."""
        return call_with_token(self._sign_in, call)


def job_of(body: Mapping[str, Any]) -> IngestJob:
    """Read what the org says of a job.

    Raises:
        SyncError: UNEXPECTED where it says it in another way than ever.
    """
    try:
        state = JobState(str(body.get("state")))
        job_id = str(body["id"])
    except (KeyError, ValueError) as exc:
        raise SyncError(FailureKind.UNEXPECTED, "the org describes a job in a way unknown to Lockstep") from exc
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


def _of_answer(response: requests.Response, path: str) -> SyncError:
    failure = of_call(response.status_code, _parsed(response))
    if failure.error_code != "NOT_FOUND" or not path.startswith(_OF_A_JOB):
        return failure
    gone = "the org does not know the job (any more)"
    return SyncError(FailureKind.JOB_STATE_CHANGED, gone, error_code=failure.error_code)


def _parsed(response: requests.Response) -> object:
    """Read the body; Salesforce Edge answers in HTML or not at all."""
    try:
        return response.json()
    except ValueError:
        return None

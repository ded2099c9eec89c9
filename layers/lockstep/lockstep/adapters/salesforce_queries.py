"""Bulk API 2.0 query jobs over HTTP: pages go into files, never through memory."""

from urllib.parse import urlencode

import requests

from lockstep.adapters.bulk_calls import BulkCalls, job_of
from lockstep.domain.bulk_job import IngestJob
from lockstep.domain.failures import FailureKind, SyncError
from lockstep.ports.bulk import LocalFile, Page
from lockstep.ports.sign_in import SignIn

_QUERY = "jobs/query"
_LOCATOR = "Sforce-Locator"
_RECORDS = "Sforce-NumberOfRecords"
_LAST = "null"
_GONE = frozenset({"INVALID_QUERY_LOCATOR", "INVALIDQUERYLOCATOR"})


class SalesforceQueries:
    """Implements `ports.bulk.QueryJobs`; the arguments are those of `SalesforceBulk`."""

    def __init__(self, sign_in: SignIn, version: str, session: requests.Session) -> None:
        self._calls = BulkCalls(sign_in, version, session)

    def create(self, soql: str) -> str:
        """Ask for a job whose result has commas and line feeds."""
        layout = {"contentType": "CSV", "columnDelimiter": "COMMA", "lineEnding": "LF"}
        return job_of(self._calls.json("POST", _QUERY, json={"operation": "query", "query": soql, **layout})).id

    def look(self, job_id: str) -> IngestJob | None:
        """Ask for one job."""
        try:
            return job_of(self._calls.json("GET", f"{_QUERY}/{job_id}"))
        except SyncError as exc:
            if exc.error_code == "NOT_FOUND":
                return None
            raise

    def fetch(self, job_id: str, locator: str, most: int, into: LocalFile) -> Page:
        """Download block by block; a page without a locator is no page: its end is not known."""
        asked = {"maxRecords": str(most), **({"locator": locator} if locator else {})}
        try:
            headers = self._calls.download(f"{_QUERY}/{job_id}/results?{urlencode(asked)}", into)
        except SyncError as exc:
            if exc.error_code in _GONE:
                gone = "the org does not know the page of the list (any more)"
                raise SyncError(FailureKind.JOB_STATE_CHANGED, gone, error_code=exc.error_code) from exc
            raise
        following, records = headers.get(_LOCATOR), headers.get(_RECORDS, "")
        if following is None or following == locator or not records.isdigit():
            raise SyncError(FailureKind.UNEXPECTED, "a page of the list says neither its length nor where the next is")
        return Page(int(records), "" if following == _LAST else following)

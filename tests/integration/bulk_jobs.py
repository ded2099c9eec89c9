"""What the tests of bulk jobs share: a client that drives one job, and reading of its files."""

import csv
import io
from typing import Any

import requests

from tests.integration.org_doors import Api

CSV = {"Content-Type": "text/csv; charset=UTF-8"}


class BulkApi:
    """Drives ingest jobs over an `Api`."""

    def __init__(self, api: Api) -> None:
        self.api = api

    def create(self, operation: str = "upsert", /, **facts: Any) -> requests.Response:
        """Ask for a job; an upsert of Accounts by ERP_Id__c where nothing else is said."""
        key = {"externalIdFieldName": "ERP_Id__c"} if operation == "upsert" else {}
        return self.api.call("POST", "jobs/ingest", {"object": "Account", "operation": operation, **key, **facts})

    def open(self, operation: str = "upsert", **facts: Any) -> str:
        """Return the id of a new job."""
        response = self.create(operation, **facts)
        assert response.status_code == 200, response.text
        return response.json()["id"]

    def upload(self, job: str, text: str | bytes) -> requests.Response:
        """Send the rows."""
        content = text.encode() if isinstance(text, str) else text
        return self.api.call("PUT", f"jobs/ingest/{job}/batches", content, headers=CSV)

    def set_state(self, job: str, state: str) -> requests.Response:
        """Close or abort the job."""
        return self.api.call("PATCH", f"jobs/ingest/{job}", {"state": state})

    def closed(self, text: str | bytes, operation: str = "upsert", **facts: Any) -> str:
        """Return the id of a job that has its rows and may begin."""
        job = self.open(operation, **facts)
        assert self.upload(job, text).status_code == 201
        assert self.set_state(job, "UploadComplete").status_code == 200
        return job

    def look(self, job: str) -> dict[str, Any]:
        """Return the job as it stands."""
        response = self.api.call("GET", f"jobs/ingest/{job}")
        assert response.status_code == 200, response.text
        return response.json()

    def done(self, text: str | bytes, operation: str = "upsert", **facts: Any) -> str:
        """Return the id of a job that was worked off."""
        job = self.closed(text, operation, **facts)
        shown = self.look(job)
        assert shown["state"] == "JobComplete", shown
        return job

    def failed(self, text: str | bytes, operation: str = "upsert", **facts: Any) -> str:
        """Return the errorMessage of a job that cannot be worked off."""
        shown = self.look(self.closed(text, operation, **facts))
        assert shown["state"] == "Failed", shown
        return shown["errorMessage"]

    def file(self, job: str, name: str) -> str:
        """Return a result file as it was sent."""
        response = self.api.call("GET", f"jobs/ingest/{job}/{name}")
        assert response.status_code == 200, response.text
        return response.content.decode()

    def rows(self, job: str, name: str, delimiter: str = ",") -> list[dict[str, str]]:
        """Return a result file's rows."""
        return list(csv.DictReader(io.StringIO(self.file(job, name), newline=""), delimiter=delimiter))

    def errors(self, job: str) -> list[str]:
        """Return `sf__Error` of each refused row."""
        return [row["sf__Error"] for row in self.rows(job, "failedResults")]


def accounts(count: int, *, first: int = 0) -> str:
    """Return an upload of good rows."""
    return "ERP_Id__c,Name\n" + "".join(f"{n},Account {n}\n" for n in range(first, first + count))

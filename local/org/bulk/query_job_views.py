"""Query jobs over REST: create, look, list, read results page by page, abort, delete."""

import base64
import binascii
from http import HTTPStatus
from typing import Any

from local.org.bulk.ingest_views import read_spec
from local.org.bulk.lists import listed
from local.org.bulk.query_job import QueryJob
from local.org.bulk.register import wrong_state
from local.org.bulk.spec import QuerySpec
from local.org.bulk.words import JobState
from local.org.errors import OrgError, malformed
from local.org.json_body import read_object
from local.org.messages import Answer
from local.org.routing import Context

_ROWS_PER_PAGE = 50_000
_FIRST_VERSION_WITH_PK_CHUNKING = 58.0
Body = dict[str, Any]


def create_job(context: Context) -> Answer:
    """Answer POST jobs/query."""
    spec = read_spec(QuerySpec, read_object(context.request))
    bulk = context.org.bulk
    job = bulk.queries.create(spec, float(context.version), bulk.settings)
    return Answer(value={**_short_body(job), **_format(job)})


def read_job(context: Context) -> Answer:
    """Answer GET jobs/query/{job}."""
    context.org.look_at_bulk()
    return Answer(value=_full_body(_job(context)))


def list_jobs(context: Context) -> Answer:
    """Answer GET jobs/query."""
    context.org.look_at_bulk()
    return listed(context, [_listed_body(job) for job in context.org.bulk.queries.all()])


def change_state(context: Context) -> Answer:
    """Answer PATCH jobs/query/{job}."""
    state, job = read_object(context.request).get("state"), _job(context)
    if state != JobState.ABORTED:
        raise wrong_state(f"A client cannot set the state {state} of a query job; it can set Aborted")
    context.org.bulk.queries.abort(job)
    return Answer(value=_short_body(job))


def delete_job(context: Context) -> Answer:
    """Answer DELETE jobs/query/{job}."""
    context.org.bulk.queries.delete(_job(context))
    return Answer(status=HTTPStatus.NO_CONTENT)


def results(context: Context) -> Answer:
    """Answer GET jobs/query/{job}/results?locator=&maxRecords=; the last page's locator is the word null."""
    context.org.look_at_bulk()
    job = _job(context)
    if job.state is not JobState.JOB_COMPLETE:
        raise wrong_state(f"Results of a job in state {job.state} not allowed")
    if job.version != float(context.version):
        message = f"The job was created with API version {job.version}; read its results with the same"
        raise OrgError(HTTPStatus.CONFLICT, "API_ERROR", message)
    total = len(job.result.ends)
    start, count = _start(context, total), _most_rows(context)
    end = min(start + count, total)
    headers = [
        ("Content-Type", "text/csv; charset=UTF-8"),
        ("Sforce-Locator", _locator(end) if end < total else "null"),
        ("Sforce-NumberOfRecords", str(end - start)),
    ]
    return Answer(parts=job.result.page(start, count), headers=headers, rows=end - start)


def _start(context: Context, total: int) -> int:
    """Return where the page begins; a locator is a place, so it can be read again."""
    locator = context.request.query.get("locator", "")
    if not locator:
        return 0
    try:
        place = base64.b64decode(locator + "=" * (-len(locator) % 4), validate=True)
    except (binascii.Error, ValueError):
        place = b""
    if not place.isdigit() or not int(place[:12]) < total:
        raise malformed("INVALID_QUERY_LOCATOR", "invalid query locator")
    return int(place[:12])


def _locator(place: int) -> str:
    return base64.b64encode(str(place).encode()).decode().rstrip("=")


def _most_rows(context: Context) -> int:
    text = context.request.query.get("maxRecords", "")
    if not text:
        return _ROWS_PER_PAGE
    if not (text.isascii() and text.isdigit()) or not int(text[:9]):
        raise malformed("CLIENTINPUTERROR", "maxRecords must be a whole number above 0")
    return int(text[:9])


def _job(context: Context) -> QueryJob:
    return context.org.bulk.queries.find(context.names["job"])


def _short_body(job: QueryJob) -> Body:
    return {
        "id": job.id,
        "operation": job.spec.operation,
        "object": job.object_name,
        "createdById": job.user_id,
        "createdDate": job.created_date,
        "systemModstamp": job.modified_date,
        "state": job.state,
        "concurrencyMode": "Parallel",
        "contentType": job.spec.content_type,
        "apiVersion": job.version,
    }


def _format(job: QueryJob) -> Body:
    return {"lineEnding": job.spec.line_ending, "columnDelimiter": job.spec.column_delimiter}


def _listed_body(job: QueryJob) -> Body:
    return {**_short_body(job), "jobType": "V2Query", **_format(job)}


def _full_body(job: QueryJob) -> Body:
    body = {**_listed_body(job), "numberRecordsProcessed": job.processed, "retries": 0}
    body["totalProcessingTime"] = job.processed // 10
    if job.version >= _FIRST_VERSION_WITH_PK_CHUNKING:
        body["isPkChunkingSupported"] = True
    return {**body, "errorMessage": job.error_message} if job.state is JobState.FAILED else body

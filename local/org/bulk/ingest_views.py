"""Ingest jobs over REST: create, upload, close or abort, look, list, delete, and the three result files."""

from dataclasses import replace
from http import HTTPStatus
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from local.org.bulk import job_bodies
from local.org.bulk.job import IngestJob
from local.org.bulk.lists import listed
from local.org.bulk.multipart import JobWithRows, is_multipart, read_parts
from local.org.bulk.register import wrong_state
from local.org.bulk.results import header_line
from local.org.bulk.spec import IngestSpec
from local.org.bulk.uploads import read_upload
from local.org.bulk.words import JobState
from local.org.errors import malformed
from local.org.json_body import read_object
from local.org.messages import Answer, Request
from local.org.routing import Context

_SpecT = TypeVar("_SpecT", bound=BaseModel)


def create_job(context: Context) -> Answer:
    """Answer POST jobs/ingest; a multipart request brings the rows too."""
    if is_multipart(context.request):
        return _create_with_rows(context, read_parts(context.request))
    return Answer(value=job_bodies.created_body(_create(context, context.request)))


def _create(context: Context, request: Request) -> IngestJob:
    spec = read_spec(IngestSpec, read_object(request))
    return context.org.bulk.ingest.create(spec, float(context.version))


def _create_with_rows(context: Context, parts: JobWithRows) -> Answer:
    jobs, job = context.org.bulk.ingest, _create(context, replace(context.request, body=parts.job, headers={}))
    jobs.upload(job, parts.content)
    jobs.close(job)
    return Answer(value=job_bodies.created_body(job))


def upload(context: Context) -> Answer:
    """Answer PUT jobs/ingest/{job}/batches."""
    jobs, job = context.org.bulk.ingest, _job(context)
    jobs.check_takes_upload(job)
    jobs.upload(job, read_upload(context.request))
    return Answer(status=HTTPStatus.CREATED)


def change_state(context: Context) -> Answer:
    """Answer PATCH jobs/ingest/{job}."""
    body, job = read_object(context.request), _job(context)
    state = body.get("state")
    if state == JobState.UPLOAD_COMPLETE:
        context.org.bulk.ingest.close(job)
    elif state == JobState.ABORTED:
        context.org.bulk.abort(job)
    else:
        raise wrong_state(f"A client cannot set the state {state}; it can set UploadComplete and Aborted")
    return Answer(value=job_bodies.short_body(job))


def read_job(context: Context) -> Answer:
    """Answer GET jobs/ingest/{job}."""
    context.org.look_at_bulk()
    return Answer(value=job_bodies.full_body(_job(context)))


def list_jobs(context: Context) -> Answer:
    """Answer GET jobs/ingest."""
    context.org.look_at_bulk()
    return listed(context, [job_bodies.listed_body(job) for job in context.org.bulk.ingest.all()])


def delete_job(context: Context) -> Answer:
    """Answer DELETE jobs/ingest/{job}."""
    context.org.bulk.ingest.delete(_job(context))
    return Answer(status=HTTPStatus.NO_CONTENT)


def successful_results(context: Context) -> Answer:
    """Answer GET jobs/ingest/{job}/successfulResults."""
    job = _ended_job(context)
    return _csv(job.successful.parts() if job.successful else [header_line(job.spec, "sf__Created", job.unprocessed)])


def failed_results(context: Context) -> Answer:
    """Answer GET jobs/ingest/{job}/failedResults."""
    job = _ended_job(context)
    return _csv(job.failed.parts() if job.failed else [header_line(job.spec, "sf__Error", job.unprocessed)])


def unprocessed_records(context: Context) -> Answer:
    """Answer GET jobs/ingest/{job}/unprocessedrecords."""
    return _csv(_ended_job(context).unprocessed)


def read_spec(kind: type[_SpecT], body: object) -> _SpecT:
    """Return what the body of a create says.

    Raises:
        OrgError: A word is missing, unknown or not one of those allowed.
    """
    try:
        return kind.model_validate(body)
    except ValidationError as error:
        reason = error.errors(include_url=False, include_context=False, include_input=False)[0]
        where = ".".join(str(part) for part in reason["loc"])
        raise malformed("INVALIDJOB", f"The job's {where} cannot be read: {reason['msg']}") from error


def _job(context: Context) -> IngestJob:
    return context.org.bulk.ingest.find(context.names["job"])


def _ended_job(context: Context) -> IngestJob:
    context.org.look_at_bulk()
    job = _job(context)
    if not job.has_ended:
        raise wrong_state(f"Results of a job in state {job.state} not allowed: it has not ended")
    return job


def _csv(parts: list[bytes]) -> Answer:
    return Answer(parts=parts, headers=[("Content-Type", "text/csv; charset=UTF-8")])

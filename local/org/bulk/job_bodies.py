"""How a job is shown over its life: which keys, in which order (recorded from Bulk API 2.0 at v49 and v52)."""

from typing import Any

from local.org.bulk.job import IngestJob
from local.org.bulk.words import JobState

_JOB_TYPE = "V2Ingest"
Body = dict[str, Any]


def created_body(job: IngestJob) -> Body:
    """Return the answer to a create."""
    return {**short_body(job), **_content_url(job), **_format(job)}


def short_body(job: IngestJob) -> Body:
    """Return the answer to a close or an abort."""
    body: Body = {
        "id": job.id,
        "operation": job.spec.operation,
        "object": job.object_name,
        "createdById": job.user_id,
        "createdDate": job.created_date,
        "systemModstamp": job.modified_date,
        "state": job.state,
    }
    if job.spec.external_id_field is not None:
        body["externalIdFieldName"] = job.spec.external_id_field
    if job.spec.assignment_rule_id is not None:
        body["assignmentRuleId"] = job.spec.assignment_rule_id
    return {**body, "concurrencyMode": "Parallel", "contentType": job.spec.content_type, "apiVersion": job.version}


def listed_body(job: IngestJob) -> Body:
    """Return the job as it stands in a list of jobs."""
    return {**short_body(job), "jobType": _JOB_TYPE, **_content_url(job), **_format(job)}


def full_body(job: IngestJob) -> Body:
    """Return the answer to a look at the job."""
    return {**listed_body(job), **_counts(job), **_times(job), **_error(job)}


def _content_url(job: IngestJob) -> Body:
    """It has no slash at its start, and is there only while the job waits for its rows."""
    if job.state is not JobState.OPEN:
        return {}
    return {"contentUrl": f"services/data/v{job.version}/jobs/ingest/{job.id}/batches"}


def _format(job: IngestJob) -> Body:
    return {"lineEnding": job.spec.line_ending, "columnDelimiter": job.spec.column_delimiter}


def _counts(job: IngestJob) -> Body:
    if not job.is_uploaded and job.state is JobState.OPEN:
        return {}
    return {"numberRecordsProcessed": job.processed, "numberRecordsFailed": job.refused}


def _times(job: IngestJob) -> Body:
    """The times grow with the rows, as those of an org do; they are no measure of this one."""
    active_ms = job.processed // 10
    return {
        "retries": 0,
        "totalProcessingTime": active_ms * 2,
        "apiActiveProcessingTime": active_ms,
        "apexProcessingTime": 0,
    }


def _error(job: IngestJob) -> Body:
    return {"errorMessage": job.error_message} if job.state is JobState.FAILED else {}

"""What a test may see of bulk jobs through the control prefix."""

from typing import Any

from local.org.bulk.job import IngestJob
from local.org.bulk.query_job import QueryJob
from local.org.org import Org


def bulk_state(org: Org) -> dict[str, Any]:
    """Return the settings, and where each job stands, ingest jobs first."""
    with org.lock:
        org.look_at_bulk()
        ingest = [_ingest_job(job) for job in org.bulk.ingest.all()]
        queries = [_job(job) for job in org.bulk.queries.all()]
        return {"settings": org.bulk.settings.model_dump(mode="json"), "jobs": [*ingest, *queries]}


def _ingest_job(job: IngestJob) -> dict[str, Any]:
    return {**_job(job), "failed": job.refused, "batches": job.batches}


def _job(job: IngestJob | QueryJob) -> dict[str, Any]:
    return {
        "id": job.id,
        "object": job.object_name,
        "operation": job.spec.operation,
        "state": job.state,
        "processed": job.processed,
        "error_message": job.error_message,
    }

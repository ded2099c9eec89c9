"""What a test may do to bulk jobs through the control prefix."""

from typing import Any

from local.org.bulk.job import IngestJob
from local.org.org import Org


def bulk_state(org: Org) -> dict[str, Any]:
    """Return the settings, and where each job stands."""
    with org.lock:
        org.look_at_bulk()
        return {
            "settings": org.bulk.settings.model_dump(mode="json"),
            "jobs": [_shown(job) for job in org.bulk.ingest.all()],
        }


def _shown(job: IngestJob) -> dict[str, Any]:
    return {
        "id": job.id,
        "object": job.object_name,
        "operation": job.spec.operation,
        "state": job.state,
        "processed": job.processed,
        "failed": job.refused,
        "batches": job.batches,
        "error_message": job.error_message,
    }

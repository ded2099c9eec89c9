"""The org's limits, and how many records it holds."""

from typing import Any

from local.org.messages import Answer
from local.org.routing import Context

# A developer org's allocations (REST API guide, "Limits"); what is here is not counted.
_FIXED = {
    "ConcurrentAsyncGetReportInstances": 200,
    "ConcurrentSyncReportRuns": 20,
    "DailyAsyncApexExecutions": 250_000,
    "DailyBulkV2QueryFileStorageMB": 976_562,
    "DailyDeliveredPlatformEvents": 10_000,
    "DailyDurableStreamingApiEvents": 10_000,
    "DailyStreamingApiEvents": 10_000,
    "DataStorageMB": 5,
    "FileStorageMB": 20,
    "HourlyPublishedPlatformEvents": 50_000,
    "HourlyPublishedStandardVolumePlatformEvents": 1_000,
    "MassEmail": 10,
    "SingleEmail": 15,
    "StreamingApiConcurrentClients": 20,
}


def limits(context: Context) -> Answer:
    """Answer GET limits."""
    usage = context.org.usage
    daily = _left(usage.maximum, usage.used)
    if usage.app_maximum is not None:
        daily[usage.app_name] = _left(usage.app_maximum, usage.used_by_app)  # a map in a map, as older orgs answer
    fixed = {name: {"Max": maximum, "Remaining": maximum} for name, maximum in _FIXED.items()}
    return Answer(value=dict(sorted({**fixed, **_of_bulk(context), "DailyApiRequests": daily}.items())))


def _of_bulk(context: Context) -> dict[str, Any]:
    bulk = context.org.bulk
    return {
        "DailyBulkApiBatches": _left(bulk.settings.daily_batches, bulk.ingest.batches.total),
        "DailyBulkV2QueryJobs": _left(bulk.settings.daily_query_jobs, bulk.queries.created.total),
    }


def _left(maximum: int, used: int) -> dict[str, Any]:
    return {"Max": maximum, "Remaining": max(maximum - used, 0)}


def record_counts(context: Context) -> Answer:
    """Answer GET limits/recordCount; objects that never had a record are left out, emptied ones are told with 0."""
    asked = [name for name in context.request.query.get("sObjects", "").split(",") if name]
    tables = [context.org.store.table(name) for name in asked] if asked else context.org.store.visible_tables()
    counted = [{"count": table.live, "name": table.schema.name} for table in tables if table is not None and table.rows]
    return Answer(value={"sObjects": counted})

"""Looks at ingest jobs and books their results; every few minutes it looks for what was lost on the way."""

from functools import cache
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from lockstep.domain.budget import Lane
from lockstep.runtime.bulk_batch import process_chunks, sweep
from lockstep.runtime.connection_metrics import count_api_calls
from lockstep.runtime.job_parts import build_poll_job
from lockstep.runtime.observability import logger, metrics
from lockstep.runtime.settings import BulkPollSettings
from lockstep.runtime.sqs_batch import PartialBatchResponse

if TYPE_CHECKING:
    from lockstep.runtime.job_parts import PollParts


@cache
def poll_job() -> "PollParts":
    """Build the use cases once per execution environment."""
    return build_poll_job(BulkPollSettings.from_env())


@logger.inject_lambda_context
@metrics.log_metrics(capture_cold_start_metric=True)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> PartialBatchResponse:
    """Return the messages that the queue must deliver again; an event without messages is the schedule's."""
    parts = poll_job()
    answer = process_chunks(event, context, parts.use_case) if event.get("Records") else sweep(context, parts.sweep)
    count_api_calls(Lane.FILES, parts.meter.drain())
    return answer

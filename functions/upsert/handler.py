"""Writes changes from the inbound queue to Salesforce."""

from functools import cache
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from lockstep.domain.budget import Lane
from lockstep.runtime.bootstrap import UpsertParts, build_upsert_changes
from lockstep.runtime.connection_metrics import count_api_calls
from lockstep.runtime.observability import logger, metrics
from lockstep.runtime.settings import UpsertSettings
from lockstep.runtime.sqs_batch import PartialBatchResponse, process_changes


@cache
def upsert_changes() -> UpsertParts:
    """Build the use case once per execution environment."""
    return build_upsert_changes(UpsertSettings.from_env())


@logger.inject_lambda_context
@metrics.log_metrics(capture_cold_start_metric=True)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> PartialBatchResponse:
    """Return the messages that the queue must deliver again."""
    parts = upsert_changes()
    answer = process_changes(event, context, parts.use_case, parts.dead_letters)
    count_api_calls(Lane.WEBHOOKS, parts.meter.drain())
    return answer

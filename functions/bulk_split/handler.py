"""Cuts dropped files into chunks."""

from functools import cache
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from lockstep.runtime.bulk_parts import SplitParts, build_take_drops
from lockstep.runtime.drop_batch import take_drop_batch
from lockstep.runtime.observability import logger, metrics
from lockstep.runtime.settings import BulkSplitSettings
from lockstep.runtime.sqs_batch import PartialBatchResponse


@cache
def take_drops() -> SplitParts:
    """Build the use case once per execution environment."""
    return build_take_drops(BulkSplitSettings.from_env())


@logger.inject_lambda_context
@metrics.log_metrics
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> PartialBatchResponse:
    """Return the messages that the queue must deliver again."""
    return take_drop_batch(event, context, take_drops())

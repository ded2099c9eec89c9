"""Lets loads wait for a person whose messages the bulk lane's queues gave up."""

from functools import cache
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from lockstep.runtime.bulk_parts import build_take_bulk_dead_letters
from lockstep.runtime.drop_batch import take_dead_batch
from lockstep.runtime.observability import logger, metrics
from lockstep.runtime.settings import BulkDeadLetterSettings
from lockstep.runtime.sqs_batch import PartialBatchResponse

if TYPE_CHECKING:
    from lockstep.services.take_bulk_dead_letters import TakeBulkDeadLetters


@cache
def take_bulk_dead_letters() -> "TakeBulkDeadLetters":
    """Build the use case once per execution environment."""
    return build_take_bulk_dead_letters(BulkDeadLetterSettings.from_env())


@logger.inject_lambda_context
@metrics.log_metrics
def lambda_handler(event: dict[str, Any], _context: LambdaContext) -> PartialBatchResponse:
    """Return the messages that the queue must deliver again."""
    return take_dead_batch(event, take_bulk_dead_letters())

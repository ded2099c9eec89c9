"""Takes what the inbound queue gave up into the error log."""

from functools import cache
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from lockstep.runtime.bootstrap import build_take_dead_letters
from lockstep.runtime.dead_letter_batch import take_batch
from lockstep.runtime.observability import logger, metrics
from lockstep.runtime.settings import DeadLetterSettings
from lockstep.runtime.sqs_batch import PartialBatchResponse

if TYPE_CHECKING:
    from lockstep.services.take_dead_letters import TakeDeadLetters


@cache
def take_dead_letters() -> "TakeDeadLetters":
    """Build the use case once per execution environment."""
    return build_take_dead_letters(DeadLetterSettings.from_env())


@logger.inject_lambda_context
@metrics.log_metrics
def lambda_handler(event: dict[str, Any], _context: LambdaContext) -> PartialBatchResponse:
    """Return the messages that the queue must deliver again."""
    return take_batch(event, take_dead_letters())

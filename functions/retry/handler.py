"""Each minute: sends what is due in the error log back to the inbound queue."""

from functools import cache
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from lockstep.runtime.bootstrap import build_send_due_retries
from lockstep.runtime.observability import logger, metrics
from lockstep.runtime.retry_run import run_retries
from lockstep.runtime.settings import RetrySettings

if TYPE_CHECKING:
    from lockstep.services.send_due_retries import SendDueRetries


@cache
def send_due_retries() -> "SendDueRetries":
    """Build the use case once per execution environment."""
    return build_send_due_retries(RetrySettings.from_env())


@logger.inject_lambda_context
@metrics.log_metrics
def lambda_handler(_event: dict[str, Any], context: LambdaContext) -> dict[str, int]:
    """Return how many were sent."""
    return run_retries(context, send_due_retries())

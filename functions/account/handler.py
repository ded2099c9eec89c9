"""Each hour: reads on in the change log, and says for which changes the books do not balance."""

from functools import cache
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from lockstep.runtime.account_parts import build_watch_books
from lockstep.runtime.account_run import run_account
from lockstep.runtime.observability import logger, metrics
from lockstep.runtime.settings import AccountSettings

if TYPE_CHECKING:
    from lockstep.services.watch_books import WatchBooks


@cache
def watch_books() -> "WatchBooks":
    """Build the use case once per execution environment."""
    return build_watch_books(AccountSettings.from_env())


@logger.inject_lambda_context
@metrics.log_metrics
def lambda_handler(_event: dict[str, Any], context: LambdaContext) -> dict[str, int]:
    """Return how many changes were read, and for how many the books do not balance."""
    return run_account(context, watch_books())

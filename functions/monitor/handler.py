"""Every minute, and when the circuit opens: the connection first, then what people are to know of failures."""

from functools import cache
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from lockstep.runtime.connection_metrics import ConnectionState
from lockstep.runtime.connection_parts import build_monitor
from lockstep.runtime.monitor_run import run_monitor
from lockstep.runtime.observability import logger, metrics
from lockstep.runtime.settings import MonitorSettings

if TYPE_CHECKING:
    from lockstep.runtime.connection_parts import MonitorParts


@cache
def monitor_connection() -> "MonitorParts":
    """Build the use cases once per execution environment."""
    return build_monitor(MonitorSettings.from_env())


@logger.inject_lambda_context
@metrics.log_metrics
def lambda_handler(_event: dict[str, Any], context: LambdaContext) -> ConnectionState:
    """Return how the connection is now; any event means "look"."""
    return run_monitor(context, monitor_connection())

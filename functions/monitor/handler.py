"""Every minute, and when the circuit opens: lanes, alerts and probes in line with the connection's state."""

from functools import cache
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from lockstep.runtime.connection_metrics import ConnectionState, tell_connection
from lockstep.runtime.connection_parts import build_monitor
from lockstep.runtime.observability import logger, metrics
from lockstep.runtime.settings import MonitorSettings

if TYPE_CHECKING:
    from lockstep.services.monitor_connection import MonitorConnection


@cache
def monitor_connection() -> "MonitorConnection":
    """Build the use case once per execution environment."""
    return build_monitor(MonitorSettings.from_env())


@logger.inject_lambda_context
@metrics.log_metrics
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> ConnectionState:
    """Return how the connection is now; any event means "look"."""
    return tell_connection(monitor_connection()())

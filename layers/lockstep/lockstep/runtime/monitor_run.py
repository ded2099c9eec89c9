"""One run of the monitor: the connection first, and while it works, what people and the org are to know of failures."""

from collections import Counter

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from lockstep.domain.circuit import Circuit
from lockstep.domain.failures import SyncError
from lockstep.runtime.connection_metrics import ConnectionState, count_api_calls, tell_connection
from lockstep.runtime.connection_parts import MonitorParts
from lockstep.runtime.observability import logger, metrics
from lockstep.services.tell_failures import TellReport

# What is begun ends in this time, or is killed and begun anew by the next run: a call to the org may last 25 seconds.
PART_TIME_MS = 35_000


def run_monitor(context: LambdaContext, parts: MonitorParts) -> ConnectionState:
    """Return how the connection is now.

    Raises:
        SyncError: AWS_UNAVAILABLE, CONFIGURATION_INVALID; the next run does what is left.
    """
    try:
        report = parts.connection()
        state = tell_connection(report)
        if report.circuit.is_closed:
            _look_at_failures(context, parts, report.circuit)
    finally:
        count_api_calls("monitor", parts.meter.drain())
    return state


def _look_at_failures(context: LambdaContext, parts: MonitorParts, circuit: Circuit) -> None:
    metrics.add_metric(name="OldestDueRetrySeconds", unit=MetricUnit.Seconds, value=parts.retries(circuit))
    _tell(parts.failures(lambda: context.get_remaining_time_in_millis() > PART_TIME_MS))


def _tell(report: TellReport) -> None:
    if report.shown:
        logger.info("failures shown in the org", shown=report.shown)
    for reason in report.reasons:
        logger.warning(
            "people were told of failures",
            count=reason.waiting,
            failure_kind=reason.failure_kind,
            error_code=reason.error_code,
            source=reason.source,
            object=reason.object_name,
        )
    if report.troubles:
        _tell_troubles(report.troubles)


def _tell_troubles(troubles: list[SyncError]) -> None:
    """Say all in one line: it is a second copy that is missing, and thousands may be missing for one reason."""
    counts = Counter(f"{each.kind.value} {each.error_code or ''}".strip() for each in troubles)
    logger.warning("failures could not be told or shown", counts=dict(counts), why=troubles[0].detail)
    metrics.add_metric(name="FailuresNotShown", unit=MetricUnit.Count, value=len(troubles))

"""Logs and counts what happens to the connection with the org."""

from collections.abc import Mapping
from typing import Literal, TypedDict

from aws_lambda_powertools.metrics import MetricUnit, single_metric

from lockstep.domain.budget import Lane, Usage
from lockstep.domain.circuit import Circuit
from lockstep.domain.failures import SyncError
from lockstep.runtime.observability import logger, metrics
from lockstep.services.monitor_connection import ConnectionReport


class ConnectionState(TypedDict):
    """What the monitor answers, for people who invoke it by hand."""

    circuit: str
    reason: str | None


def log_trouble(error: SyncError) -> None:
    """Log what is tried again by itself."""
    logger.warning(
        "connection could not be watched", failure_kind=error.kind.value, error_code=error.error_code, why=error.detail
    )
    with single_metric(name="Failures", unit=MetricUnit.Count, value=1) as metric:
        metric.add_dimension(name="kind", value=error.kind.value)


def tell_connection(report: ConnectionReport) -> ConnectionState:
    """Log and count one run of the monitor."""
    for circuit in report.told:
        _tell_turn(circuit)
    for trouble in report.troubles:
        log_trouble(trouble)
    circuit = report.circuit
    metrics.add_metric(name="CircuitIsOpen", unit=MetricUnit.Count, value=0 if circuit.is_closed else 1)
    if report.usage is not None:
        _tell_usage(report.usage)
    return {"circuit": circuit.position.value, "reason": None if circuit.is_closed else circuit.reason}


def count_api_calls(lane: Lane | Literal["monitor"], calls_by_object: Mapping[str, int]) -> None:
    """Count the API calls of a batch, so that one sees who spends them."""
    for object_name, count in calls_by_object.items():
        with single_metric(name="ApiCalls", unit=MetricUnit.Count, value=count) as metric:
            metric.add_dimension(name="lane", value=str(lane))
            metric.add_dimension(name="object", value=object_name)


def _tell_turn(circuit: Circuit) -> None:
    reason = circuit.reason.value if circuit.reason else "none"
    if circuit.is_closed:
        logger.warning("circuit closed", reason=reason, closed_by=circuit.closed_by, opened_at=str(circuit.opened_at))
        metrics.add_metric(name="CircuitClosed", unit=MetricUnit.Count, value=1)
        return
    logger.error("circuit opened", reason=reason, why=circuit.detail, since=str(circuit.since))
    with single_metric(name="CircuitOpened", unit=MetricUnit.Count, value=1) as metric:
        metric.add_dimension(name="reason", value=reason)


def _tell_usage(usage: Usage) -> None:
    metrics.add_metric(name="ApiRequestsUsed", unit=MetricUnit.Count, value=usage.used)
    metrics.add_metric(name="ApiRequestsMax", unit=MetricUnit.Count, value=usage.maximum)
    metrics.add_metric(name="ApiRequestsLeftPercent", unit=MetricUnit.Percent, value=usage.left_percent)

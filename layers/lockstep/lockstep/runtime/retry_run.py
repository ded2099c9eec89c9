"""One run of the retry function: what it sent, logged and counted."""

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from lockstep.runtime.observability import logger, metrics
from lockstep.services.send_due_retries import RetryReport, SendDueRetries

# Claiming and sending a part takes a second or two; what is not begun is left to the next run.
PART_TIME_MS = 10_000


def run_retries(context: LambdaContext, send_due_retries: SendDueRetries) -> dict[str, int]:
    """Send what is due while there is time; returns how many were sent.

    Raises:
        SyncError: AWS_UNAVAILABLE; the next run sends what is left.
    """
    report = send_due_retries(lambda: context.get_remaining_time_in_millis() > PART_TIME_MS)
    metrics.add_metric(name="RetriesSent", unit=MetricUnit.Count, value=report.sent)
    if report.is_held:
        logger.info("no retry is sent while the circuit is open")
    else:
        _tell(report)
    return {"sent": report.sent}


def _tell(report: RetryReport) -> None:
    logger.info(
        "retries sent",
        sent=report.sent,
        taken=report.taken,
        kept=report.kept,
        is_complete=report.is_complete,
    )
    if report.kept or report.unreadable:
        logger.error("retries are left", refused_by_the_queue=report.kept, unreadable=report.unreadable)

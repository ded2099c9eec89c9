"""One run of the account function: what it read and found, logged and counted."""

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from lockstep.runtime.observability import logger, metrics
from lockstep.services.watch_books import BooksReport, WatchBooks

# What follows the last page: the error log is compared, and the round is stored.
END_TIME_MS = 120_000


def run_account(context: LambdaContext, watch_books: WatchBooks) -> dict[str, int]:
    """Read a part of the books; returns how many changes were read, and for how many the books do not balance.

    Raises:
        SyncError: AWS_UNAVAILABLE, CONFIGURATION_INVALID; the next run reads the same part again.
    """
    metrics.add_metric(name="AccountRuns", unit=MetricUnit.Count, value=1)
    report = watch_books(lambda: context.get_remaining_time_in_millis() > END_TIME_MS)
    if report is None:
        logger.info("another run reads the books")
        return {"read": 0, "gaps": 0}
    _tell(report)
    return {"read": report.read, "gaps": report.round.gap_count}


def _tell(report: BooksReport) -> None:
    found = report.round
    metrics.add_metric(name="AccountingGap", unit=MetricUnit.Count, value=found.gap_count)
    metrics.add_metric(name="OldestChangeSeconds", unit=MetricUnit.Seconds, value=report.oldest_s)
    metrics.add_metric(name="ChangesAccounted", unit=MetricUnit.Count, value=report.read)
    logger.info(
        "books read",
        changes=report.read,
        is_whole=report.is_whole,
        round_started_at=str(found.started_at),
        late=found.late_count,
        totals={column.value: count for column, count in found.totals.items()},
    )
    for gap, count in found.gaps.items():
        logger.error("books do not balance", gap=gap.value, count=count, correlation_ids=list(found.named[gap]))

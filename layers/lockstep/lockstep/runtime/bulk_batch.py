"""Messages of chunks in, a partial batch response out, with what became of each logged and counted."""

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import ValidationError

from lockstep.domain.chunks import ChunkMessage
from lockstep.domain.failures import FailureKind, SyncError
from lockstep.runtime.observability import log_crash, logger, metrics
from lockstep.runtime.sqs_batch import PartialBatchResponse, count_failures, received
from lockstep.services.poll_job import PollReport
from lockstep.services.submit_chunk import SubmitReport
from lockstep.services.sweep_loads import SweepLoads

# What is begun ends in this time: a batch of failures is stored, or a message is sent.
STEP_TIME_MS = 20_000


def process_chunks(
    event: dict[str, Any],
    context: LambdaContext,
    use_case: Callable[[ChunkMessage, Callable[[], bool]], SubmitReport | PollReport],
) -> PartialBatchResponse:
    """Hand each message to the use case; one that is no message of ours comes again until the queue gives it up.

    Raises:
        SyncError: CONFIGURATION_INVALID where the event is not an SQS batch.
    """

    def has_time() -> bool:
        return context.get_remaining_time_in_millis() > STEP_TIME_MS

    again = [record["messageId"] for record in received(event) if not _is_done(record, use_case, has_time)]
    return {"batchItemFailures": [{"itemIdentifier": name} for name in again]}


def _is_done(
    record: dict[str, Any],
    use_case: Callable[[ChunkMessage, Callable[[], bool]], SubmitReport | PollReport],
    has_time: Callable[[], bool],
) -> bool:
    """Use one message; this is the bulk functions' one place that catches everything."""
    try:
        with _without_collector():
            report = use_case(ChunkMessage.model_validate_json(record["body"]), has_time)
        _tell(report)
    except ValidationError:
        logger.error("message is no chunk", failure_kind=FailureKind.MESSAGE_INVALID.value)
        count_failures(FailureKind.MESSAGE_INVALID.value, 1)
        return False
    except SyncError as exc:
        logger.error("chunk must come again", failure_kind=exc.kind.value, error_code=exc.error_code, why=exc.detail)
        count_failures(exc.kind.value, 1)
        return False
    except Exception as exc:  # noqa: BLE001
        log_crash("chunk crashed", exc)
        count_failures(FailureKind.UNEXPECTED.value, 1)
        return False
    return True


@contextmanager
def _without_collector() -> Iterator[None]:
    """Let the collector of cycles rest: it would look at every row that is held, again and again, and find nothing."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _tell(report: SubmitReport | PollReport) -> None:
    facts: dict[str, Any] = {"load_id": report.load_id, "chunk": report.number, "attempt": report.attempt}
    if report.failure is not None:
        logger.warning(
            "chunk failed",
            done=report.done,
            failure_kind=report.failure.kind.value,
            error_code=report.failure.error_code,
            why=report.failure.detail,
            **facts,
        )
        count_failures(report.failure.kind.value, 1)
    if isinstance(report, SubmitReport):
        _tell_submitted(report, facts)
    else:
        _tell_polled(report, facts)


def _tell_submitted(report: SubmitReport, facts: dict[str, Any]) -> None:
    logger.info("chunk", done=report.done, rows=report.rows, **facts)
    if report.rows:
        metrics.add_metric(name="RowsSubmitted", unit=MetricUnit.Count, value=report.rows)
    for (object_name, field, what), count in report.notes.items():
        logger.warning("mapping changed values", object=object_name, field=field, what=what, count=count)
        metrics.add_metric(name="ValuesChangedByMapping", unit=MetricUnit.Count, value=count)


def _tell_polled(report: PollReport, facts: dict[str, Any]) -> None:
    if report.done != "booked":
        logger.info("job", done=report.done, **facts)
        return
    counts = report.counts
    logger.info("job", done=report.done, job=report.job.model_dump(), counts=counts.model_dump(), **facts)
    if report.job.missing or report.unknown:
        logger.error("results do not add up", missing=report.job.missing, unknown=report.unknown, **facts)
    for name, value in (
        ("RowsSucceeded", counts.succeeded),
        ("RowsFailed", counts.logged + counts.rejected),
        ("RowsUnaccounted", report.job.missing + report.unknown),
        ("RecordsDeletedAgain", report.undone),
        ("LoadsEnded", int(report.load_has_ended)),
    ):
        if value:
            metrics.add_metric(name=name, unit=MetricUnit.Count, value=value)


def sweep(context: LambdaContext, use_case: SweepLoads) -> PartialBatchResponse:
    """Sweep once, and log and count what was found.

    Raises:
        SyncError: AWS_UNAVAILABLE; the next run does what is left.
    """
    report = use_case(lambda: context.get_remaining_time_in_millis() > STEP_TIME_MS)
    metrics.add_metric(name="ChunksReminded", unit=MetricUnit.Count, value=report.reminded)
    if report.reminded or report.ended or report.aborted:
        logger.warning("loads swept", reminded=report.reminded, ended=report.ended, aborted=report.aborted)
    if report.trouble is not None:
        logger.warning("jobs could not be swept", failure_kind=report.trouble.kind.value, why=report.trouble.detail)
    return {"batchItemFailures": []}

"""Batches of the drop queue and of the bulk lane's dead letters in, partial batch responses out, logged and counted."""

from collections.abc import Callable, Sequence
from typing import Any

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from lockstep.domain.failures import FailureKind, SyncError
from lockstep.ports import DeadLetters
from lockstep.runtime.bulk_parts import SplitParts
from lockstep.runtime.observability import logger, metrics
from lockstep.runtime.sqs_batch import PartialBatchResponse, count_failures, received
from lockstep.services.take_bulk_dead_letters import TakeBulkDeadLetters
from lockstep.services.take_drops import Taken

# Chunks that are begun are stored and sent, and the next invocation is called for.
STORING_TIME_MS = 60_000


def take_drop_batch(event: dict[str, Any], context: LambdaContext, parts: SplitParts) -> PartialBatchResponse:
    """Take the messages' files in; what is no drop goes to the dead letters at once.

    Raises:
        SyncError: CONFIGURATION_INVALID where the event is not an SQS batch.
    """

    def has_time() -> bool:
        return context.get_remaining_time_in_millis() > STORING_TIME_MS

    def take(body: str) -> None:
        try:
            _tell(parts.use_case(body, has_time))
        except SyncError as exc:
            if exc.kind is not FailureKind.MESSAGE_INVALID:
                raise
            _bury(body, exc, parts.dead_letters)

    return _each(event, take)


def take_dead_batch(event: dict[str, Any], take: TakeBulkDeadLetters) -> PartialBatchResponse:
    """Hand the messages to the use case; what cannot be told now comes again.

    Raises:
        SyncError: CONFIGURATION_INVALID where the event is not an SQS batch.
    """

    def take_one(body: str) -> None:
        what = take(body)
        logger.error("the bulk lane gave a message up", becomes=what)
        count_failures(FailureKind.HANDLER_FAILED.value, 1)

    return _each(event, take_one)


def _each(event: dict[str, Any], take: Callable[[str], None]) -> PartialBatchResponse:
    again = []
    for record in received(event):
        try:
            take(record["body"])
        except SyncError as exc:
            logger.error("message must come again", failure_kind=exc.kind, error_code=exc.error_code, why=exc.detail)
            count_failures(exc.kind.value, 1)
            again.append(record["messageId"])
    return {"batchItemFailures": [{"itemIdentifier": name} for name in again]}


def _bury(body: str, error: SyncError, dead_letters: DeadLetters) -> None:
    logger.error("message is no drop", failure_kind=error.kind, why=error.detail)
    count_failures(error.kind.value, 1)
    if not all(dead_letters.send_bodies([body])):
        raise SyncError(FailureKind.AWS_UNAVAILABLE, "the dead-letter queue did not take the message")


def _tell(taken: Sequence[Taken]) -> None:
    for each in taken:
        log = logger.warning if each.why else logger.info
        log("file taken in", load_id=each.load_id, what=each.what, chunks=each.chunks, why=each.why or None)
    metrics.add_metric(name="FilesTaken", unit=MetricUnit.Count, value=len(taken))

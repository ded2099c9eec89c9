"""A batch of dead letters in, a partial batch response out, with what became of it logged and counted."""

from typing import Any

from lockstep.domain.failures import FailureKind, SyncError
from lockstep.runtime.observability import logger
from lockstep.runtime.sqs_batch import PartialBatchResponse, count_failures, log_failure, received
from lockstep.services.take_dead_letters import DeadLetter, DeadLetterReport, TakeDeadLetters


def take_batch(event: dict[str, Any], take_dead_letters: TakeDeadLetters) -> PartialBatchResponse:
    """Hand the messages to the use case; what cannot be logged now comes again.

    Raises:
        SyncError: CONFIGURATION_INVALID where the event is not an SQS batch; AWS_UNAVAILABLE.
    """
    letters = [DeadLetter(record["messageId"], record["body"]) for record in received(event)]
    try:
        report = take_dead_letters(letters)
    except SyncError as exc:
        logger.error("dead letters must come again", failure_kind=exc.kind.value, error_code=exc.error_code)
        raise
    _tell(report)
    return {"batchItemFailures": [{"itemIdentifier": name} for name in sorted(report.again)]}


def _tell(report: DeadLetterReport) -> None:
    for outcome in report.outcomes:
        if outcome.failure_kind:
            log_failure(outcome.change, outcome.state, outcome.failure_kind, outcome.error_code)
    for kind, count in (
        (FailureKind.HANDLER_FAILED, sum(bool(outcome.failure_kind) for outcome in report.outcomes)),
        (FailureKind.MESSAGE_INVALID, report.unreadable),
    ):
        if count:
            count_failures(kind.value, count)
    logger.info("dead letters logged", changes=len(report.outcomes), unreadable=report.unreadable)

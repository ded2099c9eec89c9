"""An SQS batch in, a partial batch response out, with what became of it logged and counted."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypedDict

from aws_lambda_powertools.metrics import MetricUnit, single_metric
from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import ValidationError

from lockstep.domain.batches import halves
from lockstep.domain.changes import Change, Outcome, State
from lockstep.domain.failures import FailureKind, SyncError
from lockstep.ports import DeadLetters
from lockstep.runtime.observability import log_crash, logger, metrics
from lockstep.services.upsert_changes import Delivery, UpsertReport

# A call that is begun may take this long: 5 s to connect, 20 s to answer, and then its results are booked.
CALL_TIME_MS = 30_000


class ItemFailure(TypedDict):
    """One message that the queue must deliver again."""

    itemIdentifier: str


class PartialBatchResponse(TypedDict):
    """What Lambda's SQS trigger reads."""

    batchItemFailures: list[ItemFailure]


class ChangesUseCase(Protocol):
    """A use case that takes a batch of changes."""

    def __call__(self, deliveries: Sequence[Delivery], has_time: Callable[[], bool]) -> UpsertReport:
        """Do it; raises SyncError where all must come again."""


def process_changes(
    event: dict[str, Any], context: LambdaContext, use_case: ChangesUseCase, dead_letters: DeadLetters
) -> PartialBatchResponse:
    """Hand the batch's changes to the use case; what is no change goes to the dead letters at once.

    Raises:
        SyncError: CONFIGURATION_INVALID where the event is not an SQS batch.
    """
    deliveries, unreadable = _read(received(event))
    again = set(_bury(unreadable, dead_letters)) | set(_use(deliveries, context, use_case))
    return {"batchItemFailures": [{"itemIdentifier": name} for name in sorted(again)]}


def received(event: dict[str, Any]) -> Sequence[dict[str, Any]]:
    """Return the batch's messages, and count them.

    Raises:
        SyncError: CONFIGURATION_INVALID where the event is not an SQS batch.
    """
    records: list[dict[str, Any]] = event.get("Records") or []
    metrics.add_metric(name="MessagesReceived", unit=MetricUnit.Count, value=len(records))
    if not records:
        raise SyncError(FailureKind.CONFIGURATION_INVALID, "the event is no SQS batch; look at the function's trigger")
    return records


def _read(records: Sequence[dict[str, Any]]) -> tuple[list[Delivery], list[dict[str, Any]]]:
    deliveries: list[Delivery] = []
    unreadable: list[dict[str, Any]] = []
    for record in records:
        try:
            deliveries.append(Delivery(record["messageId"], Change.model_validate_json(record["body"])))
        except ValidationError:
            unreadable.append(record)
    return deliveries, unreadable


def _bury(records: Sequence[dict[str, Any]], dead_letters: DeadLetters) -> list[str]:
    """Send what no try can read to the dead letters; return the messages that could not be sent."""
    if not records:
        return []
    for record in records:
        logger.error(
            "message is no change", failure_kind=FailureKind.MESSAGE_INVALID.value, message_id=record["messageId"]
        )
    count_failures(FailureKind.MESSAGE_INVALID.value, len(records))
    try:
        are_sent = dead_letters.send_bodies([record["body"] for record in records])
    except SyncError as exc:
        _log_refusal(exc)
        are_sent = [False] * len(records)
    return [record["messageId"] for record, is_sent in zip(records, are_sent, strict=True) if not is_sent]


def _use(deliveries: Sequence[Delivery], context: LambdaContext, use_case: ChangesUseCase) -> list[str]:
    """Hand the changes over; return the messages that must come again.

    What crashes is halved until the change that does it stands alone: it comes again until the queue gives it up, and
    its neighbours are written. This is the lane's one place that catches everything.
    """
    if not deliveries:
        return []
    try:
        report = use_case(deliveries, lambda: context.get_remaining_time_in_millis() > CALL_TIME_MS)
    except SyncError as exc:
        _log_refusal(exc)
        return [delivery.message_id for delivery in deliveries]
    except Exception as exc:  # noqa: BLE001
        log_crash("batch crashed", exc, changes=[delivery.change.correlation_id for delivery in deliveries[:1]])
        count_failures(FailureKind.UNEXPECTED.value, 1)
        if len(deliveries) == 1:
            return [deliveries[0].message_id]
        return [name for half in halves(deliveries) for name in _use(half, context, use_case)]
    _tell(report, len(deliveries))
    return sorted(report.again)


def _tell(report: UpsertReport, received: int) -> None:
    states = Counter(outcome.state for outcome in report.outcomes)
    logger.info(
        "batch booked", received=received, again=len(report.again), outcomes={s.value: n for s, n in states.items()}
    )
    if report.handed_over:
        logger.info("changes handed over to the bulk lane", count=report.handed_over)
        metrics.add_metric(name="ChangesHandedOver", unit=MetricUnit.Count, value=report.handed_over)
    for state, count in states.items():
        metrics.add_metric(name=f"Changes{state.value}", unit=MetricUnit.Count, value=count)
    for outcome in report.outcomes:
        if outcome.failure_kind and outcome.failure_kind != FailureKind.ROUTE_BROKEN:
            log_failure(outcome.change, outcome.state, outcome.failure_kind, outcome.error_code)
    _tell_held([outcome for outcome in report.outcomes if outcome.failure_kind == FailureKind.ROUTE_BROKEN])
    for kind, count in Counter(o.failure_kind for o in report.outcomes if o.failure_kind).items():
        count_failures(kind, count)
    for (object_name, field, what), count in report.notes.items():
        logger.warning("mapping changed values", object=object_name, field=field, what=what, count=count)
        metrics.add_metric(name="ValuesChangedByMapping", unit=MetricUnit.Count, value=count)


def _tell_held(outcomes: Sequence[Outcome]) -> None:
    """Log one line for each route, not one for each of its changes."""
    reasons = Counter((outcome.change.source, outcome.change.entity, outcome.detail) for outcome in outcomes)
    for (source, entity, detail), count in reasons.items():
        logger.error("route is held", source=source, entity=entity, changes=count, why=detail)


def log_failure(change: Change, state: State, kind: str, error_code: str | None) -> None:
    """Log one line of a failed change, without any of its values."""
    logger.warning(
        "change failed",
        failure_kind=kind,
        error_code=error_code,
        correlation_id=change.correlation_id,
        source=change.source,
        entity=change.entity,
        deferrals=change.deferrals,
        tries=change.tries,
        becomes=state.value,
    )


def _log_refusal(error: SyncError) -> None:
    logger.error("batch must come again", failure_kind=error.kind.value, error_code=error.error_code, why=error.detail)
    count_failures(error.kind.value, 1)


def count_failures(kind: str, count: int) -> None:
    """Count failures of a kind."""
    with single_metric(name="Failures", unit=MetricUnit.Count, value=count) as metric:
        metric.add_dimension(name="kind", value=kind)

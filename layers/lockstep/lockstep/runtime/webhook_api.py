"""Answers a webhook delivery: the use case's result or failure as a response, a log line and counts."""

from collections.abc import Callable
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools.metrics import MetricUnit

from lockstep.domain.failures import Disposition, FailureKind, SyncError
from lockstep.runtime.http import answer, problem
from lockstep.runtime.observability import log_crash, logger, metrics

if TYPE_CHECKING:
    from lockstep.services.accept_webhook import Accepted

MAX_LOGGED_CHARS = 64  # a path comes from anybody


def respond(take_in: Callable[[], "Accepted"], source: str, request_id: str) -> dict[str, Any]:
    """Run the use case and answer: 200 for a ping, 202, or a problem.

    The one catch-all of this entrance: the sender gets an answer that tells it to come again, the log gets
    the kind of error and where it was raised, but not its text, which may hold a value.
    """
    try:
        accepted = take_in()
    except SyncError as error:
        _tell_refusal(error, source)
        return problem(error, request_id)
    except Exception as error:  # noqa: BLE001
        _tell_unexpected(error, source)
        return problem(None, request_id)
    return _accepted(accepted, source)


def _accepted(accepted: "Accepted", source: str) -> dict[str, Any]:
    if accepted.is_ping:
        logger.info("ping answered", source=source)
        _count("Pings", 1, source=source)
        return answer(HTTPStatus.OK, {"status": "ready"})
    counts = {"queued": accepted.queued, "known": accepted.known, "ignored": accepted.ignored}
    facts = {"source": source, "correlation_ids": accepted.correlation_ids, "signed_with": accepted.secret, **counts}
    logger.info("delivery accepted", extra=facts)
    _count("DeliveriesAccepted", 1, source=source)
    _count("ChangesQueued", accepted.queued)
    _count("ChangesDuplicate", accepted.known)
    _count("EventsIgnored", accepted.ignored)
    return answer(HTTPStatus.ACCEPTED, {"correlation_ids": list(accepted.correlation_ids), **counts})


def _tell_refusal(error: SyncError, source: str) -> None:
    is_the_senders = error.disposition is Disposition.REJECT or error.kind is FailureKind.DELIVERY_IN_PROGRESS
    log = logger.warning if is_the_senders else logger.error
    log(
        "delivery refused",
        source=source[:MAX_LOGGED_CHARS],
        failure_kind=error.kind.value,
        reason=error.detail,
        error_code=error.error_code,
    )
    _count("DeliveriesRefused", 1, failure_kind=error.kind.value)


def _tell_unexpected(error: Exception, source: str) -> None:
    log_crash("delivery failed", error, source=source[:MAX_LOGGED_CHARS])
    _count("DeliveriesRefused", 1, failure_kind=FailureKind.UNEXPECTED.value)


def _count(name: str, count: int, **dimensions: str) -> None:
    for dimension, value in dimensions.items():
        metrics.add_dimension(dimension, value)
    metrics.add_metric(name, MetricUnit.Count, count)

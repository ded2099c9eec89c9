"""Messages that were no change when they were taken: read anew, and sent where they are one by now."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from pydantic import ValidationError

from cli.errors_show import payload_of
from cli.parts import StackParts
from lockstep.domain.changes import Change, Outcome, State
from lockstep.domain.error_log import EntryStatus, ErrorEntry, Resolution
from lockstep.domain.failures import FailureKind, SyncError
from lockstep.services.log_failures import LogFailures

TOLD_AT_ONCE = 5  # of the problems of one message
_OTHER_VERSION = (
    "its change was written by another version of Lockstep: use the command of the version that is deployed"
)


def change_in(parts: StackParts, entry: ErrorEntry) -> Change | str:
    """Return the change that a kept message holds, or why it is none: places and reasons, no values.

    Raises:
        SyncError: AWS refuses.
    """
    try:
        body = payload_of(parts, entry)
    except SyncError as exc:
        if exc.kind is not FailureKind.MESSAGE_INVALID:
            raise
        return exc.detail
    if body is None:
        return _OTHER_VERSION
    try:
        return Change.model_validate_json(body)
    except ValidationError as exc:
        return "it is still no change: " + "; ".join(_problems(exc))


def send_bodies(parts: StackParts, read: Sequence[tuple[ErrorEntry, Change]], now: datetime) -> list[str]:
    """Put changes that were read from kept messages on the queue; return the names of those that it has.

    Queue first: a crash after it leaves an entry that can be sent once more, and a second message is told by the
    first one's outcome.

    Raises:
        SyncError: AWS refuses; what was sent stays so.
    """
    if not read:
        return []
    are_sent = parts.inbound.send([change for _, change in read])
    sent = [each for each, is_sent in zip(read, are_sent, strict=True) if is_sent]
    detail = f"sent again by {parts.person()}"
    parts.change_log.record([Outcome(change, State.QUEUED, detail=detail) for _, change in sent], now)
    resolutions = [Resolution(entry.correlation_id, State.QUEUED) for entry, _ in sent]
    LogFailures(parts.error_log, parts.payloads).resolve(resolutions, now)
    return [entry.correlation_id for entry, _ in sent]


def is_raw(entry: ErrorEntry) -> bool:
    """Return whether an open entry holds a message that was no change."""
    return entry.change is None and entry.status is not EntryStatus.RESOLVED


def _problems(error: ValidationError) -> Iterator[str]:
    found = error.errors(include_input=False, include_url=False, include_context=False)
    for each in found[:TOLD_AT_ONCE]:
        place = ".".join(str(part) for part in each["loc"])
        yield f"{place}: {each['msg']}" if place else each["msg"]
    if len(found) > TOLD_AT_ONCE:
        yield f"and {len(found) - TOLD_AT_ONCE} more problems"

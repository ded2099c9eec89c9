"""Gathers failures by their reason, so that a thousand of one reason are one alert with a count."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from pydantic import AwareDatetime, ConfigDict, NonNegativeInt

from lockstep.domain.error_log import EntryStatus, ErrorEntry, cut
from lockstep.domain.model import Shape

# A reason that was told is told again, with what has come since, when this has passed.
TOLD_AGAIN_S = 3600
FORGOTTEN_S = 24 * 3600
MAX_REASONS = 100  # one item of a table holds them all, and one alert
MAX_DETAIL_CHARS = 200
_TOLD_IN_FULL = 30
_EXAMPLES = 3
OTHER_REASONS = "other reasons"


class FailureReason(Shape):
    """Failures of one reason.

    `waiting` have come since people were told; `examples` are correlation IDs of the first of those, and `detail` is
    what the first of them says.
    """

    model_config = ConfigDict(extra="ignore")

    status: EntryStatus
    source: str
    object_name: str
    failure_kind: str
    error_code: str | None = None
    detail: str = ""
    waiting: NonNegativeInt = 0
    examples: tuple[str, ...] = ()
    told_at: AwareDatetime | None = None

    @property
    def name(self) -> tuple[str, ...]:
        """What tells it from others."""
        return self.status, self.source, self.object_name, self.failure_kind, self.error_code or ""


class FailureDigest(Shape):
    """All reasons that people were told of lately, or have to be."""

    model_config = ConfigDict(extra="ignore")

    reasons: tuple[FailureReason, ...] = ()


def taken_in(digest: FailureDigest, entries: Sequence[ErrorEntry]) -> FailureDigest:
    """Count the entries that need people by their reason; where there are too many reasons, by their status alone."""
    by_name = {reason.name: reason for reason in digest.reasons}
    for entry in entries:
        if entry.needs_people:
            reason = _reason_of(entry)
            if reason.name not in by_name and len(by_name) >= MAX_REASONS:
                reason = FailureReason(status=entry.status, source="", object_name="", failure_kind=OTHER_REASONS)
            by_name[reason.name] = _counted(by_name.get(reason.name, reason), entry, reason.detail)
    return FailureDigest(reasons=tuple(by_name.values()))


def due(digest: FailureDigest, now: datetime) -> list[FailureReason]:
    """Return what people should be told now, the most frequent first."""
    oldest = now - timedelta(seconds=TOLD_AGAIN_S)
    found = [each for each in digest.reasons if each.waiting and (each.told_at is None or each.told_at <= oldest)]
    return sorted(found, key=lambda reason: -reason.waiting)


def told(digest: FailureDigest, reasons: Sequence[FailureReason], now: datetime) -> FailureDigest:
    """Note that people were told, and forget what is long over."""
    names = {reason.name for reason in reasons}
    oldest = now - timedelta(seconds=FORGOTTEN_S)
    kept = [
        reason.model_copy(update={"waiting": 0, "examples": (), "told_at": now}) if reason.name in names else reason
        for reason in digest.reasons
        if reason.waiting or (reason.told_at is not None and reason.told_at > oldest)
    ]
    return FailureDigest(reasons=tuple(kept))


def alert_of(reasons: Sequence[FailureReason]) -> tuple[str, str]:
    """Return subject and text of the alert about these reasons."""
    given_up = sum(reason.waiting for reason in reasons if reason.status is EntryStatus.ABANDONED)
    pending = sum(reason.waiting for reason in reasons) - given_up
    parts = [_count(pending, "needs a person", "need a person"), _count(given_up, "was given up", "were given up")]
    listed = [f"{number}. {_line(reason)}" for number, reason in enumerate(reasons, 1)]
    full = [line + _more(reason) for line, reason in zip(listed[:_TOLD_IN_FULL], reasons, strict=False)]
    text = "\n".join(full + listed[_TOLD_IN_FULL:])
    return "Lockstep: " + ", ".join(part for part in parts if part), f"{text}\n\n{_WHAT_TO_DO}"


_WHAT_TO_DO = (
    "What to do: nothing is lost, each change is kept with its payload. See them with `lockstep errors list`; "
    "docs/errors.md says for each kind what to mend: the source's record, the route or the org. Then send them again "
    "with `lockstep errors retry`; nothing newer is overwritten.\n"
    f"The same reason is told again after {TOLD_AGAIN_S // 60} minutes at the earliest, with what has come since."
)


def _count(number: int, one: str, many: str) -> str:
    if not number:
        return ""
    return f"1 change {one}" if number == 1 else f"{number:,} changes {many}"


def _line(reason: FailureReason) -> str:
    code = f" ({reason.error_code})" if reason.error_code and reason.error_code != reason.failure_kind else ""
    return f"{reason.waiting:,} x {reason.failure_kind}{code}{_where(reason)}: {reason.status}"


def _where(reason: FailureReason) -> str:
    source = f", from {reason.source}" if reason.source else ""
    return f"{source}, to {reason.object_name}" if reason.object_name else source


def _more(reason: FailureReason) -> str:
    detail = f"\n   The first says: {reason.detail}" if reason.detail else ""
    return f"{detail}\n   For example: {', '.join(reason.examples)}"


def _reason_of(entry: ErrorEntry) -> FailureReason:
    return FailureReason(
        status=entry.status,
        source=entry.change.source if entry.change else "",
        object_name=entry.object_name,
        failure_kind=entry.failure_kind,
        error_code=entry.error_code,
        detail=cut(entry.detail, MAX_DETAIL_CHARS),
    )


def _counted(reason: FailureReason, entry: ErrorEntry, detail: str) -> FailureReason:
    examples = (*reason.examples, entry.correlation_id)[:_EXAMPLES]
    first = {} if reason.waiting else {"detail": detail}
    return reason.model_copy(update={"waiting": reason.waiting + 1, "examples": examples, **first})

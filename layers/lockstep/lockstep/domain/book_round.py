"""One reading of the whole change log, in as many runs as it takes: where it stands, and what it has found so far."""

from datetime import datetime

from pydantic import AwareDatetime, Field

from lockstep.domain.accounts import Accounts, Column, Gap, Late
from lockstep.domain.model import Shape

MOST_LATE = 500  # named in the round's one item; all are counted
MOST_NAMED = 20  # in a log line; `lockstep account` names them all


class LateChange(Shape):
    """A change that waits in the queue for longer than it should."""

    received_at: AwareDatetime
    correlation_id: str


class BookRound(Shape):
    """The round that is under way.

    `after` is the correlation ID after which the next run reads on; None where a new round begins. `late` are the
    oldest of the `late_count`. `gaps_before` is what the last whole round found: until this one is whole, nobody knows
    that it is mended.
    """

    started_at: AwareDatetime
    after: str | None = None
    totals: dict[Column, int] = Field(default_factory=dict)
    late_count: int = 0
    late: tuple[LateChange, ...] = ()
    gaps: dict[Gap, int] = Field(default_factory=dict)
    named: dict[Gap, tuple[str, ...]] = Field(default_factory=dict)
    gaps_before: int = 0

    @property
    def gap_count(self) -> int:
        """Changes for which the books are not known to balance."""
        return max(sum(self.gaps.values()), self.gaps_before)

    def with_part(self, accounts: Accounts, after: str | None) -> "BookRound":
        """Add what one run has counted."""
        totals = {column: self.totals.get(column, 0) + accounts.totals[column] for column in Column}
        late = sorted([*(Late(each.received_at, each.correlation_id) for each in self.late), *accounts.late])
        added = {"totals": totals, "late_count": self.late_count + accounts.late_count, "after": after}
        return self.model_copy(update={**added, "late": _late(late)}).with_gaps(accounts)

    def with_gaps(self, accounts: Accounts) -> "BookRound":
        """Add the gaps that were found by a comparison."""
        gaps = {gap: self.gaps.get(gap, 0) + accounts.gaps[gap] for gap in {*self.gaps, *accounts.gaps}}
        named = {gap: (*self.named.get(gap, ()), *accounts.named.get(gap, ()))[:MOST_NAMED] for gap in gaps}
        return self.model_copy(update={"gaps": gaps, "named": named})

    def with_queues(self, messages: int, still_waiting: list[str]) -> "BookRound":
        """Add what waits and is in no queue.

        Where more are late than are named, those named stand for all.
        """
        late = round(self.late_count * len(still_waiting) / len(self.late)) if self.late else 0
        if late <= messages:
            return self
        gaps = {**self.gaps, Gap.NOT_QUEUED: late - messages}
        named = {**self.named, Gap.NOT_QUEUED: tuple(still_waiting[:MOST_NAMED])}
        return self.model_copy(update={"gaps": gaps, "named": named})

    def oldest_of(self, names: list[str]) -> datetime | None:
        """Return when the oldest of the late changes with these names was received."""
        wanted = frozenset(names)
        return min((each.received_at for each in self.late if each.correlation_id in wanted), default=None)


def next_round(found: BookRound, now: datetime) -> BookRound:
    """Return the round that follows a whole one."""
    return BookRound(started_at=now, gaps_before=sum(found.gaps.values()))


def _late(late: list[Late]) -> tuple[LateChange, ...]:
    return tuple(
        LateChange(received_at=each.received_at, correlation_id=each.correlation_id) for each in late[:MOST_LATE]
    )

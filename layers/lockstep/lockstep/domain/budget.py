"""Who may spend the org's API calls: people and other applications before Lockstep, webhooks before the rest."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from pydantic import AwareDatetime, NonNegativeInt, PositiveInt

from lockstep.domain.model import Shape

# The window of 24 hours moves all the time: what was seen longer ago says nothing any more.
USAGE_IS_KNOWN_FOR_S = 3600


class Lane(StrEnum):
    """What spends calls, most urgent first. A released value is never renamed: it is counted."""

    WEBHOOKS = "webhooks"
    FILES = "files"
    RECONCILIATION = "reconciliation"


# Which percentage of the calls beside the reserve a lane leaves to those before it. Files wait until somebody sends
# fewer webhooks: 10 % are 8,000 calls, or 1.6 million records, of an org with 100,000 calls. A reconciliation can be
# done tomorrow.
_LEFT_TO_OTHERS_PERCENT = {Lane.WEBHOOKS: 0, Lane.FILES: 10, Lane.RECONCILIATION: 25}


class Usage(Shape):
    """API calls of the last 24 hours, as the org counts them: everybody's."""

    used: NonNegativeInt
    maximum: PositiveInt
    read_at: AwareDatetime

    @property
    def left(self) -> int:
        """Calls left; never below 0, though some orgs may go over their maximum."""
        return max(self.maximum - self.used, 0)

    @property
    def left_percent(self) -> float:
        """Calls left, as a percentage of the maximum."""
        return 100 * self.left / self.maximum


@dataclass(frozen=True, slots=True)
class ApiBudget:
    """Says which lane may call.

    Args:
        reserve_percent: Of the org's calls: what is left to people and other applications. 0 to 90.
    """

    reserve_percent: int

    def left_alone(self, lane: Lane, maximum: int) -> int:
        """Return how many calls must be left for the lane to call."""
        reserve = -(-maximum * self.reserve_percent // 100)
        return reserve + (maximum - reserve) * _LEFT_TO_OTHERS_PERCENT[lane] // 100

    def may_call(self, lane: Lane, usage: Usage | None, now: datetime) -> bool:
        """True where the lane may call, or nobody knows better: the org's own answers decide then."""
        if usage is None or now - usage.read_at > timedelta(seconds=USAGE_IS_KNOWN_FOR_S):
            return True
        kept = self.left_alone(lane, usage.maximum)
        return kept == 0 or usage.left > kept

    def why_not(self, lane: Lane, usage: Usage) -> str:
        """Say to people why the lane may not call."""
        kept = self.left_alone(lane, usage.maximum)
        return (
            f"{usage.used} of the org's {usage.maximum} API calls of the last 24 hours are used, and {lane} leave "
            f"{kept} alone ({self.reserve_percent} % are reserved for people and other applications). Calls become free"
            " 24 hours after they were made"
        )


def newest(first: Usage | None, second: Usage | None) -> Usage | None:
    """Return what was read last."""
    if first is None or second is None:
        return first or second
    return max(first, second, key=lambda usage: usage.read_at)


def is_worth_sharing(usage: Usage, shared: Usage | None, budget: ApiBudget, now: datetime) -> bool:
    """True where other containers would do otherwise if they knew, or be off by more than one percent."""
    if shared is None or usage.maximum != shared.maximum:
        return True
    if usage.read_at <= shared.read_at:
        return False
    differs = any(budget.may_call(lane, usage, now) != budget.may_call(lane, shared, now) for lane in Lane)
    return differs or abs(usage.used - shared.used) * 100 > usage.maximum

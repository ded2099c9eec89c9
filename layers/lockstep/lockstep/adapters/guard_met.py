"""What a claim in the version guard met: the item as it was before the claim."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from lockstep.domain.guard import CALL_LIFE

# The error log's index shows an entry some moments after it was written.
_INDEX_LAG = timedelta(seconds=60)
_MS = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Met:
    """What `claimed` said, when a failure of the record was logged, and until when a write may still arrive.

    `has_died`: somebody claimed the record and never let it go, so the item does not say yet what may arrive.
    """

    claimed: str
    failed_at_ms: int | None
    claimed_at_ms: int
    arrives_until_ms: int | None
    has_died: bool

    @classmethod
    def of(cls, item: Mapping[str, Mapping[str, str]], now: datetime) -> "Met":
        """Read the item."""
        failed_at, until, lease = (
            int(item[name]["N"]) if name in item else None
            for name in ("failed_at_ms", "arrives_until_ms", "lease_until_ms")
        )
        if lease is not None:  # it outlives its owner, who may have been writing to the last
            until = max(until or 0, lease + CALL_LIFE // _MS)
        return cls(item.get("claimed", {}).get("S", ""), failed_at, int(in_ms(now)["N"]), until, lease is not None)

    @property
    def forgets(self) -> bool:
        """True where all that has failed before can be seen in the error log."""
        return self.failed_at_ms is not None and self.failed_at_ms + _INDEX_LAG // _MS < self.claimed_at_ms

    @property
    def arrives_until(self) -> datetime | None:
        """When the last write that is on its way must have reached the org; None where none is."""
        until = self.arrives_until_ms
        if until is None or until < self.claimed_at_ms:
            return None
        return datetime.fromtimestamp(until / 1000, UTC)

    @property
    def is_settled(self) -> bool:
        """True where the item speaks of a write that must have arrived by now."""
        return self.arrives_until_ms is not None and self.arrives_until is None

    def arrival(self) -> dict[str, dict[str, str]]:
        """Return what the item must say from now on, and does not yet."""
        if not self.has_died or self.arrives_until is None:
            return {}
        return {"arrives_until_ms": {"N": str(self.arrives_until_ms)}}


def in_ms(at: datetime) -> dict[str, str]:
    """Write a moment as a number of an item."""
    return {"N": str(int(at.timestamp() * 1000))}

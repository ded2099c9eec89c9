"""The org's describes, asked for once in a while by one container for all of them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from lockstep.domain.describes import ObjectFacts, read_describe, slim
from lockstep.ports import DescribeSource, DescribeStore, KeptDescribe, Leases

# A call may take this long; meanwhile the other containers use what they have.
ASKING_LEASE_S = 30


@dataclass(frozen=True, slots=True)
class Look:
    """What was seen of an object, and when; None where the org has no such object."""

    facts: ObjectFacts | None
    at: datetime


class CachedDescribes:
    """Describes of a limited age: from this container's memory, from the store, or from the org."""

    def __init__(
        self, *, source: DescribeSource, store: DescribeStore, leases: Leases, clock: Callable[[], datetime]
    ) -> None:
        self._source = source
        self._store = store
        self._leases = leases
        self._clock = clock
        self._looks: dict[str, Look] = {}

    def look(self, object_name: str, max_age_s: int) -> Look | None:
        """Return what is known, at most `max_age_s` old.

        While another container asks the org the answer may be older, or None where there is none yet.

        Raises:
            SyncError: The describe cannot be had.
        """
        now = self._clock()
        oldest = now - timedelta(seconds=max_age_s)
        look = self._looks.get(object_name)
        if look is None or look.at < oldest:
            look = self._newer(look, self._store.get(object_name))
        is_old = look is None or look.at < oldest
        if is_old and self._leases.take(f"describe#{object_name}", ASKING_LEASE_S, now):
            look = self._ask(object_name, now)
        if look is not None:
            self._looks[object_name] = look
        return look

    @staticmethod
    def _newer(look: Look | None, kept: KeptDescribe | None) -> Look | None:
        if kept is None or (look is not None and look.at >= kept.asked_at):
            return look
        return Look(read_describe(kept.describe), kept.asked_at)

    def _ask(self, object_name: str, now: datetime) -> Look:
        answer = slim(self._source.describe(object_name))
        self._store.put(object_name, KeptDescribe(answer, now))
        return Look(read_describe(answer), now)

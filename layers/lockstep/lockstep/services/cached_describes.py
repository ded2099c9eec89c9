"""The org's describes, asked for once in a while by one container for all of them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from lockstep.domain.contract import objects_of
from lockstep.domain.describes import (
    Describes,
    ObjectFacts,
    PicklistFacts,
    read_describe,
    read_picklists,
    slim,
    slim_picklists,
)
from lockstep.domain.json_text import JsonValue
from lockstep.domain.record_types import picklists_needed, with_picklists
from lockstep.domain.routes import Route
from lockstep.ports import Leases
from lockstep.ports.org import DescribeSource, DescribeStore, KeptDescribe

# A call may take this long; meanwhile the other containers use what they have.
ASKING_LEASE_S = 30

Facts = TypeVar("Facts")


@dataclass(frozen=True, slots=True)
class Look(Generic[Facts]):
    """What was seen of an object or a record type, and when; None where the org has no such thing."""

    facts: Facts | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Described:
    """What is known of a route's objects, and of when the oldest look is."""

    describes: Describes
    since: datetime


class _Cache(Generic[Facts]):
    """Answers of one kind, of a limited age: from this container's memory, from the store, or from the org."""

    def __init__(
        self,
        store: DescribeStore,
        leases: Leases,
        clock: Callable[[], datetime],
        read: Callable[[JsonValue], Facts | None],
    ) -> None:
        self._store = store
        self._leases = leases
        self._clock = clock
        self._read = read
        self._looks: dict[str, Look[Facts]] = {}

    def look(self, name: str, max_age_s: int, ask: Callable[[], JsonValue]) -> Look[Facts] | None:
        now = self._clock()
        oldest = now - timedelta(seconds=max_age_s)
        look = self._looks.get(name)
        if look is None or look.at < oldest:
            look = self._newer(look, self._store.get(name))
        is_old = look is None or look.at < oldest
        if is_old and self._leases.take(f"describe#{name}", ASKING_LEASE_S, now):
            answer = ask()
            self._store.put(name, KeptDescribe(answer, now))
            look = Look(self._read(answer), now)
        if look is not None:
            self._looks[name] = look
        return look

    def _newer(self, look: Look[Facts] | None, kept: KeptDescribe | None) -> Look[Facts] | None:
        if kept is None or (look is not None and look.at >= kept.asked_at):
            return look
        return Look(self._read(kept.describe), kept.asked_at)


class CachedDescribes:
    """Describes, and picklist values of record types, of a limited age."""

    def __init__(
        self, *, source: DescribeSource, store: DescribeStore, leases: Leases, clock: Callable[[], datetime]
    ) -> None:
        self._source = source
        self._objects: _Cache[ObjectFacts] = _Cache(store, leases, clock, read_describe)
        self._picklists: _Cache[PicklistFacts] = _Cache(store, leases, clock, read_picklists)

    def of_route(self, route: Route, max_age_s: int) -> Described | None:
        """Return what is known of a route's objects and record types, at most `max_age_s` old.

        While another container asks the org the answer may be older, or None where there is none yet.

        Raises:
            SyncError: Something cannot be had.
        """
        objects: dict[str, Look[ObjectFacts]] = {}
        for name in objects_of(route):
            look = self._object(name, max_age_s)
            if look is None:
                return None
            objects[name] = look
        describes = {name: look.facts for name, look in objects.items()}
        values: dict[tuple[str, str], Look[PicklistFacts]] = {}
        for key in picklists_needed(route, describes):
            look_at_values = self._values(*key, max_age_s)
            if look_at_values is None:
                return None
            values[key] = look_at_values
        since = min([look.at for look in objects.values()] + [look.at for look in values.values()])
        return Described(with_picklists(describes, {key: look.facts for key, look in values.items()}), since)

    def _object(self, name: str, max_age_s: int) -> Look[ObjectFacts] | None:
        return self._objects.look(name, max_age_s, lambda: slim(self._source.describe(name)))

    def _values(self, name: str, record_type_id: str, max_age_s: int) -> Look[PicklistFacts] | None:
        return self._picklists.look(
            f"{name}.{record_type_id}",
            max_age_s,
            lambda: slim_picklists(self._source.picklist_values(name, record_type_id)),
        )

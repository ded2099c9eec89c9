"""What the shop tells in one play, and what the org must hold in the end."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from tests.chaos.shop import Event

FIRST_CUSTOMER = 9007199254740993001  # above 2^53: a float would lose its last digits
FIRST_ORDER = 7000
SOMETIMES = 0.15


@dataclass(frozen=True)
class Told(Event):
    """One event; `telling` orders the events of one version, which the shop's stamp alone cannot."""

    telling: int = 0

    @property
    def name(self) -> str:
        """What the record shows when this event has the last word."""
        return f"v{self.second}.{self.telling}"

    @property
    def order(self) -> tuple[int, int]:
        """Where it stands among the events of its record."""
        return self.second, self.telling

    @property
    def record(self) -> tuple[str, str]:
        """Object and External ID."""
        return ("Order" if self.topic.startswith("orders") else "Account"), str(self.id)

    @property
    def stamp(self) -> str:
        """The version, as the shop writes it."""
        return f"2026-05-06T11:00:{self.second:02d}Z"

    @property
    def is_delete(self) -> bool:
        return self.topic.endswith("delete")

    def content(self) -> bytes:
        return Event(
            self.topic, self.id, self.second, {"first_name": self.name, "name": self.name, **self.body}
        ).content()

    def headers(self) -> dict[str, str]:
        moment = f"2026-05-06T11:{self.telling:02d}:{self.second:02d}Z"
        if self.is_delete:
            # A delete has no stamp but when it was triggered, which is after the record's last change.
            moment = self.stamp
        named = f"{self.topic}-{self.id}-{self.second}-{self.telling}"
        return {**super().headers(), "X-Shopify-Event-Id": named, "X-Shopify-Triggered-At": moment}


@dataclass(frozen=True)
class Story:
    """The events in the order in which they are first sent; some are sent again later."""

    events: Sequence[Told]

    def newest(self) -> dict[tuple[str, str], Told]:
        """Return the event that has the last word on each record."""
        newest: dict[tuple[str, str], Told] = {}
        for event in self.events:
            if event.record not in newest or newest[event.record].order < event.order:
                newest[event.record] = event
        return newest


def make_story(chance: random.Random, records: int, *, has_ties: bool) -> Story:
    """Make up customers and their orders, with several versions of each, in no order.

    Args:
        chance: Decides.
        records: How many.
        has_ties: Whether two events of a record can have the same version; then the later one is meant.
    """
    events: list[Told] = []
    customers = range(FIRST_CUSTOMER, FIRST_CUSTOMER + max(1, records // 2))
    parents = [chance.choice(customers) for _ in range(records - len(customers))]
    for id_ in customers:
        events += _lives(chance, "customers", id_, {}, has_ties)
        # A customer that is deleted before it is written never comes to be, and its orders would wait for a person.
        events += _dies(chance, events[-1]) if id_ not in parents else ()
    for number, parent in enumerate(parents):
        events += _lives(chance, "orders", FIRST_ORDER + number, {"customer": {"id": parent}}, has_ties)
        events += _dies(chance, events[-1])
    events += [event for event in events if chance.random() < SOMETIMES]
    chance.shuffle(events)
    return Story(events)


def _lives(chance: random.Random, kind: str, id_: int, body: dict[str, Any], has_ties: bool) -> Iterator[Told]:
    versions = chance.randint(1, 8)
    for second in range(1, versions + 1):
        tellings = 2 if has_ties and chance.random() < SOMETIMES else 1
        for telling in range(1, tellings + 1):
            yield Told(f"{kind}/updated" if kind == "orders" else f"{kind}/update", id_, second, body, telling)


def _dies(chance: random.Random, last: Told) -> Iterator[Told]:
    if chance.random() < SOMETIMES:
        yield Told(f"{last.topic.partition('/')[0]}/delete", last.id, last.second + 1, {})

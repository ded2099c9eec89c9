"""By REST, or by jobs where much waits: hands whole batches over to the bulk lane."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol, TypeAlias

from lockstep.domain.backlogs import MOST_BYTES, MOST_CHANGES, is_plain, is_plain_route
from lockstep.domain.mapping import CompiledRoute
from lockstep.ports.backlog import InboundBacklog, Received
from lockstep.services.backlog_watch import BacklogWatch
from lockstep.services.check_routes import Gate
from lockstep.services.put_backlog import PutBacklog
from lockstep.services.upsert_changes import Delivery, UpsertReport

# A job costs some ten calls, whatever it holds: as many as REST needs for 2,000 records (make bench).
LEAST_CHANGES = 2_000
_RECEIVES_FOR = timedelta(seconds=15)

_RouteKey: TypeAlias = tuple[str, str]
_Sorted: TypeAlias = tuple[dict[_RouteKey, list[Delivery]], list[Delivery]]


class UpsertsByRest(Protocol):
    """The REST lane's use case."""

    def __call__(self, deliveries: Sequence[Delivery], has_time: Callable[[], bool]) -> UpsertReport:
        """As `UpsertChanges`."""


class HandOver:
    """The upsert function's use case.

    A batch that is not full asks nothing: a quiet lane pays nothing for this. What is handed over has no claim yet: the
    bulk lane takes every step that the REST lane takes, at its time.

    Args:
        asks_from: A batch of so many changes is full.
    """

    def __init__(
        self,
        *,
        by_rest: UpsertsByRest,
        gate: Gate,
        inbound: InboundBacklog,
        watch: BacklogWatch,
        put_backlog: PutBacklog,
        clock: Callable[[], datetime],
        asks_from: int,
    ) -> None:
        self._by_rest = by_rest
        self._gate = gate
        self._inbound = inbound
        self._watch = watch
        self._put_backlog = put_backlog
        self._clock = clock
        self._asks_from = asks_from

    def __call__(self, deliveries: Sequence[Delivery], has_time: Callable[[], bool]) -> UpsertReport:
        """Take a batch of the queue, and more of it where there is much.

        Raises:
            SyncError: AWS_UNAVAILABLE; every message must come again.
        """
        if len(deliveries) < self._asks_from or not has_time() or not self._watch.is_high():
            return self._by_rest(deliveries, has_time)
        plain, others = self._sorted(deliveries)
        if len(others) > len(deliveries) // 2:
            return self._by_rest(deliveries, has_time)
        received = self._received(len(deliveries))
        more_plain, more_others = self._sorted([Delivery(each.receipt, each.change) for each in received])
        for key, some in more_plain.items():
            plain[key] += some
        return self._taken(plain, [*others, *more_others], {each.receipt for each in received}, has_time)

    def _taken(
        self,
        plain: dict[_RouteKey, list[Delivery]],
        others: list[Delivery],
        receipts: set[str],
        has_time: Callable[[], bool],
    ) -> UpsertReport:
        handed: set[str] = set()
        for key, some in plain.items():
            route = self._gate.route(key)
            if route is None or len(some) < LEAST_CHANGES:
                others += some
                continue
            self._put_backlog(route, [each.change for each in some])
            handed |= {each.message_id for each in some}
        self._inbound.delete(sorted(receipts & handed))
        report = self._by_rest(others, has_time) if others else UpsertReport(frozenset(), (), {})
        self._inbound.delete(sorted(receipts - handed - report.again))
        return replace(report, again=report.again - receipts, handed_over=len(handed))

    def _sorted(self, deliveries: Sequence[Delivery]) -> _Sorted:
        """Tell those that may go by a job, by their routes, from the others."""
        plain: dict[_RouteKey, list[Delivery]] = defaultdict(list)
        others: list[Delivery] = []
        keys = {(each.change.source, each.change.entity) for each in deliveries}
        takes = {key: self._takes(key, self._gate.route(key)) for key in keys}
        for each in deliveries:
            key = (each.change.source, each.change.entity)
            if takes[key] and is_plain(each.change):
                plain[key].append(each)
            else:
                others.append(each)
        return plain, others

    def _takes(self, key: _RouteKey, route: CompiledRoute | None) -> bool:
        return route is not None and is_plain_route(route) and self._gate.problem(key) is None

    def _received(self, has_already: int) -> Sequence[Received]:
        """Receive until there is enough, or nothing left, or too much that goes by REST all the same."""
        until = self._clock() + _RECEIVES_FOR
        received: list[Received] = []
        size = others = 0
        while self._clock() < until and size < MOST_BYTES and others < has_already:
            room = MOST_CHANGES - has_already - len(received)
            some = self._inbound.receive(room) if room > 0 else ()
            if not some:
                break
            received += some
            size += sum(each.size_bytes for each in some)
            others += sum(not is_plain(each.change) for each in some)
        return received

"""Holds the changes of routes that do not fit the org, tells people once, and hands out those that do."""

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from lockstep.domain.contract import ContractProblem, check_route
from lockstep.domain.failures import FailureKind, SyncError
from lockstep.domain.mapping import CompiledRoute
from lockstep.domain.routes import Route
from lockstep.domain.verdicts import Failed, Verdict
from lockstep.ports import Alerts, Leases
from lockstep.services.cached_describes import CachedDescribes
from lockstep.services.limited_routes import LimitedRoutes, RouteKey

# How soon a route that is held is compared with the org again; also how old a describe may be that holds one.
BROKEN_MAX_AGE_S = 120
# The org has refused a field: what is known of it may be out of date.
DOUBTED_MAX_AGE_S = 30
# The org or AWS could not be asked, or another container is asking.
UNDECIDED_S = 10
HELD_RETRY_S = 600
CHANGED_RETRY_S = 5
ALERT_AGAIN_S = 6 * 3600
_SHOWN_IN_DETAIL = 3


class Gate(Protocol):
    """Has the routes, and says which may run."""

    def route(self, route_key: RouteKey) -> CompiledRoute | None:
        """Return the route with what is known of the org, without asking for more; None where there is none."""

    def problem(self, route_key: RouteKey) -> SyncError | None:
        """Return why the route's changes must wait, or None."""

    def reconsider(self, verdicts: Sequence[Verdict], has_time: Callable[[], bool]) -> list[Verdict]:
        """Compare routes with the org again where a field was refused, by it or for its limits.

        What turns out to be the route's fault waits, and what was refused for limits that have changed is tried again.
        """


class OpenGate:
    """Implements `Gate`: every route runs, as it is compiled."""

    def __init__(self, routes: Mapping[RouteKey, CompiledRoute]) -> None:
        self._routes = routes

    def route(self, route_key: RouteKey) -> CompiledRoute | None:
        """Return the route, or None where there is none."""
        return self._routes.get(route_key)

    def problem(self, route_key: RouteKey) -> None:
        """Hold nothing."""

    def reconsider(self, verdicts: Sequence[Verdict], has_time: Callable[[], bool]) -> list[Verdict]:
        """Change nothing."""
        return list(verdicts)


@dataclass(frozen=True, slots=True)
class _Finding:
    problem: SyncError | None
    until: datetime
    alert: str = ""


class RouteGate:
    """Implements `Gate`: compares each route with the describes once in a while.

    Only errors hold a route. What cannot be compared is not held: the org's own answer decides. The limits of the org's
    fields become the route's own with each look at the describes.

    Args:
        routes: By the name of their file, without its ending.
        max_age_s: How old a describe may be while the route fits it.
        holds: False tells people, and lets the org decide: where its automation fills what the check misses.
    """

    def __init__(
        self,
        *,
        routes: Mapping[str, Route],
        describes: CachedDescribes,
        leases: Leases,
        alerts: Alerts,
        clock: Callable[[], datetime],
        max_age_s: int,
        holds: bool = True,
    ) -> None:
        self._routes = {(route.source, route.entity): (name, route) for name, route in routes.items()}
        self._limited = LimitedRoutes({key: route for key, (_, route) in self._routes.items()})
        self._describes = describes
        self._leases = leases
        self._alerts = alerts
        self._clock = clock
        self._max_age_s = max_age_s
        self._holds = holds
        self._findings: dict[RouteKey, _Finding] = {}
        self._quiet_until: datetime | None = None

    def route(self, route_key: RouteKey) -> CompiledRoute | None:
        """Return the route as of the last look."""
        return self._limited.compiled(route_key)

    def problem(self, route_key: RouteKey) -> SyncError | None:
        """Return why the route is held, from memory while that is young enough."""
        finding = self._findings.get(route_key)
        if finding is None or finding.until <= self._clock():
            finding = self._compare(route_key, self._max_age_s)
        return finding.problem

    def reconsider(self, verdicts: Sequence[Verdict], has_time: Callable[[], bool]) -> list[Verdict]:
        """Look once for each route of which a field was refused."""
        before = {_key_of(verdict): self.route(_key_of(verdict)) for verdict in verdicts if _is_doubt(verdict)}
        problems = {key: self._compare(key, DOUBTED_MAX_AGE_S).problem for key in before if has_time()}
        changed = {key for key, route in before.items() if self.route(key) is not route}
        return [_reconsidered(verdict, problems, changed) for verdict in verdicts]

    def _compare(self, route_key: RouteKey, max_age_s: int) -> _Finding:
        before = self._findings.get(route_key)
        finding = None
        if self._quiet_until is None or self._quiet_until <= self._clock():
            try:
                finding = self._finding(route_key, max_age_s)
            except SyncError:
                # An org that does not answer must not use up the function's time, route by route.
                self._quiet_until = self._in(UNDECIDED_S)
        if finding is None:
            finding = _Finding(
                before.problem if before else None, self._in(UNDECIDED_S), before.alert if before else ""
            )
        elif before and before.alert and before.alert != finding.alert:
            self._forget(before.alert)
        self._findings[route_key] = finding
        return finding

    def _finding(self, route_key: RouteKey, max_age_s: int) -> _Finding | None:
        """Compare; None where there is nothing yet to compare with."""
        name, route = self._routes[route_key]
        problems, until = self._errors(route_key, max_age_s)
        if problems and max_age_s > BROKEN_MAX_AGE_S:
            # What was kept may be older than what was deployed to the org.
            problems, until = self._errors(route_key, BROKEN_MAX_AGE_S)
        if problems is None:
            return None
        if not problems:
            return _Finding(None, until)
        alert = _alert_name(name, problems)
        self._tell(alert, name, route, problems)
        return _Finding(_held(name, problems) if self._holds else None, self._in(BROKEN_MAX_AGE_S), alert)

    def _errors(self, route_key: RouteKey, max_age_s: int) -> tuple[list[ContractProblem] | None, datetime]:
        """Return what is wrong, or None where that cannot be told yet, and until when that may be believed."""
        name, route = self._routes[route_key]
        described = self._describes.of_route(route, max_age_s)
        if described is None:
            return None, self._in(UNDECIDED_S)
        self._limited.learn(route_key, described.describes)
        found = check_route(name, route, described.describes)
        until = max(described.since + timedelta(seconds=max_age_s), self._in(UNDECIDED_S))
        return [each for each in found if not each.is_warning], until

    def _tell(self, alert: str, name: str, route: Route, problems: Sequence[ContractProblem]) -> None:
        """Tell people, unless any container has; what cannot be told now is told at the next look."""
        try:
            if not self._leases.take(alert, ALERT_AGAIN_S, self._clock()):
                return
        except SyncError:
            return
        subject = f"Lockstep: the route {name} {'is held' if self._holds else 'does not fit the org'}"
        try:
            self._alerts.tell(subject, _text(name, route, problems, holds=self._holds))
        except SyncError:
            self._forget(alert)

    def _forget(self, alert: str) -> None:
        """Let the same problem be told again when it comes back."""
        try:
            self._leases.give_back(alert)
        except SyncError:
            return  # then it is told when the lease has ended

    def _in(self, seconds: int) -> datetime:
        return self._clock() + timedelta(seconds=seconds)


def _is_doubt(verdict: Verdict) -> bool:
    return isinstance(verdict, Failed) and verdict.failure.kind in (FailureKind.FIELD_UNKNOWN, FailureKind.FIELD_LIMIT)


def _reconsidered(
    verdict: Verdict, problems: Mapping[RouteKey, SyncError | None], changed: Collection[RouteKey]
) -> Verdict:
    if not (isinstance(verdict, Failed) and _is_doubt(verdict)):
        return verdict
    if problem := problems.get(_key_of(verdict)):
        return Failed(verdict.change, problem)
    if verdict.failure.kind is FailureKind.FIELD_LIMIT and _key_of(verdict) in changed:
        again = "the org's fields have changed since the route was compared with them; the change is mapped again"
        return Failed(verdict.change, SyncError(FailureKind.ROUTE_BROKEN, again, retry_after_s=CHANGED_RETRY_S))
    return verdict


def _key_of(verdict: Verdict) -> RouteKey:
    return verdict.change.source, verdict.change.entity


def _alert_name(name: str, problems: Sequence[ContractProblem]) -> str:
    digest = hashlib.sha256("\n".join(f"{each.place}: {each.reason}" for each in problems).encode()).hexdigest()
    return f"alert#route#{name}#{digest[:16]}"


def _held(name: str, problems: Sequence[ContractProblem]) -> SyncError:
    shown = "; ".join(f"{each.place}: {each.reason}" for each in problems[:_SHOWN_IN_DETAIL])
    rest = f"; and {len(problems) - _SHOWN_IN_DETAIL} more" if len(problems) > _SHOWN_IN_DETAIL else ""
    return SyncError(
        FailureKind.ROUTE_BROKEN,
        f"the route {name} does not fit the org: {shown}{rest}. Mend one of them; the change goes on by itself",
        retry_after_s=HELD_RETRY_S,
    )


def _text(name: str, route: Route, problems: Sequence[ContractProblem], *, holds: bool) -> str:
    listed = "\n".join(
        f"{number}. {each.place}: {each.reason}.\n   What to do: {each.remedy}."
        for number, each in enumerate(problems, 1)
    )
    then = f": the changes go on by themselves within {(HELD_RETRY_S + BROKEN_MAX_AGE_S) // 60} minutes"
    held = "so its changes wait. None is lost, and no try is spent"
    return (
        f"The route {name} (routes/{name}.yaml: {route.entity} of {route.source}, to {route.object_name}) does not fit "
        f"the org, {held if holds else 'and its changes are sent all the same'}.\n\n{listed}\n\n"
        f"Mend the org, or mend the route and deploy it{then if holds else ''}. "
        f"`lockstep mapping check` lists what is left. "
        f"This is told once, and again every {ALERT_AGAIN_S // 3600} hours while it lasts."
    )

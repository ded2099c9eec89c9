"""The routes as they run: with the limits of the org's fields, as far as its describes are known."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TypeAlias

from lockstep.domain.describes import Describes
from lockstep.domain.external_ids import key_kind
from lockstep.domain.limits import with_limits
from lockstep.domain.mapping import CompiledRoute, compile_route
from lockstep.domain.routes import Route

RouteKey: TypeAlias = tuple[str, str]
"""A source and an entity."""


class LimitedRoutes:
    """Compiles each route when it is first asked for, and again when the describes of its objects have changed."""

    def __init__(self, routes: Mapping[RouteKey, Route]) -> None:
        self._routes = routes
        self._describes: dict[RouteKey, Describes] = {}
        self._as_written: dict[RouteKey, CompiledRoute] = {}
        self._compiled: dict[RouteKey, CompiledRoute] = {}

    def compiled(self, route_key: RouteKey) -> CompiledRoute | None:
        """Return the route, as it is written where no describe is known yet; None where there is no such route."""
        if route_key not in self._routes:
            return None
        if route_key not in self._compiled:
            self._compiled[route_key] = self._compile(route_key)
        return self._compiled[route_key]

    def _compile(self, route_key: RouteKey) -> CompiledRoute:
        route = self._routes[route_key]
        if route_key not in self._as_written:
            self._as_written[route_key] = compile_route(route)
        as_written = self._as_written[route_key]
        if route_key not in self._describes:
            return as_written
        described = self._describes[route_key].get(route.object_name)
        kind = key_kind(described.field(route.external_id.field) if described else None)
        limited = compile_route(with_limits(route, self._describes[route_key]))
        return replace(limited, as_written=as_written, key_kind=kind)

    def learn(self, route_key: RouteKey, describes: Describes) -> None:
        """Take in what the org says of the route's objects."""
        if self._describes.get(route_key) != describes:
            self._describes[route_key] = describes
            self._compiled.pop(route_key, None)

"""The routes as they run: with the limits of the org's fields, as far as its describes are known."""

from collections.abc import Mapping
from typing import TypeAlias

from lockstep.domain.describes import Describes
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
        self._compiled: dict[RouteKey, CompiledRoute] = {}

    def compiled(self, route_key: RouteKey) -> CompiledRoute | None:
        """Return the route, as it is written where no describe is known yet; None where there is no such route."""
        if route_key not in self._routes:
            return None
        if route_key not in self._compiled:
            route = with_limits(self._routes[route_key], self._describes.get(route_key, {}))
            self._compiled[route_key] = compile_route(route)
        return self._compiled[route_key]

    def learn(self, route_key: RouteKey, describes: Describes) -> None:
        """Take in what the org says of the route's objects."""
        if self._describes.get(route_key) != describes:
            self._describes[route_key] = describes
            self._compiled.pop(route_key, None)

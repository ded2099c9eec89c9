"""Loads the YAML files of the routes, checks them against each other, and compiles them."""

from collections.abc import Mapping, Sequence
from importlib.resources.abc import Traversable
from pathlib import Path

from lockstep.domain.failures import FailureKind, SyncError
from lockstep.domain.mapping import CompiledRoute, compile_route
from lockstep.domain.routes import Clash, Route, problems_between, problems_with_sources
from lockstep.domain.sources import Source
from lockstep.runtime.config_files import ConfigFile, config_folder, load_yaml_models


def load_routes(folder: Traversable | None = None) -> Mapping[tuple[str, str], CompiledRoute]:
    """Return every route by (source, entity).

    Raises:
        SyncError: CONFIGURATION_INVALID: one line for each problem, as `file:line: place: reason. remedy`.
    """
    return {(route.source, route.entity): compile_route(route) for route in load_route_models(folder).values()}


def load_route_models(folder: Traversable | None = None) -> Mapping[str, Route]:
    """Return every route as written, by the name of its file without the ending.

    Raises:
        SyncError: As `load_routes`.
    """
    folder = folder or config_folder("routes")
    routes = load_yaml_models(folder, Route)
    if clashes := problems_between(_by_file(folder, routes)):
        raise SyncError(FailureKind.CONFIGURATION_INVALID, "\n".join(_told(folder, clashes)))
    return routes


def version_problems(sources: Mapping[str, Source], folder: Traversable | None = None) -> list[str]:
    """Say where the versions of a route's files and of its source's events cannot be compared.

    Raises:
        SyncError: As `load_routes`.
    """
    folder = folder or config_folder("routes")
    return _told(folder, problems_with_sources(_by_file(folder, load_route_models(folder)), sources))


def _by_file(folder: Traversable, routes: Mapping[str, Route]) -> Mapping[str, Route]:
    return {f"{folder.name}/{stem}.yaml": route for stem, route in routes.items()}


def _told(folder: Traversable, clashes: Sequence[Clash]) -> list[str]:
    return [ConfigFile(folder, Path(each.name).name).told(each.path, each.said) for each in clashes]

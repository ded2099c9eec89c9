"""Loads the YAML files of the routes, checks them against each other, and compiles them."""

from collections.abc import Mapping
from importlib.resources.abc import Traversable
from pathlib import Path

from lockstep.domain.failures import FailureKind, SyncError
from lockstep.domain.mapping import CompiledRoute, compile_route
from lockstep.domain.routes import Route, problems_between
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
    clashes = problems_between({f"{folder.name}/{stem}.yaml": route for stem, route in routes.items()})
    if clashes:
        told = [ConfigFile(folder, Path(each.name).name).told(each.path, each.said) for each in clashes]
        raise SyncError(FailureKind.CONFIGURATION_INVALID, "\n".join(told))
    return routes

"""Finds the routes that a command is about."""

from collections.abc import Mapping
from pathlib import Path

from cli.failure import CannotError
from lockstep.domain.routes import Route
from lockstep.runtime.route_files import load_route_models

OWN_CONFIG = Path(__file__).parents[1] / "layers" / "config" / "lockstep_config"


def routes_folder(config: Path) -> Path:
    """Return the folder of the routes' files, given it or the one around it.

    Raises:
        CannotError: There is none.
    """
    folder = config / "routes" if (config / "routes").is_dir() else config
    if not folder.is_dir():
        raise CannotError(f"{config}: there is no such folder; --config names one that holds routes/*.yaml")
    return folder


def route_named(name: str, config: Path) -> Route:
    """Return a route by its file's name, or as source/entity.

    Raises:
        CannotError: There is no such route.
        SyncError: CONFIGURATION_INVALID.
    """
    routes = load_route_models(routes_folder(config))
    by_entity = {f"{route.source}/{route.entity}": route for route in routes.values()}
    found = routes.get(Path(name).stem if name.endswith(".yaml") else name) or by_entity.get(name)
    if found is None:
        raise CannotError(f"there is no route {name}; there are: {_listed(routes)}")
    return found


def _listed(routes: Mapping[str, Route]) -> str:
    return ", ".join(sorted(routes))

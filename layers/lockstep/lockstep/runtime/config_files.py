"""Loads the YAML files of sources and routes; `python -m lockstep.runtime.config_files` checks them at build time."""

import sys
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from lockstep.domain.failures import FailureKind, SyncError
from lockstep.domain.sources import Source

CONFIG_PACKAGE = "lockstep_config"
_REMEDY_BY_ERROR_TYPE = {
    "missing": "Add it",
    "extra_forbidden": "Remove it, or correct its spelling",
    "union_tag_invalid": "Choose one of those",
    "union_tag_not_found": "Add it",
}

Model = TypeVar("Model", bound=BaseModel)
Key = TypeVar("Key")
Entry = TypeVar("Entry")
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _StrictLoader(_Loader):  # type: ignore[misc]
    """YAML that refuses a key written twice, where PyYAML would keep the last."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:  # noqa: FBT001, FBT002
        seen = set()
        for key_node, _ in node.value:
            key = str(self.construct_object(key_node, deep=True))
            if key in seen:
                raise yaml.constructor.ConstructorError(None, None, f"written twice: {key}", key_node.start_mark)
            seen.add(key)
        mapping: dict[Hashable, Any] = super().construct_mapping(node, deep=deep)
        return mapping


def config_folder(name: str) -> Traversable:
    """Return a folder of the configuration layer."""
    return resources.files(CONFIG_PACKAGE) / name


def load_sources(folder: Traversable | None = None) -> Mapping[str, Source]:
    """Return every source by its name, which is also its file's name.

    Raises:
        SyncError: CONFIGURATION_INVALID, with the problems of all files.
    """
    folder = folder or config_folder("sources")
    sources = load_yaml_models(folder, Source)
    misnamed = [
        f"{folder.name}/{stem}.yaml: source: not the file's name. Call the file {source.source}.yaml"
        for stem, source in sources.items()
        if source.source != stem
    ]
    if misnamed:
        raise _invalid(misnamed)
    return sources


def load_yaml_models(folder: Traversable, model: type[Model]) -> Mapping[str, Model]:
    """Return one model for each `*.yaml` in the folder, by the file's name without its ending.

    Raises:
        SyncError: CONFIGURATION_INVALID: one line for each problem of all files, as `file: place: reason. remedy`.
    """
    models: dict[str, Model] = {}
    problems: list[str] = []
    for file in _yaml_files(folder):
        try:
            models[file.name.removesuffix(".yaml")] = model.model_validate(_parsed(file))
        except ValidationError as exc:
            problems += [_problem(folder, file, error) for error in exc.errors(include_input=False)]
        except (yaml.YAMLError, UnicodeDecodeError) as exc:
            problems.append(f"{folder.name}/{file.name}: {_yaml_problem(exc)}. Correct the YAML")
    if not models and not problems:
        problems.append(f"{folder.name}/*.yaml: no file is there. Add one for each entry")
    if problems:
        raise _invalid(problems)
    return models


def main() -> int:
    """Check every file; print the problems and return 1 where there are any."""
    from lockstep.runtime.route_files import load_routes  # it builds on this module

    problems: list[str] = []
    sources = _loaded(load_sources, problems)
    routes = _loaded(load_routes, problems)
    told = {(source.source, rule.entity) for source in sources.values() for rule in source.events}
    if sources and routes:
        problems += _routes_without_a_source(set(routes) - told)
    for problem in problems:
        print(problem, file=sys.stderr)  # noqa: T201
    if not problems:
        print(_summary(len(sources), len(routes), told - set(routes)))  # noqa: T201
    return 1 if problems else 0


def _summary(sources: int, routes: int, unrouted: Iterable[tuple[str, str]]) -> str:
    waiting = ", ".join(f"{source}/{entity}" for source, entity in sorted(unrouted))
    note = f"\nWithout a route, so their changes would wait for a person: {waiting}" if waiting else ""
    return f"{sources} sources and {routes} routes are well described{note}"


def _routes_without_a_source(untold: Iterable[tuple[str, str]]) -> list[str]:
    return [
        f"routes: {source}/{entity}: no file in sources tells of it. Correct the route, or add the entity to the source"
        for source, entity in sorted(untold)
    ]


def _loaded(load: Callable[[], Mapping[Key, Entry]], problems: list[str]) -> Mapping[Key, Entry]:
    try:
        return load()
    except SyncError as exc:
        problems.append(exc.detail)
        return {}


def _yaml_files(folder: Traversable) -> Iterator[Traversable]:
    if not folder.is_dir():
        return iter(())
    return iter(sorted((file for file in folder.iterdir() if file.name.endswith(".yaml")), key=lambda file: file.name))


def _parsed(file: Traversable) -> Any:
    # A subclass of the safe loader: it builds nothing but plain values.
    return yaml.load(file.read_bytes().decode("utf-8"), Loader=_StrictLoader)  # noqa: S506


def _problem(folder: Traversable, file: Traversable, error: ErrorDetails) -> str:
    place = ".".join(str(part) for part in error["loc"]) or "the file"
    reason = error["msg"].removeprefix("Value error, ").rstrip(":")
    if error["type"] == "union_tag_not_found":
        reason = f"{error['ctx']['discriminator'].strip(chr(39))} is missing"
    remedy = _REMEDY_BY_ERROR_TYPE.get(error["type"], "Correct it")
    return f"{folder.name}/{file.name}: {place}: {reason}. {remedy}"


def _yaml_problem(error: Exception) -> str:
    if not isinstance(error, yaml.MarkedYAMLError):
        return "not YAML in UTF-8"
    mark = error.problem_mark
    return f"line {mark.line + 1}: {error.problem}" if mark else f"{error.problem}"


def _invalid(problems: list[str]) -> SyncError:
    return SyncError(FailureKind.CONFIGURATION_INVALID, "\n".join(problems))


if __name__ == "__main__":
    sys.exit(main())

"""Loads the YAML files of sources and routes; `python -m lockstep.runtime.config_files` checks them at build time."""

import sys
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from lockstep.domain.failures import FailureKind, SyncError
from lockstep.domain.model import MisplacedError
from lockstep.domain.sources import Source
from lockstep.runtime.yaml_places import line_of

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


@dataclass(frozen=True, slots=True)
class ConfigFile:
    """A YAML file of the configuration."""

    folder: Traversable
    name: str

    def __str__(self) -> str:
        return f"{self.folder.name}/{self.name}"

    def parsed(self) -> Any:
        """Return what it holds.

        Raises:
            YAMLError, UnicodeDecodeError: It is not YAML.
        """
        # A subclass of the safe loader: it builds nothing but plain values.
        return yaml.load(self._text(), Loader=_StrictLoader)  # noqa: S506

    def told(self, path: Sequence[str], said: str) -> str:
        """Return a problem as people and editors read it: `file:line: place: said`."""
        line = line_of(self._text(), path) if path else None
        return f"{self}{f':{line}' if line else ''}: {'.'.join(path) or 'the file'}: {said}"

    def _text(self) -> str:
        return (self.folder / self.name).read_bytes().decode("utf-8")


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
        ConfigFile(folder, f"{stem}.yaml").told(("source",), f"not the file's name. Call the file {source.source}.yaml")
        for stem, source in sources.items()
        if source.source != stem
    ]
    if misnamed:
        raise _invalid(misnamed)
    return sources


def load_yaml_models(folder: Traversable, model: type[Model]) -> Mapping[str, Model]:
    """Return one model for each `*.yaml` in the folder, by the file's name without its ending.

    Raises:
        SyncError: CONFIGURATION_INVALID: one line for each problem of all files, as `file:line: place: reason. remedy`.
    """
    models: dict[str, Model] = {}
    problems: list[str] = []
    for name in _yaml_names(folder):
        file = ConfigFile(folder, name)
        try:
            models[name.removesuffix(".yaml")] = model.model_validate(file.parsed())
        except ValidationError as exc:
            problems += [_problem(file, error) for error in exc.errors(include_input=False)]
        except (yaml.YAMLError, UnicodeDecodeError) as exc:
            problems.append(_yaml_problem(file, exc))
    if not models and not problems:
        problems.append(f"{folder.name}/*.yaml: no file is there. Add one for each entry")
    if problems:
        raise _invalid(problems)
    return models


def main() -> int:
    """Check every file; print the problems and return 1 where there are any."""
    from lockstep.runtime.route_files import load_routes, version_problems  # it builds on this module

    problems: list[str] = []
    sources = _loaded(load_sources, problems)
    routes = _loaded(load_routes, problems)
    told = {(source.source, rule.entity) for source in sources.values() for rule in source.events}
    if sources and routes:
        problems += _routes_without_a_source(set(routes) - told)
        problems += version_problems(sources)
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


def _yaml_names(folder: Traversable) -> list[str]:
    if not folder.is_dir():
        return []
    return sorted(file.name for file in folder.iterdir() if file.name.endswith(".yaml"))


def _problem(file: ConfigFile, error: ErrorDetails) -> str:
    cause = error.get("ctx", {}).get("error")
    below = cause.path if isinstance(cause, MisplacedError) else ()
    reason = error["msg"].removeprefix("Value error, ").rstrip(":")
    if error["type"] == "union_tag_not_found":
        reason = f"{error['ctx']['discriminator'].strip(chr(39))} is missing"
    remedy = _REMEDY_BY_ERROR_TYPE.get(error["type"], "Correct it")
    return file.told([str(part) for part in (*error["loc"], *below)], f"{reason}. {remedy}")


def _yaml_problem(file: ConfigFile, error: Exception) -> str:
    if not isinstance(error, yaml.MarkedYAMLError):
        return f"{file}: the file: not YAML in UTF-8. Correct the YAML"
    mark = error.problem_mark
    return f"{file}{f':{mark.line + 1}' if mark else ''}: the file: {error.problem}. Correct the YAML"


def _invalid(problems: list[str]) -> SyncError:
    return SyncError(FailureKind.CONFIGURATION_INVALID, "\n".join(problems))


if __name__ == "__main__":
    sys.exit(main())

"""Reads folders of `sf data export tree`: plans, and files of records that refer to each other as `@Ref`."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_MARK = "@"


class SeedError(Exception):
    """Raised when a seed cannot be read or written; its text names the file, the record and the reason."""


@dataclass(frozen=True, slots=True)
class SeedRecord:
    """One record to write before anybody calls, the file it stands in, and its children."""

    object_name: str
    reference: str | None
    values: Mapping[str, Any]
    children: Mapping[str, Sequence["SeedRecord"]]
    """By the name of the relationship that leads to them."""
    resolves: bool
    """False where a text that begins with @ is no reference."""
    file: Path

    @property
    def references(self) -> frozenset[str]:
        """Return what the record, or one below it, must find written before it."""
        own = {value[1:] for value in self.values.values() if self.resolves and is_reference(value)}
        return frozenset(own).union(*(each.references for below in self.children.values() for each in below))


def is_reference(value: Any) -> bool:
    """Tell whether a value stands for the id of another record."""
    return isinstance(value, str) and value.startswith(_MARK)


def read_seeds(folder: Path) -> list[SeedRecord]:
    """Return the records of a folder: of its plans, or of every file of records where it has no plan.

    Raises:
        SeedError: A file is missing, or is no plan and no tree of records.
    """
    if not folder.is_dir():
        raise SeedError(f"{folder}: there is no such folder")
    contents = {file: _read(file) for file in sorted(folder.rglob("*.json"))}
    plans = {file: content for file, content in contents.items() if _is_plan(content)}
    if plans:
        return [each for file, plan in plans.items() for step in plan for each in _of_step(step, file)]
    trees = [(file, content) for file, content in contents.items() if isinstance(content, dict)]
    found = [each for file, content in trees for each in _records(content, file, resolves=True)]
    if not found:
        raise SeedError(f"{folder}: holds no plan and no file with records, as `sf data export tree` writes them")
    return found


def _read(file: Path) -> Any:
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as exc:
        raise SeedError(f"{file}: not readable JSON: {exc}") from exc


def _is_plan(content: Any) -> bool:
    return isinstance(content, list) and bool(content) and all(isinstance(e, dict) and "files" in e for e in content)


def _of_step(step: Mapping[str, Any], plan: Path) -> Iterator[SeedRecord]:
    for name in step["files"]:
        file = plan.parent / str(name)
        content = _read(file)
        if not isinstance(content, dict):
            raise SeedError(f"{file}: is no tree of records")
        yield from _records(content, file, resolves=bool(step.get("resolveRefs", True)))


def _records(tree: Mapping[str, Any], file: Path, *, resolves: bool) -> list[SeedRecord]:
    records = tree.get("records", [])
    if not isinstance(records, list) or not all(isinstance(each, dict) for each in records):
        raise SeedError(f"{file}: <records> is no list of records")
    return [_record(each, file, resolves=resolves) for each in records]


def _record(body: Mapping[str, Any], file: Path, *, resolves: bool) -> SeedRecord:
    attributes = body.get("attributes")
    if not isinstance(attributes, dict) or not isinstance(attributes.get("type"), str):
        raise SeedError(f"{file}: a record has no attributes with its type")
    below = {name: value for name, value in body.items() if isinstance(value, dict) and "records" in value}
    return SeedRecord(
        object_name=attributes["type"],
        reference=attributes.get("referenceId"),
        values={name: value for name, value in body.items() if name != "attributes" and name not in below},
        children={name: _records(value, file, resolves=resolves) for name, value in below.items()},
        resolves=resolves,
        file=file,
    )

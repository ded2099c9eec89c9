"""Reads the standard objects from the YAML files beside this module."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from local.org.schema import USUAL_CAPABILITIES, FieldSchema, ObjectSchema, PicklistValue
from local.org.standard_objects.notation import ValueSets, read_field

_FOLDER = Path(__file__).parent
_GROUP_MARK = "+"
_SafeLoader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # four times as fast where there is libyaml


def read_standard_objects(replaced_value_sets: ValueSets | None = None) -> dict[str, ObjectSchema]:
    """Return the standard objects by API name.

    Args:
        replaced_value_sets: Picklist values by StandardValueSet name that an org has instead of the usual ones.
    """
    groups = _read("_groups")
    value_sets = {**read_value_sets(), **(replaced_value_sets or {})}
    names = sorted(path.stem for path in _FOLDER.glob("[A-Z]*.yaml"))
    return {name: _object_schema(name, _read(name), groups, value_sets) for name in names}


def read_value_sets() -> dict[str, tuple[PicklistValue, ...]]:
    """Return the usual picklist values by StandardValueSet name."""
    return {name: tuple(_picklist_values(entries)) for name, entries in _read("_value_sets").items()}


def expand_group(name: str, *words: str) -> Iterator[FieldSchema]:
    """Yield the fields of a group, such as the audit fields that custom objects have too."""
    return (read_field(line, {}) for line in _expand(f"{_GROUP_MARK}{name} {' '.join(words)}", _read("_groups")))


def _read(stem: str) -> dict[str, Any]:
    text = (_FOLDER / f"{stem}.yaml").read_text(encoding="utf-8")
    contents: dict[str, Any] = yaml.load(text, Loader=_SafeLoader)  # noqa: S506 - is a safe one
    return contents


def _object_schema(
    name: str, facts: Mapping[str, Any], groups: Mapping[str, Sequence[str]], value_sets: ValueSets
) -> ObjectSchema:
    lines = [each for line in facts["fields"] for each in _expand(line, groups)]
    fields = [read_field(line, value_sets) for line in lines]
    return ObjectSchema(
        name=name,
        label=facts["label"],
        label_plural=facts["plural"],
        key_prefix=facts["prefix"],
        fields={field.name: field for field in fields},
        capabilities=(USUAL_CAPABILITIES - set(facts.get("not", ()))) | set(facts.get("also", ())),
        required_one_of=tuple(tuple(group) for group in facts.get("required_one_of", ())),
    )


def _expand(line: str, groups: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """Yield the line itself, or the lines of the group that it names."""
    if not line.startswith(_GROUP_MARK):
        yield line
        return
    name, _, words = line[len(_GROUP_MARK) :].partition(" ")
    yield from (member.replace("{}", words) for member in groups[name])


def _picklist_values(entries: Iterable[str]) -> Iterator[PicklistValue]:
    for entry in entries:
        value, _, label = (part.strip() for part in entry.partition(" = "))
        name = value.removesuffix("*")
        yield PicklistValue(value=name, label=label or name, default=value.endswith("*"))

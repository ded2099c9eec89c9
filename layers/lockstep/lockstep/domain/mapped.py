"""What the mapping makes of a payload: a record, a Bulk row, or everything that is wrong with it."""

from dataclasses import dataclass
from typing import NamedTuple

from lockstep.domain.conversions.results import Scalar
from lockstep.domain.json_text import JsonValue
from lockstep.domain.lookups import Wish
from lockstep.domain.presence import FieldStep


@dataclass(frozen=True, slots=True)
class Parent:
    """A lookup of the route: which field, through which relationship, to what, found by which External ID field.

    `stub` fills the parent where it is missing and the route says that it is made.
    """

    lookup: str
    relationship: str
    object_name: str
    field_name: str
    stub: tuple[FieldStep, ...] | None = None


@dataclass(frozen=True, slots=True)
class ParentKey:
    """A parent that a record refers to, by its External ID."""

    object_name: str
    field_name: str
    value: str


class Stub(NamedTuple):
    """A parent to be made where it is missing, with its key."""

    parent: ParentKey
    fields: dict[str, JsonValue]


@dataclass(frozen=True, slots=True)
class Note:
    """What was done to a field because the route asked for it; never holds the value."""

    field: str
    what: str


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """Why one field cannot be written, and what to do; never holds the value."""

    field: str
    reason: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Mapped:
    """A record ready for sObject Collections: null clears, what is not there stays, references are nested.

    `wishes` are the fields that still need the Id of a record of the org.
    """

    fields: dict[str, JsonValue]
    notes: tuple[Note, ...] = ()
    parents: tuple[ParentKey, ...] = ()
    wishes: tuple[Wish, ...] = ()
    stubs: tuple[Stub, ...] = ()


class BulkRow(NamedTuple):
    """A record as a row for Bulk: `cells` stand in the order of the route's `bulk_header`."""

    cells: list[str]
    notes: tuple[Note, ...] = ()
    wishes: tuple[Wish, ...] = ()


@dataclass(frozen=True, slots=True)
class Unmappable:
    """Everything that is wrong with a record, at once."""

    problems: tuple[FieldProblem, ...]


@dataclass(frozen=True, slots=True)
class FieldValues:
    """What a payload says, by field, before it is rendered for REST or Bulk: None clears, a lookup holds its key."""

    values: dict[str, Scalar | None]
    notes: tuple[Note, ...]
    wishes: tuple[Wish, ...] = ()

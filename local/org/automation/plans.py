"""Triggers as data: when one runs, what it costs, what it changes, and when it fails."""

from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, model_validator

_Count = Annotated[int, Field(ge=0, le=10**9)]


class Event(StrEnum):
    """What happens to a record."""

    INSERT = "insert"
    UPDATE = "update"
    DELETE = "delete"


class Timing(StrEnum):
    """Whether a trigger runs before the save, where it may change its own record, or after it."""

    BEFORE = "before"
    AFTER = "after"


class Costs(BaseModel):
    """What a trigger uses of a transaction's limits."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    queries: _Count = 0
    query_rows: _Count = 0
    dml_statements: _Count = 0
    dml_rows: _Count = 0
    cpu_ms: _Count = 0


class FieldChange(BaseModel):
    """A field that a trigger sets: of the record itself, or of the parent that the lookup `through` leads to."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    through: str | None = None
    field: str
    value: str | float | bool | None = None
    copy_of: str | None = None
    """A field of the record whose value is set, instead of `value`."""


class Failure(BaseModel):
    """When a trigger fails: for records whose field has the value. An exception fails the whole chunk."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    field: str
    value: str | float | bool | None
    exception: str = "System.NullPointerException: Attempt to de-reference a null object"
    add_error: str | None = None
    """The text of `record.addError(...)`, which fails the row alone, instead of an exception."""


class TriggerPlan(BaseModel):
    """One simulated trigger; `costs` are for a chunk of up to 200 records, `costs_per_row` for each of them."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    object: str
    name: str = ""
    on: frozenset[Event] = frozenset({Event.INSERT, Event.UPDATE})
    timing: Timing = Timing.AFTER
    costs: Costs = Costs()
    costs_per_row: Costs = Costs()
    sets: tuple[FieldChange, ...] = ()
    fails: Failure | None = None

    @model_validator(mode="after")
    def _changes_itself_only_before(self) -> "TriggerPlan":
        if self.timing is Timing.AFTER and any(each.through is None for each in self.sets):
            raise ValueError("a trigger that runs after the save changes other records only; give `through`")
        return self

    @property
    def title(self) -> str:
        """The trigger's name, as its errors begin with."""
        return self.name or f"{self.object.removesuffix('__c')}Trigger"


TRIGGER_PLANS: TypeAdapter[list[TriggerPlan]] = TypeAdapter(list[TriggerPlan])


def stage(timing: Timing, event: Event) -> str:
    """Return Apex's word for the moment, as in `AfterInsert`."""
    return f"{timing.capitalize()}{event.capitalize()}"


def same(kept: Any, wanted: Any) -> bool:
    """Tell whether a kept value is the planned one; true is not 1."""
    return kept == wanted and isinstance(kept, bool) is isinstance(wanted, bool)

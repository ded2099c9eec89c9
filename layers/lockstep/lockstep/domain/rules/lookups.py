"""The rule of a lookup whose parent has no External ID: the record is found by a query."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self, TypeAlias

from pydantic import ConfigDict, Discriminator, Field, StrictBool, Tag, model_validator

from lockstep.domain.model import Shape
from lockstep.domain.names import ApiName, FieldPath
from lockstep.domain.rules.base import ClearOrLeave, Conditional, ConstantValue, Paths


class MatchFrom(Shape):
    """A value of the payload, as text; of a list the first that is neither null nor blank."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    sources: Annotated[Paths, Field(alias="from")]
    trim: StrictBool = False


class MatchValue(Shape):
    """The same value for every record."""

    value: ConstantValue


def _match_kind(given: Any) -> str:
    is_constant = "value" in given if isinstance(given, Mapping) else isinstance(given, MatchValue)
    return "value" if is_constant else "from"


Match: TypeAlias = Annotated[
    Annotated[MatchFrom, Tag("from")] | Annotated[MatchValue, Tag("value")], Discriminator(_match_kind)
]


class LookupRule(Conditional):
    """A lookup, by a query: the one record of `object` whose fields have the values of `match`.

    A field of `match` may lie in a parent: Product2.ProductCode. `when_missing` says what becomes of the change while
    there is no such record: it waits, it is refused, or the field is cleared.
    """

    type: Literal["lookup"]
    object_name: Annotated[ApiName, Field(alias="object")]
    match: Annotated[Mapping[FieldPath, Match], Field(min_length=1)]
    when_missing: Literal["wait", "reject", "clear"] = "wait"
    when_null: ClearOrLeave = "clear"
    when_blank: ClearOrLeave = "clear"
    required: StrictBool = False

    @model_validator(mode="after")
    def _clears_only_what_may_be_empty(self) -> Self:
        if self.required and self.when_missing == "clear":
            raise ValueError("a required field cannot be cleared: set when_missing to wait or reject")
        return self

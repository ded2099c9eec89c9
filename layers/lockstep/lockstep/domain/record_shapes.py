"""What a route's file says of one record: its object, its key, its fields."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Self

from pydantic import ConfigDict, Field, StrictBool, model_validator

from lockstep.domain.expressions import CompiledExpression
from lockstep.domain.model import MisplacedError, Shape
from lockstep.domain.names import ApiName, relationship_of
from lockstep.domain.rules import AddressRule, ClearOrLeave, GeolocationRule, ReferenceRule, Rule
from lockstep.domain.rules.base import Paths
from lockstep.domain.rules.places import filled_fields
from lockstep.domain.templates import CompiledTemplate


class ExternalIdTarget(Shape):
    """Where the change's External ID goes; records are found by it."""

    field: ApiName


class RecordShape(Shape):
    """A record of one object, and how its fields are filled."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    object_name: Annotated[ApiName, Field(alias="object")]
    external_id: ExternalIdTarget
    version_field: ApiName | None = None
    change_field: ApiName | None = None
    when: CompiledExpression | None = None
    when_null: ClearOrLeave = "clear"
    when_blank: ClearOrLeave = "clear"
    fields: Annotated[Mapping[ApiName, Rule], Field(min_length=1)]

    @property
    def references(self) -> Mapping[str, ReferenceRule]:
        """The lookup fields that name their parent by its External ID, and their rules."""
        return {name: rule for name, rule in self.fields.items() if isinstance(rule, ReferenceRule)}

    @property
    def written_fields(self) -> Sequence[str]:
        """Every field that the rules write: of a compound its parts."""
        return [written for name in self.fields for written in self.written_by(name)]

    def written_by(self, name: str) -> Sequence[str]:
        """Return the fields that the rule of that name writes."""
        rule = self.fields[name]
        return filled_fields(name, rule) if isinstance(rule, GeolocationRule | AddressRule) else [name]

    @property
    def own_fields(self) -> Sequence[str]:
        """The fields that Lockstep fills by itself."""
        return [name for name in (self.external_id.field, self.version_field, self.change_field) if name]

    @model_validator(mode="after")
    def _writes_each_field_once(self) -> Self:
        _refuse_twice(list(self.written_fields), "fields")
        last = "change_field" if self.change_field else "version_field"
        _refuse_twice(list(self.own_fields), "external_id, version_field and change_field", last)
        self.refuse_own("fields", self.written_fields)
        return self

    def refuse_own(self, place: str, names: Sequence[str]) -> None:
        """Refuse names of fields that Lockstep fills by itself."""
        taken = {name.casefold() for name in self.own_fields} & {name.casefold() for name in names}
        if taken:
            raise MisplacedError(
                f"{place} names {', '.join(sorted(name for name in names if name.casefold() in taken))}, "
                f"which Lockstep fills by itself (external_id, version_field, change_field): take it out of {place}",
                *place.split("."),
                next(name for name in names if name.casefold() in taken),
            )

    @model_validator(mode="after")
    def _names_each_relationship(self) -> Self:
        relationships = {name: rule.relationship or relationship_of(name) for name, rule in self.references.items()}
        for name, relationship in relationships.items():
            if relationship is None:
                raise MisplacedError("not a lookup by its name (...Id or ...__c): set relationship", "fields", name)
        written = [*self.written_fields, *(relationship for relationship in relationships.values() if relationship)]
        _refuse_twice(written, "fields and the relationships of its references")
        return self


class AlsoKey(ExternalIdTarget):
    """Where the External ID of a further record goes, and where the payload has it."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    sources: Annotated[Paths, Field(alias="from")] = ()
    template: CompiledTemplate | None = None
    trim: StrictBool = False

    @model_validator(mode="after")
    def _is_read_from_one_place(self) -> Self:
        if bool(self.sources) == (self.template is not None):
            raise ValueError("set either `from` or `template`: of a further record the payload says the External ID")
        return self


class AlsoRecord(RecordShape):
    """A further record of the same payload; with `each` one for every element of a list.

    With `each` the expressions see the element as `item` and the payload as `body`.
    """

    external_id: AlsoKey
    each: CompiledExpression | None = None


def _refuse_twice(names: list[str], place: str, key: str = "fields") -> None:
    folded = [name.casefold() for name in names]
    twice = sorted({name for name in names if folded.count(name.casefold()) > 1})
    if twice:
        reason = f"{place}: {', '.join(twice)} would be written twice (case does not count): keep one"
        raise MisplacedError(reason, key, next(name for name in reversed(names) if name in twice))

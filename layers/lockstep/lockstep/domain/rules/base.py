"""What every rule can say: where its value is found, and what becomes of a value that is not there."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal, Self, TypeAlias

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, StrictBool, StrictStr, model_validator

from lockstep.domain.expressions import CompiledExpression
from lockstep.domain.model import Shape
from lockstep.domain.null_mark import BULK_NULL
from lockstep.domain.templates import CompiledTemplate

ClearOrLeave: TypeAlias = Literal["clear", "leave"]
ClearOrReject: TypeAlias = Literal["reject", "clear"]


def as_list(value: Any) -> Any:
    """Let one text stand for a list of one."""
    return [value] if isinstance(value, str) else value


def _plain_value(value: Any) -> Any:
    if type(value) not in {bool, int, str}:
        raise ValueError("true, false, a whole number or text belongs here; write 1.5 in quotes")
    if value in ("", BULK_NULL):
        raise ValueError("an empty text and #N/A mean null to Salesforce; a constant is a value")
    return value


def quoted(value: Any) -> Any:
    """Refuse what YAML has read as something else than text."""
    if not isinstance(value, str):
        raise ValueError("write it in quotes: YAML reads words such as no, on and 1 as true, false or a number")  # noqa: TRY004
    return value


def _speakable(text: str) -> str:
    if not text.strip() or text == BULK_NULL:
        raise ValueError("a blank text and #N/A mean null to Salesforce; write the value that the org has")
    return text


ConstantValue = Annotated[bool | int | str, BeforeValidator(_plain_value)]
SourceWord = Annotated[str, BeforeValidator(quoted)]
OrgWord = Annotated[str, BeforeValidator(quoted), AfterValidator(_speakable)]
Paths = Annotated[
    Sequence[CompiledExpression],
    BeforeValidator(as_list, json_schema_input_type=StrictStr | list[StrictStr]),
    Field(min_length=1),
]


class Conditional(Shape):
    """What every rule can say: `when` it holds, the field is written, else it is left alone.

    `create_only` fields are sent for records that the org does not have yet: some can be set once and never again.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    when: CompiledExpression | None = None
    create_only: StrictBool = False


class Sourced(Conditional):
    """What every rule that reads the payload can say.

    `from` may be a list: the first value that is neither null nor blank wins. Where the payload does not speak of the
    field at all it is not sent.
    """

    model_config = ConfigDict(
        arbitrary_types_allowed=True,
        json_schema_extra={"oneOf": [{"required": ["from"]}, {"required": ["template"]}]},
    )

    sources: Annotated[Paths, Field(alias="from")] = ()
    template: CompiledTemplate | None = None
    when_part_empty: Literal["reject", "collapse"] = "reject"
    required: StrictBool = False
    trim: StrictBool = False
    null_words: Sequence[SourceWord] = ()

    @model_validator(mode="after")
    def _reads_from_one_place(self) -> Self:
        if bool(self.sources) == (self.template is not None):
            raise ValueError("set either `from` or `template`")
        if self.template is None and "when_part_empty" in self.model_fields_set:
            raise ValueError("when_part_empty belongs to `template`")
        return self


class Clearable(Sourced):
    """Null and blank clear the field, unless the rule or the route says otherwise."""

    when_null: ClearOrLeave = "clear"
    when_blank: ClearOrLeave = "clear"


class ConstantRule(Conditional):
    """The same value in every record."""

    type: Literal["constant"]
    value: ConstantValue

"""Rules for values of a closed list: true and false, picklists, and records of the org."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, PrivateAttr, StrictBool, model_validator

from lockstep.domain.names import ApiName
from lockstep.domain.rules.base import Clearable, ConstantRule, OrgWord, Sourced, SourceWord, quoted
from lockstep.domain.rules.texts import TextRule


class BooleanRule(Sourced):
    """True or false. A checkbox cannot be empty: null and blank leave it, unless `required` refuses them."""

    type: Literal["boolean"]
    when_null: Literal["leave"] = "leave"
    when_blank: Literal["leave"] = "leave"


class ChoiceRule(Clearable):
    """What one and several choices have in common."""

    values: Mapping[SourceWord, OrgWord] = Field(default_factory=dict)
    ignore_case: StrictBool = False
    passthrough: StrictBool = False
    default: OrgWord | None = None
    _allowed: frozenset[str] | None = PrivateAttr(default=None)

    @property
    def allowed(self) -> frozenset[str] | None:
        """The values that the org takes, None where it takes others too; it is the org that says so, not the file."""
        return self._allowed

    def limited_to(self, values: Iterable[str]) -> Self:
        """Return the rule that answers with none but these values."""
        limited = self.model_copy()
        limited._allowed = frozenset(values)  # noqa: SLF001 - its own
        return limited

    @model_validator(mode="after")
    def _knows_what_to_answer(self) -> Self:
        if not self.values and not self.passthrough:
            raise ValueError("values: a value table is missing (or set passthrough: true)")
        if self.passthrough and self.default is not None:
            raise ValueError("with passthrough no value is left for `default`: take one of them away")
        return self

    @model_validator(mode="after")
    def _words_differ(self) -> Self:
        org_word_by_folded: dict[str, str] = {}
        for word, org_word in self.values.items() if self.ignore_case else ():
            if org_word_by_folded.setdefault(word.casefold(), org_word) != org_word:
                raise ValueError("with ignore_case a word of `values` stands there twice, with different values")
        return self


class PicklistRule(ChoiceRule):
    """A value table from the source's words to the org's; `default` serves words that are not in it.

    `passthrough` sends words that are not in the table as they are.
    """

    type: Literal["picklist"]


class MultiPicklistRule(ChoiceRule):
    """Several values, from a list or a text with a separator; each goes through the value table, none is sent twice."""

    type: Literal["multi_picklist"]
    separator: Annotated[str, BeforeValidator(quoted), Field(min_length=1, max_length=5)] = ";"

    @model_validator(mode="after")
    def _values_hold_no_separator(self) -> Self:
        if any(";" in word for word in (*self.values.values(), self.default or "")):
            raise ValueError("a value holds `;`, which parts the values of a multi-select picklist")
        return self


StubRule = Annotated[TextRule | ConstantRule, Field(discriminator="type")]


class ReferenceRule(Clearable):
    """A lookup, by an External ID field of the parent. `relationship` is derived where its name follows the rule.

    A parent that is missing is waited for; with `create_missing` it is made, with its key and these fields.
    """

    type: Literal["reference"]
    to: ApiName
    by: ApiName
    relationship: ApiName | None = None
    create_missing: Mapping[ApiName, StubRule] | None = None

    @model_validator(mode="after")
    def _makes_parents_with_their_key(self) -> Self:
        if self.by.casefold() in {name.casefold() for name in self.create_missing or {}}:
            raise ValueError(f"create_missing names {self.by}, which Lockstep fills by itself: take it out")
        return self

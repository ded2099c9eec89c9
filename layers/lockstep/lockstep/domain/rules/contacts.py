"""Rules for the ways to reach somebody: email, phone, web address."""

from collections.abc import Sequence
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, StrictBool, model_validator

from lockstep.domain.expressions import CompiledExpression
from lockstep.domain.rules.base import Clearable, ClearOrReject, quoted

# Salesforce Object Reference, "Field Types": Email, Url and Phone.
EMAIL_LENGTH, URL_LENGTH, PHONE_LENGTH = 80, 255, 40


def _region(text: str) -> str:
    from phonenumbers import SUPPORTED_REGIONS  # only routes with phones pay for the library

    if text not in SUPPORTED_REGIONS:
        raise ValueError("not a region of ISO 3166: two capital letters, such as DE, US or GB (not UK)")
    return text


# In quotes for the sake of Norway, which YAML reads as false.
Region = Annotated[str, BeforeValidator(quoted), AfterValidator(_region)]
Scheme = Annotated[str, Field(pattern=r"^[a-z][a-z0-9+.-]*$")]


class EmailRule(Clearable):
    """An email address, in the shape that Salesforce takes; it stores addresses in lower case.

    `international` allows letters of every script, for orgs with Email Address Internationalization.
    """

    type: Literal["email"]
    max_length: Annotated[int, Field(ge=1, le=EMAIL_LENGTH)] = EMAIL_LENGTH
    international: StrictBool = False
    on_invalid: ClearOrReject = "reject"

    @model_validator(mode="after")
    def _does_not_clear_what_is_required(self) -> Self:
        _refuse_clearing(self.required, self.on_invalid, "on_invalid")
        return self


class UrlRule(Clearable):
    """A web address with one of the `schemes`, or none; `add_scheme` completes those that come without."""

    type: Literal["url"]
    max_length: Annotated[int, Field(ge=1, le=URL_LENGTH)] = URL_LENGTH
    schemes: Annotated[Sequence[Scheme], Field(min_length=1)] = ("http", "https")
    add_scheme: Literal["http", "https"] | None = None
    on_invalid: ClearOrReject = "reject"

    @model_validator(mode="after")
    def _does_not_clear_what_is_required(self) -> Self:
        _refuse_clearing(self.required, self.on_invalid, "on_invalid")
        return self


class PhoneRule(Clearable):
    """A phone number, read as people of its region write it.

    Numbers with + need no region. `region_from` reads the region from the payload; `region` serves where it is not one.
    """

    type: Literal["phone"]
    region: Region | None = None
    region_from: CompiledExpression | None = None
    output: Literal["e164", "international", "national"] = "e164"
    extension: Literal["keep", "drop", "reject"] = "keep"
    check: Literal["possible", "valid"] = "possible"
    on_unparsable: Literal["reject", "keep", "clear"] = "reject"
    max_length: Annotated[int, Field(ge=1, le=PHONE_LENGTH)] = PHONE_LENGTH

    @model_validator(mode="after")
    def _does_not_clear_what_is_required(self) -> Self:
        _refuse_clearing(self.required, self.on_unparsable, "on_unparsable")
        return self


def _refuse_clearing(required: bool, policy: str, option: str) -> None:  # noqa: FBT001
    if required and policy == "clear":
        raise ValueError(f"{option}: clear would empty a required field: take `required` or {option} away")

"""Rules that fill several fields at once: a geolocation, and an address with its parts."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Literal, Self, TypeAlias

from pydantic import Field, StrictBool, model_validator

from lockstep.domain.rules.base import ClearOrLeave, Conditional, Paths

_CUSTOM = "__c"
Part: TypeAlias = Literal["street", "city", "state", "postal_code", "country", "state_code", "country_code"]
_PART_NAMES: dict[str, str] = {
    "street": "Street",
    "city": "City",
    "state": "State",
    "postal_code": "PostalCode",
    "country": "Country",
    "state_code": "StateCode",
    "country_code": "CountryCode",
    "latitude": "Latitude",
    "longitude": "Longitude",
}
# Salesforce Object Reference, "Account": the parts of BillingAddress. A code is at most 10 characters.
LENGTH_BY_PART: Mapping[str, int] = {
    "street": 255,
    "city": 40,
    "state": 80,
    "postal_code": 20,
    "country": 80,
    "state_code": 10,
    "country_code": 10,
}


class _Compound(Conditional):
    when_null: ClearOrLeave = "clear"
    when_blank: ClearOrLeave = "clear"


class GeolocationRule(_Compound):
    """A point on earth, in degrees, both numbers or neither.

    Location__c fills Location__Latitude__s and Location__Longitude__s, BillingAddress its BillingLatitude and
    BillingLongitude.
    """

    type: Literal["geolocation"]
    latitude: Paths
    longitude: Paths
    scale: Annotated[int, Field(ge=0, le=15)] = 15
    round: StrictBool = False
    required: StrictBool = False


class AddressRule(_Compound):
    """An address: BillingAddress fills BillingStreet, BillingCity and so on, as far as the parts are named here.

    A list is the first part that is neither null nor blank; the list of `street` is its lines. `required` names parts.
    """

    type: Literal["address"]
    street: Paths | None = None
    city: Paths | None = None
    state: Paths | None = None
    postal_code: Paths | None = None
    country: Paths | None = None
    state_code: Paths | None = None
    country_code: Paths | None = None
    required: Sequence[Part] = ()
    on_too_long: Literal["reject", "truncate"] = "reject"
    control_characters: Literal["reject", "remove", "space"] = "reject"

    @property
    def parts(self) -> Mapping[str, Sequence[object]]:
        """The parts that the rule fills, and where each is found."""
        found = {part: getattr(self, part) for part in LENGTH_BY_PART}
        return {part: paths for part, paths in found.items() if paths}

    @model_validator(mode="after")
    def _has_parts(self) -> Self:
        if not self.parts:
            raise ValueError("name at least one part, such as city: address.city")
        missing = [part for part in self.required if part not in self.parts]
        if missing:
            raise ValueError(f"required: no path is given for {', '.join(missing)}")
        return self


CompoundRule: TypeAlias = GeolocationRule | AddressRule


def part_field(field_name: str, part: str) -> str:
    """Return the field of a part: BillingCity of BillingAddress, Site__City__s of Site__c."""
    name = _PART_NAMES[part]
    if field_name.endswith(_CUSTOM):
        return f"{field_name.removesuffix(_CUSTOM)}__{name}__s"
    return field_name.removesuffix("Address") + name


def filled_fields(field_name: str, rule: CompoundRule) -> Sequence[str]:
    """Return the fields that the rule writes in place of the compound field, which is read only."""
    parts = ("latitude", "longitude") if isinstance(rule, GeolocationRule) else rule.parts
    return [part_field(field_name, part) for part in parts]

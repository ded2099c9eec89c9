"""One record: a list of values, short where later columns were never used; its class knows the columns."""

from collections.abc import Callable
from typing import Any, ClassVar, Self

from local.org.schema import ObjectSchema

ID, IS_DELETED, CREATED_DATE, CREATED_BY, MODIFIED_DATE, MODIFIED_BY, MODSTAMP = range(7)
SYSTEM_SLOTS = {
    "Id": ID,
    "IsDeleted": IS_DELETED,
    "CreatedDate": CREATED_DATE,
    "CreatedById": CREATED_BY,
    "LastModifiedDate": MODIFIED_DATE,
    "LastModifiedById": MODIFIED_BY,
    "SystemModstamp": MODSTAMP,
}
_NAME_PARTS = ("FirstName", "MiddleName", "LastName", "Suffix")
_ADDRESS_PARTS = ("City", "Country", "GeocodeAccuracy", "Latitude", "Longitude", "PostalCode", "State", "Street")


class Record(list[Any]):
    """The values of one record by column position."""

    __slots__ = ()
    slots: ClassVar[dict[str, int]]
    computed: ClassVar[dict[str, Callable[["Record"], Any]]]
    """What computes the fields that have no slot."""

    def get(self, field_name: str) -> Any:
        """Return the value of the field of that exact API name; None when it is null."""
        slot = self.slots.get(field_name)
        if slot is None:
            compute = self.computed.get(field_name)
            return compute(self) if compute else None
        return self[slot] if slot < len(self) else None

    def put(self, slot: int, value: Any) -> None:
        """Set the value of a column that may be newer than the record."""
        if slot >= len(self):
            self.extend([None] * (slot + 1 - len(self)))
        self[slot] = value

    def copy(self) -> Self:
        """Return a record of the same values."""
        return self.__class__(self)


def record_type(schema: ObjectSchema) -> type[Record]:
    """Return the class of an object's records."""
    members = {"__slots__": (), "slots": dict(SYSTEM_SLOTS), "computed": _computed_fields(schema)}
    return type(f"{schema.name}Record", (Record,), members)


def _computed_fields(schema: ObjectSchema) -> dict[str, Callable[[Record], Any]]:
    computed: dict[str, Callable[[Record], Any]] = {}
    name = schema.find("Name")
    if name is not None and not name.createable and schema.find("LastName"):
        computed["Name"] = _person_name
    for field in schema.fields.values():
        if field.type == "address":
            computed[field.name] = _address_of(field.name.removesuffix("Address"))
        elif field.type == "location":
            computed[field.name] = _location_of(field.name.removesuffix("__c"))
        elif field.calculated:
            computed[field.name] = _empty
    return computed


def _empty(_record: Record) -> None:
    """A formula field or roll-up summary until somebody says what computes it."""


def _location_of(base: str) -> Callable[[Record], dict[str, Any] | None]:
    latitude, longitude = f"{base}__Latitude__s", f"{base}__Longitude__s"

    def compose(record: Record) -> dict[str, Any] | None:
        place = {"latitude": record.get(latitude), "longitude": record.get(longitude)}
        return None if None in place.values() else place

    return compose


def _person_name(record: Record) -> str | None:
    return " ".join(part for part in map(record.get, _NAME_PARTS) if part) or None


def _address_of(prefix: str) -> Callable[[Record], dict[str, Any] | None]:
    key_by_field = {prefix + part: part[0].lower() + part[1:] for part in _ADDRESS_PARTS}

    def compose(record: Record) -> dict[str, Any] | None:
        address = {key: record.get(field_name) for field_name, key in key_by_field.items()}
        return address if any(value is not None for value in address.values()) else None

    return compose

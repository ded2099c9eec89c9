"""Finds records by the value of one field: external IDs, unique fields, idLookup fields."""

from typing import Any

from local.org.record import Record
from local.org.schema import FieldSchema


def is_indexed(field: FieldSchema) -> bool:
    """Tell whether records can be found by this field."""
    return field.name != "Id" and (field.external_id or field.unique or field.id_lookup)


class Index:
    """The records by one field's value; a value of one record costs no container."""

    __slots__ = ("_entries", "_ignores_case", "field", "unique")

    def __init__(self, field: FieldSchema) -> None:
        self.field = field
        self.unique = field.unique
        # Matching ignores case only where the field is unique and "case insensitive" (SOAP API guide, upsert).
        self._ignores_case = field.unique and not field.case_sensitive
        self._entries: dict[Any, Record | tuple[Record, ...]] = {}

    def key(self, value: Any) -> Any:
        """Return what two values share when the field takes them for the same."""
        return value.lower() if self._ignores_case and value.__class__ is str else value

    def find(self, value: Any) -> tuple[Record, ...]:
        """Return every record with the value."""
        found = self._entries.get(value.lower() if self._ignores_case and value.__class__ is str else value)
        if found is None:
            return ()
        return found if found.__class__ is tuple else (found,)  # type: ignore[return-value]

    def other(self, value: Any, record: Record | None) -> Record | None:
        """Return a record with the value that is not `record`."""
        found = self._entries.get(value.lower() if self._ignores_case and value.__class__ is str else value)
        if found is None or found is record:
            return None
        return next((each for each in self.find(value) if each is not record), None)

    def add(self, value: Any, record: Record) -> None:
        """Note that the record has the value."""
        if value is None:
            return
        key = value
        if self._ignores_case and value.__class__ is str and (lower := value.lower()) != value:
            key = lower  # else the text that the record keeps anyway
        entry = self._entries.setdefault(key, record)
        if entry is not record:
            self._entries[key] = (*self.find(value), record)

    def remove(self, value: Any, record: Record) -> None:
        """Note that the record no longer has the value."""
        if value is None:
            return
        rest = tuple(found for found in self.find(value) if found is not record)
        key = self.key(value)
        if not rest:
            self._entries.pop(key, None)
        else:
            self._entries[key] = rest if len(rest) > 1 else rest[0]

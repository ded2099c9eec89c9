"""What the query engine needs from the org's records."""

from collections.abc import Iterable, Sequence
from typing import Any, Protocol

from local.org.schema import ObjectSchema, Schema


class Record(Protocol):
    """One record's values."""

    def get(self, field_name: str) -> Any:
        """Return the value of the field of that exact API name as stored; dates are texts as REST writes them."""


class Table(Protocol):
    """The records of one object."""

    @property
    def schema(self) -> ObjectSchema:
        """The object's fields."""

    def records(self) -> Iterable[Record]:
        """Return the records that are not deleted."""

    def by_id(self, record_id: str) -> Record | None:
        """Return the record of that id, 15 or 18 long, unless it is deleted."""

    def find(self, field_name: str, value: Any) -> Sequence[Record] | None:
        """Return the records that hold the value, or None where the field has no index.

        Of a unique field that minds no case, also those that hold it in other case.
        """


class Tables(Protocol):
    """All tables of an org."""

    @property
    def schema(self) -> Schema:
        """The org's objects."""

    def table(self, object_name: str) -> Table | None:
        """Return an object's table, whatever the case of its name."""

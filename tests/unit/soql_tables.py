"""Tables in memory for the tests of the query engine: plain dictionaries, with indexes that count their use."""

from dataclasses import dataclass, field
from functools import cache

from local.org.ids import to_18
from local.org.schema import FieldSchema, ObjectSchema, Schema
from local.org.schema_loader import load_schema

CUSTOM_FIELDS = {
    "Account": [
        FieldSchema("Ext__c", "Ext", "string", custom=True, length=50, external_id=True, unique=True, id_lookup=True),
        FieldSchema("Exact__c", "Exact", "string", custom=True, length=50, unique=True, case_sensitive=True),
        FieldSchema("Loose__c", "Loose", "string", custom=True, length=50, external_id=True, id_lookup=True),
        FieldSchema("Tags__c", "Tags", "multipicklist", custom=True, length=4099),
    ]
}
USERS = [{"Name": "Ann Lee", "LastName": "Lee"}, {"Name": "Bob Ray", "LastName": "Ray"}]


class Row(dict):
    """A record that is its own mapping of values."""


@dataclass
class MemoryTable:
    """One object's rows; `finds` notes each use of an index and `scans` each full read."""

    schema: ObjectSchema
    rows: list[Row] = field(default_factory=list)
    finds: list[str] = field(default_factory=list)
    scans: int = 0

    def records(self):
        self.scans += 1
        return iter(self.rows)

    def by_id(self, record_id):
        return next((row for row in self.rows if row["Id"] == to_18(record_id[:15])), None)

    def find(self, field_name, value):
        schema = self.schema.fields[field_name]
        if not (field_name == "Id" or schema.unique or schema.external_id or schema.id_lookup):
            return None
        self.finds.append(field_name)
        ignores_case = schema.unique and not schema.case_sensitive
        fold = str.lower if ignores_case else (lambda text: text)
        return [row for row in self.rows if row.get(field_name) is not None and fold(row[field_name]) == fold(value)]

    def add(self, **values) -> Row:
        row = Row(values, Id=to_18(f"{self.schema.key_prefix}{len(self.rows):012d}"))
        self.rows.append(row)
        return row


class MemoryTables:
    """All tables of an org in memory."""

    def __init__(self) -> None:
        self.schema = _schema()
        self._tables = {name: MemoryTable(each) for name, each in self.schema.objects.items()}

    def table(self, object_name: str) -> MemoryTable | None:
        schema = self.schema.find(object_name)
        return None if schema is None else self._tables[schema.name]

    def add(self, object_name: str, **values) -> Row:
        return self._tables[object_name].add(**values)


@cache
def _schema() -> Schema:
    objects = dict(load_schema([]).objects)
    for name, fields in CUSTOM_FIELDS.items():
        old = objects[name]
        every_field = {**old.fields, **{each.name: each for each in fields}}
        objects[name] = ObjectSchema(old.name, old.label, old.label_plural, old.key_prefix, every_field)
    return Schema(objects)

"""The records of an object, a page at a time, and one record with all its fields and what happened to it."""

from itertools import islice
from urllib.parse import quote

from local.org.json_text import to_json
from local.org.messages import Reply
from local.org.org import Org
from local.org.record import Record
from local.org.schema import FieldSchema
from local.org.table import Table
from local.org.window.layout import facts, link, page, table
from local.org.window.markup import Markup, element
from local.org.window.values import count, instant, object_link, record_link, shown

PER_PAGE = 50
_MOST_COLUMNS = 12
_COMPOUND_TYPES = frozenset({"address", "location"})
_ALWAYS_SET = frozenset(
    {"Id", "IsDeleted", "CreatedDate", "CreatedById", "LastModifiedDate", "LastModifiedById", "SystemModstamp"}
)


def object_page(org: Org, records: Table, asked_page: int) -> Reply:
    """Return one page of an object's living records, oldest first; beyond the last page stands the last."""
    schema, last = records.schema, max(1, -(-records.live // PER_PAGE))
    number = min(max(asked_page, 1), last)
    rows = list(islice(records.records(), (number - 1) * PER_PAGE, number * PER_PAGE))
    columns = _columns(records, rows)
    shown_rows = [[record_link(each.get("Id")), *(shown(org, each.get(f.name)) for f in columns)] for each in rows]
    caption = f"{count(records.live)} records, page {number} of {count(last)}"
    told = element(
        "p", f"{schema.label}, {len(schema.fields)} fields, ids begin with {schema.key_prefix}", class_="soft"
    )
    headings = ("Id", *(each.name for each in columns))
    return page(schema.name, told, table(caption, headings, shown_rows), _pager(schema.name, number, last))


def _columns(records: Table, rows: list[Record]) -> list[FieldSchema]:
    """Return the fields that tell these records apart: the name, the keys, then what has a value in any of them."""
    candidates = [
        each
        for each in records.schema.fields.values()
        if each.name not in _ALWAYS_SET and each.type not in _COMPOUND_TYPES
    ]
    filled = [each for each in candidates if any(row.get(each.name) not in (None, False) for row in rows)]
    filled.sort(key=lambda each: (not each.name_field, not each.external_id, each.name == "OwnerId"))
    return filled[:_MOST_COLUMNS]


def _pager(name: str, number: int, last: int) -> Markup | None:
    if last == 1:
        return None
    path = f"/_window/objects/{quote(name, safe='')}?page="
    steps = (("First page", 1), ("Previous page", number - 1), ("Next page", number + 1), ("Last page", last))
    links = [link(f"{path}{to}", text) for text, to in steps if to != number and 1 <= to <= last]
    return element("nav", links, aria_label="Pages of records")


def record_page(org: Org, records: Table, record: Record) -> Reply:
    """Return every field of a record; a deleted one is shown as it was."""
    schema = records.schema
    rows = [(each.name, each.label, each.type, shown(org, record.get(each.name))) for each in schema.fields.values()]
    told = [("Object", object_link(schema.name)), ("Deleted", "yes" if record.get("IsDeleted") else "no")]
    fields = table("Every field", ("Field", "Label", "Type", "Value"), rows)
    return page(f"{schema.name} {record.get('Id')}", facts(told), fields, _history(org, record.get("Id")))


def _history(org: Org, record_id: str) -> Markup:
    if not org.settings.keeps_history:
        return element("p", "Its history is not kept: start the org with --history.", class_="soft")
    entries = org.history_of(record_id)
    rows = [
        (number, instant(each["at"]), each["operation"], to_json(each["values"], pretty=False).decode())
        for number, each in enumerate(entries, 1)
    ]
    return table("What happened to it, oldest first", ("Write", "At", "Operation", "What changed"), rows, numbers=(0,))

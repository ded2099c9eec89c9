"""Puts into a fresh org what a recorded exchange tells of the org that it was recorded from."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote_plus

from local.org.org import Org
from local.org.table import NO_SLOT
from tests.recordings.pairs import Pair

_ID = re.compile(r"\b[0-9A-Za-z]{15}(?:[0-9A-Za-z]{3})?\b")
_FROM = re.compile(r".*\bfrom\s+(\w+)", re.IGNORECASE)
_EQUAL = re.compile(r"(\w+)\s*=\s*'([^']*)'")
_MADE_BY_SCHEMA = frozenset({"RecordType"})
_UPSERT = re.compile(r"/composite/sobjects/(\w+)/(\w+)$")


class Seeder:
    """Seeds records and remembers which of our ids stands for which recorded one."""

    def __init__(self, org: Org) -> None:
        self._org = org
        self.our_id_by_recorded: dict[str, str] = {}

    def seed(self, pair: Pair) -> None:
        """Put in what the exchange needs to be answered as it was."""
        self._seed_written(pair)
        for asked, answer in _questions(pair):
            self._seed_answer(asked, answer)

    def translate(self, text: str) -> str:
        """Return a request's text with our ids instead of the recorded ones."""
        return _ID.sub(lambda match: self.our_id_by_recorded.get(match[0], match[0]), text)

    def _seed_written(self, pair: Pair) -> None:
        """The records that a write names by id, and those that an upsert found."""
        rows = pair.body.get("records", []) if isinstance(pair.body, dict) else []
        named = {
            value for row in rows for key, value in row.items() if key.endswith("Id") and _ID.fullmatch(value or "")
        }
        for record_id in sorted(named):
            self._add(self._object_of(record_id), record_id, {})
        upsert = _UPSERT.search(pair.path)
        if upsert is None or upsert[2] == "Id":
            return
        for row, result in zip(rows, pair.answer, strict=True):
            if result["created"] is False:
                self._add(upsert[1], result["id"], {upsert[2]: row[upsert[2]]})

    def _object_of(self, record_id: str) -> str:
        table = self._org.store.table_of(record_id)
        assert table is not None, f"no object has the key prefix of {record_id}"
        return table.schema.name

    def _seed_answer(self, asked: str, answer: Any) -> None:
        """The records that a read, a query or a count found."""
        if not isinstance(answer, dict):
            return
        if "attributes" in answer:
            self._seed_record(answer)
        for counted in answer.get("sObjects", ()):
            self._seed_count(counted["name"], counted["count"])
        if "totalSize" in answer and (found := _FROM.search(asked)) is not None:
            wanted = dict(_EQUAL.findall(asked))
            self._seed_found(found[1], answer, wanted)

    def _seed_count(self, object_name: str, count: int) -> None:
        """An object that is counted as empty had records once: others are not counted at all."""
        self._add_blank(object_name, count or 1)
        if not count:
            table = self._org.store.table(object_name)
            table.remove(table.rows[-1])

    def _seed_found(self, object_name: str, answer: dict[str, Any], wanted: dict[str, Any]) -> None:
        if not answer["records"]:
            self._add_blank(object_name, answer["totalSize"])
        for record in answer["records"]:
            if record["attributes"]["type"] == "AggregateResult":
                self._add_blank(object_name, record["expr0"])
            elif record["attributes"]["type"] not in _MADE_BY_SCHEMA:
                self._seed_record(record, wanted)

    def _seed_record(self, record: dict[str, Any], wanted: dict[str, Any] | None = None) -> str:
        """Seed a record with its parents and children; `wanted` are values that it was chosen by."""
        values = {**(wanted or {}), **{key: each for key, each in record.items() if not isinstance(each, dict)}}
        for name, nested in _nested(record):
            if "attributes" in nested:
                values[f"{name}Id"] = self._seed_record(nested)
        own_id = self._add(record["attributes"]["type"], _id_of(record), values)
        for name, nested in _nested(record):
            for child in nested.get("records", ()):
                self._seed_record(child, {self._lookup(record["attributes"]["type"], name): own_id})
        return own_id

    def _lookup(self, object_name: str, relationship: str) -> str:
        for each in self._org.schema.objects.values():
            for field in each.fields.values():
                if object_name in field.reference_to and field.child_relationship_name == relationship:
                    return field.name
        raise KeyError(relationship)

    def _add(self, object_name: str, recorded_id: str, values: dict[str, Any]) -> str:
        if recorded_id not in self.our_id_by_recorded:
            seeded = self._org.store.seed(object_name, {})
            assert seeded is not None, f"the local org has no object {object_name}"
            self.our_id_by_recorded[recorded_id] = seeded
        table, record = self._org.store.locate(self.our_id_by_recorded[recorded_id])
        for name, value in values.items():
            if name != "Id" and (column := table.column(name)) is not None and column.slot < NO_SLOT:
                record.put(column.slot, value)
        return self.our_id_by_recorded[recorded_id]

    def _add_blank(self, object_name: str, count: int) -> None:
        for number in range(count):
            self._add(object_name, f"{object_name} {number}", {})


def _nested(record: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, value in record.items():
        if isinstance(value, dict) and name != "attributes":
            yield name, value


def _id_of(record: dict[str, Any]) -> str:
    return record["attributes"]["url"].rpartition("/")[2]


def _questions(pair: Pair) -> Iterator[tuple[str, Any]]:
    """Yield the path of each request of an exchange with its answer."""
    if not pair.path.endswith("/composite"):
        yield unquote_plus(pair.target), pair.answer
        return
    if isinstance(pair.answer, dict):
        for part, result in zip(pair.body["compositeRequest"], pair.answer["compositeResponse"], strict=True):
            yield part["url"], result["body"]

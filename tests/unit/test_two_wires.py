"""REST and Bulk say the same (P5): every type goes through the JSON body and the CSV row, and both are read back."""

import csv
import io
import json
from dataclasses import replace
from decimal import Decimal
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lockstep.domain.also_records import records_of
from lockstep.domain.bulk_csv import csv_text
from lockstep.domain.json_text import dump_json
from lockstep.domain.mapping import BulkRow, Mapped, Unmappable, compile_route
from lockstep.domain.routes import Route
from lockstep.domain.rules import Rule

HEAD = {
    "source": "s",
    "entity": "e",
    "object": "Account",
    "external_id": {"field": "Key__c"},
    "version_field": "Version__c",
    "on_delete": {"mark": {"Gone__c": True}},
}
NUMBERS = {"number", "integer", "percent", "currency", "geolocation"}
LEFT = "left as it is"


def _compiled(fields, **more):
    return compile_route(Route.model_validate({**HEAD, "fields": fields, **more}))


def _by_rest(record):
    """Read the JSON body back: nested parents become columns, as in a CSV."""
    read = json.loads(dump_json(record), parse_int=Decimal, parse_float=Decimal)
    flat = {}
    for name, value in read.items():
        nested = {f"{name}.{key}": inner for key, inner in value.items()} if isinstance(value, dict) else {name: value}
        flat.update(nested)
    return flat


def _by_bulk(header, cells, like):
    """Read the CSV row back as an org does; `like` says which columns hold numbers and which true or false."""
    text = csv_text([header, cells]).encode("utf-8").decode("utf-8")
    (read_header, read_cells) = csv.reader(io.StringIO(text, newline=""))
    return {
        name: _meaning(cell, like.get(name)) for name, cell in zip(read_header, read_cells, strict=True) if cell != ""
    }


def _meaning(cell, like):
    if cell == "#N/A":
        return None
    if isinstance(like, bool):
        return {"true": True, "false": False}[cell]
    if isinstance(like, Decimal):
        assert "e" not in cell.lower()
        return Decimal(cell)
    return cell


def _said(route, payload, external_id="000123", version=17):
    """Return what both wires say, after checking that it is the same."""
    mapped = route.to_record(payload, external_id, version)
    if isinstance(mapped, Unmappable):
        return mapped
    return _said_of(route, mapped)


def _said_of(route, mapped):
    """Return what both wires say of a record, after checking that it is the same."""
    assert isinstance(mapped, Mapped)
    row = route.to_bulk_row(mapped)
    assert isinstance(row, BulkRow)
    assert row.notes == mapped.notes
    rest = _by_rest(mapped.fields)
    # A lookup is cleared through its own field by REST, through its one column by Bulk.
    for parent in route.parents:
        if parent.lookup in rest:
            rest[f"{parent.relationship}.{parent.field_name}"] = rest.pop(parent.lookup)
    assert _by_bulk(route.bulk_header, row.cells, rest) == rest
    return rest


CASES = [
    ({"type": "text"}, 'a "quoted", text\r\nof two lines', 'a "quoted", text\r\nof two lines'),
    ({"type": "text"}, "a lone\rcarriage return", "a lone\rcarriage return"),
    ({"type": "text"}, " space around ", " space around "),
    ({"type": "text"}, 706405506930370084, "706405506930370084"),
    ({"type": "long_text"}, "Zoë\t\U0001f600;" * 99, "Zoë\t\U0001f600;" * 99),
    ({"type": "rich_text"}, "<p>a &amp; <b>b</b></p>", "<p>a &amp; <b>b</b></p>"),
    ({"type": "email"}, "o'hara+x@example.com", "o'hara+x@example.com"),
    ({"type": "url"}, "https://example.com/?a=1,2", "https://example.com/?a=1,2"),
    ({"type": "phone", "region": "DE"}, "030 12345678", "+493012345678"),
    ({"type": "number", "scale": 2}, "388.00", Decimal("388.00")),
    ({"type": "number", "precision": 18, "scale": 17}, Decimal("1E-17"), Decimal("0.00000000000000001")),
    ({"type": "number"}, 10**18 - 1, Decimal(10**18 - 1)),
    ({"type": "integer"}, Decimal("7.0"), Decimal(7)),
    ({"type": "percent", "scale": 1}, "12.5 %", Decimal("12.5")),
    ({"type": "currency", "style": "1.234,50", "currency": "EUR"}, "-1.234,50 €", Decimal("-1234.50")),
    ({"type": "boolean"}, "Y", True),
    ({"type": "boolean"}, 0, False),
    ({"type": "date"}, "2025-05-06", "2025-05-06"),
    ({"type": "datetime"}, "2025-05-06T16:30:00+02:00", "2025-05-06T14:30:00.000Z"),
    ({"type": "time"}, "14:30", "14:30:00.000Z"),
    ({"type": "picklist", "values": {"a": "A, or B"}}, "a", "A, or B"),
    ({"type": "multi_picklist", "values": {"a": "A", "b": "B"}}, ["b", "a"], "B;A"),
    ({"type": "reference", "to": "Account", "by": "K__c"}, "000 1,2", "000 1,2"),
    ({"type": "geolocation", "latitude": "a", "longitude": "a"}, "1e1", Decimal(10)),
    ({"type": "address", "city": "a"}, "Köln", "Köln"),
    ({"type": "constant", "value": "fixed"}, None, "fixed"),
    ({"type": "constant", "value": False}, None, False),
    ({"type": "constant", "value": 7}, None, Decimal(7)),
]
IDS = [f"{rule['type']}-{number}" for number, (rule, _, _) in enumerate(CASES)]


def _written(rule, value, **options):
    takes_from = rule["type"] not in ("constant", "geolocation", "address")
    route = _compiled({"X__c": {**({"from": "a"} if takes_from else {}), **rule, **options}})
    said = _said(route, {} if value is LEFT else {"a": value})
    if isinstance(said, Unmappable):
        return said
    return {field: each for field, each in said.items() if field not in ("Key__c", "Version__c")}


def test_the_table_has_every_type():
    union = get_args(Rule)[0]
    types = {get_args(rule.model_fields["type"].annotation)[0] for rule in get_args(union)}

    # A lookup has no value before the org was asked; what both wires say of it stands in test_mapping_of_lookups.
    assert {rule["type"] for rule, _, _ in CASES} == types - {"lookup"}


@pytest.mark.parametrize(("rule", "value", "expected"), CASES, ids=IDS)
def test_value_means_the_same_by_rest_and_by_bulk(rule, value, expected):
    written = _written(rule, value)

    assert {(type(each), each) for each in written.values()} == {(type(expected), expected)}


FILLED = [(rule, name) for (rule, _, _), name in zip(CASES, IDS, strict=True) if rule["type"] != "constant"]


@pytest.mark.known_bug(9)
@pytest.mark.parametrize("rule", [rule for rule, _ in FILLED], ids=[name for _, name in FILLED])
@pytest.mark.parametrize("value", [None, "", "  "], ids=["null", "empty", "blank"])
def test_null_clears_and_absent_keeps_on_both_paths(rule, value):
    cleared = _written(rule, value)

    assert set(cleared.values()) <= {None}
    assert bool(cleared) == (rule["type"] != "boolean")
    assert _written(rule, LEFT) == {}
    if rule["type"] != "boolean":
        assert _written(rule, value, when_null="leave", when_blank="leave") == {}


@pytest.mark.parametrize("value", ["#N/A", "a\x00", "\ud800", 10**400, Decimal("1e400"), Decimal("Infinity"), 1.5, {}])
@pytest.mark.parametrize("rule", [rule for rule, _ in FILLED], ids=[name for _, name in FILLED])
def test_hostile_value_is_refused_the_same_by_rest_and_by_bulk(rule, value):
    written = _written(rule, value)

    # A number is text where text is wanted; nothing else of these is anything.
    if isinstance(written, dict):
        assert isinstance(value, int | Decimal)
        assert rule["type"] in {"text", "long_text", "rich_text", "address", "reference"}


def _row(route, payload, **options):
    return route.to_bulk_row(route.to_record(payload, "1", 2), **options)


def test_header_is_sorted_and_the_same_for_every_payload():
    route = _compiled(
        {
            "ParentId": {"type": "reference", "from": "p", "to": "Account", "by": "K__c"},
            "BillingAddress": {"type": "address", "city": "c"},
            "Name": {"type": "text", "from": "n"},
        }
    )

    assert route.bulk_header == ("BillingCity", "Gone__c", "Key__c", "Name", "Parent.K__c", "Version__c")
    assert _row(route, {}).cells == ["", "", "1", "", "", "2"]
    assert _row(route, {"p": None, "c": None}).cells == ["#N/A", "", "1", "", "#N/A", "2"]
    assert _row(route, {"p": "9"}).cells == ["", "", "1", "", "9", "2"]
    assert route.to_bulk_row(Mapped(route.to_mark("1", 2))).cells == ["", "true", "1", "", "", "2"]


def test_change_that_writes_the_record_is_said_the_same_and_left_where_there_is_none():
    route = _compiled({"Name": {"type": "text", "from": "n"}}, change_field="Change__c")

    record = route.to_record({"n": "x"}, "1", 2, "c0ffee")

    assert _said_of(route, record)["Change__c"] == "c0ffee"
    assert route.bulk_header == ("Change__c", "Gone__c", "Key__c", "Name", "Version__c")
    assert route.to_bulk_row(record).cells[0] == "c0ffee"
    assert _row(route, {"n": "x"}).cells[0] == ""
    assert route.to_bulk_row(Mapped(route.to_mark("1", 2, "c0ffee"))).cells[0] == "c0ffee"


@pytest.mark.parametrize("external_id", ["#N/A", "", " 1", "a\x00"])
def test_key_that_would_not_be_found_is_refused_on_both_wires(external_id):
    route = _compiled({"Name": {"type": "text", "from": "n"}})

    assert isinstance(_said(route, {}, external_id), Unmappable)


def test_row_that_is_longer_than_bulk_takes_is_refused():
    route = _compiled({f"F{number}__c": {"type": "long_text", "from": "a"} for number in range(4)})

    assert isinstance(_row(route, {"a": "x" * 99_999}), BulkRow)
    (problem,) = _row(route, {"a": "x" * 131_072}).problems
    assert "400,000 characters" in problem.reason


ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=20) | st.sampled_from(
    ["#N/A", "", " ", "a;b", "0", "1"]
)
PAYLOADS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.decimals() | ANY_TEXT | st.sampled_from([v for _, v, _ in CASES]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("ab"), inner, max_size=2),
    max_leaves=8,
)
LENIENT = {
    "text": {"max_length": 4, "on_too_long": "truncate", "control_characters": "remove"},
    "phone": {"on_unparsable": "keep"},
    "email": {"on_invalid": "clear"},
    "number": {"round": True},
}
FIELDS = {
    f"X{number}__c": {
        **({"from": ["a", "b"]} if rule["type"] not in ("constant", "geolocation", "address") else {}),
        **rule,
        **LENIENT.get(rule["type"], {}),
    }
    for number, (rule, _, _) in enumerate(CASES)
}
ONE_BY_ONE = [_compiled({name: rule}) for name, rule in FIELDS.items()]


@settings(deadline=None)  # two busy cores are no failure
@given(payload=PAYLOADS, external_id=ANY_TEXT.filter(bool), version=st.integers(0, 10**18 - 1))
def test_any_payload_is_said_the_same_or_refused_the_same_and_never_crashes(payload, external_id, version):
    for route in ONE_BY_ONE:
        _said(route, payload, external_id, version)
        _said(route, {"a": payload}, external_id, version)


ONCE = {
    "Name": {"type": "text", "from": "name"},
    "ParentId": {"type": "reference", "from": "p", "to": "Account", "by": "K__c", "create_only": True},
    "Place__c": {"type": "geolocation", "latitude": "at", "longitude": "at", "create_only": True},
}


def test_field_that_is_set_once_is_left_in_the_row_of_a_record_that_the_org_has():
    route = _compiled(ONCE)
    payload = {"name": "n", "p": "9", "at": 1}

    new, known = _row(route, payload), _row(route, payload, is_known=True)

    said = dict(zip(route.bulk_header, known.cells, strict=True))
    assert dict(zip(route.bulk_header, new.cells, strict=True)) == {
        **said,
        "Parent.K__c": "9",
        "Place__Latitude__s": "1.000000000000000",
        "Place__Longitude__s": "1.000000000000000",
    }
    assert (said["Name"], said["Parent.K__c"], said["Place__Latitude__s"]) == ("n", "", "")


def test_lookup_that_was_answered_stands_in_the_row_and_one_that_was_not_is_still_wished_for():
    route = _compiled({"OwnerId": {"type": "lookup", "object": "User", "match": {"Username": {"from": "a"}}}})
    record = route.to_record({"a": "ada"}, "1", 2)

    row = route.to_bulk_row(record)
    answered = route.to_bulk_row(replace(record, fields={**record.fields, "OwnerId": "005"}, wishes=()))

    assert (row.wishes, row.cells[route.bulk_header.index("OwnerId")]) == (record.wishes, "")
    assert (answered.wishes, answered.cells[route.bulk_header.index("OwnerId")]) == ((), "005")


SEVERAL = _compiled(
    {"Name": {"type": "text", "from": "name", "when": "a"}, **ONCE},
    when="id || a",
    also=[
        {
            "object": "OrderItem",
            "each": "lines",
            "when": "item.a",
            "external_id": {"field": "Line__c", "template": "{body.id}-{item.id}"},
            "fields": {
                "OrderId": {"type": "reference", "from": "body.id", "to": "Order", "by": "Key__c", "create_only": True},
                "Quantity": {"type": "number", "from": "item.quantity", "scale": 2},
                "PricebookEntryId": {
                    "type": "lookup",
                    "object": "PricebookEntry",
                    "match": {"Product2.ProductCode": {"from": ["item.a", "item.id"]}, "IsActive": {"value": True}},
                },
            },
        },
        {
            "object": "Contact",
            "external_id": {"field": "C__c", "from": "a"},
            "fields": {"LastName": CASES[0][0] | {"from": "a"}},
        },
    ],
)
LINE = st.fixed_dictionaries({"id": ANY_TEXT | st.integers(0, 9), "a": PAYLOADS, "quantity": PAYLOADS})
ORDERS = st.fixed_dictionaries(
    {"id": ANY_TEXT | st.integers(0, 9), "a": PAYLOADS},
    optional={"lines": st.lists(LINE, max_size=3) | PAYLOADS, "name": PAYLOADS, "p": PAYLOADS, "at": PAYLOADS},
)


@settings(deadline=None)  # two busy cores are no failure
@given(payload=ORDERS | PAYLOADS)
def test_every_record_of_any_payload_is_said_the_same_or_the_payload_is_refused(payload):
    records = records_of(SEVERAL, payload, "7", 5)

    for made in records if isinstance(records, list) else []:
        _said_of(made.target, made.record)
        known = made.target.to_bulk_row(made.record, is_known=True)
        assert known.wishes == made.record.wishes
        left = [cell for name, cell in zip(made.target.bulk_header, known.cells, strict=True) if name in ONLY_ONCE]
        assert set(left) <= {""}


ONLY_ONCE = {"Parent.K__c", "Place__Latitude__s", "Place__Longitude__s", "Order.Key__c"}


def test_order_with_lines_becomes_rows_of_three_objects():
    order = {"id": 7, "a": "x", "name": "n", "lines": [{"id": 1, "a": 1, "quantity": 2}, {"id": 2, "quantity": 3}]}

    rows = {made.place: _said_of(made.target, made.record) for made in records_of(SEVERAL, order, "7", 5)}

    assert rows == {
        "": {"Key__c": "7", "Name": "n", "Version__c": Decimal(5)},
        "also[0].item 0": {"Line__c": "7-1", "Order.Key__c": "7", "Quantity": Decimal("2.00")},
        "also[1]": {"C__c": "x", "LastName": "x"},
    }

"""The quick way for flat files answers what the general way answers, row for row."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lockstep.domain.also_records import Made, NotMeant, records_of
from lockstep.domain.file_columns import row_payload
from lockstep.domain.flat_rows import _Remembered, flat_mapper
from lockstep.domain.mapping import BulkRow, Unmappable
from tests.unit.test_two_wires import FIELDS, _compiled

HEADER = ["a", "b", "unused"]
NUMBER = {"type": "number", "from": "a"}
PARENT = {"type": "reference", "from": "a", "to": "Account", "by": "K__c"}
ROUTES = {
    **{name: _compiled({name: rule}) for name, rule in FIELDS.items()},
    **{
        f"{name} from one column": _compiled({name: {**rule, "from": "a"}})
        for name, rule in FIELDS.items()
        if "from" in rule
    },
    "absent": _compiled(
        {"X__c": {"type": "text", "from": "c"}, "Y__c": {"type": "text", "from": "d", "required": True}}
    ),
    "expression": _compiled(
        {"X__c": {"type": "text", "from": "join('-', [a, b])"}, "Y__c": {"type": "text", "from": "a"}}
    ),
    "condition": _compiled({"X__c": {"type": "text", "from": "a", "when": "b == 'Y'"}}),
    "lookup": _compiled({"OwnerId": {"type": "lookup", "object": "User", "match": {"Username": {"from": "a"}}}}),
    "several records": _compiled(
        {"X__c": {"type": "text", "from": "a"}},
        also=[{"object": "Contact", "external_id": {"field": "C__c", "from": "b"}, "fields": {"Y__c": NUMBER}}],
    ),
    "condition of the route": _compiled({"X__c": {"type": "text", "from": "a"}}, when="b == 'Y'"),
    "set once": _compiled({"X__c": {"type": "text", "from": "a", "create_only": True}}),
    "parent to be made": _compiled({"XId": {**PARENT, "create_missing": {"Name": {"type": "text", "from": "b"}}}}),
    "change": _compiled({"X__c": {"type": "text", "from": "a"}}, change_field="Change__c"),
    "no version": _compiled({"X__c": {"type": "text", "from": "a", "when_blank": "keep"}}, version_field=None),
}
TEXTS = [
    *("", " ", "#N/A", "Y", "7", "12.5 %", "2025-05-06", "14:30", "2025-05-06T16:30:00+02:00", "030 12345678"),
    *(
        "-1.234,50 €",
        "b;a",
        "a\x00",
        "\ud800",
        "9" * 400,
        "1e400",
        "https://example.com",
        "o'hara@example.com",
        "x" * 70,
    ),
]
CELLS = st.sampled_from(TEXTS) | st.text(st.characters(exclude_categories=()), max_size=9)
ROWS = st.lists(st.tuples(CELLS, CELLS, CELLS), min_size=1, max_size=4)


def rendered(answer):
    """Return the rows of what a row of the file became, each with its object; or why there are none."""
    if isinstance(answer, BulkRow):
        return [("", answer)]
    if isinstance(answer, NotMeant):
        return NotMeant
    return (
        [(made.place, made.target.to_bulk_row(made.record)) for made in answer] if isinstance(answer, list) else answer
    )


def mapped(map_rows, row, key="1", version=1, change_id=""):
    """Map a row by itself."""
    (answer,) = map_rows([row], [key], [version], [change_id])
    return answer


def expected(route, payload, external_id, version, change_id=None):
    """Return the same by the way that payloads go."""
    return rendered(records_of(route, payload, external_id, version, change_id))


@pytest.mark.parametrize(
    "name", ["lookup", "several records", "condition of the route", "set once", "parent to be made"]
)
def test_row_of_which_the_org_must_be_asked_stays_a_record(name):
    answer = mapped(flat_mapper(ROUTES[name], HEADER), ["1", "Y", ""])

    assert all(isinstance(made, Made) for made in answer)
    assert len(answer) == (2 if name == "several records" else 1)


@pytest.mark.parametrize("route", ROUTES.values(), ids=ROUTES)
@settings(deadline=None, max_examples=25)  # two busy cores are no failure
@given(rows=ROWS, external_id=CELLS, version=st.integers(0, 10**18), change_id=st.sampled_from(["", "c0ffee"]))
def test_flat_row_becomes_the_row_that_its_payload_becomes(route, rows, external_id, version, change_id):
    map_rows = flat_mapper(route, HEADER)
    told = (external_id, version, change_id)

    for _ in range(2):  # what is remembered of a row is the same as what is found
        answers = map_rows(rows, *([each] * len(rows) for each in told))
        for row, answer in zip(rows, answers, strict=True):
            assert rendered(answer) == expected(route, dict(zip(HEADER, row, strict=True)), *told)


def test_each_row_of_many_has_its_own_key_version_and_change():
    map_rows = flat_mapper(ROUTES["change"], HEADER)

    first, second = map_rows([["x", "", ""], ["y", "", ""]], ["k1", "k2"], [1, 2], ["c1", "c2"])

    assert set(first.cells) == {"", "1", "c1", "k1", "x"}
    assert set(second.cells) == {"", "2", "c2", "k2", "y"}


def test_no_rows_are_no_rows():
    assert list(flat_mapper(ROUTES["no version"], HEADER)([], [], [], [])) == []


def test_records_of_a_row_are_made_when_they_are_asked_for_so_that_not_all_are_held():
    rows = [["1", "Y", ""], ["2", "Y", ""]]

    answers = iter(flat_mapper(ROUTES["several records"], HEADER)(rows, ["1", "2"], [1, 1], ["", ""]))

    assert [made.external_id for made in next(answers)] == ["1", "Y"]
    rows[1][1] = "Z"
    assert [made.external_id for made in next(answers)] == ["2", "Z"]


@pytest.mark.parametrize("name", ["no version", "condition of the route"])
def test_row_of_another_width_spoils_none_beside_it(name):
    rows = [["x", "Y", ""], ["too short"], ["z", "Y", ""]]

    good, bad, other = flat_mapper(ROUTES[name], HEADER)(rows, ["1"] * 3, [1] * 3, [""] * 3)

    assert isinstance(bad, Unmappable)
    for answer, row in ((good, rows[0]), (other, rows[2])):
        assert rendered(answer) == expected(ROUTES[name], dict(zip(HEADER, row, strict=True)), "1", 1)


def test_row_that_is_too_long_is_refused_and_long_ones_together_are_not():
    map_rows = flat_mapper(ROUTES["no version"], HEADER)
    rows = [["x" * length, "", ""] for length in (250_000, 400_001, 250_000)]

    first, second, third = map_rows(rows, ["1"] * 3, [1] * 3, [""] * 3)

    assert len(first.cells[-1]) == len(third.cells[-1]) == 250_000
    assert rendered(second)[0][1].problems


SHORTCUTS = {
    "text": ({"type": "text", "max_length": 20}, "Zoe Müller-Lüdenscheidt"),
    "email": ({"type": "email", "max_length": 20}, "o.hara+x@example.com"),
    "reference": ({"type": "reference", "to": "Account", "by": "K__c"}, "C00-0123/x"),
    "date": ({"type": "date", "formats": ["iso", "D.M.YYYY"]}, "2025-02-28"),
    "dates that may be read in two ways": ({"type": "date", "formats": ["iso", "YYYY-DD-MM"]}, "2025-02-11"),
    "time of a zone": ({"type": "datetime", "zone": "America/New_York"}, "2025-05-06T14:30:05"),
    "day of change": ({"type": "datetime", "zone": "America/New_York", "ambiguous": "earlier"}, "2025-11-02 01:30:05"),
    "half an hour off": ({"type": "datetime", "zone": "Asia/Kolkata"}, "2025-05-06T14:30:05"),
    "phone": ({"type": "phone", "region": "DE"}, "+493012345678"),
    "American phone": ({"type": "phone", "region": "US"}, "+14155552671"),
    "whole number": ({"type": "number", "precision": 6}, "412340"),
    "number with decimals": ({"type": "number", "precision": 6, "scale": 2}, "4123"),
    "integer": ({"type": "integer", "precision": 6, "style": "1234,50"}, "412340"),
    "integer in groups": ({"type": "integer", "style": "1.234,50"}, "412340"),
    "amount": ({"type": "currency", "currency": "USD", "style": "1,234.50", "precision": 8}, "$41,234.50"),
    "German amount": ({"type": "currency", "currency": "EUR", "style": "1.234,50", "scale": 1}, "€1.234,5"),
    "trimmed text": ({"type": "text", "trim": True, "max_length": 20}, "+49 30 123 Łódź"),
    "trimmed": ({"type": "email", "trim": True}, " a@example.com"),
    "words for null": ({"type": "text", "null_words": ["none"]}, "none"),
}
FLAWS = st.text(st.sampled_from("0129 -+.,@#/NA\n\x00\x85\u00ad\ud800é"), max_size=2) | st.just("")


@pytest.mark.parametrize(("rule", "plain"), SHORTCUTS.values(), ids=SHORTCUTS)
@settings(deadline=None, max_examples=200)  # two busy cores are no failure
@given(flaw=FLAWS, at=st.integers(0, 24), cut=st.integers(0, 2))
def test_shortcut_answers_what_the_conversion_answers(rule, plain, flaw, at, cut):
    route = _compiled({"X__c" if "to" not in rule else "XId": {**rule, "from": "a"}})
    text = plain[:at] + flaw + plain[at + cut :]

    assert rendered(mapped(flat_mapper(route, ["a"]), [text])) == expected(route, {"a": text}, "1", 1)


def test_blank_cell_clears_and_a_column_that_is_not_there_leaves():
    assert mapped(flat_mapper(ROUTES["no version"], HEADER), ["", "x", "y"]) == BulkRow(["", "1", "#N/A"])
    assert mapped(flat_mapper(ROUTES["no version"], ["z"]), [""]) == BulkRow(["", "1", ""])


@pytest.mark.parametrize("row", [[], ["a"], ["a", "b", "c", "d"]])
def test_row_of_another_width_is_refused(row):
    answer = mapped(flat_mapper(ROUTES["expression"], HEADER), row)

    assert isinstance(answer, Unmappable)
    assert "number of cells" in answer.problems[0].reason


@pytest.mark.parametrize("header", [["a", "b", "a"], ["a", "b.c", "b"], ["a.b", "a.b.c"], ["a.b", "a.b"]])
def test_header_whose_columns_clash_is_refused(header):
    with pytest.raises(ValueError, match="twice"):
        flat_mapper(ROUTES["expression"], header)


NESTED = {
    "plain": {"X__c": {"type": "text", "from": "data.a"}, "Y__c": {"type": "number", "from": "data.b.c"}},
    "an object": {"X__c": {"type": "text", "from": "data.b"}, "Y__c": {"type": "text", "from": "data.a"}},
    "not there": {"X__c": {"type": "text", "from": "data.a.b"}, "Y__c": {"type": "text", "from": "a"}},
    "an expression": {"X__c": {"type": "text", "from": "join('-', [data.a, data.b.c])"}},
    "an odd name": {"X__c": {"type": "text", "from": 'data."No. 1"'}},
}


@pytest.mark.parametrize("fields", NESTED.values(), ids=NESTED)
@settings(deadline=None, max_examples=25)
@given(row=st.tuples(CELLS, CELLS, CELLS))
def test_columns_stand_in_the_payload_where_their_names_say(fields, row):
    route = _compiled(fields)
    payload = {"data": {"a": row[0], "b": {"c": row[1]}, "No. 1": row[2]}}

    answer = mapped(flat_mapper(route, ["a", "b.c", "No. 1"], "data"), row)

    assert row_payload(["a", "b.c", "No. 1"], "data")(row) == payload
    assert rendered(answer) == expected(route, payload, "1", 1)


def test_a_column_with_many_values_is_mapped_all_the_same():
    map_rows = flat_mapper(_compiled({"X__c": {"type": "number", "from": "a"}}), ["a"])

    for _ in range(2):
        for first in range(0, 6000, 1000):
            numbers = range(first, first + 1000)
            rows = map_rows([[f"{number}.0"] for number in numbers], ["1"] * 1000, [1] * 1000, [""] * 1000)
            assert [row.cells[3] for row in rows] == list(map(str, numbers))


def test_what_is_remembered_of_a_column_is_bounded():
    remembered = _Remembered(lambda text: text)

    for first in range(0, 5000, 500):
        texts = [str(number) for number in range(first, first + 500)]
        assert remembered.all_of(texts) == texts
    remembered.all_of(["x" * 65])

    assert len(remembered) == 4096

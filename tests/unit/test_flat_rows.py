"""The quick way for flat files answers what the general way answers, row for row."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lockstep.domain.flat_rows import flat_mapper
from lockstep.domain.mapping import BulkRow, Unmappable
from tests.unit.test_two_wires import FIELDS, _compiled

HEADER = ["a", "b", "unused"]
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


@pytest.mark.parametrize("route", ROUTES.values(), ids=ROUTES)
@settings(deadline=None, max_examples=25)  # two busy cores are no failure
@given(rows=ROWS, external_id=CELLS, version=st.integers(0, 10**18))
def test_flat_row_becomes_the_row_that_its_payload_becomes(route, rows, external_id, version):
    map_row = flat_mapper(route, HEADER)

    for row in [*rows, *rows]:  # what is remembered of a row is the same as what is found
        payload = dict(zip(HEADER, row, strict=True))
        assert map_row(row, external_id, version) == route.to_bulk_row(payload, external_id, version)


def test_blank_cell_clears_and_a_column_that_is_not_there_leaves():
    map_row = flat_mapper(ROUTES["no version"], HEADER)

    assert map_row(["", "x", "y"], "1", 1) == BulkRow(["", "1", "#N/A"])
    assert flat_mapper(ROUTES["no version"], ["z"])([""], "1", 1) == BulkRow(["", "1", ""])


@pytest.mark.parametrize("row", [[], ["a"], ["a", "b", "c", "d"]])
def test_row_of_another_width_is_refused(row):
    answer = flat_mapper(ROUTES["expression"], HEADER)(row, "1", 1)

    assert isinstance(answer, Unmappable)
    assert "number of cells" in answer.problems[0].reason


def test_header_with_a_column_twice_is_refused():
    with pytest.raises(ValueError, match="twice"):
        flat_mapper(ROUTES["expression"], ["a", "b", "a"])


def test_what_is_remembered_of_a_column_is_bounded():
    map_row = flat_mapper(_compiled({"X__c": {"type": "number", "from": "a"}}), ["a"])
    for number in range(5000):
        assert map_row([str(number)], "1", 1).cells[3] == str(number)

    (remembered,) = [
        read.__self__
        for cell in map_row.__closure__
        for read in (cell.cell_contents if isinstance(cell.cell_contents, list) else [])
        if isinstance(getattr(read, "__self__", None), dict)
    ]
    assert len(remembered) == 4096

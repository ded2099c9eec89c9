"""Columns of plain numerals take a short way through the local org's bulk jobs: it ends where the long one does."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from local.org.bulk.cells import read_chunk
from local.org.bulk.header import read_header
from local.org.bulk.numerals import java_double, java_doubles
from local.org.bulk.words import Operation
from local.org.clock import OrgClock
from local.org.history import History
from local.org.schema_loader import load_schema
from local.org.store import Store

digits = st.from_regex(r"[0-9]{1,20}", fullmatch=True)
numerals = st.from_regex(r"[0-9]{1,20}(\.[0-9]{1,5})?", fullmatch=True)


@given(digits)
def test_digits_are_written_as_the_double_that_they_stand_for(cell):
    assert java_double(cell) == java_double(f"{cell}.0")


@pytest.fixture(scope="module")
def header():
    store = Store(load_schema([]), History(OrgClock(), is_kept=False))
    return read_header(store, store.table("Account"), Operation.UPSERT, ["NumberOfEmployees", "AnnualRevenue"])


@given(st.lists(numerals | st.sampled_from(["", "#N/A", "1.0", "12.5", "9999999.25", "0.001"]), min_size=1, max_size=3))
def test_a_column_is_written_as_its_cells_are_one_by_one(cells):
    assert [*java_doubles(cells)] == [java_double(cell) if cell not in ("", "#N/A") else cell for cell in cells]


@given(employees=st.lists(digits, min_size=2, max_size=2), revenue=st.lists(numerals, min_size=2, max_size=2))
@example(employees=["1", "2"], revenue=["999999999999999.5", "0.5"])
@example(employees=["1", "2"], revenue=["999999999999999999.5", "1.005"])
def test_a_column_of_numerals_is_read_as_its_cells_are_one_by_one(header, employees, revenue):
    together, apart = (
        read_chunk(header, [[sign + one, sign + other] for one, other in zip(employees, revenue, strict=True)])
        for sign in ("", "+")
    )

    assert [_said(row) for row in together] == [_said(row) for row in apart]


def test_two_cells_are_not_read_from_one_that_has_a_comma(header):
    rows = read_chunk(header, [["1,2", "1,5"], ["3", "4"]])

    assert [getattr(row.error, "status_code", None) for row in rows] == ["INVALID_TYPE_ON_FIELD_IN_RECORD", None]


def _said(row):
    values = [value for _, value in row.values]
    return values, [type(value) for value in values], getattr(row.error, "status_code", None)

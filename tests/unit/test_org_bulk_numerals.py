"""Columns of digits take a short way through the local org's bulk jobs: it ends where the long one does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.org.bulk.cells import read_chunk
from local.org.bulk.header import read_header
from local.org.bulk.numerals import java_double
from local.org.bulk.words import Operation
from local.org.clock import OrgClock
from local.org.history import History
from local.org.schema_loader import load_schema
from local.org.store import Store

digits = st.from_regex(r"[0-9]{1,20}", fullmatch=True)


@given(digits)
def test_digits_are_written_as_the_double_that_they_stand_for(cell):
    assert java_double(cell) == java_double(f"{cell}.0")


@pytest.fixture(scope="module")
def header():
    store = Store(load_schema([]), History(OrgClock(), is_kept=False))
    return read_header(store, store.table("Account"), Operation.UPSERT, ["NumberOfEmployees", "AnnualRevenue"])


@given(employees=digits, revenue=digits)
def test_a_column_of_digits_is_read_as_its_cells_are_one_by_one(header, employees, revenue):
    together, apart = (read_chunk(header, [[sign + employees, sign + revenue]]) for sign in ("", "+"))

    assert [_said(row) for row in together] == [_said(row) for row in apart]


def _said(row):
    values = [value for _, value in row.values]
    return values, [type(value) for value in values], getattr(row.error, "status_code", None)

"""Rows are written as Python's own CSV writer writes them, and read back as what they were."""

import csv
import io

from hypothesis import given
from hypothesis import strategies as st

from lockstep.domain.bulk_csv import csv_lines, csv_text

CELLS = st.text(st.sampled_from(',"\r\n aé€\U0001f600#;\t\x1e'), max_size=6)
ROWS = st.integers(1, 4).flatmap(lambda width: st.lists(st.lists(CELLS, min_size=width, max_size=width), max_size=5))


@given(rows=ROWS)
def test_lines_are_those_of_the_writer(rows):
    assert "".join(csv_lines(rows)) == csv_text(rows)
    assert len(csv_lines(rows)) == len(rows)


@given(rows=ROWS)
def test_rows_are_read_back_as_they_were(rows):
    text = "".join(csv_lines(rows))

    assert list(csv.reader(io.StringIO(text, newline=""))) == rows

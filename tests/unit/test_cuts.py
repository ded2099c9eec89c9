"""A file is cut on record boundaries, wherever the blocks end in which it is read."""

import csv
import io
import json

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lockstep.domain.cuts import MAX_LINE_BYTES, Cutter, LineTooLongError, Place
from lockstep.domain.dialects import FileFormat
from lockstep.domain.file_rows import BadRow
from lockstep.domain.file_rules import DELIMITERS
from tests.unit.file_pieces import HUGE, START, cuts_of, dialect, rows_of, rows_of_all

CELLS = st.text(st.sampled_from([*DELIMITERS.values(), *"ab0 \"'\n\räß€😀\u2028\x0b\\#"]), max_size=6)
ENDINGS = st.sampled_from(["\n", "\r\n"])


@st.composite
def tables(draw):
    width = draw(st.integers(1, 4))
    return draw(st.lists(st.lists(CELLS, min_size=width, max_size=width), min_size=1, max_size=12))


def written(rows, delimiter, ending, quoting=csv.QUOTE_MINIMAL):
    """Return what Python's writer makes of the rows; a lone carriage return is quoted by it from 3.13 on only."""
    out = io.StringIO(newline="")
    needs_all = any("\r" in cell for row in rows for cell in row)
    writer = csv.writer(
        out, delimiter=delimiter, lineterminator=ending, quoting=csv.QUOTE_ALL if needs_all else quoting
    )
    firsts = []
    for row in rows:
        firsts.append(out.getvalue().count("\n") + 1)
        writer.writerow(row)
    return out.getvalue(), firsts


@given(
    tables(),
    st.sampled_from(sorted(DELIMITERS.values())),
    ENDINGS,
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    st.integers(1, 13),
    st.integers(1, 40),
    st.booleans(),
)
@settings(max_examples=200, deadline=None)
def test_pieces_of_any_size_hold_exactly_the_rows_with_their_lines(rows, delimiter, ending, quoting, size, block, ends):
    text, firsts = written(rows, delimiter, ending, quoting)
    data = (text if ends else text.removesuffix(ending)).encode()
    of = dialect(len(rows[0]), delimiter)

    cuts = cuts_of(data, of, rows=size, block=block)

    assert rows_of_all(data, of, cuts) == list(zip(firsts, rows, strict=True))
    assert all(cut.rows == min(size, len(rows) - size * at) for at, cut in enumerate(cuts))
    assert [cut.end for cut in cuts[:-1]] == [cut.start for cut in cuts[1:]]
    assert (cuts[0].start, cuts[-1].end.byte) == (START, len(data))


LINES = st.lists(
    st.sampled_from(['1,a,"x"', "2,b,y", '3,"c', 'd",z', '4,"d,w', "", '5" pipe,e,f', '"6,""",g', "7,h", '"'])
)


@given(LINES, ENDINGS, st.integers(1, 5), st.integers(1, 30))
@example(["2,b,y", '4,"d,w', "2,b,y", '1,a,"x"'], "\n", 1, 1)
@settings(max_examples=300, deadline=None)
def test_pieces_of_a_broken_file_hold_what_the_whole_file_holds(lines, ending, size, block):
    data = "".join(line + ending for line in lines).encode()
    of = dialect(3)

    cuts = cuts_of(data, of, rows=size, block=block)

    whole = rows_of(data, of)
    assert rows_of_all(data, of, cuts) == whole
    assert sum(cut.rows for cut in cuts) == len(whole)


@given(LINES, st.integers(1, 4), st.integers(0, 3))
@settings(max_examples=200, deadline=None)
def test_cutting_goes_on_from_the_end_of_any_piece(lines, size, after):
    data = "".join(line + "\n" for line in lines).encode()
    of = dialect(3)
    cuts = cuts_of(data, of, rows=size)
    known = cuts[: after + 1]
    resumed = known[-1].end if known else START

    rest = cuts_of(data[resumed.byte :], of, rows=size, start=resumed)

    assert [*known, *rest] == cuts


@given(st.lists(st.dictionaries(st.text(max_size=3), st.text(max_size=5))), st.integers(1, 5), st.integers(1, 30))
@settings(max_examples=100, deadline=None)
def test_json_lines_are_cut_between_lines(objects, size, block):
    data = "\n\n".join(json.dumps(each) for each in objects).encode()
    of = dialect(0, file_format=FileFormat.JSON_LINES)

    cuts = cuts_of(data, of, rows=size, block=block)

    rows = [row for cut in cuts for row in rows_of(data, of, cut) if not isinstance(row, BadRow)]
    assert rows == [(2 * at + 1, each) for at, each in enumerate(objects)]
    assert sum(cut.rows for cut in cuts) == len(objects)


@given(LINES, ENDINGS, st.integers(1, 30), st.integers(1, 30), st.integers(1, 6))
@settings(max_examples=200, deadline=None)
def test_pieces_are_the_same_in_whatever_blocks_a_file_is_read(lines, ending, max_bytes, block, size):
    data = "".join(line + ending for line in lines).encode()
    of = dialect(3)

    cuts = cuts_of(data, of, rows=size, max_bytes=max_bytes, block=block)

    assert cuts == cuts_of(data, of, rows=size, max_bytes=max_bytes)
    assert all(cut.end.byte - cut.start.byte <= max_bytes or cut.rows == 1 for cut in cuts)
    for cut in cuts:
        assert cuts_of(data[cut.end.byte :], of, rows=size, max_bytes=max_bytes, start=cut.end) == [
            each for each in cuts if each.start.byte >= cut.end.byte
        ]


def test_piece_ends_before_it_has_too_many_bytes():
    data = b"12345,7890\n" * 100

    assert [cut.rows for cut in cuts_of(data, dialect(), max_bytes=230, block=110)] == [20] * 5


def test_file_without_rows_has_no_pieces():
    assert cuts_of(b"", dialect()) == cuts_of(b"\n\r\n\n", dialect()) == []


@pytest.mark.parametrize("file_format", [FileFormat.CSV, FileFormat.JSON_LINES])
def test_line_that_does_not_end_is_told_before_it_fills_the_memory(file_format):
    cutter = Cutter(dialect(file_format=file_format), START, HUGE, HUGE)
    list(cutter.take(b"1,2\n3,4\n"))

    list(cutter.take(b"x" * (MAX_LINE_BYTES // 2)))

    with pytest.raises(LineTooLongError, match="line 3"):
        list(cutter.take(b"x" * (MAX_LINE_BYTES // 2 + 1)))


def test_what_is_kept_between_blocks_is_one_record_at_most():
    cutter = Cutter(dialect(), Place(10, 1), 2, HUGE)

    assert list(cutter.take(b'1,2\n3,"4\n')) == []
    (cut,) = cutter.take(b'5"\n6,7\n')

    assert (cut.start, cut.end, cut.rows) == (Place(10, 1), Place(22, 4), 2)

"""A file is read row by row; what is no row is told with its line, and the rows after it arrive."""

import csv

import pytest

from lockstep.domain.csv_records import MAX_CELL_CHARS
from lockstep.domain.dialects import FileFormat
from lockstep.domain.file_rows import BadRow
from tests.unit.file_pieces import cuts_of, dialect, rows_of, rows_of_all

THREE = dialect(3)
JSON_LINES = dialect(0, file_format=FileFormat.JSON_LINES)
PAIRS = "its quotes do not pair"


def test_rows_have_the_line_that_they_begin_in():
    data = b'1,a,x\r\n\r\n2,"b\r\n\nb",y\r\n3,c,z'

    assert rows_of(data, THREE) == [(1, ["1", "a", "x"]), (3, ["2", "b\r\n\nb", "y"]), (6, ["3", "c", "z"])]


def test_cells_are_as_they_were_written():
    data = b'01, a ,"""",\n"","a,b",5" pipe,\n'

    assert rows_of(data, dialect(4)) == [(1, ["01", " a ", '"', ""]), (2, ["", "a,b", '5" pipe', ""])]


@pytest.mark.parametrize(
    ("text", "bad", "good"),
    [
        pytest.param('1,a,x\n2,"b,y\n3,c,z\n4,d,w\n', 2, [1, 3, 4], id="a quote never closed"),
        pytest.param('1,a,x\n2,"b,y\n3,c,z\n4,"d",w\n', 2, [1, 3, 4], id="closed by a later row's quote"),
        pytest.param('1,a,x\n2,"b,y\n3,"c\nc",z\n4,d,w\n', 2, [1, 3, 5], id="closed by a row of two lines"),
        pytest.param('1,a,x\n2,"b,y\n3,"c,y\n4,d,w\n', (2, 3), [1, 4], id="twice"),
        pytest.param('1,a,x\n2,"b"b,y\n3,c,z\n', 2, [1, 3], id="text after the closing quote"),
        pytest.param('1,a,x\n2,"b" ,y\n3,c,z\n', 2, [1, 3], id="a space after the closing quote"),
        pytest.param("1,a,x\n2,b\rb,y\n3,c,z\n", 2, [1, 3], id="a carriage return outside quotes"),
        pytest.param("1,a,x\n2,b,y,\n3,c,z\n", 2, [1, 3], id="too many columns"),
        pytest.param("1,a,x\n2,b\n3,c,z\n", 2, [1, 3], id="too few columns"),
        pytest.param("1,a,x\n2,\0,y\n3,c,z\n", 2, [1, 3], id="NUL"),
        pytest.param('1,a,x\n2,"b\nsaid "hi" there",y\n3,c,z\n', 2, [1, 4], id="quotes within a text of two lines"),
        pytest.param('1,a,x\n2,b,"b\nc",d\n3,c,z\n', 2, [1, 4], id="too many columns on two lines"),
        pytest.param('1,a,x\n2,b,"' + "b" * 131_073 + '"\n3,c,z\n', 2, [1, 3], id="a cell that is too long"),
    ],
)
def test_bad_row_is_told_and_the_others_arrive(text, bad, good):
    rows = rows_of(text.encode(), THREE)

    told = [row for row in rows if isinstance(row, BadRow)]
    assert [row.line for row in told] == ([bad] if isinstance(bad, int) else list(bad))
    assert [row[0] for row in rows if not isinstance(row, BadRow)] == good
    assert all(row.reason and row.remedy and row.cells for row in told)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('"1,a,x\n2,b,y\n', PAIRS),
        ("1,a\rb,x\n", "a carriage return stands outside quotes"),
        ("1,a,x,y\n", "the row has 4 cells, and the header 3"),
        ("1,a\0,x\n", "a NUL character"),
    ],
)
def test_reason_is_said(text, reason):
    assert reason in rows_of(text.encode(), THREE)[0].reason


def test_millions_of_lines_after_a_broken_quote_still_arrive():
    data = b'1,"a,x\n' + b"2,b,y\n" * 60_000

    rows = rows_of(data, THREE)

    assert isinstance(rows[0], BadRow)
    assert rows[1:] == [(line, ["2", "b", "y"]) for line in range(2, 60_002)]


def test_lines_after_a_broken_quote_may_be_wrong_in_their_own_way():
    others = [b"2,b,y\n"] * 60_000
    others[50], others[700], others[701] = b"\n", b"2,b\n", b'2,"b,y\n'

    rows = rows_of(b'1,"a,x\n' + b"".join(others), THREE)

    assert [row.line for row in rows if isinstance(row, BadRow)] == [1, 702, 703]
    assert len(rows) == 60_000


def test_row_that_takes_many_lines_says_so():
    (bad,) = rows_of(b'1,"a\nno row\nat all\nsaid "so",x\n', THREE)

    assert bad.line == 1
    assert "4 lines long" in bad.reason


def test_bytes_that_are_no_text_spoil_their_row_only():
    data = "1,ä,x\n".encode() + "2,ö,x\n".encode("latin-1") + "3,ü,x\n".encode()

    rows = rows_of(data, THREE)

    assert [row[0] for row in rows if not isinstance(row, BadRow)] == [1, 3]
    assert rows[1].line == 2
    assert "no text in the file's encoding" in rows[1].reason
    assert rows[1].cells == ["2", "\ufffd", "x"]


def test_declared_encoding_is_read():
    assert rows_of("1,€,x\n".encode("cp1252"), dialect(3, encoding="cp1252")) == [(1, ["1", "€", "x"])]


def test_rows_of_another_attempt_carry_their_own_lines():
    data = b"7,a,b\n3,c,d\n"

    assert rows_of(data, dialect(2), line_numbers=False) == [(7, ["a", "b"]), (3, ["c", "d"])]


def test_lines_are_numbered_across_blocks_and_pieces():
    data = b"".join(b"%d,%s,x\n" % (line, b"y" * 90) for line in range(1, 30_001))

    rows = rows_of_all(data, THREE, cuts_of(data, THREE, rows=7_000))

    assert [row[0] for row in rows] == list(range(1, 30_001))
    assert all(row[0] == int(row[1][0]) for row in rows)


def test_json_lines_are_objects_with_every_digit():
    rows = rows_of(b'{"id": 12345678901234567890, "x": {"y": "\xc3\xa4"}}\n\n{"id": "1"}', JSON_LINES)

    assert rows == [(1, {"id": 12345678901234567890, "x": {"y": "ä"}}), (3, {"id": "1"})]


@pytest.mark.parametrize("text", ["[1]", "{", '{"a": NaN}', "1", "   ", '{"a": "\0"}', '{"a": "b"} x'])
def test_line_that_is_no_object_is_told_and_the_others_arrive(text):
    rows = rows_of(f'{{"id": 1}}\n{text}\n{{"id": 3}}\n'.encode(), JSON_LINES)

    assert [type(row) is BadRow for row in rows] == [False, True, False]
    assert rows[1].line == 2


def test_json_lines_of_another_attempt_carry_their_own_lines():
    assert rows_of(b'[9, {"id": 1}]\n', JSON_LINES, line_numbers=False) == [(9, {"id": 1})]


def test_rows_are_found_again_whatever_limit_others_have_set():
    csv.field_size_limit(10**7)

    rows = rows_of(b'1,"a,x\n' + b"2,b,y\n" * 60_000, THREE)

    assert csv.field_size_limit() == MAX_CELL_CHARS == 131_072
    assert len(rows) == 60_001

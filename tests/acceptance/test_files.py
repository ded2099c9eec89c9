"""Other people's CSV files are read as they say; the files are the inputs', and not kept here."""

import csv
import io
import json

import pytest

from lockstep.domain.file_rows import BadRow
from tests.unit.dropped import Site, route

# The JSON of one file has another phone number than its CSV, in the original too.
OTHER_PHONE = {"2095257564": "1234567890"}


def parsed(content, external_id, chunk_rows):
    """Return the rows of a dropped file as objects, and the load."""
    site = Site(chunk_rows=chunk_rows, routes={"theirs": route(external_id=external_id)})
    load = site.drop("theirs/a.csv", content)
    rows = site.rows(load)
    assert not [row for row in rows if isinstance(row, BadRow)]
    return [dict(zip(load.dialect.header, cells, strict=True)) for _, cells in rows], load


@pytest.mark.parametrize("chunk_rows", [1, 100])
def test_every_file_of_csv_spectrum_parses_to_its_json(inputs, chunk_rows):
    folder = inputs / "hostile" / "csv-spectrum"
    files = sorted((folder / "csvs").glob("*.csv"))
    assert len(files) == 12

    for file in files:
        content = file.read_bytes()
        if file.stem.endswith("_crlf") and b"\r\n" not in content:
            content = content.replace(b"\n", b"\r\n")  # git has taken the carriage returns out of this copy
        wanted = json.loads((folder / "json" / f"{file.stem}.json").read_text(encoding="utf-8"))
        rows, _ = parsed(content, content.split(b",")[0].decode(), chunk_rows)
        told = [{name: OTHER_PHONE.get(cell, cell) for name, cell in row.items()} for row in rows]
        assert told == (wanted if isinstance(wanted, list) else [wanted]), file.name


def test_files_with_salesforces_delimiters_hold_the_same_rows(inputs):
    folder = inputs / "hostile" / "sf-csv-delimiters"
    found = {}

    for name in ("backquote", "caret", "comma", "comma_wrapped_values", "pipe", "semicolon", "tab"):
        rows, load = parsed((folder / f"{name}.csv").read_bytes(), "NAME", 2)
        found[name] = (load.dialect.delimiter, rows)

    assert {name: mark for name, (mark, _) in found.items()} == {
        "backquote": "`",
        "caret": "^",
        "comma": ",",
        "comma_wrapped_values": ",",
        "pipe": "|",
        "semicolon": ";",
        "tab": "\t",
    }
    assert all(rows == found["comma"][1] for _, rows in found.values())
    assert found["comma"][1]
    assert all(list(row) == ["NAME", "TYPE", "PHONE", "WEBSITE", "ANNUALREVENUE"] for row in found["comma"][1])


def test_file_with_one_column_is_read(inputs):
    rows, load = parsed((inputs / "hostile" / "sf-csv-delimiters" / "single-column.csv").read_bytes(), "NAME", 1)

    assert load.dialect.header == ("NAME",)
    assert all(row["NAME"].startswith("account Upsert #") for row in rows)


def test_every_row_of_northwind_is_read_once(inputs):
    files = sorted((inputs / "datasets" / "northwind").glob("*.csv"))
    assert files

    for file in files:
        content = file.read_bytes()
        wanted = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))
        rows, load = parsed(content, next(iter(wanted[0])), 100)
        assert rows == wanted, file.name
        assert load.chunks == -(-len(wanted) // 100)

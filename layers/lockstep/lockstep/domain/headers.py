"""Finds out how a file is written, by its name, its first lines, and what the route says."""

import csv
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from lockstep.domain.csv_records import ESCAPED, csv_reader
from lockstep.domain.cuts import Place
from lockstep.domain.dialects import Dialect, FileFormat
from lockstep.domain.file_columns import clashes_of, column_paths
from lockstep.domain.file_problems import FileProblemError
from lockstep.domain.file_rules import DELIMITERS, FileRules

# Salesforce takes 5,000 columns and 32,000 characters; a file may well have more columns than its route reads.
MAX_HEADER_BYTES = 128 * 1024
_FORMAT_BY_ENDING = {".csv": FileFormat.CSV, ".tsv": FileFormat.CSV, ".jsonl": FileFormat.JSON_LINES,
                     ".ndjson": FileFormat.JSON_LINES}  # fmt: skip
_COMMA = ","


class _Header(NamedTuple):
    cells: Sequence[str]
    end: Place


def find_dialect(name: str, text: bytes, encoding: str, rules: FileRules) -> tuple[Dialect, Place]:
    """Return how the file is written, and where its rows begin.

    Args:
        name: The file's name.
        text: The file's beginning, without byte order mark: MAX_HEADER_BYTES of it, or all that there is.
        encoding: Of `text`.
        rules: What the route says.

    Raises:
        FileProblemError: It cannot be taken in.
    """
    if not text.strip():
        raise FileProblemError("the file is empty, without even a header", "look at the export that has written it")
    found = rules.declared_format or _format_of(name, text)
    if found is FileFormat.JSON_LINES:
        return Dialect(format=found, encoding=encoding), Place(0, 0)
    if found is not FileFormat.CSV:
        raise FileProblemError(f"files of the format {found.value} are not read", "write CSV or JSON Lines")
    delimiter, header = _header(text, encoding, rules)
    _check(header.cells, rules)
    dialect = Dialect(format=found, encoding=encoding, delimiter=delimiter, header=tuple(header.cells))
    return dialect, header.end


def _format_of(name: str, text: bytes) -> FileFormat:
    stem = name.lower().removesuffix(".gz")
    for ending, file_format in _FORMAT_BY_ENDING.items():
        if stem.endswith(ending):
            return file_format
    first = text.lstrip()[:1]
    if first == b"[":
        raise FileProblemError("the file is one JSON array", "write JSON Lines: one object on each line")
    return FileFormat.JSON_LINES if first == b"{" else FileFormat.CSV


def _header(text: bytes, encoding: str, rules: FileRules) -> tuple[str, _Header]:
    """Return the delimiter with which the header has the columns that it must have, or most columns."""
    declared = rules.declared_delimiter
    delimiters = [declared] if declared else sorted(DELIMITERS.values(), key=lambda mark: (mark != _COMMA, mark))
    headers = {mark: header for mark in delimiters if (header := _read(text, encoding, mark)) is not None}
    fitting = {mark: header for mark, header in headers.items() if _fits(header.cells, rules)}
    if not fitting and len(headers) < len(delimiters):
        raise FileProblemError("the header in line 1 cannot be read: its quotes do not pair", "correct the header")
    delimiter, header = max((fitting or headers).items(), key=lambda item: len(item[1].cells))
    if header.end.byte >= MAX_HEADER_BYTES:
        raise FileProblemError("the header has more than 128 KiB", "end the first line after the header")
    return delimiter, header


def _fits(cells: Sequence[str], rules: FileRules) -> bool:
    return set(rules.columns) <= set(cells)


def _read(text: bytes, encoding: str, delimiter: str) -> _Header | None:
    """Read the first record that is not blank."""
    ends = [0]
    reader = csv_reader(_lines(text, encoding, ends), delimiter)
    try:
        cells = next((cells for cells in reader if cells), None)
    except csv.Error:
        return None
    return _Header(cells, Place(ends[reader.line_num], reader.line_num)) if cells else None


def _lines(text: bytes, encoding: str, ends: list[int]) -> Iterator[str]:
    at = 0
    while at < len(text):
        stop = text.find(b"\n", at) + 1 or len(text)
        ends.append(stop)
        yield text[at:stop].decode(encoding, ESCAPED)
        at = stop


def _check(header: Sequence[str], rules: FileRules) -> None:
    # Names are told only of a header that has the External ID: any other first line may be a row of values.
    missing = [name for name in rules.columns if name not in header]
    if missing:
        raise FileProblemError(
            f"none of the columns in line 1, {len(header):,} in number, is {' nor '.join(missing)}",
            "begin the file with a header, name that column in it, or correct delimiter and encoding in the route",
        )
    if not all(name.strip() for name in header):
        raise FileProblemError("a column of the header has no name", "name every column, or take it out")
    if twice := sorted({name for name in header if header.count(name) > 1}):
        raise FileProblemError(f"the header names twice: {', '.join(twice)}", "name every column once")
    for first, second in clashes_of(column_paths(header, rules.under)):
        said = f"the column {'.'.join(second)} would be a part of the column {'.'.join(first)}"
        raise FileProblemError(said, "give one of them another name: dots lead into an object")

"""The keys of a file as hashes: alike for what the org takes for one, stored and found again, in parts."""

import pytest

from lockstep.domain.conversions.results import Problem
from lockstep.domain.external_ids import KeyKind
from lockstep.domain.file_rows import BadRow
from lockstep.domain.key_hashes import KeyRange, KnownKeys, RowKeys, StoredKeys, hash_of


@pytest.mark.parametrize(
    ("kind", "first", "second", "are_one"),
    [
        (KeyKind.EXACT, "a1", "A1", False),
        (KeyKind.EXACT, "a1", " a1 ", True),
        (KeyKind.EXACT, "0012", "12", False),
        (KeyKind.CASELESS, "a1", "A1", True),
        (KeyKind.CASELESS, "Straße", "STRASSE", True),
        (KeyKind.CASELESS, "a1", "a2", False),
        (KeyKind.NUMBER, "0012", "12.0", True),
        (KeyKind.NUMBER, "100", "1E2", True),
        (KeyKind.NUMBER, "12", "12.5", False),
        (KeyKind.NUMBER, "x", "x", True),
    ],
)
def test_keys_have_one_hash_where_they_are_one_records(kind, first, second, are_one):
    hashed = hash_of(kind)

    assert (hashed(first) == hashed(second)) is are_one


def test_rows_without_a_key_are_counted_and_every_row_is_given_on():
    keys = RowKeys(KeyKind.CASELESS, lambda cells: cells[0])
    rows = [
        (2, ["k1"]),
        BadRow(3, "broken", "mend it"),
        (4, [" "]),
        (5, [Problem("no text", "write one")]),
        (6, ["K1"]),
    ]

    given = list(keys.noted(rows))
    stored = StoredKeys.of(keys.content())

    assert given == rows
    assert (stored.unknown, stored.rows, stored.kind) == (3, 5, KeyKind.CASELESS)
    assert list(stored.hashes) == [hash_of(KeyKind.CASELESS)("k1")] * 2


def test_every_key_is_in_one_part_and_found_there():
    keys = RowKeys(KeyKind.EXACT, lambda cells: cells[0])
    names = [f"key {number}" for number in range(1_000)]
    list(keys.noted((number, [name]) for number, name in enumerate(names)))
    stored, hashed = StoredKeys.of(keys.content()), hash_of(KeyKind.EXACT)

    parts = [KeyRange(part, 3) for part in range(3)]
    known = [KnownKeys([part.of(stored.hashes)]) for part in parts]

    assert sum(len(part.of(stored.hashes)) for part in parts) == 1_000
    for name in names:
        (place,) = [number for number, part in enumerate(parts) if hashed(name) in part]
        assert [hashed(name) in each for each in known] == [number == place for number in range(3)]
    assert not any(hashed("another") in each for each in known)

"""Which rows go into a job, and how an attempt's list of them is written."""

import pytest

from lockstep.domain.describes import FieldFacts, read_describe
from lockstep.domain.external_ids import IDENTITIES, KeyKind, key_kind
from lockstep.domain.job_rows import (
    Candidate,
    ManifestRow,
    NewestRows,
    is_submitted,
    manifest_key_of,
    manifest_row,
)


def candidate(key, version=1, line=2, parents=""):
    return Candidate(key, version, line, parents, 0, 0)


def kept(kind, *rows):
    newest = NewestRows(IDENTITIES[kind])
    newest.add(rows)
    return [row.line for row in newest.rows()], newest.collapsed


@pytest.mark.parametrize(
    ("kind", "keys", "lines"),
    [
        (KeyKind.EXACT, ["k1", "K1"], [1, 2]),
        (KeyKind.CASELESS, ["k1", "K1", "straße", "STRASSE"], [2, 4]),
        (KeyKind.NUMBER, ["1", "1.0", "01", "1E0", "x", "x", "NaN"], [4, 6, 7]),
    ],
    ids=lambda each: each if isinstance(each, KeyKind) else "",
)
def test_keys_are_one_record_as_the_org_compares_them(kind, keys, lines):
    rows = [candidate(key, line=line) for line, key in enumerate(keys, 1)]

    assert kept(kind, *rows) == (lines, len(keys) - len(lines))


def test_the_newest_version_wins_and_of_equal_ones_the_later_line():
    assert kept(KeyKind.EXACT, candidate("k", 2, 1), candidate("k", 1, 2)) == ([1], 1)
    assert kept(KeyKind.EXACT, candidate("k", 1, 1), candidate("k", 1, 2), candidate("k", 1, 3)) == ([3], 2)


def test_rows_of_one_parent_stand_together():
    rows = [candidate(f"k{line}", line=line, parents=parent) for line, parent in enumerate("baab")]

    assert kept(KeyKind.EXACT, *rows) == ([1, 2, 0, 3], 0)


@pytest.mark.parametrize("key", ["k1", "a,b", '"', "ü", "#", " "])
def test_a_row_of_the_list_is_read_as_it_was_written(key):
    row = ManifestRow(7, 10**18 - 1, key, "abc", is_submitted=False)

    assert manifest_row(row.text) == row
    assert (manifest_key_of(row.text), is_submitted(row.text)) == (key, False)


def _field(**facts) -> FieldFacts | None:
    described = read_describe({"name": "A", "fields": [{"name": "K__c", **facts}]})
    return described.field("K__c") if described else None


@pytest.mark.parametrize(
    ("facts", "kind"),
    [
        ({"type": "string", "caseSensitive": True}, KeyKind.EXACT),
        ({"type": "string", "caseSensitive": False}, KeyKind.CASELESS),
        ({"type": "double"}, KeyKind.NUMBER),
    ],
)
def test_kind_of_keys_is_read_from_the_describe(facts, kind):
    assert key_kind(_field(**facts)) is kind
    assert key_kind(None) is KeyKind.EXACT

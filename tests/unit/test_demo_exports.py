"""The demo's nightly export: what is wrong with it, and how its rejects are put right."""

import csv
import io

import pytest

from local.demo.expectation import newest_stamps
from local.demo.exports import COLUMNS, Fault, correct, csv_line, export_text
from local.demo.scenario import TOLD_TWICE, make_scenario

SCENARIO = make_scenario(1, exported=200)
EXPORT = SCENARIO.export


def test_every_row_is_one_line_and_means_its_account():
    header, *lines = export_text(EXPORT).splitlines(keepends=True)

    assert header == csv_line(COLUMNS)
    assert lines == [row.line for row in EXPORT]
    assert len(lines) == 200
    for row in EXPORT:
        if row.fault is None:
            assert next(csv.reader(io.StringIO(row.line))) == list(row.cells.values())


def test_each_fault_is_in_the_file_and_accounts_stand_there_in_two_revisions():
    keys = [row.fact.key for row in EXPORT]

    assert {row.fault for row in EXPORT} == {None, *Fault}
    assert len(keys) - len(set(keys)) == TOLD_TWICE
    assert all(row.line != csv_line(row.cells.values()) for row in EXPORT if row.fault)


def test_what_supersedes_a_row_tells_all_that_the_row_tells():
    waves = (*SCENARIO.first, *SCENARIO.second)
    facts = [send.fact for lane in waves for send in lane if send.fact]
    told, whole = newest_stamps(facts), newest_stamps(fact for fact in facts if "Name" in fact.fields)
    older = [row.fact for row in EXPORT if row.fact.stamp < told.get(row.fact.key, 0)]

    assert len(older) == 20
    assert all(fact.stamp < whole[fact.key] for fact in older)


def rejects(folder, *numbers):
    file = folder / "rejects.csv"
    lines = [csv_line([*COLUMNS, "lockstep_line"]), *(csv_line(["x"] * len(COLUMNS) + [str(n)]) for n in numbers)]
    file.write_text("".join(lines), encoding="utf-8")
    return file


def test_rejects_become_what_the_erp_meant(tmp_path):
    bad = [number for number, row in enumerate(EXPORT) if row.fault]
    file = rejects(tmp_path, *(number + 2 for number in bad))

    assert correct(file, EXPORT) == [EXPORT[number].fault for number in bad]

    with file.open(encoding="utf-8", newline="") as opened:
        assert list(csv.DictReader(opened)) == [
            {**EXPORT[number].cells, "lockstep_line": str(number + 2)} for number in bad
        ]


def test_row_that_was_right_is_no_reject(tmp_path):
    good = next(number for number, row in enumerate(EXPORT) if row.fault is None)

    with pytest.raises(ValueError, match="1 rows were rejected with which nothing was wrong"):
        correct(rejects(tmp_path, good + 2), EXPORT)

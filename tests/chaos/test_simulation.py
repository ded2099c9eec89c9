"""Some plays of the simulation; `make chaos SEEDS=200` plays many, from fresh seeds."""

import pytest

from tests.chaos.simulation.play import play
from tests.chaos.simulation.protections import PROTECTIONS

SEEDS = range(2)
SEEDS_WITH_FILES = range(2)
MOST_PLAYS = 8
FEW_RECORDS = 8


@pytest.mark.parametrize("seed", SEEDS)
def test_nothing_is_lost_doubled_or_stale_whatever_goes_wrong(seed):
    played = play(seed, 12)

    assert played.damage.lines() == []
    assert set(played.states) <= {"Applied", "Superseded", "Duplicate"}
    assert played.happened["delivery"] > played.states.total()


@pytest.mark.parametrize("seed", SEEDS_WITH_FILES)
def test_nothing_is_lost_doubled_or_stale_where_files_and_jobs_write_the_same_records(seed):
    played = play(seed, 8, has_files=True)

    assert played.damage.lines() == []
    assert set(played.states) <= {"Applied", "Superseded", "Duplicate"}
    assert played.happened["play with files of several chunks"] == 1
    assert played.happened["event of a file"] >= played.happened["file"] >= 1
    assert played.happened["job"] >= 1
    assert played.happened["row"] > 20


@pytest.mark.parametrize("protection", PROTECTIONS)
def test_damage_is_found_when_a_protection_is_switched_off(protection):
    spoilt = PROTECTIONS[protection]
    plays = (play(seed, FEW_RECORDS, spoilt.spoils(), has_files=spoilt.has_files) for seed in range(MOST_PLAYS))

    assert any(played.damage for played in plays), "no play shows what the protection is for"


@pytest.mark.parametrize("protection", [name for name, each in PROTECTIONS.items() if each.has_own_faults])
def test_what_a_protection_is_for_does_no_damage_while_it_is_there(protection):
    kept = PROTECTIONS[protection]

    played = play(0, FEW_RECORDS, kept.spoils(is_kept=True), has_files=kept.has_files)

    assert played.damage.lines() == []


def test_seed_decides_everything():
    first, second = (play(3, 4, has_files=True) for _ in range(2))

    assert (first.states, first.happened) == (second.states, second.happened)

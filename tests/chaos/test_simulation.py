"""Some plays of the simulation; `make chaos SEEDS=200` plays many, from fresh seeds."""

from itertools import islice

import pytest

from tests.chaos.simulation.play import play
from tests.chaos.simulation.protections import PROTECTIONS

SEEDS = range(5)
SEEDS_WITH_FILES = range(2)
MOST_PLAYS = 8


@pytest.mark.parametrize("seed", SEEDS)
def test_nothing_is_lost_doubled_or_stale_whatever_goes_wrong(seed):
    played = play(seed)

    assert played.damage.lines() == []
    assert set(played.states) <= {"Applied", "Superseded", "Duplicate"}
    assert played.happened["delivery"] > played.states.total()


@pytest.mark.parametrize("seed", SEEDS_WITH_FILES)
def test_nothing_is_lost_doubled_or_stale_where_files_and_jobs_write_the_same_records(seed):
    played = play(seed, 8, has_files=True)

    assert played.damage.lines() == []
    assert set(played.states) <= {"Applied", "Superseded", "Duplicate"}
    assert played.happened["job"] >= 1
    assert played.happened["row"] > 100


@pytest.mark.parametrize("protection", PROTECTIONS)
def test_damage_is_found_when_a_protection_is_switched_off(protection):
    damaged = (seed for seed in range(MOST_PLAYS) if play(seed, 12, PROTECTIONS[protection]).damage)

    assert list(islice(damaged, 1)), "no play shows what the protection is for"


def test_seed_decides_everything():
    first, second = (play(3, 8) for _ in range(2))

    assert (first.states, first.happened) == (second.states, second.happened)

"""What protections are switched off with."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest

from tests.chaos import world
from tests.chaos.simulation.trouble import Trouble
from tests.chaos.world import World

OFTEN = 0.4

Spoil = Callable[[pytest.MonkeyPatch, Trouble], None]
_ACKNOWLEDGE = World.acknowledge


def _as_usual(_patch: pytest.MonkeyPatch, _trouble: Trouble) -> None:
    """Change nothing."""


@dataclass(frozen=True)
class Protection:
    """How it is switched `off`; `faults` are what it is there for, more often than otherwise."""

    off: Spoil
    faults: Spoil = _as_usual
    has_files: bool = False

    @property
    def has_own_faults(self) -> bool:
        return self.faults is not _as_usual

    def spoils(self, *, is_kept: bool = False) -> list[Spoil]:
        """Return what makes a play with the faults, and without the protection unless it is kept."""
        return [self.faults] if is_kept else [self.faults, self.off]


def without_org_fence(patch: pytest.MonkeyPatch, _trouble: Trouble) -> None:
    """Take the validation rules out of the org."""
    patch.setattr(world, "SCHEMA", replace(world.SCHEMA, validation_rules={}))


def die_before_ack(patch: pytest.MonkeyPatch, present: Trouble, rate: float = OFTEN) -> None:
    """Let functions die that have done everything: their messages come again."""

    def acknowledge(here: World, *messages: Any) -> None:
        if not _dies(present, rate):
            _ACKNOWLEDGE(here, *messages)

    patch.setattr(World, "acknowledge", acknowledge)


class AfterAck:
    """Work that is put off until the messages are acknowledged; it is not done where the function dies in between."""

    def __init__(self, patch: pytest.MonkeyPatch, present: Trouble, rate: float = OFTEN) -> None:
        self._present = present
        self._rate = rate
        self._waiting: list[Callable[[], object]] = []

        def acknowledge(here: World, *messages: Any) -> None:
            self._acknowledge(here, *messages)

        patch.setattr(World, "acknowledge", acknowledge)

    def do(self, work: Callable[[], object]) -> None:
        """Do it later."""
        self._waiting.append(work)

    def _acknowledge(self, here: World, *messages: Any) -> None:
        _ACKNOWLEDGE(here, *messages)
        waiting, self._waiting = self._waiting, []
        if _dies(self._present, self._rate):
            return
        with self._present.quiet():
            for work in waiting:
                work()


def _dies(present: Trouble, rate: float) -> bool:
    if not present.is_on or present.chance.random() > rate:
        return False
    present.happened["death before ack"] += 1
    return True

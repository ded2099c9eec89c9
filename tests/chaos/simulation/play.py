"""One play: a seed decides everything that happens, so a play that fails can be watched again."""

import contextlib
import io
import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from lockstep.adapters import aws
from tests.chaos.simulation.files import Files, files_of, told_by_files
from tests.chaos.simulation.judge import Damage, judge, judge_patience
from tests.chaos.simulation.story import Story, Told, make_story
from tests.chaos.simulation.trouble import InlineExecutor, Trouble
from tests.chaos.surroundings import VISIBILITY_S, FakeLanes
from tests.chaos.world import World, new_world

PLAY = "play "  # begins what is counted once a play
MOST_ROUNDS = 300
CAN_BE_LATE = 0.5  # of the plays
CAN_TIE = 0.5  # of the plays with files that have no late calls
ORG_FAULTS = 1.0  # for three times that time passes
JOB_FAULTS = 0.7
MOST_STEPS_OF_JOBS = 120  # after all has been sent: what is left of jobs then ends in peace
SMALL_BATCHES = 0.5  # where there are jobs: a small batch leaves much in the queue, and that goes by them
AGAIN = 0.1  # of the accepted deliveries are made once more
_PATH = {"path_contains": "composite"}
_LIMIT = "Trigger: System.LimitException: Apex CPU time limit exceeded"
ROW_FAULTS: tuple[dict[str, Any], ...] = (
    {"row": True, "error_code": "UNABLE_TO_LOCK_ROW", "times": 3},
    {"row": True, "error_code": "FIELD_CUSTOM_VALIDATION_EXCEPTION"},
    {"row": True, "error_code": "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "message": _LIMIT, "times": 4},
)
CALL_FAULTS: tuple[dict[str, Any], ...] = (
    {"match": _PATH, "status": 503, "html": True, "times": 2},
    {"match": _PATH, "error_code": "UNKNOWN_EXCEPTION", "when": "after"},
    {"match": _PATH, "error_code": "INVALID_SESSION_ID"},
    {"match": _PATH, "drop_connection": True, "when": "after"},
    {"match": {"path_contains": "token"}, "status": 503, "html": True},
)
OUTAGE = {"match": {"path_contains": "/services/"}, "status": 503, "html": True, "times": None}


@dataclass(frozen=True)
class Played:
    """How a play went."""

    seed: int
    damage: Damage
    states: Counter[str]
    happened: Counter[str]


def play(
    seed: int,
    records: int = 20,
    spoils: Sequence[Callable[[pytest.MonkeyPatch, Trouble], None]] = (),
    *,
    has_files: bool = False,
) -> Played:
    """Play a seed to its end.

    Args:
        seed: Decides everything.
        records: How many records the shop tells of.
        spoils: Each changes the world, or switches a protection of the product off.
        has_files: Some of the story is told by files, and backlogs go by jobs.
    """
    random.seed(seed)  # the product's jitter
    trouble = Trouble(chance=random.Random(seed))
    with (
        contextlib.redirect_stdout(io.StringIO()),
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setattr(aws, "ThreadPoolExecutor", InlineExecutor)
        aws._pool.cache_clear()
        for spoil in spoils:
            spoil(patch, trouble)
        with new_world(trouble) as world:
            damage = _performed(world, trouble, records, has_files=has_files)
            states = world.states()
        aws._pool.cache_clear()
    return Played(seed, damage, states, trouble.happened)


def _performed(world: World, trouble: Trouble, records: int, *, has_files: bool) -> Damage:
    chance = trouble.chance
    # A call that arrives late is told from a newer one by its version, so here no two events share one.
    trouble.can_be_late = chance.random() < CAN_BE_LATE
    has_ties = not trouble.can_be_late and (not has_files or chance.random() < CAN_TIE)
    trouble.happened[f"{PLAY}with late calls"] += trouble.can_be_late
    trouble.happened[f"{PLAY}with two events of one version"] += has_ties
    story = make_story(chance, records, has_ties=has_ties)
    if not has_files:
        return _Stage(world, trouble, story, story.events).perform()
    posted, rows = told_by_files(chance, story.events)
    # Nor does a job tell two events of one version apart.
    with files_of(world, chance, rows, trouble.happened, has_backlogs=not has_ties) as files:
        return _Stage(world, trouble, Story([*posted, *rows]), posted, files).perform()


class NeverRestsError(Exception):
    """Raised where something is sent again and again, and never ends."""


class _Stage:
    def __init__(
        self, world: World, trouble: Trouble, story: Story, posted: Sequence[Told], files: Files | None = None
    ) -> None:
        self._world = world
        self._trouble = trouble
        self._chance = trouble.chance
        self._story = story
        self._files = files
        self._to_send = list(posted)
        trouble.other = self._somebody
        trouble.clock = world.clock

    def perform(self) -> Damage:
        damage = Damage()
        try:
            self._perform(damage)
        except NeverRestsError as error:
            damage.unbooked.append(str(error))
        return damage

    def _perform(self, damage: Damage) -> None:
        self._trouble.is_on = True
        while self._to_send or not (self._files is None or self._files.is_all_dropped):
            self._step()
        self._finish_jobs()
        self._trouble.is_on = False
        self._world.org.faults.clear()
        self._come_to_rest()
        judge_patience(self._world, damage)
        self._send_what_needs_people()
        while self._trouble.late:
            self._trouble.arrive()
        self._come_to_rest()
        judge(self._world, self._story, damage)
        if self._files:
            self._files.judge(damage)

    def _finish_jobs(self) -> None:
        """Let bulk functions meet trouble too, which takes its time."""
        for _ in range(MOST_STEPS_OF_JOBS):
            if self._files is None or not self._files.are_at_work():
                break
            self._step()

    def _step(self) -> None:
        acts = {
            self._deliver: 10 if self._to_send else 0,
            self._work: 6,
            self._pass_time: 3,
            self._world.retry: 1,
            self._world.take_dead_letters: 0.5,
            self._monitor: 1,
            self._trouble.arrive: 1,
            self._org_fault: ORG_FAULTS,
            self._outage: 0.2,
        }
        if self._files:
            acts |= {
                self._files.drop: 0 if self._files.is_all_dropped else 1.5,
                self._files.work: 6,
                self._files.fault: JOB_FAULTS,
            }
        (act,) = self._chance.choices(list(acts), list(acts.values()))
        act()

    def _deliver(self) -> None:
        for _ in range(min(len(self._to_send), self._chance.randint(1, 8))):
            event = self._to_send.pop()
            status = self._world.post(event)
            self._trouble.happened["delivery"] += 1
            if status != 202 or self._chance.random() < AGAIN:
                self._send_later(event)

    def _send_later(self, event: Told) -> None:
        self._to_send.insert(self._chance.randint(0, len(self._to_send)), event)

    def _work(self) -> None:
        most = 6 if self._files and self._chance.random() < SMALL_BATCHES else 40
        messages = self._world.receive(self._chance.randint(1, most)) if FakeLanes.are_on else []
        if messages:
            self._chance.shuffle(messages)
            self._world.invoke(messages)

    def _somebody(self) -> None:
        """Others are at work while a process waits for an answer."""
        acts = [self._work, self._work, self._trouble.arrive]
        self._chance.choice([*acts, self._files.work, self._files.work] if self._files else acts)()

    def _monitor(self) -> None:
        with self._trouble.quiet():
            self._world.monitor()

    def _pass_time(self) -> None:
        self._world.clock.advance(self._chance.choice([0.2, 1, 5, 20, 80, 400]))

    def _org_fault(self) -> None:
        self._world.org.plan_faults(self._chance.choice([*ROW_FAULTS, *CALL_FAULTS]))

    def _outage(self) -> None:
        """The org is away for hours; afterwards everything else goes on as before."""
        self._world.org.faults.clear()
        self._world.org.plan_faults(OUTAGE)
        self._trouble.happened["outage"] += 1
        for _ in range(self._chance.randint(3, 12)):
            self._chance.choice([self._work, self._pass_time, self._monitor])()
        self._world.org.faults.clear()

    def _come_to_rest(self) -> None:
        for _ in range(MOST_ROUNDS):
            self._world.monitor()
            while FakeLanes.are_on and (messages := self._world.receive(1000)):
                self._world.invoke(messages)
            self._world.take_dead_letters()
            has_loaded = self._files is None or self._files.settle()
            left = self._world.depth("inbound") + self._world.depth("dead-letters")
            if not left and has_loaded and not self._world.errors("Retrying"):
                return
            self._world.retry()
            self._world.clock.advance(VISIBILITY_S + 1)
        left = f"{self._world.depth('inbound')} messages, {len(self._world.errors('Retrying'))} retries"
        raise NeverRestsError(f"never comes to rest: {left}")

    def _send_what_needs_people(self) -> None:
        """Be the person who retries what is Pending, now that the org takes it."""
        names = sorted(self._world.errors("Pending", "Abandoned"))
        if names:
            self._trouble.happened["needed a person"] += len(names)
            self._world.reopen(*names)

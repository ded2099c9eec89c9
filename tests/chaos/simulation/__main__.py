"""`make chaos`: plays many seeds, then plays with each protection switched off, and prints what was found."""

import os
import random
from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import Annotated

import tests.conftest  # noqa: F401 - no real AWS can be reached

os.environ["POWERTOOLS_LOG_LEVEL"] = "CRITICAL"  # before the functions are imported

import typer
from rich.console import Console
from rich.progress import track
from rich.table import Table

from tests.chaos.simulation.play import PLAY, Played, play
from tests.chaos.simulation.protections import PROTECTIONS

KINDS = ("lost", "duplicated", "stale", "unbooked", "spent")
console = Console(soft_wrap=True)


def main(
    seeds: Annotated[int, typer.Option(help="How many plays.")] = 20,
    first: Annotated[int | None, typer.Option(help="The first seed; without it they are fresh.")] = None,
    records: Annotated[int, typer.Option(help="Records of one play, with about five changes each.")] = 20,
    spoilt_seeds: Annotated[int, typer.Option(help="Plays with each protection switched off.")] = 10,
    jobs: Annotated[int, typer.Option(help="Processes.")] = os.cpu_count() or 1,
    files: Annotated[bool, typer.Option(help="Files and backlogs beside the webhooks.")] = True,
) -> None:
    """Play; exit code 1 where something was lost, doubled or stale, or a protection turns out to be for nothing."""
    start = random.SystemRandom().randrange(10**6) if first is None else first
    wanted = range(start, start + seeds)
    with ProcessPoolExecutor(jobs) as pool:
        played = []
        for each in track(
            _plays(pool, wanted, records, None, files=files), f"{seeds} plays", total=seeds, console=console
        ):
            played.append(each)
            _tell_damage(each)  # at once: who stops a long run keeps what it found
        _tell(played, records)
        useless = _tell_protections(pool, range(start, start + spoilt_seeds), records)
    if useless or any(each.damage for each in played):
        raise typer.Exit(1)


def one(seed: int, records: int, protection: str | None, has_files: bool) -> Played:
    """Play in a process of the pool."""
    if protection is None:
        return play(seed, records, has_files=has_files)
    spoilt = PROTECTIONS[protection]
    return play(seed, records, spoilt.spoils(), has_files=spoilt.has_files)


def _plays(
    pool: ProcessPoolExecutor, seeds: Sequence[int], records: int, protection: str | None, *, files: bool = False
) -> Iterable[Played]:
    return pool.map(one, seeds, *([each] * len(seeds) for each in (records, protection, files)))


def _tell(played: Sequence[Played], records: int) -> None:
    states, happened = Counter[str](), Counter[str]()
    for each in played:
        states += each.states
        happened += each.happened
    console.print(
        f"{len(played)} plays, seeds {played[0].seed} to {played[-1].seed}: {records * len(played):,} records, ", end=""
    )
    console.print(f"{states.total():,} changes: " + ", ".join(f"{n:,} {state}" for state, n in states.most_common()))
    plays = [f"{n} {kind.removeprefix(PLAY)}" for kind, n in happened.most_common() if kind.startswith(PLAY)]
    console.print("Of the plays: " + ", ".join(plays))
    told = [f"{n:,} {what}" for what, n in happened.most_common() if not what.startswith(PLAY)]
    console.print("What happened: " + ", ".join(told))
    total = {kind: sum(each.damage.counts()[kind] for each in played) for kind in KINDS}
    console.print("Found: " + ", ".join(f"{n} {kind}" for kind, n in total.items()))


def _tell_damage(played: Played) -> None:
    if played.damage:
        console.print(f"seed {played.seed} fails; it plays again with: make chaos SEEDS=1 FIRST={played.seed}")
        for line in played.damage.lines()[:10]:
            console.print(f"  {line}", markup=False)


def _tell_protections(pool: ProcessPoolExecutor, seeds: Sequence[int], records: int) -> list[str]:
    """Print what is found without each protection; return those without which nothing is."""
    if not seeds:
        return []
    table = Table("without", "plays with damage", *KINDS, title="Each protection switched off in turn")
    useless = []
    for name in PROTECTIONS:
        played = list(_plays(pool, seeds, records, name))
        damaged = sum(bool(each.damage) for each in played)
        counts = [str(sum(each.damage.counts()[kind] for each in played)) for kind in KINDS]
        table.add_row(name, f"{damaged} of {len(played)}", *counts)
        if not damaged:
            useless.append(name)
    console.print(table)
    for name in useless:
        console.print(f"Nothing was found without: {name}. Play more seeds, or ask what it is for.")
    return useless


if __name__ == "__main__":
    typer.run(main)

"""Moves the SystemModstamp of a record whose roll-up summary a child changes."""

from collections import defaultdict
from collections.abc import Callable, Sequence

from local.org.record import IS_DELETED, Record
from local.org.save_steps import Check
from local.org.schema import Summary
from local.org.store import Store
from local.org.table import Table

Touch = Callable[[Table, Record], None]


def install_roll_ups(store: Store, summaries: Sequence[Summary], touch: Touch) -> None:
    """Let saves of children reach the records that sum them up."""
    reads: dict[tuple[str, str], set[str]] = defaultdict(set)
    for summary in summaries:
        reads[summary.child, summary.master] |= summary.reads
    for (child, master), names in reads.items():
        if (table := store.table(child)) is not None:
            table.own_steps().after.append(_toucher(store, master, sorted(names), touch))


def _toucher(store: Store, master: str, names: Sequence[str], touch: Touch) -> Check:
    def finish(record: Record, before: Record | None) -> None:
        now = None if record[IS_DELETED] else record
        if now is not None and before is not None and all(now.get(name) == before.get(name) for name in names):
            return
        parents = {each.get(master) for each in (now, before) if each is not None}
        for parent_id in sorted(parent_id for parent_id in parents if parent_id is not None):
            located = store.locate(parent_id)
            if located is not None and not located[1][IS_DELETED]:
                touch(*located)

    return finish

"""Which of many changes are written, and in which order."""

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from graphlib import TopologicalSorter
from typing import TypeVar

from lockstep.domain.changes import Change

Item = TypeVar("Item")
Kind = TypeVar("Kind", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Newest:
    """The newest change of each record, and those that it makes needless."""

    winners: tuple[Change, ...]
    superseded: tuple[Change, ...]
    duplicates: tuple[Change, ...]


def keep_newest(changes: Sequence[Change], record_of: Callable[[Change], object]) -> Newest:
    """Keep one change per record: the newest version, the later event, the later arrival.

    An equal stamp with equal content is a duplicate of the winner; anything else that loses is superseded.
    """
    winner_by_record: dict[object, Change] = {}
    for change in changes:
        record = record_of(change)
        best = winner_by_record.get(record)
        if best is None or change.order > best.order:
            winner_by_record[record] = change
    losers = [change for change in changes if winner_by_record[record_of(change)] is not change]
    duplicates, superseded = split(losers, lambda loser: _is_same(loser, winner_by_record[record_of(loser)]))
    return Newest(tuple(winner_by_record.values()), tuple(superseded), tuple(duplicates))


def _is_same(loser: Change, winner: Change) -> bool:
    return loser.version == winner.version and loser.content_hash == winner.content_hash


def parents_first(parents_by_kind: Mapping[Kind, frozenset[Kind]]) -> list[Kind]:
    """Order kinds of records so that a parent is written before its children; a kind may be its own parent."""
    sorter = TopologicalSorter({kind: parents - {kind} for kind, parents in parents_by_kind.items()})
    return list(sorter.static_order())


def split(items: Sequence[Item], is_first: Callable[[Item], bool]) -> tuple[list[Item], list[Item]]:
    """Tell the items for which the claim holds from the others."""
    return [item for item in items if is_first(item)], [item for item in items if not is_first(item)]


def halves(items: Sequence[Item]) -> tuple[Sequence[Item], Sequence[Item]]:
    """Cut into two, so that one bad record can be told from its neighbours."""
    middle = len(items) // 2
    return items[:middle], items[middle:]


def slices(items: Sequence[Item], size: int) -> Iterator[Sequence[Item]]:
    """Cut into runs of at most `size`."""
    return (items[start : start + size] for start in range(0, len(items), size))

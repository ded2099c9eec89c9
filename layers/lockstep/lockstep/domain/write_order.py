"""In which order the records of a batch are sent, and which of them need not be."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lockstep.domain.attempts import Write
from lockstep.domain.batches import parents_first


def by_target(writes: Sequence[Write]) -> Iterator[list[Write]]:
    """Give the writes by object and External ID field: parents first, and the children of one parent side by side."""
    parents: dict[tuple[str, str], set[tuple[str, str]]] = defaultdict(set)
    groups: dict[tuple[str, str], list[Write]] = defaultdict(list)
    for write in writes:
        kind = write.kind_of_record
        groups[kind].append(write)
        named = parents[kind]
        if write.parents:
            named.update((parent.object_name, parent.field_name) for parent in write.parents)
    order = parents_first({kind: frozenset(named) for kind, named in parents.items()})
    for kind in (kind for kind in order if kind in groups):
        yield sorted(groups[kind], key=lambda write: [parent.value for parent in write.parents])


@dataclass(frozen=True, slots=True)
class Round:
    """Records of one target, each once; `stands_for` are those that a newer one of them makes needless."""

    writes: list[Write]
    stands_for: list[tuple[Write, Write]]
    """The older write, and the newer one whose verdict is its own."""


def rounds(writes: Sequence[Write]) -> list[Round]:
    """Part the writes of one target so that no call holds a record twice; older ones go first.

    What the same place of a route says of a record twice is sent once, the newest. Two places say different things of
    it, so both are sent.
    """
    if _are_unique(writes):
        return [Round(list(writes), [])]
    newest, older = _newest(writes)
    parted: list[list[Write]] = []
    seen: dict[str, int] = defaultdict(int)
    for write in newest if _are_unique(newest) else sorted(newest, key=lambda write: write.attempt.change.order):
        at = seen[write.external_id]
        seen[write.external_id] += 1
        if at == len(parted):
            parted.append([])
        parted[at].append(write)
    sent = [{id(write) for write in part} for part in parted]
    return [
        Round(part, [(loser, winner) for loser, winner in older if id(winner) in sent[number]])
        for number, part in enumerate(parted)
    ]


def _are_unique(writes: Sequence[Write]) -> bool:
    return len({write.external_id for write in writes}) == len(writes)


def _newest(writes: Sequence[Write]) -> tuple[list[Write], list[tuple[Write, Write]]]:
    best: dict[tuple[int, str], Write] = {}
    for write in writes:
        other = best.setdefault(_said_of(write), write)
        if write.attempt.change.order > other.attempt.change.order:
            best[_said_of(write)] = write
    losers = [(write, best[_said_of(write)]) for write in writes if best[_said_of(write)] is not write]
    return [write for write in writes if best[_said_of(write)] is write], losers


def _said_of(write: Write) -> tuple[int, str]:
    return id(write.target), write.external_id

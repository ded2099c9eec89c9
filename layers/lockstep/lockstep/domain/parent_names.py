"""Which records lock each other in the org: those that share a parent, and the parent itself."""

import hashlib

from lockstep.domain.attempts import Write
from lockstep.domain.mapped import ParentKey


def shared_names(write: Write) -> frozenset[str]:
    """Return the names of a record's parents; of one that has none its own, as its children name it."""
    return frozenset(_name(parent) for parent in write.parents) or frozenset([own_name(write)])


def own_name(write: Write) -> str:
    """Return the name under which a record's children name it."""
    return _name(ParentKey(*write.kind_of_record, write.external_id))


def was_put_off(write: Write) -> bool:
    """Return whether the change has met something that heals by waiting; a lock, mostly."""
    change = write.attempt.change
    return change.deferrals > 0 or change.tries > 0


def names_of(write: Write, hot: frozenset[str]) -> frozenset[str]:
    """Return the names whose turn a record must have: of its parents all where it was put off, else the hot ones."""
    if not hot and not was_put_off(write):
        return frozenset()  # the usual case, for which nothing is computed
    shared = shared_names(write)
    needed = shared if was_put_off(write) and write.parents else shared & hot
    return needed | (frozenset([own_name(write)]) & hot)


def _name(parent: ParentKey) -> str:
    # A hash: leases hold no customer's values.
    said = f"{parent.object_name}#{parent.field_name}#{parent.value}"
    return f"parent#{hashlib.sha256(said.encode()).hexdigest()[:32]}"

"""A change on its way to the org."""

from collections.abc import Mapping
from dataclasses import dataclass

from lockstep.domain.changes import Change
from lockstep.domain.guard import GuardClaim
from lockstep.domain.json_text import JsonValue
from lockstep.domain.mapping import CompiledRoute, ParentKey


@dataclass(frozen=True, slots=True)
class Attempt:
    """A change whose record this batch may write."""

    change: Change
    route: CompiledRoute
    claim: GuardClaim


@dataclass(frozen=True, slots=True)
class Write:
    """A record ready to be sent."""

    attempt: Attempt
    fields: Mapping[str, JsonValue]
    parents: tuple[ParentKey, ...] = ()

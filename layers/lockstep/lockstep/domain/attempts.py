"""A change on its way to the org."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from lockstep.domain.changes import Change
from lockstep.domain.guard import GuardClaim
from lockstep.domain.json_text import JsonValue
from lockstep.domain.lookups import Wish
from lockstep.domain.mapped import ParentKey, Stub
from lockstep.domain.mapping import CompiledRoute


@dataclass(frozen=True, slots=True)
class Attempt:
    """A change whose record this batch may write.

    `settles_in_s`: an earlier write of the record was given up, and may reach the org until then; None where none was.
    """

    change: Change
    route: CompiledRoute
    claim: GuardClaim
    settles_in_s: int | None = None


class Write(NamedTuple):
    """One record of a change, ready to be sent; `place` says which of them, and is empty for the main one."""

    attempt: Attempt
    target: CompiledRoute
    external_id: str
    fields: Mapping[str, JsonValue]
    parents: tuple[ParentKey, ...] = ()
    wishes: tuple[Wish, ...] = ()
    place: str = ""
    stubs: tuple[Stub, ...] = ()

    @property
    def kind_of_record(self) -> tuple[str, str]:
        """The object, and the External ID field by which its records are found."""
        return self.target.object_name, self.target.external_id_field

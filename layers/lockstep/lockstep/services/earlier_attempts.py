"""Asks the org about writes whose outcome nobody knows, before they are sent again."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from lockstep.domain.attempts import Write
from lockstep.domain.changes import State
from lockstep.domain.failures import SyncError
from lockstep.domain.ledger import Answered
from lockstep.domain.verdicts import Done, Failed, Verdict
from lockstep.ports.org import OwnFields, SalesforceGateway, Standing
from lockstep.services.missing_parents import Try

_Told: TypeAlias = Mapping[str, Standing] | SyncError


class EarlierAttempts:
    """Finds the writes that took effect though their answer was lost; costs nothing where no answer was.

    The record itself says which change wrote it last. Where it names another change, or none, the write is sent again:
    its record is found by External ID, so at worst it says twice what it said once.
    """

    def __init__(self, gateway: SalesforceGateway, try_call: Try) -> None:
        self._gateway = gateway
        self._try = try_call

    def __call__(self, writes: Sequence[Write]) -> tuple[list[Answered], Sequence[Write]]:
        """Return what is known of writes of one object and External ID field, and those that are to be sent."""
        known: list[Answered] = []
        for asked, doubted in _doubted(writes).items():
            told = self._ask(asked, doubted)
            known += [(write, verdict) for write in doubted if (verdict := _verdict(write, told)) is not None]
        answered = {id(write) for write, _ in known}
        return known, [write for write in writes if id(write) not in answered] if known else writes

    def _ask(self, asked: OwnFields, doubted: Sequence[Write]) -> _Told:
        object_name, field_name = doubted[0].kind_of_record
        values = [write.external_id for write in doubted]
        return self._try(lambda: self._gateway.standing(object_name, field_name, values, asked))


def _doubted(writes: Sequence[Write]) -> Mapping[OwnFields, list[Write]]:
    """Find the writes that can be asked about, by what is asked: two routes may write one object."""
    doubted: dict[OwnFields, list[Write]] = defaultdict(list)
    for write in writes:
        if write.attempt.change.is_unsure and write.target.change_field is not None:
            doubted[OwnFields(write.target.change_field, write.target.version_field)].append(write)
    return doubted


def _verdict(write: Write, told: _Told) -> Verdict | None:
    """Say what became of an earlier attempt; None where it has to be made again."""
    change = write.attempt.change
    if isinstance(told, SyncError):
        return Failed(change, told, record=write.fields)
    standing = told.get(write.external_id)
    if standing is None:
        return None
    if standing.change_id == change.correlation_id:
        detail = "the org has it from an attempt whose answer was lost"
        return Done(change, State.APPLIED, record_id=standing.record_id, detail=detail)
    # Beyond 2^53 both are rounded, and rounding keeps the order: what is larger then was larger before.
    if write.target.version_field and standing.version is not None and standing.version > float(change.version):
        return Done(change, State.SUPERSEDED, detail="the org holds a newer version")
    return None

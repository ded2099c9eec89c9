"""The records that a change makes, or why it makes none."""

from lockstep.domain.also_records import Made, NotMeant, records_of
from lockstep.domain.attempts import Attempt
from lockstep.domain.changes import Change, Operation, State
from lockstep.domain.failures import FailureKind, SyncError
from lockstep.domain.json_text import parse_json
from lockstep.domain.mapped import Mapped, Unmappable
from lockstep.domain.mapping_failures import Told, mapping_failure
from lockstep.domain.verdicts import Done, Verdict
from lockstep.ports import PayloadStore


def made_records(attempt: Attempt, payloads: PayloadStore) -> list[Made] | NotMeant | SyncError:
    """Map a change; a delete makes the mark that its route sets."""
    change = attempt.change
    if change.operation is Operation.DELETE:
        mark = Mapped(attempt.route.to_mark(change.external_id, change.version, change.correlation_id))
        return [Made("", attempt.route, change.external_id, mark)]
    told = _told_by(change, payloads)
    if isinstance(told, SyncError):
        return told
    records = records_of(attempt.route, *told)
    return mapping_failure(records, attempt.route, told) if isinstance(records, Unmappable) else records


def not_meant(change: Change) -> Verdict:
    """Say that there is nothing to do."""
    return Done(change, State.APPLIED, detail="the route's condition does not hold")


def _told_by(change: Change, payloads: PayloadStore) -> Told | SyncError:
    """Return what a change says."""
    try:
        payload = parse_json(_payload(change, payloads))
    except SyncError as exc:
        return exc
    except ValueError:
        return SyncError(FailureKind.MESSAGE_INVALID, "the payload is not JSON; the source must send it again")
    return Told(payload, change.external_id, change.version, change.correlation_id)


def _payload(change: Change, payloads: PayloadStore) -> str:
    if change.payload_reference is not None:
        return payloads.get(change.payload_reference)
    return change.payload or ""

"""Maps changes and writes their records: parents before children, deletes last."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from lockstep.domain.attempts import Attempt, Write
from lockstep.domain.batches import parents_first, split
from lockstep.domain.changes import Change, Operation
from lockstep.domain.failures import FailureKind, SyncError
from lockstep.domain.json_text import parse_json
from lockstep.domain.mapping import Mapped, Unmappable
from lockstep.domain.verdicts import Failed, Verdict
from lockstep.ports import PayloadStore, SalesforceGateway
from lockstep.services.org_calls import OrgCalls


@dataclass(slots=True)
class Written:
    """One verdict for each attempt, and how often the mapping changed a value because the route asked for it.

    `notes` counts by (object, field, what was done).
    """

    verdicts: list[Verdict] = field(default_factory=list)
    notes: Counter[tuple[str, str, str]] = field(default_factory=Counter)


class WriteRecords:
    """Writes the records of one batch."""

    def __init__(self, *, gateway: SalesforceGateway, payloads: PayloadStore) -> None:
        self._gateway = gateway
        self._payloads = payloads

    def __call__(self, attempts: Sequence[Attempt], has_time: Callable[[], bool]) -> Written:
        """Write; `has_time` is asked before each call to the org."""
        written = Written()
        calls = OrgCalls(self._gateway, has_time)
        deletes, upserts = split(attempts, _is_plain_delete)
        for writes in _in_order(self._mapped(upserts, written)):
            marks, records = split(writes, _is_mark)
            written.verdicts += [*calls.upsert(records), *calls.mark(marks)]
        for group in _by_target(deletes).values():
            written.verdicts += calls.delete(group)
        return written

    def _mapped(self, attempts: Sequence[Attempt], written: Written) -> list[Write]:
        writes = []
        for attempt in attempts:
            record = self._record(attempt)
            if isinstance(record, SyncError):
                written.verdicts.append(Failed(attempt.change, record))
                continue
            writes.append(Write(attempt, record.fields, record.parents))
            written.notes.update((attempt.route.object_name, note.field, note.what) for note in record.notes)
        return writes

    def _record(self, attempt: Attempt) -> Mapped | SyncError:
        change = attempt.change
        if change.operation is Operation.DELETE:
            return Mapped(attempt.route.to_mark(change.external_id, change.version), (), ())
        try:
            payload = parse_json(self._payload(change))
        except SyncError as exc:
            return exc
        except ValueError:
            return SyncError(FailureKind.MESSAGE_INVALID, "the payload is not JSON; the source must send it again")
        record = attempt.route.to_record(payload, change.external_id, change.version)
        return _unmappable(record) if isinstance(record, Unmappable) else record

    def _payload(self, change: Change) -> str:
        if change.payload_reference is not None:
            return self._payloads.get(change.payload_reference)
        return change.payload or ""


def _is_plain_delete(attempt: Attempt) -> bool:
    return attempt.change.operation is Operation.DELETE and attempt.route.on_delete == "delete"


def _is_mark(write: Write) -> bool:
    return write.attempt.change.operation is Operation.DELETE


def _in_order(writes: Sequence[Write]) -> Iterator[list[Write]]:
    """Give the writes by target: parents' objects first, and within one the children of one parent side by side."""
    parents: dict[str, set[str]] = defaultdict(set)
    groups: dict[tuple[str, str], list[Write]] = defaultdict(list)
    for write in writes:
        route = write.attempt.route
        groups[route.object_name, route.external_id_field].append(write)
        parents[route.object_name].update(parent.object_name for parent in write.parents)
    order = parents_first({name: frozenset(names) for name, names in parents.items()})
    for target in sorted(groups, key=lambda target: (order.index(target[0]), target[1])):
        yield sorted(groups[target], key=lambda write: [parent.value for parent in write.parents])


def _by_target(attempts: Sequence[Attempt]) -> dict[tuple[str, str], list[Attempt]]:
    groups: dict[tuple[str, str], list[Attempt]] = defaultdict(list)
    for attempt in attempts:
        groups[attempt.route.object_name, attempt.route.external_id_field].append(attempt)
    return groups


def _unmappable(record: Unmappable) -> SyncError:
    problems = "; ".join(f"{each.field}: {each.reason}. {each.remedy}" for each in record.problems)
    return SyncError(FailureKind.MAPPING_FAILED, problems)

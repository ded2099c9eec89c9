"""Maps changes and writes their records: parents before children, deletes last."""

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from lockstep.domain.also_records import Made, NotMeant
from lockstep.domain.attempts import Attempt, Write
from lockstep.domain.batches import split
from lockstep.domain.changes import Operation
from lockstep.domain.failures import SyncError
from lockstep.domain.ledger import Answered, Ledger
from lockstep.domain.verdicts import Failed, Verdict
from lockstep.domain.write_order import Round, by_target, rounds
from lockstep.ports import PayloadStore
from lockstep.ports.org import SalesforceGateway
from lockstep.services.find_lookups import FindLookups
from lockstep.services.made_records import made_records, not_meant
from lockstep.services.org_calls import OrgCalls
from lockstep.services.parent_turns import NoTurns, Turns


@dataclass(slots=True)
class Written:
    """One verdict for each attempt, and how often the mapping changed a value because the route asked for it.

    `notes` counts by (object, field, what was done).
    """

    verdicts: list[Verdict] = field(default_factory=list)
    notes: Counter[tuple[str, str, str]] = field(default_factory=Counter)


class WriteRecords:
    """Writes the records of one batch.

    Args:
        gateway: The org.
        payloads: Where large payloads lie.
        lookups: What it remembers is shared by all batches; without it each batch asks anew.
        turns: Who may write records of a parent whose lock was fought for; without it everybody may.
    """

    def __init__(
        self,
        *,
        gateway: SalesforceGateway,
        payloads: PayloadStore,
        lookups: FindLookups | None = None,
        turns: Turns | None = None,
    ) -> None:
        self._gateway = gateway
        self._payloads = payloads
        self._lookups = lookups or FindLookups()
        self._turns = turns or NoTurns()

    def __call__(self, attempts: Sequence[Attempt], has_time: Callable[[], bool]) -> Written:
        """Write; `has_time` is asked before each call to the org."""
        written = Written()
        calls = OrgCalls(self._gateway, has_time)
        deletes, upserts = split(attempts, _is_plain_delete)
        turn = self._turns.take(self._looked_up(self._mapped(upserts, written), calls, written))
        written.verdicts += turn.refused
        try:
            written.verdicts += self._upserted(turn.writes, calls)
        finally:
            self._turns.give_back(turn)
        written.notes.update(calls.notes)
        for group in _by_target(deletes).values():
            written.verdicts += calls.delete(group)
        return written

    def _upserted(self, writes: Sequence[Write], calls: OrgCalls) -> list[Verdict]:
        """Write; what comes after a record that failed waits with it, until all of the change is sent again."""
        ledger = Ledger()
        for group in by_target(writes):
            for each in rounds(ledger.alive(group)):
                answered = _answered(each, calls)
                self._turns.learn(answered)
                self._lookups.forget(ledger.add(answered))
        return ledger.verdicts()

    def _looked_up(self, writes: list[Write], calls: OrgCalls, written: Written) -> list[Write]:
        if not any(write.wishes for write in writes):
            return writes
        found = self._lookups(writes, calls)
        written.verdicts += found.failed
        written.notes.update(found.notes)
        return found.writes

    def _mapped(self, attempts: Sequence[Attempt], written: Written) -> list[Write]:
        writes: list[Write] = []
        for attempt in attempts:
            records = made_records(attempt, self._payloads)
            if isinstance(records, SyncError):
                written.verdicts.append(Failed(attempt.change, records))
            elif isinstance(records, NotMeant):
                written.verdicts.append(not_meant(attempt.change))
            else:
                writes += [_write(attempt, made) for made in records]
                if notes := _notes(records):
                    written.notes.update(notes)
        return writes


def _answered(each: Round, calls: OrgCalls) -> list[Answered]:
    """Write a round; what a newer record stands for has its verdict."""
    marks, records = split(each.writes, _is_mark)
    answered = [*calls.upsert(records), *calls.mark(marks)]
    if each.stands_for:
        verdict_of = {
            (write.attempt.change.correlation_id, write.place, write.external_id): verdict
            for write, verdict in answered
        }
        for older, newer in each.stands_for:
            verdict = verdict_of[newer.attempt.change.correlation_id, newer.place, newer.external_id]
            answered.append((older, replace(verdict, change=older.attempt.change)))
    return answered


def _write(attempt: Attempt, made: Made) -> Write:
    record = made.record
    return Write(
        attempt,
        made.target,
        made.external_id,
        record.fields,
        record.parents,
        record.wishes,
        made.place,
        record.stubs,
    )


def _notes(records: Sequence[Made]) -> list[tuple[str, str, str]]:
    return [(made.target.object_name, note.field, note.what) for made in records for note in made.record.notes]


def _is_plain_delete(attempt: Attempt) -> bool:
    return attempt.change.operation is Operation.DELETE and attempt.route.on_delete == "delete"


def _is_mark(write: Write) -> bool:
    return write.attempt.change.operation is Operation.DELETE


def _by_target(attempts: Sequence[Attempt]) -> dict[tuple[str, str], list[Attempt]]:
    groups: dict[tuple[str, str], list[Attempt]] = defaultdict(list)
    for attempt in attempts:
        groups[attempt.route.object_name, attempt.route.external_id_field].append(attempt)
    return groups

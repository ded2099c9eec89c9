"""The calls to the org of one batch, and what each answer means for its changes."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from lockstep.domain.attempts import Attempt, Write
from lockstep.domain.batches import halves, slices, split
from lockstep.domain.changes import Change, State
from lockstep.domain.failures import Disposition, FailureKind, SyncError
from lockstep.domain.ledger import Answered
from lockstep.domain.lookups import Found, LookupTarget, MatchValues
from lockstep.domain.verdicts import Done, Failed, Verdict
from lockstep.ports.org import OwnFields, SalesforceGateway, Standing, WriteResult
from lockstep.services.earlier_attempts import EarlierAttempts
from lockstep.services.missing_parents import RECORDS_PER_CALL, MissingParents

Answer = TypeVar("Answer")
# The queue spreads a wait down to its half, so that twice the time surely is enough; it delays for 15 minutes at most.
_LONGEST_WAIT_S = 900
_NEWER = "the org holds a newer version"


class OrgCalls:
    """Calls for records of one target at a time; once the org is out of reach, no call is made any more.

    `notes` counts the parents that were made because they were missing, as `Written.notes`.
    """

    def __init__(self, gateway: SalesforceGateway, has_time: Callable[[], bool]) -> None:
        self._gateway = gateway
        self._has_time = has_time
        self._halt: SyncError | None = None
        self._missing_parents = MissingParents(gateway, self._try)
        self._earlier_attempts = EarlierAttempts(gateway, self._try)
        self.notes = self._missing_parents.notes

    def upsert(self, writes: Sequence[Write]) -> list[Answered]:
        """Upsert records of one object and External ID field, each record once."""
        known, unwritten = self._earlier_attempts(writes)
        settable = self._settable(unwritten)
        if isinstance(settable, SyncError):
            return [*known, *(_failed(write, settable) for write in unwritten)]
        parts = slices(settable, RECORDS_PER_CALL)
        return [*known, *(answered for part in parts for answered in self._upsert(part))]

    def mark(self, marks: Sequence[Write]) -> list[Answered]:
        """Mark records as deleted, where they are: an upsert would make empty ones."""
        if not marks:
            return []
        found = self._existing(*marks[0].kind_of_record, [mark.external_id for mark in marks])
        if isinstance(found, SyncError):
            return [_failed(mark, found) for mark in marks]
        there, gone = split(marks, lambda mark: mark.external_id in found)
        nothing: list[Answered] = [(mark, _nothing_to_mark(mark.attempt)) for mark in gone]
        return [*nothing, *self.upsert(there)]

    def delete(self, attempts: Sequence[Attempt]) -> list[Verdict]:
        """Delete records of one object and External ID field."""
        return [verdict for part in slices(attempts, RECORDS_PER_CALL) for verdict in self._delete(part)]

    def find(self, target: LookupTarget, wanted: Sequence[MatchValues]) -> Mapping[MatchValues, Found] | SyncError:
        """Find the records that lookups ask for."""
        return self._try(lambda: self._gateway.find(target.object_name, target.match_fields, wanted))

    def _settable(self, writes: Sequence[Write]) -> Sequence[Write] | SyncError:
        """Take away what can only be set in a new record, where the record is there already."""
        asked = [write.external_id for write in writes if not write.target.create_only.isdisjoint(write.fields)]
        if not asked:
            return writes
        found = self._existing(*writes[0].kind_of_record, asked)
        if isinstance(found, SyncError):
            return found
        return [_of_known_record(write) if write.external_id in found else write for write in writes]

    def _upsert(self, writes: Sequence[Write], *, is_second_try: bool = False) -> list[Answered]:
        object_name, field_name = writes[0].kind_of_record
        records = [write.fields for write in writes]
        results = self._try(lambda: self._gateway.upsert(object_name, field_name, records))
        if not isinstance(results, SyncError):
            return list(self._read(writes, results, is_second_try=is_second_try))
        if results.kind is FailureKind.RECORD_INVALID and len(writes) > 1:
            # A value that Salesforce's parser refuses fails the whole call: its neighbours are not at fault.
            return [answered for half in halves(writes) for answered in self._upsert(half, is_second_try=is_second_try)]
        return [_failed(write, results) for write in writes]

    def _delete(self, attempts: Sequence[Attempt]) -> list[Verdict]:
        """Delete what is not newer: a row of a file may have written it, of which the version guard knows nothing."""
        told = self._standing(attempts)
        if isinstance(told, SyncError):
            return [Failed(attempt.change, told) for attempt in attempts]
        newer, older = split(attempts, lambda attempt: _is_newer(told.get(attempt.change.external_id), attempt.change))
        verdicts: list[Verdict] = [Done(each.change, State.SUPERSEDED, detail=_NEWER) for each in newer]
        return [*verdicts, *self._delete_older(older)] if older else verdicts

    def _standing(self, attempts: Sequence[Attempt]) -> Mapping[str, Standing] | SyncError:
        route = attempts[0].route
        if not route.has_unguarded_rows or route.version_field is None:
            return {}
        asked = OwnFields(route.change_field or route.version_field, route.version_field)
        names = [attempt.change.external_id for attempt in attempts]
        return self._try(lambda: self._gateway.standing(route.object_name, route.external_id_field, names, asked))

    def _delete_older(self, attempts: Sequence[Attempt]) -> list[Verdict]:
        route = attempts[0].route
        names = [attempt.change.external_id for attempt in attempts]
        results = self._try(lambda: self._gateway.delete(route.object_name, route.external_id_field, names))
        if isinstance(results, SyncError):
            return [Failed(attempt.change, results) for attempt in attempts]
        is_alone = len(attempts) == 1
        return [_deleted(attempt, result, is_alone=is_alone) for attempt, result in zip(attempts, results, strict=True)]

    def _read(
        self, writes: Sequence[Write], results: Sequence[WriteResult], *, is_second_try: bool
    ) -> Iterator[Answered]:
        """Give a verdict for each record; results come in the order of the records."""
        doubted, limited = [], []
        for write, result in zip(writes, results, strict=True):
            if _may_lack_parent(write, result):
                doubted.append((write, result))
            elif _is_limited(result) and len(writes) > 1:
                limited.append(write)
            else:
                yield write, _written(write, result)
        # Apex met a limit of the whole transaction: fewer records at once meet it less. One alone is at fault itself.
        for half in halves(limited):
            if half:
                yield from self._upsert(half, is_second_try=is_second_try)
        if doubted:
            yield from self._doubted(doubted, is_second_try=is_second_try)

    def _doubted(self, doubted: Sequence[tuple[Write, WriteResult]], *, is_second_try: bool) -> Iterator[Answered]:
        """Tell records whose parent is missing from those at fault, and send again those that lack nothing."""
        writes = [write for write, _ in doubted]
        absent = self._missing_parents(writes, makes_them=not is_second_try)
        if isinstance(absent, SyncError):
            yield from (_failed(write, absent) for write in writes)
            return
        complete = []
        for write, result in doubted:
            cause = next((absent[parent] for parent in write.parents if parent in absent), None)
            if cause is not None:
                yield _failed(write, cause)
            elif is_second_try:
                yield write, _written(write, result)
            else:
                complete.append(write)
        if complete:
            # The parents were made, or another batch has written them between the refusal and the look.
            yield from self._upsert(complete, is_second_try=True)

    def _existing(self, object_name: str, field_name: str, values: Sequence[str]) -> frozenset[str] | SyncError:
        return self._try(lambda: self._gateway.existing(object_name, field_name, values))

    def _try(self, call: Callable[[], Answer]) -> Answer | SyncError:
        if self._halt is not None:
            return self._halt
        if not self._has_time():
            return SyncError(FailureKind.OUT_OF_TIME, "the function's time ran out before the call", retry_after_s=1)
        try:
            return call()
        except SyncError as exc:
            if exc.disposition is Disposition.HALT:
                self._halt = exc
            return exc


def _failed(write: Write, failure: SyncError) -> Answered:
    return write, Failed(write.attempt.change, failure, record=write.fields)


def _is_newer(standing: Standing | None, change: Change) -> bool:
    return standing is not None and standing.version is not None and standing.version > float(change.version)


def _deleted(attempt: Attempt, result: WriteResult, *, is_alone: bool) -> Verdict:
    verdict = _verdict(attempt.change, result, is_alone=is_alone)
    return verdict if isinstance(verdict, Failed) else _unsettled(attempt) or verdict


def _nothing_to_mark(attempt: Attempt) -> Verdict:
    return _unsettled(attempt) or Done(attempt.change, State.APPLIED, detail="there is no record to mark")


def _unsettled(attempt: Attempt) -> Failed | None:
    """Say why a delete that leaves no record is not done: what would keep an older write out is not there any more."""
    if attempt.settles_in_s is None:
        return None
    failure = SyncError(
        FailureKind.EARLIER_WRITE_UNSETTLED,
        "an earlier write of the record was given up and may still reach the org; then it is deleted again",
        retry_after_s=min(max(1, 2 * attempt.settles_in_s), _LONGEST_WAIT_S),
    )
    return Failed(attempt.change, failure)


def _of_known_record(write: Write) -> Write:
    return write._replace(fields=write.target.of_known(write.fields))


def _may_lack_parent(write: Write, result: WriteResult) -> bool:
    failure = result.failure
    return failure is not None and failure.kind is FailureKind.FIELD_UNKNOWN and bool(write.parents)


def _is_limited(result: WriteResult) -> bool:
    return result.failure is not None and result.failure.kind is FailureKind.GOVERNOR_LIMIT


def _written(write: Write, result: WriteResult) -> Verdict:
    """Say what became of a record that was sent; what met a governor limit and comes here was sent alone."""
    verdict = _verdict(write.attempt.change, result, is_alone=True)
    return replace(verdict, record=write.fields) if isinstance(verdict, Failed) else verdict


def _verdict(change: Change, result: WriteResult, *, is_alone: bool) -> Verdict:
    failure = result.failure
    if failure is None:
        return Done(change, State.APPLIED, record_id=result.record_id, created=result.created)
    if failure.kind is FailureKind.STALE_VERSION:
        return Done(change, State.SUPERSEDED, detail=_NEWER)
    if failure.kind is FailureKind.GOVERNOR_LIMIT and is_alone:
        return Failed(change, _too_much_alone(failure))
    return Failed(change, failure)


def _too_much_alone(failure: SyncError) -> SyncError:
    return SyncError(
        FailureKind.AUTOMATION_FAILED,
        "the org's automation meets a governor limit with this record alone; mend the trigger or flow",
        error_code=failure.error_code,
        vendor_message=failure.vendor_message,
    )

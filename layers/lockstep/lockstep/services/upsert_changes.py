"""Takes a batch of changes and writes the newest of each record to Salesforce."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from math import ceil
from typing import Protocol, TypeAlias

from lockstep.domain.attempts import Attempt
from lockstep.domain.batches import keep_newest
from lockstep.domain.changes import Change, Operation, Outcome, State
from lockstep.domain.failures import FailureKind, SyncError
from lockstep.domain.guard import GuardAnswer, GuardClaim
from lockstep.domain.mapping import CompiledRoute
from lockstep.domain.verdicts import Done, Failed, Verdict
from lockstep.ports import ChangeLog, VersionGuard
from lockstep.ports.connection import ConnectionWatch
from lockstep.services.check_routes import Gate
from lockstep.services.settle_changes import SettleChanges
from lockstep.services.write_records import Written

HELD_RETRY_S = 2  # a batch holds a record for a second or two

_Routed: TypeAlias = tuple[Change, CompiledRoute]


@dataclass(frozen=True, slots=True)
class Delivery:
    """A change and the queue message that brought it."""

    message_id: str
    change: Change


@dataclass(frozen=True, slots=True)
class UpsertReport:
    """What became of a batch.

    `again` are the messages that the queue must deliver again. `notes` count what the mapping did to values because
    the route asked for it, by (route's object, field, what). `handed_over` are changes that the bulk lane has now.
    """

    again: frozenset[str]
    outcomes: tuple[Outcome, ...]
    notes: Mapping[tuple[str, str, str], int]
    handed_over: int = 0


@dataclass(frozen=True, slots=True)
class _Tried:
    """What a batch came to before it is booked; notes as in `UpsertReport`."""

    verdicts: Sequence[Verdict]
    attempts: Sequence[Attempt] = ()
    notes: Mapping[tuple[str, str, str], int] = field(default_factory=dict)


class Unwatched:
    """Implements `ports.connection.ConnectionWatch` where nobody watches the connection."""

    def refusal(self) -> None:
        """Refuse nothing."""

    def learn(self, failures: Sequence[SyncError], *, has_answered: bool) -> None:
        """Learn nothing."""


class Writing(Protocol):
    """Writes the records of attempts, or finds out what became of them."""

    def __call__(self, attempts: Sequence[Attempt], has_time: Callable[[], bool]) -> Written:
        """Return a verdict for each attempt that is at its end; the others keep what they have claimed."""


class UpsertChanges:
    """The REST lane's use case; with another way of writing the bulk lane's too."""

    def __init__(
        self,
        *,
        gate: Gate,
        change_log: ChangeLog,
        guard: VersionGuard,
        write_records: Writing,
        settle_changes: SettleChanges,
        clock: Callable[[], datetime],
        new_owner: Callable[[], str],
        connection: ConnectionWatch | None = None,
    ) -> None:
        self._gate = gate
        self._change_log = change_log
        self._guard = guard
        self._write_records = write_records
        self._settle = settle_changes
        self._clock = clock
        self._new_owner = new_owner
        self._connection = connection or Unwatched()

    def __call__(self, deliveries: Sequence[Delivery], has_time: Callable[[], bool]) -> UpsertReport:
        """Write, and book what became of each change.

        Args:
            deliveries: Any number, in any order, the same change more than once.
            has_time: False when no further call to the org should be begun.

        Raises:
            SyncError: AWS_UNAVAILABLE; every message must come again.
        """
        owner = self._new_owner()
        changes = self._unsettled(_furthest(deliveries))
        if refusal := self._connection.refusal():
            tried = _Tried([Failed(change, refusal) for change in changes])
        else:
            tried = self._tried(changes, owner, has_time)
            self._learn(tried.verdicts)
        settlement = self._settle(tried.verdicts, _held(tried.attempts), owner)
        again = {change.correlation_id for change in settlement.again}
        return UpsertReport(
            frozenset(each.message_id for each in deliveries if each.change.correlation_id in again),
            settlement.outcomes,
            tried.notes,
        )

    def _tried(self, changes: Sequence[Change], owner: str, has_time: Callable[[], bool]) -> _Tried:
        verdicts: list[Verdict] = []
        newest = _newest(self._routed(changes, verdicts), verdicts)
        attempts = self._claimed(newest, owner, verdicts)
        written = self._written(attempts, owner, has_time)
        verdicts += self._gate.reconsider(written.verdicts, has_time)
        return _Tried(verdicts, attempts, written.notes)

    def _learn(self, verdicts: Sequence[Verdict]) -> None:
        failures = [verdict.failure for verdict in verdicts if isinstance(verdict, Failed)]
        has_answered = any(isinstance(verdict, Done) and verdict.record_id is not None for verdict in verdicts)
        self._connection.learn(failures, has_answered=has_answered)

    def _written(self, attempts: Sequence[Attempt], owner: str, has_time: Callable[[], bool]) -> Written:
        """Write; where that crashes let the records go, so that a smaller batch need not wait for the lease."""
        written: Written | None = None
        try:
            written = self._write_records(attempts, has_time)
        finally:
            if written is None:
                claims = [attempt.claim for attempt in attempts]
                self._guard.suspend(claims, owner, given_up_at=self._clock())
        return written

    def _unsettled(self, changes: Mapping[str, Change]) -> list[Change]:
        """Drop what is settled: a second delivery does no work; what the error log still has of it is closed."""
        settled = {name: state for name, state in self._change_log.states(changes.keys()).items() if state.is_settled}
        self._settle.close({name: state for name, state in settled.items() if changes[name].is_logged})
        return [change for name, change in changes.items() if name not in settled]

    def _routed(self, changes: Sequence[Change], verdicts: list[Verdict]) -> list[_Routed]:
        """Drop what has no route, deletes that the route ignores, and what is held because its route is broken."""
        routed = []
        for change in changes:
            route = self._gate.route((change.source, change.entity))
            if route is None:
                verdicts.append(Failed(change, _no_route(change)))
            elif change.operation is Operation.DELETE and route.on_delete == "ignore":
                verdicts.append(Done(change, State.APPLIED, detail="the route ignores deletes"))
            elif held := self._gate.problem((change.source, change.entity)):
                verdicts.append(Failed(change, held))
            else:
                # The gate may have learned of the org just now.
                routed.append((change, self._gate.route((change.source, change.entity)) or route))
        return routed

    def _claimed(self, routed: Sequence[_Routed], owner: str, verdicts: list[Verdict]) -> list[Attempt]:
        """Claim each record's version; drop what is stale, was written before, or is held by another."""
        claims = [_claim_of(change, route) for change, route in routed]
        now = self._clock()
        answers = self._guard.claim(claims, owner, now)
        arrivals = self._guard.arrivals_until(claims, owner)
        attempts = []
        for (change, route), claim, answer, until in zip(routed, claims, answers, arrivals, strict=True):
            if answer is GuardAnswer.GRANTED:
                settles_in_s = ceil((until - now).total_seconds()) if until else None
                attempts.append(Attempt(change, route, claim, settles_in_s))
            else:
                verdicts.append(_refused(change, answer))
        return attempts


def _newest(routed: Sequence[_Routed], verdicts: list[Verdict]) -> list[_Routed]:
    """Keep one change of each record; versions compare only within one source."""
    routes = {change.correlation_id: route for change, route in routed}
    newest = keep_newest(
        [change for change, _ in routed],
        lambda change: (change.source, routes[change.correlation_id].object_name, change.external_id),
    )
    verdicts += [Done(change, State.SUPERSEDED, detail="a newer version came with it") for change in newest.superseded]
    verdicts += [Done(change, State.DUPLICATE, detail="the same version came with it") for change in newest.duplicates]
    return [(change, routes[change.correlation_id]) for change in newest.winners]


def _claim_of(change: Change, route: CompiledRoute) -> GuardClaim:
    return GuardClaim(
        change.source,
        route.object_name,
        change.external_id,
        change.order,
        change.content_hash,
        change.correlation_id,
        change.operation is Operation.DELETE,
    )


def _furthest(deliveries: Sequence[Delivery]) -> dict[str, Change]:
    """Return each change once, by its name: of copies the one that was tried most."""
    ordered = sorted(deliveries, key=lambda each: (each.change.is_logged, each.change.tries, each.change.deferrals))
    return {each.change.correlation_id: each.change for each in ordered}


def _refused(change: Change, answer: GuardAnswer) -> Verdict:
    match answer:
        case GuardAnswer.STALE:
            return Done(change, State.SUPERSEDED, detail="a newer version was written before it")
        case GuardAnswer.SAME:
            return Done(change, State.DUPLICATE, detail="this version was written before")
        case GuardAnswer.WRITTEN:
            return Done(change, State.APPLIED, detail="written by an attempt that did not live to book it")
        case _:
            held = SyncError(FailureKind.RECORD_HELD, "another batch writes this record", retry_after_s=HELD_RETRY_S)
            return Failed(change, held)


def _held(attempts: Sequence[Attempt]) -> dict[str, GuardClaim]:
    return {attempt.change.correlation_id: attempt.claim for attempt in attempts}


def _no_route(change: Change) -> SyncError:
    return SyncError(
        FailureKind.ROUTE_MISSING,
        f"no route takes {change.entity} of {change.source}; add one under routes/ and redrive",
    )

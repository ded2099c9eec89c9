"""Takes what the queue gave up into the error log: nothing is dropped because nobody could handle it."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic import ValidationError

from lockstep.domain.changes import Change, Outcome, State
from lockstep.domain.error_log import EntryStatus, ErrorEntry, FailedTry, Resolution, unreadable_entry
from lockstep.domain.failures import FailureKind
from lockstep.ports import ChangeLog, VersionGuard
from lockstep.services.log_failures import LogFailures

_NO_CHANGE = (
    "the message is no change; its body is kept. Send the event again from the source, or mend what sent it; after a "
    "roll-back of Lockstep deploy the newer version, then retry it"
)
_GAVE_UP = "the function crashed or ran out of time on it again and again; its log says where. Then retry it"


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message of the dead-letter queue."""

    message_id: str
    body: str


@dataclass(frozen=True, slots=True)
class DeadLetterReport:
    """What became of a batch: `again` are the messages that the queue must deliver again."""

    again: frozenset[str]
    outcomes: tuple[Outcome, ...]
    unreadable: int


class TakeDeadLetters:
    """The dead_letter function's use case: error log first, then the change log; a repetition changes nothing.

    Before both the guard's item of the record remembers the failure, so that a newer version that succeeds settles it.

    Args:
        objects: Which object the main records of a (source, entity) are of.
    """

    def __init__(
        self,
        *,
        change_log: ChangeLog,
        guard: VersionGuard,
        log_failures: LogFailures,
        clock: Callable[[], datetime],
        objects: Mapping[tuple[str, str], str],
    ) -> None:
        self._change_log = change_log
        self._guard = guard
        self._log_failures = log_failures
        self._clock = clock
        self._objects = objects

    def __call__(self, letters: Sequence[DeadLetter]) -> DeadLetterReport:
        """Log each message, once for each change or text.

        Raises:
            SyncError: AWS_UNAVAILABLE; every message must come again.
        """
        now = self._clock()
        entry_by_message = {letter.message_id: self._entry(letter.body, now) for letter in letters}
        entries = {entry.correlation_id: entry for entry in entry_by_message.values()}
        settled = self._settled(entries)
        open_entries = [entry for name, entry in entries.items() if name not in settled]
        self._guard.note_failures([each.record_name for each in open_entries if each.record_name], now)
        states = dict(
            zip([entry.correlation_id for entry in open_entries], self._log_failures(open_entries), strict=True)
        )
        outcomes = [_outcome(entry, state) for entry in open_entries if (state := states[entry.correlation_id])]
        known = tuple(outcome for outcome in outcomes if outcome is not None)
        self._change_log.record(known, now)
        missed = {name for name, state in states.items() if state is None}
        return DeadLetterReport(
            frozenset(name for name, entry in entry_by_message.items() if entry.correlation_id in missed),
            known,
            sum(entry.change is None for entry in open_entries),
        )

    def _settled(self, entries: Mapping[str, ErrorEntry]) -> Mapping[str, State]:
        """Find changes that need nothing any more, and close what the error log has of them."""
        names = [name for name, entry in entries.items() if entry.change is not None]
        settled = {name: state for name, state in self._change_log.states(names).items() if state.is_settled}
        self._log_failures.resolve([Resolution(*each) for each in settled.items()], self._clock())
        return settled

    def _entry(self, body: str, now: datetime) -> ErrorEntry:
        try:
            change = Change.model_validate_json(body)
        except ValidationError:
            return unreadable_entry(_storable(body), _NO_CHANGE, now)
        kind = FailureKind.HANDLER_FAILED.value
        return ErrorEntry(
            correlation_id=change.correlation_id,
            status=EntryStatus.PENDING,
            failure_kind=kind,
            detail=_GAVE_UP,
            updated_at=now,
            created_at=now,
            change=change,
            object_name=self._objects.get((change.source, change.entity), ""),
            tries=change.tries,
            attempts=(FailedTry(now, kind, None),),
        )


def _storable(body: str) -> str:
    """Return the text, or its JSON where it holds half a character, which nobody can store."""
    try:
        body.encode()
    except UnicodeEncodeError:
        return json.dumps(body)
    return body


def _outcome(entry: ErrorEntry, state: State) -> Outcome | None:
    if entry.change is None:
        return None
    if state.is_settled:
        return Outcome(entry.change, state)
    return Outcome(entry.change, state, failure_kind=entry.failure_kind, detail=entry.detail)

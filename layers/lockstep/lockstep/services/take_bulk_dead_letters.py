"""What the bulk lane's queues gave up: its load waits for a person, who is told; what is no message is logged."""

from collections.abc import Callable
from datetime import datetime

from pydantic import ValidationError

from lockstep.domain.chunks import ChunkMessage, ChunkState
from lockstep.domain.drops import Drop, GoOn, drop_message
from lockstep.domain.error_log import unreadable_entry
from lockstep.domain.failures import FailureKind, SyncError
from lockstep.domain.load_parts import begun_load
from lockstep.domain.loads import Load, LoadState
from lockstep.ports.loads import LoadBook
from lockstep.services.log_failures import LogFailures
from lockstep.services.tell_waiting import TellWaiting

_NO_MESSAGE = "the message is neither a dropped file nor a chunk of one; its body is kept. Mend what sent it"
_GAVE_UP = "the function crashed or ran out of time on it again and again; its log says where. Then resume the load"


class TakeBulkDeadLetters:
    """Safe to repeat; what has gone on meanwhile is left alone."""

    def __init__(
        self, book: LoadBook, log_failures: LogFailures, tell: TellWaiting, clock: Callable[[], datetime]
    ) -> None:
        self._book = book
        self._log_failures = log_failures
        self._tell = tell
        self._clock = clock

    def __call__(self, body: str) -> str:
        """Take one message; return, for the log, what became of it.

        Raises:
            SyncError: AWS_UNAVAILABLE; the message must come again.
        """
        if chunk := _chunk_message(body):
            return self._chunk(chunk)
        try:
            message = drop_message(body)
        except SyncError:
            return self._unreadable(body)
        loads = [self._book.load(message.load_id)] if isinstance(message, GoOn) else map(self._begun, message)
        return ", ".join(self._load(load, f"cutting it failed: {_GAVE_UP}") for load in loads if load) or "nothing"

    def _unreadable(self, body: str) -> str:
        if None in self._log_failures([unreadable_entry(body, _NO_MESSAGE, self._clock())]):
            raise SyncError(FailureKind.AWS_UNAVAILABLE, "the error log did not take a message that is none")
        return "an entry of the error log"

    def _begun(self, drop: Drop) -> Load:
        load = begun_load(drop, self._clock())
        return self._book.load(load.load_id) or load.model_copy(update={"revision": 0})  # not stored yet

    def _chunk(self, message: ChunkMessage) -> str:
        chunk = self._book.chunk(message.load_id, message.number)
        load = self._book.load(message.load_id)
        if load is None or chunk is None or not chunk.state.is_at_work or message.attempt < chunk.attempt:
            return "nothing: it has gone on"
        why = f"chunk {chunk.number} failed: {_GAVE_UP}"
        waiting = {"state": ChunkState.WAITING, "waits_for": why, "holder": "", "held_until": None}
        if not self._book.save_chunk(chunk.changed(**waiting, updated_at=self._clock())):
            raise _raced()
        return self._load(load, why, is_cut=True)

    def _load(self, load: Load, why: str, *, is_cut: bool = False) -> str:
        if load.state in (LoadState.DONE, LoadState.STOPPED) or (load.is_split and not is_cut):
            return "nothing: it has gone on"
        if load.state is not LoadState.WAITING:
            load = load.changed(state=LoadState.WAITING, waits_for=why, updated_at=self._clock())
            if not self._book.save_load(load):
                raise _raced()
        self._tell.waits(load)
        return "a load that waits"


def _chunk_message(body: str) -> ChunkMessage | None:
    try:
        return ChunkMessage.model_validate_json(body)
    except ValidationError:
        return None


def _raced() -> SyncError:
    return SyncError(FailureKind.AWS_UNAVAILABLE, "another has changed the load meanwhile")

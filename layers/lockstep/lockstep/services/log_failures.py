"""Puts failures into the error log and closes them: what is large lies beside it, and what is too long is cut."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from lockstep.domain.changes import State
from lockstep.domain.error_log import (
    MAX_BODY_BYTES,
    MAX_MESSAGE_CHARS,
    MAX_RECORD_CHARS,
    ErrorEntry,
    Resolution,
    cut,
)
from lockstep.domain.failures import SyncError
from lockstep.domain.messages import message_body
from lockstep.ports import PayloadStore
from lockstep.ports.error_log import ErrorLog


class LogFailures:
    """Logs failures; a crash on the way leaves at most a payload that nobody refers to."""

    def __init__(self, error_log: ErrorLog, payloads: PayloadStore) -> None:
        self._error_log = error_log
        self._payloads = payloads

    def __call__(self, entries: Sequence[ErrorEntry]) -> Sequence[State | None]:
        """Log each; returns what `ErrorLog.log` does, and None also where the payload could not be stored."""
        fitting = [self._fitting(entry) for entry in entries]
        states = iter(self._error_log.log([entry for entry in fitting if entry is not None]))
        return [None if entry is None else next(states) for entry in fitting]

    def resolve(self, resolutions: Sequence[Resolution], now: datetime) -> None:
        """Close failures, and let what lay beside them go; a crash on the way is made good by the next delivery.

        Raises:
            SyncError: AWS_UNAVAILABLE.
        """
        if resolutions:
            self._payloads.let_go(self._error_log.resolve(resolutions, now))

    def _fitting(self, entry: ErrorEntry) -> ErrorEntry | None:
        try:
            entry = self._with_payload_kept(entry)
        except SyncError:
            return None
        return replace(
            entry,
            record=cut(entry.record, MAX_RECORD_CHARS) if entry.record else None,
            vendor_message=cut(entry.vendor_message, MAX_MESSAGE_CHARS) if entry.vendor_message else None,
        )

    def _with_payload_kept(self, entry: ErrorEntry) -> ErrorEntry:
        change, body = entry.change, entry.raw_body
        if change is not None and change.payload is not None and len(message_body(change)) > MAX_BODY_BYTES:
            kept = self._payloads.keep(change.correlation_id, change.payload)
            return replace(entry, change=change.model_copy(update={"payload": None, "payload_reference": kept}))
        if change is not None and change.payload_reference is not None:
            kept = self._payloads.keep_stored(change.payload_reference)
            return replace(entry, change=change.model_copy(update={"payload_reference": kept}))
        if body is not None and len(body.encode()) > MAX_BODY_BYTES:
            return replace(entry, raw_body=None, raw_reference=self._payloads.keep(entry.correlation_id, body))
        return entry

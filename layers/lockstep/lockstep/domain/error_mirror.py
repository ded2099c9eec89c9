"""What the org shows of the error log: an entry as a record of `Integration_Error_Log__c`."""

from datetime import UTC, datetime
from typing import NamedTuple

from lockstep.domain.changes import PayloadReference
from lockstep.domain.conversions.characters import CONTROL_CHARACTERS, first_units, is_broken, length_of
from lockstep.domain.error_log import CUT_MARK, EntryStatus, ErrorEntry
from lockstep.domain.json_text import JsonValue

OBJECT = "Integration_Error_Log__c"
KEY = "Correlation_Id__c"
# As long as the fields in salesforce/ are.
MAX_LENGTHS = {
    KEY: 64,
    "Source_System__c": 80,
    "Entity__c": 80,
    "Object_Type__c": 80,
    "External_Id__c": 255,
    "Error_Code__c": 80,
    "Failure_Kind__c": 80,
    "Error_Message__c": 32_768,
    "Payload__c": 131_072,
    "Payload_Location__c": 255,
}
MAX_RETRY_COUNT = 9_999
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


def is_about_itself(entry: ErrorEntry) -> bool:
    """True for a change of the very object that the org shows failures with: its failures are not shown there."""
    return entry.object_name == OBJECT


def mirrored(entry: ErrorEntry) -> dict[str, JsonValue]:
    """Return the record: every field is in it, null where the entry says nothing, so that nothing old stays."""
    change = entry.change
    payload = _payload(entry)
    texts = {
        KEY: entry.correlation_id,
        "Source_System__c": change.source if change else None,
        "Entity__c": change.entity if change else None,
        "Object_Type__c": entry.object_name or None,
        "External_Id__c": change.external_id if change else None,
        "Error_Code__c": entry.error_code,
        "Failure_Kind__c": entry.failure_kind,
        "Error_Message__c": _message(entry),
        "Payload__c": payload.text,
        "Payload_Location__c": payload.location,
    }
    tried_at = [attempt.at for attempt in entry.attempts]
    return {
        **{name: _fitting(text, MAX_LENGTHS[name]) for name, text in texts.items()},
        "Status__c": entry.status.value,
        "Retry_Count__c": min(max(0, entry.tries - 1), MAX_RETRY_COUNT),
        "First_Failed_At__c": _time(min(tried_at, default=entry.created_at)),
        "Last_Tried_At__c": _time(max(tried_at, default=entry.updated_at)),
        "Next_Try_At__c": _time(entry.next_try_at if entry.status is EntryStatus.RETRYING else None),
        "Resolved_At__c": _time(entry.updated_at if entry.status is EntryStatus.RESOLVED else None),
    }


class _Payload(NamedTuple):
    text: str | None
    location: str | None


def _payload(entry: ErrorEntry) -> _Payload:
    """Return what fits of the payload; where that is not the whole of it, also where the whole lies."""
    text, reference = entry.raw_body, entry.raw_reference
    if entry.change is not None:
        text, reference = entry.change.payload, entry.change.payload_reference
    if reference is not None:
        return _Payload(text, _place(reference))
    if text is None or _fitting(text, MAX_LENGTHS["Payload__c"]) == text:
        return _Payload(text, None)
    return _Payload(text, f"error log, correlation ID {entry.correlation_id}")


def _place(reference: PayloadReference) -> str:
    """Write the place as the AWS command line takes it; keys of ours are far shorter than the field."""
    return f"s3://{reference.bucket}/{reference.key}"


def _message(entry: ErrorEntry) -> str:
    """Put the vendor's own words after ours: they name the value that was refused."""
    return f"{entry.detail}\nSalesforce: {entry.vendor_message}" if entry.vendor_message else entry.detail


def _fitting(text: str | None, limit: int) -> str | None:
    """Cut a text to the field, and replace what the org would refuse; an empty text is null."""
    if not text:
        return None
    clean = _clean(text)
    if _stored_length(clean) <= limit:
        return clean
    return _first(clean, limit - len(CUT_MARK)) + CUT_MARK


def _clean(text: str) -> str:
    whole = text.encode("utf-8", "replace").decode() if is_broken(text) else text
    return CONTROL_CHARACTERS.sub(_REPLACEMENT, whole)


def _stored_length(text: str) -> int:
    """Count as a long text area does: a line feed alone is kept as two characters."""
    return length_of(text) + _added_by_line_feeds(text)


def _added_by_line_feeds(text: str) -> int:
    return text.count("\n") - text.count("\r\n")


def _first(text: str, limit: int) -> str:
    """Return as much of the beginning as is surely stored in so many characters."""
    kept = first_units(text, limit)
    while (over := _stored_length(kept) - limit) > 0:
        kept = first_units(kept, length_of(kept) - max(1, over // 2))
    return kept


def _time(at: datetime | None) -> str | None:
    """Write a time to the second, as the org keeps it."""
    return None if at is None else at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

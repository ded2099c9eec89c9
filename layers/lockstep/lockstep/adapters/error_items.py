"""An entry of the error log as a DynamoDB item, and back."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from pydantic import ValidationError

from lockstep.domain.changes import Change, PayloadReference, State
from lockstep.domain.error_log import EntryStatus, ErrorEntry, FailedTry
from lockstep.domain.messages import message_body

Item = Mapping[str, Any]
# A later attempt may say less than an earlier one; indexes hold only what is so now.
_MAY_GO = frozenset({"error_code", "vendor_message", "mapped_record", "due_shard", "next_try_at"})
SHARDS = 8  # of the indexes that would otherwise have one partition

# What an entry is read from.
ATTRIBUTES = (
    "correlation_id",
    "status",
    "failure_kind",
    "detail",
    "updated_at",
    "created_at",
    "envelope",
    "object",
    "error_code",
    "vendor_message",
    "mapped_record",
    "tries",
    "is_unsure",
    "next_try_at",
    "attempts",
    "raw_body",
    "raw_reference",
    "resolved_as",
    "abandoned_by",
)


def shard_of(correlation_id: str) -> str:
    """Spread names evenly; Python's own hash differs from process to process."""
    return str(sum(correlation_id.encode()) % SHARDS)


def text_time(at: datetime) -> dict[str, str]:
    """Return a moment as text whose order is that of time."""
    return {"S": at.astimezone(UTC).isoformat(timespec="milliseconds")}


def ms(at: datetime) -> dict[str, str]:
    """Return a moment in ms since 1970."""
    return {"N": str(round(at.timestamp() * 1000))}


def logging_update(entry: ErrorEntry) -> tuple[str, dict[str, Any], list[str]]:
    """Return the update that logs an entry, its values, and the names that it takes as aliases."""
    first, now = _first_facts(entry), _facts_now(entry)
    sets = [f"#{name} = if_not_exists(#{name}, :{name})" for name in first]
    sets += [f"#{name} = :{name}" for name in now]
    sets.append("attempts = list_append(if_not_exists(attempts, :none), :attempts)")
    gone = sorted(_MAY_GO - now.keys())
    removes = ", ".join(f"#{name}" for name in gone)
    attempts = {"L": [{"M": _attempt(each)} for each in entry.attempts]}
    values = {":none": {"L": []}, ":attempts": attempts, **{f":{name}": value for name, value in (first | now).items()}}
    return f"SET {', '.join(sets)}" + (f" REMOVE {removes}" if removes else ""), values, [*first, *now, *gone]


def _first_facts(entry: ErrorEntry) -> dict[str, Any]:
    """Return what the first entry of a change says for good: its payload above all."""
    facts: dict[str, Any] = {"created_at": text_time(entry.created_at)}
    if entry.change is not None:
        fresh = {"deferrals": 0, "tries": 0, "is_logged": True, "is_unsure": False}
        facts["envelope"] = {"S": message_body(entry.change.model_copy(update=fresh))}
    if entry.raw_body is not None:
        facts["raw_body"] = {"S": entry.raw_body}
    if entry.raw_reference is not None:
        facts["raw_reference"] = {"S": entry.raw_reference.model_dump_json()}
    return facts


def _facts_now(entry: ErrorEntry) -> dict[str, Any]:
    """Return what an entry says of the last attempt, and what the indexes are made of."""
    texts = {
        "status": entry.status.value,
        "failure_kind": entry.failure_kind,
        "detail": entry.detail,
        "error_code": entry.error_code,
        "vendor_message": entry.vendor_message,
        "mapped_record": entry.record,
        "object": entry.object_name,
        "record": str(entry.record_name) if entry.record_name else None,
    }
    facts: dict[str, Any] = {name: {"S": text} for name, text in texts.items() if text}
    facts |= {"tries": {"N": str(entry.tries)}, "updated_at": text_time(entry.updated_at)}
    if entry.change is not None:
        facts |= _of_change(entry.change)
    if entry.next_try_at is not None:
        facts |= {"due_shard": {"S": shard_of(entry.correlation_id)}, "next_try_at": ms(entry.next_try_at)}
    if entry.status.needs_people:
        facts |= {"news": {"S": shard_of(entry.correlation_id)}, "needed_people": {"BOOL": True}}
    return facts


def entry_of(item: Item) -> ErrorEntry:
    """Read an item; an envelope that this version cannot read leaves `change` None."""
    reference, resolved_as = _text(item, "raw_reference"), _text(item, "resolved_as")
    next_try_at = item.get("next_try_at")
    return ErrorEntry(
        correlation_id=item["correlation_id"]["S"],
        status=EntryStatus(item["status"]["S"]),
        failure_kind=item["failure_kind"]["S"],
        detail=item["detail"]["S"],
        updated_at=datetime.fromisoformat(item["updated_at"]["S"]),
        created_at=datetime.fromisoformat(item["created_at"]["S"]),
        change=_change(item),
        object_name=_text(item, "object") or "",
        error_code=_text(item, "error_code"),
        vendor_message=_text(item, "vendor_message"),
        record=_text(item, "mapped_record"),
        tries=int(item["tries"]["N"]),
        next_try_at=moment(next_try_at["N"]) if next_try_at else None,
        attempts=tuple(_failed_try(each["M"]) for each in item["attempts"]["L"]),
        raw_body=_text(item, "raw_body"),
        raw_reference=PayloadReference.model_validate_json(reference) if reference else None,
        resolved_as=State(resolved_as) if resolved_as else None,
        abandoned_by=_text(item, "abandoned_by") or "",
    )


def references_of(item: Item) -> list[PayloadReference]:
    """Return where the payloads of an entry lie that are not in it."""
    changes = (_readable(item, name) for name in ("envelope", "original_envelope"))
    found = [change.payload_reference for change in changes if change and change.payload_reference]
    raw = _text(item, "raw_reference")
    return [*found, PayloadReference.model_validate_json(raw)] if raw else found


def state_of(item: Item) -> State:
    """Say what a change is now whose entry is closed, or knows of more tries."""
    return State(item["resolved_as"]["S"] if "resolved_as" in item else item["status"]["S"])


def moment(since_1970_ms: str) -> datetime:
    """Return what `ms` was made of."""
    return datetime.fromtimestamp(int(since_1970_ms) / 1000, UTC)


def _of_change(change: Change) -> dict[str, Any]:
    return {
        "source": {"S": change.source},
        "entity": {"S": change.entity},
        "external_id": {"S": change.external_id},
        "version": {"N": str(change.version)},
        "received_at": text_time(change.received_at),
        "is_unsure": {"BOOL": change.is_unsure},
    }


def _readable(item: Item, name: str) -> Change | None:
    if name not in item:
        return None
    try:
        return Change.model_validate_json(item[name]["S"])
    except ValidationError:
        return None  # another version of Lockstep wrote it


def _change(item: Item) -> Change | None:
    kept = _readable(item, "envelope")
    if kept is None:
        return None
    unsure = item.get("is_unsure", {}).get("BOOL", False)
    return kept.model_copy(update={"tries": int(item["tries"]["N"]), "is_unsure": unsure})


def _attempt(tried: FailedTry) -> dict[str, Any]:
    code = {"error_code": {"S": tried.error_code}} if tried.error_code else {}
    return {"at": text_time(tried.at), "failure_kind": {"S": tried.failure_kind}, **code}


def _failed_try(stored: Item) -> FailedTry:
    return FailedTry(
        datetime.fromisoformat(stored["at"]["S"]), stored["failure_kind"]["S"], _text(stored, "error_code")
    )


def _text(item: Item, name: str) -> str | None:
    found = item.get(name)
    return str(found["S"]) if found else None

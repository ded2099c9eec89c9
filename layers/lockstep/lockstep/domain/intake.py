"""From one believed delivery to the changes in it. Pure: same delivery, same changes."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from lockstep.domain.changes import Change, content_hash, correlation_id
from lockstep.domain.expressions import Expression
from lockstep.domain.failures import FailureKind, SyncError
from lockstep.domain.json_text import JsonValue, dump_json, parse_json
from lockstep.domain.requests import WebhookRequest
from lockstep.domain.sources import EventRule, Source, Stamp
from lockstep.domain.stamps import epoch_ms, stamp_of

MAX_EVENTS_PER_BODY = 1_000  # HubSpot, the largest that we know, sends 100; each costs a write before we answer
MAX_EXTERNAL_ID_CHARS = 255  # the longest text field of Salesforce that can be an External ID
MAX_NAME_CHARS = 512

Document = Mapping[str, JsonValue]


@dataclass(frozen=True, slots=True)
class Intake:
    """What a delivery holds: its changes, each once, and how many events are none of ours."""

    changes: Sequence[Change]
    ignored: int


def take_in(source: Source, request: WebhookRequest) -> Intake:
    """Read the changes out of a delivery.

    Raises:
        SyncError: REQUEST_INVALID, REQUEST_TOO_LARGE; the detail names the place, never a value.
    """
    rules = source.rule_by_topic
    changes: dict[str, Change] = {}
    ignored = 0
    for event in _events(source, request):
        topic = _required_text(source.topic, event.document, "topic", MAX_NAME_CHARS)
        if rule := rules.get(topic):
            change = _change(source, rule, topic, event, request)
            changes.setdefault(change.correlation_id, change)
        else:
            ignored += 1
    return Intake(list(changes.values()), ignored)


@dataclass(frozen=True, slots=True)
class _Event:
    document: Document
    payload: str


def _events(source: Source, request: WebhookRequest) -> Iterator[_Event]:
    text, body = _parsed(request.body)
    headers: dict[str, JsonValue] = {name: values[0] for name, values in request.headers.items() if values}
    whole = {"body": body, "headers": headers}
    if source.split is None:
        yield _Event(whole, text)
        return
    for element in _elements(source.split, whole):
        yield _Event({"body": element, "headers": headers}, _written(element))


def _parsed(body: bytes) -> tuple[str, JsonValue]:
    try:
        text = body.decode("utf-8")
        return text, parse_json(text)
    except UnicodeDecodeError:
        raise _invalid("body", "not UTF-8", "send JSON in UTF-8") from None
    except ValueError:
        raise _invalid("body", "not JSON", "send JSON in UTF-8") from None


def _elements(split: Expression, whole: Document) -> list[JsonValue]:
    elements = _find(split, whole, "split")
    if not isinstance(elements, list):
        raise _invalid(f"split ({split.text})", "not a list", "send a list of events")
    if len(elements) > MAX_EVENTS_PER_BODY:
        raise SyncError(
            FailureKind.REQUEST_TOO_LARGE, f"more than {MAX_EVENTS_PER_BODY} events in one body. Send fewer at once"
        )
    return elements


def _written(element: JsonValue) -> str:
    try:
        return dump_json(element)
    except RecursionError:
        raise _invalid("body", "nested too deeply", "send flatter JSON") from None


def _change(source: Source, rule: EventRule, topic: str, event: _Event, request: WebhookRequest) -> Change:
    arrival_ms = epoch_ms(request.received_at)
    external_id = _external_id(rule, event.document)
    version = _version(rule.version, event.document)
    hashed = content_hash(event.payload.encode("utf-8", "surrogatepass"))
    # The time of arrival is no part of the name: the same content must have the same name when it comes again.
    content_parts = (rule.entity, external_id, "" if version is None else str(version), hashed)
    event_id = _event_id(source, event.document) or _content_name(content_parts)
    return Change(
        correlation_id=correlation_id(source.source, event_id),
        source=source.source,
        entity=rule.entity,
        operation=rule.operation,
        external_id=external_id,
        version=arrival_ms if version is None else version,
        event_id=event_id,
        topic=topic,
        event_at_ms=_event_at(source.event_at, event.document, arrival_ms),
        received_at=request.received_at,
        content_hash=hashed,
        payload=event.payload,
    )


def _external_id(rule: EventRule, document: Document) -> str:
    return _required_text(rule.external_id, document, "external_id", MAX_EXTERNAL_ID_CHARS)


def _event_id(source: Source, document: Document) -> str:
    parts = [_required_text(part, document, "event_id", MAX_NAME_CHARS) for part in source.event_id]
    event_id = parts[0] if len(parts) == 1 else _joined(parts)
    if len(event_id) > MAX_NAME_CHARS:
        raise _invalid("event_id", f"longer than {MAX_NAME_CHARS} characters", "choose a shorter name of the event")
    return event_id


def _content_name(parts: Sequence[str]) -> str:
    return f"content-{content_hash(_joined(parts).encode())}"


def _joined(parts: Sequence[str]) -> str:
    # The mark is escaped inside the parts, so no two lists of parts have one name.
    return "|".join(part.replace("\\", "\\\\").replace("|", "\\|") for part in parts)


def _version(stamp: Stamp | None, document: Document) -> int | None:
    if stamp is None:
        return None
    found = _find(stamp.at, document, "version")
    if found is None:
        raise _missing("version", stamp.at)
    return _stamp(found, stamp, "version")


def _event_at(stamp: Stamp | None, document: Document, arrival_ms: int) -> int:
    """Only breaks ties between equal versions, so a delivery without it is still good."""
    found = None if stamp is None else _find(stamp.at, document, "event_at")
    return arrival_ms if stamp is None or found is None else _stamp(found, stamp, "event_at")


def _stamp(found: JsonValue, stamp: Stamp, place: str) -> int:
    try:
        return stamp_of(found, stamp.notation)
    except ValueError as exc:
        raise _invalid(f"{place} ({stamp.at.text})", str(exc), f"send it as {stamp.notation}") from None


def _required_text(expression: Expression, document: Document, place: str, max_chars: int) -> str:
    found = _find(expression, document, place)
    where = f"{place} ({expression.text})"
    if found is None:
        raise _missing(place, expression)
    if isinstance(found, bool) or not isinstance(found, str | int):
        raise _invalid(where, "neither text nor a whole number", "send an id")
    text = str(found)
    if not text.strip():
        raise _invalid(where, "blank", "send an id")
    if len(text) > max_chars or not _is_encodable(text):
        raise _invalid(where, f"longer than {max_chars} characters, or not Unicode text", "send a shorter id")
    return text


def _is_encodable(text: str) -> bool:
    return not any("\ud800" <= char <= "\udfff" for char in text)


def _find(expression: Expression, document: Document, place: str) -> JsonValue:
    try:
        return expression.find(document)
    except ValueError as exc:
        raise _invalid(
            f"{place} ({expression.text})", str(exc), "compare the delivery with the source's file"
        ) from None


def _missing(place: str, expression: Expression) -> SyncError:
    return _invalid(
        f"{place} ({expression.text})", "nothing is there", "send it, or correct the expression in the source's file"
    )


def _invalid(place: str, reason: str, remedy: str) -> SyncError:
    return SyncError(FailureKind.REQUEST_INVALID, f"{place}: {reason}. {remedy[0].upper()}{remedy[1:]}")

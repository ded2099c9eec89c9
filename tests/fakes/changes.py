"""Changes as tests want them: everything has a value, and a test names what matters to it."""

from datetime import UTC, datetime

from lockstep.domain.changes import Change, Operation, content_hash, correlation_id

NOON = datetime(2026, 5, 6, 12, 0, tzinfo=UTC)


def change(external_id: str = "1", version: int = 1, **given: object) -> Change:
    """A change of a shop's customer; its event ID is made of what makes it different."""
    payload = str(given.pop("payload", f'{{"id": "{external_id}", "name": "v{version}"}}'))
    values: dict[str, object] = {
        "source": "shop",
        "entity": "customer",
        "operation": Operation.UPSERT,
        "external_id": external_id,
        "version": version,
        "event_at_ms": version,
        "received_at": NOON,
        "topic": "customer/updated",
        "content_hash": content_hash(payload.encode()),
        "payload": None if "payload_reference" in given else payload,
    } | given
    values.setdefault("event_id", f"{values['entity']}:{external_id}:{version}:{values['content_hash']}")
    values["correlation_id"] = correlation_id(str(values["source"]), str(values["event_id"]))
    return Change.model_validate(values)

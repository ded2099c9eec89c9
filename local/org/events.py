"""Platform events: what a publish answers, and the two fields that the platform fills."""

import uuid
from typing import Any

from local.org import ids
from local.org.record import ID, Record
from local.org.special_objects import EVENT_SUFFIX
from local.org.store import Store

_NAMESPACE = uuid.UUID("6ba7b811-9dad-11d1-80b4-00c04fd430c8")
_ID_START = "e"
"""No object but a platform event has a key prefix that begins so."""


def install_events(store: Store) -> None:
    """Let published events show their UUID and their replay ID."""
    for table in store.tables():
        if table.schema.name.endswith(EVENT_SUFFIX):
            table.record_type.computed |= {"EventUuid": _uuid_of, "ReplayId": _replay_id_of}


def is_event_id(record_id: str) -> bool:
    """Tell whether the id is that of a published event."""
    return record_id[0] == _ID_START


def enqueued(record_id: str) -> dict[str, Any]:
    """Return what a publish answers beside its success."""
    return {"statusCode": "OPERATION_ENQUEUED", "message": event_uuid(record_id), "fields": []}


def event_uuid(record_id: str) -> str:
    """Return the event's UUID."""
    return str(uuid.uuid5(_NAMESPACE, record_id))


def _uuid_of(record: Record) -> str:
    return event_uuid(record[ID])


def _replay_id_of(record: Record) -> str:
    return str(ids.number_of(record[ID][:15]))

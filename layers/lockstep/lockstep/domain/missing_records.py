"""A record that a file does not name, as the delete that it is."""

import hashlib

from lockstep.domain.changes import Change, Operation, content_hash, correlation_id
from lockstep.domain.comparisons import Comparison
from lockstep.domain.loads import Load
from lockstep.domain.row_changes import FILE_TOPIC

_PAYLOAD = "{}"


def missing_change(load: Load, comparison: Comparison, external_id: str) -> Change:
    """Return the delete, as old as what the file knows; the same load and record have the same one."""
    digest = hashlib.sha256(external_id.encode("utf-8", "surrogatepass")).hexdigest()[:32]
    event_id = f"{load.load_id}:missing:{digest}"
    return Change(
        correlation_id=correlation_id(load.source, event_id),
        source=load.source,
        entity=load.entity,
        operation=Operation.DELETE,
        external_id=external_id,
        version=comparison.cutoff_ms,
        event_id=event_id,
        topic=FILE_TOPIC,
        event_at_ms=comparison.cutoff_ms,
        received_at=load.started_at,
        content_hash=content_hash(_PAYLOAD.encode()),
        payload=_PAYLOAD,
    )

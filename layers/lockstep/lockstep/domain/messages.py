"""A change as the text of one queue message."""

import json

from lockstep.domain.changes import Change

# template.yaml sets it on the queues; SQS itself allows more, but old tools and a batch of ten do not.
MAX_MESSAGE_BYTES = 262_144


def message_body(change: Change) -> str:
    """Return the change as ASCII JSON: SQS refuses some characters that JSON may hold, but no ASCII one."""
    # Without defaults, so that a version of Lockstep that knows fewer fields can read what is on the queue.
    return json.dumps(change.model_dump(mode="json", exclude_defaults=True), separators=(",", ":"))


def fits_one_message(change: Change) -> bool:
    """Tell whether the change goes on the queue as it is, or its payload must be stored beside (claim check)."""
    return len(message_body(change)) <= MAX_MESSAGE_BYTES

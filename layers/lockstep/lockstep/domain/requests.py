"""A webhook request as it arrived, before anybody believes it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class WebhookRequest:
    """One HTTP request of a sender.

    Plain, without pydantic: the handler imports it before it knows whether there is anything to do.

    Args:
        source: The path segment that names the source.
        url: The public URL that the sender called, as it wrote it.
        headers: Values by lower-cased name, in the order in which they came.
        body: The raw bytes; signatures cover these and nothing else.
        received_at: Aware, UTC.
    """

    source: str
    method: str
    url: str
    headers: Mapping[str, Sequence[str]]
    body: bytes
    received_at: datetime

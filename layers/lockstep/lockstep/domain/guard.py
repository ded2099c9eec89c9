"""What a batch asks of the version guard, and what it answers."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from lockstep.domain.changes import Version

# Salesforce ends a call after ten minutes (API Request Limits and Allocations); nothing of it takes effect later.
CALL_LIFE = timedelta(minutes=10)


class GuardAnswer(StrEnum):
    """What the version guard says to somebody who wants to write."""

    GRANTED = "granted"
    STALE = "stale"  # a newer version was written
    SAME = "same"  # this very version was written, by another change
    WRITTEN = "written"  # by this very change: an attempt of it died before its end was booked
    HELD = "held"  # another writer holds the record


@dataclass(frozen=True, slots=True)
class GuardClaim:
    """The wish to write one version of one record of one source; `is_delete` where it is to take the record away."""

    source: str
    object_name: str
    external_id: str
    version: Version
    content_hash: str
    correlation_id: str
    is_delete: bool = False

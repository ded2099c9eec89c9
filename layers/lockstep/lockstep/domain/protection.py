"""How a route's rows are kept from being written over something newer."""

from enum import StrEnum

from lockstep.domain.changes import Version
from lockstep.domain.routes import Route


class Protection(StrEnum):
    """Who refuses an older row."""

    FENCED = "fenced"  # the org, under its own row lock; nobody asks before
    CLAIMED = "claimed"  # the version guard, before the row is sent
    NONE = "none"  # the route overwrites without looking


def protection_of(route: Route) -> Protection:
    """Tell how a route's files are protected."""
    if route.file is not None and route.file.version is None and route.file.unversioned == "overwrite":
        return Protection.NONE
    return Protection.FENCED if route.version_fence and route.version_field else Protection.CLAIMED


def is_older_than_deletion(row: Version, deletion: Version, *, is_versioned: bool) -> bool:
    """True where a row must not bring a deleted record back; without versions the file's time decides."""
    return row < deletion if is_versioned else row.event_at_ms < deletion.event_at_ms


def may_outlive_its_wait(route: Route) -> bool:
    """True where a job's rows do no harm however late they are: the org refuses older ones.

    It cannot refuse those of records that are gone.
    """
    return route.version_fence and route.version_field is not None and route.on_delete != "delete"

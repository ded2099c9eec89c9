"""What a formula is evaluated against: the record as it would be saved, as it was, and whose save it is."""

from datetime import UTC, datetime
from typing import NamedTuple

from local.org.clock import OrgClock
from local.org.record import Record
from local.org.store import Store


class Scene(NamedTuple):
    """One save of one record; `before` is None for a new record. One is made for every save, so it is a tuple."""

    record: Record
    before: Record | None
    store: Store
    clock: OrgClock
    user_id: str
    permissions: frozenset[str]
    """The custom permissions that the user has."""

    @property
    def now(self) -> datetime:
        """Return the org's time, to the second as fields keep it."""
        return datetime.fromtimestamp(int(self.clock.now_s()), UTC)

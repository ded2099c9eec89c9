"""The records that an org has before anybody calls: its user, itself, record types, custom metadata, and the seed."""

from collections.abc import Mapping, Sequence
from typing import Any

from local.org import ids
from local.org.clock import OrgClock
from local.org.record_types import seeds
from local.org.seed_files import SeedRecord
from local.org.seeding import Seeder
from local.org.store import Store
from local.org.writes import Writer


class FirstRecords:
    """Puts in what is there from the start."""

    def __init__(self, store: Store, clock: OrgClock) -> None:
        self._store = store
        self._clock = clock

    def seed_user(self, username: str) -> str:
        """Put in the integration user and return its id."""
        user = {
            "Username": username,
            "FirstName": "Integration",
            "LastName": "User",
            "Name": "Integration User",
            "Alias": "integ",
            "Email": username,
            "IsActive": True,
            "UserType": "Standard",
        }
        return self._seed("User", user) or ids.encode("005", 1)

    def seed_rest(self, writer: Writer, given: Sequence[SeedRecord]) -> None:
        """Put in all others; those that are given meet every rule.

        Raises:
            SeedError: One of those is refused.
        """
        self._seed("Organization", {"Name": "Local Org", "OrganizationType": "Developer Edition", "IsSandbox": False})
        self._seed("Pricebook2", {"Name": "Standard Price Book", "IsActive": True, "IsStandard": True})
        for values in seeds(self._store.schema.objects):
            self._seed("RecordType", values)
        for name, rows in self._store.schema.metadata_records.items():
            for row in rows:
                self._seed(name, row)
        Seeder(self._store, writer).write(given)

    def _seed(self, object_name: str, values: Mapping[str, Any]) -> str | None:
        now = self._clock.stamp()
        stamps = {"CreatedDate": now, "LastModifiedDate": now, "SystemModstamp": now}
        return self._store.seed(object_name, {**values, **stamps})

"""The ports of the contract with the org, in memory."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from lockstep.domain.failures import SyncError
from lockstep.domain.json_text import JsonValue
from lockstep.ports.org import KeptDescribe


@dataclass
class FakeDescribeSource:
    """Implements `ports.org.DescribeSource`; keeps every question."""

    describes: dict[str, JsonValue]
    picklists: dict[tuple[str, str], JsonValue] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    outage: SyncError | None = None

    def describe(self, object_name: str) -> JsonValue:
        self.asked.append(object_name)
        if self.outage:
            raise self.outage
        return self.describes.get(object_name)

    def picklist_values(self, object_name: str, record_type_id: str) -> JsonValue:
        self.asked.append(f"{object_name}.{record_type_id}")
        if self.outage:
            raise self.outage
        return self.picklists.get((object_name, record_type_id))


@dataclass
class FakeDescribeStore:
    """Implements `ports.org.DescribeStore`."""

    kept: dict[str, KeptDescribe] = field(default_factory=dict)
    outage: SyncError | None = None

    def get(self, object_name: str) -> KeptDescribe | None:
        if self.outage:
            raise self.outage
        return self.kept.get(object_name)

    def put(self, object_name: str, kept: KeptDescribe) -> None:
        if self.outage:
            raise self.outage
        self.kept[object_name] = kept


@dataclass
class FakeLeases:
    """Implements `ports.Leases`; keeps every name that was asked for."""

    until_by_name: dict[str, datetime] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    outage: SyncError | None = None

    def take(self, name: str, lease_s: int, now: datetime) -> bool:
        if self.outage:
            raise self.outage
        self.asked.append(name)
        if name in self.until_by_name and self.until_by_name[name] > now:
            return False
        self.until_by_name[name] = now + timedelta(seconds=lease_s)
        return True

    def give_back(self, name: str) -> None:
        self.until_by_name.pop(name, None)

    def take_each(self, names: Sequence[str], lease_s: int, now: datetime) -> Sequence[bool]:
        return [self.take(name, lease_s, now) for name in names]

    def give_back_each(self, names: Sequence[str]) -> None:
        for name in names:
            self.give_back(name)


@dataclass
class FakeAlerts:
    """Implements `ports.Alerts`."""

    sent: list[tuple[str, str]] = field(default_factory=list)
    outage: SyncError | None = None

    def tell(self, subject: str, text: str) -> None:
        if self.outage:
            raise self.outage
        self.sent.append((subject, text))

"""The ports of the upsert side, in memory."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from lockstep.domain.changes import Version
from lockstep.domain.error_log import RecordName
from lockstep.domain.failures import FailureKind, SyncError
from lockstep.domain.guard import CALL_LIFE, GuardAnswer, GuardClaim
from lockstep.domain.json_text import JsonValue
from lockstep.domain.lookups import Found, MatchValues
from lockstep.ports.org import OwnFields, Standing, WriteResult


@dataclass
class FakeGateway:
    """Implements `ports.org.SalesforceGateway`; keeps records by object and External ID, and every call.

    `failures` are of records, by External ID; `outages` are of whole calls, one after the other; `found` is what
    lookups find, by object and values. With `knows_parents` a record that names one that is not there is refused, and
    fields of `create_only` are refused in records that are there; relationships are called as their objects.
    """

    records: dict[tuple[str, str], Mapping[str, JsonValue]] = field(default_factory=dict)
    failures: dict[str, SyncError] = field(default_factory=dict)
    outages: list[SyncError] = field(default_factory=list)
    knows_parents: bool = False
    create_only: frozenset[str] = frozenset()
    poison: set[str] = field(default_factory=set)
    poison_error: SyncError | None = None
    found: dict[tuple[str, MatchValues], Found] = field(default_factory=dict)
    calls: list[tuple[str, str, int]] = field(default_factory=list)

    def _call(self, what: str, object_name: str, count: int) -> None:
        self.calls.append((what, object_name, count))
        if self.outages:
            raise self.outages.pop(0)

    def upsert(
        self, object_name: str, external_id_field: str, records: Sequence[Mapping[str, JsonValue]]
    ) -> Sequence[WriteResult]:
        self._call("upsert", object_name, len(records))
        names = [str(record[external_id_field]) for record in records]
        assert len(set(names)) == len(names), "Salesforce refuses a record that stands in a call twice"
        if self.poison_error and self.poison & set(names):
            raise self.poison_error
        return [self._write(object_name, name, record) for name, record in zip(names, records, strict=True)]

    def create(self, object_name: str, records: Sequence[Mapping[str, JsonValue]]) -> Sequence[WriteResult]:
        self._call("create", object_name, len(records))
        return [self._create(object_name, str(next(iter(record.values()))), record) for record in records]

    def _create(self, object_name: str, name: str, record: Mapping[str, JsonValue]) -> WriteResult:
        """Create; the key is the first of the record's fields."""
        if (object_name, name) in self.records:
            return WriteResult(failure=SyncError(FailureKind.UNIQUE_VALUE_RACE, "taken", error_code="DUPLICATE_VALUE"))
        return self._write(object_name, name, record)

    def _write(self, object_name: str, name: str, record: Mapping[str, JsonValue]) -> WriteResult:
        is_new = (object_name, name) not in self.records
        if failure := self.failures.get(name) or self._misfit(record, is_new=is_new):
            return WriteResult(failure=failure)
        self.records[object_name, name] = {**self.records.get((object_name, name), {}), **record}
        return WriteResult(record_id=f"id-{name}", created=is_new)

    def _misfit(self, record: Mapping[str, JsonValue], *, is_new: bool) -> SyncError | None:
        if not is_new and self.create_only & record.keys():
            return SyncError(FailureKind.FIELD_UNKNOWN, "set once", error_code="INVALID_FIELD_FOR_INSERT_UPDATE")
        parents = {name: value for name, value in record.items() if isinstance(value, dict) and self.knows_parents}
        if all((name, str(*key.values())) in self.records for name, key in parents.items()):
            return None
        return SyncError(FailureKind.FIELD_UNKNOWN, "no such parent", error_code="INVALID_FIELD")

    def delete(self, object_name: str, external_id_field: str, external_ids: Sequence[str]) -> Sequence[WriteResult]:
        self._call("delete", object_name, len(external_ids))
        for name in external_ids:
            self.records.pop((object_name, name), None)
        return [WriteResult() for _ in external_ids]

    def delete_ids(self, record_ids: Sequence[str]) -> None:
        self._call("delete_ids", "", len(record_ids))
        gone = {name for name in self.records if f"id-{name[1]}" in record_ids}
        for name in gone:
            del self.records[name]

    def existing(self, object_name: str, field_name: str, values: Collection[str]) -> frozenset[str]:
        self._call("existing", object_name, len(values))
        return frozenset(value for value in values if (object_name, value) in self.records)

    def standing(
        self, object_name: str, external_id_field: str, values: Collection[str], asked: OwnFields
    ) -> Mapping[str, Standing]:
        self._call("standing", object_name, len(values))
        there = {value: self.records[object_name, value] for value in values if (object_name, value) in self.records}
        return {
            value: Standing(f"id-{value}", record.get(asked.change_field), record.get(asked.version_field or ""))
            for value, record in there.items()
        }

    def find(
        self, object_name: str, match_fields: Sequence[str], wanted: Sequence[MatchValues]
    ) -> Mapping[MatchValues, Found]:
        self._call("find", object_name, len(wanted))
        return {values: self.found[object_name, values] for values in wanted if (object_name, values) in self.found}


@dataclass
class _Held:
    written: Version | None = None
    content_hash: str = ""
    correlation_id: str = ""
    claimed: Version | None = None
    before: Version | None = None
    owner: str = ""
    until: datetime | None = None
    failed_at: datetime | None = None
    forgets: bool = False
    arrives_until: datetime | None = None
    awaited: datetime | None = None


@dataclass
class FakeGuard:
    """Implements `ports.VersionGuard`."""

    lease_s: int = 75
    held_by_record: dict[tuple[str, str, str], _Held] = field(default_factory=dict)

    def _of(self, claim: GuardClaim) -> _Held:
        return self.held_by_record.setdefault((claim.source, claim.object_name, claim.external_id), _Held())

    def claim(self, claims: Sequence[GuardClaim], owner: str, now: datetime) -> Sequence[GuardAnswer]:
        return [self._claim(claim, owner, now) for claim in claims]

    def _claim(self, claim: GuardClaim, owner: str, now: datetime) -> GuardAnswer:
        held = self._of(claim)
        same_content = held.content_hash == claim.content_hash
        if held.written and (
            held.written == claim.version or (held.written.stamp == claim.version.stamp and same_content)
        ):
            return GuardAnswer.WRITTEN if held.correlation_id == claim.correlation_id else GuardAnswer.SAME
        if held.written and held.written > claim.version:
            return GuardAnswer.STALE
        if held.until and held.until >= now and held.owner != owner:
            return GuardAnswer.HELD
        if held.claimed and held.claimed[:2] > claim.version[:2]:  # arrival does not count
            return GuardAnswer.STALE
        held.before, held.claimed = held.claimed, claim.version
        held.forgets = held.failed_at is not None and held.failed_at + timedelta(seconds=60) < now
        if held.until:  # its owner has died, perhaps writing to the last
            held.arrives_until = max(held.arrives_until or held.until, held.until + CALL_LIFE)
        held.awaited = held.arrives_until if held.arrives_until and held.arrives_until >= now else None
        held.owner, held.until = owner, now + timedelta(seconds=self.lease_s)
        return GuardAnswer.GRANTED

    def failed_before(self, claims: Sequence[GuardClaim], owner: str) -> Sequence[GuardClaim]:
        return [claim for claim in self._mine(claims, owner) if self._of(claim).failed_at]

    def arrivals_until(self, claims: Sequence[GuardClaim], owner: str) -> Sequence[datetime | None]:
        mine = self._mine(claims, owner)
        return [self._of(claim).awaited if claim in mine else None for claim in claims]

    def commit(self, claims: Sequence[GuardClaim], owner: str) -> None:
        for claim in self._mine(claims, owner):
            held = self._of(claim)
            held.written, held.content_hash, held.claimed, held.until = claim.version, claim.content_hash, None, None
            held.correlation_id = claim.correlation_id
            held.failed_at = None if held.forgets else held.failed_at

    def release(self, claims: Sequence[GuardClaim], owner: str, *, failed_at: datetime) -> None:
        for claim in self._mine(claims, owner):
            held = self._of(claim)
            held.claimed, held.until, held.failed_at = held.before, None, failed_at

    def suspend(
        self,
        claims: Sequence[GuardClaim],
        owner: str,
        *,
        failed_at: datetime | None = None,
        given_up_at: datetime | None = None,
    ) -> None:
        for claim in self._mine(claims, owner):
            held = self._of(claim)
            held.until, held.failed_at = None, failed_at or held.failed_at
            held.arrives_until = given_up_at + CALL_LIFE if given_up_at else held.arrives_until

    def note_failures(self, records: Sequence[RecordName], failed_at: datetime) -> None:
        for record in records:
            self.held_by_record.setdefault(tuple(record), _Held()).failed_at = failed_at

    def _mine(self, claims: Sequence[GuardClaim], owner: str) -> list[GuardClaim]:
        return [claim for claim in claims if self._of(claim).owner == owner and self._of(claim).until]


@dataclass
class FakeDeadLetters:
    """Implements `ports.DeadLetters`."""

    bodies: list[str] = field(default_factory=list)
    is_down: bool = False

    def send_bodies(self, bodies: Sequence[str]) -> Sequence[bool]:
        if not self.is_down:
            self.bodies += bodies
        return [not self.is_down] * len(bodies)

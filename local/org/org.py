"""The org: state and rules without HTTP, and what a test may do to it."""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from local.org import ids
from local.org.access.grants import together
from local.org.access.view import as_seen_by
from local.org.authorization_codes import AuthorizationCodes
from local.org.automation.runner import Automation
from local.org.bulk.bulk import Bulk
from local.org.bulk.settings import BulkSettings
from local.org.calls import Call, CallLog
from local.org.clock import OrgClock
from local.org.collection_writes import CollectionWriter
from local.org.computed import install_computed
from local.org.connected_app import ConnectedApp
from local.org.cursors import Cursors
from local.org.duplicates.checker import DuplicateChecker
from local.org.events import install_events
from local.org.exchanges import Exchanges
from local.org.faults import PLANS, FaultPlan, Faults
from local.org.first_records import FirstRecords
from local.org.history import Entry, History
from local.org.limit_changes import LimitChanges, change_limits, limits_state
from local.org.locking.row_locks import RowLocks
from local.org.long_calls import LongCalls
from local.org.maintenance import Maintenance, MaintenanceWindow
from local.org.record import Record
from local.org.roll_ups import install_roll_ups
from local.org.save_options import USUAL
from local.org.schema import Schema
from local.org.seed_files import SeedRecord
from local.org.sessions import Credentials, Sessions
from local.org.sign_in_gate import SignInGate, UserState
from local.org.store import Store
from local.org.usage import ApiUsage
from local.org.validator import Validator
from local.org.writes import Writer


@dataclass(frozen=True, slots=True)
class OrgSettings:
    """What makes this org this org. The default limits are those of a developer org."""

    organization_id: str = field(default_factory=lambda: ids.encode("00D", 1))
    credentials: Credentials = field(default_factory=Credentials)
    app: ConnectedApp = field(default_factory=ConnectedApp)
    daily_api_requests: int = 15_000
    concurrent_long_calls: int = 5
    keeps_history: bool = False
    bulk: BulkSettings = field(default_factory=BulkSettings)
    permission_sets: tuple[str, ...] = ()
    """The permission sets of the user, whose custom permissions formulas see as `$Permission`."""
    seeds: Sequence[SeedRecord] = ()
    """The records that are there from the start; `seed_files.read_seeds` reads them from a folder."""


class Org:
    """One org in memory. Hold `lock` around anything that reads or writes records."""

    def __init__(self, schema: Schema, settings: OrgSettings | None = None, clock: OrgClock | None = None) -> None:
        self._whole_schema = self.schema = schema
        self.settings = settings or OrgSettings()
        self.clock = clock or OrgClock()
        self.lock = threading.RLock()
        self._lock_freed = threading.Condition(self.lock)
        self.faults = Faults()
        self.call_log = CallLog()
        self.exchanges = Exchanges()
        self.has_bulk_worker = False
        """True while a thread works bulk jobs off; else they move on when somebody looks."""
        self._start()

    def _start(self) -> None:
        self.metadata_changed_s = self.clock.now_s()
        self.save_options = USUAL
        """What the request that is being answered asks of its saves."""
        self.sessions = Sessions(
            self.clock, self.settings.organization_id, self.settings.credentials, self.settings.app
        )
        self.gate = SignInGate(self.clock)
        self.codes = AuthorizationCodes(self.clock)
        self.maintenance = Maintenance(self.clock)
        self.long_calls = LongCalls(self.clock, self.settings.concurrent_long_calls)
        self.history = History(self.clock, is_kept=self.settings.keeps_history)
        self.schema = self._whole_schema
        self.store = Store(self.schema, self.history)
        self.usage = ApiUsage(self.clock, self.settings.daily_api_requests)
        self.cursors = Cursors(self.clock)
        first_records = FirstRecords(self.store, self.clock)
        self.user_id = first_records.seed_user(self.settings.credentials.username)
        permissions = self._permissions()
        install_events(self.store)
        install_computed(self.store, self.schema, self.clock, self.user_id, permissions)
        validator = Validator(self.store, self.clock, self.user_id, permissions)
        self.row_locks = RowLocks(self.clock, self.store, self._lock_freed)
        self.writer = Writer(self.store, self.clock, self.user_id, validator, self.row_locks)
        install_roll_ups(self.store, self.schema.summaries, self.writer.touch)
        DuplicateChecker(self.store, self.writer, lambda: self.save_options).install(self.schema.duplicate_rules)
        self.automation = Automation(self.store, self.writer)
        self.collections = CollectionWriter(self.writer, self.faults, self.automation)
        self.bulk = Bulk(self.clock, self.store, self.collections, self.user_id, self.settings.bulk, self.faults)
        first_records.seed_rest(self.writer, self.settings.seeds)
        self._limit_access()

    def _limit_access(self) -> None:
        """Let the user do what the named permission sets give; where none speaks of objects or fields, everything."""
        grants = [self.schema.grants[name] for name in self.settings.permission_sets if name in self.schema.grants]
        if any(each.says_anything for each in grants):
            self.schema = as_seen_by(self.schema, together(grants))
            self.store.show_as(self.schema)

    @property
    def access_not_enforced(self) -> list[str]:
        """What the named permission sets give and the local org does not enforce, a line for each kind."""
        grants = self._whole_schema.grants
        return [line for name in self.settings.permission_sets if name in grants for line in grants[name].not_enforced]

    def _permissions(self) -> frozenset[str]:
        """Return the user's custom permissions; KeyError for a permission set that the schema folders lack."""
        given = self.schema.permission_sets
        return frozenset[str]().union(*(given[name] for name in self.settings.permission_sets))

    def reset(self) -> None:
        """Return to the state at start: no records, faults, calls or sessions; time, limits and app as they were."""
        with self.lock:
            self.clock.reset()
            self.faults.clear()
            self.call_log.clear()
            self.exchanges.clear()
            self._start()

    def open_session(self) -> str:
        """Return an access token, as a sign-in with the configured refresh token would."""
        with self.lock:
            return self.sessions.open()

    def expire_sessions(self) -> None:
        """Make every access token answer INVALID_SESSION_ID."""
        with self.lock:
            self.sessions.expire_all()

    def revoke_refresh_tokens(self) -> None:
        """Make sign-in by refresh token answer invalid_grant until one is given out again, and end its sessions."""
        with self.lock:
            self.sessions.revoke_refresh_tokens()

    def restore_refresh_tokens(self) -> None:
        """Make the configured refresh token good again."""
        with self.lock:
            self.sessions.restore_refresh_tokens()

    def change_app(self, /, **changes: Any) -> ConnectedApp:
        """Change policies of the connected app and return them all; pydantic.ValidationError for one that is none."""
        with self.lock:
            self.sessions.app = self.sessions.app.changed(changes)
            return self.sessions.app

    def set_user_state(self, state: UserState) -> None:
        """Say whether the user may sign in; sessions end with a user or an org that is no longer active."""
        with self.lock:
            self.gate.user_state = state
            if state in {UserState.INACTIVE, UserState.INACTIVE_USER, UserState.INACTIVE_ORG}:
                self.sessions.expire_all()

    def advance_clock(self, seconds: float) -> None:
        """Move the org's time, and bulk jobs with it."""
        self.clock.advance(seconds)
        with self.lock:
            self._lock_freed.notify_all()
            self.bulk.look()

    def look_at_bulk(self) -> None:
        """Let bulk jobs do what is due, unless a thread sees to it. Hold `lock`."""
        if not self.has_bulk_worker:
            self.bulk.look()

    def set_bulk(self, /, **changes: Any) -> BulkSettings:
        """Change how bulk jobs are worked off and return all of it; `BulkSettings` names what can be changed."""
        with self.lock:
            self.bulk.change(changes)
            return self.bulk.settings

    def abort_job(self, job_id: str) -> None:
        """Abort a bulk job as a person would in Setup; OrgError where there is none or it has ended."""
        with self.lock:
            self.bulk.abort(self.bulk.ingest.find(job_id))

    def set_limits(self, /, **changes: Any) -> dict[str, Any]:
        """Change limits and return how they stand; `LimitChanges` names what can be changed."""
        with self.lock:
            change_limits(LimitChanges(**changes), self.usage, self.long_calls)
            return limits_state(self.usage, self.long_calls)

    def plan_maintenance(self, /, **window: Any) -> list[dict[str, Any]]:
        """Plan a window and return all; `MaintenanceWindow` names what a window says."""
        with self.lock:
            self.maintenance.plan(MaintenanceWindow(**window))
            return self.maintenance.state()

    def plan_faults(self, *plans: FaultPlan | Mapping[str, Any]) -> None:
        """Plan faults, given as `FaultPlan` or as the JSON that the control prefix takes."""
        self.faults.plan(PLANS.validate_python([dict(p) if isinstance(p, Mapping) else p for p in plans]))

    def calls(self) -> list[Call]:
        """Return what was asked, oldest first."""
        return self.call_log.all()

    def records(self, object_name: str, **where: Any) -> list[dict[str, Any]]:
        """Return the living records with those values, every field by name; KeyError for an unknown object."""
        return self.select(object_name, lambda record: all(record.get(name) == where[name] for name in where))

    def select(
        self, object_name: str, chosen: Callable[[Record], bool], field_names: Sequence[str] = ()
    ) -> list[dict[str, Any]]:
        """Return the chosen living records with those fields, or all; KeyError for an unknown object."""
        with self.lock:
            table = self.store.whole_table(object_name)
            if table is None:
                raise KeyError(object_name)
            names = field_names or list(table.whole.fields)
            return [{name: each.get(name) for name in names} for each in table.records() if chosen(each)]

    def history_of(self, record_id: str) -> list[Entry]:
        """Return every write of a record, oldest first; empty unless the org keeps history."""
        with self.lock:
            return self.history.of(ids.to_18(record_id[:15]))

    def went_back(self, object_name: str, field_name: str) -> list[Entry]:
        """Return each write that lowered or blanked a field, deleted records' too: id, at, from, to.

        Empty unless the org keeps history; KeyError for an unknown object or field.
        """
        with self.lock:
            table = self.store.whole_table(object_name)
            field = None if table is None else table.whole.find(field_name)
            if table is None or field is None:
                raise KeyError(f"{object_name}.{field_name}")
            return self.history.went_back(table.schema.key_prefix, field.name)

    def counts(self) -> dict[str, int]:
        """Return how many living records each object has; objects without any are left out."""
        with self.lock:
            return {table.schema.name: table.live for table in self.store.tables() if table.live}

"""What both bulk functions are made of; see `bootstrap`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lockstep.domain.budget import Lane
from lockstep.runtime import bootstrap
from lockstep.runtime.connection_parts import build_breaker
from lockstep.runtime.settings import BulkSettings

if TYPE_CHECKING:
    from lockstep.adapters.api_meter import ApiMeter
    from lockstep.adapters.change_log import DynamoDbChangeLog
    from lockstep.adapters.job_slots import DynamoDbJobSlots
    from lockstep.adapters.leases import DynamoDbLeases
    from lockstep.adapters.load_files import S3LoadFiles
    from lockstep.adapters.local_files import TemporaryFiles
    from lockstep.adapters.salesforce import SalesforceRest
    from lockstep.adapters.salesforce_bulk import SalesforceBulk
    from lockstep.adapters.salesforce_queries import SalesforceQueries
    from lockstep.adapters.version_guard import DynamoDbVersionGuard
    from lockstep.domain.backoff import RetrySchedule
    from lockstep.domain.routes import Route
    from lockstep.services.breaker import Breaker
    from lockstep.services.check_routes import RouteGate
    from lockstep.services.known_deletions import KnownDeletions
    from lockstep.services.load_desk import LoadDesk
    from lockstep.services.log_failures import LogFailures
    from lockstep.services.settle_rows import SettleRows

# Far longer than a job is left without being looked at: whoever has the slot is dead then.
SLOT_LEASE_S = 3600


@dataclass(frozen=True, slots=True)
class BulkKit:
    """Each part once."""

    meter: "ApiMeter"
    bulk: "SalesforceBulk"
    queries: "SalesforceQueries"
    gateway: "SalesforceRest"
    routes: "Mapping[tuple[str, str], Route]"
    gate: "RouteGate"
    connection: "Breaker"
    desk: "LoadDesk"
    slots: "DynamoDbJobSlots"
    leases: "DynamoDbLeases"
    load_files: "S3LoadFiles"
    local_files: "TemporaryFiles"
    guard: "DynamoDbVersionGuard"
    deletions: "KnownDeletions"
    change_log: "DynamoDbChangeLog"
    settle: "SettleRows"
    log_failures: "LogFailures"
    schedule: "RetrySchedule"


def build_kit(settings: BulkSettings) -> BulkKit:
    """Build the parts."""
    from lockstep.adapters.api_meter import ApiMeter
    from lockstep.adapters.change_log import DynamoDbChangeLog
    from lockstep.adapters.deletions import DynamoDbDeletions
    from lockstep.adapters.job_slots import DynamoDbJobSlots
    from lockstep.adapters.leases import DynamoDbLeases
    from lockstep.adapters.load_files import S3LoadFiles
    from lockstep.adapters.local_files import TemporaryFiles
    from lockstep.adapters.version_guard import DynamoDbVersionGuard
    from lockstep.domain.backoff import RetrySchedule
    from lockstep.runtime.route_files import load_route_models
    from lockstep.services.known_deletions import KnownDeletions

    meter, models = ApiMeter(bootstrap.utc_now), load_route_models()
    bulk, queries, gateway = _build_org(settings, meter)
    gate = bootstrap.build_gate(settings, models, gateway)
    change_log = DynamoDbChangeLog(
        settings.change_log_table, settings.chunk_lease_seconds, settings.change_log_retention_days
    )
    guard = DynamoDbVersionGuard(settings.version_guard_table, settings.bulk_claim_hours * 3600)
    return BulkKit(
        meter=meter,
        bulk=bulk,
        queries=queries,
        gateway=gateway,
        routes={(route.source, route.entity): route for route in models.values()},
        gate=gate,
        connection=build_breaker(settings, Lane.FILES, meter, bootstrap.utc_now),
        desk=build_desk(settings),
        slots=DynamoDbJobSlots(settings.lease_table, settings.bulk_jobs_per_object, SLOT_LEASE_S),
        leases=DynamoDbLeases(settings.lease_table),
        load_files=S3LoadFiles(settings.payload_bucket),
        local_files=TemporaryFiles(),
        guard=guard,
        deletions=KnownDeletions(DynamoDbDeletions(settings.version_guard_table)),
        change_log=change_log,
        settle=_build_settle(settings, gate, guard, change_log),
        log_failures=_build_log_failures(settings),
        schedule=RetrySchedule(settings.max_tries, settings.first_retry_seconds),
    )


def _build_org(settings: BulkSettings, meter: "ApiMeter") -> "tuple[SalesforceBulk, SalesforceQueries, SalesforceRest]":
    """Build the ways to the org, with one session and one sign-in."""
    from lockstep.adapters import salesforce_session
    from lockstep.adapters.salesforce import SalesforceRest
    from lockstep.adapters.salesforce_bulk import SalesforceBulk
    from lockstep.adapters.salesforce_queries import SalesforceQueries
    from lockstep.runtime.sign_in import build_sign_in

    session = salesforce_session.TimeLimitedSession()
    meter.watch(session)
    sign_in = build_sign_in(settings, session, bootstrap.utc_now)
    version = settings.salesforce_api_version
    made = (sign_in, version, session)
    return SalesforceBulk(*made), SalesforceQueries(*made), SalesforceRest(*made)


def build_desk(settings: BulkSettings) -> "LoadDesk":
    """Build who keeps the states of loads."""
    from lockstep.adapters.alert_topic import SnsAlerts
    from lockstep.adapters.chunk_queue import SqsChunkQueue
    from lockstep.adapters.leases import DynamoDbLeases
    from lockstep.adapters.load_table import DynamoDbLoadBook
    from lockstep.services.load_desk import LoadDesk
    from lockstep.services.tell_waiting import TellWaiting

    return LoadDesk(
        book=DynamoDbLoadBook(settings.load_table),
        chunk_queue=SqsChunkQueue(settings.chunk_queue_url),
        poll_queue=SqsChunkQueue(settings.poll_queue_url),
        tell=TellWaiting(
            SnsAlerts(settings.alert_topic_arn, settings.stack_name),
            DynamoDbLeases(settings.lease_table),
            bootstrap.utc_now,
        ),
        clock=bootstrap.utc_now,
    )


def _build_log_failures(settings: BulkSettings) -> "LogFailures":
    from lockstep.adapters.error_log import DynamoDbErrorLog
    from lockstep.adapters.payload_store import S3PayloadStore
    from lockstep.services.log_failures import LogFailures

    error_log = DynamoDbErrorLog(settings.error_log_table, settings.change_log_retention_days)
    return LogFailures(error_log, S3PayloadStore(settings.payload_bucket))


def _build_settle(
    settings: BulkSettings, gate: "RouteGate", guard: "DynamoDbVersionGuard", change_log: "DynamoDbChangeLog"
) -> "SettleRows":
    from lockstep.adapters.inbound_queue import SqsQueue
    from lockstep.adapters.payload_store import S3PayloadStore
    from lockstep.services.settle_rows import SettleRows

    return SettleRows(
        gate=gate,
        change_log=change_log,
        guard=guard,
        settle_changes=bootstrap.build_settle_changes(settings, change_log, guard),
        inbound=SqsQueue(settings.inbound_queue_url),
        payloads=S3PayloadStore(settings.payload_bucket),
        clock=bootstrap.utc_now,
    )

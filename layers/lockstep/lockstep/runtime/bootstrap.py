"""Puts the use cases together: the only place that picks adapters.

Adapters are imported inside the functions, so that no function pays for what another one needs.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from lockstep.runtime.settings import (
    DeadLetterSettings,
    LaneSettings,
    NotifySettings,
    RetrySettings,
    SignInSettings,
    UpsertSettings,
    WebhookSettings,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lockstep.adapters.api_meter import ApiMeter
    from lockstep.adapters.salesforce import SalesforceRest
    from lockstep.domain.routes import Route
    from lockstep.ports import ChangeLog, DeadLetters, VersionGuard
    from lockstep.ports.org import DescribeSource
    from lockstep.services.accept_webhook import AcceptWebhook
    from lockstep.services.check_routes import RouteGate
    from lockstep.services.hand_over import HandOver
    from lockstep.services.post_alerts import PostAlerts
    from lockstep.services.send_due_retries import SendDueRetries
    from lockstep.services.settle_changes import SettleChanges
    from lockstep.services.take_dead_letters import TakeDeadLetters


CHAT_SECRET = "alerts"  # noqa: S105 - the secret's name under the stack's prefix


def utc_now() -> datetime:
    """Return the time, aware."""
    return datetime.now(UTC)


def build_accept_webhook(settings: WebhookSettings) -> "AcceptWebhook":
    """Build the use case of the webhook function."""
    from lockstep.adapters.change_log import DynamoDbChangeLog
    from lockstep.adapters.inbound_queue import SqsQueue
    from lockstep.adapters.payload_store import S3PayloadStore
    from lockstep.adapters.secrets import SecretsManagerSecrets
    from lockstep.runtime.config_files import load_sources
    from lockstep.services.accept_webhook import AcceptWebhook

    return AcceptWebhook(
        sources=load_sources(),
        secrets=SecretsManagerSecrets(settings.secret_prefix, settings.secret_max_age_seconds),
        change_log=DynamoDbChangeLog(
            settings.change_log_table, settings.claim_lease_seconds, settings.change_log_retention_days
        ),
        queue=SqsQueue(settings.inbound_queue_url),
        payload_store=S3PayloadStore(settings.payload_bucket),
        clock=utc_now,
        max_body_bytes=settings.max_body_bytes,
        claim_lease_s=settings.claim_lease_seconds,
    )


@dataclass(frozen=True, slots=True)
class UpsertParts:
    """The upsert function's use case, where goes what is no change at all, and who counts the API calls."""

    use_case: "HandOver"
    dead_letters: "DeadLetters"
    meter: "ApiMeter"


def build_upsert_changes(settings: UpsertSettings) -> UpsertParts:
    """Build the use case of the upsert function."""
    import uuid

    from lockstep.adapters.api_meter import ApiMeter
    from lockstep.adapters.change_log import DynamoDbChangeLog
    from lockstep.adapters.inbound_queue import SqsQueue
    from lockstep.adapters.leases import DynamoDbLeases
    from lockstep.adapters.payload_store import S3PayloadStore
    from lockstep.adapters.version_guard import DynamoDbVersionGuard
    from lockstep.domain.budget import Lane
    from lockstep.runtime.backlog_parts import build_hand_over
    from lockstep.runtime.connection_parts import build_breaker
    from lockstep.runtime.route_files import load_route_models
    from lockstep.services.find_lookups import FindLookups
    from lockstep.services.parent_turns import ParentTurns
    from lockstep.services.upsert_changes import UpsertChanges
    from lockstep.services.write_records import WriteRecords

    change_log = DynamoDbChangeLog(
        settings.change_log_table, settings.guard_lease_seconds, settings.change_log_retention_days
    )
    guard = DynamoDbVersionGuard(settings.version_guard_table, settings.guard_lease_seconds)
    meter = ApiMeter(utc_now)
    gateway, routes = build_gateway(settings, meter), load_route_models()
    gate = build_gate(settings, routes, gateway)
    by_rest = UpsertChanges(
        gate=gate,
        connection=build_breaker(settings, Lane.WEBHOOKS, meter, utc_now),
        change_log=change_log,
        guard=guard,
        write_records=WriteRecords(
            gateway=gateway,
            payloads=S3PayloadStore(settings.payload_bucket),
            lookups=FindLookups(utc_now),
            turns=ParentTurns(DynamoDbLeases(settings.lease_table), utc_now),
        ),
        settle_changes=build_settle_changes(settings, change_log, guard),
        clock=utc_now,
        new_owner=lambda: uuid.uuid4().hex,
    )
    use_case = build_hand_over(settings, by_rest, gate, routes)
    return UpsertParts(use_case, SqsQueue(settings.inbound_dead_letter_queue_url), meter)


def build_settle_changes(settings: LaneSettings, change_log: "ChangeLog", guard: "VersionGuard") -> "SettleChanges":
    """Build who books what became of changes."""
    import random

    from lockstep.adapters.error_log import DynamoDbErrorLog
    from lockstep.adapters.inbound_queue import SqsQueue
    from lockstep.adapters.payload_store import S3PayloadStore
    from lockstep.domain.backoff import RetrySchedule
    from lockstep.services.log_failures import LogFailures
    from lockstep.services.settle_changes import SettleChanges

    error_log = DynamoDbErrorLog(settings.error_log_table, settings.change_log_retention_days)
    return SettleChanges(
        change_log=change_log,
        guard=guard,
        inbound=SqsQueue(settings.inbound_queue_url),
        error_log=error_log,
        log_failures=LogFailures(error_log, S3PayloadStore(settings.payload_bucket)),
        clock=utc_now,
        uniform=random.uniform,
        schedule=RetrySchedule(settings.max_tries, settings.first_retry_seconds),
    )


def build_send_due_retries(settings: RetrySettings) -> "SendDueRetries":
    """Build the use case of the retry function."""
    from lockstep.adapters.circuit_store import DynamoDbCircuits
    from lockstep.adapters.error_log import DynamoDbErrorLog
    from lockstep.adapters.inbound_queue import SqsQueue
    from lockstep.services.send_due_retries import SendDueRetries

    return SendDueRetries(
        error_log=DynamoDbErrorLog(settings.error_log_table, settings.change_log_retention_days),
        inbound=SqsQueue(settings.inbound_queue_url),
        circuits=DynamoDbCircuits(settings.connection_table),
        clock=utc_now,
    )


def build_take_dead_letters(settings: DeadLetterSettings) -> "TakeDeadLetters":
    """Build the use case of the dead_letter function."""
    from lockstep.adapters.change_log import DynamoDbChangeLog
    from lockstep.adapters.error_log import DynamoDbErrorLog
    from lockstep.adapters.payload_store import S3PayloadStore
    from lockstep.adapters.version_guard import DynamoDbVersionGuard
    from lockstep.runtime.route_files import load_route_models
    from lockstep.services.log_failures import LogFailures
    from lockstep.services.take_dead_letters import TakeDeadLetters

    error_log = DynamoDbErrorLog(settings.error_log_table, settings.change_log_retention_days)
    return TakeDeadLetters(
        change_log=DynamoDbChangeLog(settings.change_log_table, 0, settings.change_log_retention_days),
        guard=DynamoDbVersionGuard(settings.version_guard_table, 0),
        log_failures=LogFailures(error_log, S3PayloadStore(settings.payload_bucket)),
        clock=utc_now,
        objects={(route.source, route.entity): route.object_name for route in load_route_models().values()},
    )


def build_gateway(settings: SignInSettings, meter: "ApiMeter") -> "SalesforceRest":
    """Build a client of the org that has not signed in yet."""
    from lockstep.adapters.salesforce import SalesforceRest
    from lockstep.adapters.salesforce_session import TimeLimitedSession
    from lockstep.runtime.sign_in import build_sign_in

    session = TimeLimitedSession()
    meter.watch(session)
    return SalesforceRest(build_sign_in(settings, session, utc_now), settings.salesforce_api_version, session)


def build_gate(settings: LaneSettings, routes: "Mapping[str, Route]", source: "DescribeSource") -> "RouteGate":
    """Build who holds the routes that do not fit the org."""
    from lockstep.adapters.alert_topic import SnsAlerts
    from lockstep.adapters.describe_store import S3DescribeStore
    from lockstep.adapters.leases import DynamoDbLeases
    from lockstep.services.cached_describes import CachedDescribes
    from lockstep.services.check_routes import RouteGate

    leases = DynamoDbLeases(settings.lease_table)
    store = S3DescribeStore(settings.payload_bucket)
    return RouteGate(
        routes=routes,
        describes=CachedDescribes(source=source, store=store, leases=leases, clock=utc_now),
        leases=leases,
        alerts=SnsAlerts(settings.alert_topic_arn, settings.stack_name),
        clock=utc_now,
        max_age_s=settings.describe_max_age_seconds,
        holds=settings.hold_broken_routes,
    )


def build_post_alerts(settings: NotifySettings) -> "PostAlerts":
    """Build the use case of the notify function."""
    import requests

    from lockstep.adapters.chat_webhook import ChatWebhook
    from lockstep.adapters.secrets import SecretsManagerSecrets
    from lockstep.services.post_alerts import PostAlerts

    secrets = SecretsManagerSecrets(settings.secret_prefix, settings.secret_max_age_seconds)
    return PostAlerts(ChatWebhook(secrets, CHAT_SECRET, requests.Session()))

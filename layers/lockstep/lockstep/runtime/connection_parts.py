"""Puts together what keeps the connection with the org: the lanes' breaker and the monitor; see `bootstrap`."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from lockstep.domain.budget import ApiBudget, Lane
from lockstep.runtime import bootstrap
from lockstep.runtime.connection_metrics import log_trouble
from lockstep.runtime.settings import LaneSettings, MonitorSettings, SignInSettings
from lockstep.runtime.sign_in import SALESFORCE_SECRET

if TYPE_CHECKING:
    from lockstep.adapters.api_meter import ApiMeter
    from lockstep.domain.credentials import Credentials
    from lockstep.ports.error_log import ErrorLog
    from lockstep.services.breaker import Breaker
    from lockstep.services.monitor_connection import MonitorConnection
    from lockstep.services.tell_failures import TellFailures
    from lockstep.services.watch_retries import WatchRetries


class _TopicBell:
    """Implements `ports.Bell`: the monitor listens to a topic. A name of its own function would be a circle."""

    def __init__(self, topic_arn: str, stack_name: str) -> None:
        from lockstep.adapters.alert_topic import SnsAlerts

        self._topic = SnsAlerts(topic_arn, stack_name)

    def ring(self) -> None:
        """Publish; what is said does not matter."""
        self._topic.tell("circuit", "the circuit has opened")


def build_breaker(settings: LaneSettings, lane: Lane, meter: "ApiMeter", clock: Callable[[], datetime]) -> "Breaker":
    """Build the watch of one lane."""
    from lockstep.adapters.circuit_store import DynamoDbCircuits, DynamoDbUsages
    from lockstep.services.breaker import Breaker

    return Breaker(
        circuits=DynamoDbCircuits(settings.connection_table),
        usages=DynamoDbUsages(settings.connection_table),
        meter=meter,
        bell=_TopicBell(settings.circuit_topic_arn, settings.stack_name),
        budget=ApiBudget(settings.api_reserve_percent),
        lane=lane,
        credentials=_credentials_reader(settings),
        clock=clock,
        on_trouble=log_trouble,
    )


@dataclass(frozen=True, slots=True)
class MonitorParts:
    """The monitor function's use cases, and who counts the API calls."""

    connection: "MonitorConnection"
    failures: "TellFailures"
    retries: "WatchRetries"
    meter: "ApiMeter"


def build_monitor(settings: MonitorSettings) -> MonitorParts:
    """Build the use cases of the monitor function."""
    from lockstep.adapters.api_meter import ApiMeter
    from lockstep.adapters.error_log import DynamoDbErrorLog
    from lockstep.services.watch_retries import WatchRetries

    meter = ApiMeter(bootstrap.utc_now)
    error_log = DynamoDbErrorLog(settings.error_log_table, settings.change_log_retention_days)
    return MonitorParts(
        connection=_build_connection(settings, meter),
        failures=_build_tell_failures(settings, error_log, meter),
        retries=WatchRetries(error_log, bootstrap.utc_now),
        meter=meter,
    )


def _build_connection(settings: MonitorSettings, meter: "ApiMeter") -> "MonitorConnection":
    from lockstep.adapters.alert_topic import SnsAlerts
    from lockstep.adapters.api_meter import SalesforceLimits
    from lockstep.adapters.circuit_store import DynamoDbCircuits, DynamoDbUsages
    from lockstep.adapters.lanes import EventSourceMappings
    from lockstep.services.monitor_connection import MonitorConnection
    from lockstep.services.probe_connection import ProbeConnection

    circuits, usages = DynamoDbCircuits(settings.connection_table), DynamoDbUsages(settings.connection_table)
    clock = bootstrap.utc_now
    probe = ProbeConnection(
        circuits=circuits,
        usages=usages,
        org=SalesforceLimits(lambda: bootstrap.build_gateway(settings, meter), meter, clock),
        budget=ApiBudget(settings.api_reserve_percent),
        credentials=_credentials_reader(settings),
        clock=clock,
        on_trouble=log_trouble,
    )
    lanes = EventSourceMappings([each.strip() for each in settings.lane_mapping_ids.split(",")])
    return MonitorConnection(
        circuits=circuits,
        usages=usages,
        lanes=lanes,
        alerts=SnsAlerts(settings.alert_topic_arn, settings.stack_name),
        probe=probe,
        clock=clock,
    )


def _build_tell_failures(settings: MonitorSettings, error_log: "ErrorLog", meter: "ApiMeter") -> "TellFailures":
    from lockstep.adapters.alert_topic import SnsAlerts
    from lockstep.adapters.digest_store import DynamoDbDigests
    from lockstep.adapters.leases import DynamoDbLeases
    from lockstep.services.mirror_failures import MirrorFailures
    from lockstep.services.tell_failures import TellFailures

    mirror = MirrorFailures(bootstrap.build_gateway(settings, meter)) if settings.mirror_errors else None
    return TellFailures(
        error_log=error_log,
        digests=DynamoDbDigests(settings.connection_table),
        alerts=SnsAlerts(settings.alert_topic_arn, settings.stack_name),
        leases=DynamoDbLeases(settings.lease_table),
        mirror=mirror,
        clock=bootstrap.utc_now,
    )


def _credentials_reader(settings: SignInSettings) -> "Callable[[], Credentials]":
    from lockstep.adapters.secrets import StoredConnection
    from lockstep.domain.credentials import read_credentials

    secret = StoredConnection(settings.secret_prefix, SALESFORCE_SECRET)
    return lambda: read_credentials(secret.read(), secret.name)

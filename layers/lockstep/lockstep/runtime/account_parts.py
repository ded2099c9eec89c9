"""Puts together the use case of the account function; see `bootstrap`."""

from datetime import timedelta
from typing import TYPE_CHECKING

from lockstep.runtime import bootstrap
from lockstep.runtime.settings import AccountSettings

if TYPE_CHECKING:
    from lockstep.services.watch_books import WatchBooks

LEASE_S = 330  # longer than the account function runs


def build_watch_books(settings: AccountSettings) -> "WatchBooks":
    """Build the use case of the account function."""
    from lockstep.adapters.change_log_reader import ChangeLogReader
    from lockstep.adapters.circuit_store import DynamoDbCircuits
    from lockstep.adapters.error_log_desk import DynamoDbErrorDesk
    from lockstep.adapters.leases import DynamoDbLeases
    from lockstep.adapters.load_files import S3LoadFiles
    from lockstep.adapters.load_table import DynamoDbLoadBook
    from lockstep.adapters.queue_depth import SqsDepth
    from lockstep.adapters.round_store import DynamoDbRounds
    from lockstep.services.compare_books import CompareBooks
    from lockstep.services.open_backlogs import OpenBacklogs
    from lockstep.services.watch_books import Reading, WatchBooks

    memory = timedelta(days=settings.change_log_retention_days)
    changes = ChangeLogReader(settings.change_log_table, memory)
    return WatchBooks(
        changes=changes,
        compare=CompareBooks(changes, DynamoDbErrorDesk(settings.error_log_table), memory),
        queues=SqsDepth([settings.inbound_queue_url, settings.inbound_dead_letter_queue_url]),
        backlogs=OpenBacklogs(DynamoDbLoadBook(settings.load_table), S3LoadFiles(settings.payload_bucket)),
        circuits=DynamoDbCircuits(settings.connection_table),
        rounds=DynamoDbRounds(settings.connection_table),
        leases=DynamoDbLeases(settings.lease_table),
        clock=bootstrap.utc_now,
        reading=Reading(timedelta(seconds=settings.late_after_seconds), settings.account_megabytes, LEASE_S),
    )

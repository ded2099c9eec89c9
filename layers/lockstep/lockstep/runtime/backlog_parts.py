"""Puts together what hands backlogs over, and what the bulk functions do with them; see `bootstrap`."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from lockstep.domain.protection import may_outlive_its_wait
from lockstep.runtime import bootstrap
from lockstep.runtime.bulk_kit import BulkKit
from lockstep.runtime.settings import BulkSettings, UpsertSettings

if TYPE_CHECKING:
    from lockstep.domain.loads import Load
    from lockstep.domain.routes import Route
    from lockstep.services.backlog_changes import BacklogChanges
    from lockstep.services.check_routes import Gate
    from lockstep.services.collect_changes import CollectChanges
    from lockstep.services.hand_over import HandOver
    from lockstep.services.prepare_changes import PrepareChanges
    from lockstep.services.put_backlog import PutBacklog
    from lockstep.services.upsert_changes import Delivery, UpsertChanges, UpsertReport, Writing

_FULL_BATCH = 100  # Lambda hands over less than it may where messages are large


def build_hand_over(
    settings: UpsertSettings, by_rest: "UpsertChanges", gate: "Gate", routes: "Mapping[str, Route]"
) -> "HandOver":
    """Build the upsert function's use case around that of the REST lane."""
    from lockstep.adapters.backlog_queue import SqsBacklog
    from lockstep.services.backlog_watch import BacklogWatch
    from lockstep.services.hand_over import HandOver

    inbound = SqsBacklog(settings.inbound_queue_url)
    return HandOver(
        by_rest=by_rest,
        gate=gate,
        inbound=inbound,
        watch=BacklogWatch(inbound.waiting, settings.bulk_threshold, bootstrap.utc_now),
        put_backlog=_build_put_backlog(settings, routes),
        clock=bootstrap.utc_now,
        asks_from=min(settings.upsert_batch_size, _FULL_BATCH),
    )


def _build_put_backlog(settings: UpsertSettings, routes: "Mapping[str, Route]") -> "PutBacklog":
    import uuid

    from lockstep.adapters.chunk_queue import SqsChunkQueue
    from lockstep.adapters.load_files import S3LoadFiles
    from lockstep.adapters.load_table import DynamoDbLoadBook
    from lockstep.adapters.local_files import TemporaryFiles
    from lockstep.services.put_backlog import PutBacklog

    return PutBacklog(
        load_files=S3LoadFiles(settings.payload_bucket),
        local_files=TemporaryFiles(),
        book=DynamoDbLoadBook(settings.load_table),
        chunk_queue=SqsChunkQueue(settings.chunk_queue_url),
        names={(route.source, route.entity): name for name, route in routes.items()},
        clock=bootstrap.utc_now,
        new_id=lambda: uuid.uuid4().hex[:24],
    )


def build_prepare_changes(settings: BulkSettings, kit: BulkKit) -> "PrepareChanges":
    """Build what makes jobs of backlogs."""
    from lockstep.adapters.payload_store import S3PayloadStore
    from lockstep.services.prepare_changes import PrepareChanges

    return PrepareChanges(
        changes=_build_changes(settings, kit, kit.gate),
        load_files=kit.load_files,
        local_files=kit.local_files,
        payloads=S3PayloadStore(settings.payload_bucket),
    )


def build_collect_changes(settings: BulkSettings, kit: BulkKit) -> "CollectChanges":
    """Build what books backlogs."""
    from lockstep.services.backlog_changes import BookedGate
    from lockstep.services.collect_changes import CollectChanges
    from lockstep.services.read_results import ReadResults

    return CollectChanges(
        changes=_build_changes(settings, kit, BookedGate(kit.gate)),
        read_results=ReadResults(kit.bulk, kit.load_files, kit.local_files),
        gate=kit.gate,
    )


def build_may_leave(kit: BulkKit) -> "Callable[[Load], bool]":
    """Build who knows whether a job may go on when nobody waits for it any more."""

    def may_leave(load: "Load") -> bool:
        route = kit.routes.get((load.source, load.entity))
        return route is not None and may_outlive_its_wait(route)

    return may_leave


def _build_changes(settings: BulkSettings, kit: BulkKit, gate: "Gate") -> "BacklogChanges":
    from lockstep.adapters.change_log import DynamoDbChangeLog
    from lockstep.services.backlog_changes import BacklogChanges
    from lockstep.services.upsert_changes import UpsertChanges

    change_log = DynamoDbChangeLog(
        settings.change_log_table, settings.chunk_lease_seconds, settings.change_log_retention_days
    )
    settle_changes = bootstrap.build_settle_changes(settings, change_log, kit.guard)

    def steps(write: "Writing", owner: str) -> "Callable[[Sequence[Delivery], Callable[[], bool]], UpsertReport]":
        return UpsertChanges(
            gate=gate,
            change_log=change_log,
            guard=kit.guard,
            write_records=write,
            settle_changes=settle_changes,
            clock=bootstrap.utc_now,
            new_owner=lambda: owner,
        )

    return BacklogChanges(kit.load_files, steps)

"""Puts the use cases together that take files in."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lockstep.runtime.bootstrap import utc_now
from lockstep.runtime.settings import BulkDeadLetterSettings, BulkSplitSettings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lockstep.domain.routes import Route
    from lockstep.ports import DeadLetters
    from lockstep.ports.loads import ChunkQueue, LoadBook
    from lockstep.services.release_load import ReleaseLoad
    from lockstep.services.take_bulk_dead_letters import TakeBulkDeadLetters
    from lockstep.services.take_drops import TakeDrops
    from lockstep.services.tell_waiting import TellWaiting


@dataclass(frozen=True, slots=True)
class SplitParts:
    """The bulk_split function's use case, and where goes what is no drop at all."""

    use_case: "TakeDrops"
    dead_letters: "DeadLetters"


def build_take_drops(settings: BulkSplitSettings) -> SplitParts:
    """Build the use case of the bulk_split function."""
    from lockstep.adapters.chunk_queue import SqsChunkQueue
    from lockstep.adapters.drop_files import S3DropFiles, SqsDropQueue
    from lockstep.adapters.inbound_queue import SqsQueue
    from lockstep.adapters.load_table import DynamoDbLoadBook
    from lockstep.runtime.route_files import load_route_models
    from lockstep.services.cut_file import CutFile
    from lockstep.services.describe_file import DescribeFile
    from lockstep.services.take_drops import TakeDrops

    files, book = S3DropFiles(settings.payload_bucket), DynamoDbLoadBook(settings.load_table)
    routes, chunk_queue = load_route_models(), SqsChunkQueue(settings.chunk_queue_url)
    cut_file = CutFile(
        describe=DescribeFile(routes, files),
        files=files,
        book=book,
        chunk_queue=chunk_queue,
        clock=utc_now,
        chunk_rows=settings.chunk_rows,
    )
    use_case = TakeDrops(
        cut_file=cut_file,
        release=_build_release(settings, routes, book, chunk_queue),
        book=book,
        drop_queue=SqsDropQueue(settings.drop_queue_url),
        tell=_tell_waiting(settings),
        clock=utc_now,
    )
    return SplitParts(use_case, SqsQueue(settings.drop_dead_letter_queue_url))


def _build_release(
    settings: BulkSplitSettings, routes: "Mapping[str, Route]", book: "LoadBook", chunk_queue: "ChunkQueue"
) -> "ReleaseLoad":
    from lockstep.adapters.describe_store import S3DescribeStore
    from lockstep.adapters.load_files import S3LoadFiles
    from lockstep.services.kept_limits import with_kept_limits
    from lockstep.services.release_load import ReleaseLoad

    store = S3DescribeStore(settings.payload_bucket)
    return ReleaseLoad(
        routes=routes,
        compiled=lambda route: with_kept_limits(route, store),
        files=S3LoadFiles(settings.payload_bucket),
        book=book,
        chunk_queue=chunk_queue,
        clock=utc_now,
    )


def build_take_bulk_dead_letters(settings: BulkDeadLetterSettings) -> "TakeBulkDeadLetters":
    """Build the use case of the bulk_dead_letter function."""
    from lockstep.adapters.error_log import DynamoDbErrorLog
    from lockstep.adapters.load_table import DynamoDbLoadBook
    from lockstep.adapters.payload_store import S3PayloadStore
    from lockstep.services.log_failures import LogFailures
    from lockstep.services.take_bulk_dead_letters import TakeBulkDeadLetters

    error_log = DynamoDbErrorLog(settings.error_log_table, settings.change_log_retention_days)
    return TakeBulkDeadLetters(
        book=DynamoDbLoadBook(settings.load_table),
        log_failures=LogFailures(error_log, S3PayloadStore(settings.payload_bucket)),
        tell=_tell_waiting(settings),
        clock=utc_now,
    )


def _tell_waiting(settings: BulkSplitSettings | BulkDeadLetterSettings) -> "TellWaiting":
    from lockstep.adapters.alert_topic import SnsAlerts
    from lockstep.adapters.leases import DynamoDbLeases
    from lockstep.services.tell_waiting import TellWaiting

    alerts = SnsAlerts(settings.alert_topic_arn, settings.stack_name)
    return TellWaiting(alerts, DynamoDbLeases(settings.lease_table), utc_now)

"""Puts together the use cases of the bulk functions; see `bootstrap`."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lockstep.runtime import bootstrap
from lockstep.runtime.backlog_parts import build_collect_changes, build_may_leave, build_prepare_changes
from lockstep.runtime.bulk_kit import BulkKit, build_kit
from lockstep.runtime.settings import BulkPollSettings, BulkSettings

if TYPE_CHECKING:
    from lockstep.adapters.api_meter import ApiMeter
    from lockstep.services.collect_results import CollectResults
    from lockstep.services.compare_file import CompareFile, PollOrCompare
    from lockstep.services.finish_load import FinishLoad
    from lockstep.services.prepare_rows import PrepareRows
    from lockstep.services.settle_earlier import SettleEarlier
    from lockstep.services.submit_chunk import SubmitChunk
    from lockstep.services.sweep_loads import SweepLoads


@dataclass(frozen=True, slots=True)
class SubmitParts:
    """The bulk_submit function's use case, and who counts the API calls."""

    use_case: "SubmitChunk"
    meter: "ApiMeter"


@dataclass(frozen=True, slots=True)
class PollParts:
    """The bulk_poll function's use cases, and who counts the API calls."""

    use_case: "PollOrCompare"
    sweep: "SweepLoads"
    meter: "ApiMeter"


def build_submit_chunk(settings: BulkSettings) -> SubmitParts:
    """Build the use case of the bulk_submit function."""
    import random
    import uuid

    from lockstep.services.chunk_kinds import PrepareChunk
    from lockstep.services.plan_rows import PlanRows
    from lockstep.services.submit_chunk import SubmitChunk

    kit = build_kit(settings)
    use_case = SubmitChunk(
        gate=kit.gate,
        desk=kit.desk,
        bulk=kit.bulk,
        slots=kit.slots,
        connection=kit.connection,
        prepare=PrepareChunk(
            PlanRows(kit.routes, kit.gate), _build_prepare_rows(kit), build_prepare_changes(settings, kit)
        ),
        finish=_build_finish(kit),
        local_files=kit.local_files,
        clock=bootstrap.utc_now,
        uniform=random.uniform,
        new_owner=lambda: uuid.uuid4().hex,
        lease_s=settings.chunk_lease_seconds,
        give_back_after_s=settings.bulk_give_back_minutes * 60,
        schedule=kit.schedule,
    )
    return SubmitParts(use_case, kit.meter)


def build_poll_job(settings: BulkPollSettings) -> PollParts:
    """Build the use cases of the bulk_poll function."""
    import random
    import uuid

    from lockstep.services.chunk_kinds import CollectChunk
    from lockstep.services.compare_file import PollOrCompare
    from lockstep.services.end_attempt import EndAttempt
    from lockstep.services.plan_rows import PlanRows
    from lockstep.services.poll_job import PollJob

    kit = build_kit(settings)
    finish = _build_finish(kit)
    poll = PollJob(
        desk=kit.desk,
        bulk=kit.bulk,
        slots=kit.slots,
        connection=kit.connection,
        collect=CollectChunk(
            PlanRows(kit.routes, kit.gate), _build_collect(kit, settings), build_collect_changes(settings, kit)
        ),
        finish=finish,
        clock=bootstrap.utc_now,
        new_owner=lambda: uuid.uuid4().hex,
        lease_s=settings.chunk_lease_seconds,
        stuck_after_s=settings.bulk_stuck_after_minutes * 60,
        give_back_after_s=settings.bulk_give_back_minutes * 60,
        may_leave=build_may_leave(kit),
        end=EndAttempt(kit.desk, kit.slots, kit.schedule, random.uniform),
        max_tries=kit.schedule.max_tries,
    )
    use_case = PollOrCompare(poll, _build_compare(kit, finish, settings))
    return PollParts(use_case, _build_sweep(kit, finish), kit.meter)


def _build_compare(kit: BulkKit, finish: "FinishLoad", settings: BulkPollSettings) -> "CompareFile":
    from lockstep.services.compare_file import CompareFile
    from lockstep.services.comparison_steps import ComparisonSteps
    from lockstep.services.load_key_lists import LoadKeyLists

    steps = ComparisonSteps(
        routes=kit.routes,
        gate=kit.gate,
        queries=kit.queries,
        key_lists=LoadKeyLists(kit.desk.book, kit.load_files, kit.local_files),
        load_files=kit.load_files,
        local_files=kit.local_files,
        settle=kit.settle,
    )
    return CompareFile(
        desk=kit.desk,
        steps=steps,
        connection=kit.connection,
        finish=finish,
        clock=bootstrap.utc_now,
        lease_s=settings.chunk_lease_seconds,
        stuck_after_s=settings.bulk_stuck_after_minutes * 60,
    )


def _build_prepare_rows(kit: BulkKit) -> "PrepareRows":
    from lockstep.services.allow_rows import AllowRows
    from lockstep.services.failed_rows import BeginFailedRows
    from lockstep.services.prepare_rows import PrepareRows

    return PrepareRows(
        load_files=kit.load_files,
        local_files=kit.local_files,
        allow_rows=AllowRows(kit.guard, kit.deletions, bootstrap.utc_now),
        settle=kit.settle,
        begin_failed_rows=BeginFailedRows(kit.settle, kit.log_failures, bootstrap.utc_now),
    )


def _build_collect(kit: BulkKit, settings: BulkSettings) -> "CollectResults":
    from lockstep.services.collect_results import CollectResults
    from lockstep.services.failed_rows import BeginFailedRows
    from lockstep.services.read_results import ReadResults
    from lockstep.services.undo_deleted import UndoDeleted

    return CollectResults(
        read_results=ReadResults(kit.bulk, kit.load_files, kit.local_files),
        load_files=kit.load_files,
        local_files=kit.local_files,
        guard=kit.guard,
        undo_deleted=UndoDeleted(kit.deletions, kit.gateway),
        settle=kit.settle,
        settle_earlier=_build_settle_earlier(kit, settings),
        begin_failed_rows=BeginFailedRows(kit.settle, kit.log_failures, bootstrap.utc_now),
        max_tries=settings.max_tries,
    )


def _build_settle_earlier(kit: BulkKit, settings: BulkSettings) -> "SettleEarlier":
    from lockstep.adapters.error_log import DynamoDbErrorLog
    from lockstep.adapters.error_log_desk import DynamoDbErrorDesk
    from lockstep.services.settle_earlier import SettleEarlier
    from lockstep.services.settle_older import SettleOlder

    return SettleEarlier(
        entries=DynamoDbErrorDesk(settings.error_log_table),
        error_log=DynamoDbErrorLog(settings.error_log_table, settings.change_log_retention_days),
        settle_older=SettleOlder(kit.change_log, kit.log_failures, bootstrap.utc_now),
        load_files=kit.load_files,
    )


def _build_finish(kit: BulkKit) -> "FinishLoad":
    from lockstep.services.begin_comparison import BeginComparison
    from lockstep.services.finish_load import FinishLoad
    from lockstep.services.plan_rows import PlanRows
    from lockstep.services.repeat_last_rows import RepeatLastRows

    repeat = RepeatLastRows(
        desk=kit.desk,
        plan_rows=PlanRows(kit.routes, kit.gate),
        load_files=kit.load_files,
        local_files=kit.local_files,
        clock=bootstrap.utc_now,
    )
    begin = BeginComparison(kit.desk, kit.routes, bootstrap.utc_now)
    return FinishLoad(kit.desk, bootstrap.utc_now, [repeat, begin])


def _build_sweep(kit: BulkKit, finish: "FinishLoad") -> "SweepLoads":
    from lockstep.services.sweep_loads import SweepLoads

    kinds = {(route.object_name, route.external_id.field) for route in kit.routes.values()}
    return SweepLoads(
        desk=kit.desk,
        finish=finish,
        bulk=kit.bulk,
        connection=kit.connection,
        leases=kit.leases,
        record_kinds=kinds,
        clock=bootstrap.utc_now,
    )

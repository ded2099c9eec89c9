"""Takes back what a job brought back: records that were deleted while it ran, by something newer than its rows."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from lockstep.domain.batches import slices, split
from lockstep.domain.job_rows import ManifestRow, manifest_key_of, manifest_row
from lockstep.domain.protection import Protection, is_older_than_deletion
from lockstep.domain.routes import Mark
from lockstep.domain.row_changes import row_order
from lockstep.domain.stamps import epoch_ms
from lockstep.ports.bulk import Deletion
from lockstep.ports.org import SalesforceGateway
from lockstep.services.known_deletions import KnownDeletions
from lockstep.services.prepare_rows import RowPlan

_RECORDS_PER_CALL = 200


class Undone(NamedTuple):
    """How many records were taken away again, and which rows are newer than a deletion of the job's time.

    Such a delete may have looked at the record before the row was written, and taken it away after.
    """

    records: int = 0
    doubted: tuple[ManifestRow, ...] = ()


class UndoDeleted:
    """Safe to repeat: a mark is a mark, and what is gone is gone."""

    def __init__(self, deletions: KnownDeletions, gateway: SalesforceGateway) -> None:
        self._deletions = deletions
        self._gateway = gateway

    def __call__(self, plan: RowPlan, written: Sequence[str]) -> Undone:
        """Delete or mark again what an older row brought back, and name the rows that a delete may have taken away.

        Where the version guard was asked for each row nothing could be deleted while the job had the record.

        Args:
            plan: Of the chunk.
            written: Lines of the list of the job's rows.

        Raises:
            SyncError: AWS_UNAVAILABLE, or what the org answers.
        """
        if plan.protection is Protection.CLAIMED or plan.chunk.submitted_at is None or not written:
            return Undone()
        load = plan.load
        deleted = self._deletions.since(load.source, load.object_name, epoch_ms(plan.chunk.submitted_at))
        rows = [manifest_row(line) for line in written if manifest_key_of(line) in deleted] if deleted else []
        back, newer = split(rows, lambda row: self._is_older(plan, row, deleted[row.key]))
        for some in slices(back, _RECORDS_PER_CALL):
            self._undo(plan, some, deleted)
        return Undone(len(back), tuple(newer))

    def _is_older(self, plan: RowPlan, row: ManifestRow, deletion: Deletion) -> bool:
        order = row_order(plan.load, row.line, row.version)
        return is_older_than_deletion(order, deletion.version, is_versioned=plan.is_versioned)

    def _undo(self, plan: RowPlan, rows: Sequence[ManifestRow], deleted: Mapping[str, Deletion]) -> None:
        route = plan.route
        if isinstance(route.on_delete, Mark):
            marks = [route.to_mark(row.key, deleted[row.key].version.stamp) for row in rows]
            self._gateway.upsert(route.object_name, route.external_id_field, marks)
            return
        # Only what is as the row left it: a newer change may have made the record anew.
        fields = [route.external_id_field, *([route.version_field] if route.version_field else [])]
        wanted = [(row.key, row.version)[: len(fields)] for row in rows]
        found = self._gateway.find(route.object_name, fields, wanted)
        self._gateway.delete_ids([each for each in found.values() if isinstance(each, str)])

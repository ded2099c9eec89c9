"""Says what is done with the rows of a chunk, from its route."""

from collections.abc import Mapping

from lockstep.domain.chunks import Chunk
from lockstep.domain.failures import FailureKind, SyncError
from lockstep.domain.loads import Load
from lockstep.domain.protection import protection_of
from lockstep.domain.routes import Route
from lockstep.domain.row_meaning import row_meaning
from lockstep.services.check_routes import Gate
from lockstep.services.prepare_rows import RowPlan


class PlanRows:
    """Knows the routes.

    Args:
        routes: As they are written, by source and entity.
        gate: Has them with what is known of the org.
    """

    def __init__(self, routes: Mapping[tuple[str, str], Route], gate: Gate) -> None:
        self._routes = routes
        self._gate = gate

    def __call__(self, load: Load, chunk: Chunk) -> RowPlan:
        """Return the plan.

        Raises:
            SyncError: ROUTE_MISSING, ROUTE_BROKEN.
        """
        key = (load.source, load.entity)
        route, compiled = self._routes.get(key), self._gate.route(key)
        if route is None or compiled is None or route.file is None:
            reason = f"no route takes files of {load.entity} of {load.source}; add its `file` section and deploy it"
            raise SyncError(FailureKind.ROUTE_MISSING, reason)
        try:
            meaning = row_meaning(route.file, compiled, load, chunk)
        except ValueError as exc:
            raise SyncError(FailureKind.ROUTE_BROKEN, f"the file does not fit the route {load.route}: {exc}") from exc
        rules = route.file
        return RowPlan(
            load,
            chunk,
            compiled,
            meaning,
            protection_of(route),
            is_versioned=rules.version is not None,
            has_own_versions=rules.version_column is not None,
            keeps_keys=rules.whole is not None and not load.is_part and chunk.line_numbers,
        )

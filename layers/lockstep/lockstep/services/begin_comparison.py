"""Begins the comparison of a load that is the whole truth with the org, once all of its rows are at their end."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from lockstep.domain.comparisons import Comparison
from lockstep.domain.dialects import FileFormat
from lockstep.domain.loads import Load, LoadState
from lockstep.domain.routes import Route
from lockstep.services.load_desk import LoadDesk

# Longer than a look waits for its turn and lasts.
_LOST_AFTER = timedelta(minutes=20)


class BeginComparison:
    """A last step of a load; safe to repeat.

    Args:
        routes: As they are written, by source and entity.
    """

    def __init__(self, desk: LoadDesk, routes: Mapping[tuple[str, str], Route], clock: Callable[[], datetime]) -> None:
        self._desk = desk
        self._routes = routes
        self._clock = clock

    def __call__(self, load: Load) -> bool:
        """Return True where there is nothing to compare, or it has been; False where there is more to wait for.

        Raises:
            SyncError: AWS_UNAVAILABLE.
        """
        if load.comparison is None:
            wanted = self._wanted(load)
            if wanted is None:
                return True
            # The step before has changed the load: its present revision is asked for.
            begun = self._desk.change_load(load.load_id, lambda now: None if now.comparison else _with(now, wanted))
            if begun:
                self._desk.compare_later(begun)
            return False
        if load.comparison.is_over:
            return True
        if load.state is not LoadState.WAITING and self._is_lost(load, load.comparison):
            self._desk.compare_later(load)
        return False

    def _wanted(self, load: Load) -> Comparison | None:
        route = self._routes.get((load.source, load.entity))
        whole = route.file.whole if route and route.file else None
        is_file = load.dialect is not None and load.dialect.format is not FileFormat.CHANGES
        if whole is None or load.is_part or not is_file:
            return None
        return Comparison(
            rule=whole.missing,
            limit_percent=whole.limit_percent,
            cutoff_ms=max(load.file_time_ms - whole.export_minutes * 60_000, 0),
        )

    def _is_lost(self, load: Load, comparison: Comparison) -> bool:
        touched = max(load.updated_at, comparison.held_until or load.updated_at)
        return touched < self._clock() - _LOST_AFTER


def _with(load: Load, comparison: Comparison) -> Load:
    return load.changed(comparison=comparison)

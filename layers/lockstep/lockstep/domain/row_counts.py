"""Where the rows of a load are, by numbers: of all of them, and of one ingest job."""

from collections.abc import Iterable, Mapping

from pydantic import Field, NonNegativeInt

from lockstep.domain.model import Shape


class RowCounts(Shape):
    """Where rows are: each that was read is in exactly one of the others, or still on its way.

    `rejected` could not be mapped, `logged` were refused by the org: both are in the error log. `by_rest` went to the
    inbound queue. `failures` says of rejected and logged ones why, by failure kind.
    """

    read: NonNegativeInt = 0
    rejected: NonNegativeInt = 0
    not_meant: NonNegativeInt = 0  # the route's condition does not hold
    collapsed: NonNegativeInt = 0  # another row of the chunk has the same key and is newer
    superseded: NonNegativeInt = 0  # something newer stands in the org, or a deletion is newer
    by_rest: NonNegativeInt = 0
    succeeded: NonNegativeInt = 0
    logged: NonNegativeInt = 0
    failures: Mapping[str, NonNegativeInt] = Field(default_factory=dict)

    @property
    def ended(self) -> int:
        """Rows that this load has nothing more to do for."""
        refused = self.rejected + self.logged
        return refused + self.not_meant + self.collapsed + self.superseded + self.by_rest + self.succeeded

    @property
    def on_their_way(self) -> int:
        """Rows that are neither at their end nor anywhere else; never below zero where the books are right."""
        return self.read - self.ended

    def __add__(self, other: "RowCounts") -> "RowCounts":
        """Add up place by place."""
        kinds = {*self.failures, *other.failures}
        failures = {kind: self.failures.get(kind, 0) + other.failures.get(kind, 0) for kind in sorted(kinds)}
        sums = {
            name: getattr(self, name) + getattr(other, name) for name in RowCounts.model_fields if name != "failures"
        }
        return RowCounts(**sums, failures=failures)

    @classmethod
    def sum_of(cls, counts: Iterable["RowCounts"]) -> "RowCounts":
        """Add up many."""
        total = cls()
        for each in counts:
            total += each
        return total


class JobRows(Shape):
    """What one ingest job was given, and what it says of that: the four must balance."""

    submitted: NonNegativeInt = 0
    successful: NonNegativeInt = 0
    failed: NonNegativeInt = 0
    unprocessed: NonNegativeInt = 0

    @property
    def missing(self) -> int:
        """Rows that no result file names."""
        return self.submitted - self.successful - self.failed - self.unprocessed


NO_ROWS = RowCounts()
NO_JOB = JobRows()

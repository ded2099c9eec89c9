"""A job that reads records, and its result."""

from array import array
from dataclasses import dataclass, field
from typing import NamedTuple

from local.org.bulk.spec import QuerySpec
from local.org.bulk.words import ENDED, JobState


class QueryColumn(NamedTuple):
    """One column: the names that lead to its value, and the type that its text depends on."""

    path: tuple[str, ...]
    apex_type: str

    @property
    def name(self) -> str:
        """The column's name in the header."""
        return ".".join(self.path)


class QueryPlan(NamedTuple):
    """What a query job will read."""

    object_name: str
    columns: tuple[QueryColumn, ...]


@dataclass(slots=True)
class ResultTable:
    """The rows of a result as CSV: one text, and where each row ends in it."""

    header: bytes = b""
    rows: bytes = b""
    ends: "array[int]" = field(default_factory=lambda: array("Q"))

    def page(self, start: int, count: int) -> list[bytes]:
        """Return the header and so many rows from `start`, counted from 0."""
        first = self.ends[start - 1] if start else 0
        last = self.ends[min(start + count, len(self.ends)) - 1] if self.ends else 0
        return [self.header, self.rows[first:last]]


@dataclass(slots=True, eq=False)
class QueryJob:
    """A job that reads records. Times are the org's, in seconds since 1970; stamps are as REST shows them."""

    id: str
    spec: QuerySpec
    plan: QueryPlan
    version: float
    user_id: str
    created_at_s: float
    created_date: str
    modified_date: str
    state: JobState = JobState.UPLOAD_COMPLETE
    processed: int = 0
    error_message: str | None = None
    result: ResultTable = field(default_factory=ResultTable)

    @property
    def object_name(self) -> str:
        """The object that is read."""
        return self.plan.object_name

    @property
    def has_ended(self) -> bool:
        """True where nothing more will happen to the job."""
        return self.state in ENDED

"""A job that reads records, and its result."""

from array import array
from dataclasses import dataclass, field

from local.org.bulk.spec import QuerySpec
from local.org.bulk.words import ENDED, JobState


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
    object_name: str
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
    def has_ended(self) -> bool:
        """True where nothing more will happen to the job."""
        return self.state in ENDED

"""A job and what is known of it."""

from dataclasses import dataclass, field

from local.org.bulk.results import ResultFile
from local.org.bulk.spec import IngestSpec
from local.org.bulk.words import ENDED, JobState


@dataclass(slots=True, eq=False)
class IngestJob:
    """A job that writes rows. Times are the org's, in seconds since 1970; stamps are as REST shows them."""

    id: str
    spec: IngestSpec
    object_name: str
    version: float
    user_id: str
    created_at_s: float
    created_date: str
    modified_date: str
    state: JobState = JobState.OPEN
    content: bytes = b""
    is_uploaded: bool = False
    closed_at_s: float = 0.0
    processed: int = 0
    refused: int = 0
    batches: int = 0
    error_message: str | None = None
    successful: ResultFile | None = None
    failed: ResultFile | None = None
    unprocessed: list[bytes] = field(default_factory=list)

    @property
    def has_ended(self) -> bool:
        """True where nothing more will happen to the job."""
        return self.state in ENDED

    def count(self, written: int, refused: int) -> None:
        """Count a chunk's rows; processed rows are all that were tried."""
        self.processed += written + refused
        self.refused += refused

    def end(self, unprocessed: list[bytes]) -> None:
        """Keep the rows that were not tried and let the upload go."""
        self.unprocessed, self.content = unprocessed, b""

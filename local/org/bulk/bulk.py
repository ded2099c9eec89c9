"""The org's bulk jobs as the rest of the org sees them."""

from collections.abc import Mapping
from itertools import count
from typing import Any

from local.org.bulk.job import IngestJob
from local.org.bulk.jobs import IngestJobs
from local.org.bulk.progress import Progress
from local.org.bulk.query_jobs import QueryJobs
from local.org.bulk.settings import BulkSettings
from local.org.bulk.strikes import JobStrikes
from local.org.clock import OrgClock
from local.org.collection_writes import CollectionWriter
from local.org.faults import Faults
from local.org.store import Store


class Bulk:
    """All bulk jobs of one org. Hold the org's lock around every call."""

    def __init__(
        self,
        clock: OrgClock,
        store: Store,
        collections: CollectionWriter,
        user_id: str,
        settings: BulkSettings,
        faults: Faults,
    ) -> None:
        strikes, next_number = JobStrikes(faults, clock), count(1).__next__
        self.ingest = IngestJobs(clock, next_number, store.schema, user_id, settings)
        self.queries = QueryJobs(clock, next_number, store, user_id, strikes)
        self.progress = Progress(self.ingest, clock, store, collections, strikes)

    @property
    def settings(self) -> BulkSettings:
        """How jobs are worked off."""
        return self.ingest.settings

    def change(self, changes: Mapping[str, Any]) -> None:
        """Change how jobs are worked off, running ones too; pydantic.ValidationError for what cannot be."""
        self.ingest.settings = BulkSettings(**{**self.settings.model_dump(), **changes})

    def look(self, most_chunks: int | None = None) -> bool:
        """Do what is due, at most so many chunks; True where more is due at once."""
        self.queries.look(self.settings)
        return self.progress.look(most_chunks)

    def abort(self, job: IngestJob) -> None:
        """Stop a job, whoever asks for it.

        Raises:
            OrgError: It has ended.
        """
        self.ingest.abort(job)
        self.progress.drop(job)

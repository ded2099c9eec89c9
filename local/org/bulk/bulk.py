"""The org's bulk jobs as the rest of the org sees them."""

from local.org.bulk.job import IngestJob
from local.org.bulk.jobs import IngestJobs
from local.org.bulk.progress import Progress
from local.org.bulk.settings import BulkSettings
from local.org.clock import OrgClock
from local.org.collection_writes import CollectionWriter
from local.org.store import Store


class Bulk:
    """All bulk jobs of one org. Hold the org's lock around every call."""

    def __init__(
        self, clock: OrgClock, store: Store, collections: CollectionWriter, user_id: str, settings: BulkSettings
    ) -> None:
        self.ingest = IngestJobs(clock, store.schema, user_id, settings)
        self.progress = Progress(self.ingest, clock, store, collections)

    def look(self) -> None:
        """Do what is due."""
        self.progress.look()

    def abort(self, job: IngestJob) -> None:
        """Stop a job, whoever asks for it.

        Raises:
            OrgError: It has ended.
        """
        self.ingest.abort(job)
        self.progress.drop(job)

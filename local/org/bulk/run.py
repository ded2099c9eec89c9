"""Works an ingest job off, chunk by chunk, through the same writes as sObject Collections."""

from collections.abc import Callable, Iterator, Sequence

from local.org.bulk.cells import read_chunk
from local.org.bulk.chunk_writes import ChunkWriter
from local.org.bulk.csv_text import Chunk, CsvText, rest_of
from local.org.bulk.header import read_header
from local.org.bulk.job import IngestJob
from local.org.bulk.results import Layout, ResultFile, ResultRow, error_text
from local.org.collection_writes import CollectionWriter
from local.org.rows import Row
from local.org.store import Store

_FIRST_VERSION_WITH_ID_OF_FAILED = 53.0


class IngestRun:
    """One job's way through its rows."""

    def __init__(
        self, job: IngestJob, store: Store, collections: CollectionWriter, begin_batch: Callable[[], None]
    ) -> None:
        """Read the header and the first batch; `begin_batch` may refuse each batch.

        Raises:
            JobFaultError: The job cannot start.
        """
        self._job = job
        self._begin_batch = begin_batch
        self._writer = ChunkWriter(job, store, collections)
        self._text = CsvText(job.content, job.spec.column_delimiter, job.spec.line_ending)
        self._header = read_header(store, self._writer.table, job.spec.operation, self._text.columns)
        self._layout = self._make_layout()
        self._successful = job.successful = ResultFile(self._layout, "sf__Created")
        self._failed = job.failed = ResultFile(self._layout, "sf__Error")
        self._chunks = self._read()
        self.chunk = next(self._chunks, None)

    def _make_layout(self) -> Layout:
        spec, header = self._job.spec, self._header
        layout = Layout(spec.column_delimiter, spec.line_ending, self._text.header, header.double_places)
        layout.sort_columns(self._job.version, header.names)
        return layout

    def _read(self) -> Iterator[Chunk]:
        for batch in self._text.batches():
            self._begin_batch()
            self._job.batches += 1
            yield from batch

    def step(self) -> None:
        """Write the chunk that is next.

        Raises:
            JobFaultError: The batch after it cannot be read, or is refused.
        """
        chunk, self.chunk = self.chunk, None
        if chunk is not None:
            self._write(chunk.rows)
            self.chunk = next(self._chunks, None)

    def renew(self) -> None:
        """Count on nothing that was read of the org before: others may have written since."""
        self._writer.renew()

    def unprocessed(self) -> list[bytes]:
        """Return the header and the rows that were not tried, as they were sent."""
        lines = self.chunk.first_line if self.chunk else self._text.batch_line
        return [self._text.header_line, rest_of(self._job.content, lines)]

    def _write(self, chunk: Sequence[list[str]]) -> None:
        rows = read_chunk(self._header, chunk)
        written: list[ResultRow] = []
        refused: list[ResultRow] = []
        for cells, row, result in zip(chunk, rows, self._writer.write(rows), strict=True):
            if result["success"]:
                created = result.get("created", self._writer.creates)
                written.append(((result["id"], "true" if created else "false"), cells))
            else:
                refused.append(((self._id_of(row), error_text(result["errors"])), cells))
        self._successful.append(self._layout.successful(written))
        self._failed.append(self._layout.failed(refused))
        self._job.count(len(written), len(refused))

    def _id_of(self, row: Row) -> str:
        """Return the id of a refused row's record where it is known."""
        return self._writer.id_of(row) if self._job.version >= _FIRST_VERSION_WITH_ID_OF_FAILED else ""

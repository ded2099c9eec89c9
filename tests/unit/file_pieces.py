"""Files as tests cut and read them."""

import io
from datetime import UTC, datetime

from lockstep.domain.changes import PayloadReference
from lockstep.domain.chunks import Chunk
from lockstep.domain.cuts import Cutter, Place
from lockstep.domain.dialects import Dialect, FileFormat
from lockstep.domain.file_rows import read_objects, read_rows

START = Place(0, 0)
HUGE = 10**9


def dialect(columns=2, delimiter=",", encoding="utf-8", file_format=FileFormat.CSV):
    header = tuple(f"c{number}" for number in range(columns))
    return Dialect(format=file_format, encoding=encoding, delimiter=delimiter, header=header)


def cuts_of(data, of, *, rows=HUGE, max_bytes=HUGE, block=1 << 20, start=START):
    """Return the pieces of a file without a header, read block by block."""
    cutter = Cutter(of, start, rows, max_bytes)
    pieces = [cut for at in range(0, len(data), block) for cut in cutter.take(data[at : at + block])]
    return [*pieces, *cutter.finish()]


def chunk_of(of, cut=None, **changes):
    start, end = (cut.start, cut.end) if cut else (START, Place(0, 0))
    return Chunk(
        load_id="l",
        number=1,
        object_name="Account",
        file=PayloadReference(bucket="b", key="k"),
        dialect=of,
        first_byte=start.byte,
        end_byte=end.byte,
        first_line=start.lines + 1,
        updated_at=datetime(2026, 11, 26, tzinfo=UTC),
        **changes,
    )


def rows_of(data, of, cut=None, **changes):
    """Read a piece of the file, or all of it."""
    read = read_rows if of.format is FileFormat.CSV else read_objects
    piece = data[cut.start.byte : cut.end.byte] if cut else data
    return list(read(of, chunk_of(of, cut, **changes), io.BytesIO(piece)))


def rows_of_all(data, of, cuts):
    return [row for cut in cuts for row in rows_of(data, of, cut)]

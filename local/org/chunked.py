"""Chunked transfer coding: bodies whose length is not known when they begin."""

from io import BufferedIOBase

_MOST_LINE_BYTES = 4096


def read_chunked(source: BufferedIOBase, most_bytes: int) -> bytes | None:
    """Return the whole body, or None where it is malformed, cut off or longer than `most_bytes`."""
    body = bytearray()
    while (size := _chunk_size(source.readline(_MOST_LINE_BYTES))) is not None:
        if size == 0:
            return bytes(body) if _skip_trailers(source) else None
        if len(body) + size > most_bytes:
            return None
        chunk = source.read(size)
        if len(chunk) != size or source.read(2) != b"\r\n":
            return None
        body += chunk
    return None


def _chunk_size(line: bytes) -> int | None:
    digits = line.partition(b";")[0].strip()
    if not digits or len(digits) > 8 or not all(each in b"0123456789abcdefABCDEF" for each in digits):
        return None
    return int(digits, 16)


def _skip_trailers(source: BufferedIOBase) -> bool:
    while (line := source.readline(_MOST_LINE_BYTES)) not in {b"\r\n", b"\n"}:
        if not line:
            return False
    return True


def write_chunk(target: BufferedIOBase, chunk: bytes) -> None:
    """Write a chunk and no end; an empty one would be the end."""
    if chunk:
        target.write(b"%X\r\n%b\r\n" % (len(chunk), chunk))

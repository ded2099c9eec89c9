"""A file's text from a place on, wherever it is cut: as it lies, or decoded as it streams by."""

from collections.abc import Iterator
from typing import NamedTuple

from lockstep.domain.codings import UTF_8, Coding, Decoder
from lockstep.domain.file_problems import FileProblemError
from lockstep.domain.headers import MAX_HEADER_BYTES


class Sample(NamedTuple):
    """The beginning of a file's text, and how far it is from the file's first byte."""

    text: bytes
    encoding: str
    skipped: int


def decoded(blocks: Iterator[bytes], coding: Coding) -> Iterator[bytes]:
    """Give the text of a file in UTF-8.

    Raises:
        FileProblemError: The file cannot be unpacked.
    """
    decoder = Decoder(coding)
    for block in blocks:
        yield from decoder.take(block)
    yield decoder.finish()


def skipping(blocks: Iterator[bytes], amount: int) -> Iterator[bytes]:
    """Give the blocks without their first bytes."""
    for block in blocks:
        if amount < len(block):
            yield block[amount:]
        amount = max(amount - len(block), 0)


def sample_of(head: bytes, blocks: Iterator[bytes], coding: Coding) -> Sample:
    """Return what a header can be found in.

    Args:
        head: The first block of the file.
        blocks: Those after it, taken as far as they are needed.
        coding: What the head has shown.

    Raises:
        FileProblemError: The file cannot be unpacked.
    """
    if coding.is_plain:
        return Sample(head[coding.mark : coding.mark + MAX_HEADER_BYTES], coding.encoding, coding.mark)
    text = b""
    try:
        for part in decoded(_chained(head, blocks), coding):
            text += part
            if len(text) >= MAX_HEADER_BYTES:
                break
    except FileProblemError:
        if b"\n" not in text:
            raise
        # What is damaged comes after the header, and is told where the file is cut.
    return Sample(text[:MAX_HEADER_BYTES], UTF_8, 0)


def _chained(head: bytes, blocks: Iterator[bytes]) -> Iterator[bytes]:
    yield head
    yield from blocks

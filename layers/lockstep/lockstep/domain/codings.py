"""From the bytes of a file to its text: compression, byte order marks, encodings, the line breaks of old Macs."""

import codecs
import zlib
from collections.abc import Iterator
from typing import NamedTuple

from lockstep.domain.csv_records import ESCAPED
from lockstep.domain.file_problems import FileProblemError

UTF_8 = "utf-8"
# Text hardly ever shrinks to less than a fiftieth; what grows further than this is made to fill the memory.
MAX_RATIO = 200
_JUDGED_FROM_BYTES = 16 * 1024 * 1024
_PART_BYTES = 1024 * 1024
_GZIP_WINDOW = 31  # zlib: with the header and trailer of gzip

# The longer marks first: that of UTF-32 begins like that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, UTF_8),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_UNMARKED = {"utf-16": "utf-16-le", "utf-32": "utf-32-le", "utf-8-sig": UTF_8}
_OTHERS = (
    (b"PAR1", "Parquet"),
    (b"PK\x03\x04", "a ZIP archive or an Excel workbook"),
    (b"BZh", "compressed with bzip2"),
    (b"\xfd7zXZ\x00", "compressed with xz"),
    (b"\x28\xb5\x2f\xfd", "compressed with zstd"),
    (b"\xd0\xcf\x11\xe0", "an Excel workbook"),
)


class Coding(NamedTuple):
    """How a file's bytes are its text. `mark` is the length of the byte order mark."""

    is_gzip: bool
    encoding: str
    mark: int = 0
    has_lone_returns: bool = False

    @property
    def is_plain(self) -> bool:
        """True where the file can be cut where it lies: its line breaks, quotes and delimiters are single bytes."""
        return not self.is_gzip and not self.has_lone_returns and _is_ascii_like(self.encoding)


def coding_of(head: bytes, declared: str) -> Coding:
    """Look at a file's beginning; a byte order mark says more than what is declared.

    Raises:
        FileProblemError: It is no text.
    """
    is_gzip = head.startswith(b"\x1f\x8b")
    text = _inflated(head) if is_gzip else head
    for magic, what in _OTHERS:
        if text.startswith(magic):
            raise FileProblemError(f"the file is {what}", "write CSV or JSON Lines, as it is or compressed with gzip")
    for mark, encoding in _MARKS:
        if text.startswith(mark):
            return _with_returns(Coding(is_gzip, encoding, len(mark)), text)
    return _with_returns(Coding(is_gzip, _UNMARKED.get(declared, declared)), text)


def _inflated(head: bytes) -> bytes:
    try:
        return zlib.decompressobj(_GZIP_WINDOW).decompress(head, _PART_BYTES)
    except zlib.error:
        raise _damaged() from None


def _with_returns(coding: Coding, text: bytes) -> Coding:
    """Say whether lines end with a carriage return alone, as old Macs wrote them."""
    known = text[coding.mark :].decode(coding.encoding, "ignore")
    return coding._replace(has_lone_returns="\r" in known.rstrip("\r") and "\n" not in known)


def _is_ascii_like(encoding: str) -> bool:
    """True where every byte below 128 is its ASCII character, and no other character holds such a byte."""
    if encoding == UTF_8:
        return True
    ascii_bytes, all_bytes = bytes(range(128)), bytes(range(256))
    is_single = len(all_bytes.decode(encoding, "replace")) == len(all_bytes)
    return is_single and ascii_bytes.decode(encoding, "replace") == ascii_bytes.decode("ascii")


class Decoder:
    """Turns the bytes of a file into UTF-8, block by block; what is no text stays bytes that are none."""

    def __init__(self, coding: Coding) -> None:
        self._coding = coding
        self._unpack = _Unpacker() if coding.is_gzip else None
        errors = "surrogatepass" if coding.encoding.startswith("utf-") and coding.encoding != UTF_8 else ESCAPED
        self._errors = errors
        self._decoder = codecs.getincrementaldecoder(coding.encoding)(errors)
        self._mark = coding.mark

    def take(self, block: bytes) -> Iterator[bytes]:
        """Give what the next bytes are, in parts of a few MiB.

        Raises:
            FileProblemError: They are no gzip, or grow too much.
        """
        parts = self._unpack.take(block) if self._unpack else iter((block,))
        for part in parts:
            skipped, self._mark = part[self._mark :], max(self._mark - len(part), 0)
            yield self._text(self._decoder.decode(skipped))

    def finish(self) -> bytes:
        """Return the rest.

        Raises:
            FileProblemError: The file ends too early.
        """
        if self._unpack:
            self._unpack.finish()
        try:
            return self._text(self._decoder.decode(b"", final=True))
        except UnicodeDecodeError:
            return b"\xff"  # half a character: its row is told as one that is no text

    def _text(self, text: str) -> bytes:
        if self._coding.has_lone_returns:
            text = text.replace("\r", "\n")
        return text.encode(UTF_8, self._errors)


class _Unpacker:
    """gzip, of as many members as there are, in parts that do not grow."""

    def __init__(self) -> None:
        self._member = zlib.decompressobj(_GZIP_WINDOW)
        self._read = self._given = 0
        self._is_begun = False

    def take(self, block: bytes) -> Iterator[bytes]:
        self._read += len(block)
        while block:
            if self._member.eof:
                if not block.strip(b"\0"):  # gzip itself pads with zeros
                    return
                self._member = zlib.decompressobj(_GZIP_WINDOW)
            try:
                part = self._member.decompress(block, _PART_BYTES)
            except zlib.error:
                raise _damaged() from None
            block = self._member.unconsumed_tail or self._member.unused_data
            self._given += len(part)
            self._judge()
            yield part

    def finish(self) -> None:
        if not self._member.eof:
            raise FileProblemError("the compressed file ends too early", "write it again, and drop it when it is whole")

    def _judge(self) -> None:
        if self._given > max(_JUDGED_FROM_BYTES, MAX_RATIO * self._read):
            raise FileProblemError(
                f"the compressed file grows to more than {MAX_RATIO} times its size", "drop it as it is, not compressed"
            )


def _damaged() -> FileProblemError:
    return FileProblemError("the compressed file is damaged", "write it again, and drop it when it is whole")

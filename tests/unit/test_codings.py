"""A file's bytes become the same text in whatever blocks they come."""

import gzip
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lockstep.domain.codings import Coding, Decoder, coding_of
from lockstep.domain.file_problems import FileProblemError
from lockstep.domain.file_rows import BadRow
from tests.unit.file_pieces import dialect, rows_of

TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=60)


def decoded(content, coding, block):
    decoder = Decoder(coding)
    parts = [part for at in range(0, len(content), block) for part in decoder.take(content[at : at + block])]
    return b"".join([*parts, decoder.finish()])


@given(TEXT, st.sampled_from(["utf-8-sig", "utf-16", "utf-32"]), st.booleans(), st.integers(1, 9))
@settings(max_examples=150, deadline=None)
def test_marked_text_is_utf8_afterwards(text, encoding, packed, block):
    text = "id" + text.replace("\r", "") + "\n"
    content = gzip.compress(text.encode(encoding)) if packed else text.encode(encoding)

    coding = coding_of(content, "cp1252")

    assert decoded(content, coding, block) == text.encode()
    assert coding.is_plain == (encoding == "utf-8-sig" and not packed)


@pytest.mark.parametrize(
    ("encoding", "is_plain"),
    [("utf-8", True), ("cp1252", True), ("iso8859-15", True), ("koi8-r", True), ("cp932", False), ("gb18030", False),
     ("cp037", False), ("utf-16-le", False)],
)  # fmt: skip
def test_file_is_cut_where_it_lies_if_its_signs_are_single_bytes(encoding, is_plain):
    assert Coding(is_gzip=False, encoding=encoding).is_plain is is_plain


@pytest.mark.parametrize("encoding", ["cp932", "gb18030", "cp037"])
def test_other_encodings_are_decoded(encoding):
    text = "id,name\n1,日本\n" if encoding != "cp037" else "id,name\n1,Ada\n"

    assert decoded(text.encode(encoding), Coding(is_gzip=False, encoding=encoding), 3) == text.encode()


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        pytest.param("1,a\n2,b".encode("utf-16-le") + b"\x00", "utf-16-le", id="half a character at the end"),
        pytest.param("1,a\n2,".encode("utf-16-le") + b"\x00\xd8\n\x00", "utf-16-le", id="half a pair"),
        pytest.param(b"1,a\n2,\x81\xff\n", "cp932", id="no character"),
        pytest.param(b"1,a\n2,\xff\n", "utf-8", id="no UTF-8"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("block", [1, 100])
def test_what_is_no_text_spoils_its_row_only(content, encoding, block):
    text = decoded(content, Coding(is_gzip=False, encoding=encoding), block)

    first, second = rows_of(text, dialect(2))

    assert first == (1, ["1", "a"])
    assert isinstance(second, BadRow)
    assert "no text" in second.reason


def test_every_member_of_gzip_is_unpacked_and_nothing_after_the_padding():
    content = gzip.compress(b"1,a\n") + gzip.compress(b"") + gzip.compress(b"2,b\n") + b"\0" * 100

    for block in (1, 7, 1000):
        assert decoded(content, coding_of(content, "utf-8"), block) == b"1,a\n2,b\n"


@pytest.mark.parametrize("end", [b"garbage", b"\x1f\x8b\x08"], ids=["no gzip", "half a member"])
def test_what_follows_and_is_no_member_is_told(end):
    content = gzip.compress(b"1,a\n") + end

    with pytest.raises(FileProblemError, match=r"damaged|too early"):
        decoded(content, coding_of(content, "utf-8"), 1000)


def test_checksum_that_does_not_fit_is_told():
    content = bytearray(gzip.compress(b"1,a\n" * 100))
    content[-6] ^= 1

    with pytest.raises(FileProblemError, match="damaged"):
        decoded(bytes(content), coding_of(bytes(content), "utf-8"), 1000)


def test_bomb_is_given_up_while_it_is_small():
    bomb = zlib.compressobj(9, zlib.DEFLATED, 31)
    content = bomb.compress(b"\0" * (200 << 20)) + bomb.flush()
    parts = []

    with pytest.raises(FileProblemError, match="200 times"):
        parts.extend(Decoder(coding_of(content, "utf-8")).take(content))

    assert max(map(len, parts)) <= 1 << 20
    assert sum(map(len, parts)) <= 64 << 20


def test_text_that_shrinks_well_is_no_bomb():
    content = gzip.compress(b"".join(b"%d,1,Name,Berlin,Germany,energy,true,2026-01-01\n" % n for n in range(400_000)))

    assert len(decoded(content, coding_of(content, "utf-8"), 1 << 16)) > 16 << 20


@pytest.mark.parametrize(
    ("text", "lone"), [("id\r1\r", True), ("id\r\n1\r\n", False), ("id\n1\r2\n", False), ("id\r", False)]
)
def test_lines_of_old_macs_are_known_by_a_file_without_any_line_feed(text, lone):
    assert coding_of(text.encode(), "utf-8").has_lone_returns is lone

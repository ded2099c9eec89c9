"""A dropped file becomes a load whose chunks hold its rows, each once, whatever goes wrong on the way."""

import gzip
import itertools

import pytest

from lockstep.domain.chunks import ChunkMessage, ChunkState
from lockstep.domain.failures import FailureKind, SyncError
from lockstep.domain.load_parts import UNKNOWN
from lockstep.domain.loads import LoadState
from tests.unit.dropped import YESTERDAY, Site, event

HEADER = b"id,name\n"
ROWS = [(line, [str(line), f"n{line}"]) for line in range(2, 12)]
FILE = HEADER + b"".join(b"%s,%s\n" % (key.encode(), name.encode()) for _, (key, name) in ROWS)


def test_file_becomes_chunks_of_whole_rows_with_a_message_each():
    site = Site()

    load = site.drop("customers/nightly.csv", FILE)

    assert (load.state, load.is_split, load.chunks) == (LoadState.RUNNING, True, 4)
    assert (load.route, load.source, load.entity, load.object_name) == ("customers", "shop", "customer", "Account")
    assert (load.name, load.size_bytes, load.file_version) == ("nightly.csv", len(FILE), "v1")
    assert load.file_time_ms == YESTERDAY.timestamp() * 1000
    assert site.rows(load) == ROWS
    assert [chunk.rows for chunk in site.book.chunks(load.load_id)] == [3, 3, 3, 1]
    told = [ChunkMessage(load_id=load.load_id, number=number) for number in (1, 2, 3, 4)]
    assert site.chunks.sent == [*told, told[-1]]  # the last again: all may have ended before the cutting did


@pytest.mark.parametrize("key", ["customers/a b+c ü.csv", "customers/2026/11/26/x%20y.csv", "customers/日本.csv"])
def test_key_with_spaces_and_unicode_is_found(key):
    site = Site()

    load = site.drop(key, FILE)

    assert (load.name, load.file.key, len(site.rows(load))) == (key.removeprefix("customers/"), key, 10)


def test_the_same_object_twice_is_one_load():
    site = Site()
    load = site.drop("customers/a.csv", FILE)

    (taken,) = site.take(event("customers/a.csv", len(FILE)), lambda: True)

    assert (taken.load_id, taken.what, len(site.book.loads)) == (load.load_id, "is cut already", 1)
    assert site.book.loads[load.load_id] == load


def test_new_content_under_the_key_is_a_new_load():
    site = Site()
    site.drop("customers/a.csv", FILE)
    site.files.put("customers/a.csv", FILE, "v2", YESTERDAY)

    site.take(event("customers/a.csv", len(FILE), tag="e2", version="v2"), lambda: True)

    assert {load.file_version for load in site.book.loads.values()} == {"v1", "v2"}


def test_several_files_in_one_message_are_several_loads():
    site = Site()
    for key in ("customers/a.csv", "customers/b.csv"):
        site.files.put(key, FILE, written_at=YESTERDAY)
    first, second = (event(key, len(FILE)) for key in ("customers/a.csv", "customers/b.csv"))

    body = first.removesuffix("]}") + "," + second.removeprefix('{"Records": [')

    assert [taken.what for taken in site.take(body, lambda: True)] == ["is cut", "is cut"]


@pytest.mark.parametrize(
    "body",
    [
        '{"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "drops"}',
        event("customers/", 0),
        event("customers/a.csv", name="ObjectRemoved:Delete"),
        '{"Records": []}',
        '{"load_id": "unknown"}',
    ],
    ids=["test event", "folder", "removal", "nothing", "unknown load"],
)
def test_what_is_no_file_is_no_load(body):
    site = Site()

    assert site.take(body, lambda: True) == []
    assert site.book.loads == {}


@pytest.mark.parametrize("body", ["", "x", "[]", "null", "{}", '{"Records": [{}]}', '{"load_id": 1}'])
def test_what_is_no_message_is_refused(body):
    with pytest.raises(SyncError) as caught:
        Site().take(body, lambda: True)

    assert caught.value.kind is FailureKind.MESSAGE_INVALID


WAITING = {
    "no such route": ("nobody/a.csv", FILE, "there is no route nobody"),
    "no folder": ("a.csv", FILE, "the file lies in no folder"),
    "a route without files": ("hooks/a.csv", FILE, "has no section `file`"),
    "empty": ("customers/a.csv", b"", "the file is empty"),
    "blank": ("customers/a.csv", b"\n\r\n  \n", "the file is empty"),
    "no External ID": ("customers/a.csv", b"no,name\n1,x\n", "none of the columns in line 1, 2 in number, is id"),
    "a duplicate column": ("customers/a.csv", b"id,name,name\n1,x,y\n", "the header names twice: name"),
    "a column without name": ("customers/a.csv", b"id,,name\n1,x,y\n", "a column of the header has no name"),
    "a column within another": ("customers/a.csv", b"id,a,a.b\n1,x,y\n", "would be a part of the column a"),
    "a broken header": ("customers/a.csv", b'id,"na"me\n1,x\n', "its quotes do not pair"),
    "Parquet": ("customers/a.parquet", b"PAR1\x15\x04", "the file is Parquet"),
    "a workbook": ("customers/a.csv", b"PK\x03\x04\x00", "a ZIP archive or an Excel workbook"),
    "a JSON array": ("customers/a.json", b'[{"id": 1}]', "the file is one JSON array"),
    "no gzip": ("customers/a.csv.gz", b"\x1f\x8b\xff\xff\xff", "the compressed file is damaged"),
    "UTF-16 that says nothing": ("customers/a.csv", FILE.decode().encode("utf-16-le"), "none of the columns in line 1"),
}


@pytest.mark.parametrize(("key", "content", "why"), WAITING.values(), ids=WAITING)
def test_file_that_cannot_be_taken_in_waits_for_a_person_who_is_told_once(key, content, why):
    site = Site()

    load = site.drop(key, content)
    site.take(event(key, len(content)), lambda: True)

    assert load.state is LoadState.WAITING
    assert why in load.waits_for
    assert (load.chunks, site.chunks.sent) == (0, [])
    ((subject, text),) = site.told.alerts
    assert subject == "Lockstep: a file waits for a person"
    assert load.waits_for in text
    assert f"lockstep load resume {load.load_id}" in text


def test_what_is_missing_is_not_told_by_the_values_of_a_first_row():
    assert "Zoe" not in Site().drop("customers/a.csv", b"17,Zoe\n18,Max\n").waits_for


def test_file_that_was_deleted_before_it_was_read_waits():
    site = Site()

    (taken,) = site.take(event("customers/a.csv", 10), lambda: True)

    load = site.book.loads[taken.load_id]
    assert (load.state, load.route) == (LoadState.WAITING, "customers")
    assert "deleted before it was read" in load.waits_for


@pytest.mark.parametrize("state", [LoadState.WAITING, LoadState.STOPPED])
def test_file_of_which_nothing_was_read_is_tried_anew_when_it_is_dropped_again(state):
    site = Site()
    body = event("customers/a.csv", len(FILE))
    (taken,) = site.take(body, lambda: True)
    if state is LoadState.STOPPED:
        site.book.save_load(site.book.loads[taken.load_id].changed(state=state))
    assert site.take(body, lambda: True)[0].what == f"is {state}"  # the same event again changes nothing
    site.files.put("customers/a.csv", FILE, "v2", YESTERDAY)

    (again,) = site.take(event("customers/a.csv", len(FILE), version="v2"), lambda: True)

    load = site.book.loads[taken.load_id]
    assert (again.load_id, again.what, load.state) == (taken.load_id, "is cut", LoadState.RUNNING)
    assert (load.file_version, load.waits_for, load.chunks) == ("v2", "", 4)


def test_file_without_a_folder_has_a_load_too():
    assert Site().drop("a.csv", FILE).route == UNKNOWN


def test_file_with_only_a_header_is_done_and_says_so():
    site = Site()

    load = site.drop("customers/a.csv", HEADER)

    assert (load.state, load.is_split, load.chunks) == (LoadState.DONE, True, 0)
    assert load.ended_at
    assert load.file_problems == ("the file has a header and no rows",)
    assert len(site.told.alerts) == 1


def test_waiting_file_goes_on_when_it_is_resumed():
    site = Site(routes={})
    load = site.drop("customers/a.csv", FILE)
    later = Site()
    later.files, later.book, later.chunks = site.files, site.book, site.chunks
    resumed = load.changed(state=LoadState.SPLITTING, waits_for="")
    site.book.save_load(resumed)
    from tests.unit.dropped import ROUTES

    again = Site(routes=ROUTES)
    again.files.objects, again.book.loads = site.files.objects, site.book.loads
    again.take(f'{{"load_id": "{load.load_id}"}}', lambda: True)

    assert again.rows(load) == ROWS


TEXT = 'id;name\r\n1;"Zoë;\r\nX"\r\n2;Å\r\n'
GOOD = [(2, ["1", "Zoë;\r\nX"]), (4, ["2", "Å"])]
WRITTEN = {
    "UTF-8": ("customers/a.csv", TEXT.encode()),
    "UTF-8 with mark": ("customers/a.csv", TEXT.encode("utf-8-sig")),
    "UTF-16 with mark": ("customers/a.csv", TEXT.encode("utf-16")),
    "UTF-16 big-endian": ("customers/a.csv", b"\xfe\xff" + TEXT.encode("utf-16-be")),
    "latin-1, declared": ("latin/a.csv", TEXT.encode("latin-1")),
    "a mark says more than the route": ("latin/a.csv", TEXT.encode("utf-8-sig")),
    "gzip": ("customers/a.csv.gz", gzip.compress(TEXT.encode())),
    "gzip that hides its name": ("customers/a.csv", gzip.compress(TEXT.encode("utf-8-sig"))),
    "gzip of UTF-16": ("customers/a.csv.gz", gzip.compress(TEXT.encode("utf-16"))),
    "gzip in two members": ("customers/a.gz", gzip.compress(TEXT[:14].encode()) + gzip.compress(TEXT[14:].encode())),
    "gzip with padding": ("customers/a.csv.gz", gzip.compress(TEXT.encode()) + b"\0" * 512),
}


@pytest.mark.parametrize(("key", "content"), WRITTEN.values(), ids=WRITTEN)
@pytest.mark.parametrize(("chunk_rows", "block_bytes"), [(1, 7), (100, 1 << 20)])
def test_file_is_read_however_it_is_written(key, content, chunk_rows, block_bytes):
    # The first block is what the coding is found in, so it is never shorter than a mark.
    site = Site(chunk_rows=chunk_rows, block_bytes=block_bytes if len(content) < 200 else 1 << 20)

    load = site.drop(key, content)

    assert site.rows(load) == GOOD
    assert load.dialect.header == ("id", "name")


def test_lines_that_end_with_a_carriage_return_alone_are_lines():
    site = Site()

    load = site.drop("customers/mac.csv", b"id,name\r1,a\r2,b\r")

    assert site.rows(load) == [(2, ["1", "a"]), (3, ["2", "b"])]


def test_json_lines_are_taken_by_name_and_by_content():
    for key in ("customers/a.jsonl", "customers/a.txt"):
        site = Site()
        load = site.drop(key, b'{"id": "1"}\n\n{"id": "2"}\n[]\n{"id": "4"}')
        assert site.good_rows(load) == [(1, {"id": "1"}), (3, {"id": "2"}), (5, {"id": "4"})]


@pytest.mark.parametrize("mark", [",", ";", "\t", "|", "^", "`"])
def test_delimiter_is_the_one_with_which_the_header_has_its_columns(mark):
    site = Site()

    load = site.drop("customers/a.csv", mark.join(["note", "id", "a,b;c"]).replace(mark, "\0", 2).encode()
                     .replace(b",", b"x").replace(b";", b"x").replace(b"\0", mark.encode()) + b"\n")  # fmt: skip

    assert (load.dialect.delimiter, load.dialect.header) == (mark, ("note", "id", "axbxc"))


BROKEN = {
    "cut off": (gzip.compress(FILE)[:-9], "the compressed file ends too early"),
    "damaged in the second member": (gzip.compress(FILE) + b"\x1f\x8b\xff\xff", "the compressed file is damaged"),
    "a line without end": (FILE + b"x" * (5 << 20), "from line 12 on nothing was read"),
}


@pytest.mark.parametrize(("content", "why"), BROKEN.values(), ids=BROKEN)
def test_rows_before_what_cannot_be_read_go_and_the_rest_is_told(content, why):
    site = Site()

    load = site.drop("customers/a.csv", content)

    rows = site.rows(load)
    assert rows == ROWS[: len(rows)]
    assert len(rows) >= 9
    assert (load.state, load.is_split) == (LoadState.RUNNING, True)
    assert why in load.file_problems[0]
    assert [subject for subject, _ in site.told.alerts] == ["Lockstep: a file was not read to its end"]


def test_zip_bomb_ends_before_it_fills_anything():
    site = Site(chunk_rows=50_000)
    bomb = gzip.compress(HEADER + b"1,a\n" * 20_000_000, compresslevel=9)

    load = site.drop("customers/a.csv.gz", bomb)

    assert "grows to more than 200 times its size" in load.file_problems[0]
    assert sum(len(piece) for piece in site.files.pieces.values()) < 40 << 20


def test_all_or_nothing_lets_every_chunk_go_once_all_rows_are_mapped():
    site = Site()

    load = site.drop("whole/a.csv", FILE)

    assert (load.state, load.checked_chunks, load.faults) == (LoadState.RUNNING, 4, 0)
    assert [message.number for message in site.chunks.sent] == [1, 2, 3, 4]
    assert {chunk.state for chunk in site.book.chunks(load.load_id)} == {ChunkState.QUEUED}


FAULTY = {
    "a row that cannot be mapped": (FILE + b"13," + b"x" * 300 + b"\n", "line 12: Name: "),
    "a row that is none": (FILE + b"13\n", "line 12: the row has 1 cells, and the header 2"),
    "a row without a key": (FILE + b",x\n", "line 12: Key__c: "),
    "an end that comes too early": (gzip.compress(FILE)[:-9], "the compressed file ends too early"),
}


@pytest.mark.parametrize(("content", "why"), FAULTY.values(), ids=FAULTY)
def test_all_or_nothing_sends_nothing_where_one_row_is_faulty(content, why):
    site = Site()

    load = site.drop("whole/a.csv", content)
    site.take(event("whole/a.csv", len(content)), lambda: True)

    assert load.state is LoadState.WAITING
    assert "so that nothing was: the route says all or nothing" in load.waits_for
    assert why in load.file_problems[0]
    assert site.chunks.sent == []
    assert {chunk.state for chunk in site.book.chunks(load.load_id)} == {ChunkState.HELD}
    assert [subject for subject, _ in site.told.alerts] == ["Lockstep: a file waits for a person"]


def test_all_or_nothing_names_the_first_faults_only():
    load = Site().drop("whole/a.csv", HEADER + b"1\n" * 500)

    assert load.faults == 500
    assert 1 <= len(load.file_problems) <= 20


def test_all_or_nothing_goes_on_where_it_stopped():
    site = Site(chunk_rows=2)
    looks = itertools.count()

    load = site.drop("whole/a.csv", FILE, has_time=lambda: next(looks) % 3 == 0)

    assert (load.state, load.checked_chunks) == (LoadState.RUNNING, 5)
    assert {message.number for message in site.chunks.sent} == {1, 2, 3, 4, 5}


def test_all_or_nothing_whose_file_is_deleted_while_it_is_checked_waits():
    site = Site(chunk_rows=2)

    def has_time():
        site.files.objects.clear()
        return True

    load = site.drop("whole/a.csv", FILE, has_time)

    assert load.state is LoadState.WAITING
    assert "deleted before all of it was checked" in load.waits_for
    assert site.chunks.sent == []


def test_resumed_all_or_nothing_is_checked_again():
    site = Site()
    load = site.drop("whole/a.csv", FILE + b"13\n")
    again = {"state": LoadState.SPLITTING, "checked_chunks": 0, "faults": 0, "file_problems": ()}
    site.book.save_load(load.changed(waits_for="", **again))

    site.take(f'{{"load_id": "{load.load_id}"}}', lambda: True)

    assert site.book.loads[load.load_id].faults == 1


@pytest.mark.parametrize("key", ["customers/a.csv", "customers/a.csv.gz", "whole/a.csv"])
def test_file_larger_than_an_invocation_goes_on_where_it_stopped(key):
    site = Site(chunk_rows=2, block_bytes=16 if not key.endswith("gz") else 1 << 20)
    content = gzip.compress(FILE * 1) if key.endswith("gz") else FILE
    site.files.put(key, content, written_at=YESTERDAY)
    # Ten chunks are stored at once, so the file needs more of them to be interrupted.
    many = HEADER + b"".join(b"%d,x\n" % line for line in range(2, 120))
    content = gzip.compress(many) if key.endswith("gz") else many

    load = site.drop(key, content, has_time=lambda: False)

    assert load.is_split
    assert [int(row[1][0]) for row in site.rows(load)] == list(range(2, 120))
    assert [chunk.number for chunk in site.book.chunks(load.load_id)] == list(range(1, 60))


@pytest.mark.parametrize("key", ["customers/a.csv", "customers/a.csv.gz", "whole/a.csv"])
def test_power_may_go_off_at_any_call_and_every_row_is_in_one_chunk(key):
    many = HEADER + b"".join(b"%d,x\n" % line for line in range(2, 50))
    content = gzip.compress(many) if key.endswith("gz") else many
    has_gone_off = True
    for call in itertools.count(1):
        site = Site(chunk_rows=2)
        site.files.put(key, content, written_at=YESTERDAY)
        site.power_at(call)
        has_gone_off = _goes_off(lambda site=site: site.take(event(key, len(content)), lambda: False))
        site.power_at(None)

        load = site.drop(key, content)

        assert [int(row[1][0]) for row in site.rows(load)] == list(range(2, 50))
        assert {message.number for message in site.chunks.sent} == set(range(1, load.chunks + 1))
        assert (load.state, load.is_split) == (LoadState.RUNNING, True)
        if not has_gone_off:
            break
    assert call > 15


def _goes_off(use):
    try:
        use()
    except SyncError:
        return True
    return False


def test_chunk_rows_that_were_set_anew_meanwhile_do_not_move_the_cuts():
    site = Site(chunk_rows=2)
    many = HEADER + b"".join(b"%d,x\n" % line for line in range(2, 60))
    site.files.put("customers/a.csv", many, written_at=YESTERDAY)
    site.take(event("customers/a.csv", len(many)), lambda: False)
    later = Site(chunk_rows=5)
    later.files.objects, later.book.loads = site.files.objects, site.book.loads
    later.book.chunk_by_number = site.book.chunk_by_number

    load = later.drop("customers/a.csv", many)

    assert {chunk.rows for chunk in later.book.chunks(load.load_id)} == {2}


def test_two_messages_at_once_make_the_same_chunks():
    site = Site(chunk_rows=2)
    many = HEADER + b"".join(b"%d,x\n" % line for line in range(2, 80))
    site.files.put("customers/a.csv", many, written_at=YESTERDAY)
    body = event("customers/a.csv", len(many))
    asked = []

    def has_time():
        if not asked:
            asked.append(site.take(body, lambda: True))
        return True

    taken = site.take(body, has_time)

    (load,) = site.book.loads.values()
    assert {each.what for each in [*taken, *asked[0]]} == {"is cut", "another is at it"}
    assert [int(row[1][0]) for row in site.rows(load)] == list(range(2, 80))


def test_chunk_that_waits_for_a_person_does_not_keep_the_rest_from_being_cut():
    site = Site(chunk_rows=2)
    many = HEADER + b"".join(b"%d,x\n" % line for line in range(2, 80))

    def parks():
        load = next(iter(site.book.loads.values()))
        if load.state is LoadState.SPLITTING:
            site.book.save_load(load.changed(state=LoadState.WAITING, waits_for="a job was aborted"))
        return True

    load = site.drop("customers/a.csv", many, has_time=parks)

    assert (load.state, load.waits_for, load.is_split) == (LoadState.WAITING, "a job was aborted", True)
    assert len(site.rows(load)) == 78


def test_stopped_load_is_cut_no_further():
    site = Site(chunk_rows=2)
    many = HEADER + b"".join(b"%d,x\n" % line for line in range(2, 80))
    site.files.put("customers/a.csv", many, written_at=YESTERDAY)
    (taken,) = site.take(event("customers/a.csv", len(many)), lambda: False)
    site.book.save_load(site.book.loads[taken.load_id].changed(state=LoadState.STOPPED))

    (again,) = site.take(f'{{"load_id": "{taken.load_id}"}}', lambda: True)

    assert again.what == "is Stopped"
    assert len(list(site.book.chunks(taken.load_id))) == 10

"""Files as they are dropped, and what they become."""

import json
from datetime import UTC, datetime
from io import BytesIO
from urllib.parse import quote_plus

from lockstep.domain.dialects import FileFormat
from lockstep.domain.file_rows import BadRow, read_objects, read_rows
from lockstep.domain.mapping import compile_route
from lockstep.domain.routes import Route
from lockstep.services.cut_file import CutFile
from lockstep.services.describe_file import DescribeFile
from lockstep.services.release_load import ReleaseLoad
from lockstep.services.take_drops import TakeDrops
from lockstep.services.tell_waiting import TellWaiting
from tests.fakes.drops import FakeDropFiles, FakeLoadBook, FakeQueue, Power

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
YESTERDAY = datetime(2026, 11, 25, 12, tzinfo=UTC)
ROUTE = {
    "source": "shop",
    "entity": "customer",
    "object": "Account",
    "external_id": {"field": "Key__c"},
    "on_delete": "ignore",
    "fields": {"Name": {"type": "text", "from": "name", "max_length": 200}},
}


def route(**file):
    return Route.model_validate({**ROUTE, "file": {"external_id": "id", **file}})


ROUTES = {
    "customers": route(),
    "latin": route(encoding="latin-1"),
    "whole": route(all_or_nothing=True),
    "hooks": Route.model_validate(ROUTE),
}


def event(key, size=0, tag="e1", version="v1", name="ObjectCreated:Put"):
    """Return the body that S3 sends of an object."""
    put = {"bucket": {"name": "drops"}, "object": {"key": quote_plus(key, safe="/"), "size": size, "eTag": tag}}
    if version:
        put["object"]["versionId"] = version
    record = {"eventVersion": "2.1", "eventTime": "2026-11-26T12:00:00.000Z", "eventName": name, "s3": put}
    return json.dumps({"Records": [record]})


class Told:
    """Implements `ports.Alerts` and `ports.Leases`."""

    def __init__(self):
        self.alerts = []
        self._taken = set()

    def tell(self, subject, text):
        self.alerts.append((subject, text))

    def take(self, name, _lease_s, _now):
        if name in self._taken:
            return False
        self._taken.add(name)
        return True

    def give_back(self, name):
        self._taken.discard(name)


class Site:
    """The splitting function and its world."""

    def __init__(self, *, chunk_rows=3, block_bytes=1 << 20, routes=ROUTES):
        self.files, self.book = FakeDropFiles(block_bytes), FakeLoadBook()
        self.chunks, self.drops, self.told = FakeQueue(), FakeQueue(), Told()
        self.power_at(None)
        cut_file = CutFile(
            describe=DescribeFile(routes, self.files),
            files=self.files,
            book=self.book,
            chunk_queue=self.chunks,
            clock=lambda: NOON,
            chunk_rows=chunk_rows,
        )
        release = ReleaseLoad(
            routes=routes,
            compiled=compile_route,
            files=self.files,
            book=self.book,
            chunk_queue=self.chunks,
            clock=lambda: NOON,
        )
        self.take = TakeDrops(
            cut_file=cut_file,
            release=release,
            book=self.book,
            drop_queue=self.drops,
            tell=TellWaiting(self.told, self.told, lambda: NOON),
            clock=lambda: NOON,
        )

    def power_at(self, call):
        self.power = Power(call)
        for part in (self.files, self.book, self.chunks, self.drops):
            part.power = self.power

    def drop(self, key, content, has_time=lambda: True):
        """Put a file and take it in, messages to go on included; return its load."""
        self.files.put(key, content, written_at=YESTERDAY)
        (taken,) = self.take(event(key, len(content)), has_time)
        while self.drops.sent:
            self.take(self.drops.sent.pop().model_dump_json(), has_time)
        return self.book.loads[taken.load_id]

    def rows(self, load):
        """Return every row of the load's chunks."""
        return [row for chunk in self.book.chunks(load.load_id) for row in self._rows(chunk)]

    def _rows(self, chunk):
        read = read_rows if chunk.dialect.format is FileFormat.CSV else read_objects
        rows = list(read(chunk.dialect, chunk, BytesIO(self.files.bytes_of(chunk))))
        assert len(rows) == chunk.rows
        return rows

    def good_rows(self, load):
        return [row for row in self.rows(load) if not isinstance(row, BadRow)]

"""Finds out what a dropped file is before it is cut: its route, how it is written, where its rows begin."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from lockstep.domain.codings import Coding, coding_of
from lockstep.domain.file_problems import FileProblemError
from lockstep.domain.file_rules import FileRules
from lockstep.domain.headers import MAX_HEADER_BYTES, find_dialect
from lockstep.domain.load_parts import UNKNOWN, routed_load
from lockstep.domain.loads import Load
from lockstep.domain.routes import Route
from lockstep.domain.stamps import epoch_ms
from lockstep.domain.texts import sample_of
from lockstep.ports.drops import DropFiles

DESCRIBED = (
    *("source", "entity", "object_name", "all_or_nothing", "file_version", "size_bytes", "file_time_ms"),
    *("is_part", "part_of", "dialect", "split_to_byte", "split_to_line"),
)


class Opened(NamedTuple):
    """A file that is read from its beginning: `head` holds its header, and what it shows is `coding`."""

    head: bytes
    coding: Coding
    blocks: Iterator[bytes]


class DescribeFile:
    """Answers for every drop: with the load as it can be cut, or with what is wrong.

    Args:
        routes: By the names of their files, which are the names of the folders.
        files: Where the dropped objects are.
    """

    def __init__(self, routes: Mapping[str, Route], files: DropFiles) -> None:
        self._routes = routes
        self._files = files

    def __call__(self, load: Load) -> Load:
        """Return the load with its route, its file's facts, its dialect and the place of its first row.

        Raises:
            FileProblemError: The file as a whole cannot be taken in.
            SyncError: AWS_UNAVAILABLE.
        """
        route, rules = self._route(load)
        load = self._found(routed_load(load, route))
        opened = self.open(load, rules.encoding)
        sample = sample_of(opened.head, opened.blocks, opened.coding)
        dialect, start = find_dialect(load.name, sample.text, sample.encoding, rules)
        own = {"encoding": opened.coding.encoding, "is_gzip": opened.coding.is_gzip}
        return load.model_copy(
            update={
                "dialect": dialect.model_copy(update=own),
                "split_to_byte": start.byte + sample.skipped,
                "split_to_line": start.lines,
            }
        )

    def open(self, load: Load, encoding: str) -> Opened:
        """Read the beginning of a load's file.

        Raises:
            FileProblemError, SyncError: As when it is called.
        """
        blocks = self._files.blocks(load.file, load.file_version, 0, load.size_bytes)
        head = b""
        for block in blocks:
            head += block
            if len(head) >= MAX_HEADER_BYTES:
                break
        return Opened(head, coding_of(head, encoding), blocks)

    def _route(self, load: Load) -> tuple[Route, FileRules]:
        if load.route == UNKNOWN:
            remedy = f"put it under the name of its route, as in {next(iter(self._routes), 'route')}/{load.name}"
            raise FileProblemError("the file lies in no folder", remedy)
        route = self._routes.get(load.route)
        if route is None:
            remedy = "put the file under a route's name, or deploy the route and resume this load"
            raise FileProblemError(f"there is no route {load.route}", remedy)
        if route.file is None:
            remedy = "add the section, deploy it, and resume this load"
            raise FileProblemError(f"the route {load.route} has no section `file`, so it takes no files", remedy)
        return route, route.file

    def _found(self, load: Load) -> Load:
        facts = self._files.facts(load.file, load.file_version)
        if facts is None:
            raise FileProblemError("the file was deleted before it was read", "drop it again")
        update = {
            "file_version": facts.version,
            "size_bytes": facts.size,
            "file_time_ms": epoch_ms(facts.written_at),
            "is_part": facts.is_part,
            "part_of": facts.part_of,
        }
        return load.model_copy(update=update)

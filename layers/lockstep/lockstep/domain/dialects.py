"""How the text of a file is written."""

from enum import StrEnum
from typing import Annotated

from pydantic import StringConstraints

from lockstep.domain.model import Shape


class FileFormat(StrEnum):
    """How the rows of a file are written."""

    CSV = "csv"
    JSON_LINES = "jsonl"
    PARQUET = "parquet"
    CHANGES = "changes"  # JSON Lines of changes that the REST lane handed over: a backlog, not a file


class Dialect(Shape):
    """How the text of a file is written.

    `encoding` is Python's name. `header` are the columns of a CSV file, in their order; of other formats it is empty.
    """

    format: FileFormat
    is_gzip: bool = False
    encoding: str = "utf-8"
    delimiter: Annotated[str, StringConstraints(min_length=1, max_length=1)] = ","
    header: tuple[str, ...] = ()

    @property
    def is_backlog(self) -> bool:
        """True where the rows are changes of the REST lane, and no file's."""
        return self.format is FileFormat.CHANGES

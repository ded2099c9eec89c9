"""What a route's `file` section says: how the files that are dropped for the route are read."""

import codecs
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self, TypeAlias

from pydantic import AfterValidator, Discriminator, Field, StrictBool, StrictStr, Tag, model_validator

from lockstep.domain.dialects import FileFormat
from lockstep.domain.model import MisplacedError, Shape
from lockstep.domain.sources import Notation

# Bulk API 2.0 Developer Guide, "Create a Job", columnDelimiter: the words and what they stand for.
DELIMITERS: Mapping[str, str] = {
    "BACKQUOTE": "`",
    "CARET": "^",
    "COMMA": ",",
    "PIPE": "|",
    "SEMICOLON": ";",
    "TAB": "\t",
}
FILE_TIME: Literal["file_time"] = "file_time"
UNDER = r"^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*$"


def _known_encoding(name: str) -> str:
    try:
        found = codecs.lookup(name)
        "".encode(found.name)  # some codecs are no text encodings
    except (LookupError, TypeError, ValueError):
        raise ValueError("no encoding of that name is known; utf-8, cp1252, latin-1 and utf-16 are") from None
    return found.name


Encoding = Annotated[StrictStr, AfterValidator(_known_encoding)]
ColumnName = Annotated[StrictStr, Field(min_length=1, max_length=512)]


class KeyColumns(Shape):
    """The columns that tell a record only together, and what stands between their texts in the External ID."""

    columns: Annotated[tuple[ColumnName, ...], Field(min_length=2, max_length=8)]
    between: Annotated[StrictStr, Field(min_length=1, max_length=8)] = "-"


class FileVersion(Shape):
    """The column that holds a row's version, and how it is written."""

    at: ColumnName
    notation: Annotated[Notation, Field(alias="as")]


class Whole(Shape):
    """The file holds every record of the source: what becomes of those that it does not name.

    `limit_percent` of the records that were known may be missing; where more are, the load stops and asks. The file
    knows nothing of what happened later than `export_minutes` before its time: as long as the export took.
    """

    missing: Literal["report", "mark", "delete"]
    limit_percent: Annotated[float, Field(ge=0, le=100)] = 1
    export_minutes: Annotated[int, Field(ge=0, le=10_080)] = 0


def _key_kind(value: Any) -> str:
    return "columns" if isinstance(value, Mapping | KeyColumns) else "column"


Keys: TypeAlias = Annotated[
    Annotated[ColumnName, Tag("column")] | Annotated[KeyColumns, Tag("columns")], Discriminator(_key_kind)
]


def _version_kind(value: Any) -> str:
    return "column" if isinstance(value, Mapping | FileVersion) else "word"


Versions: TypeAlias = Annotated[
    Annotated[Literal["file_time"], Tag("word")] | Annotated[FileVersion, Tag("column")], Discriminator(_version_kind)
]


class FileRules(Shape):
    """How a route's files are read.

    `external_id` and `version.at` are names of columns, or of keys of JSON Lines; in the route's own expressions a
    column is found by its name, below `under` where that is said. An External ID of several columns is their texts,
    joined. A byte order mark says more than `encoding`. Without `version` a file never overwrites what a versioned
    change has written, unless `unversioned` is `overwrite`.
    """

    external_id: Keys
    version: Versions | None = None
    under: Annotated[StrictStr, Field(pattern=UNDER)] | None = None
    file_format: Annotated[Literal["auto", "csv", "jsonl", "parquet"], Field(alias="format")] = "auto"
    delimiter: Literal["auto", "BACKQUOTE", "CARET", "COMMA", "PIPE", "SEMICOLON", "TAB"] = "auto"
    encoding: Encoding = "utf-8"
    all_or_nothing: StrictBool = False
    unversioned: Literal["keep_newer", "overwrite"] = "keep_newer"
    whole: Whole | None = None

    @property
    def declared_format(self) -> FileFormat | None:
        """The format, where the route says it."""
        return None if self.file_format == "auto" else FileFormat(self.file_format)

    @property
    def declared_delimiter(self) -> str | None:
        """The sign between two cells, where the route says it."""
        return DELIMITERS.get(self.delimiter)

    @property
    def version_column(self) -> FileVersion | None:
        """Where a row has its version."""
        return self.version if isinstance(self.version, FileVersion) else None

    @property
    def key_columns(self) -> tuple[str, ...]:
        """The columns of the External ID."""
        return self.external_id.columns if isinstance(self.external_id, KeyColumns) else (self.external_id,)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that a file must have, whatever the route's fields read."""
        at = [self.version.at] if isinstance(self.version, FileVersion) else []
        return tuple(dict.fromkeys((*self.key_columns, *at)))

    @model_validator(mode="after")
    def _overwrites_only_without_versions(self) -> Self:
        if self.version is not None and self.unversioned == "overwrite":
            raise MisplacedError(
                "a file with versions is never written over newer data: take `unversioned` or `version` away",
                "unversioned",
            )
        return self

    @model_validator(mode="after")
    def _takes_away_only_what_is_older(self) -> Self:
        if self.whole is None or self.whole.missing == "report":
            return self
        column = self.version_column
        if self.version is None or (column and column.notation is Notation.INTEGER):
            raise MisplacedError(
                "a delete is as old as the file, and that compares with points in time only: "
                "let the file have such a version (file_time, or a column), or only report what is missing",
                *("whole", "missing"),
            )
        return self

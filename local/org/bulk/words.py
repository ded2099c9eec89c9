"""The closed words of Bulk API 2.0, spelled as the API spells them, and its limits."""

from enum import StrEnum

ROWS_PER_BATCH = 10_000
ROWS_PER_CHUNK = 200  # one transaction; a batch is a whole number of chunks
MOST_UPLOAD_BYTES = 100 * 1024 * 1024
MOST_MULTIPART_CHARACTERS = 100_000
MOST_HEADER_CHARACTERS = 32_000
MOST_RECORD_CHARACTERS = 400_000
MOST_FIELDS = 5_000
OPEN_JOB_S = 24 * 3600.0
JOB_LIFE_S = 7 * 24 * 3600.0
JOBS_PER_PAGE = 1_000
FIRST_VERSION_IN_UPLOAD_ORDER = 50.0
"""Older versions answer columns in alphabetical order."""

NULL = "#N/A"
"""A cell that empties its field; an empty cell says nothing."""


class JobState(StrEnum):
    """Where a job stands."""

    OPEN = "Open"
    UPLOAD_COMPLETE = "UploadComplete"
    IN_PROGRESS = "InProgress"
    JOB_COMPLETE = "JobComplete"
    FAILED = "Failed"
    ABORTED = "Aborted"


ENDED = frozenset({JobState.JOB_COMPLETE, JobState.FAILED, JobState.ABORTED})
RUNNING = frozenset({JobState.UPLOAD_COMPLETE, JobState.IN_PROGRESS})


class Operation(StrEnum):
    """What an ingest job does with its rows."""

    INSERT = "insert"
    UPDATE = "update"
    UPSERT = "upsert"
    DELETE = "delete"
    HARD_DELETE = "hardDelete"


class QueryOperation(StrEnum):
    """Whether a query job sees deleted records."""

    QUERY = "query"
    QUERY_ALL = "queryAll"


class LineEnding(StrEnum):
    """How each row ends."""

    LF = "LF"
    CRLF = "CRLF"

    @property
    def characters(self) -> str:
        """The characters themselves."""
        return "\n" if self is LineEnding.LF else "\r\n"


class ColumnDelimiter(StrEnum):
    """What stands between two columns."""

    BACKQUOTE = "BACKQUOTE"
    CARET = "CARET"
    COMMA = "COMMA"
    PIPE = "PIPE"
    SEMICOLON = "SEMICOLON"
    TAB = "TAB"

    @property
    def character(self) -> str:
        """The character itself."""
        return _CHARACTERS[self]


_CHARACTERS = {
    ColumnDelimiter.BACKQUOTE: "`",
    ColumnDelimiter.CARET: "^",
    ColumnDelimiter.COMMA: ",",
    ColumnDelimiter.PIPE: "|",
    ColumnDelimiter.SEMICOLON: ";",
    ColumnDelimiter.TAB: "\t",
}


class JobFaultError(Exception):
    """Why a whole job fails; `str()` is the job's errorMessage."""

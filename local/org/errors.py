"""What the org answers when it refuses: a whole request, or one row of it."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any


class OrgError(Exception):
    """A refused request; answered as Salesforce's array of errors."""

    def __init__(self, status: int, error_code: str, message: str, *, headers: Sequence[tuple[str, str]] = ()) -> None:
        super().__init__(f"{error_code}: {message}")
        self.status = status
        self.error_code = error_code
        self.message = message
        self.headers = tuple(headers)


class RowError(Exception):
    """A refused row: 400 on a single-record call, one failed item of a Collections call."""

    def __init__(
        self, status_code: str, message: str, fields: Sequence[str] = (), *, status: int = HTTPStatus.BAD_REQUEST
    ) -> None:
        super().__init__(f"{status_code}: {message}")
        self.status_code = status_code
        self.message = message
        self.fields = tuple(fields)
        self.status = status
        self.others: tuple[RowError, ...] = ()
        """Further refusals of the same row: all validation rules that fire are reported."""

    @property
    def all(self) -> tuple["RowError", ...]:
        """Return this refusal and the others of its row."""
        return (self, *self.others)

    def entry(self, base: str) -> dict[str, Any]:
        """Return the error as it stands in the answer about a single record; `base` is where resources begin."""
        del base
        return {"message": self.message, "errorCode": self.status_code, "fields": list(self.fields)}


class DeserializeError(Exception):
    """A JSON value of the wrong kind for its field; it fails the whole request."""

    def __init__(self, wanted: str, value: Any) -> None:
        super().__init__(wanted)
        self.wanted = wanted
        self.value = value


class SeveralRecordsError(Exception):
    """An external ID that matches several records on a single-record call."""

    def __init__(self, record_ids: Sequence[str]) -> None:
        super().__init__("several records")
        self.record_ids = tuple(record_ids)


def not_found(message: str = "The requested resource does not exist") -> OrgError:
    """Return the 404 for what is not there."""
    return OrgError(HTTPStatus.NOT_FOUND, "NOT_FOUND", message)


def malformed(error_code: str, message: str) -> OrgError:
    """Return the 400 for a request that cannot be understood."""
    return OrgError(HTTPStatus.BAD_REQUEST, error_code, message)

"""What the drop queue carries: objects that were put into the drops bucket, and loads to go on with."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, NamedTuple
from urllib.parse import unquote_plus

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, NonNegativeInt, ValidationError

from lockstep.domain.failures import FailureKind, SyncError
from lockstep.domain.json_text import parse_json
from lockstep.domain.model import NonBlank, Shape


class GoOn(Shape):
    """A load whose file is not wholly cut yet, or not wholly checked."""

    load_id: NonBlank


class Drop(NamedTuple):
    """An object that was put; `content` tells two contents apart, `at` is when S3 told of it."""

    bucket: str
    key: str
    version: str
    size: int
    content: str
    at: datetime

    @property
    def folder(self) -> str:
        """The first part of its key."""
        return self.key.partition("/")[0] if "/" in self.key else ""

    @property
    def name(self) -> str:
        """The rest of its key: what people call the file."""
        return self.key.partition("/")[2] or self.key


class _Told(BaseModel):
    """Amazon S3 User Guide, "Event message structure"; there is more in it, and more may come."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)


class _Object(_Told):
    key: Annotated[str, Field(min_length=1)]
    size: NonNegativeInt = 0
    tag: str = Field(default="", alias="eTag")
    version: str = Field(default="", alias="versionId")


class _Bucket(_Told):
    name: NonBlank


class _Put(_Told):
    bucket: _Bucket
    object: _Object


class _Record(_Told):
    at: AwareDatetime = Field(alias="eventTime")
    name: str = Field(alias="eventName")
    put: _Put = Field(alias="s3")


class _Event(_Told):
    records: Sequence[_Record] = Field(alias="Records")


def drop_message(body: str) -> GoOn | Sequence[Drop]:
    """Read a message: what S3 tells of, or which load goes on. S3's test, folders and deletions are no drops.

    Raises:
        SyncError: MESSAGE_INVALID.
    """
    try:
        told: Any = parse_json(body)
        if isinstance(told, Mapping) and "load_id" in told:
            return GoOn.model_validate(told)
        if isinstance(told, Mapping) and told.get("Event") == "s3:TestEvent":
            return []
        return [_drop(record) for record in _Event.model_validate(told).records if _is_file(record)]
    except (ValidationError, ValueError) as exc:
        raise SyncError(
            FailureKind.MESSAGE_INVALID, "the message is neither an event of S3 nor a load to go on with"
        ) from exc


def _is_file(record: _Record) -> bool:
    return record.name.removeprefix("s3:").startswith("ObjectCreated") and not record.put.object.key.endswith("/")


def _drop(record: _Record) -> Drop:
    put = record.put.object
    # S3 writes keys as forms do: a space is +, other signs are percent-encoded UTF-8.
    key = unquote_plus(put.key)
    content = f"{put.tag.strip(chr(34))}:{put.size}"
    return Drop(record.put.bucket.name, key, put.version, put.size, content, record.at)

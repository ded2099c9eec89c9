"""What a source's file says: who signs how, and where a delivery holds what a change needs."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, ConfigDict, Field, model_validator

from lockstep.domain.changes import Operation
from lockstep.domain.expressions import CompiledExpression
from lockstep.domain.model import MisplacedError, Shape
from lockstep.domain.signatures import Scheme

Word = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$")]
Topic = Annotated[str, Field(min_length=1, max_length=200)]
# Secrets Manager, CreateSecret: the characters of a name; the stack's prefix goes before it.
SecretName = Annotated[str, Field(pattern=r"^[A-Za-z0-9/_+=.@-]{1,200}$")]


class Notation(StrEnum):
    """How a point in time, or a revision, is written."""

    ISO8601 = "iso8601"  # without an offset it is UTC
    EPOCH_S = "epoch_s"
    EPOCH_MS = "epoch_ms"
    INTEGER = "integer"


class FilePart(Shape):
    """A part of a configuration file; it may hold compiled expressions."""

    model_config = ConfigDict(arbitrary_types_allowed=True)


class Stamp(FilePart):
    """Where a point in time or a revision is, and how it is written."""

    at: CompiledExpression
    notation: Annotated[Notation, Field(alias="as")]


class EventRule(FilePart):
    """What the events of some topics mean.

    `external_id` and `version` look at `{body, headers}`, as every expression does. Without `version` the time of
    arrival orders the changes.
    """

    topics: Annotated[Sequence[Topic], Field(min_length=1)]
    entity: Word
    operation: Operation
    external_id: CompiledExpression
    version: Stamp | None = None


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


class Source(FilePart):
    """One system that sends webhooks.

    Expressions see `{body, headers}`: headers lower-cased with their first value, body parsed. `split` finds the list
    of events in it; each event then is the `body` of its own document. `event_id` may be one expression or several,
    whose values together name the event; without it the event is named by its content.
    """

    source: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]
    scheme: Scheme
    secret: SecretName
    split: CompiledExpression | None = None
    topic: CompiledExpression
    event_id: Annotated[
        Sequence[CompiledExpression], BeforeValidator(_as_list, json_schema_input_type=str | list[str])
    ] = ()
    event_at: Stamp | None = None
    events: Annotated[Sequence[EventRule], Field(min_length=1)]

    @model_validator(mode="after")
    def _each_topic_means_one_thing(self) -> Self:
        topics = [topic for rule in self.events for topic in rule.topics]
        twice = sorted({topic for topic in topics if topics.count(topic) > 1})
        if twice:
            raise MisplacedError(f"listed more than once under events: {', '.join(twice)}", "events")
        return self

    @property
    def rule_by_topic(self) -> Mapping[str, EventRule]:
        """The meaning of each topic that is worked on."""
        return {topic: rule for rule in self.events for topic in rule.topics}

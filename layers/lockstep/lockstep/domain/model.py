"""The base of every shape that crosses a process border."""

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, NonNegativeInt, StringConstraints

NonBlank = Annotated[str, StringConstraints(min_length=1, max_length=1024)]


class MisplacedError(ValueError):
    """Raised where a file cannot be used as a whole; `path` leads to what is wrong, below the shape that raises it."""

    def __init__(self, reason: str, *path: str) -> None:
        super().__init__(reason)
        self.path = path


class Shape(BaseModel):
    """Frozen, refuses unknown keys, and keeps values out of its error texts."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, defer_build=True)


class Stored(Shape):
    """What is replaced as a whole, by a conditional write: `revision` counts the writes, from 1."""

    revision: NonNegativeInt = 0

    def changed(self, **changes: object) -> Self:
        """Return the next revision with other values."""
        return self.model_copy(update={**changes, "revision": self.revision + 1})

"""The base of every shape that crosses a process border."""

from pydantic import BaseModel, ConfigDict


class MisplacedError(ValueError):
    """Raised where a file cannot be used as a whole; `path` leads to what is wrong, below the shape that raises it."""

    def __init__(self, reason: str, *path: str) -> None:
        super().__init__(reason)
        self.path = path


class Shape(BaseModel):
    """Frozen, refuses unknown keys, and keeps values out of its error texts."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

"""The base of every shape that crosses a process border."""

from pydantic import BaseModel, ConfigDict


class Shape(BaseModel):
    """Frozen, refuses unknown keys, and keeps values out of its error texts."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

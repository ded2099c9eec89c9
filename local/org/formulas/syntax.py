"""A parsed formula: what was written; no name is looked up yet."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Literal:
    """A number, a text, TRUE, FALSE or NULL; an empty text is a null of type text."""

    value: Decimal | str | bool | None
    depth: int = 0


@dataclass(frozen=True, slots=True)
class Name:
    """A field, through its parents (`Account.Owner.Name`), or a global value (`$User.Id`)."""

    parts: tuple[str, ...]
    depth: int = 0

    def __str__(self) -> str:
        return ".".join(self.parts)


@dataclass(frozen=True, slots=True)
class Call:
    """A function, or an operator, with its operands; the function's name is in capitals."""

    function: str
    arguments: tuple["Expression", ...]
    depth: int


Expression = Literal | Name | Call

"""Texts made of a payload's values: "{first_name} {last_name}"."""

import re
from collections.abc import Sequence
from typing import Annotated, Any

from jmespath.exceptions import JMESPathError
from pydantic import BeforeValidator, WithJsonSchema

from lockstep.domain.expressions import Expression

_PIECES = re.compile(r"(\{\{|\}\}|\{[^{}]*\}|[{}])")
_BRACES = {"{{": "{", "}}": "}"}


class Template:
    """Literal texts with JMESPath expressions between them: `literals[n]` stands before `parts[n]`."""

    def __init__(self, text: str) -> None:
        literals, parts = [""], list[Expression]()
        for piece in _PIECES.split(text):
            if piece in ("{", "}", "{}"):
                raise ValueError("a brace without its other half, or nothing in between; write {{ for the sign itself")
            if piece.startswith("{") and piece != "{{":
                parts.append(Expression(piece[1:-1]))
                literals.append("")
            else:
                literals[-1] += _BRACES.get(piece, piece)
        if not parts:
            raise ValueError("a template without a {part} is a constant: use type constant")
        self.text, self.literals, self.parts = text, tuple(literals), tuple(parts)

    def filled(self, values: Sequence[str]) -> str:
        """Return the text; of a part that is empty the literal before it goes too, for the first part the one after."""
        text, is_first = self.literals[0], True
        for value, literal in zip(values, self.literals, strict=False):
            if value:
                text += value if is_first else literal + value
                is_first = False
        return text + self.literals[-1]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Template) and other.text == self.text

    def __hash__(self) -> int:
        return hash(self.text)


def _compile(text: Any) -> Any:
    if not isinstance(text, str):
        raise ValueError("a text such as '{first_name} {last_name}' belongs here")  # noqa: TRY004
    try:
        return Template(text)
    except JMESPathError as exc:
        raise ValueError(f"not JMESPath: {str(exc).splitlines()[0]}") from exc


CompiledTemplate = Annotated[Template, BeforeValidator(_compile), WithJsonSchema({"type": "string"})]

"""JMESPath expressions of the configuration, compiled when it is loaded."""

from collections.abc import Mapping
from typing import Annotated, Any

import jmespath
from jmespath.exceptions import JMESPathError
from pydantic import BeforeValidator

from lockstep.domain.json_text import JsonValue


class Expression:
    """One expression; equal texts are equal."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._compiled = jmespath.compile(text)

    def find(self, document: Mapping[str, JsonValue]) -> JsonValue:
        """Return what the expression finds, or None.

        Raises:
            ValueError: The document has another shape than a function in the expression needs.
        """
        try:
            found: JsonValue = self._compiled.search(document)
        except (JMESPathError, RecursionError, TypeError) as exc:
            raise ValueError("the expression does not fit the document") from exc
        return found

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Expression) and other.text == self.text

    def __hash__(self) -> int:
        return hash(self.text)

    def __repr__(self) -> str:
        return f"Expression({self.text!r})"


def _compile(text: Any) -> Any:
    if not isinstance(text, str) or not text.strip():
        raise ValueError("a JMESPath expression (text) belongs here")
    try:
        return Expression(text)
    except JMESPathError as exc:
        reason = str(exc).splitlines()[0]
        raise ValueError(f"not JMESPath: {reason}") from exc


CompiledExpression = Annotated[Expression, BeforeValidator(_compile)]

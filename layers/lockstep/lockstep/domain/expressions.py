"""JMESPath expressions of the configuration, compiled when it is loaded."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

import jmespath
from jmespath.exceptions import JMESPathError
from jmespath.functions import Functions
from pydantic import BeforeValidator, WithJsonSchema

from lockstep.domain.json_text import JsonValue


class Expression:
    """One expression; equal texts are equal."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._compiled = jmespath.compile(text)
        _check_calls(self._compiled.parsed)

    def find(self, document: Mapping[str, JsonValue]) -> JsonValue:
        """Return what the expression finds, or None.

        Raises:
            ValueError: The document has another shape than a function in the expression needs.
        """
        try:
            found: JsonValue = self._compiled.search(document)
        except (JMESPathError, RecursionError, TypeError, ArithmeticError) as exc:
            raise ValueError("the expression does not fit the document") from exc
        return found

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Expression) and other.text == self.text

    def __hash__(self) -> int:
        return hash(self.text)

    def __repr__(self) -> str:
        return f"Expression({self.text!r})"


def _check_calls(node: Mapping[str, Any]) -> None:
    """Refuse calls that would only fail with the first delivery: jmespath looks functions up when it searches."""
    for call in _calls(node):
        signature = Functions.FUNCTION_TABLE.get(call["value"], {}).get("signature")
        if signature is None:
            raise ValueError(f"there is no function {call['value']}()")
        given, wanted = len(call["children"]), len(signature)
        is_variadic = bool(signature) and bool(signature[-1].get("variadic"))
        if given < wanted or (given > wanted and not is_variadic):
            raise ValueError(f"{call['value']}() takes {wanted} arguments, not {given}")


def _calls(node: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    if node["type"] == "function_expression":
        yield node
    for child in node["children"]:
        yield from _calls(child)


def _compile(text: Any) -> Any:
    if not isinstance(text, str) or not text.strip():
        raise ValueError("a JMESPath expression (text) belongs here")
    try:
        return Expression(text)
    except JMESPathError as exc:
        reason = str(exc).splitlines()[0]
        raise ValueError(f"not JMESPath: {reason}") from exc


CompiledExpression = Annotated[Expression, BeforeValidator(_compile), WithJsonSchema({"type": "string"})]

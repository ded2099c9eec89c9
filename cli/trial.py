"""Maps one payload, field by field, without writing anything."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from lockstep.domain.expressions import Expression
from lockstep.domain.json_text import JsonValue, dump_json
from lockstep.domain.mapping import CompiledRoute, Unmappable, compile_route
from lockstep.domain.routes import Route
from lockstep.domain.rules import Rule

_SHOWN_CHARS = 120


@dataclass(frozen=True, slots=True)
class Tried:
    """What became of one rule.

    `result` holds the fields that would be sent, none where the field is left as it is; `problems` keep the whole
    record from being written.
    """

    field: str
    source: str
    found: JsonValue
    type: str
    result: dict[str, JsonValue]
    problems: tuple[str, ...]
    notes: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """Return it for programs."""
        return {name: getattr(self, name) for name in ("field", "source", "found", "type", "result")} | {
            "problems": list(self.problems),
            "notes": list(self.notes),
        }


def try_route(route: Route, payload: JsonValue, external_id: str) -> list[Tried]:
    """Map the payload by each rule alone, so that one problem hides no other."""
    return [_try(route, name, rule, payload, external_id) for name, rule in route.fields.items()]


def _try(route: Route, name: str, rule: Rule, payload: JsonValue, external_id: str) -> Tried:
    alone = compile_route(route.model_copy(update={"fields": {name: rule}, "version_field": None}))
    source, found = _source(rule, payload)
    values = alone.field_values(payload, external_id, 0)
    if isinstance(values, Unmappable):
        problems = tuple(f"{each.reason}. {each.remedy}" for each in values.problems)
        return Tried(name, source, found, rule.type, {}, problems, ())
    result: dict[str, JsonValue] = {
        field: value for field, value in values.values.items() if field != alone.external_id_field
    }
    return Tried(name, source, found, rule.type, _nested(alone, result), (), tuple(note.what for note in values.notes))


def _nested(route: CompiledRoute, result: dict[str, JsonValue]) -> dict[str, JsonValue]:
    """Show a reference as it is sent: by its relationship and the parent's External ID field."""
    for parent in route.parents:
        key = result.get(parent.lookup)
        if isinstance(key, str):
            del result[parent.lookup]
            result[parent.relationship] = {parent.field_name: key}
    return result


def _source(rule: Rule, payload: JsonValue) -> tuple[str, JsonValue]:
    """Return where the rule looks, and the first value that is neither null nor blank."""
    template = getattr(rule, "template", None)
    if template is not None:
        parts: list[JsonValue] = [_find(part, payload) for part in template.parts]
        return template.text, parts
    expressions = _expressions(rule)
    found = [_find(each, payload) for each in expressions]
    value = next((each for each in found if each not in (None, "")), None)
    return " | ".join(each.text for each in expressions) or "(the route)", value


def _expressions(rule: Rule) -> Sequence[Expression]:
    named = [getattr(rule, name) for name in type(rule).model_fields]
    listed = [each for value in named if isinstance(value, list | tuple) for each in value]
    return [each for each in listed if isinstance(each, Expression)]


def _find(expression: Expression, payload: JsonValue) -> JsonValue:
    try:
        return expression.find(payload if isinstance(payload, dict) else {"": payload})
    except ValueError:
        return None


def show(route: Route, tried: Sequence[Tried], console: Console) -> None:
    """Print a table, and what it comes to."""
    table = Table(show_lines=True)
    for title in ("field", "from", "found", "type", "result"):
        table.add_column(title, overflow="fold")
    for each in tried:
        table.add_row(each.field, each.source, _text(each.found), each.type, _result(each))
    console.print(table)
    problems = sum(bool(each.problems) for each in tried)
    outcome = f"{problems} fields keep it from being written" if problems else "it can be written; nothing was"
    console.print(f"{route.source}/{route.entity} to {route.object_name}: {outcome}.", markup=False, highlight=False)


def _result(tried: Tried) -> Text:
    if tried.problems:
        return Text("\n".join(tried.problems), style="red")
    lines = [f"{name} = {_text(value)}" for name, value in tried.result.items()] or ["(left as it is)"]
    text = Text("\n".join(lines))
    for note in tried.notes:
        text.append(f"\nnote: {note}", style="yellow")
    return text


def _text(value: JsonValue) -> str:
    if value is None:
        return "null"
    shown = value if isinstance(value, str) else dump_json(value)
    return shown if len(shown) <= _SHOWN_CHARS else f"{shown[:_SHOWN_CHARS]}… ({len(shown)} characters)"

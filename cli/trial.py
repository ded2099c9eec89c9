"""Maps one payload, field by field, without writing anything."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from rich.console import Console
from rich.table import Table
from rich.text import Text

from lockstep.domain.conditions import condition
from lockstep.domain.conversions.results import Presence, Problem
from lockstep.domain.expressions import Expression
from lockstep.domain.json_text import JsonValue, dump_json
from lockstep.domain.mapping import CompiledRoute, Unmappable, compile_route
from lockstep.domain.payload_paths import Found, reader
from lockstep.domain.presence import first_of
from lockstep.domain.record_shapes import RecordShape
from lockstep.domain.routes import Route
from lockstep.domain.rules import AddressRule, GeolocationRule, LookupRule, Rule

_SHOWN_CHARS = 120
_MOST_ITEMS = 20

Seen: TypeAlias = "JsonValue | Presence"


@dataclass(frozen=True, slots=True)
class Tried:
    """What became of one rule.

    `record` is empty for the main record. `result` holds the fields that would be sent, none where the field is left as
    it is; `problems` keep the whole change from being written.
    """

    record: str
    field: str
    source: str
    found: Seen
    type: str
    result: dict[str, JsonValue]
    problems: tuple[str, ...]
    notes: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """Return it for programs."""
        named = {name: getattr(self, name) for name in ("record", "field", "source", "type", "result")}
        return named | {
            "found": None if isinstance(self.found, Presence) else self.found,
            "is_absent": isinstance(self.found, Presence),
            "problems": list(self.problems),
            "notes": list(self.notes),
        }


def try_route(route: Route, payload: JsonValue, external_id: str) -> list[Tried]:
    """Map the payload by each rule alone, so that one problem hides no other."""
    return [
        _try(_Alone(route, record, external_id), place, name, rule, scope)
        for place, record, scope in _records(route, payload)
        for name, rule in record.fields.items()
    ]


def is_meant(route: Route, payload: JsonValue) -> bool:
    """Return whether the route's condition lets the payload pass."""
    holds = condition(route.when)
    return holds is None or holds(payload) is True


def _records(route: Route, payload: JsonValue) -> Iterator[tuple[str, RecordShape, JsonValue]]:
    """Give each record with what its expressions see."""
    yield "", route, payload
    for number, also in enumerate(route.also):
        place = f"also[{number}] {also.object_name}"
        found = reader(also.each)(payload) if also.each else None
        if also.each is None:
            yield place, also, payload
        for item_number, item in enumerate(found[:_MOST_ITEMS] if isinstance(found, list) else ()):
            scope: JsonValue = {"item": item, "body": payload}
            if is_meant(route.model_copy(update={"when": also.when}), scope):
                yield f"{place} {item_number}", also, scope


class _Alone:
    """Compiles one rule of a record as a route of its own."""

    def __init__(self, route: Route, record: RecordShape, external_id: str) -> None:
        self._route = route
        self._own = {
            **{name: getattr(record, name) for name in ("object_name", "external_id", "when_null", "when_blank")},
            "version_field": None,
            "change_field": None,
            "when": None,
            "also": (),
            "on_delete": "ignore",
        }
        self.external_id = external_id

    def compiled(self, name: str, rule: Rule) -> CompiledRoute:
        return compile_route(self._route.model_copy(update={**self._own, "fields": {name: rule}}))


def _try(alone: _Alone, place: str, name: str, rule: Rule, payload: JsonValue) -> Tried:
    compiled = alone.compiled(name, rule)
    source, found = _source(rule, payload)
    values = compiled.field_values(payload, alone.external_id, 0)
    if isinstance(values, Unmappable):
        problems = tuple(f"{each.reason}. {each.remedy}" for each in values.problems)
        return Tried(place, name, source, found, rule.type, {}, problems, ())
    result: dict[str, JsonValue] = {**values.values}
    del result[compiled.external_id_field]
    for wish in values.wishes:
        result[wish.field] = {"id_of": str(wish.target), "with": list(wish.values)}
    notes = tuple(note.what for note in values.notes)
    return Tried(place, name, source, found, rule.type, _nested(compiled, result), (), notes)


def _nested(route: CompiledRoute, result: dict[str, JsonValue]) -> dict[str, JsonValue]:
    """Show a reference as it is sent: by its relationship and the parent's External ID field."""
    for parent in route.parents:
        key = result.get(parent.lookup)
        if isinstance(key, str):
            del result[parent.lookup]
            result[parent.relationship] = {parent.field_name: key}
    return result


def _source(rule: Rule, payload: JsonValue) -> tuple[str, Seen]:
    """Return where the rule looks, and what it finds there."""
    template = getattr(rule, "template", None)
    if template is not None:
        return template.text, [_plain(reader(part)(payload)) for part in template.parts]
    expressions = _expressions(rule)
    text = " | ".join(each.text for each in expressions)
    if not expressions:
        return "(the route)", Presence.ABSENT
    reads = [reader(each) for each in expressions]
    if isinstance(rule, AddressRule | GeolocationRule | LookupRule):
        return text, [_plain(read(payload)) for read in reads]
    found = first_of(reads)(payload)
    return text, found if isinstance(found, Presence) else _plain(found)


def _plain(found: Found) -> JsonValue:
    return None if isinstance(found, Presence | Problem) else found


def _expressions(rule: Rule) -> Sequence[Expression]:
    named = [getattr(rule, name) for name in type(rule).model_fields]
    listed = [each for value in named if isinstance(value, list | tuple) for each in value]
    matched = [each for match in getattr(rule, "match", {}).values() for each in getattr(match, "sources", ())]
    return [each for each in [*listed, *matched] if isinstance(each, Expression)]


def show(route: Route, tried: Sequence[Tried], console: Console, *, meant: bool) -> None:
    """Print a table, and what it comes to."""
    table = Table(show_lines=True)
    for title in ("field", "from", "found", "type", "result"):
        table.add_column(title, overflow="fold")
    for each in tried:
        cells = (f"{each.record} {each.field}".strip(), each.source, _found(each.found), each.type)
        # As Text, since JMESPath's brackets would be taken for rich's own marks.
        table.add_row(*(Text(cell) for cell in cells), _result(each))
    console.print(table)
    problems = sum(bool(each.problems) for each in tried)
    outcome = f"{problems} fields keep it from being written" if problems else "it can be written; nothing was"
    if not meant:
        outcome = "its condition (`when`) does not hold, so the change would not be written"
    console.print(f"{route.source}/{route.entity} to {route.object_name}: {outcome}.", markup=False, highlight=False)


def _result(tried: Tried) -> Text:
    if tried.problems:
        return Text("\n".join(tried.problems), style="red")
    lines = [f"{name} = {_text(value)}" for name, value in tried.result.items()] or ["(left as it is)"]
    text = Text("\n".join(lines))
    for note in tried.notes:
        text.append(f"\nnote: {note}", style="yellow")
    return text


def _found(found: Seen) -> str:
    return "(not there)" if isinstance(found, Presence) else _text(found)


def _text(value: JsonValue) -> str:
    if value is None:
        return "null"
    # A terminal obeys control characters, and cannot write half of a surrogate pair.
    shown = value if isinstance(value, str) and value.isprintable() else dump_json(value)
    return shown if len(shown) <= _SHOWN_CHARS else f"{shown[:_SHOWN_CHARS]}… ({len(shown)} characters)"

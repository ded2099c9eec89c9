"""Functions on texts and picklists; an empty text is null."""

import re
from collections.abc import Callable, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from local.org.formulas.arithmetic import CONTEXT
from local.org.formulas.errors import EvaluationError, FormulaError
from local.org.formulas.kinds import Kind, Run, Typed
from local.org.formulas.scene import Scene
from local.org.formulas.signatures import Build, check, check_count, strict

_NUMERAL = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?", re.ASCII)
_MOST_COUNTED = 1_000_000
_WITH_TEXT = (Kind.NUMBER, Kind.DATE, Kind.DATETIME, Kind.TIME, Kind.PICKLIST)


def _of_text(result: Kind, act: Callable[[str], Any]) -> Build:
    """Return a function of one text that sees a blank as the empty text."""

    def build(function: str, arguments: Sequence[Typed]) -> Typed:
        check(function, arguments, (Kind.TEXT,))
        inner = arguments[0].run
        return Typed(result, lambda scene: act(inner(scene) or ""))

    return build


def _cut(act: Callable[..., str], counts: int) -> Build:
    return strict(Kind.TEXT, (Kind.TEXT, *[Kind.NUMBER] * counts), lambda *values: act(*values) or None)


def _count(number: Decimal) -> int:
    return int(max(Decimal(0), min(number, Decimal(_MOST_COUNTED))))


def _right(text: str, count: Decimal) -> str:
    return text[max(0, len(text) - _count(count)) :]


def _middle(text: str, start: Decimal, count: Decimal) -> str:
    """Places count from 1; a place before the first is the first."""
    first = max(_count(start), 1) - 1
    return text[first : first + _count(count)]


def _found(act: Callable[[str, str], bool]) -> Build:
    def build(function: str, arguments: Sequence[Typed]) -> Typed:
        check(function, arguments, (Kind.TEXT, Kind.TEXT))
        whole, part = (each.run for each in arguments)

        def run(scene: Scene) -> bool | None:
            """Everything contains the empty text; what else a blank contains is unknown."""
            sought, text = part(scene), whole(scene)
            if sought is None:
                return True
            return None if text is None else act(text, sought)

        return Typed(Kind.BOOLEAN, run)

    return build


def _value(text: str) -> Decimal:
    if not _NUMERAL.fullmatch(text.strip()):
        raise EvaluationError("VALUE was given a text that is no number")
    return CONTEXT.create_decimal(text.strip())


def _regex(function: str, arguments: Sequence[Typed]) -> Typed:
    """The whole text must match; the pattern is compiled here and now."""
    check(function, arguments, (Kind.TEXT, Kind.TEXT))
    written = arguments[1].constant
    if not isinstance(written, str):
        raise FormulaError("REGEX takes a pattern that is a literal text only")
    try:
        pattern = re.compile(written)
    except (re.error, OverflowError, RecursionError) as exc:
        raise FormulaError(f"REGEX has a pattern that the local org cannot read: {exc}") from exc
    text = arguments[0].run
    return Typed(Kind.BOOLEAN, lambda scene: pattern.fullmatch(text(scene) or "") is not None)


def _text(function: str, arguments: Sequence[Typed]) -> Typed:
    check_count(function, arguments, 1, 1)
    kind = arguments[0].kind
    if kind not in _WITH_TEXT:
        raise FormulaError(f"TEXT does not take a {kind}")
    return strict(Kind.TEXT, (kind,), _as_text)(function, arguments)


def _as_text(value: Any) -> str:
    match value:
        case Decimal():
            plain = f"{value:f}"
            return (plain.rstrip("0").rstrip(".") or "0") if "." in plain else plain
        case datetime():
            return f"{value:%Y-%m-%d %H:%M:%S}Z"
        case date():
            return value.isoformat()
        case time():
            return value.isoformat("milliseconds")
    return str(value)


def _is_picklist_value(function: str, arguments: Sequence[Typed]) -> Typed:
    check(function, arguments, (Kind.PICKLIST, Kind.TEXT))
    chosen, wanted = arguments[0].run, _literal(function, arguments[1])
    return Typed(Kind.BOOLEAN, lambda scene: (chosen(scene) or "") == wanted)


def _includes(function: str, arguments: Sequence[Typed]) -> Typed:
    check(function, arguments, (Kind.MULTIPICKLIST, Kind.TEXT))
    chosen: Run = arguments[0].run
    wanted = _literal(function, arguments[1])
    return Typed(Kind.BOOLEAN, lambda scene: wanted in (chosen(scene) or "").split(";"))


def _literal(function: str, argument: Typed) -> str:
    if not isinstance(argument.constant, str):
        raise FormulaError(f"{function} compares with a literal text only")
    return argument.constant


TEXTS: dict[str, Build] = {
    "LEN": _of_text(Kind.NUMBER, lambda text: Decimal(len(text))),
    "TRIM": _of_text(Kind.TEXT, lambda text: text.strip() or None),
    "UPPER": _of_text(Kind.TEXT, lambda text: text.upper() or None),
    "LOWER": _of_text(Kind.TEXT, lambda text: text.lower() or None),
    "ISNUMBER": _of_text(Kind.BOOLEAN, lambda text: _NUMERAL.fullmatch(text.strip()) is not None),
    "LEFT": _cut(lambda text, count: text[: _count(count)], 1),
    "RIGHT": _cut(_right, 1),
    "MID": _cut(_middle, 2),
    "CONTAINS": _found(lambda text, part: part in text),
    "BEGINS": _found(str.startswith),
    "VALUE": strict(Kind.NUMBER, (Kind.TEXT,), _value),
    "REGEX": _regex,
    "TEXT": _text,
    "ISPICKVAL": _is_picklist_value,
    "INCLUDES": _includes,
}

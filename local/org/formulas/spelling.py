"""Functions that search, replace and pad texts; an empty text is null."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from local.org import ids
from local.org.formulas.errors import EvaluationError
from local.org.formulas.kinds import Kind, Typed
from local.org.formulas.scene import Scene
from local.org.formulas.signatures import Build, check, check_count, strict

_LONGEST = 10_000
_TEXT, _NUMBER = Kind.TEXT, Kind.NUMBER


def _substitute(function: str, arguments: Sequence[Typed]) -> Typed:
    """A blank text stays blank; what stands for the sought text may be blank."""
    check(function, arguments, (_TEXT, _TEXT, _TEXT))
    whole, old, new = (each.run for each in arguments)

    def run(scene: Scene) -> str | None:
        text, sought = whole(scene), old(scene)
        return text if not text or not sought else text.replace(sought, new(scene) or "") or None

    return Typed(_TEXT, run)


def _find(function: str, arguments: Sequence[Typed]) -> Typed:
    """Places count from 1; 0 says that the text is not there."""
    check_count(function, arguments, 2, 3)
    check(function, arguments, (_TEXT, _TEXT, _NUMBER)[: len(arguments)])
    sought, whole, *start = (each.run for each in arguments)

    def run(scene: Scene) -> Decimal:
        first = int(start[0](scene) or 1) if start else 1
        if first < 1 or not (part := sought(scene)):
            return Decimal(0)
        return Decimal((whole(scene) or "").find(part, first - 1) + 1)

    return Typed(_NUMBER, run)


def _padded(*, at_left: bool) -> Build:
    def build(function: str, arguments: Sequence[Typed]) -> Typed:
        check_count(function, arguments, 2, 3)
        check(function, arguments, (_TEXT, _NUMBER, _TEXT)[: len(arguments)])
        text, length, *pad = (each.run for each in arguments)

        def run(scene: Scene) -> str | None:
            kept, wanted = text(scene) or "", max(0, min(int(length(scene) or 0), _LONGEST))
            padding = ((pad[0](scene) or "") if pad else " ") or ""
            missing = wanted - len(kept)
            if missing <= 0:
                return kept[:wanted] or None
            fill = (padding * missing)[:missing]
            return (fill + kept if at_left else kept + fill) or None

        return Typed(_TEXT, run)

    return build


def _of_text(act: Callable[[str], Any], result: Kind = _TEXT) -> Build:
    return strict(result, (_TEXT,), act)


def _character(code: Decimal) -> str:
    if not 0 < code <= 0x10FFFF:
        raise EvaluationError("CHR was given a number that no character has")
    return chr(int(code))


def _long_id(text: str) -> str:
    """Fifteen characters of an id become eighteen; any other text stays as it is."""
    short = ids.shorten(text)
    return text if short is None else ids.to_18(short)


SPELLING: dict[str, Build] = {
    "SUBSTITUTE": _substitute,
    "FIND": _find,
    "LPAD": _padded(at_left=True),
    "RPAD": _padded(at_left=False),
    "INITCAP": _of_text(str.title),
    "REVERSE": _of_text(lambda text: text[::-1]),
    "ASCII": _of_text(lambda text: Decimal(ord(text[0])), _NUMBER),
    "CHR": strict(_TEXT, (_NUMBER,), _character),
    "CASESAFEID": _of_text(_long_id),
}

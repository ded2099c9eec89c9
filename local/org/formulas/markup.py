"""Functions that give pieces of HTML, and those that make a text safe in it."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from html import escape
from typing import Any
from urllib.parse import quote_plus

from local.org.formulas.kinds import Kind, Typed
from local.org.formulas.scene import Scene
from local.org.formulas.signatures import Build, check, check_count, strict

_TEXT, _NUMBER = Kind.TEXT, Kind.NUMBER
_SCRIPT_ESCAPES = str.maketrans({"\\": "\\\\", "'": "\\'", '"': '\\"', "\n": "\\n", "\r": "\\r"})


def _piece(wanted: Sequence[Kind], least: int, write: Callable[..., str]) -> Build:
    """Return a function whose blank arguments are left empty in what it writes."""

    def build(function: str, arguments: Sequence[Typed]) -> Typed:
        check_count(function, arguments, least, len(wanted))
        check(function, arguments, wanted[: len(arguments)])
        runs = [each.run for each in arguments]

        def run(scene: Scene) -> str:
            values: list[Any] = [each(scene) for each in runs]
            return write(*("" if value is None else value for value in values))

        return Typed(_TEXT, run)

    return build


def _image(url: str, alternative: str, height: Decimal | None = None, width: Decimal | None = None) -> str:
    sizes = [f"{name}:{int(size)}px;" for name, size in (("height", height), ("width", width)) if size]
    style = f' style="{" ".join(sizes)}"' if sizes else ""
    return f'<img src="{escape(url)}" alt="{escape(alternative)}"{style} border="0"/>'


def _hyperlink(url: str, label: str, target: str = "_blank") -> str:
    return f'<a href="{escape(url)}" target="{escape(target)}">{label}</a>'


def _script_text(text: str) -> str:
    return text.translate(_SCRIPT_ESCAPES)


MARKUP: dict[str, Build] = {
    "IMAGE": _piece((_TEXT, _TEXT, _NUMBER, _NUMBER), 2, _image),
    "HYPERLINK": _piece((_TEXT, _TEXT, _TEXT), 2, _hyperlink),
    "BR": _piece((), 0, lambda: "<br>"),
    "HTMLENCODE": strict(_TEXT, (_TEXT,), escape),
    "URLENCODE": strict(_TEXT, (_TEXT,), quote_plus),
    "JSENCODE": strict(_TEXT, (_TEXT,), _script_text),
}

"""Web addresses: one of the declared schemes, or none."""

import re
from collections.abc import Sequence

from lockstep.domain.conversions.characters import length_of
from lockstep.domain.conversions.results import Convert, Converted, Noted, Problem, wrong_kind
from lockstep.domain.rules import UrlRule

# "localhost:8080" has a port, not a scheme.
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):(?!\d)")
_REST = re.compile(r"(?://)?[^\s/?#\"<>\\^`{|}]+\.[^\s\"<>\\^`{|}]+|//[^\s/?#\"<>\\^`{|}][^\s\"<>\\^`{|}]*")
_BAD = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_CLEARED = Noted(None, "not a web address: cleared")


def url_converter(rule: UrlRule) -> Convert:
    """Return the conversion that the rule describes."""
    invalid = Problem(
        f"the value is not a web address ({', '.join(rule.schemes)})",
        "correct it in the source, add its scheme to `schemes`, or set `on_invalid: clear`",
    )
    too_long = Problem(f"the address is longer than {rule.max_length} characters", "correct it in the source")
    refused = _CLEARED if rule.on_invalid == "clear" else None
    max_length, schemes = rule.max_length, rule.schemes

    def convert(value: object) -> Converted:
        if not isinstance(value, str):
            return wrong_kind(value, "text")
        if len(value) > max_length:
            return refused or too_long
        scheme = _SCHEME.match(value)
        if not _is_address(value, scheme, schemes):
            return refused or invalid
        whole = value if scheme else _completed(value, rule.add_scheme)
        if length_of(whole) > max_length:
            return refused or too_long
        return value if whole is value else Noted(whole, f"{rule.add_scheme}:// added")

    return convert


def _completed(value: str, add_scheme: str | None) -> str:
    return value if add_scheme is None else f"{add_scheme}://{value.removeprefix('//')}"


def _is_address(value: str, scheme: re.Match[str] | None, schemes: Sequence[str]) -> bool:
    if _BAD.search(value) or (scheme and scheme[1].lower() not in schemes):
        return False
    rest = value[scheme.end() :] if scheme else value
    # mailto: and the like have no slashes; http without them is a slip of the pen.
    if scheme and scheme[1].lower() in ("http", "https") and not rest.startswith("//"):
        return False
    return _REST.fullmatch(rest) is not None

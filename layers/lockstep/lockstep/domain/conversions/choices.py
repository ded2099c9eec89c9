"""Values from a closed list: true and false, and picklists by their value table."""

from lockstep.domain.conversions.characters import plain_text
from lockstep.domain.conversions.results import Convert, Converted, Noted, Problem, wrong_kind
from lockstep.domain.rules import PicklistRule

_TRUTH = dict.fromkeys(("true", "1", "yes", "y", "on"), True) | dict.fromkeys(("false", "0", "no", "n", "off"), False)
_NEITHER = Problem(
    "the value is none of true, false, 1, 0, yes, no, y, n, on, off",
    "correct it in the source, or use type picklist or text",
)
_LISTED = 40  # a message stays readable


def boolean_value(value: object) -> Converted:
    """Return true or false where the value says so, in any case; nothing else counts as either."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int):
        return bool(value) if value in (0, 1) else _NEITHER
    if isinstance(value, str):
        return _TRUTH.get(value.lower(), _NEITHER)
    return wrong_kind(value, "true or false")


def picklist_converter(rule: PicklistRule) -> Convert:
    """Return the lookup in the rule's value table; true and false are looked up as JSON writes them."""
    table = dict(rule.values)
    unmapped = rule.default and Noted(rule.default, "not in the value table: default used")
    allowed = ", ".join(sorted(table)[:_LISTED]) + (", ..." if len(table) > _LISTED else "")
    refused = Problem(
        "the value is not in the value table", f"add it to `values` or set `default`; the table knows: {allowed}"
    )

    def convert(value: object) -> Converted:
        key = ("false", "true")[value] if isinstance(value, bool) else plain_text(value)
        if isinstance(key, Problem):
            return key
        return table.get(key) or unmapped or refused

    return convert

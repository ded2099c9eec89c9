"""Email addresses in the shape that Salesforce takes."""

import re

from lockstep.domain.conversions.characters import CONTROL_CHARACTERS, length_of
from lockstep.domain.conversions.results import Convert, Converted, Noted, Problem, wrong_kind
from lockstep.domain.rules import EmailRule

# Salesforce Help, "Email Address Format Technical Standards Validation": dots may follow each other and end the local
# part, but not begin it. RFC 5321 has the local part at 64 characters.
_LOCAL = r"(?!\.)[A-Za-z0-9!#$%&'*/=?^_+`{|}~.-]{1,64}"
_LABEL = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
EMAIL = re.compile(rf"{_LOCAL}@(?:{_LABEL}\.)+(?=[^.]*[A-Za-z]){_LABEL}")
_WIDE = r"[^\s@,;:<>()\[\]\\\".\ud800-\udfff]"
_INTERNATIONAL = re.compile(rf"(?!\.)(?:{_WIDE}|\.){{1,64}}@(?:{_WIDE}{{1,63}}\.)+{_WIDE}{{1,63}}")
_CLEARED = Noted(None, "not an email address: cleared")


def email_converter(rule: EmailRule) -> Convert:
    """Return the conversion that the rule describes; the address comes out as it went in."""
    fits = _fits_internationally if rule.international else EMAIL.fullmatch
    max_length = rule.max_length
    clears = rule.on_invalid == "clear"
    invalid = Problem(
        "the value is not an email address that Salesforce takes",
        "correct it in the source, set `trim`, or set `on_invalid: clear`",
    )
    too_long = Problem(f"the address is longer than {max_length} characters", "correct it in the source")

    def convert(value: object) -> Converted:
        if not isinstance(value, str):
            return wrong_kind(value, "text")
        # The length comes first: the shape is only tried on short texts.
        is_too_long = len(value) > max_length or length_of(value) > max_length
        if not is_too_long and fits(value):
            return value
        return _CLEARED if clears else (too_long if is_too_long else invalid)

    return convert


def _fits_internationally(text: str) -> bool:
    return _INTERNATIONAL.fullmatch(text) is not None and CONTROL_CHARACTERS.search(text) is None

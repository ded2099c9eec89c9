"""The cell of a text that is plain to see, without the conversion, for the sake of flat files with millions of rows.

A shortcut takes the narrow middle of what its conversion takes, and hands on all else: a test holds the two together.
"""

import re
from collections.abc import Callable
from typing import TypeVar

from lockstep.domain.conversions.dates import reads_iso_alone
from lockstep.domain.conversions.emails import EMAIL
from lockstep.domain.conversions.moment_shortcuts import moment_shortcut
from lockstep.domain.conversions.number_texts import known_signs, plain_writer
from lockstep.domain.rules import (
    CurrencyRule,
    DateRule,
    DatetimeRule,
    EmailRule,
    IntegerRule,
    NumberRule,
    PhoneRule,
    ReferenceRule,
    SourcedRule,
    TextRule,
)
from lockstep.domain.rules.numbers import Styled

Answer = TypeVar("Answer")

_LONGEST = 100
_KEY = re.compile(r"[A-Za-z0-9][!-~]{0,99}", re.ASCII)
# The last days of months are left to the conversion, which knows the calendar.
_ISO_DATE = re.compile(r"(?:1[789]|2\d|3\d)\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])", re.ASCII)
_UNGROUPED: tuple[Styled, ...] = ("1234.50", "1234,50")
_GROUPS: dict[Styled, str] = {"1,234.50": ",", "1.234,50": r"\."}


def with_shortcut(rule: SourcedRule, settle: Callable[[str], Answer]) -> Callable[[str], Answer | str]:
    """Return a function that answers plain texts by itself and leaves the others to `settle`."""
    if rule.null_words:
        return settle
    if isinstance(rule, CurrencyRule):
        return _amount_shortcut(rule, settle)
    if isinstance(rule, DatetimeRule) and rule.zone and list(rule.formats) == ["iso"]:
        return moment_shortcut(rule.zone, settle)
    shape = _unchanged(rule)
    if shape is None:
        return settle
    fits = shape.fullmatch
    return lambda text: text if fits(text) else settle(text)


def _unchanged(rule: SourcedRule) -> re.Pattern[str] | None:
    """Return the shape of texts that come out as they went in."""
    match rule:
        case TextRule():
            return _short_text(rule)
        case EmailRule() if not rule.international:
            return re.compile(rf"(?=.{{0,{rule.max_length}}}\Z)(?:{EMAIL.pattern})")
        case ReferenceRule():
            return _KEY
        case DateRule() if reads_iso_alone(rule.formats):
            return _ISO_DATE
        case PhoneRule():
            return _phone_shape(rule)
        case _:
            return _whole_number(rule)


def _short_text(rule: TextRule) -> re.Pattern[str]:
    letters = "\u00a1-\u00ac\u00ae-\u024f"
    # A space would be cut off or be blank, and with # begins what Bulk takes for null.
    first = f'!"$-~{letters}'
    rest = min(rule.max_length or _LONGEST, _LONGEST) - 1
    end = r"(?<! )" if rule.trim else ""
    return re.compile(rf"[{first}][ -~{letters}]{{0,{rest}}}{end}")


def _whole_number(rule: SourcedRule) -> re.Pattern[str] | None:
    if not isinstance(rule, NumberRule | IntegerRule) or rule.scale or rule.style not in _UNGROUPED:
        return None
    return re.compile(rf"0|[1-9]\d{{0,{rule.precision - 1}}}", re.ASCII)


def _phone_shape(rule: PhoneRule) -> re.Pattern[str] | None:
    from lockstep.domain.conversions.phone_shortcuts import international_shape
    from lockstep.domain.conversions.phones import takes_shortcuts

    return international_shape(rule.region) if rule.region and takes_shortcuts(rule) else None


def _amount_shortcut(rule: CurrencyRule, settle: Callable[[str], Answer]) -> Callable[[str], Answer | str]:
    mark = _GROUPS.get(rule.style)
    if mark is None or not rule.scale:
        return settle
    signs = "|".join(map(re.escape, known_signs(rule))) or "(?!)"
    decimal = "," if mark == r"\." else r"\."
    digits = rf"[1-9]\d{{0,2}}(?:{mark}\d{{3}}){{0,5}}{decimal}\d{{{rule.scale}}}"
    fits, to_plain = re.compile(rf"(?:{signs})?({digits})", re.ASCII).fullmatch, plain_writer(rule.style)
    longest = rule.precision + len(".")

    def read(text: str) -> Answer | str:
        match = fits(text)
        plain = to_plain(match[1]) if match else None
        return plain if plain and len(plain) <= longest else settle(text)

    return read

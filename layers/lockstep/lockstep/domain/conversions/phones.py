"""Phone numbers, read by Google's libphonenumber (`phonenumbers`) as people of a region write them."""

import re
from functools import lru_cache
from typing import Protocol

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberFormat, ValidationResult

from lockstep.domain.conversions.characters import CONTROL_CHARACTERS, is_broken, length_of, plain_text
from lockstep.domain.conversions.phone_shortcuts import e164_of
from lockstep.domain.conversions.results import Converted, Noted, Problem
from lockstep.domain.rules import PhoneRule

# The library also reads "555-1234 Bob", as 555-1234-262. Letters are no digits here: only those of an extension may be.
_PHONE = re.compile(
    r"(?:tel:)?[+\uff0b(\[]*\d[\d\s().\[\]/~\u00ad\u2010-\u2015\u2060\u200b\u2212\uff08\uff09\uff0d-]*"
    r"(?:[,;]?\s*(?:ext(?:ension|n)?|x|#|int|\u0434\u043e\u0431)[.:=]?\s*\d{1,7}#?)?",
    re.IGNORECASE,
)
_LONGEST = 60  # characters of a text that is looked at, and kept: it bounds the memory of the numbers remembered
_REMEMBERED = 4096  # numbers in each route's field, some 1 MB
_FORMATS = {
    "e164": PhoneNumberFormat.E164,
    "international": PhoneNumberFormat.INTERNATIONAL,
    "national": PhoneNumberFormat.NATIONAL,
}
_UNPARSABLE = Problem(
    "the value is not a phone number of its region",
    "correct it in the source, set `region` or `region_from`, or set `on_unparsable: keep` (or clear)",
)
_NO_REGION = Problem(
    "the phone number has no + and no region is known", "set `region` or `region_from`, or send it with + and country"
)
_EXTENSION = Problem(
    "the phone number has an extension", "correct it in the source, or set `extension: keep` (or drop)"
)
_CLEARED = Noted(None, "not a phone number: cleared")


class ConvertPhone(Protocol):
    """Converts a value, read in its region where one is known."""

    def __call__(self, value: object, region: str | None = None) -> Converted:
        """Return the number, a note, or a problem."""


def phone_converter(rule: PhoneRule) -> ConvertPhone:
    """Return the conversion that the rule describes, of a value and the region that the payload names for it."""
    is_quick = takes_shortcuts(rule)
    own_region = rule.region
    remembered = lru_cache(_REMEMBERED)(lambda text, region: _by_library(text, region, rule))

    def convert(value: object, region: str | None = None) -> Converted:
        text = value if isinstance(value, str) else plain_text(value)
        if isinstance(text, Problem):
            return text
        if len(text) > _LONGEST:
            return _unparsable(text, rule, _UNPARSABLE)
        region = region or own_region
        return (is_quick and e164_of(text, region)) or remembered(text, region)

    return convert


def takes_shortcuts(rule: PhoneRule) -> bool:
    """True where numbers come out in E.164 and only their length is checked."""
    return rule.output == "e164" and rule.check == "possible" and rule.max_length >= len("+") + 15


def known_region(found: object) -> str | None:
    """Return the region that a payload names, or None where it names none that is known."""
    region = found.strip().upper() if isinstance(found, str) and len(found) < _LONGEST else None
    return region if region in phonenumbers.SUPPORTED_REGIONS else None


def _by_library(text: str, region: str | None, rule: PhoneRule) -> Converted:
    number = _parsed(text, region)
    if isinstance(number, Problem) or not _is_accepted(number, rule):
        return _unparsable(text, rule, number if isinstance(number, Problem) else _UNPARSABLE)
    extension, number.extension = number.extension, None
    written = phonenumbers.format_number(number, _FORMATS[rule.output])
    if extension and rule.extension == "reject":
        return _EXTENSION
    whole = f"{written} ext. {extension}" if extension and rule.extension == "keep" else written
    if len(whole) > rule.max_length:
        return _too_long(rule)
    return Noted(whole, "extension dropped") if extension and rule.extension == "drop" else whole


def _parsed(text: str, region: str | None) -> PhoneNumber | Problem:
    if not _PHONE.fullmatch(text):
        return _UNPARSABLE
    try:
        return phonenumbers.parse(text, region)
    except NumberParseException:
        return _UNPARSABLE if region or text.lstrip("(tel: ")[:1] in ("+", "\uff0b") else _NO_REGION


def _is_accepted(number: PhoneNumber, rule: PhoneRule) -> bool:
    if rule.check == "valid":
        return phonenumbers.is_valid_number(number)
    # A number that is only possible within its town is not one that can be called.
    return phonenumbers.is_possible_number_with_reason(number) == ValidationResult.IS_POSSIBLE


def _unparsable(text: str, rule: PhoneRule, problem: Problem) -> Converted:
    if rule.on_unparsable == "clear":
        return _CLEARED
    if rule.on_unparsable == "reject" or is_broken(text) or CONTROL_CHARACTERS.search(text):
        return problem
    return Noted(text, "not a phone number: kept") if length_of(text) <= rule.max_length else _too_long(rule)


def _too_long(rule: PhoneRule) -> Problem:
    return Problem(f"the phone number is longer than {rule.max_length} characters", "correct it in the source")

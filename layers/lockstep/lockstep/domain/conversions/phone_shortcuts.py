"""The plain majority of phone numbers without the library's parser, which costs some 30 microseconds for each.

A shortcut answers only where the library's answer follows from its own metadata; all else is left to the library.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeAlias

from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, SUPPORTED_REGIONS, PhoneMetadata

Shortcut: TypeAlias = Callable[[str, str | None], str | None]

_INTERNATIONAL = re.compile(r"\+[1-9]\d{6,14}", re.ASCII)
_NATIONAL = re.compile(r"\d{4,16}", re.ASCII)
_WITHOUT_MARKS = str.maketrans("", "", " ()-./")


@dataclass(frozen=True, slots=True)
class _Plan:
    """What decides how digits are read: the prefixes dialled before a number, its shape and its possible lengths."""

    country_code: str
    prefix: re.Pattern[str] | None
    has_plain_prefix: bool
    abroad: re.Pattern[str] | None
    shape: re.Pattern[str]
    lengths: frozenset[int]


def e164_of(text: str, region: str | None) -> str | None:
    """Return the number in E.164 where it is plain to see, else None."""
    digits = text.translate(_WITHOUT_MARKS)
    if _INTERNATIONAL.fullmatch(digits):
        return digits if text[0] == "+" and _is_plain_international(digits) else None
    if region is None or not _NATIONAL.fullmatch(digits):
        return None
    return _from_national(digits, region)


def _is_plain_international(e164: str) -> bool:
    plan = _plan_by_first_digits(e164[1:4])
    if plan is None:
        return False
    national = e164[1 + len(plan.country_code) :]
    return len(national) in plan.lengths and not _has_prefix(national, plan)


def _has_prefix(national: str, plan: _Plan) -> bool:
    return national[0] == "0" or (plan.prefix is not None and plan.prefix.match(national) is not None)


def _from_national(digits: str, region: str) -> str | None:
    plan = _plan_of(region)
    if plan is None or digits.startswith(plan.country_code) or (plan.abroad and plan.abroad.match(digits)):
        return None
    prefix = plan.prefix.match(digits) if plan.prefix else None
    national = digits[prefix.end() :] if prefix else digits
    if prefix and not (plan.has_plain_prefix and plan.shape.fullmatch(national)):
        return None
    if len(national) not in plan.lengths or national[0] == "0":
        return None
    return f"+{plan.country_code}{national}"


@cache  # one entry for each first three digits
def _plan_by_first_digits(digits: str) -> _Plan | None:
    for length in (1, 2, 3):
        regions = COUNTRY_CODE_TO_REGION_CODE.get(int(digits[:length]))
        if regions:
            return _plan_of(regions[0])
    return None


@cache  # one entry for each region
def _plan_of(region: str) -> _Plan | None:
    found: Any = PhoneMetadata.metadata_for_region(region) if region in SUPPORTED_REGIONS else None
    if found is None:
        return None
    main: Any = PhoneMetadata.metadata_for_region(COUNTRY_CODE_TO_REGION_CODE[found.country_code][0])
    prefix, general = found.national_prefix_for_parsing, found.general_desc
    return _Plan(
        country_code=str(found.country_code),
        prefix=re.compile(prefix) if prefix else None,
        has_plain_prefix=found.national_prefix_transform_rule is None and "(" not in (prefix or ""),
        abroad=re.compile(found.international_prefix) if found.international_prefix else None,
        shape=re.compile(general.national_number_pattern),
        lengths=frozenset(general.possible_length) & frozenset(main.general_desc.possible_length),
    )

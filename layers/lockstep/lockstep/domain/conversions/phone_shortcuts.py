"""The plain majority of phone numbers without the library's parser, which costs some 30 microseconds for each.

A shortcut answers only where the library's answer follows from its own metadata; all else is left to the library.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, TypeAlias

from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, SUPPORTED_REGIONS, PhoneMetadata

Shortcut: TypeAlias = Callable[[str, str | None], str | None]

_NATIONAL = re.compile(r"\d{4,16}", re.ASCII)
_WITHOUT_MARKS = str.maketrans("", "", " ()-./")


@dataclass(frozen=True, slots=True)
class _Plan:
    """What decides how digits are read: `international` is the whole of an E.164 number of which nothing is stripped.

    `elsewhere` begins what is dialled to another country, and what already has the country's code.
    """

    country_code: str
    international: re.Pattern[str]
    elsewhere: re.Pattern[str]
    prefix: re.Pattern[str] | None
    has_plain_prefix: bool
    shape: re.Pattern[str]
    lengths: frozenset[int]


def e164_of(text: str, region: str | None) -> str | None:
    """Return the number in E.164 where it is plain to see, else None."""
    digits = text if text[1:].isdigit() else text.translate(_WITHOUT_MARKS)
    if text[:1] == "+":
        plan = _plan_by_first_digits(digits[1:4])
        return digits if plan and plan.international.fullmatch(digits) else None
    if region is None or not _NATIONAL.fullmatch(digits):
        return None
    return _from_national(digits, region)


def international_shape(region: str) -> re.Pattern[str] | None:
    """Return the shape of the region's numbers in E.164, as far as they are plain."""
    plan = _plan_of(region)
    return None if plan is None else plan.international


def _from_national(digits: str, region: str) -> str | None:
    plan = _plan_of(region)
    if plan is None or plan.elsewhere.match(digits):
        return None
    prefix = plan.prefix.match(digits) if plan.prefix else None
    national = digits[prefix.end() :] if prefix else digits
    if prefix and not (plan.has_plain_prefix and plan.shape.fullmatch(national)):
        return None
    if len(national) not in plan.lengths or national[0] == "0":
        return None
    return f"+{plan.country_code}{national}"


@lru_cache(maxsize=1000)  # one entry for each three digits
def _plan_by_first_digits(digits: str) -> _Plan | None:
    if len(digits) < 3 or not (digits.isascii() and digits.isdigit()):
        return None
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
    lengths = frozenset(general.possible_length) & frozenset(main.general_desc.possible_length)
    code = str(found.country_code)
    return _Plan(
        country_code=code,
        international=_international(code, prefix, lengths),
        elsewhere=re.compile("|".join(filter(None, (found.international_prefix, code)))),
        prefix=re.compile(prefix) if prefix else None,
        has_plain_prefix=found.national_prefix_transform_rule is None and "(" not in (prefix or ""),
        shape=re.compile(general.national_number_pattern),
        lengths=lengths,
    )


def _international(code: str, prefix: str | None, lengths: frozenset[int]) -> re.Pattern[str]:
    stripped = f"(?!0|{prefix})" if prefix else "(?!0)"
    digits = "|".join(rf"\d{{{length}}}" for length in sorted(lengths, reverse=True))
    return re.compile(rf"\+{code}{stripped}(?:{digits})", re.ASCII)

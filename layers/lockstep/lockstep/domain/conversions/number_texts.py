"""Numbers as people write them: the marks of a declared style, and signs of money around them."""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import TypeAlias

from lockstep.domain.conversions.results import Problem
from lockstep.domain.rules import CurrencyRule
from lockstep.domain.rules.numbers import Styled

ReadNumber: TypeAlias = Callable[[str], Decimal | Problem]

_SPACES = " \u00a0\u2009\u202f"
_APOSTROPHES = "'\u2019"
# Decimal mark, thousands marks: "12,5" is refused where the comma parts thousands, for it may have meant 12.5.
_MARKS: dict[Styled, tuple[str, str]] = {
    "1234.50": (".", ""),
    "1234,50": (",", ""),
    "1,234.50": (".", ","),
    "1.234,50": (",", "."),
    "1 234,50": (",", _SPACES),
    "1 234.50": (".", _SPACES),
    "1'234.50": (".", _APOSTROPHES),
    "1,23,456.50": (".", ","),
}
_DIGITS = 400
_PLAIN = re.compile(r"[+-]?(?:\d{1,400}(?:\.\d{0,400})?|\.\d{1,400})(?:[eE][+-]?\d{1,4})?", re.ASCII)
_MINUS = "-\u2212"

# Written before or after the amount. $ and kr are used by several: which one is meant says `currency`.
_SYMBOLS: Mapping[str, str] = {
    "AUD": "$ A$ AU$",
    "BRL": "R$",
    "CAD": "$ C$ CA$",
    "CHF": "Fr. Fr SFr. SFr",
    "CLP": "$",
    "CNY": "¥ ￥ 元 CN¥",
    "COP": "$",
    "CZK": "Kč",
    "DKK": "kr kr.",
    "EUR": "€",
    "GBP": "£",
    "HKD": "$ HK$",
    "HUF": "Ft",
    "IDR": "Rp",
    "ILS": "₪",
    "INR": "₹ Rs Rs.",
    "JPY": "¥ ￥ 円",
    "KRW": "₩ 원",
    "MXN": "$ MX$",
    "NOK": "kr kr.",
    "NZD": "$ NZ$",
    "PHP": "₱",
    "PLN": "zł",
    "RUB": "₽",
    "SEK": "kr kr.",
    "SGD": "$ S$",
    "THB": "฿",
    "TRY": "₺",
    "UAH": "₴",
    "USD": "$ US$",
    "VND": "₫",
    "ZAR": "R",
}
_AMOUNT = re.compile(
    r"(?P<open>\()?\s{0,2}(?P<sign>[-+\u2212])?\s{0,2}(?P<before>[^\d\s()+\u2212-][^\d\s()+\u2212-]{0,7})?\s{0,2}(?P<sign2>[-+\u2212])?\s{0,2}"
    r"(?P<number>\d(?:[^()]{0,900}\d)?)(?P<round>[.,:][-\u2013\u2014]{1,2})?\s{0,2}"
    r"(?P<after>[^\d\s()+\u2212-][^\d\s()+\u2212-]{0,7})?\s{0,2}(?P<trailing>[-\u2212])?\s{0,2}(?P<close>\))?"
)
_ISO_CODE = re.compile("[A-Z]{3}")
_NOT_AN_AMOUNT = Problem(
    "the text is not an amount of money in the declared style", "correct it in the source, or `style`"
)
_OTHER_CURRENCY = Problem(
    "the amount has a sign or code of a currency that is not declared",
    "set `currency` (or `currency: any`), add the sign to `symbols`, or correct it in the source",
)


def number_reader(style: Styled) -> ReadNumber:
    """Return a function from text in the style to the number, exactly."""
    decimal_mark, marks = _MARKS[style]
    unreadable = Problem(
        f"the text is not a plain number such as {style}",
        "correct it in the source, or set `style` as it writes numbers",
    )
    shape = re.compile(_shape(style), re.ASCII)
    to_plain = plain_writer(style)

    def read(text: str) -> Decimal | Problem:
        return Decimal(to_plain(text)) if shape.fullmatch(text) else unreadable

    return read if marks or decimal_mark != "." else _plain_reader(unreadable)


def amount_reader(rule: CurrencyRule) -> ReadNumber:
    """Return a function from an amount with its signs to the number."""
    read = number_reader(rule.style)
    known = known_signs(rule)
    # Most amounts of a source begin or end with the same sign.
    signs = "|".join(map(re.escape, known)) or "(?!)"
    quick = re.compile(rf"(?:{signs})?(?P<number>{_shape(rule.style)})", re.ASCII)
    to_plain = plain_writer(rule.style)

    def read_amount(text: str) -> Decimal | Problem:
        match = quick.fullmatch(text)
        if match:
            return Decimal(to_plain(match["number"]))
        match = _AMOUNT.fullmatch(text.strip())
        if match is None or not _is_one_sign(match):
            return _NOT_AN_AMOUNT
        if not all(_is_known(match[side], known, rule) for side in ("before", "after")):
            return _OTHER_CURRENCY
        return _signed(read(match["number"]), match)

    return read_amount


def _plain_reader(unreadable: Problem) -> ReadNumber:
    return lambda text: Decimal(text) if _PLAIN.fullmatch(text) else unreadable


def plain_writer(style: Styled) -> Callable[[str], str]:
    """Return a function from a number in the style to one that Decimal reads."""
    decimal_mark, marks = _MARKS[style]
    changes = [*((mark, "") for mark in marks), *([(",", ".")] if decimal_mark == "," else []), ("\u2212", "-")]

    def to_plain(text: str) -> str:
        for mark, plain in changes:
            text = text.replace(mark, plain)
        return text

    return to_plain


def _shape(style: Styled) -> str:
    decimal_mark, marks = _MARKS[style]
    grouped = ""
    if style == "1,23,456.50":
        grouped = rf"\d{{1,2}}(?:,\d\d){{0,{_DIGITS}}},\d{{3}}|"
    elif len(marks) == 1:
        grouped = rf"\d{{1,3}}(?:{re.escape(marks)}\d{{3}}){{1,{_DIGITS}}}|"
    elif marks:
        # One kind of mark in a number: 1 234.567 mixes two.
        grouped = rf"\d{{1,3}}(?P<mark>[{re.escape(marks)}])\d{{3}}(?:(?P=mark)\d{{3}}){{0,{_DIGITS}}}|"
    return rf"[-+\u2212]?(?:{grouped}\d{{1,{_DIGITS}}})(?:{re.escape(decimal_mark)}\d{{1,{_DIGITS}}})?"


def known_signs(rule: CurrencyRule) -> frozenset[str]:
    """Return the symbols and codes that may stand beside an amount."""
    if rule.currency is None:
        return frozenset()
    codes = _SYMBOLS if rule.currency == "any" else [rule.currency]
    signs = {sign for code in codes for sign in _SYMBOLS.get(code, "").split()}
    return frozenset({*signs, *codes, *rule.symbols})


def _is_known(sign: str | None, known: frozenset[str], rule: CurrencyRule) -> bool:
    return sign is None or sign in known or (rule.currency == "any" and _ISO_CODE.fullmatch(sign) is not None)


def _is_one_sign(match: re.Match[str]) -> bool:
    signs = [match["open"], match["sign"], match["sign2"], match["trailing"]]
    return sum(map(bool, signs)) <= 1 and bool(match["open"]) == bool(match["close"])


def _signed(number: Decimal | Problem, match: re.Match[str]) -> Decimal | Problem:
    if isinstance(number, Problem):
        return _NOT_AN_AMOUNT
    is_negative = match["open"] or any(match[sign] and match[sign] in _MINUS for sign in ("sign", "sign2", "trailing"))
    return number.copy_negate() if is_negative else number

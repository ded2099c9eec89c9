"""Numbers as people write them: marks of eight locales, percentages, amounts of money. A mark is never guessed."""

from decimal import Decimal

import pytest

from lockstep.domain.conversions.results import Noted, Problem
from tests.unit.conversion_rules import conversion

LOCALES = {
    "en-US": ("1,234.50", "USD", ["$1,234,567.50", "-$1,234,567.50", "($1,234,567.50)", "USD 1,234,567.50"]),
    "de-DE": ("1.234,50", "EUR", ["1.234.567,50 €", "-1.234.567,50~€", "€ -1.234.567,50", "EUR 1.234.567,50"]),
    "fr-FR": ("1 234,50", "EUR", ["1^234^567,50~€", "-1 234 567,50 €", "(1 234 567,50 €)", "1234567,50"]),
    "de-CH": ("1'234.50", "CHF", ["CHF 1'234'567.50", "CHF-1`234`567.50", "Fr. -1'234'567.50", "1'234'567.50"]),
    "en-IN": ("1,23,456.50", "INR", ["₹12,34,567.50", "-₹12,34,567.50", "(Rs. 12,34,567.50)", "INR 12,34,567.50"]),
    "sv-SE": ("1 234,50", "SEK", ["1~234~567,50~kr", "\u22121~234~567,50~kr", "-1 234 567,50 SEK", "1234567,50 kr"]),
    "pt-BR": ("1.234,50", "BRL", ["R$ 1.234.567,50", "-R$~1.234.567,50", "(R$ 1.234.567,50)", "BRL 1.234.567,50"]),
    "pl-PL": ("1 234,50", "PLN", ["1~234~567,50~zł", "-1~234~567,50~zł", "(1 234 567,50 PLN)", "1 234 567,50"]),
    "en-ZA": ("1 234.50", "ZAR", ["R 1 234 567.50", "-R1 234 567.50", "(R1 234 567.50)", "ZAR 1 234 567.50"]),
}
# The spaces that do not break, and the curly apostrophe: no editor shows them.
UNSEEN = str.maketrans({"~": "\u00a0", "^": "\u202f", "`": "\u2019"})


@pytest.mark.parametrize(("style", "currency", "texts"), LOCALES.values(), ids=LOCALES)
def test_amounts_of_a_locale_arrive_exactly(style, currency, texts):
    convert = conversion("currency", style=style, currency=currency)
    amount = Decimal("1234567.50")

    assert [convert(text.translate(UNSEEN)) for text in texts] == [amount, -amount, -amount, amount]


@pytest.mark.parametrize(
    ("options", "value", "expected"),
    [
        pytest.param({}, "1234.5", "1234.50", id="plain"),
        pytest.param({}, Decimal("1234.5"), "1234.50", id="JSON number"),
        pytest.param({}, 7, "7.00", id="JSON integer"),
        pytest.param({}, "(1234.50)", "-1234.50", id="accountant's minus"),
        pytest.param({"style": "1.234,50"}, "1.234,50-", "-1234.50", id="SAP's minus"),
        pytest.param({}, "(0.00)", "0.00", id="minus zero"),
        pytest.param({"currency": "JPY", "scale": 0, "style": "1,234.50"}, "\uffe51,234", "1234", id="no decimals"),
        pytest.param({"currency": "CHF", "style": "1'234.50"}, "Fr. 1'234.—", "1234.00", id="Swiss round amount"),
        pytest.param({"currency": "any"}, "PEN 5.10", "5.10", id="any code"),
        pytest.param({"currency": "any"}, "5.10 ₫", "5.10", id="any symbol"),
        pytest.param({"currency": "PEN", "symbols": ["S/"]}, "S/ 5.10", "5.10", id="declared symbol"),
    ],
)
def test_currency_arrives(options, value, expected):
    assert str(conversion("currency", **options)(value)) == expected


@pytest.mark.parametrize(
    ("options", "value", "reason"),
    [
        pytest.param({}, "€ 5", "not declared", id="symbol that was not declared"),
        pytest.param({"currency": "EUR"}, "$5.00", "not declared", id="another currency"),
        pytest.param({"currency": "EUR"}, "5.00 USD", "not declared", id="another code"),
        pytest.param({"currency": "any"}, "about 5.00", "currency", id="a word"),
        pytest.param({"style": "1,234.50"}, "12,5", "not an amount", id="comma that is no thousands mark"),
        pytest.param({"style": "1.234,50"}, "1234.50", "not an amount", id="point that is no thousands mark"),
        pytest.param({"style": "1,23,456.50"}, "1,234,567.50", "not an amount", id="not Indian"),
        pytest.param({"style": "1 234,50"}, "1 234\u00a0567,50", "not an amount", id="two thousands marks"),
        pytest.param({}, "-(5.00)", "not an amount", id="two signs"),
        pytest.param({}, "(5.00", "not an amount", id="half a bracket"),
        pytest.param({}, "--5", "not an amount", id="two minus signs"),
        pytest.param({}, "5 5", "not an amount", id="two numbers"),
        pytest.param({}, "(" + " " * 100_000 + "5", "not an amount", id="endless space"),
        pytest.param({}, "5" + "x" * 100_000, "not an amount", id="endless word"),
        pytest.param({}, "9" * 400, "more than 16 digits", id="400 digits"),
        pytest.param({}, "5.005", "more than 2 decimals", id="too exact"),
        pytest.param({}, "Infinity", "not an amount", id="infinity"),
        pytest.param({}, Decimal("NaN"), "a number", id="NaN"),
        pytest.param({}, True, "true or false", id="boolean"),
        pytest.param({}, 1.5, "inexact", id="float made by JMESPath"),
    ],
)
def test_currency_is_refused(options, value, reason):
    problem = conversion("currency", **options)(value)

    assert isinstance(problem, Problem), problem
    assert reason in problem.reason


@pytest.mark.parametrize(
    ("options", "value", "expected"),
    [
        pytest.param({}, "25", 25, id="text"),
        pytest.param({}, "25 %", 25, id="with its sign"),
        pytest.param({"scale": 1}, Decimal("7.5"), Decimal("7.5"), id="number"),
        pytest.param({"fraction": True}, Decimal("0.25"), 25, id="fraction"),
        pytest.param({"fraction": True}, 1, 100, id="the whole"),
        pytest.param({"fraction": True}, "25%", 25, id="a percent sign is no fraction"),
        pytest.param({"scale": 1, "style": "1234,50"}, "12,5%", Decimal("12.5"), id="decimal comma"),
        pytest.param({"fraction": True, "round": True}, "0.333", Noted(33, "rounded to 0 decimals"), id="rounded"),
    ],
)
def test_percent_arrives(options, value, expected):
    assert conversion("percent", **options)(value) == expected


@pytest.mark.parametrize("value", ["%", "% 5", "5 %%", "five", True, 10**400, "9" * 400 + "%", Decimal("1e400"), None])
def test_percent_is_refused(value):
    assert isinstance(conversion("percent")(value), Problem)
    assert isinstance(conversion("percent", fraction=True)(value), Problem)


@pytest.mark.parametrize(
    ("value", "expected"), [("42", 42), ("1 234 567", 1234567), (Decimal("7.0"), 7), ("-1\u202f000", -1000)]
)
def test_integer_arrives(value, expected):
    converted = conversion("integer", style="1 234,50")(value)

    assert (type(converted), converted) == (int, expected)


@pytest.mark.parametrize("value", ["7,5", "7.5", Decimal("7.5"), 10**18, "1e3", False])
def test_integer_is_refused(value):
    assert isinstance(conversion("integer", style="1 234,50")(value), Problem)

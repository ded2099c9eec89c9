"""Text, numbers, true and false, picklists and references, with values as real systems send them."""

from decimal import Decimal

import pytest

from lockstep.domain.conversions.results import Noted, Problem
from tests.unit.conversion_rules import conversion

EMOJI = "\U0001f600"
DIGITS_400 = "9" * 400


def _reason(converted):
    assert isinstance(converted, Problem), converted
    assert converted.remedy
    return converted.reason


@pytest.mark.parametrize(
    ("options", "value", "expected"),
    [
        pytest.param({}, "Zoë Müller 株式会社", "Zoë Müller 株式会社", id="any script"),
        pytest.param({}, "  kept  ", "  kept  ", id="space around is kept"),
        pytest.param({}, "two\nlines\tand a tab", "two\nlines\tand a tab", id="line breaks and tabs"),
        pytest.param({}, 706405506930370084, "706405506930370084", id="integer above 2^53"),
        pytest.param({}, Decimal("388.00"), "388.00", id="decimal keeps its zeros"),
        pytest.param({"max_length": 3}, "abc", "abc", id="as long as allowed"),
        pytest.param({"max_length": 4}, EMOJI * 2, EMOJI * 2, id="astral characters count twice and fit"),
        pytest.param(
            {"max_length": 3, "on_too_long": "truncate"},
            "abcd",
            Noted("abc", "cut to 3 characters"),
            id="cut where declared",
        ),
        pytest.param(
            {"max_length": 3, "on_too_long": "truncate"},
            "ab" + EMOJI,
            Noted("ab", "cut to 3 characters"),
            id="never half a character",
        ),
        pytest.param(
            {"control_characters": "remove"}, "a\x00b\x07", Noted("ab", "control characters taken out"), id="removed"
        ),
        pytest.param(
            {"control_characters": "space"}, "a\x0bb", Noted("a b", "control characters taken out"), id="to a space"
        ),
    ],
)
def test_text_arrives(options, value, expected):
    assert conversion("text", **options)(value) == expected


@pytest.mark.parametrize(
    ("options", "value", "reason"),
    [
        pytest.param({"max_length": 3}, "abcd", "longer than 3 characters", id="too long"),
        pytest.param({"max_length": 3}, EMOJI * 2, "longer than 3 characters", id="too long in UTF-16 only"),
        pytest.param({}, "a\x00b", "control character", id="NUL"),
        pytest.param({}, "a\ud800b", "surrogate", id="lone surrogate"),
        pytest.param({"control_characters": "remove"}, "\udfff\x00", "surrogate", id="lone surrogate, lenient"),
        pytest.param({}, True, "true or false", id="boolean"),
        pytest.param({}, ["a"], "a list", id="list"),
        pytest.param({}, {"a": "b"}, "an object", id="object"),
        pytest.param({}, 1.5, "inexact", id="float made by JMESPath"),
        pytest.param({}, 10**5000, "not text or a number", id="number that Python cannot write"),
        pytest.param({}, Decimal("NaN"), "not text or a number", id="NaN"),
    ],
)
def test_text_is_refused(options, value, reason):
    assert reason in _reason(conversion("text", **options)(value))


@pytest.mark.parametrize(
    ("options", "value", "expected"),
    [
        pytest.param({}, 42, 42, id="integer"),
        pytest.param({}, "-17", -17, id="text"),
        pytest.param({}, "+5", 5, id="plus sign"),
        pytest.param({}, Decimal("12.00"), 12, id="nothing after the point"),
        pytest.param({}, "1e3", 1000, id="exponent"),
        pytest.param({}, 999_999_999_999_999_999, 999_999_999_999_999_999, id="18 digits"),
        pytest.param({}, "-0.0", 0, id="minus zero"),
        pytest.param({"scale": 2}, "-0.00", Decimal("0.00"), id="minus zero with decimals"),
        pytest.param({"scale": 2}, "388.00", Decimal("388.00"), id="price"),
        pytest.param({"scale": 2}, 7, Decimal("7.00"), id="integer to decimals"),
        pytest.param({"scale": 2}, ".5", Decimal("0.50"), id="nothing before the point"),
        pytest.param({"scale": 2}, Decimal("0.1"), Decimal("0.10"), id="a tenth is a tenth"),
        pytest.param({"scale": 2}, Decimal("0E+999"), Decimal("0.00"), id="zero with an exponent"),
        pytest.param(
            {"scale": 2, "round": True}, "0.005", Noted(Decimal("0.01"), "rounded to 2 decimals"), id="half up"
        ),
        pytest.param({"scale": 0, "round": True}, Decimal("-1.5"), Noted(-2, "rounded to 0 decimals"), id="half away"),
        pytest.param(
            {"scale": 2, "round": True},
            Decimal("1E-9999"),
            Noted(Decimal("0.00"), "rounded to 2 decimals"),
            id="almost nothing",
        ),
    ],
)
def test_number_arrives_exactly(options, value, expected):
    converted = conversion("number", **options)(value)

    assert converted == expected
    assert str(getattr(converted, "value", converted)) == str(getattr(expected, "value", expected))


@pytest.mark.parametrize(
    ("options", "value", "reason"),
    [
        pytest.param({}, True, "true or false", id="true is not 1"),
        pytest.param({}, 10**18, "more than 18 digits", id="19 digits"),
        pytest.param({}, DIGITS_400, "more than 18 digits", id="400 digits as text"),
        pytest.param({}, int(DIGITS_400), "more than 18 digits", id="400 digits"),
        pytest.param({}, Decimal("1e400"), "more than 18 digits", id="1e400"),
        pytest.param({"scale": 2}, "1e400", "more than 16 digits", id="1e400 as text"),
        pytest.param({"scale": 17}, 10**17, "more than 1 digits", id="35 digits once the decimals are added"),
        pytest.param({"scale": 2}, 10**16, "more than 16 digits", id="no room for the decimals"),
        pytest.param({"precision": 3, "scale": 1, "round": True}, "99.95", "more than 2 digits", id="rounds over"),
        pytest.param({"scale": 2}, "1.005", "more than 2 decimals", id="too exact"),
        pytest.param({}, "1.5", "more than 0 decimals", id="decimals were not declared"),
        pytest.param({}, "NaN", "not a plain number", id="NaN as text"),
        pytest.param({}, "Infinity", "not a plain number", id="infinity as text"),
        pytest.param({}, Decimal("Infinity"), "a number", id="infinity"),
        pytest.param({}, Decimal("sNaN"), "a number", id="signalling NaN"),
        pytest.param({}, "1,234", "not a plain number", id="thousands mark"),
        pytest.param({}, "1_000", "not a plain number", id="underscore"),
        pytest.param({}, "٣", "not a plain number", id="digit of another script"),
        pytest.param({}, " 5", "not a plain number", id="space that was not declared"),
        pytest.param({}, "0x10", "not a plain number", id="hexadecimal"),
        pytest.param({}, "5\n", "not a plain number", id="line feed at the end"),
        pytest.param({}, 1.5, "inexact", id="float made by JMESPath"),
        pytest.param({}, [1], "a list", id="list"),
    ],
)
def test_number_is_refused(options, value, reason):
    assert reason in _reason(conversion("number", **options)(value))


@pytest.mark.parametrize("value", [True, 1, "1", "true", "TRUE", "yes", "Y", "on", "On"])
def test_true_in_every_notation(value):
    assert conversion("boolean")(value) is True


@pytest.mark.parametrize("value", [False, 0, "0", "false", "False", "NO", "n", "off"])
def test_false_in_every_notation(value):
    assert conversion("boolean")(value) is False


@pytest.mark.parametrize("value", [2, -1, "ja", "t", "enabled", " true", "10", Decimal(1), 1.0, [], {}, 10**400])
def test_nothing_else_is_true_or_false(value):
    assert _reason(conversion("boolean")(value))


STATUS = {"paid": "Activated", "true": "Yes", "1": "One"}


@pytest.mark.parametrize(("value", "expected"), [("paid", "Activated"), (True, "Yes"), (1, "One")])
def test_picklist_looks_up_the_value_table(value, expected):
    assert conversion("picklist", values=STATUS)(value) == expected


@pytest.mark.parametrize("value", ["Paid", "void", 2, False, "constructor"])
def test_picklist_lists_the_table_when_a_word_is_not_in_it(value):
    converted = conversion("picklist", values=STATUS)(value)

    assert _reason(converted) == "the value is not in the value table"
    assert "1, paid, true" in converted.remedy


def test_picklist_default_is_noted():
    converted = conversion("picklist", values=STATUS, default="Draft")("void")

    assert converted == Noted("Draft", "not in the value table: default used")


def test_long_value_table_is_cut_in_the_message():
    table = {f"word{number:03}": "X" for number in range(100)}

    assert conversion("picklist", values=table)("void").remedy.endswith("word039 and 60 more")


@pytest.mark.parametrize("value", [["paid"], {"paid": 1}, 1.0])
def test_picklist_refuses_what_is_not_a_word_even_with_a_default(value):
    assert _reason(conversion("picklist", values=STATUS, default="Draft")(value))


@pytest.mark.parametrize(
    ("value", "key"),
    [("000123", "000123"), (115310627314723954, "115310627314723954"), ("a/b?c#50%", "a/b?c#50%"), ("ü é", "ü é")],
)
def test_reference_keeps_the_key_digit_for_digit(value, key):
    assert conversion("reference", to="Account", by="Key__c")(value) == key


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        pytest.param(" 1", "white space", id="space before"),
        pytest.param("1\n", "white space", id="line feed after"),
        pytest.param("a\x00", "control character", id="NUL"),
        pytest.param("a\rb", "control character", id="carriage return within"),
        pytest.param("a\tb", "control character", id="tab within"),
        pytest.param("\ud800", "surrogate", id="lone surrogate"),
        pytest.param("k" * 256, "longer than 255", id="too long"),
        pytest.param(EMOJI * 128, "longer than 255", id="too long in UTF-16"),
        pytest.param({"id": 1}, "an object", id="object"),
        pytest.param(False, "true or false", id="boolean"),
    ],
)
def test_reference_refuses_a_key_that_would_not_be_found(value, reason):
    assert reason in _reason(conversion("reference", to="Account", by="Key__c")(value))

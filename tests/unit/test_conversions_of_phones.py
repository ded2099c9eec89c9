"""Phone numbers of the world, with the library's own examples; what is no number is never made one."""

import re

import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from lockstep.domain.conversions.phone_shortcuts import e164_of
from lockstep.domain.conversions.results import Noted, Problem
from tests.unit.conversion_rules import conversion

REGIONS = re.findall(
    "..",
    "AEARATAUBEBRCACHCLCNCOCZDEDKEGESFIFRGBGRHKHUIDIEILINITJPKEKRMXMYNGNLNONZPHPLPTRUSESGTHTRUAUSVNZA",
)
KINDS = (PhoneNumberType.FIXED_LINE, PhoneNumberType.MOBILE, PhoneNumberType.TOLL_FREE)
EXAMPLES = [
    (region, number)
    for region in REGIONS
    for kind in KINDS
    if (number := phonenumbers.example_number_for_type(region, kind))
]
FULL_WIDTH = {ord(sign): ord(sign) + 0xFEE0 for sign in "+0123456789"}
FORMATS = (PhoneNumberFormat.NATIONAL, PhoneNumberFormat.INTERNATIONAL, PhoneNumberFormat.E164)


def _e164(number):
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def test_the_table_has_at_least_forty_regions():
    assert len({region for region, _ in EXAMPLES}) >= 40


@pytest.mark.parametrize("region", REGIONS)
def test_examples_of_a_region_arrive_however_they_are_written(region):
    convert = conversion("phone", region=region)
    for number in (number for each, number in EXAMPLES if each == region):
        for written in FORMATS:
            assert convert(phonenumbers.format_number(number, written)) == _e164(number), number


@pytest.mark.parametrize("region", REGIONS)
def test_national_and_international_output_is_the_librarys(region):
    for output, written in (("national", FORMATS[0]), ("international", FORMATS[1])):
        number = phonenumbers.example_number(region)
        assert conversion("phone", region=region, output=output)(_e164(number)) == phonenumbers.format_number(
            number, written
        )


@pytest.mark.parametrize(
    ("options", "value", "expected"),
    [
        pytest.param({"region": "DE"}, "030/12 34 56 78", "+493012345678", id="slash"),
        pytest.param({"region": "DE"}, "0049 30 12345678", "+493012345678", id="dialled from abroad"),
        pytest.param({"region": "DE"}, "+49 (0)30 12345678", "+493012345678", id="zero in brackets"),
        pytest.param({"region": "US"}, "(415) 555-2671", "+14155552671", id="American"),
        pytest.param({"region": "US"}, "1-415-555-2671", "+14155552671", id="with its trunk prefix"),
        pytest.param({"region": "US"}, 4155552671, "+14155552671", id="number"),
        pytest.param({"region": "IT"}, "06 698 12345", "+390669812345", id="Italy keeps its zero"),
        pytest.param({}, "tel:+33-1-42-68-53-00", "+33142685300", id="RFC 3966"),
        pytest.param({}, "+33142685300".translate(FULL_WIDTH), "+33142685300", id="full width digits"),
        pytest.param({}, "+1 415 555 2671 ext. 12", "+14155552671 ext. 12", id="extension"),
        pytest.param({}, "+1 415 555 2671 x12", "+14155552671 ext. 12", id="extension with x"),
        pytest.param({}, "+14155552671;ext=12", "+14155552671 ext. 12", id="extension of RFC 3966"),
        pytest.param(
            {"extension": "drop"}, "+14155552671 x12", Noted("+14155552671", "extension dropped"), id="dropped"
        ),
        pytest.param({"on_unparsable": "keep"}, "ask Bob", Noted("ask Bob", "not a phone number: kept"), id="kept"),
        pytest.param({"on_unparsable": "clear"}, "ask Bob", Noted(None, "not a phone number: cleared"), id="cleared"),
    ],
)
def test_phone_arrives(options, value, expected):
    assert conversion("phone", **options)(value) == expected


@pytest.mark.parametrize(
    ("options", "value", "reason"),
    [
        pytest.param({}, "030 12345678", "no region is known", id="no region"),
        pytest.param({"region": "US"}, "555-1234 Bob", "not a phone number", id="letters would be dialled"),
        pytest.param({"region": "US"}, "1-800-FLOWERS", "not a phone number", id="vanity number"),
        pytest.param({"region": "US"}, "555-1234", "not a phone number", id="possible in its town only"),
        pytest.param({"region": "US"}, "0", "not a phone number", id="too short"),
        pytest.param({"region": "US"}, "4" * 300, "not a phone number", id="300 digits"),
        pytest.param({"region": "US"}, int("4" * 400), "not a phone number", id="400 digits"),
        pytest.param({}, "+999 12345678", "not a phone number", id="no such country"),
        pytest.param({}, "+14155552671, +14155552672", "not a phone number", id="two numbers"),
        pytest.param({}, "+1415\x00555 2671", "not a phone number", id="NUL"),
        pytest.param({"on_unparsable": "keep"}, "Bob\x00", "not a phone number", id="what is kept must be text"),
        pytest.param({"on_unparsable": "keep"}, "Bob\ud800", "not a phone number", id="and whole"),
        pytest.param({"on_unparsable": "keep"}, "B" * 41, "longer than 40", id="and fit"),
        pytest.param({"extension": "reject"}, "+14155552671 x12", "extension", id="extension"),
        pytest.param({"check": "valid"}, "+1 200 000 0000", "not a phone number", id="never given out"),
        pytest.param({}, True, "true or false", id="boolean"),
        pytest.param({}, ["+14155552671"], "a list", id="list"),
    ],
)
def test_phone_is_refused(options, value, reason):
    problem = conversion("phone", **options)(value)

    assert isinstance(problem, Problem), problem
    assert reason in problem.reason


PIECES = st.sampled_from([*"0123456789", *"0123456789", " ", "-", "(", ")", "/", ".", "+", "00", "011", "1", "49", "7"])
NUMBERS = st.builds(
    lambda example, flaw, at: (example[0], example[1][:at] + flaw + example[1][at + len(flaw) :]),
    st.sampled_from(
        [(region, phonenumbers.format_number(number, written)) for region, number in EXAMPLES for written in FORMATS]
    ),
    st.lists(PIECES, max_size=2).map("".join),
    st.integers(0, 12),
)


@settings(deadline=None, max_examples=500)  # two busy cores are no failure
@given(written=NUMBERS | st.tuples(st.sampled_from(REGIONS), st.lists(PIECES, max_size=16).map("".join)))
def test_a_shortcut_answers_what_the_library_answers(written):
    region, text = written
    shortcut = e164_of(text, region)

    if shortcut is not None:
        number = phonenumbers.parse(text, region)
        assert shortcut == _e164(number)
        assert phonenumbers.is_possible_number_with_reason(number) == phonenumbers.ValidationResult.IS_POSSIBLE


@pytest.mark.parametrize("region", sorted(phonenumbers.SUPPORTED_REGIONS))
def test_shortcuts_agree_with_the_library_in_every_region(region):
    for kind in PhoneNumberType.values():
        number = phonenumbers.example_number_for_type(region, kind)
        for written in FORMATS if number else ():
            text = phonenumbers.format_number(number, written)
            assert e164_of(text, region) in (None, _e164(phonenumbers.parse(text, region)))

"""Dates, points in time and times of day in the formats of real systems."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lockstep.domain.conversions.results import Problem
from lockstep.domain.date_patterns import moment_pattern
from tests.unit.conversion_rules import conversion

NEW_YORK, TOKYO = "America/New_York", "Asia/Tokyo"


@pytest.mark.parametrize(
    ("options", "value"),
    [
        pytest.param({}, "2025-05-06", id="ISO 8601"),
        pytest.param({"formats": "DD.MM.YYYY"}, "06.05.2025", id="German"),
        pytest.param({"formats": "M/D/YYYY"}, "5/6/2025", id="American"),
        pytest.param({"formats": "DD/MM/YYYY"}, "06/05/2025", id="British, French"),
        pytest.param({"formats": "YYYY/MM/DD"}, "2025/05/06", id="Japanese"),
        pytest.param({"formats": "YYYYMMDD"}, "20250506", id="SAP"),
        pytest.param({"formats": "DD-MMM-YYYY"}, "06-MAY-2025", id="Oracle"),
        pytest.param({"formats": "MMM D, YYYY"}, "May 6, 2025", id="American, in words"),
        pytest.param({"formats": "epoch_ms", "zone": NEW_YORK}, 1746541800000, id="HubSpot"),
        pytest.param({"zone": NEW_YORK}, "2025-05-06T19:30:00-04:00", id="Shopify"),
        pytest.param({"formats": "rfc2822", "zone": NEW_YORK}, "Wed, 07 May 2025 01:30:00 GMT", id="mail"),
        pytest.param({"formats": "M/D/YYYY h:mm A", "zone": NEW_YORK}, "5/6/2025 11:30 PM", id="its day as written"),
        pytest.param({"formats": "DD.MM.YYYY HH:mm Z", "zone": TOKYO}, "05.05.2025 23:30 Z", id="its day in Tokyo"),
        pytest.param({"formats": ["iso", "DD.MM.YYYY"]}, "06.05.2025", id="one of two formats"),
    ],
)
def test_sixth_of_may_in_the_formats_of_sources(options, value):
    assert conversion("date", **options)(value) == "2025-05-06"


@pytest.mark.parametrize(
    ("options", "value", "expected"),
    [
        pytest.param({"formats": "rfc2822"}, "Tue, 6 May 2025 16:30:05 +0200", "14:30:05.000Z", id="RFC 2822"),
        pytest.param({"formats": "rfc2822"}, "06 May 2025 10:30 EDT (summer)", "14:30:00.000Z", id="old zone"),
        pytest.param({"formats": "rfc2822"}, "06 May 2025 14:30 -0000", "14:30:00.000Z", id="UTC of no known zone"),
        pytest.param(
            {"formats": "DD.MM.YYYY HH:mm:ss", "zone": "Europe/Berlin"},
            "06.05.2025 16:30:05",
            "14:30:05.000Z",
            id="German",
        ),
        pytest.param(
            {"formats": "M/D/YYYY h:mm A", "zone": NEW_YORK}, "5/6/2025 10:30 am", "14:30:00.000Z", id="American"
        ),
        pytest.param(
            {"formats": "M/D/YYYY h:mm A", "zone": "UTC"}, "5/6/2025 12:05 AM", "00:05:00.000Z", id="midnight"
        ),
        pytest.param({"formats": "M/D/YYYY h:mm A", "zone": "UTC"}, "5/6/2025 12:05 PM", "12:05:00.000Z", id="noon"),
        pytest.param({"formats": "YYYYMMDDHHmmssSSSZ"}, "20250506143005250+0000", "14:30:05.250Z", id="no marks"),
        pytest.param({"formats": ["iso", "epoch_us"]}, 1746541805250999, "14:30:05.250Z", id="one of two formats"),
    ],
)
def test_datetime_in_the_formats_of_sources(options, value, expected):
    assert conversion("datetime", **options)(value) == f"2025-05-06T{expected}"


@pytest.mark.parametrize(
    ("options", "value", "reason"),
    [
        pytest.param({"formats": "rfc2822"}, "Tue, 32 May 2025 16:30:05 +0200", "not a date and time", id="day 32"),
        pytest.param({"formats": "rfc2822"}, "06 Mai 2025 16:30:05 +0200", "not a date and time", id="German month"),
        pytest.param({"formats": "rfc2822"}, "06 May 2025 16:30:05 CEST", "not a date and time", id="zone of no RFC"),
        pytest.param(
            {"formats": "rfc2822"}, "06 May 2025 16:30:05 +9900", "not a date and time", id="offset of 99 hours"
        ),
        pytest.param({"formats": "DD.MM.YYYY HH:mm"}, "06.05.2025 16:30", "no zone is declared", id="no zone"),
        pytest.param(
            {"formats": "DD.MM.YYYY HH:mm", "zone": "Europe/Berlin"},
            "30.03.2025 02:30",
            "skip this time",
            id="impossible",
        ),
        pytest.param(
            {"formats": ["DD/MM/YYYY HH:mm Z", "MM/DD/YYYY HH:mm Z"]},
            "06/05/2025 16:30 Z",
            "another time",
            id="ambiguous",
        ),
        pytest.param({"formats": "M/D/YYYY h:mm A"}, "5/6/2025 13:30 PM", "not a date and time", id="hour 13 PM"),
        pytest.param({"formats": "M/D/YYYY h:mm A"}, "5/6/2025 0:30 AM", "not a date and time", id="hour 0 AM"),
        pytest.param({"formats": "DD.MM.YYYY HH:mm Z"}, "06.05.2025 16:30 +99:00", "not a date and time", id="offset"),
        pytest.param({"formats": "DD.MM.YYYY HH:mm Z"}, "01.01.0001 00:00 +14:00", "between 1700", id="year 1"),
    ],
)
def test_datetime_in_another_format_is_refused(options, value, reason):
    problem = conversion("datetime", **options)(value)

    assert isinstance(problem, Problem), problem
    assert reason in problem.reason


@pytest.mark.parametrize(
    ("options", "value", "expected"),
    [
        pytest.param({}, "14:30", "14:30:00.000Z", id="hours and minutes"),
        pytest.param({}, "14:30:15.2509", "14:30:15.250Z", id="parts of a second"),
        pytest.param({}, "00:00:00Z", "00:00:00.000Z", id="UTC, as Salesforce writes it"),
        pytest.param({"formats": "h:mm A"}, "2:30 pm", "14:30:00.000Z", id="American"),
        pytest.param({"formats": ["iso", "HHmm"]}, 1430, "14:30:00.000Z", id="digits, as a number"),
    ],
)
def test_time_arrives(options, value, expected):
    assert conversion("time", **options)(value) == expected


@pytest.mark.parametrize(
    "value", ["24:00", "14:60", "2:30", "14:30+02:00", "14:30:00-00:30", "noon", 14, True, "2025-05-06T14:30", []]
)
def test_time_is_refused(value):
    assert isinstance(conversion("time")(value), Problem)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "DD.MM",
        "YYYY-MM",
        "DD.MM.YYYYY",
        "DD.MMMM.YYYY",
        "DD.DD.YYYY",
        "DD.M.MM.YYYY",
        "HH",
        "mm:ss",
        "HH:ss",
        "hh:mm",
        "HH:mm A",
        "HH:mm:SSS",
        "DD.MM.YYYY Z",
        "Z",
        "DD of MM of YYYY",
        "H:h:mm A",
    ],
)
def test_pattern_that_tells_no_moment_is_refused(text):
    with pytest.raises(ValueError, match="a date format is made of"):
        moment_pattern(text)


@settings(deadline=None)  # two busy cores are no failure
@given(at=st.datetimes(timezones=st.timezones().filter(lambda zone: zone is not None)))
def test_what_a_pattern_writes_it_reads(at):
    offset = at.utcoffset()
    if offset is not None and offset.seconds % 60 == 0:
        text = f"{at.year:04}{at:-%b-%d %I:%M:%S}.{at.microsecond // 1000:03} {at:%p%z}"
        read = moment_pattern("YYYY-MMM-DD hh:mm:ss.SSS AZ").read(text)
        assert read.replace(tzinfo=None) == at.replace(microsecond=at.microsecond // 1000 * 1000, tzinfo=None)
        assert read.utcoffset() == offset

"""Dates and points in time: no shifted day, no guessed zone."""

from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lockstep.domain.conversions.results import Problem
from tests.unit.conversion_rules import conversion

TOKYO, BERLIN, NEW_YORK = "Asia/Tokyo", "Europe/Berlin", "America/New_York"


@pytest.mark.parametrize(
    ("options", "value", "expected"),
    [
        pytest.param({}, "2025-05-06", "2025-05-06", id="ISO"),
        pytest.param({"zone": TOKYO}, "2022-03-25", "2022-03-25", id="a zone never shifts a date"),
        pytest.param({"zone": TOKYO}, "2022-03-25T09:00", "2022-03-25", id="09:00 in Tokyo stays that day"),
        pytest.param({"zone": TOKYO}, "2022-03-24T23:30:00Z", "2022-03-25", id="UTC evening is the next day in Tokyo"),
        pytest.param({"zone": NEW_YORK}, "2022-01-01T00:00:00+00:00", "2021-12-31", id="or the day before"),
        pytest.param({"zone": NEW_YORK}, "2021-12-31T19:00:00-05:00", "2021-12-31", id="Shopify"),
        pytest.param({"formats": "epoch_s", "zone": "UTC"}, 1677833998, "2023-03-03", id="epoch"),
        pytest.param({"formats": "DD.MM.YYYY"}, "01.02.2025", "2025-02-01", id="German"),
        pytest.param({"formats": "M/D/YYYY"}, "7/4/1996", "1996-07-04", id="American, no zeros"),
        pytest.param({"formats": "YYYYMMDD"}, 20250506, "2025-05-06", id="digits only, as a number"),
        pytest.param({"formats": ["iso", "DD/MM/YYYY"]}, "31/12/2024", "2024-12-31", id="second format"),
        pytest.param({"formats": ["DD/MM/YYYY", "MM/DD/YYYY"]}, "07/07/2024", "2024-07-07", id="same in both"),
        pytest.param({}, "2024-02-29", "2024-02-29", id="leap day"),
    ],
)
def test_date_arrives(options, value, expected):
    assert conversion("date", **options)(value) == expected


@pytest.mark.parametrize(
    ("options", "value", "reason"),
    [
        pytest.param({}, "2025-05-06T00:30:00Z", "depends on the zone", id="instant without a zone"),
        pytest.param({}, "2025-05-06T00:30:00", "depends on the zone", id="clock time without a zone"),
        pytest.param({"formats": "epoch_s"}, 1677833998, "depends on the zone", id="epoch without a zone"),
        pytest.param({}, "06.05.2025", "not a date in the declared format (iso)", id="undeclared format"),
        pytest.param({"formats": ["DD/MM/YYYY", "MM/DD/YYYY"]}, "03/04/2025", "another date", id="ambiguous"),
        pytest.param({}, "2025-02-29", "not a date", id="no such day"),
        pytest.param({}, "0000-01-01", "not a date", id="year 0"),
        pytest.param({}, "10000-01-01", "not a date", id="year 10000"),
        pytest.param({}, "1582-10-15", "between 1700 and 4000", id="before what the org takes"),
        pytest.param({}, "4001-01-01", "between 1700 and 4000", id="after what the org takes"),
        pytest.param({"formats": "M/D/YYYY"}, "0/0/0000", "not a date", id="all zeros"),
        pytest.param({}, "2025-W19-2", "not a date", id="week date"),
        pytest.param({}, "٢٠٢٥-05-06", "not a date", id="digits of another script"),
        pytest.param({}, "2025-05-06\n", "not a date", id="line feed at the end"),
        pytest.param({"formats": "epoch_ms", "zone": "UTC"}, 10**400, "not a date", id="400 digits"),
        pytest.param({"formats": "epoch_ms", "zone": "UTC"}, 10**17, "between 1700 and 4000", id="far future"),
        pytest.param({"formats": "epoch_ms", "zone": "UTC"}, True, "not a date", id="boolean"),
        pytest.param({}, 20250506, "not a date", id="number"),
        pytest.param({}, ["2025-05-06"], "not a date", id="list"),
    ],
)
def test_date_is_refused(options, value, reason):
    converted = conversion("date", **options)(value)

    assert isinstance(converted, Problem)
    assert reason in converted.reason


@pytest.mark.parametrize(
    ("options", "value", "expected"),
    [
        pytest.param({}, "2025-05-06T16:30:00+02:00", "2025-05-06T14:30:00.000Z", id="offset"),
        pytest.param({}, "2025-05-06T14:30:00Z", "2025-05-06T14:30:00.000Z", id="UTC"),
        pytest.param({}, "2025-05-06 14:30Z", "2025-05-06T14:30:00.000Z", id="space, no seconds"),
        pytest.param({}, "2025-05-06T14:30:00.123456789-0530", "2025-05-06T20:00:00.123Z", id="nanoseconds"),
        pytest.param({}, "1999-12-31T23:00:00-05", "2000-01-01T04:00:00.000Z", id="offset in hours"),
        pytest.param({"zone": BERLIN}, "2025-07-01T12:00:00", "2025-07-01T10:00:00.000Z", id="summer time"),
        pytest.param({"zone": BERLIN}, "2025-01-01T12:00:00", "2025-01-01T11:00:00.000Z", id="winter time"),
        pytest.param({"zone": BERLIN}, "2025-07-01T12:00:00Z", "2025-07-01T12:00:00.000Z", id="an offset wins"),
        pytest.param(
            {"zone": BERLIN, "ambiguous": "earlier"}, "2025-10-26T02:30", "2025-10-26T00:30:00.000Z", id="first"
        ),
        pytest.param(
            {"zone": BERLIN, "ambiguous": "later"}, "2025-10-26T02:30", "2025-10-26T01:30:00.000Z", id="second"
        ),
        pytest.param({"format": "epoch_s"}, 1677833998, "2023-03-03T08:59:58.000Z", id="epoch s"),
        pytest.param({"format": "epoch_s"}, "1677833998", "2023-03-03T08:59:58.000Z", id="epoch as text"),
        pytest.param({"format": "epoch_s"}, Decimal("1677833998.5"), "2023-03-03T08:59:58.500Z", id="parts of s"),
        pytest.param({"format": "epoch_ms"}, 1677833998123, "2023-03-03T08:59:58.123Z", id="epoch ms"),
        pytest.param({"format": "epoch_us"}, 1677833998123999, "2023-03-03T08:59:58.123Z", id="epoch µs"),
        pytest.param({"format": "epoch_s"}, -1, "1969-12-31T23:59:59.000Z", id="before 1970"),
    ],
)
def test_datetime_arrives_in_utc(options, value, expected):
    assert conversion("datetime", **options)(value) == expected


@pytest.mark.parametrize(
    ("options", "value", "reason"),
    [
        pytest.param({}, "2025-05-06T14:30:00", "no zone is declared", id="no offset, no zone"),
        pytest.param({"zone": BERLIN}, "2025-03-30T02:30", "skip this time", id="impossible"),
        pytest.param({"zone": BERLIN}, "2025-10-26T02:30", "this time twice", id="ambiguous"),
        pytest.param({}, "2025-05-06", "not a date and time", id="date only"),
        pytest.param({}, "2025-13-06T14:30:00Z", "not a date and time", id="month 13"),
        pytest.param({}, "2025-05-06T24:00:00Z", "not a date and time", id="hour 24"),
        pytest.param({}, "2016-12-31T23:59:60Z", "not a date and time", id="leap second"),
        pytest.param({}, "2025-05-06T14:30:00+25:00", "not a date and time", id="impossible offset"),
        pytest.param({}, "0000-05-06T14:30:00Z", "not a date and time", id="year 0"),
        pytest.param({}, "0001-01-01T00:00:00+14:00", "between 1700 and 4000", id="before year 1 in UTC"),
        pytest.param({}, "4000-12-31T23:59:59-14:00", "between 1700 and 4000", id="too late in UTC"),
        pytest.param({}, 1677833998, "not a date and time", id="epoch that was not declared"),
        pytest.param({"format": "epoch_ms"}, "2025-05-06T14:30:00Z", "not a date and time", id="ISO not declared"),
        pytest.param({"format": "epoch_s"}, 10**17, "between 1700 and 4000", id="milliseconds taken for seconds"),
        pytest.param({"format": "epoch_s"}, Decimal("1e400"), "not a date and time", id="1e400"),
        pytest.param({"format": "epoch_s"}, Decimal("NaN"), "not a date and time", id="NaN"),
        pytest.param({"format": "epoch_s"}, False, "not a date and time", id="boolean"),
        pytest.param({"format": "epoch_s"}, 1.5, "not a date and time", id="float made by JMESPath"),
        pytest.param({}, {}, "not a date and time", id="object"),
    ],
)
def test_datetime_is_refused(options, value, reason):
    converted = conversion("datetime", **options)(value)

    assert isinstance(converted, Problem)
    assert reason in converted.reason


ZONES = [
    BERLIN,
    NEW_YORK,
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "America/Sao_Paulo",
    "Africa/Casablanca",
    "Asia/Kathmandu",
]


LOCAL_TIMES = st.datetimes(datetime(1702, 1, 1), datetime(3998, 1, 1)) | st.datetimes(  # noqa: DTZ001
    datetime(1985, 1, 1),  # noqa: DTZ001
    datetime(2030, 1, 1),  # noqa: DTZ001
)


@settings(deadline=None, max_examples=300)  # two busy cores are no failure
@given(at=LOCAL_TIMES, name=st.sampled_from(ZONES))
@example(datetime(2011, 12, 30, 12), "Pacific/Apia")  # noqa: DTZ001
@example(datetime(2025, 4, 6, 1, 45), "Australia/Lord_Howe")  # noqa: DTZ001
@example(datetime(2018, 11, 4, 0, 30), "America/Sao_Paulo")  # noqa: DTZ001
def test_local_time_is_the_one_instant_at_which_the_clocks_show_it(at, name):
    zone = ZoneInfo(name)
    offsets = {at.replace(tzinfo=zone, fold=fold).utcoffset() for fold in (0, 1)}
    instants = {at - offset for offset in offsets}
    shown = {utc for utc in instants if utc.replace(tzinfo=UTC).astimezone(zone).replace(tzinfo=None) == at}
    converted = conversion("datetime", zone=name)(at.isoformat())

    if len(shown) == 1:
        assert converted == f"{shown.pop().isoformat(timespec='milliseconds')}Z"
    else:
        assert ("twice" if shown else "skip") in converted.reason

"""What is remembered of a zone's days answers as the conversion does, on days on which its clocks are changed, too."""

from datetime import datetime, timedelta

import pytest

from lockstep.domain.conversions.datetimes import datetime_converter
from lockstep.domain.conversions.moment_shortcuts import moment_shortcut
from lockstep.domain.rules import DatetimeRule

NEW_YEAR = datetime(2025, 1, 1)  # noqa: DTZ001 - a time without a zone is what is read
HOURS = [(NEW_YEAR + timedelta(hours=hour, minutes=hour % 60)).isoformat() for hour in range(365 * 24)]


@pytest.mark.parametrize(
    ("zone", "asked"),
    [("America/New_York", 2 * 24), ("Africa/Casablanca", 2 * 24), ("Australia/Lord_Howe", None), ("UTC", 0)],
)
def test_every_hour_of_a_year_is_what_the_conversion_says_and_few_are_asked_of_it(zone, asked):
    convert = datetime_converter(DatetimeRule.model_validate({"type": "datetime", "from": "at", "zone": zone}))
    texts = []

    def settle(text):
        texts.append(text)
        return convert(text)

    read = moment_shortcut(zone, settle)

    assert [read(text) for text in HOURS] == [convert(text) for text in HOURS]
    assert asked is None or len(texts) == asked


@pytest.mark.parametrize(
    "text", ["2025-02-29T10:00:00", "2025-05-06T24:00:00", "1500-05-06T10:00:00", "2025-05-06T10:00"]
)
def test_what_is_in_doubt_is_left_to_the_conversion(text):
    assert moment_shortcut("UTC", lambda left: ("left", left))(text) == ("left", text)

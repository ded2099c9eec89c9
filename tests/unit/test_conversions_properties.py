"""No value crashes a conversion, and what comes out is what the type promises."""

import json
import re
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lockstep.domain.conversions.results import Noted, Problem
from lockstep.domain.json_text import dump_json
from tests.unit.conversion_rules import conversion

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=40)
NUMBER_TEXT = st.from_regex(r"[+-]?[0-9]{0,30}\.?[0-9]{0,30}(e[+-]?[0-9]{1,5})?", fullmatch=True)
TIME_TEXT = st.from_regex(r"[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}(:[0-9]{2})?(Z|[+-][0-9]{2}:[0-9]{2})?)?")
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(-(10**400), 10**400)
    | st.decimals()
    | st.decimals(allow_nan=False).map(lambda number: number.scaleb(400) if number.is_finite() else number)
    | st.floats()
    | ANY_TEXT
    | NUMBER_TEXT
    | TIME_TEXT
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(ANY_TEXT, inner, max_size=3), max_leaves=5
)
ALL = {
    "text": conversion("text"),
    "short text": conversion("text", max_length=5, on_too_long="truncate", control_characters="space"),
    "integer": conversion("number"),
    "rounded": conversion("number", scale=2, round=True),
    "small number": conversion("number", precision=3, scale=2),
    "boolean": conversion("boolean"),
    "date": conversion("date", formats=["iso", "M/D/YYYY", "YYYYMMDD", "epoch_ms"], zone="Asia/Tokyo"),
    "datetime": conversion("datetime", zone="Europe/Berlin", ambiguous="later"),
    "epoch_s": conversion("datetime", format="epoch_s"),
    "epoch_us": conversion("datetime", format="epoch_us"),
    "picklist": conversion("picklist", values={"a": "A", "1": "One"}),
    "reference": conversion("reference", to="Account", by="Key__c"),
    "rich text": conversion("rich_text", given="text", control_characters="remove"),
    "email": conversion("email", on_invalid="clear"),
    "any email": conversion("email", international=True),
    "url": conversion("url", add_scheme="https"),
    "phone": conversion("phone", region="DE"),
    "kept phone": conversion("phone", region="US", on_unparsable="keep", output="international"),
    "styled": conversion("number", scale=2, style="1 234,50"),
    "percent": conversion("percent", fraction=True, round=True),
    "currency": conversion("currency", currency="any", style="1'234.50", round=True),
    "patterns": conversion("datetime", formats=["DD.MM.YYYY HH:mm Z", "rfc2822", "YYYYMMDDHHmmssSSSZ"]),
    "time": conversion("time", formats=["iso", "h:mm A"]),
    "passed picklist": conversion("picklist", passthrough=True),
    "multi_picklist": conversion("multi_picklist", passthrough=True, ignore_case=True, separator=","),
}


@pytest.mark.parametrize("convert", ALL.values(), ids=ALL)
@settings(deadline=None)  # two busy cores are no failure
@given(value=VALUES)
def test_every_value_is_converted_or_refused_and_never_crashes(convert, value):
    converted = convert(value)

    if not isinstance(converted, Problem):
        plain = converted.value if isinstance(converted, Noted) else converted
        assert type(plain) in (bool, int, Decimal, str) or (plain is None and isinstance(converted, Noted))
        json.loads(dump_json(plain).encode("utf-8"))


@pytest.mark.parametrize("convert", ALL.values(), ids=ALL)
@settings(deadline=None)  # two busy cores are no failure
@given(secret=st.text("XYZ", min_size=12, max_size=60))
def test_no_problem_and_no_note_tells_the_value(convert, secret):
    converted = convert(secret)

    if isinstance(converted, Problem):
        assert secret not in converted.reason + converted.remedy
    if isinstance(converted, Noted):
        assert secret not in converted.what


@settings(deadline=None)  # two busy cores are no failure
@given(
    text=st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=30),
    limit=st.integers(min_value=1, max_value=9),
)
def test_cut_text_is_a_beginning_and_fits_as_salesforce_counts(text, limit):
    converted = conversion("text", max_length=limit, on_too_long="truncate", control_characters="space")(text)
    plain = converted.value if isinstance(converted, Noted) else converted

    assert len(plain.encode("utf-16-le")) <= 2 * limit
    if plain != text and not re.search("[\ufdd0-\ufdef\ufffe\uffff]", text):
        assert text.startswith(plain)


@settings(deadline=None)  # two busy cores are no failure
@given(day=st.dates(date(1700, 1, 1), date(4000, 12, 31)))
def test_date_comes_back_the_same_whatever_zone_is_declared(day):
    for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago"):
        assert conversion("date", zone=zone)(day.isoformat()) == day.isoformat()
    assert conversion("date", formats="D.M.YYYY")(f"{day.day}.{day.month}.{day.year:04}") == day.isoformat()


@settings(deadline=None)  # two busy cores are no failure
@given(at=st.datetimes(datetime(1700, 1, 2), datetime(4000, 12, 30), timezones=st.timezones()))  # noqa: DTZ001
def test_instant_comes_out_in_utc_to_the_millisecond(at):
    utc = at.astimezone(UTC)
    # ISO 8601 has no offsets with seconds, which zones had before they were standard time.
    if at.utcoffset().seconds % 60 == 0:
        converted = conversion("datetime")(at.isoformat())
        assert datetime.fromisoformat(converted) == utc.replace(microsecond=utc.microsecond // 1000 * 1000)


@settings(deadline=None)  # two busy cores are no failure
@given(number=st.decimals(-(10**15), 10**15, places=2))
def test_number_with_the_declared_decimals_is_unchanged(number):
    assert conversion("number", scale=2)(str(number)) == number
    assert conversion("number", scale=2)(number) == number

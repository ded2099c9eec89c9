"""Email addresses, web addresses, long and rich text, as real systems send them."""

import pytest

from lockstep.domain.conversions.results import Noted, Problem
from tests.unit.conversion_rules import conversion

EMOJI = "\U0001f600"


@pytest.mark.parametrize(
    "value",
    [
        "ada@example.com",
        "Ada.Lovelace+news@mail.example.co.uk",
        "o'hara!#$%&*/=?^_`{|}~-x@example-site.org",
        "a..b@docomo.example.jp",
        "a.@docomo.example.jp",
        "1@2.example",
        f"{'l' * 64}@example.com",
    ],
)
def test_email_that_salesforce_takes_arrives_as_it_is(value):
    assert conversion("email")(value) == value


@pytest.mark.parametrize(
    "value",
    [
        ".a@example.com",
        "a@b@example.com",
        "a b@example.com",
        " a@example.com",
        "a@example.com\n",
        "a@localhost",
        "a@-example.com",
        "a@example..com",
        "a@example.com.",
        "a@192.168.0.1",
        "Ada <ada@example.com>",
        "a@example.com, b@example.com",
        "jürgen@example.com",
        "a@münchen.example",
        "a\x00b@example.com",
        "a\ud800@example.com",
        "n/a",
        "@",
        "a" * 75 + "@example.com",
        f"{'l' * 65}@example.com",
        42,
        True,
        ["a@example.com"],
    ],
)
def test_email_that_salesforce_refuses_is_refused_or_cleared(value):
    assert isinstance(conversion("email")(value), Problem)
    cleared = conversion("email", on_invalid="clear")(value)
    assert isinstance(cleared, Problem) if not isinstance(value, str) else cleared.value is None


@pytest.mark.parametrize("value", ["jürgen@münchen.example", "用户@例子.公司"])
def test_email_of_any_script_where_the_org_takes_it(value):
    assert conversion("email", international=True)(value) == value


@pytest.mark.parametrize("value", ["a b@例子.公司", "a@公司", "a\ud800@例子.公司", "a\x85@例子.公司", ".a@例子.公司"])
def test_email_of_any_script_still_has_a_shape(value):
    assert isinstance(conversion("email", international=True)(value), Problem)


@pytest.mark.parametrize(
    ("options", "value", "expected"),
    [
        pytest.param({}, "https://example.com/a?b=c#d", "https://example.com/a?b=c#d", id="https"),
        pytest.param({}, "HTTP://EXAMPLE.COM", "HTTP://EXAMPLE.COM", id="capitals"),
        pytest.param({}, "https://müller.example/straße", "https://müller.example/straße", id="letters of any script"),
        pytest.param({}, "www.example.com", "www.example.com", id="no scheme"),
        pytest.param({}, "example.com:8080/x", "example.com:8080/x", id="a port is no scheme"),
        pytest.param({}, "http://localhost:3000", "http://localhost:3000", id="no dot, but a scheme"),
        pytest.param(
            {"add_scheme": "https"},
            "www.example.com",
            Noted("https://www.example.com", "https:// added"),
            id="scheme added",
        ),
        pytest.param({"add_scheme": "https"}, "http://a.example", "http://a.example", id="scheme was there"),
        pytest.param({"schemes": ["ftp"]}, "ftp://files.example/x", "ftp://files.example/x", id="declared scheme"),
        pytest.param({"on_invalid": "clear"}, "none", Noted(None, "not a web address: cleared"), id="cleared"),
    ],
)
def test_url_arrives(options, value, expected):
    assert conversion("url", **options)(value) == expected


@pytest.mark.parametrize(
    "value",
    [
        "javascript:alert(1)",
        "data:text/html,<b>",
        "ftp://files.example",
        "http:example.com",
        "https://",
        "none",
        "a b.example",
        "https://exa\nmple.com",
        "https://example.com/\x00",
        "https://example.com/\ud800",
        'https://example.com/"onclick',
        "https://example.com/" + "a" * 250,
        "https://example.com/" + EMOJI * 120,
        7,
        {},
    ],
)
def test_url_is_refused(value):
    assert isinstance(conversion("url")(value), Problem)


def test_long_text_is_as_long_as_the_longest_text_area():
    convert = conversion("long_text")

    assert convert("a" * 131_072) == "a" * 131_072
    assert convert(EMOJI * 65_536) == EMOJI * 65_536
    assert isinstance(convert("a" * 131_073), Problem)
    assert isinstance(convert(EMOJI * 65_536 + "a"), Problem)


@pytest.mark.parametrize(
    ("options", "value", "expected"),
    [
        pytest.param({}, "<p>a &amp; b</p>", "<p>a &amp; b</p>", id="HTML is kept"),
        pytest.param({"given": "text"}, "a < b & c\r\nd\re", "a &lt; b &amp; c<br>d<br>e", id="text is escaped"),
        pytest.param({"given": "text"}, 7, "7", id="number"),
        pytest.param(
            {"control_characters": "remove"},
            "<p>\x00</p>",
            Noted("<p></p>", "control characters taken out"),
            id="control character",
        ),
    ],
)
def test_rich_text_arrives(options, value, expected):
    assert conversion("rich_text", **options)(value) == expected


@pytest.mark.parametrize("options", [{}, {"given": "text"}])
def test_rich_text_that_is_too_long_with_its_marks_is_refused(options):
    assert isinstance(conversion("rich_text", max_length=9, **options)("<p>a</p>&&"), Problem)
    assert isinstance(conversion("rich_text", **options)(["<p>"]), Problem)

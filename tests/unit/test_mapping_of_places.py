"""Rules of several fields, templates, and what a route says of null and blank for all its fields."""

from decimal import Decimal

import pytest

from lockstep.domain.mapping import Mapped, compile_route
from lockstep.domain.routes import Route

HEAD = {"source": "s", "entity": "e", "object": "Account", "external_id": {"field": "Key__c"}, "on_delete": "ignore"}


def _mapped(fields, payload, **more):
    mapped = compile_route(Route.model_validate({**HEAD, "fields": fields, **more})).to_record(payload, "1", 1)
    if not isinstance(mapped, Mapped):
        return [f"{problem.field}: {problem.reason}" for problem in mapped.problems]
    return {name: value for name, value in mapped.fields.items() if name != "Key__c"}


POINT = {"type": "geolocation", "latitude": "lat", "longitude": ["lng", "lon"]}
BOTH = {"Site__Latitude__s": None, "Site__Longitude__s": None}


@pytest.mark.parametrize(
    ("options", "payload", "expected"),
    [
        pytest.param(
            {"scale": 4},
            {"lat": Decimal("52.5"), "lon": "13.4050"},
            {"Site__Latitude__s": Decimal("52.5000"), "Site__Longitude__s": Decimal("13.4050")},
            id="both",
        ),
        pytest.param(
            {"scale": 0}, {"lat": -90, "lng": 180}, {"Site__Latitude__s": -90, "Site__Longitude__s": 180}, id="ends"
        ),
        pytest.param({}, {}, {}, id="absent"),
        pytest.param({}, {"lat": None, "lng": None}, BOTH, id="null clears both"),
        pytest.param({}, {"lat": None}, BOTH, id="null and absent clear both"),
        pytest.param({"when_null": "leave"}, {"lat": None}, {}, id="null leaves both"),
        pytest.param({}, {"lat": "", "lng": " "}, BOTH, id="blank clears both"),
    ],
)
def test_geolocation_fills_both_fields_or_neither(options, payload, expected):
    assert _mapped({"Site__c": {**POINT, **options}}, payload) == expected


@pytest.mark.parametrize(
    ("options", "payload", "reason"),
    [
        pytest.param({}, {"lat": 1}, "only one has a value", id="half"),
        pytest.param({}, {"lat": 1, "lng": ""}, "only one has a value", id="half and blank"),
        pytest.param({}, {"lat": 91, "lng": 1}, "latitude is not between -90 and 90", id="beyond the pole"),
        pytest.param({}, {"lat": 1, "lng": "180.1"}, "longitude is not between", id="beyond the date line"),
        pytest.param({}, {"lat": "x", "lng": {}}, "not a plain number", id="no numbers"),
        pytest.param({}, {"lat": Decimal("1e400"), "lng": Decimal("NaN")}, "digits", id="hostile"),
        pytest.param({"required": True}, {}, "required", id="required"),
    ],
)
def test_geolocation_is_refused(options, payload, reason):
    problems = _mapped({"Site__c": {**POINT, **options}}, payload)

    assert any(reason in problem for problem in problems), problems
    assert all(problem.startswith(("Site__Latitude__s", "Site__Longitude__s")) for problem in problems)


ADDRESS = {
    "type": "address",
    "street": ["a.line1", "a.line2"],
    "city": "a.city",
    "postal_code": "a.zip",
    "country_code": ["a.country", "country"],
}


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        pytest.param(
            {"a": {"line1": "Markt 1", "line2": "Hof", "city": "Ulm", "zip": "01234"}, "country": "DE"},
            {"Street": "Markt 1\nHof", "City": "Ulm", "PostalCode": "01234", "CountryCode": "DE"},
            id="all parts",
        ),
        pytest.param({"a": {"line1": "", "line2": "Hof"}}, {"Street": "Hof"}, id="blank line, absent parts"),
        pytest.param({"a": {"line1": None, "city": None}}, {"Street": None, "City": None}, id="nulls clear"),
        pytest.param({"a": {"line1": 7}}, {"Street": "7"}, id="number"),
        pytest.param({}, {}, id="absent"),
    ],
)
@pytest.mark.parametrize(
    ("field", "pattern"), [("BillingAddress", "Billing{}"), ("Address", "{}"), ("Site__c", "Site__{}__s")]
)
def test_address_fills_the_fields_of_its_parts(payload, expected, field, pattern):
    mapped = _mapped({field: ADDRESS}, payload)

    assert mapped == {pattern.format(part): value for part, value in expected.items()}


@pytest.mark.parametrize(
    ("options", "payload", "problem"),
    [
        ({}, {"a": {"city": "c" * 41}}, "BillingCity: the text is longer than 40"),
        ({"required": ["city"]}, {"a": {}}, "BillingCity: the field is required"),
        ({}, {"a": {"line1": [], "line2": "x"}}, "BillingStreet: the value is a list"),
        ({}, {"a": {"line1": "a\x00", "line2": "x"}}, "BillingStreet: the text holds a control character"),
    ],
)
def test_address_with_a_part_that_cannot_be_written_is_refused(options, payload, problem):
    (said,) = _mapped({"BillingAddress": {**ADDRESS, **options}}, payload)

    assert said.startswith(problem)


NAME = {"type": "text", "template": "{title} {first}, {last}!", "when_part_empty": "collapse"}


@pytest.mark.parametrize(
    ("rule", "payload", "expected"),
    [
        pytest.param(NAME, {"title": "Dr", "first": "Ada", "last": "L"}, {"Name": "Dr Ada, L!"}, id="all parts"),
        pytest.param(NAME, {"title": " ", "first": "Ada", "last": "L"}, {"Name": "Ada, L!"}, id="first is blank"),
        pytest.param(
            NAME, {"title": "Dr", "first": None, "last": "L"}, {"Name": "Dr, L!"}, id="one in between is null"
        ),
        pytest.param(NAME, {"title": "Dr", "first": "Ada"}, {"Name": "Dr Ada!"}, id="last is absent"),
        pytest.param(NAME, {"first": None}, {"Name": None}, id="nothing but null clears"),
        pytest.param(NAME, {}, {}, id="nothing at all leaves"),
        pytest.param(
            {"type": "text", "template": "{{{a}}} {b.c}"}, {"a": 1, "b": {"c": "x"}}, {"Name": "{1} x"}, id="braces"
        ),
        pytest.param(
            {"type": "text", "template": "{a}-{b}"},
            {"a": "x"},
            ["Name: a part of the template has no value"],
            id="refused",
        ),
        pytest.param(
            {"type": "text", "template": "{a}"},
            {"a": ["x"]},
            ["Name: the value is a list, not text or a number"],
            id="list",
        ),
        pytest.param(
            {"type": "text", "template": "{sum(a)} {b}"},
            {"a": 1, "b": 2},
            ["Name: a function in `from` does not fit the payload"],
            id="function",
        ),
    ],
)
def test_template_joins_what_the_payload_has(rule, payload, expected):
    assert _mapped({"Name": rule}, payload) == expected


def test_a_reference_can_be_made_of_two_values():
    rule = {"type": "reference", "template": "{region}-{id}", "to": "Account", "by": "K__c"}

    assert _mapped({"ParentId": rule}, {"region": "EU", "id": 7}) == {"Parent": {"K__c": "EU-7"}}


TEXT = {"from": "a", "type": "text"}


@pytest.mark.parametrize(
    ("route", "rule", "payload", "expected"),
    [
        pytest.param({"when_null": "leave"}, TEXT, {"a": None}, {}, id="the route leaves null"),
        pytest.param({"when_blank": "leave"}, TEXT, {"a": ""}, {}, id="the route leaves blank"),
        pytest.param(
            {"when_null": "leave"}, {**TEXT, "when_null": "clear"}, {"a": None}, {"X__c": None}, id="the field wins"
        ),
        pytest.param(
            {"when_blank": "leave"}, {**TEXT, "when_blank": "keep"}, {"a": " "}, {"X__c": " "}, id="the field keeps"
        ),
        pytest.param({"when_blank": "leave"}, {"from": "a", "type": "boolean"}, {"a": ""}, {}, id="a checkbox is left"),
        pytest.param(
            {}, {**TEXT, "when_blank": "keep"}, {"a": ""}, {"X__c": None}, id="an empty text is null to the org"
        ),
        pytest.param({}, {**TEXT, "null_words": ["N/A", "#N/A"]}, {"a": "#N/A"}, {"X__c": None}, id="a word for null"),
        pytest.param(
            {}, {**TEXT, "null_words": ["N/A"], "from": ["a", "b"]}, {"a": "N/A", "b": "x"}, {"X__c": "x"}, id="next"
        ),
        pytest.param(
            {"when_null": "leave"}, {"type": "address", "city": "a"}, {"a": None}, {}, id="parts of an address"
        ),
        pytest.param(
            {"when_null": "leave"},
            {"type": "address", "city": "a", "when_null": "clear"},
            {"a": None},
            {"X__City__s": None},
            id="parts of an address win",
        ),
        pytest.param(
            {},
            TEXT,
            {"a": "#N/A"},
            ["X__c: the text is #N/A, which Salesforce takes for null in a Bulk file"],
            id="#N/A",
        ),
        pytest.param(
            {},
            {**TEXT, "max_length": 4, "on_too_long": "truncate"},
            {"a": "#N/A x"},
            ["X__c: the text is #N/A, which Salesforce takes for null in a Bulk file"],
            id="#N/A once it is cut",
        ),
        pytest.param({}, {**TEXT, "control_characters": "remove"}, {"a": "\x00"}, {"X__c": None}, id="nothing left"),
        pytest.param(
            {},
            {**TEXT, "control_characters": "remove", "required": True},
            {"a": "\x00"},
            ["X__c: the field is required, and the payload has no value for it"],
            id="nothing left of a required one",
        ),
        pytest.param(
            {},
            {"from": "a", "type": "multi_picklist", "values": {"x": "X"}},
            {"a": []},
            {"X__c": None},
            id="empty list",
        ),
        pytest.param(
            {}, {"from": "a", "type": "email", "on_invalid": "clear"}, {"a": "x"}, {"X__c": None}, id="cleared"
        ),
    ],
)
def test_null_and_blank_mean_what_the_field_says_and_else_what_the_route_says(route, rule, payload, expected):
    assert _mapped({"X__c": rule}, payload, **route) == expected


PHONE = {"from": "phone", "type": "phone", "region": "US", "region_from": "country"}


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        pytest.param({"phone": "030 12345678", "country": "DE"}, {"X__c": "+493012345678"}, id="region of the payload"),
        pytest.param({"phone": "030 12345678", "country": "de "}, {"X__c": "+493012345678"}, id="in small letters"),
        pytest.param({"phone": "415-555-2671", "country": "Germany"}, {"X__c": "+14155552671"}, id="not a region"),
        pytest.param({"phone": "415-555-2671", "country": {"a": 1}}, {"X__c": "+14155552671"}, id="not even text"),
        pytest.param({"phone": "415-555-2671"}, {"X__c": "+14155552671"}, id="no region"),
        pytest.param({"phone": None, "country": "DE"}, {"X__c": None}, id="null"),
        pytest.param({"country": "DE"}, {}, id="absent"),
    ],
)
def test_region_of_a_phone_comes_from_another_field(payload, expected):
    assert _mapped({"X__c": PHONE}, payload) == expected

"""What the author of a route leaves to the org is filled in from its describe, and what he has set stays."""

from decimal import Decimal

import pytest

from lockstep.domain.describes import read_describe
from lockstep.domain.limits import with_limits
from lockstep.domain.mapping import Mapped, Note, Unmappable, compile_route
from tests.unit.describes import account, contact, field, number, picklist, route

DESCRIBES = {
    "Contact": read_describe(
        contact(
            {
                "Short__c": field("Short__c", length=5),
                "Html__c": field("Html__c", "textarea", length=9),
                "Mail__c": field("Mail__c", length=12),
                "Web__c": field("Web__c", "url", length=255),
                "Phone": field("Phone", "phone", length=13),
                "Amount__c": number("Amount__c", 5, 2, "currency"),
                "Share__c": number("Share__c", 4, 1, "percent"),
                "Tags__c": picklist("Tags__c", "A", "B", inactive=["Old"]) | {"type": "multipicklist"},
            }
        )
    ),
    "Account": read_describe(account(Name=field("Name", nillable=False, length=6))),
}


def mapped(fields, payload, describes=DESCRIBES, **given):
    """Map a payload by the route with its limits; give its fields, or the problem's reason and remedy."""
    written = route({**dict.fromkeys(route().fields), **fields}, version_field=None, **given)
    answer = compile_route(with_limits(written, describes)).to_record(payload, "1", 1)
    if isinstance(answer, Unmappable):
        return [f"{each.field}: {each.reason}. {each.remedy}" for each in answer.problems]
    return {name: value for name, value in answer.fields.items() if name != "Key__c"}


def one(type_, name, value, **options):
    return mapped({name: {"type": type_, "from": "a", **options}}, {"a": value})


FITS = [
    ("text", "Short__c", "12345", "12345"),
    ("long_text", "Short__c", "12345", "12345"),
    ("rich_text", "Html__c", "<b>12</b>", "<b>12</b>"),
    ("email", "Mail__c", "ab@exampl.es", "ab@exampl.es"),
    ("url", "Web__c", "https://a.de", "https://a.de"),
    ("phone", "Phone", "+493012345678", "+493012345678"),
    ("number", "Score__c", Decimal("999.25"), Decimal("999.25")),
    ("number", "Children", 99_999_999, 99_999_999),
    ("integer", "Score__c", 999, 999),
    ("currency", "Amount__c", "999.99", Decimal("999.99")),
    ("percent", "Share__c", "12.5 %", Decimal("12.5")),
]
TOO_MUCH = [
    ("text", "Short__c", "123456", "5 characters"),
    ("text", "Short__c", "1234\U0001f600", "5 characters"),
    ("long_text", "Notes__c", "x" * 1001, "1000 characters"),
    ("rich_text", "Html__c", "<b>123</b>", "9 characters"),
    ("email", "Mail__c", "abc@example.es", "12 characters"),
    ("url", "Web__c", "https://a.de/" + "x" * 250, "255 characters"),
    ("phone", "Phone", "+4930123456789", "13 characters"),
    ("number", "Score__c", 1000, "3 digits before"),
    ("number", "Score__c", Decimal("1.255"), "more than 2 decimals"),
    ("number", "Children", 100_000_000, "8 digits before"),
    ("integer", "Score__c", Decimal("1.5"), "more than 0 decimals"),
    ("currency", "Amount__c", "1000", "3 digits before"),
    ("currency", "Amount__c", "1.005", "more than 2 decimals"),
    ("percent", "Share__c", "12.55 %", "more than 1 decimals"),
]


@pytest.mark.parametrize(("type_", "name", "value", "expected"), FITS)
def test_value_that_the_field_holds_passes(type_, name, value, expected):
    assert one(type_, name, value) == {name: expected}


@pytest.mark.parametrize(("type_", "name", "value", "said"), TOO_MUCH)
def test_value_that_the_field_does_not_hold_is_refused_before_the_call(type_, name, value, said):
    (problem,) = one(type_, name, value)

    assert said in problem
    assert str(value) not in problem


def test_decimals_are_rounded_to_those_of_the_field_only_where_the_route_says_so():
    fields = {"Score__c": {"type": "number", "from": "a", "round": True}}
    written = route({**dict.fromkeys(route().fields), **fields}, version_field=None)

    record = compile_route(with_limits(written, DESCRIBES)).to_record({"a": Decimal("1.255")}, "1", 1)

    assert isinstance(record, Mapped)
    assert record.fields["Score__c"] == Decimal("1.26")
    assert record.notes == (Note("Score__c", "rounded to 2 decimals"),)


def test_text_is_cut_to_the_length_of_the_field_only_where_the_route_says_so():
    assert one("text", "Short__c", "1234567", on_too_long="truncate") == {"Short__c": "12345"}


@pytest.mark.parametrize(
    ("options", "value", "said"),
    [
        ({"scale": 1}, Decimal("1.25"), "more than 1 decimals"),
        ({"scale": 1}, 1000, "3 digits before"),
        ({"precision": 2}, 100, "2 digits before"),
        ({"precision": 2}, Decimal("1.5"), "more than 0 decimals"),
    ],
)
def test_digits_that_the_author_has_set_stay(options, value, said):
    (problem,) = one("number", "Score__c", value, **options)

    assert said in problem


def test_decimals_of_an_amount_shrink_to_those_of_the_field_even_where_its_digits_are_set():
    assert "more than 0 decimals" in one("currency", "Version__c", "1.50", precision=9)[0]


def test_length_that_the_author_has_set_stays():
    assert "3 characters" in one("text", "Short__c", "1234", max_length=3)[0]


PASSTHROUGH = {"type": "picklist", "from": "a", "passthrough": True}


@pytest.mark.parametrize("value", ["Old", "Unheard", "gold"])
def test_unknown_or_inactive_value_of_a_restricted_picklist_is_refused_with_the_values_that_it_takes(value):
    (problem,) = mapped({"Tier__c": PASSTHROUGH}, {"a": value})

    assert "Tier__c" in problem
    assert "Basic, Gold" in problem
    assert value not in problem


def test_active_value_of_a_restricted_picklist_passes():
    assert mapped({"Tier__c": PASSTHROUGH}, {"a": "Gold"}) == {"Tier__c": "Gold"}


def test_open_picklist_takes_any_value():
    assert mapped({"Branch": PASSTHROUGH}, {"a": "Farm"}) == {"Branch": "Farm"}


@pytest.mark.parametrize("word", ["g", "other"])
def test_value_table_and_default_answer_with_no_value_that_the_org_would_refuse(word):
    rule = {"type": "picklist", "from": "a", "values": {"g": "Old"}, "default": "Older"}

    (problem,) = mapped({"Tier__c": rule}, {"a": word})

    assert "restricted picklist" in problem


def test_each_value_of_a_multi_select_picklist_must_be_one_that_the_org_takes():
    rule = {"type": "multi_picklist", "from": "a", "passthrough": True}

    assert mapped({"Tags__c": rule}, {"a": "B;A"}) == {"Tags__c": "B;A"}
    assert "A, B" in mapped({"Tags__c": rule}, {"a": "B;Old"})[0]


def test_long_list_of_values_is_shortened_and_counted():
    many = {"Contact": read_describe(contact({"Tier__c": picklist("Tier__c", *(f"V{n:03}" for n in range(99)))}))}

    (problem,) = mapped({"Tier__c": PASSTHROUGH}, {"a": "x"}, many)

    assert "V039 and 59 more" in problem


def test_limits_of_a_further_record_and_of_a_parent_to_be_made_are_those_of_their_own_objects():
    also = {
        "object": "Account",
        "external_id": {"field": "ERP__c", "from": "k"},
        "fields": {"Name": {"type": "text", "from": "a"}},
    }
    stub = {"Name": {"type": "text", "from": "a"}, "Plain__c": {"type": "constant", "value": "x"}}
    parent = {"type": "reference", "from": "k", "to": "Account", "by": "ERP__c", "create_missing": stub}
    compiled = compile_route(with_limits(route({"AccountId": parent}, also=[also]), DESCRIBES))
    payload = {"last": "x", "k": "1", "a": "1234567"}

    further = compiled.also[0].record.to_record(payload, "1", 1)
    main = compiled.to_record(payload, "1", 1)

    assert ["6 characters" in each.reason for each in further.problems] == [True]
    assert [("AccountId.create_missing.Name", "6 characters" in each.reason) for each in main.problems] == [
        (each.field, True) for each in main.problems
    ]
    assert len(main.problems) == 1


@pytest.mark.parametrize("describes", [{}, {"Contact": None}, {"Contact": read_describe({"name": "Contact"})}])
def test_route_runs_as_written_where_the_org_is_not_known(describes):
    assert mapped({"Short__c": {"type": "text", "from": "a"}}, {"a": "x" * 99}, describes) == {"Short__c": "x" * 99}

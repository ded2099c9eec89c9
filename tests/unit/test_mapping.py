"""A payload becomes a record: null clears, absent leaves, references nest, and every problem is said at once."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lockstep.domain.mapping import FieldProblem, Mapped, Note, ParentKey, Unmappable, compile_route
from lockstep.domain.routes import Route


def _compiled(fields, **more):
    return compile_route(
        Route.model_validate(
            {
                "source": "shop",
                "entity": "order",
                "object": "Order",
                "external_id": {"field": "Key__c"},
                "version_field": "Version__c",
                "on_delete": "ignore",
                "fields": fields,
                **more,
            }
        )
    )


def _fields(rule, payload):
    mapped = _compiled({"Field__c": rule}).to_record(payload, "1", 1)
    assert isinstance(mapped, Mapped), mapped
    return {name: value for name, value in mapped.fields.items() if name not in ("Key__c", "Version__c")}


def test_record_holds_its_key_its_version_and_its_fields_typed():
    route = _compiled(
        {
            "Name": {"from": "name", "type": "text"},
            "Total__c": {"from": "total", "type": "number", "scale": 2},
            "Paid__c": {"from": "paid", "type": "boolean"},
            "EffectiveDate": {"from": "day", "type": "date"},
            "At__c": {"from": "at", "type": "datetime"},
            "Status": {"from": "status", "type": "picklist", "values": {"open": "Draft"}},
            "AccountId": {"from": "customer.id", "type": "reference", "to": "Account", "by": "Customer_Key__c"},
            "Origin__c": {"type": "constant", "value": "shop"},
        }
    )
    payload = {
        "name": "#1001",
        "total": "388.00",
        "paid": "yes",
        "day": "2025-05-06",
        "at": "2025-05-06T16:30:00+02:00",
        "status": "open",
        "customer": {"id": 115310627314723954},
    }

    assert route.to_record(payload, "000123", 17) == Mapped(
        {
            "Key__c": "000123",
            "Version__c": 17,
            "Name": "#1001",
            "Total__c": Decimal("388.00"),
            "Paid__c": True,
            "EffectiveDate": "2025-05-06",
            "At__c": "2025-05-06T14:30:00.000Z",
            "Status": "Draft",
            "Account": {"Customer_Key__c": "115310627314723954"},
            "Origin__c": "shop",
        },
        (),
        (ParentKey("Account", "Customer_Key__c", "115310627314723954"),),
    )


TEXT = {"from": "a", "type": "text"}
CLEARED, LEFT = {"Field__c": None}, {}


@pytest.mark.parametrize(
    ("options", "payload", "expected"),
    [
        pytest.param({}, {}, LEFT, id="absent leaves"),
        pytest.param({}, {"a": None}, CLEARED, id="null clears"),
        pytest.param({"when_null": "leave"}, {"a": None}, LEFT, id="null leaves"),
        pytest.param({}, {"a": " \t"}, CLEARED, id="blank clears"),
        pytest.param({"when_blank": "leave"}, {"a": ""}, LEFT, id="blank leaves"),
        pytest.param({"when_blank": "keep"}, {"a": " "}, {"Field__c": " "}, id="blank is kept"),
        pytest.param({"when_null": "leave"}, {"a": ""}, CLEARED, id="null and blank are settled apart"),
        pytest.param({}, {"a": " x "}, {"Field__c": " x "}, id="nothing is trimmed"),
        pytest.param({"trim": True}, {"a": " x "}, {"Field__c": "x"}, id="unless it is asked for"),
        pytest.param({"from": ["a", "b"]}, {"a": " ", "b": "x"}, {"Field__c": "x"}, id="first that is not blank"),
        pytest.param({"from": ["a", "b"]}, {"b": "x"}, {"Field__c": "x"}, id="first that is there"),
        pytest.param({"from": ["a", "b"]}, {"a": None}, CLEARED, id="one is null, the other absent"),
        pytest.param({"from": ["a", "b"]}, {"c": 1}, LEFT, id="both absent"),
        pytest.param({"from": ["a", "b"]}, {"a": False, "b": True}, "refused", id="false is a value"),
    ],
)
def test_absent_null_and_blank_mean_what_the_rule_says(options, payload, expected):
    if expected == "refused":
        assert isinstance(_compiled({"Field__c": {**TEXT, **options}}).to_record(payload, "1", 1), Unmappable)
    else:
        assert _fields({**TEXT, **options}, payload) == expected


TYPES = [
    {"type": "number"},
    {"type": "date"},
    {"type": "datetime"},
    {"type": "picklist", "values": {"x": "X"}},
    {"type": "reference", "to": "Account", "by": "K__c"},
]


@pytest.mark.parametrize("rule", TYPES, ids=lambda rule: rule["type"])
@pytest.mark.parametrize("value", [None, "", "  "], ids=["null", "empty", "blank"])
def test_null_and_blank_clear_a_field_of_every_type(rule, value):
    assert _fields({"from": "a", **rule}, {"a": value}) == CLEARED


@pytest.mark.parametrize("value", [None, ""], ids=["null", "empty"])
def test_null_and_blank_leave_a_checkbox_which_cannot_be_empty(value):
    assert _fields({"from": "a", "type": "boolean"}, {"a": value}) == LEFT


@pytest.mark.parametrize("payload", [{}, {"a": None}, {"a": " "}, []], ids=["absent", "null", "blank", "no object"])
@pytest.mark.parametrize("options", [{}, {"when_null": "leave", "when_blank": "leave"}], ids=["clear", "leave"])
def test_required_field_without_a_value_is_a_problem(payload, options):
    unmappable = _compiled({"Name": {**TEXT, "required": True, **options}}).to_record(payload, "1", 1)

    assert [(problem.field, problem.reason) for problem in unmappable.problems] == [
        ("Name", "the field is required, and the payload has no value for it")
    ]


def test_all_problems_of_a_record_are_said_at_once_and_none_tells_a_value():
    route = _compiled(
        {
            "A__c": {"from": "a", "type": "number"},
            "B__c": {"from": "b", "type": "date"},
            "C__c": {"from": "c", "type": "text"},
            "D__c": {"from": "abs(d)", "type": "number"},
        }
    )

    unmappable = route.to_record({"a": "SECRET", "b": "SECRET", "c": "fine", "d": "SECRET"}, " 1", 10**18)

    assert [problem.field for problem in unmappable.problems] == ["Key__c", "Version__c", "A__c", "B__c", "D__c"]
    assert all(isinstance(problem, FieldProblem) and problem.remedy for problem in unmappable.problems)
    assert "SECRET" not in repr(unmappable)


def test_notes_name_the_field_and_what_was_done_but_not_the_value():
    route = _compiled({"Name": {**TEXT, "max_length": 3, "on_too_long": "truncate"}})

    mapped = route.to_record({"a": "abcdef"}, "1", 1)

    assert mapped.fields["Name"] == "abc"
    assert mapped.notes == (Note("Name", "cut to 3 characters"),)


@pytest.mark.parametrize(
    ("field", "options", "relationship"),
    [
        ("AccountId", {}, "Account"),
        ("ReportsToId", {}, "ReportsTo"),
        ("Main_Region__c", {}, "Main_Region__r"),
        ("Odd", {"relationship": "Strange__r"}, "Strange__r"),
    ],
)
def test_reference_is_nested_under_its_relationship(field, options, relationship):
    rule = {"from": "a", "type": "reference", "to": "Account", "by": "K__c", **options}

    mapped = _compiled({field: rule}).to_record({"a": "000123"}, "1", 1)

    assert mapped.fields[relationship] == {"K__c": "000123"}
    assert field not in mapped.fields


def test_cleared_reference_is_null_in_the_lookup_field_itself():
    mapped = _compiled({"AccountId": {"from": "a", **TYPES[-1]}}).to_record({"a": None}, "1", 1)

    assert mapped.fields["AccountId"] is None
    assert mapped.parents == ()


def test_version_is_not_sent_where_the_route_names_no_field():
    route = _compiled({"Name": TEXT}, version_field=None)

    assert route.to_record({"a": "x"}, "1", 10**30).fields == {"Key__c": "1", "Name": "x"}


def test_mark_holds_the_key_the_version_and_the_marks():
    route = _compiled({"Name": TEXT}, on_delete={"mark": {"Gone__c": True}})

    assert route.to_mark("000123", 17) == {"Key__c": "000123", "Version__c": 17, "Gone__c": True}


WITH_CHANGE = {"change_field": "Change__c", "on_delete": {"mark": {"Gone__c": True}}}


def test_record_and_mark_say_which_change_wrote_them_where_the_route_names_a_field():
    route = _compiled({"Name": TEXT}, **WITH_CHANGE)

    assert route.to_record({"a": "x"}, "1", 2, "c0ffee").fields["Change__c"] == "c0ffee"
    assert route.to_mark("1", 2, "c0ffee")["Change__c"] == "c0ffee"


def test_trial_that_is_no_change_leaves_what_the_record_says():
    assert "Change__c" not in _compiled({"Name": TEXT}, **WITH_CHANGE).to_record({"a": "x"}, "1", 2).fields


def test_a_route_that_does_not_mark_has_no_mark():
    with pytest.raises(TypeError, match="does not mark"):
        _compiled({"Name": TEXT}).to_mark("1", 1)


PAYLOADS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.decimals() | st.text(st.characters(exclude_categories=())),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=10,
)
ANY_ROUTE = _compiled(
    {
        f"F{number}__c": {"from": ["a", "b.c", "join(',', a)", "to_string(b)"], **rule}
        for number, rule in enumerate(TYPES)
    }
    | {"B__c": {"from": "a[0].b", "type": "boolean"}, "T__c": {"from": "a || c", "type": "text", "max_length": 9}}
)


@settings(deadline=None)  # two busy cores are no failure
@given(payload=PAYLOADS, external_id=st.text(st.characters(exclude_categories=()), min_size=1), version=st.integers())
def test_every_payload_is_mapped_or_refused_and_never_crashes(payload, external_id, version):
    assert isinstance(ANY_ROUTE.to_record(payload, external_id, version), Mapped | Unmappable)

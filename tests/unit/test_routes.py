"""What is wrong with the routes' files is said when they are loaded, each with its file, place and remedy."""

import pytest

from tests.unit.route_files import problems_of, told_of

HEAD = """
source: shop
entity: {entity}
object: {object}
external_id: {{field: {key}}}
version_field: Version__c
on_delete: {on_delete}
fields:
"""
NAME = "  Name: {from: name, type: text}\n"


def _route(fields=NAME, *, entity="customer", object_="Account", key="Key__c", on_delete="ignore"):
    return HEAD.format(entity=entity, object=object_, key=key, on_delete=on_delete) + fields


def test_routes_are_found_by_source_and_entity(load):
    routes = load(a=_route(), b=_route(entity="company"))

    assert set(routes) == {("shop", "customer"), ("shop", "company")}


@pytest.mark.parametrize(
    ("rule", "place", "reason"),
    [
        ("Name: {from: a, type: text, scale: 2}", "fields.Name.text.scale", "Extra inputs"),
        ("Name: {from: a, type: number, max_length: 2}", "fields.Name.number.max_length", "Extra inputs"),
        ("Name: {from: 'a[', type: text}", "fields.Name.text.from.0", "not JMESPath"),
        ("Name: {from: [a, 'b(('], type: text}", "fields.Name.text.from.1", "not JMESPath"),
        ("Name: {from: [], type: text}", "fields.Name.text.from", "at least 1"),
        ("Name: {type: text}", "fields.Name.text", "either `from` or `template`"),
        ("Name: {from: a, type: txt}", "fields.Name", "'text', 'number', 'boolean'"),
        ("Name: {from: a}", "fields.Name", "type is missing"),
        ("Name: a", "fields.Name", "dict"),
        ("'Na me': {from: a, type: text}", "fields.Na me.[key]", "not an API name"),
        ("Account.Name: {from: a, type: text}", "fields.Account.Name.[key]", "not an API name"),
        ("Name: {from: a, type: text, required: 'no'}", "fields.Name.text.required", "boolean"),
        ("X: {from: a, type: number, scale: 18}", "fields.X.number.scale", "17"),
        ("X: {from: a, type: number, scale: 5, precision: 5}", "fields.X.number", "smaller than precision"),
        ("X: {from: a, type: boolean, when_null: clear}", "fields.X.boolean.when_null", "'leave'"),
        ("X: {from: a, type: date, formats: [DD.MM]}", "fields.X.date.formats.0", "YYYY, MM or M"),
        ("X: {from: a, type: date, formats: DD.MM.YYYYY}", "fields.X.date.formats.0", "YYYY, MM or M"),
        ("X: {from: a, type: date, formats: 'DD. MMMM YYYY'}", "fields.X.date.formats.0", "YYYY, MM or M"),
        ("X: {from: a, type: datetime, zone: Mars/Base}", "fields.X.datetime.zone", "IANA"),
        ("X: {from: a, type: datetime, zone: ../UTC}", "fields.X.datetime.zone", "IANA"),
        ("X: {from: a, type: datetime, zone: Europe}", "fields.X.datetime.zone", "IANA"),
        ("X: {from: a, type: picklist}", "fields.X.picklist", "a value table is missing"),
        ("X: {from: a, type: picklist, values: {no: N}}", "fields.X.picklist.values.0.[key]", "quotes"),
        ("X: {from: a, type: picklist, values: {a: yes}}", "fields.X.picklist.values.a", "quotes"),
        ("X: {from: a, type: phone, region: UK}", "fields.X.phone.region", "GB (not UK)"),
        ("X: {from: a, type: phone, region: de}", "fields.X.phone.region", "two capital letters"),
        ("X: {from: a, type: phone, region: no}", "fields.X.phone.region", "quotes"),
        ("X: {from: a, type: phone, required: true, on_unparsable: clear}", "fields.X.phone", "empty a required"),
        ("X: {from: a, type: email, required: true, on_invalid: clear}", "fields.X.email", "empty a required"),
        ("X: {from: a, type: url, required: true, on_invalid: clear}", "fields.X.url", "empty a required"),
        ("X: {from: a, type: url, schemes: ['http://']}", "fields.X.url.schemes.0", "pattern"),
        ("X: {from: a, type: text, template: '{b}'}", "fields.X.text", "either `from` or `template`"),
        ("X: {from: a, type: text, when_part_empty: collapse}", "fields.X.text", "belongs to `template`"),
        ("X: {type: text, template: 'none'}", "fields.X.text.template", "type constant"),
        ("X: {type: text, template: '{a} {b'}", "fields.X.text.template", "other half"),
        ("X: {type: text, template: '{}'}", "fields.X.text.template", "nothing in between"),
        ("X: {type: text, template: '{a[}'}", "fields.X.text.template", "not JMESPath"),
        ("X: {type: text, template: '{nope(a)}'}", "fields.X.text.template", "no function nope"),
        ("X: {from: a, type: currency, style: 1234.5}", "fields.X.currency.style", "quotes"),
        ("X: {from: a, type: currency, currency: euro}", "fields.X.currency.currency", "ISO 4217"),
        ("X: {from: a, type: currency, symbols: [S/]}", "fields.X.currency", "need `currency`"),
        ("X: {from: a, type: integer, scale: 2}", "fields.X.integer.scale", "0"),
        ("X: {from: a, type: datetime, formats: DD.MM.YYYY}", "fields.X.datetime.formats.0", "date and a time"),
        ("X: {from: a, type: time, formats: DD.MM.YYYY HH:mm}", "fields.X.time.formats.0", "hours and minutes only"),
        ("X: {from: a, type: picklist, values: {a: ''}}", "fields.X.picklist.values.a", "null to Salesforce"),
        ("X: {from: a, type: picklist, passthrough: true, default: A}", "fields.X.picklist", "no value is left"),
        ("X: {from: a, type: picklist, ignore_case: true, values: {a: A, 'A': B}}", "fields.X.picklist", "twice"),
        ("X: {from: a, type: multi_picklist, values: {a: 'A;B'}}", "fields.X.multi_picklist", "`;`"),
        ("X: {from: a, type: rich_text, on_too_long: truncate}", "fields.X.rich_text.on_too_long", "'reject'"),
        ("X: {type: address}", "fields.X.address", "name at least one part"),
        ("X: {type: address, city: a, required: [street]}", "fields.X.address", "no path is given for street"),
        ("X: {type: geolocation, latitude: a}", "fields.X.geolocation.longitude", "Field required"),
        ("X: {type: constant, value: ''}", "fields.X.constant.value", "null to Salesforce"),
        ("X: {type: constant, value: '#N/A'}", "fields.X.constant.value", "null to Salesforce"),
        ("X: {type: constant, value: 1.5}", "fields.X.constant.value", "1.5 in quotes"),
        ("X: {type: constant, value: [1]}", "fields.X.constant.value", "belongs here"),
        ("X: {type: constant, value: 1, from: a}", "fields.X.constant.from", "Extra inputs"),
        ("X: {from: a, type: reference, to: Account, by: K__c}", "fields.X", "not a lookup by its name"),
        ("XId: {from: a, type: reference, to: A/B, by: K__c}", "fields.XId.reference.to", "not an API name"),
        ("Key__c: {from: a, type: text}", "fields.Key__c", "Lockstep fills by itself"),
        ("version__c: {from: a, type: number}", "fields.version__c", "Lockstep fills by itself"),
    ],
)
def test_a_rule_that_cannot_work_is_one_message_with_its_place(load, rule, place, reason):
    (problem,) = problems_of(load, a=_route(f"  {rule}\n"))

    assert problem.startswith(f"routes/a.yaml: {place}: ")
    assert reason in problem


@pytest.mark.parametrize(
    ("on_delete", "reason"),
    [
        ("gone", "'ignore' or 'delete'"),
        ("{mark: {}}", "at least 1"),
        ("{mark: {Key__c: x}}", "Lockstep fills by itself"),
        ("{mark: {Gone__c: 0.5}}", "belongs here"),
        ("{marks: {Gone__c: true}}", "mark"),
    ],
)
def test_a_delete_policy_that_cannot_work_is_said(load, on_delete, reason):
    problems = problems_of(load, a=_route(on_delete=on_delete))

    assert all(problem.startswith("routes/a.yaml: ") for problem in problems)
    assert any(reason in problem for problem in problems)


def test_a_field_written_twice_in_other_case_is_said(load):
    (problem,) = problems_of(load, a=_route(NAME + "  name: {from: b, type: text}\n"))

    assert "Name, name would be written twice" in problem


def test_a_part_of_a_compound_that_is_also_a_field_is_said(load):
    fields = "  BillingAddress: {type: address, city: a}\n  BillingCity: {from: b, type: text}\n"

    (problem,) = problems_of(load, a=_route(fields))

    assert "BillingCity would be written twice" in problem


def test_a_key_written_twice_in_the_yaml_is_said(load):
    (problem,) = problems_of(load, a=_route(NAME + NAME))

    assert "written twice: Name" in problem


def test_a_field_that_is_also_the_relationship_of_a_reference_is_said(load):
    fields = "  Account: {type: constant, value: x}\n  AccountId: {from: a, type: reference, to: Account, by: K__c}\n"

    (problem,) = problems_of(load, a=_route(fields, object_="Contact"))

    assert "Account would be written twice" in problem


def test_all_problems_of_all_files_are_said_at_once(load):
    bad = "  X: {from: a, type: txt}\n  Y: {from: 'b[', type: text}\n"

    assert len(problems_of(load, a=_route(bad), b=_route(bad, entity="company"))) == 4


def test_two_routes_for_one_entity_are_refused(load):
    (problem,) = problems_of(load, a=_route(), b=_route())

    assert problem == (
        "routes/b.yaml: entity: customer of shop has a route already, in routes/a.yaml. Keep one of them"
    )


def _reference(field, to, by):
    return f"  {field}: {{from: x, type: reference, to: {to}, by: {by}}}\n"


def test_records_that_would_wait_for_each_other_are_refused(load):
    account = _route(NAME + _reference("Main_Contact__c", "Contact", "Key__c"))
    contact = _route(_reference("AccountId", "Account", "Key__c"), entity="contact", object_="Contact")
    order = _route(_reference("AccountId", "Account", "Key__c"), entity="order", object_="Order")

    problems = problems_of(load, account=account, contact=contact, order=order)

    assert [problem.split(": ")[:2] for problem in problems] == [
        ["routes/account.yaml", "fields.Main_Contact__c"],
        ["routes/contact.yaml", "fields.AccountId"],
    ]


def test_a_parent_account_is_no_cycle(load):
    assert load(a=_route(NAME + _reference("ParentId", "Account", "Key__c")))


def test_a_lookup_to_the_records_of_another_key_is_no_cycle(load):
    account = _route(NAME + _reference("Main_Contact__c", "Contact", "Email_Key__c"))
    contact = _route(_reference("AccountId", "Account", "Key__c"), entity="contact", object_="Contact")

    assert load(account=account, contact=contact)


def test_an_empty_folder_is_refused(load):
    (problem,) = problems_of(load)

    assert "no file is there" in problem


def test_problem_names_the_line_of_the_deepest_place_that_the_file_has(load):
    told = told_of(load, a=_route("  Name:\n    from: a\n    type: text\n    max_lenght: 3\n"))

    assert [each.partition(": ")[0] for each in told] == ["routes/a.yaml:12"]


def test_problem_between_routes_names_the_line(load):
    same = _route()

    assert [each.partition(": ")[0] for each in told_of(load, a=same, b=same)] == ["routes/b.yaml:3"]

"""`lockstep mapping`: check, init and try, against an org in this process."""

import json
import shutil
from pathlib import Path

import boto3
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from cli.__main__ import app
from cli.draft import Wanted, draft
from cli.routes import OWN_CONFIG
from cli.stack import DeployedStack
from lockstep.domain.contract import check_route
from lockstep.domain.describes import read_describe
from lockstep.domain.routes import Route
from lockstep.runtime.route_files import load_route_models
from lockstep.runtime.yaml_places import line_of
from tests.fakes.cloud_formation import FakeCloudFormation
from tests.functional.conftest import ORG_URL
from tests.unit.describes import account, contact

EVENTS = Path(__file__).parents[2] / "events"
CUSTOMER = {"id": 1, "first_name": "Ada", "last_name": "L", "email": "ada@example.com", "note": None}


@pytest.fixture
def credentials(org, tmp_path):
    """A file with what signs in to the org."""
    login = org.settings.credentials
    content = {name: getattr(login, name) for name in ("client_id", "client_secret", "refresh_token")}
    file = tmp_path / "credentials.json"
    file.write_text(json.dumps({**content, "login_url": ORG_URL}))
    return file


@pytest.fixture
def run(monkeypatch):
    """Run the command; a traceback fails the test."""
    monkeypatch.setenv("COLUMNS", "200")

    def run_(*arguments):
        result = CliRunner().invoke(app, ["mapping", *map(str, arguments)])
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return run_


@pytest.fixture
def payload(tmp_path):
    file = tmp_path / "payload.json"
    file.write_text(json.dumps(CUSTOMER))
    return file


@pytest.fixture
def config(tmp_path):
    """A copy of the shipped routes, to plant mistakes in."""
    folder = tmp_path / "config"
    shutil.copytree(OWN_CONFIG / "routes", folder / "routes")
    return folder


def plant(config, stem, *changes):
    """Replace texts in a route's file."""
    file = config / "routes" / f"{stem}.yaml"
    text = file.read_text()
    for old, new in changes:
        assert text.count(old) >= 1, old
        text = text.replace(old, new, 1)
    file.write_text(text)
    return file


def test_shipped_routes_fit_the_org(run, credentials):
    result = run("check", "--credentials", credentials)

    assert result.exit_code == 0, result.output
    assert "routes fit the org" in result.output


def test_ten_planted_mistakes_are_ten_problems_each_with_file_and_line(run, credentials, config):
    plant(
        config,
        "erp_account",
        ("ERP_Version__c", "NumberOfEmployees"),
        ("  NumberOfEmployees: {from: data.employees, type: number, precision: 8}\n", ""),
        (
            "  Phone: {from: data.phone, type: text, max_length: 40",
            "  Phone: {from: data.phone, type: text, max_length: 41",
        ),
        ("BillingCity: {", "BillingTown: {"),
        ("type: number, scale: 0", "type: number, scale: 2"),
        ("banking: Banking", "banking: Bankery"),
        ("Is_Deleted_In_ERP__c: {type: constant, value: false}", 'Is_Deleted_In_ERP__c: {type: constant, value: "no"}'),
    )
    plant(
        config,
        "erp_contact",
        ("external_id: {field: ERP_Contact_ID__c}", "external_id: {field: LastName}"),
        ("  LastName: {from: data.last_name, type: text, required: true, max_length: 80}\n", ""),
        ("type: date, formats: [iso, DD.MM.YYYY]", "type: datetime"),
        ("to: Account, by: ERP_Account_ID__c", "to: Account, by: AccountNumber"),
        ("mark: {Is_Deleted_In_ERP__c: true}", "mark: {Is_Deletd_In_ERP__c: true}"),
    )

    result = run("check", "--config", config, "--credentials", credentials, "--json")

    report = json.loads(result.output)
    found = {(each["route"], each["place"]): each for each in report["problems"]}
    assert sorted(found) == [
        ("erp_account", "fields.AnnualRevenue.scale"),
        ("erp_account", "fields.BillingTown"),
        ("erp_account", "fields.Industry.values.banking"),
        ("erp_account", "fields.Is_Deleted_In_ERP__c.value"),
        ("erp_account", "fields.Phone.max_length"),
        ("erp_account", "version_field"),
        ("erp_contact", "external_id.field"),
        ("erp_contact", "fields.AccountId.by"),
        ("erp_contact", "fields.Birthdate"),
        ("erp_contact", "on_delete.mark.Is_Deletd_In_ERP__c"),
    ]
    assert len(report["problems"]) == 10
    assert result.exit_code == 1
    for each in found.values():
        line = Path(each["file"]).read_text().splitlines()[each["line"] - 1]
        assert each["place"].split(".")[-1] in line or each["place"].split(".")[1] in line
        assert each["reason"]
        assert each["remedy"]


def test_table_names_file_line_reason_and_remedy(run, credentials, config):
    plant(config, "erp_contact", ("FirstName: {", "FrstName: {"))

    result = run("check", "--config", config, "--credentials", credentials)

    assert result.exit_code == 1
    for said in ("erp_contact.yaml:", "fields.FrstName", "FirstName", "1 problems, 0 warnings"):
        assert said in result.output


def test_warnings_alone_are_no_failure(run, credentials, config):
    plant(
        config,
        "erp_contact",
        (
            "  LastName: {from: data.last_name, type: text, required: true,",
            "  LastName: {from: data.last_name, type: text,",
        ),
    )

    result = run("check", "--config", config, "--credentials", credentials)

    assert result.exit_code == 0
    assert "warning" in result.output


def test_file_that_is_wrong_in_itself_is_a_problem_without_the_org(run, config):
    file = plant(config, "erp_contact", ("max_length: 80", "max_lenght: 80"))

    result = run("check", "--config", config, "--json")

    (problem,) = json.loads(result.output)["problems"]
    assert result.exit_code == 1
    assert problem["file"] == str(file)
    assert "max_lenght" in problem["place"]
    assert "LastName" in file.read_text().splitlines()[problem["line"] - 1]


def test_rotated_refresh_token_is_written_back_and_nothing_else_is_lost(run, credentials, org):
    org.change_app(rotation=True)
    credentials.write_text(json.dumps({**(before := json.loads(credentials.read_text())), "note": {"by": "Ada"}}))

    run("check", "--credentials", credentials)

    kept = json.loads(credentials.read_text())
    assert kept["refresh_token"] != before["refresh_token"]
    assert (kept["login_url"], kept["note"]) == (ORG_URL, {"by": "Ada"})
    assert run("check", "--credentials", credentials).exit_code == 0


@pytest.fixture
def deployed(stack, monkeypatch):
    """The stack as CloudFormation tells of it."""
    parameters = {"SalesforceLoginUrl": ORG_URL, "AllowedInstanceHosts": "org.example"}
    fake = FakeCloudFormation("stack", parameters, {"LeaseTable": "leases"})
    monkeypatch.setattr(
        DeployedStack, "client", lambda _self, name: fake if name == "cloudformation" else boto3.client(name)
    )


def test_local_stack_signs_in_by_its_own_secret(run, deployed, tmp_path, monkeypatch):
    monkeypatch.setattr("cli.stack.LOCAL_STACK", "stack")
    state = {"processes": {}, "aws_url": "http://127.0.0.1:4566", "org": {"ca_file": str(__file__)}}
    (tmp_path / "stack.json").write_text(json.dumps(state))

    assert run("check", "--state-folder", tmp_path).exit_code == 0


def test_deployed_stack_signs_in_by_its_secret_and_shares_the_session(run, deployed, org):
    result = run("check", "--stack", "stack")

    assert result.exit_code == 0, result.output
    kept = boto3.client("secretsmanager").get_secret_value(SecretId="stack/salesforce")["SecretString"]
    assert json.loads(kept)["instance_url"] == ORG_URL


# What cannot be done is one line, and 2.


def _refused(org, credentials):
    org.revoke_refresh_tokens()
    return ["check", "--credentials", credentials]


def _away(org, credentials):
    org.plan_faults({"match": {"path_contains": "describe"}, "times": None, "error_code": "SERVER_UNAVAILABLE"})
    return ["check", "--credentials", credentials]


def _http(_org, credentials):
    return ["check", "--credentials", credentials, "--login-url", "http://org.example"]


def _no_json(_org, credentials):
    credentials.write_text("{")
    return ["check", "--credentials", credentials]


def _list(_org, credentials):
    credentials.write_text("[]")
    return ["check", "--credentials", credentials]


def _empty(_org, credentials):
    credentials.write_text("{}")
    return ["check", "--credentials", credentials, "--login-url", ORG_URL]


def _no_file(_org, credentials):
    return ["check", "--credentials", credentials.with_name("none.json")]


def _no_folder(_org, credentials):
    return ["check", "--credentials", credentials, "--config", credentials.with_name("none")]


def _not_up(_org, credentials):
    return ["check", "--state-folder", credentials.parent]


def _half_up(_org, credentials):
    credentials.with_name("stack.json").write_text('{"processes": {}, "org": null}')
    return ["check", "--state-folder", credentials.parent]


def _no_certificate(_org, credentials):
    state = {"aws_url": "https://127.0.0.1:9", "org": {"ca_file": "/nowhere/ca.pem"}}
    credentials.with_name("stack.json").write_text(json.dumps(state))
    return ["check", "--state-folder", credentials.parent]


def _no_payload(_org, credentials):
    return ["try", "shopify_customer", credentials.with_name("none.json")]


def _payload_is_no_text(_org, credentials):
    credentials.write_bytes(b"\xff\xfe")
    return ["try", "shopify_customer", credentials]


def _no_route(_org, credentials):
    return ["try", "nothing", credentials]


def _no_object(_org, credentials):
    return [
        "init",
        "Nothing__c",
        "--sample",
        credentials,
        "--source",
        "s",
        "--entity",
        "e",
        "--credentials",
        credentials,
    ]


def _no_name(_org, credentials):
    return ["init", "../x", "--sample", credentials, "--source", "s", "--entity", "e", "--credentials", credentials]


def _no_source(_org, credentials):
    return [
        "init",
        "Contact",
        "--sample",
        credentials,
        "--source",
        "a\nb",
        "--entity",
        "e",
        "--credentials",
        credentials,
    ]


CANNOT = {
    "sign-in refused": (_refused, "sign in again"),
    "org away": (_away, "SERVER_UNAVAILABLE"),
    "plain http": (_http, "https://"),
    "credentials are no JSON": (_no_json, "is not JSON"),
    "credentials are a list": (_list, "object"),
    "credentials are empty": (_empty, "client_id"),
    "no credentials file": (_no_file, "no such file"),
    "no folder": (_no_folder, "no such folder"),
    "stack is not up": (_not_up, "no such file"),
    "stack is half up": (_half_up, "make up"),
    "no certificate": (_no_certificate, "/nowhere/ca.pem"),
    "no payload": (_no_payload, "no such file"),
    "payload is no text": (_payload_is_no_text, "UTF-8"),
    "no route": (_no_route, "shopify_customer"),
    "no object": (_no_object, "sees no object Nothing__c"),
    "no API name": (_no_name, "not an API name"),
    "no source": (_no_source, "--source"),
}


@pytest.mark.parametrize(("arrange", "said"), CANNOT.values(), ids=CANNOT)
def test_what_cannot_be_done_is_one_line_and_exit_code_2(run, org, credentials, arrange, said):
    result = run(*arrange(org, credentials))

    assert result.exit_code == 2
    assert said in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1
    assert org.settings.credentials.refresh_token not in result.output + result.stderr


def test_missing_aws_credentials_are_said(run, monkeypatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setattr(boto3, "client", boto3.Session().client)  # not one that was made while there were some

    result = run("check", "--login-url", ORG_URL)

    assert result.exit_code == 2
    assert "--credentials" in result.stderr


# try


def test_trial_shows_source_found_value_and_result_of_each_field_and_writes_nothing(run, payload, org):
    result = run("try", "shopify_customer", payload, "--json")

    fields = {each["field"]: each for each in json.loads(result.output)["fields"]}
    assert result.exit_code == 0, result.output
    assert fields["Name"]["found"] == "Ada L"
    assert fields["Name"]["result"] == {"Name": "Ada L"}
    assert fields["Email__c"]["source"] == "email"
    assert fields["Description"]["result"] == {"Description": None}
    assert fields["BillingCity"]["result"] == {}
    assert list(fields) == list(load_route_models()["shopify_customer"].fields)
    assert org.calls() == []


def test_trial_with_the_org_holds_to_the_limits_of_its_fields(run, payload, config, credentials):
    plant(
        config,
        "shopify_customer",
        (
            "Phone: {from: [phone, default_address.phone], type: text, max_length: 40, on_too_long: truncate}",
            "Phone: {from: phone, type: text}",
        ),
    )
    payload.write_text(json.dumps({**CUSTOMER, "phone": "1" * 41}))

    alone = run("try", "shopify_customer", payload, "--config", config, "--json")
    with_org = run(
        "try", "shopify_customer", payload, "--config", config, "--json", "--with-org", "--credentials", credentials
    )

    phone = next(each for each in json.loads(with_org.output)["fields"] if each["field"] == "Phone")
    assert (alone.exit_code, with_org.exit_code) == (0, 1)
    assert "40 characters" in phone["problems"][0]


def test_trial_shows_every_problem_and_every_note(run, payload):
    payload.write_text(json.dumps({**CUSTOMER, "email": {"a": 1}, "note": "x\u0000y", "phone": "1" * 99}))

    result = run("try", "shopify/customer", payload, "--json")

    fields = {each["field"]: each for each in json.loads(result.output)["fields"]}
    assert result.exit_code == 1
    assert fields["Email__c"]["problems"]
    assert fields["Phone"]["notes"]
    assert fields["Name"]["result"]


def test_trial_shows_a_reference_as_it_is_sent(run, payload):
    payload.write_text(json.dumps({"name": "#1", "created_at": "2026-05-06T12:00:00Z", "customer": {"id": 2**53 + 1}}))

    result = run("try", "shopify_order", payload, "--json")

    fields = {each["field"]: each for each in json.loads(result.output)["fields"]}
    assert fields["AccountId"]["result"] == {"Account": {"Shopify_Customer_Id__c": "9007199254740993"}}


def test_trial_is_a_table_for_people(run, payload):
    payload.write_text(json.dumps({**CUSTOMER, "email": {"a": 1}}))

    result = run("try", "shopify_customer", payload)

    for said in ("Ada L", "Email__c", "[first_name, last_name]", "(not there)", "1 fields keep it from being written"):
        assert said in result.output


def test_trial_shows_further_records_lookups_and_the_condition(run, config, payload):
    file = config / "routes" / "erp_account.yaml"
    text = file.read_text().replace("\nfields:", "\nwhen: data.name\nfields:", 1)
    lookup = "\n  OwnerId: {type: lookup, object: User, match: {Username: {from: data.owner}}}\n"
    file.write_text(
        text.replace("\nfields:\n", f"\nfields:{lookup}", 1)
        + """
also:
  - object: Contact
    each: data.people
    external_id: {field: ERP_Contact_ID__c, from: item.id}
    fields:
      LastName: {from: item.name, type: text, max_length: 80}
"""
    )
    payload.write_text(json.dumps({"data": {"owner": "o", "people": [{"id": 1, "name": "A"}, {"id": 2, "name": []}]}}))

    result = json.loads(run("try", "erp_account", payload, "--config", config, "--json").output)

    fields = {(each["record"], each["field"]): each for each in result["fields"]}
    assert fields["", "OwnerId"]["result"] == {"OwnerId": {"id_of": "User by Username", "with": ["o"]}}
    assert fields["also[0] Contact 0", "LastName"]["result"] == {"LastName": "A"}
    assert fields["also[0] Contact 1", "LastName"]["problems"]
    assert result["meant"] is False


HOSTILE = ["[]", "1", "null", '"x"', '{"a": 1e400}', "{}", '{"email": "\\ud800"}', '{"note": "\\u001b[31m\\u0007"}']


@pytest.mark.parametrize("text", HOSTILE)
def test_trial_of_any_json_is_no_traceback_and_no_control_character(run, payload, text):
    payload.write_text(text)

    for name in load_route_models():
        result = run("try", name, payload)
        assert result.exit_code in (0, 1, 2)
        assert "\u001b[31m" not in result.output


# init


def starter(run, credentials, object_name, sample, tmp_path, source="shopify", entity="person"):
    """Write a starter, load it, and compare it with the org."""
    file = tmp_path / "sample.json"
    file.write_text(json.dumps(sample))
    folder = tmp_path / "started" / "routes"
    folder.mkdir(parents=True)
    options = ["--source", source, "--entity", entity, "--credentials", credentials]
    result = run("init", object_name, "--sample", file, "--to", folder / "new.yaml", *options)
    assert result.exit_code == 0, result.stderr
    checked = run("check", "--config", folder, "--credentials", credentials, "--json")
    return (folder / "new.yaml").read_text(), load_route_models(folder)["new"], json.loads(checked.output)


def test_starter_matches_names_loads_and_fits_the_org(run, credentials, tmp_path):
    sample = {
        "company": "Arc",
        "email": "secret@example.com",
        "telephone": "1",
        "billing_address": {"zip": "1", "town": "Bonn", "line-1": "x"},
        "annual_revenue": 5,
        "tags": [1],
        "note": "n",
    }

    text, route, report = starter(run, credentials, "Account", sample, tmp_path, entity="customer")

    assert report["problems"] == []
    sources = {name: rule.sources[0].text for name, rule in route.fields.items() if hasattr(rule, "sources")}
    assert sources["Name"] == "company"
    assert sources["Phone"] == "telephone"
    assert sources["BillingPostalCode"] == "billing_address.zip"
    assert sources["BillingCity"] == "billing_address.town"
    assert sources["AnnualRevenue"] == "annual_revenue"
    assert route.external_id.field == "Shopify_Customer_Id__c"
    assert (route.version_field, route.change_field) == ("Shopify_Version__c", "Lockstep_Change_Id__c")
    assert sources["BillingStreet"] == 'billing_address."line-1"'
    assert "secret@example.com" not in text


def test_starter_of_a_source_without_fields_in_the_org_says_what_to_decide(run, credentials, tmp_path):
    text, route, report = starter(run, credentials, "Contact", {"x": 1}, tmp_path, source="acme")

    assert route.fields["LastName"].required
    assert "DECIDE" in text
    assert {each["place"] for each in report["problems"]} <= {"external_id.field"}


def test_starter_goes_to_the_screen_and_overwrites_nothing(run, credentials, payload):
    options = ["--sample", payload, "--source", "erp", "--entity", "contact", "--credentials", credentials]

    shown = run("init", "Contact", *options)
    refused = run("init", "Contact", *options, "--to", payload)

    assert yaml.safe_load(shown.output)["object"] == "Contact"
    assert refused.exit_code == 2
    assert json.loads(payload.read_text()) == CUSTOMER


NAMES = st.text(max_size=12) | st.sampled_from(
    ["FirstName", "first_name", "email", "no", "account", "Tier", "a.b", "'\""]
)
SAMPLES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.dictionaries(NAMES, inner, max_size=5) | st.lists(inner, max_size=2),
    max_leaves=12,
)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(sample=SAMPLES, source=st.sampled_from(["erp", "no", "a-b", "x y"]))
def test_starter_loads_and_fits_whatever_the_sample_is_called(sample, source):
    describes = {"Contact": read_describe(contact()), "Account": read_describe(account())}

    text = draft(describes["Contact"], describes, Wanted(source, "contact", sample))

    route = Route.model_validate(yaml.safe_load(text))
    errors = [each for each in check_route("r", route, describes) if not each.is_warning]
    assert {each.place for each in errors} <= {"external_id.field"}


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (["a"], 1),
        (["a", "b"], 2),
        (["a", "b", "1"], 4),
        (["a", "x"], 1),
        (["a", "x", "b"], 2),
        (["z"], 1),
        (["c.d"], 5),
        ([], 1),
    ],
)
def test_place_is_found_in_the_file(path, line):
    assert line_of("a:\n  b:\n    - 1\n    - 2\nc.d: 3\n", path) == line


def test_place_in_a_file_that_is_no_yaml_has_no_line():
    assert line_of("{", ["a"]) is None

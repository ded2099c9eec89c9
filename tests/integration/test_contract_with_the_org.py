"""The org's describes through our adapter, by both doors: the shipped routes fit, and what is missing is told."""

import pytest

from cli.check import described
from local.org.schema_loader import load_schema
from lockstep.adapters.salesforce import SalesforceRest
from lockstep.adapters.salesforce_session import TimeLimitedSession
from lockstep.domain.connection import AccessToken
from lockstep.domain.contract import check_route, objects_of
from lockstep.domain.describes import read_describe, read_picklists, slim
from lockstep.domain.failures import FailureKind, SyncError
from lockstep.domain.limits import with_limits
from lockstep.domain.mapping import Unmappable, compile_route
from lockstep.domain.routes import Route
from lockstep.runtime.route_files import load_route_models
from tests.integration.org_doors import repository_schema
from tests.unit.test_org_schema_sfdx import write, write_field

ROUTES = load_route_models()


class Token:
    """A session that the org knows."""

    def __init__(self, value, url):
        self.value = AccessToken(value, url)

    def token(self):
        return self.value

    def discard(self, token):
        raise AssertionError("the session ended")


@pytest.fixture
def source(door, org):
    ours = TimeLimitedSession()
    for prefix, adapter in door.session.adapters.items():
        ours.mount(prefix, adapter)
    ours.verify, ours.trust_env = door.session.verify, False
    yield SalesforceRest(Token(org.open_session(), door.instance_url), "66.0", ours)
    ours.close()


@pytest.mark.parametrize("name", ROUTES)
def test_shipped_route_fits_the_org(source, name):
    describes = {each: read_describe(slim(source.describe(each))) for each in objects_of(ROUTES[name])}

    assert check_route(name, ROUTES[name], describes) == []


def test_object_that_is_not_there_has_no_describe(source):
    assert source.describe("Nothing__c") is None


def test_describe_is_one_call(source, org):
    before = len(org.calls())

    source.describe("Account")

    assert len(org.calls()) == before + 1


def test_org_that_is_away_is_not_an_object_that_is_not_there(source, org):
    org.plan_faults({"match": {"path_contains": "describe"}, "error_code": "SERVER_UNAVAILABLE"})

    with pytest.raises(SyncError) as caught:
        source.describe("Account")

    assert caught.value.kind is FailureKind.ORG_UNAVAILABLE


def test_picklist_values_of_a_record_type_are_one_call(source, org):
    before = len(org.calls())

    values = read_picklists(source.picklist_values("Account", "012000000000000AAA"))

    assert len(org.calls()) == before + 1
    assert "Banking" in values["industry"]


@pytest.mark.parametrize("asked", [("Account", "012000000000099AAA"), ("Nothing__c", "012000000000000AAA")])
def test_values_that_the_org_does_not_tell_are_none(source, asked):
    assert source.picklist_values(*asked) is None


def test_org_that_is_away_is_not_a_record_type_without_values(source, org):
    org.plan_faults({"match": {"path_contains": "picklist-values"}, "error_code": "SERVER_UNAVAILABLE"})

    with pytest.raises(SyncError):
        source.picklist_values("Account", "012000000000000AAA")


VALUES = "".join(f"<value><fullName>{each}</fullName></value>" for each in ("Gold", "Basic"))
TIER = (
    f"<type>Picklist</type><valueSet><restricted>true</restricted>"
    f"<valueSetDefinition>{VALUES}</valueSetDefinition></valueSet>"
)
KEY = "<type>Text</type><length>40</length><externalId>true</externalId><unique>true</unique>"
SHOP = (
    "<fullName>Shop</fullName><active>true</active><label>Shop</label><picklistValues><picklist>Tier__c</picklist>"
    "<values><fullName>Basic</fullName></values></picklistValues>"
)
ROUTE = {
    "source": "shop",
    "entity": "customer",
    "object": "Account",
    "external_id": {"field": "Key__c"},
    "on_delete": "ignore",
    "fields": {
        "Name": {"type": "text", "from": "name", "required": True},
        "RecordTypeId": {
            "type": "lookup",
            "object": "RecordType",
            "match": {"DeveloperName": {"value": "Shop"}, "SobjectType": {"value": "Account"}},
        },
        "Tier__c": {"type": "picklist", "from": "tier", "passthrough": True},
    },
}


@pytest.fixture
def org_schema(request, tmp_path):
    """The schema of the repository, or for tests of record types one that has some."""
    if "record_types" not in request.node.name:
        return repository_schema()
    write_field(tmp_path, "Account", "Tier__c", TIER)
    write_field(tmp_path, "Account", "Key__c", KEY + "<caseSensitive>true</caseSensitive>")
    write(tmp_path / "objects/Account/recordTypes/Shop.recordType-meta.xml", "RecordType", SHOP)
    return load_schema([tmp_path])


def test_record_types_of_the_org_limit_what_a_route_sends_as_the_org_itself_would(source, org):
    route = Route.model_validate(ROUTE)
    describes = described([route], source)
    compiled = compile_route(with_limits(route, describes))

    assert check_route("r", route, describes) == []
    assert isinstance(compiled.to_record({"name": "n", "tier": "Gold"}, "1", 1), Unmappable)
    (wish,) = compiled.to_record({"name": "n", "tier": "Basic"}, "1", 1).wishes
    shop = source.find("RecordType", ["DeveloperName", "SobjectType"], [wish.values])[wish.values]
    records = [{"Key__c": tier, "Name": "n", "RecordTypeId": shop, "Tier__c": tier} for tier in ("Basic", "Gold")]
    taken, refused = source.upsert("Account", "Key__c", records)
    assert taken.failure is None
    assert refused.failure.error_code == "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"

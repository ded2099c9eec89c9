"""The table of types goes through both lanes into the local org: what is stored is equal, field by field (P5)."""

from dataclasses import replace

import pytest

from local.org.org import Org
from local.org.schema import FieldSchema, PicklistValue, Schema
from lockstep.adapters.local_files import TemporaryFiles
from lockstep.adapters.salesforce import SalesforceRest
from lockstep.adapters.salesforce_bulk import SalesforceBulk
from lockstep.adapters.salesforce_session import TimeLimitedSession
from lockstep.domain.bulk_csv import csv_text
from lockstep.domain.bulk_job import JobState
from lockstep.domain.bulk_results import ResultFile
from lockstep.domain.connection import AccessToken
from lockstep.domain.mapping import compile_route
from lockstep.domain.routes import Route
from lockstep.ports.bulk import UpsertJob
from tests.integration.org_doors import IN_PROCESS_ORIGIN, in_process_door
from tests.unit.test_two_wires import CASES

KEY, VERSION = "Key__c", "Version__c"
COMPOUND = {"address", "geolocation", "constant", "reference", "lookup"}
TYPES = {
    "text": "string",
    "long_text": "textarea",
    "rich_text": "textarea",
    "number": "double",
    "integer": "double",
    "multi_picklist": "multipicklist",
}
NUMBERS = {"double", "currency", "percent"}
WRITTEN = [(f"X{at}__c", rule, value) for at, (rule, value, _) in enumerate(CASES) if rule["type"] not in COMPOUND]


def _column(name, rule):
    kind = TYPES.get(rule["type"], rule["type"])
    values = tuple(PicklistValue(each, each) for each in rule.get("values", {}).values())
    sizes = {"precision": 18, "scale": rule.get("scale", 0)} if kind in NUMBERS else {}
    facts = {"length": 32_768, **sizes, **({"picklist_values": values} if values else {})}
    return FieldSchema(name, name, kind, custom=True, **facts)


@pytest.fixture(scope="module")
def schema(rules_org_schema: Schema):
    account = rules_org_schema.objects["Account"]
    own = [
        FieldSchema(KEY, KEY, "string", custom=True, length=40, external_id=True, id_lookup=True, unique=True),
        *(_column(name, rule) for name, rule, _ in WRITTEN),
    ]
    fields = {**account.fields, **{field.name: field for field in own}}
    return Schema({**rules_org_schema.objects, "Account": replace(account, fields=fields)})


@pytest.fixture
def org(schema):
    return Org(schema)


class Lanes:
    """Writes payloads by both lanes, each into a record of its own."""

    def __init__(self, org, session):
        token = AccessToken(org.open_session(), IN_PROCESS_ORIGIN)

        class SignIn:
            def token(self):
                return token

            def discard(self, token):
                raise AssertionError("the session ended")

        self.org = org
        self.rest = SalesforceRest(SignIn(), "66.0", session)
        self.bulk = SalesforceBulk(SignIn(), "66.0", session)
        fields = {name: {"from": name, **rule} for name, rule, _ in WRITTEN}
        fields |= {
            "Name": {"type": "constant", "value": "n"},
            "ParentId": {"type": "reference", "from": "parent", "to": "Account", "by": KEY},
            "BillingAddress": {"type": "address", "city": "city"},
        }
        self.route = compile_route(
            Route.model_validate(
                {
                    "source": "s",
                    "entity": "e",
                    "object": "Account",
                    "external_id": {"field": KEY},
                    "version_field": VERSION,
                    "on_delete": "ignore",
                    "fields": fields,
                }
            )
        )

    def write(self, payload, version):
        (result,) = self.rest.upsert("Account", KEY, [self.route.to_record(payload, "rest", version).fields])
        assert result.failure is None, result.failure.vendor_message
        row = self.route.to_bulk_row(self.route.to_record(payload, "bulk", version))
        self._write_row(row.cells)
        return self._stored("rest"), self._stored("bulk")

    def _write_row(self, cells):
        with TemporaryFiles().new() as rows, TemporaryFiles().new() as failed:
            rows.append([csv_text([self.route.bulk_header, cells]).encode()])
            job_id = self.bulk.create(UpsertJob("Account", KEY))
            self.bulk.upload(job_id, rows)
            self.bulk.close(job_id)
            job = self.bulk.look(job_id)
            self.bulk.fetch(job_id, ResultFile.FAILED, failed)
            assert (job.state, job.processed) == (JobState.JOB_COMPLETE, 1), job
            assert len(list(failed.csv_rows())) == 1, list(failed.csv_rows())

    def _stored(self, key):
        (record,) = [each for each in self.org.records("Account") if each[KEY] == key]
        own = ("Id", KEY, "CreatedDate", "LastModifiedDate", "SystemModstamp")
        return {name: value for name, value in record.items() if name not in own}


@pytest.fixture
def lanes(org):
    with in_process_door(org) as door, TimeLimitedSession() as session:
        session.mount(IN_PROCESS_ORIGIN, door.session.adapters[IN_PROCESS_ORIGIN])
        yield Lanes(org, session)


def _payload(value_of):
    return {name: value_of(name, value) for name, _, value in WRITTEN}


def test_every_type_is_stored_alike_and_so_is_what_clears_and_what_leaves_it(lanes):
    by_rest, by_bulk = lanes.write({**_payload(lambda _, value: value), "city": "Köln"}, 1)
    assert by_rest == by_bulk
    assert sum(by_rest[name] not in (None, False) for name, _, _ in WRITTEN) == len(WRITTEN) - 1
    assert by_rest["BillingCity"] == "Köln"

    left = lanes.write({}, 2)
    assert left[0] == left[1] == {**by_rest, VERSION: 2}

    cleared, also = lanes.write(_payload(lambda *_: None) | {"city": None}, 3)
    assert cleared == also
    assert {cleared[name] for name, rule, _ in WRITTEN if rule["type"] != "boolean"} == {None}


def test_a_parent_is_found_alike(lanes):
    lanes.write({}, 1)
    lanes.rest.upsert("Account", KEY, [{KEY: "000 1,2", "Name": "parent"}])

    by_rest, by_bulk = lanes.write({"parent": "000 1,2"}, 2)

    assert by_rest == by_bulk
    assert by_rest["ParentId"]

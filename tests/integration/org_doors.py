"""The two doors to one org: a `requests` session in this process, or over HTTPS on loopback."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import requests

from local.org.certificate import CertificateFiles
from local.org.in_process import OrgAdapter
from local.org.org import Org
from local.org.schema import FieldSchema, PicklistValue, Schema
from local.org.schema_loader import load_schema
from local.org.server import OrgServer, start

REPOSITORY = Path(__file__).parents[2]
IN_PROCESS_ORIGIN = "https://org.example"
TIMEOUT_S = 20


@dataclass(frozen=True)
class Door:
    """A way to reach an org: a session that trusts it, and its origin."""

    session: requests.Session
    instance_url: str


class Api:
    """Calls the org's REST API with a good token."""

    def __init__(self, door: Door, token: str) -> None:
        self.door = door
        self.token = token

    def call(self, method: str, path: str, body: Any = None, **kwargs: Any) -> requests.Response:
        """Send a request; a path without a leading slash is below /services/data/v66.0."""
        url = self.door.instance_url + (path if path.startswith("/") else f"/services/data/v66.0/{path}")
        headers = {"Authorization": f"Bearer {self.token}", **kwargs.pop("headers", {})}
        content = {"data": body, "headers": {"Content-Type": "application/json", **headers}}
        if not isinstance(body, bytes | str):
            content = {"json": body, "headers": headers}
        return self.door.session.request(method, url, timeout=TIMEOUT_S, **content, **kwargs)

    def upsert(self, path: str, *rows: dict[str, Any], **options: Any) -> list[dict[str, Any]]:
        """Upsert rows by Collections and return their results; `path` is object and field."""
        object_name = path.partition("/")[0]
        records = [{"attributes": {"type": object_name}, **row} for row in rows]
        response = self.call("PATCH", f"composite/sobjects/{path}", {"records": records, **options})
        assert response.status_code == 200, response.text
        return response.json()


@cache
def repository_schema() -> Schema:
    """Return the standard objects and this project's own fields."""
    folder = REPOSITORY / "salesforce"
    return load_schema([folder] if folder.is_dir() else [])


def rules_schema() -> Schema:
    """Return the standard objects with one custom field for each rule that the org enforces."""
    schema = load_schema([])
    account, contact = schema.objects["Account"], schema.objects["Contact"]
    account = replace(account, fields={**account.fields, **{field.name: field for field in _ACCOUNT_FIELDS}})
    contact = replace(contact, fields={**contact.fields, _CONTACT_KEY.name: _CONTACT_KEY})
    return Schema({**schema.objects, "Account": account, "Contact": contact})


def _key(name: str, **facts: Any) -> FieldSchema:
    return FieldSchema(name, name, "string", custom=True, length=20, external_id=True, id_lookup=True, **facts)


_TIERS = (
    PicklistValue("Gold", "Gold"),
    PicklistValue("Basic", "Basic", default=True),
    PicklistValue("Old", "Old", active=False),
)
_CONTACT_KEY = _key("ERP_Id__c", unique=True, case_sensitive=True)
_ACCOUNT_FIELDS = (
    _key("ERP_Id__c", unique=True),
    _key("Code__c"),
    FieldSchema("Version__c", "Version", "double", custom=True, precision=18),
    FieldSchema("Rate__c", "Rate", "double", custom=True, precision=5, scale=2),
    FieldSchema("Number_Key__c", "Number Key", "double", custom=True, precision=18, external_id=True, unique=True),
    FieldSchema(
        "Active__c", "Active", "boolean", custom=True, nillable=False, defaulted_on_create=True, default_value=True
    ),
    FieldSchema("Since__c", "Since", "datetime", custom=True),
    FieldSchema("Born__c", "Born", "date", custom=True),
    FieldSchema("Mail__c", "Mail", "email", custom=True, length=80),
    FieldSchema(
        "Tier__c", "Tier", "picklist", custom=True, length=255, restricted_picklist=True, picklist_values=_TIERS
    ),
    FieldSchema("Total__c", "Total", "double", custom=True, precision=18, createable=False, updateable=False),
)


@contextmanager
def in_process_door(org: Org) -> Iterator[Door]:
    """Open a door without a socket."""
    with requests.Session() as session:
        session.mount(IN_PROCESS_ORIGIN, OrgAdapter(org))
        yield Door(session, IN_PROCESS_ORIGIN)


@contextmanager
def https_door(org: Org, certificate: CertificateFiles) -> Iterator[Door]:
    """Open a door over HTTPS on loopback."""
    server = OrgServer(org, 0, certificate=certificate)
    thread = start(server)
    try:
        with requests.Session() as session:
            session.verify = str(certificate.ca)
            session.trust_env = False
            yield Door(session, server.url)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

"""Requests that nobody planned: every route of the local org, with parts and bodies from a bag of odd things."""

import json
import re
from dataclasses import dataclass, field
from urllib.parse import quote

from hypothesis import strategies as st

from local.org.api import ROUTES
from local.org.ids import to_18

ACCOUNT_ID, CONTACT_ID = "001Lk0000000001", "003Lk0000000001"
TEXTS = [
    *("", "x", "Acme", "1", "E-1", "null", "ü", "a/b", "%", "a?b#c", "\0", "x" * 300, "2026-01-01", "🙂"),
    *("2026-01-01T00:00:00Z", "@{a.id}", "@{a", "{}", "[]", ACCOUNT_ID, CONTACT_ID, to_18(ACCOUNT_ID), "-1", "1e999"),
]
OBJECTS = ["Account", "account", "Contact", "Order", "RecordType", "User", "Nope", "Id", "..", "", "%00"]
FIELDS = ["Id", "ERP_Id__c", "Code__c", "Name", "Number_Key__c", "OwnerId", "attributes", "nope", "IsDeleted"]
SOQL = [
    *(
        "SELECT Id FROM Account",
        "SELECT Name, (SELECT LastName FROM Contacts) FROM Account",
        "SELECT COUNT() FROM User",
    ),
    *(
        "SELECT Name, COUNT(Id) FROM Account GROUP BY Name HAVING COUNT(Id) > 0",
        "SELECT FIELDS(ALL) FROM Contact LIMIT 2",
    ),
    *("SELECT Id FROM Account WHERE Id IN (SELECT AccountId FROM Contact)", "SELECT", "SELECT Nope FROM Account"),
    *(
        "SELECT TYPEOF Owner WHEN User THEN Name END FROM Lead",
        "SELECT Id FROM Account WHERE CreatedDate = LAST_N_DAYS:2",
    ),
]
V = "/services/data/v66.0"

texts = st.sampled_from(TEXTS) | st.text(max_size=8)
scalars = st.none() | st.booleans() | texts | st.integers(-(10**20), 10**20) | st.floats(allow_nan=False)
row_keys = st.sampled_from(
    [*FIELDS, "LastName", "AccountId", "Account", "Parent", "AnnualRevenue", "Born__c", "Since__c"]
)
attributes = st.fixed_dictionaries({"type": st.sampled_from(OBJECTS)}, optional={"referenceId": texts, "url": texts})
rows = st.dictionaries(row_keys, scalars | st.dictionaries(row_keys, scalars, max_size=2), max_size=5)
typed_rows = st.builds(lambda attrs, row: {"attributes": attrs, **row}, attributes, rows)
good_rows = st.builds(
    lambda key, name: {"attributes": {"type": "Account"}, "ERP_Id__c": key, "Name": name},
    st.sampled_from(["1", "2", "E-1"]),
    st.sampled_from(["One", None]),
)
records = st.lists(typed_rows | good_rows | scalars, max_size=4)
collections = st.fixed_dictionaries({"records": records | scalars}, optional={"allOrNone": st.booleans() | texts}) | (
    st.builds(lambda each: {"records": each, "allOrNone": True}, st.lists(good_rows, min_size=2, max_size=4))
)
paths = st.builds(
    lambda *parts: "/".join(parts),
    st.just(f"{V}/sobjects"),
    st.sampled_from(OBJECTS),
    st.sampled_from(["", "Id", "ERP_Id__c/1", ACCOUNT_ID, "@{a.id}", "describe", "deleted"]),
) | st.sampled_from([f"{V}/query?q={each}" for each in SOQL] + [f"{V}/composite/sobjects", f"{V}/limits", V, "x", "/"])
parts = st.fixed_dictionaries(
    {"method": st.sampled_from(["GET", "POST", "PATCH", "DELETE", "PUT", "X"]), "url": paths},
    optional={
        "referenceId": st.sampled_from(["a", "b", "c"]) | texts,
        "body": rows | collections,
        "richInput": rows,
        "httpHeaders": st.dictionaries(
            st.sampled_from(["If-Match", "Accept", "If-Unmodified-Since"]), texts, max_size=2
        ),
    },
)
part_lists = st.lists(parts, max_size=4)
odd_composites = st.fixed_dictionaries(
    {"compositeRequest": part_lists | scalars}, optional={"allOrNone": st.booleans(), "collateSubrequests": scalars}
)
# Well-formed ones, of which some part works and some part does not: what they leave behind is the question.
WORKS = [
    ("POST", "Account", {"Name": "New", "ERP_Id__c": "9"}),
    ("PATCH", f"Account/{ACCOUNT_ID}", {"Name": "Changed", "ERP_Id__c": "7"}),
    ("PATCH", "Account/ERP_Id__c/2", {"Name": "Changed"}),
    ("DELETE", f"Account/{ACCOUNT_ID}", None),
    ("GET", "Account/ERP_Id__c/2", None),
]
FAILS = [
    ("POST", "Account", {"Phone": "1"}),
    ("PATCH", f"Contact/{CONTACT_ID}", {"LastName": None}),
    ("POST", "Contact", {"LastName": "x", "AccountId": "@{p0.nope}"}),
    ("PATCH", "Account/Code__c/c", {"Name": "two of them"}),
]
mixed_parts = st.lists(st.sampled_from(WORKS), min_size=1, max_size=3).flatmap(
    lambda works: st.permutations([*works, *FAILS]).map(
        lambda steps: [
            {"method": method, "url": f"{V}/sobjects/{path}", "body": body, "referenceId": f"p{place}"}
            for place, (method, path, body) in enumerate(steps[: len(works) + 1])
        ]
    )
)
composites = odd_composites | st.builds(
    lambda steps, whole: {"compositeRequest": steps, "allOrNone": whole}, mixed_parts, st.booleans()
)
graphs = st.fixed_dictionaries(
    {"graphs": st.lists(st.fixed_dictionaries({"graphId": texts, "compositeRequest": part_lists}), max_size=3)}
) | st.builds(lambda steps: {"graphs": [{"graphId": "1", "compositeRequest": steps}]}, mixed_parts)
leaves = st.sampled_from([{"Name": "Leaf"}, {"Name": "Leaf"}, {"Phone": "no name"}, {"LastName": "Lee"}])
trees = st.lists(leaves, min_size=1, max_size=4).map(
    lambda each: {
        "records": [{"attributes": {"type": "Account", "referenceId": f"r{n}"}, **row} for n, row in enumerate(each)]
    }
)
batches = st.fixed_dictionaries({"batchRequests": part_lists | scalars}, optional={"haltOnError": scalars})
jobs = st.fixed_dictionaries(
    {},
    optional={
        "object": st.sampled_from(OBJECTS),
        "operation": st.sampled_from(["insert", "update", "upsert", "delete", "hardDelete", "query", "queryAll", "x"]),
        "externalIdFieldName": st.sampled_from(FIELDS),
        "state": st.sampled_from(["UploadComplete", "Aborted", "Open", "x"]),
        "query": st.sampled_from(SOQL),
        "lineEnding": st.sampled_from(["LF", "CRLF", "x"]),
    },
)
nested = st.recursive(scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3))
json_bodies = rows | collections | composites | graphs | batches | jobs | nested
bodies = st.builds(lambda value: json.dumps(value).encode(), json_bodies) | st.binary(max_size=40) | st.just(b"")
BODY_BY_LAST_WORD = {
    "composite": composites,
    "graph": graphs,
    "batch": batches,
    "tree": trees | collections,
    "sobjects": collections | rows,
    "ingest": jobs,
    "query": jobs,
}
headers = st.dictionaries(
    st.sampled_from(
        [
            *("content-type", "content-encoding", "x-prettyprint", "accept-encoding", "sforce-query-options"),
            *("sforce-duplicate-rule-header", "sforce-auto-assign", "sforce-call-options", "if-match", "if-none-match"),
            *("if-modified-since", "if-unmodified-since"),
        ]
    ),
    st.sampled_from(
        ["application/json", "text/csv", "gzip", "1", "TRUE", "batchSize=200", "allowSave=true", "*", '"x"']
    )
    | st.sampled_from(["Sat, 1 Jan 2000 00:00:01 GMT", "Sat, 1 Jan 2050 00:00:01 GMT", "x"]),
    max_size=2,
)


_HOLDING_OTHERS = [each for each in ROUTES if each.template.startswith("composite") and each.method != "GET"]


@dataclass(frozen=True)
class Asked:
    """One request below the version, as hypothesis shows it when it fails."""

    method: str
    path: str
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)


@st.composite
def requests(draw):
    """Return a request for one of the org's routes, or for one that is nearly one."""
    route = draw(st.sampled_from(ROUTES) | st.sampled_from(_HOLDING_OTHERS))
    path = re.sub(r"\{(\w+)\}", lambda match: quote(draw(_part(match[1])), safe="%"), route.template)
    path += draw(st.sampled_from(["", "", "", "", "", "/", "/x"]))
    body_kind = BODY_BY_LAST_WORD.get(re.sub(r"/?\{\w+\}", "", route.template).rpartition("/")[2])
    fitting = bodies if body_kind is None else st.builds(lambda value: json.dumps(value).encode(), body_kind)
    if draw(st.booleans()):
        return Asked(route.method, path, draw(fitting))
    method = draw(st.sampled_from(["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "BREW"]) | st.just(route.method))
    return Asked(method, path + draw(_query()), draw(fitting | bodies), draw(headers))


def _part(name):
    return {
        "object": st.sampled_from(OBJECTS),
        "field": st.sampled_from(FIELDS),
        "id": st.sampled_from([ACCOUNT_ID, CONTACT_ID, f"{ACCOUNT_ID}AAA", to_18(ACCOUNT_ID), "x"]) | texts,
        "locator": st.sampled_from(["01gLk0000000001-0", "01gLk0000000001IAA-200", "x-y"]) | texts,
        "job": st.sampled_from(["750Lk0000000001IAA", "750Lk0000000001", "x"]) | texts,
    }.get(name, texts)


def _query():
    return st.just("") | st.builds(
        lambda name, value: f"?{name}={quote(value)}",
        st.sampled_from(
            [
                *("q", "ids", "fields", "start", "end", "allOrNone", "updateOnly", "_HttpMethod", "sObjects"),
                *("columns", "maxRecords", "locator", "isPkChunkingEnabled", "queryLocator"),
            ]
        ),
        st.sampled_from([*SOQL, "PATCH", "true", f"{ACCOUNT_ID},x", "Id,Name"]) | texts,
    )

"""An org's object with a field of each type, and saves of it to evaluate formulas against."""

from dataclasses import replace
from datetime import UTC, datetime

from local.org.clock import OrgClock
from local.org.formulas import Scene, Scope, compile_condition
from local.org.history import History
from local.org.schema import FieldSchema, PicklistValue, Schema
from local.org.schema_loader import load_schema
from local.org.store import Store

NOW = datetime(2026, 3, 31, 12, 30, tzinfo=UTC)
_TYPES = {
    "Text__c": "string",
    "Number__c": "double",
    "Share__c": "percent",
    "Flag__c": "boolean",
    "Day__c": "date",
    "Moment__c": "datetime",
    "Time__c": "time",
    "Choice__c": "picklist",
    "Choices__c": "multipicklist",
}


def _schema() -> Schema:
    standard = load_schema([])
    account = standard.objects["Account"]
    own = {name: FieldSchema(name=name, label=name, type=kind, custom=True, scale=2) for name, kind in _TYPES.items()}
    own["Sum__c"] = FieldSchema(name="Sum__c", label="Sum", type="double", custom=True, calculated=True)
    own["Choice__c"] = replace(own["Choice__c"], picklist_values=(PicklistValue("a", "A"), PicklistValue("b", "B")))
    widened = replace(account, fields={**account.fields, **own})
    return replace(standard, objects={**standard.objects, "Account": widened})


SCHEMA = _schema()
STORE = Store(SCHEMA, History(OrgClock(), is_kept=False))
USER_ID = STORE.seed("User", {"Username": "someone@example.com", "LastName": "Someone"})
PARENT_ID = STORE.seed("Account", {"Name": "Parent Ltd", "Number__c": 7.0, "OwnerId": USER_ID})
SCOPE = Scope(SCHEMA.objects["Account"], SCHEMA, frozenset({"Given", "Withheld"}))


def record(values):
    table = STORE.table("Account")
    made = table.blank()
    for name, value in values.items():
        made.put(table.column(name).slot, value)
    return made


def scene(values, before=None):
    prior = None if before is None else record(before)
    return Scene(record(values), prior, STORE, OrgClock(NOW.timestamp), USER_ID, frozenset({"Given"}))


def answer(formula, values=None, before=None):
    """Return what a condition says of a save; a save with `before` is an update."""
    return compile_condition(formula, SCOPE)(scene(values or {}, before))

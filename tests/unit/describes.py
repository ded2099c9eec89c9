"""Describe answers as the tests want them: everything fits, and a test names what does not."""

from lockstep.domain.routes import Route


def field(name, type_="string", **facts):
    """One field that can be written."""
    return {
        "name": name,
        "type": type_,
        "label": name,
        "length": 80 if type_ in ("string", "picklist") else 0,
        "precision": 0,
        "scale": 0,
        "digits": 0,
        "createable": True,
        "updateable": True,
        "nillable": True,
        "defaultedOnCreate": False,
        "externalId": False,
        "idLookup": False,
        "unique": False,
        "caseSensitive": False,
        "restrictedPicklist": False,
        "picklistValues": [],
        "referenceTo": [],
        "relationshipName": None,
        "somethingNew": {"of": "Salesforce"},
        **facts,
    }


def sized(name, length):
    """A text field of that length."""
    return field(name, length=length)


def key(name, **facts):
    """An External ID."""
    return field(name, externalId=True, idLookup=True, unique=True, caseSensitive=True, **facts)


def picklist(name, *values, restricted=True, inactive=(), **facts):
    """A picklist with its active and inactive values."""
    entries = [{"active": True, "value": value} for value in values]
    entries += [{"active": False, "value": value} for value in inactive]
    return field(name, "picklist", picklistValues=entries, restrictedPicklist=restricted, **facts)


def number(name, precision=18, scale=0, type_="double", **facts):
    """A number field."""
    return field(name, type_, precision=precision, scale=scale, **facts)


def lookup(name, to, relationship, **facts):
    """A lookup to one object."""
    return field(name, "reference", length=18, referenceTo=[to], relationshipName=relationship, **facts)


CONTACT_FIELDS = (
    key("Key__c"),
    number("Version__c"),
    field("LastName", nillable=False),
    field("FirstName", length=40),
    field("Email", "email", length=80),
    field("Notes__c", "textarea", length=1000),
    number("Score__c", 5, 2),
    field("Children", "int", digits=8),
    field("Active__c", "boolean", nillable=False, defaultedOnCreate=True),
    field("Birthdate", "date"),
    field("Seen__c", "datetime"),
    picklist("Tier__c", "Gold", "Basic", inactive=["Old"]),
    picklist("Branch", "Bank", restricted=False),
    lookup("AccountId", "Account", "Account"),
    field("Gone__c", "boolean", nillable=False, defaultedOnCreate=True),
    field("Name", createable=False, updateable=False),
    field("Currency__c", createable=True, updateable=False),
    field("CreatedDate", "datetime", createable=False, updateable=False, nillable=False, defaultedOnCreate=True),
)
ACCOUNT_FIELDS = (field("Name", nillable=False), key("ERP__c"), field("Plain__c"), key("Loose__c") | {"unique": False})


def describe(name, fields, **facts):
    """One object's describe, with the fields that `facts` replace by name."""
    flags = {"createable": True, "updateable": True, "deletable": True}
    changed = {**{each["name"]: each for each in fields}, **facts.pop("changed", {})}
    return {"name": name, **flags, **facts, "fields": [each for each in changed.values() if each], "urls": {}}


def contact(changed=None, **facts):
    """Describe the object of `ROUTE`, with the fields given by name replaced, or taken away where they are None."""
    return describe("Contact", CONTACT_FIELDS, changed=changed or {}, **facts)


def account(**changed):
    """Describe its parent."""
    return describe("Account", ACCOUNT_FIELDS, changed=changed)


FIELDS = {
    "LastName": {"from": "last", "type": "text", "max_length": 80, "required": True},
    "FirstName": {"from": "first", "type": "text", "max_length": 40},
    "Email": {"from": "email", "type": "text", "max_length": 80},
    "Notes__c": {"from": "notes", "type": "text", "max_length": 1000},
    "Score__c": {"from": "score", "type": "number", "precision": 5, "scale": 2},
    "Children": {"from": "children", "type": "number", "precision": 8},
    "Active__c": {"from": "active", "type": "boolean"},
    "Birthdate": {"from": "born", "type": "date"},
    "Seen__c": {"from": "seen", "type": "datetime"},
    "Tier__c": {"from": "tier", "type": "picklist", "values": {"g": "Gold"}, "default": "Basic"},
    "Branch": {"from": "branch", "type": "picklist", "values": {"b": "Bank"}},
    "AccountId": {"from": "account", "type": "reference", "to": "Account", "by": "ERP__c"},
    "Gone__c": {"type": "constant", "value": False},
}


def route(fields=None, **given):
    """A route that fits; `fields` replaces rules by name, or takes them away where they are None."""
    rules = {name: rule for name, rule in {**FIELDS, **(fields or {})}.items() if rule is not None}
    written = {
        "source": "erp",
        "entity": "contact",
        "object": "Contact",
        "external_id": {"field": "Key__c"},
        "version_field": "Version__c",
        "on_delete": {"mark": {"Gone__c": True}},
        "fields": rules,
        **given,
    }
    return Route.model_validate(written)

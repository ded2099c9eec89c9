"""What the kinds of lookups of Salesforce source format are in a describe."""

from typing import Any

from local.org.sfdx import SourceElement, child_text, is_true, optional_number, required_text
from local.org.sfdx_picklists import ValueSets
from local.org.values import EXTERNAL_LOOKUP

_ID_LENGTH = 18
_EXTERNAL_ID_LENGTH = 1000
_METADATA_NAME_LENGTH = 80
# A metadata relationship to a field is controlled by one to an object.
_METADATA_TARGET = "EntityDefinition"


def lookup(found: SourceElement, kind: str, _value_sets: ValueSets) -> dict[str, Any]:
    """Describe a lookup; a hierarchy is one to users."""
    element = found.element
    name = required_text(found, "fullName")
    child_name, lookup_filter = child_text(element, "relationshipName"), element.find("lookupFilter")
    target = "User" if kind == "Hierarchy" else required_text(found, "referenceTo")
    return {
        "type": "reference",
        "length": _ID_LENGTH,
        "reference_to": (target,),
        "relationship_name": f"{name.removesuffix('__c')}__r",
        "child_relationship_name": f"{child_name}__r" if child_name else None,
        "cascade_delete": child_text(element, "deleteConstraint") == "Cascade",
        "restricted_delete": child_text(element, "deleteConstraint") == "Restrict",
        "has_optional_filter": None if lookup_filter is None else is_true(lookup_filter, "isOptional"),
    }


def external_lookup(found: SourceElement, kind: str, value_sets: ValueSets) -> dict[str, Any]:
    """Type a lookup to an external object by the external ID of what is out there; nobody checks that it is."""
    return lookup(found, kind, value_sets) | {"length": _EXTERNAL_ID_LENGTH, "extra_type_info": EXTERNAL_LOOKUP}


def metadata_relationship(found: SourceElement, _kind: str, value_sets: ValueSets) -> dict[str, Any]:
    """Type a lookup from custom metadata to an object, to a field, or to other custom metadata, each by its name."""
    target = child_text(found.element, "referenceTo") or _METADATA_TARGET
    facts = lookup(found, "Hierarchy", value_sets)
    return facts | {"reference_to": (target,), "length": _METADATA_NAME_LENGTH, "extra_type_info": EXTERNAL_LOOKUP}


def master_detail(found: SourceElement, kind: str, value_sets: ValueSets) -> dict[str, Any]:
    """Describe a lookup without which the record is not: required, and deleted with its master."""
    return lookup(found, kind, value_sets) | {
        "nillable": False,
        "permissionable": False,
        "updateable": is_true(found.element, "reparentableMasterDetail"),
        "cascade_delete": True,
        "relationship_order": optional_number(found, "relationshipOrder", 0),
    }

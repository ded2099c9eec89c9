"""One field's describe: 57 keys, most of which follow from the field's type."""

import re
from collections.abc import Mapping
from typing import Any

from local.org.schema import FieldSchema, PicklistValue

_BYTES_PER_CHARACTER = 3
_LONG_TEXT_OVER = 255
_SOAP_TYPES: Mapping[str, str] = {
    "id": "tns:ID",
    "reference": "tns:ID",
    "boolean": "xsd:boolean",
    "int": "xsd:int",
    "double": "xsd:double",
    "currency": "xsd:double",
    "percent": "xsd:double",
    "date": "xsd:date",
    "datetime": "xsd:dateTime",
    "time": "xsd:time",
    "address": "urn:address",
    "location": "urn:location",
}
_COMPOUND = {"address", "location"}
_NOT_GROUPABLE = {"double", "currency", "percent", "datetime", "multipicklist", "encryptedstring", *_COMPOUND}
_NOT_SORTABLE = {"multipicklist", "encryptedstring", *_COMPOUND}
_NOT_AGGREGATABLE = {"boolean", *_COMPOUND}
_SEARCH_PREFILTERED = {"MasterRecord"}
_MARKUP = re.compile(r"\b(?:IMAGE|HYPERLINK)\s*\(", re.IGNORECASE)


def field_describe(field: FieldSchema) -> dict[str, Any]:
    """Return a field as an object's describe lists it, with its keys in the API's order."""
    describe = {
        **_fixed_facts(),
        **_identity(field),
        **_rules(field),
        **_sizes(field),
        **_query_facts(field),
        **_reference_facts(field),
    }
    return dict(sorted(describe.items()))


def _fixed_facts() -> dict[str, Any]:
    """Return the keys whose values no field of the local org changes."""
    return {
        "aiPredictionField": False,
        "deprecatedAndHidden": False,
        "displayLocationInDecimal": False,
        "highScaleNumber": False,
        "referenceTargetField": None,
        "writeRequiresMasterRead": False,
    }


def _identity(field: FieldSchema) -> dict[str, Any]:
    return {
        "compoundFieldName": field.compound_field_name,
        "custom": field.custom,
        "extraTypeInfo": field.extra_type_info,
        "inlineHelpText": field.help_text,
        "label": field.label,
        "name": field.name,
        "nameField": field.name_field,
        "picklistValues": [_picklist_entry(each) for each in field.picklist_values],
        "soapType": _SOAP_TYPES.get(field.type, "xsd:string"),
        "type": field.type,
    }


def _rules(field: FieldSchema) -> dict[str, Any]:
    has_formula = field.default_value_formula is not None
    return {
        "autoNumber": field.auto_number,
        "calculated": field.calculated,
        "calculatedFormula": field.calculated_formula,
        "caseSensitive": field.case_sensitive,
        "createable": field.createable,
        "defaultValue": None if has_formula else field.default_value,
        "defaultValueFormula": field.default_value_formula,
        "defaultedOnCreate": field.defaulted_on_create,
        "controllerName": field.controller,
        "dependentPicklist": field.controller is not None,
        "encrypted": field.type == "encryptedstring",
        "externalId": field.external_id,
        "formulaTreatNullNumberAsZero": field.blanks_as_zero,
        "htmlFormatted": field.extra_type_info == "richtextarea" or _gives_markup(field),
        "idLookup": field.id_lookup,
        "mask": field.mask_char,
        "maskType": field.mask_type,
        "nillable": field.nillable,
        "permissionable": field.permissionable,
        "restrictedPicklist": field.restricted_picklist,
        "unique": field.unique,
        "updateable": field.updateable,
    }


def _sizes(field: FieldSchema) -> dict[str, Any]:
    is_id = field.type in {"id", "reference"}
    return {
        "byteLength": field.length if is_id else field.length * _BYTES_PER_CHARACTER,
        "digits": field.digits,
        "length": field.length,
        "precision": field.precision,
        "scale": field.scale,
    }


def _query_facts(field: FieldSchema) -> dict[str, Any]:
    is_long = is_long_text(field)
    return {
        "aggregatable": field.type not in _NOT_AGGREGATABLE and not is_long,
        "filterable": not is_long and field.type != "encryptedstring",
        "groupable": is_groupable(field),
        "queryByDistance": field.type in _COMPOUND,
        "sortable": field.type not in _NOT_SORTABLE and not is_long,
    }


def _reference_facts(field: FieldSchema) -> dict[str, Any]:
    """State what a lookup does; what a standard one does on delete stands only in its parent's childRelationships."""
    is_polymorphic = len(field.reference_to) > 1
    return {
        "cascadeDelete": field.custom and field.cascade_delete,
        "filteredLookupInfo": _filter_info(field),
        "namePointing": is_polymorphic,
        "polymorphicForeignKey": is_polymorphic,
        "referenceTo": list(field.reference_to),
        "relationshipName": field.relationship_name,
        "relationshipOrder": field.relationship_order,
        "restrictedDelete": field.custom and field.restricted_delete,
        "searchPrefilterable": _is_search_prefilterable(field),
    }


def _filter_info(field: FieldSchema) -> dict[str, Any] | None:
    if field.has_optional_filter is None:
        return None
    return {"controllingFields": [], "dependent": False, "optionalFilter": field.has_optional_filter}


def _gives_markup(field: FieldSchema) -> bool:
    return field.type == "string" and _MARKUP.search(field.calculated_formula or "") is not None


def is_groupable(field: FieldSchema) -> bool:
    """Tell whether a query can group by the field."""
    return field.type not in _NOT_GROUPABLE and not is_long_text(field) and not field.auto_number


def is_long_text(field: FieldSchema) -> bool:
    """Tell whether a field is a long text area, which no query can filter, sort or group."""
    return field.type == "textarea" and field.length > _LONG_TEXT_OVER


def _is_search_prefilterable(field: FieldSchema) -> bool:
    """Lookups to business objects are; those to users, owners and merged records are not."""
    if field.type != "reference" or len(field.reference_to) > 1 or field.relationship_name is None:
        return False
    return field.reference_to != ("User",) and field.relationship_name not in _SEARCH_PREFILTERED


def _picklist_entry(entry: PicklistValue) -> dict[str, Any]:
    return {
        "active": entry.active,
        "defaultValue": entry.default,
        "label": entry.label,
        "validFor": entry.valid_for,
        "value": entry.value,
    }

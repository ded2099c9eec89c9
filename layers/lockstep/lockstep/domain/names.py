"""API names of objects, fields and relationships."""

import re
from typing import Annotated

from pydantic import AfterValidator, StrictStr

_API_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*", re.ASCII)
_CUSTOM_FIELD, _CUSTOM_RELATIONSHIP = "__c", "__r"


def _is_api_name(name: str) -> str:
    if not _API_NAME.fullmatch(name):
        raise ValueError("not an API name: letters, digits and _ only, beginning with a letter")
    return name


ApiName = Annotated[StrictStr, AfterValidator(_is_api_name)]


def _is_field_path(path: str) -> str:
    for name in path.split("."):
        _is_api_name(name)
    return path


FieldPath = Annotated[StrictStr, AfterValidator(_is_field_path)]
"""A field, or one of a parent: Product2.ProductCode."""


def relationship_of(field_name: str) -> str | None:
    """Return the relationship of a lookup field: Account for AccountId, Region__r for Region__c."""
    if field_name.endswith(_CUSTOM_FIELD):
        return field_name.removesuffix(_CUSTOM_FIELD) + _CUSTOM_RELATIONSHIP
    stem = field_name.removesuffix("Id")
    return stem if stem and stem != field_name else None

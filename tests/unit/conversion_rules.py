"""Builds the conversion of one rule, as a route's file would write it."""

from typing import Annotated

from pydantic import Field, TypeAdapter

from lockstep.domain.conversions import converter
from lockstep.domain.rules import SourcedRule

_RULES = TypeAdapter(Annotated[SourcedRule, Field(discriminator="type")])


def conversion(kind, **options):
    return converter(_RULES.validate_python({"from": "value", "type": kind, **options}))

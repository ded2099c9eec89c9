"""Reads validation rules and custom permissions from the schema folders, and compiles the rules' formulas."""

from collections.abc import Iterator, Mapping, Sequence

from local.org.formula_fields import FormulaFields
from local.org.formulas import FormulaError, Scope, compile_condition, is_for_updates_only
from local.org.schema import ObjectSchema, Schema, SchemaError, ValidationRule
from local.org.sfdx import Source, SourceElement, child_text, is_true, required_text


def read_rules(
    source: Source, schema: Schema, fields: FormulaFields
) -> tuple[Mapping[str, Sequence[ValidationRule]], Sequence[str]]:
    """Return the active rules by object, in the order of their names, and a line for each that cannot be enforced.

    Raises:
        SchemaError: A rule lacks its name, formula or message.
    """
    rules: dict[str, list[ValidationRule]] = {}
    refused: list[str] = []
    for object_name, found in _active_rules(source):
        name = required_text(found, "fullName")
        home = schema.objects.get(object_name)
        try:
            rules.setdefault(object_name, []).append(_rule(found, name, _scope(home, fields)))
        except FormulaError as exc:
            refused.append(f"{object_name}: validation rule {name}: {exc} ({found.file})")
    return {name: sorted(each, key=lambda rule: rule.name) for name, each in rules.items()}, refused


def permission_sets_of(source: Source) -> Mapping[str, frozenset[str]]:
    """Return the custom permissions that each permission set enables, by its API name.

    Raises:
        SchemaError: A set enables a custom permission that no folder defines.
    """
    return {name: frozenset(_enabled(found, source)) for name, found in source.permission_sets.items()}


def _enabled(found: SourceElement, source: Source) -> Iterator[str]:
    for each in found.element.findall("customPermissions"):
        name = child_text(each, "name")
        if name not in source.custom_permissions:
            raise SchemaError(f"{found.file}: there is no custom permission {name}")
        if is_true(each, "enabled"):
            yield name


def _active_rules(source: Source) -> Iterator[tuple[str, SourceElement]]:
    """An inactive rule is not enforced in Salesforce either."""
    for source_object in source.objects.values():
        for found in source_object.validation_rules:
            if is_true(found.element, "active"):
                yield source_object.name, found


def _scope(home: ObjectSchema | None, fields: FormulaFields) -> Scope:
    if home is None:
        raise FormulaError("the local org does not hold its object")
    return fields.scope(home, of_save=True)


def _rule(found: SourceElement, name: str, scope: Scope) -> ValidationRule:
    message = required_text(found, "errorMessage")
    formula = required_text(found, "errorConditionFormula")
    fires = compile_condition(formula, scope)
    return ValidationRule(name, message, _display_field(found, scope), fires, is_for_updates_only(formula))


def _display_field(found: SourceElement, scope: Scope) -> str | None:
    name = child_text(found.element, "errorDisplayField")
    if name is None:
        return None
    field = scope.home.find(name)
    if field is None:
        raise SchemaError(f"{found.file}: errorDisplayField names {name}, which {scope.home.name} does not have")
    return field.name

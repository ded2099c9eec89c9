"""Formula fields, and defaults that are formulas: compiled when the schema is read, computed when a record is."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, time
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from local.org.formulas import FormulaError, Kind, Scope, compile_value
from local.org.formulas.arithmetic import CONTEXT
from local.org.formulas.kinds import kind_of
from local.org.schema import FieldSchema, ObjectSchema, Schema

Compute = Callable[[Any], Any]
_Key = tuple[str, str]

_TEXTS = (Kind.TEXT, Kind.PICKLIST, Kind.MULTIPICKLIST)


class FormulaFields:
    """The formula fields of all objects; each is compiled after those that it names."""

    def __init__(self, schema: Schema, permissions: frozenset[str], fixed: Mapping[str, tuple[Kind, Any]]) -> None:
        self._schema = schema
        self._permissions = permissions
        self._fixed = fixed
        self._summaries = {(each.object_name, each.field.name) for each in schema.summaries}
        self._computes: dict[_Key, Compute] = {}
        self._refusals: dict[_Key, str] = {}
        self._open: set[_Key] = set()

    def compile_all(self) -> tuple[dict[str, dict[str, Compute]], dict[_Key, str]]:
        """Return what computes each field by object and field, and why the others are not computed."""
        for home, field in _formula_fields(self._schema):
            self._compile(home, field)
        computes: dict[str, dict[str, Compute]] = {}
        for (object_name, field_name), compute in self._computes.items():
            computes.setdefault(object_name, {})[field_name] = compute
        return computes, self._refusals

    def check(self, home: ObjectSchema, field: FieldSchema) -> None:
        """Let another formula name a field only where that one is computed.

        Raises:
            FormulaError: It is not.
        """
        key = (home.name, field.name)
        if field.calculated_formula is None:
            if key not in self._summaries:
                raise FormulaError(f"{field.name} is a roll-up summary that the local org does not compute")
            return
        if key in self._open:
            raise FormulaError(f"{field.name} refers to itself")
        self._compile(home, field)
        if key in self._refusals:
            raise FormulaError(f"{field.name} is not computed: {self._refusals[key]}")

    def scope(self, home: ObjectSchema, *, of_save: bool, blanks_as_zero: bool = False) -> Scope:
        """Return the scope of a formula of an object."""
        return Scope(
            home,
            self._schema,
            self._permissions,
            check_computed=self.check,
            of_save=of_save,
            blanks_as_zero=blanks_as_zero,
            fixed=self._fixed,
        )

    def _compile(self, home: ObjectSchema, field: FieldSchema) -> None:
        key = (home.name, field.name)
        if key in self._computes or key in self._refusals:
            return
        self._open.add(key)
        try:
            scope = self.scope(home, of_save=False, blanks_as_zero=field.blanks_as_zero)
            self._computes[key] = compile_for(field, field.calculated_formula or "", scope)
        except FormulaError as exc:
            self._refusals[key] = str(exc)
        self._open.discard(key)


def compile_for(field: FieldSchema, formula: str, scope: Scope) -> Compute:
    """Return what computes a field's value, as the field keeps it.

    Raises:
        FormulaError: The formula cannot be compiled, or gives a value of another type.
    """
    kind, run = compile_value(formula, scope)
    wanted = kind_of(field)
    if kind not in (wanted, Kind.NULL) and not (kind in _TEXTS and wanted in _TEXTS):
        raise FormulaError(f"it gives a {kind}, and the field is of type {field.type}")
    keep = _KEEPERS[wanted](field)
    return lambda scene: keep(run(scene))


def compile_defaults(schema: Schema, fields: FormulaFields) -> tuple[dict[str, dict[str, Compute]], dict[_Key, str]]:
    """Return what computes the defaults that are no plain values, and why others are not computed."""
    computes: dict[str, dict[str, Compute]] = {}
    refusals: dict[_Key, str] = {}
    for home in schema.objects.values():
        for field in home.fields.values():
            if field.default_value_formula is None or field.default_value is not None:
                continue
            try:
                compute = compile_for(field, field.default_value_formula, fields.scope(home, of_save=False))
                computes.setdefault(home.name, {})[field.name] = compute
            except FormulaError as exc:
                refusals[home.name, field.name] = str(exc)
    return computes, refusals


def _formula_fields(schema: Schema) -> Iterator[tuple[ObjectSchema, FieldSchema]]:
    for home in schema.objects.values():
        for field in home.fields.values():
            if field.calculated_formula is not None:
                yield home, field


def _number_keeper(field: FieldSchema) -> Callable[[Decimal | None], float | None]:
    """Round to the field's scale; 0.5 is kept as fifty percent."""
    unit, factor = Decimal(1).scaleb(-field.scale), Decimal(100 if field.type == "percent" else 1)

    def keep(value: Decimal | None) -> float | None:
        return None if value is None else float((value * factor).quantize(unit, ROUND_HALF_UP, CONTEXT))

    return keep


def _date_text(value: date | None) -> str | None:
    return None if value is None else value.isoformat()


def _moment_text(value: datetime | None) -> str | None:
    return None if value is None else value.isoformat()[:19] + ".000+0000"


def _time_text(value: time | None) -> str | None:
    return None if value is None else value.isoformat("milliseconds") + "Z"


def _text(value: Any) -> str | None:
    return value or None


_KEEPERS: Mapping[Kind, Callable[[FieldSchema], Callable[[Any], Any]]] = {
    Kind.NUMBER: _number_keeper,
    Kind.BOOLEAN: lambda _field: bool,
    Kind.DATE: lambda _field: _date_text,
    Kind.DATETIME: lambda _field: _moment_text,
    Kind.TIME: lambda _field: _time_text,
    **dict.fromkeys(_TEXTS, lambda _field: _text),
}

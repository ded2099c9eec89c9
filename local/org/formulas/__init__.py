"""Formulas of validation rules, fields and defaults: parsed, typed and compiled once, then evaluated per record."""

from local.org.formulas.compiler import compile_condition, compile_value
from local.org.formulas.errors import EvaluationError, FormulaError
from local.org.formulas.kinds import Kind
from local.org.formulas.new_records import is_for_updates_only
from local.org.formulas.scene import Scene
from local.org.formulas.scope import Scope

__all__ = [
    "EvaluationError",
    "FormulaError",
    "Kind",
    "Scene",
    "Scope",
    "compile_condition",
    "compile_value",
    "is_for_updates_only",
]

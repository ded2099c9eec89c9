"""Formulas as validation rules use them: parsed, typed and compiled once, then evaluated for each save."""

from local.org.formulas.compiler import compile_condition
from local.org.formulas.errors import EvaluationError, FormulaError
from local.org.formulas.scene import Scene
from local.org.formulas.scope import Scope

__all__ = ["EvaluationError", "FormulaError", "Scene", "Scope", "compile_condition"]

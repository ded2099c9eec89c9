"""Compiles a formula once into one function of the save; types are checked before any record is there."""

from collections.abc import Callable
from decimal import Decimal, DecimalException
from typing import Any

from local.org.formulas.arithmetic import ARITHMETIC, CONTEXT
from local.org.formulas.blanks import BLANKS
from local.org.formulas.dates import DATES
from local.org.formulas.errors import EvaluationError, FormulaError
from local.org.formulas.kinds import Kind, Run, Typed
from local.org.formulas.logic import LOGIC
from local.org.formulas.markup import MARKUP
from local.org.formulas.moments import MOMENTS
from local.org.formulas.parser import parse
from local.org.formulas.powers import POWERS
from local.org.formulas.scene import Scene
from local.org.formulas.scope import Scope, read_prior, read_saved
from local.org.formulas.signatures import Build, check
from local.org.formulas.spelling import SPELLING
from local.org.formulas.syntax import Call, Expression, Literal, Name
from local.org.formulas.texts import TEXTS

_FUNCTIONS: dict[str, Build] = {
    **LOGIC,
    **ARITHMETIC,
    **POWERS,
    **TEXTS,
    **SPELLING,
    **MARKUP,
    **DATES,
    **MOMENTS,
    **BLANKS,
}


def known_functions() -> frozenset[str]:
    """Return the names of all functions that a formula may call, in capitals."""
    return frozenset(name for name in (*_FUNCTIONS, *_ON_FIELDS) if name.isalpha())


def compile_condition(formula: str, scope: Scope) -> Callable[[Scene], bool | None]:
    """Return what tells whether the formula is true of a save; None is unknown and counts as false.

    The returned function raises `EvaluationError` where the values allow no answer.

    Raises:
        FormulaError: It is no formula, uses what the local org does not know, or is not true or false.
    """
    compiled = _compile(parse(formula), scope)
    if compiled.kind is not Kind.BOOLEAN:
        raise FormulaError(f"it gives a {compiled.kind}, where true or false is wanted")
    return _guarded(compiled.run)


def compile_value(formula: str, scope: Scope) -> tuple[Kind, Run]:
    """Return a formula's type and what gives its value of a record; it raises `EvaluationError` as a condition does.

    Raises:
        FormulaError: It is no formula, or uses what the local org does not know.
    """
    compiled = _compile(parse(formula), scope)
    return compiled.kind, _guarded(compiled.run)


def _guarded(run: Run) -> Run:
    def evaluate(scene: Scene) -> Any:
        try:
            return run(scene)
        except (ArithmeticError, ValueError) as exc:
            raise EvaluationError(f"{type(exc).__name__} in arithmetic or dates") from exc

    return evaluate


def _compile(expression: Expression, scope: Scope) -> Typed:
    match expression:
        case Literal():
            return _literal(expression)
        case Name():
            return scope.resolve(expression)
        case Call():
            return _call(expression, scope)


def _literal(literal: Literal) -> Typed:
    value = literal.value
    match value:
        case None:
            return Typed(Kind.NULL, lambda _scene: None)
        case bool():
            return Typed(Kind.BOOLEAN, lambda _scene: value, value)
        case str():
            kept = value or None
            return Typed(Kind.TEXT, lambda _scene: kept, value)
        case Decimal():
            return _number(value)


def _number(written: Decimal) -> Typed:
    try:
        value = CONTEXT.plus(written)
    except DecimalException as exc:
        raise FormulaError("a number in it is out of range") from exc
    return Typed(Kind.NUMBER, lambda _scene: value, value)


def _call(call: Call, scope: Scope) -> Typed:
    if call.function in _ON_FIELDS:
        if not scope.of_save:
            raise FormulaError(f"{call.function} asks about a save, and a formula field knows of none")
        return _ON_FIELDS[call.function](call, scope)
    build = _FUNCTIONS.get(call.function)
    if build is None:
        raise FormulaError(f"the local org does not know the function {call.function}")
    return build(call.function, [_compile(each, scope) for each in call.arguments])


def _is_new(call: Call, _scope: Scope) -> Typed:
    check(call.function, [_literal(Literal(None)) for _ in call.arguments], ())
    return Typed(Kind.BOOLEAN, lambda scene: scene.before is None)


def _prior_value(call: Call, scope: Scope) -> Typed:
    return read_prior(scope.own_field(_only_name(call)))


def _is_changed(call: Call, scope: Scope) -> Typed:
    """A new record has changed nothing."""
    field = scope.own_field(_only_name(call))
    saved, prior = read_saved(field).run, read_prior(field).run

    def run(scene: Scene) -> bool:
        return scene.before is not None and _comparable(saved(scene)) != _comparable(prior(scene))

    return Typed(Kind.BOOLEAN, run)


def _comparable(value: Any) -> Any:
    r"""Line ends of both kinds are the same line end."""
    return value.replace("\r\n", "\n") if isinstance(value, str) else value


def _only_name(call: Call) -> Name:
    if len(call.arguments) != 1 or not isinstance(call.arguments[0], Name):
        raise FormulaError(f"{call.function} takes one field")
    return call.arguments[0]


_ON_FIELDS: dict[str, Callable[[Call, Scope], Typed]] = {
    "ISNEW": _is_new,
    "PRIORVALUE": _prior_value,
    "ISCHANGED": _is_changed,
}

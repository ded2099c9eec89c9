"""docs/mapping.md names every type and every option of the models, and no others."""

import re
from pathlib import Path
from typing import get_args

import pytest

from lockstep.domain.rules import Rule
from lockstep.domain.rules.base import Clearable
from lockstep.domain.rules.numbers import Styled

DOC = (Path(__file__).parents[2] / "docs/mapping.md").read_text(encoding="utf-8")
MODELS = {get_args(rule.model_fields["type"].annotation)[0]: rule for rule in get_args(get_args(Rule)[0])}
_CODE = re.compile(r"`([a-z_0-9]+)`")


def _section(title):
    return DOC.split(f"\n## {title}\n", 1)[1].split("\n## ", 1)[0]


def _rows(title):
    lines = [line for line in _section(title).splitlines() if line.startswith("| `")]
    return {_CODE.search(line)[1]: line for line in lines}


def _options(model):
    return {field.alias or name for name, field in model.model_fields.items()} - {"type"}


def _named(cell):
    """Return the options that a cell names; the values of an option stand in brackets behind it."""
    return set(_CODE.findall(re.sub(r"\([^)]*\)", "", cell)))


def test_every_type_has_a_row_and_every_row_a_type():
    assert set(_rows("Types")) == set(MODELS)


def test_common_options_are_those_of_every_rule_that_reads_the_payload():
    assert set(_rows("What every type can say")) == _options(Clearable)


@pytest.mark.parametrize("kind", MODELS)
def test_row_of_a_type_names_its_options(kind):
    options = _rows("Types")[kind].strip("| ").split(" | ")[2:]

    assert _named(options[0] if options else "") == _options(MODELS[kind]) - _options(Clearable)


@pytest.mark.parametrize("style", get_args(Styled))
def test_every_style_of_numbers_is_named(style):
    assert f'`"{style}"`' in _section("Types")

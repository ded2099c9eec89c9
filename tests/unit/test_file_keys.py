"""The External ID of a row that several columns make up."""

from decimal import Decimal

import pytest

from lockstep.domain.conversions.results import Problem
from lockstep.domain.file_keys import cells_key, object_key
from lockstep.domain.file_rules import FileRules

HEADER = ("order", "product")
RULES = FileRules.model_validate({"external_id": {"columns": ["order", "product"]}})


def key_of(*cells, rules=RULES):
    return cells_key(rules, lambda name: lambda row: row[HEADER.index(name)])(cells)


def key_of_object(row, rules=RULES):
    return object_key(rules, lambda name: lambda each: each.get(name, ""))(row)


def test_texts_are_joined_as_they_are():
    assert key_of("010248", "11") == "010248-11"


def test_another_text_may_stand_between():
    rules = FileRules.model_validate({"external_id": {"columns": ["product", "order"], "between": "::"}})

    assert key_of("10-248", "11", rules=rules) == "11::10-248"


def test_one_column_is_the_key():
    assert key_of("10-248", "11", rules=FileRules(external_id="order")) == "10-248"


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (("10248", ""), "product, a part of the key, is empty"),
        (("10-248", "11"), "order, a part of the key, holds what stands between"),
        (("10", "248-11"), "product, a part of the key, holds what stands between"),
    ],
    ids=["a part is empty", "first could be split elsewhere", "second could be split elsewhere"],
)
def test_key_that_another_row_could_have_too_is_refused(cells, said):
    problem = key_of(*cells)

    assert isinstance(problem, Problem)
    assert said in problem.reason


def test_numbers_of_json_lines_are_written_digit_for_digit():
    assert key_of_object({"order": 9007199254740993, "product": Decimal("1.50")}) == "9007199254740993-1.50"


@pytest.mark.parametrize("row", [{"order": "1"}, {"order": "1", "product": None}, {"order": "1", "product": [2]}])
def test_object_without_a_part_has_no_key(row):
    problem = key_of_object(row)

    assert isinstance(problem, Problem)
    assert problem.reason.startswith("product")

"""Which conditions of validation rules a create of the local org need not ask."""

import pytest

from local.org.formulas import is_for_updates_only


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("NOT(ISNEW())", True),
        ("!ISNEW()", True),
        ("AND(NOT(ISNEW()), ISBLANK(Name))", True),
        ("NOT(ISNEW()) && ISBLANK(Name)", True),
        ("AND(ISBLANK(Name), NOT(ISNEW()))", False),
        ("AND(ISNEW(), ISBLANK(Name))", False),
        ("OR(NOT(ISNEW()), ISBLANK(Name))", False),
        ("AND(NOT(ISBLANK(Name)), ISBLANK(Name))", False),
        ("ISBLANK(Name)", False),
    ],
)
def test_condition_is_for_updates_only_where_it_begins_so(formula, expected):
    assert is_for_updates_only(formula) is expected

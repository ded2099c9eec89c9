"""The layout of the local org's JSON."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.org.json_text import to_json

SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
VALUES = st.recursive(SCALARS, lambda each: st.lists(each) | st.dictionaries(st.text(), each), max_leaves=20)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ([], "[ ]"),
        ({}, "{ }"),
        ([{"id": "1", "errors": []}, {"id": "2"}], '[ {\n  "id" : "1",\n  "errors" : [ ]\n}, {\n  "id" : "2"\n} ]'),
        ({"a": {"b": [1.0, True, None]}}, '{\n  "a" : {\n    "b" : [ 1.0, true, null ]\n  }\n}'),
        ("ü", '"ü"'),
    ],
)
def test_layout_is_that_of_recorded_answers(value, text):
    assert to_json(value, pretty=True).decode() == text


@pytest.mark.parametrize("pretty", [True, False])
@given(value=VALUES)
def test_every_value_comes_back(pretty, value):
    assert json.loads(to_json(value, pretty=pretty)) == value

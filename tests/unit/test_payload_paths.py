"""What a path finds is what JMESPath finds; beyond that, absent is told from null."""

from decimal import Decimal

import jmespath
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lockstep.domain.conversions.results import Presence, Problem
from lockstep.domain.expressions import Expression
from lockstep.domain.payload_paths import reader

KEYS = st.sampled_from(["a", "b", "id", "_x", "true", "null", "A1"])
PAYLOADS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=20,
)
INDEXES = st.lists(st.integers(-3, 3).map(lambda index: f"[{index}]"), max_size=2).map("".join)
PATHS = st.lists(st.tuples(KEYS, INDEXES).map("".join), min_size=1, max_size=4).map(".".join)


@settings(deadline=None)  # two busy cores are no failure
@given(payload=PAYLOADS, path=PATHS)
def test_a_plain_path_finds_what_jmespath_finds(payload, path):
    found = reader(Expression(path))(payload)

    assert (None if found is Presence.ABSENT else found) == jmespath.search(path, payload)


@settings(deadline=None)  # two busy cores are no failure
@given(payload=st.dictionaries(KEYS, PAYLOADS, max_size=4), path=PATHS)
def test_a_path_within_an_expression_finds_what_jmespath_finds(payload, path):
    found = reader(Expression(f"{path} || `null`"))(payload)

    assert (None if found is Presence.ABSENT else found) == jmespath.search(f"{path} || `null`", payload)


ABSENT = Presence.ABSENT


@pytest.mark.parametrize(
    ("expression", "payload", "expected"),
    [
        pytest.param("a", {"a": None}, None, id="null is null"),
        pytest.param("a", {}, ABSENT, id="no such key"),
        pytest.param("a", ["a"], ABSENT, id="the payload is a list"),
        pytest.param("a.b", {"a": {}}, ABSENT, id="no such key below"),
        pytest.param("a.b", {"a": None}, None, id="nothing below a null"),
        pytest.param("a.b", {"a": "text"}, ABSENT, id="nothing below a text"),
        pytest.param("a[0].b", {"a": []}, None, id="a list that is empty"),
        pytest.param("a[-1]", {"a": [1, 2]}, 2, id="last of a list"),
        pytest.param("a[0]", {"a": {"0": 1}}, ABSENT, id="an object is no list"),
        pytest.param(" a ", {"a": 1}, 1, id="spaces around"),
        pytest.param('"a-b"', {"a-b": 1}, 1, id="quoted key"),
        pytest.param('"a-b"', {"a": 1}, ABSENT, id="quoted key that is not there"),
        pytest.param("a || b", {"b": None}, None, id="one of two is there"),
        pytest.param("a || b.c", {"b": {}}, ABSENT, id="neither is there"),
        pytest.param("join(' ', [a, b][?@])", {"a": "x", "b": None}, "x", id="joins what is there"),
        pytest.param("join(' ', [a, b][?@])", {"a": None, "b": None}, "", id="joins nothing"),
        pytest.param("join(' ', [a, b][?@])", {"c": "x"}, ABSENT, id="nothing to join"),
        pytest.param("items[?kind=='x'] | [0].name", {"items": []}, None, id="no element fits"),
        pytest.param("items[?kind=='x'] | [0].name", {"kind": "x"}, ABSENT, id="no list to look in"),
        pytest.param("'constant'", {}, "constant", id="looks at nothing"),
    ],
)
def test_absent_is_told_from_null(expression, payload, expected):
    assert reader(Expression(expression))(payload) == expected


@pytest.mark.parametrize("expression", ["join(' ', [a, b])", "abs(a)", "sum(a)", "length(b)"])
def test_a_function_that_does_not_fit_is_a_problem(expression):
    assert isinstance(reader(Expression(expression))({"a": "secret", "b": 1}), Problem)


@pytest.mark.parametrize("expression", ["a > `1`", "a == b && a < b", "[a, b][?@ > `0`]"])
@pytest.mark.parametrize("number", [Decimal("NaN"), Decimal("sNaN"), Decimal("Infinity")])
def test_a_number_that_is_none_never_raises(expression, number):
    found = reader(Expression(expression))({"a": number, "b": Decimal("sNaN")})

    assert isinstance(found, Problem | bool | list)

"""Random conditions, answered by the query engine and by a plain filter in Python; both must pick the same."""

import operator
import re

from hypothesis import given, settings
from hypothesis import strategies as st

from local.org.soql import run_query
from tests.unit.soql_tables import MemoryTables

TEXTS = ["a", "A", "ab", "b%", "a_b", "it's", "back\\slash", None]
NUMBERS = [-1.5, 0.0, 3.0, 10.0, None]
ROWS = [
    {"Name": text, "AnnualRevenue": number, "Ext__c": f"K{place}"}
    for place, (text, number) in enumerate((text, number) for text in TEXTS for number in NUMBERS)
]
COMPARE = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
ORG = MemoryTables()
for row in ROWS:
    ORG.add("Account", **row)


def quoted(text):
    return "null" if text is None else "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def folded(value):
    return value.lower() if isinstance(value, str) else value


def equality(field, value, written, negated):
    sign = "!=" if negated else "="
    return f"{field} {sign} {written}", lambda row: (folded(row[field]) == folded(value)) != negated


def comparison(field, sign, value, written):
    def test(row):
        return row[field] is not None and COMPARE[sign](folded(row[field]), folded(value))

    return f"{field} {sign} {written}", test


def membership(field, values, written, negated):
    word = "NOT IN" if negated else "IN"
    wanted = {folded(value) for value in values}
    return f"{field} {word} ({', '.join(written)})", lambda row: (folded(row[field]) in wanted) != negated


def likeness(pattern):
    parts = [".*" if each == "%" else "." if each == "_" else re.escape(each) for each in pattern]
    matches = re.compile("".join(parts), re.IGNORECASE | re.DOTALL).fullmatch
    return f"Name LIKE {quoted(pattern)}", lambda row: row["Name"] is not None and bool(matches(row["Name"]))


present_texts = st.sampled_from([text for text in TEXTS if text])
present_numbers = st.sampled_from([number for number in NUMBERS if number is not None])
keys = st.lists(st.sampled_from([f"k{place}" for place in range(45)]), min_size=1, max_size=5)
LEAVES = st.one_of(
    st.builds(lambda text, no: equality("Name", text, quoted(text), no), st.sampled_from(TEXTS), st.booleans()),
    st.builds(
        lambda number, no: equality("AnnualRevenue", number, "null" if number is None else repr(number), no),
        st.sampled_from(NUMBERS),
        st.booleans(),
    ),
    st.builds(
        lambda sign, text: comparison("Name", sign, text, quoted(text)), st.sampled_from(list(COMPARE)), present_texts
    ),
    st.builds(
        lambda sign, number: comparison("AnnualRevenue", sign, number, repr(number)),
        st.sampled_from(list(COMPARE)),
        present_numbers,
    ),
    st.builds(
        lambda texts, no: membership("Name", texts, [quoted(each) for each in texts], no),
        st.lists(st.sampled_from(TEXTS), min_size=1, max_size=4),
        st.booleans(),
    ),
    st.builds(
        lambda values, no: membership("Ext__c", values, [quoted(each) for each in values], no), keys, st.booleans()
    ),
    st.builds(likeness, st.text("ab%_", max_size=5)),
)


def joined(word, members, how):
    written = f" {word} ".join(f"({text})" for text, _ in members)
    return written, lambda row: how(test(row) for _, test in members)


def negated(member):
    text, test = member
    return f"NOT ({text})", lambda row: not test(row)


def branches(inner):
    several = st.lists(inner, min_size=2, max_size=3)
    return st.one_of(
        several.map(lambda members: joined("AND", members, all)),
        several.map(lambda members: joined("OR", members, any)),
        inner.map(negated),
    )


@settings(max_examples=300, deadline=None)
@given(st.recursive(LEAVES, branches, max_leaves=6))
def test_a_condition_picks_the_same_records_as_a_plain_filter(condition):
    written, test = condition

    answer = run_query(f"SELECT Ext__c FROM Account WHERE {written}", ORG, "66.0")

    assert sorted(each["Ext__c"] for each in answer.records) == sorted(row["Ext__c"] for row in ROWS if test(row))


@settings(max_examples=100, deadline=None)
@given(st.booleans(), st.booleans(), st.integers(0, 45), st.integers(0, 45))
def test_order_limit_and_offset_cut_the_same_piece_as_a_sorted_list(descending, nulls_last, limit, offset):
    direction = "DESC" if descending else "ASC"
    nulls = "LAST" if nulls_last else "FIRST"
    soql = f"SELECT Ext__c FROM Account ORDER BY AnnualRevenue {direction} NULLS {nulls} LIMIT {limit} OFFSET {offset}"

    answer = run_query(soql, ORG, "66.0")

    present = [row for row in ROWS if row["AnnualRevenue"] is not None]
    absent = [row for row in ROWS if row["AnnualRevenue"] is None]
    present.sort(key=lambda row: row["AnnualRevenue"], reverse=descending)
    expected = [*present, *absent] if nulls_last else [*absent, *present]
    assert [each["Ext__c"] for each in answer.records] == [row["Ext__c"] for row in expected][offset : offset + limit]

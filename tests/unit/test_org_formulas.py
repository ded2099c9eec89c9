"""What each function and operator of the local org's formulas gives, and what null does to it."""

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from local.org.formulas import EvaluationError, FormulaError
from local.org.formulas.compiler import known_functions
from local.org.formulas.parser import MAX_CHARACTERS, MAX_DEPTH
from tests.unit.formula_scenes import PARENT_ID, answer

TRUE = [
    "TRUE",
    "true && TRUE",
    "FALSE || TRUE",
    "!FALSE",
    "NOT(FALSE)",
    "AND(TRUE, 1 = 1)",
    "OR(FALSE, 1 <> 2)",
    "1 == 1.0",
    "1 != 2",
    "1 < 2 && 2 <= 2 && 3 > 2 && 3 >= 3",
    "1 + 2 * 3 = 7",
    "(1 + 2) * 3 = 9",
    "-2 + +5 = 3",
    "7 / 2 = 3.5",
    "0.1 + 0.2 = 0.3",
    "9007199254740993 <> 9007199254740992",
    '"a" & "b" = "ab"',
    '"a" + "b" = "ab"',
    "'it\\'s' = \"it's\"",
    "/* a comment */ TRUE",
    'IF(TRUE, "a", NULL) = "a"',
    'CASE(2, 1, "one", 2, "two", "many") = "two"',
    'CASE(3, 1, "one", 2, "two", "many") = "many"',
    "BLANKVALUE(NULL, 3) = 3",
    'LEN("four") = 4',
    'LEFT("formula", 4) = "form" && LEFT("ab", 9) = "ab" && LEFT("ab", -1) = ""',
    'RIGHT("formula", 3) = "ula" && RIGHT("ab", 9) = "ab" && RIGHT("ab", 0) = ""',
    'MID("formula", 2, 3) = "orm" && MID("ab", 0, 1) = "a" && MID("ab", 3, 1) = ""',
    'TRIM("  a b ") = "a b"',
    'UPPER("aB") = "AB" && LOWER("aB") = "ab"',
    'CONTAINS("formula", "mul") && NOT(CONTAINS("formula", "Mul"))',
    'BEGINS("formula", "form") && NOT(BEGINS("formula", "mula"))',
    'REGEX("12-34", "\\\\d{2}-\\\\d{2}") && NOT(REGEX("12-345", "\\\\d{2}-\\\\d{2}"))',
    'VALUE("1.50") = 1.5 && ISNUMBER("1.5") && NOT(ISNUMBER("1,5"))',
    'TEXT(1.50) = "1.5" && TEXT(10) = "10" && TEXT(0.0) = "0"',
    'TEXT(DATE(2026, 2, 1)) = "2026-02-01"',
    "TODAY() = DATE(2026, 3, 31)",
    "DATEVALUE(NOW()) = TODAY()",
    'DATEVALUE("2026-03-31") = TODAY()',
    "YEAR(TODAY()) = 2026 && MONTH(TODAY()) = 3 && DAY(TODAY()) = 31",
    "TODAY() + 1 = DATE(2026, 4, 1) && TODAY() - 31 = DATE(2026, 2, 28)",
    "TODAY() - DATE(2026, 3, 1) = 30",
    "NOW() - 0.5 < NOW() && NOW() - (NOW() - 0.5) = 0.5",
    "MAX(1, 3, 2) = 3 && MIN(1, 3, 2) = 1 && ABS(-1.5) = 1.5",
    "ROUND(1.005, 2) = 1.01 && ROUND(-2.5, 0) = -3 && ROUND(1250, -2) = 1300 && ROUND(1, 99) = 1",
    "FLOOR(1.9) = 1 && FLOOR(-1.9) = -1 && CEILING(1.1) = 2 && CEILING(-1.1) = -2",
    "MFLOOR(-1.1) = -2 && MCEILING(-1.9) = -1",
    "MOD(7, 3) = 1 && MOD(-7, 3) = -1",
    "2 ^ 3 * 2 = 16 && SQRT(9) = 3 && EXP(0) = 1 && LN(1) = 0 && LOG(1000) = 3 && ROUND(PI(), 2) = 3.14",
    "TRUNC(-1.29, 1) = -1.2 && TRUNC(1234, -2) = 1200",
    'SUBSTITUTE("a-b-c", "-", "") = "abc" && SUBSTITUTE("a", "", "x") = "a"',
    'FIND("b", "abcb") = 2 && FIND("b", "abcb", 3) = 4 && FIND("x", "abc") = 0 && FIND("", "abc") = 0',
    'LPAD("7", 3, "0") = "007" && RPAD("7", 3) = "7  " && LPAD("abc", 2, "x") = "ab"',
    'INITCAP("ada lovelace") = "Ada Lovelace" && REVERSE("abc") = "cba" && ASCII("A") = 65 && CHR(65) = "A"',
    'CASESAFEID("001000000000001") = "001000000000001AAA" && CASESAFEID("no id") = "no id"',
    'HYPERLINK("/1?a&b", "One") = "<a href=\\"/1?a&amp;b\\" target=\\"_blank\\">One</a>"',
    'IMAGE("/p", "<x>") = "<img src=\\"/p\\" alt=\\"&lt;x&gt;\\" border=\\"0\\"/>" && BR() = "<br>"',
    'HTMLENCODE("a<b") = "a&lt;b" && URLENCODE("a b&c") = "a+b%26c" && JSENCODE("it\'s") = "it\\\\\'s"',
    'DATETIMEVALUE("2026-03-31 12:30:00") = NOW() && DATEVALUE(DATETIMEVALUE(TODAY())) = TODAY()',
    'TIMEVALUE("12:30:00.000") = TIMENOW() && TIMEVALUE(NOW()) = TIMENOW()',
    "HOUR(TIMENOW()) = 12 && MINUTE(TIMENOW()) = 30 && SECOND(TIMENOW()) = 0 && MILLISECOND(TIMENOW()) = 0",
    "ADDMONTHS(DATE(2026, 1, 31), 1) = DATE(2026, 2, 28) && ADDMONTHS(DATE(2026, 2, 28), 1) = DATE(2026, 3, 31)",
    "ADDMONTHS(DATE(2026, 1, 15), -2) = DATE(2025, 11, 15)",
    "WEEKDAY(DATE(2026, 3, 29)) = 1 && DAYOFYEAR(DATE(2026, 2, 1)) = 32",
    "ISOWEEK(DATE(2027, 1, 1)) = 53 && ISOYEAR(DATE(2027, 1, 1)) = 2026",
    "FROMUNIXTIME(UNIXTIMESTAMP(NOW())) = NOW() && UNIXTIMESTAMP(DATE(1970, 1, 2)) = 86400",
    '$Organization.Name = ""',
    'BEGINS($Api.Partner_Server_URL_260, "https://org.example/services/Soap/u/26.0/00D")',
    '$System.OriginDateTime = DATETIMEVALUE("1900-01-01 00:00:00")',
    "$Permission.Given && NOT($Permission.Withheld)",
    '$User.Username = "someone@example.com"',
    "LEN($User.Id) = 15",
]


@pytest.mark.parametrize("formula", TRUE)
def test_a_formula_without_fields_is_true(formula):
    assert answer(formula) is True


@pytest.mark.parametrize(
    ("formula", "kept", "is_true"),
    [
        ('Text__c = "a"', {"Text__c": "a"}, True),
        ('text__C = "A"', {"Text__c": "a"}, False),
        ("Number__c = 0.1", {"Number__c": 0.1}, True),
        ("Number__c = 9007199254740993", {"Number__c": 9007199254740993}, True),
        ("Share__c = 0.5", {"Share__c": 50.0}, True),
        ("Flag__c", {"Flag__c": True}, True),
        ("Day__c > DATE(2026, 1, 1)", {"Day__c": "2026-01-02"}, True),
        ("Moment__c < NOW()", {"Moment__c": "2026-03-31T12:29:59.000+0000"}, True),
        ('TEXT(Time__c) = "10:00:00.000"', {"Time__c": "10:00:00.000Z"}, True),
        ('ISPICKVAL(Choice__c, "a")', {"Choice__c": "a"}, True),
        ('TEXT(Choice__c) = "a"', {"Choice__c": "b"}, False),
        ('CASE(Choice__c, "a", 1, "b", 2, 0) = 2', {"Choice__c": "b"}, True),
        ('INCLUDES(Choices__c, "b")', {"Choices__c": "a;b"}, True),
        ('INCLUDES(Choices__c, "c")', {"Choices__c": "a;b"}, False),
        ('Parent.Name = "Parent Ltd" && Parent.Number__c = 7', {"ParentId": PARENT_ID}, True),
        ('Parent.Owner.Username = "someone@example.com"', {"ParentId": PARENT_ID}, True),
        ("LEN(ParentId) = 15", {"ParentId": PARENT_ID}, True),
    ],
)
def test_a_field_has_the_value_of_its_type(formula, kept, is_true):
    assert answer(formula, kept) is is_true


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        # An unknown comparison is neither true nor false, and neither is its opposite.
        ("Number__c = 1", None),
        ("Number__c <> 1", None),
        ("Number__c = NULL", None),
        ("Number__c < 1", None),
        ("NOT(Number__c < 1)", None),
        ("Number__c + 1 > 0", None),
        ("MAX(Number__c, 1) = 1", None),
        ("ROUND(Number__c, 0) = 0", None),
        ("Day__c < TODAY()", None),
        ("YEAR(Day__c) = 2026", None),
        # AND, OR and IF take it for false.
        ("AND(TRUE, Number__c < 1)", False),
        ("Number__c < 1 || FALSE", False),
        ("IF(Number__c < 1, TRUE, FALSE)", False),
        # A blank text is a text.
        ('Text__c = ""', True),
        ('Text__c <> "a"', True),
        ('"a" & Text__c = "a"', True),
        ("LEN(Text__c) = 0", True),
        ("ISNULL(Text__c)", False),
        ('NULLVALUE(Text__c, "x") = ""', True),
        ('BLANKVALUE(Text__c, "x") = "x"', True),
        ('CONTAINS(Text__c, "a")', None),
        ('CONTAINS(Text__c, "")', True),
        ('REGEX(Text__c, "a*")', True),
        ('CASE(Text__c, "", 1, 0) = 1', True),
        ("ISNULL(VALUE(Text__c))", True),
        # The others say whether they are there.
        ("ISBLANK(Text__c)", True),
        ("ISBLANK(Number__c)", True),
        ("ISNULL(Number__c)", True),
        ("ISBLANK(Day__c)", True),
        ("ISBLANK(Choices__c)", True),
        ("NULLVALUE(Number__c, 1) = 1", True),
        ('ISPICKVAL(Choice__c, "")', True),
        ('ISPICKVAL(Choice__c, "a")', False),
        ("CASE(Number__c, 1, 1, 0) = 0", True),
        ("Flag__c", False),
        ('Parent.Name = ""', True),
        ("Parent.Number__c = 7", None),
    ],
)
def test_what_null_and_blank_do(formula, expected):
    assert answer(formula) is expected


@pytest.mark.parametrize(
    ("formula", "before", "after", "expected"),
    [
        ("ISNEW()", None, {}, True),
        ("ISNEW()", {}, {}, False),
        ("ISCHANGED(Number__c)", None, {"Number__c": 1.0}, False),
        ("ISCHANGED(Number__c)", {"Number__c": 1.0}, {"Number__c": 1.0}, False),
        ("ISCHANGED(Number__c)", {"Number__c": 1.0}, {"Number__c": 2.0}, True),
        ("ISCHANGED(Number__c)", {"Number__c": 1.0}, {}, True),
        ("ISCHANGED(Number__c)", {}, {"Number__c": 0.0}, True),
        ("ISCHANGED(Choice__c)", {"Choice__c": "a"}, {"Choice__c": "b"}, True),
        ("ISCHANGED(Text__c)", {"Text__c": "a\r\nb"}, {"Text__c": "a\nb"}, False),
        ("PRIORVALUE(Number__c) = 1", {"Number__c": 1.0}, {"Number__c": 2.0}, True),
        # A new record's prior value is the value that it has.
        ("PRIORVALUE(Number__c) = 2", None, {"Number__c": 2.0}, True),
        ("ISBLANK(PRIORVALUE(Number__c))", {}, {"Number__c": 2.0}, True),
        ('ISPICKVAL(PRIORVALUE(Choice__c), "a")', {"Choice__c": "a"}, {"Choice__c": "b"}, True),
    ],
)
def test_a_save_knows_what_was_there_before(formula, before, after, expected):
    assert answer(formula, after, before) is expected


@pytest.mark.parametrize(
    ("formula", "reason"),
    [
        ("", "cannot be read"),
        ("TRUE FALSE", "cannot be read at character 6"),
        ("1 = ", "cannot be read"),
        ("1", "gives a number"),
        ("VLOOKUP(Text__c)", "does not know the function VLOOKUP"),
        ("Nothing__c = 1", "Account has no field Nothing__c"),
        ("Nobody.Name = 'x'", "Account has no parent Nobody"),
        ("Parent.Nothing__c = 1", "Account has no field Nothing__c"),
        ("Sum__c > 1", "does not compute"),
        ("BillingAddress = NULL", "does not read in formulas"),
        ("$Permission.Unheard_Of", "no custom permission Unheard_Of"),
        ("$Setup.X__c = 1", "does not know \\$Setup.X__c"),
        ("$RecordType.Name = 'x'", "does not know"),
        ("Text__c < 'b'", "does not compare a text"),
        ("Text__c = 1", "mixes text and number"),
        ("Choice__c = 'a'", "through ISPICKVAL"),
        ("ISBLANK(Choice__c)", "does not take a picklist"),
        ("ISPICKVAL(Choice__c, Text__c)", "literal text"),
        ("REGEX(Text__c, Text__c)", "literal text"),
        ("REGEX(Text__c, '(')", "cannot read"),
        ("LEFT(Text__c)", "does not take 1 arguments"),
        ("LEFT(1, 1) = ''", "takes a text, not a number"),
        ("IF(TRUE, 1, 'a') = 1", "mixes number and text"),
        ("CASE(1, 1, 1, 2, 2) = 1", "needs a result"),
        ("1 + 'a' = 1", "does not join"),
        ("Day__c < NOW()", "mixes date and date/time"),
        ("PRIORVALUE(Parent.Name) = 'a'", "no field of Account itself"),
        ("PRIORVALUE(1) = 1", "takes one field"),
        ("ISNEW(1)", "does not take 1 arguments"),
        ("'\\q' = ''", "escape"),
        (f"{'9' * 600} = 1", "out of range"),
        ("NOT(" * (MAX_DEPTH + 1) + "TRUE" + ")" * (MAX_DEPTH + 1), "deep"),
        ("TRUE" + " " * MAX_CHARACTERS, "characters"),
    ],
)
def test_what_the_local_org_does_not_know_is_refused_with_the_reason(formula, reason):
    with pytest.raises(FormulaError, match=reason):
        answer(formula)


@pytest.mark.parametrize(
    "formula",
    [
        "1 / Number__c = 1",
        "MOD(1, Number__c) = 1",
        'VALUE("x" & Text__c) = 1',
        "DATE(2026, 2, 30) = TODAY()",
        'DATEVALUE("31.3.2026") = TODAY()',
        "TODAY() + 99999999999 = TODAY()",
        f"1{'0' * 300} * 1{'0' * 300} = 1",
    ],
)
def test_values_that_allow_no_answer_are_an_error_of_their_own(formula):
    with pytest.raises(EvaluationError):
        answer(formula, {"Number__c": 0.0, "Text__c": "y"})


def test_the_readme_names_every_function_and_no_other():
    readme = (Path(__file__).parents[2] / "local/org/README.md").read_text(encoding="utf-8")
    known = readme[readme.index("Formulas know:") : readme.index("the operators, fields")]

    assert set(re.findall(r"[A-Z]{2,}", known)) == known_functions()


PIECES = st.sampled_from(
    [
        *("(", ")", ",", "&&", "||", "!", "=", "<>", "<", ">=", "+", "-", "*", "/", "&", " ", "1", "0", ".5", "9" * 20),
        *(
            '"a"',
            '""',
            "'\\n'",
            "TRUE",
            "NULL",
            "Text__c",
            "Number__c",
            "Day__c",
            "Choice__c",
            "Parent.Name",
            "$User.Id",
        ),
        *("AND(", "OR(", "NOT(", "IF(", "CASE(", "ISBLANK(", "PRIORVALUE(", "ISCHANGED(", "TEXT(", "VALUE(", "LEFT("),
        *("MID(", "ROUND(", "MOD(", "DATE(", "REGEX(", "TODAY()", "NOW()", "ISNEW()", "MAX(", "CEILING("),
    ]
)
TEXTS = st.text(max_size=40) | st.lists(PIECES, max_size=25).map("".join)
EXPRESSIONS = st.recursive(
    st.sampled_from(["Number__c", "1", "0", ".5", "LEN(Text__c)", "VALUE(Text__c)", "9999999999", "YEAR(Day__c)"]),
    lambda each: st.one_of(
        st.builds("({} {} {})".format, each, st.sampled_from("+-*/"), each),
        st.builds("{}({}, {})".format, st.sampled_from(["MAX", "MIN", "ROUND", "MOD"]), each, each),
        st.builds("{}({})".format, st.sampled_from(["ABS", "FLOOR", "CEILING", "-"]), each),
        st.builds("DAY(Day__c + {})".format, each),
        st.builds("LEN(MID(Text__c, {}, {}))".format, each, each),
    ),
    max_leaves=12,
)


@given(formula=TEXTS)
@settings(max_examples=400, deadline=None, derandomize=True)
def test_no_text_is_more_than_refused(formula):
    try:
        said = answer(formula, {"Text__c": "x", "Number__c": 1.5, "Day__c": "2026-01-01"}, {})
    except (FormulaError, EvaluationError):
        return
    assert said in (True, False, None)


@given(
    number=EXPRESSIONS,
    kept=st.none() | st.floats(-1e17, 1e17) | st.integers(-(10**18), 10**18),
    text=st.none() | st.sampled_from(["0", "-1.5", "1e99", "x", "\u06f1"]),
)
@settings(max_examples=400, deadline=None, derandomize=True)
def test_no_number_is_more_than_an_error(number, kept, text):
    try:
        said = answer(f"{number} >= 0", {"Number__c": kept, "Text__c": text, "Day__c": "9999-12-31"}, {})
    except EvaluationError:
        return
    assert said in (True, False, None)

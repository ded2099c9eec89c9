"""What fields of the local org accept and keep."""

import pytest

from local.org.errors import DeserializeError, RowError
from local.org.schema import FieldSchema, PicklistValue
from local.org.values import compile_accept

TEXT = FieldSchema("T__c", "Text", "string", length=5)
MAIL = FieldSchema("M__c", "Mail", "email", length=80)
WHOLE = FieldSchema("V__c", "Version", "double", precision=18, scale=0)
RATE = FieldSchema("R__c", "Rate", "double", precision=5, scale=2)
COUNT = FieldSchema("C__c", "Count", "int", digits=8)
FLAG = FieldSchema("F__c", "Flag", "boolean")
DAY = FieldSchema("D__c", "Day", "date")
MOMENT = FieldSchema("W__c", "When", "datetime")
HOUR = FieldSchema("H__c", "Hour", "time")
PARENT = FieldSchema("P__c", "Parent", "reference", reference_to=("Account",))
_VALUES = (PicklistValue("Gold", "Gold"), PicklistValue("Old", "Old", active=False))
TIER = FieldSchema("G__c", "Tier", "picklist", length=255, restricted_picklist=True, picklist_values=_VALUES)
FREE = FieldSchema("G__c", "Tier", "picklist", length=255, picklist_values=_VALUES)
SEVERAL = FieldSchema("S__c", "Several", "multipicklist", restricted_picklist=True, picklist_values=_VALUES)


@pytest.mark.parametrize(
    ("field", "value", "kept"),
    [
        (TEXT, "abcde", "abcde"),
        (TEXT, "", None),
        (TEXT, "ü😀", "ü😀"),
        (MAIL, "a.b+c@x.example", "a.b+c@x.example"),
        (WHOLE, 10, 10.0),
        (WHOLE, 2**53, float(2**53)),
        (WHOLE, 900719925474099301, 900719925474099301),
        (WHOLE, "007", 7.0),
        (WHOLE, "", None),
        (RATE, 1.005, 1.01),
        (RATE, -999.99, -999.99),
        (RATE, 1e2, 100.0),
        (COUNT, 7, 7),
        (COUNT, 7.0, 7),
        (FLAG, True, True),
        (FLAG, "false", False),
        (DAY, "2024-02-29", "2024-02-29"),
        (MOMENT, "2024-02-29T23:30:00.999-01:00", "2024-03-01T00:30:00.000+0000"),
        (MOMENT, "2024-02-29T23:30:00Z", "2024-02-29T23:30:00.000+0000"),
        (MOMENT, "2021-04-14T18:52:45.000+0000", "2021-04-14T18:52:45.000+0000"),
        (HOUR, "11:59:59Z", "11:59:59.000Z"),
        (TIER, "Gold", "Gold"),
        (FREE, "Else", "Else"),
        (SEVERAL, "Gold;Gold", "Gold;Gold"),
    ],
)
def test_good_value_is_kept_in_its_canonical_form(field, value, kept):
    accepted = compile_accept(field)(value)

    assert accepted == kept
    assert type(accepted) is type(kept)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        (TEXT, 5),
        (TEXT, True),
        (TEXT, ["a"]),
        (TEXT, {"a": 1}),
        (WHOLE, "1O"),
        (WHOLE, True),
        (WHOLE, "NaN"),
        (WHOLE, "1_0"),
        (WHOLE, "9" * 65),
        (COUNT, 7.5),
        (COUNT, float("inf")),
        (FLAG, 1),
        (FLAG, "yes"),
        (DAY, "2023-02-29"),
        (DAY, "29.02.2024"),
        (DAY, 20240229),
        (MOMENT, "2024-02-29"),
        (MOMENT, "2024-02-29T23:30:00"),
        (MOMENT, "2024-13-29T23:30:00Z"),
        (MOMENT, "0001-01-01T00:00:00+05:00"),
        (MOMENT, "now"),
        (HOUR, "25:00:00Z"),
        (PARENT, 1),
    ],
)
def test_value_of_the_wrong_kind_fails_the_whole_request(field, value):
    with pytest.raises(DeserializeError):
        compile_accept(field)(value)


@pytest.mark.parametrize(
    ("field", "value", "code", "message"),
    [
        (TEXT, "abcdef", "STRING_TOO_LONG", "Text: data value too large: abcdef (max length=5)"),
        (MAIL, "a@", "INVALID_EMAIL_ADDRESS", "Mail: invalid email address: a@"),
        (MAIL, "a b@x.example", "INVALID_EMAIL_ADDRESS", "Mail: invalid email address: a b@x.example"),
        (RATE, 1000, "NUMBER_OUTSIDE_VALID_RANGE", "Rate: value outside of valid range on numeric field: 1000"),
        (RATE, 999.999, "NUMBER_OUTSIDE_VALID_RANGE", "Rate: value outside of valid range on numeric field: 999.999"),
        (
            WHOLE,
            10**18,
            "NUMBER_OUTSIDE_VALID_RANGE",
            f"Version: value outside of valid range on numeric field: {10**18}",
        ),
        (
            WHOLE,
            float("inf"),
            "NUMBER_OUTSIDE_VALID_RANGE",
            "Version: value outside of valid range on numeric field: inf",
        ),
        (COUNT, 10**8, "NUMBER_OUTSIDE_VALID_RANGE", "Count: value outside of valid range on numeric field: 100000000"),
        (
            TIER,
            "gold",
            "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
            "Tier: bad value for restricted picklist field: gold",
        ),
        (TIER, "Old", "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", "Tier: bad value for restricted picklist field: Old"),
        (
            SEVERAL,
            "Gold;x",
            "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
            "Several: bad value for restricted picklist field: x",
        ),
        (PARENT, "abc", "MALFORMED_ID", "Parent: id value of incorrect type: abc"),
    ],
)
def test_bad_value_refuses_its_row_and_names_the_field(field, value, code, message):
    with pytest.raises(RowError) as refused:
        compile_accept(field)(value)

    assert (refused.value.status_code, refused.value.message) == (code, message)
    assert refused.value.fields == (field.name,)

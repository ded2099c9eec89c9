"""How an auto-number is written."""

import re

from local.org.schema import FieldSchema

_PART = re.compile(r"\{(0+|YYYY|YY|MM|DD)\}")
_USUAL = "{00000000}"


def auto_number(field: FieldSchema, number: int, created: str | None) -> str:
    """Return the record's number, counted from 1, as the display format writes it (`INV-{YYYY}-{0000}`).

    Args:
        field: The field whose format and first number count.
        number: 1 for the object's first record.
        created: When the record was created, as REST shows it; the date parts are empty without.
    """
    date = created or ""
    by_part = {"YYYY": date[:4], "YY": date[2:4], "MM": date[5:7], "DD": date[8:10]}
    shown = str(number + field.first_number - 1)
    return _PART.sub(
        lambda part: by_part[part[1]] if part[1] in by_part else shown.zfill(len(part[1])),
        field.display_format or _USUAL,
    )

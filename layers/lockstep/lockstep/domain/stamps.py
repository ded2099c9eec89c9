"""Points in time and revisions, as integers that can be compared."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from lockstep.domain.json_text import JsonValue
from lockstep.domain.sources import Notation

# A Salesforce Number(18, 0) field holds the version; nothing that counts or tells the time needs more.
MAX_STAMP = 10**18 - 1
_MOST_DIGITS = len(str(MAX_STAMP))
_EPOCH, _MS = datetime(1970, 1, 1, tzinfo=UTC), timedelta(milliseconds=1)


def stamp_of(value: JsonValue, notation: Notation) -> int:
    """Return milliseconds since 1970 for times, the number itself for integers; finer digits are cut off.

    Raises:
        ValueError: Written otherwise, negative, or too large.
    """
    stamp = _iso_ms(value) if notation is Notation.ISO8601 else _counted(value, notation)
    if not 0 <= stamp <= MAX_STAMP:
        raise ValueError(f"not between 0 and {MAX_STAMP}")
    return stamp


def epoch_ms(at: datetime) -> int:
    """Return the whole milliseconds since 1970 of an aware time, exactly."""
    return (at - _EPOCH) // _MS


def _iso_ms(value: JsonValue) -> int:
    if not isinstance(value, str):
        raise ValueError("not an ISO 8601 date and time (text)")  # noqa: TRY004
    try:
        at = datetime.fromisoformat(value.strip())
        return epoch_ms(at if at.tzinfo else at.replace(tzinfo=UTC))
    except (ValueError, OverflowError):
        raise ValueError("not an ISO 8601 date and time") from None


def _counted(value: JsonValue, notation: Notation) -> int:
    to_ms = 1000 if notation is Notation.EPOCH_S else 1
    if isinstance(value, str) and value.isdigit() and value.isascii() and len(value) <= _MOST_DIGITS:
        return int(value) * to_ms
    is_time = notation is not Notation.INTEGER
    if isinstance(value, bool) or not isinstance(value, int | Decimal) or (isinstance(value, Decimal) and not is_time):
        raise ValueError("not a whole number")
    if not 0 <= value <= MAX_STAMP:
        raise ValueError(f"not between 0 and {MAX_STAMP}")
    return int(value * to_ms)

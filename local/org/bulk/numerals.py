"""Writes doubles as Java does: results come back re-rendered, `912260031` as `9.12260031E8`."""

_LEAST_PLAIN, _MOST_PLAIN = 1e-3, 1e7


def java_double(cell: str) -> str:
    """Return a numeral as Java's `Double.toString` writes its value; what is no numeral stays as it is."""
    try:
        number = float(cell)
    except ValueError:
        return cell
    if number == 0 or _LEAST_PLAIN <= abs(number) < _MOST_PLAIN:
        return repr(number)
    digits, _, exponent = f"{number!r}".partition("e")
    return f"{_scientific(digits, int(exponent or 0))}" if digits.lstrip("-")[:1].isdigit() else cell


def _scientific(digits: str, exponent: int) -> str:
    """Return the shortest digits that stand for a double, with one digit before the point."""
    sign = "-" if digits.startswith("-") else ""
    whole, _, fraction = digits.lstrip("-").partition(".")
    figures = (whole + fraction).lstrip("0")
    first = len(whole) - (len(whole + fraction) - len(figures)) - 1
    rest = figures[1:].rstrip("0") or "0"
    return f"{sign}{figures[0]}.{rest}E{exponent + first}"

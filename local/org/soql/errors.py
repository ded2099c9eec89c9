"""The refusals of a query, with the place that they point to."""

_WINDOW_BEFORE = 120
_WINDOW_AFTER = 60

MALFORMED_QUERY = "MALFORMED_QUERY"
INVALID_FIELD = "INVALID_FIELD"
INVALID_TYPE = "INVALID_TYPE"
INVALID_QUERY_FILTER_OPERATOR = "INVALID_QUERY_FILTER_OPERATOR"
NUMBER_OUTSIDE_VALID_RANGE = "NUMBER_OUTSIDE_VALID_RANGE"


class SoqlError(Exception):
    """Raised when a query is refused: `error_code` and `message` as the REST API answers them."""

    def __init__(self, error_code: str, message: str) -> None:
        super().__init__(f"{error_code}: {message}")
        self.error_code = error_code
        self.message = message


def error_at(soql: str, error_code: str, message: str, position: int) -> SoqlError:
    """Return the refusal that shows the line of `position` (from 0), a caret under it, and its row and column."""
    start = soql.rfind("\n", 0, position) + 1
    end = soql.find("\n", position)
    line = soql[start : len(soql) if end < 0 else end]
    row, column = soql.count("\n", 0, position) + 1, position - start
    first = max(0, column - _WINDOW_BEFORE)
    shown = line[first : column + _WINDOW_AFTER]
    caret = " " * (column - first) + "^"
    return SoqlError(error_code, f"\n{shown}\n{caret}\nERROR at Row:{row}:Column:{column + 1}\n{message}")

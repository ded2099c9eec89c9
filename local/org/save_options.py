"""What a caller asks of its saves by headers: duplicate rules, assignment rules."""

from dataclasses import dataclass

from local.org.errors import malformed
from local.org.messages import Request

_DUPLICATE_RULES = "sforce-duplicate-rule-header"
_ASSIGNMENT = "sforce-auto-assign"


@dataclass(frozen=True, slots=True)
class SaveOptions:
    """The options of `Sforce-Duplicate-Rule-Header`; all are false unless the caller says so."""

    allow_save: bool = False
    include_record_details: bool = False
    run_as_current_user: bool = False


USUAL = SaveOptions()


def read_save_options(request: Request) -> SaveOptions:
    """Return a request's options.

    Raises:
        OrgError: An assignment rule is named; the local org has none.
    """
    _check_assignment(request.header(_ASSIGNMENT))
    if not (header := request.header(_DUPLICATE_RULES)):
        return USUAL
    given = {}
    for pair in header.replace(",", ";").split(";"):
        name, _, value = pair.partition("=")
        given[name.strip().lower()] = value.strip().lower() == "true"
    return SaveOptions(
        allow_save=given.get("allowsave", False),
        include_record_details=given.get("includerecorddetails", False),
        run_as_current_user=given.get("runascurrentuser", False),
    )


def _check_assignment(value: str) -> None:
    """TRUE runs the active assignment rules, of which there are none, and FALSE runs no rules."""
    if value and value.strip().lower() not in {"true", "false"}:
        raise malformed("BAD_REQUEST", f"Sforce-Auto-Assign: the assignment rule {value} is not emulated")

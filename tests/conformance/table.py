"""The table client by capability, with the reason of every fail below it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

CLIENTS = ("simple-salesforce", "jsforce", "sf")
_NONE = "-"


@dataclass(frozen=True, slots=True)
class Finding:
    """What one script of one client found; no reason is a pass."""

    client: str
    capability: str
    reason: str | None = None


def lines(findings: Sequence[Finding]) -> list[str]:
    """Return the table and the reasons; capabilities stand in the order in which they were first tried."""
    capabilities = list(dict.fromkeys(each.capability for each in findings))
    width = max(len("capability"), *map(len, capabilities)) if capabilities else 0
    rows = [_row("capability", CLIENTS, width)]
    rows += [_row(each, [_cell(findings, client, each) for client in CLIENTS], width) for each in capabilities]
    fails = [f"FAIL {each.client}, {each.capability}: {each.reason}" for each in findings if each.reason is not None]
    return [*rows, *fails]


def _cell(findings: Iterable[Finding], client: str, capability: str) -> str:
    reasons = [each.reason for each in findings if (each.client, each.capability) == (client, capability)]
    if not reasons:
        return _NONE
    return "pass" if all(reason is None for reason in reasons) else "FAIL"


def _row(first: str, cells: Sequence[str], width: int) -> str:
    return "  ".join([first.ljust(width), *(cell.ljust(len(name)) for cell, name in zip(cells, CLIENTS, strict=True))])

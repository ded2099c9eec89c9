"""How fast a route maps a file: CSV row in, twelve fields, CSV row out, beside the CSV reader and writer alone."""

import csv
import io
import random
from collections.abc import Callable, Iterator
from itertools import islice
from time import process_time

from bench.figures import Figure
from lockstep.domain.bulk_csv import csv_lines, csv_text
from lockstep.domain.flat_rows import flat_mapper
from lockstep.domain.mapping import BulkRow, compile_route
from lockstep.domain.routes import Route
from lockstep.services.prepare_rows import ROWS_AT_ONCE

ROWS, ROUNDS = 20_000, 7
_STATUS = {"new": "New", "open": "Working", "won": "Closed - Converted", "lost": "Closed - Not Converted"}
_TAGS = {"vip": "VIP", "b2b": "Business", "news": "Newsletter", "eu": "Europe"}
_FIELDS: dict[str, dict[str, object]] = {
    "LastName": {"type": "text", "from": "name", "max_length": 80, "required": True},
    "Email": {"type": "email", "from": "email", "trim": True},
    "Phone": {"type": "phone", "from": "phone", "region": "US"},
    "Visits__c": {"type": "integer", "from": "visits"},
    "Discount__c": {"type": "percent", "from": "discount", "scale": 1},
    "Revenue__c": {"type": "currency", "from": "revenue", "style": "1,234.50", "currency": "USD"},
    "Opted_In__c": {"type": "boolean", "from": "opted_in"},
    "Birthdate": {"type": "date", "from": "birthdate", "formats": ["iso", "M/D/YYYY"]},
    "Seen_At__c": {"type": "datetime", "from": "seen_at", "zone": "America/New_York"},
    "Status__c": {"type": "picklist", "from": "status", "values": _STATUS},
    "Tags__c": {"type": "multi_picklist", "from": "tags", "values": _TAGS, "separator": ","},
    "AccountId": {"type": "reference", "from": "account", "to": "Account", "by": "ERP_Account_ID__c"},
}
_HEADER = ["id", *(str(rule["from"]) for rule in _FIELDS.values())]


def measure() -> list[Figure]:
    """Read, map and write the same rows both ways, in turns; the best of each counts, in CPU time."""
    text = _file()
    copy_s, map_s = _best(lambda: _copied(text), lambda: _mapped(text))
    return [
        Figure("mapping: CSV in, 12 fields mapped, CSV out", ROWS / map_s, "rows/s"),
        Figure("mapping: csv.reader to csv.writer alone", ROWS / copy_s, "rows/s"),
        Figure("mapping : csv.reader to csv.writer alone", map_s / copy_s, "times", "<=", 4),
    ]


def _best(*ways: Callable[[], str]) -> list[float]:
    best = [float("inf")] * len(ways)
    for _ in range(ROUNDS):
        for number, way in enumerate(ways):
            started = process_time()
            way()
            best[number] = min(best[number], process_time() - started)
    return best


def _copied(text: str) -> str:
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\n").writerows(csv.reader(io.StringIO(text, newline="")))
    return out.getvalue()


def _mapped(text: str) -> str:
    route = compile_route(Route.model_validate(_route()))
    reader = csv.reader(io.StringIO(text, newline=""))
    map_rows, parts = flat_mapper(route, next(reader)), [csv_text([route.bulk_header])]
    while rows := list(islice(reader, ROWS_AT_ONCE)):
        count = len(rows)
        found = map_rows(rows, [row[0] for row in rows], [1] * count, [""] * count)
        parts += csv_lines([_cells(each) for each in found])
    return "".join(parts)


def _cells(mapped: object) -> list[str]:
    row = mapped[0].target.to_bulk_row(mapped[0].record) if isinstance(mapped, list) else mapped
    if not isinstance(row, BulkRow):
        raise SystemExit(f"a row of the bench was refused: {row}")
    return row.cells


def _route() -> dict[str, object]:
    external_id = {"field": "ERP_Contact_ID__c"}
    return {
        "source": "erp",
        "entity": "contact",
        "object": "Contact",
        "external_id": external_id,
        "on_delete": "ignore",
        "fields": _FIELDS,
    }


def _file() -> str:
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(_HEADER)
    writer.writerows(_rows(random.Random(20250506)))
    return out.getvalue()


def _rows(chance: random.Random) -> Iterator[list[str]]:
    """Yield rows such as an ERP exports: keys, names, amounts and times of their own; one phone in five is national."""
    for number in range(ROWS):
        first, last = chance.choice(_FIRST), f"{chance.choice(_LAST)}-{chance.choice(_LAST)}"
        yield [
            f"C{number:07}",
            f"{first} {last}",
            f"customer.{number}@{chance.choice(_DOMAINS)}.example.com" if number % 10 else "",
            _phone(chance, number),
            str(chance.randrange(500)),
            f"{chance.randrange(1000) / 10}%",
            f"${chance.randrange(10_000_000) / 100:,.2f}",
            chance.choice(("true", "false", "Y", "N")),
            f"{chance.randrange(1950, 2006)}-{chance.randrange(1, 13):02}-{chance.randrange(1, 29):02}",
            f"2025-{chance.randrange(4, 10):02}-{chance.randrange(1, 29):02}T{_clock(chance)}",
            chance.choice(list(_STATUS)),
            ",".join(chance.sample(list(_TAGS), chance.randrange(3))),
            f"{chance.randrange(ROWS // 4):06}",
        ]


def _clock(chance: random.Random) -> str:
    return f"{chance.randrange(24):02}:{chance.randrange(60):02}:{chance.randrange(60):02}"


def _phone(chance: random.Random, number: int) -> str:
    local = chance.randrange(2_000_000, 10_000_000)
    area = chance.choice((212, 312, 415, 617, 713))
    if number % 5 == 0:
        return f"({area}) {local // 10_000}-{local % 10_000:04}"
    return f"+1{area}{local}"


_DOMAINS = ("mail", "shop", "post")
_FIRST = ("Ada", "Grace", "Zoë", "Jürgen", "Mary", "Alan", "Edsger", "Barbara")
_LAST = ("Lovelace", "Hopper", "Müller", "Dijkstra", "Liskov", "Turing", "Jackson", "Hamilton")

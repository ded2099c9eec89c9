"""The file of the bench, as an ERP would export it, and the same rows as Salesforce takes them."""

import csv
import random
from collections.abc import Iterator
from pathlib import Path

HEADER = (
    "id",
    "revision",
    "name",
    "phone",
    "address.street",
    "address.city",
    "address.postal_code",
    "address.country",
    "annual_revenue",
    "employees",
    "industry",
    "closed",
)
KEY = "ERP_Account_ID__c"
MAPPED_HEADER = (
    KEY,
    "ERP_Version__c",
    "Name",
    "Phone",
    "BillingStreet",
    "BillingCity",
    "BillingPostalCode",
    "BillingCountry",
    "AnnualRevenue",
    "NumberOfEmployees",
    "Industry",
    "Is_Deleted_In_ERP__c",
)
_INDUSTRIES = {"banking": "Banking", "food": "Food & Beverage", "retail": "Retail", "technology": "Technology"}
_STREETS = ("Hauptstraße", "rue de l'Église", "Main Street", "Calle Mayor", "Østergade", "ul. Długa")
_COUNTRIES = ("Germany", "France", "United States", "Spain", "Denmark", "Poland")


def write_files(rows: int, source: Path, mapped: Path, *, revision: int) -> None:
    """Write the rows twice; each row has a key of its own.

    Args:
        rows: How many.
        source: As the ERP writes them.
        mapped: As Salesforce's Bulk API takes them.
        revision: The version of all rows.
    """
    with source.open("w", newline="", encoding="utf-8") as plain, mapped.open("w", newline="", encoding="utf-8") as sf:
        told, ready = csv.writer(plain, lineterminator="\n"), csv.writer(sf, lineterminator="\n")
        told.writerow(HEADER)
        ready.writerow(MAPPED_HEADER)
        for number, row in enumerate(_rows(rows, revision)):
            told.writerow(row)
            ready.writerow([*row[:10], _INDUSTRIES[row[10]], "false"])
            if number % 100_000 == 99_999:
                plain.flush()


def _rows(rows: int, revision: int) -> Iterator[list[str]]:
    chance = random.Random(1)
    for number in range(rows):
        at = chance.randrange(len(_STREETS))
        yield [
            f"{number:010d}",
            str(revision),
            f"Kunde {number:07d}, Söhne & Co.",
            f"+49 30 {number % 10_000_000:07d}",
            f"{_STREETS[at]} {number % 250 + 1}",
            f"City {chance.randrange(5_000)}",
            f"{number % 100_000:05d}",
            _COUNTRIES[at],
            str(chance.randrange(1_000_000_000)),
            str(chance.randrange(100_000)),
            chance.choice(tuple(_INDUSTRIES)),
            "no",
        ]

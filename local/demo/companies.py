"""Invented companies: place-like and product-like names, no person's."""

import random
from dataclasses import dataclass

_PLACES = (
    "Harbour", "Øresund", "Mill Lane", "Ålesund", "Red Rock", "São Bento", "Łódź", "Northgate", "Grünwald", "Old Quay",
    "Lake Side", "Côte d'Azur", "Stone Bridge", "東町", "West Hill", "Pine Ridge",
)  # fmt: skip
_TRADES = (
    "Supplies", "Coffee Roasters", "Bicycle Works", "Lamps & Co.", 'Paper "A4" Trading', "Garden Tools", "Ceramics",
    "Rope and Sail", "Bakery", "Instruments", "Print House", "Timber",
)  # fmt: skip
_STREETS = ("Quay Street", "Market Square", "Mill Road", "Hauptstraße", "Rua da Praia", "Station Yard")
_CITIES = (
    ("Bergen", "5003", "Norway"), ("Porto", "4000-123", "Portugal"), ("Boston", "02110", "United States"),
    ("Gdańsk", "80-001", "Poland"), ("Köln", "50667", "Germany"), ("Cork", "T12 XY00", "Ireland"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Company:
    """What the demo makes up about one company."""

    place: str
    trade: str
    email: str | None
    phone: str | None
    street: str
    city: str
    postal_code: str
    country: str

    @property
    def name(self) -> str:
        """The name as a person would write it."""
        return f"{self.place} {self.trade}"


def make_up(chance: random.Random, number: int) -> Company:
    """Make up a company; some of them tell neither email nor phone."""
    city, postal_code, country = chance.choice(_CITIES)
    return Company(
        place=chance.choice(_PLACES),
        trade=f"{chance.choice(_TRADES)} {number}",
        email=f"office{number}@lockstep-demo.example" if chance.random() < 0.9 else None,
        phone=f"+1 555 01{number % 100:02d}" if chance.random() < 0.7 else None,
        street=f"{chance.randint(1, 99)} {chance.choice(_STREETS)}",
        city=city,
        postal_code=postal_code,
        country=country,
    )

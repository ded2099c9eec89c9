"""The three systems of the demo, each telling its records' lives as events."""

import random
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import count

from local.demo import expectation, payloads
from local.demo.companies import Company, make_up
from local.demo.exports import ExportRow, Fault, export_row
from local.demo.senders import Event, to_bytes
from local.demo.sends import Kind, Send

BEYOND_DOUBLES = 2**53  # ids above it lose digits wherever they pass through a floating-point number
LINES_OVER_256_KIB = 3000
UNFIT_INDUSTRY, FIT_INDUSTRY = "alchemy", payloads.INDUSTRY
# In winter, as the offset in `payloads`; in an evening of the shop's zone, when the day in UTC is the next one.
BEGINNING = datetime(2026, 1, 16, 1, 30, tzinfo=UTC)


class Clockwork:
    """Chance and time of the demo: made up from the seed, the same in every run."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)  # noqa: S311 - nothing secret
        self._moment = BEGINNING
        self._numbers = count(1)

    def later(self) -> datetime:
        """Return a moment after every one before, in whole seconds as shops write them."""
        self._moment += timedelta(seconds=self.chance.randint(1, 90))
        return self._moment

    def number(self) -> int:
        """Return the next number."""
        return next(self._numbers)

    def company(self) -> Company:
        """Make up a company."""
        return make_up(self.chance, self.number())

    def name(self, prefix: str) -> str:
        """Make up a name for an event."""
        return f"{prefix}{self.chance.getrandbits(96):024x}"


class Shopify:
    """A shop: customers and orders."""

    def __init__(self, clockwork: Clockwork) -> None:
        self._clockwork = clockwork

    def customer_id(self) -> int:
        """Return an id that no double can hold."""
        return BEYOND_DOUBLES + self._clockwork.number() * 2 + 1

    def customer(self, customer_id: int, kind: Kind = Kind.NEW) -> Send:
        """Tell a customer as it is now."""
        at = self._clockwork.later()
        note = self._clockwork.chance.choice((None, "Pays by invoice", "Deliver to the back door\nRing twice"))
        company = self._clockwork.company()
        if kind is Kind.TOO_LONG:
            company = replace(company, street=f"{company.street}, {'through the yard, ' * 20}gate 3")
        body = payloads.shopify_customer(customer_id, company, at, note)
        topic = "customers/create" if kind is Kind.NEW else "customers/update"
        return Send(self._event(topic, at, body), kind, expectation.shopify_customer_fact(body))

    def order(self, order_id: int, customer_id: int, kind: Kind = Kind.NEW, lines: int = 2) -> Send:
        """Tell an order as it is now."""
        at = self._clockwork.later()
        total = f"{self._clockwork.chance.randint(1, 10**7) / 100:.2f}"
        body = payloads.shopify_order(
            order_id, order_id % 10_000, customer_id, total, created_at=at, updated_at=at, lines=lines
        )
        topic = "orders/updated" if kind is Kind.UPDATE else "orders/create"
        return Send(self._event(topic, at, body), kind, expectation.shopify_order_fact(body))

    def deletion(self, send: Send) -> Send:
        """Tell that the record of an earlier event is gone."""
        key = _key(send)
        at = self._clockwork.later()
        topic = "customers/delete" if key.object_name == "Account" else "orders/delete"
        body = payloads.shopify_deletion(int(key.external_id))
        fact = expectation.deletion_fact(key, int(at.timestamp() * 1000), "Shopify")
        return Send(self._event(topic, at, body), Kind.DELETE, fact)

    def _event(self, topic: str, at: datetime, body: payloads.Payload) -> Event:
        return Event("shopify", topic, self._clockwork.name(""), at, to_bytes(body))


class Stripe:
    """A billing system: customers."""

    def __init__(self, clockwork: Clockwork) -> None:
        self._clockwork = clockwork

    def customer_id(self) -> str:
        """Return an id as Stripe writes them."""
        return self._clockwork.name("cus_")[:18]

    def customer(self, customer_id: str, kind: Kind = Kind.NEW) -> Send:
        """Tell a customer as it is now."""
        word = "customer.created" if kind is Kind.NEW else "customer.updated"
        event, body = self._told(word, customer_id)
        return Send(event, kind, expectation.stripe_customer_fact(body))

    def deletion(self, send: Send) -> Send:
        """Tell that the customer of an earlier event is gone."""
        event, body = self._told("customer.deleted", _key(send).external_id)
        return Send(event, Kind.DELETE, expectation.deletion_fact(_key(send), body["created"] * 1000, "Stripe"))

    def _told(self, word: str, customer_id: str) -> tuple[Event, payloads.Payload]:
        at = self._clockwork.later()
        name = self._clockwork.name("evt_")
        body = payloads.stripe_customer_event(name, word, customer_id, self._clockwork.company(), int(at.timestamp()))
        return Event("stripe", word, name, at, to_bytes(body)), body


class Erp:
    """An ERP: accounts and their contacts, by keys with leading zeros."""

    def __init__(self, clockwork: Clockwork) -> None:
        self._clockwork = clockwork
        self._revisions = count(1)

    def key(self) -> str:
        """Return a key."""
        return f"{self._clockwork.number():08d}"

    def account(self, account_id: str, kind: Kind = Kind.NEW) -> Send:
        """Tell an account as it is now."""
        at, body = self._account(account_id)
        if kind is Kind.UNFIT:
            mended = expectation.erp_account_fact(body)
            body["data"]["industry"] = UNFIT_INDUSTRY
            return Send(self._event(at, body), kind, mended=mended)
        return Send(self._event(at, body), kind, expectation.erp_account_fact(body))

    def exported(self, account_id: str, fault: Fault | None = None) -> ExportRow:
        """Write an account as it is now into the export."""
        _, body = self._account(account_id)
        return export_row(body, expectation.erp_account_fact(body), fault)

    def _account(self, account_id: str) -> tuple[datetime, payloads.Payload]:
        at = self._clockwork.later()
        revenue = f"{self._clockwork.chance.randint(10**5, 10**9)}.{self._clockwork.chance.choice(('00', '40', '75'))}"
        return at, payloads.erp_account_event(account_id, next(self._revisions), self._clockwork.company(), revenue, at)

    def contact(self, contact_id: str, account_id: str, kind: Kind = Kind.NEW) -> Send:
        """Tell a contact as it is now."""
        at = self._clockwork.later()
        desk = self._clockwork.chance.choice(("Purchasing Desk", "Goods-In", "Accounts Payable", "Käufer-Büro"))
        founded = date(1970, 1, 1) + timedelta(days=self._clockwork.chance.randint(0, 12_000))
        body = payloads.erp_contact_event(contact_id, next(self._revisions), account_id, desk, founded, at)
        return Send(self._event(at, body), kind, expectation.erp_contact_fact(body))

    def deletion(self, send: Send) -> Send:
        """Tell that the record of an earlier event is gone."""
        key = _key(send)
        at, revision = self._clockwork.later(), next(self._revisions)
        body = payloads.erp_deletion_event(key.object_name.lower(), key.external_id, revision, at)
        return Send(self._event(at, body), Kind.DELETE, expectation.deletion_fact(key, revision, "ERP"))

    def _event(self, at: datetime, body: payloads.Payload) -> Event:
        return Event("erp", body["type"], self._clockwork.name("msg_"), at, to_bytes(body))


def malformed(send: Send) -> Send:
    """Cut the body's end off; its signature is then made over what is left."""
    event = replace(send.event, body=send.event.body[:-2])
    return replace(send, event=event).teaching_nothing(Kind.MALFORMED)


def _key(send: Send) -> expectation.RecordKey:
    assert send.fact is not None, "only an event that tells of a record has one"
    return send.fact.key

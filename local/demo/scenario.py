"""What is sent in the demo: a first wave with everything that goes wrong in practice, then what was missing."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from local.demo.exports import Export, Fault
from local.demo.sends import Kind, Lane, Send
from local.demo.sources import LINES_OVER_256_KIB, Clockwork, Erp, Shopify, Stripe, malformed

_Id = TypeVar("_Id")

CUSTOMERS = 60
ORDERS = 60
EARLY_ORDERS = 5
STRIPE_CUSTOMERS = 50
ACCOUNTS = 40
CONTACTS = 60
UPDATES_WHILE_AWAY = 20  # of shop customers, and as many of the ERP's accounts
EXPORTED = 20_000
DELETED = 2  # of the ERP's accounts, and as many of its contacts
TOLD_TWICE = 12  # accounts that stand in the file in two revisions
_FAULTS = (*[Fault.UNFIT] * 6, *[Fault.NAMELESS] * 4, *[Fault.NO_NUMBER] * 3, Fault.TOO_WIDE, Fault.UNPAIRED)


@dataclass(frozen=True, slots=True)
class Scenario:
    """Three waves; the second goes out when the first is settled but for what waits for the second.

    Deletes are in the second: a delete that came in one batch with an update would supersede it, and what the record
    then held of the update would hang on the second. The file comes after that, with older and with newer revisions of
    what the first wave has told. The third goes out while Salesforce is away. `locked` are the External IDs of orders
    that somebody else holds locked during the first.
    """

    first: list[Lane]
    second: list[Lane]
    export: Export
    third: list[Lane]
    locked: frozenset[str]


def make_scenario(seed: int, exported: int = EXPORTED) -> Scenario:
    """Make up the demo's deliveries, and a file of so many rows."""
    clockwork = Clockwork(seed)
    shop, stripe, erp = Shopify(clockwork), Stripe(clockwork), Erp(clockwork)
    customer_ids = [shop.customer_id() for _ in range(CUSTOMERS)]
    late_ids = [shop.customer_id() for _ in range(EARLY_ORDERS)]
    customers = [_life(each, shop.customer, number) for number, each in enumerate(customer_ids)]
    orders = [_order_life(shop, customer_ids[number % CUSTOMERS], number) for number in range(ORDERS)]
    early = [[shop.order(shop.customer_id(), each, Kind.EARLY)] for each in late_ids]
    billed = [_life(stripe.customer_id(), stripe.customer, number) for number in range(STRIPE_CUSTOMERS)]
    keys = [erp.key() for _ in range(ACCOUNTS)]
    older = [erp.exported(each) for each in keys[::2]]
    accounts = [_life(each, erp.account, number) for number, each in enumerate(keys)]
    contacts = [[erp.contact(erp.key(), keys[number % ACCOUNTS])] for number in range(CONTACTS)]
    large = [[shop.order(shop.customer_id(), customer_ids[0], Kind.LARGE, LINES_OVER_256_KIB)]]
    bad = _refused([shop.customer(shop.customer_id()), stripe.customer(stripe.customer_id()), erp.account(erp.key())])
    odd = [[erp.account(erp.key(), Kind.UNFIT)], [shop.customer(shop.customer_id(), Kind.TOO_LONG)]]
    first = [*customers, *accounts, *billed, *early, *orders, *contacts, *large, *odd, *bad]
    newer = [erp.exported(each) for each in keys[1:-DELETED:2]]  # a delete would supersede it, and its values with it
    # Some that are told of only once in the first wave.
    gone = [shop.deletion(lane[0]) for lane in (customers[-1], customers[-2], orders[-1])]
    gone += [stripe.deletion(lane[0]) for lane in billed[-2:]]
    gone += [erp.deletion(lane[0]) for lane in (*accounts[-DELETED:], *contacts[-DELETED:])]
    late = [[shop.customer(each, Kind.LATE_PARENT)] for each in late_ids]
    away = [[shop.customer(each, Kind.AWAY)] for each in customer_ids[:UPDATES_WHILE_AWAY]]
    away += [[erp.account(each, Kind.AWAY)] for each in keys[:UPDATES_WHILE_AWAY]]
    export = _export(erp, [*older, *newer], exported)
    locked = frozenset(lane[0].fact.key.external_id for lane in orders if lane[0].fact)
    return Scenario(first, [*late, *([each] for each in gone)], export, away, locked)


def _life(record_id: _Id, tell: Callable[[_Id, Kind], Send], number: int) -> Lane:
    """Tell a record once, with an update, twice the same, or the newer update before the older one."""
    told: Lane = [tell(record_id, Kind.NEW)]
    if number % 10 in {1, 2, 3}:
        return [*told, tell(record_id, Kind.UPDATE)]
    if number % 10 == 4:
        return [*told, told[0].again()]
    if number % 10 == 5:
        older, newer = tell(record_id, Kind.OLDER), tell(record_id, Kind.UPDATE)
        return [*told, newer, older]
    return told


def _order_life(shop: Shopify, customer_id: int, number: int) -> Lane:
    order_id = shop.customer_id()
    return _life(order_id, lambda each, kind: shop.order(each, customer_id, kind), number)


def _export(erp: Erp, known: Export, rows: int) -> Export:
    """Write new accounts around those that are known; some stand there twice, and some lines are wrong."""
    keys = [erp.key() for _ in range(rows - len(known) - TOLD_TWICE)]
    every = len(keys) // len(_FAULTS)
    made = [
        erp.exported(key, _FAULTS[number // every] if number % every == every // 2 else None)
        for number, key in enumerate(keys[: every * len(_FAULTS)])
    ]
    made += [erp.exported(key) for key in keys[every * len(_FAULTS) :]]
    return [*made, *known, *(erp.exported(key) for key in keys[-TOLD_TWICE:])]


def _refused(sends: list[Send]) -> list[Lane]:
    """Turn deliveries into ones that nobody must believe."""
    forged = [[each.teaching_nothing(Kind.FORGED)] for each in sends]
    unsigned = [[each.teaching_nothing(Kind.UNSIGNED)] for each in sends[:1]]
    unknown = [[each.teaching_nothing(Kind.UNKNOWN)] for each in sends[:1]]
    return [*forged, *unsigned, *unknown, [malformed(sends[0])]]

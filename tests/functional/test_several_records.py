"""WooCommerce customers and orders through the upsert function: one payload, several records of the org."""

import json
from functools import partial

import pytest

from lockstep.domain.changes import Change, State
from lockstep.domain.failures import FailureKind
from tests.fakes.changes import change

customer = partial(change, source="woocommerce", entity="customer")

BILLING = {
    "first_name": "Ada",
    "last_name": "Roe",
    "company": "",
    "address_1": "1 Main Street",
    "address_2": "",
    "city": "Rome",
    "state": "RM",
    "postcode": "00100",
    "country": "IT",
    "email": "ada@example.com",
    "phone": "",
}


def customer_body(number, **more):
    return json.dumps(
        {
            "id": int(number),
            "date_created_gmt": "2026-05-06T12:00:00",
            "date_modified_gmt": None,
            "email": "ada@example.com",
            "first_name": "Ada",
            "last_name": "Roe",
            "role": "customer",
            "username": "ada",
            "billing": BILLING,
            "shipping": {},
            "is_paying_customer": False,
            "meta_data": [],
            **more,
        }
    )


def line(number, sku, quantity=2, price="9.995"):
    # The price is a number in the shop's JSON, with as many decimals as it takes.
    return {
        "id": number,
        "name": f"Lamp {sku}",
        "product_id": 93,
        "variation_id": 0,
        "quantity": quantity,
        "subtotal": "19.99",
        "total": "19.99",
        "taxes": [],
        "meta_data": [],
        "sku": sku,
        "price": float(price),
    }


def order(number, *lines, version=1, **more):
    body = {
        "id": int(number),
        "number": number,
        "status": "processing",
        "currency": "EUR",
        "date_created_gmt": "2026-05-06T23:30:00",
        "date_modified_gmt": "2026-05-06T23:30:00",
        "total": "39.98",
        "customer_id": 11,
        "customer_note": "",
        "billing": BILLING,
        "shipping": BILLING,
        "line_items": list(lines),
        "shipping_lines": [],
        **more,
    }
    return change(number, version, source="woocommerce", entity="order", payload=json.dumps(body))


@pytest.fixture
def entries(org):
    """Products LAMP-1 and LAMP-2 in the standard price book; returns the entries' Ids by code."""
    (book,) = org.records("Pricebook2")
    made = {}
    for code in ("LAMP-1", "LAMP-2"):
        product = org.store.seed("Product2", {"Name": code, "ProductCode": code, "IsActive": True})
        entry = {"Product2Id": product, "Pricebook2Id": book["Id"], "UnitPrice": 1.0, "IsActive": True}
        made[code] = org.store.seed("PricebookEntry", entry)
    return made


def deferred():
    from moto.sqs.models import sqs_backends

    return [
        Change.model_validate_json(message.body)
        for message in sqs_backends["123456789012"]["us-east-1"].queues["inbound"]._messages
    ]


def test_customer_becomes_an_account_and_its_contact(stack, org):
    assert stack.invoke(one := customer("11", payload=customer_body("11"))) == []

    (account,), (contact,) = org.records("Account"), org.records("Contact")
    assert stack.state(one) is State.APPLIED
    assert (account["Name"], account["BillingCity"], account["Phone"]) == ("Ada Roe", "Rome", None)
    assert (contact["AccountId"], contact["LastName"], contact["Email"]) == (account["Id"], "Roe", "ada@example.com")


def test_manager_of_the_shop_is_no_customer(stack, org):
    stack.invoke(one := customer("11", payload=customer_body("11", role="shop_manager")))

    assert stack.state(one) is State.APPLIED
    assert org.records("Account") == []


def test_order_becomes_an_order_with_its_items_in_one_batch_with_its_customer(stack, org, entries):
    one = order("7", line(70, "LAMP-1"), line(71, "LAMP-2", quantity=1))

    assert stack.invoke(one, customer("11", payload=customer_body("11"))) == []

    (account,), (written,) = org.records("Account"), org.records("Order")
    items = sorted(org.records("OrderItem"), key=lambda item: item["WooCommerce_Line_Id__c"])
    assert stack.state(one) is State.APPLIED
    assert written["AccountId"] == account["Id"]
    assert written["Pricebook2Id"] == org.records("Pricebook2")[0]["Id"]
    assert written["EffectiveDate"] == "2026-05-06"
    assert [item["OrderId"] for item in items] == [written["Id"]] * 2
    assert [item["PricebookEntryId"] for item in items] == [entries["LAMP-1"], entries["LAMP-2"]]
    assert [(item["Quantity"], item["UnitPrice"]) for item in items] == [(2, 10), (1, 10)]


def test_order_before_its_customer_waits_and_then_everything_arrives(stack, org, entries):
    stack.invoke(one := order("7", line(70, "LAMP-1")))
    assert stack.state(one) is State.QUEUED
    assert (org.records("Order"), org.records("OrderItem")) == ([], [])
    (waiting,) = deferred()

    stack.invoke(customer("11", payload=customer_body("11")))
    stack.invoke(waiting)

    assert stack.state(one) is State.APPLIED
    assert len(org.records("OrderItem")) == 1


def test_order_before_its_product_waits_and_then_everything_arrives(stack, org, entries):
    stack.invoke(customer("11", payload=customer_body("11")))
    stack.invoke(one := order("7", line(70, "LAMP-1"), line(71, "LAMP-3")))
    assert stack.state(one) is State.QUEUED
    assert org.records("OrderItem") == []
    (waiting,) = deferred()

    (book,) = org.records("Pricebook2")
    product = org.store.seed("Product2", {"Name": "x", "ProductCode": "lamp-3"})  # the case of a code does not count
    org.store.seed("PricebookEntry", {"Product2Id": product, "Pricebook2Id": book["Id"], "UnitPrice": 1.0})
    stack.invoke(waiting)

    assert stack.state(one) is State.APPLIED
    assert len(org.records("OrderItem")) == 2


def test_later_version_of_an_order_updates_its_items_and_adds_new_ones(stack, org, entries):
    stack.invoke(customer("11", payload=customer_body("11")))
    stack.invoke(order("7", line(70, "LAMP-1")))
    stack.invoke(second := order("7", line(70, "LAMP-1", quantity=5), line(71, "LAMP-2"), version=2))

    assert stack.state(second) is State.APPLIED
    quantities = {item["WooCommerce_Line_Id__c"]: item["Quantity"] for item in org.records("OrderItem")}
    assert quantities == {"70": 5, "71": 2}


def test_guests_of_one_email_address_share_an_account_that_the_order_brings(stack, org, entries):
    guests = [order(number, line(int(number) * 10, "LAMP-1"), customer_id=0) for number in ("7", "8")]

    stack.invoke(*guests)

    (account,) = org.records("Account")
    assert account["WooCommerce_Customer_Id__c"] == "guest-ada@example.com"
    assert [written["AccountId"] for written in org.records("Order")] == [account["Id"]] * 2
    assert {stack.state(one) for one in guests} == {State.APPLIED}


@pytest.mark.parametrize("email", ["", None], ids=["empty", "null"])
def test_guest_without_an_email_address_has_an_account_of_its_own(stack, org, entries, email):
    stack.invoke(one := order("7", line(70, "LAMP-1"), customer_id=0, billing={**BILLING, "email": email}))

    assert stack.state(one) is State.APPLIED
    assert [account["WooCommerce_Customer_Id__c"] for account in org.records("Account")] == ["guest-7"]


def test_line_without_a_product_code_falls_back_to_the_shops_id_of_the_product(stack, org):
    (book,) = org.records("Pricebook2")
    product = org.store.seed("Product2", {"Name": "x", "ProductCode": "93"})
    entry = org.store.seed("PricebookEntry", {"Product2Id": product, "Pricebook2Id": book["Id"], "UnitPrice": 1.0})

    stack.invoke(customer("11", payload=customer_body("11")), order("7", line(70, "")))

    (item,) = org.records("OrderItem")
    assert item["PricebookEntryId"] == entry


def test_draft_of_the_checkout_is_no_order(stack, org):
    stack.invoke(one := order("7", status="checkout-draft"))

    assert stack.state(one) is State.APPLIED
    assert org.records("Order") == []


def test_two_products_of_one_code_need_a_person_who_is_told_which_fields(stack, org, entries):
    (book,) = org.records("Pricebook2")
    product = org.store.seed("Product2", {"Name": "twin", "ProductCode": "LAMP-1"})
    org.store.seed("PricebookEntry", {"Product2Id": product, "Pricebook2Id": book["Id"], "UnitPrice": 1.0})

    stack.invoke(customer("11", payload=customer_body("11")), one := order("7", line(70, "LAMP-1")))

    assert stack.state(one) is State.PENDING
    assert stack.entry(one).failure_kind == FailureKind.MAPPING_FAILED
    assert org.records("Order") == []


def test_refused_line_names_its_place_in_the_log_and_no_value(stack, org, entries, capsys):
    stack.invoke(customer("11", payload=customer_body("11")))

    stack.invoke(one := order("7", line(70, "LAMP-1", quantity="SECRET")))

    printed = capsys.readouterr().out
    assert stack.state(one) is State.PENDING
    assert FailureKind.MAPPING_FAILED in printed
    assert "SECRET" not in printed

"""Lookups by query against the local org: what is found, what is ambiguous, and what SOQL must not be told."""

import pytest

from lockstep.adapters.salesforce import VALUE_CHARS_PER_QUERY, SalesforceRest
from lockstep.adapters.salesforce_session import TimeLimitedSession
from lockstep.domain.connection import AccessToken
from lockstep.domain.failures import FailureKind, SyncError
from lockstep.domain.lookups import Several


class _Token:
    def __init__(self, org, instance_url):
        self._token = AccessToken(org.open_session(), instance_url)

    def token(self):
        return self._token

    def discard(self, token):
        raise AssertionError("the token is good")


@pytest.fixture
def gateway(door, org):
    session = TimeLimitedSession()
    for prefix, adapter in door.session.adapters.items():
        session.mount(prefix, adapter)
    session.verify, session.trust_env = door.session.verify, False
    yield SalesforceRest(_Token(org, door.instance_url), "66.0", session)
    session.close()


def _queries(org):
    return [call for call in org.calls() if call.path.split("?")[0].rstrip("/").endswith("/query")]


def test_record_type_is_found_by_name_and_object(gateway, org):
    account = org.store.seed("RecordType", {"DeveloperName": "Shop", "SobjectType": "Account", "IsActive": True})
    contact = org.store.seed("RecordType", {"DeveloperName": "Shop", "SobjectType": "Contact", "IsActive": True})
    fields = ("DeveloperName", "SobjectType")

    found = gateway.find("RecordType", fields, [("Shop", "Account"), ("Shop", "Contact"), ("Other", "Account")])

    assert found == {("Shop", "Account"): account, ("Shop", "Contact"): contact}
    assert len(_queries(org)) == 1


def test_owner_is_found_by_username_in_any_case_where_it_is_active(gateway, org):
    username = org.settings.credentials.username

    assert gateway.find("User", ("Username", "IsActive"), [(username.upper(), True)]) == {
        (username.upper(), True): org.user_id
    }
    assert gateway.find("User", ("Username", "IsActive"), [(username, False)]) == {}


def test_price_book_entry_is_found_through_its_parents(gateway, org):
    (book,) = org.records("Pricebook2")
    entries = {}
    for code in ("A", "B"):
        product = org.store.seed("Product2", {"Name": code, "ProductCode": code})
        entries[code] = org.store.seed("PricebookEntry", {"Product2Id": product, "Pricebook2Id": book["Id"]})
    org.store.seed("PricebookEntry", {"Pricebook2Id": book["Id"]})  # of no product
    fields = ("Product2.ProductCode", "Pricebook2.IsStandard", "Pricebook2.Name")
    wanted = [(code, True, "Standard Price Book") for code in ("A", "B", "C")]

    assert gateway.find("PricebookEntry", fields, wanted) == {
        wanted[0]: entries["A"],
        wanted[1]: entries["B"],
    }


def test_several_records_are_said_to_be_several_unless_one_has_the_very_case(gateway, org):
    for name in ("twin", "twin", "Case", "CASE"):
        org.store.seed("Product2", {"Name": name, "ProductCode": name})

    found = gateway.find("Product2", ("ProductCode",), [("twin",), ("TWIN",), ("CASE",), ("case",)])

    exact = found.pop(("CASE",))
    assert exact in {product["Id"] for product in org.records("Product2")}
    assert set(found.values()) == {Several.SEVERAL}


HOSTILE = ["o'clock\\", "' OR Name != '", "a%", "_", "ü", "line\nfeed", '"', "\\", "x) OR (Id != null"]


@pytest.mark.parametrize("code", HOSTILE)
def test_value_is_a_value_and_never_a_part_of_the_query(gateway, org, code):
    org.store.seed("Product2", {"Name": "other", "ProductCode": "other"})
    product = org.store.seed("Product2", {"Name": "x", "ProductCode": code})

    assert gateway.find("Product2", ("ProductCode",), [(code,), ("none",)]) == {(code,): product}


def test_many_values_are_parted_into_queries_that_fit_the_uri(gateway, org):
    codes = [f"{number:0100}" for number in range(3 * VALUE_CHARS_PER_QUERY // 100)]
    products = [org.store.seed("Product2", {"Name": "x", "ProductCode": code}) for code in codes]

    found = gateway.find("Product2", ("ProductCode",), [(code,) for code in codes])

    assert list(found.values()) == products
    assert len(_queries(org)) == 3


def test_unknown_match_field_is_an_unknown_field(gateway):
    with pytest.raises(SyncError) as caught:
        gateway.find("Product2", ("No_Such__c",), [("x",)])

    assert caught.value.kind is FailureKind.FIELD_UNKNOWN

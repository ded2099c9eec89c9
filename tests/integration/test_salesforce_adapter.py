"""The org through our adapters, in process and over HTTPS: sign-in, writes, and what each error means."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from urllib.parse import urlsplit

import pytest
import requests

from lockstep.adapters.salesforce import SalesforceRest
from lockstep.adapters.salesforce_session import TimeLimitedSession
from lockstep.adapters.token_endpoint import HttpTokenEndpoint
from lockstep.domain.connection import AccessToken, Session
from lockstep.domain.failures import FailureKind, SyncError
from lockstep.ports.org import OwnFields
from tests.fakes.sign_in import Clock, FakeConnectionSecret, FakeTurns, broker
from tests.integration.sign_in import key_pair

KEY = "ERP_Account_ID__c"
NASTY_KEYS = ["1", "a/b", "../../Account", "50%", "a?b#c", "ü", "0012", "9007199254740993", "o'clock\\", "  x"]


@pytest.fixture
def session(door):
    """Our own session, reaching the org through the door."""
    ours = TimeLimitedSession()
    for prefix, adapter in door.session.adapters.items():
        ours.mount(prefix, adapter)
    ours.verify, ours.trust_env = door.session.verify, False
    yield ours
    ours.close()


@pytest.fixture
def secret(org):
    settings = org.settings.credentials
    return FakeConnectionSecret(
        client_id=settings.client_id, client_secret=settings.client_secret, refresh_token=settings.refresh_token
    )


@pytest.fixture
def sign_in(secret, session, door):
    endpoint = HttpTokenEndpoint(door.instance_url, session, lambda: datetime.now(UTC))
    return broker(secret, endpoint, FakeTurns(), {urlsplit(door.instance_url).hostname})


@pytest.fixture
def gateway(sign_in, session):
    return SalesforceRest(sign_in, "66.0", session)


def accounts(*keys, **fields):
    return [{KEY: key, "Name": f"Account {key}", **fields} for key in keys]


def kind_of(results):
    return [result.failure.kind if result.failure else None for result in results]


def test_upsert_creates_then_updates_the_same_records(gateway, org):
    first = gateway.upsert("Account", KEY, accounts(*NASTY_KEYS))
    second = gateway.upsert("Account", KEY, accounts(*NASTY_KEYS))

    assert [result.created for result in first] == [True] * len(NASTY_KEYS)
    assert [result.created for result in second] == [False] * len(NASTY_KEYS)
    assert [result.record_id for result in first] == [result.record_id for result in second]
    assert sorted(record[KEY] for record in org.records("Account")) == sorted(NASTY_KEYS)


def test_upsert_of_200_records_is_one_call(gateway, org):
    gateway.upsert("Account", KEY, accounts(*map(str, range(200))))

    assert [call.method for call in org.calls() if "composite" in call.path] == ["PATCH"]
    assert len(org.records("Account")) == 200


def test_null_clears_and_numbers_keep_their_digits(gateway, org):
    gateway.upsert("Account", KEY, accounts("1", AnnualRevenue=Decimal("1234567890123.00"), Description="x"))
    gateway.upsert("Account", KEY, accounts("1", Description=None))

    (record,) = org.records("Account")
    assert record["Description"] is None
    assert Decimal(str(record["AnnualRevenue"])) == Decimal(1234567890123)


def test_refused_record_does_not_fail_its_neighbours(gateway, org):
    records = [*accounts("1"), {KEY: "2", "Name": None}, *accounts("3"), *accounts("4", Name="x" * 300)]

    results = gateway.upsert("Account", KEY, records)

    assert kind_of(results) == [None, FailureKind.RECORD_INVALID, None, FailureKind.RECORD_INVALID]
    assert [result.failure.error_code for result in results if result.failure] == [
        "REQUIRED_FIELD_MISSING",
        "STRING_TOO_LONG",
    ]
    assert len(org.records("Account")) == 2


def test_refusal_names_the_field_and_not_the_value(gateway):
    (result,) = gateway.upsert("Account", KEY, accounts("1", Name="secret" * 60))

    assert "Name" in result.failure.detail
    assert "secret" not in result.failure.detail


def test_missing_parent_and_unknown_field_are_one_code_and_existing_tells_them_apart(gateway):
    contact = {"ERP_Contact_ID__c": "c1", "LastName": "x", "Account": {KEY: "none"}}

    (result,) = gateway.upsert("Contact", "ERP_Contact_ID__c", [contact])

    assert result.failure.kind is FailureKind.FIELD_UNKNOWN
    assert gateway.existing("Account", KEY, ["none"]) == frozenset()


def test_existing_finds_every_value_among_many(gateway):
    long_keys = [f"{number:04d}-{'k' * 30}" for number in range(300)]
    gateway.upsert("Account", KEY, accounts(*long_keys[:200]))

    assert gateway.existing("Account", KEY, long_keys) == frozenset(long_keys[:200])


def test_existing_tells_spellings_apart_where_the_field_does(gateway):
    gateway.upsert("Account", KEY, accounts("ab"))

    assert gateway.existing("Account", KEY, ["ab", "AB"]) == frozenset({"ab"})


OWN = OwnFields("Lockstep_Change_Id__c", "ERP_Version__c")


def test_standing_tells_what_wrote_each_record_and_nothing_of_what_is_not_there(gateway):
    gateway.upsert("Account", KEY, accounts(*NASTY_KEYS, Lockstep_Change_Id__c="c0ffee", ERP_Version__c=1778068800000))
    gateway.upsert("Account", KEY, accounts("bare"))

    found = gateway.standing("Account", KEY, [*NASTY_KEYS, "bare", "absent"], OWN)

    assert set(found) == {*NASTY_KEYS, "bare"}
    assert {(each.change_id, each.version) for key, each in found.items() if key != "bare"} == {
        ("c0ffee", 1778068800000)
    }
    assert (found["bare"].change_id, found["bare"].version) == (None, None)
    assert gateway.standing("Account", KEY, ["bare"], OwnFields(OWN.change_field, None))["bare"].version is None


def test_standing_tells_spellings_apart_where_the_field_does(gateway):
    gateway.upsert("Account", KEY, accounts("ab", Lockstep_Change_Id__c="c0ffee"))

    assert set(gateway.standing("Account", KEY, ["ab", "AB"], OWN)) == {"ab"}


@pytest.mark.parametrize("keys", [NASTY_KEYS, ["absent"]], ids=["nasty", "absent"])
def test_deleted_record_is_gone_and_an_absent_one_counts_as_gone(gateway, org, keys):
    gateway.upsert("Account", KEY, accounts(*NASTY_KEYS))

    results = gateway.delete("Account", KEY, keys)

    assert kind_of(results) == [None] * len(keys)
    assert len(org.records("Account")) == len(NASTY_KEYS) - len(set(keys) & set(NASTY_KEYS))


def test_expired_session_is_renewed_once_and_nothing_is_written_twice(gateway, org):
    gateway.upsert("Account", KEY, accounts("1"))
    org.expire_sessions()

    (result,) = gateway.upsert("Account", KEY, accounts("1"))

    assert result.created is False
    assert len(org.records("Account")) == 1


def test_session_that_stays_refused_is_said_so_after_one_renewal(gateway, org):
    org.plan_faults({"match": {"path_contains": "composite"}, "times": None, "error_code": "INVALID_SESSION_ID"})

    with pytest.raises(SyncError) as caught:
        gateway.upsert("Account", KEY, accounts("1"))

    assert caught.value.kind is FailureKind.SESSION_EXPIRED
    assert len([call for call in org.calls() if "composite" in call.path]) == 2


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ({"error_code": "REQUEST_LIMIT_EXCEEDED"}, FailureKind.API_LIMIT_EXCEEDED),
        ({"error_code": "SERVER_UNAVAILABLE"}, FailureKind.ORG_UNAVAILABLE),
        ({"status": 503, "html": True}, FailureKind.ORG_UNAVAILABLE),
        ({"status": 502, "html": True}, FailureKind.ORG_UNAVAILABLE),
        ({"status": 420, "html": True}, FailureKind.ORG_UNAVAILABLE),
        ({"error_code": "UNKNOWN_EXCEPTION"}, FailureKind.OUTCOME_UNKNOWN),
        ({"drop_connection": True, "when": "after"}, FailureKind.OUTCOME_UNKNOWN),
        ({"status": 418, "error_code": "NEVER_HEARD_OF"}, FailureKind.UNEXPECTED),
    ],
    ids=lambda value: value if isinstance(value, FailureKind) else None,
)
def test_failed_call_is_named_by_its_code_then_its_status(gateway, org, fault, kind):
    org.plan_faults({"match": {"path_contains": "composite"}, **fault})

    with pytest.raises(SyncError) as caught:
        gateway.upsert("Account", KEY, accounts("1"))

    assert caught.value.kind is kind


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("UNABLE_TO_LOCK_ROW", FailureKind.ROW_LOCKED),
        ("DUPLICATES_DETECTED", FailureKind.RECORD_DUPLICATE),
        ("FIELD_CUSTOM_VALIDATION_EXCEPTION", FailureKind.RECORD_INVALID),
        ("STORAGE_LIMIT_EXCEEDED", FailureKind.STORAGE_FULL),
        ("NEVER_HEARD_OF", FailureKind.UNEXPECTED),
    ],
)
def test_failed_row_is_named_by_its_code(gateway, org, code, kind):
    org.plan_faults({"match": {"external_id": "1"}, "row": True, "error_code": code})

    results = gateway.upsert("Account", KEY, accounts("1", "2"))

    assert kind_of(results) == [kind, None]
    assert results[0].failure.error_code == code


@pytest.mark.parametrize(
    ("object_name", "field"), [("Account", "Nothing__c"), ("Nothing__c", KEY)], ids=["field", "object"]
)
def test_unknown_target_is_a_broken_route(gateway, object_name, field):
    with pytest.raises(SyncError) as caught:
        gateway.upsert(object_name, field, [{field: "1", "Name": "x"}])

    assert caught.value.kind in (FailureKind.FIELD_UNKNOWN, FailureKind.RECORD_INVALID)


def test_tokens_are_kept_between_calls(sign_in, org):
    assert sign_in.token() is sign_in.token()
    assert [call.path for call in org.calls() if call.path.endswith("oauth2/token")] == ["/services/oauth2/token"]


def test_discarding_an_old_token_keeps_the_new_one(sign_in):
    new = sign_in.token()
    sign_in.discard(AccessToken("old", new.instance_url))

    assert sign_in.token() is new


def test_revoked_refresh_token_needs_a_person(sign_in, org):
    org.revoke_refresh_tokens()

    with pytest.raises(SyncError) as caught:
        sign_in.token()

    assert caught.value.kind is FailureKind.CREDENTIALS_REJECTED
    assert caught.value.error_code == "invalid_grant"


def test_wrong_client_needs_a_person(sign_in, secret):
    secret.content["client_id"] = "nobody"

    with pytest.raises(SyncError) as caught:
        sign_in.token()

    assert caught.value.kind is FailureKind.CREDENTIALS_REJECTED


@pytest.mark.parametrize(
    "fault", [{"status": 503, "html": True}, {"status": 500, "html": True}, {"drop_connection": True}]
)
def test_troubled_token_endpoint_is_not_taken_for_revocation(sign_in, org, fault):
    org.plan_faults({"match": {"path_contains": "oauth2/token"}, **fault})

    with pytest.raises(SyncError) as caught:
        sign_in.token()

    assert caught.value.kind is FailureKind.ORG_UNAVAILABLE
    assert sign_in.token().value


def test_session_sets_a_time_limit_unless_the_caller_does(monkeypatch):
    seen = []
    monkeypatch.setattr(requests.Session, "request", lambda _self, *_args, **kwargs: seen.append(kwargs["timeout"]))

    TimeLimitedSession().request("GET", "https://org.example")
    TimeLimitedSession().request("GET", "https://org.example", timeout=1)

    assert seen[0] == (5.0, 20.0)
    assert seen[1] == 1


def test_unreachable_org_is_known_not_to_have_written(sign_in, socket_enabled):
    session = TimeLimitedSession()
    session.trust_env = False
    sign_in._session = Session(AccessToken("t", "https://127.0.0.1:9"))
    gateway = SalesforceRest(sign_in, "66.0", session)

    with pytest.raises(SyncError) as caught:
        gateway.upsert("Account", KEY, accounts("1"))

    assert caught.value.kind is FailureKind.ORG_UNAVAILABLE


def test_create_makes_records_and_leaves_one_whose_key_is_taken(gateway, org):
    gateway.upsert("Account", KEY, accounts("1"))

    results = gateway.create("Account", [{KEY: "1", "Name": "stub"}, {KEY: "2", "Name": "stub"}])

    assert kind_of(results) == [FailureKind.UNIQUE_VALUE_RACE, None]
    assert {record[KEY]: record["Name"] for record in org.records("Account")} == {"1": "Account 1", "2": "stub"}


GRANTS = {
    "client_credentials": {},
    "jwt_bearer": {"username": "integration@lockstep.example", "private_key": key_pair()[0]},
}


@pytest.mark.parametrize("grant", GRANTS)
def test_other_grants_write_records_and_replace_their_session(gateway, secret, org, grant):
    org.change_app(certificate=key_pair()[1])
    secret.content |= {"grant": grant, **GRANTS[grant]}
    secret.content.pop("refresh_token")

    gateway.upsert("Account", KEY, accounts("1"))
    org.expire_sessions()
    gateway.upsert("Account", KEY, accounts("2"))

    assert len(org.records("Account")) == 2
    assert len(secret.writes) >= 2


def test_session_is_renewed_before_its_known_end(secret, session, door, org):
    org.change_app(session_s=900)
    clock = Clock(datetime.now(UTC))
    endpoint = HttpTokenEndpoint(door.instance_url, session, clock)
    sign_in = broker(secret, endpoint, FakeTurns(), {urlsplit(door.instance_url).hostname}, clock, clock.wait)
    first = sign_in.token()
    clock.wait(700)
    assert sign_in.token() == first

    clock.wait(100)

    assert sign_in.token() != first
    assert not any(call.status == 401 for call in org.calls())


def test_refused_assertion_tells_that_the_clock_is_off(secret, session, door, org):
    org.change_app(certificate=key_pair()[1])
    secret.content |= {"grant": "jwt_bearer", **GRANTS["jwt_bearer"]}
    clock = Clock(datetime.now(UTC) - timedelta(minutes=10))
    endpoint = HttpTokenEndpoint(door.instance_url, session, clock)
    sign_in = broker(secret, endpoint, FakeTurns(), {urlsplit(door.instance_url).hostname}, clock, clock.wait)

    with pytest.raises(SyncError, match="clock is 10 minutes behind") as caught:
        sign_in.token()

    assert caught.value.kind is FailureKind.CREDENTIALS_REJECTED

"""Signatures: the vendors' published vectors, and what a forger may try."""

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from lockstep.domain.failures import FailureKind, SyncError
from lockstep.domain.requests import WebhookRequest
from lockstep.domain.signatures import Scheme, SecretSlot, verify
from lockstep.domain.signatures.proof import MAX_SIGNATURES
from lockstep.domain.signatures.vendors import hubspot_url
from tests.fakes import senders
from tests.fakes.senders import NOW, request

ADAPTER = TypeAdapter(Scheme)
SECRET = "secret"


def scheme(kind, **options):
    return ADAPTER.validate_python({"kind": kind, **options})


def check(scheme_, request_, *secrets):
    slots = dict(zip(SecretSlot, secrets or (SECRET,), strict=False))
    return verify(scheme_, request_, slots, request_.received_at.timestamp())


def assert_refused(scheme_, request_, *secrets):
    with pytest.raises(SyncError) as caught:
        check(scheme_, request_, *secrets)
    assert caught.value.kind is FailureKind.SIGNATURE_INVALID


def at(epoch_s):
    return datetime.fromtimestamp(epoch_s, UTC)


# The body that stripe-dotnet's tests sign: two spaces of indent, a line feed at its end.
STRIPE_BODY = (
    json.dumps(
        {
            "id": "evt_123",
            "object": "event",
            "account": "acct_123",
            "api_version": "2017-05-25",
            "created": 1533204620,
            "data": {
                "object": {
                    "id": "cus_123",
                    "object": "customer",
                    "created": 123456789,
                    "email": "test@stripe.com",
                    "livemode": False,
                    "metadata": {},
                }
            },
            "livemode": False,
            "pending_webhooks": 1,
            "request": {"id": "req_123", "idempotency_key": "idempotency-key-123"},
            "type": "customer.created",
        },
        indent=2,
    )
    + "\n"
).encode()
STRIPE_HEADER = (
    "t=1533204620,v1=2220f87ef101a04665f11cdf770523143f875572008577fa0f20882ddb9cc3c7,"
    "v0=63f3a72374a733066c4be69ed7f8e5ac85c22c9f0a6a612ab9a025a9e4ee7eef"
)
STANDARD_VECTOR_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
STANDARD_VECTOR_BODY = b'{"test": 2432232314}'


def standard_vector(signature="v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", now=1614265330):
    headers = {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": signature,
    }
    return request(STANDARD_VECTOR_BODY, headers, at=at(now))


# Facts restated from the vendors' own public tests and documents; the id of each row names where.
PUBLISHED = [
    pytest.param(
        "shopify",
        "test_secret_key",
        request(b'{"foo": "bar"}', {"X-Shopify-Hmac-Sha256": "B23tXN681gZ0qIWNRrgtzBE9XSDo5yaUu6wfmhu3a7g="}),
        id="Shopify/shopify-app-js webhooks/__tests__/validate.test.ts",
    ),
    pytest.param(
        "shopify",
        "secret",
        request(b"foo=anything", {"X-Shopify-Hmac-Sha256": "yCGX/RrK4fcuNtr3ztk5tQGsOBjcAzHpGLdMUrbV8yI="}),
        id="Shopify/shopify_app webhook_verification_test.rb",
    ),
    pytest.param(
        "stripe",
        "webhook_secret",
        request(STRIPE_BODY, {"Stripe-Signature": STRIPE_HEADER}, at=at(1533204720)),
        id="stripe/stripe-dotnet EventUtilityTest.cs",
    ),
    pytest.param(
        "github",
        "It's a Secret to Everybody",
        request(
            b"Hello, World!",
            {"X-Hub-Signature-256": "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"},
        ),
        id="github/docs validating-webhook-deliveries",
    ),
    pytest.param(
        "github",
        "mysecret",
        request(
            b'{"foo":"bar"}',
            {"X-Hub-Signature-256": "sha256=4864d2759938a15468b5df9ade20bf161da9b4f737ea61794142f3484236bda3"},
        ),
        id="octokit/webhooks-methods.js verify.test.ts",
    ),
    pytest.param(
        "standard_webhooks",
        STANDARD_VECTOR_SECRET,
        standard_vector(),
        id="standard-webhooks/standard-webhooks test_webhooks.py",
    ),
    pytest.param(
        "hubspot_v3",
        "yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy",
        request(
            b"{'example_field':'example_value'}",
            {
                "X-HubSpot-Request-Timestamp": "1693657560000",
                "X-HubSpot-Signature-v3": "K36dawei4A+QBNolUOqo7s91KQDWQ5MXZ/QufNYuk/Y=",
            },
            url="https://www.example.com/webhook_uri",
            at=at(1693657560),
        ),
        id="HubSpot/hubspot-api-python test_signature.py",
    ),
    pytest.param(
        "woocommerce",
        "",
        request(b"secret", {"X-WC-Webhook-Signature": "GBDo00G55h6IiV+6CxqivQPLbI//KzaOZm747971tPs="}),
        id="woocommerce/woocommerce webhooks/crud.php (an empty secret, which the use case refuses)",
    ),
]


@pytest.mark.parametrize(("kind", "secret", "signed"), PUBLISHED)
def test_published_vector_is_verified(kind, secret, signed):
    assert check(scheme(kind), signed, secret) is SecretSlot.CURRENT


@pytest.mark.parametrize(("kind", "secret", "signed"), PUBLISHED)
def test_published_vector_is_refused_with_another_secret(kind, secret, signed):
    other = "whsec_b3RoZXI=" if kind == "standard_webhooks" else secret + "x"

    assert_refused(scheme(kind), signed, other)


@pytest.mark.parametrize(
    "header",
    [
        pytest.param("wronghash", id="not a hash"),
        pytest.param("B23tXN681gZ0qIWNRrgtzBE9XSDo5yaUu6wfmhu3a7g=extra", id="longer than a hash"),
        pytest.param("", id="empty"),
        pytest.param("ünï\udcff", id="not ASCII, half a surrogate pair"),
        pytest.param("A" * 10_000, id="huge"),
        pytest.param("B23tXN681gZ0qIWNRrgtzBE9XSDo5yaUu6wfmhu3a7h=", id="another spelling of the same base64 digest"),
    ],
)
def test_shopify_is_refused_when_the_header_is_hostile(header):
    assert_refused(scheme("shopify"), request(b'{"foo": "bar"}', {"X-Shopify-Hmac-Sha256": header}), "test_secret_key")


def test_shopify_is_verified_with_the_header_family_without_x():
    headers = {"Shopify-Hmac-Sha256": senders.shopify_headers(b"{}", SECRET)["X-Shopify-Hmac-Sha256"]}

    assert check(scheme("shopify"), request(b"{}", headers)) is SecretSlot.CURRENT


@pytest.mark.parametrize(
    ("header", "now"),
    [
        pytest.param(STRIPE_HEADER, 1533204620 + 301, id="too old"),
        pytest.param(STRIPE_HEADER, 1533204620 - 301, id="from the future"),
        pytest.param(STRIPE_HEADER.replace("v1=", "v2="), 1533204720, id="v0 only"),
        pytest.param(STRIPE_HEADER.replace("t=1533204620", "t="), 1533204720, id="no time"),
        pytest.param(STRIPE_HEADER.replace("t=1533204620", "t=-1533204620"), 1533204720, id="negative time"),
        pytest.param(STRIPE_HEADER.replace("t=1533204620", "t=١٥٣"), 1533204720, id="time in other digits"),
        pytest.param(STRIPE_HEADER.replace("t=1533204620", "t=" + "9" * 5000), 1533204720, id="huge time"),
        pytest.param(STRIPE_HEADER + ",t=1533204720", 1533204720, id="two times"),
        pytest.param(STRIPE_HEADER.partition(",")[2], 1533204720, id="time missing"),
        pytest.param(",,,=,==", 1533204720, id="punctuation"),
    ],
)
def test_stripe_is_refused_when_the_header_is_wrong(header, now):
    assert_refused(scheme("stripe"), request(STRIPE_BODY, {"Stripe-Signature": header}, at=at(now)), "webhook_secret")


@pytest.mark.parametrize("now", [1533204620 - 300, 1533204620 + 300])
def test_stripe_is_verified_at_the_edge_of_the_tolerance(now):
    signed = request(STRIPE_BODY, {"Stripe-Signature": STRIPE_HEADER}, at=at(now))

    assert check(scheme("stripe"), signed, "webhook_secret") is SecretSlot.CURRENT


def test_stripe_is_verified_when_one_of_several_v1_matches():
    header = STRIPE_HEADER.replace("v1=", f"v1={'0' * 64},v1=")

    assert check(
        scheme("stripe"), request(STRIPE_BODY, {"Stripe-Signature": header}, at=at(1533204620)), "webhook_secret"
    )


@pytest.mark.parametrize(
    "signed",
    [
        pytest.param(standard_vector("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OA="), id="last character"),
        pytest.param(standard_vector("v1,"), id="empty signature"),
        pytest.param(standard_vector("v2,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="), id="unknown version"),
        pytest.param(standard_vector("g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="), id="no version"),
        pytest.param(standard_vector(now=1614265330 + 301), id="too old"),
        pytest.param(standard_vector(now=1614265330 - 301), id="from the future"),
    ],
)
def test_standard_webhook_is_refused_when_the_vector_is_bent(signed):
    assert_refused(scheme("standard_webhooks"), signed, STANDARD_VECTOR_SECRET)


def test_standard_webhook_is_verified_when_one_of_several_signatures_matches():
    signed = standard_vector("v1,AAAA v1a,BBBB v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")

    assert check(scheme("standard_webhooks"), signed, STANDARD_VECTOR_SECRET) is SecretSlot.CURRENT


@pytest.mark.parametrize("missing", ["webhook-id", "webhook-timestamp", "webhook-signature"])
def test_standard_webhook_is_refused_when_a_header_is_missing(missing):
    headers = senders.standard_headers(b"{}")
    del headers[missing]

    assert_refused(scheme("standard_webhooks"), request(b"{}", headers), senders.STANDARD_SECRET)


@pytest.mark.parametrize("key", ["not base64!", "", "ü"])
def test_unusable_standard_webhooks_secret_is_our_mistake_not_the_senders(key):
    with pytest.raises(SyncError) as caught:
        check(scheme("standard_webhooks"), request(b"{}", senders.standard_headers(b"{}")), "whsec_" + key)

    assert caught.value.kind is FailureKind.CONFIGURATION_INVALID
    assert not key or key not in str(caught.value)


@pytest.mark.parametrize(
    ("called", "signed"),
    [
        ("https://a.example/x%2Fy%3az", "https://a.example/x/y:z"),
        ("https://a.example/x?to=a%40b%2C%21%24%27%28%29%2A%3B%3F", "https://a.example/x?to=a@b,!$'()*;?"),
        ("https://a.example/100%25%20%252F", "https://a.example/100%25%20%252F"),
    ],
    ids=["either case", "every character of the table", "others stay, once only"],
)
def test_hubspot_signs_the_url_with_twelve_characters_decoded(called, signed):
    assert hubspot_url(called) == signed


@pytest.mark.parametrize(
    ("url", "at_", "method"),
    [
        pytest.param("https://other.example.com/webhooks/source", NOW, "POST", id="another URL"),
        pytest.param(senders.URL, NOW + timedelta(seconds=301), "POST", id="too old"),
        pytest.param(senders.URL, NOW, "PUT", id="another method"),
    ],
)
def test_hubspot_is_refused_when_what_surrounds_the_body_differs(url, at_, method):
    headers = senders.hubspot_headers(b"[]", SECRET)

    assert_refused(scheme("hubspot_v3"), request(b"[]", headers, url=url, at=at_, method=method))


def test_request_is_refused_when_a_signed_header_comes_twice():
    good = request(b"{}", senders.standard_headers(b"{}"))
    twice = WebhookRequest(
        good.source, good.method, good.url, {**good.headers, "webhook-id": ("msg_1", "msg_2")}, good.body, NOW
    )

    assert_refused(scheme("standard_webhooks"), twice, senders.STANDARD_SECRET)


def test_request_is_refused_when_it_shows_more_signatures_than_anybody_needs():
    good = request(b"{}", senders.shopify_headers(b"{}", SECRET))
    (shown,) = good.headers["x-shopify-hmac-sha256"]
    many = {"x-shopify-hmac-sha256": (shown,) * (MAX_SIGNATURES + 1)}

    assert_refused(scheme("shopify"), WebhookRequest("s", "POST", "", many, b"{}", NOW))


def test_signature_by_the_previous_secret_is_verified_and_named_during_a_rotation():
    signed = request(b"{}", senders.shopify_headers(b"{}", "old"))

    assert check(scheme("shopify"), signed, "new", "old") is SecretSlot.PREVIOUS


GENERIC = [
    pytest.param({"algorithm": "sha256", "encoding": "hex"}, "", id="sha256 hex"),
    pytest.param({"algorithm": "sha1", "encoding": "hex_upper", "prefix": "sha1="}, "sha1=", id="sha1 upper-case hex"),
    pytest.param({"algorithm": "sha512", "encoding": "base64"}, "", id="sha512 base64"),
]


def generic_signature(options, prefix, signed):
    import hashlib
    import hmac

    digest = hmac.new(SECRET.encode(), signed, getattr(hashlib, options["algorithm"])).digest()
    text = base64.b64encode(digest).decode() if options["encoding"] == "base64" else digest.hex()
    return prefix + (text.upper() if options["encoding"] == "hex_upper" else text)


@pytest.mark.parametrize(("options", "prefix"), GENERIC)
def test_generic_hmac_is_verified_in_the_shape_of_its_settings(options, prefix):
    signed = request(b"{}", {"X-Sign": generic_signature(options, prefix, b"{}")})

    assert check(scheme("hmac", header="X-Sign", **options), signed) is SecretSlot.CURRENT


@pytest.mark.parametrize("body", [b"{}", b"{timestamp}.{body}"], ids=["plain", "looks like the template"])
def test_generic_hmac_covers_the_timestamp_by_its_template(body):
    options = {"algorithm": "sha256", "encoding": "hex"}
    timestamp = {"header": "X-Time", "template": "v0:{timestamp}:{body}", "unit": "ms"}
    time_ms = str(int(NOW.timestamp() * 1000))
    shown = generic_signature(options, "", b"v0:" + time_ms.encode() + b":" + body)
    headers = {"X-Sign": shown, "X-Time": time_ms}
    generic = scheme("hmac", header="X-Sign", timestamp=timestamp, **options)

    assert check(generic, request(body, headers)) is SecretSlot.CURRENT
    assert_refused(generic, request(body, headers, at=NOW + timedelta(seconds=301)))


@pytest.mark.parametrize("template", ["{body}", "{timestamp}", "{body}{body}{timestamp}", ""])
def test_generic_template_is_refused_when_it_does_not_hold_body_and_timestamp_once(template):
    with pytest.raises(ValidationError):
        scheme("hmac", header="X", encoding="hex", timestamp={"header": "T", "template": template})


SENDERS = {
    "shopify": lambda body: (senders.shopify_headers(body, SECRET), SECRET),
    "woocommerce": lambda body: (senders.woocommerce_headers(body, SECRET), SECRET),
    "github": lambda body: (senders.github_headers(body, SECRET), SECRET),
    "stripe": lambda body: (senders.stripe_headers(body, SECRET), SECRET),
    "hubspot_v3": lambda body: (senders.hubspot_headers(body, SECRET), SECRET),
    "standard_webhooks": lambda body: (senders.standard_headers(body), senders.STANDARD_SECRET),
}


@pytest.mark.parametrize("kind", SENDERS)
@settings(deadline=None)
@given(body=st.binary(max_size=60), position=st.integers(0, 10**6), mask=st.integers(1, 255))
def test_flipping_any_byte_of_the_body_is_refused(kind, body, position, mask):
    headers, secret = SENDERS[kind](body)
    assert check(scheme(kind), request(body, headers), secret)
    bent = bytearray(body or b"\0")
    bent[position % len(bent)] ^= mask

    if bytes(bent) != body:
        assert_refused(scheme(kind), request(bytes(bent), headers), secret)


@pytest.mark.parametrize("kind", SENDERS)
@settings(deadline=None)
@given(body=st.binary(max_size=60), position=st.integers(0, 10**6), mask=st.integers(1, 127))
def test_flipping_any_character_of_the_signature_is_refused(kind, body, position, mask):
    headers, secret = SENDERS[kind](body)
    name = next(name for name in headers if "sign" in name.lower() or "hmac" in name.lower())
    prefix, mark, shown = headers[name].rpartition("v1=") if kind == "stripe" else ("", "", headers[name])
    place = position % len(shown)
    headers[name] = prefix + mark + shown[:place] + chr(ord(shown[place]) ^ mask) + shown[place + 1 :]

    assert_refused(scheme(kind), request(body, headers), secret)


@pytest.mark.parametrize("kind", SENDERS)
def test_request_without_any_header_is_refused(kind):
    assert_refused(scheme(kind), request(b"{}", {}), senders.STANDARD_SECRET)


@pytest.mark.parametrize(
    ("body", "headers", "is_ping"),
    [
        pytest.param(b"webhook_id=17", {}, True, id="the ping"),
        pytest.param(b"webhook_id=17&x=1", {}, False, id="more than the ping"),
        pytest.param(b"webhook_id=", {}, False, id="no number"),
        pytest.param(b"webhook_id=17\n", {}, False, id="line feed"),
        pytest.param(b'{"id":17}', {}, False, id="an unsigned event"),
        pytest.param(b"webhook_id=17", {"X-WC-Webhook-Signature": "x"}, False, id="signed"),
    ],
)
def test_woocommerce_ping_is_recognised_only_as_it_is(body, headers, is_ping):
    assert scheme("woocommerce").is_ping(request(body, headers)) is is_ping

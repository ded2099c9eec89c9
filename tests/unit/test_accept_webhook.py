"""Taking a delivery in: what is refused, what is queued, and that no crash loses a change."""

import json
from datetime import timedelta

import pytest

from lockstep.domain.changes import State
from lockstep.domain.failures import FailureKind, SyncError
from lockstep.domain.messages import MAX_MESSAGE_BYTES, message_body
from lockstep.domain.signatures import SecretSlot
from lockstep.runtime.config_files import load_sources
from lockstep.services.accept_webhook import Accepted, AcceptWebhook
from tests.fakes import senders
from tests.fakes.intake import Crashes, FakeChangeLog, FakePayloadStore, FakeQueue, FakeSecrets
from tests.fakes.senders import NOW, request

LEASE_S = 15
LATER = timedelta(seconds=LEASE_S + 1)


class World:
    """The use case among fakes, and a sender who signs rightly."""

    def __init__(self, crashes=None):
        self.crashes = crashes or Crashes()
        self.now = NOW
        self.log = FakeChangeLog(LEASE_S, self.crashes)
        self.queue = FakeQueue(self.crashes)
        self.store = FakePayloadStore(self.crashes)
        secrets = {name: {"current": secret} for name, secret in senders.SECRET_BY_SOURCE.items()}
        self.secrets = FakeSecrets(secrets, self.crashes)
        self.accept = AcceptWebhook(
            sources=load_sources(),
            secrets=self.secrets,
            change_log=self.log,
            queue=self.queue,
            payload_store=self.store,
            clock=lambda: self.now,
            max_body_bytes=4_000_000,
            claim_lease_s=LEASE_S,
        )

    def deliver(self, body, source="erp", **headers):
        signed = senders.SIGNED_HEADERS_BY_SOURCE[source](body, **({"at": self.now} if source in TIMED else {}))
        return self.accept(request(body, {**signed, **headers}, source, at=self.now))

    def refusal(self, *args, **kwargs):
        with pytest.raises(SyncError) as caught:
            self.deliver(*args, **kwargs)
        return caught.value


TIMED = {"erp", "stripe", "hubspot", "hubspot-workflow"}


def account(number="000123", revision=17, **fields):
    data = {"id": number, "revision": revision, **fields}
    return json.dumps({"type": "account.upserted", "timestamp": "2026-01-31T12:00:00Z", "data": data}).encode()


def contacts(count, **fields):
    return json.dumps(
        [
            {
                "eventId": number,
                "subscriptionId": 1,
                "objectId": number,
                "occurredAt": 1769860800000,
                "subscriptionType": "contact.propertyChange",
                **fields,
            }
            for number in range(count)
        ]
    ).encode()


def test_signed_delivery_is_queued_once_and_marked():
    world = World()

    accepted = world.deliver(account())

    (change,) = world.queue.sent
    assert accepted == Accepted([change.correlation_id], queued=1, secret=SecretSlot.CURRENT)
    assert (change.source, change.entity, change.external_id, change.version) == ("erp", "account", "000123", 17)
    assert world.log.state_by_id == {change.correlation_id: State.QUEUED}


@pytest.mark.parametrize("state", [State.QUEUED, State.APPLIED, State.SUPERSEDED, State.DUPLICATE, State.PENDING])
def test_second_delivery_of_a_known_event_does_no_work(state):
    world = World()
    (name,) = world.deliver(account()).correlation_ids
    world.log.state_by_id[name] = state

    again = world.deliver(account())

    assert (again.correlation_ids, again.queued, again.known) == ([name], 0, 1)
    assert len(world.queue.sent) == 1
    assert world.crashes.calls["mark_queued"] == 1


def test_delivery_that_is_being_taken_in_elsewhere_must_come_again_and_its_neighbours_are_queued():
    world = World()
    world.deliver(contacts(1), "hubspot")
    (held,) = world.log.state_by_id
    world.log.state_by_id[held] = State.CLAIMED

    error = world.refusal(contacts(3), "hubspot")

    assert (error.kind, error.retry_after_s) == (FailureKind.DELIVERY_IN_PROGRESS, LEASE_S)
    assert [change.external_id for change in world.queue.sent] == ["0", "1", "2"]
    world.now += LATER
    assert world.deliver(contacts(3), "hubspot").queued == 1


def test_changes_that_the_queue_did_not_take_are_taken_in_when_the_sender_comes_again():
    world = World()
    world.queue.refused = {"1"}

    error = world.refusal(contacts(3), "hubspot")

    assert (error.kind, error.retry_after_s) == (FailureKind.AWS_UNAVAILABLE, LEASE_S)
    assert sorted(world.log.state_by_id.values()) == [State.CLAIMED, State.QUEUED, State.QUEUED]
    world.queue.refused = set()
    world.now += LATER
    assert world.deliver(contacts(3), "hubspot").queued == 1
    assert sorted(change.external_id for change in world.queue.sent) == ["0", "1", "2"]


def test_same_event_twice_in_one_body_is_one_change():
    world = World()
    (event,) = json.loads(contacts(1))

    assert world.deliver(json.dumps([event, event]).encode(), "hubspot").queued == 1
    assert len(world.queue.sent) == 1


def test_topics_that_are_not_listed_are_acknowledged_without_work():
    world = World()

    accepted = world.deliver(contacts(2, subscriptionType="ticket.creation"), "hubspot")

    assert (accepted.correlation_ids, accepted.queued, accepted.ignored) == ([], 0, 2)
    assert "claim" not in world.crashes.calls


def test_large_payload_goes_beside_the_queue_and_the_message_refers_to_it():
    world = World()
    body = account(note='"' * 200_000)

    world.deliver(body)

    (change,) = world.queue.sent
    assert change.payload is None
    assert world.store.get(change.payload_reference) == body.decode()
    assert len(message_body(change)) < 2_000


@pytest.mark.parametrize(("more", "is_stored"), [(0, False), (1, True)], ids=["just fits", "one byte more"])
def test_claim_check_begins_exactly_where_a_message_is_full(more, is_stored):
    small, full = World(), World()
    small.deliver(account(note=""))
    room = MAX_MESSAGE_BYTES - len(message_body(small.queue.sent[0]))

    full.deliver(account(note="x" * (room + more)))

    assert (full.queue.sent[0].payload is None) is is_stored


def test_signature_by_the_previous_secret_is_accepted_and_told():
    world = World()
    world.secrets.values["shopify"] = {"current": "new", "previous": senders.SECRET_BY_SOURCE["shopify"]}

    accepted = world.deliver(b"{}", "shopify", **{"X-Shopify-Topic": "none"})

    assert accepted.secret is SecretSlot.PREVIOUS


@pytest.mark.parametrize(
    "stored",
    [None, {}, {"current": ""}, {"current": "  "}, {"previous": senders.SECRET_BY_SOURCE["shopify"]}, {"Current": "x"}],
    ids=["none", "empty", "blank", "spaces", "previous only", "misspelt"],
)
def test_secret_that_cannot_be_used_asks_the_sender_to_come_again_and_names_the_secret(stored):
    world = World()
    world.secrets.values.pop("shopify")
    if stored is not None:
        world.secrets.values["shopify"] = stored

    error = world.refusal(b"{}", "shopify")

    assert error.kind is FailureKind.CONFIGURATION_INVALID
    assert "secret shopify" in error.detail


def test_unusable_secret_is_named_but_its_value_is_not():
    world = World()
    world.secrets.values["erp"] = {"current": "not base64!"}

    error = world.refusal(account())

    assert "secret erp cannot be used" in error.detail
    assert "not base64!" not in error.detail


def test_woocommerce_ping_is_answered_without_secret_or_work():
    world = World()
    world.secrets.values.clear()

    accepted = world.accept(request(b"webhook_id=17", {}, "woocommerce"))

    assert accepted.is_ping
    assert world.crashes.calls == {}


@pytest.mark.parametrize(
    ("body", "source", "kind"),
    [
        pytest.param(b"x" * 4_000_001, "nobody", FailureKind.REQUEST_TOO_LARGE, id="too large before anything"),
        pytest.param(b"{", "nobody", FailureKind.SOURCE_UNKNOWN, id="unknown source before the signature"),
        pytest.param(b"{", "", FailureKind.SOURCE_UNKNOWN, id="no source"),
        pytest.param(b"{", "../erp", FailureKind.SOURCE_UNKNOWN, id="path in the source"),
        pytest.param(b"{", "erp", FailureKind.SIGNATURE_INVALID, id="unsigned before malformed"),
        pytest.param(b"webhook_id=17", "shopify", FailureKind.SIGNATURE_INVALID, id="ping of another sender"),
    ],
)
def test_unsigned_request_is_refused_for_the_first_thing_that_is_wrong(body, source, kind):
    world = World()

    with pytest.raises(SyncError) as caught:
        world.accept(request(body, {}, source))

    assert caught.value.kind is kind
    assert not {"claim", "send", "put"} & world.crashes.calls.keys()


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b'{"type":"account.upserted","data":{"id":true}}'])
def test_signed_body_that_cannot_be_read_is_refused_without_work(body):
    world = World()

    assert world.refusal(body).kind is FailureKind.REQUEST_INVALID
    assert "claim" not in world.crashes.calls


def aws_unavailable():
    return SyncError(FailureKind.AWS_UNAVAILABLE, "AWS refused", retry_after_s=5)


BODIES = {"one": account(), "large": account(note="x" * 300_000), "many": contacts(25)}
STEPS = [
    (body, method, call, is_after)
    for body in BODIES
    for method in ("get", "claim", "put", "send", "mark_queued")
    for call in (1, 2)
    for is_after in (False, True)
]


@pytest.mark.parametrize("error", [RuntimeError, aws_unavailable], ids=["crash", "AWS refuses"])
@pytest.mark.parametrize(
    ("body", "method", "call", "is_after"),
    STEPS,
    ids=[f"{body}-{method}-{call}-{'after' if is_after else 'before'}" for body, method, call, is_after in STEPS],
)
def test_redelivery_after_a_crash_at_any_step_ends_with_every_change_queued(body, method, call, is_after, error):
    world = World(Crashes(method, call, is_after=is_after, error=error))
    source = "hubspot" if body == "many" else "erp"
    expected = 25 if body == "many" else 1

    for _ in range(3):
        try:
            accepted = world.deliver(BODIES[body], source)
        except (RuntimeError, SyncError):
            world.now += LATER
            continue
        assert set(accepted.correlation_ids) <= world.queue.ids  # never yes before all are on the queue
        world.now += LATER

    assert len(world.queue.ids) == expected
    assert set(world.log.state_by_id.values()) == {State.QUEUED}
    assert world.deliver(BODIES[body], source).queued == 0


def test_redelivery_within_the_lease_of_a_crash_is_told_to_come_again():
    world = World(Crashes("send", error=RuntimeError))
    with pytest.raises(RuntimeError):
        world.deliver(account())

    assert world.refusal(account()).kind is FailureKind.DELIVERY_IN_PROGRESS
    assert world.queue.sent == []

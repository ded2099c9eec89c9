"""From a delivery to changes: every digit, every name, every refusal."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from lockstep.domain.changes import Change, Operation
from lockstep.domain.failures import FailureKind, SyncError
from lockstep.domain.intake import MAX_EVENTS_PER_BODY, take_in
from lockstep.domain.messages import message_body
from lockstep.domain.sources import Notation, Source
from lockstep.domain.stamps import MAX_STAMP, epoch_ms, stamp_of
from lockstep.runtime.config_files import load_sources
from tests.fakes.senders import NOW, request

NOW_MS = 1769860800000
BIG_ID = 706405506930370084  # above 2**53: a float would end in 112


def source(**changes):
    return Source.model_validate(
        {
            "source": "test",
            "scheme": {"kind": "github"},
            "secret": "test",
            "topic": "body.type",
            "events": [
                {
                    "topics": ["made"],
                    "entity": "thing",
                    "operation": "upsert",
                    "external_id": "body.id",
                    "version": {"at": "body.version", "as": "integer"},
                }
            ],
            **changes,
        }
    )


def body(**changes):
    return json.dumps({"type": "made", "id": "A-1", "version": 7, **changes}).encode()


def take(source_, raw, headers=None, at=NOW):
    return take_in(source_, request(raw, headers or {}, at=at))


def one(source_, raw, headers=None, at=NOW):
    (change,) = take(source_, raw, headers, at).changes
    return change


def refusal(source_, raw, headers=None):
    with pytest.raises(SyncError) as caught:
        take(source_, raw, headers)
    return caught.value


def test_whole_body_becomes_a_change_with_its_own_text():
    raw = b'{ "type":"made", "id":"000123", "version":7, "price":1.10000000000000000000001 }\n'

    change = one(source(), raw)

    assert change.payload == raw.decode()
    assert (change.external_id, change.version, change.operation) == ("000123", 7, Operation.UPSERT)
    assert (change.event_at_ms, change.received_at) == (NOW_MS, NOW)


def test_elements_of_a_split_body_keep_every_digit():
    split = source(split="body.events")
    raw = b'{"events": [{"type":"made","id":%d,"version":1,"amount":10.10,"n":null}]}' % BIG_ID

    change = one(split, raw)

    assert change.external_id == str(BIG_ID)
    assert change.payload == f'{{"type":"made","id":{BIG_ID},"version":1,"amount":10.10,"n":null}}'


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("000123", "000123"),
        (BIG_ID, str(BIG_ID)),
        (" padded ", " padded "),
        ("../../Account", "../../Account"),
        ("50%", "50%"),
        ("a?b#c", "a?b#c"),
        ("ü\uffff", "ü\uffff"),
        (0, "0"),
        ("x" * 255, "x" * 255),
    ],
)
def test_external_id_is_kept_exactly(sent, kept):
    assert one(source(), body(id=sent)).external_id == kept


@pytest.mark.parametrize(
    "bad", [True, False, None, 1.5, 1e3, "", " \t", [], {}, ["a"], "x" * 256, "\ud800", int("9" * 300)],
    ids=lambda value: repr(value)[:12],
)  # fmt: skip
def test_external_id_is_refused_when_it_is_no_name(bad):
    error = refusal(source(), body(id=bad))

    assert error.kind is FailureKind.REQUEST_INVALID
    assert error.detail.startswith("external_id (body.id): ")


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\xff\xfe",
        b"webhook_id=17",
        b"<html>",
        b"{",
        b'{"type":"made"} x',
        b'{"type": NaN}',
        b'{"id": ' + b"9" * 5000 + b"}",
        b"[" * 100_000,
        b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    ],
    ids=["empty", "not UTF-8", "form", "HTML", "cut", "trailing", "NaN", "5,000 digits", "deep list", "deep"],
)
def test_body_that_is_not_json_is_refused_without_a_word_of_it(raw):
    error = refusal(source(), raw)

    assert error.kind is FailureKind.REQUEST_INVALID
    assert error.detail.startswith("body: not ")


@pytest.mark.parametrize("raw", [b"null", b"[]", b'"text"', b"17", b"{}"])
def test_json_of_another_shape_is_refused_at_the_topic(raw):
    assert refusal(source(), raw).detail == (
        "topic (body.type): nothing is there. Send it, or correct the expression in the source's file"
    )


def test_topic_that_is_not_listed_is_counted_and_not_looked_into():
    found = take(source(), body(type="other", id=None))

    assert (found.changes, found.ignored) == ([], 1)


def test_event_id_that_is_configured_and_missing_is_refused_with_its_place():
    error = refusal(source(event_id='headers."x-event"'), body())

    assert error.kind is FailureKind.REQUEST_INVALID
    assert 'event_id (headers."x-event"): nothing is there' in error.detail


def test_event_is_named_by_its_first_header_value():
    assert one(source(event_id='headers."x-event"'), body(), {"X-Event": "e1"}).event_id == "e1"


def test_several_parts_name_an_event_without_ambiguity():
    parts = source(event_id=["body.a", "body.b"])

    pairs = [("x|", "y"), ("x", "|y"), ("x", 1), ("x\\", "y|z"), ("x|y\\", "z")]
    names = {one(parts, body(a=a, b=b)).event_id for a, b in pairs}

    assert len(names) == len(pairs)


def test_event_without_an_id_is_named_by_its_content_whenever_it_arrives():
    first = one(source(), body())
    again = one(source(), body(), at=NOW + timedelta(hours=1))

    assert first.correlation_id == again.correlation_id
    assert one(source(), body(name="x")).correlation_id != first.correlation_id
    assert one(source(), body(id="A-2")).correlation_id != first.correlation_id


def test_event_without_id_and_version_keeps_its_name_when_it_comes_again():
    rule = {"topics": ["made"], "entity": "thing", "operation": "delete", "external_id": "body.id"}
    unversioned = source(events=[rule])

    first = one(unversioned, body())
    again = one(unversioned, body(), at=NOW + timedelta(hours=1))

    assert first.correlation_id == again.correlation_id
    assert (first.version, again.version) == (NOW_MS, NOW_MS + 3_600_000)


def test_same_event_twice_in_one_body_is_one_change():
    told = json.loads(body())

    found = take(source(split="body"), json.dumps([told, told, {**told, "id": "A-2"}]).encode())

    assert [change.external_id for change in found.changes] == ["A-1", "A-2"]


def test_version_that_is_configured_and_missing_is_refused():
    assert refusal(source(), body(version=None)).detail.startswith("version (body.version): nothing is there")


def test_event_time_that_is_missing_is_the_time_of_arrival_and_a_wrong_one_is_refused():
    timed = source(event_at={"at": "body.at", "as": "iso8601"})

    assert one(timed, body()).event_at_ms == NOW_MS
    assert refusal(timed, body(at="yesterday")).detail.startswith("event_at (body.at): not an ISO 8601")


@pytest.mark.parametrize("raw", [b"{}", b"null", b'{"events":{}}'])
def test_split_that_finds_no_list_is_refused(raw):
    assert refusal(source(split="body.events"), raw).detail.startswith("split (body.events): not a list")


def test_empty_list_of_events_is_no_change():
    assert take(source(split="body"), b"[]").changes == []


def test_more_events_than_one_invocation_can_take_in_are_refused():
    error = refusal(source(split="body"), b"[" + b",".join([b"{}"] * (MAX_EVENTS_PER_BODY + 1)) + b"]")

    assert error.kind is FailureKind.REQUEST_TOO_LARGE


def test_expression_that_does_not_fit_the_document_is_a_refusal_not_a_crash():
    assert refusal(source(topic="starts_with(body.type, 'm')"), body(type=1)).detail.startswith("topic (starts_with")


def test_half_a_surrogate_pair_in_a_value_survives_to_the_queue():
    raw = b'[{"type":"made","id":"1","version":1,"name":"\\ud800"}]'

    message = message_body(one(source(split="body"), raw))

    assert json.loads(json.loads(message)["payload"])["name"] == "\ud800"


@pytest.mark.parametrize(
    ("value", "notation", "stamp"),
    [
        ("2021-12-31T19:00:00-05:00", Notation.ISO8601, 1640995200000),
        ("2024-08-07T22:51:51.872901866Z", Notation.ISO8601, 1723071111872),
        ("2023-03-25T16:22:37", Notation.ISO8601, 1679761357000),
        (1677833998, Notation.EPOCH_S, 1677833998000),
        ("1677833998", Notation.EPOCH_S, 1677833998000),
        (1680448389477, Notation.EPOCH_MS, 1680448389477),
        (0, Notation.INTEGER, 0),
        ("17", Notation.INTEGER, 17),
        (MAX_STAMP, Notation.INTEGER, MAX_STAMP),
    ],
)
def test_stamp_is_an_integer(value, notation, stamp):
    assert stamp_of(value, notation) == stamp


@pytest.mark.parametrize(
    ("value", "notation"),
    [
        ("", Notation.ISO8601),
        ("31.12.2021", Notation.ISO8601),
        ("1969-12-31T23:59:59Z", Notation.ISO8601),
        ("0001-01-01T00:00:00+14:00", Notation.ISO8601),
        (1677833998, Notation.ISO8601),
        (None, Notation.ISO8601),
        (True, Notation.INTEGER),
        (-1, Notation.INTEGER),
        ("-1", Notation.INTEGER),
        ("1.0", Notation.INTEGER),
        ("\u0661\u0667", Notation.INTEGER),
        (MAX_STAMP + 1, Notation.INTEGER),
        (MAX_STAMP, Notation.EPOCH_S),
        ([], Notation.EPOCH_MS),
    ],
)
def test_stamp_is_refused_when_it_is_written_otherwise(value, notation):
    with pytest.raises(ValueError, match="not "):
        stamp_of(value, notation)


def test_milliseconds_of_a_time_are_exact():
    assert epoch_ms(datetime(2026, 1, 31, 12, 0, 0, 1999, UTC)) == NOW_MS + 1


SHOPIFY = {"X-Shopify-Topic": "customers/update", "X-Shopify-Event-Id": "e1", "X-Shopify-Webhook-Id": "w1"}
TRIGGERED = {"X-Shopify-Triggered-At": "2026-01-31T11:59:59.123456789Z"}


def shopify(topic, raw, **headers):
    return one(load_sources()["shopify"], raw, {**SHOPIFY, **TRIGGERED, "X-Shopify-Topic": topic, **headers})


def test_shopify_delete_stub_is_newer_than_the_update_before_it():
    update = shopify("customers/update", b'{"id":%d,"updated_at":"2026-01-31T06:59:59-05:00"}' % BIG_ID)
    delete = shopify("customers/delete", b'{"id":%d}' % BIG_ID)

    assert (update.external_id, delete.external_id) == (str(BIG_ID), str(BIG_ID))
    assert (update.operation, delete.operation) == (Operation.UPSERT, Operation.DELETE)
    assert (update.version, delete.version) == (NOW_MS - 1000, NOW_MS - 877)


def test_shopify_event_told_under_two_topics_is_two_changes():
    raw = b'{"id":1,"updated_at":"2026-01-31T12:00:00Z"}'

    assert shopify("orders/create", raw).correlation_id != shopify("orders/paid", raw).correlation_id


def test_shopify_delivery_without_an_event_id_is_named_by_its_webhook_id():
    raw = b'{"id":1,"updated_at":"2026-01-31T12:00:00Z"}'
    headers = {**TRIGGERED, "X-Shopify-Topic": "orders/create", "X-Shopify-Webhook-Id": "w1"}

    assert one(load_sources()["shopify"], raw, headers).event_id == "w1|orders/create|1"


def hubspot_event(**changes):
    return {
        "eventId": 1,
        "subscriptionId": 2,
        "objectId": 3,
        "occurredAt": NOW_MS,
        "subscriptionType": "contact.propertyChange",
        "attemptNumber": 0,
        **changes,
    }


def test_hubspot_array_is_split_and_a_repeated_attempt_is_the_same_change():
    hubspot = load_sources()["hubspot"]
    events = [hubspot_event(objectId=number) for number in range(100)]
    repeated = [{**each, "attemptNumber": 1} for each in events]

    first = take(hubspot, json.dumps(events).encode())
    again = take(hubspot, json.dumps(repeated).encode())

    assert len(first.changes) == 100
    assert [each.correlation_id for each in first.changes] == [each.correlation_id for each in again.changes]


@pytest.mark.parametrize(
    ("told", "entity"),
    [
        (hubspot_event(), "contact"),
        (hubspot_event(objectTypeId="0-1"), "contact"),
        (hubspot_event(subscriptionType="object.creation", objectTypeId="0-2"), "company"),
        (hubspot_event(subscriptionType="deal.deletion"), "deal"),
    ],
    ids=["classic", "classic with a type id", "generic", "deletion"],
)
def test_hubspot_names_its_objects_in_two_ways(told, entity):
    assert one(load_sources()["hubspot"], json.dumps([told]).encode()).entity == entity


@pytest.mark.parametrize(
    ("record", "entity", "external_id"),
    [
        ({"vid": 251, "is-contact": True, "properties": {"lastmodifieddate": {"value": "17"}}}, "contact", "251"),
        ({"objectId": 7, "objectType": "DEAL", "properties": {"hs_lastmodifieddate": {"value": "17"}}}, "deal", "7"),
    ],
    ids=["contact", "deal"],
)
def test_hubspot_workflow_posts_contacts_in_a_shape_of_their_own(record, entity, external_id):
    change = one(load_sources()["hubspot-workflow"], json.dumps(record).encode())

    assert (change.entity, change.external_id, change.version) == (entity, external_id, 17)


SHIPPED = load_sources()
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20)
VALUES = st.recursive(SCALARS, lambda one: st.lists(one, max_size=3) | st.dictionaries(st.text(), one, max_size=3))
GOOD_BODY = {
    "id": 1,
    "created": 1,
    "updated_at": "2026-01-31T12:00:00Z",
    "date_modified_gmt": "2026-01-31T12:00:00",
    "timestamp": "2026-01-31T12:00:00Z",
    "data": {"id": "1", "revision": 1, "object": {"id": "cus_1"}},
    **hubspot_event(),
    "vid": 1,
    "objectType": "DEAL",
    "properties": {"lastmodifieddate": {"value": "1"}, "hs_lastmodifieddate": {"value": "1"}},
}
GOOD_HEADERS = {
    "webhook-id": "msg_1",
    "x-shopify-event-id": "e1",
    "x-shopify-triggered-at": "2026-01-31T12:00:00Z",
    "x-wc-webhook-delivery-id": "d1",
}


@st.composite
def almost_good_deliveries(draw, name):
    """A delivery of the source in which up to two parts are anything."""
    topic = draw(st.sampled_from(sorted(SHIPPED[name].rule_by_topic)))
    body_ = {**GOOD_BODY, "type": topic, "subscriptionType": topic, "objectTypeId": "0-1"}
    for key in draw(st.lists(st.sampled_from(sorted(body_)), max_size=2)):
        body_[key] = draw(VALUES)
    headers = {**GOOD_HEADERS, "x-shopify-topic": topic, "x-wc-webhook-topic": topic}
    for key in draw(st.lists(st.sampled_from(sorted(headers)), max_size=1)):
        headers[key] = draw(st.text(max_size=20))
    return ([body_] if SHIPPED[name].split else body_), headers


@pytest.mark.parametrize("name", sorted(SHIPPED))
@settings(deadline=None)
@given(drawn=st.data())
def test_any_delivery_becomes_changes_that_survive_the_queue_or_is_refused(name, drawn):
    content, headers = drawn.draw(almost_good_deliveries(name))
    try:
        found = take(SHIPPED[name], json.dumps(content).encode(), headers)
    except SyncError as exc:
        event(f"refused at {exc.detail.split(' ')[0]}")
        return
    for change in found.changes:
        assert Change.model_validate_json(message_body(change)) == change

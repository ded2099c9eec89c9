"""`lockstep trace`: every step of a change, and what is known of a record."""

import pytest

from lockstep.domain.changes import State
from tests.functional.cli_operator import Operator, customer, payload, unmappable


@pytest.fixture
def operator(stack, monkeypatch):
    return Operator(stack, monkeypatch)


def test_change_is_told_step_by_step_in_order(operator, org):
    one = customer("1", payload=payload())
    org.plan_faults({"match": {"external_id": "1"}, "row": True, "error_code": "STRING_TOO_LONG", "message": "m"})
    operator.sync(one)
    operator.run("errors", "retry", one.correlation_id, "--yes")
    assert operator.stack.invoke(operator.entry(one).change) == []

    code, answer = operator.json("trace", one.correlation_id)

    assert code == 0
    (change,) = answer["changes"]
    assert (change["state"], change["external_id"], change["version"]) == ("Applied", "1", 1)
    times = [event["at"] for event in answer["events"]]
    assert times == sorted(times)
    told = [(event["where"], event["what"]) for event in answer["events"] if event["where"] == "change log"]
    assert [what for _, what in told] == ["Claimed", "Queued", "Pending", "Retrying", "Applied"]
    assert {"where": "error log", "what": "failed try", "error_code": "STRING_TOO_LONG"}.items() <= next(
        event for event in answer["events"] if event["what"] == "failed try"
    ).items()
    assert answer["events"][-1]["what"] in ("Applied", "resolved as Applied")
    assert change["record_id"] == org.records("Account")[0]["Id"]
    assert [(facts["version"], facts["correlation_id"]) for facts in answer["guard"]] == [(1, one.correlation_id)]


def test_people_get_lines_without_any_value(operator):
    one = unmappable("1")
    operator.sync(one)

    output = operator.run("trace", one.correlation_id).output

    for said in ("is Pending", "MAPPING_FAILED", "failed try", "no version is known to stand in the org"):
        assert said in output


def test_what_people_did_is_told(operator):
    one = unmappable("1")
    operator.sync(one)
    operator.run("errors", "abandon", one.correlation_id, "--reason", "a test customer", "--yes")

    _, answer = operator.json("trace", one.correlation_id)

    (given_up,) = [event for event in answer["events"] if event["where"] == "person"]
    assert given_up["what"] == "given up"
    assert given_up["detail"].endswith(": a test customer")


def test_next_try_is_told(operator, org):
    org.plan_faults({"match": {"external_id": "1"}, "row": True, "error_code": "SOMETHING_NEW", "message": "m"})
    one = customer("1", payload=payload())
    operator.sync(one)

    assert operator.json("trace", one.correlation_id)[1]["events"][-1]["what"] == "next try"


def test_record_is_told_by_its_last_writer_and_its_open_failures(operator):
    written, failed = customer("1", payload=payload()), unmappable("1", 2)
    operator.sync(written)
    operator.sync(failed)

    code, answer = operator.json("trace", "Account", "1")

    assert code == 0
    (facts,) = answer["guard"]
    assert (facts["source"], facts["version"], facts["correlation_id"]) == ("shopify", 1, written.correlation_id)
    assert facts["failed_at"]
    assert [entry["correlation_id"] for entry in answer["failures"]] == [failed.correlation_id]
    assert [change["version"] for change in answer["changes"]] == [1, 2]


def test_scan_finds_every_change_of_a_record_by_version(operator):
    versions = [customer("1", n, payload=payload(f"v{n}")) for n in (3, 1, 2)]
    operator.take_in(*versions)
    operator.take_in(customer("2", payload=payload()), customer("1", source="woocommerce"), customer("1", source="erp"))

    result = operator.run("trace", "Account", "1", "--scan", "--source", "shopify", "--json")

    assert "Reading the whole change log" in result.stderr
    _, answer = operator.json("trace", "Account", "1", "--scan", "--source", "shopify")
    assert [change["version"] for change in answer["changes"]] == [1, 2, 3]
    assert {change["state"] for change in answer["changes"]} == {State.QUEUED.value}


def test_record_of_several_sources_is_told_for_each(operator):
    operator.take_in(customer("1", payload=payload()), customer("1", source="woocommerce"), customer("1", source="erp"))

    _, answer = operator.json("trace", "Account", "1", "--scan")

    assert {change["source"] for change in answer["changes"]} == {"shopify", "woocommerce", "erp"}


UNKNOWN = {
    "change": (["nothing"], 1, "knows no change"),
    "record": (["Account", "nothing"], 1, "has never written"),
    "object": (["Nothing__c", "1"], 2, "no route writes"),
    "object of further records": (["OrderItem", "1"], 2, "together with Order"),
    "too much": (["a", "b", "c"], 2, "one correlation ID"),
}


@pytest.mark.parametrize(("arguments", "code", "said"), UNKNOWN.values(), ids=UNKNOWN)
def test_what_nobody_knows_is_said(operator, arguments, code, said):
    result = operator.run("trace", *arguments)

    assert (result.exit_code, said in result.output) == (code, True), result.output


def test_change_that_no_webhook_took_in_is_told_too(operator):
    one = unmappable("1")
    operator.stack.invoke(one)

    code, answer = operator.json("trace", one.correlation_id)

    assert (code, [event["what"] for event in answer["events"]]) == (0, ["failed try", "Pending"])

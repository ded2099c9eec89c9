"""Composite graphs of the local org: each is all or none, whatever becomes of the others."""

import pytest

from tests.integration.composite_parts import ACCOUNT, BAD, CONTACT, ROLLED_BACK, names, part


def graphs(api, *listed):
    response = api.call(
        "POST", "composite/graph", {"graphs": [{"graphId": i, "compositeRequest": p} for i, p in listed]}
    )
    assert response.status_code == 200, response.text
    return response.json()["graphs"]


def test_each_graph_stands_or_falls_alone(both_doors_api, org):
    good, bad = graphs(both_doors_api, ("1", [ACCOUNT, CONTACT]), ("2", [ACCOUNT, BAD]))

    assert (good["graphId"], good["isSuccessful"], bad["isSuccessful"]) == ("1", True, False)
    assert [each["httpStatusCode"] for each in good["graphResponse"]["compositeResponse"]] == [201, 201]
    assert bad["graphResponse"]["compositeResponse"][0]["body"] == [ROLLED_BACK]
    assert names(org) == ["Acme"]


def test_after_many_failed_graphs_the_rest_is_halted(api, rules_org):
    answer = graphs(api, *((str(n), [BAD]) for n in range(14)), ("last", [ACCOUNT]))

    assert answer[-1]["graphResponse"]["compositeResponse"][0]["body"][0]["errorCode"] == "PROCESSING_HALTED"
    assert names(rules_org) == []


def chain(length):
    for n in range(length):
        yield part(
            f"a{n}", "POST", "sobjects/Account", {"Name": "x", **({"ParentId": f"@{{a{n - 1}.id}}"} if n else {})}
        )


GRAPHS = {
    "76 graphs": [(str(n), [ACCOUNT]) for n in range(76)],
    "same id": [("1", [ACCOUNT]), ("1", [ACCOUNT])],
    "no id": [("", [ACCOUNT])],
    "501 nodes": [(str(m), [part(f"a{n}", "GET", "sobjects/Account") for n in range(167)]) for m in range(3)],
    "16 deep": [("1", list(chain(16)))],
    "a query": [("1", [part("q", "GET", "query?q=SELECT Id FROM User")])],
    "16 kinds": [("1", [part(f"a{n}", "GET", f"sobjects/O{n}") for n in range(16)])],
}


@pytest.mark.parametrize("listed", GRAPHS.values(), ids=GRAPHS)
def test_a_graph_beyond_the_limits_is_refused_as_a_whole(api, rules_org, listed):
    body = {"graphs": [{"graphId": i, "compositeRequest": p} for i, p in listed]}

    response = api.call("POST", "composite/graph", body)

    assert (response.status_code, response.json()[0]["errorCode"]) == (400, "BAD_REQUEST")
    assert names(rules_org) == []


def test_a_graph_may_be_15_deep(api, rules_org):
    (answer,) = graphs(api, ("1", list(chain(15))))

    assert answer["isSuccessful"] is True
    assert len(names(rules_org)) == 15

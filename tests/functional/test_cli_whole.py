"""`lockstep load` and files that are the whole truth: what is shown, and the consent that is asked."""

import json

import pytest

from functions.bulk_split import handler as split_handler
from lockstep.domain.loads import LoadState
from tests.fakes.bulk_lane import ROUTE, bulk_lane
from tests.fakes.drops_lane import drops_lane
from tests.functional.cli_loads import Desk

WHOLE = {"external_id": "no", "version": "file_time", "whole": {"missing": "delete"}}
ROWS = [["k1", 1, "One", ""], ["k2", 1, "Two", ""], ["k3", 1, "Three", ""]]


@pytest.fixture
def desk(tmp_path, monkeypatch):
    route = {**ROUTE, "on_delete": "delete", "file": WHOLE}
    with bulk_lane() as lane, drops_lane(monkeypatch):
        lane.route(route)
        made = Desk(lane, tmp_path, monkeypatch)
        (tmp_path / "routes" / "erp_account.yaml").write_text(json.dumps(route))
        split_handler.take_drops.cache_clear()
        yield made


def asking(desk):
    desk.load(desk.file(*ROWS))
    code, answer = desk.load(desk.file(*ROWS[:2], name="second.csv"))
    assert (code, answer["state"]) == (1, "Waiting")
    return answer


def test_what_is_missing_is_shown_and_listed(desk):
    answer = asking(desk)

    shown = desk.run("load", "show", answer["load_id"]).output

    assert (answer["comparison"]["known"], answer["comparison"]["missing"]) == (3, 1)
    (listed,) = answer["missing_lists"]
    assert desk.lane.file(listed.removeprefix("s3://payloads/")).splitlines()[1].endswith(",k3")
    assert "more is missing than the limit" in shown
    assert listed in shown.replace("\n", "")


def test_records_are_taken_away_only_with_consent(desk):
    load_id = asking(desk)["load_id"]

    without = desk.run("load", "resume", load_id)
    refused = desk.run("load", "resume", load_id, "--accept-missing", text="n\n")
    desk.work()
    kept = set(desk.lane.records())
    agreed = desk.run("load", "resume", load_id, "--accept-missing", "--yes")
    desk.work()

    assert (without.exit_code, refused.exit_code, agreed.exit_code) == (2, 2, 0)
    assert "1 of 3 records" in without.output
    assert kept == {"k1", "k2", "k3"}
    assert set(desk.lane.records()) == {"k1", "k2"}
    assert desk.lane.load(load_id).state is LoadState.DONE


def test_rejects_that_are_loaded_again_are_not_the_whole_truth(desk):
    _, first = desk.load(desk.file(*ROWS, ["k4", 1, "", ""]))
    corrected = desk.file(["k4", 1, "Four", ""], name="corrected.csv")

    code, again = desk.json("load", corrected, "--rejects", first["load_id"])

    assert (code, again["state"], again["comparison"]) == (0, "Done", None)
    assert set(desk.lane.records()) == {"k1", "k2", "k3", "k4"}


def test_consent_that_nothing_asks_for_is_refused(desk):
    _, answer = desk.load(desk.file(*ROWS))

    refused = desk.run("load", "resume", answer["load_id"], "--accept-missing", "--yes")

    assert refused.exit_code == 2
    assert "does not ask for that" in refused.output

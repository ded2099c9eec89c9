"""The demo's nightly export through the bulk functions, by the shipped route: the demo's own expectation holds."""

from pathlib import Path

import pytest
import yaml

from functions.bulk_split import handler as split_handler
from local.demo.exports import Fault, correct, export_text
from local.demo.night_file import NightFile
from local.demo.scenario import make_scenario
from tests.fakes.bulk_lane import bulk_lane
from tests.fakes.drops_lane import drops_lane
from tests.functional.cli_loads import Desk

SHIPPED = Path(__file__).parents[2] / "layers/config/lockstep_config/routes/erp_account.yaml"


@pytest.fixture
def desk(tmp_path, monkeypatch):
    with bulk_lane() as lane, drops_lane(monkeypatch, chunk_rows=100):
        lane.route(yaml.safe_load(SHIPPED.read_text(encoding="utf-8")))
        split_handler.take_drops.cache_clear()
        yield Desk(lane, tmp_path, monkeypatch)


def test_export_and_then_its_corrected_rejects_arrive(desk, tmp_path):
    export = make_scenario(1, exported=200).export
    file, rejects = tmp_path / "nightly.csv", tmp_path / "rejects.csv"
    file.write_text(export_text(export), encoding="utf-8")

    _, load = desk.load(file)
    desk.json("load", "rejects", load["load_id"], "--to", rejects)
    faults = correct(rejects, export)
    code, again = desk.json("load", rejects, "--rejects", load["load_id"])

    expected = NightFile(export).counts_expected({})
    assert {name: load[name] for name in expected} == expected
    assert set(faults) == set(Fault)
    assert (code, again["succeeded"]) == (0, len(faults))
    assert set(desk.lane.records()) == {row.fact.key.external_id for row in export}

"""The files of sources: the shipped ones load, and every mistake is told with its place and remedy."""

import re

import pytest

from lockstep.domain.changes import Operation
from lockstep.domain.failures import FailureKind, SyncError
from lockstep.domain.sources import Source
from lockstep.runtime import config_files, route_files
from lockstep.runtime.config_files import load_sources, load_yaml_models

GOOD = """
source: shop
scheme: {kind: github}
secret: shop
topic: body.type
event_id: body.id
events:
  - {topics: [made], entity: thing, operation: upsert, external_id: body.id, version: {at: body.at, as: integer}}
"""

ENTITIES_BY_SOURCE = {
    "erp": {"account", "contact"},
    "hubspot": {"contact", "company", "deal"},
    "hubspot-workflow": {"contact", "company", "deal"},
    "shopify": {"customer", "order"},
    "stripe": {"customer"},
    "woocommerce": {"product", "coupon", "order", "customer"},
}


def load(tmp_path, **text_by_name):
    for name, text in text_by_name.items():
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
    return load_sources(tmp_path)


def problems_of(tmp_path, **text_by_name):
    with pytest.raises(SyncError) as caught:
        load(tmp_path, **text_by_name)
    assert caught.value.kind is FailureKind.CONFIGURATION_INVALID
    return caught.value.detail.replace(tmp_path.name + "/", "")


def test_shipped_sources_hold_the_entities_that_routes_can_name():
    sources = load_sources()

    assert {name: {rule.entity for rule in source.events} for name, source in sources.items()} == ENTITIES_BY_SOURCE


# A workflow posts records as they are; nothing starts one when a record is deleted.
@pytest.mark.parametrize("name", sorted(ENTITIES_BY_SOURCE.keys() - {"hubspot-workflow"}))
def test_shipped_source_can_delete_every_entity_that_it_upserts(name):
    rules = load_sources()[name].events

    upserted, deleted = ({rule.entity for rule in rules if rule.operation is operation} for operation in Operation)
    assert upserted == deleted


def test_good_file_is_loaded_under_its_name(tmp_path):
    source = load(tmp_path, shop=GOOD)["shop"]

    assert source.source == "shop"
    assert source.rule_by_topic["made"].external_id.text == "body.id"


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        pytest.param("topic: body.type\n", "", "shop.yaml:1: topic: Field required. Add it", id="missing key"),
        pytest.param(
            "secret: shop",
            "secret: shop\nsecert: x",
            "shop.yaml:5: secert: Extra inputs are not permitted. Remove it, or correct its spelling",
            id="misspelt key",
        ),
        pytest.param(
            "event_id: body.id", "event_id: 'body.['", "shop.yaml:6: event_id.0: not JMESPath: ", id="broken JMESPath"
        ),
        pytest.param(
            "external_id: body.id",
            "external_id: 'nope(@)'",
            "events.0.external_id: there is no function nope(). Correct it",
            id="no such function",
        ),
        pytest.param("topic: body.type", "topic: to_string()", "to_string() takes 1 arguments, not 0", id="arity"),
        pytest.param("as: integer", "as: number", "events.0.version.as: Input should be 'iso8601', ", id="notation"),
        pytest.param("kind: github", "kind: gitlab", "shop.yaml:3: scheme: ", id="unknown scheme"),
        pytest.param("{kind: github}", "{}", "scheme: kind is missing. Add it", id="no scheme"),
        pytest.param(
            "[made]", "[made, made]", "shop.yaml:7: events: listed more than once under events: made", id="topic twice"
        ),
        pytest.param(
            "source: shop",
            "source: other",
            ":2: source: not the file's name. Call the file other.yaml",
            id="file has another name",
        ),
        pytest.param(
            "source: shop", "source: ../shop", "shop.yaml:2: source: String should match", id="no path segment"
        ),
        pytest.param(
            "secret: shop", "secret: shop\nsecret: b", "shop.yaml:5: the file: written twice: secret", id="key twice"
        ),
        pytest.param("topic: body.type", "topic: [", "shop.yaml:7: the file: ", id="not YAML"),
        pytest.param(GOOD, "", "shop.yaml: the file: ", id="empty file"),
        pytest.param(GOOD, "- a\n- b", "shop.yaml: the file: ", id="a list"),
    ],
)
def test_mistake_is_told_with_file_place_and_remedy(tmp_path, old, new, problem):
    assert old in GOOD

    assert problem in problems_of(tmp_path, shop=GOOD.replace(old, new))


def test_mistakes_of_all_files_are_told_at_once(tmp_path):
    found = problems_of(tmp_path, a=GOOD.replace("secret: shop\n", ""), b=GOOD.replace("as: integer", "as: x"), c="[")

    assert [line.partition(":")[0] for line in found.splitlines()] == ["a.yaml", "b.yaml", "c.yaml"]


def test_file_that_is_not_utf8_is_told(tmp_path):
    (tmp_path / "shop.yaml").write_bytes(b"source: \xff")

    assert "not YAML in UTF-8" in problems_of(tmp_path)


@pytest.mark.parametrize("folder", ["", "missing"], ids=["empty folder", "no folder"])
def test_folder_without_files_is_told(tmp_path, folder):
    with pytest.raises(SyncError, match="no file is there"):
        load_yaml_models(tmp_path / folder, Source)


ROUTE = """
source: shop
entity: thing
object: Account
external_id: {field: Shop_Id__c}
on_delete: ignore
fields: {Name: {type: text, from: name}}
"""


def check_folder(tmp_path, monkeypatch, source, route):
    for name, text in (("sources", source), ("routes", route)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "shop.yaml").write_text(text, encoding="utf-8")
    for module in (config_files, route_files):
        monkeypatch.setattr(module, "config_folder", lambda name: tmp_path / name)
    return config_files.main()


def test_command_exits_1_with_the_problems_of_sources_and_routes(tmp_path, monkeypatch, capsys):
    assert check_folder(tmp_path, monkeypatch, "source: shop", "source: shop") == 1

    told = capsys.readouterr().err
    assert "sources/shop.yaml:1: scheme: Field required. Add it" in told
    assert "routes/shop.yaml:1: entity: Field required. Add it" in told


def test_command_exits_1_when_a_route_waits_for_an_entity_that_no_source_tells(tmp_path, monkeypatch, capsys):
    assert check_folder(tmp_path, monkeypatch, GOOD, ROUTE.replace("entity: thing", "entity: thin")) == 1
    assert "routes: shop/thin: no file in sources tells of it" in capsys.readouterr().err


def test_command_exits_0_when_everything_fits(tmp_path, monkeypatch, capsys):
    assert check_folder(tmp_path, monkeypatch, GOOD, ROUTE) == 0
    assert capsys.readouterr().out == "1 sources and 1 routes are well described\n"


def test_command_names_entities_that_no_route_takes(tmp_path, monkeypatch, capsys):
    both = GOOD.replace("events:\n", "events:\n  - {topics: [b], entity: spare, operation: upsert, external_id: id}\n")

    assert check_folder(tmp_path, monkeypatch, both, ROUTE) == 0
    assert "would wait for a person: shop/spare" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("said", "version", "told"),
    [
        pytest.param("{at: body.v, as: integer}", "file_time", "points in time, and", id="revisions and a file's time"),
        pytest.param(
            "{at: body.v, as: integer}", "{at: at, as: iso8601}", "points in time, and", id="revisions and times"
        ),
        pytest.param("{at: body.v, as: epoch_ms}", "{at: v, as: integer}", "revisions, and", id="times and revisions"),
        pytest.param("", "{at: v, as: integer}", "revisions, and", id="times of arrival and revisions"),
    ],
)
def test_file_whose_versions_compare_with_no_events_is_refused_with_its_line(
    tmp_path, monkeypatch, capsys, said, version, told
):
    source = re.sub(r", version: {[^}]*}", f", version: {said}" if said else "", GOOD)

    assert check_folder(tmp_path, monkeypatch, source, f"{ROUTE}file: {{external_id: id, version: {version}}}\n") == 1

    (problem,) = capsys.readouterr().err.splitlines()
    assert problem.startswith(f"routes/shop.yaml:8: file.version: the file's versions are {told}")


@pytest.mark.parametrize(
    ("said", "version"),
    [
        ("{at: body.v, as: epoch_ms}", "file_time"),
        ("{at: body.v, as: iso8601}", "{at: at, as: epoch_s}"),
        ("{at: body.v, as: integer}", "{at: v, as: integer}"),
        ("", "file_time"),
    ],
)
def test_file_whose_versions_compare_with_the_events_is_good(tmp_path, monkeypatch, said, version):
    source = re.sub(r", version: {[^}]*}", f", version: {said}" if said else "", GOOD)

    assert check_folder(tmp_path, monkeypatch, source, f"{ROUTE}file: {{external_id: id, version: {version}}}\n") == 0

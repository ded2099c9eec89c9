"""The JSON Schemas that editors use are those of the models, and the shipped files name and follow them."""

import json
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator

from lockstep.runtime.config_schema import main, schema_folder, schema_texts

CONFIG = Path(__file__).parents[2] / "layers/config/lockstep_config"
FILES = [(kind, path) for kind in ("source", "route") for path in sorted((CONFIG / f"{kind}s").glob("*.yaml"))]
IDS = [path.name for _, path in FILES]


def _validator(kind):
    return Draft202012Validator(json.loads(schema_texts()[f"{kind}.schema.json"]))


@pytest.mark.parametrize("name", schema_texts())
def test_committed_schema_is_current(name):
    committed = (schema_folder() / name).read_text(encoding="utf-8")

    assert committed == schema_texts()[name], "write it anew: python -m lockstep.runtime.config_schema"


@pytest.mark.parametrize(("kind", "path"), FILES, ids=IDS)
def test_shipped_file_names_its_schema_for_editors(kind, path):
    first, _ = path.read_text(encoding="utf-8").split("\n", 1)

    assert first.startswith("# yaml-language-server: $schema=")
    assert (path.parent / first.split("=", 1)[1]).resolve() == schema_folder() / f"{kind}.schema.json"


@pytest.mark.parametrize(("kind", "path"), FILES, ids=IDS)
def test_shipped_file_follows_its_schema(kind, path):
    _validator(kind).validate(yaml.safe_load(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize(
    "rule",
    [
        {"type": "text"},
        {"type": "text", "from": "a", "template": "{a}"},
        {"type": "text", "from": "a", "scale": 2},
        {"type": "phone", "from": "a", "output": "E164"},
        {"type": "txt", "from": "a"},
        {"type": "currency", "from": "a", "style": "1234.5"},
    ],
)
def test_schema_shows_what_is_wrong_with_a_rule(rule):
    head = {"source": "s", "entity": "e", "object": "O", "external_id": {"field": "K__c"}, "on_delete": "ignore"}

    assert _validator("route").is_valid({**head, "fields": {"X__c": {"type": "text", "from": ["a", "b"]}}})
    assert not _validator("route").is_valid({**head, "fields": {"X__c": rule}})


def test_schemas_are_written_where_they_are_looked_for(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("lockstep.runtime.config_schema.schema_folder", lambda: tmp_path / "schemas")

    assert main() == 0
    assert {path.name: path.read_text(encoding="utf-8") for path in (tmp_path / "schemas").iterdir()} == schema_texts()
    assert "schemas/route.schema.json" in capsys.readouterr().out

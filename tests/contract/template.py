"""template.yaml as plain data: `!Ref X` is {"Ref": "X"}, `!Sub x` is {"Fn::Sub": "x"}."""

from functools import cache
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]


class _Loader(yaml.SafeLoader):
    """YAML with CloudFormation's short tags."""


def _short_tag(loader, suffix, node):
    name = suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}"
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
        return {name: value.split(".", 1) if suffix == "GetAtt" else value}
    if isinstance(node, yaml.SequenceNode):
        return {name: loader.construct_sequence(node, deep=True)}
    return {name: loader.construct_mapping(node, deep=True)}


_Loader.add_multi_constructor("!", _short_tag)


@cache
def template():
    """Return the whole template."""
    return yaml.load((ROOT / "template.yaml").read_text(), Loader=_Loader)


def resources(kind):
    """Return the properties of each resource of that type, by logical id."""
    found = template()["Resources"].items()
    return {name: each.get("Properties", {}) for name, each in found if each["Type"] == kind}


def environment(function_name):
    """Return the variables that a function gets, its own and the shared ones."""
    shared = template()["Globals"]["Function"]["Environment"]["Variables"]
    return shared | resources("AWS::Serverless::Function")[function_name]["Environment"]["Variables"]

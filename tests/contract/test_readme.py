"""README.md and the project say the same."""

import re

from tests.contract.template import ROOT, template

README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_readme_lists_every_function():
    listed = set(re.findall(r"^\| `([a-z_]+)` \| ", README, re.MULTILINE))

    assert listed == {path.parent.name for path in (ROOT / "functions").glob("*/handler.py")}


def test_every_make_target_that_the_readme_names_exists():
    targets = set(re.findall(r"^([a-z]+):.*##", (ROOT / "Makefile").read_text(), re.MULTILINE))

    assert set(re.findall(r"`make ([a-z]+)`", README)) <= targets


def test_readme_says_of_every_alarm_what_to_do():
    alarms = {name for name in template()["Resources"] if name.endswith("Alarm")}

    assert set(re.findall(r"\*(\w+Alarm)\*", README)) == alarms


def test_every_file_that_the_documents_link_to_exists():
    for page in (
        ROOT / "README.md",
        ROOT / "CHANGELOG.md",
        *(ROOT / "docs").glob("*.md"),
        ROOT / "local/org/README.md",
    ):
        links = re.findall(r"\]\((?!https?://|#)([^)#]+)", page.read_text(encoding="utf-8"))

        assert [link for link in links if not (page.parent / link).exists()] == [], page.name


def test_every_output_that_the_readme_names_exists():
    assert set(re.findall(r"<(\w+)>", README)) <= set(template()["Outputs"])

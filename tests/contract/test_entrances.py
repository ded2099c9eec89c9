"""docs/decisions.md names the places that catch everything, and there are no others."""

from pathlib import Path

ROOT = Path(__file__).parents[2]
CATCHES = "except Exception"


def test_places_that_catch_everything_are_those_that_were_decided():
    decided = (ROOT / "docs/decisions.md").read_text(encoding="utf-8").split("Three places catch everything", 1)[1]
    folders = ("layers/lockstep/lockstep", "functions", "cli")
    places = [
        path.stem
        for folder in folders
        for path in sorted((ROOT / folder).rglob("*.py"))
        if CATCHES in path.read_text(encoding="utf-8")
    ]

    assert len(places) == 3
    assert all(f"`{name}" in decided.split("\n## ", 1)[0] for name in places)

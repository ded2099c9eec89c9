"""A megabyte in one value costs no more than reading it, and phones cost only the routes that have them."""

import subprocess
import sys
from pathlib import Path
from time import process_time

import pytest

from tests.unit.test_conversions_properties import ALL

MILLION = 1_000_000
LONG = {
    "digits": "9" * MILLION,
    "spaces": " " * MILLION,
    "letters": "a" * MILLION,
    "brackets": "(" * MILLION,
    "groups": "1,234" * (MILLION // 5),
    "dots": "a." * (MILLION // 2),
    "address": "a@" + "b." * (MILLION // 2),
    "signs": "-" * MILLION + "5",
    "zeros": "0" * MILLION + ".5",
}


@pytest.mark.parametrize("value", LONG.values(), ids=LONG)
@pytest.mark.parametrize("convert", ALL.values(), ids=ALL)
def test_a_very_long_value_is_answered_soon(convert, value):
    started = process_time()
    convert(value)

    assert process_time() - started < 1


def test_a_route_without_phones_does_not_load_their_library():
    layer = Path(__file__).parents[2] / "layers/lockstep"
    program = """
import sys
from lockstep.domain.mapping import compile_route
from lockstep.domain.routes import Route
fields = {"Name": {"type": "text", "from": "a"}, "X__c": {"type": sys.argv[1], "from": "b"}}
compile_route(Route.model_validate({"source": "s", "entity": "e", "object": "O", "external_id": {"field": "K__c"},
                                    "on_delete": "ignore", "fields": fields}))
print("phonenumbers" in sys.modules)
"""
    loaded = [
        subprocess.run(
            [sys.executable, "-c", program, kind],
            env={"PYTHONPATH": str(layer)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for kind in ("url", "phone")
    ]

    assert loaded == ["False", "True"]

"""The list of others' mistakes that this lane must not make: each number is the mark of at least one test."""

import re
from pathlib import Path

TESTS = Path(__file__).parents[1]
NUMBERS = {1, 2, 3, 4, 6, 9, 10, 11, 13, 14}


def test_every_known_bug_has_a_test():
    marks = [re.findall(r"@pytest\.mark\.known_bug\((\d+)\)", path.read_text()) for path in TESTS.rglob("test_*.py")]

    assert {int(number) for each in marks for number in each} == NUMBERS

"""The list of others' mistakes that this lane must not make: each is a test with its name, and its number as a mark."""

import re
from pathlib import Path

TESTS = Path(__file__).parents[1]
# What is to be found in the names of the tests that have the number as their mark.
NAMES = {
    1: {"handler_that_fails_after_the_dedupe_claim", "processes_the_redelivery"},
    2: {"connect_timeout_must_retry", "503_must_retry_and_400_must_not"},
    3: {"unparseable_message_reaches_the_dead_letter_queue"},
    4: {"concurrent_adds_are_all_kept", "add_during_a_flush_survives"},
    6: {"same_key_with_stamps_out_of_order_ends_at_the_newest"},
    9: {"null_clears_and_absent_keeps", "on_both_paths"},
    10: {"tokyo_stays_on_25_march_as_a_date"},
    11: {"lock_error_on_5_of_200_rows_retries_only_those_5_grouped_by_parent"},
    13: {"salesforce_down_for_2_hours_spends_no_tries_and_abandons_no_rows"},
    14: {"every_alarm_has_an_action"},
}
_MARKED = re.compile(r"@pytest\.mark\.known_bug\((\d+)\)\n(?:@.*\n|[ )].*\n)*def (test_\w+)\(")


def test_every_known_bug_has_tests_with_its_name():
    marked = [found for path in TESTS.rglob("test_*.py") for found in _MARKED.findall(path.read_text())]
    told = {number: " ".join(name for each, name in marked if int(each) == number) for number in NAMES}

    assert {int(number) for number, _ in marked} == set(NAMES)
    assert {number: name for number, names in NAMES.items() for name in names if name not in told[number]} == {}

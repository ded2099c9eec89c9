"""Record ids of the local org."""

import pytest

from local.org import ids


@pytest.mark.parametrize(
    ("short_id", "full_id"),
    [
        ("0015500001QdQWa", "0015500001QdQWaAAN"),
        ("00Q4C00000B5Bug", "00Q4C00000B5BugUAF"),
        ("7503h00000CV7Gp", "7503h00000CV7GpAAL"),
    ],
)
def test_checksum_is_that_of_ids_recorded_from_real_orgs(short_id, full_id):
    assert ids.to_18(short_id) == full_id
    assert ids.shorten(full_id) == short_id


@pytest.mark.parametrize("number", [1, 61, 62, 3843, 3844, 62**5 - 1, 62**5, 62**5 + 1, 62**8])
def test_number_comes_back_from_its_id(number):
    record_id = ids.encode("001", number)

    assert len(record_id) == 18
    assert ids.to_18(record_id[:15]) == record_id
    assert ids.number_of(record_id[:15]) == number


def test_ids_rise_with_their_numbers():
    made = [ids.encode("001", number)[:15] for number in range(1, 5000)]

    assert made == sorted(set(made))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "001",
        "0015500001QdQWaAAA",
        "0015500001QdQWaaan",
        "0015500001QdQW/",
        "0015500001QdQWé",
        "0015500001QdQWaAAN1",
    ],
    ids=["empty", "short", "wrong checksum", "lower case checksum", "slash", "not ascii", "long"],
)
def test_malformed_id_has_no_short_form(text):
    assert ids.shorten(text) is None


def test_id_of_another_org_has_no_number():
    assert ids.number_of("0015500001QdQWa") is None

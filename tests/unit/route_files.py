"""Routes as tests write them: files in a folder of their own."""

import re

import pytest

from lockstep.domain.failures import FailureKind, SyncError


def problems_of(load, **files):
    """Return what refuses the files, without the lines of the files, which every place has."""
    return [_without_line(told) for told in told_of(load, **files)]


def _without_line(told):
    match = re.fullmatch(r"(\w+/\w+\.yaml):[1-9]\d*(: .*)", told)
    assert match or ": the file: " in told or "/*.yaml: " in told, f"no line in {told}"
    return "".join(match.groups()) if match else told


def told_of(load, **files):
    """Return what refuses the files."""
    with pytest.raises(SyncError) as caught:
        load(**files)
    assert caught.value.kind is FailureKind.CONFIGURATION_INVALID
    return caught.value.detail.splitlines()

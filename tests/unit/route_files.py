"""Routes as tests write them: files in a folder of their own."""

import pytest

from lockstep.domain.failures import FailureKind, SyncError


def problems_of(load, **files):
    """Return the lines that refuse the files."""
    with pytest.raises(SyncError) as caught:
        load(**files)
    assert caught.value.kind is FailureKind.CONFIGURATION_INVALID
    return caught.value.detail.splitlines()

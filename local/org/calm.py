"""Keeps Python's collector of cycles out of the way while many records are written."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def no_collections() -> Iterator[None]:
    """Suspend the collector: records are in no cycles, and each pass would walk through all of them again."""
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()

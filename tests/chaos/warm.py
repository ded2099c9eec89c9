"""Worlds that know their org already: for tests of what comes after the describes have been asked for."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache

import boto3

from tests.chaos.shop import customer, order
from tests.chaos.world import World, new_world

_BUCKET = "payloads"


@contextmanager
def warm_world() -> Iterator[World]:
    """Make a world in which a customer and an order were written a moment ago, elsewhere."""
    kept = _describes()
    with new_world() as world:
        for key, body in kept.items():
            boto3.client("s3").put_object(Bucket=_BUCKET, Key=key, Body=body)
        yield world


@cache
def _describes() -> Mapping[str, bytes]:
    """Return what a stack keeps of its org once it has written to it."""
    with new_world() as world:
        world.enqueue(customer(1), order(7, 1))
        assert world.invoke(world.receive())
        s3 = boto3.client("s3")
        names = [each["Key"] for each in s3.list_objects_v2(Bucket=_BUCKET, Prefix="describes/")["Contents"]]
        return {name: s3.get_object(Bucket=_BUCKET, Key=name)["Body"].read() for name in names}

"""boto3's clients, each made once: they hold nothing, and making them is most of what a fresh AWS costs a test."""

from functools import cache
from typing import Any

import boto3
from botocore.config import Config

_new_client = boto3.client
_NAMED = Config(user_agent="tests")  # else botocore puts the name of this machine together for every call


@cache
def client(service: str, config: Config | None = None) -> Any:
    """Stand for `boto3.client`; make the first ones inside moto's `mock_aws`."""
    return _new_client(service, config=_NAMED.merge(config) if config else _NAMED)

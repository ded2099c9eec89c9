"""boto3's clients, each made once: they hold nothing, and making them is most of what a fresh AWS costs a test."""

from functools import cache
from typing import Any

import boto3
from botocore.config import Config

_new_client = boto3.client


@cache
def client(service: str, config: Config | None = None) -> Any:
    """Stand for `boto3.client`; make the first ones inside moto's `mock_aws`."""
    return _new_client(service, config=config)

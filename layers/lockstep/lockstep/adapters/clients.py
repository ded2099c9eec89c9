"""One client of each AWS service for all adapters of a container; boto3's clients are safe to share between threads.

Each is made when it is first needed. Making one costs as much as some calls do, and one that is shared keeps its
connections, where a client for each adapter would open its own.
"""

from functools import cache
from typing import TYPE_CHECKING, Any

import boto3

from lockstep.adapters.aws import CLIENT_CONFIG

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_sqs import SQSClient


@cache
def dynamodb() -> "DynamoDBClient":
    """Return DynamoDB's."""
    return boto3.client("dynamodb", config=CLIENT_CONFIG)


@cache
def lambdas() -> "LambdaClient":
    """Return Lambda's, whose name is a word of Python's."""
    return boto3.client("lambda", config=CLIENT_CONFIG)


@cache
def s3() -> "S3Client":
    """Return S3's."""
    return boto3.client("s3", config=CLIENT_CONFIG)


@cache
def secretsmanager() -> "SecretsManagerClient":
    """Return Secrets Manager's."""
    return boto3.client("secretsmanager", config=CLIENT_CONFIG)


@cache
def sns() -> Any:
    """Return SNS's."""
    return boto3.client("sns", config=CLIENT_CONFIG)


@cache
def sqs() -> "SQSClient":
    """Return SQS's."""
    return boto3.client("sqs", config=CLIENT_CONFIG)

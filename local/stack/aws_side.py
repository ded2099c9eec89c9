"""The AWS of the stack: MiniStack on loopback, with IAM enforced."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import requests
from botocore.config import Config

from local.stack.environment import ACCESS_KEY, REGION, SECRET_KEY, clean_environment
from local.stack.org_side import Certificate
from local.stack.ports import LOOPBACK
from local.stack.processes import Service, start

if TYPE_CHECKING:
    from boto3.session import Session

USUAL_PORT = 4566
READY_WITHIN_S = 60.0
PART = "the local AWS (MiniStack)"


def start_aws(port: int, folder: Path, tls: Certificate, log: Path) -> Service:
    """Start MiniStack; whatever it writes goes into the folder.

    Args:
        port: Where it listens, on loopback.
        folder: For its temporary files, the unpacked functions among them.
        tls: What it answers HTTPS with; the functions trust this authority and no other: all they talk to is local.
        log: Where its output and the functions' goes.
    """
    folder.mkdir(parents=True, exist_ok=True)
    env = _environment(port, folder, tls)
    return start(PART, [sys.executable, "-m", "local.stack.ministack_patched"], env, log)


def wait_for_aws(service: Service, url: str, session: requests.Session) -> None:
    """Wait until MiniStack answers."""
    service.wait_until(lambda: _answers(url, session), READY_WITHIN_S)


def endpoint(port: int) -> str:
    """Return the URL of every service; by address, since botocore then puts buckets into paths.

    HTTPS as on AWS: the bucket's policy refuses everything else.
    """
    return f"https://{LOOPBACK}:{port}"


def client(url: str, service: str, ca_file: str) -> Any:
    """Return a boto3 client of the account's root."""
    return _session().client(
        service,  # type: ignore[call-overload]
        endpoint_url=url,
        verify=ca_file,
        config=Config(proxies={}, retries={"max_attempts": 2, "mode": "standard"}, max_pool_connections=20),
    )


def _session() -> "Session":
    return boto3.Session(aws_access_key_id=ACCESS_KEY, aws_secret_access_key=SECRET_KEY, region_name=REGION)


def _environment(port: int, folder: Path, tls: Certificate) -> Mapping[str, str]:
    return clean_environment() | {
        "AUTH": "true",
        "USE_SSL": "1",
        "MINISTACK_SSL_CERT": str(tls.certificate),
        "MINISTACK_SSL_KEY": str(tls.key),
        # The functions inherit both: MiniStack would set the first to its own certificate, which is no authority.
        "AWS_CA_BUNDLE": str(tls.ca_file),
        "REQUESTS_CA_BUNDLE": str(tls.ca_file),
        "BIND_HOST": LOOPBACK,
        "GATEWAY_PORT": str(port),
        "MINISTACK_REGION": REGION,
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "S3_PERSIST": "0",
        "PERSIST_STATE": "0",
        "TMPDIR": str(folder),
        "S3_DATA_DIR": str(folder / "s3"),
        "STATE_DIR": str(folder / "state"),
        # Without it MiniStack would remove the containers of other MiniStacks at its start.
        "DOCKER_HOST": f"unix://{folder / 'no-docker'}",
        "LAMBDA_EXECUTOR": "local",
        "LOG_LEVEL": "INFO",
    }


def _answers(url: str, session: requests.Session) -> bool:
    try:
        return session.get(f"{url}/_ministack/ready", timeout=2).ok
    except requests.RequestException:
        return False

"""The environment of everything in the stack: ours, without what points at a real AWS account."""

import os
from collections.abc import Mapping

REGION = "us-east-1"
# MiniStack takes "test" as the account's root: IAM does not bind it, as it does not bind a root user.
ACCESS_KEY = SECRET_KEY = "test"  # noqa: S105

_FOREIGN = ("PYTHONPATH", "PYTHONHOME", "LOCALSTACK_", "MINISTACK_", "AWS_", "SAM_CLI_", "POWERTOOLS_")


def clean_environment(given: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the environment without AWS profiles and keys, with dummy credentials and no proxy for loopback."""
    inherited = os.environ if given is None else given
    kept = {name: value for name, value in inherited.items() if not name.startswith(_FOREIGN)}
    return kept | {
        "AWS_ACCESS_KEY_ID": ACCESS_KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_REGION": REGION,
        # No file of the person's own is read: a profile could name a real account.
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "NO_PROXY": "localhost,127.0.0.1",
        "no_proxy": "localhost,127.0.0.1",
        "PYTHONUNBUFFERED": "1",
    }

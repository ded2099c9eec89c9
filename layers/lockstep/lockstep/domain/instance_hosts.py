"""Where a token may be sent: Salesforce's own domains, and hosts that the company allows."""

from collections.abc import Collection
from urllib.parse import urlsplit

from lockstep.domain.failures import FailureKind, SyncError

# Salesforce Help, "Required Domains": the public cloud, the US government's, and Salesforce on Alibaba Cloud.
SALESFORCE_DOMAINS = (
    "salesforce.com",
    "force.com",
    "cloudforce.com",
    "salesforce.mil",
    "force.mil",
    "cloudforce.mil",
    "crmforce.mil",
    "sfcrmproducts.cn",
    "sfcrmapps.cn",
)


def parse_hosts(text: str) -> frozenset[str]:
    """Read a comma-separated list of hosts."""
    return frozenset(host.strip().lower() for host in text.split(",") if host.strip())


def check_instance_url(instance_url: str, allowed_hosts: Collection[str]) -> None:
    """Accept an org's address, or refuse it.

    Args:
        instance_url: As the token endpoint or the secret gives it.
        allowed_hosts: Hosts beside Salesforce's, in lower case, without port.

    Raises:
        SyncError: CONFIGURATION_INVALID, naming the host.
    """
    try:
        parts = urlsplit(instance_url)
        host = (parts.hostname or "").rstrip(".")
    except ValueError:
        raise _refused("the instance_url is no address") from None
    if parts.scheme != "https" or not host or parts.username is not None or "\\" in instance_url:
        raise _refused("the instance_url is no https address of a host")
    if host in allowed_hosts or any(host.endswith(f".{domain}") for domain in SALESFORCE_DOMAINS):
        return
    raise _refused(
        f"the instance_url's host {host} is not Salesforce's: no token is sent there. "
        "Where it is right, name it in the parameter AllowedInstanceHosts"
    )


def _refused(reason: str) -> SyncError:
    return SyncError(FailureKind.CONFIGURATION_INVALID, reason)

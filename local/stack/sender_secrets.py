"""The secrets of the stack: random ones for every source, and the org's login, put into Secrets Manager."""

import base64
import json
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from botocore.exceptions import ClientError

from local.stack.processes import ROOT
from local.stack.state import OrgAccess

SOURCES_FOLDER = ROOT / "layers/config/lockstep_config/sources"


def new_secret(scheme_kind: str) -> str:
    """Return a random secret in the form that the scheme's senders give theirs."""
    if scheme_kind == "standard_webhooks":
        return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
    if scheme_kind == "stripe":
        return "whsec_" + secrets.token_urlsafe(32)
    return secrets.token_hex(32)


def new_source_secrets(folder: Path = SOURCES_FOLDER) -> tuple[dict[str, str], dict[str, str]]:
    """Make up secrets for the sources described in the folder.

    Returns:
        Secret value by source, and secret value by the secret's name.
    """
    by_source: dict[str, str] = {}
    by_name: dict[str, str] = {}
    for file in sorted(folder.glob("*.yaml")):
        source: Mapping[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
        value = by_name.setdefault(source["secret"], new_secret(source["scheme"]["kind"]))
        by_source[source["source"]] = value
    return by_source, by_name


def put_secrets(client: Any, stack_name: str, by_name: Mapping[str, str], org: OrgAccess) -> None:
    """Store every secret under the name that the functions look for."""
    for name, value in by_name.items():
        _put(client, f"{stack_name}/sources/{name}", {"current": value, "previous": new_secret("")})
    login = {name: getattr(org, name) for name in ("client_id", "client_secret", "refresh_token")}
    _put(client, f"{stack_name}/salesforce", login)


def _put(client: Any, name: str, value: Mapping[str, str]) -> None:
    text = json.dumps(dict(value))
    try:
        client.create_secret(Name=name, SecretString=text)
    except ClientError as exc:
        if exc.response.get("Error", {}).get("Code") != "ResourceExistsException":
            raise
        client.put_secret_value(SecretId=name, SecretString=text)

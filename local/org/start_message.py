"""What `serve` says once the org answers: what was read, what is not enforced, where it is and how to sign in."""

from pathlib import Path

from local.org.org import Org

_SIGN_IN = "python -m local.org token"


def start_lines(org: Org, http_url: str, https_url: str, ca_file: Path, state_folder: Path) -> list[str]:
    """Return the lines; they hold no secret, and the two that begin with `org ready` are the last."""
    objects = org.schema.objects.values()
    custom = sum(field.custom for each in objects for field in each.fields.values())
    token = f"{_SIGN_IN} --state-folder {state_folder}"
    return [
        *(f"not enforced: {piece}" for piece in (*org.schema.not_enforced, *org.schema.refused_rules)),
        *(f"not enforced: {piece}" for piece in org.access_not_enforced),
        f"read                  {len(objects)} objects, {custom} custom fields",
        f"look through it       {http_url}/",
        f"sf                    export NODE_EXTRA_CA_CERTS={ca_file}",
        f"                      SF_ACCESS_TOKEN=$({token}) sf org login access-token --no-prompt \\",
        f"                        --instance-url {https_url} --alias local",
        f"jsforce               new jsforce.Connection({{ instanceUrl: '{http_url}', accessToken }})",
        f"simple-salesforce     Salesforce(instance_url='{https_url}', session_id=access_token)",
        f"                      with REQUESTS_CA_BUNDLE={ca_file}",
        f"an access token       {token}",
        f"org ready over HTTP   {http_url}",
        f"org ready over HTTPS  {https_url}  (CA file {ca_file})",
    ]

"""Global values that are the same in every org: `$Api` and `$System`."""

import re
from datetime import UTC, datetime

from local.org import ids
from local.org.formulas.kinds import Kind, Typed

_SERVER_URL = re.compile(r"\$api\.(partner|enterprise)_server_url_(\d{2,3})", re.ASCII)
_SOAP = {"partner": "u", "enterprise": "c"}
_ORIGIN = "https://org.example"  # a formula does not know through which door the org was asked
_ORGANIZATION_ID = ids.encode("00D", 1)[:15]
_SYSTEM_ORIGIN = datetime(1900, 1, 1, tzinfo=UTC)


def platform_value(name: str) -> Typed | None:
    """Return what the name stands for, None where it is none of these."""
    lowered = name.lower()
    if lowered == "$system.origindatetime":
        return Typed(Kind.DATETIME, lambda _scene: _SYSTEM_ORIGIN)
    url = _SERVER_URL.fullmatch(lowered)
    if url is None:
        return None
    value = f"{_ORIGIN}/services/Soap/{_SOAP[url[1]]}/{int(url[2]) / 10}/{_ORGANIZATION_ID}"
    return Typed(Kind.TEXT, lambda _scene: value, value)

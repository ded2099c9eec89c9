"""Every vector of the collection beside the checkout, where it is there; the suite's own are in test_signatures.py."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from lockstep.domain.failures import FailureKind, SyncError
from lockstep.domain.signatures import Scheme, SecretSlot, verify
from tests.fakes.senders import NOW, URL, request

VECTORS = Path(__file__).parents[3] / "shared" / "inputs" / "vectors" / "signature-vectors.json"
ROWS = json.loads(VECTORS.read_text(encoding="utf-8")) if VECTORS.exists() else []


@pytest.mark.skipif(not ROWS, reason="the collection of vectors is not beside this checkout")
@pytest.mark.parametrize("row", ROWS, ids=[row["id"] for row in ROWS])
def test_vector_is_verified_exactly_when_its_publisher_says_so(row):
    scheme = TypeAdapter(Scheme).validate_python({"kind": row["scheme"].replace("-", "_")})
    now_s = row.get("now") or row.get("now_ms", NOW.timestamp() * 1000) / 1000
    headers = {**row.get("headers", {}), row["header"]: row["value"]}
    signed = request(row["body"].encode(), headers, at=datetime.fromtimestamp(now_s, UTC), url=row.get("url", URL))

    assert _is_verified(scheme, row["secret"], signed, now_s) is row["valid"]


def _is_verified(scheme, secret, signed, now_s):
    try:
        return verify(scheme, signed, {SecretSlot.CURRENT: secret}, now_s) is SecretSlot.CURRENT
    except SyncError as exc:
        if exc.kind is not FailureKind.SIGNATURE_INVALID:
            raise
        return False

"""Every published signature vector of the inputs; the suite's own are in tests/unit/test_signatures.py."""

import json
from datetime import UTC, datetime

import pytest
from pydantic import TypeAdapter

from lockstep.domain.failures import FailureKind, SyncError
from lockstep.domain.signatures import Scheme, SecretSlot, verify
from tests.fakes.senders import NOW, URL, request


@pytest.fixture(scope="session")
def vectors(inputs):
    folder = inputs / "vectors"
    return json.loads((folder / "signature-vectors.json").read_text(encoding="utf-8"))


def test_every_vector_is_verified_exactly_when_its_publisher_says_so(vectors):
    answers = {vector["id"]: (_is_verified(vector), vector["valid"]) for vector in vectors}

    assert len(answers) >= 18
    assert {name: answer for name, answer in answers.items() if answer[0] is not answer[1]} == {}


def _is_verified(vector):
    scheme = TypeAdapter(Scheme).validate_python({"kind": vector["scheme"].replace("-", "_")})
    now_s = vector.get("now") or vector.get("now_ms", NOW.timestamp() * 1000) / 1000
    headers = {**vector.get("headers", {}), vector["header"]: vector["value"]}
    signed = request(
        vector["body"].encode(), headers, at=datetime.fromtimestamp(now_s, UTC), url=vector.get("url", URL)
    )
    try:
        return verify(scheme, signed, {SecretSlot.CURRENT: vector["secret"]}, now_s) is SecretSlot.CURRENT
    except SyncError as exc:
        if exc.kind is not FailureKind.SIGNATURE_INVALID:
            raise
        return False

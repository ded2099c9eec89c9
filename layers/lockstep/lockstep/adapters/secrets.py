"""Secrets from Secrets Manager, kept in memory for a limited time."""

import json
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from lockstep.adapters import clients
from lockstep.adapters.aws import aws_errors
from lockstep.domain.failures import FailureKind, SyncError

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient


class SecretsManagerSecrets:
    """Implements `ports.Secrets`.

    Args:
        prefix: Goes before every name, e.g. `lockstep-prod/`.
        max_age_s: A value older than this is read again, so that a rotation reaches every container.
        clock: Monotonic seconds.
    """

    def __init__(
        self,
        prefix: str,
        max_age_s: float,
        clock: Callable[[], float] = time.monotonic,
        client: "SecretsManagerClient | None" = None,
    ) -> None:
        self._client = client or clients.secretsmanager()
        self._prefix = prefix
        self._max_age_s = max_age_s
        self._clock = clock
        self._kept: dict[str, tuple[float, Mapping[str, str]]] = {}

    def get(self, name: str) -> Mapping[str, str]:
        """Return the secret's keys and values, at most `max_age_s` old."""
        kept = self._kept.get(name)
        if kept and self._clock() - kept[0] <= self._max_age_s:
            return kept[1]
        value = self._parse(name, self._read(name))
        self._kept[name] = (self._clock(), value)
        return value

    def put(self, name: str, value: Mapping[str, str]) -> None:
        """Store a new version of the secret."""
        with aws_errors(f"storing the secret {self._prefix}{name}"):
            self._client.put_secret_value(SecretId=self._prefix + name, SecretString=json.dumps(dict(value)))
        self._kept[name] = (self._clock(), dict(value))

    def forget(self, name: str) -> None:
        """Read the secret anew next time."""
        self._kept.pop(name, None)

    def _read(self, name: str) -> str:
        try:
            with aws_errors(f"reading the secret {self._prefix}{name}"):
                answer = self._client.get_secret_value(SecretId=self._prefix + name)
        except SyncError as exc:
            if exc.error_code != "ResourceNotFoundException":
                raise
            raise _broken(self._prefix + name, "does not exist; create it (README, Secrets)") from exc
        return answer.get("SecretString", "")

    def _parse(self, name: str, text: str) -> Mapping[str, str]:
        try:
            value = json.loads(text)
        except ValueError:
            # From None: the parser's error holds the secret.
            raise _broken(self._prefix + name, "is not JSON; store an object of texts") from None
        if not isinstance(value, dict) or not all(isinstance(each, str) for each in value.values()):
            raise _broken(self._prefix + name, "is not a flat JSON object of texts")
        return value


class StoredConnection:
    """Implements `ports.sign_in.ConnectionSecret` with one secret of Secrets Manager.

    Args:
        prefix: Goes before the name, e.g. `lockstep-prod/`.
        name: Its name, e.g. `salesforce`.
    """

    def __init__(self, prefix: str, name: str, client: "SecretsManagerClient | None" = None) -> None:
        self._secrets = SecretsManagerSecrets(prefix, 0, client=client)
        self._name = name
        self.name = prefix + name

    def read(self) -> Mapping[str, str]:
        """Read it anew."""
        self._secrets.forget(self._name)
        return self._secrets.get(self._name)

    def write(self, content: Mapping[str, str]) -> None:
        """Store a new version of it; PutSecretValue replaces the whole at once."""
        self._secrets.put(self._name, content)


def _broken(name: str, reason: str) -> SyncError:
    return SyncError(FailureKind.CONFIGURATION_INVALID, f"the secret {name} {reason}")

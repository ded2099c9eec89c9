"""The connected app's policies: which grants it has, how long what it gives out lives, whom it redirects to."""

from enum import StrEnum
from typing import Annotated, Any
from urllib.parse import SplitResult, urlsplit

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from pydantic import BaseModel, ConfigDict, Field, field_validator

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class Grant(StrEnum):
    """What a client may ask the token endpoint for."""

    REFRESH_TOKEN = "refresh_token"  # noqa: S105 - a name, no secret
    AUTHORIZATION_CODE = "authorization_code"
    CLIENT_CREDENTIALS = "client_credentials"
    JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"


class ConnectedApp(BaseModel):
    """The policies. Times are seconds of the org's clock; `certificate` is the PEM of a certificate or public key."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    grants: frozenset[Grant] = frozenset(Grant)
    scopes: tuple[str, ...] = ("refresh_token", "api", "id")
    rotation: bool = False
    reuse_ends_family: bool = False
    session_s: Annotated[float, Field(gt=0, le=1e9)] = 7200.0
    refresh_token_s: Annotated[float, Field(gt=0, le=1e9)] | None = None
    sign_ins_per_hour: Annotated[int, Field(ge=0)] = 3600
    certificate: str | None = None
    callback_urls: tuple[str, ...] = (
        "http://localhost:1717/OauthRedirect",
        "http://localhost/callback",
        "http://127.0.0.1/callback",
    )
    any_loopback_port: bool = True
    requires_secret: bool = True
    requires_pkce: bool = False
    has_run_as_user: bool = True
    is_my_domain: bool = True
    instance_url: str | None = None

    @field_validator("certificate")
    @classmethod
    def _holds_an_rsa_key(cls, pem: str | None) -> str | None:
        if pem is not None:
            read_public_key(pem)
        return pem

    def changed(self, changes: dict[str, Any]) -> "ConnectedApp":
        """Return the app with some policies changed.

        Raises:
            pydantic.ValidationError: An unknown policy or a value that is none.
        """
        return ConnectedApp.model_validate({**self.model_dump(), **changes})

    def redirects_to(self, url: str) -> bool:
        """Tell whether a redirect URL is registered; a loopback address may have any port where the app says so."""
        return url in self.callback_urls or (
            self.any_loopback_port and any(_differs_in_port_only(url, known) for known in self.callback_urls)
        )


def read_public_key(pem: str) -> rsa.RSAPublicKey:
    """Return the RSA key of a PEM certificate or public key.

    Raises:
        ValueError: It is neither.
    """
    content = pem.encode()
    is_certificate = b"BEGIN CERTIFICATE" in content
    key = x509.load_pem_x509_certificate(content).public_key() if is_certificate else load_pem_public_key(content)
    if not isinstance(key, rsa.RSAPublicKey):
        raise ValueError("not an RSA key")  # noqa: TRY004 - what is wrong is the PEM's content
    return key


def _differs_in_port_only(url: str, known: str) -> bool:
    try:
        asked, registered = urlsplit(url), urlsplit(known)
    except ValueError:
        return False
    return asked.hostname in _LOOPBACK and _without_port(asked) == _without_port(registered)


def _without_port(url: SplitResult) -> tuple[str, str | None, str, str, str, str | None]:
    return url.scheme, url.hostname, url.path, url.query, url.fragment, url.username

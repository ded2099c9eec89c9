"""What the tests of the local org's sign-in share: forms, assertions, a key pair."""

import base64
import datetime as dt
import json
from functools import cache

import jwt
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from local.org.sessions import Credentials

KNOWN = Credentials()
CLIENT = {"client_id": KNOWN.client_id, "client_secret": KNOWN.client_secret}
REFRESH = {"grant_type": "refresh_token", "refresh_token": KNOWN.refresh_token, **CLIENT}
CLIENT_CREDENTIALS = {"grant_type": "client_credentials", **CLIENT}
JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"


def ask(door, endpoint, form, **kwargs):
    """Post a form to an OAuth endpoint."""
    return door.session.post(f"{door.instance_url}/services/oauth2/{endpoint}", data=form, timeout=20, **kwargs)


def refusal(response):
    """Return status, error and description of a refused sign-in."""
    body = response.json()
    return response.status_code, body["error"], body["error_description"]


def limits_status(door, access_token):
    """Return the status of a cheap call with a token."""
    headers = {"Authorization": f"Bearer {access_token}"}
    return door.session.get(f"{door.instance_url}/services/data/v66.0/limits", headers=headers, timeout=20).status_code


@cache
def key_pair() -> tuple[str, str, str]:
    """Return a private key, its certificate and its public key as PEM."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "lockstep")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now)
        .not_valid_after(now + dt.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    public = key.public_key().public_bytes(pem, serialization.PublicFormat.SubjectPublicKeyInfo)
    return private.decode(), certificate.public_bytes(pem).decode(), public.decode()


def assertion(now_s, *, key=None, algorithm="RS256", **claims):
    """Return a signed assertion that is good for three minutes unless claims say otherwise; None leaves one out."""
    good = {"iss": KNOWN.client_id, "sub": KNOWN.username, "aud": "https://login.salesforce.com", "exp": now_s + 180}
    chosen = {name: value for name, value in {**good, **claims}.items() if value is not None}
    return jwt.encode(chosen, key or key_pair()[0], algorithm=algorithm)


def resealed(text, header):
    """Return an assertion with another header, signed rightly by RS256 whatever the header says."""
    claims = text.split(".")[1]
    signed = f"{_part(json.dumps(header).encode())}.{claims}"
    key = serialization.load_pem_private_key(key_pair()[0].encode(), None)
    return f"{signed}.{_part(key.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256()))}"


def _part(content):
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def jwt_form(text):
    """Return the form of a sign-in by JWT."""
    return {"grant_type": JWT_BEARER, "assertion": text}

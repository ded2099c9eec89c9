"""The connection with the org."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A bearer token and the org's address that it came with."""

    value: str
    instance_url: str

    def __repr__(self) -> str:
        return f"AccessToken({self.instance_url})"

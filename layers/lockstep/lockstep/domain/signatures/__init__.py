"""Signatures of webhooks: who signs how, and whether a request was signed by somebody who knows the secret."""

from typing import Annotated

from pydantic import Field

from lockstep.domain.signatures.generic import GenericHmac
from lockstep.domain.signatures.proof import SecretSlot, verify
from lockstep.domain.signatures.vendors import GitHub, HubSpotV3, Shopify, StandardWebhooks, Stripe, WooCommerce

__all__ = ["Scheme", "SecretSlot", "WooCommerce", "verify"]

Scheme = Annotated[
    Shopify | Stripe | GitHub | StandardWebhooks | HubSpotV3 | WooCommerce | GenericHmac, Field(discriminator="kind")
]

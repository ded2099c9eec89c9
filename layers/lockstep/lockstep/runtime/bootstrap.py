"""Puts the use cases together: the only place that picks adapters.

Adapters are imported inside the functions, so that no function pays for what another one needs.
"""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from lockstep.runtime.settings import WebhookSettings

if TYPE_CHECKING:
    from lockstep.services.accept_webhook import AcceptWebhook


def utc_now() -> datetime:
    """Return the time, aware."""
    return datetime.now(UTC)


def build_accept_webhook(settings: WebhookSettings) -> "AcceptWebhook":
    """Build the use case of the webhook function."""
    from lockstep.adapters.change_log import DynamoDbChangeLog
    from lockstep.adapters.inbound_queue import SqsQueue
    from lockstep.adapters.payload_store import S3PayloadStore
    from lockstep.adapters.secrets import SecretsManagerSecrets
    from lockstep.runtime.config_files import load_sources
    from lockstep.services.accept_webhook import AcceptWebhook

    return AcceptWebhook(
        sources=load_sources(),
        secrets=SecretsManagerSecrets(settings.secret_prefix, settings.secret_max_age_seconds),
        change_log=DynamoDbChangeLog(
            settings.change_log_table, settings.claim_lease_seconds, settings.change_log_retention_days
        ),
        queue=SqsQueue(settings.inbound_queue_url),
        payload_store=S3PayloadStore(settings.payload_bucket),
        clock=utc_now,
        max_body_bytes=settings.max_body_bytes,
        claim_lease_s=settings.claim_lease_seconds,
    )

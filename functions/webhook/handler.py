"""POST /webhooks/{source}: takes a signed delivery in and answers once its changes are safe on the queue."""

from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from lockstep.runtime.http import webhook_request
from lockstep.runtime.observability import logger, metrics
from lockstep.runtime.webhook_api import respond

if TYPE_CHECKING:
    from lockstep.runtime.settings import WebhookSettings
    from lockstep.services.accept_webhook import Accepted, AcceptWebhook

# pydantic, boto3 and PyYAML are imported by the factories, at the first delivery: this import costs nothing of them.


@cache
def settings() -> "WebhookSettings":
    """Read the settings once per execution environment."""
    from lockstep.runtime.settings import WebhookSettings

    return WebhookSettings.from_env()


@cache
def accept_webhook() -> "AcceptWebhook":
    """Build the use case once per execution environment."""
    from lockstep.runtime.bootstrap import build_accept_webhook

    return build_accept_webhook(settings())


@logger.inject_lambda_context(clear_state=True)
@metrics.log_metrics
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer 202 with the correlation IDs, or a problem that says what to do."""

    def take_in() -> "Accepted":
        return accept_webhook()(webhook_request(event, datetime.now(UTC), settings().public_base_url))

    source = (event.get("pathParameters") or {}).get("source") or ""
    return respond(take_in, source, context.aws_request_id)

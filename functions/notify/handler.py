"""Posts each alert of the topic to a chat, by a Slack-compatible webhook."""

from functools import cache
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from lockstep.runtime.bootstrap import build_post_alerts
from lockstep.runtime.observability import logger
from lockstep.runtime.settings import NotifySettings
from lockstep.services.post_alerts import PostAlerts


@cache
def post_alerts() -> PostAlerts:
    """Build the use case once per execution environment."""
    return build_post_alerts(NotifySettings.from_env())


@logger.inject_lambda_context
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> None:
    """Post what SNS brings; Lambda comes again twice where that fails, then its alarm goes off."""
    post_alerts()([(each["Sns"].get("Subject"), each["Sns"]["Message"]) for each in event["Records"]])

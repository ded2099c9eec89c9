"""Posts alerts to a chat."""

from collections.abc import Sequence

from lockstep.domain.alert_texts import chat_text
from lockstep.ports import Chat


class PostAlerts:
    """The notify function's use case."""

    def __init__(self, chat: Chat) -> None:
        self._chat = chat

    def __call__(self, alerts: Sequence[tuple[str | None, str]]) -> None:
        """Post each alert, given as subject and message.

        Raises:
            SyncError: CONFIGURATION_INVALID, CHAT_UNAVAILABLE, AWS_UNAVAILABLE; SNS's delivery is tried again.
        """
        for subject, message in alerts:
            self._chat.post(chat_text(subject, message))

"""An HTTP session that always has a time limit."""

from typing import Any

import requests

# Salesforce holds a call for up to 10 minutes; a function cannot.
CONNECT_TIMEOUT_S = 5.0
READ_TIMEOUT_S = 20.0


class TimeLimitedSession(requests.Session):
    """A session whose every request ends: simple-salesforce sets no time limit."""

    def request(self, method: str | bytes, url: str | bytes, *args: Any, **kwargs: Any) -> requests.Response:
        """Send, with the time limits unless the caller set others."""
        kwargs.setdefault("timeout", (CONNECT_TIMEOUT_S, READ_TIMEOUT_S))
        return super().request(method, url, *args, **kwargs)

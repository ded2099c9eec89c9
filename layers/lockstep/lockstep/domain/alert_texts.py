"""Alerts as people read them in a chat."""

import json

# Slack, "chat.postMessage" and incoming webhooks: longer texts are cut; 4,000 characters are what it advises.
MAX_CHAT_CHARS = 4_000
_CUT = "\n… (cut; the e-mail and the log hold the rest)"


def chat_text(subject: str | None, message: str) -> str:
    """Return an alert as text in Slack's markup: a bold line, then what to do.

    Args:
        subject: None where the sender gave none.
        message: Lockstep's own text, or the JSON in which CloudWatch tells of an alarm.
    """
    alarm = _alarm(message)
    if alarm is not None:
        subject, message = alarm
    text = f"*{_plain(subject or 'Lockstep')}*\n{_plain(message)}"
    return text if len(text) <= MAX_CHAT_CHARS else text[: MAX_CHAT_CHARS - len(_CUT)] + _CUT


def _alarm(message: str) -> tuple[str, str] | None:
    """Return subject and text of CloudWatch's message, or None where it is none."""
    try:
        told = json.loads(message)
    except ValueError:
        return None
    if not isinstance(told, dict) or not isinstance(told.get("AlarmName"), str):
        return None
    parts = [told.get("AlarmDescription"), told.get("NewStateReason")]
    return f"{told.get('NewStateValue')}: {told['AlarmName']}", "\n".join(str(part) for part in parts if part)


def _plain(text: str) -> str:
    """Keep what a record's name may hold from being read as a link or a call to everybody."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")

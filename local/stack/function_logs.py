"""The functions' own logs: they stand in CloudWatch, which ends with the stack, so they are copied into files."""

from collections.abc import Iterator
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from local.stack.folders import Folders

_NOISE = ("START ", "END ", "REPORT ", '{"_aws"')  # Lambda's own lines, and metrics


def save_function_logs(client: Any, folders: Folders) -> None:
    """Write each function's log beside the others, e.g. `function-webhook.log`."""
    try:
        groups = client.describe_log_groups()["logGroups"]
        for group in groups:
            lines = list(_lines(client, group["logGroupName"]))
            name = group["logGroupName"].rpartition("/")[2].removesuffix("LogGroup").lower()
            folders.log(f"function-{name}").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    except (BotoCoreError, ClientError) as exc:
        # The stack may end because this AWS is broken; its own log is there.
        folders.log("function-logs").write_text(f"could not be read: {exc}\n", encoding="utf-8")


def _lines(client: Any, group: str) -> Iterator[str]:
    for page in client.get_paginator("filter_log_events").paginate(logGroupName=group):
        for event in page["events"]:
            if not event["message"].startswith(_NOISE):
                yield event["message"].rstrip()

"""MiniStack with a few things put right: functions are replaced by ones that do as AWS does.

Batches: MiniStack 1.5.33 hands at most 10 messages of a queue to a function, whatever `BatchSize` says, and ignores
`MaximumBatchingWindowInSeconds`. AWS hands over up to 10,000, and waits up to the window for more, from the first
message on, until the batch is full or holds 6 MB (Lambda Developer Guide, "Batching behavior"). Whether a thousand
changes cost five Salesforce calls or a hundred hangs on it. So `services.sqs._receive_messages_for_esm` is replaced;
FIFO queues and mappings without a window are left to the original.

Numbers: a template's `!Ref` to a parameter of type Number arrives as text; AWS turns it into a number where a property
is one, MiniStack compares the text with a number and stops polling. So `services.lambda_svc._sqs_esm_concurrency` is
given the number.

Rights: AWS has no actions for SQS's batch calls; `sqs:SendMessage` allows SendMessageBatch too (Service Authorization
Reference). MiniStack asks for `sqs:SendMessageBatch`. To read one event source mapping it asks for the right to list
them, and to change one for none. So `core.iam_actions.extract_iam_action` names the actions as AWS does.

Ranges: of an object's version MiniStack hands out the whole, whatever `Range` asks for; AWS hands out the range. So
`services.s3._get_object` cuts it.

Layers: MiniStack unpacks a layer, some 4,600 files, for each start of a function, and checks each name before; with
eight containers that takes longer than their work. A start of AWS's takes what is unpacked. So `core.lambda_runtime`
unpacks an archive once, and links it from then on: a function must not write there, as on AWS.

Port 443: with HTTPS MiniStack takes it beside its own port where it may; here it does not.

On a release of MiniStack whose functions are not those known here, the start is refused.
"""

import inspect
import sys
import tempfile
import threading
import time
import zipfile
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

from ministack import app
from ministack.core import iam_actions, lambda_runtime
from ministack.services import lambda_svc, s3, sqs

from local.stack.batch_windows import Windows, batch_length
from local.stack.unpacked_once import Unpacked, linking_zip

EXPECTED: dict[tuple[ModuleType | type, str], str] = {
    (sqs, "_receive_messages_for_esm"): "(queue_url: str, max_number: int) -> list[dict]",
    (sqs, "_collect_msgs"): "(q: dict, max_n: int, vis_timeout: int) -> list",
    (
        iam_actions,
        "extract_iam_action",
    ): "(service: str, method: str, path: str, headers: dict, body: bytes, query_params: dict) -> str | None",
    (app, "_port_is_bindable"): "(host: str, port: int) -> bool",
    (s3, "_get_object"): "(bucket_name: str, key: str, headers: dict, query_params: dict = None)",
    (s3, "_parse_range"): "(range_header: str, total: int)",
    (lambda_runtime.Worker, "_spawn"): "(self)",
    (lambda_svc, "_sqs_esm_concurrency"): "(esm: dict, func_rec: dict, config: dict, queue: dict | None = None) -> int",
}
Message = dict[str, Any]
Answer = tuple[int, dict[str, str], bytes]
_MAPPING_ACTIONS = {
    "GET": "lambda:GetEventSourceMapping",
    "PUT": "lambda:UpdateEventSourceMapping",
    "DELETE": "lambda:DeleteEventSourceMapping",
}


def _wake_poller_after(delay_s: float) -> None:
    timer = threading.Timer(delay_s, lambda_svc._esm_wake.set)  # noqa: SLF001
    timer.daemon = True
    timer.start()


def _mapping_window_s(queue: Message) -> float:
    source = queue["attributes"].get("QueueArn")
    mappings = [esm for *_, esm in lambda_svc._iter_all_esms() if esm.get("EventSourceArn") == source]  # noqa: SLF001
    return float(max((esm.get("MaximumBatchingWindowInSeconds") or 0 for esm in mappings), default=0))


def _patched(original: Callable[[str, int], list[Message]]) -> Callable[[str, int], list[Message]]:
    windows = Windows(time.monotonic, _wake_poller_after)

    def receive(queue_url: str, max_number: int) -> list[Message]:
        queue = sqs._get_q(queue_url)  # noqa: SLF001
        window_s = _mapping_window_s(queue)
        if queue["is_fifo"] or not window_s:
            return original(queue_url, max_number)
        with sqs._queues_lock:  # noqa: SLF001
            return _receive(queue_url, queue, int(max_number), window_s, windows)

    return receive


def _receive(queue_url: str, queue: Message, most: int, window_s: float, windows: Windows) -> list[Message]:
    sqs._expire_retained(queue)  # noqa: SLF001
    sqs._dlq_sweep(queue)  # noqa: SLF001
    now = time.time()
    visible = [message for message in queue["messages"] if message["visible_at"] <= now]
    if not visible:
        windows.close(queue_url)
        return []
    count = batch_length((len(message["body"].encode()) for message in visible), most)
    if not windows.is_over(queue_url, window_s, is_full=count < len(visible) or count >= most):
        return []
    visibility_s = int(queue["attributes"].get("VisibilityTimeout", "30"))
    messages: list[Message] = sqs._collect_msgs(queue, count, visibility_s)  # noqa: SLF001
    return messages


def with_numbers(mapping: Message) -> Message:
    """Return the event source mapping with numbers where its scaling settings came as text."""
    scaling = {name: int(value) for name, value in (mapping.get("ScalingConfig") or {}).items()}
    return {**mapping, "ScalingConfig": scaling}


def single_action(action: str | None) -> str | None:
    """Return the action that AWS asks for in place of one of SQS's batch calls."""
    return action.removesuffix("Batch") if action and action.startswith("sqs:") else action


def mapping_action(action: str | None, method: str, path: str) -> str | None:
    """Return the action that AWS asks for where one event source mapping is read or changed."""
    is_mapping = "event-source-mappings" in path.rstrip("/").split("/")[:-1]
    return _MAPPING_ACTIONS.get(method, action) if is_mapping else action


def with_range(answer: Answer, span: tuple[int, int] | None) -> Answer:
    """Return the answer cut to a range, first and last byte, where it is a whole object.

    The checksums of the whole go, since they are not those of its part.
    """
    status, headers, body = answer
    if status != HTTPStatus.OK or span is None:
        return answer
    first, last = span
    part = body[first : last + 1]
    kept = {name: value for name, value in headers.items() if not name.lower().startswith("x-amz-checksum-")}
    about = {"Content-Length": str(len(part)), "Content-Range": f"bytes {first}-{last}/{len(body)}"}
    return HTTPStatus.PARTIAL_CONTENT, {**kept, **about}, part


def _get_object(original: Callable[..., Answer]) -> Callable[..., Answer]:
    def get_object(bucket: str, key: str, headers: Message, query: Message | None = None) -> Answer:
        answer = original(bucket, key, headers, query)
        asked = headers.get("range", "") if query and "versionId" in query else ""
        return with_range(answer, s3._parse_range(asked, len(answer[2])) if asked else None)  # noqa: SLF001

    return get_object


def check() -> None:
    """Refuse a release of MiniStack that the replacements were not written for.

    Raises:
        RuntimeError: A function is not there, or takes something else.
    """
    for (module, name), expected in EXPECTED.items():
        found = str(inspect.signature(getattr(module, name))) if hasattr(module, name) else "nothing"
        if found != expected:
            raise RuntimeError(
                f"local/stack/ministack_patched.py does not know this release of MiniStack: {module.__name__}.{name} "
                f"is {found}, expected {expected}. Adapt the replacement, or install the release of pyproject.toml."
            )


def replace() -> None:
    """Put the replacements in place."""
    check()
    extract = iam_actions.extract_iam_action
    iam_actions.extract_iam_action = lambda service, method, path, *rest: mapping_action(
        single_action(extract(service, method, path, *rest)), method, path
    )
    app._port_is_bindable = lambda _host, _port: False  # noqa: SLF001
    receive, concurrency = sqs._receive_messages_for_esm, lambda_svc._sqs_esm_concurrency  # noqa: SLF001
    sqs._receive_messages_for_esm = _patched(receive)  # noqa: SLF001
    s3._get_object = _get_object(s3._get_object)  # noqa: SLF001
    unpacked = Unpacked(Path(tempfile.mkdtemp(prefix="unpacked-")))
    lambda_runtime.zipfile = SimpleNamespace(**{**vars(zipfile), "ZipFile": linking_zip(unpacked)})
    lambda_svc._sqs_esm_concurrency = lambda esm, *others: concurrency(with_numbers(esm), *others)  # noqa: SLF001


if __name__ == "__main__":
    replace()
    sys.argv = ["ministack"]
    app.main()

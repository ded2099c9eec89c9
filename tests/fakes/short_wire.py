"""Hands calls to moto without HTTP between: the bodies are made and read by boto3 and moto, and nobody carries them.

Signing, headers, hooks and the search for who answers a URL are most of what a call costs, and a play makes thousands.
"""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.client import BaseClient
from botocore.handlers import generate_idempotent_uuid
from botocore.model import OperationModel
from botocore.parsers import ResponseParser, create_parser
from moto.core import DEFAULT_ACCOUNT_ID
from moto.core.responses import BaseResponse
from moto.dynamodb.responses import DynamoHandler
from moto.secretsmanager.responses import SecretsManagerResponse
from moto.sqs.responses import SQSResponse

ApiCall = Callable[[Any, str, Any], Any]

_PROTOCOL = "json"
_HANDLERS: dict[str, type[BaseResponse]] = {
    "dynamodb": DynamoHandler,
    "secretsmanager": SecretsManagerResponse,
    "sqs": SQSResponse,
}
_PARSER: ResponseParser = create_parser(_PROTOCOL)
_SUCCESS = range(300)


def shorten(patch: pytest.MonkeyPatch) -> None:
    """Let calls to DynamoDB, SQS and Secrets Manager take the short way while `patch` lasts."""
    patch.setattr(BaseClient, "_make_api_call", _by_short_wire(BaseClient._make_api_call))


def _by_short_wire(call: ApiCall) -> ApiCall:

    def made(client: Any, operation: str, parameters: Any) -> Any:
        handler = _HANDLERS.get(client.meta.service_model.service_name)
        if handler is None:
            return call(client, operation, parameters)
        model = client.meta.service_model.operation_model(operation)
        return _read(client, model, _answer(handler(), client, model, parameters))

    return made


def _answer(handler: Any, client: Any, model: OperationModel, parameters: Any) -> dict[str, Any]:
    asked = dict(parameters)
    generate_idempotent_uuid(asked, model)
    request = client._serializer.serialize_to_request(asked, model)  # which checks them, too
    handler.headers = request["headers"]
    handler.querystring, handler.uri_match, handler.response_headers = {}, {}, {}
    handler.uri, handler.path, handler.body = client.meta.endpoint_url, "/", request["body"].decode()
    handler.region, handler.current_account = client.meta.region_name, DEFAULT_ACCOUNT_ID
    if handler.automated_parameter_parsing:
        handler.parse_parameters(_posted(request))
    status, headers, body = handler.call_action()
    return {"status_code": int(status), "headers": headers, "body": body.encode() if isinstance(body, str) else body}


def _posted(request: Any) -> Any:
    """Return a request as moto's parsers look at it."""
    headers = request["headers"]
    return SimpleNamespace(
        method="POST",
        values={},
        headers=headers,
        data=request["body"],
        path="/",
        content_type=headers["Content-Type"],
    )


def _read(client: Any, model: OperationModel, answer: dict[str, Any]) -> Any:
    parsed = _PARSER.parse(answer, model.output_shape)
    if answer["status_code"] in _SUCCESS:
        return parsed
    client._endpoint._add_modeled_error_fields(answer, parsed, model, _PARSER)
    error = parsed["Error"]
    raise client.exceptions.from_code(error.get("QueryErrorCode", error["Code"]))(parsed, model.name)

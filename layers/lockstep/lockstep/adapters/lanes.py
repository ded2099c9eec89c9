"""The lanes' event source mappings, switched off while the circuit is open: then no message is received in vain."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from lockstep.adapters import clients
from lockstep.adapters.aws import aws_errors
from lockstep.domain.failures import SyncError

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

# Lambda API Reference, GetEventSourceMapping: State. While Lambda creates or updates one, it refuses to change it.
_STATES = {True: ("Enabled", "Enabling"), False: ("Disabled", "Disabling")}


class EventSourceMappings:
    """Implements `ports.LaneSwitch`.

    Args:
        mapping_ids: UUIDs.
    """

    def __init__(self, mapping_ids: Sequence[str], client: "LambdaClient | None" = None) -> None:
        self._client = client or clients.lambdas()
        self._mapping_ids = mapping_ids

    def switch(self, *, on: bool) -> None:
        """Switch those that are not as they should be; one that AWS refuses to switch does not hinder the others."""
        refusal: SyncError | None = None
        for mapping_id in self._mapping_ids:
            try:
                self._switch(mapping_id, on=on)
            except SyncError as exc:
                refusal = exc
        if refusal is not None:
            raise refusal

    def _switch(self, mapping_id: str, *, on: bool) -> None:
        with aws_errors("switching a lane"):
            if self._client.get_event_source_mapping(UUID=mapping_id)["State"] not in _STATES[on]:
                self._client.update_event_source_mapping(UUID=mapping_id, Enabled=on)

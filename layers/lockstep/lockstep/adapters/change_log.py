"""The change log in DynamoDB: one item per change, by correlation ID."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from lockstep.adapters import clients
from lockstep.adapters.aws import ConditionNotMetError, aws_errors, call_all
from lockstep.adapters.batch_get import batch_get
from lockstep.adapters.batch_put import batch_put
from lockstep.domain.batches import slices, split
from lockstep.domain.changes import Change, Outcome, State
from lockstep.ports import ClaimAnswer

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

# As long as the queue keeps a message (template.yaml: InboundQueue): after that a queued change must be somewhere else.
QUEUED_LEASE = timedelta(days=14)
KEYS_PER_BATCH_GET = 100  # DynamoDB API Reference, BatchGetItem

_SETTLED = {f":{state.name.lower()}": {"S": state.value} for state in State if state.is_settled}
_NOT_SETTLED = f"(attribute_not_exists(#state) OR NOT #state IN ({', '.join(_SETTLED)}))"
# Why an earlier attempt failed stays in its step; the item itself says what is so now.
_OBSOLETE = ("failure_kind", "error_code", "detail")
_MOVE = "#state = :state, expires_at = :expires, steps = list_append(if_not_exists(steps, :no_steps), :step)"


class DynamoDbChangeLog:
    """Implements `ports.ChangeLog`.

    Args:
        table_name: Key: `correlation_id` (S); time to live: `expires_at`.
        lease_s: How long a claim holds before somebody else may take the change in; longer than the function runs.
        retention_days: How long an item is kept after its last step.
    """

    def __init__(
        self, table_name: str, lease_s: int, retention_days: int, client: "DynamoDBClient | None" = None
    ) -> None:
        self._client = client or clients.dynamodb()
        self._table = table_name
        self._lease = timedelta(seconds=lease_s)
        self._retention = timedelta(days=retention_days)
        self._items: dict[str, Mapping[str, Any]] = {}  # by correlation ID, as `states` has read them last

    def claim(self, changes: Sequence[Change], now: datetime) -> Sequence[ClaimAnswer]:
        """Claim each change by a conditional write of its own."""
        return call_all(lambda change: self._claim(change, now), changes)

    def _claim(self, change: Change, now: datetime) -> ClaimAnswer:
        described = {
            "#source": {"S": change.source},
            "entity": {"S": change.entity},
            "operation": {"S": change.operation.value},
            "external_id": {"S": change.external_id},
            "version": {"N": str(change.version)},
            "event_id": {"S": change.event_id},
            "topic": {"S": change.topic},
            "received_at": {"S": change.received_at.isoformat(timespec="milliseconds")},
        }
        values = {f":{name.strip('#')}": value for name, value in described.items()}
        assignments = ", ".join(f"{name} = :{name.strip('#')}" for name in described)
        try:
            self._update(
                change.correlation_id,
                f"SET {assignments}, lease_until_ms = :lease_until, {_MOVE}",
                "attribute_not_exists(correlation_id) OR (#state IN (:claimed, :queued) AND lease_until_ms < :now)",
                {
                    **values,
                    ":lease_until": _ms(now + self._lease),
                    ":now": _ms(now),
                    ":claimed": {"S": State.CLAIMED.value},
                    ":queued": {"S": State.QUEUED.value},
                    **self._step(State.CLAIMED, now),
                },
                names={"#source": "source"},
            )
        except ConditionNotMetError as exc:
            return _refusal(exc.item)
        return ClaimAnswer.GRANTED

    def mark_queued(self, changes: Sequence[Change], now: datetime) -> None:
        """Move each change from Claimed to Queued."""
        call_all(lambda change: self._mark_queued(change, now), changes)

    def _mark_queued(self, change: Change, now: datetime) -> None:
        self._update_where_allowed(
            change.correlation_id,
            f"SET lease_until_ms = :lease_until, {_MOVE}",
            "#state = :claimed",
            {
                ":lease_until": _ms(now + QUEUED_LEASE),
                ":claimed": {"S": State.CLAIMED.value},
                **self._step(State.QUEUED, now),
            },
        )

    def states(self, correlation_ids: Collection[str]) -> Mapping[str, State]:
        """Read the items in batches of 100: a whole one costs no more than its state."""
        self._items = {
            item["correlation_id"]["S"]: item
            for names in slices(sorted(set(correlation_ids)), KEYS_PER_BATCH_GET)
            for item in batch_get(self._client, self._table, [{"correlation_id": {"S": name}} for name in names])
        }
        return {name: State(item["state"]["S"]) for name, item in self._items.items()}

    def record(self, outcomes: Sequence[Outcome], now: datetime, *, written: Collection[str] = ()) -> None:
        """Add a step to each change and move it to its new state, unless it is settled.

        What was written is put as it was read and moved on, 25 in a request; all else by a conditional write each.
        """
        names, read = frozenset(written), self._items
        ours, others = split(
            outcomes,
            lambda each: each.state.is_settled and each.change.correlation_id in names & read.keys(),
        )
        if names:
            self._items = {}  # a container lives for hours
        if len(ours) > 1:
            outcome_by_name = {each.change.correlation_id: each for each in ours}
            items = [self._moved_on(read[name], outcome, now) for name, outcome in outcome_by_name.items()]
            ours = [
                outcome_by_name[item["correlation_id"]["S"]] for item in batch_put(self._client, self._table, items)
            ]
        call_all(lambda outcome: self._record(outcome, now), [*others, *ours])

    def _moved_on(self, item: Mapping[str, Any], outcome: Outcome, now: datetime) -> dict[str, Any]:
        """Return the item as `_record` would make it."""
        known = _facts(outcome)
        moved = self._step(outcome.state, now, known)
        attempts = int(item.get("attempts", {}).get("N", "0")) + 1
        return {
            **{name: value for name, value in item.items() if name not in _OBSOLETE},
            **known,
            "state": moved[":state"],
            "expires_at": moved[":expires"],
            "steps": {"L": [*item.get("steps", {}).get("L", []), *moved[":step"]["L"]]},
            "attempts": {"N": str(attempts)},
        }

    def _record(self, outcome: Outcome, now: datetime) -> None:
        known = _facts(outcome)
        assignments = "".join(f", {name} = :{name}" for name in known)
        obsolete = ", ".join(name for name in _OBSOLETE if name not in known)
        self._update_where_allowed(
            outcome.change.correlation_id,
            f"SET {_MOVE}{assignments} ADD attempts :one" + (f" REMOVE {obsolete}" if obsolete else ""),
            _NOT_SETTLED,
            {
                **{f":{name}": value for name, value in known.items()},
                ":one": {"N": "1"},
                **_SETTLED,
                **self._step(outcome.state, now, known),
            },
        )

    def _step(self, state: State, now: datetime, facts: Mapping[str, Any] | None = None) -> dict[str, Any]:
        at = now.isoformat(timespec="milliseconds")
        return {
            ":state": {"S": state.value},
            ":expires": {"N": str(int((now + self._retention).timestamp()))},
            ":no_steps": {"L": []},
            ":step": {"L": [{"M": {"at": {"S": at}, "state": {"S": state.value}, **(facts or {})}}]},
        }

    def _update_where_allowed(self, name: str, update: str, condition: str, values: Mapping[str, Any]) -> None:
        try:
            self._update(name, update, condition, values)
        except ConditionNotMetError:
            return  # it is further than we thought

    def _update(
        self,
        correlation_id: str,
        update: str,
        condition: str,
        values: Mapping[str, Any],
        names: Mapping[str, str] | None = None,
    ) -> None:
        with aws_errors("writing the change log"):
            self._client.update_item(
                TableName=self._table,
                Key={"correlation_id": {"S": correlation_id}},
                UpdateExpression=update,
                ConditionExpression=condition,
                ExpressionAttributeNames={"#state": "state", **(names or {})},
                ExpressionAttributeValues=values,
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )


def _facts(outcome: Outcome) -> dict[str, Any]:
    facts = {
        "record_id": outcome.record_id,
        "failure_kind": outcome.failure_kind,
        "error_code": outcome.error_code,
        "detail": outcome.detail,
    }
    return {name: {"S": value} for name, value in facts.items() if value}


def _refusal(item: Mapping[str, Mapping[str, str]]) -> ClaimAnswer:
    state = item.get("state", {}).get("S")
    return ClaimAnswer.HELD if state == State.CLAIMED.value else ClaimAnswer.KNOWN


def _ms(at: datetime) -> dict[str, str]:
    return {"N": str(int(at.timestamp() * 1000))}

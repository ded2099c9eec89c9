"""The version guard in DynamoDB: one item per record and source."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from lockstep.adapters import clients
from lockstep.adapters.aws import ConditionNotMetError, aws_errors, call_all
from lockstep.adapters.guard_met import Met, in_ms
from lockstep.domain.changes import Version
from lockstep.domain.error_log import RecordName
from lockstep.domain.guard import CALL_LIFE, GuardAnswer, GuardClaim

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

# `written` is the newest version that surely stands in the org; `claimed` the newest that may stand there, because
# somebody is writing it or died, or was cut off, while writing it. A write must be newer than the first and not older
# than the second; but arrival does not count there: a change whose sender came again has two messages, and the one that
# arrived first must not count as overtaken by the other, which would then find the change settled.
# `arrives_until_ms` is when the last write whose answer was given up must have reached the org, or never will.
_FREE = "(attribute_not_exists(lease_until_ms) OR lease_until_ms < :now OR lease_owner = :owner)"
_NEWER = "(attribute_not_exists(written) OR written < :version)"
_NOT_OVERTAKEN = "(attribute_not_exists(claimed) OR claimed <= :any_arrival)"
_OTHER_CONTENT = "NOT (stamp = :stamp AND content_hash = :content_hash)"
_LATEST_MS = 10**15 - 1
# A file's rows are not claimed one by one where the org itself refuses an older version; what it cannot know are
# records that are gone. So those that a delete was let through for are in an index, until an upsert of them is
# committed. Nothing of it is in the item of a record that was never deleted: its writes cost what they always did.
_DELETED = ", deleted_of = :deleted_of, deleted_at_ms = :now, deletion = :version"
_OF_DELETION = ("deleted_of", "deleted_at_ms", "deletion")


class DynamoDbVersionGuard:
    """Implements `ports.VersionGuard`.

    Args:
        table_name: Key: `record` (S), which is source#object#external ID.
        lease_s: How long a claim holds a record; longer than the function runs.
    """

    def __init__(self, table_name: str, lease_s: int, client: "DynamoDBClient | None" = None) -> None:
        self._client = client or clients.dynamodb()
        self._table = table_name
        self._lease = timedelta(seconds=lease_s)
        self._met: dict[tuple[str, str], Met] = {}  # by owner and record

    def claim(self, claims: Sequence[GuardClaim], owner: str, now: datetime) -> Sequence[GuardAnswer]:
        """Claim each record by a conditional write of its own."""
        return call_all(lambda claim: self._claim(claim, owner, now), claims)

    def _claim(self, claim: GuardClaim, owner: str, now: datetime) -> GuardAnswer:
        try:
            answer = self._update(
                claim,
                "SET lease_owner = :owner, lease_until_ms = :lease_until, claimed = :version"
                + (_DELETED if claim.is_delete else ""),
                f"{_FREE} AND {_NEWER} AND {_NOT_OVERTAKEN} AND {_OTHER_CONTENT}",
                {
                    ":owner": {"S": owner},
                    ":now": in_ms(now),
                    ":lease_until": in_ms(now + self._lease),
                    ":version": {"S": _sortable(claim.version)},
                    ":any_arrival": {"S": _sortable(claim.version._replace(received_at_ms=_LATEST_MS))},
                    ":stamp": {"N": str(claim.version.stamp)},
                    ":content_hash": {"S": claim.content_hash},
                    **({":deleted_of": {"S": f"{claim.source}#{claim.object_name}"}} if claim.is_delete else {}),
                },
                returns="ALL_OLD",  # UPDATED_OLD need not hold a value that was set to what it was
            )
        except ConditionNotMetError as exc:
            return _refusal(exc.item, claim, owner, now)
        self._met[owner, _key(claim)] = Met.of(answer.get("Attributes", {}), now)
        return GuardAnswer.GRANTED

    def failed_before(self, claims: Sequence[GuardClaim], owner: str) -> Sequence[GuardClaim]:
        """Answer from what the claims met."""
        met = [(claim, self._met.get((owner, _key(claim)))) for claim in claims]
        return [claim for claim, before in met if before and before.failed_at_ms is not None]

    def arrivals_until(self, claims: Sequence[GuardClaim], owner: str) -> Sequence[datetime | None]:
        """Answer from what the claims met."""
        met = [self._met.get((owner, _key(claim))) for claim in claims]
        return [each.arrives_until if each else None for each in met]

    def commit(self, claims: Sequence[GuardClaim], owner: str) -> None:
        """Make the claimed version the written one, and let go."""
        call_all(lambda claim: self._commit(claim, owner), claims)

    def _commit(self, claim: GuardClaim, owner: str) -> None:
        met = self._met.get((owner, _key(claim)))
        written = {
            "written": {"S": _sortable(claim.version)},
            "stamp": {"N": str(claim.version.stamp)},
            "content_hash": {"S": claim.content_hash},
            "correlation_id": {"S": claim.correlation_id},
        }
        forgotten = ["failed_at_ms"] if met and met.forgets else []
        self._let_go(claim, owner, written, ["claimed", *forgotten, *(() if claim.is_delete else _OF_DELETION)])

    def release(self, claims: Sequence[GuardClaim], owner: str, *, failed_at: datetime) -> None:
        """Put back what `claimed` said before, and let go."""
        call_all(lambda claim: self._release(claim, owner, failed_at), claims)

    def _release(self, claim: GuardClaim, owner: str, failed_at: datetime) -> None:
        met = self._met.get((owner, _key(claim)))
        if met and met.claimed:
            self._let_go(claim, owner, {"claimed": {"S": met.claimed}, "failed_at_ms": in_ms(failed_at)})
        else:
            self._let_go(claim, owner, {"failed_at_ms": in_ms(failed_at)}, ["claimed"])

    def suspend(
        self,
        claims: Sequence[GuardClaim],
        owner: str,
        *,
        failed_at: datetime | None = None,
        given_up_at: datetime | None = None,
    ) -> None:
        """Let go, but keep what was claimed: it may stand in the org."""
        sets = {"failed_at_ms": in_ms(failed_at)} if failed_at else {}
        if given_up_at:
            sets["arrives_until_ms"] = in_ms(given_up_at + CALL_LIFE)
        call_all(lambda claim: self._let_go(claim, owner, sets), claims)

    def note_failures(self, records: Sequence[RecordName], failed_at: datetime) -> None:
        """Set the mark alone, also where there is no item yet; who holds the record keeps it."""
        call_all(lambda record: self._note_failure(record, failed_at), sorted(set(records)))

    def _note_failure(self, record: RecordName, failed_at: datetime) -> None:
        with aws_errors("writing the version guard"):
            self._client.update_item(
                TableName=self._table,
                Key={"record": {"S": str(record)}},
                UpdateExpression="SET failed_at_ms = :failed_at",
                ExpressionAttributeValues={":failed_at": in_ms(failed_at)},
            )

    def _let_go(
        self, claim: GuardClaim, owner: str, sets: Mapping[str, dict[str, str]], removes: Sequence[str] = ()
    ) -> None:
        met = self._met.pop((owner, _key(claim)), None)
        sets, removes = {**(met.arrival() if met else {}), **sets}, [*removes, "lease_owner", "lease_until_ms"]
        if met and met.is_settled and "arrives_until_ms" not in sets:
            removes.append("arrives_until_ms")
        assigned = ", ".join(f"{name} = :{name}" for name in sets)
        update = f"{'SET ' + assigned if sets else ''} REMOVE {', '.join(removes)}"
        values = {f":{name}": value for name, value in sets.items()}
        try:
            self._update(claim, update, "lease_owner = :owner", {":owner": {"S": owner}, **values})
        except ConditionNotMetError:
            # The lease ran out and another took the record: its claim is not older than ours, and it will say the rest.
            return

    def _update(
        self, claim: GuardClaim, update: str, condition: str, values: Mapping[str, Any], returns: str = "NONE"
    ) -> Any:
        with aws_errors("writing the version guard"):
            return self._client.update_item(
                TableName=self._table,
                Key={"record": {"S": _key(claim)}},
                UpdateExpression=update,
                ConditionExpression=condition,
                ExpressionAttributeValues=values,
                ReturnValues=returns,  # type: ignore[arg-type]
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )


def _key(claim: GuardClaim) -> str:
    return str(RecordName(claim.source, claim.object_name, claim.external_id))


def _sortable(version: Version) -> str:
    """Text whose order is the version's order."""
    return f"{version.stamp:030d}.{version.event_at_ms:015d}.{version.received_at_ms:015d}"


def _refusal(item: Mapping[str, Mapping[str, str]], claim: GuardClaim, owner: str, now: datetime) -> GuardAnswer:
    """Say why the conditional write failed, from the item that it met."""
    same_stamp = item.get("stamp", {}).get("N") == str(claim.version.stamp)
    same_content = same_stamp and item.get("content_hash", {}).get("S") == claim.content_hash
    if same_content or item.get("written", {}).get("S", "") == _sortable(claim.version):
        is_own = item.get("correlation_id", {}).get("S") == claim.correlation_id
        return GuardAnswer.WRITTEN if is_own else GuardAnswer.SAME
    if item.get("written", {}).get("S", "") > _sortable(claim.version):
        return GuardAnswer.STALE
    lease_until_ms = int(item.get("lease_until_ms", {}).get("N", "0"))
    is_held = lease_until_ms >= int(now.timestamp() * 1000) and item.get("lease_owner", {}).get("S") != owner
    return GuardAnswer.HELD if is_held else GuardAnswer.STALE

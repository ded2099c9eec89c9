"""What the use cases need from the org."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol

from lockstep.domain.failures import SyncError
from lockstep.domain.json_text import JsonValue
from lockstep.domain.lookups import Found, MatchValues


@dataclass(frozen=True, slots=True)
class WriteResult:
    """What the org says of one record; `failure` is None where it was written."""

    record_id: str | None = None
    created: bool = False
    failure: SyncError | None = None


class OwnFields(NamedTuple):
    """The fields in which a record says what wrote it."""

    change_field: str
    version_field: str | None


@dataclass(frozen=True, slots=True)
class Standing:
    """What a record of the org says of the write that it shows.

    `change_id` is the change that wrote it last, `version` the source's stamp, as JSON has it: beyond 2^53 it is not
    exact. Both are None where the record does not say.
    """

    record_id: str
    change_id: str | None = None
    version: float | None = None


class SalesforceGateway(Protocol):
    """The org, as seen by the REST lane. Every method is one API call unless it says otherwise."""

    def upsert(
        self, object_name: str, external_id_field: str, records: Sequence[Mapping[str, JsonValue]]
    ) -> Sequence[WriteResult]:
        """Create or update up to 200 records, each on its own; results are in the order of the records.

        Safe to repeat: records are found by External ID.

        Raises:
            SyncError: The call as a whole failed; OUTCOME_UNKNOWN where the org may have written.
        """

    def create(self, object_name: str, records: Sequence[Mapping[str, JsonValue]]) -> Sequence[WriteResult]:
        """Create up to 200 records, each on its own; a record whose External ID is taken is UNIQUE_VALUE_RACE.

        Safe to repeat only for records with a unique External ID.

        Raises:
            SyncError: As `upsert`.
        """

    def delete(self, object_name: str, external_id_field: str, external_ids: Sequence[str]) -> Sequence[WriteResult]:
        """Delete up to 200 records (two calls: find the ids, delete); one that is not there counts as done.

        Raises:
            SyncError: As `upsert`.
        """

    def delete_ids(self, record_ids: Sequence[str]) -> None:
        """Delete up to 200 records by their Ids; one that is gone counts as done.

        Raises:
            SyncError: As `upsert`; or why the first of the records that the org refuses was not deleted.
        """

    def existing(self, object_name: str, field_name: str, values: Collection[str]) -> frozenset[str]:
        """Return those of the values that a record has in that field.

        Raises:
            SyncError: As `upsert`.
        """

    def standing(
        self, object_name: str, external_id_field: str, values: Collection[str], asked: OwnFields
    ) -> Mapping[str, Standing]:
        """Say of each External ID that has a record what that shows.

        Args:
            object_name: The object.
            external_id_field: By which its records are found.
            values: The External IDs.
            asked: Where its records say what wrote them.

        Raises:
            SyncError: As `upsert`.
        """

    def find(
        self, object_name: str, match_fields: Sequence[str], wanted: Sequence[MatchValues]
    ) -> Mapping[MatchValues, Found]:
        """Find the one record for each of the wanted values; what is not there is not in the answer.

        Several queries where they are many. Texts are compared as Salesforce does, without case; of several records
        the one in the very case is meant, where there is one.

        Args:
            object_name: The object.
            match_fields: Its fields, or fields of its parents such as Product2.ProductCode.
            wanted: Values of those fields, in their order; each combination once.

        Raises:
            SyncError: As `upsert`.
        """


class DescribeSource(Protocol):
    """What the org says of its objects, to the integration user."""

    def picklist_values(self, object_name: str, record_type_id: str) -> JsonValue:
        """Return the picklist values of a record type, or None where the org does not tell them. One API call.

        Raises:
            SyncError: As `SalesforceGateway.upsert`.
        """

    def describe(self, object_name: str) -> JsonValue:
        """Return the describe of an object, or None where the user sees no such object. One API call.

        Raises:
            SyncError: As `SalesforceGateway.upsert`.
        """


@dataclass(frozen=True, slots=True)
class KeptDescribe:
    """A describe, or a record type's picklist values, that somebody asked for; None where the org has no such thing."""

    describe: JsonValue
    asked_at: datetime


class DescribeStore(Protocol):
    """Describes that all containers share, by a name that is fit for a key: `Account`, `Account.012000000000001AAA`."""

    def get(self, name: str) -> KeptDescribe | None:
        """Return what was kept last.

        Raises:
            SyncError: AWS_UNAVAILABLE.
        """

    def put(self, name: str, kept: KeptDescribe) -> None:
        """Keep it in place of what was there.

        Raises:
            SyncError: AWS_UNAVAILABLE.
        """

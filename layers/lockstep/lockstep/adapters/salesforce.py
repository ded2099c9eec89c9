"""The org through simple-salesforce: sObject Collections and queries."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any, TypeVar

import requests
from simple_salesforce.api import Salesforce
from simple_salesforce.format import format_soql

from lockstep.adapters.salesforce_failures import of_row
from lockstep.adapters.salesforce_lookups import by_value, matched, queries, standing_of, value_at
from lockstep.adapters.token_calls import call_with_token
from lockstep.domain.connection import AccessToken
from lockstep.domain.failures import Disposition, FailureKind, SyncError
from lockstep.domain.json_text import JsonValue, dump_json
from lockstep.domain.lookups import Found, MatchValues
from lockstep.ports.org import OwnFields, Standing, WriteResult
from lockstep.ports.sign_in import SignIn

RECORDS_PER_CALL = 200  # REST API Developer Guide, sObject Collections
# A query stands in the URI, which ends at 16,384 bytes (REST API Developer Guide, status 414); a value may triple.
VALUE_CHARS_PER_QUERY = 4_000
_HEADERS = {"Sforce-Auto-Assign": "FALSE"}  # by default every write would run the active assignment rules

Answer = TypeVar("Answer")


class SalesforceRest:
    """Implements `ports.org.SalesforceGateway`.

    Args:
        sign_in: Gives tokens.
        version: API version, e.g. `66.0`.
        session: Its time limits and adapters are used for every call.
    """

    def __init__(self, sign_in: SignIn, version: str, session: requests.Session) -> None:
        self._sign_in = sign_in
        self._version = version
        self._session = session

    def upsert(
        self, object_name: str, external_id_field: str, records: Sequence[Mapping[str, JsonValue]]
    ) -> Sequence[WriteResult]:
        """Upsert by External ID through sObject Collections."""
        body, path = _body(object_name, records), f"composite/sobjects/{object_name}/{external_id_field}"
        answers = self._call(lambda org: org.restful(path, method="PATCH", data=body, headers=_HEADERS))
        return _results(answers, len(records))

    def create(self, object_name: str, records: Sequence[Mapping[str, JsonValue]]) -> Sequence[WriteResult]:
        """Create through sObject Collections."""
        body = _body(object_name, records)
        answers = self._call(lambda org: org.restful("composite/sobjects", method="POST", data=body, headers=_HEADERS))
        return _results(answers, len(records))

    def delete(self, object_name: str, external_id_field: str, external_ids: Sequence[str]) -> Sequence[WriteResult]:
        """Find the ids, then delete them through sObject Collections."""
        found = {value: record["Id"] for value, record in self._rows(object_name, external_id_field, external_ids)}
        # A field that ignores case is found in any case; one that does not has both spellings of its own.
        id_by_value = {value.casefold(): found_id for value, found_id in found.items()} | found
        by_id = self._deleted(sorted(set(found.values())))
        wanted_ids = [id_by_value.get(value) or id_by_value.get(value.casefold(), "") for value in external_ids]
        return [_gone(by_id.get(record_id)) for record_id in wanted_ids]

    def delete_ids(self, record_ids: Sequence[str]) -> None:
        """Delete through sObject Collections."""
        for result in self._deleted(sorted(set(record_ids))).values():
            if failure := _gone(result).failure:
                raise failure

    def _deleted(self, ids: Sequence[str]) -> dict[str, WriteResult]:
        if not ids:
            return {}
        params = {"ids": ",".join(ids), "allOrNone": "false"}
        answers = self._call(lambda org: org.restful("composite/sobjects", params=params, method="DELETE"))
        return dict(zip(ids, _results(answers, len(ids)), strict=True))

    def existing(self, object_name: str, field_name: str, values: Collection[str]) -> frozenset[str]:
        """Look the values up by query."""
        return frozenset(by_value(dict(self._rows(object_name, field_name, values)), values))

    def standing(
        self, object_name: str, external_id_field: str, values: Collection[str], asked: OwnFields
    ) -> Mapping[str, Standing]:
        """Ask the records by query."""
        rows = self._rows(object_name, external_id_field, values, *dict.fromkeys(name for name in asked if name))
        return by_value({value: standing_of(record, asked) for value, record in rows}, values)

    def find(
        self, object_name: str, match_fields: Sequence[str], wanted: Sequence[MatchValues]
    ) -> Mapping[MatchValues, Found]:
        """Look the values up by query."""
        asked = queries(object_name, match_fields, wanted, VALUE_CHARS_PER_QUERY)
        return matched((record for soql in asked for record in self._query(soql)), match_fields, wanted)

    def describe(self, object_name: str) -> JsonValue:
        """Ask what the org tells the integration user of an object; implements `ports.org.DescribeSource`."""
        try:
            answer: JsonValue = self._call(lambda org: org.restful(f"sobjects/{object_name}/describe"))
        except SyncError as exc:
            if exc.error_code == "NOT_FOUND":
                return None
            raise
        return answer

    def picklist_values(self, object_name: str, record_type_id: str) -> JsonValue:
        """Ask the User Interface API, which does not know every object; the plain describe holds no values by type."""
        path = f"ui-api/object-info/{object_name}/picklist-values/{record_type_id}"
        try:
            answer: JsonValue = self._call(lambda org: org.restful(path))
        except SyncError as exc:
            if exc.error_code == "NOT_FOUND" or exc.disposition is Disposition.PERSON:
                return None
            raise
        return answer

    def limits(self) -> Any:
        """Ask for the org's limits: one cheap call. Some are told only to users with View Setup and Configuration."""
        return self._call(lambda org: org.restful("limits"))

    def _rows(
        self, object_name: str, field_name: str, values: Collection[str], *more: str
    ) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Give (field's value, record with its Id and what more was asked for) of each record found."""
        fields = ", ".join(["Id", field_name, *more])
        for wanted in _queryable(sorted(set(values))):
            soql = f"SELECT {fields} FROM {object_name} WHERE {field_name} IN "  # noqa: S608 - names are checked
            for record in self._query(soql + format_soql("{}", wanted)):
                yield str(value_at(record, field_name)), record

    def _query(self, soql: str) -> list[dict[str, Any]]:
        records: list[dict[str, Any]] = self._call(lambda org: org.query_all(soql))["records"]
        return records

    def _call(self, call: Callable[[Salesforce], Answer]) -> Answer:
        return call_with_token(self._sign_in, lambda token: call(self._org(token)))

    def _org(self, token: AccessToken) -> Salesforce:
        return Salesforce(
            session_id=token.value, instance_url=token.instance_url, version=self._version, session=self._session
        )


def _body(object_name: str, records: Sequence[Mapping[str, JsonValue]]) -> str:
    typed: list[JsonValue] = [{"attributes": {"type": object_name}, **record} for record in records]
    return dump_json({"allOrNone": False, "records": typed})


def _results(answers: Any, count: int) -> list[WriteResult]:
    """Read the results of a Collections call; they come in the order of the records."""
    if not isinstance(answers, list) or len(answers) != count:
        raise SyncError(FailureKind.OUTCOME_UNKNOWN, "Salesforce answered another number of results than records")
    return [_result(answer) for answer in answers]


def _result(answer: Mapping[str, Any]) -> WriteResult:
    if answer.get("success") is True:
        return WriteResult(record_id=answer.get("id"), created=answer.get("created") is True)
    return WriteResult(failure=of_row(answer.get("errors")))


def _gone(result: WriteResult | None) -> WriteResult:
    """Take a record that is not there for deleted."""
    if result is None or (result.failure and result.failure.kind is FailureKind.RECORD_DELETED):
        return WriteResult()
    return result


def _queryable(values: Sequence[str]) -> Iterator[list[str]]:
    wanted: list[str] = []
    for value in values:
        if wanted and sum(map(len, wanted)) + len(value) > VALUE_CHARS_PER_QUERY:
            yield wanted
            wanted = []
        wanted.append(value)
    if wanted:
        yield wanted

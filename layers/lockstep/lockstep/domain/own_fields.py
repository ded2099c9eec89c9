"""The fields that Lockstep fills by itself: External ID, version, and the change that wrote the record last."""

from typing import Protocol

from lockstep.domain.conversions.characters import key_problem
from lockstep.domain.conversions.results import Problem, Scalar
from lockstep.domain.mapped import FieldProblem
from lockstep.domain.stamps import MAX_STAMP

_VERSION_TOO_LARGE = Problem("the version has more than 18 digits", "name another stamp of the source as version")


class HasOwnFields(Protocol):
    """Names the fields; None where there is no such field."""

    @property
    def external_id_field(self) -> str:
        """By which the record is found."""

    @property
    def version_field(self) -> str | None:
        """The source's stamp."""

    @property
    def change_field(self) -> str | None:
        """The correlation ID of the change that wrote it last."""


def own_values(record: HasOwnFields, external_id: str, version: int, change_id: str | None) -> dict[str, Scalar | None]:
    """Return the fields' values; nobody's change leaves what is there."""
    own: dict[str, Scalar | None] = {record.external_id_field: external_id}
    if record.version_field is not None:
        own[record.version_field] = version
    if record.change_field is not None and change_id is not None:
        own[record.change_field] = change_id
    return own


def own_problems(record: HasOwnFields, external_id: str, version: int) -> list[FieldProblem]:
    """Return what is wrong with the values."""
    problems = []
    if problem := key_problem(external_id):
        problems.append(FieldProblem(record.external_id_field, problem.reason, problem.remedy))
    if record.version_field is not None and abs(version) > MAX_STAMP:
        too_large = _VERSION_TOO_LARGE
        problems.append(FieldProblem(record.version_field, too_large.reason, too_large.remedy))
    return problems

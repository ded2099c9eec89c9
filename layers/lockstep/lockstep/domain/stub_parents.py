"""Parents that are made where they are missing: what the payload of a child says of them."""

from collections.abc import Sequence
from dataclasses import replace

from lockstep.domain.conversions.results import Noted, Presence, Problem
from lockstep.domain.json_text import JsonValue
from lockstep.domain.mapped import FieldProblem, Mapped, Parent, ParentKey, Stub, Unmappable
from lockstep.domain.presence import FieldStep


def with_stubs(mapped: Mapped, parents: Sequence[Parent], payload: JsonValue) -> Mapped | Unmappable:
    """Add the parents that the record may have to make; a value that does not fit is a problem of the record."""
    stubs: list[Stub] = []
    problems: list[FieldProblem] = []
    for parent in parents:
        named = mapped.fields.get(parent.relationship)
        if parent.stub is None or not isinstance(named, dict):
            continue
        key = str(named[parent.field_name])
        fields: dict[str, JsonValue] = {parent.field_name: key}
        for step in parent.stub:
            _fill(fields, step, payload, problems, f"{parent.lookup}.create_missing.{step.name}")
        stubs.append(Stub(ParentKey(parent.object_name, parent.field_name, key), fields))
    return Unmappable(tuple(problems)) if problems else replace(mapped, stubs=tuple(stubs))


def _fill(
    fields: dict[str, JsonValue], step: FieldStep, payload: JsonValue, problems: list[FieldProblem], place: str
) -> None:
    settled = step.run(payload)
    if isinstance(settled, Problem):
        problems.append(FieldProblem(place, settled.reason, settled.remedy))
    elif isinstance(settled, Noted):
        fields[step.name] = settled.value
    elif not isinstance(settled, Presence) and settled is not None:
        fields[step.name] = settled

"""Writes seeds into an org: each record after those that it refers to, by every rule that a caller's record meets."""

from collections.abc import Mapping, Sequence
from typing import Any

from local.org.errors import DeserializeError, RowError
from local.org.record import ID
from local.org.rows import read_row
from local.org.schema import FieldSchema
from local.org.seed_files import SeedError, SeedRecord, is_reference
from local.org.store import Store
from local.org.writes import Writer


class Seeder:
    """Writes seed records and remembers the ids of those that others refer to."""

    def __init__(self, store: Store, writer: Writer) -> None:
        self._store = store
        self._writer = writer
        self._ids: dict[str, str] = {}

    def write(self, seeds: Sequence[SeedRecord]) -> None:
        """Write the records in their order, but none before those that it names.

        Raises:
            SeedError: A record is refused, or refers to one that is nowhere.
        """
        waiting = list(seeds)
        while waiting:
            later = [each for each in waiting if not self._write_if_ready(each)]
            if len(later) == len(waiting):
                missing = ", ".join(sorted(later[0].references - self._known(later[0])))
                raise SeedError(f"{later[0].file}: {later[0].object_name} refers to {missing}, which is nowhere")
            waiting = later

    def _write_if_ready(self, seed: SeedRecord) -> bool:
        is_ready = seed.references <= self._known(seed)
        if is_ready:
            self._write(seed)
        return is_ready

    def _known(self, seed: SeedRecord) -> set[str]:
        """Return the references that have an id, or get one on the way to what needs it."""
        below = [each for children in seed.children.values() for each in children]
        own = {each.reference for each in (seed, *below) if each.reference is not None}
        return own.union(self._ids, *(self._known(each) for each in below))

    def _write(self, seed: SeedRecord, parent: Mapping[str, str] | None = None) -> None:
        table = self._store.table(seed.object_name)
        if table is None:
            raise SeedError(f"{seed.file}: the local org does not hold {seed.object_name}")
        try:
            values = {name: self._value(seed, value) for name, value in seed.values.items()}
            row = read_row(table, {**values, **(parent or {})})
            record_id = self._writer.create(table, row)[ID]
        except (RowError, DeserializeError) as exc:
            name = seed.reference or seed.object_name
            raise SeedError(f"{seed.file}: the record {name} is refused: {exc}") from exc
        if seed.reference is not None:
            self._ids[seed.reference] = record_id
        for relationship, children in seed.children.items():
            for child in children:
                self._write(child, {self._lookup(seed, relationship, child).name: record_id})

    def _value(self, seed: SeedRecord, value: Any) -> Any:
        return self._ids[value[1:]] if seed.resolves and is_reference(value) else value

    def _lookup(self, seed: SeedRecord, relationship: str, child: SeedRecord) -> FieldSchema:
        schema = self._store.schema.find(child.object_name)
        for field in () if schema is None else schema.fields.values():
            if (field.child_relationship_name or "").lower() == relationship.lower() and (
                seed.object_name in field.reference_to
            ):
                return field
        raise SeedError(f"{seed.file}: {seed.object_name} has no children {relationship} of {child.object_name}")

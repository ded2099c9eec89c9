"""What an org's objects look like, whatever they were read from."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class PicklistValue:
    """One entry of a picklist."""

    value: str
    label: str
    active: bool = True
    default: bool = False
    valid_for: str | None = None
    """With which values of the controlling field it goes, as `dependent_picklists.bitmap` writes them."""


@dataclass(frozen=True, slots=True)
class FieldSchema:
    """A field as its describe states it; `type` is the describe's word (string, reference, currency, ...)."""

    name: str
    label: str
    type: str
    custom: bool = False
    length: int = 0
    precision: int = 0
    scale: int = 0
    digits: int = 0
    nillable: bool = True
    createable: bool = True
    updateable: bool = True
    defaulted_on_create: bool = False
    default_value: Any = None
    unique: bool = False
    case_sensitive: bool = False
    external_id: bool = False
    id_lookup: bool = False
    calculated: bool = False
    auto_number: bool = False
    name_field: bool = False
    restricted_picklist: bool = False
    picklist_values: tuple[PicklistValue, ...] = ()
    reference_to: tuple[str, ...] = ()
    relationship_name: str | None = None
    compound_field_name: str | None = None
    extra_type_info: str | None = None
    required_by_platform: bool = False
    """Refused when empty on create although the describe calls it nillable (Order.AccountId)."""
    permissionable: bool = True
    default_value_formula: str | None = None
    calculated_formula: str | None = None
    child_relationship_name: str | None = None
    cascade_delete: bool = False
    restricted_delete: bool = False
    relationship_order: int | None = None
    """0 for the first master of a detail, 1 for the second, None for lookups."""
    help_text: str | None = None
    display_format: str | None = None
    """How an auto-number is written, as in `INV-{0000}`."""
    first_number: int = 1
    """What the first auto-number is."""
    blanks_as_zero: bool = False
    """A formula that reads empty numbers as 0."""
    mask_type: str | None = None
    """How an encrypted text is masked, as in `lastFour`."""
    mask_char: str | None = None
    controller: str | None = None
    """The field that a dependent picklist depends on."""
    has_optional_filter: bool | None = None
    """Whether a lookup's filter can be ignored; None for a lookup without one."""

    @property
    def required_on_create(self) -> bool:
        """True where a create without a value is refused."""
        return self.createable and not self.nillable and not self.defaulted_on_create


@dataclass(frozen=True, slots=True)
class RecordType:
    """A record type; `picklists` has its values of each field that it speaks of; of others it has every active one."""

    id: str
    name: str
    label: str
    active: bool
    picklists: Mapping[str, tuple[PicklistValue, ...]]


# What most objects allow; a describe has one boolean for each word.
USUAL_CAPABILITIES = frozenset(
    {
        *("createable", "updateable", "deletable", "undeletable", "queryable", "retrieveable", "replicateable"),
        *("searchable", "layoutable", "triggerable", "mruEnabled", "feedEnabled"),
    }
)


@dataclass(frozen=True, slots=True)
class ObjectSchema:
    """An object and its fields in describe order, by API name."""

    name: str
    label: str
    label_plural: str
    key_prefix: str
    fields: Mapping[str, FieldSchema]
    custom: bool = False
    capabilities: frozenset[str] = USUAL_CAPABILITIES
    custom_setting: bool = False
    required_one_of: tuple[tuple[str, ...], ...] = ()
    """Groups of fields of which a create must fill at least one (Asset: account or contact)."""
    record_types: tuple[RecordType, ...] = ()
    denied: frozenset[str] = frozenset()
    """What the object allows, but not to this user."""
    _by_lower_name: Mapping[str, FieldSchema] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_lower_name", {name.lower(): each for name, each in self.fields.items()})

    def find(self, name: str) -> FieldSchema | None:
        """Return the field of that API name; Salesforce does not mind its case."""
        return self._by_lower_name.get(name.lower())


@dataclass(frozen=True, slots=True)
class ValidationRule:
    """A rule that refuses a save of its object; `fires` takes the save's `formulas.Scene`."""

    name: str
    message: str
    display_field: str | None
    """The field that the error is shown at; None for the top of the page."""
    fires: Callable[[Any], bool | None]
    for_updates_only: bool = False
    """Whether it can be seen without asking that no new record makes it fire."""


@dataclass(frozen=True, slots=True)
class Summary:
    """A roll-up summary: what of which children it adds up; `counts` tells which children, None for all."""

    object_name: str
    field: FieldSchema
    child: str
    master: str
    """The child's lookup that leads to the record that holds the summary."""
    operation: str
    operand: str | None
    counts: Callable[[Any], bool] | None = None
    reads: frozenset[str] = frozenset()
    """The child's fields that a change of the summary can come from."""


@dataclass(frozen=True, slots=True)
class Schema:
    """All objects of an org by API name, their active validation rules, and what was read but is not enforced."""

    objects: Mapping[str, ObjectSchema]
    not_enforced: tuple[str, ...] = ()
    validation_rules: Mapping[str, Sequence[ValidationRule]] = field(default_factory=dict)
    refused_rules: tuple[str, ...] = ()
    """The active validation rules that the local org cannot enforce, each with its file and the reason."""
    permission_sets: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """The custom permissions that each permission set gives, by the sets' API names."""
    grants: Mapping[str, Any] = field(default_factory=dict)
    """The `access.grants.Grants` of each permission set, likewise."""
    formulas: Mapping[str, Mapping[str, Callable[[Any], Any]]] = field(default_factory=dict)
    """What computes each formula field, by object and field, from a `formulas.Scene`."""
    default_formulas: Mapping[str, Mapping[str, Callable[[Any], Any]]] = field(default_factory=dict)
    """What computes the defaults of new records that are no plain values, likewise."""
    summaries: Sequence[Summary] = ()
    duplicate_rules: Sequence[Any] = ()
    """The active `duplicates.rules.DuplicateRule`s, in the order that they run in."""
    metadata_records: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)
    """The values of the records that custom metadata types have from the start, by type."""
    _by_lower_name: Mapping[str, ObjectSchema] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_lower_name", {name.lower(): each for name, each in self.objects.items()})

    def find(self, name: str) -> ObjectSchema | None:
        """Return the object of that API name, whatever its case."""
        return self._by_lower_name.get(name.lower())


class SchemaError(Exception):
    """Raised when a schema file cannot be read or says what the local org cannot be."""

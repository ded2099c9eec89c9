"""What the local org makes of folders in Salesforce source format."""

from pathlib import Path

import pytest

from local.org.custom_objects import key_prefix
from local.org.schema import SchemaError
from local.org.schema_loader import load_schema
from local.org.sfdx_fields import literal

NAMESPACE = 'xmlns="http://soap.sforce.com/2006/04/metadata"'
OBJECT = "<label>Parcel</label><pluralLabel>Parcels</pluralLabel><nameField><label>Parcel No</label>{}</nameField>"
TEXT_NAME = "<type>Text</type>"
PICKLIST = (
    "<type>Picklist</type><valueSet><restricted>{restricted}</restricted><valueSetDefinition>"
    "<value><fullName>red</fullName><default>false</default><label>Red</label></value>"
    "<value><fullName>blue</fullName><default>true</default><label>Blue</label></value>"
    "<value><fullName>old</fullName><isActive>false</isActive></value>"
    "</valueSetDefinition></valueSet>"
)
NUMBER = "<precision>10</precision><scale>2</scale>"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return tmp_path / "force-app" / "main" / "default"


def write(file: Path, root: str, body: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f'<?xml version="1.0" encoding="UTF-8"?>\n<{root} {NAMESPACE}>{body}</{root}>', encoding="utf-8")


def write_object(project: Path, name: str = "Parcel__c", name_field: str = TEXT_NAME) -> None:
    write(project / f"objects/{name}/{name}.object-meta.xml", "CustomObject", OBJECT.format(name_field))


def write_field(project: Path, object_name: str, name: str, body: str) -> None:
    file = project / f"objects/{object_name}/fields/{name}.field-meta.xml"
    write(file, "CustomField", f"<fullName>{name}</fullName><label>{name} label</label>{body}")


def field_of(project: Path, body: str, name: str = "F__c"):
    write_field(project, "Account", name, body)
    return load_schema([project.parent.parent.parent]).objects["Account"].fields[name]


FIELD_TYPES = {
    "text": ("<type>Text</type><length>50</length>", {"type": "string", "length": 50}),
    "text area": ("<type>TextArea</type>", {"type": "textarea", "length": 255}),
    "long text": ("<type>LongTextArea</type><length>32768</length>", {"type": "textarea", "length": 32768}),
    "html": ("<type>Html</type><length>9000</length>", {"type": "textarea", "extra_type_info": "richtextarea"}),
    "email": ("<type>Email</type>", {"type": "email", "length": 80}),
    "phone": ("<type>Phone</type>", {"type": "phone", "length": 40}),
    "url": ("<type>Url</type>", {"type": "url", "length": 255}),
    "number": (f"<type>Number</type>{NUMBER}", {"type": "double", "precision": 10, "scale": 2}),
    "currency": (f"<type>Currency</type>{NUMBER}", {"type": "currency", "precision": 10, "scale": 2}),
    "percent": (f"<type>Percent</type>{NUMBER}", {"type": "percent", "precision": 10, "scale": 2}),
    "checkbox": (
        "<type>Checkbox</type><defaultValue>true</defaultValue>",
        {"type": "boolean", "default_value": True, "nillable": False, "defaulted_on_create": True},
    ),
    "date": ("<type>Date</type>", {"type": "date"}),
    "datetime": ("<type>DateTime</type>", {"type": "datetime"}),
    "time": ("<type>Time</type>", {"type": "time"}),
    "picklist": (PICKLIST.format(restricted="true"), {"type": "picklist", "restricted_picklist": True}),
    "open picklist": (PICKLIST.format(restricted="false"), {"restricted_picklist": False, "default_value": "blue"}),
    "multi": (PICKLIST.format(restricted="true").replace("Picklist", "MultiselectPicklist"), {"type": "multipicklist"}),
    "lookup": (
        "<type>Lookup</type><referenceTo>Contact</referenceTo><relationshipName>Friends</relationshipName>",
        {"reference_to": ("Contact",), "relationship_name": "F__r", "child_relationship_name": "Friends__r"},
    ),
    "restricting lookup": (
        "<type>Lookup</type><referenceTo>Contact</referenceTo><deleteConstraint>Restrict</deleteConstraint>",
        {"restricted_delete": True, "cascade_delete": False, "relationship_order": None},
    ),
    "cascading lookup": (
        "<type>Lookup</type><referenceTo>Contact</referenceTo><deleteConstraint>Cascade</deleteConstraint>",
        {"restricted_delete": False, "cascade_delete": True},
    ),
    "auto-number": (
        "<type>AutoNumber</type><displayFormat>P-{0000}</displayFormat>",
        {"type": "string", "auto_number": True, "createable": False, "display_format": "P-{0000}"},
    ),
    "formula": (
        f"<type>Number</type>{NUMBER}<formula>1 + 1</formula>",
        {"type": "double", "calculated": True, "createable": False, "updateable": False},
    ),
    "text formula": (
        "<type>Text</type><formula>Name</formula>",
        {"type": "string", "length": 1300, "calculated": True},
    ),
    "encrypted": (
        "<type>EncryptedText</type><length>40</length><maskType>lastFour</maskType><maskChar>X</maskChar>",
        {"type": "encryptedstring", "length": 40, "mask_type": "lastFour", "mask_char": "X"},
    ),
    "external lookup": (
        "<type>ExternalLookup</type><referenceTo>X__x</referenceTo>",
        {"type": "reference", "reference_to": ("X__x",), "length": 1000, "extra_type_info": "externallookup"},
    ),
    "metadata relationship": (
        "<type>MetadataRelationship</type><referenceTo>EntityDefinition</referenceTo>",
        {"type": "reference", "reference_to": ("EntityDefinition",)},
    ),
    "required": ("<type>Date</type><required>true</required>", {"nillable": False, "required_on_create": True}),
    "external id": (
        "<type>Text</type><length>9</length><externalId>true</externalId><unique>true</unique>",
        {"external_id": True, "unique": True, "id_lookup": True, "case_sensitive": False},
    ),
    "case": ("<type>Text</type><length>9</length><caseSensitive>true</caseSensitive>", {"case_sensitive": True}),
    "default text": (
        "<type>Text</type><length>9</length><defaultValue>&quot;new&quot;</defaultValue>",
        {"default_value": "new", "default_value_formula": '"new"', "defaulted_on_create": True},
    ),
}


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        ('"new"', "new"),
        ("'new'", "new"),
        ("-2.50", -2.5),
        ("TRUE", True),
        ('"a" & "b"', None),
        ("TODAY() - 10", None),
        ('"', None),
        ("\u00b2", None),
        ("1.2.3", None),
    ],
    ids=repr,
)
def test_a_default_formula_has_a_value_where_it_is_a_plain_literal(formula, value):
    assert literal(formula) == value


def test_a_custom_setting_belongs_to_an_organization_profile_or_user(tmp_path):
    body = "<customSettingsType>Hierarchy</customSettingsType><label>Switches</label>"
    write(tmp_path / "objects/Switches__c.object", "CustomObject", body)

    switches = load_schema([tmp_path]).objects["Switches__c"]

    assert switches.custom_setting
    assert switches.fields["SetupOwnerId"].reference_to == ("Organization", "Profile", "User")
    assert "OwnerId" not in switches.fields


@pytest.mark.parametrize(("body", "facts"), FIELD_TYPES.values(), ids=FIELD_TYPES)
def test_a_field_becomes_what_its_describe_will_say(project, body, facts):
    field = field_of(project, body)

    assert {name: getattr(field, name) for name in facts} == facts
    assert (field.custom, field.label) == (True, "F__c label")


REFUSED = {
    "unknown type": ("<type>Hologram</type>", "Hologram"),
    "no type": ("", "needs <type>"),
    "no length": ("<type>Text</type>", "needs <length>"),
    "no precision": ("<type>Number</type><scale>2</scale>", "needs <precision>"),
    "bad number": ("<type>Text</type><length>long</length>", "'long'"),
    "endless number": (f"<type>Text</type><length>{'9' * 5000}</length>", "not a number"),
    "bad scale": ("<type>Location</type><scale>²</scale>", "not a number"),
    "no target": ("<type>Lookup</type>", "needs <referenceTo>"),
    "no values": ("<type>Picklist</type>", "needs a <valueSet>"),
    "unknown value set": (
        "<type>Picklist</type><valueSet><valueSetName>Colours</valueSetName></valueSet>",
        "no folder holds",
    ),
    "formula of a picklist": ("<type>Picklist</type><formula>1</formula>", "formula"),
}


@pytest.mark.parametrize(("body", "reason"), REFUSED.values(), ids=REFUSED)
def test_a_field_that_the_org_cannot_hold_is_refused_with_file_and_reason(project, body, reason):
    with pytest.raises(SchemaError) as refusal:
        field_of(project, body)

    assert "F__c.field-meta.xml" in str(refusal.value)
    assert reason in str(refusal.value)


@pytest.mark.parametrize(
    "contents",
    [
        b"<CustomField><fullName>",
        b"",
        b"\xff\xfe\x00nonsense",
        b'<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>',
        b'<?xml version="1.0" encoding="klingon"?><a/>',
    ],
    ids=["cut-off", "empty", "binary", "entity", "unknown-encoding"],
)
def test_a_broken_file_is_named(project, contents):
    file = project / "objects/Account/fields/Bad__c.field-meta.xml"
    file.parent.mkdir(parents=True)
    file.write_bytes(contents)

    with pytest.raises(SchemaError, match=r"Bad__c\.field-meta\.xml: not readable XML"):
        load_schema([project])


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(SchemaError, match="nowhere: there is no such folder"):
        load_schema([tmp_path / "nowhere"])


def test_a_location_has_two_parts_and_a_read_only_whole(project):
    write_field(project, "Account", "Depot__c", "<type>Location</type><scale>6</scale>")

    fields = load_schema([project]).objects["Account"].fields

    assert [fields[f"Depot__{part}__s"].compound_field_name for part in ("Latitude", "Longitude")] == ["Depot__c"] * 2
    assert fields["Depot__Latitude__s"].scale == 6
    assert (fields["Depot__c"].type, fields["Depot__c"].createable) == ("location", False)


def test_a_custom_object_has_the_standard_fields_before_its_own(project):
    write_object(project)
    write_field(project, "Parcel__c", "Weight__c", f"<type>Number</type>{NUMBER}")

    parcel = load_schema([project]).objects["Parcel__c"]

    assert list(parcel.fields) == [
        *("Id", "OwnerId", "IsDeleted", "Name", "CreatedDate", "CreatedById"),
        *("LastModifiedDate", "LastModifiedById", "SystemModstamp", "Weight__c"),
    ]
    assert (parcel.label, parcel.label_plural, parcel.key_prefix, parcel.custom) == ("Parcel", "Parcels", "a00", True)
    assert (parcel.fields["Name"].label, parcel.fields["Name"].length) == ("Parcel No", 80)


def test_the_name_of_an_auto_numbered_object_is_read_only(project):
    write_object(project, name_field="<type>AutoNumber</type><displayFormat>P-{00000}</displayFormat>")

    name = load_schema([project]).objects["Parcel__c"].fields["Name"]

    assert (name.auto_number, name.createable, name.display_format) == (True, False, "P-{00000}")


def test_a_detail_object_has_no_owner(project):
    write_object(project)
    write_field(project, "Parcel__c", "Order__c", "<type>MasterDetail</type><referenceTo>Order</referenceTo>")

    parcel = load_schema([project]).objects["Parcel__c"]

    assert "OwnerId" not in parcel.fields
    master = parcel.fields["Order__c"]
    assert (master.nillable, master.updateable, master.cascade_delete, master.required_on_create) == (
        *(False, False, True, True),
    )


def test_custom_objects_are_numbered_in_the_order_of_their_names(project):
    for name in ("Zebra__c", "Ant__c"):
        write_object(project, name)

    objects = load_schema([project]).objects

    assert (objects["Ant__c"].key_prefix, objects["Zebra__c"].key_prefix) == ("a00", "a01")


@pytest.mark.parametrize(("number", "prefix"), [(0, "a00"), (10, "a0A"), (61, "a0z"), (62, "a10"), (3843, "azz")])
def test_key_prefixes_count_in_base_62(number, prefix):
    assert key_prefix(number) == prefix


def test_more_custom_objects_than_prefixes_are_refused():
    with pytest.raises(SchemaError):
        key_prefix(62 * 62)


def test_the_older_metadata_format_holds_its_fields_inside(tmp_path):
    body = OBJECT.format(TEXT_NAME) + (
        "<fields><fullName>Code__c</fullName><label>Code</label><type>Text</type><length>5</length></fields>"
        "<fields><fullName>Kind__c</fullName><label>Kind</label><type>Picklist</type><picklist>"
        "<picklistValues><fullName>a</fullName><default>true</default></picklistValues></picklist></fields>"
        "<validationRules><fullName>Rule</fullName><active>true</active><errorConditionFormula>ISBLANK(Code__c)"
        "</errorConditionFormula><errorMessage>Which?</errorMessage></validationRules>"
    )
    write(tmp_path / "src/objects/Parcel__c.object", "CustomObject", body)

    schema = load_schema([tmp_path])

    assert schema.objects["Parcel__c"].fields["Code__c"].length == 5
    assert schema.objects["Parcel__c"].fields["Kind__c"].default_value == "a"
    assert [rule.message for rule in schema.validation_rules["Parcel__c"]] == ["Which?"]


def test_values_come_from_a_global_value_set_and_are_restricted(project):
    values = "<customValue><fullName>S</fullName><default>false</default></customValue>"
    write(project / "globalValueSets/Sizes.globalValueSet-meta.xml", "GlobalValueSet", values)

    field = field_of(project, "<type>Picklist</type><valueSet><valueSetName>Sizes</valueSetName></valueSet>")

    assert [each.value for each in field.picklist_values] == ["S"]
    assert field.restricted_picklist


def test_a_standard_value_set_replaces_the_usual_values(project):
    values = "<standardValue><fullName>Fishing</fullName><label>Fishing</label></standardValue>"
    write(project / "standardValueSets/Industry.standardValueSet-meta.xml", "StandardValueSet", values)

    industry = load_schema([project]).objects["Lead"].fields["Industry"]

    assert [each.value for each in industry.picklist_values] == ["Fishing"]


def test_an_inactive_value_is_kept_as_inactive(project):
    field = field_of(project, PICKLIST.format(restricted="true"))

    assert [each.value for each in field.picklist_values if not each.active] == ["old"]


def test_a_summary_has_the_type_of_what_it_sums_up(project):
    summary = "<type>Summary</type><summarizedField>Opportunity.Amount</summarizedField>"

    assert field_of(project, summary).type == "currency"


def test_custom_fields_of_activities_belong_to_tasks(project):
    write_field(project, "Activity", "Ref__c", "<type>Text</type><length>9</length>")

    assert "Ref__c" in load_schema([project]).objects["Task"].fields


def test_settings_of_a_standard_field_leave_it_as_it_is(project):
    write_field(project, "Account", "Industry", "<type>Picklist</type><trackHistory>true</trackHistory>")

    assert load_schema([project]).objects["Account"] == load_schema([]).objects["Account"]


def test_fields_of_one_object_are_gathered_from_several_folders(tmp_path):
    for folder, name in (("one", "A__c"), ("two", "B__c")):
        write_field(tmp_path / folder, "Account", name, "<type>Date</type>")

    fields = load_schema([tmp_path / "one", tmp_path / "two"]).objects["Account"].fields

    assert {"A__c", "B__c"} <= set(fields)


def test_fields_without_their_custom_object_are_refused(project):
    write_field(project, "Ghost__c", "A__c", "<type>Date</type>")

    with pytest.raises(SchemaError, match=r"Ghost__c\.object-meta\.xml"):
        load_schema([project])


def test_fields_on_an_object_of_a_managed_package_are_told_and_left_out(project):
    write_field(project, "shop__Sale__c", "A__c", "<type>Date</type>")

    schema = load_schema([project])

    assert "shop__Sale__c" not in schema.objects
    assert schema.not_enforced == ("shop__Sale__c: 1 x object of a managed package that no folder defines",)


def test_what_is_read_but_not_enforced_is_listed_by_object_and_kind(project):
    write(project / "flows/F.flow-meta.xml", "Flow", "")
    write(project / "triggers/T.trigger-meta.xml", "ApexTrigger", "")
    (project / "triggers/T.trigger").write_text("trigger T on Account (before insert) {}", encoding="utf-8")
    write_field(project, "Account", "Next__c", "<type>Date</type><defaultValue>SOON()</defaultValue>")
    write_field(project, "Account", "Camp__c", "<type>Lookup</type><referenceTo>Campaign</referenceTo>")
    write_field(project, "Campaign", "X__c", "<type>Date</type>")
    lookup = "<type>Lookup</type><referenceTo>Account</referenceTo><lookupFilter><active>true</active></lookupFilter>"
    write_field(project, "Contact", "L__c", lookup)
    default = project / "objects/Account/fields/Next__c.field-meta.xml"

    assert load_schema([project]).not_enforced == (
        "1 x Apex trigger",
        "1 x flow",
        "Account: 1 x lookup to Campaign, an object that the local org does not hold",
        "Campaign: 1 x object of a kind that the local org does not hold",
        "Contact: 1 x lookup filter",
        f"Account: default of Next__c stays empty: the local org does not know the function SOON ({default})",
    )


def test_hidden_folders_and_node_modules_are_passed_over(project):
    for folder in (".sfdx", "node_modules"):
        write_field(project / folder, "Account", "Stray__c", "<type>Date</type>")

    assert "Stray__c" not in load_schema([project]).objects["Account"].fields

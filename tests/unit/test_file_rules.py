"""What a route says of its files, and what is refused there."""

import pytest

from lockstep.domain.dialects import FileFormat
from lockstep.domain.file_rules import FILE_TIME, FileRules, FileVersion
from lockstep.domain.sources import Notation
from tests.unit.route_files import problems_of

ROUTE = """
source: shop
entity: customer
object: Account
external_id: {field: Key__c}
on_delete: ignore
fields: {Name: {from: name, type: text}}
"""


def test_section_needs_no_more_than_the_column_of_the_key():
    rules = FileRules(external_id="no")

    assert (rules.declared_format, rules.declared_delimiter, rules.encoding) == (None, None, "utf-8")
    assert (rules.version, rules.columns, rules.unversioned) == (None, ("no",), "keep_newer")


def test_what_is_declared_is_found():
    rules = FileRules.model_validate(
        {"external_id": "no", "version": {"at": "rev", "as": "integer"}, "format": "csv", "delimiter": "TAB"}
    )

    assert (rules.declared_format, rules.declared_delimiter) == (FileFormat.CSV, "\t")
    assert rules.version_column == FileVersion.model_validate({"at": "rev", "as": Notation.INTEGER})
    assert rules.columns == ("no", "rev")


def test_file_time_is_no_column():
    rules = FileRules(external_id="no", version=FILE_TIME)

    assert (rules.version_column, rules.columns) == (None, ("no",))


@pytest.mark.parametrize(("name", "python_name"), [("UTF-8", "utf-8"), ("latin-1", "iso8859-1"), ("CP1252", "cp1252")])
def test_encoding_has_pythons_name(name, python_name):
    assert FileRules(external_id="no", encoding=name).encoding == python_name


@pytest.mark.parametrize(
    ("text", "place", "reason"),
    [
        ("version_fence: true", "version_fence", "name the field as version_field"),
        ("version_fence: 'yes'", "version_fence", "boolean"),
        ("file: {}", "file.external_id", "Field required"),
        ("file: {external_id: ''}", "file.external_id", "at least 1"),
        ("file: {external_id: {columns: [no1]}}", "file.external_id.columns.columns", "at least 2"),
        ("file: {external_id: {columns: [no1, no2], between: ''}}", "file.external_id.columns.between", "at least 1"),
        ("file: {external_id: no1, encoding: utf-9}", "file.encoding", "no encoding of that name"),
        ("file: {external_id: no1, encoding: base64}", "file.encoding", "no encoding of that name"),
        ("file: {external_id: no1, delimiter: ';'}", "file.delimiter", "SEMICOLON"),
        ("file: {external_id: no1, format: xlsx}", "file.format", "jsonl"),
        ("file: {external_id: no1, version: file_age}", "file.version", "file_time"),
        ("file: {external_id: no1, version: {at: v, as: date}}", "file.version.column.as", "iso8601"),
        ("file: {external_id: no1, version: file_time, unversioned: overwrite}", "file.unversioned", "never written"),
        ("file: {external_id: no1, under: 'data[0]'}", "file.under", "pattern"),
        ("file: {external_id: no1, whole: {missing: drop}}", "file.whole.missing", "report"),
        (
            "file: {external_id: no1, version: file_time, whole: {missing: mark}}",
            "file.whole.missing",
            "let on_delete mark",
        ),
        (
            "file: {external_id: no1, version: file_time, whole: {missing: delete}}",
            "file.whole.missing",
            "let on_delete be delete",
        ),
        ("file: {external_id: no1, whole: {missing: delete}}", "file.whole.missing", "points in time"),
        (
            "file: {external_id: no1, version: {at: v, as: integer}, whole: {missing: delete}}",
            "file.whole.missing",
            "points in time",
        ),
        (
            "file: {external_id: no1, whole: {missing: report, export_minutes: -1}}",
            "file.whole.export_minutes",
            "equal to 0",
        ),
        ("file: {external_id: no1, whole: {missing: report, limit_percent: 101}}", "file.whole.limit_percent", "100"),
    ],
)
def test_what_cannot_work_is_one_message_with_its_place(load, text, place, reason):
    (problem,) = problems_of(load, a=ROUTE + text + "\n")

    assert problem.startswith(f"routes/a.yaml: {place}")
    assert reason in problem


def test_key_may_be_of_several_columns():
    rules = FileRules.model_validate({"external_id": {"columns": ["order", "product"]}, "version": "file_time"})

    assert rules.columns == rules.key_columns == ("order", "product")


def test_a_whole_file_is_refused_where_another_route_writes_its_records(load):
    whole = "file: {external_id: no1, whole: {missing: report}}\n"
    other = ROUTE.replace("customer", "company").replace("Account", "account")

    problems = problems_of(load, a=ROUTE + whole, b=other)

    assert len(problems) == 1
    assert problems[0].startswith("routes/a.yaml: file.whole: routes/b.yaml writes records of Account by Key__c, too")


def test_a_whole_file_may_share_its_object_with_a_route_of_another_key(load):
    whole = "file: {external_id: no1, whole: {missing: report}}\n"
    other = ROUTE.replace("customer", "company").replace("Key__c", "Other__c")

    assert len(load(a=ROUTE + whole, b=other)) == 2

"""simple-salesforce's Bulk API 2.0, unchanged, against the local org through both doors."""

import csv
import io
from pathlib import Path

import pytest
from simple_salesforce import Salesforce
from simple_salesforce.bulk2 import ColumnDelimiter, LineEnding
from simple_salesforce.exceptions import SalesforceOperationError

from local.org.org import Org

ROWS = [{"ERP_Id__c": str(n), "Name": f'Account "{n}", Ünï'} for n in range(1, 6)]


@pytest.fixture
def org(rules_org) -> Org:
    return rules_org


@pytest.fixture
def accounts(salesforce_session):
    session, instance_url, token = salesforce_session
    return Salesforce(session_id=token, instance_url=instance_url, session=session, version="66.0").bulk2.Account


def read(text):
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_client_upserts_rows_and_reads_every_result_file(accounts, org):
    rows = [*ROWS, {"ERP_Id__c": "6", "Name": ""}]

    (job,) = accounts.upsert(records=rows, external_id_field="ERP_Id__c", wait=0)
    again = accounts.upsert(records=ROWS, external_id_field="ERP_Id__c", batch_size=2, wait=0)

    assert (job["numberRecordsProcessed"], job["numberRecordsFailed"], job["numberRecordsTotal"]) == (6, 1, 6)
    good, bad = read(accounts.get_successful_records(job["job_id"])), read(accounts.get_failed_records(job["job_id"]))
    assert {row["ERP_Id__c"]: row["Name"] for row in good} == {row["ERP_Id__c"]: row["Name"] for row in ROWS}
    assert [(row["ERP_Id__c"], row["sf__Error"].partition(":")[0]) for row in bad] == [("6", "REQUIRED_FIELD_MISSING")]
    assert read(accounts.get_unprocessed_records(job["job_id"])) == []
    assert [each["numberRecordsProcessed"] for each in again] == [2, 2, 1]
    assert {row["sf__Created"] for row in read(accounts.get_successful_records(again[0]["job_id"]))} == {"false"}
    assert len(org.records("Account")) == 5


@pytest.mark.parametrize("line_ending", list(LineEnding))
@pytest.mark.parametrize("delimiter", list(ColumnDelimiter))
def test_client_loads_files_of_every_layout(accounts, org, tmp_path, delimiter, line_ending):
    mark = {"BACKQUOTE": "`", "CARET": "^", "COMMA": ",", "PIPE": "|", "SEMICOLON": ";", "TAB": "\t"}[delimiter.value]
    path = tmp_path / "rows.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        ending = {"LF": "\n", "CRLF": "\r\n"}[line_ending.value]
        writer = csv.DictWriter(file, ["ERP_Id__c", "Name"], delimiter=mark, lineterminator=ending)
        writer.writeheader()
        writer.writerows(ROWS)

    (job,) = accounts.insert(str(path), column_delimiter=delimiter, line_ending=line_ending, wait=0)

    assert (job["numberRecordsProcessed"], job["numberRecordsFailed"]) == (5, 0)
    assert [each["Name"] for each in org.records("Account")] == [row["Name"] for row in ROWS]


def test_client_updates_and_deletes(accounts, org):
    accounts.upsert(records=ROWS, external_id_field="ERP_Id__c", wait=0)
    ids = [each["Id"] for each in org.records("Account")]

    accounts.update(records=[{"Id": each, "Phone": "1"} for each in ids], wait=0)
    phones = {each["Phone"] for each in org.records("Account")}
    accounts.delete(records=[{"Id": each} for each in ids[:3]], wait=0)

    assert phones == {"1"}
    assert [each["Id"] for each in org.records("Account")] == ids[3:]


def test_client_pages_through_a_query(accounts, org, tmp_path):
    accounts.upsert(records=ROWS, external_id_field="ERP_Id__c", wait=0)
    soql = "SELECT ERP_Id__c, Name FROM Account ORDER BY ERP_Id__c"

    pages = [read(page) for page in accounts.query(soql, max_records=2, wait=0)]
    files = accounts.download(soql, str(tmp_path), max_records=3, wait=0)

    assert [len(page) for page in pages] == [2, 2, 1]
    assert [row for page in pages for row in page] == ROWS
    assert [each["number_of_records"] for each in files] == [3, 2]
    texts = [Path(each["file"]).read_text(encoding="utf-8") for each in files]
    assert [row for text in texts for row in read(text)] == ROWS


def test_client_sees_deleted_records_by_query_all(accounts, org):
    accounts.upsert(records=ROWS, external_id_field="ERP_Id__c", wait=0)
    accounts.delete(records=[{"Id": org.records("Account")[0]["Id"]}], wait=0)

    (page,) = accounts.query_all("SELECT ERP_Id__c, IsDeleted FROM Account ORDER BY ERP_Id__c", wait=0)

    assert [row["IsDeleted"] for row in read(page)] == ["true", "false", "false", "false", "false"]


def test_client_tells_why_a_job_failed(accounts):
    with pytest.raises(SalesforceOperationError, match="InvalidBatch : Field name not found : Nothing__c"):
        accounts.insert(records=[{"Nothing__c": "1"}], wait=0)

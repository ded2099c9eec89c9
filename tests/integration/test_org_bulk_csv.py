"""How the local org reads uploads: delimiters, quotes, line endings, nulls, types, parents, and what fails a job."""

import gzip

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from local.org.bulk.words import ColumnDelimiter
from local.org.org import Org, OrgSettings
from tests.integration.bulk_jobs import CSV, BulkApi, accounts
from tests.integration.org_doors import Api, in_process_door


@pytest.fixture
def bulk(api) -> BulkApi:
    return BulkApi(api)


@pytest.mark.parametrize("delimiter", list(ColumnDelimiter))
def test_each_delimiter_parts_uploads_and_results(bulk, rules_org, delimiter):
    mark = delimiter.character
    text = f'"ERP_Id__c"{mark}"Name"\n"1"{mark}"a{mark}b"\n'

    job = bulk.done(text, columnDelimiter=delimiter)

    (record,) = rules_org.records("Account")
    assert record["Name"] == f"a{mark}b"
    assert bulk.file(job, "successfulResults") == (
        f'"sf__Id"{mark}"sf__Created"{mark}"ERP_Id__c"{mark}"Name"\n'
        f'"{record["Id"]}"{mark}"true"{mark}"1"{mark}"a{mark}b"\n'
    )


@pytest.mark.parametrize("ending", ["LF", "CRLF"])
def test_line_ending_of_the_job_is_that_of_its_files(bulk, rules_org, ending):
    mark = {"LF": "\n", "CRLF": "\r\n"}[ending]

    job = bulk.done(f'ERP_Id__c,Name{mark}1,"two\r\nlines"{mark}2,last', lineEnding=ending)

    assert [each["Name"] for each in rules_org.records("Account")] == ["two\r\nlines", "last"]
    assert bulk.file(job, "unprocessedrecords") == f"ERP_Id__c,Name{mark}"
    assert bulk.file(job, "failedResults").endswith(f"Name{mark}")


@pytest.mark.parametrize(
    ("ending", "text"),
    [
        ("LF", "ERP_Id__c,Name\r\n1,a\r\n"),
        ("CRLF", "ERP_Id__c,Name\n1,a\n"),
        ("LF", "ERP_Id__c,Name\n1,a\n2,b\r\n"),
        ("LF", "ERP_Id__c,Name\n1,a\rb\n"),
    ],
    ids=["CRLF in LF", "LF in CRLF", "one row", "CR alone"],
)
def test_line_ending_that_is_not_the_jobs_fails_it(bulk, rules_org, ending, text):
    message = bulk.failed(text, lineEnding=ending)

    assert message == f"ClientInputError : LineEnding is invalid on user data. Current LineEnding setting is {ending}"
    assert rules_org.records("Account") == []


_NO_KEY = "InvalidBatch : Field name provided, Phone does not match an External ID, Salesforce Id, \
or indexed field for Account"
_LONG = "InvalidBatch : Failed to parse CSV. A field exceeds 131072 characters"
_UNESCAPED = "InvalidBatch : Failed to parse CSV. Found unescaped quote. A value with quote should be within a quote"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("ERP_Id__c,Nothing__c\n1,a\n", "InvalidBatch : Field name not found : Nothing__c"),
        ("ERP_Id__c,name,NAME\n1,a,b\n", "InvalidBatch : Field name given more than once : name"),
        ("ERP_Id__c,Boss.ERP_Id__c\n1,a\n", "InvalidBatch : Unable to find relationship: Boss"),
        (
            "ERP_Id__c,Account:Parent.ERP_Id__c\n1,a\n",
            "InvalidBatch : type is not needed for non polymorphic foreign key references: Parent",
        ),
        (
            "ERP_Id__c,Parent.Phone\n1,a\n",
            _NO_KEY,
        ),
        ("\ufeffERP_Id__c,Name\n1,a\n", _UNESCAPED),
        ('ERP_Id__c,Name\n1,a"b\n', _UNESCAPED),
        ('ERP_Id__c,Name\n1, "a"\n', _UNESCAPED),
        ('ERP_Id__c,Name\n1,"a" \n', _UNESCAPED),
        ('ERP_Id__c,Name\n1,"never closed\n2,b\n', _UNESCAPED),
        (f"ERP_Id__c,Name\n1,{'x' * 131_073}\n", _LONG),
        (f"ERP_Id__c,{'x' * 32_000}\n1,a\n", "InvalidBatch : The header row exceeds 32000 characters"),
        (",".join(["A"] * 5_001) + "\n", "InvalidBatch : A record cannot have more than 5000 fields"),
    ],
    ids=lambda value: value[:24] if "\n" in value else "",
)  # fmt: skip
def test_fault_of_the_file_fails_the_job_before_any_row(bulk, rules_org, text, message):
    job = bulk.closed(text)
    shown = bulk.look(job)

    assert (shown["state"], shown["errorMessage"]) == ("Failed", message)
    assert (shown["numberRecordsProcessed"], shown["numberRecordsFailed"]) == (0, 0)
    assert bulk.rows(job, "successfulResults") == bulk.rows(job, "failedResults") == []
    assert bulk.file(job, "unprocessedrecords").splitlines()[1:] == text.splitlines()[1:]
    assert rules_org.records("Account") == []


def test_key_that_records_cannot_be_found_by_fails_the_job(bulk):
    message = bulk.failed("Phone,Name\n1,a\n", externalIdFieldName="Phone")

    assert message == _NO_KEY


def test_delete_takes_ids_and_nothing_else(bulk):
    assert bulk.failed("Id,Name\n1,a\n", "delete") == "InvalidBatch : The 'delete' batch must contain only ids"


def test_fault_in_a_later_batch_leaves_the_earlier_ones_written(bulk, rules_org):
    good, bad = accounts(10_000), '10000,a"b\n'

    job = bulk.closed(good + bad)

    assert bulk.look(job)["state"] == "Failed"
    assert len(rules_org.records("Account")) == len(bulk.rows(job, "successfulResults")) == 10_000
    assert bulk.file(job, "unprocessedrecords") == "ERP_Id__c,Name\n" + bad


@pytest.mark.parametrize(
    ("cells", "error"),
    [
        ("Mail__c\n1,a,none", "INVALID_EMAIL_ADDRESS:Mail: invalid email address: none:Mail__c --"),
        ("Born__c\n1,a,2026-13-01", "INVALID_TYPE_ON_FIELD_IN_RECORD:Born: value not of required type: 2026-13-01:"),
        ("Born__c\n1,a,2026-01-01T00:00:00Z", "INVALID_TYPE_ON_FIELD_IN_RECORD:"),
        ("Since__c\n1,a,soon", "INVALID_TYPE_ON_FIELD_IN_RECORD:"),
        ("Version__c\n1,a,1.2.3", "INVALID_TYPE_ON_FIELD_IN_RECORD:"),
        ("Active__c\n1,a,yes", "INVALID_TYPE_ON_FIELD_IN_RECORD:"),
        ("Tier__c\n1,a,Tin", "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST:Tier: bad value for restricted picklist"),
        ("Total__c\n1,a,5", "INVALID_FIELD_FOR_INSERT_UPDATE:Unable to create/update fields: Total__c."),
        (f"Phone\n1,a,{'1' * 41}", "STRING_TOO_LONG:"),
        ("Rate__c\n1,a,12345", "NUMBER_OUTSIDE_VALID_RANGE:"),
        (
            "Parent.ERP_Id__c\n1,a,9",
            "INVALID_FIELD:Foreign key external ID: 9 not found for field ERP_Id__c in entity Account:--",
        ),
        ("Phone\n1,a", "INVALID_FIELD:The row has 2 columns and the header 3:--"),
        ("Phone\n1,a,1,2", "INVALID_FIELD:The row has 4 columns and the header 3:--"),
        ("Phone\n1,#N/A,1", "REQUIRED_FIELD_MISSING:Required fields are missing: [Name]:Name --"),
        ("Phone\n,a,1", "MISSING_ARGUMENT:ERP_Id__c not specified:--"),
    ],
    ids=lambda value: value.partition("\n")[2] if "\n" in value else "",
)  # fmt: skip
def test_bad_row_fails_alone(bulk, rules_org, cells, error):
    column, _, row = cells.partition("\n")

    job = bulk.done(f"ERP_Id__c,Name,{column}\n{row}\n2,good,\n")

    (found,) = bulk.errors(job)
    assert found.startswith(error)
    assert [each["Name"] for each in rules_org.records("Account")] == ["good"]


def test_several_cells_of_a_chunk_can_be_bad_and_each_row_tells_its_first(bulk):
    job = bulk.done("ERP_Id__c,Name,Version__c,Mail__c\n1,a,x,y\n2,b,,y\n3,c,1,\n4,d,#N/A,\n")

    assert [each.partition(":")[0] for each in bulk.errors(job)] == [
        "INVALID_TYPE_ON_FIELD_IN_RECORD",
        "INVALID_EMAIL_ADDRESS",
    ]
    assert [row["ERP_Id__c"] for row in bulk.rows(job, "successfulResults")] == ["3", "4"]


def test_cells_become_what_their_fields_keep(bulk, rules_org):
    bulk.done(
        "ERP_Id__c,Name,Active__c,Since__c,Born__c,Version__c,Rate__c,NumberOfEmployees,Tier__c\n"
        "007, spaced ,0,2026-01-02T03:04:05.678+02:00,2026-01-02,1700000000000,1.005,7,\n"
    )

    (record,) = rules_org.records("Account")
    names = ["ERP_Id__c", "Name", "Active__c", "Since__c", "Born__c", "Version__c", "Rate__c", "NumberOfEmployees"]
    assert [record[name] for name in [*names, "Tier__c"]] == [
        "007",
        " spaced ",
        False,
        "2026-01-02T01:04:05.000+0000",
        "2026-01-02",
        1_700_000_000_000.0,
        1.01,
        7,
        "Basic",
    ]


@pytest.mark.parametrize(
    ("word", "kept"), [("true", True), ("TRUE", True), ("1", True), ("False", False), ("0", False)]
)
def test_booleans_are_words_or_digits(bulk, rules_org, word, kept):
    bulk.done(f"ERP_Id__c,Name,Active__c\n1,a,{word}\n")

    assert [each["Active__c"] for each in rules_org.records("Account")] == [kept]


def test_parents_are_named_by_external_id_and_emptied_by_null(bulk, rules_org):
    bulk.done("ERP_Id__c,Name\nP,parent\n")
    bulk.done("ERP_Id__c,Name,Parent.ERP_Id__c\n1,a,P\n2,b,\n3,c,P\n")
    bulk.done("ERP_Id__c,parent.erp_id__c\n1,\n3,#N/A\n")

    (parent,) = rules_org.records("Account", ERP_Id__c="P")
    parents = {each["ERP_Id__c"]: each["ParentId"] for each in rules_org.records("Account")}
    assert parents == {"P": None, "1": parent["Id"], "2": None, "3": None}


def test_lookup_of_several_objects_names_which(bulk, rules_org):
    username = rules_org.settings.credentials.username

    done = bulk.done(f"Subject,User:Owner.Username\na,{username}\n", "insert", object="Case")
    failed = bulk.failed(f"Subject,Owner.Username\na,{username}\n", "insert", object="Case")

    assert len(bulk.rows(done, "successfulResults")) == 1
    assert failed == "InvalidBatch : type is needed for polymorphic foreign key references: Owner"


def test_key_twice_in_a_chunk_fails_every_row_that_has_it_and_across_chunks_the_last_wins(bulk, rules_org):
    rows = accounts(200) + "0,again\n" + "x,one\nX,two\n"

    job = bulk.done(rows)

    assert {each["ERP_Id__c"]: each["Name"] for each in rules_org.records("Account")}["0"] == "again"
    assert sorted(bulk.errors(job)) == [
        f"DUPLICATE_VALUE:Duplicate external id specified: {key}:ERP_Id__c --" for key in ("X", "x")
    ]


def test_failed_row_of_a_known_record_names_it(bulk, rules_org):
    bulk.done(accounts(1))
    (record,) = rules_org.records("Account")

    new = bulk.rows(bulk.done("ERP_Id__c,Mail__c\n0,bad\n"), "failedResults")
    bulk.api.call("GET", "limits")
    old = bulk.api.call(
        "POST",
        "/services/data/v52.0/jobs/ingest",
        {"object": "Account", "operation": "upsert", "externalIdFieldName": "ERP_Id__c"},
    ).json()["id"]
    bulk.upload(old, "ERP_Id__c,Mail__c\n0,bad\n")
    bulk.set_state(old, "UploadComplete")

    assert [row["sf__Id"] for row in new] == [record["Id"]]
    assert [row["sf__Id"] for row in bulk.rows(old, "failedResults")] == [""]


def test_results_of_old_versions_have_their_columns_in_the_order_of_the_alphabet(bulk):
    job = bulk.api.call("POST", "/services/data/v49.0/jobs/ingest", {"object": "Account", "operation": "insert"}).json()
    text = "Phone,Name\n1,a\n"
    bulk.upload(job["id"], text)
    bulk.set_state(job["id"], "UploadComplete")

    lines = bulk.file(job["id"], "successfulResults").splitlines()
    assert (lines[0], lines[1].split(",")[2:]) == ('"sf__Id","sf__Created",Name,Phone', ['"a"', '"1"'])
    assert bulk.file(job["id"], "unprocessedrecords") == "Phone,Name\n"


def test_rows_of_results_do_not_stand_in_the_order_of_the_upload(bulk):
    job = bulk.done(accounts(600))

    keys = [int(row["ERP_Id__c"]) for row in bulk.rows(job, "successfulResults")]
    assert sorted(keys) == list(range(600))
    assert keys != sorted(keys)


def test_upload_may_be_gzipped(bulk, rules_org):
    job = bulk.open()
    headers = {**CSV, "Content-Encoding": "gzip"}

    bad = bulk.api.call("PUT", f"jobs/ingest/{job}/batches", b"no gzip", headers=headers)
    cut = bulk.api.call("PUT", f"jobs/ingest/{job}/batches", gzip.compress(accounts(9).encode())[:-9], headers=headers)
    good = bulk.api.call("PUT", f"jobs/ingest/{job}/batches", gzip.compress(accounts(9).encode()), headers=headers)
    bulk.set_state(job, "UploadComplete")

    assert [each.status_code for each in (bad, cut, good)] == [400, 400, 201]
    assert bulk.look(job)["numberRecordsProcessed"] == len(rules_org.records("Account")) == 9


def test_rows_may_come_with_the_job(bulk, rules_org):
    job = '{"object": "Account", "operation": "insert", "lineEnding": "CRLF"}'
    files = {"job": (None, job, "application/json"), "content": ("content", "Name\r\nä\r\n".encode(), "text/csv")}

    made = bulk.api.door.session.post(
        f"{bulk.api.door.instance_url}/services/data/v66.0/jobs/ingest",
        files=files,
        headers={"Authorization": f"Bearer {bulk.api.token}"},
        timeout=9,
    ).json()

    assert (made["state"], "contentUrl" in made) == ("UploadComplete", False)
    assert bulk.look(made["id"])["state"] == "JobComplete"
    assert [each["Name"] for each in rules_org.records("Account")] == ["ä"]


@pytest.mark.parametrize(
    ("files", "code"),
    [
        ({"job": (None, "{}", "application/json")}, "CLIENTINPUTERROR"),
        ({"job": (None, "{}"), "content": ("content", "x" * 100_001, "text/csv")}, "LIMIT_EXCEEDED"),
    ],
    ids=["no content", "too long"],
)
def test_bad_multipart_makes_no_job(bulk, rules_org, files, code):
    response = bulk.api.door.session.post(
        f"{bulk.api.door.instance_url}/services/data/v66.0/jobs/ingest",
        files=files,
        headers={"Authorization": f"Bearer {bulk.api.token}"},
        timeout=9,
    )

    assert (response.status_code, response.json()[0]["errorCode"]) == (400, code)
    assert bulk.api.call("GET", "jobs/ingest").json()["records"] == []


def test_bytes_that_are_no_text_become_replacement_characters(bulk, rules_org):
    bulk.done(b"ERP_Id__c,Name\n1,a\xffb\n")

    assert [each["Name"] for each in rules_org.records("Account")] == ["a\ufffdb"]


def test_history_is_kept_of_what_jobs_write_where_the_org_keeps_it(rules_org_schema):
    org = Org(rules_org_schema, OrgSettings(keeps_history=True))
    with in_process_door(org) as door:
        bulk = BulkApi(Api(door, org.open_session()))
        bulk.done("ERP_Id__c,Name,Version__c\n1,a,2\n")
        bulk.done("ERP_Id__c,Name,Version__c\n1,a,1\n")

    (gone_back,) = org.went_back("Account", "Version__c")
    assert (gone_back["from"], gone_back["to"]) == (2.0, 1.0)


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.text(alphabet='ab1,"\n\r #N/A\x00é', max_size=60),
    ending=st.sampled_from(["LF", "CRLF"]),
    operation=st.sampled_from(["insert", "upsert", "update", "delete"]),
)
def test_whatever_is_uploaded_a_job_ends_and_accounts_for_its_rows(bulk, rows, ending, operation):
    columns = "Id" if operation == "delete" else "ERP_Id__c,Name,AnnualRevenue"
    mark = {"LF": "\n", "CRLF": "\r\n"}[ending]

    job = bulk.closed(f"{columns}{mark}{rows}", operation, lineEnding=ending)
    shown = bulk.look(job)

    written, refused = (len(bulk.rows(job, name)) for name in ("successfulResults", "failedResults"))
    assert shown["state"] in {"JobComplete", "Failed"}
    assert (shown["numberRecordsProcessed"], shown["numberRecordsFailed"]) == (written + refused, refused)
    if shown["state"] == "Failed":
        assert bulk.file(job, "unprocessedrecords") == f"{columns}{mark}{rows}"

"""A file that is put into the drops bucket of the deployed stack becomes records, and every row is accounted for."""

import json

import pytest
from typer.testing import CliRunner

from cli.__main__ import app

pytestmark = pytest.mark.e2e
ROWS = 400
BAD = {17: "e2e-17,1", 230: "e2e-230,one,Name 230", 399: 'e2e-399,1,"Name 399'}


@pytest.fixture
def run(stack):
    def run(*arguments):
        result = CliRunner().invoke(app, [*map(str, arguments), "--state-folder", str(stack.folders.top), "--json"])
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result.exit_code, json.loads(result.stdout)

    return run


def test_file_becomes_records_and_each_bad_row_is_told_with_its_line(stack, run, tmp_path):
    file = tmp_path / "night ly ü.csv"
    rows = [BAD.get(number, f"e2e-{number},1,Name {number}") for number in range(1, ROWS + 1)]
    file.write_text("id,revision,name\n" + "".join(f"{row}\n" for row in rows), encoding="utf-8")

    code, load = run("load", file, "--route", "erp_account")

    assert code == 1
    assert (load["state"], load["rows"], load["is_balanced"]) == ("Done", ROWS, True)
    assert (load["succeeded"], load["rejected"]) == (ROWS - len(BAD), len(BAD))
    url = f"{stack.org_url}/_org/records/Account?field=ERP_Account_ID__c&value=e2e-400"
    (record,) = json.loads(stack.http().get(url, timeout=30).text)
    assert record["Name"] == "Name 400"
    written = tmp_path / "rejects.csv"
    assert run("load", "rejects", load["load_id"], "--to", written)[0] == 0
    lines = [line.split(",") for line in written.read_text(encoding="utf-8").splitlines()[1:]]
    assert [line[3] for line in lines if line[0] != BAD[399].split(",")[0]][:2] == ["18", "231"]

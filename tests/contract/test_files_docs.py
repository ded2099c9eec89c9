"""docs/files.md says what the code does: options, limits, and where the file's time is read."""

import re
from pathlib import Path

from lockstep.adapters.drop_files import PART_OF, WRITTEN_AT
from lockstep.domain.codings import MAX_RATIO
from lockstep.domain.cuts import MAX_LINE_BYTES
from lockstep.domain.dialects import FileFormat
from lockstep.domain.file_rules import DELIMITERS, FileRules, Whole
from lockstep.domain.headers import _FORMAT_BY_ENDING
from lockstep.domain.rejects import LINE_COLUMN
from lockstep.domain.sources import Notation
from lockstep.services.comparison_steps import PAGE_RECORDS
from lockstep.services.settle_earlier import MOST_LISTED
from tests.contract.template import template

DOC = (Path(__file__).parents[2] / "docs/files.md").read_text(encoding="utf-8")


def test_every_option_of_the_section_is_told_and_no_other():
    shown = DOC.split("```yaml\n", 1)[1].split("```", 1)[0]
    told = set(re.findall(r"^  (\w+):", shown, re.MULTILINE))

    assert told == {field.alias or name for name, field in FileRules.model_fields.items()}
    assert all(word in shown for word in [*DELIMITERS, *Notation, "keep_newer", "overwrite"])


def test_limits_and_names_are_those_of_the_code():
    assert f"more than {MAX_RATIO} times" in DOC
    assert f"more than {MAX_LINE_BYTES >> 20} MiB" in DOC
    assert f"`{WRITTEN_AT}`" in DOC
    assert f"`{PART_OF}`" in DOC
    assert f"`{LINE_COLUMN}`" in DOC
    assert f"the {MOST_LISTED:,} open failures" in DOC
    whole = DOC.split("  whole: {", 1)[1].split("}", 1)[0]
    assert set(re.findall(r"(\w+):", whole)) == set(Whole.model_fields)
    assert f"{PAGE_RECORDS:,} records at a time" in DOC
    endings = {ending for ending, kind in _FORMAT_BY_ENDING.items() if kind is FileFormat.JSON_LINES}
    assert all(f"`{ending}`" in DOC for ending in endings)
    assert "DropsBucketName" in template()["Outputs"]
    assert "DropsBucketName" in DOC

"""Rules for text: one line, long, and rich."""

from typing import Annotated, Literal

from pydantic import Field

from lockstep.domain.rules.base import ClearOrLeave, Sourced

# Salesforce Object Reference, "Field Types": a long or rich text area holds at most this many characters.
LONGEST_TEXT = 131_072
Length = Annotated[int, Field(ge=1, le=LONGEST_TEXT)]


class TextualRule(Sourced):
    """Text; numbers are written digit for digit. `max_length` counts as Salesforce does."""

    when_null: ClearOrLeave = "clear"
    when_blank: Literal["clear", "leave", "keep"] = "clear"
    max_length: Length | None = None
    on_too_long: Literal["reject", "truncate"] = "reject"
    control_characters: Literal["reject", "remove", "space"] = "reject"


class TextRule(TextualRule):
    """Text and text area; numbers are written digit for digit. `max_length` counts as Salesforce does."""

    type: Literal["text"]


class LongTextRule(TextualRule):
    """Text of many lines, up to the length of the longest text area."""

    type: Literal["long_text"]
    max_length: Length = LONGEST_TEXT


class RichTextRule(TextualRule):
    """HTML, kept as it is; its marks count. `given: text` escapes plain text and keeps its line breaks.

    Too long HTML is never cut: half of a tag is no HTML.
    """

    type: Literal["rich_text"]
    given: Literal["html", "text"] = "html"
    max_length: Length = LONGEST_TEXT
    on_too_long: Literal["reject"] = "reject"

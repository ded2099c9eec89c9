"""The columns that a file of rejects has beside those of its rows."""

OWN_PREFIX = "lockstep_"
LINE_COLUMN = "lockstep_line"  # stays with a corrected row: it says which failure the row replaces
CODE_COLUMN = "lockstep_code"
REJECT_COLUMNS = (LINE_COLUMN, CODE_COLUMN, "lockstep_message")

"""How a Bulk CSV writes null; a text that reads so would clear the field, so no text may."""

BULK_NULL = "#N/A"  # Bulk API 2.0 Developer Guide, "Prepare CSV Files"; an empty cell is ignored

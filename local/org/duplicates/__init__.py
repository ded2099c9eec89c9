"""Matching rules and duplicate rules: read from the schema folders, and asked before a record is saved."""

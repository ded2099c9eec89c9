"""Bulk API 2.0: jobs that take or give rows as CSV, worked off while the org's clock runs."""

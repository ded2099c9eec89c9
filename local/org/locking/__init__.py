"""Row locks: what a save locks, who waits for whom, and when that ends in UNABLE_TO_LOCK_ROW."""

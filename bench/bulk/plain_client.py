"""simple-salesforce's bulk upsert of a file, in a process of its own so that its memory can be told."""

import json
import sys
import time
from pathlib import Path
from typing import Any

from simple_salesforce.api import Salesforce

_MOST_BYTES = 90_000_000


def main(url: str, session_id: str, file: str, key: str, rows: str) -> None:
    """Upload the mapped file of so many rows as Accounts, wait for its jobs, and print what they say as JSON."""
    # Left alone it cuts after 100 MB of characters, which may be more bytes than it then agrees to send.
    per_job = max(int(rows) * _MOST_BYTES // Path(file).stat().st_size, 1)
    org: Any = Salesforce(instance_url=url, session_id=session_id, version="66.0")
    started = time.perf_counter()
    jobs = org.bulk2.Account.upsert(csv_file=file, external_id_field=key, batch_size=per_job)
    seconds = time.perf_counter() - started
    print(
        json.dumps(
            {
                "seconds": seconds,
                "jobs": len(jobs),
                "processed": sum(job["numberRecordsProcessed"] for job in jobs),
                "failed": sum(job["numberRecordsFailed"] for job in jobs),
            }
        )
    )


if __name__ == "__main__":
    main(*sys.argv[1:])

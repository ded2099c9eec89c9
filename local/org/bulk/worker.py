"""A thread that works bulk jobs off, so that an org that is served moves them on while nobody looks."""

import threading

from local.org.org import Org

_CHUNKS_AT_ONCE = 10
_IDLE_S = 0.02
_YIELD_S = 0.0005  # long enough for a waiting call to get the lock


class BulkWorker:
    """Start it with the servers of an org, stop it after them."""

    def __init__(self, org: Org) -> None:
        self._org = org
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._work, name="bulk worker", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._org.has_bulk_worker = True
        self._thread.start()

    def stop(self) -> None:
        """End after the chunks that are being written; later looks work jobs off again."""
        self._stopped.set()
        self._thread.join()
        self._org.has_bulk_worker = False

    def _work(self) -> None:
        while not self._stopped.is_set():
            with self._org.lock:
                is_more_due = self._org.bulk.look(_CHUNKS_AT_ONCE)
            self._stopped.wait(_YIELD_S if is_more_due else _IDLE_S)

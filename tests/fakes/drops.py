"""The drops bucket, the load table and the bulk lane's queues, in memory; any call to them can be the last."""

import io

from lockstep.domain.changes import PayloadReference
from lockstep.domain.failures import FailureKind, SyncError
from lockstep.domain.file_problems import FileProblemError
from lockstep.ports.drops import DropFacts

GONE = FileProblemError("the file was deleted before it was read", "drop it again")


class Power:
    """Counts the calls to the world, and goes off at one of them."""

    def __init__(self, off_at=None):
        self.calls = 0
        self._off_at = off_at

    def use(self):
        self.calls += 1
        if self.calls == self._off_at:
            raise SyncError(FailureKind.AWS_UNAVAILABLE, "the power is off")


class FakeDropFiles:
    """Implements `ports.drops.DropFiles`."""

    def __init__(self, block_bytes=1 << 20):
        self.power = Power()
        self.objects = {}
        self.pieces = {}
        self._block_bytes = block_bytes

    def put(self, key, content, version="v1", written_at=None):
        self.objects[key, version] = (content, written_at)

    def facts(self, file, version):
        self.power.use()
        known = self.objects.get((file.key, version))
        return DropFacts(version, len(known[0]), known[1]) if known else None

    def blocks(self, file, version, from_byte, size):
        for start in range(from_byte, size, self._block_bytes):
            self.power.use()
            if (file.key, version) not in self.objects:
                raise GONE
            yield self.objects[file.key, version][0][start : min(start + self._block_bytes, size)]

    def put_piece(self, load_id, number, content):
        self.power.use()
        key = f"loads/{load_id}/pieces/{number}"
        self.pieces[key] = content
        return PayloadReference(bucket="pieces", key=key)

    def open(self, chunk):
        """Implements `ports.load_files.LoadFiles` as far as chunks are read."""
        self.power.use()
        if chunk.file.bucket != "pieces" and (chunk.file.key, "v1") not in self.objects:
            raise SyncError(FailureKind.FILE_GONE, "the file is gone")
        return io.BytesIO(self.bytes_of(chunk))

    def bytes_of(self, chunk):
        """Return a chunk's text, wherever it lies."""
        whole = self.pieces[chunk.file.key] if chunk.file.bucket == "pieces" else self.objects[chunk.file.key, "v1"][0]
        return whole[chunk.first_byte : chunk.end_byte]


class FakeLoadBook:
    """Implements `ports.loads.LoadBook`."""

    def __init__(self):
        self.power = Power()
        self.loads = {}
        self.chunk_by_number = {}

    def load(self, load_id):
        self.power.use()
        return self.loads.get(load_id)

    def save_load(self, load):
        return self._save(self.loads, load.load_id, load)

    def chunk(self, load_id, number):
        self.power.use()
        return self.chunk_by_number.get((load_id, number))

    def save_chunk(self, chunk):
        return self._save(self.chunk_by_number, (chunk.load_id, chunk.number), chunk)

    def chunks(self, load_id):
        self.power.use()
        yield from (chunk for (name, _), chunk in sorted(self.chunk_by_number.items()) if name == load_id)

    def recent(self, most):
        self.power.use()
        return sorted(self.loads.values(), key=lambda load: load.started_at, reverse=True)[:most]

    def _save(self, kept, name, item):
        self.power.use()
        if (kept[name].revision if name in kept else 0) != item.revision - 1:
            return False
        kept[name] = item
        return True


class FakeQueue:
    """Implements `ports.loads.ChunkQueue`, `ports.drops.DropQueue` and `ports.DeadLetters`."""

    def __init__(self):
        self.power = Power()
        self.sent = []

    def send(self, messages, *, delay_s=0):
        self.power.use()
        self.sent += messages

    def go_on(self, loads):
        self.send(loads)

    def send_bodies(self, bodies):
        self.send(bodies)
        return [True] * len(bodies)

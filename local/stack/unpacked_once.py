"""Archives that are unpacked once: whoever unpacks one again gets a link to what is there."""

import hashlib
import os
import tempfile
import threading
from pathlib import Path
from typing import Any
from zipfile import ZipFile

StrPath = str | os.PathLike[str]


class Unpacked:
    """What lies unpacked in a folder, by its content; safe to use from several threads.

    Args:
        folder: Is ours alone.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()

    def has(self, archive: ZipFile) -> bool:
        """True where an archive of that content lies here."""
        return self._place_of(archive).exists()

    def link(self, archive: ZipFile, place: Path) -> None:
        """Put a link to the unpacked archive in the place of an empty folder."""
        kept = self._place_of(archive)
        with self._lock:
            if not kept.exists():
                half = Path(tempfile.mkdtemp(dir=self._folder))
                ZipFile.extractall(archive, half)
                half.rename(kept)
        place.rmdir()
        place.symlink_to(kept, target_is_directory=True)

    def _place_of(self, archive: ZipFile) -> Path:
        members = [(each.filename, each.file_size, each.CRC) for each in archive.infolist()]
        return self._folder / hashlib.sha256(repr(members).encode()).hexdigest()


def linking_zip(unpacked: Unpacked) -> type[ZipFile]:
    """Return a kind of ZipFile that is unpacked as a link."""

    class LinkingZip(ZipFile):
        def namelist(self) -> list[str]:
            """Return the names that are to be checked before they are unpacked: none where they lie there already."""
            return [] if unpacked.has(self) else super().namelist()

        def extractall(self, path: StrPath | None = None, members: Any = None, pwd: bytes | None = None) -> None:
            """Link the whole of the archive; `path` is an empty folder.

            Raises:
                ValueError: Something else is asked for.
            """
            if path is None or members is not None or pwd is not None:
                raise ValueError("only a whole archive, into a folder, is linked")
            unpacked.link(self, Path(path))

    return LinkingZip

"""Hashes of files: read piece by piece, and kept while a file stays as it is."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

#: Name of the file in the folder of results that keeps the hashes.
KEPT = ".hashes.json"


class Hashes:
    """SHA-256 of files, kept by path, size and time of change.

    Parameters
    ----------
    folder : Path
        Where the hashes are kept; a file there that cannot be read is made anew.

    Examples
    --------
    >>> hashes = Hashes(Path("outputs/KEN"))                 # doctest: +SKIP
    >>> hashes.of(Path("land_cover_2015.tif"))               # doctest: +SKIP
    (48210, '5f70bf18a0…')
    """

    def __init__(self, folder: Path):
        self.file = Path(folder) / KEPT
        self.known = self._read()
        self.new = False

    def of(self, path: Path) -> tuple[int, str]:
        """Size in bytes and hash of a file."""
        # the key tells nothing about the folders of the machine
        key = hashlib.sha256(str(path).encode()).hexdigest()[:24]
        stamp = _stamp(path)
        kept = self.known.get(key)
        if isinstance(kept, list) and len(kept) == 3 and tuple(kept[:2]) == stamp:
            return stamp[0], kept[2]
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
        if _stamp(path) == stamp:  # nobody wrote to it meanwhile
            self.known[key] = [*stamp, found]
            self.new = True
        return stamp[0], found

    def keep(self) -> None:
        """Write the hashes down, all or nothing."""
        if not self.new:
            return
        self.file.parent.mkdir(parents=True, exist_ok=True)
        partial = self.file.with_name(f"{KEPT}.{os.getpid()}.part")
        partial.write_text(json.dumps(self.known, sort_keys=True), encoding="utf-8")
        partial.replace(self.file)

    def _read(self) -> dict:
        try:
            kept = json.loads(self.file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return kept if isinstance(kept, dict) else {}


def _stamp(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_size, status.st_mtime_ns

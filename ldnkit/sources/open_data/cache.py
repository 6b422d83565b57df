"""The cache: what was fetched once is used again, with its licence, and never half."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sys
import time
import uuid
from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from ldnkit import tables
from ldnkit.sources import catalogue
from ldnkit.sources.open_data.download import checksum

#: Environment variables: the folder, and its largest size in GB.
FOLDER, GIGABYTES = "LDNKIT_CACHE", "LDNKIT_CACHE_GB"


def default_folder() -> Path:
    """Where the cache lies: LDNKIT_CACHE, or the place of the system for such files."""
    if os.environ.get(FOLDER):
        return Path(os.environ[FOLDER]).expanduser()
    home = Path.home()
    if os.name == "nt":
        base = Path(os.environ.get("LOCALAPPDATA", home / "AppData" / "Local"))
    elif sys.platform == "darwin":
        base = home / "Library" / "Caches"
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or home / ".cache")
    return base / "ldnkit"


class Cache:
    """Files of open data with an index: address, checksum, size, day, licence.

    Parameters
    ----------
    folder : str or Path, optional
        :func:`default_folder` by default.
    limit : float, optional
        Largest size in bytes. What was used longest ago goes first; what is in use stays.

    Examples
    --------
    >>> Cache("no/such/folder").summary().empty
    True
    """

    def __init__(self, folder=None, *, limit: float | None = None):
        self.folder = Path(folder) if folder is not None else default_folder()
        gigabytes = os.environ.get(GIGABYTES) or tables.constant("cache_gigabytes")
        self.limit = float(gigabytes) * 1e9 if limit is None else limit

    @property
    def incoming(self) -> Path:
        """The folder for files that were brought by hand."""
        return self.folder / "incoming"

    def path(self, *names: str) -> Path:
        """Where a file of the cache lies."""
        return self.folder.joinpath(*names)

    def holds(self, path: Path) -> bool:
        """Whether a file is here, complete and as it was put."""
        entry = self._index().get(self._name(path))
        return bool(entry) and Path(path).is_file() and Path(path).stat().st_size == entry["bytes"]

    def used(self, path: Path) -> Path:
        """Remember that a file was used now."""
        with self._changing() as index:
            if self._name(path) in index:
                index[self._name(path)]["used"] = time.time()
        return Path(path)

    def put(self, draft: Path, path: Path, about: dict) -> Path:
        """Give a finished draft its name, note it in the index, and make room if need be.

        Beside it comes ``<name>.json`` with title, link, author, citation, licence, flags,
        retrieved and sha256, for the report.
        """
        path = Path(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        about = {**about, "sha256": checksum(draft), "bytes": Path(draft).stat().st_size}
        text = json.dumps(about, ensure_ascii=False, indent=1)
        with self._changing() as index:
            index.pop(self._name(path), None)
            sidecar = sidecar_of(path).with_suffix(".json.part")
            sidecar.write_text(text + "\n", encoding="utf-8")
            sidecar.replace(sidecar_of(path))
            Path(draft).replace(path)
            index[self._name(path)] = {**about, "used": time.time()}
            self._make_room(index, keep=self._name(path))
        return path

    def summary(self) -> pd.DataFrame:
        """What is here: file, dataset, years, bytes, retrieved, licence, used last."""
        rows = [
            {
                "file": name,
                "dataset": entry.get("dataset", ""),
                "years": ", ".join(map(str, entry.get("years", ()))),
                "bytes": entry["bytes"],
                "retrieved": entry.get("retrieved", ""),
                "licence": entry.get("licence", ""),
                "used": pd.Timestamp(entry["used"], unit="s").floor("s"),
            }
            for name, entry in sorted(self._index().items())
        ]
        columns = ["file", "dataset", "years", "bytes", "retrieved", "licence", "used"]
        return pd.DataFrame(rows, columns=columns)

    def datasets(self) -> set[str]:
        """Keys of the datasets of which complete files are here."""
        index = self._index()
        return {entry["dataset"] for name, entry in index.items() if self.holds(self.path(name))}

    def clear(self, dataset: str | None = None) -> int:
        """Delete everything, or the files of one dataset, except what is in use; how many."""
        with self._changing() as index:
            names = [
                name
                for name, entry in index.items()
                if dataset in (None, entry.get("dataset")) and name not in self._in_use()
            ]
            for name in names:
                self._remove(index, name)
            if dataset is None:
                for unfinished in ("downloads", ".composites", ".drafts"):
                    shutil.rmtree(self.folder / unfinished, ignore_errors=True)
        return len(names)

    @contextlib.contextmanager
    def using(self, paths: Iterable[Path]):
        """While inside, these files are not deleted, by no process."""
        pins = self.folder / ".in_use"
        pins.mkdir(parents=True, exist_ok=True)
        pin = pins / f"{os.getpid()}-{uuid.uuid4().hex[:8]}.json"
        pin.write_text(json.dumps([self._name(path) for path in paths]), encoding="utf-8")
        try:
            yield
        finally:
            pin.unlink(missing_ok=True)

    def _in_use(self) -> set[str]:
        import psutil

        names: set[str] = set()
        for pin in (self.folder / ".in_use").glob("*.json"):
            if not psutil.pid_exists(int(pin.name.partition("-")[0])):
                pin.unlink(missing_ok=True)  # a process that ended without a word
                continue
            with contextlib.suppress(OSError, ValueError):
                names |= set(json.loads(pin.read_text(encoding="utf-8")))
        return names

    def _make_room(self, index: dict, keep: str) -> None:
        """Delete what was used longest ago until the limit holds."""
        total = sum(entry["bytes"] for entry in index.values())
        stay = self._in_use() | {keep}
        for name in sorted(index, key=lambda each: index[each]["used"]):
            if total <= self.limit:
                return
            if name not in stay:
                total -= index[name]["bytes"]
                self._remove(index, name)

    def _remove(self, index: dict, name: str) -> None:
        del index[name]
        self.path(name).unlink(missing_ok=True)
        sidecar_of(self.path(name)).unlink(missing_ok=True)

    def _name(self, path: Path) -> str:
        return Path(path).relative_to(self.folder).as_posix()

    def _index(self) -> dict[str, dict]:
        try:
            return json.loads((self.folder / "index.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}

    @contextlib.contextmanager
    def _changing(self):
        """The index, to be changed by one process at a time and written whole."""
        from filelock import FileLock

        self.folder.mkdir(parents=True, exist_ok=True)
        with FileLock(str(self.folder / ".index.lock")):
            index = self._index()
            yield index
            draft = self.folder / "index.json.part"
            text = json.dumps(index, ensure_ascii=False, indent=1)
            draft.write_text(text, encoding="utf-8")
            draft.replace(self.folder / "index.json")


def summary() -> pd.DataFrame:
    """What is in the user's cache; see :meth:`Cache.summary`."""
    return Cache().summary()


def clear(dataset: str | None = None) -> int:
    """Empty the user's cache, or take one dataset out; see :meth:`Cache.clear`."""
    return Cache().clear(dataset)


def sidecar_of(path) -> Path:
    """The file beside a fetched file that says where it comes from."""
    return Path(path).with_name(f"{Path(path).name}.json")


def about(key: str, route: str, address: str, **more) -> dict:
    """What is written beside a fetched file.

    Returns
    -------
    dict
        title, link, author, citation, licence, flags, retrieved (ISO day and time), dataset,
        route, address, and ``more`` (years, release …); ``put`` adds sha256 and bytes.
    """
    from datetime import UTC, datetime

    one = catalogue.entry(key)
    now = datetime.now(UTC).isoformat(timespec="seconds")
    place = {"dataset": key, "route": route, "address": address}
    terms = {"licence": one.licence, "flags": list(one.flags), "retrieved": now}
    return {**one.metadata(), **terms, **place, **more}

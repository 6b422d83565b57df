"""The list of a package's files with size and check sum, and the check against it."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ldnkit.findings import Finding

NAME = "manifest.json"
SCHEMA = 1
#: Bytes read at a time.
CHUNK = 1 << 20
MEDIA_TYPES = {
    ".csv": "text/csv",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".geojson": "application/geo+json",
    ".gpkg": "application/geopackage+sqlite3",
    ".html": "text/html",
    ".json": "application/json",
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".qml": "application/xml",
    ".svg": "image/svg+xml",
    ".tif": "image/tiff; application=geotiff; profile=cloud-optimized",
    ".txt": "text/plain",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".xml": "application/xml",
}
AGAIN = "Make the package again: python workbook.py report"


def write(folder: Path, what: Mapping[str, str], heading: Mapping[str, Any]) -> Path:
    """Write the manifest of a folder.

    Parameters
    ----------
    folder : Path
    what : mapping of str to str
        Path in the folder, with ``/``, and what the file is.
    heading : mapping
        What is said of the whole package.

    Returns
    -------
    Path

    Raises
    ------
    KeyError
        A file of the folder that nobody has described.
    """
    files = [
        {
            "path": name,
            "bytes": path.stat().st_size,
            "sha256": checksum(path),
            "media_type": MEDIA_TYPES.get(path.suffix, "application/octet-stream"),
            "what": what[name],
        }
        for name, path in files_in(folder)
        if name != NAME
    ]
    content = {"schema": SCHEMA, **heading, "files": files}
    target = folder / NAME
    text = json.dumps(content, ensure_ascii=False, indent=1)
    target.write_text(text + "\n", encoding="utf-8", newline="\n")
    return target


def files_in(folder: Path) -> list[tuple[str, Path]]:
    """Every file below a folder with its path in it, in a fixed order."""
    found = [(path.relative_to(folder).as_posix(), path) for path in folder.rglob("*")]
    return sorted((name, path) for name, path in found if path.is_file())


def checksum(path: Path) -> str:
    """SHA-256 of a file, read piece by piece."""
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read(path: str | Path) -> dict[str, Any]:
    """The manifest of a folder or zip file; empty when there is none that can be read."""
    try:
        return json.loads(text_of(path, NAME))
    except (OSError, KeyError, ValueError, zipfile.BadZipFile):
        return {}


def text_of(path: str | Path, name: str) -> str:
    """The text of one file of a package.

    Raises
    ------
    OSError, KeyError, zipfile.BadZipFile
        There is no such file or package.
    """
    path = Path(path)
    if path.is_dir():
        return (path / name).read_text(encoding="utf-8-sig")
    with zipfile.ZipFile(path) as archive:
        return archive.read(name).decode("utf-8-sig")


def verify(path: str | Path) -> list[Finding]:
    """Check a package, folder or zip file, against its manifest.

    Parameters
    ----------
    path : path
        A folder with a ``manifest.json``, or a zip file of one.

    Returns
    -------
    list of Finding
        Files that are missing, changed, or not in the manifest; none when all is well.

    Raises
    ------
    FileNotFoundError
        There is nothing at this path.

    Examples
    --------
    >>> verify("outputs/XLD/report_XLD_2026.zip")  # doctest: +SKIP
    []
    """
    path = Path(path)
    if not path.exists():
        raise FileNotFoundError(
            f"There is no package: found nothing at {path}; "
            "give the path of a folder report or of a zip file report_….zip."
        )
    if path.is_file() and not zipfile.is_zipfile(path):
        return [_finding(path.name, "a file that is no zip file", "a whole zip file")]
    content = read(path)
    listed = content.get("files") if isinstance(content, dict) else None
    if not isinstance(listed, list):
        return [_finding(f"{path.name}: {NAME}", "no list of files", "a manifest")]
    try:
        there = dict(_sums(path))
    except (OSError, zipfile.BadZipFile) as error:
        return [_finding(path.name, str(error), "files that can be read")]
    findings = []
    for each in listed:
        where, found = f"{path.name}: {each['path']}", there.get(each["path"])
        if found is None:
            findings.append(_finding(where, "no such file", "the file of the manifest"))
        elif found != (each["bytes"], each["sha256"]):
            findings.append(_finding(where, "another content", "the content of the manifest"))
    known = {NAME, *(each["path"] for each in listed)}
    extra = [name for name in there if name not in known]
    remedy = "Move it out of the folder, or make the package again."
    findings += [
        _finding(f"{path.name}: {name}", "a file more", "the files of the manifest", remedy)
        for name in extra
    ]
    return findings


def _finding(where: str, found: str, expected: str, remedy: str = AGAIN) -> Finding:
    return Finding("error", where, found, expected, remedy.rstrip(".") + ".", "17")


def _sums(path: Path) -> Iterator[tuple[str, tuple[int, str]]]:
    """Name, size and check sum of every file."""
    if path.is_dir():
        for name, file in files_in(path):
            yield name, (file.stat().st_size, checksum(file))
        return
    with zipfile.ZipFile(path) as archive:
        for entry in archive.infolist():
            digest, size = hashlib.sha256(), 0
            with archive.open(entry) as file:
                while piece := file.read(CHUNK):
                    digest.update(piece)
                    size += len(piece)
            yield entry.filename, (size, digest.hexdigest())

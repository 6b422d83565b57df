"""Put a finished package in place, so that at every moment a whole one is there.

In the folder of a country:

    report/                    the package
    report_<ISO3>_<year>.zip   the same in one file
    .report-made-xxxx/         a package that is being made: never taken for finished
    .report-made-xxxx.zip.part its zip file, unfinished or not yet in its place
    .report-new/               finished and checked; from here on a restart puts it in place
    .report-new.zip            its zip file, finished and checked
    .report-old/               the earlier package, until the new one is in place

Every step is one rename. ``recover`` finishes or undoes what a stopped run left between two.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import zipfile
from pathlib import Path

from ldnkit.handover import manifest

REPORT, NEW, OLD, NEW_ZIP = "report", ".report-new", ".report-old", ".report-new.zip"
MADE = ".report-made-"
#: Files of people that lay in the folder of the report move here; nothing of theirs is deleted.
KEPT = "kept"
#: Already compressed: these are stored as they are.
STORED = (".tif", ".png", ".docx", ".xlsx")
#: The same time in every zip file, so that equal packages are equal files.
ZIP_TIME = (1980, 1, 1, 0, 0, 0)
#: Made anew by every run of a notebook, so a change in them is nobody's work.
TABLES = ("prais_", "csv/", "csv_affected_area/", "findings")


def staging(folder: Path) -> Path:
    """A new folder beside the report in which a package is made."""
    folder.mkdir(parents=True, exist_ok=True)
    return Path(tempfile.mkdtemp(prefix=MADE, dir=folder))


def pack(made: Path, target: Path) -> None:
    """Write a folder into a zip file: fixed order and times, no compression of compressed files.

    Parameters
    ----------
    made : Path
        A folder.
    target : Path
        The zip file.
    """
    with target.open("wb") as file:
        with zipfile.ZipFile(file, "w") as archive:
            for name, path in manifest.files_in(made):
                entry = zipfile.ZipInfo(name, ZIP_TIME)
                stored = path.suffix in STORED
                entry.compress_type = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
                entry.external_attr = 0o644 << 16
                entry.file_size = path.stat().st_size
                with path.open("rb") as source, archive.open(entry, "w") as place:
                    shutil.copyfileobj(source, place, manifest.CHUNK)
        file.flush()
        os.fsync(file.fileno())


def put_in_place(made: Path, made_zip: Path) -> tuple[Path, Path]:
    """Make a finished, checked package the report; the zip file comes last.

    Parameters
    ----------
    made, made_zip : Path
        The folder and its zip file, both in the folder of the country.

    Returns
    -------
    report, archive : Path

    Raises
    ------
    PermissionError
        A file of the earlier report is open in another program; the earlier report stays.
    """
    folder = made.parent
    archive = folder / manifest.read(made)["archive"]
    try:
        made_zip.replace(folder / NEW_ZIP)
        made.replace(folder / NEW)
        _finish(folder)
    except PermissionError as error:
        _undo(folder)
        raise PermissionError(
            f"The report could not be replaced: found {error}; "
            "close its files in other programs and start again. "
            "The last good report is still there."
        ) from error
    return folder / REPORT, archive


def _undo(folder: Path) -> None:
    """The new folder could not be put in place: leave the earlier one."""
    if (folder / OLD).exists() and not (folder / REPORT).exists():
        (folder / OLD).replace(folder / REPORT)
    if (folder / NEW).exists():
        shutil.rmtree(folder / NEW, ignore_errors=True)
        (folder / NEW_ZIP).unlink(missing_ok=True)


def recover(folder: str | Path) -> None:
    """Finish or undo what a stopped run left, and clear away what it began.

    Parameters
    ----------
    folder : path
        The folder of a country: ``outputs/<ISO3>``. One that does not exist is left so.

    Examples
    --------
    >>> recover("outputs/XLD")  # doctest: +SKIP
    """
    folder = Path(folder)
    if not folder.is_dir():
        return
    _finish(folder)
    for left in folder.glob(f"{MADE}*"):
        if left.is_dir():
            shutil.rmtree(left, ignore_errors=True)
        else:
            left.unlink(missing_ok=True)


def _finish(folder: Path) -> None:
    """The steps from a finished package to the report; each may already be done."""
    report, new, old, new_zip = (folder / name for name in (REPORT, NEW, OLD, NEW_ZIP))
    if new.exists():
        if report.exists():
            _clear(old)
            report.replace(old)
        new.replace(report)
    elif old.exists() and not report.exists():
        old.replace(report)
    if new_zip.exists():
        content = manifest.read(new_zip)
        if content and content == manifest.read(report):
            new_zip.replace(folder / content["archive"])
        else:
            new_zip.unlink()
    _clear(old)


def _clear(old: Path) -> None:
    """Remove an earlier report; what people have put into it or changed is kept.

    A file that is open in another program may stop this; the next start tries again.
    """
    if not old.exists():
        return
    folder = old.parent
    content = manifest.read(old)
    made = str(content.get("time_utc", "earlier"))[:19].replace(":", "")
    trash = folder / f"{MADE}trash"
    try:
        for name in _of_people(old, content, manifest.read(folder / REPORT)):
            _keep(old / name, folder / KEPT / made / name)
        shutil.rmtree(trash, ignore_errors=True)
        old.replace(trash)
    except PermissionError:
        return
    shutil.rmtree(trash, ignore_errors=True)


def _of_people(old: Path, content: dict, new: dict) -> list[str]:
    """Files that neither package lists, and documents that were changed since they were made."""
    sums = {each["path"]: each["sha256"] for each in content.get("files", [])}
    listed = {manifest.NAME, *sums, *(each["path"] for each in new.get("files", []))}
    found = []
    for name, path in manifest.files_in(old):
        if name.startswith(TABLES):
            continue
        changed = name in sums and _editable(path) and manifest.checksum(path) != sums[name]
        if name not in listed or changed:
            found.append(name)
    return found


def _editable(path: Path) -> bool:
    return path.suffix in (".docx", ".xlsx", ".qml", ".csv", ".txt")


def _keep(path: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    number, free = 1, target
    while free.exists():
        number += 1
        free = target.with_name(f"{target.stem}_{number}{target.suffix}")
    path.replace(free)

"""Unpacking of archives from elsewhere: nothing leaves its folder, nothing is half unpacked."""

from __future__ import annotations

import hashlib
import json
import shutil
import tarfile
import tempfile
import zlib
from pathlib import Path, PurePosixPath, PureWindowsPath

from ldnkit.findings import Finding, InputError, listed

#: Disk space (bytes) that stays free when an archive has been unpacked.
RESERVE = 200 * 2**20
#: Beside the unpacked files: which archive they come from.
STAMP = ".unpacked.json"
_CHUNK = 2**20
_NOTEBOOK = "16"


def unpack(archive: str | Path, folder: str | Path | None = None) -> Path:
    """Unpack a tar archive (gzip, bzip2, xz or plain) into a folder of its own.

    Files are unpacked under a temporary name and put in place when all are there. The same
    archive is not unpacked twice.

    Parameters
    ----------
    archive : str or Path
    folder : str or Path, optional
        The folder to make; by default one beside the archive, with its name.

    Returns
    -------
    Path
        The folder with the files.

    Raises
    ------
    FileNotFoundError
        There is no such archive.
    InputError
        The archive is damaged, needs more space than there is, or holds links, files twice, or
        paths that lead out of the folder. All are listed; nothing is left behind.
    FileExistsError
        The folder is there already and holds something else.
    """
    archive = Path(archive)
    if not archive.is_file():
        raise FileNotFoundError(
            f"There is no such archive: found nothing at {archive}; give the path of a package."
        )
    folder = archive.with_name(plain_name(archive)) if folder is None else Path(folder)
    stamp = {"archive": archive.name, "bytes": archive.stat().st_size, "sha256": _sha256(archive)}
    if _same(folder, stamp):
        return folder
    if folder.exists() and any(folder.iterdir()):
        raise FileExistsError(
            f"The folder for the package is in use: found {folder} with other files; "
            "give another one with folder=, or move it away."
        )
    folder.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}-"))
    try:
        problems = _unpack(archive, temporary)
        if problems:
            raise InputError(problems)
        (temporary / STAMP).write_text(json.dumps(stamp), encoding="utf-8")
        if folder.exists():
            folder.rmdir()
        temporary.replace(folder)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return folder


def plain_name(archive: Path) -> str:
    """The name of an archive without what says that it is one.

    Examples
    --------
    >>> plain_name(Path("KEN_SDG15.tar.gz"))
    'KEN_SDG15'
    """
    name = archive.name
    for ending in (".gz", ".bz2", ".xz", ".tgz", ".tar"):
        name = name.removesuffix(ending)
    return name if name != archive.name else f"{name}_files"


def _same(folder: Path, stamp: dict) -> bool:
    try:
        return json.loads((folder / STAMP).read_text(encoding="utf-8")) == stamp
    except (OSError, ValueError):
        return False


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _unpack(archive: Path, folder: Path) -> list[Finding]:
    """Write the members one by one; after the first problem the others are only looked at."""
    problems: list[Finding] = []
    seen: set[str] = set()
    space, total = shutil.disk_usage(folder).free - RESERVE, 0
    try:
        with tarfile.open(archive, "r:*") as members:
            for member in members:
                bad = _bad_member(member, seen)
                seen.add(member.name.casefold().rstrip("/"))
                total += member.size
                if bad:
                    problems.append(_problem(f"{archive.name}: {member.name}", *bad))
                elif total > space:
                    problems.append(_no_space(archive, total, space))
                    return problems
                elif not problems and member.isfile():
                    _copy(members, member, folder)
            _read_to_the_end(members)
    except (tarfile.TarError, EOFError, OSError, zlib.error) as error:
        found = f"a damaged archive ({error})"
        remedy = "Download it again; the download goes on where it stopped."
        problems.append(_problem(archive.name, found, "a whole tar.gz archive", remedy))
    if not problems and not any(folder.iterdir()):
        remedy = "Download it again."
        problems.append(_problem(archive.name, "an archive without files", "a package", remedy))
    return problems


def _bad_member(member: tarfile.TarInfo, seen: set[str]) -> tuple[str, str, str] | None:
    """What is wrong with a member: found, expected, remedy."""
    remedy = "Do not use this archive; get it again from its publisher."
    name = member.name
    posix, windows = PurePosixPath(name), PureWindowsPath(name)
    if posix.is_absolute() or windows.drive or windows.root or ".." in windows.parts:
        return "a path that leads out of the folder", "paths inside the folder", remedy
    if member.issym() or member.islnk():
        return f"a link to {member.linkname}", "plain files", remedy
    if not (member.isfile() or member.isdir()):
        return "neither file nor folder", "plain files", remedy
    if member.isfile() and name.casefold() in seen:
        return "the same name twice", "every file once", remedy
    return None


def _copy(members: tarfile.TarFile, member: tarfile.TarInfo, folder: Path) -> None:
    target = folder.joinpath(*PurePosixPath(member.name).parts)
    target.parent.mkdir(parents=True, exist_ok=True)
    source = members.extractfile(member)
    with source, target.open("xb") as file:
        shutil.copyfileobj(source, file, _CHUNK)


def _read_to_the_end(members: tarfile.TarFile) -> None:
    """The check sum of a compressed archive is behind its last member: reading on compares it."""
    members.fileobj.seek(members.offset)
    while members.fileobj.read(_CHUNK):
        pass


def _no_space(archive: Path, total: int, space: int) -> Finding:
    found = f"more than {total / 1e9:.2f} GB to unpack and {max(space, 0) / 1e9:.2f} GB to use"
    remedy = "Free some space, or give a folder on another disk with folder=."
    return _problem(archive.name, found, "enough free disk", remedy)


def _problem(where: str, found: str, expected: str, remedy: str) -> Finding:
    return Finding("error", where, listed([found]), expected, remedy, _NOTEBOOK)

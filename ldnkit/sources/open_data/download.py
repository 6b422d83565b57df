"""Whole files over HTTP: resumed where they were cut, checked, and named only when complete."""

from __future__ import annotations

import errno
import hashlib
import json
import shutil
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from ldnkit.sources.open_data import web
from ldnkit.sources.open_data.problems import Again, Unreachable, plain

#: Bytes received at once (few of a small file): what a cut connection may lose.
CHUNK, SMALL = 2**16, 2**12


@dataclass(frozen=True)
class Receipt:
    """What was fetched, from where, and how it can be recognised."""

    path: Path
    address: str
    mark: str
    sha256: str
    bytes: int
    retrieved: str


def download(
    address: str, path, *, sha256: str | None = None, size: int | None = None, progress=True
) -> Receipt:
    """Fetch a file.

    It grows as ``<name>.part`` and gets its name when it is complete: size and, if given,
    checksum agree. A cut connection goes on where it stopped (``Range`` with ``If-Range``);
    when the file on the server has changed meanwhile, it starts again.

    Parameters
    ----------
    address : str
        http or https.
    path : str or Path
        The file to make; its folder is made, too.
    sha256, size : optional
        What the file must have.
    progress : bool
        Show a bar.

    Returns
    -------
    Receipt

    Raises
    ------
    Unreachable
        After all attempts; says what was found and what to do. No half file bears the name.

    Examples
    --------
    >>> download("https://example.org/a.tif", "a.tif")  # doctest: +SKIP
    """
    from filelock import FileLock

    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.part")
    with FileLock(str(_lock_of(path))):
        try:
            web.with_patience(lambda _: _go_on(address, part, size, progress), address)
            found = web.with_patience(
                lambda _: _checked(address, part, sha256, size, progress), address
            )
        except OSError as error:
            if isinstance(error, Unreachable) or error.errno != errno.ENOSPC:
                raise
            part.unlink(missing_ok=True)
            raise Unreachable(address, f"no room left in {path.parent}", kind="room") from None
        mark = _notes(part).get("mark", "")
        part.replace(path)
        _notes_of(part).unlink(missing_ok=True)
    now = datetime.now(UTC).isoformat(timespec="seconds")
    return Receipt(path, plain(address), mark, found, path.stat().st_size, now)


def _lock_of(path: Path) -> Path:
    """One download of a file at a time, on this computer; the lock lies elsewhere."""
    mark = hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"ldnkit-{mark}.lock"


def _checked(address, part: Path, sha256, size, progress) -> str:
    """The checksum of the complete part; with a wrong one it is thrown away and fetched again."""
    if not part.is_file():
        _go_on(address, part, size, progress)
    found = checksum(part)
    if sha256 and found != sha256.lower():
        _throw_away(part)
        raise Again(f"the checksum {found[:12]}… instead of {sha256[:12]}…", kind="content")
    return found


def _go_on(address: str, part: Path, size: int | None, progress: bool) -> None:
    """One attempt: from the beginning, or from where the last one stopped."""
    notes, have = _notes(part), part.stat().st_size if part.is_file() else 0
    if have and (notes.get("address") != plain(address) or not _strong(notes.get("mark", ""))):
        _throw_away(part)
        have = 0
    headers = {"Range": f"bytes={have}-", "If-Range": notes["mark"]} if have else {}
    with web.asked(address, headers) as answer:
        found = web.version_of(answer)
        if answer.status_code == 416:
            whole = (answer.headers.get("Content-Range") or "").rpartition("/")[2]
            if whole.isdigit() and int(whole) == have:
                return
            _throw_away(part)
            raise Again("a file that has become shorter", kind="content")
        if answer.status_code == 206 and not _fits(answer, have, notes, found):
            _throw_away(part)
            raise Again("another version of the file than before", kind="content")
        if answer.status_code != 206:
            have = 0
        if size is not None and found.size is not None and found.size != size:
            _throw_away(part)
            raise Again(f"a file of {found.size} bytes instead of {size}", kind="content")
        _room(address, part, (found.size or 0) - have)
        notes = {"address": plain(address), "mark": found.mark, "size": found.size}
        _notes_of(part).write_text(json.dumps(notes), encoding="utf-8")
        _receive(answer, part, have, found.size, progress)
    have, wanted = part.stat().st_size, size if found.size is None else found.size
    if wanted is not None and have != wanted:
        if have > wanted:
            _throw_away(part)
        raise Again(f"{have} of {wanted} bytes", kind="content")


def _receive(answer, part: Path, have: int, whole: int | None, progress: bool) -> None:
    from tqdm import tqdm

    name = part.name.removesuffix(".part")
    bar = tqdm(total=whole, initial=have, desc=name, unit="B", unit_scale=True, leave=False,
               disable=not progress or (whole or 0) < 128 * CHUNK)  # fmt: skip
    with part.open("ab" if have else "wb") as file, bar:
        for piece in _pieces(answer, CHUNK if (whole or 0) > 16 * CHUNK else SMALL):
            file.write(piece)
            bar.update(len(piece))


def _pieces(answer, size: int):
    """The body as it is sent: some servers call a gz file an encoding, it must not be unpacked."""
    import requests

    broken = (requests.packages.urllib3.exceptions.HTTPError, OSError)
    try:
        yield from answer.raw.stream(size, decode_content=False)
    except broken:
        raise Again("a cut connection", kind="content") from None


def _fits(answer, have: int, notes: dict, found: web.Version) -> bool:
    """Whether a part of a file continues the one that is here."""
    begins = (answer.headers.get("Content-Range") or "").removeprefix("bytes ").partition("-")[0]
    same_size = notes.get("size") is None or found.size == notes["size"]
    return begins == str(have) and same_size and found.mark in ("", notes.get("mark"))


def _strong(mark: str) -> bool:
    """Whether a mark tells byte by byte which version it is; a weak one cannot."""
    return bool(mark) and not mark.startswith("W/")


def _room(address: str, part: Path, needed: int) -> None:
    free = shutil.disk_usage(part.parent).free
    if needed > free:
        found = f"{needed / 1e6:.0f} MB to come and {free / 1e6:.0f} MB free in {part.parent}"
        raise Unreachable(address, found, kind="room")


def _notes_of(part: Path) -> Path:
    return part.with_name(f"{part.name}.json")


def _notes(part: Path) -> dict:
    try:
        return json.loads(_notes_of(part).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def _throw_away(part: Path) -> None:
    part.unlink(missing_ok=True)
    _notes_of(part).unlink(missing_ok=True)


def checksum(path) -> str:
    """SHA-256 of a file, as 64 letters."""
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()

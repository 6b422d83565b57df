"""Make a kit: count, look for room, fetch what is missing, copy, write the check sums last."""

from __future__ import annotations

import hashlib
import shutil
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from ldnkit.kit import card, pages, wheels
from ldnkit.kit.wheels import PLATFORMS, Platform, Wheel
from ldnkit.run_progress import say

HOUSE = Path(__file__).resolve().parents[2]
SCRIPTS = HOUSE / "ldnkit" / "data" / "kit"
PYTHON = "3.12"
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
#: What of the project goes into a kit; other folders beside it may hold a country's own data.
FOLDERS = ("binder", "ldnkit", "lessons", "notebooks", "tests", ".ci")
FILES = (
    *("README.md", "environment.yml", "pyproject.toml", "uv.lock", "workbook.py", "LICENSE"),
    *("LICENSE-CONTENT", "CITATION.cff", "CHANGELOG.md", "CONTRIBUTING.md", "VALIDATION.md"),
    *(".gitignore", ".gitattributes"),
)
LEFT_OUT = shutil.ignore_patterns(
    *("__pycache__", "*.pyc", "*.nbi", "*.nbc", ".ipynb_checkpoints", ".virtual_documents"),
    *("outputs", "*.part", "*.aux.xml", "my_progress.csv", ".DS_Store", "Thumbs.db"),
)
SUMS = "SHA256SUMS.txt"
MARK = "START_HERE.html"
#: Which kinds of computers the packages serve: read by workbook.py.
CONTENTS = "contents.txt"
SPARE = 1.1  # room on the disk, as a multiple of what is counted


@dataclass(frozen=True)
class Kit:
    """A kit that was made.

    Parameters
    ----------
    folder : Path
    files, size : int
        Number of files and their bytes.
    fetched : int
        Bytes that had to be fetched.
    """

    folder: Path
    files: int
    size: int
    fetched: int


def make(
    folder="outputs/kit",
    *,
    platforms: Iterable[str] = tuple(PLATFORMS),
    pythons: Iterable[str] | None = None,
    outputs="outputs",
    iso3: str = "XLD",
) -> Kit:
    """Make a folder that can be carried on a USB stick.

    Start again after an interruption: files that are whole are not fetched again.

    Parameters
    ----------
    folder : str or path
        Takes the kit; new, empty, or a kit.
    platforms : iterable of str
        Some of windows, macos, linux.
    pythons : iterable of str, optional
        Versions of Python; default 3.12, on this kind of computer also the running one.
    outputs : str or path
        Executed notebooks and the site are taken from here.
    iso3 : str
        Country of the executed notebooks.

    Returns
    -------
    Kit

    Raises
    ------
    ValueError
        An unknown platform or Python, or a folder that holds something else.
    OSError
        Too little room, or packages that could not be fetched.

    Examples
    --------
    >>> make("stick", platforms=["windows"])  # doctest: +SKIP
    """
    folder, outputs = Path(folder).resolve(), Path(outputs).resolve()
    targets = _targets(list(platforms), list(pythons) if pythons else None)
    _refuse_foreign(folder)
    chosen = {target: wheels.choose(*target) for target in targets}
    every = {wheel.file: wheel for found in chosen.values() for wheel in found}
    store = folder / "wheels"
    waiting = {wheel.file for wheel in wheels.missing(every.values(), store)}
    to_fetch = sum(every[name].size for name in waiting)
    needed = (
        to_fetch + _size(HOUSE / name for name in (*FOLDERS, *FILES)) + _size([outputs / "site"])
    )
    names = list(dict.fromkeys(f"{platform.name}, Python {python}" for platform, python in targets))
    say(f"Kit for {'; '.join(names)}: {folder}")
    total = sum(wheel.size for wheel in every.values())
    say(f"  packages: {len(every)} files, {_megabytes(total)}; to fetch: {_megabytes(to_fetch)}")
    _refuse_full(folder, needed)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / SUMS).unlink(missing_ok=True)  # until the kit is whole again
    _fetch(chosen, waiting, store)
    _remove_others(store, every)
    _copy_project(folder)
    _write_contents(store, targets)
    _write_scripts(folder, [python for _, python in targets])
    pages.write(folder, outputs, iso3)
    served = {platform.name: None for platform, _ in targets}
    card.write(folder, pythons=sorted({python for _, python in targets}), platforms=served)
    files = _write_sums(folder)
    size = _size([folder])
    say(f"The kit is ready: {files} files, {_megabytes(size)}. Begin with {folder / MARK}")
    return Kit(folder, files, size, to_fetch)


def _targets(platforms: list[str], pythons: list[str] | None) -> list[tuple[Platform, str]]:
    unknown = [name for name in platforms if name not in PLATFORMS]
    if unknown or not platforms:
        raise ValueError(
            f"Unknown platform: found {', '.join(unknown) or 'none'}; "
            f"use some of {', '.join(PLATFORMS)}."
        )
    wrong = [python for python in pythons or () if python not in PYTHONS]
    if wrong:
        raise ValueError(
            f"Unknown Python: found {', '.join(wrong)}; use some of {', '.join(PYTHONS)}."
        )
    running = f"{sys.version_info[0]}.{sys.version_info[1]}"
    found = []
    for name in platforms:
        for platform in PLATFORMS[name]:
            wanted = list(pythons or [PYTHON])
            if pythons is None and platform.system == sys.platform == "linux":
                wanted.append(running)
            found += [(platform, python) for python in dict.fromkeys(wanted)]
    return found


def _refuse_foreign(folder: Path) -> None:
    """Nothing of somebody else's is mixed into a kit, and a kit is not made of itself."""
    if folder == HOUSE or HOUSE.is_relative_to(folder):
        raise ValueError(
            f"The kit cannot be made where the project is. Found: {folder}. "
            "Name another folder: python workbook.py kit FOLDER"
        )
    store = folder / "wheels"
    if (
        folder.exists()
        and any(folder.iterdir())
        and not (store.is_dir() or (folder / MARK).exists())
    ):
        raise ValueError(
            f"The folder holds something else. Found: {folder} is not empty and is no kit. "
            "Name a new folder: python workbook.py kit FOLDER"
        )


def _refuse_full(folder: Path, needed: int) -> None:
    place = next(path for path in (folder, *folder.parents) if path.exists())
    free = shutil.disk_usage(place).free
    say(f"  room needed: about {_megabytes(needed)}; free: {_megabytes(free)}")
    if free < needed * SPARE:
        raise OSError(
            f"There is too little room for the kit. Found: {_megabytes(free)} free in {place}; "
            f"about {_megabytes(int(needed * SPARE))} are needed. "
            "Free some room, name another folder, or ask for fewer platforms with --platforms."
        )


def _fetch(chosen: dict, waiting: set[str], store: Path) -> None:
    """Fetch platform by platform; a wheel that serves several is fetched once."""
    store.mkdir(parents=True, exist_ok=True)
    for left in store.glob(".part-*"):
        shutil.rmtree(left, ignore_errors=True)
    waiting = set(waiting)
    for (platform, python), found in chosen.items():
        mine: list[Wheel] = [wheel for wheel in found if wheel.file in waiting]
        if mine:
            waiting -= {wheel.file for wheel in mine}
            step = _counter(f"{platform.name}, Python {python}", sum(wheel.size for wheel in mine))
            wheels.fetch(platform, python, mine, store, step=step)


def _counter(what: str, total: int) -> Callable[[int], None]:
    """Says how much of the packages is there: in one line on a terminal."""
    done, terminal = 0, sys.stdout.isatty()

    def step(size: int) -> None:
        nonlocal done
        done += size
        text = f"  {what}: {_megabytes(done)} of {_megabytes(total)} fetched"
        if terminal:
            print(f"\r{text}", end="" if done < total else "\n", flush=True)
        else:
            say(text)

    return step


def _remove_others(store: Path, wanted: dict) -> None:
    """Packages of an earlier kit that this one does not need."""
    for path in store.glob("*.whl"):
        if path.name not in wanted:
            path.unlink()


def _copy_project(folder: Path) -> None:
    for name in FOLDERS:
        if (HOUSE / name).is_dir():
            shutil.rmtree(folder / name, ignore_errors=True)
            shutil.copytree(HOUSE / name, folder / name, ignore=LEFT_OUT)
    for name in FILES:
        if (HOUSE / name).is_file():
            shutil.copy(HOUSE / name, folder / name)


def _write_contents(store: Path, targets) -> None:
    lines = [f"{platform.system} {platform.machine} {python}\n" for platform, python in targets]
    text = "# system, processor, Python of the packages in this folder\n" + "".join(lines)
    (store / CONTENTS).write_text(text, encoding="utf-8", newline="\n")
    shutil.copy(wheels.LISTED, store / "requirements.txt")


def _write_scripts(folder: Path, pythons: list[str]) -> None:
    """start.sh and start.bat, which look for the Pythons that the kit serves."""
    versions = list(dict.fromkeys(pythons))
    for name, ending in (("start.sh", "\n"), ("start.bat", "\r\n")):
        text = (SCRIPTS / name).read_text(encoding="utf-8")
        text = text.replace("@PYTHONS@", " ".join(versions))
        path = folder / name
        path.write_text(text.replace("\r\n", "\n"), encoding="utf-8", newline=ending)
        path.chmod(0o755)
    shutil.copy(SCRIPTS / "check_copy.py", folder / "check_copy.py")


def _write_sums(folder: Path) -> int:
    """A check sum for every file, in the form that sha256sum reads; written last."""
    lines = []
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and not name.startswith((".venv/", ".uv/", "outputs/")):
            with path.open("rb") as file:
                lines.append(f"{hashlib.file_digest(file, 'sha256').hexdigest()}  {name}\n")
    part = folder / f"{SUMS}.part"
    part.write_text("".join(lines), encoding="utf-8", newline="\n")
    part.replace(folder / SUMS)
    return len(lines)


def _size(places: Iterable[Path]) -> int:
    total = 0
    for place in places:
        found = place.rglob("*") if place.is_dir() else [place]
        total += sum(path.stat().st_size for path in found if path.is_file())
    return total


def _megabytes(size: int) -> str:
    return f"{size / 1e6:,.0f} MB"

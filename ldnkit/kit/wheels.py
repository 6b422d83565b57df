"""The packages of a kit: chosen from the lock for each platform, fetched once, checked."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
import tomllib
import venv
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from packaging.requirements import Requirement
from packaging.tags import compatible_tags, cpython_tags, mac_platforms
from packaging.utils import canonicalize_name, parse_wheel_filename

HOUSE = Path(__file__).resolve().parents[2]
LISTED = HOUSE / "binder" / "requirements.txt"
LOCK = HOUSE / "uv.lock"
BATCH = 12  # packages fetched by one call of pip
#: Systems that the packages have to fit, the older first: a newer one is taken for a package
#: that does not fit the older. C library 2.28 is that of Debian 10, 2.39 that of Ubuntu 24.04.
GLIBC = (28, 39)
MACOS = ((14, 0), (15, 0))
#: Patch release for which requirements are read: late ones ask for nothing that is not there.
PATCH = 9


@dataclass(frozen=True)
class Platform:
    """A kind of computer.

    Parameters
    ----------
    name : str
        As people call it.
    system : str
        ``sys.platform`` on it.
    platform_system, machine, os_name : str
        What Python says on it.
    """

    name: str
    system: str
    platform_system: str
    machine: str
    os_name: str

    def marker(self, python: str) -> dict[str, str]:
        """The values that requirements ask for."""
        return {
            "sys_platform": self.system,
            "platform_system": self.platform_system,
            "platform_machine": self.machine,
            "os_name": self.os_name,
            "python_version": python,
            "python_full_version": f"{python}.{PATCH}",
            "implementation_name": "cpython",
            "platform_python_implementation": "CPython",
        }

    def tags(self, python: str, *, newer: bool = False) -> list:
        """Tags of wheels that work there, the best first."""
        version = tuple(int(part) for part in python.split("."))
        abi = f"cp{version[0]}{version[1]}"
        if self.system == "win32":
            places = ["win_amd64"]
        elif self.system == "darwin":
            places = list(mac_platforms(MACOS[newer], self.machine))
        else:
            places = [f"manylinux_2_{minor}_{self.machine}" for minor in range(GLIBC[newer], 4, -1)]
            places += [f"{old}_{self.machine}" for old in ("manylinux2014", "manylinux2010")]
            places += [f"manylinux1_{self.machine}"]
        own = cpython_tags(version, [abi], places)
        return [*own, *compatible_tags(version, abi, places)]


#: Names for ``--platforms`` and the computers they stand for.
PLATFORMS = {
    "windows": (Platform("Windows", "win32", "Windows", "AMD64", "nt"),),
    "macos": (
        Platform("macOS 15 (Apple)", "darwin", "Darwin", "arm64", "posix"),
        Platform("macOS 15 (Intel)", "darwin", "Darwin", "x86_64", "posix"),
    ),
    "linux": (Platform("Linux", "linux", "Linux", "x86_64", "posix"),),
}


@dataclass(frozen=True)
class Wheel:
    """A file of a package.

    Parameters
    ----------
    name, version, file : str
    size : int
        Bytes.
    sha256 : str
    """

    name: str
    version: str
    file: str
    size: int
    sha256: str


def choose(platform: Platform, python: str) -> list[Wheel]:
    """The wheels that one kind of computer needs, as the lock has them.

    Parameters
    ----------
    platform : Platform
    python : str
        For example ``"3.12"``.

    Raises
    ------
    LookupError
        Packages that do not come ready-made for it.

    Examples
    --------
    >>> names = {wheel.name for wheel in choose(PLATFORMS["windows"][0], "3.12")}
    >>> "numpy" in names, "pywinpty" in names, "ptyprocess" in names
    (True, True, False)
    """
    locked = _locked()
    narrow, wide = (
        {tag: rank for rank, tag in enumerate(platform.tags(python, newer=newer))}
        for newer in (False, True)
    )
    marker, chosen, missing = platform.marker(python), [], []
    for need in requirements():
        if need.marker and not need.marker.evaluate(marker):
            continue
        files = locked.get((canonicalize_name(need.name), str(need.specifier).lstrip("=")), [])
        best = _best(files, narrow) or _best(files, wide)
        if best is None:
            missing.append(str(need))
        else:
            chosen.append(best)
    if missing:
        raise LookupError(
            f"Some packages do not come ready-made for {platform.name} with Python {python}. "
            f"Found none of: {', '.join(missing)}. Leave this platform or Python out."
        )
    return chosen


def requirements() -> list[Requirement]:
    """The lines of the list that is made from the lock."""
    lines = LISTED.read_text(encoding="utf-8").splitlines()
    return [Requirement(line) for line in lines if line.strip() and not line.startswith("#")]


def _locked() -> dict[tuple[str, str], list[Wheel]]:
    with LOCK.open("rb") as file:
        packages = tomllib.load(file)["package"]
    return {
        (package["name"], package.get("version", "")): [
            Wheel(
                package["name"],
                package["version"],
                wheel["url"].rsplit("/", 1)[1].replace("%2B", "+"),
                wheel["size"],
                wheel["hash"].removeprefix("sha256:"),
            )
            for wheel in package.get("wheels", [])
        ]
        for package in packages
    }


def _best(files: list[Wheel], ranks: dict) -> Wheel | None:
    """The file whose best tag comes first."""

    def rank(wheel: Wheel) -> int:
        return min(ranks.get(tag, len(ranks)) for tag in parse_wheel_filename(wheel.file)[3])

    ranked = sorted((rank(wheel), wheel.file, wheel) for wheel in files)
    return ranked[0][2] if ranked and ranked[0][0] < len(ranks) else None


def missing(wheels: Iterable[Wheel], folder: Path) -> list[Wheel]:
    """Those of the wheels that are not in a folder yet, or are damaged there."""
    wanted = {wheel.file: wheel for wheel in wheels}
    return [wheel for name, wheel in wanted.items() if not _is_whole(folder / name, wheel)]


def _is_whole(path: Path, wheel: Wheel) -> bool:
    if not path.is_file() or path.stat().st_size != wheel.size:
        return False
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == wheel.sha256


def fetch(
    platform: Platform,
    python: str,
    wheels: list[Wheel],
    folder: Path,
    *,
    step: Callable[[int], None] = lambda count: None,
) -> None:
    """Fetch wheels with pip; a file appears under its name only when it is whole.

    Parameters
    ----------
    platform : Platform
    python : str
    wheels : list of Wheel
        Those that are missing.
    folder : Path
    step : callable
        Called with the bytes of every batch that is done.

    Raises
    ------
    OSError
        pip could not get them; what was fetched before is kept.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".part-", dir=folder) as work:
        pip = _pip(Path(work))
        for start in range(0, len(wheels), BATCH):
            batch = wheels[start : start + BATCH]
            _fetch(pip, platform, python, batch, Path(work))
            for wheel in batch:
                fetched = Path(work) / wheel.file
                if not _is_whole(fetched, wheel):
                    raise OSError(f"A package is damaged: {wheel.file}. Start again.")
                fetched.replace(folder / wheel.file)
            step(sum(wheel.size for wheel in batch))


def _fetch(pip: list[str], platform: Platform, python: str, batch, work: Path) -> None:
    listed = work / "batch.txt"
    lines = [f"{wheel.name}=={wheel.version} --hash=sha256:{wheel.sha256}" for wheel in batch]
    listed.write_text("\n".join(lines) + "\n", encoding="utf-8")
    command = [*pip, "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
    command += ["--only-binary=:all:", "--require-hashes", "--dest", str(work), "-r", str(listed)]
    command += ["--implementation", "cp", "--python-version", f"{python}.{PATCH}"]
    for abi in (f"cp{python.replace('.', '')}", "abi3", "none"):
        command += ["--abi", abi]
    for place in sorted(_places(batch)):
        command += ["--platform", place]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        names = ", ".join(wheel.name for wheel in batch)
        raise OSError(
            f"Packages could not be fetched: {names}. Found: {done.stderr.strip()[-600:]} "
            "What is there is kept: check the connection and start again."
        )


def _places(batch) -> Iterator[str]:
    """The platform tags that the files of a batch bear."""
    for wheel in batch:
        yield from {tag.platform for tag in parse_wheel_filename(wheel.file)[3]}


def _pip(work: Path) -> list[str]:
    """A pip: of this environment, of the Python below it, or a new one."""
    below = getattr(sys, "_base_executable", sys.executable)
    if find_spec("pip"):
        return [sys.executable, "-m", "pip"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    if subprocess.call([below, "-m", "pip", "--version"], **quiet) == 0:
        return [below, "-m", "pip"]
    venv.create(work / "venv", with_pip=True)
    inside = ("Scripts", "python.exe") if os.name == "nt" else ("bin", "python")
    return [str((work / "venv").joinpath(*inside)), "-m", "pip"]

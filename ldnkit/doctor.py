"""Look whether the workbook can work here, and say in plain words what to do if not.

Works without the internet and changes nothing. Only when it is asked to (``--online``) it reaches
the addresses of open data; the day on which each answered is kept in the user's cache.
"""

from __future__ import annotations

import os
import platform
import shutil
import sys
import tempfile
from importlib import metadata, util
from pathlib import Path

from ldnkit.findings import Finding

HOUSE = Path(__file__).resolve().parent.parent
LISTED = HOUSE / "binder" / "requirements.txt"
GIGABYTE = 1e9


def examine(outputs="outputs", *, online=False) -> list[Finding]:
    """Every finding about this machine; ``info`` is a good sign.

    Parameters
    ----------
    outputs : str or path
        The folder that will take the results.
    online : bool
        Reach the addresses of open data, too.
    """
    return _examined(outputs, online)[0]


def _examined(outputs, online):
    """The findings, and the table of addresses of open data (empty when they are not asked)."""
    folder = Path(outputs).resolve()
    checks = (
        _python,
        lambda: _disk(folder),
        _memory,
        _packages,
        _rasters,
        _projections,
        _numba,
        lambda: _writing(folder),
        _folder,
    )
    findings = []
    for check in checks:
        findings += check()
    about, addresses = _open_data(online)
    return findings + about, addresses


def main(outputs="outputs", *, online=False) -> int:
    """Print the findings; 0 when the workbook can work here, 1 when it cannot."""
    findings, addresses = _examined(outputs, online)
    signs = {"info": "good   ", "warning": "look   ", "error": "problem"}
    for finding in findings:
        text = f"{signs[finding.severity]} {finding.where}: {finding.found}"
        if finding.severity != "info":
            text += f"\n          expected: {finding.expected}"
            text += f"\n          what to do: {finding.remedy}"
        print(text)
    for row in addresses.to_dict("records"):
        last = f", reached last on {row['last']}" if row["last"] not in ("", row["date"]) else ""
        print(
            f"        {row['result']:<14} {row['route']:<28} {row['address']} ({row['said']}{last})"
        )
    problems = sum(finding.severity == "error" for finding in findings)
    print("Everything the workbook needs is here." if not problems else f"{problems} to mend.")
    return 1 if problems else 0


def _python() -> list[Finding]:
    found = f"{platform.python_version()}, {platform.system()} {platform.machine()}"
    if (3, 11) <= sys.version_info[:2] <= (3, 14):
        return [Finding("info", "Python", found)]
    remedy = "Install Python 3.12, delete the folder .venv and start again."
    return [Finding("error", "Python", found, "3.11 to 3.14", remedy)]


def _disk(folder: Path) -> list[Finding]:
    place = next(path for path in (folder, *folder.parents) if path.exists())
    free = shutil.disk_usage(place).free
    found = f"{free / GIGABYTE:.1f} GB free"
    if free >= 5 * GIGABYTE:
        return [Finding("info", "Disk", found)]
    severity = "warning" if free >= GIGABYTE else "error"
    remedy = "Free some space, or give another disk with --outputs."
    return [Finding(severity, "Disk", found, "5 GB for a country", remedy)]


def _memory() -> list[Finding]:
    try:
        import psutil
    except ImportError:
        return []
    available = psutil.virtual_memory().available
    found = f"{available / GIGABYTE:.1f} GB free"
    if available >= 2 * GIGABYTE:
        return [Finding("info", "Memory", found)]
    remedy = "Close other programs; the work is done in blocks and may still pass."
    return [Finding("warning", "Memory", found, "2 GB", remedy)]


def _packages() -> list[Finding]:
    """Compare what is installed with the versions listed from the lock."""
    if not LISTED.exists():
        return []
    from packaging.requirements import Requirement

    missing, other = [], []
    count = 0
    for line in LISTED.read_text(encoding="utf-8").splitlines():
        line = line.split("#")[0].strip()
        if not line or line.startswith("-"):
            continue
        wanted = Requirement(line)
        if wanted.marker and not wanted.marker.evaluate():
            continue
        try:
            installed = metadata.version(wanted.name)
        except metadata.PackageNotFoundError:
            if wanted.name in _own_needs():
                missing.append(wanted.name)
            continue
        count += 1
        if not wanted.specifier.contains(installed, prereleases=True):
            other.append(f"{wanted.name} {installed} (tested: {wanted.specifier})")
    again = "Delete the folder .venv and start again: python workbook.py doctor"
    findings = [Finding("info", "Packages", f"{count - len(other)} as tested")]
    if missing:
        needed = "every package the workbook uses"
        findings = [Finding("error", "Packages", f"missing: {', '.join(missing)}", needed, again)]
    if other:
        shown = ", ".join(other[:5]) + (f" and {len(other) - 5} more" if len(other) > 5 else "")
        findings.append(Finding("warning", "Packages", shown, "the tested versions", again))
    return findings


def _own_needs() -> set[str]:
    """Names of the packages the workbook itself asks for, without those of its extras."""
    from packaging.requirements import Requirement

    try:
        lines = metadata.requires("ldnkit") or []
    except metadata.PackageNotFoundError:
        return set()
    needs = [Requirement(line) for line in lines]
    return {need.name for need in needs if not need.marker or need.marker.evaluate({"extra": ""})}


def _rasters() -> list[Finding]:
    """Write and read a small compressed GeoTIFF in memory."""
    try:
        import numpy as np
        import rasterio
        from rasterio.io import MemoryFile

        classes = np.array([[-1, 0], [1, -32768]], dtype="int16")
        profile = {"driver": "GTiff", "width": 2, "height": 2, "count": 1, "dtype": "int16"}
        profile["transform"] = rasterio.Affine(0.0025, 0, 10, 0, -0.0025, 5)
        with MemoryFile() as memory:
            with memory.open(**profile, crs="EPSG:4326", compress="zstd") as file:
                file.write(classes, 1)
            with memory.open() as file:
                same = np.array_equal(file.read(1), classes) and file.crs.to_epsg() == 4326
        if not same:
            raise ValueError("a raster came back changed")
    except Exception as error:
        remedy = "Delete the folder .venv and start again; close other GIS programs first."
        return [Finding("error", "Rasters (GDAL)", str(error), "a GeoTIFF can be kept", remedy)]
    return [Finding("info", "Rasters (GDAL)", f"GDAL {rasterio.__gdal_version__} works")]


def _projections() -> list[Finding]:
    """Project a point whose coordinates are known: the prime meridian at the equator."""
    try:
        import pyproj

        to_mercator = pyproj.Transformer.from_crs(4326, 3857, always_xy=True)
        x, y = to_mercator.transform(180.0, 0.0)
        if abs(x - 20037508.342789244) > 0.001 or abs(y) > 0.001:
            raise ValueError(f"180° E is at x = {x}")
    except Exception as error:
        remedy = "Unset PROJ_LIB and PROJ_DATA: they may point into another GIS program."
        return [Finding("error", "Projections (PROJ)", str(error), "a known point", remedy)]
    return [Finding("info", "Projections (PROJ)", f"PROJ {pyproj.proj_version_str} works")]


def _numba() -> list[Finding]:
    if util.find_spec("numba"):
        return [Finding("info", "Speed", f"numba {metadata.version('numba')}")]
    return [Finding("info", "Speed", "no numba here: the same classes, slower")]


def _writing(folder: Path) -> list[Finding]:
    place = next(path for path in (folder, *folder.parents) if path.exists())
    try:
        with tempfile.NamedTemporaryFile(dir=place):
            pass
    except OSError as error:
        remedy = "Choose a folder of your own with --outputs, for example in Documents."
        return [Finding("error", "Results folder", str(error), "a folder to write to", remedy)]
    return [Finding("info", "Results folder", f"{folder} can be written")]


def _open_data(online: bool):
    """Whether the addresses of the catalogue answer; nothing is asked without ``online``."""
    from ldnkit.sources.open_data import reach

    return reach.findings(online)


def _folder() -> list[Finding]:
    """Long paths stop some Windows programs."""
    if os.name != "nt" or len(str(HOUSE)) <= 100:
        return []
    remedy = "Move the folder nearer to the top of the disk, for example C:\\ldn."
    return [Finding("warning", "Folder", f"a long path, {HOUSE}", "under 100 letters", remedy)]

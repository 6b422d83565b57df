"""A country folder on the move: one file out of Binder and back in, and less of it to carry."""

from __future__ import annotations

import contextlib
import math
import os
import re
import shutil
import tempfile
import zipfile
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from ldnkit.findings import Finding, InputError, listed

#: Rasters that :func:`shrink` cuts; every other file is copied as it is.
GEOTIFF, NETCDF = (".tif", ".tiff"), (".nc", ".nc4")
#: Cells left around the boundary, so that resampling at the border sees its neighbours.
MARGIN = 4
#: Files that stay behind: half-written ones, locks, and what a system adds.
LEFT = (".lock", ".part", ".pyc")
_STRIP = 512
#: Part of a cell that rounding may add to a boundary on the edge of cells.
_EDGE = 1e-6


def pack(country, path: str | Path, *, results: bool = False, extra: Iterable = ()) -> Path:
    """Put the folder of a country into one ZIP file.

    Parameters
    ----------
    country : Country
        Everything in the folder of its country.yml goes in, except hidden files.
    path : str or Path
        The ZIP file to write; it appears only when it is complete.
    results : bool
        Also the results of the country, in ``outputs/<ISO3>``.
    extra : paths
        Single files to take along, for example ``my_progress.csv``.

    Returns
    -------
    Path

    Raises
    ------
    InputError
        The country file names files outside its folder: they would stay behind.

    Examples
    --------
    >>> pack(country, "KEN.zip")  # doctest: +SKIP
    """
    _refuse_outside(country)
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    members = [(file, PurePosixPath(country.iso3, part)) for file, part in _inputs(country)]
    if results and country.folder_results.is_dir():
        base = PurePosixPath(country.iso3, "outputs", country.iso3)
        members += [(file, base / part) for file, part in _below(country.folder_results)]
    members += [(Path(file), PurePosixPath(country.iso3, Path(file).name)) for file in extra]
    handle, unfinished = tempfile.mkstemp(suffix=".part", dir=path.parent)
    os.close(handle)
    try:
        with zipfile.ZipFile(unfinished, "w", zipfile.ZIP_DEFLATED, compresslevel=4) as archive:
            for file, name in members:
                if file.resolve() not in (path.resolve(), Path(unfinished).resolve()):
                    archive.write(file, str(name))
                    archive.getinfo(str(name)).comment = str(file.stat().st_mtime_ns).encode()
        Path(unfinished).replace(path)
    finally:
        Path(unfinished).unlink(missing_ok=True)
    return path


def unpack(path: str | Path, folder: str | Path) -> Path:
    """Bring a packed country back; gives the path of its country.yml.

    Parameters
    ----------
    path : str or Path
        A ZIP file made by :func:`pack`, or one that holds a country.yml.
    folder : str or Path
        The country goes into a folder of its own in it; nothing there is replaced.

    Raises
    ------
    InputError
        No ZIP file, no country.yml in it, names that lead out of the folder, too little room,
        or a country that is there already; everything is told at once.

    Examples
    --------
    >>> unpack("KEN.zip", ".")  # doctest: +SKIP
    """
    path, folder = Path(path), Path(folder)
    try:
        archive = zipfile.ZipFile(path)
    except (OSError, zipfile.BadZipFile) as error:
        raise InputError([_problem(path, f"no ZIP file ({error})", "Pack it again.")]) from None
    with archive:
        files = [item for item in archive.infolist() if not item.is_dir()]
        top, target = _check(path, files, folder)
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder, prefix=".unpack-") as temporary:
            for item in files:
                made = archive.extract(item, temporary)
                if re.fullmatch(rb"\d{1,19}", item.comment):
                    time = int(item.comment)  # results stay fresh: ZIP alone keeps two seconds
                    with contextlib.suppress(OSError, OverflowError):
                        os.utime(made, ns=(time, time))
            (Path(temporary) / top).replace(target)
    return target / "country.yml"


def shrink(country, folder: str | Path, *, margin: int = MARGIN) -> Path:
    """Copy a country with its rasters cut to the boundary; no value changes.

    Parameters
    ----------
    country : Country
    folder : str or Path
        New folder for the copy; its country.yml is the same text.
    margin : int
        Cells kept around the boundary.

    Returns
    -------
    Path
        The new country.yml. GeoTIFF and NetCDF files are cut; other files are copied whole.

    Raises
    ------
    FileExistsError
        The folder is there already.
    InputError
        The country file names files outside its folder.
    """
    _refuse_outside(country)
    folder = Path(folder)
    if folder.exists():
        raise FileExistsError(
            f"The copy has no place: found {folder} there already; give another folder."
        )
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".shrink-") as temporary:
        made = Path(temporary) / "copy"
        for file, part in _inputs(country):
            target = made / part
            target.parent.mkdir(parents=True, exist_ok=True)
            ending = file.suffix.lower()
            cut = _cut_tiff if ending in GEOTIFF else _cut_cube if ending in NETCDF else None
            if cut is None or not cut(file, target, country, margin):
                shutil.copy2(file, target)
        made.replace(folder)
    return folder / country.path.name


def _inputs(country) -> list[tuple[Path, PurePosixPath]]:
    """The files of a country's folder; results that lie in it are no input."""
    home, outputs = country.folder.resolve(), country.outputs.resolve()
    # the training country lies in the outputs folder: then only its own results are left out
    inside = outputs != home and outputs.is_relative_to(home)
    made = outputs if inside else country.folder_results.resolve()
    return [each for each in _below(country.folder) if not each[0].resolve().is_relative_to(made)]


def _below(folder: Path) -> list[tuple[Path, PurePosixPath]]:
    """Every file of a folder that travels, with its place in it."""
    found = []
    for file in sorted(folder.rglob("*")):
        part = file.relative_to(folder)
        hidden = any(name.startswith(".") or name == "__pycache__" for name in part.parts)
        if file.is_file() and not hidden and file.suffix not in LEFT:
            found.append((file, PurePosixPath(*part.parts)))
    return found


def _refuse_outside(country) -> None:
    from ldnkit import fingerprints, plans

    outside = {
        str(file.path)
        for indicator in plans.available(country)
        for file in fingerprints.inputs(country, indicator)
        if not file.path.resolve().is_relative_to(country.folder.resolve())
    }
    if outside:
        names = listed(sorted(Path(name).name for name in outside))
        remedy = "Copy them into the folder of the country and correct country.yml."
        raise InputError([_problem(country.path, f"files outside its folder: {names}", remedy)])


def _check(path: Path, files, folder: Path) -> tuple[str, Path]:
    """The folder inside the archive that holds country.yml, and where it goes."""
    findings = []
    wild = [item.filename for item in files if _leads_out(item.filename)]
    if wild:
        remedy = "Do not use it; ask for another copy."
        findings.append(_problem(path, f"names that lead elsewhere: {listed(wild)}", remedy))
    places = [PurePosixPath(item.filename) for item in files]
    homes = [place.parent for place in places if place.name == "country.yml"]
    homes = sorted({home for home in homes if len(home.parts) == 1}, key=str)
    if len(homes) != 1:
        found = f"{len(homes)} folders with a country.yml"
        findings.append(_problem(path, found, "Pack the folder of one country."))
    need, free = sum(item.file_size for item in files), _free(folder)
    if need > free:
        found = f"{need / 1e6:,.0f} MB to unpack, {free / 1e6:,.0f} MB free"
        findings.append(_problem(path, found, "Make room, or choose another disk."))
    target = folder / (homes[0].name if homes else "")
    if homes and target.exists():
        remedy = "Rename or remove it first; nothing is replaced."
        findings.append(_problem(path, f"a folder {target.name} there already", remedy))
    if findings:
        raise InputError(findings)
    return homes[0].name, target


def _leads_out(name: str) -> bool:
    place = PurePosixPath(name.replace("\\", "/"))
    return place.is_absolute() or ".." in place.parts or ":" in name


def _free(folder: Path) -> int:
    there = next(place for place in [folder.resolve(), *folder.resolve().parents] if place.exists())
    return shutil.disk_usage(there).free


def _problem(path: Path, found: str, remedy: str) -> Finding:
    return Finding("error", path.name, found, "a packed country", remedy, "01")


def _cut_tiff(file: Path, target: Path, country, margin: int) -> bool:
    """Write the part of a GeoTIFF around the boundary; False when there is nothing to cut."""
    import rasterio

    with rasterio.Env(GDAL_CACHEMAX=64 * 2**20), rasterio.open(file) as source:
        window = _window(source, country, margin)
        if window is None:
            return False
        profile = source.profile | {
            "width": window.width,
            "height": window.height,
            "transform": source.window_transform(window),
            "compress": "deflate",
            "driver": "GTiff",
        }
        if not source.profile.get("tiled"):
            profile.pop("blockxsize", None)
            profile.pop("blockysize", None)
        elif min(window.width, window.height) < profile["blockxsize"]:
            for key in ("tiled", "blockxsize", "blockysize"):
                profile.pop(key, None)
        with rasterio.open(target, "w", **profile) as copy:
            copy.update_tags(**source.tags())
            for band in source.indexes:
                copy.update_tags(band, **source.tags(band))
                copy.set_band_description(band, source.descriptions[band - 1] or "")
            for row in range(0, window.height, _STRIP):
                rows = min(_STRIP, window.height - row)
                here = rasterio.windows.Window(
                    window.col_off, window.row_off + row, window.width, rows
                )
                there = rasterio.windows.Window(0, row, window.width, rows)
                copy.write(source.read(window=here), window=there)
    return True


def _window(source, country, margin: int):
    """The window of a raster around the country; None when all of it, or none, is needed."""
    from rasterio.windows import Window, from_bounds

    if source.crs is None or country.crosses_180:
        return None
    west, south, east, north = country.boundary.to_crs(source.crs.to_wkt()).total_bounds
    near = from_bounds(west, south, east, north, source.transform)
    first_row = math.floor(near.row_off + _EDGE) - margin
    first_column = math.floor(near.col_off + _EDGE) - margin
    last_row = math.ceil(near.row_off + near.height - _EDGE) + margin
    last_column = math.ceil(near.col_off + near.width - _EDGE) + margin
    top, left = max(first_row, 0), max(first_column, 0)
    bottom, right = min(last_row, source.height), min(last_column, source.width)
    if bottom <= top or right <= left:
        return None  # beside the country: whoever reads it will say so
    if (top, left, bottom, right) == (0, 0, source.height, source.width):
        return None
    return Window(left, top, right - left, bottom - top)


def _cut_cube(file: Path, target: Path, country, margin: int) -> bool:
    """Write the part of a NetCDF file around the boundary; False when it is left whole."""
    import numpy as np
    import xarray as xr

    if country.crosses_180:
        return False
    west, south, east, north = country.boundary.total_bounds
    with xr.open_dataset(file, decode_times=False, mask_and_scale=False) as whole:
        places = {}
        for names, low, high in (
            (("lon", "longitude"), west, east),
            (("lat", "latitude"), south, north),
        ):
            name = next((name for name in names if name in whole.dims), None)
            if name is None or whole.sizes[name] < 2:
                return False
            values = whole[name].to_numpy()
            step = abs(float(values[1] - values[0]))
            near = np.flatnonzero((values > low - step) & (values < high + step))
            if not near.size:
                return False  # other longitudes (0 to 360), or beside the country
            first, last = max(near[0] - margin, 0), min(near[-1] + margin + 1, values.size)
            places[name] = slice(int(first), int(last))
        part = whole.isel(places)
        for variable in part.variables.values():
            variable.encoding = {
                key: value
                for key, value in variable.encoding.items()
                if key in ("_FillValue", "dtype", "scale_factor", "add_offset")
            }
        part.to_netcdf(target)
    return True

"""Files of a series: NetCDF files, Zarr folders, GeoTIFF files with a band per step.

All files of a series lie on one grid, which is north up however they are stored, and give any
steps, rows and columns as float32 with NaN for no data.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from ldnkit.country_file.patterns import on_disk
from ldnkit.findings import Finding, InputError
from ldnkit.sources.timeseries.axes import days_of_month, problem, stop, turned
from ldnkit.sources.timeseries.cubes import NETCDF, Cube, cube


@dataclass(frozen=True)
class Bands:
    """The bands of a GeoTIFF file, one per step; fields as in :class:`Cube`."""

    path: Path
    grid: object
    steps: tuple[tuple[int, int, int], ...]
    calendar: str
    units: str
    fills: tuple[float, ...]
    scale: float
    offset: float
    pieces: tuple[int, int]
    turned: tuple[bool, bool] = (False, False)
    crs_said: bool = True
    late: bool = False

    def read(self, steps: slice, rows: slice, columns: slice) -> np.ndarray:
        """float32 (time, y, x) of these steps, rows from the north and columns from the west."""
        import rasterio
        from rasterio.windows import Window

        bands = range(*steps.indices(len(self.steps)))
        rows, up = turned(rows, self.grid.shape[0], self.turned[0])
        height, width = rows.stop - rows.start, columns.stop - columns.start
        window = Window(columns.start, rows.start, width, height)
        down, across = rows.step or 1, columns.step or 1
        # a thinned-out picture is read band by band, which needs less memory
        groups = [[band] for band in bands] if down > 1 or across > 1 else [list(bands)]
        cut = []
        with rasterio.Env(GDAL_CACHEMAX=32 * 2**20), rasterio.open(self.path) as source:
            for group in groups:
                stored = source.read([band + 1 for band in group], window=window)
                cut.append(stored[:, ::down, ::across][:, ::up])
        stored = np.concatenate(cut)
        values = (stored * np.float64(self.scale) + self.offset).astype(np.float32)
        for fill in self.fills:
            values[stored == np.float64(fill).astype(stored.dtype)] = np.nan
        return values


def parts_of(pattern: str, variable: str | None, time_step: str) -> tuple[Cube | Bands, ...]:
    """The files of a series, each opened once and closed again.

    Parameters
    ----------
    pattern : str
        A NetCDF file, a Zarr folder, or a pattern with {year} and {month}.
    variable : str or None
        The variable; needed where a file has several.
    time_step : {"month", "day"}
        What the bands of GeoTIFF files are.

    Raises
    ------
    InputError
        No file, a file that does not open, no reference system, no variable or several, no
        time axis, other grids in other files; every problem at once.
    """
    parts, findings, grids = [], [], {}
    for path, place in _files(pattern):
        try:
            if path.is_dir() or path.suffix.lower() in NETCDF:
                part = cube(path, variable)
            else:
                part = _dated(bands(path), place, time_step)
        except InputError as error:
            findings += error.findings
            continue
        # one grid object for hundreds of files
        parts.append(replace(part, grid=grids.setdefault(_key(part.grid), part.grid)))
    if len(grids) > 1:
        findings.append(_other_grids(parts))
    if findings:
        raise InputError(findings)
    return tuple(parts)


def _key(grid):
    numbers = tuple(round(number, 9) for number in tuple(grid.transform)[:6])
    return tuple(grid.shape), numbers, grid.crs.to_wkt()


def _other_grids(parts) -> Finding:
    first = _key(parts[0].grid)
    others = [part.path.name for part in parts if _key(part.grid) != first]
    return problem(
        ", ".join(others[:5]) + (", …" if len(others) > 5 else ""),
        f"another grid in {len(others)} of {len(parts)} files",
        f"the cells of {parts[0].path.name} in all files",
        "Bring them to one grid (gdalwarp) before you use them together.",
    )


def _files(pattern: str) -> list[tuple[Path, dict[str, int]]]:
    """Files that a pattern names, in their order, with the year and month of each."""
    path = Path(pattern)
    if "{" in pattern:
        found = [
            (file, {part: int(text) for part, text in texts.items()})
            for texts, file in on_disk(Path(), pattern)
        ]
        if not found or "{year}" not in pattern:
            example = path.name.replace("{year}", "2000").replace("{month}", "01")
            remedy = "Put the files there, or correct the pattern (with {year} and {month})."
            stop(path.name, f"no file like {path.name}", f"files such as {example}", remedy)
        return sorted(found, key=lambda file: (file[1]["year"], file[1].get("month", 0), file[0]))
    if not path.exists():
        stop(path.name, "no such file", "a file", "Put it there, or correct the name.")
    if not path.is_dir() and path.suffix.lower() not in NETCDF:
        stop(
            path.name,
            "a single raster without dates",
            "NetCDF, a Zarr folder, or GeoTIFF files by year and month",
            "Name the files by a pattern such as climate/rain_{year}_{month}.tif (one band each) "
            "or climate/rain_{year}.tif (a band per month).",
        )
    return [(path, {})]


def bands(path: Path) -> Bands:
    """What a raster file holds, without reading its values; its bands have no dates yet.

    Raises
    ------
    InputError
        It does not open, is rotated or has no reference system.
    """
    import rasterio
    from affine import Affine
    from odc.geo.geobox import GeoBox
    from rasterio.errors import RasterioIOError

    try:
        with rasterio.open(path) as source:
            transform, crs, (height, width) = source.transform, source.crs, source.shape
            count, declared = source.count, source.nodatavals
            scale, offset, units = source.scales[0], source.offsets[0], source.units[0]
            pieces = source.block_shapes[0]
    except RasterioIOError as error:
        remedy = "Copy it again from its source, or export it as GeoTIFF."
        stop(path.name, f"a file that does not open ({error})", "a raster file", remedy)
    if crs is None:
        remedy = "Assign one in your GIS and save the file again."
        stop(path.name, "no coordinate reference system", "a georeferenced raster", remedy)
    if transform.b or transform.d:
        remedy = "Warp it to a grid that is north up (gdalwarp)."
        stop(path.name, "a rotated raster", "a raster that is square to the axes", remedy)
    north = transform.e > 0
    if north:
        transform = transform @ Affine.translation(0, height) @ Affine.scale(1, -1)
    return Bands(
        path=path,
        grid=GeoBox((height, width), transform, crs.to_wkt()),
        steps=((0, 0, 0),) * count,
        calendar="standard",
        units=(units or "").strip(),
        fills=tuple({float(fill) for fill in declared if fill is not None}),
        scale=float(scale),
        offset=float(offset),
        pieces=(int(pieces[0]), int(pieces[1])),
        turned=(north, False),
    )


def _dated(part: Bands, place: dict[str, int], time_step: str) -> Bands:
    """The bands with their dates, from the year and month that the file name says."""
    year, month = place["year"], place.get("month")
    kind, counts = ("day" if time_step == "day" else "month"), []
    for calendar in ("standard", "noleap", "360_day"):
        days = [
            (m, d) for m in range(1, 13) for d in range(1, 1 + days_of_month(year, m, calendar))
        ]
        if time_step == "month":
            days = [(m, 1) for m in range(1, 13)]
        days = [(m, d) for m, d in days if month in (None, m)]
        if len(days) == len(part.steps):
            return replace(part, steps=tuple((year, m, d) for m, d in days), calendar=calendar)
        counts.append(len(days))
    stop(
        part.path.name,
        f"{len(part.steps)} bands",
        f"{counts[0]}: one for each {kind} that the file name stands for",
        f"Give one band per {kind}; name single months by a pattern with {{year}} and {{month}}.",
    )

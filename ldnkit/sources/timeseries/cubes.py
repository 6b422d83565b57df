"""A variable over time and place in a NetCDF file or a Zarr folder."""

from __future__ import annotations

import threading
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ldnkit.findings import InputError
from ldnkit.sources.timeseries import axes
from ldnkit.sources.timeseries.axes import stop, turned

NETCDF = (".nc", ".nc4", ".cdf", ".netcdf", ".h5", ".hdf5")
#: What the NetCDF library puts where nothing was ever written.
NEVER_WRITTEN = 9.969209968386869e36
#: The NetCDF library may be used by one thread at a time.
_LOCK = threading.Lock()


@dataclass(frozen=True)
class Cube:
    """A variable of a NetCDF file or of a Zarr folder.

    ``dims`` are the names of time, rows and columns in the file, ``turned`` says whether rows
    run north and columns west. ``steps`` are (year, month, day). ``fills`` are the fill values
    that the file declares, as stored; a value is the stored one × ``scale`` + ``offset``.
    ``pieces`` are the rows and columns that are stored together.
    """

    path: Path
    variable: str
    dims: tuple[str, str, str]
    turned: tuple[bool, bool]
    grid: object
    steps: tuple[tuple[int, int, int], ...]
    calendar: str
    units: str
    fills: tuple[float, ...]
    scale: float
    offset: float
    pieces: tuple[int, int]
    crs_said: bool
    late: bool

    def read(self, steps: slice, rows: slice, columns: slice) -> np.ndarray:
        """float32 (time, y, x) of these steps, rows from the north and columns from the west."""
        height, width = self.grid.shape
        rows, up = turned(rows, height, self.turned[0])
        columns, left = turned(columns, width, self.turned[1])
        with opened(self.path) as dataset:
            array = dataset[self.variable].isel(dict(zip(self.dims, (steps, rows, columns))))
            spare = [name for name in array.dims if name not in self.dims]
            array = array.isel(dict.fromkeys(spare, 0)).transpose(*self.dims)
            values = array.values.astype(np.float32)
        values[values == np.float32(NEVER_WRITTEN)] = np.nan
        return values[:, ::up, ::left]


@contextmanager
def opened(path):
    """A NetCDF file or Zarr folder as a Dataset, times as numbers; one thread at a time."""
    import xarray as xr

    zarr = path.is_dir()
    engine = {"engine": "zarr", "consolidated": False} if zarr else {"engine": "netcdf4"}
    plain = {"decode_times": False, "decode_coords": False, "decode_timedelta": False}
    with nullcontext() if zarr else _LOCK:
        with xr.open_dataset(path, cache=False, chunks=None, **engine, **plain) as dataset:
            yield dataset


def cube(path: Path, variable: str | None) -> Cube:
    """What a file holds, without reading its values.

    Raises
    ------
    InputError
        It does not open; no variable or several, no times, no reference system, irregular cells.
    """
    try:
        with opened(path) as dataset:
            return _described(path, dataset, variable)
    except InputError:
        raise
    except (OSError, KeyError, RuntimeError, ValueError) as error:
        kind = "a Zarr folder" if path.is_dir() else "a NetCDF file"
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        remedy = "Copy it again from its source, or open it in QGIS or Panoply to see what it is."
        stop(path.name, f"{kind} that does not open ({reason})", kind, remedy)


def _described(path, dataset, variable) -> Cube:
    """What reading needs to know about an open Dataset."""
    name, dims = _variable(path, dataset, variable)
    array = dataset[name]
    times = dataset[dims[0]] if dims[0] in dataset.variables else None
    if times is None:
        remedy = "Add the time coordinate (days since …) to the file."
        stop(path.name, f"no times for the axis {dims[0]}", "a date for every step", remedy)
    units, calendar = str(times.attrs.get("units", "")), axes.calendar_of(times.attrs)
    try:
        steps = axes.steps_of(times.values, units, calendar)
    except ValueError as error:
        stop(
            path.name,
            f"a time axis with {str(error).splitlines()[0]}",
            "times such as 'days since 1981-01-01' or 'months since 1981-01-01'",
            "Correct the units of the time axis (ncatted, or in Python with xarray).",
        )
    if not steps:
        stop(path.name, "a time axis without a step", "a date for every step", "Fill the file.")
    crs, said = _crs(path, dataset, array, dims)
    grid, backwards = _grid(path, dataset, dims, crs)
    stored = array.encoding
    chunks = stored.get("chunksizes") or stored.get("chunks") or (1,) * array.ndim
    by_name = dict(zip(array.dims, chunks))
    fills = (stored.get("_FillValue"), stored.get("missing_value"))
    return Cube(
        path=path,
        variable=name,
        dims=dims,
        turned=backwards,
        grid=grid,
        steps=steps,
        calendar=calendar,
        units=str(array.attrs.get("units", "")).strip(),
        fills=tuple(float(value) for fill in fills if fill is not None for value in np.ravel(fill)),
        scale=float(stored.get("scale_factor", 1)),
        offset=float(stored.get("add_offset", 0)),
        pieces=(int(by_name[dims[1]]), int(by_name[dims[2]])),
        crs_said=said,
        late=_late(dataset, times, units, calendar, steps),
    )


def _late(dataset, times, units, calendar, steps) -> bool:
    """Whether most times stand in the month after the one that their bounds enclose."""
    bounds = dataset.variables.get(times.attrs.get("bounds", ""))
    if bounds is None or bounds.shape != (len(steps), 2) or bounds.dtype.kind not in "iuf":
        return False
    try:
        middle = axes.steps_of(np.asarray(bounds.values, float).mean(axis=1), units, calendar)
    except ValueError:
        return False
    return sum(a[:2] != b[:2] for a, b in zip(steps, middle)) > len(steps) / 2


def _variable(path, dataset, wanted) -> tuple[str, tuple[str, str, str]]:
    """The variable with time, rows and columns, and the names of these three axes."""
    candidates = {}
    for name, array in dataset.data_vars.items():
        kinds = {}
        for dim in array.dims:
            attributes = dataset[dim].attrs if dim in dataset.variables else {}
            kinds.setdefault(axes.kind_of(str(dim), attributes), dim)
        spare = [dim for dim in array.dims if dim not in kinds.values() or dim == kinds.get("")]
        if {"time", "y", "x"} <= set(kinds) and all(array.sizes[dim] == 1 for dim in spare):
            candidates[str(name)] = kinds["time"], kinds["y"], kinds["x"]
    listed = ", ".join(_shown(dataset, name) for name in candidates)
    if wanted is not None and wanted in candidates:
        return wanted, candidates[wanted]
    if wanted is not None and candidates:
        remedy = f"Write drought: variable: {next(iter(candidates))}, or another of these."
        stop(path.name, f"no variable {wanted!r} over time and place", f"one of {listed}", remedy)
    if len(candidates) > 1:
        remedy = f"Write drought: variable: {next(iter(candidates))}, or another of these."
        stop(path.name, f"several variables: {listed}", "the name of one", remedy)
    if not candidates:
        known = "; ".join(
            f"{name} ({', '.join(map(str, array.dims))})"
            for name, array in dataset.data_vars.items()
        )
        stop(
            path.name,
            f"no variable with time, latitude and longitude (it has {known or 'none'})",
            "a variable with the dimensions time, lat and lon (or y and x)",
            "Export the series on a regular grid with these names.",
        )
    return next(iter(candidates.items()))


def _shown(dataset, name) -> str:
    attributes = dataset[name].attrs
    text = ", ".join(str(attributes[key]) for key in ("long_name", "units") if key in attributes)
    return f"{name} ({text})" if text else name


def _crs(path, dataset, array, dims):
    """Reference system, and whether the file says it; degrees without one are EPSG:4326."""
    from pyproj import CRS
    from pyproj.exceptions import CRSError

    named = str(array.attrs.get("grid_mapping", array.encoding.get("grid_mapping", "")))
    names = (named.split(":")[0].strip(), "spatial_ref", "crs")
    mapping = next((dict(dataset[name].attrs) for name in names if name in dataset.variables), {})
    projection = str(mapping.get("grid_mapping_name", ""))
    if projection.startswith("rotated"):
        remedy = "Bring it to a grid of longitude and latitude (cdo remapcon)."
        stop(path.name, "a grid with a rotated pole", "longitude and latitude", remedy)
    text = mapping.get("crs_wkt") or mapping.get("spatial_ref")
    try:
        if text:
            return CRS.from_user_input(str(text)), True
        if projection and projection != "latitude_longitude":
            return CRS.from_cf(mapping), True
    except (CRSError, KeyError) as error:
        remedy = "Assign the reference system in your GIS and save the file again."
        stop(path.name, f"a reference system that is not understood ({error})", "one", remedy)
    attributes = {dim: dataset[dim].attrs if dim in dataset.variables else {} for dim in dims[1:]}
    if all(axes.in_degrees(str(dim), each) for dim, each in attributes.items()):
        return CRS.from_epsg(4326), False
    stop(
        path.name,
        "no coordinate reference system",
        "a georeferenced file",
        "Assign one in your GIS and save the file again, or name the axes lat and lon.",
    )


def _grid(path, dataset, dims, crs):
    """North-up grid of the cells, and whether rows and columns of the file are turned."""
    from affine import Affine
    from odc.geo.geobox import GeoBox

    degrees = crs.is_geographic
    _, y, x = dims
    missing = [str(dim) for dim in (y, x) if dim not in dataset.variables]
    if missing:
        found = f"no coordinates for {', '.join(missing)}"
        remedy = "Bring it to a regular grid (cdo remapcon, gdalwarp)."
        stop(path.name, found, "rows and columns with a coordinate each", remedy)
    across = axes.unturned(dataset[x].values) if degrees else dataset[x].values
    down = dataset[y].values
    try:
        sizes = [axes.lattice(each, degrees=degrees)[1] if len(each) > 1 else None
                 for each in (across, down)]  # fmt: skip
        left, width = axes.lattice(across, degrees=degrees, size=sizes[0] or _size(sizes[1], 1))
        top, height = axes.lattice(down, degrees=degrees, size=sizes[1] or _size(sizes[0], -1))
    except ValueError as error:
        remedy = "Bring it to a regular grid (cdo remapcon, gdalwarp)."
        stop(path.name, str(error), "cells of one size in rows and columns", remedy)
    backwards = height > 0, width < 0
    if backwards[0]:
        top, height = round(top + height * len(down), 9), -height
    if backwards[1]:
        left, width = round(left + width * len(across), 9), -width
    transform = Affine(width, 0, left, 0, height, top)
    return GeoBox((len(down), len(across)), transform, crs.to_string()), backwards


def _size(other: float | None, sign: int) -> float | None:
    return None if other is None else sign * abs(other)

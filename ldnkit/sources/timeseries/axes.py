"""Axes of a series: what they are, the date of every step, the cells of a regular lattice."""

from __future__ import annotations

import math
import re
from calendar import monthrange

import numpy as np

from ldnkit.findings import Finding, InputError
from ldnkit.sources.rasters import place_on

#: Names of the axes when a file says nothing else about them, in small letters.
_NAMES = {
    "time": ("time", "t", "valid_time", "date", "month", "months"),
    "y": ("lat", "latitude", "y", "northing", "rows", "nav_lat"),
    "x": ("lon", "long", "longitude", "x", "easting", "columns", "nav_lon"),
}
_STANDARD = {
    "time": "time",
    "latitude": "y",
    "longitude": "x",
    "projection_y_coordinate": "y",
    "projection_x_coordinate": "x",
}
_CALENDARS = {
    "": "standard",
    "gregorian": "standard",
    "proleptic_gregorian": "standard",
    "365_day": "noleap",
    "366_day": "all_leap",
}
#: How far a coordinate may lie from its place in a regular lattice, in cells.
_SLACK = 0.05

_MONTHS_SINCE = re.compile(r"\s*months?\s+since\s+(\d{1,4})-(\d{1,2})(?:-(\d{1,2}))?", re.I)


def kind_of(name: str, attributes) -> str:
    """What an axis is: ``time``, ``y``, ``x`` or nothing.

    Examples
    --------
    >>> kind_of("Latitude", {}), kind_of("n", {"units": "days since 1981-01-01"}), kind_of("z", {})
    ('y', 'time', '')
    """
    units = str(attributes.get("units", "")).lower()
    standard = _STANDARD.get(str(attributes.get("standard_name", "")).lower())
    axis = {"t": "time", "y": "y", "x": "x"}.get(str(attributes.get("axis", "")).lower())
    if " since " in units:
        return "time"
    if units.replace(" ", "_").startswith(("degrees_north", "degree_north")):
        return "y"
    if units.replace(" ", "_").startswith(("degrees_east", "degree_east")):
        return "x"
    if standard or axis:
        return standard or axis
    return next((kind for kind, names in _NAMES.items() if name.lower() in names), "")


def in_degrees(name: str, attributes) -> bool:
    """Whether an axis holds degrees of longitude or latitude, by its name or its unit."""
    units = str(attributes.get("units", "")).lower()
    return name.lower().startswith(("lat", "lon", "nav_")) or units.startswith("degree")


def calendar_of(attributes) -> str:
    """Name of the calendar: ``standard``, ``noleap``, ``360_day`` or another name of CF."""
    name = str(attributes.get("calendar", "")).lower()
    return _CALENDARS.get(name, name)


def steps_of(values, units: str, calendar: str) -> tuple[tuple[int, int, int], ...]:
    """(year, month, day) of every step of a time axis.

    ``months since`` counts calendar months; a fraction lies inside its month. Numbers without a
    reference date may be written as 198101 or 19810115.

    Parameters
    ----------
    values : array of numbers
    units, calendar : str
        As in the file.

    Raises
    ------
    ValueError
        Times without a value, or units that are not understood.

    Examples
    --------
    >>> steps_of([0, 1.5, 12], "months since 1981-01-01", "standard")
    ((1981, 1, 1), (1981, 2, 1), (1982, 1, 1))
    >>> steps_of([58, 59], "days since 2000-01-01", "noleap")
    ((2000, 2, 28), (2000, 3, 1))
    """
    from netCDF4 import num2date

    values = np.asarray(values)
    if values.dtype.kind not in "iuf":
        raise ValueError("times that are text")
    if values.dtype.kind == "f" and not np.isfinite(values).all():
        raise ValueError(f"{int((~np.isfinite(values)).sum())} times without a value")
    months = _MONTHS_SINCE.match(units)
    if months:
        year, month, day = (int(part or 1) for part in months.groups())
        start = year * 12 + month - 1 + (day - 1) / 31
        count = np.floor(values.astype(float) + start + 1e-9).astype(int)
        return tuple((int(n) // 12, int(n) % 12 + 1, 1) for n in count)
    if " since " in units:
        dates = np.atleast_1d(num2date(values, units, calendar or "standard"))
        return tuple((date.year, date.month, date.day) for date in dates)
    whole = np.floor(values).astype(np.int64)
    if whole.size and (whole >= 100_001).all() and (whole <= 999_912).all():
        whole = whole * 100 + 1
    if whole.size and not ((whole >= 10_000_101) & (whole <= 99_991_231)).all():
        raise ValueError(f"times in {units!r}" if units else "times without units")
    steps = tuple((int(n) // 10_000, int(n) // 100 % 100, int(n) % 100) for n in whole)
    if any(not (1 <= month <= 12 and 1 <= day <= 31) for _, month, day in steps):
        raise ValueError(f"times in {units!r}" if units else "times without units")
    return steps


def days_of_month(year: int, month: int, calendar: str) -> int:
    """Days of a month in a calendar.

    Examples
    --------
    >>> [days_of_month(2000, 2, name) for name in ("standard", "noleap", "360_day")]
    [29, 28, 30]
    """
    if calendar == "360_day":
        return 30
    leap = {"noleap": 2001, "all_leap": 2000, "julian": 2000 if year % 4 == 0 else 2001}
    return monthrange(leap.get(calendar, year), month)[1]


def lattice(centres, *, degrees: bool, size: float | None = None) -> tuple[float, float]:
    """First edge and cell size (with its sign) of an axis of regular cells.

    In degrees, rounding of the file (float32) is undone: edges lie on multiples of half a cell
    when they are close to one. Longitudes may run on across 180° or 360°.

    Parameters
    ----------
    centres : array
        Coordinates of the cells.
    degrees : bool
    size : float, optional
        Cell size of an axis with one cell.

    Raises
    ------
    ValueError
        Cells of unequal size, or a single cell without ``size``.

    Examples
    --------
    >>> import numpy as np
    >>> lattice(np.array([9.95, 9.85], np.float32), degrees=True)
    (10.0, -0.1)
    """
    centres = np.asarray(centres, np.float64)
    if not len(centres) or not np.isfinite(centres).all():
        raise ValueError("cells without a coordinate")
    if len(centres) > 1:
        size = (centres[-1] - centres[0]) / (len(centres) - 1)
        expected = centres[0] + size * np.arange(len(centres))
        if not size or np.abs(centres - expected).max() > _SLACK * abs(size):
            gaps = np.abs(np.diff(centres))
            raise ValueError(f"cells of unequal size, from {gaps.min():g} to {gaps.max():g}")
    elif size is None:
        raise ValueError("one cell only, so that its size is unknown")
    if degrees:
        size = _neat(size, len(centres))
    edge = centres[0] - size / 2
    half = round(edge / (size / 2)) * size / 2
    if degrees and abs(edge - half) < 0.01 * abs(size):
        edge = half
    return float(round(edge, 9)), float(size)


def _neat(size: float, count: int) -> float:
    """A cell size without the noise of float32, if that moves no edge visibly.

    Neat is a whole number of cells per degree, or six decimals.
    """
    per_degree = max(round(1 / abs(size)), 1)
    for neat in (math.copysign(1 / per_degree, size), round(size, 6)):
        if count * abs(size - neat) < 0.02 * abs(size):
            return neat
    return size


def unturned(longitudes) -> np.ndarray:
    """Longitudes that run on where they jump by a whole turn: 179, -180 becomes 179, 180."""
    return np.unwrap(np.asarray(longitudes, np.float64), period=360)


def turned(part: slice, count: int, turned: bool) -> tuple[slice, int]:
    """The slice in the order of the file, and the step that turns what it gives: 1 or -1."""
    if not turned:
        return part, 1
    places = range(*part.indices(count))
    return slice(count - 1 - places[-1], count - places[0], places.step), -1


def problem(where, found, expected, remedy) -> Finding:
    """An error about a file of a series."""
    return Finding("error", where, found, expected, remedy, "10")


def stop(where, found, expected, remedy):
    """Raise an error about a file of a series."""
    raise InputError([problem(where, found, expected, remedy)])


def cover(grid, boundary):
    """The cells of a grid, continued as far as needed, around a boundary and one more.

    A geographic grid is moved by a whole turn when it then lies on the boundary.
    """
    import shapely
    from affine import Affine
    from odc.geo.geobox import GeoBox

    crs, size = grid.crs, (grid.transform.a, -grid.transform.e)
    shapes = boundary.geometry
    if not crs.geographic:
        shapes = shapely.segmentize(shapes.union_all(), 0.1)
        shapes = boundary.set_geometry([shapes] * len(boundary)).geometry.to_crs(crs.to_wkt())
    west, south, east, north = shapes.total_bounds
    left, top, right = grid.boundingbox.left, grid.boundingbox.top, grid.boundingbox.right
    if crs.geographic:
        turn = max(
            (0, 360, -360), key=lambda turn: min(right + turn, east) - max(left + turn, west)
        )
        left += turn
    first, last = _span((west - left) / size[0], (east - left) / size[0])
    above, below = _span((top - north) / size[1], (top - south) / size[1])
    corner = Affine.translation(left + first * size[0], top - above * size[1])
    shape = (below - above, last - first)
    return GeoBox(shape, corner @ Affine.scale(size[0], -size[1]), crs)


def _span(low: float, high: float) -> tuple[int, int]:
    """Whole cells around two places, and one more on both sides."""
    hair = 1e-6
    return math.floor(low + hair) - 1, math.ceil(high - hair) + 1


def cells(grid, window, every: int = 1) -> tuple[np.ndarray, np.ndarray] | None:
    """Rows and columns of a grid for those of a window; -1 outside the grid.

    The window may lie a whole turn of longitude away. None when its cells are not those of the
    grid.
    """
    height, width = grid.shape
    rows, columns = None, np.full(window.shape[1], -1)
    for turn in (0, 360, -360) if grid.crs.geographic else (0,):
        place = place_on(grid, window, turn)
        if place is None:
            continue
        rows, here = (start + np.arange(size) for start, size in zip(place, window.shape))
        inside = (here >= 0) & (here < width) & (columns < 0)
        columns[inside] = here[inside]
    if rows is None:
        return None
    rows = np.where((rows < 0) | (rows >= height), -1, rows)
    return rows[::every], columns[::every]

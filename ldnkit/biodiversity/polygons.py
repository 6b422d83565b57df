"""Polygons of a team's file: read, brought to one form, and what had to be repaired."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from ldnkit.findings import Finding, listed
from ldnkit.polygons import circle, tidy, to_degrees
from ldnkit.team_sheets import number

NOTEBOOK = "13"
#: Columns with the area of a site that is given as a point, in km².
REPORTED_AREA = ("reported_area_km2", "REP_AREA")
#: Coordinates this far beyond the ends of the earth are no degrees.
_BEYOND = 1e-6


@dataclass
class Polygons:
    """Polygons with names: ``names``, ``shapes`` (EPSG:4326, −180 to 180), ``rows`` (their place
    in the file from 0) and ``findings`` (what was repaired or left out)."""

    names: list[str] = field(default_factory=list)
    shapes: np.ndarray = field(default_factory=lambda: np.empty(0, object))
    rows: np.ndarray = field(default_factory=lambda: np.empty(0, int))
    findings: list[Finding] = field(default_factory=list)


def read(file: str | Path, layer: str | None, where: str):
    """The features of a file as GeoDataFrame, or None with the reason as a finding."""
    import geopandas
    from pyogrio.errors import DataLayerError, DataSourceError

    options = {} if layer is None else {"layer": layer}
    try:
        frame = geopandas.read_file(file, **options)
    except (DataSourceError, DataLayerError, OSError) as error:
        reason = str(error).partition(";")[0].rstrip(".")
        remedy = "Check the path and the layer, or open it in QGIS and export it as GeoPackage."
        found = f"{Path(file).name}: {reason}"
        return None, [Finding("error", where, found, "a polygon file", remedy, NOTEBOOK)]
    if not isinstance(frame, geopandas.GeoDataFrame):
        found, expected = f"{Path(file).name} without geometry", "a polygon file"
        remedy = "Give the file of polygons, not a table."
        return None, [Finding("error", where, found, expected, remedy, NOTEBOOK)]
    return frame, []


def column(frame, names) -> str | None:
    """The first column of these names, whatever its capitals; None when there is none."""
    known = {str(name).lower(): name for name in frame.columns}
    return next((known[name.lower()] for name in names if name.lower() in known), None)


def prepare(frame, names: list[str], where: str) -> Polygons:
    """Every feature of a GeoDataFrame as a valid polygon.

    Points with a reported area become circles of that area. What has no area is left out, and
    said; so is every repair.

    Parameters
    ----------
    frame : GeoDataFrame
        With a coordinate system.
    names : list of str
        A name for every feature, for messages.
    where : str
        The file or its part in the country file, for messages.
    """
    import shapely

    found = Polygons()

    def add(severity, what, expected, remedy):
        found.findings.append(Finding(severity, where, what, expected, remedy, NOTEBOOK))

    if frame.crs is None:
        remedy = "Give the file its coordinate system (for a shapefile the .prj file)."
        add("error", "no coordinate system", "EPSG:4326 or another one", remedy)
        return found
    names = np.array(names, object)
    shapes = np.array(frame.geometry.array, object)
    kinds = shapely.get_type_id(shapes)
    nothing = (kinds < 0) | shapely.is_empty(shapes)
    points = ~nothing & np.isin(kinds, (0, 4))
    lines = ~nothing & np.isin(kinds, (1, 2, 5))
    _say(add, names[nothing], "features without geometry", "They are left out.")
    _say(add, names[lines], "lines", "They are left out: a line has no area.")
    areas = _reported(frame)
    known = points & (areas > 0)
    remedy = "They are left out. Give polygons, or the area in a column reported_area_km2."
    _say(add, names[points & ~known], "points without a reported area", remedy)
    remedy = "Each became a circle of its reported area, as in the official method."
    _say(add, names[known], "points with a reported area", remedy)
    whole = ~nothing & ~points & ~lines
    broken = whole.copy()
    broken[whole] = ~shapely.is_valid(shapes[whole])
    _say(add, names[broken], "polygons that cut themselves", "They were repaired; look at them.")

    kept = np.flatnonzero(whole | known)
    degrees = to_degrees(shapes[kept], frame.crs)
    wrong = ~_on_earth(degrees)
    if wrong.any():
        what = f"coordinates that are not on the earth: {listed(names[kept[wrong]])}"
        add("error", what, f"coordinates in {frame.crs.name}", "Give the file its true system.")
        return found
    is_point = known[kept]
    circles = zip(degrees[is_point], areas[kept][is_point], strict=True)
    degrees[is_point] = [circle(shapely.centroid(shape), area) for shape, area in circles]
    shapes = tidy(degrees)
    flat = shapely.area(shapes) == 0
    _say(add, names[kept[flat]], "polygons without area", "They are left out.")
    found.rows, found.shapes = kept[~flat], shapes[~flat]
    found.names = names[found.rows].tolist()
    return found


def _say(add, names, what: str, remedy: str) -> None:
    if len(names):
        add("warning", f"{what}: {listed(names)}", "polygons", remedy)


def _reported(frame) -> np.ndarray:
    """Reported areas (km²), NaN where there is none."""
    name = column(frame, REPORTED_AREA)
    if name is None:
        return np.full(len(frame), math.nan)
    return np.array([number(cell) for cell in frame[name]], float)


def _on_earth(shapes: np.ndarray) -> np.ndarray:
    import shapely

    bounds = shapely.bounds(shapes)
    inside = np.isfinite(bounds).all(axis=1)
    return (
        inside
        & (np.abs(bounds[:, [1, 3]]) <= 90 + _BEYOND).all(axis=1)
        & (np.abs(bounds[:, [0, 2]]) <= 540 + _BEYOND).all(axis=1)
    )

"""Polygons brought to one form: valid, in longitudes and latitudes, nothing across 180°.

Edges are straight lines in the coordinates of their file. Areas are those of the ellipsoid.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from ldnkit.areas import zone_area
from ldnkit.findings import Finding
from ldnkit.vulnerability.factors import listed, number

NOTEBOOK = "13"
#: Columns with the area of a site that is given as a point, in km².
REPORTED_AREA = ("reported_area_km2", "REP_AREA")
#: Longest edge (metres) of a projected polygon before it goes to degrees.
_EDGE = 2_000.0
#: Longest edge (degrees) before an area is measured.
_EDGE_DEGREES = 0.1
#: Corners of the circle that stands for a point.
_CORNERS = 128
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


def to_degrees(shapes: np.ndarray, crs) -> np.ndarray:
    """Geometries in EPSG:4326; long edges of projected polygons are followed."""
    import geopandas
    import shapely

    if crs.is_projected:
        metres = crs.axis_info[0].unit_conversion_factor
        shapes = shapely.segmentize(shapes, _EDGE / metres)
    moved = geopandas.GeoSeries(shapes, crs=crs).to_crs(4326)
    return np.array(shapely.force_2d(moved.array), object)


def _on_earth(shapes: np.ndarray) -> np.ndarray:
    import shapely

    bounds = shapely.bounds(shapes)
    inside = np.isfinite(bounds).all(axis=1)
    return (
        inside
        & (np.abs(bounds[:, [1, 3]]) <= 90 + _BEYOND).all(axis=1)
        & (np.abs(bounds[:, [0, 2]]) <= 540 + _BEYOND).all(axis=1)
    )


def circle(point, area: float):
    """A polygon of many corners around a point, with this area (km²)."""
    import shapely
    from pyproj import Geod

    angle = 2 * math.pi / _CORNERS
    radius = math.sqrt(2e6 * area / (_CORNERS * math.sin(angle)))
    turns = np.arange(_CORNERS) * 360 / _CORNERS
    start = np.full((2, _CORNERS), [[point.x], [point.y]])
    east, north, _ = Geod(ellps="WGS84").fwd(*start, turns, np.full(_CORNERS, radius))
    return shapely.Polygon(np.column_stack([east, north]))


def tidy(shapes: np.ndarray) -> np.ndarray:
    """Valid polygons in EPSG:4326 between −180 and 180; what crosses 180° is cut there."""
    import shapely

    shapes = only_polygons(shapely.make_valid(_unrolled(shapes)))
    bounds = shapely.bounds(shapes)
    beyond = np.flatnonzero((bounds[:, 0] < -180) | (bounds[:, 2] > 180))
    for place in beyond:
        shapes[place] = _cut(shapes[place])
    return shapes


def _unrolled(shapes: np.ndarray) -> np.ndarray:
    """Polygons whose edges jump from 180° to −180° run on beyond 180° instead."""
    import shapely

    shapes = shapes.copy()
    width = np.diff(shapely.bounds(shapes)[:, [0, 2]], axis=1)[:, 0]
    for place in np.flatnonzero(width > 180):
        parts = [_run_on(part) for part in shapely.get_parts(shapes[place])]
        shapes[place] = shapely.union_all([shapely.make_valid(part) for part in parts])
    return shapes


def _run_on(part):
    """One polygon with rings that run on; a ring that spans the whole earth stays."""
    import shapely

    if part.geom_type != "Polygon":
        return part
    rings = [shapely.get_coordinates(ring) for ring in (part.exterior, *part.interiors)]
    for ring in rings:
        steps = np.abs(np.diff(ring[:, 0]))
        if ((steps > 180) & (steps < 360)).any():
            ring[:, 0] = np.unwrap(ring[:, 0], period=360)
    shell, holes = rings[0], rings[1:]
    middle = shell[:, 0].mean()
    for hole in holes:  # a hole that does not cross may lie a whole turn away from its shell
        hole[:, 0] += 360 * round((middle - hole[:, 0].mean()) / 360)
    return shapely.Polygon(shell, holes)


def _cut(shape):
    """A polygon with the parts beyond 180° moved to where they are."""
    import shapely

    world = shapely.box(-180, -90, 180, 90)
    turns = [
        shapely.transform(shape, lambda points, turn=turn: points + [turn, 0])
        for turn in (-360, 0, 360)
    ]
    pieces = only_polygons(shapely.intersection(np.array(turns, object), world))
    return shapely.union_all(pieces)


def only_polygons(shapes: np.ndarray) -> np.ndarray:
    """The polygons in each geometry, without points and lines."""
    import shapely

    shapes = np.array(shapes, object)
    mixed = ~np.isin(shapely.get_type_id(shapes), (3, 6))
    for place in np.flatnonzero(mixed):
        parts = shapely.get_parts(shapely.get_parts(shapes[place]))
        shapes[place] = shapely.union_all(parts[shapely.get_type_id(parts) == 3])
    return shapes


def area_km2(shapes) -> np.ndarray:
    """Areas of polygons in EPSG:4326 on the ellipsoid, in km².

    Edges are straight in degrees, as in other programs that read such files. The area of the
    ellipsoid between geodesics differs by less than 1e-4 for edges below a degree.

    References
    ----------
    Lambert's cylindrical equal-area projection of the ellipsoid, Snyder (1987), chapter 10.

    Examples
    --------
    >>> import shapely
    >>> area_km2([shapely.box(0, 0, 1, 1)]).round(1).tolist()
    [12308.5]
    """
    import shapely

    shapes = np.array(shapes, object)
    if not shapes.size:
        return np.empty(0)

    def equal_area(points):
        return np.column_stack([np.radians(points[:, 0]), zone_area(points[:, 1])])

    return (
        shapely.area(shapely.transform(shapely.segmentize(shapes, _EDGE_DEGREES), equal_area)) / 1e6
    )

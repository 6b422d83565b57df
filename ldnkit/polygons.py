"""Polygons in degrees: valid, cut at 180°, and their areas on the ellipsoid.

Edges are straight lines in the coordinates of their file.
"""

from __future__ import annotations

import math

import numpy as np

from ldnkit.areas import zone_area

#: Longest edge (metres) of a projected polygon before it goes to degrees.
_EDGE = 2_000.0
#: Longest edge (degrees) before an area is measured.
_EDGE_DEGREES = 0.1
#: Corners of the circle that stands for a point.
_CORNERS = 128


def to_degrees(shapes: np.ndarray, crs) -> np.ndarray:
    """Geometries in EPSG:4326; long edges of projected polygons are followed."""
    import geopandas
    import shapely

    if crs.is_projected:
        metres = crs.axis_info[0].unit_conversion_factor
        shapes = shapely.segmentize(shapes, _EDGE / metres)
    moved = geopandas.GeoSeries(shapes, crs=crs).to_crs(4326)
    return np.array(shapely.force_2d(moved.array), object)


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

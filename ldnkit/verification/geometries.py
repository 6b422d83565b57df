"""The outline of a polygon, however a person gives it: drawn, as text, or as four numbers."""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np

from ldnkit import polygons
from ldnkit.findings import Finding, InputError

_NUMBER = re.compile(r"[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?")


def geometry(given, *, crs=None):
    """A valid polygon in EPSG:4326 between −180 and 180; what crosses 180° is cut there.

    Parameters
    ----------
    given : shapely geometry, mapping or str
        A GeoJSON geometry or feature; the text of a polygon (WKT); or four numbers in degrees:
        west, south, east, north. East may lie beyond 180, or be smaller than west.
    crs : optional
        Coordinate system of ``given``; degrees by default.

    Returns
    -------
    shapely Polygon or MultiPolygon

    Raises
    ------
    InputError
        Not a polygon, or outside the earth.

    Examples
    --------
    >>> geometry("30, 9, 31, 10").bounds
    (30.0, 9.0, 31.0, 10.0)
    >>> round(float(polygons.area_km2([geometry("179.5, 0, -179.5, 1")])[0]))
    12308
    """
    shape = _shape(given)
    if shape is None or shape.is_empty or shape.geom_type not in ("Polygon", "MultiPolygon"):
        found = "nothing" if shape is None or shape.is_empty else f"a {shape.geom_type}"
        raise InputError([_wrong(found, "a polygon")])
    shapes = np.array([shape], object)
    if crs is not None:
        import pyproj

        shapes = polygons.to_degrees(shapes, pyproj.CRS.from_user_input(crs))
    west, south, east, north = shapes[0].bounds
    if west < -540 or east > 540 or south < -90 or north > 90:
        found = f"{west:g} to {east:g} east, {south:g} to {north:g} north"
        raise InputError([_wrong(found, "degrees")])
    shape = polygons.tidy(shapes)[0]
    if shape.is_empty or not polygons.area_km2([shape])[0] > 0:
        raise InputError([_wrong("an outline without area", "a polygon")])
    return _one_way(shape)


def _one_way(shape):
    """The same outline is written in the same way: a file read back gives the same polygon."""
    import shapely

    parts = shapely.get_parts(shape)
    return shapely.normalize(parts[0] if len(parts) == 1 else shape)


def _shape(given):
    from shapely.geometry import shape
    from shapely.geometry.base import BaseGeometry

    if isinstance(given, BaseGeometry):
        return given
    if isinstance(given, Mapping):
        return shape(given.get("geometry", given))
    text = str(given or "").strip()
    return _box(text) if re.fullmatch(r"[-+\d.eE,;\s]+", text) else _from_wkt(text)


def _box(text: str):
    from shapely import box

    numbers = [float(number) for number in _NUMBER.findall(text)]
    if len(numbers) != 4:
        raise InputError([_wrong(f"{len(numbers)} numbers", "west, south, east, north")])
    west, south, east, north = numbers
    if east < west:  # across 180°
        east += 360
    if not (south < north and west < east):
        raise InputError([_wrong(text, "west, south, east, north")])
    return box(west, south, east, north)


def _from_wkt(text: str):
    import shapely
    from shapely.errors import GEOSException

    if not text:
        return None
    try:
        return shapely.force_2d(shapely.from_wkt(text))
    except GEOSException as error:
        raise InputError([_wrong(text[:60], "a polygon")]) from error


def _wrong(found: str, expected: str) -> Finding:
    remedy = (
        "Draw it on the map, or write four numbers in degrees (west, south, east, north) or "
        "POLYGON ((30 9, 31 9, 31 10, 30 9))."
    )
    return Finding("error", "outline", found, expected, remedy, "06")

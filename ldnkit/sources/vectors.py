"""Polygons that a team gives beside its rasters."""

from __future__ import annotations

from pathlib import Path

from ldnkit import degradation
from ldnkit.findings import Finding, InputError
from ldnkit.tables import NODATA

_ATTRIBUTES = ("uuid", "location_name", "area_km_sq", "process_driving_change")
_ATTRIBUTES += ("basis_for_judgement", "periods_affected", *degradation.RECODES.values())
#: Attributes of a hotspot or brightspot, those of the tables SO1-4.T4 and SO1-4.T5.
SPOT_FIELDS = ("location", "assessment_process", "direct_drivers", "indirect_drivers")
SPOT_FIELDS += ("actions_taken", "actions_planned")


def error_polygons(country):
    """False positives and false negatives of a country, or None when it gives none.

    Returns
    -------
    GeoDataFrame
        The attributes of Trends.Earth's error polygons (others are left out), EPSG:4326, in the
        longitudes of the boundary; ``type`` says false positive or false negative.

    Raises
    ------
    InputError
        The file has no coordinate system.
    ValueError
        Attributes that are missing, or recodes that are not allowed.
    """
    if country.error_polygons is None:
        return None
    import geopandas as gpd

    from ldnkit import boundaries

    polygons = gpd.read_file(country.error_polygons)
    if getattr(polygons, "crs", None) is None:
        raise InputError([_without_crs(country.error_polygons)])
    polygons = polygons.to_crs(4326)
    degradation.check_recodes(polygons)
    for name in degradation.RECODES.values():  # a table may hold its numbers as text
        polygons[name] = [degradation.recode_of(value) for value in polygons[name]]
        polygons[name] = polygons[name].astype(float)
    if country.crosses_180:
        polygons.geometry = polygons.geometry.map(boundaries.shift_west)
    kept = [name for name in _ATTRIBUTES if name in polygons]
    polygons = polygons[[*kept, "geometry"]]
    polygons["periods_affected"] = polygons["periods_affected"].map(degradation.periods_of)
    polygons["type"] = [error_type(row) for row in polygons.to_dict("records")]
    return polygons


def error_type(polygon) -> str:
    """False negative: degraded land becomes better. False positive: better land becomes degraded.

    Examples
    --------
    >>> error_type({"recode_deg_to": 1})
    'false negative'
    """
    values = {code: polygon.get(name) for code, name in degradation.RECODES.items()}
    raised = values[-1] is not None and values[-1] == values[-1] and values[-1] != NODATA
    lowered = any(
        value is not None and value == value and NODATA < value < code
        for code, value in values.items()
    )
    if raised and lowered:
        return "both"
    return "false negative" if raised else "false positive" if lowered else "no data"


def spots(country, kind: str):
    """The hotspots or brightspots of a country, or None when it gives none.

    Parameters
    ----------
    country : Country
    kind : {"hotspots", "brightspots"}

    Returns
    -------
    GeoDataFrame
        As :func:`read_spots`.
    """
    path = getattr(country, kind, None)
    return None if path is None else read_spots(path)


def read_spots(path: str | Path, *, layer: str | None = None):
    """Hotspots or brightspots from a GeoPackage or GeoJSON.

    Returns
    -------
    GeoDataFrame, EPSG:4326
        location, assessment_process, direct_drivers, indirect_drivers, actions_taken,
        actions_planned (text; empty where the file has none), uuid, and ``area_km2`` of the
        polygon on the ellipsoid. Rows without a polygon are left out.

    Raises
    ------
    InputError
        The file cannot be read, or has no coordinate system.
    """
    import geopandas as gpd
    import numpy as np
    from pyogrio.errors import DataLayerError, DataSourceError

    from ldnkit import polygons

    path = Path(path)
    try:
        frame = gpd.read_file(path, **({} if layer is None else {"layer": layer}))
    except (DataSourceError, DataLayerError) as error:
        reason = str(error).partition(";")[0]
        problem = Finding("error", path.name, reason, "polygons", "Export it again.", "06")
        raise InputError([problem]) from error
    if not isinstance(frame, gpd.GeoDataFrame) or (frame.crs is None and len(frame)):
        raise InputError([_without_crs(path)])
    kinds = ("Polygon", "MultiPolygon")
    frame = frame[frame.geometry.notna() & frame.geom_type.isin(kinds) & ~frame.geometry.is_empty]
    shapes = np.array(frame.geometry.array, object)
    if len(shapes):
        shapes = polygons.tidy(polygons.to_degrees(shapes, frame.crs))
    texts = {name: _texts(frame, name) for name in ("uuid", *SPOT_FIELDS)}
    result = gpd.GeoDataFrame(texts, geometry=list(shapes), crs="EPSG:4326")
    return result.assign(area_km2=polygons.area_km2(shapes))


def _without_crs(path: Path) -> Finding:
    remedy = "Give the file its coordinate system and save it again."
    return Finding("error", path.name, "no coordinate system", "EPSG:4326", remedy, "06")


def _texts(frame, name: str) -> list[str]:
    if name not in frame:
        return [""] * len(frame)
    return ["" if value is None or value != value else str(value) for value in frame[name]]

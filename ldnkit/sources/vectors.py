"""Polygons that a team gives beside its rasters."""

from __future__ import annotations

from ldnkit import degradation
from ldnkit.tables import NODATA

_ATTRIBUTES = ("uuid", "location_name", "area_km_sq", "process_driving_change")
_ATTRIBUTES += ("basis_for_judgement", "periods_affected", *degradation.RECODES.values())


def error_polygons(country):
    """False positives and false negatives of a country, or None when it gives none.

    Returns
    -------
    GeoDataFrame
        The attributes of Trends.Earth's error polygons (others are left out), EPSG:4326, in the
        longitudes of the boundary; ``type`` says false positive or false negative.

    Raises
    ------
    ValueError
        Attributes that are missing, or recodes that are not allowed.
    """
    if country.error_polygons is None:
        return None
    import geopandas as gpd

    from ldnkit import boundaries

    polygons = gpd.read_file(country.error_polygons).to_crs(4326)
    degradation.check_recodes(polygons)
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

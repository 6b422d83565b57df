"""The map to explore, with the outlines of all polygons on it."""

from __future__ import annotations

from ldnkit import boundaries, maps, tables
from ldnkit.verification.charts import COLOURS
from ldnkit.verification.polygons import KINDS, Polygons


def interactive(country, results, polygons: Polygons, *, language: str = "en", height: int = 500):
    """SDG 15.3.1 of every period and the status, with the polygons on top.

    Parameters
    ----------
    country : Country
    results : mapping of indicator to Result
        land_cover and degradation.
    polygons : Polygons
    language, height
        As for :func:`ldnkit.maps.interactive`.

    Returns
    -------
    ipyleaflet.Map
    """
    return drawn_map(country, results, polygons, language=language, height=height)[0]


def drawn_map(country, results, polygons, *, language: str, height: int) -> tuple:
    """The map, and its layer of polygons."""
    import ipyleaflet

    cycle, layers = country.cycle, results["degradation"].layers
    last, shown = cycle.last, {}
    for period in reversed(cycle.periods):
        words = {"first": period.first, "last": period.last}
        title = tables.label("map.sdg", language).format(**words)
        shown[title] = (layers[f"sdg_{period.name}"], "sdg")
    title = tables.label("map.status", language).format(year=last.status_year)
    shown[title] = (layers[f"status_{last.name}"], "sdg")
    world = maps.interactive(
        shown, boundary=country.boundary, language=language, height=height,
        synthetic=country.synthetic,
    )  # fmt: skip
    layer = ipyleaflet.GeoJSON(
        data=features(country, polygons), style_callback=_style, hover_style={"weight": 4},
        name=tables.label("verification.list", language),
    )  # fmt: skip
    world.add(layer)
    return world, layer


def features(country, polygons: Polygons) -> dict:
    """The outlines as GeoJSON, in the longitudes of the map."""
    found = []
    for kind in KINDS:
        for number, each in enumerate(polygons.of(kind), 1):
            shape = each.geometry
            if country.crosses_180:
                shape = boundaries.shift_west(shape)
            properties = {"kind": kind, "number": number, "style": _look(kind)}
            geometry = shape.__geo_interface__
            found.append({"type": "Feature", "properties": properties, "geometry": geometry})
    return {"type": "FeatureCollection", "features": found}


def _look(kind: str) -> dict:
    return {"color": COLOURS[kind], "weight": 2.5, "fillOpacity": 0.08}


def _style(feature) -> dict:
    return _look(feature["properties"]["kind"])

"""SO1-4, SDG 15.3.1, as Earth Engine graphs; the tables are those of the local functions."""

from __future__ import annotations

import ee
import numpy as np

from ldnkit import degradation as local
from ldnkit import tables
from ldnkit.sources.earthengine import shared


def one_out_all_out(productivity, land_cover, soil, *, missing="manual") -> ee.Image:
    """Period assessment: one out, all out over the three sub-indicators.

    Parameters
    ----------
    productivity, land_cover, soil : ee.Image
        -1, 0, 1; masked where there is no data.
    missing : {"manual", "trends.earth"}
        As for :func:`ldnkit.degradation.one_out_all_out`.

    Returns
    -------
    ee.Image, int16

    References
    ----------
    Good Practice Guidance for SDG 15.3.1, v2; UNCCD reporting manual, SO1-4.
    """
    table = local.one_out_all_out_table(missing)
    names = ["productivity", "land_cover", "soil"]
    return shared.lookup(table, names, "sdg", productivity, land_cover, soil)


def status(baseline: ee.Image, period: ee.Image) -> ee.Image:
    """Status at the end of a reporting period (-1, 0, 1), from baseline and period assessment.

    References
    ----------
    UNCCD reporting manual, SO1-4, status matrix.
    """
    return shared.lookup(tables.status_matrix(), ["baseline", "period"], "status", baseline, period)


def status_detail(baseline: ee.Image, period: ee.Image) -> ee.Image:
    """Land condition in seven classes (1…7), from baseline and period assessment.

    References
    ----------
    UNCCD reporting manual, SO1-4: expanded status map.
    """
    return shared.lookup(tables.status_matrix(), ["baseline", "period"], "detail", baseline, period)


def recode(layer: ee.Image, polygons, *, period: str) -> ee.Image:
    """Correct a period assessment where a team knows better.

    Parameters
    ----------
    layer : ee.Image
        Period assessment.
    polygons : GeoDataFrame
        As for :func:`ldnkit.degradation.recode`. The polygons travel inside the graph: for many
        polygons with many corners, correct the fetched layer with the local function instead.
    period : str
        ``"baseline"``, ``"report_1"`` or ``"report_2"``.

    Returns
    -------
    ee.Image, int16
        Where polygons overlap, the later one in the table decides.

    Raises
    ------
    ValueError
        A recode value that is not allowed.
    """
    local.check_recodes(polygons)
    here = [period in each for each in polygons["periods_affected"].map(local.periods_of)]
    affected = polygons[np.array(here, bool)]
    numbered = [ee.Image.constant(0).toInt16().rename(["polygon"])]
    for number, shape in enumerate(affected.to_crs(4326).geometry, 1):
        inside = ee.Image.constant(number).toInt16().rename(["polygon"])
        numbered.append(inside.clip(geometry(shape)))
    place = ee.ImageCollection(numbered).mosaic()  # the last one lies on top
    return shared.lookup(local.recode_table(affected), ["polygon", "before"], "after", place, layer)


def geometry(shape) -> ee.Geometry:
    """A polygon in degrees whose edges are straight in degrees, as in the team's file."""
    from shapely.geometry import mapping

    found = mapping(shape)
    parts = [found["coordinates"]] if found["type"] == "Polygon" else found["coordinates"]
    rings = [[[list(point[:2]) for point in ring] for ring in part] for part in parts]
    return ee.Geometry.MultiPolygon(rings, proj="EPSG:4326", geodesic=False)

"""SO1-4, SDG 15.3.1: the three sub-indicators joined, status over time, corrections, neutrality."""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd
import xarray as xr

from ldnkit import lookup, tables
from ldnkit.shapes import Polygons
from ldnkit.tables import NODATA

#: The three sub-indicators, in the order in which they are joined.
SUB_INDICATORS = ("productivity", "land_cover_degradation", "soil")

#: Attributes of error polygons that say what a class becomes, by the class they start from.
RECODES = {-1: "recode_deg_to", 0: "recode_stable_to", 1: "recode_imp_to"}


def one_out_all_out_table(missing="manual") -> pd.DataFrame:
    """Every combination of the three sub-indicators and the period assessment it gives.

    Any degraded: degraded. Else any improved: improved. Else stable.
    With a sub-indicator missing: degraded if another is degraded, else no data
    (``missing="trends.earth"``: always no data).

    Examples
    --------
    >>> one_out_all_out_table()["sdg"].value_counts().to_dict()[-1]
    37
    """
    if missing not in ("manual", "trends.earth"):
        raise ValueError(
            f"Unknown rule for no data: found {missing!r}; use manual or trends.earth."
        )
    rows = []
    for classes in itertools.product((NODATA, -1, 0, 1), repeat=3):
        if NODATA in classes and (missing == "trends.earth" or -1 not in classes):
            sdg = NODATA
        elif -1 in classes:
            sdg = -1
        else:
            sdg = max(classes)
        rows.append((*classes, sdg))
    return pd.DataFrame(rows, columns=["productivity", "land_cover", "soil", "sdg"])


def one_out_all_out(productivity, land_cover, soil, *, missing="manual"):
    """Period assessment of SDG 15.3.1: one out, all out over the three sub-indicators.

    Parameters
    ----------
    productivity, land_cover, soil : DataArray or ndarray, int16
        -1 degraded, 0 stable, 1 improved, -32768 no data.
    missing : {"manual", "trends.earth"}
        A cell with a missing sub-indicator is degraded when another one is degraded, otherwise
        no data; with ``"trends.earth"`` it is always no data.

    Returns
    -------
    DataArray or ndarray, int16

    References
    ----------
    Good Practice Guidance for SDG 15.3.1, v2; UNCCD reporting manual, SO1-4.

    Examples
    --------
    >>> productivity, land_cover = np.array([0, 1, 0], np.int16), np.array([-1, 0, 0], np.int16)
    >>> one_out_all_out(productivity, land_cover, np.zeros(3, np.int16)).tolist()
    [-1, 1, 0]
    """
    return lookup.apply(
        one_out_all_out_table(missing),
        ["productivity", "land_cover", "soil"],
        "sdg",
        productivity,
        land_cover,
        soil,
        what="sub-indicator classes",
    )


def status(baseline, period):
    """Status at the end of a reporting period, from the baseline and the period assessment.

    Parameters
    ----------
    baseline, period : DataArray or ndarray, int16
        -1 degraded, 0 stable, 1 improved, -32768 no data. Periods are never chained.

    Returns
    -------
    DataArray or ndarray, int16
        Either side without data gives no data.

    References
    ----------
    UNCCD reporting manual, SO1-4, status matrix (table SO1-4.T1); GPG Addendum.

    Examples
    --------
    >>> status(np.array([-1, -1, 1], np.int16), np.array([0, 1, -1], np.int16)).tolist()
    [-1, 1, -1]
    """
    return _status(baseline, period, "status")


def status_detail(baseline, period):
    """Land condition in seven classes, from the baseline and the period assessment.

    Parameters
    ----------
    baseline, period : DataArray or ndarray, int16

    Returns
    -------
    DataArray or ndarray, int16
        1 persistent, 2 recent, 3 baseline degradation; 4 stability; 5 baseline, 6 recent,
        7 persistent improvement; -32768 no data.

    References
    ----------
    UNCCD reporting manual, SO1-4: expanded status map.

    Examples
    --------
    >>> status_detail(np.array([-1, 0, 1], np.int16), np.array([-1, 0, 1], np.int16)).tolist()
    [1, 4, 7]
    """
    return _status(baseline, period, "detail")


def _status(baseline, period, column):
    return lookup.apply(
        tables.status_matrix(),
        ["baseline", "period"],
        column,
        baseline,
        period,
        what="baseline and period assessments",
    )


def recode(layer, polygons, *, period):
    """Correct a period assessment where a team knows better: false positives and negatives.

    Parameters
    ----------
    layer : DataArray, dims (y, x), int16
        Period assessment (-1, 0, 1, -32768) with its coordinate reference system.
    polygons : GeoDataFrame
        Columns ``periods_affected`` (list, or text with the names) and the recodes
        ``recode_deg_to``, ``recode_stable_to``, ``recode_imp_to``; empty leaves a class as it is.
    period : str
        ``"baseline"``, ``"report_1"`` or ``"report_2"``: polygons for other periods are left out.

    Returns
    -------
    DataArray, int16
        Cells whose centre lies in a polygon are recoded; where polygons overlap, the later one
        in the table decides.

    Raises
    ------
    ValueError
        A recode value that is not allowed, or a layer without reference system.

    References
    ----------
    UNCCD reporting manual, SO1-4.T3; Trends.Earth error-recode polygons.
    """
    import odc.geo.xr  # noqa: F401  (gives DataArrays their grid)

    check_recodes(polygons)
    here = [period in each for each in polygons["periods_affected"].map(periods_of)]
    affected = polygons[np.array(here, bool)]
    grid = layer.odc.geobox
    if grid is None or grid.crs is None:
        raise ValueError(
            "The layer has no coordinate reference system, so polygons cannot be placed: "
            "found none; write it with layer.rio.write_crs(…)."
        )
    polygon = Polygons(tuple(affected.geometry), affected.crs.to_wkt(), outside=0).read(grid)
    lost = np.setdiff1d(np.arange(1, len(affected) + 1), polygon)
    if len(lost):
        warnings.warn(
            f"Polygons without the centre of any cell change nothing: found {len(lost)} of "
            f"{len(affected)} (rows {', '.join(str(affected.index[n - 1]) for n in lost[:10])}); "
            "use a finer grid, or draw them larger.",
            UserWarning,
            stacklevel=2,
        )
    return lookup.apply(
        recode_table(affected),
        ["polygon", "before"],
        "after",
        xr.DataArray(polygon, dims=layer.dims),
        layer,
        what="classes to recode",
    ).assign_coords(layer.coords)


def recode_table(polygons) -> pd.DataFrame:
    """What every class becomes inside every polygon; polygon 0 is everywhere else."""
    rows = [(0, code, code) for code in (NODATA, -1, 0, 1)]
    for place, polygon in enumerate(polygons.to_dict("records"), 1):
        rows.append((place, NODATA, NODATA))
        for code, column in RECODES.items():
            new = recode_of(polygon.get(column))
            rows.append((place, code, code if new is None else new))
    return pd.DataFrame(rows, columns=["polygon", "before", "after"])


def allowed_recodes(column: str) -> tuple[int, ...]:
    """What a recode may be: any class but the one it starts from, or no data.

    Examples
    --------
    >>> allowed_recodes("recode_deg_to")
    (-32768, 0, 1)
    """
    start = {name: code for code, name in RECODES.items()}[column]
    return tuple(code for code in (NODATA, -1, 0, 1) if code != start)


def wrong_recodes(values: Mapping) -> dict[str, object]:
    """The recodes of a polygon that mean nothing, by column; an empty one leaves its class.

    Examples
    --------
    >>> wrong_recodes({"recode_deg_to": -1, "recode_imp_to": 0, "recode_stable_to": None})
    {'recode_deg_to': -1}
    """
    return {
        column: values[column]
        for column in RECODES.values()
        if not _is_recode(values.get(column), allowed_recodes(column))
    }


def recode_of(value) -> int | None:
    """A recode as a number, also from text; None for an empty one, which leaves the class.

    Examples
    --------
    >>> recode_of("-1"), recode_of(1.0), recode_of(""), recode_of(float("nan"))
    (-1, 1, None, None)
    """
    return None if value is None or value == "" or pd.isna(value) else int(float(value))


def _is_recode(value, allowed: tuple[int, ...]) -> bool:
    try:
        number = recode_of(value)
        return number is None or (number in allowed and float(value) == number)
    except (TypeError, ValueError, OverflowError):
        return False


def check_recodes(polygons) -> None:
    """Stop when polygons carry recodes that mean nothing; every wrong value is named."""
    missing = [name for name in ("periods_affected", *RECODES.values()) if name not in polygons]
    if missing:
        raise ValueError(
            f"The error polygons lack columns: found {', '.join(map(str, polygons.columns))}; "
            f"add {', '.join(missing)}."
        )
    wrong = [
        f"{column} = {value} in polygon {place}"
        for place, polygon in zip(polygons.index, polygons.to_dict("records"), strict=True)
        for column, value in wrong_recodes(polygon).items()
    ]
    if wrong:
        raise ValueError(
            f"Recodes that are not allowed: found {'; '.join(wrong)}; use -1, 0, 1 or -32768 (no "
            "data), never the class itself, or leave the cell empty."
        )


def periods_of(value) -> tuple[str, ...]:
    """Names of the periods in a ``periods_affected`` attribute: a list, or text.

    Examples
    --------
    >>> periods_of('["baseline", "report_1"]')
    ('baseline', 'report_1')
    """
    if isinstance(value, str):
        value = value.strip("[](){} ").replace('"', "").replace("'", "").split(",")
    elif not isinstance(value, Iterable):
        return ()
    return tuple(str(name).strip() for name in value)


def neutrality(status, land_type, *, area=None) -> pd.DataFrame:
    """Gains and losses by land type: is land degradation neutral? (counterbalancing like for like)

    Parameters
    ----------
    status : DataArray or ndarray, int16
        Status or period assessment.
    land_type : DataArray or ndarray, integers
        For example the land cover class of the first year.
    area : ndarray, km²
        Cell areas, from :func:`ldnkit.areas.cell_area`; by default those of the layer's grid.

    Returns
    -------
    DataFrame
        By land type: improved, degraded, stable and no-data km², balance (improved − degraded),
        and whether the balance is not negative.

    References
    ----------
    Scientific conceptual framework for land degradation neutrality: like for like.

    Examples
    --------
    >>> table = neutrality(np.array([[-1, 1, 1]]), np.array([[1, 1, 2]]), area=np.ones((1, 1)))
    >>> table[["land_type", "balance", "neutral"]].values.tolist()
    [[1, 0.0, True], [2, 1.0, True]]
    """
    from ldnkit import areas

    if area is None:
        import odc.geo.xr  # noqa: F401

        area = areas.cell_area(status.odc.geobox)
    return neutrality_table(areas.crosstab(area, land_type=land_type, status=status))


def neutrality_table(frame: pd.DataFrame) -> pd.DataFrame:
    """The neutrality table from a cross-table with ``land_type``, ``status`` and ``area_km2``."""
    names = {-1: "degraded", 0: "stable", 1: "improved", NODATA: "no_data"}
    table = (
        frame.assign(status=frame["status"].map(names))
        .pivot_table(index="land_type", columns="status", values="area_km2", aggfunc="sum")
        .reindex(columns=["improved", "degraded", "stable", "no_data"])
        .fillna(0.0)
    )
    table["balance"] = table["improved"] - table["degraded"]
    table["neutral"] = table["balance"] >= 0
    return table.rename_axis(columns=None).reset_index()


def candidates(layer, *, value=-1, minimum_area_km2=10.0, limit=20):
    """Candidate hotspots (or brightspots): connected clusters of one class, largest first.

    We propose, the team decides.

    Parameters
    ----------
    layer : DataArray, dims (y, x), int16
        Status or period assessment with its coordinate reference system.
    value : int
        -1 for hotspots, 1 for brightspots.
    minimum_area_km2 : float
        Smaller clusters are left out.
    limit : int
        At most so many.

    Returns
    -------
    GeoDataFrame
        ``area_km2``, ``cells`` and the outline of each cluster (cells that touch by an edge or a
        corner belong together), in the layer's reference system.
    """
    import geopandas as gpd
    import odc.geo.xr  # noqa: F401
    from rasterio.features import shapes
    from scipy import ndimage
    from shapely import union_all
    from shapely.geometry import shape

    from ldnkit import areas

    grid = layer.odc.geobox
    labels, count = ndimage.label(np.asarray(layer) == value, structure=np.ones((3, 3)))
    table = areas.crosstab(areas.cell_area(grid), cluster=labels.astype(np.int32))
    table = table[(table["cluster"] > 0) & (table["area_km2"] >= minimum_area_km2)]
    table = table.sort_values(["area_km2", "cluster"], ascending=[False, True]).head(limit)
    kept = np.where(np.isin(labels, table["cluster"]), labels, 0).astype(np.int32)
    outlines: dict[int, list] = {}
    for outline, cluster in shapes(kept, mask=kept > 0, connectivity=8, transform=grid.transform):
        outlines.setdefault(int(cluster), []).append(shape(outline))
    geometry = [union_all(outlines[cluster]) for cluster in table["cluster"]]
    columns = table[["area_km2", "cells"]].reset_index(drop=True)
    return gpd.GeoDataFrame(columns, geometry=geometry, crs=grid.crs.to_wkt())

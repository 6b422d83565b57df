"""Two maps of the same place: how far they agree, and where they do not.

Used to choose between two sources, for example a default and a national land cover map.
Neither map is taken for the truth; for that see :mod:`ldnkit.reference_sample`.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from ldnkit import areas
from ldnkit.tables import NODATA

#: Codes of the map of :func:`difference`.
AGREE, DIFFER, ONE_ONLY = 0, 1, 2


def matrix(first, second, *, area=None, where=None) -> pd.DataFrame:
    """The area of every pair of classes: what one map says where the other says something.

    Parameters
    ----------
    first, second : DataArray or ndarray (y, x), integers
        Class layers on the same grid, in the same codes; -32768 is no data.
    area : ndarray, km², optional
        Cell areas; by default those of the grid of ``first``.
    where : ndarray of bool, optional
        Cells that count, for example those inside the country.

    Returns
    -------
    DataFrame
        first, second, area_km2, cells; pairs with no data are rows of their own.

    Raises
    ------
    ValueError
        The layers lie on different grids, or do not hold classes.

    Examples
    --------
    >>> matrix(np.array([[1, 2]]), np.array([[1, 1]]), area=np.ones((1, 1)))
       first  second  area_km2  cells
    0      1       1       1.0      1
    1      2       1       1.0      1
    """
    _same_grid(first, second)
    if area is None:
        import odc.geo.xr  # noqa: F401

        area = areas.cell_area(first.odc.geobox)
    return areas.crosstab(area, where=where, first=np.asarray(first), second=np.asarray(second))


def measures(table: pd.DataFrame) -> pd.Series:
    """How far two maps agree, as shares of the area that both know.

    Parameters
    ----------
    table : DataFrame
        From :func:`matrix`: first, second, area_km2.

    Returns
    -------
    Series
        ``area_km2`` that both maps know; ``agreement`` and ``disagreement`` (0 to 1), the latter
        as the sum of ``quantity`` (the classes have other areas) and ``allocation`` (the same
        areas at other places); ``kappa`` (Cohen); ``no_data_km2`` that only one or none knows.
        NaN where nothing can be said: no area in common, or kappa of one single class.

    References
    ----------
    Cohen (1960), Educational and Psychological Measurement 20, equation 1;
    Pontius and Millones (2011), International Journal of Remote Sensing 32, equations 2 to 9.

    Examples
    --------
    >>> table = matrix(np.array([[1, 2]]), np.array([[1, 1]]), area=np.ones((1, 1)))
    >>> measures(table)["agreement"]
    0.5
    """
    known = _known(table)
    total = known["area_km2"].sum()
    rows = known.groupby("first")["area_km2"].sum()
    columns = known.groupby("second")["area_km2"].sum()
    classes = rows.index.union(columns.index)
    rows = rows.reindex(classes, fill_value=0.0)
    columns = columns.reindex(classes, fill_value=0.0)
    same = known.loc[known["first"] == known["second"], "area_km2"].sum()
    nothing = float("nan")
    agreement = same / total if total else nothing
    quantity = (rows - columns).abs().sum() / (2 * total) if total else nothing
    chance = float((rows * columns).sum()) / total**2 if total else nothing
    return pd.Series(
        {
            "area_km2": total,
            "agreement": agreement,
            "disagreement": 1 - agreement,
            "quantity": quantity,
            "allocation": max(1 - agreement - quantity, 0.0) if total else nothing,
            "kappa": (agreement - chance) / (1 - chance) if total and chance < 1 else nothing,
            "no_data_km2": table["area_km2"].sum() - total,
        }
    )


def by_class(table: pd.DataFrame) -> pd.DataFrame:
    """For every class: its area in each map, the area where both see it, and the shares.

    Returns
    -------
    DataFrame
        code, first_km2, second_km2, both_km2, ``first_share`` and ``second_share``: the part
        of the class of one map that the other map calls the same (0 to 1, NaN without area).

    Examples
    --------
    >>> table = matrix(np.array([[1, 2]]), np.array([[1, 1]]), area=np.ones((1, 1)))
    >>> by_class(table)["second_km2"].tolist()
    [2.0, 0.0]
    """
    known = _known(table)
    classes = sorted(set(known["first"]) | set(known["second"]))
    found = pd.DataFrame({"code": classes})
    for name in ("first", "second"):
        sums = known.groupby(name)["area_km2"].sum()
        found[f"{name}_km2"] = sums.reindex(classes, fill_value=0.0).to_numpy()
    both = known[known["first"] == known["second"]].set_index("first")["area_km2"]
    found["both_km2"] = both.reindex(classes, fill_value=0.0).to_numpy()
    for name in ("first", "second"):
        area = found[f"{name}_km2"]
        found[f"{name}_share"] = found["both_km2"] / area.where(area > 0)
    return found


def difference(first, second):
    """Where two maps differ: 0 the same class, 1 another class, 2 only one of them knows.

    Parameters
    ----------
    first, second : DataArray or ndarray (y, x), integers
        As for :func:`matrix`.

    Returns
    -------
    DataArray or ndarray, int16
        -32768 where neither has data.

    Examples
    --------
    >>> difference(np.array([[1, 2]]), np.array([[1, 1]])).tolist()
    [[0, 1]]
    """
    _same_grid(first, second)
    one, other = np.asarray(first), np.asarray(second)
    empty, blank = one == NODATA, other == NODATA
    codes = np.where(one == other, AGREE, DIFFER)
    codes = np.where(empty ^ blank, ONE_ONLY, codes)
    codes = np.where(empty & blank, NODATA, codes).astype(np.int16)
    return first.copy(data=codes) if hasattr(first, "copy") and hasattr(first, "dims") else codes


def _known(table: pd.DataFrame) -> pd.DataFrame:
    """The pairs in which both maps have data."""
    return table[(table["first"] != NODATA) & (table["second"] != NODATA)]


def _same_grid(first, second) -> None:
    if np.shape(first) != np.shape(second):
        raise ValueError(
            f"The maps differ in size: found {np.shape(first)} and {np.shape(second)} cells; "
            "bring them to one grid first."
        )
    if not (hasattr(first, "dims") and hasattr(second, "dims")):
        return
    import odc.geo.xr  # noqa: F401

    if first.odc.geobox != second.odc.geobox:
        raise ValueError(
            "The maps lie on different grids: found the same number of cells at other places; "
            "read both with sources.load, or bring them to one grid."
        )

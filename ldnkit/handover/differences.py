"""Two maps of a country as one map of what differs between them; for pictures only.

The tables count every cell; these layers are thinned as pictures are.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from ldnkit import pictures, tables

UNCHANGED_COLOUR = "#f1efe8"


def land_cover_change(first, last, classes: pd.DataFrame, *, unchanged: str, limit: int = 800):
    """Where land cover changed, in the class that it became.

    Parameters
    ----------
    first, last : Path, str or DataArray (y, x)
        Land cover on the same grid, in the codes of ``classes``.
    classes : DataFrame
        code, label, colour.
    unchanged : str
        Name of land that did not change.
    limit : int
        Most rows and columns.

    Returns
    -------
    (DataArray, DataFrame)
        Classes with no data where either map has none, and the palette for them: the class of
        unchanged land comes first.

    Raises
    ------
    ValueError
        The maps lie on different grids.

    Examples
    --------
    >>> land_cover_change("2000.tif", "2015.tif", tables.palette("land_cover"),
    ...                   unchanged="No change")                              # doctest: +SKIP
    """
    before, after = _pair(first, last, limit)
    same_code = int(classes["code"].max()) + 1
    values = np.where(before.values == after.values, same_code, after.values).astype(np.int16)
    values[before.missing | after.missing] = tables.NODATA
    row = {"code": same_code, "label": unchanged, "colour": UNCHANGED_COLOUR}
    known = classes.loc[classes["code"] != tables.NODATA, ["code", "label", "colour"]]
    return _layer(values, before.grid), pd.concat([pd.DataFrame([row]), known], ignore_index=True)


def percent_change(first, last, *, limit: int = 800):
    """Change of a quantity in percent of the first map; NaN where either has no value or zero.

    Parameters
    ----------
    first, last, limit
        As for :func:`land_cover_change`.

    Returns
    -------
    DataArray

    Raises
    ------
    ValueError
        The maps lie on different grids.

    Examples
    --------
    >>> percent_change("stock_2000.tif", "stock_2015.tif")  # doctest: +SKIP
    """
    before, after = _pair(first, last, limit)
    known = ~(before.missing | after.missing) & (before.values != 0)
    start = np.where(known, before.values, 1).astype(float)
    change = np.where(known, 100 * (after.values - start) / start, np.nan)
    return _layer(change, before.grid)


def _pair(first, last, limit: int):
    before, after = (pictures.read(layer, limit=limit) for layer in (first, last))
    pictures.agree(before.grid, after.grid, "last")
    return before, after


def _layer(values: np.ndarray, grid):
    """A thinned array on the grid of its whole layer, cut into as many cells."""
    from odc.geo.xr import wrap_xr

    nodata = tables.NODATA if values.dtype.kind == "i" else float("nan")
    return wrap_xr(values, grid.zoom_to(values.shape), nodata=nodata)

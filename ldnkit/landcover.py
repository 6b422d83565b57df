"""SO1-1 land cover: nesting of legends, transitions, degradation."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr

from ldnkit import lookup, tables
from ldnkit.tables import NODATA


def reclassify(land_cover, nesting):
    """Translate the codes of a land cover map into the classes of a legend.

    Parameters
    ----------
    land_cover : DataArray or ndarray, int16
        Codes of the product, any dims; -32768 is no data. Dask arrays stay lazy.
    nesting : str, path or DataFrame
        ``"esa_cci"``, ``"glc_fcs30d"``, ``"glad"``, ``"unccd"``, a CSV file, or a table with the
        columns ``code`` and ``to``.

    Returns
    -------
    DataArray or ndarray, int16
        Classes of the legend.

    Raises
    ------
    InputError
        The map holds codes that the nesting does not know; they are listed, never lost.

    References
    ----------
    UNCCD reporting manual, SO1-1, table 8: nesting of the ESA CCI legend.

    Examples
    --------
    >>> reclassify(np.array([50, 190, 210], np.int16), "esa_cci").tolist()
    [1, 5, 7]
    """
    if not isinstance(nesting, pd.DataFrame):
        nesting = tables.nesting(nesting)
    return lookup.apply(nesting, ["code"], "to", land_cover, what="land cover codes")


def transitions(first, last):
    """What each cell changed from and to: first class × 1000 + last class.

    Parameters
    ----------
    first, last : DataArray or ndarray, integers
        Classes (0 to 999) of the first and the last year; -32768 is no data.

    Returns
    -------
    DataArray or ndarray, int32
        For example 1003 for tree-covered to cropland; -32768 where either year has no data.

    Examples
    --------
    >>> transitions(np.array([1, 2], np.int16), np.array([3, 2], np.int16)).tolist()
    [1003, 2002]
    """
    return xr.apply_ufunc(_transitions, first, last, dask="parallelized", output_dtypes=[np.int32])


def _transitions(first, last):
    missing = (first == NODATA) | (last == NODATA)
    return np.where(missing, NODATA, first.astype(np.int32) * 1000 + last).astype(np.int32)


def degradation(first, last, *, matrix="unccd", regions=None):
    """Land cover degradation between two years, from a transition matrix.

    Parameters
    ----------
    first, last : DataArray or ndarray, int16
        Classes of the first and the last year of the period.
    matrix : str, path, DataFrame, or dict of region number to one of these
        Table with the columns ``from``, ``to``, ``sign``; ``"unccd"`` is the default matrix.
    regions : DataArray or ndarray, int16, optional
        Region number of each cell (-32768 outside); then ``matrix`` is a dict.

    Returns
    -------
    DataArray or ndarray, int16
        -1 degraded, 0 stable, 1 improved, -32768 no data.

    Raises
    ------
    InputError
        A transition or a region without an entry in the matrix.
    ValueError
        Regions without a dict of matrices, or the other way round.

    References
    ----------
    UNCCD reporting manual, SO1-1, table SO1-1.T3; Good Practice Guidance for SDG 15.3.1, v2.

    Examples
    --------
    >>> first, last = np.array([1, 2], np.int16), np.array([3, 1], np.int16)
    >>> degradation(first, last).tolist()  # deforestation, afforestation
    [-1, 1]
    """
    if isinstance(matrix, dict) != (regions is not None):
        raise ValueError(
            "Regional matrices need both a layer of regions and a matrix for each region: "
            f"found {'no ' if regions is None else ''}regions and a matrix given as "
            f"{type(matrix).__name__}; give matrix={{1: …, 2: …}} together with regions=."
        )
    if regions is None:
        return lookup.apply(
            _matrix(matrix), ["from", "to"], "sign", first, last, what="land cover transitions"
        )
    table = pd.concat(
        [_matrix(each).assign(region=number) for number, each in matrix.items()], ignore_index=True
    )
    return lookup.apply(
        table,
        ["region", "from", "to"],
        "sign",
        regions,
        first,
        last,
        what="regions and land cover transitions",
    )


def _matrix(matrix) -> pd.DataFrame:
    return matrix if isinstance(matrix, pd.DataFrame) else tables.transition_matrix(matrix)

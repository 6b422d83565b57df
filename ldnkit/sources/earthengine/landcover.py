"""SO1-1 land cover as Earth Engine graphs; the tables are those of :mod:`ldnkit.landcover`."""

from __future__ import annotations

import ee
import pandas as pd

from ldnkit import tables
from ldnkit.sources.earthengine import shared


def reclassify(land_cover: ee.Image, nesting="esa_cci") -> ee.Image:
    """Translate the codes of a land cover map into the classes of a legend.

    Parameters
    ----------
    land_cover : ee.Image
        Codes of the product.
    nesting : str, path or DataFrame
        As for :func:`ldnkit.landcover.reclassify`.

    Returns
    -------
    ee.Image, int16
        Classes of the legend; 32767 for a code that the nesting does not know (a fetch stops
        there and lists how many cells have it).

    References
    ----------
    UNCCD reporting manual, SO1-1, table 8.

    Examples
    --------
    >>> reclassify(ee.Image("ASSET").select("y2015"))  # doctest: +SKIP
    """
    if not isinstance(nesting, pd.DataFrame):
        nesting = tables.nesting(nesting)
    return shared.lookup(nesting, ["code"], "to", land_cover).rename(["land_cover"])


def transitions(first: ee.Image, last: ee.Image) -> ee.Image:
    """What each cell changed from and to: first class × 1000 + last class, int32.

    Masked where either year has no data.
    """
    return first.select([0], ["transition"]).toInt32().multiply(1000).add(last.select([0]))


def degradation(first: ee.Image, last: ee.Image, *, matrix="unccd", regions=None) -> ee.Image:
    """Land cover degradation between two years, from a transition matrix.

    Parameters
    ----------
    first, last : ee.Image
        Classes of the first and the last year of the period.
    matrix : str, path, DataFrame, or dict of region number to one of these
        As for :func:`ldnkit.landcover.degradation`.
    regions : ee.Image, optional
        Region number of each cell, masked outside; then ``matrix`` is a dict.

    Returns
    -------
    ee.Image, int16
        -1 degraded, 0 stable, 1 improved; 32767 for a transition without an entry.

    Raises
    ------
    ValueError
        Regions without a dict of matrices, or the other way round.

    References
    ----------
    UNCCD reporting manual, SO1-1, table SO1-1.T3.
    """
    if isinstance(matrix, dict) != (regions is not None):
        raise ValueError(
            "Regional matrices need both an image of regions and a matrix for each region: "
            f"found {'no ' if regions is None else ''}regions and a matrix given as "
            f"{type(matrix).__name__}; give matrix={{1: …, 2: …}} together with regions=."
        )
    if regions is None:
        return shared.lookup(_matrix(matrix), ["from", "to"], "sign", first, last)
    table = pd.concat(
        [_matrix(each).assign(region=number) for number, each in matrix.items()], ignore_index=True
    )
    return shared.lookup(table, ["region", "from", "to"], "sign", regions, first, last)


def _matrix(matrix) -> pd.DataFrame:
    return matrix if isinstance(matrix, pd.DataFrame) else tables.transition_matrix(matrix)

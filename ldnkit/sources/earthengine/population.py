"""SO2-3 and SO3-2 people exposed, as Earth Engine graphs.

Sums run on the population's own grid, so no person is moved, lost or counted twice.
"""

from __future__ import annotations

import ee
import pandas as pd

from ldnkit.sources.earthengine.shared import with_code
from ldnkit.tables import NODATA


def exposed(
    classes: ee.Image, counts: ee.Image, *, region: ee.Geometry, crs: str, crs_transform
) -> ee.Dictionary:
    """People by class: the class goes by nearest neighbour to the population's cells (SO3-2).

    Parameters
    ----------
    classes : ee.Image
        Drought classes, or degradation on the population's own grid.
    counts : ee.Image, persons per cell
    region : ee.Geometry
        A cell counts when its centre lies inside.
    crs, crs_transform
        The population's own grid.

    Returns
    -------
    ee.Dictionary
        Give its ``getInfo()`` to :func:`exposed_table`.

    References
    ----------
    UNCCD reporting manual, SO3-2.
    """
    image = counts.select([0], ["persons"]).addBands(with_code(classes).rename(["class"]))
    return image.reduceRegion(
        reducer=ee.Reducer.sum().unweighted().group(1, "class"),
        geometry=region,
        crs=crs,
        crsTransform=list(crs_transform),
        maxPixels=1e13,
        tileScale=4,
    )


def exposed_by_share(
    classes: ee.Image, codes, counts: ee.Image, *, region: ee.Geometry, crs: str, crs_transform
) -> ee.Dictionary:
    """People by class: each cell's people go to the classes by their shares of its area (SO2-3).

    The sum is that of splitting the counts over the finer class grid. No data is a class.

    Parameters
    ----------
    classes : ee.Image
        Degradation or status on a grid as fine as the population's or finer.
    codes : sequence of int
        The classes, for example (-1, 0, 1).
    counts, region, crs, crs_transform
        As for :func:`exposed`.

    Returns
    -------
    ee.Dictionary
        Give its ``getInfo()`` to :func:`exposed_table`.

    References
    ----------
    UNCCD reporting manual, SO2-3; counts must keep their sum.
    """
    known = [*codes, NODATA]
    names = [f"class_{place}" for place in range(len(known))]
    shares = ee.Image.cat([with_code(classes).eq(code) for code in known]).rename(names)
    shares = shares.toDouble().setDefaultProjection(classes.projection())
    shares = shares.reduceResolution(ee.Reducer.mean(), False, 65536)
    shares = shares.reproject(crs, list(crs_transform))
    sums = shares.multiply(counts.select([0])).reduceRegion(
        reducer=ee.Reducer.sum().unweighted(),
        geometry=region,
        crs=crs,
        crsTransform=list(crs_transform),
        maxPixels=1e13,
        tileScale=4,
    )
    groups = [
        ee.Dictionary({"class": code, "sum": sums.get(name)}) for code, name in zip(known, names)
    ]
    return ee.Dictionary({"groups": groups})


def exposed_table(answer: dict) -> pd.DataFrame:
    """People by class: class, persons, share (% of all people counted); no data is a row.

    Examples
    --------
    >>> exposed_table({"groups": [{"class": 0, "sum": 30}, {"class": -1, "sum": 10}]})["share"]
    0    25.0
    1    75.0
    Name: share, dtype: float64
    """
    rows = [(int(group["class"]), float(group["sum"] or 0)) for group in answer["groups"]]
    table = pd.DataFrame(rows, columns=["class", "persons"]).sort_values("class")
    table = table.reset_index(drop=True)
    total = table["persons"].sum()
    return table.assign(share=100 * table["persons"] / total if total else float("nan"))

"""What all graphs share: class tables, exact rounding, series of years.

Inside Earth Engine "no data" is a mask. Layers leave these functions masked; only
:mod:`ldnkit.sources.earthengine.fetch` writes -32768.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import ee
import numpy as np
import pandas as pd

from ldnkit import lookup as class_tables
from ldnkit.tables import NODATA

#: Class of a combination of codes that a table does not know. A server cannot stop and say so;
#: :func:`ldnkit.sources.earthengine.fetch.fetch` stops when it meets this code.
UNKNOWN = 32767


def with_code(classes: ee.Image) -> ee.Image:
    """Classes as int32 with -32768 in place of the mask, also outside the image's footprint."""
    return classes.select([0]).toInt32().unmask(NODATA, False)


def without_code(classes: ee.Image, name: str) -> ee.Image:
    """Classes as int16 with a mask in place of -32768."""
    return classes.updateMask(classes.neq(NODATA)).toInt16().rename([name])


def lookup(table: pd.DataFrame, inputs: Sequence[str], output: str, *layers: ee.Image) -> ee.Image:
    """The class that a table gives to every combination of classes, as an image.

    The same table and the same treatment of no data as :func:`ldnkit.lookup.apply`.

    Parameters
    ----------
    table : DataFrame
        One row per combination of codes; the columns ``inputs`` and ``output`` hold integers.
    inputs : sequence of str
        Column of each layer, in the order of ``layers``.
    output : str
        Column with the answer, and name of the band.
    *layers : ee.Image
        Classes; only the first band counts.

    Returns
    -------
    ee.Image, int16
        Masked where the answer is no data; 32767 where the table has no answer.
    """
    kernel = class_tables.Kernel(table, inputs, output)
    place = None
    for size, codes, layer in zip(kernel.shape, kernel.codes, layers, strict=True):
        codes = codes.tolist()
        position = with_code(layer).remap(codes, list(range(len(codes))), len(codes))
        place = position if place is None else place.multiply(size).add(position)
    known = np.flatnonzero(kernel.answers != UNKNOWN)
    answer = place.remap(known.tolist(), kernel.answers[known].tolist(), UNKNOWN)
    return without_code(answer, output)


def yearly(images: Mapping[int, ee.Image]) -> ee.ImageCollection:
    """Images of years as a collection; each carries its year as the property ``year``."""
    return ee.ImageCollection(
        [images[year].select([0], ["value"]).set("year", year) for year in sorted(images)]
    )


def series(collection: ee.ImageCollection, years: tuple[int, int] | None = None):
    """The years from first to last, both included, as double with one band ``value``."""
    chosen = collection.select([0], ["value"])
    if years is not None:
        chosen = chosen.filter(ee.Filter.rangeContains("year", *years))
    return chosen.map(lambda image: image.toDouble().set("year", image.get("year")))


def valid_count(collection: ee.ImageCollection) -> ee.Image:
    """How many values every cell has; 0 where there is none."""
    return collection.map(lambda image: image.mask().gt(0).unmask(0, False)).sum().toDouble()


def blank() -> ee.Image:
    """A band ``value`` without any value: a collection that holds it is never empty."""
    return ee.Image.constant(0).toDouble().selfMask().rename(["value"])


def rint(values: ee.Image) -> ee.Image:
    """Whole numbers, halves to the even neighbour, as NumPy rounds."""
    up = values.add(0.5).floor()
    half = up.subtract(0.5).eq(values).And(up.mod(2).neq(0))
    return up.subtract(half)

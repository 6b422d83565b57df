"""What a thinned-out picture of a raster tells: fill values, unknown codes, the likely unit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ldnkit import tables
from ldnkit.sources import preflight

#: The unit is guessed from a value that few others exceed.
_HIGH = 98


@dataclass(frozen=True)
class Looked:
    """``suspected`` fill values and ``unknown`` codes with their share (%), and the ``unit``."""

    suspected: dict[int, float]
    unknown: dict[int, float]
    unit: str = ""


NOTHING = Looked({}, {})


def look(path, rows: slice, columns: slice, *, fills, known=None, layer="") -> Looked:
    """Look at a part of a raster.

    Parameters
    ----------
    path : Path
    rows, columns : slice
        The part around the country.
    fills : tuple of float
        Values that are no data, as the file or the country file declares.
    known : set of int, optional
        Codes of a class layer; None for values.
    layer : str
        The layer of ``unit_guesses.csv``.
    """
    import rasterio
    from rasterio.errors import RasterioError

    try:
        with rasterio.open(path) as source:
            sample = preflight.thinned(source, 1, rows, columns)
    except RasterioError:
        return NOTHING
    valid = sample[~np.isin(sample, [fill for fill in fills if np.isfinite(fill)])]
    valid = valid[np.isfinite(valid)] if valid.dtype.kind == "f" else valid
    if not valid.size:
        return NOTHING
    if known is None:
        strange = preflight.suspected(valid)
        kept = valid[~np.isin(valid, strange)]
        return Looked(_shares(valid, strange), {}, guess(kept, layer))
    strange = [int(code) for code in np.unique(valid) if known and code not in known]
    usual = [code for code in strange if code in preflight.FILLS]
    unknown = [code for code in strange if code not in usual]
    return Looked(_shares(valid, usual), _shares(valid, unknown))


def _shares(valid, codes) -> dict[int, float]:
    return {int(code): 100 * float((valid == code).mean()) for code in codes}


def guess(values, layer: str) -> str:
    """The likely unit of a layer's values: the first row of ``unit_guesses.csv`` they fit.

    Examples
    --------
    >>> guess(np.array([1200, 5400, 8100]), "productivity.annual")
    'index_10000'
    """
    listed = tables.read("unit_guesses").query("layer == @layer")
    if not len(listed) or not len(values):
        return ""
    high = float(np.percentile(np.abs(values), _HIGH))
    fits = listed[listed["largest"] >= high]
    return str(fits.iloc[0]["unit"]) if len(fits) else "unknown"

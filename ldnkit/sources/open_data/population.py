"""People from files by age: one raster for women and one for men; counts are never rounded."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ldnkit.sources.open_data.windows import Cut, _profile, _window, blocks, same_cells

#: Letters of the sexes in the names of files.
SEXES = {"female": "f", "male": "m"}


def add_up(cuts: Sequence[Cut], path: Path) -> Path:
    """The sum of some rasters of counts as one GeoTIFF, block by block.

    Parameters
    ----------
    cuts : sequence of Cut
        Age groups of one sex and year, on the same cells; persons per cell.

    Returns
    -------
    Path
        float64, because counts are kept exactly; one file alone keeps its type. A cell without
        data in any group has no data: it is not zero.

    Raises
    ------
    ValueError
        The rasters have different cells.
    """
    import rasterio

    first = same_cells(cuts)
    profile = _profile(first, 1)
    several = len(cuts) > 1
    if several:
        profile |= {"dtype": "float64", "nodata": np.nan}
    with rasterio.open(path, "w", **profile) as target:
        for place in blocks(first.shape, corner=first.corner):
            if not several:
                target.write(first.read(*place), 1, window=_window(*place))
                continue
            total = np.zeros(place[2:], np.float64)
            for cut in cuts:
                total += _counts(cut, place)
            target.write(total, 1, window=_window(*place))
    return Path(path)


def _counts(cut: Cut, place) -> np.ndarray:
    values = cut.read(*place).astype(np.float64)
    if cut.nodata is not None and not np.isnan(cut.nodata):
        values[values == cut.nodata] = np.nan
    return values

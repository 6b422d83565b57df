"""What the kernels of all indicators share."""

from __future__ import annotations

import numpy as np

from ldnkit import areas
from ldnkit.tables import NODATA


def block_area(arrays, grid) -> np.ndarray:
    """km² of each cell; with the boundary rule ``fraction`` only the covered share."""
    area = areas.cell_area(grid)
    return area * arrays["coverage"] if "coverage" in arrays else area


def nothing(shape) -> np.ndarray:
    """A layer without data."""
    return np.full(shape, NODATA, np.int16)


def place_of(arrays) -> dict[str, np.ndarray]:
    """Where a cell is, for the cross-tables: its zone, and whether it is affected, if that counts.

    ``affected`` (0 or 1) is there when the country file names an affected area.
    """
    return {name: arrays[layer] for name, layer in _PLACES.items() if layer in arrays}


_PLACES = {"zone": "zones", "affected": "affected"}

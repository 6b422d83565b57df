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

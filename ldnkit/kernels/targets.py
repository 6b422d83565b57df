"""One block of the indicator targets: status of the land inside every target's polygon."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ldnkit import areas
from ldnkit.kernels.shared import block_area
from ldnkit.tables import NODATA


def target_areas(arrays, grid):
    """Area of every status, by polygon and land cover; polygons may overlap.

    ``polygons`` gives one polygon after the other: its number, its rows and columns in the block,
    its mask. Cells outside the country count for none.
    """
    inside = arrays["zones"] != NODATA
    area = np.broadcast_to(block_area(arrays, grid), grid.shape)
    parts = [_nothing()]
    for number, rows, columns, mask in arrays["polygons"]:
        here = rows, columns
        where = mask & inside[here]
        if not where.any():
            continue
        classes = {"land_cover": arrays["cover"][here], "class": arrays["status"][here]}
        table = areas.crosstab(area[here], where=where, **classes)
        table.insert(0, "polygon", number)
        parts.append(table)
    return {}, {"overlay": areas.merge(parts)}


def _nothing() -> pd.DataFrame:
    """The table of a block without polygons."""
    kinds = {"polygon": int, "land_cover": int, "class": int, "area_km2": float, "cells": int}
    return pd.DataFrame({name: np.zeros(0, kind) for name, kind in kinds.items()})

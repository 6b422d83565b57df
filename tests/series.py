"""Short series for the productivity tests: one series per cell, cells in one row."""

import numpy as np
import xarray as xr

NODATA = -32768
BASELINE = list(range(2000, 2016))
HISTORY, RECENT = (2000, 2012), (2013, 2015)


def stack(series, years=None, dtype=float):
    """Series, one per cell, as (year, y, x) with one row of cells."""
    values = np.array(series, dtype).T[:, np.newaxis, :]
    years = BASELINE[: len(values)] if years is None else years
    return xr.DataArray(values, dims=("year", "y", "x"), coords={"year": list(years)})


def row(layer):
    return layer.values.ravel().tolist()


def random_series(seed, cells=300, n=16, gaps=0.15, levels=(2000, 8000)):
    """Integer series of many kinds: trends of all sizes, ties, gaps, constants."""
    random = np.random.default_rng(seed)
    rise = random.normal(0, 80, (cells, 1))
    noise = random.normal(0, 1, (cells, n)) * random.choice([0, 5, 100, 400], (cells, 1))
    values = random.integers(*levels, (cells, 1)) + rise * np.arange(n) + noise
    coarse = random.choice([1, 1, 1, 50, 400], (cells, 1))
    values = np.clip((values // coarse) * coarse, -2000, 10000).astype(np.int16)
    values[random.random((cells, n)) < gaps * random.choice([0, 1, 3], (cells, 1))] = NODATA
    return values

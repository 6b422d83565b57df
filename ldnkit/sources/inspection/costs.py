"""Time, memory and disk of a run, estimated from the number of cells and years."""

from __future__ import annotations

import pandas as pd

from ldnkit import plans, tables
from ldnkit.findings import InputError

TOTAL = "total"


def estimate(country, indicators=None, *, processors: int = 2) -> pd.DataFrame:
    """What a run of the indicators will ask of the computer: an estimate, not a promise.

    The coefficients are in ``run_costs.csv``. They were measured on one machine; another may be
    three times as slow, and files read over a network or unpacked from large pieces more than
    that. Results that are kept and fresh take no time.

    Parameters
    ----------
    country : Country
    indicators : sequence of str, optional
        By default all that the country file gives enough for.
    processors : int
        Processors that work at a time.

    Returns
    -------
    DataFrame
        indicator, cells (of the grid it is counted on, in millions), layers (maps read over the
        years), seconds, memory_mb (largest at a time), disk_mb (results); the last row is the
        ``total``: seconds and disk added, the largest memory.

    Examples
    --------
    >>> estimate(country).iloc[-1][["seconds", "memory_mb"]]  # doctest: +SKIP
    """
    chosen = plans.available(country) if indicators is None else list(indicators)
    costs = tables.read("run_costs").set_index("indicator")
    rows = [_row(country, name, costs.loc[name], processors) for name in chosen]
    columns = ["indicator", "cells", "layers", "seconds", "memory_mb", "disk_mb"]
    table = pd.DataFrame(rows, columns=columns)
    total = {
        "indicator": TOTAL,
        "cells": table["cells"].max(),
        "layers": table["layers"].sum(),
        "seconds": table["seconds"].sum(),
        "memory_mb": table["memory_mb"].max(),
        "disk_mb": table["disk_mb"].sum(),
    }
    return pd.concat([table, pd.DataFrame([total])], ignore_index=True)


def _row(country, indicator, cost, processors) -> dict:
    cells, layers = 0.0, 0
    if cost["counted"]:
        cells = _own_cells(country) if cost["counted"] == "own_cells" else _cells(country)
        layers = _layers(country, indicator)
    times = layers if cost["counted"] == "cell_years" else 1
    work = cost["seconds_per_million"] * cells * times
    shared = cost["serial_share"] + (1 - cost["serial_share"]) / processors
    return {
        "indicator": indicator,
        "cells": cells,
        "layers": layers,
        "seconds": cost["seconds"] + work * shared,
        "memory_mb": cost["memory_mb"] + cost["memory_mb_per_million"] * cells,
        "disk_mb": cost["disk_bytes"] * cells,
    }


def _cells(country) -> float:
    """Cells of the country's grid, in millions."""
    rows, columns = country.grid.shape
    return rows * columns / 1e6


def _own_cells(country) -> float:
    """Cells of the drought series around the country, in millions; of a ready index none."""
    from ldnkit.sources.timeseries import Series
    from ldnkit.sources.timeseries.axes import cover

    if country.drought is None or country.drought.series is None:
        return 0.0
    try:
        grid = cover(Series.of(country).grid, country.boundary)
    except InputError:
        return 0.0
    return grid.shape[0] * grid.shape[1] / 1e6


def _layers(country, indicator) -> int:
    """Maps that are read, over all years."""
    if indicator == "land_cover":
        return len(country.cycle.land_cover_years)
    if indicator == "productivity" and country.productivity is not None:
        return len(country.productivity.files) or len(country.productivity.lpd)
    if indicator == "drought_index" and country.drought is not None:
        return len(country.drought.index) or 1
    if indicator == "population" and country.population is not None:
        return sum(len(years) for years in country.population.files.values())
    return 1

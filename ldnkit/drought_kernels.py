"""Standardised drought indices on plain arrays: sums of months, index, quality.

Arrays have time first and any cells behind. A month is a pair (year, month). Work is done in
float64 and given back as float32; every cell is computed on its own, whatever stands beside it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from ldnkit import tables
from ldnkit.drought_fits import KINDS
from ldnkit.tables import NODATA

#: Quality of a cell's index. A cell without any value has ``NODATA``.
GOOD, MANY_ZEROS, FEW_SUMS, NO_FIT, GAPS = range(5)
#: Cells that are computed at once: their sums and logarithms stay close to the processor.
CELLS = 2048


def index_of_month(
    series,
    times: Sequence[tuple[int, int]],
    *,
    scale: int = 12,
    month: int = 12,
    reference: tuple[int, int] = (1981, 2010),
    fit: str = "thom",
    limit: float = 3.09,
    kind: str = "SPI",
    workers: int = 1,
):
    """The index of one calendar month in every year, and how good it is.

    Parameters
    ----------
    series : ndarray, shape (time, cells…), mm
        Precipitation (SPI) or precipitation minus potential evapotranspiration (SPEI) of every
        month; NaN or (integers) -32768 is no data.
    times : sequence of (year, month)
        Sorted and complete, as :func:`ldnkit.timeaxis.months` gives them.
    scale : int
        Months that are added up.
    month : int
        1…12; the last of the months added up.
    reference : (int, int)
        First and last year of the sums to which the distribution is fitted.
    fit : {"thom", "ml"}
        Gamma fit of the SPI; see :func:`ldnkit.drought_fits.gamma_fit`.
    limit : float
        The index is cut to ± this.
    kind : {"SPI", "SPEI"}
    workers : int
        Threads.

    Returns
    -------
    years : ndarray of int
        The years that have the month.
    index : ndarray, float32, shape (years, cells…)
    quality : ndarray, int16, shape (cells…)
        0 good; 1 more than a third of the sums of the reference are zero; 2 too few sums in the
        reference (no index); 3 no fit, the sums are all equal or none is positive (no index);
        4 good, but some years have no sum; -32768 no value at all.

    Raises
    ------
    ValueError
        Negative precipitation, or months that do not follow one another.

    Examples
    --------
    >>> times = [(year, month) for year in range(1981, 2011) for month in range(1, 13)]
    >>> rain = np.repeat(np.r_[np.arange(1.0, 30), 0], 12)[:, None]
    >>> years, index, quality = index_of_month(rain, times, scale=1, month=1)
    >>> int(years[-1]), round(float(index[-1, 0]), 3), quality.tolist()  # H(0) = 1/30
    (2010, -1.834, [0])
    """
    rows = rows_of_month(times, month)
    index = np.full((len(rows), *series.shape[1:]), np.nan, np.float32)
    quality = np.full(series.shape[1:], NODATA, np.int16)
    flat, found, judged = _flat(series), _flat(index), quality.reshape(-1)
    options = {"scale": scale, "reference": reference, "fit": fit, "limit": limit, "kind": kind}

    def one(start):
        cells, block = _with_values(flat, start, kind)
        if len(cells):
            found[:, cells], judged[cells] = _month(block, times, rows, **options)

    _in_blocks(one, flat.shape[1], workers)
    years = np.array([times[row][0] for row in rows], int)
    return years, found.reshape(index.shape), judged.reshape(quality.shape)


def index_of_all(
    series,
    times: Sequence[tuple[int, int]],
    *,
    scale: int = 12,
    reference: tuple[int, int] = (1981, 2010),
    fit: str = "thom",
    limit: float = 3.09,
    kind: str = "SPI",
    workers: int = 1,
) -> np.ndarray:
    """The index of every month, float32 of the shape of ``series`` (see :func:`index_of_month`).

    Each calendar month has a distribution of its own.
    """
    months = {month: rows_of_month(times, month) for month in range(1, 13)}
    index = np.full(series.shape, np.nan, np.float32)
    flat, found = _flat(series), _flat(index)
    options = {"scale": scale, "reference": reference, "fit": fit, "limit": limit, "kind": kind}

    def one(start):
        cells, block = _with_values(flat, start, kind)
        if not len(cells):
            return
        values = np.empty(block.shape, np.float32)
        for rows in months.values():
            if len(rows):
                values[rows], _ = _month(block, times, rows, **options)
        found[:, cells] = values

    _in_blocks(one, flat.shape[1], workers)
    return found.reshape(series.shape)


def rows_of_month(times: Sequence[tuple[int, int]], month: int) -> range:
    """Positions of a calendar month in a complete series.

    Raises
    ------
    ValueError
        Months that do not follow one another.

    Examples
    --------
    >>> rows_of_month([(2000, 11), (2000, 12), (2001, 1)], 12)
    range(1, 3, 12)
    """
    numbers = [12 * year + month_of_year for year, month_of_year in times]
    if numbers and numbers != list(range(numbers[0], numbers[0] + len(numbers))):
        raise ValueError(
            "The months must follow one another: found some missing, twice or out of order; see "
            "ldnkit.timeaxis.month_problems(times) for which."
        )
    first = [row for row, (_, one) in enumerate(times[:12]) if one == month]
    return range(first[0] if first else len(times), len(times), 12)


def floats(values) -> np.ndarray:
    """The values as float64; NaN where they are not finite or, in integers, -32768.

    Examples
    --------
    >>> floats(np.array([7, -32768], np.int16)).tolist()
    [7.0, nan]
    """
    values = np.asarray(values)
    valid = np.isfinite(values) if values.dtype.kind == "f" else values != NODATA
    return np.where(valid, values, np.nan).astype(np.float64, copy=False)


def sums(values, rows: range, scale: int) -> np.ndarray:
    """Sums over the ``scale`` months that end in each of the rows.

    NaN where a month is missing or lies before the series. Months are added one by one, so that
    twelve dry months give exactly zero.

    Examples
    --------
    >>> sums(np.array([1.0, 2, 4, 8])[:, None], range(4), 2).ravel().tolist()
    [nan, 3.0, 6.0, 12.0]
    """
    result = np.full((len(rows), *values.shape[1:]), np.nan)
    early = sum(row < scale - 1 for row in rows)
    whole = rows[early:]
    if not whole:
        return result
    result[early:] = 0
    for back in range(scale):
        result[early:] += values[whole[0] - back : whole[-1] - back + 1 : whole.step]
    return result


def needed_sums(reference: tuple[int, int]) -> int:
    """The fewest sums that a calendar month needs in the reference period.

    Examples
    --------
    >>> needed_sums((1981, 2010)), needed_sums((1991, 2010))
    (26, 17)
    """
    years = reference[1] - reference[0] + 1
    return math.ceil(years * tables.constant("drought_minimum_share") / 100 - 1e-9)


# ---- one block of cells --------------------------------------------------------------------------


def _month(block, times, rows, *, scale, reference, fit, limit, kind):
    """Index (years, cells) and quality (cells) of the calendar month that stands in ``rows``."""
    fit_to, scores_of = KINDS[kind]
    amounts = sums(block, rows, scale)
    years = np.array([times[row][0] for row in rows], int)
    known = amounts[(years >= reference[0]) & (years <= reference[1])]
    fitted = fit_to(known, fit)
    enough = np.isfinite(known).sum(axis=0) >= needed_sums(reference)
    with np.errstate(invalid="ignore"):
        index = np.clip(scores_of(amounts, fitted, limit), -limit, limit)
        index[:, ~(enough & fitted.found)] = np.nan
        # a share of exactly a third has endless digits, its limit in the table has six
        many = np.round(100 * fitted.zero_share, 6) > tables.constant("drought_zero_share")
    quality = np.full(enough.shape, GOOD, np.int16)
    early = sum(row < scale - 1 for row in rows)  # before the first whole sum
    quality[np.isnan(amounts[early:]).any(axis=0)] = GAPS
    quality[many] = MANY_ZEROS
    quality[~fitted.found] = NO_FIT
    quality[~enough] = FEW_SUMS
    return index, quality


def _with_values(flat, start, kind):
    """Which cells from ``start`` on have values, and their values as float64 with NaN."""
    values = floats(flat[:, start : start + CELLS])
    some = ~np.isnan(values).all(axis=0)
    cells = start + np.flatnonzero(some)
    values = values if some.all() else values[:, some]
    if kind == "SPI" and (values < 0).any():
        raise ValueError(
            f"Precipitation cannot be negative: found {np.nanmin(values):g} mm in "
            f"{(values < 0).any(axis=0).sum()} cells of a block; declare the fill value as no "
            "data, or correct the values. A balance of water needs the SPEI."
        )
    return cells, values


def _flat(array):
    return array.reshape(len(array), math.prod(array.shape[1:]))


def _in_blocks(one, cells, workers):
    starts = range(0, cells, CELLS)
    if workers == 1 or len(starts) < 2:
        for start in starts:
            one(start)
        return
    with ThreadPoolExecutor(workers) as pool:
        for _ in pool.map(one, starts):
            pass

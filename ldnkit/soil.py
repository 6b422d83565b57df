"""SO1-3 soil organic carbon: stocks that follow land cover, their change, degradation."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr

from ldnkit import tables
from ldnkit.tables import NODATA


def stocks(
    reference,
    land_cover,
    factors_f,
    *,
    factors="unccd",
    reference_year=2000,
    timing="start",
    conversion_years=20,
):
    """Soil organic carbon stock of every year, from a reference stock and land cover (Tier 1).

    After a change of land cover class the stock moves in a straight line, over
    ``conversion_years``, from the stock it has reached towards that stock × the conversion factor.
    A new change restarts from the stock reached.

    Parameters
    ----------
    reference : DataArray, dims (y, x), t/ha
        Stock of the topsoil, 0–30 cm, in ``reference_year``; NaN or -32768 is no data.
    land_cover : DataArray, dims (year, y, x), int16
        Classes of the legend in the mapped years, sorted; the first map is that of the reference
        year or the closest to it.
    factors_f : DataArray, dims (y, x), or float
        Climate factor f (0.80, 0.69, 0.58, 0.48, 0.64); NaN where the climate is unknown.
    factors : str, path or DataFrame
        Conversion factors: columns ``from``, ``to``, ``factor`` (a number, ``f`` or ``1/f``).
    reference_year : int
        Year of the reference stock; the first year of the result.
    timing : {"start", "middle"}
        When a change between two maps more than a year apart began: right after the earlier map,
        or halfway between them (as Trends.Earth's local tool does).
    conversion_years : int
        Years until the new stock is reached.

    Returns
    -------
    DataArray, dims (year, y, x), float64, t/ha
        Every year from ``reference_year`` to the last map.
        NaN where the reference, a factor or the first map is missing, and after a cell's last
        map. A map that a cell lacks in between is left out of its sequence.

    Raises
    ------
    ValueError
        Years out of order, an unknown timing, or ``year`` split over several dask chunks.

    References
    ----------
    UNCCD reporting manual, SO1-3 (modified Tier 1); IPCC 2006 guidelines, volume 4.

    Examples
    --------
    Grassland that became cropland right after 2000, in a temperate dry climate (f = 0.80):

    >>> cover = xr.DataArray(np.array([[[2]], [[3]]], np.int16), dims=("year", "y", "x"),
    ...                      coords={"year": [2000, 2015]})
    >>> stock = stocks(xr.DataArray([[100.0]], dims=("y", "x")), cover, 0.80)
    >>> float(stock.sel(year=2015).item())
    85.0
    """
    years = [int(year) for year in land_cover["year"].values]
    wanted = list(range(reference_year, max(years[-1], reference_year) + 1))
    options = {
        "years": years,
        "wanted": wanted,
        "factors": factor_table(factors),
        "reference_year": reference_year,
        "timing": timing,
        "conversion_years": conversion_years,
    }
    result = xr.apply_ufunc(
        lambda ref, cover, f: np.moveaxis(
            stock_kernel(ref, np.moveaxis(cover, -1, 0), f, **options), 0, -1
        ),
        reference,
        land_cover,
        factors_f,
        input_core_dims=[[], ["year"], []],
        output_core_dims=[["stock_year"]],
        dask="parallelized",
        output_dtypes=[np.float64],
        dask_gufunc_kwargs={"output_sizes": {"stock_year": len(wanted)}},
    )
    result = result.rename(stock_year="year").assign_coords(year=wanted)
    return result.transpose("year", ...).assign_attrs(units="t/ha")


def factor_table(factors="unccd") -> pd.DataFrame:
    """Conversion factors split into a number and a power of f: factor = number × f ** power.

    Examples
    --------
    >>> table = factor_table().set_index(["from", "to"])
    >>> [float(value) for value in table.loc[(3, 2), ["number", "power"]]]  # 1/f
    [1.0, -1.0]
    """
    table = factors if isinstance(factors, pd.DataFrame) else tables.soil_factors(factors)
    if "power" in table:
        return table
    text = table["factor"].astype(str).str.replace(" ", "")
    power = text.map({"f": 1, "1/f": -1}).fillna(0).astype(int)
    number = [1.0 if each else _number(value) for each, value in zip(power, text, strict=True)]
    return table.assign(number=number, power=power)


def _number(text: str) -> float:
    over = text.split("/")
    return float(over[0]) / float(over[1]) if len(over) == 2 else float(text)


def stock_kernel(
    reference,
    land_cover,
    f,
    *,
    years,
    wanted,
    factors,
    reference_year=2000,
    timing="start",
    conversion_years=20,
):
    """Stocks of the ``wanted`` years as a plain array (see :func:`stocks`).

    Only cells whose class changes are followed year by year; the others keep the reference.
    """
    if timing not in ("start", "middle"):
        raise ValueError(f"Unknown timing: found {timing!r}; use start or middle.")
    if list(years) != sorted(set(years)):
        raise ValueError(f"The land cover years are not in order: found {years}; sort them.")
    years, shape = np.asarray(years), land_cover.shape[1:]
    cover = land_cover.reshape(len(years), -1)
    start = np.broadcast_to(np.asarray(reference, np.float64), shape).ravel()
    start = np.where(start == NODATA, np.nan, start)
    # a factor that came as float32 is 0.8 again
    climate = np.round(np.broadcast_to(np.asarray(f, np.float64), shape).ravel(), 6)
    mapped = cover != NODATA
    result = np.tile(np.where(mapped[0], start, np.nan), (len(wanted), 1))
    # what became of a cell after its last map is unknown
    last = years[len(years) - 1 - np.argmax(mapped[::-1], axis=0)]
    for place, year in enumerate(wanted):
        result[place, last < min(year, years[-1])] = np.nan
    for known, cells in _sequences(mapped):
        sequence = cover[known][:, cells]
        moved = (sequence[1:] != sequence[:-1]).any(axis=0)
        cells = cells[moved]
        path = _StockPath(start[cells], conversion_years)
        followed = path.follow(
            sequence[:, moved],
            climate[cells],
            years[known],
            wanted,
            factors,
            reference_year,
            timing,
        )
        result[:, cells] = np.where(np.isnan(result[:, cells]), np.nan, followed)
    return result.reshape(len(wanted), *shape)


def _sequences(mapped: np.ndarray):
    """Which maps a cell has, and the cells that have just these: a missing map is left out."""
    complete = mapped.all(axis=0)
    yield np.ones(len(mapped), bool), np.flatnonzero(complete)
    rest = np.flatnonzero(~complete & mapped[0])
    patterns, which = np.unique(mapped[:, rest], axis=1, return_inverse=True)
    for number, pattern in enumerate(patterns.T):
        yield pattern, rest[which == number]


class _StockPath:
    """Stocks on their way: where each cell's line begins, when, and where it is heading."""

    def __init__(self, stock: np.ndarray, conversion_years: int):
        self.base = stock.astype(np.float64)
        self.target = self.base.copy()
        self.begin = np.zeros(len(stock))
        self.conversion_years = conversion_years

    def follow(self, cover, climate, years, wanted, factors, reference_year, timing):
        """The stocks of the wanted years, shape (wanted, cells)."""
        followed = np.empty((len(wanted), len(self.base)))
        pending = sorted(range(len(wanted)), key=lambda place: wanted[place])
        for step in range(1, len(years)):
            earlier, later = years[step - 1], years[step]
            middle = timing == "middle" and later - earlier > 1
            begin = max((earlier + later) / 2 if middle else earlier, reference_year)
            while pending and wanted[pending[0]] <= begin:
                place = pending.pop(0)
                followed[place] = self.at(wanted[place])
            if later > reference_year:
                self.turn(begin, cover[step - 1], cover[step], climate, factors)
        for place in pending:
            followed[place] = self.at(wanted[place])
        return followed

    def at(self, year: float) -> np.ndarray:
        share = np.clip((year - self.begin) / self.conversion_years, 0, 1)
        return self.base + (self.target - self.base) * share

    def turn(self, year, before, after, climate, factors):
        """From ``year`` on, cells that change class head for the stock reached × the factor."""
        changed = before != after
        if not changed.any():
            return
        reached, climate = self.at(year)[changed], climate[changed]
        before, after = before[changed], after[changed]
        factor = np.empty(len(reached))
        for pair in np.unique(np.stack([before, after]), axis=1).T:
            row = factors[(factors["from"] == pair[0]) & (factors["to"] == pair[1])]
            if row.empty:
                raise ValueError(
                    "No soil organic carbon factor for a change of land cover: found "
                    f"{pair[0]} to {pair[1]}; add this row to the table of factors."
                )
            number, power = row["number"].iloc[0], int(row["power"].iloc[0])
            here = (before == pair[0]) & (after == pair[1])
            factor[here] = number * climate[here] ** power if power else number
        self.base[changed] = reached
        self.target[changed] = reached * factor
        self.begin[changed] = year


def change(stock_first, stock_last):
    """Change of the stock in percent of the first year's stock.

    Parameters
    ----------
    stock_first, stock_last : DataArray or ndarray, t/ha

    Returns
    -------
    DataArray or ndarray, float, %
        Rounded to 1e-6 (1e-4 for float32 stocks), so that a change of exactly 10 % is seen as
        exactly 10 %.
        NaN where a stock is missing or the first stock is zero.

    Examples
    --------
    >>> change(np.array([100.0]), np.array([85.0])).tolist()
    [-15.0]
    """
    return xr.apply_ufunc(
        _change, stock_first, stock_last, dask="parallelized", output_dtypes=[np.float64]
    )


def _change(first, last):
    # float32 holds about seven digits: what differs less than 1e-4 % is rounding, not soil
    digits = 4 if np.float32 in (np.asarray(first).dtype, np.asarray(last).dtype) else 6
    first, last = np.asarray(first, np.float64), np.asarray(last, np.float64)
    return np.round((last - first) / np.where(first > 0, first, np.nan) * 100, digits)


def degradation(change, *, threshold=10, inclusive=False, truncate=False):
    """Degradation from the change of the stock.

    Parameters
    ----------
    change : DataArray or ndarray, %
    threshold : float, %
        Losses of more than this are degraded, gains of more than this improved.
    inclusive : bool
        Exactly the threshold counts as change too (as in Trends.Earth).
    truncate : bool
        Cut the percentage to a whole number first (as in Trends.Earth).

    Returns
    -------
    DataArray or ndarray, int16
        -1 degraded, 0 stable, 1 improved, -32768 no data.

    References
    ----------
    UNCCD reporting manual, SO1-3; Good Practice Guidance for SDG 15.3.1, v2.

    Examples
    --------
    >>> degradation(np.array([-10.1, -10.0, 10.0, 12.0, np.nan])).tolist()
    [-1, 0, 0, 1, -32768]
    """
    if not threshold > 0:
        raise ValueError(f"The threshold must be positive: found {threshold}; use for example 10.")
    return xr.apply_ufunc(
        _degradation,
        change,
        dask="parallelized",
        output_dtypes=[np.int16],
        kwargs={"threshold": threshold, "inclusive": inclusive, "truncate": truncate},
    )


def _degradation(change, *, threshold, inclusive, truncate):
    change = np.trunc(change) if truncate else np.asarray(change)
    beyond = np.abs(change) >= threshold if inclusive else np.abs(change) > threshold
    result = np.where(beyond, np.sign(change), 0)
    return np.where(np.isnan(change), NODATA, result).astype(np.int16)

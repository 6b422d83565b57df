"""Yearly productivity from satellite composites, and its correction for climate."""

from __future__ import annotations

import numpy as np
import xarray as xr

from ldnkit.tables import NODATA

#: Vegetation indices from surface reflectance (0–1); coefficients as published for MODIS.
_INDICES = {
    "ndvi": lambda red, nir, blue: (nir - red) / (nir + red),
    "evi": lambda red, nir, blue: 2.5 * (nir - red) / (nir + 6 * red - 7.5 * blue + 1),
    "evi2": lambda red, nir, blue: 2.5 * (nir - red) / (nir + 2.4 * red + 1),
    "msavi2": lambda red, nir, blue: (
        (2 * nir + 1 - np.sqrt((2 * nir + 1) ** 2 - 8 * (nir - red))) / 2
    ),
}


def vegetation_index(red, nir, blue=None, *, index="ndvi"):
    """A vegetation index from surface reflectance.

    Parameters
    ----------
    red, nir, blue : DataArray or ndarray, reflectance 0–1
        ``blue`` is needed for EVI only. NaN is no data.
    index : {"ndvi", "evi", "evi2", "msavi2"}

    Returns
    -------
    DataArray or ndarray, float
        NaN where the denominator is zero.

    References
    ----------
    Rouse et al. (1974) NDVI; Huete et al. (2002) EVI; Jiang et al. (2008) EVI2;
    Qi et al. (1994) MSAVI2.

    Examples
    --------
    >>> float(vegetation_index(np.array(0.1), np.array(0.5)).round(3))
    0.667
    """
    if index not in _INDICES:
        raise ValueError(f"Unknown index: found {index!r}; use one of {', '.join(_INDICES)}.")
    if index == "evi" and blue is None:
        raise ValueError("EVI needs the blue band: found none; give blue= or use index='evi2'.")
    with np.errstate(divide="ignore", invalid="ignore"):
        value = _INDICES[index](red, nir, blue)
    return xr.where(np.isfinite(value), value, np.nan)


def annual(vi, *, season=None, method="integral", minimum_share=0.5):
    """Annual productivity from the composites of a vegetation index.

    Parameters
    ----------
    vi : DataArray, dims (time, y, x)
        Composites after quality masking; NaN or (integers) -32768 is no data. Never counted as 0.
    season : (int, int), optional
        First and last month of the growing season, both included; ``(10, 4)`` crosses the year
        end and belongs to the year in which it begins. The calendar year by default.
    method : {"integral", "mean"}
        Mean × length of the season in years, or the mean. They are equal for a calendar year.
    minimum_share : float
        A cell needs this share of the season's own composites; otherwise no data. A year with one
        satellite is not measured against a year with two.

    Returns
    -------
    DataArray, dims (year, y, x), float
        Units of the index (× years, for the integral). Years in which no season begins are absent.

    Raises
    ------
    ValueError
        Unknown option, months outside 1–12, or no time axis.

    References
    ----------
    GPG for SDG 15.3.1, v2, land productivity: annual integral over the growing season.

    Examples
    --------
    >>> import pandas as pd
    >>> time = pd.date_range("2000-01-16", periods=24, freq="MS")
    >>> vi = xr.DataArray(np.full((24, 1, 1), 0.4), dims=("time", "y", "x"), coords={"time": time})
    >>> annual(vi, season=(4, 9)).squeeze().round(2).values.tolist()  # half a year at 0.4
    [0.2, 0.2]
    """
    if method not in ("integral", "mean"):
        raise ValueError(f"Unknown method: found {method!r}; use integral or mean.")
    first, last = season or (1, 12)
    if not (1 <= first <= 12 and 1 <= last <= 12):
        raise ValueError(f"A season is two months from 1 to 12: found {season}; use (10, 4).")
    if "time" not in vi.dims:
        raise ValueError(f"Composites need a dimension time: found {vi.dims}; rename yours.")
    year, month = vi["time"].dt.year.values, vi["time"].dt.month.values
    crosses = first > last
    inside = (month >= first) | (month <= last) if crosses else (month >= first) & (month <= last)
    label = np.where(crosses & (month <= last), year - 1, year)
    years = [
        int(one) for one in np.unique(label[inside]) if _whole_season(one, first, last, year, month)
    ]
    if not years:
        raise ValueError(
            f"No whole season in the composites: found {len(month)} from {year.min()} to "
            f"{year.max()}; give at least one season from month {first} to month {last}."
        )
    length = ((last - first) % 12 + 1) / 12 if method == "integral" else 1.0
    seasons = []
    for one in years:
        composites = _with_gaps(vi.isel(time=np.flatnonzero((label == one) & inside)))
        enough = composites.notnull().sum("time") >= minimum_share * composites.sizes["time"]
        seasons.append((composites.mean("time") * length).where(enough))
    coordinate = xr.DataArray(years, dims="year", name="year")
    return xr.concat(seasons, coordinate, coords="minimal", compat="override")


def _whole_season(label, first, last, year, month) -> bool:
    """Whether the record begins no later than the season's first month and ends in its last."""
    begins, ends = (year * 12 + month).min(), (year * 12 + month).max()
    end = (label + (first > last)) * 12 + last
    return begins <= label * 12 + first and ends >= end


def restrend(annual, climate):
    """What rainfall does not explain: residuals of productivity on climate, cell by cell.

    Parameters
    ----------
    annual : DataArray, dims (year, y, x)
        Annual productivity.
    climate : DataArray, dims (year, y, x)
        Rain (or soil moisture) of the same years on the same grid.

    Returns
    -------
    DataArray, dims (year, y, x), float
        Residuals of the least-squares line of the cell; give them to :func:`trend`.
        NaN where either is missing, or where the climate of a cell never varies.

    References
    ----------
    Evans and Geerken (2004); GPG for SDG 15.3.1, v2, climate correction.

    Examples
    --------
    >>> rain = xr.DataArray([[[100.0]], [[200.0]], [[300.0]]], dims=("year", "y", "x"))
    >>> restrend(2 * rain + 5, rain).squeeze().values.tolist()
    [0.0, 0.0, 0.0]
    """
    annual, climate = _with_gaps(annual), _with_gaps(climate)
    both = annual.notnull() & climate.notnull()
    annual, climate = annual.where(both), climate.where(both)
    away = climate - climate.mean("year")
    spread = (away * away).sum("year")
    # a climate that never varies leaves only the rounding of its mean
    varies = spread > 1e-20 * (climate * climate).sum("year")
    slope = (away * annual).sum("year") / spread.where(varies)
    return annual - annual.mean("year") - slope * away


def use_efficiency(annual, climate):
    """Rain-use (or water-use) efficiency: productivity for each unit of rain (evapotranspiration).

    Parameters
    ----------
    annual, climate : DataArray, dims (year, y, x)
        Productivity, and rain or evapotranspiration (mm) of the same years.

    Returns
    -------
    DataArray, dims (year, y, x), float
        Productivity per mm; NaN where there was no rain.

    Examples
    --------
    >>> ones = xr.DataArray([[[6.0]], [[6.0]]], dims=("year", "y", "x"))
    >>> use_efficiency(ones, ones * [[[0.5]], [[0.0]]]).squeeze().values.tolist()
    [2.0, nan]
    """
    annual, climate = _with_gaps(annual), _with_gaps(climate)
    return annual / climate.where(climate > 0)


def _with_gaps(values):
    """The values as floats, with NaN where integers say no data."""
    if values.dtype.kind == "f":
        return values
    return values.where(values != NODATA).astype(np.float64)

"""SO3-1 drought hazard: standardised index of precipitation or water balance, classes, windows.

The maths runs on plain arrays in :mod:`ldnkit.drought_kernels`; these functions check the time
axis and put labels on.
"""

from __future__ import annotations

import numpy as np
import xarray as xr

from ldnkit import drought_kernels as kernels
from ldnkit import tables, timeaxis
from ldnkit.findings import stop_on_errors
from ldnkit.tables import NODATA

FITS = ("thom", "ml")
months = timeaxis.months
monthly = timeaxis.monthly


def spi(
    precipitation, *, scale=12, reference=(1981, 2010), fit="thom", month=None, limit=3.09
) -> xr.DataArray:
    """Standardised precipitation index (SPI).

    Precipitation is added up over ``scale`` months. For each calendar month a gamma distribution
    is fitted to the positive sums of the reference period; a share q of zero sums gives
    H(x) = q + (1 − q) G(x), so that a dry sum has H(0) = q. SPI = Φ⁻¹(H), cut to ± ``limit``.

    Parameters
    ----------
    precipitation : DataArray with a dimension time, mm per month
        Every month of a span of time, also those without data (NaN or, in integers, -32768).
    scale : int, months
    reference : (int, int)
        First and last year of the reference period, both included. A sum counts for the year of
        its last month; a calendar month needs sums in 85 % of the years (26 of 30).
    fit : {"thom", "ml"}
        Thom's approximation to maximum likelihood, or full maximum likelihood.
    month : int, optional
        Only this calendar month: 12 gives the index of December, which speaks for the year.
    limit : float
        The index is cut to ± this; 3.09 is a probability of 1 in 1000.

    Returns
    -------
    DataArray, float32
        Dimensions of the input; with ``month`` the dimension year in place of time.
        NaN where a month of the sum is missing, where the reference has too few sums, and where
        no distribution can be fitted (all sums equal, none positive); :func:`quality` tells which.

    Raises
    ------
    InputError
        A time axis that is not sorted, repeats or lacks months, or too short for the reference.
        Fewer than 30 sums are a warning.
    ValueError
        Unknown option, negative precipitation, or ``time`` split over several dask chunks.

    References
    ----------
    UNCCD reporting manual, SO3-1; McKee, Doesken and Kleist (1993); Thom (1958);
    WMO-No. 1090 (2012).

    Examples
    --------
    Thirty years in which January brings 1, 2, … 30 mm:

    >>> time = xr.date_range("1981-01-01", periods=360, freq="MS")
    >>> rain = xr.DataArray(np.repeat(np.arange(1.0, 31), 12), dims="time", coords={"time": time})
    >>> index = spi(rain, scale=1, month=1)
    >>> index.sel(year=[1981, 1996, 2010]).round(2).values.tolist()
    [-2.5199999809265137, 0.2800000011920929, 1.2999999523162842]
    """
    options = {"scale": scale, "reference": reference, "fit": fit, "month": month, "limit": limit}
    return _index(precipitation, kind="SPI", **options)


def spei(
    water_balance, *, scale=12, reference=(1981, 2010), month=None, limit=3.09
) -> xr.DataArray:
    """Standardised precipitation evapotranspiration index (SPEI).

    Like :func:`spi`, but for precipitation minus potential evapotranspiration: sums may be
    negative, and the distribution is log-logistic, its three parameters from unbiased
    probability-weighted moments.

    Parameters
    ----------
    water_balance : DataArray with a dimension time, mm per month
        Precipitation minus potential evapotranspiration.
    scale, reference, month, limit
        As for :func:`spi`.

    Returns
    -------
    DataArray, float32
        As for :func:`spi`.

    Raises
    ------
    InputError, ValueError
        As for :func:`spi`; negative values are right here.

    References
    ----------
    Vicente-Serrano, Beguería and López-Moreno (2010); Beguería et al. (2014).

    Examples
    --------
    >>> time = xr.date_range("1981-01-01", periods=360, freq="MS")
    >>> balance = xr.DataArray(np.repeat(np.arange(-15.0, 15), 12), dims="time",
    ...                        coords={"time": time})
    >>> index = spei(balance, scale=1, month=12)  # evenly spread: the middle is the median
    >>> bool(abs(index.sel(year=[1995, 1996]).sum()) < 1e-6)
    True
    """
    options = {"scale": scale, "reference": reference, "month": month, "limit": limit}
    return _index(water_balance, kind="SPEI", fit="thom", **options)


def quality(series, *, kind="SPI", scale=12, reference=(1981, 2010), month=12) -> xr.DataArray:
    """How good the index of a calendar month is in every cell.

    Parameters
    ----------
    series : DataArray with a dimension time, mm per month
        What :func:`spi` or :func:`spei` takes.
    kind : {"SPI", "SPEI"}
    scale, reference, month
        As for :func:`spi`.

    Returns
    -------
    DataArray, int16
        0 good; 1 more than a third of the sums of the reference are zero: the index of dry years
        says little; 2 too few sums in the reference, no index; 3 no fit, no index; 4 good, but
        some years have no index; -32768 no value at all.

    Raises
    ------
    InputError, ValueError
        As for :func:`spi`, but a series too short for the reference gives code 2 everywhere.

    References
    ----------
    UNCCD reporting manual, SO3-1; shares: ``ldnkit/data/constants.csv``.

    Examples
    --------
    >>> time = xr.date_range("1981-01-01", periods=360, freq="MS")
    >>> rain = xr.DataArray(np.zeros(360), dims="time", coords={"time": time})
    >>> int(quality(rain))  # it never rains: there is nothing to fit
    3
    """
    if kind not in kernels.KINDS:
        raise ValueError(f"Unknown kind: found {kind!r}; use {' or '.join(kernels.KINDS)}.")
    options = {"scale": _whole("scale", scale, 1), "reference": _years("reference", reference)}
    options |= {"month": _whole("month", month, 1, 12), "kind": kind}
    times = months(series)
    return timeaxis.over_time(
        lambda values, workers: kernels.index_of_month(values, times, **options, workers=workers)[
            2
        ],
        series,
        np.int16,
    ).rename("quality")


def accumulate(monthly, scale) -> xr.DataArray:
    """Sums over the ``scale`` months that end in each month.

    Parameters
    ----------
    monthly : DataArray with a dimension time, mm per month
    scale : int, months

    Returns
    -------
    DataArray, float64, mm
        Dimensions of the input. NaN where one of the months is missing, and in the first
        ``scale`` − 1 months.

    Raises
    ------
    InputError
        A time axis that is not sorted, repeats or lacks months.
    ValueError
        A scale below 1, or ``time`` split over several dask chunks.

    References
    ----------
    UNCCD reporting manual, SO3-1: 12-month sums.

    Examples
    --------
    >>> time = xr.date_range("1981-01-01", periods=4, freq="MS")
    >>> rain = xr.DataArray([1.0, 2, 4, 8], dims="time", coords={"time": time})
    >>> accumulate(rain, 3).values.tolist()
    [nan, nan, 7.0, 14.0]
    """
    _whole("scale", scale, 1)
    rows = range(len(months(monthly)))
    result = timeaxis.over_time(
        lambda values, workers: kernels.sums(kernels.floats(values), rows, scale),
        monthly,
        np.float64,
        keep=True,
    )
    result.attrs = {"units": "mm", "scale": scale}
    return result.rename(monthly.name)


def classes(index, *, compat=None):
    """Drought classes of a standardised index.

    Parameters
    ----------
    index : DataArray or ndarray
        SPI, SPEI or a national index on the same scale; NaN is no data.
    compat : None or "trends.earth"
        Whose boundaries. Reporting manual: an index of exactly 0 is a mild drought, exactly -1
        moderate, -1.5 severe, -2 extreme. Trends.Earth: 0 is no drought, -1 mild, -1.5 moderate,
        -2 severe.

    Returns
    -------
    DataArray or ndarray, int16
        0 no drought, 1 mild, 2 moderate, 3 severe, 4 extreme, -32768 no data.

    Raises
    ------
    ValueError
        Unknown ``compat``.

    References
    ----------
    UNCCD reporting manual, SO3-1, classes of the index (its gaps, for example between -0.99 and
    -1, are closed). Thresholds: ``ldnkit/data/drought_classes.csv``.

    Examples
    --------
    >>> index = np.array([0.1, 0, -1, -1.5, -2, np.nan])
    >>> classes(index).tolist()
    [0, 1, 2, 3, 4, -32768]
    >>> classes(index, compat="trends.earth").tolist()
    [0, 0, 1, 2, 3, -32768]
    """
    if compat not in (None, "", "trends.earth"):
        raise ValueError(f"Unknown compat: found {compat!r}; use None or 'trends.earth'.")
    table = tables.read("drought_classes").dropna(subset="upper")
    uppers = dict(zip(table["code"], table["upper"], strict=True))
    result = xr.apply_ufunc(
        _classes,
        index,
        dask="parallelized",
        output_dtypes=[np.int16],
        kwargs={"uppers": uppers, "boundary": not compat},
    )
    if isinstance(result, xr.DataArray):
        result = result.rename("drought")
        result.attrs = {}
    return result


def _classes(index, *, uppers, boundary):
    """``boundary``: whether a boundary belongs to the drier class."""
    index = np.asarray(index)
    result = np.zeros(index.shape, np.int16)
    for code, upper in uppers.items():
        result[index <= upper if boundary else index < upper] = code
    missing = np.isnan(index) if index.dtype.kind == "f" else index == NODATA
    result[missing] = NODATA
    return result


def worst(classes, *, years) -> xr.DataArray:
    """The highest drought class of every cell in a window of years.

    Parameters
    ----------
    classes : DataArray, dims (year, …), int16
        From :func:`classes`; -32768 is no data.
    years : (int, int)
        First and last year, **both included**: (2000, 2003) are four years.

    Returns
    -------
    DataArray, int16
        No data only where every year is missing. The attribute ``years_used`` lists the years of
        the window that ``classes`` has.

    Raises
    ------
    ValueError
        No dimension year, or years in the wrong order.

    References
    ----------
    UNCCD reporting manual, SO3-1: highest class per four-year window.

    Examples
    --------
    >>> index = xr.DataArray([0, 1, 1, 4, 2], dims="year", coords={"year": range(2000, 2005)})
    >>> found = worst(index.astype("int16"), years=(2000, 2003))
    >>> int(found), found.attrs["years_used"]
    (4, [2000, 2001, 2002, 2003])
    """
    first, last = _years("years", years)
    if "year" not in classes.dims:
        raise ValueError(
            f"The classes need a dimension year: found {classes.dims}; use spi(…, month=12)."
        )
    used = [int(year) for year in classes["year"].values if first <= year <= last]
    if used:  # no data is the smallest code: any class is higher
        result = classes.sel(year=used).max("year").astype(np.int16)
    else:
        result = xr.full_like(classes.isel(year=0, drop=True), NODATA, np.int16)
    result.attrs = {"first": first, "last": last, "years_used": used}
    return result.rename("drought")


def windows(last: int, *, first: int | None = None, length: int | None = None) -> list[tuple]:
    """The windows of the highest class, each with its first and last year, both included.

    Parameters
    ----------
    last : int
        Last year of the reporting; the window it lies in is given whole.
    first, length : int, optional
        By default 2000 and four years.

    Examples
    --------
    >>> windows(2023)[0], windows(2023)[-1], len(windows(2023))
    ((2000, 2003), (2020, 2023), 6)
    """
    first = int(tables.constant("drought_first_year")) if first is None else first
    length = int(tables.constant("drought_window_years")) if length is None else length
    return [(year, year + length - 1) for year in range(first, last + 1, length)]


# ---- behind the functions ------------------------------------------------------------------------


def _index(series, *, kind, scale, reference, fit, month, limit):
    """The index as a DataArray: options and time axis checked, then cell by cell, also lazily."""
    if fit not in FITS:
        raise ValueError(f"Unknown fit: found {fit!r}; use {' or '.join(FITS)}.")
    if not limit > 0:
        raise ValueError(f"The limit must be positive: found {limit}; use for example 3.09.")
    options = {
        "scale": _whole("scale", scale, 1),
        "reference": _years("reference", reference),
        "fit": fit,
        "limit": limit,
        "kind": kind,
    }
    wanted = range(1, 13) if month is None else [_whole("month", month, 1, 12)]
    times = months(series)
    span = {"scale": options["scale"], "reference": options["reference"]}
    stop_on_errors(timeaxis.reference_problems(times, **span, months=wanted))
    if month is None:
        result = timeaxis.over_time(
            lambda values, workers: kernels.index_of_all(values, times, **options, workers=workers),
            series,
            np.float32,
            keep=True,
        )
    else:
        result = timeaxis.over_time(
            lambda values, workers: kernels.index_of_month(
                values, times, **options, month=month, workers=workers
            )[1],
            series,
            np.float32,
            years=[times[row][0] for row in kernels.rows_of_month(times, month)],
        )
    first, last = options["reference"]
    result.attrs = {
        "long_name": f"{kind}-{scale}",
        "units": "1",
        "reference": f"{first}-{last}",
        "distribution": "log-logistic" if kind == "SPEI" else f"gamma ({fit})",
        "limit": limit,
    }
    return result.rename(kind.lower())


def _whole(name: str, value, smallest: int, largest: int | None = None) -> int:
    if isinstance(value, (int, np.integer)) and smallest <= value <= (largest or value):
        return int(value)
    limits = f"from {smallest} to {largest}" if largest else f"of at least {smallest}"
    raise ValueError(f"{name} is a whole number {limits}: found {value!r}; use for example 12.")


def _years(name: str, pair) -> tuple[int, int]:
    first, last = pair
    if first > last:
        raise ValueError(f"{name} is a first and a last year: found {pair}; use ({last}, {first}).")
    return int(first), int(last)

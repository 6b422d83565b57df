"""SO1-2 land productivity: annual values, trend, state, performance and their combination.

The maths runs on plain arrays in :mod:`ldnkit.productivity_kernels`; these functions put labels on.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr

from ldnkit import lookup, tables, vegetation
from ldnkit import productivity_kernels as kernels
from ldnkit.productivity_kernels import SCALE

vegetation_index = vegetation.vegetation_index
annual = vegetation.annual
restrend = vegetation.restrend
use_efficiency = vegetation.use_efficiency


def trend(annual, *, alpha=0.05, compat=None, slope="linear", minimum_years=8, scale=SCALE):
    """Trend of annual productivity: slope and two-sided Mann–Kendall test.

    Parameters
    ----------
    annual : DataArray, dims (year, y, x)
        Annual productivity; NaN or (integers) -32768 is no data. Years may be missing: the
        slope is taken on the years themselves.
    alpha : float
        Significance level.
    compat : None or "trends.earth"
        Trends.Earth's tabulated critical S for the window's length, and slopes of up to 10
        (NDVI × 10 000) a year taken as stable.
    slope : {"linear", "theil_sen"}
        Least squares, or the median of the slopes of all pairs of years.
    minimum_years : int
        A cell with fewer valid years has no data.
    scale : float
        Stored units of an index value of 1; used with ``compat`` only.

    Returns
    -------
    Dataset, dims (y, x)
        ``slope`` (units per year), ``s`` (Mann–Kendall S), ``p``, ``n`` (valid years), ``trend``
        (int16: sign of the slope where significant; 0 where S and slope disagree).

    Raises
    ------
    ValueError
        Unknown option, or ``year`` split over several dask chunks.

    References
    ----------
    UNCCD reporting manual, SO1-2; GPG for SDG 15.3.1, v2; Mann (1945); Kendall (1975); Sen (1968).

    Examples
    --------
    >>> rising = xr.DataArray(np.arange(16.0).reshape(16, 1, 1), dims=("year", "y", "x"),
    ...                       coords={"year": range(2000, 2016)})
    >>> result = trend(rising)
    >>> int(result["s"].item()), int(result["trend"].item()), float(result["slope"].item())
    (120, 1, 1.0)
    """
    years = annual["year"].values
    options = {
        "alpha": alpha,
        "compat": compat,
        "slope": slope,
        "minimum_years": minimum_years,
        "scale": scale,
    }
    names = ("slope", "s", "p", "n", "trend")
    results = _over_years(
        lambda values: kernels.trend(values, years, **options, detail=True),
        annual,
        [np.float64, np.int16, np.float64, np.int16, np.int16],
    )
    return xr.Dataset(dict(zip(names, results, strict=True)))


def state(
    annual,
    *,
    history,
    recent,
    method="percentile",
    compat=None,
    minimum_history=8,
    minimum_recent=2,
    scale=SCALE,
):
    """State of productivity: the recent years against the years before.

    Parameters
    ----------
    annual : DataArray, dims (year, y, x)
        Annual productivity; NaN or (integers) -32768 is no data.
    history, recent : tuple of int
        First and last year, both included, for example (2000, 2012) and (2013, 2015).
    method : {"percentile", "zscore"}
        Deciles of the history (default), or the z-score of the recent mean.
    compat : None or "trends.earth"
        Means that differ by no more than 100 (NDVI × 10 000) are stable.
    minimum_history, minimum_recent : int
        Cells with fewer valid years have no data.
    scale : float
        Stored units of an index value of 1; used with ``compat`` only.

    Returns
    -------
    DataArray, dims (y, x), int16
        -1 degraded, 0 stable, 1 improved, -32768 no data.

    Notes
    -----
    Deciles: the history's values and two more, at 5 % of their range beyond the smallest and the
    largest; linear interpolation between order statistics (Hyndman and Fan 7). The class of a
    mean is 1 + the number of deciles it exceeds; a change of two classes or more counts.
    z-score: (recent mean − μ) / (σ / √ recent years), σ divided by the number of history years;
    beyond ±1.96 counts; σ = 0 is stable.

    References
    ----------
    UNCCD reporting manual, SO1-2; GPG for SDG 15.3.1, v2, productivity state.

    Examples
    --------
    >>> values = np.r_[np.arange(13.0), [20, 20, 20]].reshape(16, 1, 1)
    >>> annual = xr.DataArray(values, dims=("year", "y", "x"), coords={"year": range(2000, 2016)})
    >>> int(state(annual, history=(2000, 2012), recent=(2013, 2015)).item())
    1
    """
    years = annual["year"].values
    options = {
        "method": method,
        "compat": compat,
        "minimum_history": minimum_history,
        "minimum_recent": minimum_recent,
        "scale": scale,
    }
    (result,) = _over_years(
        lambda values: (kernels.state(values, years, history, recent, **options),),
        annual,
        [np.int16],
    )
    return result.rename("state")


def performance_reference(annual, units, *, minimum_years=8, scale=SCALE) -> pd.DataFrame:
    """The 90th percentile of mean productivity within each unit of the whole country.

    Parameters
    ----------
    annual : DataArray, dims (year, y, x)
        Annual productivity of the trend window, cells outside the country without data.
    units : DataArray, dims (y, x), integers
        Land units (soil unit × land cover class); -32768 is no data.
    minimum_years : int
        Cells with fewer valid years do not count.
    scale : float
        Stored units of an index value of 1.

    Returns
    -------
    DataFrame
        ``unit``, ``p90`` (units of ``annual``), ``cells``.

    Notes
    -----
    Means are rounded to 0.1 (NDVI × 10 000) before the percentile, so that a country counted
    block by block gives exactly the same table.

    Examples
    --------
    >>> annual = xr.DataArray(np.full((8, 1, 11), np.arange(0, 1100, 100.0)),
    ...                       dims=("year", "y", "x"))
    >>> performance_reference(annual, xr.zeros_like(annual[0], dtype="int16"))["p90"].tolist()
    [900.0]
    """
    values = np.asarray(annual.transpose("year", ...))
    counts = kernels.reference_counts(
        values, np.asarray(units), minimum_years=minimum_years, scale=scale
    )
    return kernels.reference_from_counts(counts, scale=scale)


def performance(
    annual, units, *, reference=None, threshold=0.5, inclusive=False, minimum_years=8, scale=SCALE
):
    """Performance: mean productivity against the best of the same land unit.

    Parameters
    ----------
    annual : DataArray, dims (year, y, x)
        Annual productivity of the trend window.
    units : DataArray, dims (y, x), integers
        Land units; -32768 is no data.
    reference : DataFrame, optional
        From :func:`performance_reference`; computed here when the arrays are the whole country.
    threshold : float
        Cells whose mean is below this share of the unit's 90th percentile are degraded.
    inclusive : bool
        Exactly the threshold counts too (as in Trends.Earth).

    Returns
    -------
    DataArray, dims (y, x), int16
        -1 degraded, 0 not degraded, -32768 no data (also where the percentile is not positive).
        Performance never improves.

    References
    ----------
    UNCCD reporting manual, SO1-2; GPG for SDG 15.3.1, v2, productivity performance.
    """
    if reference is None:
        reference = performance_reference(annual, units, minimum_years=minimum_years, scale=scale)
    options = {"threshold": threshold, "inclusive": inclusive, "minimum_years": minimum_years}
    _whole_years(annual)
    return xr.apply_ufunc(
        lambda values, unit: kernels.performance(
            np.moveaxis(values, -1, 0), unit, reference, **options
        ),
        annual,
        units,
        input_core_dims=[["year"], []],
        dask="parallelized",
        output_dtypes=[np.int16],
    ).rename("performance")


def dynamics(trend, state, performance):
    """Land productivity dynamics: the five classes of the SO1-2 tables.

    Parameters
    ----------
    trend, state, performance : DataArray or ndarray, int16
        -1, 0, 1 (performance -1, 0); -32768 is no data.

    Returns
    -------
    DataArray or ndarray, int16
        1 declining, 2 moderate decline, 3 stressed, 4 stable, 5 increasing; no data where any
        of the three has no data.

    References
    ----------
    UNCCD reporting manual, SO1-2: look-up table of the five classes.

    Examples
    --------
    >>> dynamics(*np.array([[1, 0, -1], [0, 0, 1], [0, -1, 0]], np.int16)).tolist()
    [5, 3, 1]
    """
    return lookup.apply(
        tables.productivity_dynamics(),
        ["trend", "state", "performance"],
        "lpd",
        trend,
        state,
        performance,
        what="trend, state and performance",
    )


def degradation(lpd):
    """Productivity degradation from the five classes of land productivity dynamics.

    Parameters
    ----------
    lpd : DataArray or ndarray, int16
        1…5; -32768 is no data (0 and 15 of ready-made products must be declared as no data).

    Returns
    -------
    DataArray or ndarray, int16
        Classes 1 and 2 degraded (-1), 3 and 4 stable (0), 5 improved (1).

    Examples
    --------
    >>> degradation(np.array([1, 2, 3, 4, 5], np.int16)).tolist()
    [-1, -1, 0, 0, 1]
    """
    classes = tables.lpd_degradation()
    table = pd.DataFrame({"lpd": list(classes), "degradation": list(classes.values())})
    return lookup.apply(table, ["lpd"], "degradation", lpd, what="land productivity dynamics")


def _over_years(kernel, annual, dtypes):
    """Run a kernel of (years, …) arrays over a DataArray, lazily for dask."""
    _whole_years(annual)
    results = xr.apply_ufunc(
        lambda values: (
            tuple(kernel(np.moveaxis(values, -1, 0)))
            if len(dtypes) > 1
            else kernel(np.moveaxis(values, -1, 0))[0]
        ),
        annual,
        input_core_dims=[["year"]],
        output_core_dims=[[]] * len(dtypes),
        dask="parallelized",
        output_dtypes=dtypes,
    )
    return results if len(dtypes) > 1 else (results,)


def _whole_years(annual):
    chunks = dict(zip(annual.dims, annual.chunks or (), strict=False)).get("year", (1,))
    if len(chunks) > 1:
        raise ValueError(
            f"The years of a cell must lie in one dask chunk: found {len(chunks)} chunks; "
            "use annual.chunk(year=-1)."
        )

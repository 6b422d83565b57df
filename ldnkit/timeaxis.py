"""The time axis of a series: its months in order, none twice, none left out, enough of them.

A month is a pair (year, month), a day (year, month, day). Problems are all told at once.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

import numpy as np
import xarray as xr

from ldnkit import drought_kernels as kernels
from ldnkit import tables
from ldnkit.findings import Finding, InputError, stop_on_errors
from ldnkit.periods import time_spans

#: So many places of a disorder are named; a series turned upside down has hundreds.
NAMED = 5


def months(series) -> list[tuple[int, int]]:
    """Year and month of each step of a monthly series.

    Parameters
    ----------
    series : DataArray with a dimension time, datetime64 or cftime (any calendar)

    Raises
    ------
    InputError
        Months out of order, given twice or missing: each of them is named.
    ValueError
        No dimension time, or a time axis without dates.

    Examples
    --------
    >>> time = xr.date_range("1981-11-01", periods=3, freq="MS")
    >>> months(xr.DataArray(np.zeros(3), dims="time", coords={"time": time}))
    [(1981, 11), (1981, 12), (1982, 1)]
    """
    times = [(int(one.year), int(one.month)) for one in dates(series)]
    stop_on_errors(month_problems(times))
    return times


def dates(series):
    """The dates of a series as an index of pandas timestamps or cftime dates.

    Raises
    ------
    ValueError, InputError
        No dimension time, a time axis without dates, or steps without one.
    TypeError
        Not a DataArray.
    """
    if not isinstance(series, xr.DataArray):
        raise TypeError(
            f"A series is a DataArray: found {type(series).__name__}; take one variable of it."
        )
    if "time" not in series.dims:
        raise ValueError(f"The series needs a dimension time: found {series.dims}; rename yours.")
    index = series["time"].to_index() if "time" in series.coords else None
    if not hasattr(index, "month"):
        found = "none" if index is None else f"values of type {index.dtype}"
        raise ValueError(
            f"The time axis must hold dates: found {found}; decode them (xarray.decode_cf) or "
            "assign them (series.assign_coords(time=…))."
        )
    without = ", ".join(str(step) for step in np.flatnonzero(index.isna()))
    if without:
        found, remedy = f"no date at step {without}", "Give each step its date."
        raise InputError([Finding("error", "time axis", found, "a date at every step", remedy)])
    return index


def month_problems(times: Sequence[tuple[int, int]], where: str = "time axis") -> list[Finding]:
    """What is wrong with the months of a series: order, repeats, gaps.

    Examples
    --------
    >>> print(month_problems([(1981, 1), (1981, 4)])[0].found)
    no 1981-02 to 1981-03
    """
    remedy = "Keep one of each; add up daily values with drought.monthly."
    problems = [*_order(times, where), *_repeats(times, "month", remedy, where)]
    if not times:
        remedy = "Give the months of the series."
        return [Finding("error", where, "no month", "every month of a span of years", remedy)]
    first, last = min(times), max(times)
    numbers = range(12 * first[0] + first[1] - 1, 12 * last[0] + last[1])
    whole = [(number // 12, number % 12 + 1) for number in numbers]
    if missing := sorted(set(whole) - set(times)):
        expected = f"every month from {time_spans([first])} to {time_spans([last])}"
        remedy = 'Insert them as no data: series.resample(time="MS").asfreq().'
        found = f"no {time_spans(missing, whole)}"
        problems.append(Finding("error", where, found, expected, remedy))
    return problems


def day_problems(days: Sequence[tuple[int, int, int]], where: str = "time axis") -> list[Finding]:
    """What is wrong with the days of a series: order and repeats. A day may be missing.

    Examples
    --------
    >>> day_problems([(2001, 2, 28), (2001, 3, 1)])
    []
    """
    remedy = "Keep one of each; add up the hours of a day first."
    return [*_order(days, where), *_repeats(days, "day", remedy, where)]


def monthly(daily, *, minimum_share=None) -> xr.DataArray:
    """Monthly sums of daily values.

    A month needs values on ``minimum_share`` percent of its days, otherwise it is no data.
    The sum of an incomplete month is the sum of the days that are there: it is **not** scaled up
    to the whole month, because nobody knows whether it rained on the others.

    Parameters
    ----------
    daily : DataArray with a dimension time, mm per day
        In order, one value a day; NaN or (integers) -32768 is no data. Days that the axis lacks
        count as missing. Calendars without leap days, or of 360 days, keep their own months.
    minimum_share : float, percent
        By default 85: 27 of 31 days, 26 of 30, 24 of 28.

    Returns
    -------
    DataArray, float64, mm per month
        ``time`` is the first day of every month from the first to the last, none left out.

    Raises
    ------
    InputError
        Days out of order or given twice.

    References
    ----------
    ``drought_minimum_share`` in ``ldnkit/data/constants.csv``.

    Examples
    --------
    >>> time = xr.date_range("2001-01-01", "2001-02-28", freq="D")
    >>> rain = xr.DataArray(np.ones(59), dims="time", coords={"time": time})
    >>> monthly(rain[:-5]).values.tolist()  # 23 of the 28 days of February
    [31.0, nan]
    """
    share = tables.constant("drought_minimum_share") if minimum_share is None else minimum_share
    index = dates(daily)
    stop_on_errors(day_problems([(one.year, one.month, one.day) for one in index]))
    values = xr.apply_ufunc(kernels.floats, daily, dask="parallelized", output_dtypes=[np.float64])
    by_month = values.resample(time="MS")
    total, known = by_month.sum(), by_month.count()
    enough = 100 * known >= share * total["time"].dt.days_in_month - 1e-9
    result = total.where(enough).transpose(*daily.dims).rename(daily.name)
    result.attrs = {"units": "mm"}
    return result


def reference_problems(
    times, *, scale=12, reference=(1981, 2010), months=(12,), where="reference period"
) -> list[Finding]:
    """Whether the time axis gives enough sums in the reference period.

    Parameters
    ----------
    times : sequence of (year, month)
        Sorted and complete.
    scale, reference
        As for :func:`spi`.
    months : iterable of int
        The calendar months whose index is wanted.

    Returns
    -------
    list of Finding
        Fewer sums than 85 % of the years: an error. Fewer than 30, or than years: a warning.

    Examples
    --------
    >>> times = [(year, month) for year in range(1986, 2011) for month in range(1, 13)]
    >>> reference_problems(times)[0].found
    '25 sums of 12 months for month 12'
    """
    first, last = reference
    needed = kernels.needed_sums(reference)
    full = max(int(tables.constant("drought_full_sums")), last - first + 1)
    counts: dict[int, list[int]] = {}
    for month in months:
        rows = kernels.rows_of_month(times, month)
        inside = [row for row in rows if row >= scale - 1 and first <= times[row][0] <= last]
        counts.setdefault(len(inside), []).append(month)
    problems = []
    for count, which in sorted(counts.items()):
        if count >= full:
            continue
        here = ", ".join(str(month) for month in which)
        found = f"{count} sums of {scale} months for month{'s' * (len(which) > 1)} {here}"
        place = f"{where} {first}–{last}"
        if count < needed:
            expected = f"at least {needed} sums for each calendar month"
            ends = f"{time_spans(times[:1])} to {time_spans(times[-1:])}"
            remedy = (
                f"Give a longer series (it goes from {ends}), "
                "another reference, or ask for one calendar month that has enough."
            )
            problems.append(Finding("error", place, found, expected, remedy))
        else:
            remedy = "The index of these months rests on fewer years; say so in the report."
            problems.append(Finding("warning", place, found, f"{full} sums", remedy))
    return problems


def over_time(kernel, series, dtype, *, keep=False, years=None) -> xr.DataArray:
    """Run a kernel of (time, …) arrays over a DataArray, lazily for dask.

    Parameters
    ----------
    kernel : callable
        ``kernel(values, workers) -> array``, with time first in what it takes.
    keep : bool
        The result has the dimension time too.
    years : list of int, optional
        The dimension year takes the place of time. Without both, time goes.
    """
    chunks = dict(zip(series.dims, series.chunks or (), strict=False)).get("time", (1,))
    if len(chunks) > 1:
        raise ValueError(
            f"The time of a cell must lie in one dask chunk: found {len(chunks)} chunks; "
            "use series.chunk(time=-1)."
        )
    name = "time" if keep else "year" if years is not None else None
    workers = 1 if series.chunks else min(os.cpu_count() or 1, 4)  # dask has workers of its own

    def over_last(values):
        result = kernel(np.moveaxis(values, -1, 0), workers)
        return np.moveaxis(result, 0, -1) if name else result

    result = xr.apply_ufunc(
        over_last,
        series,
        input_core_dims=[["time"]],
        output_core_dims=[[name] if name else []],
        dask="parallelized",
        output_dtypes=[dtype],
        dask_gufunc_kwargs={"output_sizes": {"year": len(years)} if name == "year" else {}},
    )
    result.attrs = {}
    if name == "year":
        result = result.assign_coords(year=years)
    order = [name if dim == "time" else dim for dim in series.dims]
    return result.transpose(*(dim for dim in order if dim))


def _order(times, where) -> list[Finding]:
    back = [
        f"{time_spans([later])} after {time_spans([earlier])}"
        for earlier, later in zip(times[:-1], times[1:])
        if later < earlier
    ]
    if not back:
        return []
    more = f" and {len(back) - NAMED} more places" if len(back) > NAMED else ""
    found = ", ".join(back[:NAMED]) + more
    remedy = 'Sort the series: series.sortby("time").'
    return [Finding("error", where, found, "times in order", remedy)]


def _repeats(times, unit, remedy, where) -> list[Finding]:
    seen, repeated = set(), set()
    for time in times:
        (repeated if time in seen else seen).add(time)
    if not repeated:
        return []
    found = f"{time_spans(sorted(repeated), sorted(seen))} more than once"
    return [Finding("error", where, found, f"one value for each {unit}", remedy)]

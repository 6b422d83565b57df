"""Trend, state and performance on plain arrays: years along the first axis, then any cells.

The public functions with labels are in :mod:`ldnkit.productivity`, which documents the methods.
Integers carry -32768 for no data, floats NaN.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from ldnkit import mannkendall, tables
from ldnkit.tables import NODATA

#: Cells handled at once: small enough to stay in the processor's cache.
_CHUNK = 32_768

#: Stored units of an index value of 1 (NDVI × 10 000); the guidance's thresholds are in these.
SCALE = 10_000


def trend(
    values,
    years,
    *,
    alpha=0.05,
    compat=None,
    slope="linear",
    minimum_years=8,
    scale=SCALE,
    detail=False,
):
    """The trend class of every cell of an array (years, …); with ``detail`` also slope, S, p, n."""
    _one_of("slope", slope, ("linear", "theil_sen"))
    _one_of("compat", compat, (None, "trends.earth"))
    years = np.asarray(years, np.float64) - int(years[0])
    length = int(years[-1]) + 1
    if compat and length not in tables.critical_s():
        raise ValueError(
            f"Trends.Earth's table has no critical value for this window: found {length} years; "
            f"use 4 to {max(tables.critical_s())} years or compat=None."
        )
    options = (years, alpha, compat, slope, minimum_years, scale, detail)
    return _by_chunk(lambda chunk: _trend_chunk(chunk, *options), values)


def _trend_chunk(values, years, alpha, compat, slope, minimum_years, scale, detail):
    n = _valid_count(values)
    s, equal = mannkendall.pair_counts(values)
    if slope == "linear":
        rise = _least_squares(values, years, n)
    else:
        rise = _theil_sen(values, years)
    if compat:
        changes = np.abs(s) >= tables.critical_s()[int(years[-1]) + 1]
        changes &= np.abs(rise) > tables.constant("trend_stable_slope") * scale / SCALE
    else:
        changes = mannkendall.significant(values, s, equal, n, alpha)
        changes &= np.sign(s) == np.sign(rise)
    enough = n >= minimum_years
    classes = np.where(changes, np.sign(rise), 0)
    classes = np.where(enough, classes, NODATA).astype(np.int16)
    if not detail:
        return (classes,)
    p = np.where(enough, mannkendall.p_values(values, s, equal, n), np.nan)
    s = np.where(enough, s, NODATA).astype(np.int16)
    return np.where(enough, rise, np.nan), s, p, n.astype(np.int16), classes


def _least_squares(values, years, n):
    """Slope on the years; sums of whole numbers stay exact, so its sign is exact for integers."""
    if values.dtype.kind != "f":
        count, total = len(years), years.sum()
        weights = count * years - total
        return _sum(values, weights) / (count * (years * years).sum() - total * total)
    sum_t, sum_tt = np.zeros(n.shape), np.zeros(n.shape)
    for year, layer in zip(years, values, strict=True):
        valid = ~np.isnan(layer)
        sum_t += year * valid
        sum_tt += year * year * valid
    spread = n * sum_tt - sum_t * sum_t
    rise = n * _sum(values, years) - sum_t * _sum(values)
    return np.divide(rise, spread, out=np.full(n.shape, np.nan), where=spread > 0)


def _theil_sen(values, years):
    values = values.astype(np.float64)
    slopes = [
        (values[later] - values[earlier]) / (years[later] - years[earlier])
        for later in range(1, len(years))
        for earlier in range(later)
    ]
    return _median(np.stack(slopes))


def _median(values):
    """Median along the first axis without NaN; NaN where there is no value."""
    values = np.sort(values, axis=0)
    count = (~np.isnan(values)).sum(axis=0)
    middle = [np.maximum(count - 1, 0) // 2, np.maximum(count, 1) // 2]
    low, high = (np.take_along_axis(values, place[np.newaxis], axis=0)[0] for place in middle)
    return (low + high) / 2


def state(
    values,
    years,
    history,
    recent,
    *,
    method="percentile",
    compat=None,
    minimum_history=8,
    minimum_recent=2,
    scale=SCALE,
):
    """The state class of every cell of an array (years, …)."""
    _one_of("method", method, ("percentile", "zscore"))
    _one_of("compat", compat, (None, "trends.earth"))
    years = np.asarray(years)
    before = (years >= history[0]) & (years <= history[1])
    after = (years >= recent[0]) & (years <= recent[1])
    compare = _by_percentiles if method == "percentile" else _by_z_score
    least = tables.constant("state_stable_difference") * scale / SCALE if compat else None

    def chunk(values):
        old, new = values[before], values[after]
        n_old, n_new = _valid_count(old), _valid_count(new)
        sum_old, sum_new = _sum(old), _sum(new)
        result = compare(old, n_old, sum_old, n_new, sum_new)
        if least is not None:
            result[np.abs(sum_new * n_old - sum_old * n_new) <= least * n_old * n_new] = 0
        enough = (n_old >= minimum_history) & (n_new >= minimum_recent)
        return (np.where(enough, result, NODATA).astype(np.int16),)

    return _by_chunk(chunk, values)


def _by_percentiles(old, n_old, sum_old, n_new, sum_new):
    """Difference of decile classes; decided without a division, so exact for whole numbers."""
    result = np.zeros(len(n_old), np.int16)
    gaps = old.dtype.kind == "f"
    margin, classes = tables.constant("state_margin"), tables.constant("state_class_change")
    ordered = _sorted(np.where(np.isnan(old), np.inf, old) if gaps else old)
    for count in np.unique(n_old):
        if count < 2:
            continue
        here = slice(None) if count == len(old) and (n_old == count).all() else n_old == count
        values = 100.0 * ordered[:count, here]  # in hundredths, so that 5 % of the range is whole
        spread = (values[-1] - values[0]) / 100 * margin
        values = np.concatenate([[values[0] - spread], values, [values[-1] + spread]])
        # a mean exceeds a decile:  sum / n > v[i] + (v[i+1] - v[i]) · r / 10   (v in hundredths)
        left = 1000.0 * sum_new[here], 1000.0 * sum_old[here]
        n = n_new[here].astype(np.float64), n_old[here].astype(np.float64)
        change = np.zeros(values.shape[1], np.int16)
        for decile in range(1, 10):
            i, r = divmod((count + 1) * decile, 10)
            limit = 10 * values[i] + (values[min(i + 1, count + 1)] - values[i]) * r
            for sign, sums, valid in zip((1, -1), left, n, strict=True):
                right = valid * limit
                # beyond by more than the rounding of decimals; whole numbers differ by more
                change += np.int16(sign) * (sums - right > 1e-9 * np.abs(right))
        result[here] = np.where(np.abs(change) >= classes, np.sign(change), 0)
    return result


def _by_z_score(old, n_old, sum_old, n_new, sum_new):
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = sum_old / n_old
        deviation = np.sqrt(_sum((old - mean) ** 2) / n_old)
        z = (sum_new / n_new - mean) / (deviation / np.sqrt(n_new))
    beyond = (np.abs(z) > tables.constant("state_z")) & (deviation > 1e-9 * np.abs(mean))
    return np.where(beyond, np.sign(z), 0).astype(np.int16)


def _sorted(values):
    """Sort along the first axis with a network of exchanges (Batcher): whole rows at a time."""
    rows = list(values.copy())
    for low, high in _exchanges(len(rows)):
        rows[low], rows[high] = (
            np.minimum(rows[low], rows[high]),
            np.maximum(rows[low], rows[high]),
        )
    return np.stack(rows)


def _exchanges(n):
    """Batcher's odd–even merge sort for n rows: the pairs to compare, in order."""
    step = 1
    while step < n:
        gap = step
        while gap >= 1:
            for start in range(gap % step, n - gap, 2 * gap):
                for low in range(start, min(start + gap, n - gap)):
                    if low // (2 * step) == (low + gap) // (2 * step):
                        yield low, low + gap
            gap //= 2
        step *= 2


def reference_counts(values, units, *, minimum_years=8, scale=SCALE) -> pd.DataFrame:
    """How many cells of each unit have each (rounded) mean: partial tables add up."""
    mean = mean_of(values, minimum_years=minimum_years)
    here = ~np.isnan(mean) & (units != NODATA)
    level = np.rint(mean[here] * (10 * SCALE / scale)).astype(np.int64)
    counts = pd.DataFrame({"unit": units[here].astype(np.int64), "level": level})
    return counts.value_counts(sort=False).rename("cells").reset_index()


def reference_from_counts(counts: pd.DataFrame, *, scale=SCALE) -> pd.DataFrame:
    """The table of :func:`performance_reference` from the counts of all blocks."""
    counts = counts.groupby(["unit", "level"], as_index=False)["cells"].sum()
    rows, percentile = [], tables.constant("performance_percentile")
    for unit, group in counts.groupby("unit"):
        upto = group["cells"].cumsum().to_numpy()
        place = (upto[-1] - 1) * percentile / 100
        below, above = np.searchsorted(upto, [int(place), int(np.ceil(place))], side="right")
        level = group["level"].to_numpy()
        value = level[below] + (level[above] - level[below]) * (place - int(place))
        rows.append((int(unit), value * scale / (10 * SCALE), int(upto[-1])))
    return pd.DataFrame(rows, columns=["unit", "p90", "cells"])


def performance(values, units, reference, *, threshold=0.5, inclusive=False, minimum_years=8):
    """The performance class of every cell of an array (years, …)."""
    mean = mean_of(values, minimum_years=minimum_years)
    known = reference["unit"].to_numpy(np.int64)
    p90 = np.append(reference["p90"].to_numpy(np.float64), np.nan)
    order = np.argsort(known)
    place = np.searchsorted(known[order], units) if len(known) else np.zeros(units.shape, int)
    place = np.minimum(place, max(len(known) - 1, 0))
    found = known[order][place] == units if len(known) else np.zeros(units.shape, bool)
    limit = threshold * np.where(found, p90[np.append(order, len(known))[place]], np.nan)
    low = mean <= limit if inclusive else mean < limit
    valid = ~np.isnan(mean) & (limit > 0) & (units != NODATA)
    return np.where(valid, np.where(low, -1, 0), NODATA).astype(np.int16)


def mean_of(values, *, minimum_years=8):
    """Mean of the valid years of every cell, NaN where there are too few; float64."""

    def chunk(values):
        n = _valid_count(values)
        with np.errstate(invalid="ignore", divide="ignore"):
            return (np.where(n >= minimum_years, _sum(values) / n, np.nan),)

    return _by_chunk(chunk, values)


def _by_chunk(kernel, values):
    """Run a kernel over cells in chunks that fit the cache; returns arrays of the cells' shape.

    Cells without gaps keep their integers; cells with gaps come as floats with NaN.
    """
    shape = values.shape[1:]
    flat = values.reshape(len(values), -1)
    results = None
    for start in range(0, flat.shape[1], _CHUNK) or [0]:
        chunk = flat[:, start : start + _CHUNK]
        part = _complete_and_gaps(kernel, chunk)
        if results is None:
            results = [np.empty(flat.shape[1], each.dtype) for each in part]
        for result, each in zip(results, part, strict=True):
            result[start : start + _CHUNK] = each
    results = [result.reshape(shape) for result in results]
    return results[0] if len(results) == 1 else tuple(results)


def _complete_and_gaps(kernel, chunk):
    if chunk.dtype.kind == "f":
        return kernel(chunk)
    missing = chunk == NODATA
    if not missing.any():
        return kernel(chunk)
    gaps = missing.any(axis=0)
    parts = kernel(with_nan(chunk[:, gaps]))
    if gaps.all():
        return parts
    whole = [np.empty(chunk.shape[1], each.dtype) for each in parts]
    for result, holes, others in zip(whole, parts, kernel(chunk[:, ~gaps]), strict=True):
        result[gaps], result[~gaps] = holes, others
    return whole


def with_nan(values):
    """Integers as floats that hold them exactly, with NaN for no data; floats as they are."""
    if values.dtype.kind == "f":
        return values
    wide = values.dtype.itemsize > 2
    floats = values.astype(np.float64 if wide else np.float32)
    floats[values == NODATA] = np.nan
    return floats


def _valid_count(values):
    """How many values of each cell are not missing."""
    if values.dtype.kind != "f":
        return np.full(values.shape[1:], len(values))
    return (~np.isnan(values)).sum(axis=0)


def _sum(values, weights=None):
    """Sum along the first axis in float64, NaN left out; year by year, so always the same order."""
    total = np.zeros(values.shape[1:])
    gaps = values.dtype.kind == "f"
    for place, layer in enumerate(values):
        term = layer if weights is None else weights[place] * layer.astype(np.float64)
        np.add(total, term, out=total, where=~np.isnan(layer) if gaps else True)
    return total


def _one_of(name, value, choices):
    if value not in choices:
        raise ValueError(f"Unknown {name}: found {value!r}; use one of {choices}.")

"""SO1-2 land productivity as Earth Engine graphs, with the rules of :mod:`ldnkit.productivity`.

Collections of annual productivity have one image for each year, with the property ``year``.
Graphs do not grow with the number of years: pairs of years and ranks are mapped on the server.
Percentiles are made from ranks, because how the server interpolates them is not documented.
"""

from __future__ import annotations

import ee
import pandas as pd

from ldnkit import productivity_kernels as kernels
from ldnkit import tables
from ldnkit.productivity_kernels import SCALE
from ldnkit.sources.earthengine import shared
from ldnkit.sources.earthengine.shared import series, valid_count
from ldnkit.sources.earthengine.significance import mann_kendall, p_values, significant


def annual(
    composites: ee.ImageCollection,
    *,
    years: tuple[int, int],
    season: tuple[int, int] | None = None,
    method="integral",
    minimum_share=0.5,
) -> ee.ImageCollection:
    """Annual productivity from the composites of a vegetation index.

    Parameters
    ----------
    composites : ee.ImageCollection
        One band, masked where the quality is poor, with ``system:time_start``.
    years : (int, int)
        First and last year, both included; the composites must hold their whole seasons.
    season, method, minimum_share
        As for :func:`ldnkit.productivity.annual`.

    Returns
    -------
    ee.ImageCollection
        Band ``value`` (double), property ``year``.

    Raises
    ------
    ValueError
        Unknown method, or months outside 1–12.

    References
    ----------
    GPG for SDG 15.3.1, v2: annual integral over the growing season.
    """
    if method not in ("integral", "mean"):
        raise ValueError(f"Unknown method: found {method!r}; use integral or mean.")
    first, last = season or (1, 12)
    if not (1 <= first <= 12 and 1 <= last <= 12):
        raise ValueError(f"A season is two months from 1 to 12: found {season}; use (10, 4).")
    months = (last - first) % 12 + 1
    length = months / 12 if method == "integral" else 1.0

    def of_year(year):
        begin = ee.Date.fromYMD(year, first, 1)
        within = composites.select([0], ["value"]).filterDate(begin, begin.advance(months, "month"))
        held = ee.ImageCollection([shared.blank()]).merge(within.map(lambda one: one.toDouble()))
        valid = valid_count(held)
        least = within.size().multiply(minimum_share)
        mean = held.sum().divide(valid)
        enough = valid.gte(ee.Image.constant(least))
        return mean.multiply(length).updateMask(enough).set("year", year)

    return ee.ImageCollection.fromImages(ee.List.sequence(*years).map(of_year))


def trend(
    annual: ee.ImageCollection,
    *,
    years: tuple[int, int],
    alpha=0.05,
    compat=None,
    slope="linear",
    minimum_years=8,
    scale=SCALE,
    detail=False,
) -> ee.Image:
    """Trend of annual productivity: slope and two-sided Mann–Kendall test.

    Parameters
    ----------
    annual : ee.ImageCollection
        One band; each image has the property ``year``.
    years : (int, int)
        First and last year of the window, both included.
    alpha, compat, slope, minimum_years, scale
        As for :func:`ldnkit.productivity.trend`.
    detail : bool
        Also the bands ``slope``, ``s``, ``p`` and ``n``.

    Returns
    -------
    ee.Image
        ``trend`` (int16: -1, 0, 1), masked where a cell has too few years.

    Raises
    ------
    ValueError
        Unknown option, or a window for which Trends.Earth has no critical value.

    References
    ----------
    UNCCD reporting manual, SO1-2; Mann (1945); Kendall (1975); Sen (1968).
    """
    _one_of("slope", slope, ("linear", "theil_sen"))
    _one_of("compat", compat, (None, "trends.earth"))
    length = years[1] - years[0] + 1
    if compat and length not in tables.critical_s():
        raise ValueError(
            f"Trends.Earth's table has no critical value for this window: found {length} years; "
            f"use 4 to {max(tables.critical_s())} years or compat=None."
        )
    values = series(annual, years)
    n = valid_count(values)
    s, ties = mann_kendall(values)
    rise = (_least_squares if slope == "linear" else _theil_sen)(values, years[0], n)
    if compat:
        changes = s.abs().gte(tables.critical_s()[length])
        least = tables.constant("trend_stable_slope") * scale / SCALE
        changes = changes.And(rise.abs().gt(least))
    else:
        changes = significant(s, ties, n, length=length, alpha=alpha)
        changes = changes.And(s.signum().eq(rise.signum()))
    enough = n.gte(minimum_years)
    found = rise.signum().multiply(changes).updateMask(enough).toInt16().rename(["trend"])
    if not detail:
        return found
    p = p_values(s, ties, n, length=length).rename(["p"])
    others = ee.Image.cat([rise.rename(["slope"]), s.rename(["s"]), p, n.rename(["n"])])
    return found.addBands(others.updateMask(enough))


def _least_squares(values, first, n) -> ee.Image:
    """Slope on the years; sums of whole numbers stay exact, so its sign is exact for integers."""

    def moments(image):
        year = ee.Image.constant(ee.Number(image.get("year")).subtract(first)).toDouble()
        year = year.updateMask(image.mask())
        return ee.Image.cat([image, year, image.multiply(year), year.multiply(year)]).rename(
            ["v", "t", "vt", "tt"]
        )

    sums = values.map(moments).sum()
    v, t, vt, tt = (sums.select([name], ["slope"]) for name in ("v", "t", "vt", "tt"))
    spread = n.multiply(tt).subtract(t.multiply(t))
    rise = n.multiply(vt).subtract(t.multiply(v))
    return rise.divide(spread).updateMask(spread.gt(0))


def _theil_sen(values, first, n) -> ee.Image:
    def with_year(image):
        year = ee.Image.constant(ee.Number(image.get("year")).subtract(first)).toDouble()
        return ee.Image.cat([year, image]).rename(["t", "v"])

    return values.map(with_year).reduce(ee.Reducer.sensSlope()).select(["slope"])


def state(
    annual: ee.ImageCollection,
    *,
    history: tuple[int, int],
    recent: tuple[int, int],
    method="percentile",
    compat=None,
    minimum_history=8,
    minimum_recent=2,
    scale=SCALE,
) -> ee.Image:
    """State of productivity: the recent years against the years before.

    Parameters
    ----------
    annual : ee.ImageCollection
        One band; each image has the property ``year``.
    history, recent, method, compat, minimum_history, minimum_recent, scale
        As for :func:`ldnkit.productivity.state`.

    Returns
    -------
    ee.Image, int16
        -1 degraded, 0 stable, 1 improved; masked where a cell has too few years.

    References
    ----------
    UNCCD reporting manual, SO1-2; GPG for SDG 15.3.1, v2, productivity state.
    """
    _one_of("method", method, ("percentile", "zscore"))
    _one_of("compat", compat, (None, "trends.earth"))
    old, new = series(annual, history), series(annual, recent)
    old_parts = old.sum(), valid_count(old)
    new_parts = new.sum(), valid_count(new)
    compare = _by_percentiles if method == "percentile" else _by_z_score
    found = compare(old, *old_parts, *new_parts)
    (sum_old, n_old), (sum_new, n_new) = old_parts, new_parts
    if compat:
        least = tables.constant("state_stable_difference") * scale / SCALE
        apart = sum_new.multiply(n_old).subtract(sum_old.multiply(n_new)).abs()
        found = found.multiply(apart.gt(n_old.multiply(n_new).multiply(least)))
    enough = n_old.gte(minimum_history).And(n_new.gte(minimum_recent))
    return found.updateMask(enough).toInt16().rename(["state"])


def _by_percentiles(old, sum_old, n_old, sum_new, n_new):
    """Difference of decile classes, decided as the local engine does, without a division.

    The history's values and two more, in order, have the places 0 … n + 1. Decile d lies at the
    place (n + 1) d / 10: linear interpolation gives a value the weight 1 − its distance from
    there. Weights are kept in tenths and values in hundredths, so whole numbers stay whole.
    """
    margin = tables.constant("state_margin")
    deciles = ee.Image.constant(list(range(1, 10))).toDouble()
    deciles = deciles.rename([f"d{number}" for number in range(1, 10)])
    tenths = deciles.multiply(n_old.add(1))

    def weight(place):
        return tenths.subtract(place.multiply(10)).abs().multiply(-1).add(10).max(0)

    def share(image):
        year = ee.Number(image.get("year"))

        def stands_before(other):
            earlier = ee.Image.constant(ee.Number(other.get("year")).lt(year))
            return other.lt(image).Or(other.eq(image).And(earlier))

        place = old.map(stands_before).sum().add(1)
        return weight(place).multiply(image.multiply(100))

    lowest, highest = old.min().multiply(100), old.max().multiply(100)
    beyond = highest.subtract(lowest).divide(100).multiply(margin)
    limits = old.map(share).sum()
    limits = limits.add(weight(ee.Image.constant(0)).multiply(lowest.subtract(beyond)))
    limits = limits.add(weight(n_old.add(1)).multiply(highest.add(beyond)))

    def exceeded(total, n):
        """How many deciles a mean exceeds, by more than the rounding of decimals."""
        right = limits.multiply(n)
        above = right.multiply(-1).add(total.multiply(1000)).gt(right.abs().multiply(1e-9))
        return above.reduce(ee.Reducer.sum())

    change = exceeded(sum_new, n_new).subtract(exceeded(sum_old, n_old))
    counts = change.abs().gte(tables.constant("state_class_change")).And(n_old.gte(2))
    return change.signum().multiply(counts)


def _by_z_score(old, sum_old, n_old, sum_new, n_new):
    mean = sum_old.divide(n_old)
    squares = old.map(lambda image: image.subtract(mean).multiply(image.subtract(mean)))
    deviation = squares.sum().divide(n_old).sqrt()
    away = sum_new.divide(n_new).subtract(mean)
    z = away.divide(deviation.divide(n_new.sqrt()))
    beyond = z.abs().gt(tables.constant("state_z"))
    return z.signum().multiply(beyond.And(deviation.gt(mean.abs().multiply(1e-9))))


def mean(annual: ee.ImageCollection, *, years: tuple[int, int], minimum_years=8) -> ee.Image:
    """Mean of the valid years of every cell, double; masked where there are too few."""
    values = series(annual, years)
    n = valid_count(values)
    return values.sum().divide(n).updateMask(n.gte(minimum_years)).rename(["mean"])


def performance_counts(
    mean: ee.Image, units: ee.Image, *, region: ee.Geometry, crs: str, crs_transform, scale=SCALE
) -> ee.Dictionary:
    """First of two steps: how many cells of each unit have each (rounded) mean.

    Parameters
    ----------
    mean : ee.Image
        From :func:`mean`, on the window of the trend.
    units : ee.Image, integers
        Land units: soil unit × 100 000 + land cover class.
    region : ee.Geometry
        The whole country; a cell counts when its centre lies inside.
    crs, crs_transform
        The grid on which cells are counted.

    Returns
    -------
    ee.Dictionary
        Give its ``getInfo()`` to :func:`performance_reference`.
    """
    level = shared.rint(mean.multiply(10 * SCALE / scale)).toInt32().rename(["level"])
    return level.addBands(units.select([0], ["unit"]).toInt32()).reduceRegion(
        reducer=ee.Reducer.frequencyHistogram().unweighted().group(1, "unit"),
        geometry=region,
        crs=crs,
        crsTransform=list(crs_transform),
        maxPixels=1e13,
        tileScale=4,
    )


def performance_reference(answer: dict, *, scale=SCALE) -> pd.DataFrame:
    """The 90th percentile of mean productivity of each unit: unit, p90, cells.

    Parameters
    ----------
    answer : dict
        What :func:`performance_counts` gave; dictionaries of several parts of a country may be
        joined by joining their lists ``groups``.

    Examples
    --------
    >>> answer = {"groups": [{"unit": 7, "histogram": {"10000": 3, "90000": 8}}]}
    >>> performance_reference(answer).values.tolist()
    [[7.0, 9000.0, 11.0]]
    """
    rows = [
        (int(group["unit"]), int(float(level)), round(cells))
        for group in answer["groups"]
        for level, cells in group["histogram"].items()
    ]
    counts = pd.DataFrame(rows, columns=["unit", "level", "cells"])
    return kernels.reference_from_counts(counts, scale=scale)


def performance(
    mean: ee.Image, units: ee.Image, *, reference: pd.DataFrame, threshold=0.5, inclusive=False
) -> ee.Image:
    """Second step: mean productivity against the best of the same land unit.

    Parameters
    ----------
    mean : ee.Image
        From :func:`mean`.
    units : ee.Image, integers
    reference : DataFrame
        From :func:`performance_reference`, or from the local engine. It travels in the graph:
        about 30 bytes for each unit.
    threshold, inclusive
        As for :func:`ldnkit.productivity.performance`.

    Returns
    -------
    ee.Image, int16
        -1 degraded, 0 not degraded; masked where mean, unit or a positive percentile is missing.

    References
    ----------
    UNCCD reporting manual, SO1-2; GPG for SDG 15.3.1, v2, productivity performance.
    """
    limits = threshold * reference["p90"].to_numpy(float)
    positive = limits > 0
    codes, limits = reference["unit"].to_numpy(int)[positive].tolist(), limits[positive].tolist()
    # a list that is not empty, for a country in which no unit has a positive percentile
    limit = units.select([0]).toInt32().remap(codes or [-1], limits or [0.0]).toDouble()
    low = mean.lte(limit) if inclusive else mean.lt(limit)
    found = low.multiply(-1).updateMask(limit.gt(0))
    return found.toInt16().rename(["performance"])


def dynamics(trend: ee.Image, state: ee.Image, performance: ee.Image) -> ee.Image:
    """Land productivity dynamics 1…5; masked where any of the three is masked.

    References
    ----------
    UNCCD reporting manual, SO1-2: look-up table of the five classes.
    """
    names = ["trend", "state", "performance"]
    return shared.lookup(tables.productivity_dynamics(), names, "lpd", trend, state, performance)


def degradation(lpd: ee.Image) -> ee.Image:
    """Productivity degradation (-1, 0, 1) from the five classes."""
    classes = tables.lpd_degradation()
    table = pd.DataFrame({"lpd": list(classes), "degradation": list(classes.values())})
    return shared.lookup(table, ["lpd"], "degradation", lpd)


def _one_of(name, value, choices):
    if value not in choices:
        raise ValueError(f"Unknown {name}: found {value!r}; use one of {choices}.")

"""Slow reference implementations: one cell at a time, written from the methods text alone.

Nothing here imports ldnkit.  Speed does not matter; every function should be obviously right.
Exact arithmetic (``fractions``) is used wherever a class hangs on an equality.
"""

from __future__ import annotations

import math
from fractions import Fraction
from functools import cache
from itertools import combinations

NODATA = -32768


def is_missing(value) -> bool:
    """True for None, NaN and the no data code."""
    return value is None or value != value or value == NODATA


def sign(value) -> int:
    return (value > 0) - (value < 0)


# ------------------------------------------------------------------ land cover

ESA_CCI = {
    1: [50, 60, 61, 62, 70, 71, 72, 80, 81, 82, 90, 100],
    2: [110, 120, 121, 122, 130, 140, 150, 151, 152, 153],
    3: [10, 11, 12, 20, 30, 40],
    4: [160, 170, 180],
    5: [190],
    6: [200, 201, 202, 220],
    7: [210],
}

# Rows: class in the first year.  Columns: class in the last year.
# Order in both: tree, grass, crop, wetland, artificial, other, water.
LAND_COVER_MATRIX = (
    (0, -1, -1, -1, -1, -1, 0),  # tree
    (1, 0, 1, -1, -1, -1, 0),  # grass
    (1, -1, 0, -1, -1, -1, 0),  # crop
    (-1, -1, -1, 0, -1, -1, 0),  # wetland
    (1, 1, 1, 1, 0, 1, 0),  # artificial
    (1, 1, 1, 1, -1, 0, 0),  # other
    (0, 0, 0, 0, 0, 0, 0),  # water
)


def land_cover_degradation(first, last, matrix=LAND_COVER_MATRIX) -> int:
    if is_missing(first) or is_missing(last):
        return NODATA
    return matrix[int(first) - 1][int(last) - 1]


def land_cover_transition(first, last) -> int:
    if is_missing(first) or is_missing(last):
        return NODATA
    return int(first) * 100 + int(last)


# ---------------------------------------------------------------- productivity


def kendall_s(values) -> int:
    """S = sum of sign(later - earlier) over every pair of valid values."""
    valid = [value for value in values if not is_missing(value)]
    return sum(sign(later - earlier) for earlier, later in combinations(valid, 2))


@cache
def orders_by_inversions(n) -> tuple[int, ...]:
    """How many of the n! orders of n different values have 0, 1, 2, ... inversions."""
    counts = [1]
    for size in range(2, n + 1):
        # The largest of `size` values may stand before 0, 1, ..., size - 1 of the others.
        wider = [0] * (len(counts) + size - 1)
        for inversions, number in enumerate(counts):
            for more in range(size):
                wider[inversions + more] += number
        counts = wider
    return tuple(counts)


def kendall_exact_p(s, n) -> Fraction:
    """P(|S| >= |s|) when every order of n different values is equally likely."""
    pairs = n * (n - 1) // 2
    extreme = sum(
        number
        for inversions, number in enumerate(orders_by_inversions(n))
        if abs(pairs - 2 * inversions) >= abs(s)
    )
    return Fraction(extreme, math.factorial(n))


def kendall_normal_p(s, values) -> float:
    """Two-sided p from the normal approximation, corrected for ties and for continuity."""
    valid = [value for value in values if not is_missing(value)]
    n = len(valid)
    variance = n * (n - 1) * (2 * n + 5)
    for value in set(valid):
        tied = valid.count(value)
        variance -= tied * (tied - 1) * (2 * tied + 5)
    variance = Fraction(variance, 18)
    if s == 0 or variance == 0:
        return 1.0
    z = (abs(s) - 1) / math.sqrt(variance)
    return math.erfc(z / math.sqrt(2))


def linear_slope(years, values) -> Fraction:
    pairs = [(Fraction(t), Fraction(v)) for t, v in zip(years, values) if not is_missing(v)]
    mean_year = sum(t for t, _ in pairs) / len(pairs)
    mean_value = sum(v for _, v in pairs) / len(pairs)
    above = sum((t - mean_year) * (v - mean_value) for t, v in pairs)
    return above / sum((t - mean_year) ** 2 for t, _ in pairs)


def theil_sen_slope(years, values) -> Fraction:
    pairs = [(Fraction(t), Fraction(v)) for t, v in zip(years, values) if not is_missing(v)]
    slopes = sorted((v2 - v1) / (t2 - t1) for (t1, v1), (t2, v2) in combinations(pairs, 2))
    middle = len(slopes) // 2
    if len(slopes) % 2:
        return slopes[middle]
    return (slopes[middle - 1] + slopes[middle]) / 2


# Trends.Earth's "95 %" critical values of S for windows of 4 to 26 years.
TRENDS_EARTH_S = dict(
    zip(
        range(4, 27),
        [4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 31, 33, 36, 40, 43, 47, 50, 54, 59, 63, 66, 70, 75],
    )
)


def trend(years, values, *, alpha="0.05", compat=None, slope="linear", minimum_years=8):
    """(slope, S, p, n, class) of one cell; slope and p are None and S is None without data."""
    valid = [value for value in values if not is_missing(value)]
    n = len(valid)
    if n < minimum_years:
        return None, None, None, n, NODATA
    change = {"linear": linear_slope, "theil_sen": theil_sen_slope}[slope](years, values)
    s = kendall_s(values)
    tied = len(set(valid)) < n
    p = kendall_normal_p(s, values) if tied or n > 40 else kendall_exact_p(s, n)
    if compat == "trends.earth":
        # The sign is that of the slope, whatever the sign of S.
        window = years[-1] - years[0] + 1
        changes = abs(s) >= TRENDS_EARTH_S[window] and abs(change) > 10
    else:
        changes = p <= Fraction(alpha) and sign(s) == sign(change)
    return change, s, p, n, sign(change) if changes else 0


def percentile(values, percent) -> Fraction:
    """Linear interpolation between order statistics (Hyndman and Fan, type 7)."""
    ordered = sorted(Fraction(value) for value in values)
    position = Fraction(percent, 100) * (len(ordered) - 1)
    below = math.floor(position)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (position - below) * (ordered[above] - ordered[below])


def mean(values) -> Fraction:
    return sum(Fraction(value) for value in values) / len(values)


def state_class(value, history) -> int:
    """Class 1 to 10 among the deciles of the history with its two extra values."""
    lowest, highest = Fraction(min(history)), Fraction(max(history))
    margin = (highest - lowest) * Fraction(5, 100)
    sample = [*history, lowest - margin, highest + margin]
    return 1 + sum(value > percentile(sample, decile) for decile in range(10, 100, 10))


def state(
    history,
    recent,
    *,
    method="percentile",
    compat=None,
    minimum_history=8,
    minimum_recent=2,
) -> int:
    history = [value for value in history if not is_missing(value)]
    recent = [value for value in recent if not is_missing(value)]
    if len(history) < minimum_history or len(recent) < minimum_recent:
        return NODATA
    before, after = mean(history), mean(recent)
    if compat == "trends.earth" and abs(after - before) <= 100:
        return 0
    if method == "percentile":
        difference = state_class(after, history) - state_class(before, history)
        if difference <= -2:
            return -1
        return 1 if difference >= 2 else 0
    variance = sum((Fraction(value) - before) ** 2 for value in history) / len(history)
    if variance == 0:
        return 0
    # |z| > 1.96, squared: no root needed, so the comparison is exact.
    z_squared = (after - before) ** 2 / (variance / len(recent))
    return sign(after - before) if z_squared > Fraction("1.96") ** 2 else 0


def performance_reference(means_by_cell, units) -> dict[int, tuple[Fraction, int]]:
    """Unit -> (90th percentile of the cells' means, number of cells)."""
    cells: dict[int, list] = {}
    for value, unit in zip(means_by_cell, units):
        if not is_missing(value) and not is_missing(unit):
            cells.setdefault(int(unit), []).append(value)
    return {unit: (percentile(values, 90), len(values)) for unit, values in cells.items()}


def performance(value, p90, *, threshold="0.5", inclusive=False) -> int:
    if is_missing(value) or is_missing(p90):
        return NODATA
    ratio = Fraction(value) / Fraction(p90)
    limit = Fraction(threshold)
    return -1 if ratio < limit or (inclusive and ratio == limit) else 0


def productivity_dynamics(trend, state, performance) -> int:
    if is_missing(trend) or is_missing(state) or is_missing(performance):
        return NODATA
    if trend == 1:
        return 2 if (state, performance) == (-1, -1) else 5
    if trend == -1:
        return 1
    if state == 1:
        return 4
    if state == 0:
        return 4 if performance == 0 else 3
    return 2 if performance == 0 else 1


def productivity_degradation(lpd) -> int:
    if is_missing(lpd):
        return NODATA
    return {1: -1, 2: -1, 3: 0, 4: 0, 5: 1}[int(lpd)]


def residuals(annual, climate) -> list:
    """Annual productivity minus its linear regression on climate (RESTREND)."""
    pairs = [(c, a) for c, a in zip(climate, annual) if not (is_missing(c) or is_missing(a))]
    slope = linear_slope([c for c, _ in pairs], [a for _, a in pairs])
    mean_climate = mean([c for c, _ in pairs])
    mean_annual = mean([a for _, a in pairs])
    return [
        None
        if is_missing(c) or is_missing(a)
        else Fraction(a) - mean_annual - slope * (Fraction(c) - mean_climate)
        for c, a in zip(climate, annual)
    ]


# ------------------------------------------------------------------------ soil

# Rows: class before.  Columns: class after.  tree grass crop wetland artificial other water
SOIL_FACTORS = (
    ("1", "1", "f", "1", "0.1", "0.1", "1"),  # tree
    ("1", "1", "f", "1", "0.1", "0.1", "1"),  # grass
    ("1/f", "1/f", "1", "1/0.71", "0.1", "0.1", "1"),  # crop
    ("1", "1", "0.71", "1", "0.1", "0.1", "1"),  # wetland
    ("2", "2", "2", "2", "1", "1", "1"),  # artificial
    ("2", "2", "2", "2", "1", "1", "1"),  # other
    ("1", "1", "1", "1", "1", "1", "1"),  # water
)

# IPCC climate zone -> f; zone 0 has none.
CLIMATE_FACTORS = {
    1: "0.69", 2: "0.80", 3: "0.69", 4: "0.80", 5: "0.69", 6: "0.80", 7: "0.69", 8: "0.80",
    9: "0.64", 10: "0.48", 11: "0.48", 12: "0.58",
}  # fmt: skip


def soil_factor(before, after, f) -> Fraction | None:
    text = SOIL_FACTORS[int(before) - 1][int(after) - 1]
    if "f" in text:
        if is_missing(f):
            return None
        return Fraction(f) if text == "f" else 1 / Fraction(f)
    above, _, below = text.partition("/")
    return Fraction(above) / Fraction(below or 1)


def soil_stocks(reference, land_cover, f, *, timing="start") -> dict[int, Fraction | None]:
    """Stock of every year from the first to the last map.

    ``land_cover`` is {year: class}; the first map is of the reference year.  From a conversion
    on, the stock moves along a straight line, over 20 years, from the stock reached at that
    moment to that stock times the factor; the next conversion starts a new line.
    A map without data is left out of the cell's sequence; after its last map nothing is known.
    """
    first, end = min(land_cover), max(land_cover)
    mapped = sorted(year for year in land_cover if not is_missing(land_cover[year]))
    stocks: dict[int, Fraction | None] = {year: None for year in range(first, end + 1)}
    if is_missing(reference) or first not in mapped:
        return stocks
    start, origin, factor = Fraction(mapped[0]), Fraction(reference), Fraction(1)

    def on_the_line(year):
        if factor is None or origin is None:
            return None
        steps = min(max(year - start, Fraction(0)), Fraction(20))
        return origin + origin * (factor - 1) * steps / 20

    stocks[first] = Fraction(reference)
    for earlier, later in zip(mapped, mapped[1:]):
        before, after = land_cover[earlier], land_cover[later]
        changed = before != after
        moment = Fraction(earlier)
        if timing == "middle" and later - earlier > 1:
            moment = Fraction(earlier + later, 2)
        for year in range(earlier + 1, later + 1):
            if changed and year > moment:
                reached = on_the_line(moment)
                start, origin, factor = moment, reached, soil_factor(before, after, f)
                changed = False
            stocks[year] = on_the_line(Fraction(year))
    return stocks


def soil_change(first, last) -> Fraction | None:
    """Percent change, rounded to a millionth."""
    if is_missing(first) or is_missing(last) or first == 0:
        return None
    return round((Fraction(last) - Fraction(first)) / Fraction(first) * 100, 6)


def soil_degradation(change, *, threshold=10, inclusive=False) -> int:
    if is_missing(change):
        return NODATA
    if abs(change) > threshold or (inclusive and abs(change) == threshold):
        return sign(change)
    return 0


# ----------------------------------------------------------------- degradation


def one_out_all_out(productivity, land_cover, soil, *, missing="manual") -> int:
    layers = [productivity, land_cover, soil]
    some_missing = any(is_missing(value) for value in layers)
    if missing == "trends.earth" and some_missing:
        return NODATA
    if -1 in layers:
        return -1
    if some_missing:
        return NODATA
    return 1 if 1 in layers else 0


# (baseline, period) -> (status, detailed class)
STATUS = {
    (-1, -1): (-1, 1),  # persistent degradation
    (0, -1): (-1, 2),  # recent degradation
    (1, -1): (-1, 2),
    (-1, 0): (-1, 3),  # baseline degradation
    (0, 0): (0, 4),  # stability
    (1, 0): (1, 5),  # baseline improvement
    (-1, 1): (1, 6),  # recent improvement
    (0, 1): (1, 6),
    (1, 1): (1, 7),  # persistent improvement
}


def status(baseline, period) -> int:
    if is_missing(baseline) or is_missing(period):
        return NODATA
    return STATUS[int(baseline), int(period)][0]


def status_detail(baseline, period) -> int:
    if is_missing(baseline) or is_missing(period):
        return NODATA
    return STATUS[int(baseline), int(period)][1]


def recode(value, degraded_to=None, stable_to=None, improved_to=None) -> int:
    """None leaves the class as it is; no data stays no data."""
    if is_missing(value):
        return NODATA
    target = {-1: degraded_to, 0: stable_to, 1: improved_to}[int(value)]
    return int(value) if target is None else target


# ----------------------------------------------------------------------- areas

WGS84_A = 6378137.0
WGS84_F = 1 / 298.257223563


def ellipsoid_band_area(south, north, width) -> float:
    """km² between two latitudes and over ``width`` degrees of longitude, by quadrature.

    Integrates M N cos(latitude): the meridian and prime vertical radii of curvature.  Gauss's
    rule with 10 points on pieces of at most 2 degrees is exact to rounding.
    """
    import numpy as np

    e2 = WGS84_F * (2 - WGS84_F)
    nodes, weights = np.polynomial.legendre.leggauss(10)
    pieces = max(1, math.ceil((north - south) / 2))
    edges = [south + (north - south) * piece / pieces for piece in range(pieces + 1)]
    total = 0.0
    for low, high in zip(edges, edges[1:]):
        low, high = math.radians(low), math.radians(high)
        for node, weight in zip(nodes, weights):
            latitude = (low + high) / 2 + node * (high - low) / 2
            root = 1 - e2 * math.sin(latitude) ** 2
            meridian = WGS84_A * (1 - e2) / root**1.5
            prime_vertical = WGS84_A / root**0.5
            total += weight * meridian * prime_vertical * math.cos(latitude) * (high - low) / 2
    return total * math.radians(width) / 1e6


def crosstab(area, **layers) -> dict[tuple[int, ...], tuple[float, int]]:
    """(class of each layer) -> (area, cells) over flat sequences."""
    found: dict[tuple[int, ...], tuple[float, int]] = {}
    for index, size in enumerate(area):
        key = tuple(int(layer[index]) for layer in layers.values())
        total, cells = found.get(key, (0.0, 0))
        found[key] = (total + size, cells + 1)
    return found

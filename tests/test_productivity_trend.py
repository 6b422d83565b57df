"""Productivity trend against enumeration, scipy, pymannkendall and a slow reference."""

import math
from fractions import Fraction
from itertools import permutations

import numpy as np
import pymannkendall
import pytest
import reference
import scipy.stats
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from series import BASELINE, NODATA, random_series, row, stack

from ldnkit import mannkendall, productivity, tables


def one_trend(series, years=None, **options):
    """Slope, S, p, n and class of one series."""
    found = productivity.trend(stack([series], years), **options)
    return {name: found[name].item() for name in ("slope", "s", "p", "n", "trend")}


def with_inversions(n, inversions):
    """The numbers 1…n in an order with exactly so many inversions, evenly spread."""
    order, made = [], 0
    for value in range(1, n + 1):
        due = inversions * value * (value - 1) // (n * (n - 1))
        order.insert(len(order) - (due - made), value)
        made = due
    return order


def series_with_s(n, s):
    pairs = n * (n - 1) // 2
    series = with_inversions(n, (pairs - s) // 2)
    assert reference.kendall_s(series) == s
    return series


# ---------------------------------------------------------------- the test's own tools


@pytest.mark.parametrize("n", range(1, 8))
def test_reference_p_by_enumeration(n):
    """Every order of n values, one by one: the distribution of S."""
    every = [reference.kendall_s(order) for order in permutations(range(n))]
    for s in range(n * (n - 1) // 2 + 1):
        extreme = sum(abs(value) >= s for value in every)
        assert reference.kendall_exact_p(s, n) == Fraction(extreme, math.factorial(n))
        assert mannkendall.exact_p(n)[s] == pytest.approx(extreme / math.factorial(n), rel=1e-14)


# ------------------------------------------------------------------- exact Mann–Kendall


@pytest.mark.parametrize(("n", "s"), [(15, 41), (16, 46)])
def test_critical_s_of_the_manual(n, s):
    """5 % is |S| ≥ 41 at n = 15 and ≥ 46 at n = 16; S moves in steps of two."""
    for sign in (1, -1):
        # Only sparsely disordered series: the slope has the sign of S.
        at = one_trend(series_with_s(n, sign * s))
        below = one_trend(series_with_s(n, sign * (s - 2)))
        assert (at["s"], at["trend"]) == (sign * s, sign)
        assert (below["s"], below["trend"]) == (sign * (s - 2), 0)
        assert at["p"] <= 0.05 < below["p"]


@pytest.mark.parametrize("n", [8, 9, 13, 15, 16, 24, 40])
def test_exact_p_equals_scipy(n):
    random = np.random.default_rng(n)
    series = [random.permutation(n) * 10 + rise * np.arange(n) for rise in (0, 1, 3, 7)]
    series = [each for each in series if len(set(each)) == n] + [list(range(n))]
    assert len(series) > 1
    years = range(1984, 1984 + n)
    found = productivity.trend(stack(series, years))
    for cell, each in enumerate(series):
        p = scipy.stats.kendalltau(list(years), each, method="exact").pvalue
        assert found["p"].values.ravel()[cell] == pytest.approx(p, rel=1e-9)


def test_exact_up_to_40_and_normal_beyond():
    for n, exact in ((40, True), (41, False)):
        series = np.random.default_rng(n).normal(size=n) + 0.03 * np.arange(n)
        p = one_trend(series, range(1984, 1984 + n))["p"]
        if exact:
            expected = scipy.stats.kendalltau(range(n), series, method="exact").pvalue
        else:
            expected = pymannkendall.original_test(series).p
        assert p == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("levels", [2, 3, 5, 10])
def test_ties_equal_pymannkendall(levels):
    random = np.random.default_rng(levels)
    series = random.integers(0, levels, (30, 16)) + (np.arange(16) * levels // 20)
    found = productivity.trend(stack(series))
    for cell, each in enumerate(series):
        assert len(set(each.tolist())) < 16
        expected = pymannkendall.original_test(each)
        assert found["s"].values.ravel()[cell] == expected.s
        assert found["p"].values.ravel()[cell] == pytest.approx(expected.p, rel=1e-9)
        significant = expected.p <= 0.05
        assert (found["trend"].values.ravel()[cell] != 0) <= significant


def test_constant_series_has_no_trend():
    found = one_trend([5000] * 16)
    assert found == {"slope": 0, "s": 0, "p": 1, "n": 16, "trend": 0}


# ---------------------------------------------------------------------- slopes, gaps


def test_slope_is_per_year():
    assert one_trend([3 * t + 7 for t in range(16)])["slope"] == pytest.approx(3)


def test_mistake_10_missing_years_keep_their_distance():
    """Ten years, of which four are missing: a rise of 10 a year stays 10 a year."""
    years = [2000, 2001, 2002, 2007, 2008, 2009, 2014, 2015]
    series = [10 * (year - 2000) for year in years]
    for slope in ("linear", "theil_sen"):
        assert one_trend(series, years, slope=slope)["slope"] == pytest.approx(10)
        gaps = [10 * (y - 2000) if y in years else np.nan for y in BASELINE]
        assert one_trend(gaps, slope=slope)["slope"] == pytest.approx(10)
        assert one_trend(gaps, slope=slope)["n"] == 8


def test_slope_of_a_broken_series():
    # By position the slope would be 16.4; on the years it is smaller.
    years = [2000, 2001, 2002, 2003, 2004, 2005, 2014, 2015]
    series = [0, 10, 20, 30, 40, 50, 60, 70]
    expected = np.polyfit(years, series, 1)[0]
    assert one_trend(series, years)["slope"] == pytest.approx(expected)
    assert expected < 6
    sen = scipy.stats.theilslopes(series, years).slope
    assert one_trend(series, years, slope="theil_sen")["slope"] == pytest.approx(sen)


def test_s_and_slope_of_different_sign_are_stable():
    # Fourteen small rises and one collapse: S = 91 − 14 = 77, but the line goes down.
    series = [*range(1, 15), -1000]
    found = one_trend(series)
    assert found["s"] == 77
    assert found["p"] < 0.001
    assert found["slope"] < 0
    assert found["trend"] == 0
    # The median slope is not impressed by one year.
    assert one_trend(series, slope="theil_sen")["trend"] == 1


def test_trends_earth_takes_the_sign_of_the_slope():
    # Its code compares |S| and then looks at the slope only.
    series = [*range(100, 1500, 100), -100_000]
    assert one_trend(series)["trend"] == 0
    assert one_trend(series, compat="trends.earth")["trend"] == -1


@pytest.mark.parametrize("valid", [0, 1, 7, 8, 9])
def test_eight_valid_years_are_enough(valid):
    series = [100.0 * t if t < valid else np.nan for t in range(16)]
    found = one_trend(series)
    assert found["n"] == valid
    if valid < 8:
        assert found["trend"] == NODATA
        assert np.isnan(found["slope"])
        assert np.isnan(found["p"])
    else:
        assert found["trend"] == 1
    assert one_trend(series, minimum_years=10)["trend"] == NODATA


def test_n_of_the_pixel_decides():
    """With 10 valid years the exact test is that of n = 10, whatever the window."""
    # n = 10: |S| ≥ 23 is 5 %: p(23) = 0.0466, p(21) = 0.0726
    for s, expected in ((23, 1), (21, 0)):
        series = [1000 + 10 * value for value in series_with_s(10, s)]
        gaps = [*series[:5], *[np.nan] * 6, *series[5:]]
        found = one_trend(gaps)
        assert (found["n"], found["s"], found["trend"]) == (10, s, expected)


def test_mistake_11_missing_years_never_count_as_zero():
    """SEPAL mistake 11: rejected observations entering means as 0."""
    values = np.array([[5000 + t for t in range(16)]], np.int16)
    values[0, [3, 9]] = NODATA
    found = productivity.trend(stack(values, dtype=np.int16))
    assert found["slope"].item() == pytest.approx(1)
    assert found["n"].item() == 14
    means = productivity.performance_reference(
        stack(values, dtype=np.int16), xr.DataArray([[1]], dims=("y", "x"))
    )
    assert means["p90"].item() == pytest.approx(np.delete(values[0], [3, 9]).mean(), abs=0.05)


# ------------------------------------------------------------------ Trends.Earth switch


def test_critical_values_of_trends_earth():
    assert tables.critical_s() == reference.TRENDS_EARTH_S


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize(("n", "critical"), reference.TRENDS_EARTH_S.items())
def test_trends_earth_at_and_below_every_critical_s(n, critical, sign):
    # Steps of 1000, so that the slope is steep enough; the table allows S itself.
    options = {"compat": "trends.earth", "minimum_years": 4}
    years = range(2000, 2000 + n)
    at = [1000.0 * value for value in series_with_s(n, sign * critical)]
    below = [1000.0 * value for value in series_with_s(n, sign * (critical - 2))]
    expected_at = reference.trend(list(years), at, **options)
    assert one_trend(at, years, **options)["trend"] == expected_at[-1] == sign
    assert one_trend(below, years, **options)["trend"] == 0


def test_trends_earth_is_more_lenient_than_five_percent():
    series = [1000.0 * value for value in series_with_s(16, 38)]
    assert one_trend(series)["trend"] == 0
    assert one_trend(series, compat="trends.earth")["trend"] == 1


@pytest.mark.parametrize("sign", [1, -1])
def test_trends_earth_slope_of_exactly_ten_is_stable(sign):
    ten = [5000 + sign * 10 * t for t in range(16)]
    more = [*ten[:-1], ten[-1] + sign]
    for series, expected in ((ten, 0), (more, sign)):
        assert one_trend(series, compat="trends.earth")["trend"] == expected
        assert one_trend(series)["trend"] == sign
    assert one_trend(ten, compat="trends.earth")["slope"] == sign * 10
    # Ten NDVI × 10 000 are 0.001 in an index from -1 to 1.
    for factor, expected in ((0.9, 0), (1.1, sign)):
        series = [0.5 + sign * factor * 0.001 * t for t in range(16)]
        assert one_trend(series, compat="trends.earth", scale=1)["trend"] == expected


def test_trends_earth_counts_the_window_not_the_valid_years():
    """n = length of the window: with 10 of 16 years the critical S stays 36."""
    for s, expected in ((37, 1), (35, 0)):
        series = [1000.0 * value for value in series_with_s(10, s)]
        gaps = [*series[:5], *[np.nan] * 6, *series[5:]]
        assert one_trend(gaps, compat="trends.earth")["trend"] == expected
        # The same when the years have no layer at all.
        years = [*range(2000, 2005), *range(2011, 2016)]
        assert one_trend(series, years, compat="trends.earth")["trend"] == expected


# --------------------------------------------------------------- many series, all options

OPTIONS = [
    {},
    {"alpha": 0.1},
    {"slope": "theil_sen"},
    {"minimum_years": 12},
    {"compat": "trends.earth"},
]


@pytest.mark.parametrize("dtype", [np.int16, np.int32, np.float32, np.float64])
@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_trend_of_many_series(options, dtype):
    series = random_series(seed=1)
    years = [2000, 2001, *range(2003, 2017)]  # a year without a layer
    if "compat" in options:
        years = BASELINE
    values = series.astype(dtype)
    if np.dtype(dtype).kind == "f":
        values[series == NODATA] = np.nan
    found = productivity.trend(stack(values, years, dtype), **options)
    found = {name: found[name].values.ravel() for name in found}
    exact = options | ({"alpha": str(options["alpha"])} if "alpha" in options else {})
    classes = set()
    for cell, each in enumerate(series.tolist()):
        slope, s, p, n, expected = reference.trend(years, each, **exact)
        assert found["n"][cell] == n
        assert found["trend"][cell] == expected, (cell, each)
        classes.add(expected)
        if expected != NODATA:
            assert found["s"][cell] == s
            assert found["p"][cell] == pytest.approx(float(p), rel=1e-9, abs=1e-15)
            assert found["slope"][cell] == pytest.approx(float(slope), rel=1e-9, abs=1e-9)
    assert classes == {-1, 0, 1, NODATA}


def test_numba_and_numpy_give_the_same(monkeypatch):
    if mannkendall.njit is None:
        pytest.skip("numba is not installed: there is only the NumPy path")
    series = random_series(seed=2, cells=500)
    gaps = np.where(series == NODATA, np.nan, series)
    for values in (series, gaps):
        compiled = productivity.trend(stack(values, dtype=values.dtype))
        with monkeypatch.context() as patch:
            patch.setattr(mannkendall, "njit", None)
            plain = productivity.trend(stack(values, dtype=values.dtype))
        xr.testing.assert_identical(compiled, plain)


def test_unknown_options():
    annual = stack([range(16)])
    with pytest.raises(ValueError, match="slope"):
        productivity.trend(annual, slope="cubic")
    with pytest.raises(ValueError, match="compat"):
        productivity.trend(annual, compat="sepal")


# ------------------------------------------------------------------------- invariants


@settings(max_examples=20)
@given(seed=st.integers(0, 10_000))
def test_order_of_cells_does_not_matter(seed):
    series = random_series(seed=9, cells=40)
    order = np.random.default_rng(seed).permutation(40)
    straight = productivity.trend(stack(series, dtype=np.int16))["trend"].values.ravel()
    shuffled = productivity.trend(stack(series[order], dtype=np.int16))["trend"].values.ravel()
    assert (shuffled == straight[order]).all()


@settings(max_examples=20)
@given(seed=st.integers(0, 1000))
def test_time_reversed_is_sign_reversed(seed):
    series = random_series(seed, cells=20)
    forward = productivity.trend(stack(series, dtype=np.int16))
    back = productivity.trend(stack(series[:, ::-1], dtype=np.int16))
    valid = forward["trend"].values != NODATA
    assert (back["trend"].values[valid] == -forward["trend"].values[valid]).all()
    assert (back["s"].values[valid] == -forward["s"].values[valid]).all()
    np.testing.assert_allclose(back["p"], forward["p"], rtol=1e-12)


def test_more_cells_than_one_chunk():
    """Kernels work in chunks of cells: every chunk gives what it would give alone."""
    series = random_series(seed=11, cells=200)
    many = np.tile(series, (250, 1))  # 50 000 cells
    few = productivity.trend(stack(series, dtype=np.int16))["trend"].values.ravel()
    found = productivity.trend(stack(many, dtype=np.int16))["trend"].values.ravel()
    assert (found.reshape(250, 200) == few).all()


@settings(max_examples=20)
@given(shift=st.integers(-1000, 1000), factor=st.integers(1, 3))
def test_zero_and_unit_do_not_matter(shift, factor):
    series = random_series(seed=10, cells=60)
    plain = np.where(series == NODATA, np.nan, series)
    moved = plain * factor + shift
    assert row(productivity.trend(stack(moved))["trend"]) == row(
        productivity.trend(stack(plain))["trend"]
    )

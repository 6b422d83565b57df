"""Productivity state: deciles, z-score, boundaries, against numpy and a slow reference."""

import math
from fractions import Fraction

import numpy as np
import pytest
import reference
from hypothesis import given, settings
from hypothesis import strategies as st
from series import HISTORY, NODATA, RECENT, random_series, row, stack

from ldnkit import productivity


def one_state(series, **options):
    options = {"history": HISTORY, "recent": RECENT} | options
    return row(productivity.state(stack([series]), **options))[0]


# ----------------------------------------------------------------------------- state


def test_percentiles_equal_numpy():
    random = np.random.default_rng(5)
    for n in (2, 10, 15):
        values = random.integers(0, 10_000, n).tolist()
        for percent in range(0, 101, 10):
            assert float(reference.percentile(values, percent)) == pytest.approx(
                np.percentile(values, percent, method="linear")
            )


def test_state_by_hand():
    # History 1000, 2000 … 13000: range 12000, extra values 400 and 13600.
    # Fifteen values, decile k at position 1.4 k: p10 = 1400, p20 = 2800, p30 = 4200, …,
    # p50 = 7000, …, p90 = 12600.  Mean 7000 does not exceed p50: class 5.
    history = [1000.0 * k for k in range(1, 14)]
    deciles = [float(np.percentile([400, *history, 13600], d)) for d in range(10, 100, 10)]
    assert deciles == pytest.approx([1400, 2800, 4200, 5600, 7000, 8400, 9800, 11200, 12600])
    for recent, expected in [
        (400, -1),  # class 1, four below
        (4200, -1),  # not above p30: class 3, two below
        (4201, 0),  # class 4, one below
        (7000, 0),
        (8400, 0),  # not above p60: class 6, one above
        (8401, 1),  # class 7, two above
        (20000, 1),
    ]:
        assert one_state([*history, *[recent] * 3]) == expected, recent


def test_state_extra_values_matter():
    # Without the two extra values p10 of 1…13 thousand would be 2200, with them 1400.
    history = [1000.0 * k for k in range(1, 14)]
    assert reference.state_class(Fraction(2000), [1000 * k for k in range(1, 14)]) == 2
    assert reference.percentile([1000 * k for k in range(1, 14)], 10) == 2200
    assert one_state([*history, *[2000.0] * 3]) == -1


@pytest.mark.parametrize("difference", range(-4, 6))
def test_state_two_classes(difference):
    """Recent mean in the middle of each class: the history mean is in class 5."""
    history = [1000.0 * k for k in range(1, 14)]
    middle = 700 + 1400 * (4 + difference)
    series = [*history, *[float(middle)] * 3]
    assert reference.state_class(Fraction(middle), [int(v) for v in history]) == 5 + difference
    assert one_state(series) == (-1 if difference <= -2 else 1 if difference >= 2 else 0)


def test_state_enough_years():
    rising = [1000.0 * k for k in range(1, 14)]
    lost = np.nan
    for missing_history, missing_recent, expected in [
        (5, 0, 1), (6, 0, NODATA), (0, 1, 1), (0, 2, NODATA), (5, 1, 1), (13, 3, NODATA),
    ]:  # fmt: skip
        series = [*rising, *[20000.0] * 3]
        series[:missing_history] = [lost] * missing_history
        series[13 : 13 + missing_recent] = [lost] * missing_recent
        assert one_state(series) == expected, (missing_history, missing_recent)


@pytest.mark.parametrize("method", ["percentile", "zscore"])
@given(level=st.floats(1 / 64, 1, width=32), double=st.booleans())
def test_state_of_a_constant_series_is_stable(method, level, double):
    """Rounding must not turn a constant series of decimals into change."""
    dtype = np.float64 if double else np.float32
    annual = stack([[level] * 16], dtype=dtype) * dtype(1.1)
    result = productivity.state(annual, history=HISTORY, recent=RECENT, method=method, scale=1)
    assert row(result) == [0]


def z_history():
    """Thirteen integers around 5000 whose variance is exactly 7500: σ / √3 = 50."""
    # Deviations 0 and six pairs ± d; the d² add up to 48 750 = 13 · 7500 / 2.
    deviations = [5, 10, 30, 75, 140, 150]
    history = [5000, *(5000 + d for d in deviations), *(5000 - d for d in deviations)]
    assert sum((value - 5000) ** 2 for value in history) == 13 * 7500
    return history


@pytest.mark.parametrize("sign", [-1, 1])
@pytest.mark.parametrize(("difference", "changes"), [(97, 0), (98, 0), (99, 1)])
def test_z_score_at_196(sign, difference, changes):
    # z = 98 / 50 = 1.96 exactly: not beyond.
    recent = [5000 + sign * difference] * 3
    assert one_state([*z_history(), *recent], method="zscore") == sign * changes
    assert reference.state(z_history(), recent, method="zscore") == sign * changes


def test_z_score_divides_by_thirteen():
    # ÷ 13 gives σ = √7500; ÷ 12 would give 90.1 and z(99) = 1.90: not degraded.
    history = z_history()
    assert np.std(history) == pytest.approx(math.sqrt(7500))
    assert 99 / (np.std(history, ddof=1) / math.sqrt(3)) < 1.96
    assert one_state([*history, 5099, 5099, 5099], method="zscore") == 1


def test_z_score_without_spread_is_stable():
    assert one_state([5000] * 13 + [9000] * 3, method="zscore") == 0


@pytest.mark.parametrize("sign", [1, -1])
def test_trends_earth_difference_of_100_is_stable(sign):
    # A narrow history: a small change of the mean is a change of many classes.
    history = [5000 + k for k in range(-6, 7)]
    for difference, compat, expected in [
        (100, "trends.earth", 0), (101, "trends.earth", sign), (100, None, sign),
    ]:  # fmt: skip
        series = [*history, *[5000 + sign * difference] * 3]
        assert one_state(series, compat=compat) == expected
    # The same as an index from -1 to 1.
    for difference, expected in ((0.0099, 0), (0.0101, sign)):
        series = [0.5 + 0.0001 * k for k in range(-6, 7)] + [0.5 + sign * difference] * 3
        assert one_state(series, compat="trends.earth", scale=1) == expected


@given(
    thirds=st.integers(1, 10_000),
    valid=st.sampled_from([9, 12]),
    sign=st.sampled_from([1, -1]),
)
def test_trends_earth_difference_of_exactly_100_with_thirds(thirds, valid, sign):
    """Means that are no whole numbers may still differ by exactly 100."""
    # recent mean = thirds / 3 + 1000; history mean = the same ∓ 100, from `valid` years
    recent = [1000, 1000, 1000 + thirds]
    total = valid * 1000 + thirds * valid // 3 - sign * 100 * valid
    history = [total // valid] * valid
    history[0] += total - sum(history)
    series = [np.nan] * (13 - valid) + history + recent
    assert reference.mean(recent) - reference.mean(history) == sign * 100
    assert one_state(series, compat="trends.earth") == 0


@pytest.mark.parametrize("dtype", [np.int16, np.int32, np.float32, np.float64])
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"compat": "trends.earth"},
        {"method": "zscore"},
        {"minimum_history": 10, "minimum_recent": 3},
    ],
    ids=str,
)
def test_state_of_many_series(options, dtype):
    series = random_series(seed=4, cells=400)
    values = series.astype(dtype)
    if np.dtype(dtype).kind == "f":
        values[series == NODATA] = np.nan
    found = productivity.state(
        stack(values, dtype=dtype), history=HISTORY, recent=RECENT, **options
    )
    assert found.dtype == np.int16
    expected = [reference.state(each[:13], each[13:], **options) for each in series.tolist()]
    assert row(found) == expected
    assert set(expected) == {-1, 0, 1, NODATA}


def test_state_uses_only_its_years():
    """Mistake 9: windows wrong by one year. Values outside the windows change nothing."""
    history = [1000.0 * k for k in range(1, 14)]
    years = range(1998, 2018)
    series = [99_000.0, 99_000.0, *history, *[8401.0] * 3, -99_000.0, -99_000.0]
    found = productivity.state(stack([series], years), history=HISTORY, recent=RECENT)
    assert row(found) == [1]


def test_modis_baseline_starts_in_2001():
    # 12 years of history: 2001–2012.
    series = [1000.0 * k for k in range(2, 14)] + [20000.0] * 3
    found = productivity.state(
        stack([series], range(2001, 2016)), history=(2001, 2012), recent=RECENT
    )
    assert row(found) == [1]


@settings(max_examples=20)
@given(shift=st.integers(-1000, 1000), factor=st.integers(1, 3))
def test_zero_and_unit_do_not_matter(shift, factor):
    series = random_series(seed=10, cells=60)
    plain = np.where(series == NODATA, np.nan, series)
    moved = plain * factor + shift
    windows = {"history": HISTORY, "recent": RECENT}
    for method in ("percentile", "zscore"):
        assert row(productivity.state(stack(moved), method=method, **windows)) == row(
            productivity.state(stack(plain), method=method, **windows)
        )


def test_unknown_method():
    with pytest.raises(ValueError, match="method"):
        productivity.state(stack([range(16)]), history=HISTORY, recent=RECENT, method="mean")

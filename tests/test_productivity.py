"""Annual productivity, performance, dynamics and climate correction."""

from fractions import Fraction
from itertools import product

import numpy as np
import pandas as pd
import pytest
import reference
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from series import BASELINE, NODATA, random_series, row, stack

from ldnkit import productivity

# ------------------------------------------------------------------ vegetation indices


def test_indices_by_hand():
    red, nir, blue = np.array([0.1]), np.array([0.5]), np.array([0.05])
    # NDVI 0.4 / 0.6; EVI 2.5 · 0.4 / (0.5 + 0.6 − 0.375 + 1); EVI2 1 / (0.5 + 0.24 + 1)
    # MSAVI2 (2 − √(4 − 3.2)) / 2
    expected = {
        "ndvi": 2 / 3,
        "evi": 1 / 1.725,
        "evi2": 1 / 1.74,
        "msavi2": (2 - 0.8**0.5) / 2,
    }
    for index, value in expected.items():
        found = productivity.vegetation_index(red, nir, blue, index=index)
        assert np.asarray(found).item() == pytest.approx(value), index
    assert np.asarray(productivity.vegetation_index(red, nir)).item() == pytest.approx(2 / 3)


def test_index_without_light_or_data():
    red, nir = np.array([0.0, np.nan, 0.1]), np.array([0.0, 0.4, np.nan])
    assert np.isnan(productivity.vegetation_index(red, nir)).all()


def test_index_refusals():
    with pytest.raises(ValueError, match="savi"):
        productivity.vegetation_index(np.ones(1), np.ones(1), index="savi")
    with pytest.raises(ValueError, match="blue"):
        productivity.vegetation_index(np.ones(1), np.ones(1), index="evi")


# ----------------------------------------------------------------- annual productivity


def composites(values, start="2000-01-01", frequency="MS", dtype=float):
    time = pd.date_range(start, periods=len(values), freq=frequency)
    values = np.array(values, dtype).reshape(-1, 1, 1)
    return xr.DataArray(values, dims=("time", "y", "x"), coords={"time": time})


def by_year(found):
    """{year: value} without the years that have no data."""
    values = found.values.ravel().tolist()
    pairs = zip(found.year.values.tolist(), values, strict=True)
    return {year: value for year, value in pairs if value == value}


MONTHS = [float(month) for month in range(1, 13)]


def test_calendar_year_by_default():
    found = by_year(productivity.annual(composites(MONTHS + [10 * m for m in MONTHS])))
    assert found == pytest.approx({2000: 6.5, 2001: 65})


def test_season_within_the_year():
    # April to September: mean 6.5, half a year long.
    vi = composites(MONTHS * 2)
    assert by_year(productivity.annual(vi, season=(4, 9), method="mean")) == pytest.approx(
        {2000: 6.5, 2001: 6.5}
    )
    assert by_year(productivity.annual(vi, season=(4, 9))) == pytest.approx(
        {2000: 3.25, 2001: 3.25}
    )


def test_season_across_the_year_end():
    """Southern hemisphere: October to March belongs to the year in which it begins."""
    values = np.zeros(36)
    values[9:15] = range(1, 7)  # October 2000 to March 2001: mean 3.5
    values[21:27] = range(11, 17)  # October 2001 to March 2002: mean 13.5
    found = by_year(productivity.annual(composites(values), season=(10, 3), method="mean"))
    assert found[2000] == pytest.approx(3.5)
    assert found[2001] == pytest.approx(13.5)


def test_half_seasons_at_the_ends_are_no_seasons():
    """January to April 2000 is the end of a season that began before the record."""
    found = by_year(productivity.annual(composites(MONTHS * 3), season=(10, 4), method="mean"))
    assert 1999 not in found
    assert sorted(found) == [2000, 2001]


def test_mistake_11_missing_composites_never_count_as_zero():
    """Mistake 11: rejected observations entering means as 0."""
    values = [0.5] * 12
    values[3] = values[7] = np.nan
    assert by_year(productivity.annual(composites(values))) == pytest.approx({2000: 0.5})
    stored = [5000] * 12
    stored[3] = stored[7] = NODATA
    found = productivity.annual(composites(stored, dtype=np.int16))
    assert by_year(found) == pytest.approx({2000: 5000})


@pytest.mark.parametrize(("valid", "share", "enough"), [
    (6, 0.5, True), (5, 0.5, False), (9, 0.75, True), (8, 0.75, False), (0, 0.0, False),
])  # fmt: skip
def test_minimum_share(valid, share, enough):
    values = [0.5] * valid + [np.nan] * (12 - valid)
    found = by_year(productivity.annual(composites(values), minimum_share=share))
    assert found == ({2000: 0.5} if enough else {})


def test_sixteen_day_composites():
    vi = composites(np.linspace(0.2, 0.6, 23), frequency="16D")
    assert by_year(productivity.annual(vi)) == pytest.approx({2000: 0.4})


def test_annual_feeds_the_trend():
    vi = composites(np.repeat(np.arange(16) * 100.0, 12))
    found = productivity.annual(vi)
    assert found.dims[0] == "year"
    assert found.year.values.tolist() == BASELINE
    assert productivity.trend(found)["trend"].item() == 1


def test_annual_refusals():
    vi = composites(MONTHS)
    with pytest.raises(ValueError, match="method"):
        productivity.annual(vi, method="sum")
    with pytest.raises(ValueError, match="13"):
        productivity.annual(vi, season=(1, 13))
    with pytest.raises(ValueError, match="time"):
        productivity.annual(vi.rename(time="date"))


# ------------------------------------------------------------------------ performance


def units_of(values):
    return xr.DataArray(np.array([values], np.int32), dims=("y", "x"))


def constant(means, years=16):
    """Cells with the same value every year."""
    return stack([[mean] * years for mean in means], BASELINE[:years])


def test_performance_reference_by_hand():
    # Unit 1: 0, 1000 … 10000: position 0.9 × 10 = 9: 9000.  Unit 2: 4000 and 8000: 7600.
    means = [1000.0 * k for k in range(11)] + [4000.0, 8000.0]
    table = productivity.performance_reference(constant(means), units_of([1] * 11 + [2] * 2))
    assert table["unit"].tolist() == [1, 2]
    assert table["p90"].tolist() == pytest.approx([9000, 7600])
    assert table["cells"].tolist() == [11, 2]


def test_performance_at_exactly_half():
    # p90 of 0, 1000 … 10000 is 9000: half of it is 4500.
    means = [1000.0 * k for k in range(11)]
    units = units_of([1] * 11)
    table = productivity.performance_reference(constant(means), units)
    cells = constant([4499.0, 4500.0, 4501.0])
    for inclusive, expected in ((False, [-1, 0, 0]), (True, [-1, -1, 0])):
        found = productivity.performance(
            cells, units_of([1, 1, 1]), reference=table, inclusive=inclusive
        )
        assert row(found) == expected


def test_performance_other_threshold():
    table = productivity.performance_reference(constant([10_000.0]), units_of([1]))
    cells = constant([3000.0, 4000.0, 6000.0])
    for threshold, expected in ((0.3, [0, 0, 0]), (0.5, [-1, -1, 0]), (0.7, [-1, -1, -1])):
        found = productivity.performance(
            cells, units_of([1, 1, 1]), reference=table, threshold=threshold
        )
        assert row(found) == expected


def test_performance_without_data():
    means = [1000.0, 9000.0, 9000.0, 9000.0, 9000.0]
    annual = constant(means)
    annual[9:, 0, 1] = np.nan  # 9 valid years: enough
    annual[7:, 0, 2] = np.nan  # 7 valid years: not enough
    found = productivity.performance(annual, units_of([1, 1, 1, NODATA, 1]))
    assert row(found) == [-1, 0, NODATA, NODATA, 0]
    table = productivity.performance_reference(annual, units_of([1, 1, 1, NODATA, 1]))
    assert table["cells"].tolist() == [3]


def test_performance_of_a_unit_that_is_not_in_the_table():
    table = productivity.performance_reference(constant([9000.0]), units_of([1]))
    found = productivity.performance(constant([9000.0, 9000.0]), units_of([1, 2]), reference=table)
    assert row(found) == [0, NODATA]


def test_performance_never_improves_and_ignores_other_units():
    means = [100.0, 200.0, 5000.0, 10_000.0]
    found = productivity.performance(constant(means), units_of([1, 1, 2, 2]))
    # p90 of unit 1 is 190, of unit 2 9500: the poor unit is judged by its own best.
    assert row(found) == [0, 0, 0, 0]
    together = productivity.performance(constant(means), units_of([1, 1, 1, 1]))
    assert row(together) == [-1, -1, 0, 0]  # p90 = 8500


def test_performance_of_many_cells():
    series = random_series(seed=7, cells=600, levels=(500, 9000))
    units = np.random.default_rng(7).choice([1, 17, 305, 30_000, NODATA], 600)
    annual = stack(series, dtype=np.int16)
    table = productivity.performance_reference(annual, units_of(units))
    found = row(productivity.performance(annual, units_of(units)))
    means = []
    for each in series.tolist():
        valid = [value for value in each if value != NODATA]
        means.append(reference.mean(valid) if len(valid) >= 8 else None)
    expected = reference.performance_reference(means, units)
    assert table["unit"].tolist() == sorted(expected)
    decided = 0
    for unit, p90, cells in table[["unit", "p90", "cells"]].itertuples(index=False):
        assert cells == expected[unit][1]
        assert p90 == pytest.approx(float(expected[unit][0]), abs=0.1)  # NDVI × 10 000
    for cell, (mean, unit) in enumerate(zip(means, units, strict=True)):
        if mean is None or unit == NODATA:
            assert found[cell] == NODATA
            continue
        p90 = expected[unit][0]
        if abs(mean - p90 / 2) > Fraction(1, 10):  # rounding of the table cannot matter
            assert found[cell] == reference.performance(mean, p90)
            decided += 1
    assert decided > 300
    assert set(found) == {-1, 0, NODATA}


def test_performance_whole_country_is_the_default():
    series = random_series(seed=8, cells=100)
    units = units_of(np.random.default_rng(8).integers(1, 4, 100))
    annual = stack(series, dtype=np.int16)
    table = productivity.performance_reference(annual, units)
    xr.testing.assert_identical(
        productivity.performance(annual, units),
        productivity.performance(annual, units, reference=table),
    )


# -------------------------------------------------------------------------- dynamics


def classes(values):
    return xr.DataArray(np.array([values], np.int16), dims=("y", "x"))


def test_all_eighteen_rows_and_no_data():
    combinations = list(product([-1, 0, 1, NODATA], [-1, 0, 1, NODATA], [-1, 0, NODATA]))
    assert sum(NODATA not in each for each in combinations) == 18
    trend, state, performance = (
        classes([each[place] for each in combinations]) for place in range(3)
    )
    lpd = productivity.dynamics(trend, state, performance)
    assert lpd.dtype == np.int16
    assert row(lpd) == [reference.productivity_dynamics(*each) for each in combinations]
    status = productivity.degradation(lpd)
    assert row(status) == [
        reference.productivity_degradation(reference.productivity_dynamics(*each))
        for each in combinations
    ]


@pytest.mark.parametrize(
    ("trend", "state", "performance", "lpd", "status"),
    [
        # The manual's table, row by row.
        (1, 1, 0, 5, 1), (1, 1, -1, 5, 1), (1, 0, 0, 5, 1), (1, 0, -1, 5, 1), (1, -1, 0, 5, 1),
        (1, -1, -1, 2, -1),
        (0, 1, 0, 4, 0), (0, 1, -1, 4, 0),
        (0, 0, 0, 4, 0),
        (0, 0, -1, 3, 0),
        (0, -1, 0, 2, -1),
        (0, -1, -1, 1, -1),
        (-1, 1, 0, 1, -1), (-1, 1, -1, 1, -1), (-1, 0, 0, 1, -1), (-1, 0, -1, 1, -1),
        (-1, -1, 0, 1, -1), (-1, -1, -1, 1, -1),
    ],
)  # fmt: skip
def test_dynamics_row_by_row(trend, state, performance, lpd, status):
    found = productivity.dynamics(classes([trend]), classes([state]), classes([performance]))
    assert row(found) == [lpd]
    assert row(productivity.degradation(found)) == [status]


def test_ready_made_dynamics():
    assert row(productivity.degradation(classes([1, 2, 3, 4, 5, NODATA]))) == [
        -1, -1, 0, 0, 1, NODATA,
    ]  # fmt: skip


@pytest.mark.parametrize("code", [0, 15])
def test_fill_values_of_ready_made_dynamics_are_never_stable(code):
    """LPD 0 and 15 in JRC rasters mean no data; undeclared they stop the work."""
    with pytest.raises(ValueError, match=str(code)):
        productivity.degradation(classes([1, code]))


# ------------------------------------------------------------------ climate correction


def test_residuals_by_hand():
    # Rain 100, 200, 300; NDVI 1, 3, 2: the line 2 + (rain − 200) / 200 leaves −0.5, 1, −0.5.
    rain, ndvi = stack([[100, 200, 300]]), stack([[1, 3, 2]])
    assert row(productivity.restrend(ndvi, rain)) == pytest.approx([-0.5, 1, -0.5])


def test_rain_alone_leaves_no_trend():
    rain = [100.0 + 17 * t + 30 * (t % 3) for t in range(16)]
    ndvi = [5 * value + 700 for value in rain]
    annual, climate = stack([ndvi]), stack([rain])
    assert productivity.trend(annual)["trend"].item() == 1
    np.testing.assert_allclose(productivity.restrend(annual, climate), 0, atol=1e-9)


def test_residuals_of_many_cells():
    series = random_series(seed=13, cells=60).astype(float)
    series[series == NODATA] = np.nan
    rain = np.random.default_rng(13).integers(100, 900, series.shape).astype(float)
    rain[3, 4] = np.nan
    found = productivity.restrend(stack(series), stack(rain)).transpose("year", "y", "x")
    found = found.values[:, 0, :].T
    for cell in range(60):
        valid = ~np.isnan(series[cell]) & ~np.isnan(rain[cell])
        assert (np.isnan(found[cell]) == ~valid).all()
        expected = reference.residuals(series[cell][valid], rain[cell][valid])
        np.testing.assert_allclose(
            found[cell][valid], [float(value) for value in expected], rtol=1e-9, atol=1e-6
        )


@pytest.mark.parametrize("rain", [300.0, 0.1, 0.7, 1 / 3])
def test_rain_that_never_varies_explains_nothing(rain):
    found = productivity.restrend(stack([range(15)]), stack([[rain] * 15]))
    assert np.isnan(found).all()


def test_use_efficiency():
    found = productivity.use_efficiency(
        stack([[6, 6, 6, np.nan, 6]]), stack([[2, 0, np.nan, 3, 0.5]])
    )
    np.testing.assert_array_equal(found.values.ravel(), [3, np.nan, np.nan, np.nan, 12])


# -------------------------------------------------------------------------- invariants


@settings(max_examples=20)
@given(seed=st.integers(0, 1000))
def test_performance_does_not_depend_on_the_order_of_cells(seed):
    series = random_series(seed=14, cells=50)
    units = np.random.default_rng(14).integers(1, 4, 50)
    order = np.random.default_rng(seed).permutation(50)
    straight = row(productivity.performance(stack(series, dtype=np.int16), units_of(units)))
    shuffled = row(
        productivity.performance(stack(series[order], dtype=np.int16), units_of(units[order]))
    )
    assert shuffled == [straight[place] for place in order]


def test_integers_and_floats_are_equal():
    series = random_series(seed=15, cells=200)
    units = units_of(np.random.default_rng(15).integers(1, 4, 200))
    floats = np.where(series == NODATA, np.nan, series)
    stored = stack(series, dtype=np.int16)
    for dtype in (np.float32, np.float64):
        other = stack(floats, dtype=dtype)
        xr.testing.assert_equal(
            productivity.performance(stored, units), productivity.performance(other, units)
        )
        pd.testing.assert_frame_equal(
            productivity.performance_reference(stored, units),
            productivity.performance_reference(other, units),
        )

"""Soil organic carbon: hand-worked stocks, every pair of classes, thresholds to the bit."""

from fractions import Fraction
from itertools import product

import numpy as np
import pandas as pd
import pytest
import reference
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from ldnkit import soil

NODATA = -32768
TREE, GRASS, CROP, WETLAND, ARTIFICIAL, OTHER, WATER = range(1, 8)


def one_cell(cover, *, stock=100.0, f=0.80, **options):
    """Stocks of one cell by year; ``cover`` is {year: class}."""
    land_cover = xr.DataArray(
        np.array(list(cover.values()), np.int16).reshape(-1, 1, 1),
        dims=("year", "y", "x"),
        coords={"year": list(cover)},
    )
    grid = {"dims": ("y", "x")}
    result = soil.stocks(
        xr.DataArray([[stock]], **grid), land_cover, xr.DataArray([[f]], **grid), **options
    )
    return dict(zip(result.year.values.tolist(), result.values.ravel().tolist(), strict=True))


def yearly(first, last, classes):
    """{year: class}, the last class that began at or before the year; classes = {year: class}."""
    return {
        year: classes[max(begin for begin in classes if begin <= year)]
        for year in range(first, last + 1)
    }


# --------------------------------------------------------------------- hand cases


def test_grass_to_crop_over_the_baseline():
    # 100 × (1 − 0.20 × 15/20) = 85: −15 %
    stocks = one_cell({2000: GRASS, 2015: CROP})
    assert list(stocks) == list(range(2000, 2016))
    assert stocks[2000] == 100
    assert stocks[2001] == pytest.approx(99)
    assert stocks[2015] == pytest.approx(85)


def test_grass_to_crop_over_the_reporting_period():
    # 7 steps from 2016 to 2023: 100 × (1 − 0.20 × 7/20) = 93: −7 %
    stocks = one_cell({2000: GRASS, 2016: GRASS, 2023: CROP})
    assert stocks[2016] == 100
    assert stocks[2023] == pytest.approx(93)
    assert float(soil.change(stocks[2016], stocks[2023])) == pytest.approx(-7)


def test_yearly_maps_begin_in_the_year_first_seen():
    # Still grass in 2004, crop in 2005: the first 1/20 counts in 2005.
    stocks = one_cell(yearly(2000, 2010, {2000: GRASS, 2005: CROP}))
    assert stocks[2004] == 100
    assert stocks[2005] == pytest.approx(99)
    assert stocks[2010] == pytest.approx(94)


def test_sparse_maps_begin_after_the_earlier_map():
    stocks = one_cell({2000: GRASS, 2004: GRASS, 2010: CROP})
    assert stocks[2004] == 100
    assert stocks[2005] == pytest.approx(99)
    assert stocks[2010] == pytest.approx(94)


def test_middle_timing():
    # Half of 15 years: 100 × (1 − 0.20 × 7.5/20) = 92.5
    stocks = one_cell({2000: GRASS, 2015: CROP}, timing="middle")
    assert stocks[2007] == 100
    assert stocks[2008] == pytest.approx(99.5)
    assert stocks[2015] == pytest.approx(92.5)


def test_middle_timing_leaves_yearly_maps_alone():
    cover = yearly(2000, 2010, {2000: GRASS, 2005: CROP})
    assert one_cell(cover, timing="middle") == one_cell(cover)


def test_saturates_after_20_years():
    stocks = one_cell(yearly(2000, 2030, {2000: GRASS, 2001: CROP}))
    assert stocks[2019] == pytest.approx(81)
    assert stocks[2020] == pytest.approx(80)
    assert stocks[2030] == pytest.approx(80)


def test_second_conversion_restarts_from_the_stock_reached():
    # Grass to crop in 2001, 10 steps to 2010: 100 × (1 − 0.2 × 10/20) = 90.
    # Crop to grass first seen in 2011: towards 90 / 0.8 = 112.5; per year + 22.5/20 = 1.125.
    stocks = one_cell(yearly(2000, 2031, {2000: GRASS, 2001: CROP, 2011: GRASS}))
    assert stocks[2010] == pytest.approx(90)
    assert stocks[2011] == pytest.approx(91.125)
    assert stocks[2030] == pytest.approx(112.5)
    assert stocks[2031] == pytest.approx(112.5)


def test_conversion_with_factor_one_ends_the_line():
    # Grass to crop in 2001, then crop to water in 2006: factor 1, the stock stays where it is.
    stocks = one_cell(yearly(2000, 2015, {2000: GRASS, 2001: CROP, 2006: WATER}))
    assert stocks[2005] == pytest.approx(95)
    assert stocks[2015] == pytest.approx(95)


def test_mistake_11_changes_after_the_first_year_reach_the_soil():
    """SEPAL mistake 11: land cover changes after the first year never reach SOC."""
    stocks = one_cell(yearly(2000, 2023, {2000: TREE, 2020: ARTIFICIAL}))
    # 2020…2023 are four steps: 100 × (1 − 0.9 × 4/20) = 82
    assert stocks[2019] == 100
    assert stocks[2023] == pytest.approx(82)


@pytest.mark.parametrize("f", [0.80, 0.69, 0.58, 0.48, 0.64])
@pytest.mark.parametrize(("before", "after"), list(product(range(1, 8), repeat=2)))
def test_every_conversion_after_20_years(before, after, f):
    stocks = one_cell({2000: before, 2020: after}, stock=50.0, f=f)
    factor = reference.soil_factor(before, after, str(f)) if before != after else 1
    assert stocks[2020] == pytest.approx(float(50 * factor), rel=1e-6)


@pytest.mark.parametrize(("before", "after"), list(product(range(1, 8), repeat=2)))
def test_f_missing_matters_only_where_f_is_needed(before, after):
    needs_f = "f" in reference.SOIL_FACTORS[before - 1][after - 1] and before != after
    stocks = one_cell({2000: before, 2015: after}, f=np.nan)
    assert stocks[2000] == 100
    assert np.isnan(stocks[2015]) == needs_f


def test_f_missing_is_never_zero():
    """Climate zone 0 has no factor: no data, not a soil without carbon."""
    stocks = one_cell({2000: GRASS, 2015: CROP}, f=np.nan)
    change = soil.change(np.array(stocks[2000]), np.array(stocks[2015]))
    assert np.asarray(soil.degradation(change)).item() == NODATA


@pytest.mark.parametrize("stock", [np.nan, -32768.0])
def test_no_reference_no_stock(stock):
    assert np.isnan(list(one_cell({2000: GRASS, 2015: CROP}, stock=stock).values())).all()
    assert np.isnan(list(one_cell({2000: GRASS, 2015: GRASS}, stock=stock).values())).all()


def test_a_missing_map_is_left_out():
    # Without the map of 2007 the change between 2000 and 2015 begins after 2000.
    with_gap = one_cell({2000: GRASS, 2007: NODATA, 2015: CROP})
    assert with_gap == one_cell({2000: GRASS, 2015: CROP})
    assert one_cell({2000: GRASS, 2007: NODATA, 2015: GRASS})[2015] == 100


def test_no_first_or_last_map_no_stock():
    assert np.isnan(list(one_cell({2000: NODATA, 2007: GRASS, 2015: CROP}).values())).all()
    stocks = one_cell({2000: GRASS, 2007: CROP, 2015: NODATA})
    assert stocks[2007] == pytest.approx(93)
    assert np.isnan([stocks[year] for year in range(2008, 2016)]).all()


def test_other_reference_year():
    # Reference of 2005: the change of 2002 is already in it.
    cover = yearly(2000, 2015, {2000: GRASS, 2002: CROP, 2006: GRASS})
    stocks = one_cell(cover, reference_year=2005)
    assert stocks[2005] == 100
    assert stocks[2006] == pytest.approx(101.25)  # towards 100 / 0.8 = 125


def test_first_map_after_the_reference_year():
    # MODIS land cover starts in 2001; the 2000 stock stays until the first change.
    stocks = one_cell(yearly(2001, 2005, {2001: GRASS, 2003: CROP}))
    assert stocks[2000] == stocks[2002] == 100
    assert stocks[2003] == pytest.approx(99)


def test_national_factors():
    factors = pd.DataFrame(
        {"from": [10, 10, 20, 20], "to": [10, 20, 10, 20], "factor": ["1", "0.5", "1/0.5", "1"]}
    )
    assert one_cell({2000: 10, 2010: 20}, factors=factors)[2010] == pytest.approx(75)
    assert one_cell({2000: 20, 2010: 10}, factors=factors)[2010] == pytest.approx(150)


def test_conversion_without_factor_is_an_error():
    factors = pd.DataFrame({"from": [10], "to": [10], "factor": ["1"]})
    with pytest.raises(ValueError, match="10 to 20"):
        one_cell({2000: 10, 2010: 20}, factors=factors)


def test_refusals():
    with pytest.raises(ValueError, match="timing"):
        one_cell({2000: GRASS, 2015: CROP}, timing="end")
    with pytest.raises(ValueError, match="order"):
        one_cell({2015: GRASS, 2000: CROP})


# ----------------------------------------------------- many cells against the reference

YEARLY = list(range(2000, 2024))
SPARSE = [2000, 2005, 2006, 2010, 2015, 2023]


@pytest.mark.parametrize("timing", ["start", "middle"])
@pytest.mark.parametrize("years", [YEARLY, SPARSE], ids=["yearly", "sparse"])
def test_random_histories(years, timing):
    random = np.random.default_rng(len(years))
    cells = 200
    cover = np.empty((len(years), cells), np.int16)
    cover[0] = random.integers(1, 8, cells)
    for step in range(1, len(years)):
        turn = random.random(cells) < 0.15
        cover[step] = np.where(turn, random.integers(1, 8, cells), cover[step - 1])
    cover[random.integers(0, len(years), 10), random.integers(0, cells, 10)] = NODATA
    stock = random.integers(1, 300, cells).astype(float)
    stock[:5] = np.nan
    texts = random.choice(["0.80", "0.69", "0.58", "0.48", "0.64", "nan"], cells)
    result = soil.stocks(
        xr.DataArray(stock.reshape(20, 10), dims=("y", "x")),
        xr.DataArray(cover.reshape(-1, 20, 10), dims=("year", "y", "x"), coords={"year": years}),
        xr.DataArray(texts.astype(float).reshape(20, 10), dims=("y", "x")),
        timing=timing,
    )
    assert result.dims == ("year", "y", "x")
    assert result.year.values.tolist() == YEARLY
    found = result.values.reshape(len(YEARLY), cells)
    for cell in range(cells):
        f = None if texts[cell] == "nan" else texts[cell]
        history = dict(zip(years, cover[:, cell].tolist(), strict=True))
        expected = reference.soil_stocks(stock[cell], history, f, timing=timing)
        numbers = [np.nan if value is None else float(value) for value in expected.values()]
        np.testing.assert_allclose(found[:, cell], numbers, rtol=2e-6)


# ---------------------------------------------------------------- change, degradation


def classes(change, **options):
    return np.asarray(soil.degradation(np.array(change, float), **options)).tolist()


def test_threshold_to_the_millionth():
    change = [-10.000001, -10.0, -9.999999, 0.0, 9.999999, 10.0, 10.000001, np.nan]
    assert classes(change) == [-1, 0, 0, 0, 0, 0, 1, NODATA]
    assert classes(change, inclusive=True) == [-1, -1, 0, 0, 0, 1, 1, NODATA]
    for inclusive in (False, True):
        expected = [reference.soil_degradation(value, inclusive=inclusive) for value in change]
        assert classes(change, inclusive=inclusive) == expected


def test_other_threshold():
    assert classes([-5.5, -5, 5, 5.5], threshold=5) == [-1, 0, 0, 1]
    with pytest.raises(ValueError, match="positive"):
        soil.degradation(np.array([1.0]), threshold=-10)


def test_trends_earth_truncates():
    # Trends.Earth cuts the percentage to a whole number before comparing.
    assert classes([-10.9, -9.9, 9.9, 10.9], inclusive=True, truncate=True) == [-1, 0, 0, 1]


@given(first=st.integers(1, 10_000), percent=st.sampled_from([-10, 10]))
def test_exactly_ten_percent_is_seen_as_ten(first, percent):
    """Rounding of the division must not decide: 10 % of any stock is 10 %."""
    last = first * (100 + percent) / 100
    change = soil.change(np.array([float(first)]), np.array([last]))
    assert np.asarray(soil.degradation(change)).tolist() == [0]
    assert np.asarray(soil.degradation(change, inclusive=True)).tolist() == [percent // 10]


@pytest.mark.parametrize("f_type", [np.float64, np.float32])
def test_ten_steps_towards_080_are_exactly_ten_percent(f_type):
    """A field cleared in the map of 2006 has lost exactly 10 % in 2015 (f = 0.80).

    Layers on disk are float32: their rounding must not turn stable into degraded.
    """
    random = np.random.default_rng(0)
    stock = random.uniform(5, 300, (20, 50)).astype(np.float32)
    cover = np.full((16, 20, 50), GRASS, np.int16)
    cover[6:] = CROP
    grid = {"dims": ("y", "x")}
    stocks = soil.stocks(
        xr.DataArray(stock, **grid),
        xr.DataArray(cover, dims=("year", "y", "x"), coords={"year": range(2000, 2016)}),
        xr.DataArray(np.full((20, 50), 0.80, f_type), **grid),
    )
    change = soil.change(stocks.sel(year=2000, drop=True), stocks.sel(year=2015, drop=True))
    assert (soil.degradation(change) == 0).all()
    assert (soil.degradation(change, inclusive=True) == -1).all()


@given(
    first=st.integers(0, 1000),
    last=st.integers(0, 1000),
    inclusive=st.booleans(),
    threshold=st.sampled_from([5, 10, 20]),
)
def test_change_and_class_equal_the_reference(first, last, inclusive, threshold):
    change = soil.change(np.array([float(first)]), np.array([float(last)]))
    expected = reference.soil_change(first, last)
    found = np.asarray(change).item()
    if expected is None:
        assert np.isnan(found)
    else:
        assert found == pytest.approx(float(expected), abs=1.1e-6)
    exact = None if first == 0 else Fraction(last - first, first) * 100
    result = np.asarray(soil.degradation(change, threshold=threshold, inclusive=inclusive)).item()
    assert result == reference.soil_degradation(exact, threshold=threshold, inclusive=inclusive)


def test_missing_stocks_give_no_data():
    first = np.array([100.0, np.nan, 0.0, np.nan])
    last = np.array([np.nan, 100.0, 100.0, np.nan])
    change = soil.change(first, last)
    assert np.isnan(np.asarray(change)).all()
    assert np.asarray(soil.degradation(change)).tolist() == [NODATA] * 4


def test_mistake_1_status_comes_from_classes_not_from_percent():
    """Trends.Earth mistake 1: percent layers in place of classes gave 0 km² degraded."""
    from ldnkit import degradation

    change = np.array([-50.0, -12.0, 0.0, 30.0])
    layer = soil.degradation(change)
    assert layer.dtype == np.int16
    assert set(np.asarray(layer).tolist()) <= {-1, 0, 1, NODATA}
    status = degradation.status(layer, layer)
    assert np.asarray(status).tolist() == [-1, -1, 0, 1]
    # Percent given by mistake where classes belong is refused, never taken as "not degraded".
    with pytest.raises((ValueError, TypeError)):
        degradation.status(change.astype(np.int16), layer)
    with pytest.raises((ValueError, TypeError)):
        degradation.one_out_all_out(layer, layer, change.astype(np.int16))

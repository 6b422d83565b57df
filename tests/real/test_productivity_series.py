"""Real series of vegetation: 21 years of NDVI in Chile, and NDVI with rain in Australia."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pymannkendall
import pytest
import reference
import xarray as xr
from scipy import stats

from ldnkit import productivity
from ldnkit.tables import NODATA

pytestmark = pytest.mark.real

SITES = {"MegaDrought": "central Chile", "Bdesert": "Atacama"}
YEARS = list(range(2001, 2021))  # whole calendar years between February 2000 and June 2021


@pytest.fixture(scope="module", params=SITES)
def composites(request, shared_data):
    """NDVI × 10 000 of 929 dates, 8 × 8 cells of 250 m."""
    import rasterio

    folder = shared_data / "npphen"
    with rasterio.open(folder / f"{request.param}_spatRast.tif") as source:
        values = source.read()
    dates = pd.read_csv(folder / "modis_dates.csv", parse_dates=["date"])["date"]
    return xr.DataArray(
        values, {"time": dates.to_numpy("datetime64[ns]")}, ("time", "y", "x"), name=request.param
    )


@pytest.fixture(scope="module")
def annual(composites):
    return productivity.annual(composites).astype(np.float64)


def cells(array):
    """Every cell's series, as rows."""
    return array.values.reshape(array.sizes["year"], -1).T


def test_calendar_years(composites, annual):
    """Means of calendar years, as pandas gives them; only whole years, only enough composites."""
    assert annual["year"].values.tolist() == YEARS  # neither 2000 nor 2021 is whole
    table = pd.DataFrame(composites.values.reshape(929, -1))
    by_year = table.groupby(composites["time"].dt.year.values)
    known = annual.notnull().values.reshape(20, -1)
    expected = by_year.mean().loc[YEARS].to_numpy()
    found = annual.values.reshape(20, -1)
    np.testing.assert_allclose(found[known], expected[known], rtol=1e-5)
    dates = by_year.size().loc[YEARS].to_numpy()[:, np.newaxis]  # 23 with Terra alone, then 46
    count = by_year.count().loc[YEARS].to_numpy()
    assert (known == (count >= dates / 2)).all()
    assert set(dates.ravel()) == {23, 46} or dates.min() < dates.max()


def test_season_across_the_year_end(composites):
    """October to April, 7 of 12 months, labelled with the year in which it begins."""
    season = productivity.annual(composites, season=(10, 4))
    assert season["year"].values.tolist() == list(range(2000, 2021))
    time = pd.DatetimeIndex(composites["time"].values)
    inside = (time >= "2009-10-01") & (time < "2010-05-01")
    expected = np.nanmean(composites.values[inside].astype(np.float64), axis=0) * 7 / 12
    found = season.sel(year=2009).values
    known = ~np.isnan(found)
    assert known.mean() > 0.7
    np.testing.assert_allclose(found[known], expected[known], rtol=1e-5)


@pytest.mark.parametrize("window", [(2001, 2015), (2004, 2019), (2001, 2020)])
def test_trend_of_every_cell(annual, window):
    """S, p, both slopes and class against scipy (exact p), pymannkendall (S) and polyfit."""
    chosen = annual.sel(year=slice(*window))
    found = productivity.trend(chosen)
    sen = productivity.trend(chosen, slope="theil_sen")["slope"].values.ravel()
    found = {name: found[name].values.ravel() for name in found}
    years = chosen["year"].values
    for cell, series in enumerate(cells(chosen)):
        valid = ~np.isnan(series)
        when, values, n = years[valid], series[valid], int(valid.sum())
        assert found["n"][cell] == n
        if n < 8:
            assert found["trend"][cell] == NODATA and math.isnan(found["p"][cell])
            continue
        assert len(set(values)) == n  # no ties: the exact distribution applies
        kendall = stats.kendalltau(when, values, method="exact")
        slope = np.polyfit(when - years[0], values, 1)[0]
        s = round(kendall.statistic * n * (n - 1) / 2)
        assert found["s"][cell] == s == pymannkendall.original_test(values).s
        assert found["p"][cell] == pytest.approx(kendall.pvalue, rel=1e-9)
        assert found["slope"][cell] == pytest.approx(slope, rel=1e-9, abs=1e-9)
        assert sen[cell] == pytest.approx(stats.theilslopes(values, when).slope, rel=1e-9)
        significant = kendall.pvalue <= 0.05 and np.sign(slope) == np.sign(s)
        assert found["trend"][cell] == (np.sign(slope) if significant else 0)


def test_the_drought_of_central_chile_is_found(annual, composites):
    """The dry years from 2010 on left a mark in central Chile; in the Atacama nothing declines."""
    found = productivity.trend(annual)["trend"].values
    degraded, improved = int((found == -1).sum()), int((found == 1).sum())
    expected = {"MegaDrought": (42, 4), "Bdesert": (0, 1)}
    assert (degraded, improved) == expected[composites.name]


@pytest.mark.parametrize("options", [{}, {"compat": "trends.earth"}, {"method": "zscore"}])
def test_state_of_every_cell(annual, options):
    history, recent = (2004, 2016), (2017, 2019)
    found = productivity.state(annual, history=history, recent=recent, **options).values.ravel()
    years = annual["year"].values
    before = (years >= history[0]) & (years <= history[1])
    after = (years >= recent[0]) & (years <= recent[1])
    expected = [
        reference.state(row[before].tolist(), row[after].tolist(), **options)
        for row in cells(annual)
    ]
    assert found.tolist() == expected


def test_gaps_are_no_data_not_zero(composites, annual):
    """A tenth of the composites taken away at random: years stay, close to what they were."""
    random = np.random.default_rng(4)
    keep = xr.DataArray(random.random(composites.shape) > 0.1, dims=composites.dims)
    thinned = productivity.annual(composites.where(keep))
    both = (thinned.notnull() & annual.notnull()).values
    assert both.mean() > 0.75
    assert np.abs(thinned.values[both] / annual.values[both] - 1).max() < 0.2
    absent = productivity.annual(composites.where(composites["time"].dt.year != 2011))
    assert absent.sel(year=2011).isnull().all()
    lost = productivity.trend(annual)["n"] - productivity.trend(absent)["n"]
    np.testing.assert_array_equal(lost, annual.sel(year=2011).notnull())


# ---- climate correction ----------------------------------------------------------------------


@pytest.fixture(scope="module", params=["std", "seg"])
def pair(request, shared_data):
    """Yearly maximum of NDVI and accumulated rain, 1982 to 2013, one place in Australia."""
    table = pd.read_csv(shared_data / "TSS_RESTREND" / f"{request.param}RESTREND.csv")
    assert len(table) == 32
    coords = {"year": range(1982, 2014)}
    return tuple(
        xr.DataArray(table[name].to_numpy().reshape(32, 1, 1), coords, ("year", "y", "x"))
        for name in ("max.NDVI", "acc.precip")
    )


def test_residuals_equal_polyfit(pair):
    ndvi, rain = (each.values.ravel() for each in pair)
    expected = ndvi - np.polyval(np.polyfit(rain, ndvi, 1), rain)
    found = productivity.restrend(*pair)
    np.testing.assert_allclose(found.values.ravel(), expected, atol=1e-12)
    explained = stats.linregress(rain, ndvi).rvalue ** 2
    assert float((found**2).sum() / ((ndvi - ndvi.mean()) ** 2).sum()) == pytest.approx(
        1 - explained, rel=1e-9
    )


def test_trend_of_residuals_equals_scipy(pair):
    found = productivity.trend(productivity.restrend(*pair))
    values = productivity.restrend(*pair).values.ravel()
    ties = len(set(values)) < 32
    if ties:
        expected = pymannkendall.original_test(values).p
    else:
        expected = stats.kendalltau(range(32), values, method="exact").pvalue
    assert float(found["p"].item()) == pytest.approx(expected, rel=1e-9)
    assert int(found["s"].item()) == pymannkendall.original_test(values).s


def test_rain_use_efficiency(pair):
    ndvi, rain = pair
    found = productivity.use_efficiency(ndvi, rain).values.ravel()
    np.testing.assert_allclose(found, ndvi.values.ravel() / rain.values.ravel(), rtol=1e-12)
    dry = rain.copy()
    dry[3] = 0
    assert math.isnan(productivity.use_efficiency(ndvi, dry).values.ravel()[3])


@pytest.mark.parametrize("name", ["std", "seg"])
def test_monthly_series_become_years(shared_data, name):
    """384 months 1982 to 2013: calendar means, and the maxima published beside them."""
    folder = shared_data / "TSS_RESTREND"
    monthly = pd.read_csv(folder / f"{name}RESTREND_CTSR.csv")["cts.NDVI"].to_numpy()
    time = pd.date_range("1982-01-01", periods=384, freq="MS")
    series = xr.DataArray(monthly.reshape(384, 1, 1), {"time": time}, ("time", "y", "x"))
    found = productivity.annual(series)
    np.testing.assert_allclose(found.values.ravel(), monthly.reshape(32, 12).mean(axis=1))
    published = pd.read_csv(folder / f"{name}RESTREND.csv")["max.NDVI"]
    np.testing.assert_allclose(monthly.reshape(32, 12).max(axis=1), published, atol=1e-6)


def test_eight_years_are_the_least(annual):
    seven, eight = (annual.sel(year=slice(first, 2020)) for first in (2014, 2013))
    assert (productivity.trend(seven)["trend"] == NODATA).all()
    known = productivity.trend(eight)["trend"] != NODATA
    np.testing.assert_array_equal(known, eight.notnull().all("year"))
    assert known.any()

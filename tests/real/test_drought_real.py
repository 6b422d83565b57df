"""Iberia, CRU TS 4.00, 1981–2010: 330 land cells of half a degree, 86 of the sea.

The file is the data of an R package for drought indices. The index is compared with the package
climate_indices; droughts are those that the literature knows of.
"""

from __future__ import annotations

import warnings

import numpy as np
import pytest
import xarray as xr
from scipy import stats

from ldnkit import areas, drought, drought_kernels, timeaxis
from ldnkit.tables import NODATA

pytestmark = [
    pytest.mark.real,
    pytest.mark.filterwarnings("ignore:.*29 sums of"),
]

LAND, SEA = 330, 86


@pytest.fixture(scope="module")
def folder(shared_data):
    return shared_data / "drought4R"


@pytest.fixture(scope="module")
def rain(folder):
    with xr.open_dataset(folder / "pr_cru_ts4.00_iberia_1981_2010.nc") as source:
        return source["pr"].load()


@pytest.fixture(scope="module")
def balance(folder, rain):
    """Rain less 4 mm for each degree above freezing: a stand-in for evapotranspiration."""
    with xr.open_dataset(folder / "tas_cru_ts4.00_iberia_1981_2010.nc") as source:
        return rain.astype(float) - 4 * source["tas"].load().clip(min=0).astype(float)


@pytest.fixture(scope="module")
def december(rain):
    return drought.spi(rain, month=12)


def climate_indices(values, scale, *, evaporation=None):
    from climate_indices import compute, indices

    distribution = indices.Distribution
    options = {
        "scale": scale,
        "data_start_year": 1981,
        "calibration_year_initial": 1981,
        "calibration_year_final": 2010,
        "periodicity": compute.Periodicity.monthly,
        "spatial_time_major": True,
    }
    with warnings.catch_warnings(action="ignore"):  # its remarks on the sea
        if evaporation is None:
            return indices.spi(values, distribution=distribution.gamma, **options)
        return indices.spei(values, evaporation, distribution=distribution.loglogistic, **options)


def test_what_the_file_holds(rain):
    assert rain.shape == (360, 16, 26) and rain.dtype == np.float32
    times = timeaxis.months(rain)
    assert (times[0], times[-1]) == ((1981, 1), (2010, 12))
    assert timeaxis.month_problems(times) == timeaxis.reference_problems(times) == []
    assert int(rain.isnull().all("time").sum()) == SEA
    assert float(rain.min()) == 0 and float(rain.max()) == pytest.approx(527, abs=0.5)


@pytest.mark.parametrize("scale", [1, 3, 12, 24])
def test_spi_of_every_month_is_that_of_climate_indices(rain, scale):
    if scale < 24:
        index = drought.spi(rain, scale=scale)
    else:
        with pytest.warns(UserWarning) as said:
            index = drought.spi(rain, scale=scale)
        found = [str(warning.message) for warning in said]
        assert "28 sums of 24 months for months 1, 2" in found[0]
        assert "29 sums of 24 months for month 12; expected 30 sums" in found[1]
    theirs = climate_indices(rain.values.astype(float), scale)
    assert int(index[scale - 1 :].isnull().sum()) == SEA * (360 - scale + 1)
    np.testing.assert_allclose(index.values, theirs, atol=1e-6)


@pytest.mark.parametrize("scale", [1, 3, 12])
def test_spei_of_every_month_is_that_of_climate_indices(rain, balance, scale):
    evaporation = rain.values.astype(float) - balance.values
    theirs = climate_indices(rain.values.astype(float), scale, evaporation=evaporation)
    index = drought.spei(balance, scale=scale)
    assert int(index[scale - 1 :].isnull().sum()) == SEA * (360 - scale + 1)
    np.testing.assert_allclose(index.values, theirs, atol=1e-6)


def test_full_maximum_likelihood_is_that_of_scipy(rain):
    sums = drought.accumulate(rain, 12).values[11::12]
    land = np.argwhere(np.isfinite(sums[0]))[::33]
    index = drought.spi(rain, month=12, fit="ml").values
    for y, x in land:
        column = sums[:, y, x]
        shape, _, scale = stats.gamma.fit(column, floc=0)
        expected = stats.norm.ppf(stats.gamma.cdf(column, shape, scale=scale))
        np.testing.assert_allclose(index[:, y, x], np.clip(expected, -3.09, 3.09), atol=1e-6)


def test_thom_and_full_maximum_likelihood_hardly_differ(rain, december):
    difference = abs(drought.spi(rain, month=12, fit="ml") - december)
    assert 0 < float(difference.max()) < 1e-4
    # July alone is dry in the south: there the approximation shows
    july = [drought.spi(rain, scale=1, month=7, fit=fit) for fit in ("thom", "ml")]
    assert 0.01 < float(abs(july[1] - july[0]).max()) < 0.1


def test_quality_of_the_cells(rain):
    def counts(**options):
        codes, cells = np.unique(drought.quality(rain, **options), return_counts=True)
        return dict(zip(codes.tolist(), cells.tolist(), strict=True))

    assert counts() == {NODATA: SEA, 0: LAND}
    # in four cells July brought no rain in more than ten of the thirty years
    dry = (rain.sel(time=rain["time"].dt.month == 7) == 0).sum("time")
    assert int((dry > 10).sum()) == 4
    assert counts(scale=1, month=7) == {NODATA: SEA, 0: LAND - 4, 1: 4}


def test_the_droughts_that_are_known(december):
    """2005 was the driest year of Iberia in this time; 1996, 1997 and 2010 were wet."""
    classes = drought.classes(december)
    cells = {
        year: [int((classes.sel(year=year) == code).sum()) for code in range(5)]
        for year in range(1981, 2011)
    }
    assert all(sum(counts) == LAND for counts in cells.values())
    assert int((classes == NODATA).sum()) == 30 * SEA
    severe = {year: counts[3] + counts[4] for year, counts in cells.items()}
    assert max(severe, key=severe.get) == 2005 and severe[2005] == 154
    assert cells[1996] == [LAND, 0, 0, 0, 0]
    by_mean = sorted(cells, key=lambda year: float(december.sel(year=year).mean()))
    assert by_mean[0] == 2005 and by_mean[-1] == 1996
    assert {1996, 1997, 2010} == set(by_mean[-3:])


def test_worst_class_of_each_window(december):
    classes = drought.classes(december)
    for first, last in drought.windows(2010):
        found = drought.worst(classes, years=(first, last))
        used = [year for year in range(first, last + 1) if year <= 2010]
        assert found.attrs["years_used"] == used
        assert int((found == NODATA).sum()) == SEA
        for year in used:
            assert (found >= classes.sel(year=year)).all()
        reached = np.logical_or.reduce([found == classes.sel(year=year) for year in used])
        assert reached.all()
    # the drought of 2005 belongs to 2004–2007, not to 2000–2003
    windows = [drought.worst(classes, years=years) for years in ((2000, 2003), (2004, 2007))]
    severe = [int((window >= 3).sum()) for window in windows]
    assert severe[1] >= 154 > severe[0]


def test_land_under_drought_adds_up(december):
    """Area by class and year: every year the same land, no data apart."""
    from odc.geo.geobox import GeoBox

    north_up = drought.classes(december).sortby("lat", ascending=False)
    grid = GeoBox.from_bbox((-9.5, 36, 3.5, 44), "EPSG:4326", resolution=0.5)
    assert grid.shape == north_up.shape[1:]
    area = np.broadcast_to(areas.cell_area(grid), grid.shape)
    totals = []
    for year in range(2000, 2011):
        table = areas.crosstab(area, drought=north_up.sel(year=year).values)
        land = table[table["drought"] != NODATA]
        totals.append(land["area_km2"].sum())
        assert land["cells"].sum() == LAND
    assert np.ptp(totals) < 1e-6 * totals[0]
    assert totals[0] == pytest.approx(area[north_up[0].values != NODATA].sum())
    assert 700_000 < totals[0] < 800_000


def test_lazy_chunks_of_the_file(folder, rain, december):
    with xr.open_dataset(folder / "pr_cru_ts4.00_iberia_1981_2010.nc") as source:
        lazy = drought.spi(source["pr"].chunk(time=-1, lat=5, lon=9), month=12)
        np.testing.assert_array_equal(lazy.compute(), december)


def test_the_kernel_of_the_engine(rain, december):
    years, index, quality = drought_kernels.index_of_month(rain.values, timeaxis.months(rain))
    assert years.tolist() == [*range(1981, 2011)]
    np.testing.assert_array_equal(index, december)
    np.testing.assert_array_equal(quality, drought.quality(rain))

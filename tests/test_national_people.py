"""People and drought of a whole country, from files to long tables, with figures made by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from small_country import CELL, NORTH, WEST, small_country, values_of

import ldnkit
from ldnkit import drought, population, sources
from ldnkit.findings import InputError
from ldnkit.tables import NODATA

NAN = np.nan

# Land cover of 2000, 2015 and from 2016 (classes; 3 cropland, 5 artificial, 7 water):
#
#     2000   3 3 3     2015   5 3 3     2016   5 3 3     2019, 2023   5 5 3
#            3 3 7            3 3 7            3 3 7                  3 3 7
#
# Cropland → artificial is degradation. Without productivity and soil the assessment is that of
# land cover: baseline (0,0) degraded; 2016–2019 and 2016–2023 (0,1) degraded, (0,0) stable.
# Status of 2019 and 2023: (0,0) degraded (baseline, then stable), (0,1) degraded.
COVER = {
    2000: [[3, 3, 3], [3, 3, 7]],
    2015: [[5, 3, 3], [3, 3, 7]],
    2016: [[5, 3, 3], [3, 3, 7]],
    2019: [[5, 5, 3], [3, 3, 7]],
    2023: [[5, 5, 3], [3, 3, 7]],
}
# People on the cells of the land, persons; 40 of the men live in boats on the water cell:
FEMALE = {
    2015: [[10.0, 20.0, 30.0], [0.25, 0.25, 0.0]],
    2020: [[20.0, 20.0, 30.0], [0.0, 0.5, 0.0]],
}
MALE = {2015: [[5.0, 20.0, 40.0], [0.25, 0.25, 40.0]], 2020: [[5.0, 30.0, 40.0], [0.0, 0.5, 40.0]]}


@pytest.fixture
def world(tmp_path):
    made = small_country(tmp_path, COVER)
    made.file["population"] = {
        sex: {
            year: made.raster(f"{sex}_{year}.tif", rows, dtype=np.float32)
            for year, rows in people.items()
        }
        for sex, people in (("female", FEMALE), ("male", MALE))
    }
    return made


def persons(table, column="total", **classes) -> float:
    for name, value in classes.items():
        table = table[table[name] == value]
    return float(table[column].sum())


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_people_on_degraded_land_by_status(world):
    result = ldnkit.compute(world.read(), "exposure")
    table = result.tables["exposure"]
    # 2015: cell (0,0), 10 + 5. 2023, people of 2020: cells (0,0) and (0,1), 20 + 5 + 20 + 30.
    assert persons(table, year=2015, status_class=-1) == pytest.approx(15)
    assert persons(table, year=2023, status_class=-1) == pytest.approx(75)
    assert persons(table, "female", year=2023, status_class=-1) == pytest.approx(40)
    assert persons(table, "male", year=2023, status_class=-1) == pytest.approx(35)
    # by period assessment only (0,1) is degraded in 2023
    assert persons(table, year=2023, period_class=-1) == pytest.approx(50)
    assert result.years == {2015: 2015, 2019: 2020, 2023: 2020}
    assert set(table.loc[table["year"] == 2019, "population_year"]) == {2020}
    # people on water are rows of their own and everybody is somewhere
    assert persons(table, year=2023, land_cover=7) == pytest.approx(40)
    assert persons(table, year=2023) == pytest.approx(186)
    found = [finding.found for finding in result.findings]
    assert "no map of 2019; 2020 stands for it" in found  # one year away
    assert "no map of 2023; 2020 stands for it" in found  # three years away: a warning


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_exposed_people_are_written_as_layers(world):
    result = ldnkit.compute(world.read(), "exposure")
    assert set(result.layers) == {
        f"exposed_{sex}_{year}" for sex in ("total", "female", "male") for year in (2015, 2023)
    }
    expected = [[25, 50, 0], [0, 0, 0]]
    np.testing.assert_allclose(values_of(result.layers["exposed_total_2023"]), expected)
    np.testing.assert_allclose(
        values_of(result.layers["exposed_female_2015"]), [[10, 0, 0], [0, 0, 0]]
    )


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_the_trends_earth_choice_is_the_period_assessment(world):
    result = ldnkit.compute(world.read(method="trends.earth"), "exposure")
    np.testing.assert_allclose(
        values_of(result.layers["exposed_total_2023"]), [[0, 50, 0], [0, 0, 0]]
    )


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_the_population_is_the_same_in_every_table(world):
    """Also when the cells of the people are coarser, shifted, and reach beyond the country.

    the land   0    1    2
    people    |  a   |  b   |      cells of 0.013°, from 0.005° west of the land
              |  c   |  d   |
    """
    place = {"west": WEST - 0.005, "north": NORTH + 0.004, "cell": 0.013}
    for sex, rows in (("female", [[5, 7, 9], [1, 2, 3]]), ("male", [[4, 4, 4], [0.5, 0.1, NAN]])):
        world.file["population"][sex] = {
            2015: world.raster(f"coarse_{sex}.tif", rows, dtype=np.float32, **place)
        }
    world.file["drought"] = {"index": spi_maps(world, {2015: -1.2, 2023: 0.4})}
    country = world.read()
    people = ldnkit.compute(country, "population").tables["population"]
    exposure = ldnkit.compute(country, "exposure").tables["exposure"]
    drought = ldnkit.compute(country, "drought_exposure").tables["drought_exposure"]
    for sex in ("female", "male"):
        inside = persons(people, "persons", sex=sex, place="inside", year=2015)
        assert persons(exposure, sex, year=2023) == pytest.approx(inside, rel=1e-9)
        assert persons(drought, sex, year=2023) == pytest.approx(inside, rel=1e-9)
        # what is inside is what regridding puts on the cells of the country
        counts = sources.people.counts_input(country, sex, 2015).read(country.grid)
        assert np.nansum(counts) == pytest.approx(inside, rel=1e-9)
    total = persons(people, "persons", sex="total", year=2015)
    assert total == pytest.approx(27 + 12.6, rel=1e-6)  # inside and outside: nobody is lost


def spi_maps(world, by_year, **place):
    """Index maps of one cell that covers the whole country, -0.01° to +0.01° around it."""
    place = {"west": WEST - CELL, "north": NORTH + CELL, "cell": 0.05} | place
    return {
        year: world.raster(f"spi_{year}.tif", [[value]], dtype=np.float32, **place)
        for year, value in by_year.items()
    }


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_land_and_people_in_drought_with_a_given_index(world):
    # -1.2 is moderate in 2000, exactly -2 extreme in 2002, 0.3 no drought in 2003, no map of 2001
    # in 2009 the drought is mild
    maps = spi_maps(world, {2000: -1.2, 2002: -2.0, 2003: 0.3, 2009: -0.4, 2013: 0.2})
    world.file["drought"] = {"index": maps}
    country = world.read()
    land = ldnkit.compute(country, "drought").tables["drought"]
    dry = land[land["land_cover"] != 7]
    area = {row: world.area(row, columns) for row, columns in ((0, 3), (1, 2))}
    for year, expected in ((2000, 2), (2002, 4), (2003, 0), (2001, NODATA), (2023, NODATA)):
        rows = dry[dry["year"] == year]
        assert set(rows["drought"]) == {expected}
        assert rows["area_km2"].sum() == pytest.approx(area[0] + area[1], rel=1e-7)
    worst = ldnkit.compute(country, "drought").tables["drought_windows"]
    windows = worst[["first", "last"]].drop_duplicates().to_numpy().tolist()
    assert windows == [[2000 + 4 * n, 2003 + 4 * n] for n in range(6)]
    # the missing year 2001 does not hide the extreme year 2002
    assert set(worst.loc[worst["first"] == 2000, "drought"]) == {4}
    assert set(worst.loc[worst["first"] == 2004, "drought"]) == {NODATA}
    people = ldnkit.compute(country, "drought_exposure").tables
    assert persons(people["drought_exposure"], year=2000, drought=2) == pytest.approx(166)
    assert persons(people["drought_exposure"], "male", year=2002, drought=4) == pytest.approx(105.5)
    window = people["drought_exposure_windows"].query("first == 2000")
    assert persons(window, drought=4) == pytest.approx(166)
    # the layers hold the people in mild drought or worse, by the highest class of four years
    layers = ldnkit.compute(country, "drought_exposure").layers
    for span, expected in (("2000_2003", 166), ("2008_2011", 166), ("2012_2015", 0)):
        found = values_of(layers[f"drought_exposed_{span}"])
        assert np.nansum(found) == pytest.approx(expected), span


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_an_index_times_1000_is_divided(world):
    world.file["drought"] = {
        "index": spi_maps(world, {2000: -1500.0}),
        "index_scale": 1000,
    }
    result = ldnkit.compute(world.read(), "drought_index")
    assert np.nanmax(values_of(result.layers["drought_index_2000"])) == pytest.approx(-1.5)
    # -1.5 is severe with the manual's boundaries and moderate with those of Trends.Earth
    assert set(values_of(result.layers["drought_2000"]).ravel()) - {NODATA} == {3}
    other = ldnkit.compute(world.read(method="trends.earth"), "drought_index")
    assert set(values_of(other.layers["drought_2000"]).ravel()) - {NODATA} == {2}


def rain(world, sums, *, cell=0.01, shape=(2, 3)):
    """A NetCDF series whose December sums of 12 months are these, one twelfth a month."""
    years = sorted(sums)
    months = pd.date_range(f"{years[0]}-01-01", f"{years[-1]}-12-01", freq="MS")
    values = np.repeat([np.full(shape, sums[year] / 12) for year in years], 12, axis=0)
    rows, columns = shape
    series = xr.DataArray(
        values.astype(np.float64),
        {
            "time": months,
            "lat": ("lat", NORTH - cell * (np.arange(rows) + 0.5), {"units": "degrees_north"}),
            "lon": ("lon", WEST + cell * (np.arange(columns) + 0.5), {"units": "degrees_east"}),
        },
        ("time", "lat", "lon"),
        name="rain",
        attrs={"units": "mm/month"},
    )
    series.to_netcdf(world.folder / "rain.nc")
    return "rain.nc"


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_the_index_from_a_series_is_that_of_its_sums(world):
    from scipy import stats

    chance = np.random.default_rng(3)
    sums = {year: float(chance.gamma(9, 60)) for year in range(1981, 2024)}
    world.file["drought"] = {"precipitation": rain(world, sums)}
    result = ldnkit.compute(world.read(), "drought_index")
    # Thom's fit of the 30 sums of 1981–2010, by hand
    known = np.array([sums[year] for year in range(1981, 2011)])
    a = np.log(known.mean()) - np.log(known).mean()
    shape = (1 + np.sqrt(1 + 4 * a / 3)) / (4 * a)
    for year in (2000, 2011, 2023):
        chances = stats.gamma.cdf(sums[year], shape, scale=known.mean() / shape)
        found = values_of(result.layers[f"drought_index_{year}"])
        assert np.nanmax(found) == pytest.approx(stats.norm.ppf(chances), abs=1e-5)
        assert np.nanmin(found) == pytest.approx(stats.norm.ppf(chances), abs=1e-5)
    assert result.parameters["index"] == "SPI"


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_a_water_balance_gives_the_spei(world):
    chance = np.random.default_rng(5)
    sums = {year: float(chance.normal(-300, 120)) for year in range(1981, 2024)}
    world.file["drought"] = {"water_balance": rain(world, sums)}
    country = world.read()
    result = ldnkit.compute(country, "drought_index")
    assert result.parameters["index"] == "SPEI"
    expected = drought.spei(sources.load(country, "drought_series"), month=12)
    found = values_of(result.layers["drought_index_2015"])
    np.testing.assert_array_equal(found, expected.sel(year=2015))
    # the driest year of all has the lowest index
    driest = min(range(2000, 2024), key=sums.get)
    lowest = [np.nanmin(values_of(result.layers[f"drought_index_{y}"])) for y in range(2000, 2024)]
    assert 2000 + int(np.argmin(lowest)) == driest


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_totals_without_sex_leave_women_and_men_empty(world):
    total = {year: np.add(FEMALE[year], MALE[year]) for year in FEMALE}
    files = {year: world.raster(f"t_{year}.tif", rows) for year, rows in total.items()}
    table = ldnkit.compute(world.read(population={"total": files}), "exposure").tables["exposure"]
    assert persons(table, year=2023) == pytest.approx(186)
    assert table[["female", "male"]].isna().all(axis=None)
    ratio = {"total": files, "sex_ratio": 150}
    table = ldnkit.compute(world.read(population=ratio), "exposure").tables["exposure"]
    assert persons(table, "male", year=2023) == pytest.approx(186 * 0.6)


@pytest.mark.parametrize(
    "indicator, section",
    [
        ("population", "population"),
        ("exposure", "population"),
        ("drought", "drought"),
        ("drought_exposure", "drought"),
        ("vulnerability", "vulnerability"),
    ],
)
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_a_missing_section_is_named(tmp_path, indicator, section):
    country = small_country(tmp_path, COVER).read()
    with pytest.raises(InputError, match=rf"country.yml: {section}: found no section {section}"):
        ldnkit.compute(country, indicator)


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_official_figures_alone_are_enough_for_the_country_profile(world):
    lines = "year,total,female,male\n2000,0.2,0.1,0.1\n2023,0.3,0.16,0.14\n"
    (world.folder / "national.csv").write_text(lines, encoding="utf-8")
    country = world.read(population={"national": "national.csv"})
    found = ldnkit.compute(country, "population").tables
    assert found["population"].empty
    assert found["national"].set_index("year").loc[2023].to_dict() == pytest.approx(
        {"total": 300, "female": 160, "male": 140}
    )


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_a_changed_series_makes_the_index_again(world):
    sums = {year: 300.0 + 7 * ((year * 31) % 17) for year in range(1981, 2024)}
    world.file["drought"] = {"precipitation": rain(world, sums)}
    country = world.read()
    first = ldnkit.compute(country, "drought_index")
    assert ldnkit.compute(country, "drought_index").reused
    rain(world, sums | {2023: 100.0})
    again = ldnkit.compute(world.read(), "drought_index")
    assert not again.reused and again.key != first.key
    assert np.nanmax(values_of(again.layers["drought_2023"])) == 4


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_the_classroom_and_the_country_give_the_same(world):
    country = world.read()
    counts = sources.load(country, "population", year=2020, sex="female", window=country.grid)
    status = ldnkit.compute(country, "degradation").layers["status_report_2"]
    classes = values_of(status)
    table = population.exposed(classes, counts.values)
    national = ldnkit.compute(country, "exposure").tables["exposure"]
    for code in (-1, 0, NODATA):
        mine = table.loc[table["class"] == code, "persons"].sum()
        theirs = persons(national, "female", year=2023, status_class=code)
        assert float(mine) == pytest.approx(theirs)

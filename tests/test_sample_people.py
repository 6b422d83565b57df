"""People, months of rain and national statistics of the training country (fictional, synthetic)."""

import csv
import hashlib

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
import scipy.stats
import shapely
import xarray as xr

from ldnkit import tables
from ldnkit.country import Country
from ldnkit.sources import landia_climate, landia_statistics, sample
from ldnkit.sources.landia import Landia
from ldnkit.sources.landia_people import QUANTUM, SEXES, People
from ldnkit.sources.landia_stories import NODATA, WATER, YEARS

KEPT = {
    "rain": "4c576a6ebdb8deb9",
    "warmth": "be15819abba1162b",
    "people": "80b81bd70a5a8acc",
}
CLIMATE = ("precipitation", "temperature", "water_balance")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The lesson country, made once."""
    return sample.make(tmp_path_factory.mktemp("made") / "landia")


@pytest.fixture(scope="module")
def land():
    """The country on the grid of the climate."""
    return Landia(landia_climate.GRID)


@pytest.fixture(scope="module")
def whole():
    return Landia(sample.LESSON)


@pytest.fixture(scope="module")
def people():
    return People()


@pytest.fixture(scope="module")
def months(folder):
    """Precipitation, temperature and water balance by name: (year, month, y, x), NaN on the sea."""
    found = {}
    for name in CLIMATE:
        with xr.open_dataset(folder / f"climate/{name}.nc") as file:
            found[name] = file[name].values.astype(float).reshape(43, 12, 40, 50)
    return found


def read(folder, name):
    with rasterio.open(folder / f"{name}.tif") as file:
        return file.read(1)


def persons(folder, name):
    """A population raster as float64, nobody where it has no data."""
    return np.nan_to_num(read(folder, f"population/{name}").astype(float))


def table(folder, name):
    return pd.read_csv(folder / name)


def total(people, year):
    return sum(np.nan_to_num(people.counts(year, sex).astype(float)) for sex in SEXES)


def numbers_of(districts):
    """District of each cell of lesson size, another way: the side of the centre is asked for."""
    rows, columns = np.indices(sample.LESSON)
    x, y = 179.2 + (columns + 0.5) / 400, -16.0 - (rows + 0.5) / 400
    x = np.where(x > 180, x - 360, x)
    numbers = np.zeros(sample.LESSON, int)
    for number, shape in enumerate(districts.geometry, 1):
        numbers[shapely.contains_xy(shape, x, y)] = number
    return numbers


def digest(values, kind):
    return hashlib.sha256(values.astype(kind).tobytes()).hexdigest()[:16]


# ---- the same everywhere -------------------------------------------------------------------------


def test_values_are_the_same_on_every_platform(land, people):
    # kept numbers: they change only with a new VERSION; float32 holds 1/256 of a person exactly
    assert {
        "rain": digest(landia_climate.monthly_rain(land, 1983), "<i2"),
        "warmth": digest(landia_climate.monthly_temperature(land, 2016), "<i2"),
        "people": digest(people.counts(2023, "female"), "<f4"),
    } == KEPT


def test_the_size_of_the_other_rasters_does_not_matter(folder, tmp_path):
    small = sample.make(tmp_path / "small", size=(60, 75))
    names = [path.relative_to(folder) for kind in ("*.csv", "*.nc") for path in folder.rglob(kind)]
    names += [path.relative_to(folder) for path in (folder / "population").glob("*.tif")]
    assert len(names) == 29 + 3 + 51
    for name in names:
        if name.suffix == ".csv":
            assert (small / name).read_bytes() == (folder / name).read_bytes(), name
        elif name.suffix == ".nc":
            with xr.open_dataset(small / name) as one, xr.open_dataset(folder / name) as other:
                xr.testing.assert_identical(one, other)
        else:
            one, other = (read(place / name.parent, name.stem) for place in (small, folder))
            np.testing.assert_array_equal(one, other)


def test_another_seed_moves_people_and_rain_but_not_their_story(land):
    other, another = People(seed=7), Landia(landia_climate.GRID, seed=7)
    assert not np.array_equal(other.counts(2000, "male"), People().counts(2000, "male"))
    rain = [landia_climate.monthly_rain(place, 1990) for place in (land, another)]
    assert not np.array_equal(*rain)
    assert total(other, 2000).sum() == pytest.approx(1_200_000, rel=0.01)


def test_every_file_says_that_it_is_synthetic(folder):
    for path in sorted((folder / "population").glob("*.tif")):
        with rasterio.open(path) as file:
            assert file.tags()["SYNTHETIC"] == "yes"
            assert "fictional" in file.tags()["COUNTRY"]
    for name in CLIMATE:
        with xr.open_dataset(folder / f"climate/{name}.nc") as file:
            assert file.attrs["title"].startswith("Landia synthetic training data")
            assert "fictional" in file.attrs["comment"]
            assert file.attrs["synthetic"] == "yes"
    assert "synthetic" in gpd.read_file(folder / "population/districts.gpkg")["note"][0]
    for section in ("population", "drought", "vulnerability"):
        country = Country.read(folder / "country.yml", outputs=folder / "none")
        assert "synthetic" in getattr(country, section).metadata.title


# ---- months of rain ------------------------------------------------------------------------------


def test_the_months_add_up_to_the_rain_of_the_year(land, months):
    rain = months["precipitation"].sum(1)
    known = ~np.isnan(rain[0])
    assert 900 < known.sum() < 1300
    for year in YEARS:
        np.testing.assert_array_equal(rain[year - 1981][known], land.rain(year)[known])
    for year in (1981, 1992, 1999):
        drawn = landia_climate.yearly_rain(land, year)
        np.testing.assert_array_equal(rain[year - 1981][known], drawn[known])


def test_the_netcdf_files_open_as_they_should(folder):
    with xr.open_dataset(folder / "climate/precipitation.nc") as file:
        rain = file["precipitation"]
        assert rain.dims == ("time", "lat", "lon")
        assert rain.shape == (516, 40, 50)
        assert rain.attrs["units"] == "mm/month"
        assert rain.encoding["dtype"] == np.int16
        assert rain.encoding["_FillValue"] == NODATA
        assert file.attrs["Conventions"] == "CF-1.8"
        months = pd.date_range("1981-01-01", "2023-12-01", freq="MS")
        assert (file["time"].values == months.values).all()
        assert file["lat"].values[[0, -1]] == pytest.approx([-16.0125, -16.9875])
        assert file["lon"].values[[0, -1]] == pytest.approx([179.2125, 180.4375])
        assert file["lon"].attrs["units"] == "degrees_east"
    with xr.open_dataset(folder / "climate/temperature.nc") as file:
        assert -5 < float(file["temperature"].min()) < float(file["temperature"].max()) < 40
    size = sum((folder / f"climate/{name}.nc").stat().st_size for name in CLIMATE)
    assert size < 3_000_000


def test_land_has_data_but_the_reef_and_the_sea_have_none(folder, months, whole, land):
    known = ~np.isnan(months["precipitation"][0, 0])
    for name in CLIMATE:
        assert (np.isnan(months[name]) == ~known).all()
    fine = known.repeat(10, 0).repeat(10, 1)
    west, north, east, south = landia_climate.REEF
    reef = (whole.x > west) & (whole.x < east) & (whole.y > north) & (whole.y < south)
    assert fine[(whole.land > 0) & ~reef].all()
    assert not fine[reef].any()
    assert 0.002 < (reef & (whole.country > 0)).sum() / (whole.country > 0).sum() < 0.01
    assert not known[(land.land < -0.5)].any()


def test_the_wet_season_and_the_driest_corner(months, land):
    rain = months["precipitation"]
    inside = land.country > 0
    by_month = np.nanmean(rain[:, :, inside], axis=(0, 2))
    assert (
        set(np.argsort(by_month)[-5:]) == {11, 0, 1, 2, 10} or by_month[[11, 0, 1, 2]].min() > 100
    )
    assert by_month[[5, 6, 7]].max() < 0.3 * by_month[[11, 0, 1, 2]].min()
    driest = inside & (land.mean_rain < 80)
    assert 0.25 < (rain[:, :, driest] == 0).mean() < 0.5
    assert not (rain[:, :, inside & (land.mean_rain > 1500)] == 0).any()
    winter = rain[:30, 5:8].sum(1)  # June to August, 1981-2010: SPI-3 of August is in doubt
    doubtful = ((winter == 0).mean(0) > 1 / 3) & inside
    assert doubtful.sum() > 20
    assert not (rain.sum(1)[:, inside] == 0).any()  # SPI-12 of December never is


def test_the_water_balance_is_rain_minus_evapotranspiration(months, land):
    evaporated = months["precipitation"] - months["water_balance"]
    drawn = landia_climate.evapotranspiration(
        land, landia_climate.monthly_temperature(land, 2010)
    )  # fmt: skip
    known = ~np.isnan(evaporated[0, 0])
    np.testing.assert_array_equal(evaporated[29][:, known], drawn[:, known])
    assert 600 < np.nanmin(evaporated.sum(1).mean(0)) < np.nanmax(evaporated.sum(1).mean(0)) < 2500
    # by hand: 28.25 days x 0.0023 x 39.9 / 2.45 x (25.0 + 17.8) x 3 (a range of 9 degrees) = 135.9
    place = Landia((1, 1))
    place.__dict__["wetness"] = np.array([[0.75]])  # 7 + 8 / 4 = 9
    warmth = np.full((12, 1, 1), 250)
    assert landia_climate.evapotranspiration(place, warmth)[1, 0, 0] == 136


# ---- droughts ------------------------------------------------------------------------------------


def shares_of(folder, place):
    found = table(folder, "truth/drought_shares.csv").set_index(["place", "year"]).loc[place]
    assert np.allclose(found.sum(axis=1), 100, atol=0.05)
    return found.assign(severe_up=found["severe"] + found["extreme"])


def test_planted_droughts_are_in_the_rain(months, land):
    """Full maximum likelihood by scipy, on the files: the classes of the truth, but for a few."""
    rain = months["precipitation"].sum(1)
    places = [tuple(cell) for cell in np.argwhere((land.country > 0) & ~np.isnan(rain[0]))[::7]]
    agree = []
    planted = landia_climate.expected_classes(land)
    for y, x in places:
        fitted = scipy.stats.gamma.fit(rain[:30, y, x], floc=0)
        index = scipy.stats.norm.ppf(scipy.stats.gamma.cdf(rain[:, y, x], *fitted))
        classes = 4 - np.digitize(index, [-2, -1.5, -1, 0], right=True)
        agree.append(classes == planted[:, y, x])
    assert np.mean(agree) > 0.98


def test_the_years_of_drought(folder):
    landia = shares_of(folder, "Landia")
    assert landia["severe_up"].idxmax() == 2009
    assert landia.loc[2009, "severe_up"] > 80
    assert (landia.loc[[1983, 1992, 2002, 2015, 2016, 2019], "severe_up"] > 20).all()
    ordinary = landia.drop([1983, 1987, 1992, 2002, 2006, 2009, 2010, 2015, 2016, 2019])
    assert (ordinary["severe_up"] < 1.5).all()
    assert landia.loc[2020:2023, "severe_up"].max() < 1.0  # one place only
    assert landia.loc[2020:2023, "extreme"].max() > 0.3
    assert landia["no_data"].between(0.2, 1.0).all()  # the reef


def test_the_regional_droughts(folder, land, whole):
    island, mainland = shares_of(folder, "Island"), shares_of(folder, "Mainland")
    assert island.loc[1987, "extreme"] > 85 and mainland.loc[1987, "severe_up"] < 2
    assert mainland.loc[2016, "severe_up"] > 70 and island.loc[2016, "severe_up"] < 10
    elsewhere = (whole.strength("drying") == 0) & (whole.country > 0)
    elsewhere = elsewhere.reshape(40, 10, 50, 10).any((1, 3)) & (land.strength("drying") == 0)
    assert landia_climate.expected_classes(land)[2020 - 1981 :, elsewhere].max() == 2
    drying = shares_of(folder, "Drying")
    assert (drying.loc[[2019, 2020, 2022, 2023], "severe_up"] > 80).all()
    assert drying.loc[2004, "none"] == 100


def test_the_list_of_droughts_agrees_with_the_shares(folder):
    rows = list(csv.DictReader((folder / "truth/droughts.csv").open(encoding="utf-8")))
    assert {row["year"] for row in rows} >= {"1983", "1992", "2002", "2009", "2016", "2019"}
    for row in rows:
        found = shares_of(folder, row["place"]).loc[int(row["year"])]
        assert float(row["severe_or_extreme_percent"]) == pytest.approx(found["severe_up"], abs=0.1)
        order = ["none", "mild", "moderate", "severe", "extreme"]
        reached = found[order].cumsum()
        assert row["median_class"] == next(c for c in order if reached[c] >= found[order].sum() / 2)


# ---- people --------------------------------------------------------------------------------------


def test_people_grow_by_two_percent_a_year(people):
    totals = np.array([total(people, year).sum() for year in YEARS])
    assert totals[0] == pytest.approx(1_200_000, rel=0.01)
    np.testing.assert_allclose(totals[1:] / totals[:-1], 1.02, atol=0.0005)


def test_people_are_counted_by_a_fraction_that_adds_up_exactly(folder):
    for year in (2000, 2023):
        for sex in SEXES:
            values = persons(folder, f"{sex}_{year}") * QUANTUM
            np.testing.assert_array_equal(values, np.rint(values))
            assert values.min() == 0


def test_the_coarse_copy_has_the_same_people(folder):
    for sex in SEXES:
        fine, coarse = persons(folder, f"{sex}_2020"), persons(folder, f"coarse_2020_{sex}")
        assert coarse.sum() == fine.sum()
        np.testing.assert_array_equal(coarse, fine.reshape(40, 3, 50, 3).sum((1, 3)))


def test_density_times_area_gives_the_people(folder):
    from pyproj import Geod

    density = persons(folder, "density_2020")
    people = persons(folder, "female_2020") + persons(folder, "male_2020")
    people = people.reshape(60, 2, 75, 2).sum((1, 3))
    for row in (5, 30, 50):
        north = -16.0 - row / 60
        cell = shapely.box(0, north - 1 / 60, 1 / 60, north)
        area = abs(Geod(ellps="WGS84").geometry_area_perimeter(cell)[0]) / 1e6
        np.testing.assert_allclose(density[row] * area, people[row], rtol=1e-5)
        assert people[row].sum() > 0
    assert density.sum() < 0.35 * people.sum()  # taken for counts: two thirds are lost


def test_nobody_lives_on_the_open_sea_and_few_on_the_lake(people, folder):
    counts = people.counts(2010, "female")
    far = np.ones(counts.shape, bool)  # cells more than one cell from any land
    for y, x in np.argwhere(people.coast_share > 0):
        far[max(y - 1, 0) : y + 2, max(x - 1, 0) : x + 2] = False
    np.testing.assert_array_equal(np.isnan(counts), far)
    assert not np.isnan(counts[people.coast_share > 0]).any()
    assert (total(people, 2010)[people.coast_share == 0] == 0).all()
    straddling = (people.coast_share > 0.2) & (people.coast_share < 0.9)
    assert total(people, 2010)[straddling].sum() > 20_000
    lake = people.afloat
    assert lake.any()
    assert (people.land.cover(2000)[lake] == WATER).all()
    assert (people.land._cover(2023)[lake] == WATER).all()
    assert [round(total(people, year)[lake].sum()) for year in (2000, 2020)] == [60, 30]


def test_rounding_loses_the_people_of_dry_land(people):
    empty = (people.land.wetness < 0.2) & (people.coast_share == 1) & (people.villages == 0)
    for year in (2000, 2023):
        counts = total(people, year)
        assert 0.1 < np.median(counts[empty]) < 0.5
        dry = counts[people.land.wetness < 0.2]
        assert np.rint(dry).sum() < 0.7 * dry.sum()
        assert np.rint(counts).sum() == pytest.approx(counts.sum(), rel=0.001)  # not in the whole


def test_towns_follow_the_land_cover_and_people_leave_the_pasture(people):
    city = people.land._cover(2022) == 190
    grown = total(people, 2022)[city].sum() / total(people, 2000)[city].sum()
    assert grown > 2.2  # all people: 1.55
    new = city & (people.land._cover(2000) != 190)
    assert total(people, 2022)[new].sum() > 3 * total(people, 2000)[new].sum()
    pasture = people.leaving > 0.5
    assert total(people, 2023)[pasture].sum() < 0.6 * total(people, 2000)[pasture].sum()


def test_the_sex_ratio_differs_in_place(people):
    def men(year, where):
        male = np.nan_to_num(people.counts(year, "male").astype(float))
        return male[where].sum() / total(people, year)[where].sum()

    camp = people.camp
    assert men(2023, camp) > 0.75 > 0.55 > men(2010, camp)
    assert total(people, 2018)[camp].sum() > 1600 + total(people, 2017)[camp].sum()
    assert men(2023, people.leaving > 0.8) < 0.45
    assert 0.48 < men(2000, slice(None)) < 0.50


# ---- districts, census and official figures ------------------------------------------------------


def test_districts_share_out_the_country_and_the_regions(folder, whole):
    country = gpd.read_file(folder / "boundary.gpkg").geometry[0]
    regions = gpd.read_file(folder / "regions.gpkg").set_index("name").geometry
    districts = gpd.read_file(folder / "population/districts.gpkg")
    assert districts["code"].tolist() == landia_statistics.CODES
    assert districts["code"].is_unique and districts["name"].is_unique
    assert districts.crs.to_epsg() == 4326 and districts.geometry.is_valid.all()
    area = shapely.area(districts.geometry.values)
    assert area.sum() == pytest.approx(country.area, rel=1e-4)
    assert districts.union_all().symmetric_difference(country).area < 1e-4 * country.area
    for region, shape in regions.items():
        here = (districts["region"] == region).to_numpy()
        assert area[here].sum() == pytest.approx(shape.area, rel=1e-4)
    assert area.min() > 0.03 * country.area
    numbers = numbers_of(districts)
    country_cells = whole.country > 0
    assert ((numbers > 0) != country_cells).sum() <= 3  # islets smaller than half a cell
    assert (np.bincount(numbers.ravel(), minlength=9)[1:] > 2000).all()


def test_shares_by_hand():
    # two steps of 3 over three steps of 2: the middle one is shared by both
    np.testing.assert_allclose(
        landia_statistics._overlap(np.array([0.0, 3, 6]), np.array([0.0, 2, 4, 6])),
        [[2 / 3, 1 / 3, 0], [0, 1 / 3, 2 / 3]],
    )
    everywhere = landia_statistics.share_of_people(np.ones((400, 500), bool))
    np.testing.assert_allclose(everywhere, 1.0)


def test_the_census_counts_what_is_inside_the_districts(folder):
    """Another way: both grids cut into cells of 1/1200 degree, 10 x 10 and 3 x 3 to a cell."""
    census = table(folder, "population/census.csv")
    assert sorted(census["year"].unique()) == [2000, 2010, 2020]
    districts = gpd.read_file(folder / "population/districts.gpkg")
    numbers = numbers_of(districts).repeat(3, 0).repeat(3, 1)
    for year, sex in ((2000, "female"), (2010, "male"), (2020, "female")):
        fine = persons(folder, f"{sex}_{year}").repeat(10, 0).repeat(10, 1) / 100.0
        found = np.bincount(numbers.ravel(), fine.ravel())[1:]
        told = census[census["year"] == year].set_index("district")[sex]
        # within a cell the north is a little narrower: not so here
        np.testing.assert_allclose(told.loc[landia_statistics.CODES], found, rtol=3e-5, atol=1)


def test_official_figures_are_above_the_people_inside(folder):
    national, truth, census = (
        table(folder, name)
        for name in ("population/national.csv", "truth/population.csv", "population/census.csv")
    )
    assert national["year"].tolist() == truth["year"].tolist() == list(YEARS)
    assert (truth["official"] / 1000 - national["total"]).abs().max() < 1e-9
    np.testing.assert_allclose(national["female"] + national["male"], national["total"], atol=1e-6)
    np.testing.assert_allclose(national["total"] * 1000 / truth["inside"], 1.024, atol=1e-5)
    text = (folder / "population/national.csv").read_text(encoding="utf-8").splitlines()[1]
    assert all(len(number.split(".")[1]) == 3 for number in text.split(",")[1:])
    np.testing.assert_allclose(truth["inside"] + truth["outside"], truth["raster"], atol=0.2)
    for year, rows in census.groupby("year"):
        row = truth.set_index("year").loc[year]
        assert abs(rows["female"].sum() - row["female"]) <= 4  # eight times half a person
        assert abs(rows["male"].sum() - row["male"]) <= 4
        rasters = sum(persons(folder, f"{sex}_{year}").sum() for sex in SEXES)
        assert row["raster"] == pytest.approx(rasters, abs=0.05)
        assert row["outside"] > 0.01 * row["raster"]


def test_people_on_land_planted_as_degraded(folder):
    exposed = table(folder, "truth/exposed.csv").set_index("period")
    inside = table(folder, "truth/population.csv").set_index("year")["inside"]
    for period, row in exposed.iterrows():
        assert row["female"] + row["male"] == pytest.approx(row["total"], abs=0.2)
        truth = read(folder, f"truth/truth_{period}") == -1
        fine = persons(folder, f"female_{int(row['year'])}").repeat(10, 0).repeat(10, 1) / 100.0
        found = fine[truth.repeat(3, 0).repeat(3, 1)].sum()
        assert row["female"] == pytest.approx(found, abs=2)
        assert 0.1 < row["total"] / inside[row["year"]] < 0.5


# ---- factors of drought vulnerability ------------------------------------------------------------


def test_factors_are_known_and_complete(folder):
    factors = table(folder, "vulnerability/factors.csv")
    known = tables.read("drought_factors").set_index("factor")
    assert set(factors["factor"]) <= set(known.index)
    component = factors["factor"].map(known["component"])
    assert (factors.groupby(component)["factor"].nunique() >= 2).all()
    assert set(component) == {"social", "economic", "infrastructural"}
    by_sex = factors[factors["sex"] != "total"]
    assert set(by_sex["factor"].map(known["component"])) == set(component)
    assert set(factors["unit"]) == {"national", "North", "South"}
    regions = gpd.read_file(folder / "regions.gpkg")["name"]
    assert set(regions) == {"North", "South"}
    assert not factors.duplicated(["year", "factor", "sex", "unit"]).any()
    per_year = factors.groupby(["year", "factor"]).size().unstack()
    absent = [
        (year, name) for (year, name), n in per_year.stack(future_stack=True).items() if np.isnan(n)
    ]
    assert absent == [(2011, "poverty_headcount")]
    spread = factors.groupby("factor")["value"].agg(lambda values: values.max() - values.min())
    assert spread[spread == 0].index.tolist() == ["refugee_population"]
    percent = factors["factor"].isin(known.index[known["unit"] == "percent"])
    assert factors.loc[percent, "value"].between(0, 100).all()
    weights = table(folder, "vulnerability/weights.csv")
    assert set(weights["factor"]) == set(factors["factor"])


def test_the_country_file_names_people_droughts_and_factors(folder, tmp_path):
    for name in ("country.yml", "country_verified.yml"):
        country = Country.read(folder / name, outputs=tmp_path)
        assert country.population.years == YEARS
        assert country.population.unit == "counts"
        assert country.population.national == folder / "population/national.csv"
        assert country.drought.series == str(folder / "climate/precipitation.nc")
        assert country.vulnerability.units.file == folder / "regions.gpkg"
        assert country.vulnerability.source == "national"
        assert all(country.vulnerability.metadata.as_dict().values())
        assert not country.findings

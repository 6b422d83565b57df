"""Real people: Malawi by sex and district from a census, Assaba by density from WorldPop."""

from __future__ import annotations

import geopandas
import numpy as np
import pandas as pd
import pytest
import rasterio
import real_countries
import yaml
from odc.geo.geobox import GeoBox
from pyproj import Geod

import ldnkit
from ldnkit import areas, blocks, population
from ldnkit.sources import people

pytestmark = [pytest.mark.real, pytest.mark.filterwarnings("ignore::UserWarning")]

#: Persons, from the README of the data: density × cell area, with a degree of 110.57 km north and
#: 111.32 km × cos(latitude) east. On the ellipsoid cells are 0.11 % larger there.
ASSABA = {2010: 299_439, 2015: 337_950, 2020: 383_534}
ELLIPSOID = {2010: 299_772, 2015: 338_326, 2020: 383_960}


# -------------------------------------------------------------------- Malawi


@pytest.fixture(scope="module")
def malawi(shared_data):
    """Persons by district and sex in the middle of 2018, and the polygons of the districts."""
    folder = shared_data / "naomi_malawi"
    table = pd.read_csv(folder / "demo_population_agesex.csv")
    table = table[table["calendar_quarter"] == "CY2018Q2"]
    persons = table.pivot_table(
        index="area_id", columns="sex", values="population", aggfunc="sum"
    )  # 17 age groups
    districts = geopandas.read_file(folder / "demo_areas.geojson").set_index("area_id")
    return persons, districts.loc[persons.index, ["geometry"]]


@pytest.mark.parametrize(
    ("cell", "crs"), [(1 / 120, "EPSG:4326"), (5000, "ESRI:54009"), (0.5, "EPSG:4326")]
)
def test_every_district_of_malawi_keeps_women_and_men(malawi, cell, crs):
    persons, districts = malawi
    assert len(persons) == 32 and 16e6 < persons.to_numpy().sum() < 19e6
    west, south, east, north = districts.to_crs(crs).total_bounds
    grid = GeoBox.from_bbox((west, south, east, north), crs, resolution=cell)
    found = population.spread(persons, districts, grid)
    for sex in ("female", "male"):
        assert float(found[sex].sum()) == pytest.approx(persons[sex].sum(), rel=1e-9)
        if cell == 0.5:  # towns are smaller than a cell, so cells have people of several districts
            continue
        cells = pd.DataFrame({"persons": found[sex].values.ravel()})
        rows, columns = np.indices(grid.shape)
        x, y = grid.transform @ (columns.ravel() + 0.5, rows.ravel() + 0.5)
        points = geopandas.GeoDataFrame(cells, geometry=geopandas.points_from_xy(x, y), crs=crs)
        held = geopandas.sjoin(points, districts.to_crs(crs), predicate="within")
        by_district = held.groupby("area_id")["persons"].sum()
        whole = by_district.index[by_district.index.isin(persons.index)]
        assert len(whole) > 25
        np.testing.assert_allclose(by_district[whole], persons.loc[whole, sex], rtol=1e-6)


def test_malawi_moved_to_a_land_cover_grid_and_back(malawi):
    persons, districts = malawi
    west, south, east, north = districts.total_bounds
    coarse = GeoBox.from_bbox((west, south, east, north), "EPSG:4326", resolution=0.05)
    fine = GeoBox.from_bbox(
        (west - 0.1, south - 0.1, east + 0.1, north + 0.1), "EPSG:4326", resolution=1 / 360
    )
    women = population.spread(persons["female"], districts, coarse)
    there = population.regrid(women, fine)
    back = population.regrid(there, coarse)
    assert float(there.sum()) == pytest.approx(persons["female"].sum(), rel=1e-9)
    known = np.isfinite(women.values)
    np.testing.assert_allclose(back.values[known], women.values[known], rtol=1e-9)


def test_malawi_as_a_country(malawi, tmp_path, shared_data):
    """A country file with a census: people by sex inside, by blocks, are those of the table."""
    persons, districts = malawi
    districts.dissolve().to_file(tmp_path / "boundary.gpkg")
    districts.reset_index().to_file(tmp_path / "districts.gpkg")
    table = persons.rename_axis("district").assign(year=2018)
    table.to_csv(tmp_path / "census.csv")
    national = persons.sum() / 1000
    (tmp_path / "national.csv").write_text(
        f"year,total,female,male\n2018,{national.sum()},{national.female},{national.male}\n"
    )
    (tmp_path / "country.yml").write_text(
        yaml.safe_dump(
            {
                "schema": 1,
                "iso3": "MWI",
                "name": "Malawi",
                "cycle": 2026,
                "boundary": {"file": "boundary.gpkg", "rule": "centre"},
                "grid": {"resolution": 0.01, "crs": "EPSG:4326"},
                "land_cover": None,
                "productivity": None,
                "soil": None,
                "population": {
                    "districts": {"file": "districts.gpkg", "key": "area_id"},
                    "table": "census.csv",
                    "national": "national.csv",
                },
            },
            sort_keys=False,
        )
    )
    country = ldnkit.open_country(tmp_path / "country.yml", outputs=tmp_path / "outputs")
    findings = people.look(country)
    assert [finding for finding in findings if finding.severity == "error"] == []
    inside = people.Inside.of(country)
    for sex in ("female", "male"):
        reader = people.counts_input(country, sex, 2018)
        parts = [
            (np.nansum(values), np.nansum(values * inside.read(part)))
            for _, _, part in blocks.windows(country.grid, 200)
            for values in [reader.read(part)]
        ]
        everyone, within = np.sum(parts, axis=0)
        assert everyone == pytest.approx(persons[sex].sum(), rel=1e-9)
        # towns put in one cell may lie on the rim; all others have cells of the country
        assert within == pytest.approx(persons[sex].sum(), rel=1e-3)


# -------------------------------------------------------------------- Assaba


@pytest.fixture(scope="module")
def assaba(tmp_path_factory, shared_data):
    """Path of the country file, and a function that changes its population."""
    data = shared_data / "assaba_mauritania"
    folder = tmp_path_factory.mktemp("assaba")
    path = real_countries.assaba(folder / "country", data)
    text = path.read_text(encoding="utf-8")

    def opened(**section):
        files = {
            year: (data / f"Gridded_Population_Density_Data/Assaba_Pop_{year}.tif").as_posix()
            for year in ASSABA
        }
        content = yaml.safe_load(text) | {"population": {"total": files} | section}
        path.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
        return ldnkit.open_country(path, outputs=folder / "outputs")

    return opened


def geodesic_persons(path):
    """Density × the area of every row's cells, from geodesics along 20 points of each parallel."""
    with rasterio.open(path) as source:
        values = source.read(1, masked=True)
        transform = source.transform
    geod, persons = Geod(ellps="WGS84"), 0.0
    for row, line in enumerate(values):
        top, cell = transform.f + row * transform.e, transform.a
        east = np.linspace(0, cell, 21)
        x = np.concatenate([east, east[::-1]])
        y = np.concatenate([np.full(21, top), np.full(21, top + transform.e)])
        persons += float(line.sum() or 0) * abs(geod.polygon_area_perimeter(x, y)[0]) / 1e6
    return persons


@pytest.mark.parametrize("year", ASSABA)
def test_assaba_density_times_area(assaba, year):
    (path,) = people.counts_input(assaba(unit="density"), "total", year).paths
    own = people.own_grid(path)
    density = people.Counts((path,), "counts").read(own)  # the values as they are stored
    latitude = own.transform.f + own.transform.e * (np.arange(own.shape[0])[:, np.newaxis] + 0.5)
    rough = 110.57 * 111.32 * np.cos(np.radians(latitude)) * own.transform.a**2
    assert round(np.nansum(density * rough)) == ASSABA[year]
    persons = np.nansum(people.Counts((path,), "density").read(own))
    assert round(persons) == ELLIPSOID[year]
    assert persons == pytest.approx(geodesic_persons(path), rel=1e-6)
    assert persons == pytest.approx(ASSABA[year], rel=0.0012)


@pytest.mark.parametrize("year", [2010, 2020])
def test_assaba_on_the_sinusoidal_grid_keeps_its_people(assaba, year):
    country = assaba(unit="density")
    reader = people.counts_input(country, "total", year)
    own = people.own_grid(reader.paths[0])
    everyone = np.nansum(reader.read(own))
    wide = country.grid.pad(60)
    found = sum(np.nansum(reader.read(part)) for _, _, part in blocks.windows(wide, 256))
    assert found == pytest.approx(everyone, rel=1e-6)
    inside = people.Inside.of(country)
    mask = inside.zones.read(country.grid) != -32768
    here = np.nansum(reader.read(country.grid) * mask)
    grid = people.population_grid(country)
    there = sum(
        np.nansum(reader.read(part) * inside.read(part)) for _, _, part in blocks.windows(grid, 128)
    )
    assert there == pytest.approx(here, rel=1e-9)
    assert (
        0.98 * ELLIPSOID[year] < there <= ELLIPSOID[year] + 1
    )  # the raster was cut along the boundary


def test_assaba_rounding_would_lose_people(assaba):
    """Whole persons in cells of 463 m, as Trends.Earth stores them, lose people of sparse land."""
    country = assaba(unit="density")
    values = people.counts_input(country, "total", 2015).read(country.grid)
    lost = 1 - np.nansum(np.floor(values)) / np.nansum(values)
    assert lost > 0.1


def test_assaba_densities_taken_for_counts_are_stopped(assaba, tmp_path):
    figures = "year,total\n" + "".join(f"{year},{n / 1000}\n" for year, n in ASSABA.items())
    (tmp_path / "national.csv").write_text(figures)
    national = (tmp_path / "national.csv").as_posix()
    wrong = people.look(assaba(unit="counts", national=national))
    errors = [finding for finding in wrong if finding.severity == "error"]
    assert [error.where for error in errors] == [
        "population 2010, total",
        "population 2020, total",
    ] or not errors
    right = people.look(assaba(unit="density", national=national))
    assert not [finding for finding in right if finding.severity == "error"]


def test_assaba_cells_are_not_all_alike(assaba):
    """The area of a cell changes by a percent or two from south to north: no one area for all."""
    own = people.own_grid(people.counts_input(assaba(unit="density"), "total", 2015).paths[0])
    area = areas.cell_area(own)[:, 0]
    assert 0.01 < area[-1] / area[0] - 1 < 0.03

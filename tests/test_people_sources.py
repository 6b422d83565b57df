"""People of a country from files: rasters, densities, age groups, a census; early checks."""

from __future__ import annotations

import pickle
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import shapely
from affine import Affine
from odc.geo.geobox import GeoBox
from pyproj import Transformer
from small_country import CELL, NORTH, WEST, small_country

from ldnkit import areas, blocks, population
from ldnkit.findings import InputError
from ldnkit.sources import people

NAN = np.nan
SINUSOIDAL = "+proj=sinu +R=6371007.181 +units=m"
COVER = np.full((4, 6), 2)  # the country: 4 × 6 cells of 0.01°
FEMALE = np.arange(1.0, 25).reshape(4, 6)
MALE = FEMALE[::-1] * 2


def total(values):
    return float(np.nansum(values))


def world_with(folder, people=None, *, cover=COVER, **options):
    world = small_country(folder, cover, **options)
    section = {}
    for sex, by_year in (people or {}).items():
        section[sex] = {
            year: world.raster(f"{sex}_{year}.tif", rows, dtype=np.float32, nodata=-99999)
            for year, rows in by_year.items()
        }
    world.file["population"] = section
    return world


@pytest.fixture
def by_sex(tmp_path):
    return world_with(tmp_path, {"female": {2000: FEMALE, 2020: FEMALE * 2},
                                 "male": {2000: MALE, 2020: MALE * 3}})  # fmt: skip


def everyone(reader, grid):
    return total(reader.read(grid))


def errors(findings):
    return [finding for finding in findings if finding.severity == "error"]


def severities(findings, severity):
    return [str(finding) for finding in findings if finding.severity == severity]


# -------------------------------------------------------------------- rasters


def test_women_men_and_everyone(by_sex):
    country = by_sex.read()
    assert people.sexes(country) == ("female", "male")
    assert people.population_years(country) == [2000, 2020]
    read = {
        sex: people.counts_input(country, sex, 2020).read(country.grid)
        for sex in ("total", "female", "male")
    }
    np.testing.assert_allclose(read["female"], FEMALE * 2)
    np.testing.assert_allclose(read["male"], MALE * 3)
    np.testing.assert_allclose(read["total"], FEMALE * 2 + MALE * 3)


def test_a_missing_year_or_sex_is_told(by_sex, tmp_path):
    country = by_sex.read()
    with pytest.raises(ValueError, match="No people of 2012: found 2000, 2020; .* year, 2020"):
        people.counts_input(country, "total", 2012)
    with pytest.raises(ValueError, match="Unknown sex: found 'women'"):
        people.counts_input(country, "women", 2020)
    only = world_with(tmp_path / "only", {"total": {2000: FEMALE}}).read()
    assert people.sexes(only) == ("total",)
    with pytest.raises(ValueError, match="not known by sex: found totals only"):
        people.counts_input(only, "female", 2000)
    with pytest.raises(InputError, match="population: found nothing"):
        people.population_years(replace(only, population=None))


def test_the_sex_ratio_of_the_closest_year(tmp_path):
    world = world_with(tmp_path, {"total": {2000: FEMALE, 2020: FEMALE}})
    world.file["population"]["sex_ratio"] = {2000: 100, 2015: 110}
    country = world.read()
    assert people.sexes(country) == ("female", "male")
    assert everyone(people.counts_input(country, "female", 2000), country.grid) == pytest.approx(
        150
    )
    female = people.counts_input(country, "female", 2020).read(country.grid)
    male = people.counts_input(country, "male", 2020).read(country.grid)
    np.testing.assert_allclose(female, FEMALE / 2.1)
    np.testing.assert_allclose(female + male, FEMALE)


def test_age_groups_are_added_up(tmp_path):
    # a cell without data in one group has the people of the other; without data in both, none
    world = small_country(tmp_path, COVER)
    groups = [FEMALE.copy(), np.full((4, 6), 0.5)]
    groups[0][0, :2] = -99999
    groups[1][0, 0] = -99999
    for sex in "fm":
        for age, values in zip((0, 1), groups, strict=True):
            world.raster(f"iso_{sex}_{age}_2020.tif", values, dtype=np.float32, nodata=-99999)
    country = world.read(
        population={"female": "iso_f_{age}_{year}.tif", "male": "iso_m_{age}_{year}.tif"}
    )
    counts = people.counts_input(country, "female", 2020)
    assert len(counts.paths) == 2
    expected = FEMALE + 0.5
    expected[0, :2] = NAN, 0.5
    np.testing.assert_allclose(counts.read(country.grid), expected)


def test_densities_become_counts_on_their_own_cells(tmp_path):
    # 10 persons per km² on 2 × 3 cells of 0.02°; the country has cells of 0.01°
    world = small_country(tmp_path, COVER)
    name = world.raster("d.tif", np.full((2, 3), 10.0), cell=2 * CELL, dtype=np.float32)
    country = world.read(population={"total": {2020: name}, "unit": "density"})
    read = people.counts_input(country, "total", 2020).read(country.grid)
    expected = [10 * world.area(row) for row in range(4)]
    np.testing.assert_allclose(read[:, 0], expected, rtol=1e-6)
    assert total(read) == pytest.approx(10 * areas.cell_area(country.grid).sum() * 6, rel=1e-9)


def test_precise_large_and_filled_values(tmp_path):
    # float64 and whole numbers keep their digits; a declared and a told fill value are no data
    world = small_country(tmp_path, COVER)
    exact = np.full((4, 6), 1 / 3)
    many = np.full((4, 6), 123_456_789, np.int32)
    many[0, 0], many[0, 1] = -1, -9
    names = [
        world.raster("exact.tif", exact, dtype=np.float64),
        world.raster("many.tif", many, dtype=np.int32, nodata=-1),
    ]
    section = {"total": {2000: names[0], 2010: names[1]}, "nodata": [-9]}
    country = world.read(population=section)
    assert (people.counts_input(country, "total", 2000).read(country.grid) == 1 / 3).all()
    read = people.counts_input(country, "total", 2010).read(country.grid)
    assert read[1, 1] == 123_456_789 and np.isnan(read[0, :2]).all()


def test_below_zero_is_not_read(tmp_path):
    values = FEMALE.copy()
    values[2, 2] = -200
    country = world_with(tmp_path, {"total": {2000: values}}).read()
    with pytest.raises(ValueError, match=r"total_2000.tif has fewer than no people .* found -200"):
        people.counts_input(country, "total", 2000).read(country.grid)


@pytest.mark.parametrize("block", [1, 3, 5])
def test_blocks_are_parts_of_the_whole(by_sex, block, monkeypatch):
    country = by_sex.read()
    grid = country.grid.pad(3)
    reader = pickle.loads(pickle.dumps(people.counts_input(country, "total", 2000)))
    inside = pickle.loads(pickle.dumps(people.Inside.of(country)))
    whole, share = reader.read(grid), inside.read(grid)
    monkeypatch.setattr(people, "PIECE", 3)
    for row, column, part in blocks.windows(grid, block):
        place = slice(row, row + part.shape[0]), slice(column, column + part.shape[1])
        np.testing.assert_allclose(reader.read(part), whole[place], rtol=1e-12)
        np.testing.assert_allclose(inside.read(part), share[place], atol=1e-12)
    np.testing.assert_allclose(reader.read(grid), whole, rtol=1e-12)


# --------------------------------------------------------- grids and the boundary


def boundary():
    """A country that cuts cells: rows 0.6 … 3.3, columns 0.7 … 5.2, with a hole."""

    def cells(top, left, bottom, right):
        sides = WEST + left * CELL, NORTH - bottom * CELL, WEST + right * CELL, NORTH - top * CELL
        return shapely.box(*sides)

    return cells(0.6, 0.7, 3.3, 5.2).difference(cells(1, 2, 2.2, 3))


def coarse(world, name, crs=None, cell=0.025, rows=8, columns=10, seed=0):
    """People on other cells, over the country and beyond."""
    random = np.random.default_rng(seed)
    values = random.lognormal(1, 1, (rows, columns))
    values[0, 0] = -99999
    place = {"west": WEST - 0.031, "north": NORTH + 0.027, "cell": cell}
    if crs:
        move = Transformer.from_crs("EPSG:4326", crs, always_xy=True)
        x, y = move.transform(WEST - 0.04, NORTH + 0.03)
        place |= {"west": x, "north": y, "crs": crs}
    return world.raster(name, values, dtype=np.float64, nodata=-99999, **place)


@pytest.mark.parametrize("rule", ["centre", "fraction"])
@pytest.mark.parametrize(
    ("crs", "cell", "rows", "columns"),
    [(None, 0.025, 8, 10), (None, 0.004, 40, 45), (None, 0.01, 15, 15),
     (SINUSOIDAL, 1500.0, 10, 12), ("EPSG:32636", 400.0, 40, 40)],
)  # fmt: skip
def test_people_inside_are_the_same_on_both_grids(tmp_path, rule, crs, cell, rows, columns):
    world = small_country(tmp_path, COVER, boundary=boundary())
    name = coarse(world, "people.tif", crs, cell, rows, columns)
    country = world.read(
        population={"total": {2020: name}}, boundary={"file": "boundary.gpkg", "rule": rule}
    )
    reader, inside = people.counts_input(country, "total", 2020), people.Inside.of(country)
    mask = inside.zones.read(country.grid) != -32768
    mask = mask * (inside.zones.coverage().read(country.grid) if rule == "fraction" else 1.0)
    on_country = total(reader.read(country.grid) * mask)
    own = people.population_grid(country)
    counted = sum(
        total(reader.read(part) * inside.read(part)) for _, _, part in blocks.windows(own, 7)
    )
    assert on_country > 0
    assert counted == pytest.approx(on_country, rel=1e-9)


def test_population_grid_is_that_of_the_raster(tmp_path):
    world = small_country(tmp_path, COVER)
    name = coarse(world, "people.tif")
    country = world.read(population={"total": {2020: name}})
    grid = people.population_grid(country)
    own = people.own_grid(tmp_path / name)
    column = (grid.transform.c - own.transform.c) / 0.025
    assert grid.transform.a == own.transform.a and column == pytest.approx(round(column), abs=1e-9)
    box, land = grid.boundingbox, country.grid.boundingbox
    assert box.left <= land.left and box.right >= land.right
    assert box.bottom <= land.bottom and box.top >= land.top
    assert max(grid.shape) <= 3 + 2 * 3  # no more than a rim of two or three cells
    read = people.counts_input(country, "total", 2020).read(grid)
    known = ~np.isnan(read)
    np.testing.assert_array_equal(
        read[known], people.Counts((tmp_path / name,), nodata=()).read(grid)[known]
    )


@pytest.mark.parametrize("west", [-180.0, 170.0])
def test_a_country_across_180(tmp_path, west):
    # Fiji-like: cells from 178° to 182°; the raster runs −180 … 180, or beyond 180
    world = small_country(
        tmp_path, np.full((2, 8), 2), west=178.0, north=-16.0, cell=0.5,
        boundary=shapely.union(shapely.box(178, -17, 180, -16), shapely.box(-180, -17, -178, -16)),
    )  # fmt: skip
    columns = 360 if west == -180 else 20
    values = np.zeros((3, columns))
    lon = west + np.arange(columns) + 0.5
    east, beyond = (lon > 178) & (lon < 180), ((lon + 360) % 360 > 180) & ((lon + 360) % 360 < 182)
    values[1, east], values[1, beyond] = 3.0, 5.0
    name = world.raster("people.tif", values, west=west, north=-15.0, cell=1.0, dtype=np.float32)
    country = world.read(population={"total": {2020: name}})
    assert country.crosses_180
    reader, inside = people.counts_input(country, "total", 2020), people.Inside.of(country)
    assert total(reader.read(country.grid)) == pytest.approx(2 * 3 + 2 * 5, rel=1e-9)
    grid = people.population_grid(country)
    assert grid.boundingbox.left > 170 and grid.boundingbox.right < 190
    assert total(reader.read(grid) * inside.read(grid)) == pytest.approx(16, rel=1e-9)


def test_no_rows_beyond_the_pole(tmp_path):
    world = small_country(tmp_path, np.full((2, 3), 2), west=10.0, north=90.0, cell=0.5)
    name = world.raster("p.tif", np.ones((1, 2)), west=10.0, north=90.0, cell=1.0, dtype=np.float32)
    country = world.read(population={"total": {2020: name}})
    grid = people.population_grid(country)
    assert grid.boundingbox.top == 90
    areas.cell_area(grid)
    assert total(people.counts_input(country, "total", 2020).read(grid)) == pytest.approx(2)


# ------------------------------------------------------------------------ census


def census(folder, table, *, weight=None, shapes=None, keys=("n", "s"), **section):
    #  rows 0 and 1: n;  rows 2 and 3: s
    world = small_country(folder, COVER)
    shapes = shapes or (world.cells(0, 0, 2, 6), world.cells(2, 0, 4, 6))
    world.polygons("districts.gpkg", *shapes, code=list(keys))
    (world.folder / "census.csv").write_text(table, encoding="utf-8")
    world.file["population"] = {
        "districts": {"file": "districts.gpkg", "key": "code"}, "table": "census.csv",
    } | section  # fmt: skip
    if weight is not None:
        world.file["population"]["weight"] = world.raster("weight.tif", weight, dtype=np.float32)
    return world


TABLE = "district,year,female,male\nn,2010,60,120\ns,2010,12,24\nn,2020,600,0\ns,2020,6,1\n"


def test_a_census_by_area(tmp_path):
    country = census(tmp_path, TABLE).read()
    assert people.sexes(country) == ("female", "male")
    assert people.population_years(country) == [2010, 2020]
    assert people.population_grid(country) == country.grid
    female = people.counts_input(country, "female", 2010).read(country.grid)
    assert total(female[:2]) == pytest.approx(60) and total(female[2:]) == pytest.approx(12)
    share = areas.cell_area(country.grid)[0, 0] / areas.cell_area(country.grid)[:2].sum() / 6
    assert female[0, 0] == pytest.approx(60 * share, rel=1e-9)
    assert everyone(people.counts_input(country, "total", 2020), country.grid) == pytest.approx(607)
    inside = people.Inside.of(country).read(country.grid)
    np.testing.assert_allclose(inside, 1)


def test_a_census_in_blocks_and_on_other_grids(tmp_path):
    weight = np.random.default_rng(0).random((4, 6)) * (np.arange(6) > 1)
    country = census(tmp_path, TABLE, weight=weight).read()
    reader = pickle.loads(pickle.dumps(people.counts_input(country, "male", 2010)))
    whole = reader.read(country.grid)
    np.testing.assert_allclose(whole[:2], 120 * weight[:2] / weight[:2].sum(), rtol=1e-6)
    for row, column, part in blocks.windows(country.grid, 3):
        place = slice(row, row + part.shape[0]), slice(column, column + part.shape[1])
        np.testing.assert_allclose(reader.read(part), whole[place], rtol=1e-12)
    other = GeoBox((5, 5), Affine(0.03, 0, WEST - 0.02, 0, -0.03, NORTH + 0.02), "EPSG:4326")
    assert total(reader.read(other)) == pytest.approx(144, rel=1e-9)


def test_a_district_smaller_than_a_cell(tmp_path):
    world = small_country(tmp_path / "x", COVER)
    tiny = world.cells(1.1, 1.1, 1.3, 1.3)
    shapes = (world.cells(0, 0, 2, 6), world.cells(2, 0, 4, 6), tiny)
    table = "district,year,total\n1,2010,12\n2,2010,12\n3,2010,7\n"
    country = census(tmp_path, table, shapes=shapes, keys=(1, 2, 3), sex_ratio=100).read()
    assert people.sexes(country) == ("female", "male")
    reader = people.counts_input(country, "total", 2010)
    read = reader.read(country.grid)
    assert read[1, 1] == pytest.approx(7 + 1, rel=1e-3) and total(read) == pytest.approx(31)
    parts = [reader.read(part) for _, _, part in blocks.windows(country.grid, 2)]
    assert sum(map(total, parts)) == pytest.approx(31)
    assert everyone(people.counts_input(country, "male", 2010), country.grid) == pytest.approx(15.5)
    assert any(
        "smaller than a cell: 3" in text for text in severities(people.look(country), "info")
    )


def test_a_census_with_mistakes_tells_all(tmp_path):
    table = "district,year,female,male\nn,2010,60,many\nn,2010,60,-1\n,2010,1,1\ns,10,1,1\n"
    country = census(tmp_path, table).read()
    text = "\n".join(severities(people.look(country), "error"))
    for part in ("line 2, column male: found 'many'", "line 3, column male: found '-1'",
                 "line 3: found n in 2010 a second time", "line 4, column district: found nothing",
                 "line 5, column year: found '10'"):  # fmt: skip
        assert part in text
    with pytest.raises(InputError):
        people.counts_input(country, "female", 2010)


def test_districts_that_do_not_fit(tmp_path):
    table = "district,year,female,male\nn,2010,60,1\nx,2010,1,1\n"
    country = census(tmp_path, table).read()
    findings = people.look(country)
    assert "no polygon for x" in severities(findings, "error")[0]
    assert any("no row in the table for s" in text for text in severities(findings, "warning"))
    with pytest.raises(InputError, match="without a polygon: found x"):
        people.counts_input(country, "female", 2010)
    wrong = census(tmp_path / "key", TABLE)
    wrong.file["population"]["districts"]["key"] = "name"
    text = severities(people.look(wrong.read()), "error")
    assert len(text) == 1 and "no attribute 'name' among code" in text[0]


def test_a_census_is_checked_against_official_figures(tmp_path):
    world = census(tmp_path, TABLE)
    (tmp_path / "national.csv").write_text("year,total\n2010,0.216\n2020,9\n", encoding="utf-8")
    world.file["population"]["national"] = "national.csv"
    text = severities(people.look(world.read()), "error")
    assert len(text) == 1 and "2020, total: found 607 people, 93 % less" in text[0]


# --------------------------------------------------------------- official figures


def with_national(by_sex, text):
    (by_sex.folder / "national.csv").write_text(text, encoding="utf-8")
    by_sex.file["population"]["national"] = "national.csv"
    return by_sex.read()


def test_national_figures_are_persons(by_sex):
    country = with_national(
        by_sex, "year;total;female;male\n2020;2.4;0.6;1.8\n2000;;0.3;0.6\n2010;1.2;;\n"
    )
    found = people.national_figures(country)
    assert found["year"].tolist() == [2000, 2010, 2020]
    assert found["total"].tolist() == pytest.approx([900, 1200, 2400])
    np.testing.assert_allclose(found["male"], [600, NAN, 1800])
    assert people.national_figures(replace(country, population=None)).empty


def test_national_figures_with_mistakes(by_sex):
    text = "year,total,female,male\n2000,16000000,1,1\n2000,1.0,0.6,0.9\n2001,x,1,1\n"
    country = with_national(by_sex, text)
    with pytest.raises(InputError) as error:
        people.national_figures(country)
    text = str(error.value)
    assert "found 16,000,000 thousand people; expected thousands" in text
    assert "2000 a second time" in text and "column total: found 'x'" in text
    warnings = severities(people.look(country), "warning")
    assert any("female + male = 1.5 and total = 1.0" in each for each in warnings)


def test_fitting_rasters_pass(by_sex):
    country = with_national(by_sex, "year,total,female,male\n2000,0.9,0.3,0.6\n2020,2.4,0.6,1.8\n")
    assert people.look(country) == []


def test_without_figures_it_is_said_that_nothing_tells(by_sex):
    findings = people.look(by_sex.read())
    assert [finding.severity for finding in findings] == ["info"]
    assert "no official figures" in findings[0].found
    assert people.look(replace(by_sex.read(), population=None)) == []


def test_women_taken_for_men(by_sex):
    country = with_national(by_sex, "year,total,female,male\n2000,0.9,0.6,0.3\n2020,2.4,0.6,1.8\n")
    text = severities(people.look(country), "error")
    assert len(text) == 2
    assert "population 2000, female: found 300 people, 50 % less" in text[0]
    assert "male: found 600 people, 100 % more" in text[1]


@pytest.mark.parametrize(("off", "stops"), [(1.2, False), (1.21, True), (0.8, False), (0.79, True)])
def test_the_tolerance_is_20_percent(tmp_path, off, stops):
    world = world_with(tmp_path, {"total": {2000: np.full((4, 6), 100 * off)}})
    country = with_national(world, "year,total\n2000,2.4\n")
    assert bool(errors(people.look(country))) is stops


def test_an_old_figure_only_warns(tmp_path):
    world = world_with(tmp_path, {"total": {2000: np.full((4, 6), 100.0)}})
    for year, severity in ((2005, "error"), (2006, "warning")):
        country = with_national(world, f"year,total\n{year},9.6\n")
        found = [f.severity for f in people.look(country) if "official figure" in f.expected]
        assert found == [severity]


def test_densities_taken_for_counts_are_found(tmp_path):
    # 100 persons per km² on cells of 1.2 km²
    world = world_with(tmp_path, {"total": {2000: np.full((4, 6), 100.0)}})
    area = sum(world.area(row, 6) for row in range(4))
    country = with_national(world, f"year,total\n2000,{area / 10:.6f}\n")
    assert people.look(country) == [], "counts and densities are alike on such cells"
    world = world_with(tmp_path / "fine", {}, cell=0.001)
    name = world.raster("d.tif", np.full((4, 6), 100.0), dtype=np.float32)
    world.file["population"] = {"total": {2000: name}}
    area = sum(world.area(row, 6) for row in range(4))
    country = with_national(world, f"year,total\n2000,{area / 10:.6f}\n")
    (text,) = severities(people.look(country), "error")
    assert "found 2,400 people" in text
    assert f"If the values are persons per km², it would be {area * 100:,.0f} people" in text
    assert "which fits: write unit: density in country.yml." in text
    world.file["population"]["unit"] = "density"
    assert not errors(people.look(world.read()))


def test_counts_taken_for_densities_and_thousands(tmp_path):
    world = world_with(tmp_path, {"total": {2000: np.full((4, 6), 1e5)}}, cell=0.1)
    world.file["population"]["unit"] = "density"
    country = with_national(world, "year,total\n2000,2400\n")
    (text,) = severities(people.look(country), "error")
    assert "write unit: counts in country.yml." in text
    world.file["population"]["unit"] = "counts"
    country = with_national(world, "year,total\n2000,2.4\n")
    (text,) = severities(people.look(country), "error")
    assert "Official figures are in thousands" in text


def test_women_and_men_against_the_total(by_sex):
    whole = FEMALE + MALE
    by_sex.file["population"]["total"] = {
        2000: by_sex.raster("t0.tif", whole * 1.01, dtype=np.float64),
        2020: by_sex.raster("t1.tif", whole * 9, dtype=np.float64),
    }
    findings = people.look(by_sex.read())
    (warning,), (error,) = severities(findings, "warning"), severities(findings, "error")
    assert "population 2000: found 900 women and men, but 909 people in total" in warning
    assert "population 2020: found 2,400 women and men, but 8,100 people in total" in error


def test_every_raster_is_looked_at(tmp_path):
    world = small_country(tmp_path, COVER)
    negative = FEMALE.copy()
    negative[:2] = -200
    names = {
        2000: world.raster("negative.tif", negative, dtype=np.float32),
        2001: world.raster("away.tif", FEMALE, west=-60.0, dtype=np.float32),
        2002: "text.tif",
        2003: world.raster("huge.tif", np.where(FEMALE > 3, 1.0, 3e38), dtype=np.float32),
        2004: world.raster("empty.tif", np.full((4, 6), NAN), dtype=np.float32),
        2005: world.raster("whole.tif", np.ones((4, 6)), dtype=np.int16),
    }
    (tmp_path / "text.tif").write_text("no raster")
    findings = people.look(world.read(population={"total": names}))
    text = "\n".join(severities(findings, "error"))
    assert len(errors(findings)) == 4
    assert "population 2000, total (negative.tif): found -200 in 50.0 % of the cells" in text
    assert "write population.nodata: [-200] in country.yml" in text
    assert "(away.tif): found a raster that does not touch the country" in text
    assert "(text.tif): found a file that does not open" in text
    assert "(huge.tif): found 3e+38 in 12.5 %" in text
    warnings = "\n".join(severities(findings, "warning"))
    assert "(empty.tif): found no value" in warnings
    assert "(whole.tif): found whole persons per cell" in warnings


def test_a_raster_without_reference_system(tmp_path):
    import rasterio

    world = world_with(tmp_path, {"total": {2000: FEMALE}})
    with rasterio.open(tmp_path / "bare.tif", "w", driver="GTiff", height=4, width=6, count=2,
                       dtype="float32", transform=Affine(1, 0, 0, 0, -1, 0)) as target:  # fmt: skip
        target.write(np.stack([FEMALE, FEMALE]))
    world.file["population"]["total"][2001] = "bare.tif"
    findings = people.look(world.read())
    assert "no coordinate reference system" in severities(findings, "error")[0]
    with pytest.raises(ValueError, match="bare.tif has no coordinate reference system"):
        people.own_grid(tmp_path / "bare.tif")


def test_several_bands_and_scales_are_said(tmp_path):
    import rasterio

    world = world_with(tmp_path, {"total": {2000: FEMALE}})
    with rasterio.open(tmp_path / "total_2000.tif") as source:
        profile = source.profile | {"count": 2}
    with rasterio.open(tmp_path / "total_2000.tif", "w", **profile) as target:
        target.write(np.stack([FEMALE, FEMALE]).astype(np.float32))
        target.scales = (0.1, 1.0)
    findings = people.look(world.read())
    assert "values with a scale" in severities(findings, "error")[0]
    assert "2 bands" in severities(findings, "warning")[0]


def test_exposure_of_a_country_closes(by_sex):
    """People by class on the country's grid are all the people in the country."""
    country = by_sex.read()
    classes = np.random.default_rng(0).choice([-1, 0, 1, -32768], (4, 6)).astype(np.int16)
    counts = {
        sex: people.counts_input(country, sex, 2000).read(country.grid)
        for sex in ("female", "male")
    }
    found = population.exposed(classes, counts)
    assert found["total"].sum() == pytest.approx(900, rel=1e-9)
    expected = pd.Series((FEMALE + MALE).ravel()).groupby(classes.ravel()).sum()
    np.testing.assert_allclose(found.set_index("class")["total"], expected.sort_index())

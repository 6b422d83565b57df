"""country.yml: population, drought and vulnerability; every mistake with its line and remedy."""

import copy
import re

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from ldnkit.country_file import Drought, Population, VectorFile, Vulnerability, check, country_text
from ldnkit.country_file.patterns import braces, on_disk

# A developed country Party: layers that are left out are remarks (info) only.
HEAD = """\
schema: 1
iso3: KEN
party: developed
boundary: {file: boundary.gpkg}
"""
FIRST = HEAD.count("\n") + 1  # line of the section under test
METADATA = """\
  metadata:
    title: Title
    link: https://example.org
    author: Statistical office
    citation: Statistical office 2024
"""


@pytest.fixture
def folder(tmp_path):
    """Every file that the good sections name; reading country.yml opens none of them."""
    names = ["boundary.gpkg", "districts.gpkg", "census.csv", "weight.tif", "national.csv"]
    names += [f"{sex}_{year}.tif" for sex in ("female", "male", "total") for year in (2000, 2001)]
    names += [f"{sex[0]}_{age}_2000.tif" for sex in ("female", "male") for age in ("00", "05")]
    names += ["rain.nc", "rain.tif", "balance.nc", "factors.csv", "weights.csv", "own.csv"]
    names += [f"spi_{year}.tif" for year in range(2000, 2024)]
    names += [f"p_{year}_{month:02d}.tif" for year in (1981, 1982) for month in range(1, 13)]
    names += ["regions.gpkg", "store.zarr/zarr.json", "empty/readme.txt"]
    for name in names:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    return tmp_path.resolve()


def read(section, folder):
    """The fields, and the problems that are not mere remarks, of a file with this section."""
    others = {"population", "drought", "vulnerability"} - {section.split(":")[0]}
    text = HEAD + section + "".join(f"{name}: null\n" for name in sorted(others))
    fields, findings = check(text, folder)
    return fields, [finding for finding in findings if finding.severity != "info"]


def lines(name, *rows):
    """A section of these rows."""
    return f"{name}:\n" + "".join(f"  {row}\n" for row in rows)


# ---- population: what is read ------------------------------------------------------------------


def test_rasters_by_sex(folder):
    section = lines(
        "population",
        "female: female_{year}.tif",
        "male: {2001: male_2001.tif, 2000: male_2000.tif}",
        "total: total_{year}.tif",
        "national: national.csv",
        "nodata: [-1]",
    )
    fields, problems = read(section, folder)
    found = fields["population"]
    assert problems == [] and isinstance(found, Population)
    assert {sex: list(by_year) for sex, by_year in found.files.items()} == {
        "total": [2000, 2001],
        "female": [2000, 2001],
        "male": [2000, 2001],
    }
    assert found.files["male"][2000] == (folder / "male_2000.tif",)
    assert found.years == (2000, 2001)
    assert found.national == folder / "national.csv" and found.nodata == (-1,)
    assert (found.unit, found.source, found.sex_ratio) == ("counts", "default", {})


def test_years_choose_among_the_files(folder):
    rows = ("female: female_{year}.tif", "male: male_{year}.tif", "years: [2001]")
    fields, problems = read(lines("population", *rows), folder)
    assert problems == [] and fields["population"].years == (2001,)


def test_age_groups_of_a_year_belong_together(folder):
    fields, problems = read(
        lines("population", "female: f_{age}_{year}.tif", "male: m_{age}_{year}.tif"), folder
    )
    assert problems == []
    assert fields["population"].files["female"] == {
        2000: (folder / "f_00_2000.tif", folder / "f_05_2000.tif")
    }


def test_a_list_of_files_for_a_year(folder):
    rows = (
        "female: {2000: [f_00_2000.tif, f_05_2000.tif]}",
        "male: {2000: [m_05_2000.tif, m_00_2000.tif]}",
    )
    fields, problems = read(lines("population", *rows), folder)
    assert problems == []
    # the order of the country file is kept
    assert [file.name for file in fields["population"].files["male"][2000]] == [
        "m_05_2000.tif",
        "m_00_2000.tif",
    ]


@pytest.mark.parametrize(
    ("ratio", "expected"),
    [
        ("101.5", {0: 101.5}),
        ("{2023: 99, 2000: 101}", {2000: 101.0, 2023: 99.0}),
        ("50", {0: 50.0}),  # the limits themselves are allowed
        ("400", {0: 400.0}),
    ],
)
def test_the_ratio_of_the_sexes(folder, ratio, expected):
    rows = ("total: total_{year}.tif", f"sex_ratio: {ratio}", "unit: density")
    fields, problems = read(lines("population", *rows), folder)
    assert problems == []
    assert fields["population"].sex_ratio == expected
    assert list(fields["population"].sex_ratio) == list(expected)
    assert fields["population"].unit == "density"


def test_a_census(folder):
    rows = (
        "districts: {file: districts.gpkg, layer: d, key: code}",
        "table: census.csv",
        "weight: weight.tif",
    )
    fields, problems = read(lines("population", *rows), folder)
    found = fields["population"]
    assert problems == [] and found.files == {} and found.years == ()
    assert found.districts == VectorFile(folder / "districts.gpkg", "d")
    assert found.district_key == "code"
    assert found.table == folder / "census.csv" and found.weight == folder / "weight.tif"


# ---- population: mistakes ----------------------------------------------------------------------

SEXES = ("female: female_{year}.tif", "male: male_{year}.tif")
CENSUS = ("districts: {file: districts.gpkg, key: code}", "table: census.csv")
# rows of the section, row with the finding (0 is the name of the section), key, found, remedy
POPULATION = [
    ((), 0, "population.female", "nothing", "population: null"),
    (("source: default",), 0, "population.female", "nothing", "Write female:"),
    (("female: female.tif", SEXES[1]), 1, "population.female", "'female.tif'", "{year}"),
    (
        ("female: f_{age}_{age}_{year}.tif", SEXES[1]),
        1,
        "population.female",
        "{age}_{age}",
        "Example",
    ),
    (("female: f_{month}_{year}.tif", SEXES[1]), 1, "population.female", "{month}", "Example"),
    (("female: f_{year.tif", SEXES[1]), 1, "population.female", "'f_{year.tif'", "Example"),
    (("female: [a, b]", SEXES[1]), 1, "population.female", "a list of 2", "female_{year}"),
    ((SEXES[0], "male: women_{year}.tif"), 2, "population.male", "no file like women", "Put"),
    (
        (*SEXES, "years: 2000-2003"),
        1,
        "population.female",
        "no file for 2 of 4 years (2002, 2003)",
        "correct years",
    ),
    ((*SEXES, "years: [2000, 1979]"), 3, "population.years[2]", "the year 1979", "Correct"),
    ((SEXES[0],), 0, "population.male", "female without male", "Add male:"),
    ((SEXES[1],), 0, "population.female", "male without female", "Add female:"),
    (
        (*SEXES, "sex_ratio: 100"),
        3,
        "population.sex_ratio",
        "sex_ratio beside female and male",
        "Delete sex_ratio",
    ),
    (
        ("total: total_{year}.tif", *SEXES, "sex_ratio: 100"),
        4,
        "population.sex_ratio",
        "sex_ratio beside female and male",
        "Delete sex_ratio",
    ),
    (("total: total_{year}.tif", "sex_ratio: 49.9"), 2, "population.sex_ratio", "49.9", "101.5"),
    (("total: total_{year}.tif", "sex_ratio: 400.1"), 2, "population.sex_ratio", "400.1", "101.5"),
    (("total: total_{year}.tif", "sex_ratio: .nan"), 2, "population.sex_ratio", "nan", "101.5"),
    (
        ("total: total_{year}.tif", "sex_ratio: 1.015"),
        2,
        "population.sex_ratio",
        "1.015",
        "Write 101.5: males per 100 females",
    ),
    (
        ("total: total_{year}.tif", "sex_ratio: '1,015'"),
        2,
        "population.sex_ratio",
        "'1,015'",
        "decimal point",
    ),
    (
        ("total: total_{year}.tif", "sex_ratio: {2000: many}"),
        2,
        "population.sex_ratio.2000",
        "'many'",
        "101.5",
    ),
    (
        ("total: total_{year}.tif", "sex_ratio: {20o0: 100}"),
        2,
        "population.sex_ratio.20o0",
        "'20o0'",
        "four digits",
    ),
    (
        ("total: total_{year}.tif", "sex_ratio: {2000: 100, '2000': 99}"),
        2,
        "population.sex_ratio.2000",
        "twice",
        "Delete one",
    ),
    ((*SEXES, "unit: thousands"), 3, "population.unit", "'thousands'", "counts, density"),
    ((*SEXES, "unit: densty"), 3, "population.unit", "'densty'", "Did you mean density?"),
    (("unit: density", *CENSUS), 1, "population.unit", "density with districts", "unit: counts"),
    ((*SEXES, *CENSUS), 3, "population.districts", "rasters and a census", "delete districts"),
    (
        (*SEXES, "weight: weight.tif"),
        3,
        "population.weight",
        "rasters and a census",
        "Delete female and male, or delete weight",
    ),
    (
        ("districts: {file: districts.gpkg}", CENSUS[1]),
        1,
        "population.districts.key",
        "nothing",
        "Write key: code",
    ),
    (("districts: {key: code}", CENSUS[1]), 1, "population.districts.file", "nothing", "Write"),
    ((CENSUS[0],), 0, "population.table", "districts without table", "Write table:"),
    ((CENSUS[1],), 0, "population.districts", "table without districts", "file:"),
    ((CENSUS[0], "table: cens.csv"), 2, "population.table", "no file cens.csv", "census.csv?"),
    (
        (*SEXES, "national: national_figures.csv"),
        3,
        "population.national",
        "no file national_figures.csv",
        "national.csv?",
    ),
    (
        ("female: {2000: female_2000.tif, 2001: nowhere.tif}", "male: male_{year}.tif"),
        1,
        "population.female.2001",
        "no file nowhere.tif",
        "Put the file there",
    ),
    (
        ("female: {2000: [f_00_2000.tif, f_10_2000.tif]}", "male: {2000: male_2000.tif}"),
        1,
        "population.female.2000[2]",
        "no file f_10_2000.tif",
        "f_0",
    ),
    (
        ("female: {2000: []}", "male: {2000: male_2000.tif}"),
        1,
        "population.female.2000",
        "an empty list",
        "Write the file names",
    ),
    (
        ("female: {2000: 5}", "male: {2000: male_2000.tif}"),
        1,
        "population.female.2000",
        "5",
        "Write the file name",
    ),
    (
        ("female: {2000: female_2000.tif, '2000': f_00_2000.tif}", "male: {2000: male_2000.tif}"),
        1,
        "population.female.2000",
        "twice",
        "Delete one",
    ),
    (
        ("female: female_{year}.tif", "male: {2000: male_2000.tif}"),
        2,
        "population.male",
        "no male of 2001, but female",
        "the years that both have",
    ),
    (
        ("female: female_{year}.tif", "male: female_{year}.tif"),
        2,
        "population.male",
        "female_2000.tif, which is female 2000 already (2 files like this)",
        "Correct",
    ),
    (
        ("female: {2000: f_00_2000.tif, 2001: f_00_2000.tif}", SEXES[1]),
        1,
        "population.female",
        "f_00_2000.tif, which is female 2000 already",
        "Correct",
    ),
    ((*SEXES, "females: a"), 3, "population.females", "unknown key", "Did you mean female?"),
    (
        (*SEXES, "source: national"),
        0,
        "population.metadata.title",
        "nothing",
        "source: default",
    ),
]


def assert_found(section, folder, row, key, found, remedy, severity="error"):
    """One finding of this key, at the line of this row of the section."""
    problems = read(section, folder)[1]
    where = f"country.yml line {FIRST + row}: {key}"
    matching = [finding for finding in problems if finding.where == where]
    assert len(matching) == 1, [str(finding) for finding in problems]
    assert found in matching[0].found
    assert remedy in matching[0].remedy
    assert matching[0].expected, "a finding says what was expected"
    assert matching[0].severity == severity
    return problems


@pytest.mark.parametrize(("rows", "row", "key", "found", "remedy"), POPULATION)
def test_each_mistake_of_population(folder, rows, row, key, found, remedy):
    section = lines("population", *rows) if rows else "population: {}\n"
    problems = assert_found(section, folder, row, key, found, remedy)
    assert {finding.severity for finding in problems} == {"error"}
    # a mistake is told once; a missing year, though, for women and for men, and four metadata
    more = {"population.years": 1, "years: 2000-2003": 2, "source: national": 4}
    assert len(problems) == more.get(rows[-1] if rows else "", 1)


@pytest.mark.parametrize(
    ("rows", "row", "key", "found", "remedy"),
    [
        (
            ("total: total_{year}.tif",),
            1,
            "population.total",
            "people without their sex",
            "sex_ratio",
        ),
        (("national: national.csv",), 0, "population.female", "the official figures only", "SO2-3"),
        (
            ("female: {2000: female_2000.tif}", "male: {2000: male_2000.tif}", "years: [2000]"),
            3,
            "population.years",
            "years without a pattern",
            "Delete the line years",
        ),
        ((*CENSUS, "years: 2000-2001"), 3, "population.years", "years without", "Delete the line"),
        (
            (*SEXES, "years: [2000]", "total: {2000: total_2000.tif, 2001: total_2001.tif}"),
            4,
            "population.total",
            "no female and male of 2001, but total",
            "Add the rasters",
        ),
        (
            ("female: f_{age}_{year}.tif", "male: {2000: m_00_2000.tif}"),
            2,
            "population.male",
            "fewer than 2 files in 2000 (1)",
            "people are missing",
        ),
    ],
)
def test_weak_population_warns(folder, rows, row, key, found, remedy):
    section = lines("population", *rows)
    problems = assert_found(section, folder, row, key, found, remedy, "warning")
    assert len(problems) == 1


def test_a_census_may_have_a_ratio_of_the_sexes(folder):
    """Its table may hold totals only; what it holds is known when it is read."""
    fields, problems = read(lines("population", *CENSUS, "sex_ratio: 99"), folder)
    assert problems == [] and fields["population"].sex_ratio == {0: 99.0}
    assert_found(
        lines("population", "sex_ratio: 99", "national: national.csv"),
        folder,
        1,
        "population.sex_ratio",
        "sex_ratio without total",
        "Add total:",
    )


def test_national_population_needs_its_metadata(folder):
    section = lines("population", *SEXES, "source: national")
    assert [finding.where.rsplit(".")[-1] for finding in read(section, folder)[1]] == [
        "title",
        "link",
        "author",
        "citation",
    ]
    fields, problems = read(section + METADATA, folder)
    assert problems == [] and fields["population"].metadata.author == "Statistical office"


# ---- drought -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rows", "attribute", "value"),
    [
        (("precipitation: rain.nc", "variable: pr"), "precipitation", "rain.nc"),
        (("water_balance: balance.nc", "time_step: day"), "water_balance", "balance.nc"),
        (("precipitation: store.zarr",), "precipitation", "store.zarr"),
        (("precipitation: p_{year}_{month}.tif",), "precipitation", "p_{year}_{month}.tif"),
        (("precipitation: total_{year}.tif",), "precipitation", "total_{year}.tif"),
    ],
)
def test_a_series_is_an_absolute_path_or_pattern(folder, rows, attribute, value):
    fields, problems = read(lines("drought", *rows), folder)
    found = fields["drought"]
    assert problems == [] and isinstance(found, Drought)
    assert getattr(found, attribute) == found.series == str(folder / value)
    assert found.variable == ("pr" if len(rows) == 2 and "pr" in rows[1] else None)
    assert found.time_step == ("day" if "time_step: day" in rows else "month")
    assert (found.index, found.index_kind, found.index_scale) == ({}, "SPI", 1.0)


def test_an_index_by_year(folder):
    rows = ("index: spi_{year}.tif", "index_kind: spei", "index_scale: 1000", "years: 2000-2023")
    fields, problems = read(lines("drought", *rows), folder)
    found = fields["drought"]
    assert problems == [] and found.series is None
    assert list(found.index) == list(range(2000, 2024))
    assert found.index[2023] == folder / "spi_2023.tif"
    assert (found.index_kind, found.index_scale) == ("SPEI", 1000.0)


def test_numbers_without_leading_zero_are_months_too(folder):
    for month in range(1, 13):
        (folder / f"q_1990_{month}.tif").touch()
    assert read(lines("drought", "precipitation: q_{year}_{month}.tif"), folder)[1] == []


RAIN, INDEX = "precipitation: rain.nc", "index: spi_{year}.tif"
DROUGHT = [
    (("source: default",), 0, "drought.precipitation", "nothing", "drought: null"),
    (
        (RAIN, "water_balance: balance.nc"),
        2,
        "drought.water_balance",
        "both precipitation and water_balance",
        "Delete precipitation or water_balance",
    ),
    ((INDEX, RAIN), 1, "drought.index", "both precipitation and index", "Delete"),
    (
        (RAIN, "water_balance: balance.nc", INDEX),
        2,
        "drought.water_balance",
        "precipitation and water_balance and index",
        "Delete",
    ),
    (("precipitation: rains.nc",), 1, "drought.precipitation", "no file rains.nc", "rain.nc?"),
    (("water_balance: x",), 1, "drought.water_balance", "no file x", "Put"),
    (("precipitation: [rain.nc]",), 1, "drought.precipitation", "a list of 1", "climate/"),
    (
        ("precipitation: empty",),
        1,
        "drought.precipitation",
        "the folder empty, which is no Zarr store",
        "Example: precipitation: climate/precipitation_{year}_{month}.tif",
    ),
    (("precipitation: rain.tif",), 1, "drought.precipitation", "one GeoTIFF", "{year}"),
    (("precipitation: 'p_{month}.tif'",), 1, "drought.precipitation", "{month}", "{year}"),
    (("precipitation: 'p_{year}_{year}.tif'",), 1, "drought.precipitation", "{year}", "Example"),
    (("precipitation: 'p_{year}_{day}.tif'",), 1, "drought.precipitation", "{day}", "Example"),
    (("precipitation: 'p_{year}_}.tif'",), 1, "drought.precipitation", "}", "Example"),
    (
        ("precipitation: 'rain_{year}_{month}.tif'",),
        1,
        "drought.precipitation",
        "no file like rain_{year}_{month}.tif",
        "Put the files there",
    ),
    ((INDEX, "index_scale: 0"), 2, "drought.index_scale", "0", "Correct"),
    ((INDEX, "index_scale: -1000"), 2, "drought.index_scale", "-1000", "Correct"),
    ((INDEX, "index_scale: .inf"), 2, "drought.index_scale", "inf", "Correct"),
    ((INDEX, "index_scale: 1 000"), 2, "drought.index_scale", "'1 000'", "Correct"),
    ((INDEX, "index_kind: PDSI"), 2, "drought.index_kind", "'PDSI'", "SPI"),
    ((INDEX, "years: 2000-2024"), 1, "drought.index", "1 of 25 years (2024)", "years"),
    (("index: {1999: spi_2000.tif}",), 1, "drought.index", "24 of 24 years", "Add"),
    (("index: spi.tif",), 1, "drought.index", "'spi.tif'", "Example: index: drought/spi_{year}"),
    ((RAIN, "variable: [pr]"), 2, "drought.variable", "a list of 1", "Correct"),
    ((RAIN, "time_step: year"), 2, "drought.time_step", "'year'", "month, day"),
    ((RAIN, "nodata: none"), 2, "drought.nodata", "'none'", "nodata: []"),
    ((RAIN, "precip: rain.nc"), 2, "drought.precip", "unknown key", "precipitation"),
]


@pytest.mark.parametrize(("rows", "row", "key", "found", "remedy"), DROUGHT)
def test_each_mistake_of_drought(folder, rows, row, key, found, remedy):
    problems = assert_found(lines("drought", *rows), folder, row, key, found, remedy)
    assert len(problems) == 1, [str(finding) for finding in problems]


@pytest.mark.parametrize(
    ("rows", "row", "key", "found"),
    [
        ((RAIN, "index_scale: 1000"), 2, "drought.index_scale", "index_scale without index"),
        ((RAIN, "years: 2000-2023"), 2, "drought.years", "years without index"),
        ((INDEX, "variable: pr"), 2, "drought.variable", "variable without precipitation"),
        ((INDEX, "years: 2001-2022"), 1, "drought.index", "2 of 24 years (2000, 2023)"),
    ],
)
def test_weak_drought_warns(folder, rows, row, key, found):
    problems = assert_found(lines("drought", *rows), folder, row, key, found, "", "warning")
    assert len(problems) == 1


@pytest.mark.parametrize(
    ("name", "missing", "found"),
    [
        ("p_{year}_{month}.tif", ["p_1981_03.tif", "p_1981_11.tif"], "1981-03, 1981-11"),
        (
            "p_{year}_{month}.tif",
            ["p_1981_01.tif", "p_1982_12.tif"],
            "no file for 1981-01, 1982-12",
        ),
        ("spi_{year}.tif", ["spi_2004.tif", "spi_2006.tif"], "no file for 2004, 2006"),
        (
            "spi_{year}.tif",
            [f"spi_{year}.tif" for year in range(2004, 2012)],
            "2004, 2005, 2006, 2007, 2008, 2009, …",
        ),
    ],
)
def test_months_that_are_missing_between_others_warn(folder, name, missing, found):
    for file in missing:
        (folder / file).unlink()
    section = lines("drought", f"precipitation: '{name}'")
    fields = read(section, folder)[0]
    assert_found(section, folder, 1, "drought.precipitation", found, "Add the files", "warning")
    assert fields["drought"].precipitation == str(folder / name)


def test_a_year_without_any_month_is_one_gap(folder):
    for month in range(1, 13):
        (folder / f"p_1984_{month:02d}.tif").touch()
    section = lines("drought", "precipitation: p_{year}_{month}.tif")
    assert_found(section, folder, 1, "drought.precipitation", "for 1983", "Add", "warning")


def test_months_after_the_last_year_of_the_process_do_not_matter(folder):
    for month in range(1, 13):
        (folder / f"r_2023_{month:02d}.tif").touch()
    (folder / "r_2024_01.tif").touch()
    assert read(lines("drought", "precipitation: r_{year}_{month}.tif"), folder)[1] == []


def test_two_files_of_one_month(folder):
    (folder / "p_1981_1.tif").touch()
    section = lines("drought", "precipitation: p_{year}_{month}.tif")
    assert_found(section, folder, 1, "drought.precipitation", "1981 (such as 1 and 01)", "Delete")


# ---- vulnerability -----------------------------------------------------------------------------


def test_factors_weights_directions_and_units(folder):
    rows = (
        "source: national",
        "factors: factors.csv",
        "weights: weights.csv",
        "directions: own.csv",
        "units: {file: regions.gpkg, layer: r, key: name}",
    )
    fields, problems = read(lines("vulnerability", *rows) + METADATA, folder)
    found = fields["vulnerability"]
    assert problems == [] and isinstance(found, Vulnerability)
    assert found.factors == folder / "factors.csv" and found.weights == folder / "weights.csv"
    assert found.directions == str(folder / "own.csv")
    assert found.units == VectorFile(folder / "regions.gpkg", "r") and found.unit_key == "name"
    assert found.metadata.title == "Title" and found.source == "national"
    fields, problems = read(lines("vulnerability", "factors: factors.csv") + METADATA, folder)
    found = fields["vulnerability"]
    assert problems == []
    assert (found.directions, found.weights, found.units, found.unit_key) == (
        "unccd",
        None,
        None,
        "",
    )


@pytest.mark.parametrize("source", [(), ("source: national",)])
def test_factors_are_national_unless_the_file_says_default(folder, source):
    section = lines("vulnerability", *source, "factors: factors.csv")
    assert [finding.where.rsplit(".")[-1] for finding in read(section, folder)[1]] == [
        "title",
        "link",
        "author",
        "citation",
    ]
    rows = ("factors: factors.csv", "source: default")
    fields, problems = read(lines("vulnerability", *rows), folder)
    assert problems == [] and fields["vulnerability"].source == "default"


FACTORS = "factors: factors.csv"


@pytest.mark.parametrize(
    ("rows", "row", "key", "found", "remedy"),
    [
        (("weights: weights.csv",), 0, "vulnerability.factors", "nothing", "Write factors:"),
        (("factors: factor.csv",), 1, "vulnerability.factors", "no file", "factors.csv?"),
        ((FACTORS, "weights: weight.csv"), 2, "vulnerability.weights", "no file", "weights.csv?"),
        ((FACTORS, "directions: a/b"), 2, "vulnerability.directions", "no file a/b", "Put"),
        ((FACTORS, "directions: uncd"), 2, "vulnerability.directions", "'uncd'", "mean unccd?"),
        ((FACTORS, "directions: [a]"), 2, "vulnerability.directions", "a list of 1", "unccd"),
        (
            (FACTORS, "units: {file: regions.gpkg}"),
            2,
            "vulnerability.units.key",
            "nothing",
            "Write key: name",
        ),
        (
            (FACTORS, "units: {key: name}"),
            2,
            "vulnerability.units.file",
            "nothing",
            "Write file: vulnerability/regions.gpkg",
        ),
        (
            (FACTORS, "units: {file: region.gpkg, key: name}"),
            2,
            "vulnerability.units.file",
            "no file region.gpkg",
            "regions.gpkg?",
        ),
        ((FACTORS, "source: global"), 2, "vulnerability.source", "'global'", "default, national"),
    ],
)
def test_each_mistake_of_vulnerability(folder, rows, row, key, found, remedy):
    section = lines("vulnerability", *rows) + METADATA
    problems = assert_found(section, folder, row, key, found, remedy)
    assert len(problems) == 1, [str(finding) for finding in problems]


# ---- all together ------------------------------------------------------------------------------


def test_all_problems_of_the_three_sections_at_once(folder):
    text = HEAD + (
        "population:\n"
        "  female: female_{year}.tif\n"
        "  unit: thousands\n"
        "  national: nowhere.csv\n"
        "drought:\n"
        "  precipitation: nowhere.nc\n"
        "  index: spi_{year}.tif\n"
        "  index_scale: 0\n"
        "vulnerability:\n"
        "  source: default\n"
        "  units: {key: name}\n"
    )
    errors = [finding for finding in check(text, folder)[1] if finding.severity == "error"]
    assert [finding.where.removeprefix("country.yml line ") for finding in errors] == [
        f"{FIRST}: population.male",
        f"{FIRST + 2}: population.unit",
        f"{FIRST + 3}: population.national",
        f"{FIRST + 5}: drought.precipitation",
        f"{FIRST + 6}: drought.index",
        f"{FIRST + 7}: drought.index_scale",
        f"{FIRST + 8}: vulnerability.factors",
        f"{FIRST + 10}: vulnerability.units.file",
    ]


@pytest.mark.parametrize("section", ["population", "drought", "vulnerability"])
@pytest.mark.parametrize(("party", "left_out"), [("affected", 3), ("developed", 1)])
def test_a_section_left_out_warns_where_it_is_required(folder, section, party, left_out):
    """All Parties report CP-1.T2; SO3 is for affected country Parties."""
    text = HEAD.replace("developed", party)

    def severities(text):
        found = {finding.where.split(": ")[1]: finding for finding in check(text, folder)[1]}
        three = {key: found[key] for key in ("population", "drought", "vulnerability")}
        assert all(finding.found == "nothing" for finding in three.values())
        assert f"{section}: null" in three[section].remedy
        return {key: finding.severity for key, finding in three.items()}

    assert list(severities(text).values()).count("warning") == left_out
    assert severities(f"{text}{section}: null\n")[section] == "info"


def test_a_section_of_another_shape_is_told_and_not_followed(folder):
    for section in ("population", "drought", "vulnerability"):
        fields, problems = read(f"{section}: somewhere\n", folder)
        assert fields[section] is None
        assert [finding.where for finding in problems] == [f"country.yml line {FIRST}: {section}"]


def test_the_sections_round_trip(folder):
    values = yaml.safe_load(HEAD) | {
        "population": {"total": "total_{year}.tif", "sex_ratio": {2000: 101.5, 2001: 99}},
        "drought": {"index": "spi_{year}.tif", "index_scale": 1000},
        "vulnerability": {"source": "default", "factors": "factors.csv"},
    }
    text = country_text(values)
    assert yaml.safe_load(text) == values
    fields, findings = check(text, folder)
    assert {finding.severity for finding in findings} == {"info"}
    assert fields["population"].sex_ratio == {2000: 101.5, 2001: 99.0}


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 3000)
    | st.floats()
    | st.sampled_from(["{year}", "{year}_{age}", "{year}{year}", "~", "/", "rain.nc", "a*[{year}"])
    | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.integers(1998, 2002), inner),
    max_leaves=5,
)


@given(
    st.fixed_dictionaries(
        {},
        optional={
            key: values
            for key in (
                "female male total sex_ratio years unit districts table weight national nodata "
                "precipitation water_balance index index_kind index_scale factors weights units"
            ).split()
        },
    )
)
def test_no_section_whatever_makes_the_check_crash(content):
    sections = ("population", "drought", "vulnerability")
    tree = {"iso3": "KEN"} | {section: copy.deepcopy(content) for section in sections}
    text = yaml.safe_dump(tree, allow_unicode=True)
    findings = check(text, ".")[1]
    assert findings and all(re.match(r"country.yml line \d+", each.where) for each in findings)


# ---- files by a pattern ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("a.tif", []),
        ("{year}/f_{age}_{year}.tif", ["year", "age", "year"]),
        ("{year", [""]),
        ("a}{b}", ["", "b"]),
    ],
)
def test_texts_in_braces(pattern, expected):
    assert braces(pattern) == expected


def test_a_year_that_comes_twice_is_the_same_year(tmp_path):
    for name in ("2000/f_2000.tif", "2000/f_2001.tif", "2001/f_2001.tif", "20x1/f_20x1.tif"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    found = on_disk(tmp_path, "{year}/f_{year}.tif")
    assert [(texts, path.parent.name) for texts, path in found] == [
        ({"year": "2000"}, "2000"),
        ({"year": "2001"}, "2001"),
    ]
    assert on_disk(tmp_path, str(tmp_path / "{year}/f_{year}.tif")) == found, "absolute patterns"


def test_signs_that_mean_something_elsewhere_mean_themselves(tmp_path):
    for name in ("a[1]+_2000.tif", "a1_2000.tif", "a[1]+_20000.tif", "._5_2000.tif"):
        (tmp_path / name).touch()
    (tmp_path / "a[1]+_2001.tif").mkdir()  # a folder is no raster
    found = on_disk(tmp_path, "a[1]+_{year}.tif")
    assert [path.name for _, path in found] == ["a[1]+_2000.tif"]
    assert [path.name for _, path in on_disk(tmp_path, "{age}_{year}.tif")] == [
        "a1_2000.tif",
        "a[1]+_2000.tif",
    ], "files that the system hides are no age groups"


def test_months_are_numbers_from_1_to_12(tmp_path):
    for text in ("0", "00", "1", "09", "12", "13", "001", "1b"):
        (tmp_path / f"p_2000_{text}.tif").touch()
    found = on_disk(tmp_path, "p_{year}_{month}.tif")
    assert sorted(texts["month"] for texts, _ in found) == ["09", "1", "12"]
    assert on_disk(tmp_path / "no such folder", "p_{year}_{month}.tif") == []

"""country.yml: every mistake with its line and remedy, all at once; boundary and grid."""

import pickle
import re
import sys
import warnings
from types import SimpleNamespace

import geopandas
import numpy
import pytest
import rasterio
import shapely
import yaml
from hypothesis import given
from hypothesis import strategies as st
from rasterio.transform import from_origin

import ldnkit
from ldnkit import boundaries, country, outlines, widgets
from ldnkit.country_file import check, country_text, example_text, keys
from ldnkit.country_file.new import new_values

GOOD = """\
schema: 1
iso3: KEN
name: {en: Kenya, fr: Kenya}
party: affected
cycle: 2026
method: manual
periods:
  baseline: {trend: [2001, 2015]}
boundary:
  file: boundary.gpkg
  rule: centre
grid: {from: productivity}
regions:
  - {name: North, file: north.gpkg}
land_cover:
  source: national
  files:
    2000: lc_2000.tif
    2015: lc_2015.tif
  nesting: esa_cci
  legend: unccd
  matrix: unccd
  nodata: [255]
  metadata:
    title: Land cover
    link: https://example.org
    author: Mapping authority
    citation: Mapping authority 2024
productivity:
  annual: ndvi_{year}.tif
  years: 2000-2001
  scale: 10000
  units: {soil: units.tif, land_cover: true}
soil:
  reference: soc.tif
  climate: climate.tif
parameters: {soil_threshold: 12}
population:
  female: female_{year}.tif
  male: male_{year}.tif
drought:
  precipitation: rain.nc
vulnerability:
  source: default
  factors: factors.csv
statistics:
  gini: {file: inequality.csv}
  water: {file: water.csv, release: 2026-09-15}
  red_list: {file: red_list.csv}
finance: {default_sheet: confirmed}
licence: CC BY 4.0
"""
FILES = (
    "boundary.gpkg north.gpkg lc_2000.tif lc_2015.tif ndvi_2000.tif ndvi_2001.tif units.tif "
    "soc.tif climate.tif lpd.tif female_2000.tif male_2000.tif rain.nc factors.csv "
    "inequality.csv water.csv red_list.csv"
).split()
LINES = GOOD.splitlines()


def line_of(text):
    """Number of the first line that holds a text."""
    return next(number for number, line in enumerate(LINES, 1) if text in line)


@pytest.fixture
def folder(tmp_path):
    """A folder with every file that GOOD names; reading country.yml opens none of them."""
    for name in FILES:
        (tmp_path / name).touch()
    (tmp_path / "legend.csv").write_text("code,name,unccd\n1,Forest,1\n2,Lake,7\n", "utf-8")
    (tmp_path / "bad.csv").write_text("code,name\n1,Forest\n", "utf-8")
    return tmp_path


def findings_of(text, folder, severity="error"):
    return [finding for finding in check(text, folder)[1] if finding.severity == severity]


def test_the_good_file_has_no_findings(folder):
    assert check(GOOD, folder)[1] == []


# text to replace, its replacement, line of the finding, key, part of what was found, of the remedy
MISTAKES = [
    ("schema: 1", "schema: 2", 1, "schema", "2", "Use one of 1"),
    ("iso3: KEN", "iso3: KNE", 2, "iso3", "'KNE'", "KEN (Kenya)"),
    ("iso3: KEN", "iso3: ken", 2, "iso3", "'ken'", "Write iso3: KEN"),
    ("iso3: KEN\n", "", 1, "iso3", "nothing", "Write iso3: KEN"),
    ("fr: Kenya", "fx: Kenya", 3, "name.fx", "language 'fx'", "en, fr, es"),
    ("party: affected", "party: afected", 4, "party", "'afected'", "Did you mean affected?"),
    ("cycle: 2026", "cycle: 2025", 5, "cycle", "2025", "Write cycle: 2026"),
    ("method: manual", "method: manuel", 6, "method", "'manuel'", "Did you mean manual?"),
    ("method: manual", "metod: manual", 6, "metod", "unknown key", "Did you mean method?"),
    ("method: manual", "method:\tmanual", 6, "", "a tab", "spaces"),
    ("  baseline:", "\tbaseline:", 8, "", "a tab", "spaces"),
    ("  baseline:", "  basline:", 8, "periods.basline", "period", "Did you mean baseline?"),
    ("trend: [2001", "trends: [2001", 8, "periods.baseline.trends", "part", "Did you mean trend?"),
    (
        "[2001, 2015]",
        "[2015, 2001]",
        8,
        "periods.baseline.trend",
        "2015 before 2001",
        "[2001, 2015]",
    ),
    ("[2001, 2015]", "[2001]", 8, "periods.baseline.trend", "a list of 1", "trend: [2001, 2015]"),
    (
        "boundary.gpkg",
        "bondary.gpkg",
        10,
        "boundary.file",
        "no file bondary.gpkg",
        "Did you mean boundary.gpkg?",
    ),
    (
        "boundary.gpkg",
        "Boundary.GPKG",
        10,
        "boundary.file",
        "no file",
        "Did you mean boundary.gpkg?",
    ),
    ("boundary.gpkg", ".", 10, "boundary.file", "the folder .", "Add the file name"),
    ("boundary.gpkg", '"C:\\data\\b.gpkg"', 10, "", "backslash", "forward slashes"),
    ("  file: boundary.gpkg\n", "", 9, "boundary.file", "nothing", "Write file: boundary.gpkg"),
    ("rule: centre", "rule: center", 11, "boundary.rule", "'center'", "Did you mean centre?"),
    ("rule: centre", "rule: centre: x", 11, "", "second colon", "quotes"),
    ("from: productivity", "from: soil", 12, "grid.from", "'soil'", "productivity, land_cover"),
    ("from: productivity", "resolution: -1", 12, "grid.resolution", "-1", "Correct"),
    (
        "from: productivity",
        "from: land_cover, resolution: 1",
        12,
        "grid.resolution",
        "both",
        "Delete from or resolution",
    ),
    ("from: productivity", "resolution: 1, crs: EPSG:99", 12, "grid.crs", "EPSG:99", "EPSG:4326"),
    ("from: productivity", "crs: EPSG:4326", 12, "grid.crs", "without resolution", "resolution"),
    ("name: North, ", "", 14, "regions[1].name", "nothing", "Write name: North"),
    ("north.gpkg", "south.gpkg", 14, "regions[1].file", "no file", "Did you mean north.gpkg?"),
    (
        "north.gpkg}",
        "north.gpkg, matrix: uncd}",
        14,
        "regions[1].matrix",
        "'uncd'",
        "Did you mean unccd?",
    ),
    (
        "source: national",
        "source: nation",
        16,
        "land_cover.source",
        "'nation'",
        "Did you mean national?",
    ),
    ("2015: lc_2015", "20l5: lc_2015", 19, "land_cover.files.20l5", "'20l5'", "four digits"),
    ("2015: lc_2015", "1915: lc_2015", 19, "land_cover.files.1915", "the year 1915", "Correct"),
    ("2015: lc_2015", "2000: lc_2015", 19, "land_cover.files.2000", "second time", "Delete"),
    ("2015: lc_2015", "'2000': lc_2015", 19, "land_cover.files.2000", "twice", "Delete"),
    ("2015: lc_2015", "2015: lc_2000", 19, "land_cover.files.2015", "second year", "file name"),
    ("2015: lc_2015.tif", "2015: [a]", 19, "land_cover.files.2015", "a list of 1", "file name"),
    ("    2015: lc_2015.tif\n", "", 17, "land_cover.files", "one year (2000)", "other years"),
    (
        "nesting: esa_cci",
        "nesting: esa_cc",
        20,
        "land_cover.nesting",
        "'esa_cc'",
        "Did you mean esa_cci?",
    ),
    ("  nesting: esa_cci\n", "", 15, "land_cover.nesting", "nothing", "Write nesting: esa_cci"),
    ("legend: unccd", "legend: none.csv", 21, "land_cover.legend", "no file none.csv", "Put"),
    ("legend: unccd", "legend: bad.csv", 21, "land_cover.legend", "bad.csv", "Add"),
    ("matrix: unccd", "matrix: mine", 22, "land_cover.matrix", "'mine'", "unccd"),
    ("nodata: [255]", "nodata: 255", 23, "land_cover.nodata", "255", "Example: nodata: []"),
    (
        "    citation: Mapping authority 2024\n",
        "",
        24,
        "land_cover.metadata.citation",
        "nothing",
        "source: default",
    ),
    (
        "author: Mapping authority",
        "author:",
        27,
        "land_cover.metadata.author",
        "nothing",
        "author:",
    ),
    ("ndvi_{year}.tif", "ndvi.tif", 30, "productivity.annual", "'ndvi.tif'", "{year}"),
    ("ndvi_{year}.tif", "evi_{year}.tif", 30, "productivity.annual", "2 of 2 years", "Put"),
    ("2000-2001", "2000-2002", 31, "productivity.years", "", ""),
    ("2000-2001", "2001-2000", 31, "productivity.years", "'2001-2000'", "Write 2000-2001"),
    ("2000-2001", "[2000, 2000]", 31, "productivity.years", "twice", "Delete one"),
    ("2000-2001", "[2000, 2101]", 31, "productivity.years[2]", "the year 2101", "Correct"),
    ("scale: 10000", "scale: 10,5", 32, "productivity.scale", "'10,5'", "decimal point"),
    ("scale: 10000", "scale: 0", 32, "productivity.scale", "0", "Correct"),
    ("  scale: 10000\n", "", 29, "productivity.scale", "nothing", "scale: 10000"),
    (
        "scale: 10000",
        "lpd: {baseline: lpd.tif, report_1: lpd.tif, report_2: lpd.tif}\n  scale: 1",
        32,
        "productivity.lpd",
        "both annual and lpd",
        "Delete",
    ),
    (
        "annual: ndvi_{year}.tif",
        "lpd: {baseline: lpd.tif, report_1: lpd.tif}",
        30,
        "productivity.lpd",
        "no raster for report_2",
        "Add report_2",
    ),
    (
        "land_cover: true",
        "land_cover: maybe",
        33,
        "productivity.units.land_cover",
        "'maybe'",
        "true",
    ),
    (
        "units: {soil: units.tif, land_cover: true}",
        "units: units.tif",
        33,
        "productivity.units",
        "'units.tif'",
        "Correct",
    ),
    ("climate: climate.tif", "factor: 1.5", 36, "soil.factor", "1.5", "Correct"),
    (
        "climate: climate.tif",
        "climate: climate.tif\n  factor: 0.5",
        37,
        "soil.factor",
        "both",
        "Delete",
    ),
    ("  climate: climate.tif\n", "", 34, "soil.climate", "nothing", "Write climate"),
    (
        "climate: climate.tif",
        "climate: climate.tif\n  stocks: {2000: soc.tif}",
        37,
        "soil.stocks",
        "both reference",
        "Delete",
    ),
    ("reference: soc.tif", "tier: 1", 34, "soil.reference", "nothing", "soil: null"),
    ("climate: climate.tif", "climate: climate.tif\n  tier: 4", 37, "soil.tier", "4", "1, 2, 3"),
    (
        "soil_threshold",
        "soil_treshold",
        37,
        "parameters.soil_treshold",
        "unknown parameter",
        "Did you mean soil_threshold?",
    ),
    (
        "soil_threshold: 12",
        "soil_threshold: many",
        37,
        "parameters.soil_threshold",
        "'many'",
        "soil_threshold: 10",
    ),
    ("party: affected", "party: affected\nparty: developed", 5, "party", "second time", "Delete"),
    ("cycle: 2026", "cycle: [2026", 6, "", "not YAML", "brackets in pairs"),
]


@pytest.mark.parametrize(
    ("old", "new", "line", "key", "found", "remedy"),
    MISTAKES,
    ids=[f"{number}-{row[3] or 'syntax'}" for number, row in enumerate(MISTAKES)],
)
def test_each_mistake_has_its_line_and_remedy(folder, old, new, line, key, found, remedy):
    assert old in GOOD
    findings = findings_of(GOOD.replace(old, new, 1), folder)
    if key == "productivity.years" and not found:  # a missing year belongs to the pattern's line
        line, key, found, remedy = 30, "productivity.annual", "1 of 3 years (2002)", "years"
    where = f"country.yml line {line}" + (f": {key}" if key else "")
    matching = [finding for finding in findings if finding.where == where]
    assert matching, [str(finding) for finding in findings]
    assert found in matching[0].found
    assert remedy in matching[0].remedy
    assert matching[0].expected, "a finding says what was expected"
    assert len(findings) == 1, [str(finding) for finding in findings]


def test_many_mistakes_are_reported_at_once(folder):
    # one mistake per line that does not hide another one
    chosen = [
        "schema",
        "iso3",
        "party",
        "cycle",
        "boundary.rule",
        "grid.from",
        "land_cover.source",
        "productivity.scale",
        "soil.factor",
        "parameters.soil_treshold",
    ]
    text = GOOD
    expected = set()
    for key in chosen:
        old, new, line, *_ = next(row for row in MISTAKES if row[3] == key and row[0] in text)
        text = text.replace(old, new, 1)
        expected.add(f"country.yml line {line}: {key}")
    (folder / "country.yml").write_text(text, "utf-8")
    with pytest.raises(ldnkit.InputError) as error:
        country.Country.read(folder / "country.yml")
    assert {finding.where for finding in error.value.findings} == expected
    assert f"{len(chosen)} problems" in str(error.value)
    lines = [int(re.search(r"\d+", finding.where).group()) for finding in error.value.findings]
    assert lines == sorted(lines)


def test_every_tab_is_shown(folder):
    text = GOOD.replace("  file: boundary", "\tfile: boundary").replace("  rule", "\trule")
    assert [finding.where for finding in findings_of(text, folder)] == [
        "country.yml line 10",
        "country.yml line 11",
    ]


@pytest.mark.parametrize(
    ("text", "found"), [("", "an empty file"), ("- a\n", "a list of 1"), ("hello", "'hello'")]
)
def test_a_file_that_is_no_country_file(tmp_path, text, found):
    findings = findings_of(text, tmp_path)
    assert [finding.found for finding in findings] == [found]
    assert "new ISO3" in findings[0].remedy


def test_six_regions_are_too_many(folder):
    regions = ", ".join(f"{{name: R{number}, file: north.gpkg}}" for number in range(6))
    text = GOOD.replace("regions:\n  - {name: North, file: north.gpkg}", f"regions: [{regions}]")
    assert [f.where for f in findings_of(text, folder)] == ["country.yml line 13: regions"]
    twice = GOOD.replace(
        "  - {name: North, file: north.gpkg}",
        "  - {name: A, file: north.gpkg}\n  - {name: A, file: north.gpkg}",
    )
    assert [f.where for f in findings_of(twice, folder)] == ["country.yml line 15: regions[2].name"]


def test_own_legend_needs_own_factors(folder):
    text = GOOD.replace("legend: unccd", "legend: legend.csv").replace("esa_cci", "legend")
    findings = findings_of(text, folder)
    assert [finding.where for finding in findings] == ["country.yml line 34: soil.factors"]
    assert "CSV" in findings[0].remedy


def test_letters_in_another_encoding_have_a_line(folder):
    (folder / "country.yml").write_bytes(GOOD.replace("fr: Kenya", "fr: Kényä").encode("latin-1"))
    with pytest.raises(ldnkit.InputError, match=r"country.yml line 3: .*UTF-8"):
        country.Country.read(folder / "country.yml")


def test_the_good_file_round_trips(folder):
    values = yaml.safe_load(GOOD)
    (folder / "country.yml").write_text(country_text(values), "utf-8")
    found = country.open_country(folder, outputs=folder / "outputs", language="fr")
    assert yaml.safe_load(found.path.read_text("utf-8")) == values
    assert (found.iso3, found.name(), found.party, found.method) == (
        "KEN",
        "Kenya",
        "affected",
        "manual",
    )
    assert found.cycle.baseline.trend_years == (2001, 2015)
    assert found.parameters["soil_threshold"] == 12
    assert list(found.land_cover.files) == [2000, 2015]
    assert all(file.is_absolute() and file.is_file() for file in found.land_cover.files.values())
    assert found.land_cover.metadata.title == "Land cover" and found.land_cover.nodata == (255,)
    assert set(found.land_cover.nesting.columns) == {"code", "name", "to"}
    assert list(found.productivity.files) == [2000, 2001] and found.productivity.scale == 10000
    assert found.productivity.units_file.name == "units.tif" and found.productivity.lpd == {}
    assert found.soil.reference.name == "soc.tif" and len(found.soil.factors) == 49
    assert found.population.files["male"] == {2000: ((folder / "male_2000.tif").resolve(),)}
    assert found.drought.precipitation == str((folder / "rain.nc").resolve())
    assert found.vulnerability.factors == (folder / "factors.csv").resolve()
    assert list(found.statistics) == ["gini", "water", "red_list"]
    assert found.finance.default_sheet == "confirmed" and found.targets is None
    assert [region.name for region in found.regions] == ["North"]
    assert found.folder_results == (folder / "outputs").resolve() / "KEN"
    assert not found.synthetic and found.findings == ()
    assert pickle.loads(pickle.dumps(found)).iso3 == "KEN"


def test_reading_opens_no_raster_and_loads_nothing_heavy(folder):
    import subprocess

    code = (
        "import sys; from pathlib import Path; from ldnkit import country\n"
        f"assert country.check(Path({str(folder / 'country.yml')!r}).read_text('utf-8'), "
        f"Path({str(folder)!r}))[1] == []\n"
        "heavy = {'rasterio', 'geopandas', 'matplotlib', 'odc.geo', 'ipywidgets'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)"
    )
    (folder / "country.yml").write_text(GOOD, "utf-8")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


MINIMAL = "schema: 1\niso3: KEN\nboundary: {file: boundary.gpkg}\n"


def test_developed_party_needs_no_layers_but_its_population(folder):
    fields, findings = check(MINIMAL + "party: developed\nlicence: CC0\n", folder)
    severities = {finding.where.split(": ")[1]: finding.severity for finding in findings}
    assert severities.pop("population") == "warning"  # CP-1.T2 is for all
    assert set(severities.values()) == {"info"} and len(severities) == 6
    assert "finance" in severities and "statistics" not in severities
    findings = check(MINIMAL + "party: developed\npopulation: null\n", folder)[1]
    assert {finding.severity for finding in findings} == {"info"} and len(findings) == 8
    assert fields["population"] is fields["drought"] is fields["vulnerability"] is None
    assert fields["land_cover"] is fields["soil"] is fields["productivity"] is None
    assert fields["names"]["zh"] == "肯尼亚"  # the names come from the code


def test_affected_party_needs_land_cover_or_says_null(folder):
    others = ("productivity", "soil", "population", "drought", "vulnerability")
    text = MINIMAL + "statistics: null\nfinance: null\nlicence: CC0\n"
    severities = {f.where.split(": ")[1]: f.severity for f in check(text, folder)[1]}
    assert severities == {"land_cover": "error"} | dict.fromkeys(others, "warning")
    text += "".join(f"{section}: null\n" for section in ("land_cover", *others))
    severities = {f.where.split(": ")[1]: f.severity for f in check(text, folder)[1]}
    assert severities == {"land_cover": "warning"} | dict.fromkeys(others, "info")


def test_warnings_do_not_stop_and_are_kept(folder):
    text = GOOD.replace("{soil: units.tif, land_cover: true}", "{land_cover: true}")
    (folder / "country.yml").write_text(text, "utf-8")
    with pytest.warns(UserWarning, match="productivity.units.soil"):
        found = country.Country.read(folder / "country.yml")
    assert [finding.severity for finding in found.findings] == ["warning"]


def test_pattern_without_years_takes_what_is_there(folder):
    fields, findings = check(GOOD.replace("  years: 2000-2001\n", ""), folder)
    assert findings == [] and list(fields["productivity"].files) == [2000, 2001]


def test_user_assigned_code_needs_a_name(folder):
    text = GOOD.replace("iso3: KEN", "iso3: XTS")
    assert findings_of(text, folder) == []
    without = text.replace("name: {en: Kenya, fr: Kenya}\n", "")
    assert [f.where for f in findings_of(without, folder)] == ["country.yml line 1: name"]


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.dates(),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.text(max_size=6) | st.integers(0, 3000), inner, max_size=3)
        ),
        max_leaves=6,
    ),
    st.sampled_from(sorted(key for key in keys() if "[" not in key)),
)
def test_no_value_whatever_makes_the_check_crash(value, key):
    values = yaml.safe_load(GOOD)
    *sections, last = key.split(".")
    level = values
    for section in sections:
        level = level.setdefault(section, {})
    level[last] = value
    findings = check(yaml.safe_dump(values, allow_unicode=True), ".")[1]
    assert all(re.match(r"country.yml line \d+", finding.where) for finding in findings)


@given(st.text(max_size=60))
def test_no_text_whatever_makes_the_check_crash(text):
    findings = check(text, ".")[1]
    assert any(finding.severity == "error" for finding in findings)


# ---- the published example --------------------------------------------------------------------


def test_the_example_does_not_drift(house):
    published = (house / "ldnkit" / "data" / "country.example.yml").read_text("utf-8")
    assert published == example_text(), "run tests/tools/build_example.py"


def test_the_example_shows_exactly_the_keys_there_are():
    def walk(node, prefix=""):
        for key, value in node.items():
            yield prefix + key
            sections = keys().get(prefix + key, {}).get("kind") == "section"
            if sections and isinstance(value, dict):
                yield from walk(value, f"{prefix}{key}.")

    switched_on = re.sub(r"(?m)^( *)#(?=\S)", r"\1", example_text())
    found = set(walk(yaml.safe_load(switched_on)))
    assert found == {key for key in keys() if "[]" not in key}
    regions = next(row for key, row in keys().items() if key == "regions")
    in_example = yaml.safe_load(regions["example"])[0]
    assert {f"regions[].{key}" for key in in_example} == {
        key for key in keys() if key.startswith("regions[]")
    }
    # what all series of statistics may have is told above them
    told = re.search(r"(?ms)^# Each one may have these keys:\n(.+?)^statistics:", example_text())[1]
    assert [f"statistics[].{key}" for key in re.findall(r"(?m)^#   (\w+): ", told)] == [
        key for key in keys() if re.fullmatch(r"statistics\[\]\.\w+", key)
    ]


def test_every_line_of_the_example_is_short_enough_to_read():
    comments = [line for line in example_text().splitlines() if line.lstrip().startswith("# ")]
    assert max(map(len, comments)) <= 100


def test_unknown_key_cannot_be_written():
    with pytest.raises(ValueError, match=r"found land_cover\.nest; use one of source"):
        country_text({"land_cover": {"nest": 1}})


# ---- new --------------------------------------------------------------------------------------


def test_new_kenya_says_exactly_what_is_missing(tmp_path):
    path = country.new("KEN", tmp_path / "KEN")
    assert path == tmp_path / "KEN" / "country.yml"
    assert yaml.safe_load(path.read_text("utf-8"))["name"]["es"] == "Kenia"
    missing = [
        finding.where.split(": ")[1]
        for finding in findings_of(path.read_text("utf-8"), path.parent)
    ]
    assert missing == [
        "land_cover.files",
        "productivity.annual",
        "productivity.units.soil",
        "soil.reference",
        "soil.climate",
        "population.female",
        "population.male",
        "drought.precipitation",
    ]
    assert {
        finding.where.split(": ")[1]
        for finding in findings_of(path.read_text("utf-8"), path.parent, "warning")
    } == {"vulnerability"}  # switched off: the factors come from the country
    folders = "land_cover productivity soil population climate vulnerability statistics species kba"
    for name in (*folders.split(), "targets", "finance", "narrative", "additional"):
        assert (path.parent / name / "README.md").read_text("utf-8").startswith("# ")
    # as soon as the files are there, nothing needs to be edited
    for name in (
        [f"land_cover/land_cover_{year}.tif" for year in (2000, 2015, 2016, 2019, 2023)]
        + [f"productivity/productivity_{year}.tif" for year in range(2000, 2024)]
        + ["soil/soc_2000.tif", "soil/climate_zones.tif", "soil/soil_units.tif"]
        + [f"population/{sex}_{year}.tif" for sex in ("female", "male") for year in (2000, 2020)]
        + ["climate/precipitation.nc"]
    ):
        (path.parent / name).touch()
    with pytest.warns(UserWarning, match="vulnerability"):
        kenya = country.open_country(path)
    assert kenya.population.years == (2000, 2020) and kenya.vulnerability is None
    assert kenya.drought.series == str((path.parent / "climate/precipitation.nc").resolve())
    assert kenya.boundary.total_bounds == pytest.approx([33.9, -4.69, 41.88, 5.49], abs=0.02)
    assert not kenya.crosses_180


def test_new_never_overwrites(tmp_path):
    path = country.new("KEN", tmp_path)
    path.write_text("mine", "utf-8")
    with pytest.raises(FileExistsError, match="exists already: found .*; edit it, or move it"):
        country.new("KEN", tmp_path)
    assert path.read_text("utf-8") == "mine"


def test_new_refuses_unknown_codes_and_landia(tmp_path):
    with pytest.raises(ValueError, match=r"KEN \(Kenya\)"):
        country.new("KNE", tmp_path)
    with pytest.raises(ValueError, match="report without an argument"):
        country.new("XLD", tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_new_without_outline_leaves_the_boundary_to_the_team(tmp_path):
    path = country.new("REU", tmp_path)
    where = [finding.where for finding in findings_of(path.read_text("utf-8"), tmp_path)]
    assert where[0].endswith("boundary.file")


# ---- opening ----------------------------------------------------------------------------------


def test_a_path_that_does_not_exist(tmp_path):
    with pytest.raises(FileNotFoundError, match="no country file: found nothing at .*; give the"):
        country.open_country(tmp_path / "KEN.yml")
    with pytest.raises(FileNotFoundError, match=r"country\.yml"):
        country.open_country(tmp_path)


def test_unknown_language(folder):
    (folder / "country.yml").write_text(GOOD, "utf-8")
    with pytest.raises(ValueError, match="Unknown language: found 'de'"):
        country.open_country(folder, language="de")


@pytest.fixture
def sample(monkeypatch, tmp_path):
    """A stand-in for the training country that counts how often it is made."""
    made = []

    def make(folder, size="lesson"):
        made.append(size)
        folder.mkdir(parents=True)
        for name in FILES:
            (folder / name).touch()
        text = GOOD.replace("iso3: KEN", "iso3: XLD").replace("Kenya", "Landia")
        (folder / "country.yml").write_text(text, "utf-8")
        return folder / "country.yml"

    module = SimpleNamespace(make=make, VERSION="1", made=made)
    monkeypatch.setitem(sys.modules, "ldnkit.sources.sample", module)
    import ldnkit.sources

    monkeypatch.setattr(ldnkit.sources, "sample", module, raising=False)
    return module


def test_landia_is_made_once_and_again_for_another_version(sample, tmp_path):
    for name in ("landia", "XLD", "Landia"):
        found = country.open_country(name, outputs=tmp_path)
        assert found.synthetic and found.name() == "Landia"
    assert found.path == (tmp_path / "landia" / "country.yml").resolve()
    assert found.folder_results == tmp_path.resolve() / "XLD"
    assert len(sample.made) == 1
    sample.VERSION = "2"
    country.open_country("landia", outputs=tmp_path)
    assert len(sample.made) == 2
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["landia"], "nothing left over"
    assert "fictional" in repr(found)


# ---- boundary and grid ------------------------------------------------------------------------


def write_raster(path, west, north, size, *, crs="EPSG:4326", shape=(4, 4)):
    transform = from_origin(west, north, size, size)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with rasterio.open(
            path,
            "w",
            driver="GTiff",
            dtype="int16",
            count=1,
            crs=crs,
            transform=transform,
            height=shape[0],
            width=shape[1],
        ) as raster:
            raster.write(numpy.zeros((1, *shape), "int16"))


def write_polygons(path, *shapes, crs="EPSG:4326"):
    geopandas.GeoDataFrame(geometry=list(shapes), crs=crs).to_file(path)


def grid_country(folder, polygon, **raster):
    (folder / "boundary.gpkg").unlink()
    write_polygons(folder / "boundary.gpkg", *shapely.get_parts(polygon))
    if raster:
        write_raster(folder / "ndvi_2000.tif", **raster)
    (folder / "country.yml").write_text(GOOD, "utf-8")
    return country.open_country(folder)


def test_grid_takes_the_cells_of_the_raster_snapped_outward(folder):
    # raster cells of 0.5° with edges at 0.1 + k/2; boundary 1.0 … 2.0 by 1.0 … 1.5
    # edges outward: x 0.6 … 2.1 (3 cells), y (edges at 3.2 - k/2) 0.7 … 1.7 (2 cells)
    found = grid_country(folder, shapely.box(1.0, 1.0, 2.0, 1.5), west=0.1, north=3.2, size=0.5)
    assert found.grid.shape == (2, 3)
    assert tuple(found.grid.boundingbox.bbox) == pytest.approx((0.6, 0.7, 2.1, 1.7))
    assert found.grid.crs.to_epsg() == 4326 and found.grid.transform.e < 0
    assert found.grid is found.grid, "the grid is computed once"


def test_boundary_on_cell_edges_adds_no_cells(folder):
    found = grid_country(folder, shapely.box(1, 1, 3, 2), west=0, north=10, size=0.1)
    assert found.grid.shape == (10, 20)


def test_grid_reaches_beyond_the_raster(folder):
    found = grid_country(folder, shapely.box(-3, -3, 3, 3), west=0, north=1, size=1, shape=(1, 1))
    assert found.grid.shape == (6, 6)


def test_country_across_180_gets_a_narrow_grid_aligned_with_the_raster(folder):
    both = shapely.MultiPolygon([shapely.box(178.6, 0, 180, 1), shapely.box(-180, 0, -179.3, 1)])
    found = grid_country(folder, both, west=-180, north=90, size=0.25)
    # 178.6 … 180.7 with edges at multiples of 0.25: 178.5 … 180.75
    assert found.crosses_180
    assert found.boundary.total_bounds.tolist() == [178.6, 0, 180.7, 1]
    assert found.boundary.geometry.iloc[0].geom_type == "Polygon", "no seam at 180°"
    assert tuple(found.grid.boundingbox.bbox) == pytest.approx((178.5, 0, 180.75, 1))
    assert found.grid.shape == (4, 9)


def test_projected_boundary_across_180(tmp_path):
    # Fiji Map Grid: a box of 400 km around its middle, which lies at 178.75° E
    shape = shapely.box(1_800_000, 3_800_000, 2_200_000, 4_200_000)
    write_polygons(tmp_path / "fiji.gpkg", shape, crs="EPSG:3460")
    west, _, east, _ = boundaries.across_180(
        boundaries.read_polygons(tmp_path / "fiji.gpkg")
    ).bounds
    assert 176.5 < west < 177 and 180.5 < east < 181


def test_grid_of_the_teams_own(folder):
    (folder / "boundary.gpkg").unlink()
    write_polygons(folder / "boundary.gpkg", shapely.box(0.1, 0.1, 0.9, 0.4))
    text = GOOD.replace("{from: productivity}", "{resolution: 0.25, crs: EPSG:4326}")
    (folder / "country.yml").write_text(text, "utf-8")
    assert country.open_country(folder).grid.shape == (2, 4)


def test_projected_grid_covers_the_boundary(folder):
    text = GOOD.replace("{from: productivity}", "{resolution: 1000, crs: EPSG:32637}")
    (folder / "boundary.gpkg").unlink()
    shape = shapely.box(38, 0, 40, 1)
    write_polygons(folder / "boundary.gpkg", shape)
    (folder / "country.yml").write_text(text, "utf-8")
    grid = country.open_country(folder).grid
    bounds = shapely.box(*grid.boundingbox.bbox)
    projected = geopandas.GeoSeries([shape], crs=4326).to_crs(32637).iloc[0]
    assert bounds.covers(projected)
    # 1° is 110.6 km to the north and 111.3 km to the east, from the meridian 39° at x = 500 km:
    # times 0.9996, y 0 … 110.5 and x 388.7 … 611.3, so edges at 388 and 612
    assert grid.shape == (111, 224)


def test_window_is_the_middle_or_everything(folder):
    found = grid_country(folder, shapely.box(0, 0, 10, 4), west=0, north=10, size=1)
    assert found.window(2, 4).boundingbox.bbox == (3, 1, 7, 3)
    assert found.window().shape == (4, 10)


@given(
    st.floats(-170, 170),
    st.floats(-80, 80),
    st.floats(0.01, 8),
    st.floats(0.01, 8),
    st.sampled_from([0.0025, 0.1, 0.3, 1.0]),
    st.floats(-180, 180),
)
def test_a_grid_always_covers_its_boundary_with_less_than_a_cell_too_much(
    west, south, width, height, size, origin
):
    shape = shapely.box(west, south, west + width, south + height)
    grid = boundaries._grid(shape, (size, size), (origin, 90.0), "EPSG:4326")
    left, bottom, right, top = grid.boundingbox.bbox
    slack = size * 1e-4
    assert left - slack <= west < left + size + slack
    assert right - size - slack < west + width <= right + slack
    assert bottom - slack <= south < bottom + size + slack
    assert top - size - slack < south + height <= top + slack
    cells = (left - origin) / size
    assert cells == pytest.approx(round(cells), abs=1e-6), "aligned with the raster"


def test_regions_follow_the_country_across_180(folder):
    both = shapely.MultiPolygon([shapely.box(178, 0, 180, 1), shapely.box(-180, 0, -179, 1)])
    (folder / "north.gpkg").unlink()
    write_polygons(folder / "north.gpkg", shapely.box(-180, 0, -179.5, 1))
    found = grid_country(folder, both)
    frame = found.region_boundaries
    assert frame[["number", "name"]].values.tolist() == [[1, "North"]]
    assert frame.total_bounds.tolist() == [180, 0, 180.5, 1]


@pytest.mark.parametrize(
    ("write", "message"),
    [
        (lambda path: path.write_bytes(b"no polygons"), "Open it in QGIS"),
        (lambda path: write_polygons(path, shapely.Point(1, 1)), "none a polygon"),
        (lambda path: write_polygons(path, shapely.box(0, 0, 1, 1), crs=None), "coordinate system"),
    ],
)
@pytest.mark.filterwarnings("ignore:'crs' was not provided")
def test_boundary_files_that_cannot_serve(tmp_path, write, message):
    write(tmp_path / "boundary.gpkg")
    with pytest.raises(ldnkit.InputError, match=message):
        boundaries.read_polygons(tmp_path / "boundary.gpkg")


def test_invalid_boundary_is_mended(tmp_path):
    # a bow tie: two triangles of area 0.25 that meet in the middle
    bow = shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])
    write_polygons(tmp_path / "b.gpkg", bow)
    assert boundaries.read_polygons(tmp_path / "b.gpkg").area == pytest.approx(0.5)


def test_raster_without_coordinate_system_cannot_give_the_grid(folder):
    found = grid_country(folder, shapely.box(0, 0, 1, 1), west=0, north=1, size=1, crs=None)
    with pytest.raises(ldnkit.InputError, match="ndvi_2000.tif without coordinate system"):
        _ = found.grid


# ---- the form ---------------------------------------------------------------------------------


def test_the_form_begins_as_new_does():
    values = widgets.form_values({"iso3": "KEN Kenya"})
    expected = new_values("KEN")
    assert {key: value for key, value in values.items() if value is not None} == expected


def test_the_form_writes_what_was_filled_in(tmp_path):
    fields = {
        "iso3": "BFA Burkina Faso",
        "party": "affected",
        "productivity.kind": "lpd",
        "soil.kind": "stocks",
        "soil.tier": "2",
        "land_cover.source": "national",
        "land_cover.metadata.title": "Carte: occupation",
        "land_cover.years": "2000, 2o15",
    }
    path = widgets.write_form(fields, tmp_path / "BFA")
    values = yaml.safe_load(path.read_text("utf-8"))
    assert values["land_cover"]["metadata"] == {"title": "Carte: occupation"}
    assert values["productivity"]["lpd"]["report_2"] == "productivity/lpd_report_2.tif"
    assert "annual" not in values["productivity"] and "reference" not in values["soil"]
    assert values["soil"]["tier"] == 2
    where = {f.where.split(": ")[1] for f in widgets.form_findings(fields, tmp_path / "BFA")}
    assert {"land_cover.years[2]", "land_cover.metadata.author", "soil.stocks"} <= where
    assert "boundary.file" not in where, "the overview outline was written"


def test_a_layer_can_be_left_out():
    values = widgets.form_values({"iso3": "KEN", "productivity.kind": widgets.NONE_YET})
    assert values["productivity"] is None and values["grid"] == {"from": "land_cover"}


def test_the_form_keeps_one_way_to_give_people_and_drought(tmp_path):
    fields = {
        "iso3": "KEN",
        "population.kind": "census",
        "population.sex_ratio": "101.5",
        "drought.kind": "index",
        "vulnerability.kind": "factors",
        "vulnerability.units.file": "regions.gpkg",
        "vulnerability.units.key": "name",
    }
    values = widgets.form_values(fields)
    assert set(values["population"]) == {"source", "unit", "districts", "table"}
    assert values["population"]["districts"]["key"] == "code"
    assert values["drought"]["index_scale"] == 1000 and "precipitation" not in values["drought"]
    assert values["vulnerability"]["units"] == {"file": "regions.gpkg", "key": "name"}
    where = {f.where.split(": ")[1] for f in widgets.form_findings(fields, tmp_path)}
    # Annex II of the vulnerability factors, which are national
    assert {"population.table", "drought.index", "vulnerability.metadata.title"} <= where
    total = widgets.form_values(fields | {"population.kind": "total"})["population"]
    assert total["sex_ratio"] == 101.5 and "districts" not in total


def test_the_sections_of_tables_are_left_out_until_something_is_filled_in(tmp_path):
    fields = {
        "iso3": "KEN",
        "statistics.water.file": "statistics/water.csv",
        "statistics.water.release": "2026-09-15",
        "finance.weighting.principal": "1",
        "finance.weighting.significant": "0,4",
        "finance.trends.SO5-2.funding": "stable",
        "targets.polygons.key": "target",
        "targets.source": "national",
    }
    values = widgets.form_values(fields)
    assert values["statistics"] == {
        "water": {"file": "statistics/water.csv", "release": "2026-09-15"}
    }
    assert values["finance"] == {
        "source": "default",
        "weighting": {"principal": 1, "significant": "0,4"},
        "trends": {"SO5-2": {"funding": "stable"}},
    }
    left_out = {"species", "key_biodiversity_areas", "narrative", "additional_indicators"}
    assert not left_out & set(values)
    where = {f.where.split(": ")[1] for f in widgets.form_findings(fields, tmp_path)}
    assert {
        "statistics.water.file",
        "finance.weighting.significant",
        "targets.register",
        "targets.polygons.file",
        "targets.metadata.title",
    } <= where


def test_unknown_field():
    with pytest.raises(KeyError, match="Unknown field"):
        widgets.form_values({"iso": "KEN"})


def test_findings_are_escaped_for_the_screen():
    finding = ldnkit.Finding("error", "country.yml line 2: iso3", "'<b>'", "a code", "Write it.")
    assert "&#x27;&lt;b&gt;&#x27;" in widgets.findings_html([finding])


def test_the_form_itself(tmp_path):
    form = widgets.country_form(tmp_path / "KEN")
    assert "iso3" in form.report.value
    form.button.click()
    assert "Not written" in form.message.value and not (tmp_path / "KEN").exists()
    form.fields["iso3"].value = "KEN Kenya"
    assert "<b>iso3</b>" not in form.report.value and "boundary.file" in form.report.value
    form.button.click()
    assert (tmp_path / "KEN" / "country.yml").is_file() and "Written" in form.message.value
    assert "boundary.file" not in form.report.value
    assert set(form.fields) == set(widgets.FIELDS)


def test_every_field_is_a_key_of_the_country_file():
    fields = {name for name in widgets.FIELDS if not name.endswith(".kind")}
    # these keys hold what the series share, or a mapping
    fields = {re.sub(r"^statistics\.\w+", "statistics[]", name) for name in fields}
    fields = {re.sub(r"^(finance\.(weighting|trends))\..+", r"\1", name) for name in fields}
    assert fields <= set(keys())
    assert outlines.countries().shape[0] == len(widgets.country_options())

"""The next process: a country of 2026 opened again in 2030, and one of 2022 in 2026."""

import warnings

import pytest
from small_country import small_country, steady_ndvi

import ldnkit
from ldnkit import prais
from ldnkit.country_file import check
from ldnkit.periods import Cycle

# cell 1 is cleared in the baseline, cell 2 after 2016
FIRST, MIDDLE, LAST = [[1, 1, 2], [3, 7, 6]], [[1, 3, 2], [3, 7, 6]], [[1, 3, 3], [3, 7, 6]]
COVER = {2000: FIRST, 2015: MIDDLE, 2016: MIDDLE, 2019: MIDDLE, 2023: LAST}


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """Six cells with land cover, falling productivity in one, and soil."""
    rise = [[0, -60, 0], [40, 0, 0]]
    return small_country(
        tmp_path_factory.mktemp("next"),
        COVER,
        ndvi=steady_ndvi((2, 3), rise=rise),
        reference=[[50.0, 60.0, 40.0], [45.0, 0.0, 10.0]],
    )


def reported(world, **changes):
    country = world.read(**changes)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        for indicator in ldnkit.indicators(country):
            ldnkit.compute(country, indicator, progress=False)
        report = prais.build(country, ldnkit.results(country))
    return report


@pytest.fixture(scope="module")
def reports(world):
    """The same files in three processes; each later one names the one before it."""
    made = {}
    previous = {}
    for year in (2022, 2026, 2030):
        made[year] = reported(world, cycle=year, **previous)
        paths = prais.write(made[year], world.folder / str(year))
        previous = {"previous": str(paths["json"].relative_to(world.folder))}
    return made


def test_the_periods_grow_and_the_baseline_stays():
    cycles = {year: Cycle(year) for year in (2022, 2026, 2030)}
    assert {year: len(cycle.reports) for year, cycle in cycles.items()} == {
        2022: 1,
        2026: 2,
        2030: 3,
    }
    assert cycles[2022].baseline == cycles[2026].baseline == cycles[2030].baseline
    assert cycles[2030].periods[:3] == cycles[2026].periods
    assert cycles[2030].last.trend_years == (2012, 2027)


def test_the_2030_process_has_a_period_more(reports):
    report = reports[2030]
    assert report["SO1-4.T2"].frame.index.tolist() == ["2015", "2019", "2023", "2027"]
    assert report["CP-1.T1"].frame.index.tolist() == ["2000", "2015", "2019", "2023", "2027"]
    columns = list(report["SO1-1.T7"].frame)
    assert "report_3.area" in columns and "report_2.area" not in columns
    assert report["SO1-2.T2"].period.startswith("2016–2027")


def test_years_that_are_absent_are_said(reports):
    report = reports[2030]
    assert report["SO1-1.T4"].used == {"2027": 2023}
    assert report["CP-1.T1"].frame.loc["2027", "comments"] == "2023 used"
    said = [str(finding) for finding in report.findings]
    assert any("land cover 2027" in text and "2023 stands for it" in text for text in said)
    assert any("recent 2025–2027" in text and "no map of 2025, 2026, 2027" in text for text in said)
    assert not any(finding.severity == "error" for finding in report.findings)


def test_a_report_of_2030_is_written_in_six_languages(reports, tmp_path):
    for language in ("en", "fr", "es", "ru", "ar", "zh"):
        paths = prais.write(reports[2030], tmp_path / language, language=language)
        assert paths["xlsx"].is_file() and paths["json"].name == "prais_XLD_2030.json"


@pytest.mark.parametrize("year", [2026, 2030])
def test_earlier_figures_line_up_with_the_earlier_submission(reports, year):
    frame = prais.compare(reports[year])  # the country file names the report before it
    years = {2026: ("2000", "2015", "2019"), 2030: ("2000", "2015", "2019", "2023")}[year]
    of_earlier = frame["row"].isin(years) | frame["column"].isin(years)
    of_earlier |= frame["column"].str.startswith("baseline")
    of_earlier |= frame["table"].isin(["SO1-1.T5", "SO1-2.T1"])
    kept = frame[of_earlier]
    assert {"CP-1.T1", "SO1-1.T4", "SO1-1.T5", "SO1-1.T7"} <= set(kept["table"])
    assert {"SO1-2.T1", "SO1-2.T3", "SO1-3.T1", "SO1-3.T2", "SO1-4.T2"} <= set(kept["table"])
    assert kept["previous"].notna().all() and len(kept) > 100
    assert kept["difference_to_previous"].abs().max() <= 1e-9
    assert (kept["explanation"] == "").all()
    # tables of the reporting period alone have the same cells and another period
    moved = frame[(frame["table"] == "SO1-2.T2") & (frame["difference_to_previous"].abs() > 0)]
    assert moved["explanation"].str.contains("period: 2016–").all()


def test_nothing_of_an_earlier_period_is_revised(reports):
    assert prais.revisions(reports[2026], reports[2030]).empty
    assert len(prais.revisions(reports[2026], reports[2030], unchanged=True)) > 100


def test_a_corrected_map_revises_the_baseline(world, reports):
    world.raster("corrected_2015.tif", FIRST, dtype="uint8")
    files = world.file["land_cover"]["files"] | {2015: "corrected_2015.tif"}
    report = reported(world, cycle=2026, land_cover=world.file["land_cover"] | {"files": files})
    frame = prais.revisions(reports[2022], report)
    cell = (frame["table"] == "SO1-1.T4") & (frame["row"] == "tree") & (frame["column"] == "2015")
    (found,) = frame[cell].to_dict("records")
    # cell 1 was forest in 2015 after all: one cell more
    assert found["difference"] == pytest.approx(world.area(0), abs=0.011)
    assert found["reason"] == "" and found["unit"] == "km2"


def test_the_country_file_names_sheets_and_licences(world):
    for name in ("platform.csv", "previous.csv"):
        (world.folder / name).write_text("table,row,column,value\n", encoding="utf-8")
    country = world.read(platform="platform.csv", previous="previous.csv", licence="CC0")
    assert country.platform.name == "platform.csv" and country.previous.name == "previous.csv"
    assert country.licence == "CC0" and country.licences == {}
    plain = world.read()
    assert plain.platform is None and plain.previous is None and plain.licence == ""
    (found,) = [finding for finding in plain.findings if "licence" in finding.where]
    assert found.severity == "info" and "CC BY-NC 4.0 applies" in found.found


def test_problems_of_the_new_keys_have_their_lines(tmp_path):
    text = "schema: 1\nplatform: none.csv\nprevious: 3\nlicence: [CC0]\n"
    found = {f.where: f.found for f in check(text, tmp_path)[1]}
    assert found["country.yml line 2: platform"] == "no file none.csv"
    assert found["country.yml line 3: previous"] == "3"
    assert found["country.yml line 4: licence"] == "a list of 1"


def test_licences_of_sections(world):
    metadata = {"title": "Map", "licence": "CC BY 4.0"}
    country = world.read(land_cover=world.file["land_cover"] | {"metadata": metadata})
    assert country.licences == {"land_cover": "CC BY 4.0"}
    assert country.land_cover.metadata.as_dict() == {
        **{"title": "Map", "link": "", "author": "", "citation": ""}
    }

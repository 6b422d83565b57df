"""The tables of SO2-1 and SO2-2 from official series of a few years.

          2000   2005   2010   2015   2020   2021
poverty     60     51     44   37.126    36              S = −10, p = 2/120: a decrease
gini             46.5          40.8          38.7        three values: unknown
urban       80     81     82     83      84              S = 10: an increase
rural              40            45.5    47
total       50     52     55     58      61
"""

import csv
import json
from types import SimpleNamespace

import numpy as np
import openpyxl
import pandas as pd
import pytest
from paper_country import paper_country

from ldnkit import prais, statistics, tables
from ldnkit.prais.builder import MAKERS

METADATA = {"title": "Household survey", "link": "https://example.org", "author": "NSO"}
METADATA |= {"citation": "NSO 2022. Household survey."}
SERIES = {
    ("poverty", "total"): {2000: 60, 2005: 51, 2010: 44, 2015: 37.126, 2020: 36},
    ("gini", "total"): {2005: 46.5, 2015: 40.8, 2021: 38.7},
    ("water", "urban"): {2000: 80, 2005: 81, 2010: 82, 2015: 83, 2020: 84},
    ("water", "rural"): {2005: 40, 2015: 45.5, 2020: 47},
    ("water", "total"): {2000: 50, 2005: 52, 2010: 55, 2015: 58, 2020: 61},
}
OURS = ("SO2-1.T1", "SO2-1.T2", "SO2-1.T3", "SO2-2.T1", "SO2-2.T2")


def long_of(series, **changes):
    rows = [
        {
            **{"series": name, "year": year, "location": place, "value": float(value)},
            **{"lower": np.nan, "upper": np.nan, "nature": "E", "status": ""},
            **{"release": "2025.Q4.G.01", "database": "sdg"},
        }
        for (name, place), by_year in series.items()
        for year, value in by_year.items()
    ]
    table = pd.DataFrame(rows)
    gini = table["series"] == "gini"
    table.loc[gini, ["nature", "release", "database"]] = ["", "2026-07-01", "world_bank"]
    return table.assign(**changes)


def section(source="default", **metadata):
    fields = dict.fromkeys(("title", "link", "author", "citation"), "") | metadata
    return SimpleNamespace(source=source, metadata=SimpleNamespace(**fields))


def make_country(**changes):
    fields = {
        "statistics": {name: section() for name in ("poverty", "gini", "water")},
    }
    return paper_country(**fields | changes)


def report_of(series=None, through=None, changes=None, **country):
    """The report; ``through`` is a folder in which the tables are kept and read again."""
    long = long_of(SERIES if series is None else series, **(changes or {}))
    found = {"statistics": long, "direction": statistics.directions(long)}
    if through is not None:
        for name, table in found.items():
            table.to_csv(through / f"{name}.csv", index=False)
            found[name] = pd.read_csv(
                through / f"{name}.csv", keep_default_na=False, na_values=[""]
            )
    result = SimpleNamespace(tables=found, years={}, findings=[])
    return prais.build(make_country(**country), {"statistics": result})


def only(*names):
    return {key: values for key, values in SERIES.items() if key[0] in names}


def of_table(report, table_id):
    return [each for each in prais.check(report) if each.where.startswith(table_id)]


# ---- SO2-1 ---------------------------------------------------------------------------------------


def test_poverty_by_year():
    table = report_of()["SO2-1.T1"]
    assert list(table.frame) == ["poverty.share", "comments"]
    assert table.frame["poverty.share"].to_dict() == {
        str(year): value for year, value in SERIES["poverty", "total"].items()
    }
    assert table.printed["poverty.share"].tolist() == [60, 51, 44, 37.13, 36]
    assert (table.unit, table.notebook, table.form) == ("percent", "08", "SO2-1")
    assert table.period == "2000, 2005, 2010, 2015, 2020"
    assert table.fields == {"release": "2025.Q4.G.01", "validation": "validated"}
    assert any("USD 3.00 a day in prices of 2021" in note for note in table.notes)
    assert table.help["nature"].tolist() == ["nature_e"] * 5


def test_the_gini_index_needs_validation():
    table = report_of()["SO2-1.T2"]
    assert table.frame["gini"].to_dict() == {"2005": 46.5, "2015": 40.8, "2021": 38.7}
    assert table.fields == {"release": "2026-07-01", "validation": "to_validate"}
    assert any("has no SDG validation" in note for note in table.notes)
    assert table.unit == "index_100" and table.help is None


def test_poverty_of_another_file_than_the_sdg_database_is_not_validated():
    table = report_of(changes={"database": "table"})["SO2-1.T1"]
    assert table.fields["validation"] == "to_validate"
    own = {"poverty": section("national", **METADATA)}
    table = report_of(only("poverty"), statistics=own)["SO2-1.T1"]
    assert table.fields["validation"] == "of_the_country"
    assert table.sources == [{"layer": "statistics.poverty", "source": "national", **METADATA}]
    assert any("use another line" in note for note in table.notes)
    assert not any("Releases before June 2025" in note for note in table.notes)
    table = report_of(only("gini"), statistics={"gini": section("national", **METADATA)})[
        "SO2-1.T2"
    ]
    assert not any("World Bank" in note for note in table.notes)


@pytest.mark.parametrize(
    ("given", "left", "word"),
    [("poverty", "SO2-1.T2", "poverty"), ("gini", "SO2-1.T1", "the Gini index")],
)
def test_one_of_poverty_and_gini_suffices(given, left, word):
    report = report_of(only(given, "water"))
    table = report[left]
    assert table.frame.empty and f"Left empty: {word} is reported instead." in table.notes
    open_cells = [each for each in prais.check(report) if each.where.startswith(left)]
    assert open_cells == [], "nothing is asked for"
    assert report["SO2-1.T3"].frame.index.tolist() == [given]


def test_without_both_the_form_is_open():
    report = report_of(only("water"))
    assert not {"SO2-1.T1", "SO2-1.T2", "SO2-1.T3"} & set(report.tables)
    (finding,) = of_table(report, "SO2-1.T1")
    assert finding.severity == "warning"
    assert "Give statistics: poverty or statistics: gini in country.yml" in finding.remedy
    report = report_of(only("poverty"))
    assert "SO2-2.T1" not in report.tables
    assert "Give statistics: water" in of_table(report, "SO2-2.T1")[0].remedy


def test_notes_of_the_source_stand_in_the_comments():
    series = only("poverty")
    long = long_of(series)
    long.loc[long["year"] == 2015, "status"] = "Survey of 2015/16"
    table = report_of(series, changes={"status": long["status"]})["SO2-1.T1"]
    assert table.frame["comments"].tolist() == ["", "", "", "Survey of 2015/16", ""]


def test_the_suggested_directions():
    table = report_of()["SO2-1.T3"]
    assert list(table.frame) == ["direction", "drivers", "comments"]
    assert (table.frame == "").all(axis=None), "the team decides"
    assert table.frame.index.tolist() == ["poverty", "gini"]
    poverty, gini = table.help.loc["poverty"], table.help.loc["gini"]
    assert (poverty["suggested"], gini["suggested"]) == ("decrease", "unknown")
    assert (poverty["years"], poverty["mann_kendall_s"]) == (5, -10)
    assert poverty["mann_kendall_p"] == pytest.approx(2 / 120)
    assert (poverty["first_year"], poverty["last_year"]) == ("2000", "2020")
    assert (poverty["first_value"], poverty["last_value"]) == (60, 36)
    assert "A decrease means less poverty, or less inequality." in table.notes
    assert [source["layer"] for source in table.sources] == [
        *("statistics.poverty", "statistics.gini")
    ]


# ---- SO2-2 ---------------------------------------------------------------------------------------


def test_water_by_year_and_location():
    table = report_of()["SO2-2.T1"]
    columns = ["water.urban.share", "water.rural.share", "water.total.share", "comments"]
    assert list(table.frame) == columns
    assert table.frame["water.urban.share"].tolist() == [80, 81, 82, 83, 84]
    assert table.frame["water.total.share"].tolist() == [50, 52, 55, 58, 61]
    rural = table.frame["water.rural.share"]
    assert rural.dropna().to_dict() == {"2005": 40, "2015": 45.5, "2020": 47}
    assert of_table(report_of(), "SO2-2.T1") == [], "a year without urban or rural is no mistake"


def test_a_missing_total_is_an_open_answer():
    series = {key: SERIES[key] for key in SERIES if key != ("water", "total")}
    report = report_of(series)
    (finding,) = of_table(report, "SO2-2.T1")
    assert finding.severity == "warning" and "water.total.share" in finding.where
    assert any("no figures for: total" in note for note in report["SO2-2.T1"].notes)


def test_the_direction_of_every_location():
    table = report_of()["SO2-2.T2"]
    assert table.frame.index.tolist() == ["SO2-2"]
    assert table.help["suggested"].to_dict() == {
        **{"urban": "increase", "rural": "unknown", "total": "increase"}
    }


# ---- rules and files -----------------------------------------------------------------------------


def test_the_team_answers():
    report = report_of()
    assert len(of_table(report, "SO2-1.T3")) == 2 and len(of_table(report, "SO2-2.T2")) == 2
    for table_id, rows in (("SO2-1.T3", ("poverty", "gini")), ("SO2-2.T2", ("SO2-2",))):
        for row in rows:
            report.fill(table_id, row, "direction", "decrease")
            report.fill(table_id, row, "drivers", "Jobs and schools")
        assert of_table(report, table_id) == []
    with pytest.raises(ValueError, match="increase, decrease, no_change, unknown"):
        report.fill("SO2-2.T2", "SO2-2", "direction", "better")


def test_shares_above_100_are_found():
    report = report_of()
    report.fill("SO2-2.T1", "2020", "water.total.share", 101)
    (finding,) = of_table(report, "SO2-2.T1")
    assert finding.severity == "error" and "101 %" in finding.found


def test_national_data_need_metadata():
    own = {"water": section("national")}
    report = report_of(only("water"), statistics=own)
    (finding,) = of_table(report, "SO2-2.T1")
    assert "national data without title, link, author, citation" in finding.found
    assert "statistics.water: metadata" in finding.remedy


def test_forms_that_do_not_apply():
    report = report_of(only("water"), party="developed")
    assert not [each for each in prais.check(report) if each.where.startswith("SO2-1")]


def test_kept_tables_give_the_same_report(tmp_path):
    fresh, kept = report_of(), report_of(through=tmp_path)
    for table_id in OURS:
        pd.testing.assert_frame_equal(fresh[table_id].frame, kept[table_id].frame)
        assert fresh[table_id].fields == kept[table_id].fields
        assert fresh[table_id].notes == kept[table_id].notes


def test_the_tables_are_made_from_the_statistics():
    assert {MAKERS[table_id][0] for table_id in OURS} == {"statistics"}
    known = tables.prais_tables().set_index("id").loc[list(OURS)]
    assert set(known["required_affected"]) == {"required"}
    assert set(known["required_developed"]) == {"not applicable"}
    assert set(known["notebook"]) == {"08"}


@pytest.mark.parametrize("language", tables.LANGUAGES)
def test_written_in_every_language(tmp_path, language):
    report = report_of(only("poverty", "water"))  # SO2-1.T2 stays empty
    files = prais.write(report, tmp_path, language=language)
    book = openpyxl.load_workbook(files["xlsx"])
    for sheet, keys in {
        "SO2-1.T1": ("column.poverty.share", "column.validated", "column.nature_e"),
        "SO2-1.T3": ("column.poverty", "column.decrease"),
        "SO2-2.T1": ("column.water.urban.share", "indicator.statistics.water"),
        "SO2-2.T2": ("column.urban", "column.rural"),
    }.items():
        words = {str(cell.value) for row in book[sheet].iter_rows() for cell in row if cell.value}
        for key in keys:
            assert tables.label(key, language) in words, (sheet, key)
    with (files["csv"] / "SO2-2.T1.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[1][:4] == ["2000", "80.00", "", "50.00"]
    kept = json.loads(files["json"].read_text(encoding="utf-8"))["tables"]
    assert kept["SO2-1.T1"]["fields"]["release"] == "2025.Q4.G.01"


def test_every_word_of_the_tables_has_a_label():
    report, keys = report_of(), set()
    for table_id in OURS:
        table = report[table_id]
        keys |= {*table.frame, table.frame.index.name, *table.fields}
        keys |= set(table.fields.values()) - {"2025.Q4.G.01", "2026-07-01"}
        if table.help is not None:
            keys |= {*table.help, table.help.index.name}
            keys |= {key for key in table.help.index if not key.isdigit()}
            keys |= {key for key in table.help.get("nature", ()) if key}
        keys |= {source["layer"] for source in table.sources}
    labels = set(tables.read("labels")["key"])
    groups = ("", "column.", "indicator.", "form.")
    assert [key for key in keys if not labels & {group + key for group in groups}] == []

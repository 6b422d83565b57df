"""The tables of SO4-2 and SO4-3, made from series that can be worked by hand.

Own Red List Index: lion VU, VU, EN and lark LC, LC, LC in 1998, 2010 and 2020:
1 − 2/10 = 0.8, 0.8 and 1 − 3/10 = 0.7. The index of 1998 lies before the years of the report.
"""

import csv
import json
from types import SimpleNamespace

import openpyxl
import pandas as pd
import pytest
from paper_country import paper_country

from ldnkit import biodiversity, prais, tables
from ldnkit.prais import builder

METADATA = {"title": "Census", "link": "https://example.org", "author": "NSO", "citation": "NSO"}
TABLES = ("SO4-2.T1", "SO4-2.T2", "SO4-3.T1", "SO4-3.T2")
WORLD = {
    "lion": {1998: "VU", 2010: "VU", 2020: "EN"},
    "lark": {1998: "LC", 2010: "LC", 2020: "LC"},
}
#: Published values: the Red List Index falls every year, protection rises.
PUBLISHED = {
    "red_list": {year: 0.9 - 0.001 * (year - 2000) for year in range(1995, 2024)},
    "protected": {year: 20.0 + (year - 2000) for year in range(2000, 2024)},
}


def section(source="national", metadata=METADATA):
    return SimpleNamespace(source=source, metadata=SimpleNamespace(**metadata))


def make_country(**changes):
    fields = {
        "species": section(),
        "key_biodiversity_areas": section(),
        "statistics": {name: section("default", dict.fromkeys(METADATA, "")) for name in PUBLISHED},
    }
    return paper_country(**fields | changes)


def red_list(world=WORLD):
    rows = [
        {"species": species, "year": year, "category": category}
        for species, series in world.items()
        for year, category in series.items()
    ]
    found, findings = biodiversity.compute_red_list(pd.DataFrame(rows))
    return SimpleNamespace(tables=found, years={}, findings=findings)


def protected(values, bounds=None):
    table = pd.DataFrame({"year": list(values), "value": [float(v) for v in values.values()]})
    bounds = bounds or {}
    table["lower"] = [bounds.get(year, (None, None))[0] for year in values]
    table["upper"] = [bounds.get(year, (None, None))[1] for year in values]
    table = table.astype({"lower": float, "upper": float}).assign(sites=3)
    return SimpleNamespace(tables={"protected_areas": table}, years={}, findings=[])


def published(series=PUBLISHED, **columns):
    rows = [
        {"series": name, "year": year, "location": "total", "value": value}
        for name, values in series.items()
        for year, value in values.items()
    ]
    table = pd.DataFrame(rows, columns=["series", "year", "location", "value"])
    table = table.assign(**{"lower": float("nan"), "upper": float("nan"), "status": ""} | columns)
    return SimpleNamespace(tables={"statistics": table}, years={}, findings=[])


def own(**changes):
    areas = protected(dict.fromkeys(range(2000, 2024), 40.0))
    return {"red_list": red_list(), "protected_areas": areas} | changes


def report_of(results=None, through=None, **changes):
    """The report; ``through`` is a folder in which the tables are kept and read again."""
    results = own() if results is None else results
    if through is not None:
        for result in results.values():
            for name, table in result.tables.items():
                table.to_csv(through / f"{name}.csv", index=False)
            result.tables = {name: pd.read_csv(through / f"{name}.csv") for name in result.tables}
    return prais.build(make_country(**changes), results)


def of_table(findings, table_id):
    return [str(found) for found in findings if found.where.startswith(table_id)]


# ---- the team's own figures ----------------------------------------------------------------------


def test_the_red_list_index_by_year():
    table = report_of()["SO4-2.T1"]
    assert list(table.frame) == ["red_list_index", "lower_bound", "upper_bound", "comments"]
    assert table.frame.index.tolist() == ["2010", "2020"]
    assert table.frame["red_list_index"].tolist() == pytest.approx([0.8, 0.7], abs=1e-15)
    # two draws out of two species: both lions, one, none
    assert table.frame["lower_bound"].tolist() == pytest.approx([0.6, 0.4])
    assert table.frame["upper_bound"].tolist() == pytest.approx([1, 1])
    assert table.help["species"].tolist() == [2, 2] and "published" not in table.help
    assert (table.form, table.unit, table.decimals, table.notebook) == ("SO4-2", "index", 5, "13")
    assert table.period == "2010, 2020"
    assert table.sources[0]["layer"] == "species" and table.sources[0]["author"] == "NSO"
    assert "SO4-1, carbon stocks, is reported once, under SO1-3." in table.notes


def test_protected_areas_by_year():
    areas = protected({1999: 5, 2000: 10, 2023: 30.123456}, {2000: (5, 12.5), 2023: (30, 31)})
    table = report_of(own(protected_areas=areas))["SO4-3.T1"]
    assert list(table.frame) == ["covered.share", "lower_bound", "upper_bound", "comments"]
    assert table.frame.index.tolist() == ["2000", "2023"]
    assert table.printed["covered.share"].tolist() == [10, 30.12]
    assert table.printed["lower_bound"].tolist() == [5, 30]
    assert table.help["sites"].tolist() == [3, 3]
    assert any("year of designation is not known" in note for note in table.notes)
    assert table.unit_of("covered.share") == table.unit_of("lower_bound") == "percent"
    plain = report_of()["SO4-3.T1"]
    assert plain.frame["upper_bound"].isna().all()
    assert not any("Bounds" in note for note in plain.notes)


def test_the_published_series_stands_beside_for_checking():
    report = report_of(own(statistics=published()))
    table = report["SO4-2.T1"]
    assert table.frame["red_list_index"].tolist() == pytest.approx([0.8, 0.7])
    assert table.help["published"].tolist() == pytest.approx([0.89, 0.88])
    assert table.sources[0]["layer"] == "species"
    assert report["SO4-3.T1"].help["published"].tolist() == list(PUBLISHED["protected"].values())


# ---- the published series ------------------------------------------------------------------------


def test_the_published_series_alone():
    results = {"statistics": published(lower=0.5, upper=0.95)}
    report = report_of(results, species=None, key_biodiversity_areas=None)
    table = report["SO4-2.T1"]
    assert table.frame.index.tolist() == [str(year) for year in range(2000, 2024)]
    assert table.frame["red_list_index"].iloc[[0, -1]].tolist() == pytest.approx([0.9, 0.877])
    assert table.frame["upper_bound"].eq(0.95).all() and table.help is None
    assert table.sources == [
        {"layer": "statistics.red_list", "source": "default", **dict.fromkeys(METADATA, "")}
    ]
    assert report["SO4-3.T1"].frame["covered.share"].tolist() == list(range(20, 44))


@pytest.mark.parametrize("results", [{}, {"statistics": published({"protected": {2020: 3.0}})}])
def test_tables_that_are_missing_say_what_to_do(results):
    report = report_of(results)
    assert "SO4-2.T1" not in report.tables and "SO4-2.T2" not in report.tables
    assert ("SO4-3.T1" in report.tables) == bool(results)
    findings = of_table(prais.check(report), "SO4-2.T1")
    assert len(findings) == 1 and "notebook 13" in findings[0].lower()
    if results:
        assert "Give species, or statistics: red_list, in country.yml" in findings[0]


def test_a_developed_country_has_none_to_fill():
    findings = prais.check(report_of({}, party="developed"))
    assert not any(found.where.startswith("SO4") for found in findings)


# ---- direction of change -------------------------------------------------------------------------


def test_the_suggested_direction():
    report = report_of({"statistics": published()})
    falls, rises = report["SO4-2.T2"], report["SO4-3.T2"]
    columns = ["years", "first_value", "last_value", "mann_kendall_s", "suggested"]
    # 24 years in order: S = ± 24·23/2
    assert falls.help.loc["SO4-2", columns].tolist() == [
        *(24, pytest.approx(0.9), pytest.approx(0.877), -276, "decrease")
    ]
    assert rises.help.loc["SO4-3", columns].tolist() == [24, 20, 43, 276, "increase"]
    assert falls.help["mann_kendall_p"].item() < 1e-6
    assert falls.period == "2000–2023"


def test_few_years_and_equal_years_suggest_no_direction():
    report = report_of()
    assert report["SO4-2.T2"].help["suggested"].tolist() == ["unknown"]
    assert report["SO4-3.T2"].help["suggested"].tolist() == ["no_change"]


def test_the_team_answers():
    report = report_of()
    assert list(report["SO4-2.T2"].frame) == [
        *("direction", "direct_drivers", "indirect_drivers", "levers", "comments")
    ]
    assert list(report["SO4-3.T2"].frame) == ["direction", "drivers", "comments"]
    found = prais.check(report)
    assert len(of_table(found, "SO4-2.T2")) == 4 and len(of_table(found, "SO4-3.T2")) == 2
    with pytest.raises(ValueError, match="increase, decrease, no_change, unknown"):
        report.fill("SO4-2.T2", "SO4-2", "direction", "worse")
    for column in ("direct_drivers", "indirect_drivers", "levers"):
        report.fill("SO4-2.T2", "SO4-2", column, "fire")
    report.fill("SO4-2.T2", "SO4-2", "direction", "decrease")
    assert of_table(prais.check(report), "SO4-2.T2") == []


def test_an_index_without_any_year():
    report = report_of(own(red_list=red_list({"toad": {2010: "DD"}})))
    assert report["SO4-2.T1"].frame.empty
    assert report["SO4-2.T2"].help["suggested"].tolist() == ["unknown"]


# ---- rules and files -----------------------------------------------------------------------------


def test_nothing_is_open_but_the_answers():
    found = prais.check(report_of())
    assert of_table(found, "SO4-2.T1") == of_table(found, "SO4-3.T1") == []


@pytest.mark.parametrize(
    ("table_id", "column", "value", "said"),
    [
        ("SO4-2.T1", "red_list_index", 0.3, "a value between its bounds 0.4 and 1"),
        ("SO4-2.T1", "red_list_index", 1.2, "1 or less"),
        ("SO4-2.T1", "upper_bound", 93.0, "93; expected 1 or less"),
        ("SO4-2.T1", "lower_bound", 0.75, "a value between its bounds 0.75 and 1"),
        ("SO4-2.T1", "red_list_index", -0.1, "zero or more"),
        ("SO4-3.T1", "covered.share", 101.0, "100 % or less"),
        ("SO4-3.T1", "lower_bound", 41.0, "a value between its bounds 41"),
    ],
)
def test_figures_that_cannot_be(table_id, column, value, said):
    report = report_of()
    report.fill(table_id, "2020", column, value)
    found = of_table(prais.check(report), table_id)
    assert any(said in text and "Error" in text for text in found), found


def test_figures_on_the_limit():
    report = report_of()
    for column, value in (("upper_bound", 1.0), ("red_list_index", 1.0), ("lower_bound", 1.0)):
        report.fill("SO4-2.T1", "2020", column, value)
    report.fill("SO4-3.T1", "2020", "covered.share", 100.0)
    found = prais.check(report)
    assert of_table(found, "SO4-2.T1") == of_table(found, "SO4-3.T1") == []


def test_national_data_need_metadata():
    empty = section(metadata=dict.fromkeys(METADATA, ""))
    found = prais.check(report_of(species=empty, key_biodiversity_areas=empty))
    assert ["species" in text for text in of_table(found, "SO4-2.T1")] == [True]
    assert ["key_biodiversity_areas" in text for text in of_table(found, "SO4-3.T1")] == [True]


def test_kept_tables_give_the_same_report(tmp_path):
    fresh, kept = report_of(), report_of(through=tmp_path)
    for table_id in TABLES:
        pd.testing.assert_frame_equal(fresh[table_id].frame, kept[table_id].frame)
        pd.testing.assert_frame_equal(fresh[table_id].help, kept[table_id].help)
        assert fresh[table_id].notes == kept[table_id].notes


@pytest.mark.parametrize("language", tables.LANGUAGES)
def test_written_in_every_language(tmp_path, language):
    report = report_of(own(statistics=published()))
    files = prais.write(report, tmp_path, language=language)
    book = openpyxl.load_workbook(files["xlsx"])

    def words(sheet):
        return {str(cell.value) for row in book[sheet].iter_rows() for cell in row if cell.value}

    for key in ("red_list_index", "lower_bound", "species", "published"):
        assert tables.label(f"column.{key}", language) in words("SO4-2.T1"), key
    assert tables.label("indicator.species", language) in words("SO4-2.T1")
    assert tables.label("column.levers", language) in words("SO4-2.T2")
    assert tables.label("indicator.key_biodiversity_areas", language) in words("SO4-3.T1")
    assert {"SO4-1", tables.label("form.SO4-1", language)} <= words("Overview")
    with (files["csv"] / "SO4-2.T1.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert [row[:2] for row in rows[1:]] == [["2010", "0.80000"], ["2020", "0.70000"]]
    kept = json.loads(files["json"].read_text(encoding="utf-8"))["tables"]
    assert kept["SO4-3.T1"]["columns"][0] == "covered.share"


def test_five_decimals_in_the_workbook(tmp_path):
    files = prais.write(report_of(), tmp_path)
    sheet = openpyxl.load_workbook(files["xlsx"])["SO4-2.T1"]
    formats = {cell.number_format for row in sheet.iter_rows() for cell in row if cell.value == 0.7}
    assert formats == {"#,##0.00000"}


def test_every_word_of_the_tables_has_a_label():
    report = report_of(own(statistics=published()))
    keys = set()
    for table_id in TABLES:
        table = report[table_id]
        keys |= {*table.frame, *table.help, table.frame.index.name, table.help.index.name}
        keys |= {f"indicator.{source['layer']}" for source in table.sources}
    keys |= {"indicator.statistics.red_list", "indicator.statistics.protected", "form.SO4-1"}
    labels = set(tables.read("labels")["key"])
    assert [key for key in keys if key not in labels and f"column.{key}" not in labels] == []


def test_the_definitions_and_the_makers_agree():
    known = tables.prais_tables().set_index("id")
    assert {name for name in builder.MAKERS if name.startswith(("SO4-1", "SO4-2", "SO4-3"))} == set(
        TABLES
    )
    forms = tables.read("forms").set_index("form")
    for name in TABLES:
        row = known.loc[name]
        assert row["required_affected"] == forms.loc[row["form"], "affected"]
        assert row["required_developed"] == forms.loc[row["form"], "developed"]
    assert not any(name.startswith("SO4-1") for name in known.index)

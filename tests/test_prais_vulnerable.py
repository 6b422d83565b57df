"""The tables of SO3-3, made from factors whose index can be worked by hand.

Three factors; ↓ means that a higher value lowers vulnerability.

factor                    1999   2000   2010   2020      0–1 (1 is most vulnerable)
literacy ↓                  40     40     70     80      1      1      1/4    0
poverty_headcount ↑          –     30     35     20             2/3    1      0
safely_managed_water ↓      50     50     60     50      1      1      0      1
index                                                           8/9    5/12   1/3
"""

import csv
import json
from types import SimpleNamespace

import openpyxl
import pandas as pd
import pytest
from paper_country import paper_country

from ldnkit import prais, tables, vulnerability

METADATA = {"title": "Census", "link": "https://example.org", "author": "NSO", "citation": "NSO"}
WORLD = {
    "literacy": {1999: 40, 2000: 40, 2010: 70, 2020: 80},
    "poverty_headcount": {2000: 30, 2010: 35, 2020: 20},
    "safely_managed_water": {1999: 50, 2000: 50, 2010: 60, 2020: 50},
}
#: Literacy by sex: minimum 20, maximum 90 for all three together.
FEMALE, MALE = {2000: 20, 2010: 60, 2020: 70}, {2000: 60, 2010: 80, 2020: 90}


def rows_of(world, *, sex="total", unit="national"):
    return [
        {"year": year, "factor": factor, "sex": sex, "unit": unit, "value": value}
        for factor, series in world.items()
        for year, value in series.items()
    ]


def make_country(**changes):
    section = SimpleNamespace(source="national", metadata=SimpleNamespace(**METADATA))
    fields = {
        "vulnerability": section,
    }
    return paper_country(**fields | changes)


def report_of(world=None, more=(), weights=None, directions="unccd", through=None, **changes):
    """The report; ``through`` is a folder in which the tables are kept and read again."""
    factors = pd.DataFrame([*rows_of(WORLD if world is None else world), *more])
    found, findings = vulnerability.compute_tables(factors, weights, directions)
    if through is not None:
        for name, table in found.items():
            table.to_csv(through / f"{name}.csv", index=False)
        found = {name: pd.read_csv(through / f"{name}.csv") for name in found}
    result = SimpleNamespace(tables=found, years={}, findings=findings)
    return prais.build(make_country(**changes), {"vulnerability": result})


def by_sex():
    return rows_of({"literacy": FEMALE}, sex="female") + rows_of({"literacy": MALE}, sex="male")


def of_table(findings, table_id):
    return [str(found) for found in findings if found.where.startswith(table_id)]


# ---- SO3-3.T1 ------------------------------------------------------------------------------------


def test_the_index_by_year():
    table = report_of()["SO3-3.T1"]
    assert list(table.frame) == ["total", "female", "male", "comments"]
    assert table.frame.index.tolist() == ["2000", "2010", "2020"]
    assert table.frame["total"].tolist() == pytest.approx([8 / 9, 5 / 12, 1 / 3], abs=1e-15)
    assert table.printed["total"].tolist() == [0.8889, 0.4167, 0.3333]
    assert table.frame[["female", "male"]].isna().all(axis=None)
    assert table.period == "2000, 2010, 2020"
    assert table.help["social"].tolist() == [1, 0.25, 0]
    assert (table.form, table.unit, table.notebook) == ("SO3-3", "index", "12")


def test_female_and_male():
    # literacy: total 5/7, 2/7, 1/7; female 1, 3/7, 2/7; male 3/7, 1/7, 0
    table = report_of(more=by_sex())["SO3-3.T1"]
    female = [(1 + 2 / 3 + 1) / 3, (3 / 7 + 1 + 0) / 3, (2 / 7 + 0 + 1) / 3]
    male = [(3 / 7 + 2 / 3 + 1) / 3, (1 / 7 + 1 + 0) / 3, (0 + 0 + 1) / 3]
    assert table.frame["female"].tolist() == pytest.approx(female)
    assert table.frame["male"].tolist() == pytest.approx(male)
    note = "Female and male are not known, the total serves both: poverty headcount, safely"
    assert any(text.startswith(note) for text in table.notes)


def test_tier_and_factors_are_declared():
    table = report_of(more=by_sex())["SO3-3.T1"]
    assert table.fields == {
        "tier": "tier_1",
        **{"social_factors": "literacy", "social_by_sex": "yes", "social_sub_national": "no"},
        "economic_factors": "poverty_headcount",
        **{"economic_by_sex": "no", "economic_sub_national": "no"},
        "infrastructural_factors": "safely_managed_water",
        **{"infrastructural_by_sex": "no", "infrastructural_sub_national": "no"},
    }


@pytest.mark.parametrize("tier", ["1", "1 enhanced", "2", "3"])
def test_every_tier(tier):
    second = {"life_expectancy": {2000: 50, 2010: 60}, "gdp_per_capita": {2000: 1, 2010: 2}}
    second |= {"renewable_water": {2000: 9, 2010: 8}}
    more = {
        "1": [],
        "1 enhanced": rows_of(second),
        "2": rows_of(second) + by_sex(),
        "3": by_sex() + rows_of({"literacy": {2000: 40, 2010: 70}}, unit="North"),
    }[tier]
    table = report_of(more=more)["SO3-3.T1"]
    assert table.fields["tier"] == f"tier_{tier.replace(' ', '_')}"
    assert any("1 sub-national units" in note for note in table.notes) == (tier == "3")


def test_years_without_index_are_said_and_not_reported():
    world = WORLD | {"literacy": {2000: 40, 2020: 80}}
    table = report_of(world)["SO3-3.T1"]
    assert table.frame.index.tolist() == ["2000", "2020"]
    assert "No index in 2010: a component has no factor in these years." in table.notes


def test_a_missing_factor_stands_in_the_comment_of_its_year():
    table = report_of(more=rows_of({"life_expectancy": {2000: 50, 2020: 70}}))["SO3-3.T1"]
    assert table.frame["comments"].tolist() == ["", "Without life expectancy.", ""]


def test_years_before_the_reporting_years_only_set_the_range():
    world = WORLD | {
        "literacy": WORLD["literacy"] | {1990: 0},
        "poverty_headcount": {1990: 30, 2000: 30, 2020: 20},
    }
    table = report_of(world | {"safely_managed_water": WORLD["safely_managed_water"] | {1990: 50}})
    frame = table["SO3-3.T1"].frame
    assert frame.index.tolist() == ["2000", "2020"]
    assert table["SO3-3.T1"].help["social"].tolist() == [0.5, 0]  # literacy from 0 to 80


def test_constants_and_weights_are_said():
    more = rows_of(
        {
            "life_expectancy": {2000: 50, 2010: 60, 2020: 70},
            "rural_population": {2000: 60, 2010: 60, 2020: 60},
        }
    )
    weights = {"literacy": 3, "life_expectancy": 0.5}
    table = report_of(more=more, weights=weights)["SO3-3.T1"]
    assert "Left out, because the values never change: rural population." in table.notes
    assert "Weights in the social component: literacy 3, life expectancy 0.5." in table.notes
    assert not any("Weights in the economic" in note for note in table.notes)


def test_it_is_said_that_indices_cannot_be_compared():
    notes = " ".join(report_of()["SO3-3.T1"].notes)
    assert "not comparable with that of another country" in notes
    assert "default value of the platform" in notes


def test_no_index_at_all():
    report = report_of({"literacy": WORLD["literacy"]})
    table = report["SO3-3.T1"]
    assert table.frame.empty and table.fields["tier"] == "no_tier"
    assert table.fields["economic_factors"] == "no_factor"
    assert report["SO3-3.T2"].help["suggested"].tolist() == ["unknown"]


# ---- SO3-3.T2 ------------------------------------------------------------------------------------


def rising(years):
    """Poverty rises every year; the others are as bad as ever but for one year."""
    poverty = {year: 10 + number for number, year in enumerate(years)}
    steady = {year: 50 for year in years}
    return {
        "literacy": steady | {1999: 60},
        "poverty_headcount": poverty,
        "safely_managed_water": steady | {1999: 60},
    }


def test_the_suggested_direction():
    table = report_of(rising(range(2000, 2024)))["SO3-3.T2"]
    assert list(table.frame) == ["direction", "drivers", "comments"]
    assert (table.frame == "").all(axis=None), "the team decides"
    assert table.help.loc["total", ["years", "mann_kendall_s", "suggested"]].tolist() == [
        *(24, 276, "increase")
    ]
    assert table.period == "2000–2023"


def test_few_years_suggest_nothing():
    assert report_of()["SO3-3.T2"].help["suggested"].tolist() == ["unknown"]
    parameters = tables.method("manual") | {"minimum_trend_years": 3}
    table = report_of(parameters=parameters)["SO3-3.T2"]
    assert table.help["suggested"].tolist() == ["no_change"]  # three falling years: p = 1/3
    parameters["alpha"] = 0.35
    table = report_of(parameters=parameters)["SO3-3.T2"]
    assert table.help["suggested"].tolist() == ["decrease"]


def test_the_direction_of_each_sex():
    table = report_of(more=by_sex())["SO3-3.T2"]
    assert table.help.index.tolist() == ["total", "female", "male"]


def test_changing_factors_are_said():
    def notes(more):
        return " ".join(report_of(more=more)["SO3-3.T2"].notes)

    assert "Factors are missing in some years" not in notes([])
    assert "Factors are missing in some years" in notes(
        rows_of({"life_expectancy": {2000: 50, 2020: 70}})
    )


def test_the_team_answers():
    report = report_of()
    open_answers = of_table(prais.check(report), "SO3-3.T2")
    assert (
        len(open_answers) == 2 and "direction" in open_answers[0] and "drivers" in open_answers[1]
    )
    report.fill("SO3-3.T2", "SO3-3", "direction", "decrease")
    report.fill("SO3-3.T2", "SO3-3", "drivers", "schools")
    assert of_table(prais.check(report), "SO3-3.T2") == []
    with pytest.raises(ValueError, match="increase, decrease, no_change, unknown"):
        report.fill("SO3-3.T2", "SO3-3", "direction", "better")


# ---- rules and files -----------------------------------------------------------------------------


def test_nothing_is_open_but_the_answers():
    assert of_table(prais.check(report_of()), "SO3-3.T1") == []


def test_national_data_need_metadata():
    empty = SimpleNamespace(
        source="national", metadata=SimpleNamespace(**dict.fromkeys(METADATA, ""))
    )
    findings = of_table(prais.check(report_of(vulnerability=empty)), "SO3-3.T1")
    assert len(findings) == 1 and "vulnerability" in findings[0]


def test_kept_tables_give_the_same_report(tmp_path):
    more = by_sex() + rows_of({"life_expectancy": {2000: 50, 2020: 70}})
    fresh, kept = report_of(more=more), report_of(more=more, through=tmp_path)
    for table_id in ("SO3-3.T1", "SO3-3.T2"):
        pd.testing.assert_frame_equal(fresh[table_id].frame, kept[table_id].frame)
        assert fresh[table_id].fields == kept[table_id].fields
        assert fresh[table_id].notes == kept[table_id].notes


@pytest.mark.parametrize("language", tables.LANGUAGES)
def test_written_in_every_language(tmp_path, language):
    report = report_of(more=by_sex())
    files = prais.write(report, tmp_path, language=language)
    book = openpyxl.load_workbook(files["xlsx"])
    words = {str(cell.value) for row in book["SO3-3.T1"].iter_rows() for cell in row if cell.value}
    for key in ("column.tier_1", "column.social_factors", "column.literacy", "column.female"):
        assert tables.label(key, language) in words, key
    with (files["csv"] / "SO3-3.T1.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert [row[0] for row in rows[1:]] == ["2000", "2010", "2020"]
    assert len(rows[1][1].partition(".")[2]) == 4
    kept = json.loads(files["json"].read_text(encoding="utf-8"))["tables"]
    assert kept["SO3-3.T1"]["fields"]["tier"] == "tier_1"


def test_every_word_of_the_tables_has_a_label():
    report = report_of(more=by_sex() + rows_of({"life_expectancy": {2000: 50, 2020: 70}}))
    keys = set()
    for table in report.tables.values():
        keys |= {*table.frame, *table.help, table.frame.index.name, table.help.index.name}
        keys |= {
            *table.fields,
            *(part for cell in table.fields.values() for part in cell.split(", ")),
        }
    labels = set(tables.read("labels")["key"])
    unworded = [key for key in keys if key not in labels and f"column.{key}" not in labels]
    assert unworded == []


def test_factors_of_your_own_keep_their_names():
    known = vulnerability.factor_list()
    own = known.iloc[:1].assign(factor="village_wells", component="infrastructural", core=False)
    directions = pd.concat([known, own], ignore_index=True)
    more = rows_of({"village_wells": {2000: 5, 2010: 6, 2020: 9}})
    table = report_of(more=more, directions=directions)["SO3-3.T1"]
    assert table.names == {"village_wells": "village wells"}
    assert table.fields["infrastructural_factors"] == "safely_managed_water, village_wells"

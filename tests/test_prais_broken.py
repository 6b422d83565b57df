"""The rules of the report, tried on the training country: a clean report, then planted errors.

The clean report is Landia's, with every answer of the team given. Each plant breaks one thing.
Alone it gives exactly its findings; all together they give exactly the union. A finding beside
the first one is there because two cells that were right no longer agree, or because the platform
itself refuses the form (rule 1), which is always said.
"""

import copy
import csv
import dataclasses
import math
from collections import Counter

import pandas as pd
import pytest

from ldnkit import prais, tables
from ldnkit.prais.answers import fill_in
from ldnkit.prais.breaches import place
from ldnkit.prais.report import CHOICES, TOTAL

E, W, N = "error", "warning", "info"

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")


@pytest.fixture(scope="session")
def clean(landia, landia_results, tmp_path_factory):
    """Landia's report as a careful team hands it over."""
    report = prais.build(landia, landia_results)
    sheet = prais.write_answer_sheet(report, tmp_path_factory.mktemp("answers") / "answers.csv")
    rows = pd.read_csv(sheet, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    rows["value"] = [answer(row) for row in rows.to_dict("records")]
    rows.to_csv(sheet, index=False, quoting=csv.QUOTE_ALL)
    assert fill_in(report, sheet) == []
    # the year of target T5 has passed: the team says what became of it
    report.fill("SO1-VT.T1", "T5", "status", "achieved")
    return report


def answer(row):
    if row["column"] in CHOICES:
        return row["suggested"] or row["choices"].split(" | ")[0]
    return f"Answer of the team to {row['column']}"


@pytest.fixture
def report(clean):
    return again(clean)


def again(clean):
    """A copy whose tables may be broken; the country is only read."""
    report = copy.copy(clean)
    report.tables = copy.deepcopy(clean.tables)
    report.years, report.left_out = copy.deepcopy(clean.years), dict(clean.left_out)
    return report


def told(report):
    return Counter((f.rule, f.severity, *place(f)) for f in prais.check(report))


def test_a_clean_report_has_no_finding(clean):
    assert prais.check(clean) == []
    # what the computation said of weak data stays beside it
    assert clean.findings


# --- how things go wrong


def put(table_id, row, column, value, part="frame"):
    def broken(report):
        frame = getattr(report[table_id], part)
        if isinstance(value, str):
            frame[column] = frame[column].astype(object)
        frame.loc[row, column] = value

    return broken


def add(table_id, row, column, amount, part="frame"):
    def broken(report):
        getattr(report[table_id], part).loc[row, column] += amount

    return broken


def both(*parts):
    def broken(report):
        for part in parts:
            part(report)

    return broken


def move(table_id, column, giver, taker, amount):
    """From one class of a column to another: the column still adds up."""
    return both(add(table_id, giver, column, -amount), add(table_id, taker, column, amount))


def repeat_row(table_id, place):
    def broken(report):
        table = report[table_id]
        table.frame = pd.concat([table.frame, table.frame.iloc[[place]]])

    return broken


def drop_row(table_id, row):
    def broken(report):
        report[table_id].frame = report[table_id].frame.drop(index=row)

    return broken


def rename(table_id, old, new, axis="index"):
    def broken(report):
        report[table_id].frame = report[table_id].frame.rename(**{axis: {old: new}})

    return broken


def empty_row(table_id, row):
    def broken(report):
        report[table_id].frame.loc[row] = math.nan

    return broken


def without(table_id):
    def broken(report):
        del report.tables[table_id]

    return broken


def source(table_id, place, **changes):
    def broken(report):
        report[table_id].sources[place] |= changes

    return broken


def silent_year(report):
    report.years["vulnerability"] = {"2010": 2009}


def hotspot(area):
    def broken(report):
        table = report["SO1-4.T4"]
        texts = dict.fromkeys(table.text, "told")
        row = pd.DataFrame([texts | {"area": area}], index=pd.Index([1]))
        table.frame = row[list(table.frame.columns)]

    return broken


def six_regions(report):
    names = [*"ABCDEF", "total"]
    areas = {"2023.total_land_area": [10.0, 20.0, 30.0, 40.0, 7.0, 8.0, 115.0]}
    report["SO1-1.T3"].help = pd.DataFrame(areas, names)


def a_gap_between_regions(report):
    areas = {"2023.total_land_area": [70.0, 40.0, 5.0, 115.0]}
    report["SO1-1.T3"].help = pd.DataFrame(areas, ["North", "South", "no_region", "total"])


def many_classes(report):
    table = report["SO1-1.T2"]
    table.frame = pd.concat([table.frame] * 3).assign(code=range(21))
    table.frame.index = pd.RangeIndex(1, 22, name="number")


def lost_margin(report):
    """The land without data is left out of the status matrix, totals included."""
    table = report["SO1-4.T1"]
    frame = table.frame.drop(index=[TOTAL], columns=[TOTAL])
    frame["no_data"] = 0.0
    frame.loc["no_data"] = 0.0
    frame[TOTAL] = frame.sum(axis=1)
    frame.loc[TOTAL] = frame.sum(axis=0)
    table.frame = frame


def water_became_land(report):
    """Ten km² that were degraded land in 2015 are water in 2023: a remark, no mistake."""
    totals = report["SO1-4.T2"]
    totals.help["through_water"] = totals.help["through_water"].astype(float)
    totals.help.loc["2023", "through_water"] += 10.0
    totals.frame.loc["2015", "degraded_area"] += 10.0
    land = totals.help.loc["2015", "total_land_area"]
    totals.frame.loc["2015", "degraded_share"] += 1000.0 / land
    for column, before in (("change_area", 10.0), ("change_share", 1000.0 / land)):
        totals.frame.loc[["2019", "2023"], column] -= before


def same_amount_twice(report):
    """A private activity takes identifier, year and amount of a public one."""
    public = report["SO5-1.T3"].frame
    private = report["SO5-3.T3"].frame
    given = public[(public["crs_id"] != "") & (public["counted"] == "yes")].iloc[0]
    taken = private.index[private["counted"] == "yes"][0]
    private.loc[taken, ["crs_id", "year"]] = [given["crs_id"], given["year"]]
    private.loc[taken, "private_amount_usd"] = given["amount_usd"]


def other_trend(report):
    found = report["SO5-2.T1"].help.loc["public_funding", "suggested_trend"]
    other = "declining" if found != "declining" else "increasing"
    report["SO5-2.T1"].frame.loc["public_funding", "trend"] = other


#: Name -> (what breaks, the findings it gives, whether it stands beside the others).
PLANTS = {}


def plant(name, broken, *expected, together=True):
    PLANTS[name] = (broken, Counter(expected), together)


# Those that break a table that another plant needs whole do not stand beside the others.
plant(
    "rule 1, less land than its classes",
    both(
        add("CP-1.T1", "2019", "total_land_area", -5.0),
        add("CP-1.T1", "2019", "total_country_area", -5.0),
    ),
    ("national_totals", E, "CP-1.T1", "2019, total_country_area"),
    ("national_totals", E, "CP-1.T1", "2019, total_land_area"),
)
plant(
    "rule 1, less water than its class",
    both(
        add("CP-1.T1", "2000", "total_land_area", 3.0), add("CP-1.T1", "2000", "water_bodies", -3.0)
    ),
    ("class_sum", E, "SO1-1.T4", "2000"),
    ("class_sum", E, "SO3-1.T1", "2000"),
    ("national_totals", E, "CP-1.T1", "2000, water_bodies"),
)
plant(
    "rule 1, more land under drought than land",
    add("SO3-1.T2", "2023", "under_drought.area", 9000.0),
    ("drought_sum", E, "SO3-1.T2", "2023, under_drought.area"),
    ("national_totals", E, "CP-1.T1", "2023, total_land_area"),
)
plant(
    "rule 1, fewer people than are exposed",
    both(
        put("CP-1.T2", "2015", "total_population", 30.0),
        put("CP-1.T2", "2015", "female", 15.0),
        put("CP-1.T2", "2015", "male", 15.0),
    ),
    ("national_population", E, "CP-1.T2", "2015, female"),
    ("national_population", E, "CP-1.T2", "2015, male"),
    ("national_population", E, "CP-1.T2", "2015, total_population"),
)
plant(
    "rule 1, other people in another table",
    add("SO3-2.T2", "2019", "population", 230.0, "help"),
    ("class_sum", E, "SO3-2.T2", "2019, population"),
    ("population_totals", E, "SO2-3.T1", "2019, female"),
)
plant(
    "rule 1, more than everyone poor",
    put("SO2-1.T1", "2012", "poverty.share", 101.0),
    ("share_range", E, "SO2-1.T1", "2012, poverty.share"),
)
plant(
    "rule 1, more than all land degraded",
    put("SO1-4.T2", "2019", "degraded_share", 104.0),
    ("share_range", E, "SO1-4.T2", "2019, degraded_share"),
)
plant(
    "rule 1, a hotspot larger than the country",
    hotspot(80000.0),
    ("area_in_country", E, "SO1-4.T4", "1, area"),
)
plant(
    "rule 1, an action larger than the country",
    put("SO1-IA.T1", 3, "area", 90000.0),
    ("area_in_country", E, "SO1-IA.T1", "3, area"),
)
plant(
    "rule 2, a negative stock",
    put("SO1-3.T1", "tree", "2015", -5.0),
    ("negative_number", E, "SO1-3.T1", "tree, 2015"),
)
plant(
    "rule 2, a negative area, left out of its sums",
    put("SO1-1.T4", "wetland", "2016", -5.0),
    ("negative_number", E, "SO1-1.T4", "wetland, 2016"),
)
plant(
    "rule 2, text for a figure",
    put("SO1-1.T7", "stable", "baseline.area", "91 km2"),
    ("text_in_number", E, "SO1-1.T7", "stable, baseline.area"),
)
plant(
    "rule 2, a figure without end",
    put("SO3-1.T1", "2004", "mild.area", math.inf),
    ("infinite_number", E, "SO3-1.T1", "2004, mild.area"),
)
plant(
    "rule 2, a direction that is not offered",
    put("SO4-2.T2", "SO4-2", "direction", "upwards"),
    ("choice_unknown", E, "SO4-2.T2", "SO4-2, direction"),
)
plant(
    "rule 2, a confidence that is not offered",
    put("SO1-4.T2", "2019", "confidence", "rather high"),
    ("choice_unknown", E, "SO1-4.T2", "2019, confidence"),
)
plant(
    "rule 3, country is not land plus water",
    add("CP-1.T1", "2015", "total_country_area", 7.0),
    ("country_area_sum", E, "CP-1.T1", "2015, total_country_area"),
)
plant(
    "rule 3, land raised alone",
    add("CP-1.T1", "2015", "total_land_area", 7.0),
    ("country_area_sum", E, "CP-1.T1", "2015, total_country_area"),
    together=False,
)
plant(
    "rule 3, sexes of the country",
    add("CP-1.T2", "2010", "female", 3.0),
    ("population_sum", E, "CP-1.T2", "2010, total_population"),
)
plant(
    "rule 3, people in drought, not those by class",
    add("SO3-2.T1", "2006", "exposed", 50.0),
    ("drought_sum", E, "SO3-2.T1", "2006, exposed"),
)
plant(
    "rule 3, sexes on degraded land",
    both(
        add("SO2-3.T1", "2015", "female.exposed", 40.0),
        add("SO2-3.T1", ("2015", "female"), "exposed", 40.0, "help"),
        add("SO2-3.T1", ("2015", "female"), "not_exposed", -40.0, "help"),
    ),
    ("exposed_share", E, "SO2-3.T1", "2015, female.share"),
    ("population_sum", E, "SO2-3.T1", "2015, total.exposed"),
    together=False,
)
plant(
    "rule 4, a class lowered",
    add("SO1-3.T2", "stable", "report_2.area", -7.0),
    ("class_sum", E, "SO1-3.T2", "report_2.area, total"),
)
plant(
    "rule 4, a class raised",
    add("SO1-3.T2", "stable", "report_2.area", 7.0),
    ("class_sum", E, "SO1-3.T2", "report_2.area, total"),
    ("national_totals", E, "CP-1.T1", "2023, total_land_area"),
    together=False,
)
plant(
    "rule 4, a total raised",
    add("SO1-3.T2", "total", "report_2.area", 7.0),
    ("class_sum", E, "SO1-3.T2", "report_2.area, total"),
    together=False,
)
plant(
    "rule 4, degradation is not that of the matrix",
    move("SO1-1.T7", "baseline.area", "stable", "degraded", 12.0),
    ("cover_degradation", E, "SO1-1.T7", "degraded, baseline.area"),
    ("cover_degradation", E, "SO1-1.T7", "stable, baseline.area"),
    together=False,
)
plant(
    "rule 4, degradation is not that of the dynamics",
    move("SO1-2.T3", "report_2.area", "stable", "improved", 12.0),
    ("dynamics_degradation", E, "SO1-2.T3", "improved, report_2.area"),
    ("dynamics_degradation", E, "SO1-2.T3", "stable, report_2.area"),
)
plant(
    "rule 4, no data left out",
    both(put("SO1-3.T2", "no_data", "baseline.area", 0.0)),
    ("class_sum", E, "SO1-3.T2", "baseline.area, total"),
)
plant(
    "rule 4, a share of the land",
    add("SO1-2.T3", "degraded", "baseline.share_of_land", 1.0),
    ("share_of_total", E, "SO1-2.T3", "degraded, baseline.share_of_land"),
)
plant(
    "rule 4, a land cover class raised",
    add("SO1-1.T4", "tree", "2019", 5.0),
    ("class_sum", E, "SO1-1.T4", "2019, total"),
    ("national_totals", E, "CP-1.T1", "2019, total_country_area"),
    ("national_totals", E, "CP-1.T1", "2019, total_land_area"),
    together=False,
)
plant(
    "rule 4, a land cover class raised in a year of a matrix",
    add("SO1-1.T4", "tree", "2015", 5.0),
    ("class_sum", E, "SO1-1.T4", "2015, total"),
    ("national_totals", E, "CP-1.T1", "2015, total_country_area"),
    ("national_totals", E, "CP-1.T1", "2015, total_land_area"),
    together=False,
)
plant(
    "rule 4, other land cover than in the matrix",
    move("SO1-1.T4", "2016", "tree", "grassland", 5.0),
    ("change_margins", E, "SO1-1.T6", "row grassland, total"),
    ("change_margins", E, "SO1-1.T6", "row tree, total"),
)
plant(
    "rule 4, a transition raised",
    add("SO1-1.T5", "tree", "cropland", 5.0),
    ("class_sum", E, "SO1-1.T5", "tree, cropland"),
    ("national_totals", E, "CP-1.T1", "2015, total_country_area"),
    together=False,
)
plant(
    "rule 4, a transition lowered",
    add("SO1-1.T5", "tree", "tree", -5.0),
    ("class_sum", E, "SO1-1.T5", "tree, tree"),
)
plant(
    "rule 4, a row total",
    add("SO1-1.T6", "tree", "total", 5.0),
    ("class_sum", E, "SO1-1.T6", "tree, total"),
    together=False,
)
plant(
    "rule 4, the grand total",
    add("SO1-1.T6", "total", "total", 5.0),
    ("class_sum", E, "SO1-1.T6", "total, total"),
    together=False,
)
plant(
    "rule 4, a class of dynamics lowered",
    add("SO1-2.T1", "cropland", "stable", -2.0),
    ("class_sum", E, "SO1-2.T1", "cropland, stable"),
)
plant(
    "rule 4, a process that is not its transition",
    put("SO1-1.T1", 2, "baseline.area", 1.0),
    ("process_area", W, "SO1-1.T1", "2, baseline.area"),
    together=False,
)
plant(
    "rule 4, a drought class lowered",
    add("SO3-1.T1", "2010", "no_drought.area", -4.0),
    ("class_sum", E, "SO3-1.T1", "2010, total_land_area"),
)
plant(
    "rule 4, a share of land in drought",
    add("SO3-1.T1", "2011", "no_drought.share_of_land", -1.0),
    ("share_of_total", E, "SO3-1.T1", "2011, no_drought.share_of_land"),
)
plant(
    "rule 4, land under drought",
    add("SO3-1.T2", "2009", "under_drought.area", 1.0),
    ("drought_sum", E, "SO3-1.T2", "2009, under_drought.area"),
)
plant(
    "rule 4, share of land under drought",
    add("SO3-1.T2", "2008", "under_drought.share_of_land", 1.0),
    ("drought_sum", E, "SO3-1.T2", "2008, under_drought.share_of_land"),
)
plant(
    "rule 4, a share of people",
    add("SO3-2.T3", "2008", "mild.share", 1.0),
    ("share_of_total", E, "SO3-2.T3", "2008, mild.share"),
)
plant(
    "rule 4, share of people in drought",
    add("SO3-2.T3", "2007", "exposed.share", 1.0),
    ("drought_sum", E, "SO3-2.T3", "2007, exposed.share"),
)
plant(
    "rule 4, people of a window",
    add("SO3-2.T3", "2000–2003", "no_drought", 10.0, "help"),
    ("class_sum", E, "SO3-2.T3", "2000–2003, population"),
)
plant(
    "rule 4, people on degraded land",
    add("SO2-3.T1", "2023", "male.exposed", 10.0),
    ("exposed_sum", E, "SO2-3.T1", "2023, male.exposed"),
)
plant(
    "rule 4, share of people on degraded land",
    add("SO2-3.T1", "2023", "total.share", 1.0),
    ("exposed_share", E, "SO2-3.T1", "2023, total.share"),
)
plant(
    "rule 4, a vulnerability above 1",
    put("SO3-3.T1", "2005", "total", 1.2),
    ("index_bounds", E, "SO3-3.T1", "2005, total"),
)
plant(
    "rule 4, a Gini index above 100",
    put("SO2-1.T2", "2008", "gini", 140.0),
    ("index_bounds", E, "SO2-1.T2", "2008, gini"),
)
plant(
    "rule 4, an index outside its bounds",
    put("SO4-2.T1", "2008", "red_list_index", 0.99),
    ("index_bounds", E, "SO4-2.T1", "2008, red_list_index"),
)
plant(
    "rule 4, a bound in percent",
    put("SO4-2.T1", "2008", "upper_bound", 84.0),
    ("index_bounds", E, "SO4-2.T1", "2008, upper_bound"),
    together=False,
)
plant(
    "rule 4, a covered share outside its bounds",
    put("SO4-3.T1", "2010", "covered.share", 99.0),
    ("index_bounds", E, "SO4-3.T1", "2010, covered.share"),
)
plant(
    "rule 4, water of the whole outside its parts",
    put("SO2-2.T1", "2010", "water.total.share", 1.0),
    ("water_between", W, "SO2-2.T1", "2010, water.total.share"),
)
plant(
    "rule 5, the margin of no data left out",
    lost_margin,
    ("status_baseline", E, "SO1-4.T1", "degraded, total"),
    ("status_sum", E, "SO1-4.T1", "all cells"),
)
plant(
    "rule 5, a cell of the status matrix",
    add("SO1-4.T1", "stable", "stable", -5.0),
    ("class_sum", E, "SO1-4.T1", "stable, stable"),
    together=False,
)
plant(
    "rule 5, a status moved to another",
    both(
        add("SO1-4.T1", "stable", "stable", -5.0),
        add("SO1-4.T1", "stable", "degraded", 5.0),
        add("SO1-4.T1", "total", "stable", -5.0),
        add("SO1-4.T1", "total", "degraded", 5.0),
    ),
    ("status_degraded", E, "SO1-4.T2", "2023, degraded_area"),
)
plant(
    "rule 5, degraded land of the last year",
    add("SO1-4.T2", "2023", "degraded_area", 41.0),
    ("status_degraded", E, "SO1-4.T2", "2023, degraded_area"),
    together=False,
)
plant(
    "rule 5, degraded land between",
    add("SO1-4.T2", "2019", "degraded_area", 41.0),
    ("share_of_total", E, "SO1-4.T2", "2019, degraded_area"),
    together=False,
)
plant(
    "rule 5, degraded land of the baseline",
    add("SO1-4.T2", "2015", "degraded_area", 41.0),
    ("status_baseline", E, "SO1-4.T2", "2015, degraded_area"),
)
plant(
    "rule 5, share of the baseline",
    add("SO1-4.T2", "2015", "degraded_share", 1.0),
    ("share_of_total", E, "SO1-4.T2", "2015, degraded_share"),
    together=False,
)
plant(
    "rule 5, change of the area",
    add("SO1-4.T2", "2023", "change_area", 1.0),
    ("change_since_baseline", E, "SO1-4.T2", "2023, change_area"),
    together=False,
)
plant(
    "rule 5, change of the share",
    add("SO1-4.T2", "2019", "change_share", 1.0),
    ("change_since_baseline", E, "SO1-4.T2", "2019, change_share"),
    together=False,
)
plant(
    "rule 5, water that became land",
    water_became_land,
    ("water_changed", N, "SO1-4.T2", "2015, degraded_area"),
    together=False,
)
plant(
    "rule 6, six regions",
    six_regions,
    ("regions_count", E, "SO1-1.T3", "region"),
)
plant(
    "rule 6, a gap between regions",
    a_gap_between_regions,
    ("regions_partition", E, "SO1-1.T3", "region"),
    together=False,
)
plant(
    "rule 6, too many classes",
    many_classes,
    ("legend_classes", W, "SO1-1.T2", "code"),
)
plant(
    "rule 7, national data without citation and link",
    source("SO4-2.T1", 0, citation="", link=" "),
    ("metadata", E, "SO4-2.T1", "data source species"),
)
plant(
    "rule 7, default data called national",
    source("SO3-1.T1", 0, source="national", title="", link="", author="", citation=""),
    ("metadata", E, "SO3-1.T1", "data source drought"),
)
plant(
    "rule 7, a year not stated",
    silent_year,
    ("year_stated", W, "SO3-3.T1", "2010"),
    ("year_stated", W, "SO3-3.T2", "2010"),
)
plant(
    "rule 8, a trend against the figures",
    other_trend,
    ("finance_trend", W, "SO5-2.T1", "public_funding, trend"),
)
plant(
    "rule 8, one amount in two forms",
    same_amount_twice,
    ("finance_double", E, "SO5-3.T3", "1, amount"),
)
plant(
    "rule 8, technology that is not the flagged rows",
    add("SO5-4.T2", "2021", "received", 1000.0),
    ("finance_technology", E, "SO5-4.T2", "2021, received"),
)
plant(
    "rule 8, spending that is not its activities",
    add("SO5-2.T2", "2021", "public_spending", 1000.0),
    ("finance_sum", W, "SO5-2.T2", "2021, public_spending"),
)
plant(
    "rule 9, a required table not there",
    without("SO3-3.T1"),
    ("form_open", W, "SO3-3.T1", ""),
    together=False,
)
plant(
    "rule 9, an optional table not there",
    without("SO4-3.T2"),
    ("form_optional", N, "SO4-3.T2", ""),
)
plant(
    "rule 9, an answer left open",
    put("SO4-2.T2", "SO4-2", "levers", ""),
    ("answer_open", W, "SO4-2.T2", "levers"),
)
plant(
    "rule 9, an empty cell",
    put("SO1-3.T1", "tree", "2023", math.nan),
    ("cell_missing", E, "SO1-3.T1", "tree, 2023"),
)
plant(
    "rule 9, an empty cell of the population",
    put("CP-1.T2", "2003", "male", math.nan),
    ("cell_missing", E, "CP-1.T2", "2003, male"),
)
plant(
    "rule 9, an empty year of drought",
    empty_row("SO3-1.T2", "2012"),
    ("cell_missing", E, "SO3-1.T2", "2012"),
)
plant(
    "rule 9, a target unlike its polygon",
    put("SO1-VT.T1", "T2", "area", 4000.0),
    ("target_area", W, "SO1-VT.T1", "T2, area"),
)
plant(
    "rule 9, a target without a goal",
    put("SO1-VT.T1", "T1", "links", ""),
    ("target_link", W, "SO1-VT.T1", "T1, links"),
)
plant(
    "rule 9, a target of the past still going on",
    both(put("SO1-VT.T1", "T1", "year", "2020"), put("SO1-VT.T1", "T1", "status", "ongoing")),
    ("target_year", W, "SO1-VT.T1", "T1, year"),
)
plant(
    "rule 9, an action for no target",
    put("SO1-IA.T1", 2, "linked_target", "T99"),
    ("action_target", E, "SO1-IA.T1", "2, linked_target"),
)
plant(
    "rule 9, a year twice",
    repeat_row("SO2-2.T1", 3),
    ("key_repeated", E, "SO2-2.T1", "row 2005"),
)
plant(
    "rule 9, a target twice",
    repeat_row("SO1-VT.T1", 3),
    ("key_repeated", E, "SO1-VT.T1", "row T4"),
)
plant(
    "rule 9, a class code twice",
    put("SO1-1.T2", 3, "code", 1),
    ("key_repeated", E, "SO1-1.T2", "3, code"),
)
plant(
    "rule 9, an unknown class",
    rename("SO1-1.T4", "wetland", "swamp"),
    ("key_missing", E, "SO1-1.T4", "rows"),
    ("key_unknown", E, "SO1-1.T4", "row swamp"),
    together=False,
)
plant(
    "rule 9, a process to an unknown class",
    put("SO1-1.T1", 3, "ending_class", "swamp"),
    ("choice_unknown", E, "SO1-1.T1", "3, ending_class"),
)
plant(
    "rule 9, a year after the report",
    rename("SO2-1.T2", "2022", "2025"),
    ("key_unknown", E, "SO2-1.T2", "row 2025"),
    together=False,
)
plant(
    "rule 9, a total not there",
    drop_row("SO1-3.T2", "total"),
    ("key_missing", E, "SO1-3.T2", "rows"),
    together=False,
)
plant(
    "rule 9, a year not there",
    drop_row("SO3-1.T1", "2014"),
    ("key_missing", E, "SO3-1.T1", "rows"),
    together=False,
)
plant(
    "rule 9, a column renamed",
    rename("SO3-1.T2", "under_drought.area", "area", "columns"),
    ("key_missing", E, "SO3-1.T2", "columns"),
    ("key_unknown", E, "SO3-1.T2", "column area"),
    together=False,
)


@pytest.mark.parametrize("name", PLANTS)
def test_a_planted_error_gives_exactly_its_findings(report, name):
    broken, expected, _ = PLANTS[name]
    broken(report)
    assert told(report) == expected


def test_all_that_stand_together_give_exactly_the_union(report):
    union = Counter()
    for broken, expected, together in PLANTS.values():
        if together:
            broken(report)
            union += expected
    assert sum(together for *_, together in PLANTS.values()) >= 40
    assert told(report) == union


def test_findings_stand_in_order_and_say_what_to_do(report, house):
    for broken, _, together in PLANTS.values():
        if together:
            broken(report)
    findings = prais.check(report)
    rules = tables.read("prais_rules").set_index("rule")
    ids = tables.prais_tables()["id"].tolist()
    keys = [
        ([E, W, N].index(f.severity), ids.index(place(f)[0]), rules.index.get_loc(f.rule))
        for f in findings
    ]
    assert keys == sorted(keys)
    notebooks = {path.name[:2] for path in (house / "notebooks").glob("[0-9][0-9]_*.ipynb")}
    notebooks |= {"06"}  # to verify what the method finds: named by the tables, being written
    for finding in findings:
        assert finding.found and finding.expected and finding.remedy
        assert finding.notebook in notebooks
        assert finding.severity == rules.loc[finding.rule, "severity"]


def test_every_rule_is_broken_by_a_plant():
    broken = {rule for _, expected, _ in PLANTS.values() for rule, *_ in expected}
    assert broken == set(tables.read("prais_rules")["rule"])
    assert len(PLANTS) >= 40


def test_every_rule_has_a_label_of_its_own():
    rules = tables.read("prais_rules")
    assert rules["text_key"].tolist() == [f"rule.{name}" for name in rules["rule"]]
    assert rules["text_key"].map(tables.label).is_unique


# --- errors in what the tables are made from


def test_a_result_that_is_not_there_leaves_its_form_open(landia, landia_results, clean):
    results = {name: each for name, each in landia_results.items() if name != "vulnerability"}
    findings = [f for f in prais.check(prais.build(landia, results)) if f.rule == "form_open"]
    assert [(f.where, f.notebook) for f in findings] == [("SO3-3.T1", "12"), ("SO3-3.T2", "12")]


def test_people_counted_on_two_maps_are_found(landia, landia_results):
    """SO2-3 from a map with a tenth more people: all its years and groups say so, and no cell."""
    exposure = landia_results["exposure"]
    more = exposure.tables["exposure"].copy()
    more[["total", "female", "male"]] *= 1.1
    changed = dataclasses.replace(exposure, tables={"exposure": more})
    report = prais.build(landia, dict(landia_results) | {"exposure": changed})
    errors = [f for f in prais.check(report) if f.severity == "error"]
    assert {f.rule for f in errors} == {"population_totals"}
    assert len(errors) == 9  # 2015, 2019 and 2023, each total, female and male
    assert all(place(f)[0] == "SO2-3.T1" for f in errors)


def test_a_country_that_calls_its_data_national_must_say_whose_they_are(landia, landia_results):
    drought = dataclasses.replace(
        landia.drought,
        source="national",
        metadata=dataclasses.replace(landia.drought.metadata, author="", citation=" "),
    )
    report = prais.build(dataclasses.replace(landia, drought=drought), landia_results)
    (finding,) = [f for f in prais.check(report) if f.rule == "metadata"]
    assert finding.where == "SO3-1.T1, data source drought"
    assert "author" in finding.found and "citation" in finding.found


def test_the_sums_of_rule_1_are_compared_to_one_millionth(report):
    """A relative difference below 1e-6 passes, one above does not."""
    profile = report["CP-1.T1"].frame
    land = profile.loc["2019", "total_land_area"]
    for share, broken in ((0.9e-6, False), (1.5e-6, True)):
        changed = again(report)
        less = land * share
        for column in ("total_land_area", "total_country_area"):
            changed["CP-1.T1"].frame.loc["2019", column] -= less
        assert any(f.rule == "national_totals" for f in prais.check(changed)) is broken

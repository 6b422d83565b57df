"""PRAIS tables of people and drought in a world of six cells whose people can be counted by hand.

cell zone km²  2000, 2015  2019, 2023  women + men  women + men  15.3.1    status      period
                                       to 2019      from 2020    baseline  2019  2023  2016–23
a     1    10  forest      forest      100 + 100    110 + 90     −         −     −     0
b     1    20  field       field        60 +  40     80 + 60     0         +     −     −
c     2    30  field       field        50 +  50     40 + 30     +         −     +     +
d     2     5  lake        field         3 +   2      4 +  1     ?         ?     ?     ?
e     2     7  not known   not known    10 +   5     12 +  3     ?         ?     ?     ?
f     1     3  lake        lake          1 +   1      2 +  0     ?         ?     −     −
all        75                          224 + 198    248 + 184
                                       422          432

Land 67 km² in 2000 and 2015, 72 km² in 2019 and 2023: cell d dries up. Cell f stays water: what its
class says does not matter. Outside the boundary live 30 women and 20 men.

Drought of 2000: a none, b mild, c extreme, d severe, e no data, f moderate.
Drought of 2023: a moderate, b no data, c none, d mild, e severe, f none.
All other years: no drought anywhere.
"""

import copy
import csv
import json
import math
from types import SimpleNamespace

import openpyxl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ldnkit import prais, tables
from ldnkit.periods import Cycle, closest_year
from ldnkit.prais import printed, printed_people, rounding, workbook

X = tables.NODATA
T, C, WATER = 1, 3, 7
CELLS = "abcdef"
ZONE = dict(zip(CELLS, (1, 1, 2, 2, 2, 1), strict=True))
AREA = dict(zip(CELLS, (10, 20, 30, 5, 7, 3), strict=True))
BEFORE = dict(zip(CELLS, (T, C, C, WATER, X, WATER), strict=True))
AFTER = BEFORE | {"d": C}
COVER = {2000: BEFORE, 2015: BEFORE, 2016: BEFORE, 2019: AFTER, 2023: AFTER}
EARLY = {"a": (100, 100), "b": (60, 40), "c": (50, 50), "d": (3, 2), "e": (10, 5), "f": (1, 1)}
LATE = {"a": (110, 90), "b": (80, 60), "c": (40, 30), "d": (4, 1), "e": (12, 3), "f": (2, 0)}
YEARS = range(2000, 2024)
PEOPLE = {year: EARLY if year < 2020 else LATE for year in YEARS}
#        period class, status class
STATES = {
    2015: dict(zip(CELLS, ((-1, -1), (0, 0), (1, 1), (X, X), (X, X), (X, X)), strict=True)),
    2019: dict(zip(CELLS, ((0, -1), (1, 1), (-1, -1), (X, X), (X, X), (X, X)), strict=True)),
    2023: dict(zip(CELLS, ((0, -1), (-1, -1), (1, 1), (X, X), (X, X), (-1, -1)), strict=True)),
}
NONE = dict.fromkeys(CELLS, 0)
DROUGHT = {year: NONE for year in YEARS} | {
    2000: dict(zip(CELLS, (0, 1, 4, 3, X, 2), strict=True)),
    2023: dict(zip(CELLS, (2, X, 0, 1, 3, 0), strict=True)),
}
WINDOWS = [(first, first + 3) for first in range(2000, 2024, 4)]
PARAMETERS = {
    **{"population_exposed_by": "status", "drought_scale": 12, "drought_month": 12},
    **{"drought_reference_first": 1981, "drought_reference_last": 2010},
}
METADATA = {"title": "", "link": "", "author": "", "citation": ""}
LAND_YEARS = (2000, 2015, 2019, 2023)
TABLES = [
    *("CP-1.T2", "SO2-3.T1", "SO2-3.T2", "SO3-1.T1", "SO3-1.T2"),
    *("SO3-2.T1", "SO3-2.T2", "SO3-2.T3"),
]


def section(**changes):
    return SimpleNamespace(
        **{"source": "default", "metadata": SimpleNamespace(**METADATA)} | changes
    )


def make_country(parameters=None, **changes):
    fields = {
        "iso3": "XLD",
        "name": lambda language="en": "Landia",
        "party": "affected",
        "cycle": Cycle(2026),
        "method": "manual",
        "language": "en",
        "synthetic": True,
        "regions": (),
        "parameters": PARAMETERS | (parameters or {}),
        "land_cover": section(legend=tables.legend(), matrix=tables.transition_matrix()),
        "productivity": None,
        "soil": None,
        "population": section(),
        "drought": section(index={}, index_kind="SPI", water_balance=None),
        "vulnerability": None,
        "error_polygons": None,
    }
    return SimpleNamespace(**fields | changes)


def persons(people, cell, scale=1.0):
    female, male = (scale * number for number in people[cell])
    return {"total": female + male, "female": female, "male": male}


def worst(window, cell):
    first, last = window
    return max(DROUGHT[year][cell] for year in range(first, last + 1))


def land_rows(scale=1.0):
    rows = []
    for cell in CELLS:
        row = {"zone": ZONE[cell], "area_km2": AREA[cell] * scale, "cells": 1}
        row |= {f"land_cover_{year}": cover[cell] for year, cover in COVER.items()}
        state = X if BEFORE[cell] == X else 0  # cover that is not known has not degraded or not
        rows.append(row | {f"degradation_{p.name}": state for p in Cycle(2026).periods})
    return rows


def make_results(scale=1.0, crowd=1.0, national=(), map_years=YEARS):
    """The long tables that the computation would give; ``map_years`` have a population map."""
    used = {year: closest_year(year, map_years) for year in YEARS}
    counts, exposure, drought, drought_windows, people, people_windows = [], [], [], [], [], []
    for year in map_years:
        for number, sex in enumerate(("female", "male")):
            inside = sum(PEOPLE[year][cell][number] for cell in CELLS) * crowd
            outside = (30, 20)[number] * crowd
            counts += [(year, sex, "inside", inside), (year, sex, "outside", outside)]
        inside = sum(sum(PEOPLE[year][cell]) for cell in CELLS) * crowd
        counts += [(year, "total", "inside", inside), (year, "total", "outside", 50 * crowd)]
    for cell in CELLS:
        here = {"zone": ZONE[cell], "cells": 1}
        for year, states in STATES.items():
            row = here | {"year": year, "population_year": used[year], "area_km2": AREA[cell]}
            row |= {"land_cover": COVER[year][cell], "period_class": states[cell][0]}
            row |= {"status_class": states[cell][1]}
            exposure.append(row | persons(PEOPLE[used[year]], cell, crowd))
        for year in YEARS:
            cover = closest_year(year, LAND_YEARS)
            row = here | {"land_cover_year": cover, "land_cover": COVER[cover][cell]}
            row |= {"year": year, "drought": DROUGHT[year][cell], "area_km2": AREA[cell] * scale}
            drought.append(row)
            row = {"year": year, "population_year": used[year], "drought": DROUGHT[year][cell]}
            people.append(row | persons(PEOPLE[used[year]], cell, crowd))
        for first, last in WINDOWS:
            cover = closest_year(last, LAND_YEARS)
            row = here | {"first": first, "last": last, "land_cover": COVER[cover][cell]}
            row |= {"drought": worst((first, last), cell), "area_km2": AREA[cell] * scale}
            drought_windows.append(row)
            row = {"first": first, "last": last, "population_year": used[last]}
            row |= {"drought": worst((first, last), cell)}
            people_windows.append(row | persons(PEOPLE[used[last]], cell, crowd))

    def result(years=None, **frames):
        long = {name: pd.DataFrame(rows) for name, rows in frames.items()}
        return SimpleNamespace(tables=long, years=years or {}, findings=[])

    columns = ["year", "sex", "place", "persons"]
    official = pd.DataFrame(national, columns=["year", "total", "female", "male"], dtype=float)
    return {
        "land_cover": result(land_cover=land_rows(scale)),
        "population": result(
            used, population=pd.DataFrame(counts, columns=columns), national=official
        ),
        "exposure": result(used, exposure=exposure),
        "drought_index": result(),
        "drought": result(
            {year: closest_year(year, LAND_YEARS) for year in YEARS},
            drought=drought,
            drought_windows=drought_windows,
        ),
        "drought_exposure": result(
            used, drought_exposure=people, drought_exposure_windows=people_windows
        ),
    }


#: Official persons: total, women, men.
OFFICIAL = [(2015, 500, 250, 250), (2023, 400, 200, 200)]


def make_report(country=None, **changes):
    return prais.build(make_country(**country or {}), make_results(**changes))


@pytest.fixture(scope="module")
def finished():
    made = make_report()
    made.fill("SO2-3.T2", "SO2-3", "direction", "increase")
    made.fill("SO2-3.T2", "SO2-3", "drivers", "drought")
    return made


@pytest.fixture
def report(finished):
    return copy.deepcopy(finished)


@pytest.fixture(scope="module")
def official_report():
    """Official figures of 2015 and 2023; the other years come from the map."""
    return make_report(national=OFFICIAL)


@pytest.fixture(scope="module")
def sparse_report():
    """Population maps of 2000, 2015 and 2020 alone."""
    return make_report(map_years=(2000, 2015, 2020))


def checked(report):
    """Findings of the rules; tables of forms that this world has no data for are left out."""
    return [finding for finding in prais.check(report) if finding.found != "no table"]


# --- every table, by hand


def test_tables_in_the_order_of_the_platform(report):
    shown = [name for name in report.tables if not name.startswith("SO1-")]
    assert shown == ["CP-1.T1", *TABLES]


def test_population_from_the_map(report):
    # 422 persons until 2019, 432 from 2020, in thousands
    table = report["CP-1.T2"]
    assert list(table.frame.columns) == ["total_population", "male", "female", "comments"]
    assert list(table.frame.index) == [str(year) for year in YEARS]
    assert table.frame.loc["2019"].tolist() == [0.422, 0.198, 0.224, ""]
    assert table.frame.loc["2020"].tolist() == [0.432, 0.184, 0.248, ""]
    # official, inside, outside, difference, year of the map
    assert table.help.loc["2015"].tolist()[1:] == [0.422, 0.05, 0, "2015"]
    assert table.help["official"].isna().all()
    assert any("No official figures" in note for note in table.notes)


def test_population_with_official_figures(official_report):
    # the map has 422 persons in 2015, 78 fewer than 500; in 2023 432, 32 more than 400
    table = official_report["CP-1.T2"]
    assert table.frame.loc["2015"].tolist() == [0.5, 0.25, 0.25, ""]
    assert table.frame.loc["2016"].tolist() == [0.422, 0.198, 0.224, ""]
    assert table.frame.loc["2023"].tolist() == [0.4, 0.2, 0.2, ""]
    assert table.help.loc["2015"].tolist() == [0.5, 0.422, 0.05, pytest.approx(-15.6), "2015"]
    assert table.help.loc["2023", "difference.share"] == pytest.approx(8)
    notes = " ".join(table.notes)
    assert "Sum of the population map: 2000–2014, 2016–2022." in notes
    assert "differ by 15.60 % at most" in notes


def test_population_of_the_closest_year(sparse_report):
    # 2007 is seven years after 2000 and eight before 2015, 2008 the other way round
    table = sparse_report["CP-1.T2"]
    assert table.frame.loc["2007", "comments"] == "2000 used"
    assert table.frame.loc["2008", "comments"] == "2015 used"
    assert table.frame.loc["2023"].tolist() == [0.432, 0.184, 0.248, "2020 used"]
    assert table.help.loc["2023", "grid_year"] == "2020"
    assert table.labelled().iloc[-1, 0] == "2023 (2020 used)"
    assert table.labelled("fr").iloc[-1, 4] == "2020 utilisée"


def test_an_official_figure_of_another_year_stands_in():
    # no map and no figure of 2022: the official figure of 2023 is the closest
    results = make_results(national=OFFICIAL, map_years=(2000, 2015))
    frame = prais.build(make_country(), results)["CP-1.T2"].frame
    assert frame.loc["2022"].tolist() == [0.4, 0.2, 0.2, "2023 used"]
    assert frame.loc["2018"].tolist() == [0.5, 0.25, 0.25, "2015 used"]


#                 exposed: a; others: b, c; no data: e; water: d and f
PLACES_2015 = [[200, 200, 15, 7, 422], [100, 110, 10, 4, 224], [100, 90, 5, 3, 198]]
#                 exposed: a, c; others: b; no data: d, e; water: f
PLACES_2019 = [[300, 100, 20, 2, 422], [150, 60, 13, 1, 224], [150, 40, 7, 1, 198]]
#                 exposed: a, b; others: c; no data: d, e; water: f
PLACES_2023 = [[340, 70, 20, 2, 432], [190, 40, 16, 2, 248], [150, 30, 4, 0, 184]]
PLACES = ["exposed", "not_exposed", "no_data", "on_water", "population"]


def test_people_exposed_to_degradation(report):
    table = report["SO2-3.T1"]
    assert list(table.frame.columns) == [
        *("total.exposed", "total.share", "female.exposed", "female.share"),
        *("male.exposed", "male.share"),
    ]
    assert list(table.frame.index) == ["2015", "2023"]
    percent = [100 * 200 / 422, 100 * 100 / 224, 100 * 100 / 198]
    expected = [200, percent[0], 100, percent[1], 100, percent[2]]
    assert table.frame.loc["2015"].tolist() == pytest.approx(expected)
    percent = [100 * 340 / 432, 100 * 190 / 248, 100 * 150 / 184]
    expected = [340, percent[0], 190, percent[1], 150, percent[2]]
    assert table.frame.loc["2023"].tolist() == pytest.approx(expected)


@pytest.mark.parametrize(
    ("year", "expected"), [("2015", PLACES_2015), ("2019", PLACES_2019), ("2023", PLACES_2023)]
)
def test_where_the_people_live(report, year, expected):
    found = report["SO2-3.T1"].help.loc[year]
    assert list(found.index) == ["total", "female", "male"]
    assert found[PLACES].to_numpy().tolist() == expected
    assert found["national_population"].tolist() == [row[-1] for row in expected]
    assert found["difference.share"].tolist() == pytest.approx([0, 0, 0])


def test_people_exposed_by_period_assessment():
    # 2016-2023: only b, 80 women and 60 men; the baseline stays as it is
    table = make_report({"parameters": {"population_exposed_by": "period"}})["SO2-3.T1"]
    assert table.frame.loc["2015", "total.exposed"] == 200
    assert table.frame.loc["2023", ["total.exposed", "female.exposed"]].tolist() == [140, 80]
    assert table.help.loc[("2023", "male"), PLACES].tolist() == [60, 120, 4, 0, 184]
    assert table.fields == {"exposed_by": "period_status"}
    assert any("period assessment 2016–2023" in note for note in table.notes)


def test_shares_are_those_of_the_official_population(official_report):
    # 2015: 200 of 500, 100 of 250 and of 250; 2023: 340 of 400, 190 and 150 of 200
    table = official_report["SO2-3.T1"]
    columns = ["total.share", "female.share", "male.share"]
    assert table.frame.loc["2015", columns].tolist() == pytest.approx([40, 40, 40])
    assert table.frame.loc["2023", columns].tolist() == pytest.approx([85, 95, 75])
    assert table.help.loc[("2023", "female"), "difference.share"] == pytest.approx(24)
    assert table.help.loc[("2019", "male"), "difference.share"] == pytest.approx(0)


def test_direction_is_suggested_and_left_to_the_team():
    report = make_report()
    table = report["SO2-3.T2"]
    assert table.frame.loc["SO2-3"].tolist() == ["", "", ""]
    # total 47.39 -> 78.70 %
    assert table.help["suggested"].tolist() == ["increase"] * 3
    assert table.help.loc["total", "change_share"] == pytest.approx(34000 / 432 - 20000 / 422)
    assert [f.where for f in checked(report)] == ["SO2-3.T2, direction", "SO2-3.T2, drivers"]
    assert {f.notebook for f in checked(report)} == {"09"}
    report.fill("SO2-3.T2", "SO2-3", "direction", "no_change")
    assert table.labelled("fr").iloc[0, 1] == "Aucun changement"
    with pytest.raises(ValueError, match="Unknown direction"):
        report.fill("SO2-3.T2", "SO2-3", "direction", "up")


@pytest.mark.parametrize(
    ("women", "expected"),  # exposed women of 248 in 2023, against 100 of 224 = 44.642857 %
    [(110.73, "increase"), (110.71, "no_change"), (110.70, "decrease")],
)
def test_a_difference_that_does_not_print_is_no_change(women, expected):
    # 110.71/248 = 44.641 % is 0.002 points below, 110.70/248 = 44.637 % 0.006, 110.73 0.006 above
    results = make_results()
    long = results["exposure"].tables["exposure"]
    here = (long["year"] == 2023) & (long["status_class"] == -1) & (long["land_cover"] != WATER)
    long["female"] = long["female"].astype(float)
    long.loc[here, "female"] = women / 2
    rest = (long["year"] == 2023) & (long["status_class"] == 1)
    long.loc[rest, "female"] = 248 - 18 - women
    table = prais.build(make_country(), results)["SO2-3.T2"]
    assert table.help.loc["female", "suggested"] == expected


#: mild, moderate, severe, extreme, none, no data
LAND = {
    "2000": [20, 0, 0, 30, 10, 7],
    "2001": [0, 0, 0, 0, 67, 0],
    "2017": [0, 0, 0, 0, 67, 0],
    "2018": [0, 0, 0, 0, 72, 0],
    "2023": [5, 10, 7, 0, 30, 20],
}
LAND_OF_WINDOWS = {
    "2000–2003": [20, 0, 0, 30, 17, 0],
    "2004–2007": [0, 0, 0, 0, 67, 0],
    "2008–2011": [0, 0, 0, 0, 67, 0],
    "2012–2015": [0, 0, 0, 0, 67, 0],
    "2016–2019": [0, 0, 0, 0, 72, 0],
    "2020–2023": [5, 10, 7, 0, 50, 0],
}
CLASSES = ["mild", "moderate", "severe", "extreme", "no_drought", "no_data"]


def test_land_by_drought_class(report):
    table = report["SO3-1.T1"]
    areas = [f"{name}.area" for name in CLASSES]
    shares = [f"{name}.share_of_land" for name in CLASSES]
    assert list(table.frame.columns) == [*areas, "total_land_area", *shares]
    assert list(table.frame.index) == [str(year) for year in YEARS]
    for year, expected in LAND.items():
        land = sum(expected)
        assert table.frame.loc[year, areas].tolist() == expected
        assert table.frame.loc[year, "total_land_area"] == land
        percent = [100 * area / land for area in expected]
        assert table.frame.loc[year, shares].tolist() == pytest.approx(percent)
    assert list(table.help.index) == list(LAND_OF_WINDOWS)
    assert table.help[areas].to_numpy().tolist() == list(LAND_OF_WINDOWS.values())
    assert table.fields == {"drought_index": "SPI-12"}


def test_the_land_cover_of_every_year_is_said(report):
    # of two equally close maps the earlier one: 2017 is land of 2015, 2021 of 2019
    notes = " ".join(report["SO3-1.T1"].notes)
    assert (
        "Land cover: 2000 for 2000–2007; 2015 for 2008–2017; 2019 for 2018–2021; "
        "2023 for 2022–2023." in notes
    )
    assert "Closest years, Drought" not in notes
    assert report["SO3-1.T1"].labelled()["Year"].tolist() == [str(year) for year in YEARS]


def test_land_under_drought(report):
    table = report["SO3-1.T2"]
    assert list(table.frame.columns) == ["under_drought.area", "under_drought.share_of_land"]
    assert table.frame.loc["2000"].tolist() == pytest.approx([50, 5000 / 67])
    assert table.frame.loc["2010"].tolist() == [0, 0]
    assert table.frame.loc["2023"].tolist() == pytest.approx([22, 2200 / 72])
    assert table.help.loc["2023"].tolist() == [72, 20]


#: people by class as above, on land and on water
IN_DROUGHT = {
    "total": {"2000": [100, 2, 5, 100, 200, 15], "2023": [5, 200, 15, 0, 72, 140]},
    "female": {"2000": [60, 1, 3, 50, 100, 10], "2023": [4, 110, 12, 0, 42, 80]},
    "male": {"2000": [40, 1, 2, 50, 100, 5], "2023": [1, 90, 3, 0, 30, 60]},
}
#: windows: e is without drought in 2001-2003, b in 2020-2022
IN_WINDOWS = {
    "total": {"2000–2003": [100, 2, 5, 100, 215, 0], "2020–2023": [5, 200, 15, 0, 212, 0]},
    "female": {"2000–2003": [60, 1, 3, 50, 110, 0], "2020–2023": [4, 110, 12, 0, 122, 0]},
    "male": {"2000–2003": [40, 1, 2, 50, 105, 0], "2020–2023": [1, 90, 3, 0, 90, 0]},
}
BY_SEX = {"SO3-2.T1": "total", "SO3-2.T2": "female", "SO3-2.T3": "male"}


@pytest.mark.parametrize("table_id", BY_SEX)
def test_people_in_drought(report, table_id):
    table, sex = report[table_id], BY_SEX[table_id]
    shares = [f"{name}.share" for name in CLASSES]
    assert list(table.frame.columns) == [*shares, "exposed", "exposed.share"]
    for year, expected in IN_DROUGHT[sex].items():
        everyone, exposed = sum(expected), sum(expected[:4])
        percent = [100 * number / everyone for number in expected]
        assert table.frame.loc[year, shares].tolist() == pytest.approx(percent)
        assert table.frame.loc[year, "exposed"] == exposed
        assert table.frame.loc[year, "exposed.share"] == pytest.approx(100 * exposed / everyone)
        assert table.help.loc[year, CLASSES].tolist() == expected
        assert table.help.loc[year, "population"] == everyone
    for window, expected in IN_WINDOWS[sex].items():
        assert table.help.loc[window, CLASSES].tolist() == expected
        assert table.help.loc[window, "exposed"] == sum(expected[:4])
    assert list(table.help.index) == [*map(str, YEARS), *LAND_OF_WINDOWS]


def test_people_in_drought_beside_official_figures(official_report):
    # 220 of 432 people on the map; the platform makes 220/432 of 400 of it
    table = official_report["SO3-2.T1"]
    row = table.help.loc["2023"]
    assert table.frame.loc["2023", "exposed"] == 220
    assert row["national_population"] == 400
    assert row["difference.share"] == pytest.approx(8)
    assert row["exposed_national"] == pytest.approx(220 / 432 * 400)


# --- tables agree


def test_all_tables_count_the_same_people(report):
    for year in ("2015", "2019", "2023"):
        for sex, column in (("total", "total_population"), ("female", "female"), ("male", "male")):
            counted = report["CP-1.T2"].frame.loc[year, column] * 1000
            assert report["SO2-3.T1"].help.loc[(year, sex), "population"] == pytest.approx(counted)
            table_id = next(name for name, group in BY_SEX.items() if group == sex)
            assert report[table_id].help.loc[year, "population"] == pytest.approx(counted)


def test_land_is_that_of_the_country_profile(report):
    land = report["SO3-1.T1"].frame["total_land_area"]
    for year in ("2000", "2015", "2019", "2023"):
        assert land[year] == report["CP-1.T1"].frame.loc[year, "total_land_area"]


# --- countries that are not the simplest


def without_sex(results):
    population = results["population"].tables
    population["population"] = population["population"].query("sex == 'total'")
    for name in ("exposure", "drought_exposure"):
        for long in results[name].tables.values():
            long[["female", "male"]] = math.nan
    return results


def test_population_without_sexes():
    report = prais.build(make_country(), without_sex(make_results()))
    assert report["CP-1.T2"].frame["total_population"].notna().all()
    assert report["SO2-3.T1"].frame.loc["2023", "total.exposed"] == 340
    assert report["SO2-3.T1"].printed.loc["2023", "total.exposed"] == 340
    assert "SO3-2.T2" not in report.tables and "SO3-2.T3" not in report.tables
    assert report["SO3-2.T1"].printed_help.loc["2023", "population"] == 432
    findings = checked(report)
    assert {(f.severity, f.where) for f in findings if "CP" in f.where} == {
        ("warning", "CP-1.T2, male"),
        ("warning", "CP-1.T2, female"),
    }
    assert not [f for f in findings if f.severity == "error"]
    missing = {f.where: f for f in prais.check(report) if f.found == "no table"}
    assert missing["SO3-2.T2"].notebook == "11"
    assert "population by sex" in missing["SO3-2.T2"].remedy


def test_official_totals_without_sexes_leave_the_cells_to_the_team():
    # the sexes of the map do not belong to a total that another source gives
    report = make_report(national=[(2023, 400, math.nan, math.nan)])
    row = report["CP-1.T2"].frame.loc["2023"]
    assert row["total_population"] == 0.4 and math.isnan(row["female"])
    open_answers = {f.where: f.found for f in checked(report)}
    assert open_answers["CP-1.T2, female"] == "nothing for 2023"
    assert report["SO2-3.T1"].frame.loc["2023", "total.share"] == pytest.approx(85)
    assert report["SO2-3.T1"].frame.loc["2023", "male.share"] == pytest.approx(15000 / 184)


def test_years_of_the_population_are_stated(sparse_report):
    table = sparse_report["SO2-3.T1"]
    assert table.period == "2015, 2023 (2020 used)"
    assert table.labelled().iloc[1, 0] == "2023 (2020 used)"
    assert table.help.loc[("2023", "total"), "grid_year"] == "2020"
    assert "Closest years, Population: 2020 used for 2023." in table.notes
    table = sparse_report["SO3-2.T1"]
    assert table.help.loc["2016–2019", "grid_year"] == "2020"
    assert (
        "Closest years, Population: 2000 used for 2001–2007; 2015 used for 2008–2014, 2016–2017; "
        "2020 used for 2018–2019, 2021–2023." in table.notes
    )
    assert not [f for f in prais.check(sparse_report) if "stands in" in f.expected]


def test_a_year_that_is_not_stated_is_found(report):
    report.years["population"] = {"2023": 2021}
    found = checked(report)
    assert {f.severity for f in found} == {"warning"}
    assert [f.where for f in found] == [
        *("CP-1.T2, 2023", "SO2-3.T1, 2023", "SO2-3.T2, 2023"),
        *("SO3-2.T1, 2023", "SO3-2.T2, 2023", "SO3-2.T3, 2023"),
    ]


def test_a_year_without_drought_data_is_said_once():
    results = make_results()
    for name in ("drought", "drought_exposure"):
        long = results[name].tables[name]
        results[name].tables[name] = long[long["year"] != 2007]
    findings = checked(prais.build(make_country(), results))
    assert [(f.where, f.notebook) for f in findings if f.found == "a row without figures"] == [
        *[(f"SO3-1.T{number}, 2007", "10") for number in (1, 2)],
        *[(f"SO3-2.T{number}, 2007", "11") for number in (1, 2, 3)],
    ]


def test_a_country_of_water_and_without_people():
    results = make_results(crowd=0)
    for name in ("drought", "drought_exposure", "exposure", "land_cover"):
        for long in results[name].tables.values():
            for column in [each for each in long if each.startswith("land_cover")]:
                if column != "land_cover_year":
                    long[column] = WATER
    report = prais.build(make_country(), results)
    assert (report["SO3-1.T1"].frame["total_land_area"] == 0).all()
    assert report["SO3-2.T1"].frame["exposed.share"].isna().all()
    errors = [f for f in checked(report) if f.severity == "error"]
    assert [f.where for f in errors if f.where.startswith("SO3")] == []


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"index": {}, "water_balance": "balance.nc"}, "SPEI-12"),
        ({"index": {2000: "spi.tif"}, "index_kind": "SPI"}, "SPI"),
        ({"index": {2000: "own.tif"}, "index_kind": "national"}, "national_index"),
    ],
)
def test_the_index_is_named(given, expected):
    drought = section(**{"index_kind": "SPI", "water_balance": None} | given)
    table = make_report({"drought": drought})["SO3-1.T1"]
    assert table.fields == {"drought_index": expected}
    assert any("The index of December" in note for note in table.notes) == (not given["index"])


def test_one_result_alone_is_enough():
    # notebook 09 has no drought, and may have no national population
    results = {name: made for name, made in make_results().items() if name == "exposure"}
    report = prais.build(make_country(), results)
    assert report["SO2-3.T1"].frame.loc["2023", "total.share"] == pytest.approx(34000 / 432)
    assert list(report.tables) == ["SO2-3.T1", "SO2-3.T2"]


def test_missing_tables_are_listed_with_their_notebook():
    results = {name: made for name, made in make_results().items() if name == "land_cover"}
    country = make_country(population=None, drought=None)
    missing = [f for f in prais.check(prais.build(country, results)) if f.found == "no table"]
    ours = ("CP", "SO2-3", "SO3-1", "SO3-2", "SO3-3")
    found = {f.where: (f.severity, f.notebook) for f in missing if f.where.startswith(ours)}
    assert found == {
        "CP-1.T2": ("warning", "01"),
        "SO2-3.T1": ("info", "09"),
        "SO2-3.T2": ("info", "09"),
        "SO3-1.T1": ("warning", "10"),
        "SO3-1.T2": ("warning", "10"),
        "SO3-2.T1": ("warning", "11"),
        "SO3-2.T2": ("warning", "11"),
        "SO3-2.T3": ("warning", "11"),
        "SO3-3.T1": ("warning", "12"),
        "SO3-3.T2": ("warning", "12"),
    }


def test_a_developed_country_owes_the_profile_and_its_resources_only():
    missing = prais.check(prais.build(make_country(party="developed"), {}))
    finance = [f"SO5-{number}.T{part}" for number in (1, 2) for part in (1, 2, 3)]
    assert sorted(f.where for f in missing) == ["CP-1.T1", "CP-1.T2", *finance]


# --- printed figures


@pytest.fixture(scope="module")
def odd_report():
    """The same world with parts of persons, and areas that two decimals cannot hold."""
    return make_report(scale=0.123456789, crowd=1.23456789)


def test_printed_population_adds_up(odd_report):
    # 422 · 1.23456789 = 520.988; 224 and 198 times the same are 276.543 and 244.444
    shown = odd_report["CP-1.T2"].printed
    assert shown.loc["2015"].tolist()[:3] == [0.521, 0.244, 0.277]
    assert (shown["male"] + shown["female"]).round(3).tolist() == shown["total_population"].tolist()


def test_printed_persons_are_whole_and_add_up(odd_report):
    table = odd_report["SO2-3.T1"]
    for year in ("2015", "2019", "2023"):
        persons = table.printed_help.loc[year]
        parts = persons[["exposed", "not_exposed", "no_data", "on_water"]]
        assert (parts % 1 == 0).all(axis=None)
        assert parts.sum(axis=1).tolist() == persons["population"].tolist()
        assert (parts.loc["female"] + parts.loc["male"]).tolist() == parts.loc["total"].tolist()
        national = odd_report["CP-1.T2"].printed.loc[year, ["total_population", "female", "male"]]
        assert persons["population"].tolist() == pytest.approx((national * 1000).tolist())
    for sex in ("total", "female", "male"):
        printed = table.printed[f"{sex}.exposed"]
        assert (
            printed.tolist() == table.printed_help.loc[(["2015", "2023"], sex), "exposed"].tolist()
        )
        assert ((printed - table.frame[f"{sex}.exposed"]).abs() < 1).all()


def test_printed_people_in_drought_add_up(odd_report):
    shown = {sex: odd_report[table_id] for table_id, sex in BY_SEX.items()}
    helps = {sex: table.printed_help for sex, table in shown.items()}
    for sex, table in shown.items():
        counts = helps[sex]
        assert (counts[CLASSES] % 1 == 0).all(axis=None)
        assert counts[CLASSES].sum(axis=1).tolist() == counts["population"].tolist()
        assert counts[CLASSES[:4]].sum(axis=1).tolist() == counts["exposed"].tolist()
        years = table.printed.index
        assert table.printed["exposed"].tolist() == counts.loc[years, "exposed"].tolist()
        shares = table.printed[[f"{name}.share" for name in CLASSES]]
        assert shares.sum(axis=1).round(2).tolist() == [100.0] * len(years)
        under = shares[[f"{name}.share" for name in CLASSES[:4]]].sum(axis=1).round(2)
        assert under.tolist() == table.printed["exposed.share"].tolist()
        national = odd_report["CP-1.T2"].printed
        column = {"total": "total_population"}.get(sex, sex)
        assert counts.loc[years, "population"].tolist() == pytest.approx(
            (national[column] * 1000).tolist()
        )
    both = helps["female"][CLASSES] + helps["male"][CLASSES]
    pd.testing.assert_frame_equal(both, helps["total"][CLASSES])


def test_printed_land_meets_the_country_profile(odd_report):
    table, whole = odd_report["SO3-1.T1"], odd_report["SO3-1.T2"]
    areas = table.printed[[f"{name}.area" for name in CLASSES]]
    shares = table.printed[[f"{name}.share_of_land" for name in CLASSES]]
    assert areas.sum(axis=1).round(2).tolist() == table.printed["total_land_area"].tolist()
    assert shares.sum(axis=1).round(2).tolist() == [100.0] * 24
    land = odd_report["CP-1.T1"].printed["total_land_area"]
    for year in YEARS:  # every year has the land of one of the four maps
        cover = str(closest_year(year, LAND_YEARS))
        assert table.printed.loc[str(year), "total_land_area"] == land[cover]
    for parts, column in ((areas, "area"), (shares, "share_of_land")):
        under = parts.iloc[:, :4].sum(axis=1).round(2)
        assert under.tolist() == whole.printed[f"under_drought.{column}"].tolist()
    exact = table.frame[areas.columns]
    assert ((areas - exact).abs() < 0.0101).all(axis=None)
    windows = table.printed_help  # for checking: they add up as well
    assert (
        windows[areas.columns].sum(axis=1).round(2).tolist() == windows["total_land_area"].tolist()
    )
    assert windows[shares.columns].sum(axis=1).round(2).tolist() == [100.0] * 6
    for column in whole.help:
        assert whole.printed_help[column].tolist() == table.printed[column].tolist()


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.one_of(st.floats(0, 1e6), st.integers(0, 40).map(lambda n: n / 8)),
        min_size=len(CLASSES),
        max_size=len(CLASSES),
    )
)
def test_a_row_of_classes_adds_up_twice(values):
    """To the printed total, and under drought to the printed sum of the four classes."""
    exact = pd.Series(values, [f"{name}.area" for name in CLASSES])
    row = printed_people.one_row(exact, 2, None)
    assert round(row.sum(), 2) == rounding.nearest(exact.sum())
    assert round(row.iloc[:4].sum(), 2) == rounding.nearest(exact.iloc[:4].sum())
    assert ((row - exact).abs() < 0.010001).all()


def test_a_row_of_classes_meets_a_land_that_is_not_the_nearest():
    # 0.004 + 1.002 is printed as 1.01; the country profile printed this land as 1.00
    exact = pd.Series([0.004, 0, 0, 0, 1.002, 0], [f"{name}.area" for name in CLASSES])
    assert printed_people.one_row(exact, 2, None).tolist() == [0, 0, 0, 0, 1.01, 0]
    assert printed_people.one_row(exact, 2, 1.0).tolist() == [0, 0, 0, 0, 1.0, 0]


def test_a_row_at_the_half_still_adds_up():
    # in units: 0.49999 counts as a half and goes up, 1.999996 counts as 2, their sum is below 2.5
    exact = pd.Series([0.49999, 0, 0, 0, 1.999996, 0], [f"{name}.area" for name in CLASSES])
    assert printed_people.one_row(exact, 0, None).sum() == 2


def test_exact_figures_stay_in_the_frame(odd_report):
    exposed = odd_report["SO2-3.T1"].frame.loc["2023", "total.exposed"]
    assert exposed == pytest.approx(340 * 1.23456789, rel=1e-12)
    mild = odd_report["SO3-1.T1"].frame.loc["2000", "mild.area"]
    assert mild == pytest.approx(20 * 0.123456789, rel=1e-12)


def test_printing_does_not_hide_a_mistake(report):
    report["SO3-1.T1"].frame.loc["2000", "mild.area"] = 21.0
    report["SO2-3.T1"].frame.loc["2023", "female.exposed"] = 195.0
    report["SO3-2.T1"].frame.loc["2000", "exposed"] = 210.0
    report["CP-1.T2"].frame.loc["2010", "female"] = 0.3
    printed.print_report(report)
    assert report["SO3-1.T1"].printed.loc["2000", "mild.area"] == 21
    assert report["SO3-1.T1"].printed.loc["2000", "total_land_area"] == 67
    assert report["SO2-3.T1"].printed.loc["2023", "female.exposed"] == 195
    assert report["SO3-2.T1"].printed.loc["2000", "exposed"] == 210
    assert report["CP-1.T2"].printed.loc["2010", "female"] == 0.3


def test_printing_survives_text_and_empty_cells(report):
    for table_id, row, column in (
        ("CP-1.T2", "2015", "female"),
        ("SO2-3.T1", "2023", "male.exposed"),
        ("SO3-1.T1", "2000", "mild.area"),
        ("SO3-2.T1", "2000", "exposed"),
    ):
        frame = report[table_id].frame.astype(object)
        frame.loc[row, column] = "many"
        report[table_id].frame = frame
    report["SO3-1.T2"].frame.loc["2023", "under_drought.area"] = math.nan
    printed.print_report(report)
    assert report["CP-1.T2"].printed.loc["2015", "female"] == "many"
    assert report["SO3-1.T1"].printed.loc["2000", "mild.area"] == "many"
    assert math.isnan(report["SO3-1.T2"].printed.loc["2023", "under_drought.area"])
    found = {f.where for f in prais.check(report) if "text" in f.found}
    assert found == {
        *("CP-1.T2, 2015, female", "SO2-3.T1, 2023, male.exposed"),
        *("SO3-1.T1, 2000, mild.area", "SO3-2.T1, 2000, exposed"),
    }


# --- rules


def test_a_sound_report_has_no_findings(report):
    assert checked(report) == []


def test_a_sound_report_with_official_figures_has_no_errors(official_report):
    found = checked(official_report)
    assert [f.where for f in found] == ["SO2-3.T2, direction", "SO2-3.T2, drivers"]


def change(table_id, row, column, value, part="frame"):
    def broken(report):
        frame = getattr(report[table_id], part)
        frame.loc[row, column] = value

    return broken


BROKEN = {
    # 0.3 thousand people, fewer than the 340 exposed to degradation, and not the sexes' sum
    "rule 1, population below the exposed": (
        change("CP-1.T2", "2023", "total_population", 0.3),
        ["CP-1.T2, 2023, total_population"] * 2,
    ),
    # 213 exposed women in drought in 2000, more than there are men: 198
    "rule 1, population below the people in drought": (
        change("SO3-2.T3", "2000", "exposed", 213.0),
        ["CP-1.T2, 2000, male", "SO3-2.T3, 2000, exposed"],
    ),
    "rule 1, other people in SO3-2": (
        change("SO3-2.T2", "2019", "population", 230.0, "help"),
        ["CP-1.T2, 2019, female", "SO3-2.T2, 2019, population"],
    ),
    "rule 1, other people in SO2-3": (
        change("SO2-3.T1", ("2023", "male"), "population", 190.0, "help"),
        ["CP-1.T2, 2023, male", "SO2-3.T1, 2023, male, population"],
    ),
    "rule 1, land below the drought classes": (
        change("SO3-1.T1", "2015", "no_drought.area", 70.0),
        ["CP-1.T1, 2015, total_land_area", "SO3-1.T1, 2015, total_land_area"],
    ),
    "rule 1, land below the drought": (
        change("SO3-1.T2", "2023", "under_drought.area", 80.0),
        ["CP-1.T1, 2023, total_land_area", "SO3-1.T2, 2023, under_drought.area"],
    ),
    "rule 1, share": (
        change("SO3-1.T2", "2001", "under_drought.share_of_land", 101.0),
        ["SO3-1.T2, 2001, under_drought.share_of_land"],
    ),
    "rule 2, negative persons": (
        change("SO3-2.T1", "2000", "exposed", -207.0),
        ["SO3-2.T1, 2000, exposed"],
    ),
    "rule 3, sexes of the country": (
        change("CP-1.T2", "2010", "female", 0.225),
        # 0.225 + 0.198 is not 0.422
        ["CP-1.T2, 2010, total_population"],
    ),
    "rule 3, sexes on degraded land": (
        change("SO2-3.T1", "2015", "male.exposed", 101.0),
        # 100 men live there; that 100 women and 101 men are not 200 follows from it
        ["SO2-3.T1, 2015, male.exposed"],
    ),
    "rule 3, sexes in drought": (
        change("SO3-2.T2", "2023", "exposed", 127.0),
        ["SO3-2.T2, 2023, exposed"],
    ),
    "rule 4, land of a year without a country profile": (
        change("SO3-1.T1", "2010", "no_data.area", 1.0),
        ["SO3-1.T1, 2010, total_land_area"],
    ),
    "rule 4, land of a year with a country profile": (
        change("SO3-1.T1", "2019", "no_drought.area", 71.0),
        ["SO3-1.T1, 2019, total_land_area"],
    ),
    "rule 4, shares of land": (
        change("SO3-1.T1", "2000", "no_data.share_of_land", 1.0),
        ["SO3-1.T1, 2000, no_data.share_of_land"],
    ),
    "rule 4, a drought class and the land under drought": (
        change("SO3-1.T2", "2000", "under_drought.area", 51.0),
        ["SO3-1.T2, 2000, under_drought.area"],
    ),
    "rule 4, share under drought": (
        change("SO3-1.T2", "2000", "under_drought.share_of_land", 50.0),
        ["SO3-1.T2, 2000, under_drought.share_of_land"],
    ),
    "rule 4, shares of people": (
        change("SO3-2.T2", "2000", "no_drought.share", 1.0),
        ["SO3-2.T2, 2000, no_drought.share"],
    ),
    "rule 4, persons by class": (
        change("SO3-2.T1", "2000", "no_data", 16.0, "help"),
        ["SO3-2.T1, 2000, population"],
    ),
    "rule 4, persons of a window": (
        change("SO3-2.T3", "2000–2003", "no_drought", 106.0, "help"),
        ["SO3-2.T3, 2000–2003, population"],
    ),
    "rule 4, share in drought": (
        change("SO3-2.T3", "2023", "exposed.share", 52.0),
        ["SO3-2.T3, 2023, exposed.share"],
    ),
    "rule 4, people by place": (
        change("SO2-3.T1", ("2019", "female"), "on_water", 2.0, "help"),
        ["SO2-3.T1, 2019, female, population"],
    ),
    "rule 4, share of the national population": (
        change("SO2-3.T1", "2023", "total.share", 78.0),
        ["SO2-3.T1, 2023, total.share"],
    ),
    "rule 9, cell": (
        change("SO3-1.T2", "2023", "under_drought.share_of_land", math.nan),
        ["SO3-1.T2, 2023, under_drought.share_of_land"],
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_each_broken_rule_gives_its_findings(report, name):
    broken, expected = BROKEN[name]
    broken(report)
    findings = checked(report)
    assert sorted(f.where for f in findings) == sorted(expected)
    for finding in findings:
        assert finding.severity == "error"
        assert finding.found and finding.expected and finding.remedy and finding.notebook


def test_metadata_of_national_population_and_drought():
    national = {"source": "national", "index": {}, "index_kind": "SPI", "water_balance": None}
    country = {"population": section(source="national"), "drought": section(**national)}
    found = [f for f in checked(make_report(country)) if f.severity == "error"]
    assert [f.where for f in found] == [
        "CP-1.T2, data source population",
        "SO3-1.T1, data source drought",
    ]


def test_exposure_above_all_people_is_explained():
    # 190 women on degraded land, 180 in the official figures
    report = make_report(national=[(2023, 364, 180, 184)])
    assert report["SO2-3.T1"].frame.loc["2023", "female.share"] == pytest.approx(19000 / 180)
    errors = {f.where: f for f in checked(report) if f.severity == "error"}
    assert set(errors) == {"CP-1.T2, 2023, female", "SO2-3.T1, 2023, female.share"}
    for finding in errors.values():
        assert "persons or persons per km²" in finding.remedy
    assert errors["CP-1.T2, 2023, female"].found == "180.0 persons"
    assert "190.0 persons" in errors["CP-1.T2, 2023, female"].expected


def test_people_may_differ_by_one_millionth(report):
    report["SO3-2.T1"].help.loc["2019", ["no_drought", "population"]] += 422 * 0.9e-6
    assert checked(report) == []
    report["SO3-2.T1"].help.loc["2019", ["no_drought", "population"]] += 422 * 0.2e-6
    assert [f.where for f in checked(report)] == ["CP-1.T2, 2019, total_population"]


# --- files


@pytest.fixture(scope="module")
def written(odd_report, tmp_path_factory):
    return prais.write(odd_report, tmp_path_factory.mktemp("prais") / "report")


@pytest.fixture(scope="module")
def book(written):
    return openpyxl.load_workbook(written["xlsx"])


@pytest.mark.parametrize("table_id", TABLES)
def test_files_hold_the_printed_figures(written, book, odd_report, table_id):
    table, sheet = odd_report[table_id], book[table_id]
    top = workbook.HEADINGS_ROW + 1
    labelled = table.labelled()
    assert [cell.value for cell in sheet[top]][: len(labelled.columns)] == list(labelled.columns)
    with (written["csv"] / f"{table_id}.csv").open(encoding="utf-8-sig", newline="") as file:
        lines = list(csv.reader(file))
    data = json.loads(written["json"].read_text(encoding="utf-8"))["tables"][table_id]
    for number, row in enumerate(table.frame.index, 1):
        for place, column in enumerate(table.frame.columns, 1):
            if column in table.text:
                continue
            value, cell = table.printed.loc[row, column], sheet.cell(top + number, place + 1)
            assert cell.value == value
            assert float(lines[number][place]) == value
            assert data["printed"][number - 1][place - 1] == value
            decimals = table.decimals_of(column)
            assert len(lines[number][place].partition(".")[2]) == decimals
            assert cell.number_format == "#,##0" + ("." + "0" * decimals if decimals else "")
    assert sheet.freeze_panes == "B8"


def texts_of(sheet):
    return [str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value is not None]


def test_units_are_beside_the_headings(book):
    headings = [cell.value for cell in book["SO3-2.T1"][workbook.HEADINGS_ROW + 1]]
    assert headings[0] == "Year" and headings[1] == "Mild drought, Share (%)"
    assert "Exposed population (persons)" in headings
    headings = [cell.value for cell in book["SO3-1.T1"][workbook.HEADINGS_ROW + 1]]
    assert "Total land area (km²)" in headings
    assert "Extreme drought, Share of total land area (%)" in headings
    texts = texts_of(book["CP-1.T2"])
    assert "Unit: thousand persons" in texts and "Difference of the map (%)" in texts
    assert "Year of the population map" in texts_of(book["SO2-3.T1"])  # a year has no unit


def test_help_for_checking_adds_up_on_the_sheet(book, odd_report):
    """Printed persons of the help table, read back: 24 years and 6 windows."""
    sheet = book["SO3-2.T1"]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    start = next(n for n, row in enumerate(rows) if row[0] == "For checking, not pasted")
    kept = rows[start + 2 : start + 2 + 30]
    assert kept[0][0] == "2000" and kept[-1][0] == "2020–2023"
    for row in kept:
        assert sum(row[1:7]) == row[8]  # six classes; then exposed, and the population
        assert sum(row[1:5]) == row[7]


def test_sheets_can_be_read(book):
    for table_id in TABLES:
        sheet = book[table_id]
        widths = [column.width for column in sheet.column_dimensions.values()]
        assert min(widths) >= 9 and max(widths) <= workbook.WIDEST + 1
        longest = max(
            len(f"{cell.value:,.0f}")
            for row in sheet.iter_rows()
            for cell in row
            if isinstance(cell.value, float)
        ) if table_id != "SO2-3.T2" else 0  # fmt: skip
        assert longest <= min(widths)


def test_sheets_name_their_sources(book):
    assert {"Population", "Drought", "Default data"} <= set(texts_of(book["SO3-2.T1"]))
    assert "SPI-12" in texts_of(book["SO3-1.T1"])


@pytest.mark.parametrize("language", tables.LANGUAGES)
def test_every_language_can_be_written(report, tmp_path, language):
    paths = prais.write(report, tmp_path, language=language)
    book = openpyxl.load_workbook(paths["xlsx"])
    for table_id in TABLES:
        title = tables.label(f"prais.{table_id}", language)
        assert book[table_id]["A1"].value == f"{table_id}  {title}"
        assert bool(book[table_id].sheet_view.rightToLeft) == (language == "ar")
    headings = [cell.value for cell in book["SO3-1.T1"][workbook.HEADINGS_ROW + 1]]
    extreme = tables.label("drought.extreme", language)
    assert headings[4].startswith(extreme) and headings[5].startswith(
        tables.label("drought.none", language)
    )
    assert tables.label("column.female.exposed", language) in " ".join(
        str(cell.value) for cell in book["SO2-3.T1"][workbook.HEADINGS_ROW + 1]
    )


def test_every_heading_has_a_label(report):
    """Every key of a heading, a row or an answer is in words in every language."""
    for table_id in TABLES:
        table = report[table_id]
        for language in tables.LANGUAGES:  # no two headings are the same
            for frame, shown in (
                (table.frame, table.labelled(language)),
                (table.help, table.labelled_help(language)),
            ):
                assert shown.shape[1] == frame.shape[1] + frame.index.nlevels
        for frame in (table.frame, table.help):
            keys = [*frame.columns, *frame.index.names, *table.fields]
            for level in range(frame.index.nlevels if frame is not None else 0):
                keys += list(frame.index.get_level_values(level))
            for key in keys:
                if key[:4].isdigit() and "." not in key:
                    continue  # a year or a window
                for language in tables.LANGUAGES:
                    words = table.heading(key, language)
                    assert words != key and "_" not in words, (table_id, key, language)

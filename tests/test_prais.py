"""PRAIS tables of a world of eight cells whose areas can be added by hand.

cell  km²   2000   2015   2016   2019   2023     what happens
a      10   T      T      T      T      T        forest; productivity falls after 2015
b      20   T      C      C      C      C        deforestation in the baseline, then better
c      30   G      G      G      A      A        town grows after 2016
d      40   C      C      C      C      T        field becomes forest after 2019
e       5   ~      ~      ~      ~      ~        lake
f       6   W      W      W      ~      ~        wetland becomes part of the lake by 2019
g       7   ?      ?      ?      ?      ?        land whose cover is not known
h       8   W      C      C      C      C        wetland drained in the baseline

All 126 km². Water 5 (2000, 2015) and 11 (2019, 2023); land 121, 121, 115, 115.
"""

import copy
import csv
import dataclasses
import json
import math
from types import SimpleNamespace

import geopandas
import numpy as np
import openpyxl
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from ldnkit import prais, tables
from ldnkit.findings import Finding
from ldnkit.periods import Cycle
from ldnkit.prais import builder, printed, workbook, writers

X = tables.NODATA
T, G, C, W, A, WATER = 1, 2, 3, 4, 5, 7
YEARS = (2000, 2015, 2016, 2019, 2023)
AREA = dict(zip("abcdefgh", (10, 20, 30, 40, 5, 6, 7, 8), strict=True))
COVER = {
    "a": (T, T, T, T, T),
    "b": (T, C, C, C, C),
    "c": (G, G, G, A, A),
    "d": (C, C, C, C, T),
    "e": (WATER,) * 5,
    "f": (W, W, W, WATER, WATER),
    "g": (X,) * 5,
    "h": (W, C, C, C, C),
}
LAST = {"baseline": 2015, "report_1": 2019, "report_2": 2023}
#        lpd, productivity, land cover, soil, 15.3.1 for each period
STATES = {
    "a": ((4, 0, 0, 0, 0), (4, 0, 0, 0, 0), (1, -1, 0, 0, -1)),
    "b": ((2, -1, -1, 0, -1), (4, 0, 0, 0, 0), (5, 1, 0, 0, 1)),
    "c": ((5, 1, 0, 0, 1), (1, -1, -1, 0, -1), (4, 0, -1, -1, -1)),
    "d": ((4, 0, 0, 1, 1), (3, 0, 0, 0, 0), (4, 0, 1, 1, 1)),
    "e": ((X, X, 0, X, X), (X, X, 0, X, X), (X, X, 0, X, X)),
    "f": ((3, 0, 0, 0, 0), (X, X, 0, 0, X), (X, X, 0, 0, X)),
    "g": ((1, -1, X, X, -1), (X, X, X, X, X), (4, 0, X, X, X)),
    "h": ((X, X, -1, -1, -1), (5, 1, 0, 0, 1), (X, X, 0, 0, X)),
}
STATUS = {  # of 2019 and 2023, from the matrix of the guidance
    **{"a": (0, -1), "b": (-1, 1), "c": (-1, -1), "d": (1, 1)},
    **{"e": (X, X), "f": (X, X), "g": (X, X), "h": (1, X)},
}
#: Soil organic carbon in t/ha, 2000, 2015, 2019, 2023; e and g have none.
STOCK = {
    **{"a": (100, 100, 100, 100), "b": (60, 45, 42, 40), "c": (40, 40, 36, 30)},
    **{"d": (50, 56, 57, 64), "f": (120, 120, 120, 120), "h": (80, 60, 55, 50)},
}
METADATA = {"title": "", "link": "", "author": "", "citation": ""}


@pytest.fixture(scope="module", autouse=True)
def land_alone():
    """The eight cells have no people: tables of people and drought are in test_prais_people."""
    makers = {name: made for name, made in builder.MAKERS.items() if name in ORDER}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(builder, "MAKERS", makers)
        yield


def layer(**changes):
    return SimpleNamespace(
        **{"source": "default", "metadata": SimpleNamespace(**METADATA), "tier": 1} | changes
    )


def make_country(**changes):
    land_cover = layer(legend=tables.legend(), matrix=tables.transition_matrix())
    fields = {
        "iso3": "XLD",
        "name": lambda language="en": "Landia",
        "party": "affected",
        "cycle": Cycle(2026),
        "method": "manual",
        "language": "en",
        "synthetic": True,
        "regions": (),
        "land_cover": land_cover,
        "productivity": layer(),
        "soil": layer(),
        "error_polygons": None,
    }
    return SimpleNamespace(**fields | changes)


def result(long_tables, years=None, findings=()):
    return SimpleNamespace(tables=long_tables, years=years or {}, findings=list(findings))


def make_results(scale=1.0, zones=None, years=None):
    """The long tables that the computation would give for the eight cells."""
    base = [
        {"zone": (zones or {}).get(cell, 1), "area_km2": AREA[cell] * scale, "cells": 1}
        for cell in AREA
    ]
    cover = pd.DataFrame(base, index=list(AREA))
    for place, year in enumerate(YEARS):
        cover[f"land_cover_{year}"] = [COVER[cell][place] for cell in AREA]
    by_period = []
    for place, (period, last) in enumerate(LAST.items()):
        states = pd.DataFrame(
            [STATES[cell][place] for cell in AREA],
            columns=["lpd", "productivity", "land_cover_degradation", "soil", "sdg"],
            index=list(AREA),
        )
        cover[f"degradation_{period}"] = states["land_cover_degradation"]
        part = pd.DataFrame(base, index=list(AREA)).assign(
            period=period, land_cover=cover[f"land_cover_{last}"]
        )
        by_period.append(pd.concat([part, states], axis=1))
    periods = pd.concat(by_period, ignore_index=True)
    status = cover.drop(columns=[name for name in cover if name.startswith("degradation_")])
    status = status.assign(land_type=status["land_cover_2000"])
    for place, period in enumerate(LAST):
        status[f"sdg_{period}"] = [STATES[cell][place][4] for cell in AREA]
        if place:
            status[f"status_{period}"] = [STATUS[cell][place - 1] for cell in AREA]
    stock = [
        {
            "year": year,
            "zone": 1,
            "land_cover": COVER[cell][YEARS.index(year)],
            "stock_tonnes": STOCK[cell][place] * AREA[cell] * scale * 100 if cell in STOCK else 0,
            "stock_area_km2": AREA[cell] * scale if cell in STOCK else 0.0,
            "area_km2": AREA[cell] * scale,
            "cells": 1,
        }
        for cell in AREA
        for place, year in enumerate((2000, 2015, 2019, 2023))
    ]
    lpd = periods.rename(columns={"productivity": "degradation"})
    soil = periods.rename(columns={"soil": "degradation"})
    return {
        "land_cover": result({"land_cover": cover.reset_index(drop=True)}, years),
        "productivity": result({"productivity": lpd}),
        "soil": result({"soil": soil, "soil_stock": pd.DataFrame(stock)}),
        "degradation": result({"sub_indicators": periods, "status": status}),
    }


def make_report(**changes):
    return prais.build(make_country(**changes), make_results())


@pytest.fixture(scope="module")
def finished():
    made = make_report()
    for year in ("2015", "2019", "2023"):
        made.fill("SO1-4.T2", year, "confidence", "medium")
    return made


@pytest.fixture
def report(finished):
    return copy.deepcopy(finished)


def rows(frame, *keys):
    return [frame.loc[key].tolist() for key in keys]


# --- every table, by hand

ORDER = [
    *("CP-1.T1", "SO1-1.T1", "SO1-1.T2", "SO1-1.T3", "SO1-1.T4", "SO1-1.T5", "SO1-1.T6"),
    *("SO1-1.T7", "SO1-2.T1", "SO1-2.T2", "SO1-2.T3", "SO1-3.T1", "SO1-3.T2"),
    *("SO1-4.T1", "SO1-4.T2", "SO1-4.T3", "SO1-4.T4", "SO1-4.T5"),
]


def test_tables_in_the_order_of_the_platform(report):
    assert list(report.tables) == ORDER


def test_country_profile(report):
    frame = report["CP-1.T1"].frame
    assert list(frame.columns) == [
        *("total_land_area", "water_bodies", "total_country_area", "comments")
    ]
    assert rows(frame, "2000", "2015", "2019", "2023") == [
        [121, 5, 126, ""],
        [121, 5, 126, ""],
        [115, 11, 126, ""],
        [115, 11, 126, ""],
    ]


def test_key_processes_are_those_that_occur(report):
    # wetland to water (cell f) is not degradation; the largest area comes first
    frame = report["SO1-1.T1"].frame
    assert frame.to_numpy().tolist() == [
        ["urban expansion", "grassland", "artificial", 0, 30],
        ["deforestation", "tree", "cropland", 20, 0],
        ["wetland drainage", "wetland", "cropland", 8, 0],
    ]
    shown = report["SO1-1.T1"].labelled()
    assert shown.iloc[0].tolist() == [
        *(1, "Urban expansion", "Grassland", "Artificial surfaces", 0.0, 30.0)
    ]


def test_legend(report):
    frame = report["SO1-1.T2"].frame
    assert frame["code"].tolist() == [1, 2, 3, 4, 5, 6, 7]
    assert frame["class_name"].tolist() == frame["unccd_class"].tolist()


def test_transition_matrix(report):
    frame = report["SO1-1.T3"].frame
    tree = frame.loc[("whole_country", "tree")]
    assert tree["cropland"] == "deforestation (−)"
    assert tree["tree"] == tree["water"] == "0"
    assert frame.loc[("whole_country", "cropland"), "tree"] == "afforestation (+)"
    assert report["SO1-1.T3"].help["2023.total_land_area"].to_dict() == {
        "whole_country": 115,
        "total": 115,
    }


def test_land_cover_areas(report):
    frame = report["SO1-1.T4"].frame
    # tree, grassland, cropland, wetland, artificial, other, water, no data, total
    assert frame.to_dict("list") == {
        "2000": [30, 30, 40, 14, 0, 0, 5, 7, 126],
        "2015": [10, 30, 68, 6, 0, 0, 5, 7, 126],
        "2016": [10, 30, 68, 6, 0, 0, 5, 7, 126],
        "2019": [10, 0, 68, 0, 30, 0, 11, 7, 126],
        "2023": [50, 0, 28, 0, 30, 0, 11, 7, 126],
    }


def test_change_matrices(report):
    #                      T   G   C  W  A  O  ~  ?  total
    assert report["SO1-1.T5"].frame.to_numpy().tolist() == [
        [10, 0, 20, 0, 0, 0, 0, 0, 30],
        [0, 30, 0, 0, 0, 0, 0, 0, 30],
        [0, 0, 40, 0, 0, 0, 0, 0, 40],
        [0, 0, 8, 6, 0, 0, 0, 0, 14],
        [0, 0, 0, 0, 0, 0, 0, 0, 0],
        [0, 0, 0, 0, 0, 0, 0, 0, 0],
        [0, 0, 0, 0, 0, 0, 5, 0, 5],
        [0, 0, 0, 0, 0, 0, 0, 7, 7],
        [10, 30, 68, 6, 0, 0, 5, 7, 126],
    ]
    assert report["SO1-1.T6"].frame.to_numpy().tolist() == [
        [10, 0, 0, 0, 0, 0, 0, 0, 10],
        [0, 0, 0, 0, 30, 0, 0, 0, 30],
        [40, 0, 28, 0, 0, 0, 0, 0, 68],
        [0, 0, 0, 0, 0, 0, 6, 0, 6],
        [0, 0, 0, 0, 0, 0, 0, 0, 0],
        [0, 0, 0, 0, 0, 0, 0, 0, 0],
        [0, 0, 0, 0, 0, 0, 5, 0, 5],
        [0, 0, 0, 0, 0, 0, 0, 7, 7],
        [50, 0, 28, 0, 30, 0, 11, 7, 126],
    ]
    assert report["SO1-1.T6"].period == "2016 → 2023"


def shares(areas):
    return [pytest.approx(100 * area / areas[-1]) for area in areas]


@pytest.mark.parametrize(
    ("table_id", "share", "baseline", "reporting"),
    [  # degraded, improved, stable, no data, total
        ("SO1-1.T7", "share_of_country", [28, 0, 91, 7, 126], [30, 40, 49, 7, 126]),
        ("SO1-2.T3", "share_of_land", [27, 30, 56, 8, 121], [10, 20, 77, 8, 115]),
        ("SO1-3.T2", "share_of_land", [8, 40, 66, 7, 121], [30, 40, 38, 7, 115]),
    ],
)
def test_degradation_tables(report, table_id, share, baseline, reporting):
    frame = report[table_id].frame
    assert list(frame.index) == ["degraded", "improved", "stable", "no_data", "total"]
    assert frame.to_dict("list") == {
        "baseline.area": baseline,
        f"baseline.{share}": shares(baseline),
        "report_2.area": reporting,
        f"report_2.{share}": shares(reporting),
    }


def test_productivity_by_class(report):
    # declining, moderate decline, stressed, stable, increasing, no data, total; no water row
    frame = report["SO1-2.T1"].frame
    assert list(frame.index) == [
        *("tree", "grassland", "cropland", "wetland", "artificial", "other", "no_data", "total")
    ]
    assert rows(frame, "tree", "grassland", "cropland", "wetland", "no_data", "total") == [
        [0, 0, 0, 10, 0, 0, 10],
        [0, 0, 0, 0, 30, 0, 30],
        [0, 20, 0, 40, 0, 8, 68],
        [0, 0, 6, 0, 0, 0, 6],
        [7, 0, 0, 0, 0, 0, 7],
        [7, 20, 6, 50, 30, 8, 121],
    ]
    assert rows(report["SO1-2.T2"].frame, "tree", "cropland", "artificial", "total") == [
        [10, 0, 0, 40, 0, 0, 50],
        [0, 0, 0, 0, 20, 8, 28],
        [0, 0, 0, 30, 0, 0, 30],
        [10, 0, 0, 77, 20, 8, 115],
    ]


def test_soil_stock(report):
    table = report["SO1-3.T1"]
    none = math.nan
    # 2000: tree (10·100 + 20·60)/30, wetland (6·120 + 8·80)/14; 2015: cropland of b, d and h
    expected = {
        "tree": [2200 / 30, 100, 100, (1000 + 40 * 64) / 50],
        "grassland": [40, 40, none, none],
        "cropland": [50, (900 + 2240 + 480) / 68, (840 + 2280 + 440) / 68, (800 + 400) / 28],
        "wetland": [1360 / 14, 120, none, none],
        "artificial": [none, none, 36, 30],
        "other": [none] * 4,
        "water": [none, none, 120, 120],
    }
    for key, values in expected.items():
        assert table.frame.loc[key].tolist() == pytest.approx(values, nan_ok=True), key
    assert table.fields == {"tier": "1"}
    assert table.unit == "t_ha"


def test_status_matrix(report):
    # baseline in rows, 2016-2023 in columns, on the 115 km² of land of 2023 (f is water now)
    table = report["SO1-4.T1"]
    assert list(table.frame.columns) == ["degraded", "stable", "improved", "no_data", "total"]
    assert table.frame.to_numpy().tolist() == [
        [0, 0, 20, 15, 35],
        [10, 0, 0, 0, 10],
        [30, 0, 40, 0, 70],
        [0, 0, 0, 0, 0],
        [40, 0, 60, 15, 115],
    ]
    assert table.help.to_numpy().tolist() == [
        ["degraded", "degraded", "improved", "no_data"],
        ["degraded", "stable", "improved", "no_data"],
        ["degraded", "improved", "improved", "no_data"],
        ["no_data"] * 4,
    ]


def test_degraded_land(report):
    table = report["SO1-4.T2"]
    figures = ["degraded_area", "degraded_share", "change_area", "change_share"]
    shares = [100 * 35 / 121, 100 * 50 / 115, 100 * 40 / 115]
    expected = [
        [35, shares[0], math.nan, math.nan],
        [50, shares[1], 15, shares[1] - shares[0]],
        [40, shares[2], 5, shares[2] - shares[0]],
    ]
    for year, values in zip(("2015", "2019", "2023"), expected, strict=True):
        assert table.frame.loc[year, figures].tolist() == pytest.approx(values, nan_ok=True)
    assert table.frame["method"].unique().tolist() == ["1oao"]
    assert table.help["baseline_degraded"].tolist() == [35, 35, 35]
    shown = table.labelled()
    assert shown["Sub-indicators used"].unique().tolist() == [
        "Land cover, Land productivity, Soil organic carbon (SOC)"
    ]
    assert shown["Method"].iloc[0].startswith("One out, all out")
    assert not any("sub-indicators are used" in note for note in table.notes)


def test_degraded_land_says_when_soil_is_missing():
    results = make_results()
    results["degradation"].tables["sub_indicators"]["soil"] = X
    table = prais.build(make_country(), results)["SO1-4.T2"]
    assert table.frame["sub_indicators"].unique().tolist() == ["land_cover, productivity"]
    assert "2 of 3 sub-indicators are used." in table.notes


def test_confidence_is_left_to_the_team():
    table = make_report()["SO1-4.T2"]
    assert table.frame["confidence"].tolist() == ["", "", ""]


@pytest.mark.parametrize("table_id", ["SO1-4.T3", "SO1-4.T4", "SO1-4.T5"])
def test_empty_forms_have_their_columns(report, table_id):
    frame = report[table_id].frame
    assert len(frame) == 0
    assert "location" in frame and "area" in frame


def test_hotspot_candidates():
    results = make_results()
    candidates = pd.DataFrame({"location": ["1.5 N, 2.5 E"], "area_km2": [30.0]})
    results["degradation"].tables["hotspots"] = candidates
    frame = prais.build(make_country(), results)["SO1-4.T4"].frame
    assert frame.loc[1, ["location", "area", "direct_drivers"]].tolist() == ["1.5 N, 2.5 E", 30, ""]


def error_polygons():
    # polygon 1 covers a and c in 2016-2023: 10 + 30 degraded before, a corrected to stable
    # polygon 2 covers d in the baseline: improved before, degraded after
    columns = ["polygon", "period", "stage", "sdg", "productivity", "soil", "area_km2"]
    frame = pd.DataFrame(
        [
            [1, "report_2", "before", -1, -1, 0, 10],
            [1, "report_2", "before", -1, 0, -1, 30],
            [1, "report_2", "after", 0, -1, 0, 10],
            [1, "report_2", "after", -1, 0, -1, 30],
            [2, "baseline", "before", 1, 0, 1, 40],
            [2, "baseline", "after", -1, 0, 1, 40],
        ],
        columns=columns,
    )
    return frame.assign(land_cover_degradation=[0, -1, 0, -1, 0, 0])


def polygons_file(folder):
    rows = [
        ["North", "bush clearing", "field visit", 0.0, None],
        ["South", "woody invader", None, None, -1.0],
    ]
    names = ["location_name", "process_driving_change", "basis_for_judgement"]
    frame = pd.DataFrame(rows, columns=[*names, "recode_deg_to", "recode_imp_to"])
    squares = [shapely.box(0, 0, 0.05, 0.05), shapely.box(2, 2, 2.05, 2.05)]
    geopandas.GeoDataFrame(frame, geometry=squares, crs=4326).to_file(folder / "polygons.gpkg")
    return folder / "polygons.gpkg"


def test_false_positives_and_negatives(tmp_path):
    results = make_results()
    results["degradation"].tables["error_polygons"] = error_polygons()
    report = prais.build(make_country(error_polygons=polygons_file(tmp_path)), results)
    table, frame = report["SO1-4.T3"], report["SO1-4.T3"].frame
    # the polygons are 0.05 by 0.05 degrees; areas by pyproj.Geod along the parallels.
    # The cells inside have 40 km² here, and shares are theirs.
    assert frame["area"].tolist() == pytest.approx([30.772676, 30.753976], rel=1e-6)
    frame = frame.assign(area=40)
    assert frame.loc[1].tolist()[:6] == [
        *("North", 40, "bush clearing", "field visit", "false_negative", "2016–2023")
    ]
    assert frame.loc[2].tolist()[:6] == [
        *("South", 40, "woody invader", "", "false_positive", "2000–2015")
    ]
    assert frame.loc[1, "land_cover.degraded.share"] == 75
    assert frame.loc[1, "productivity.degraded.share"] == 25
    assert frame.loc[2, "soil.improved.share"] == 100
    assert table.labelled()["Type"].tolist() == ["False negative", "False positive"]
    open_answers = [f.where for f in prais.check(report) if f.where.startswith("SO1-4.T3")]
    assert open_answers == ["SO1-4.T3, basis"]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (0, -1, "false_positive"),
        (1, -1, "false_positive"),
        (-1, 0, "false_negative"),
        (-1, X, "false_negative"),
        (1, 0, "false_positive"),
        (0, 1, "false_negative"),
        (0, 0, ""),
    ],
)
def test_type_follows_from_the_recode(before, after, expected):
    results = make_results()
    polygon = error_polygons().iloc[[0, 2]].assign(sdg=[before, after])
    results["degradation"].tables["error_polygons"] = polygon
    assert prais.build(make_country(), results)["SO1-4.T3"].frame["type"].tolist() == [expected]


# --- countries that are not the simplest


def test_developed_country_without_land_results():
    report = prais.build(make_country(party="developed"), {})
    assert report.tables == {}
    assert {finding.where for finding in prais.check(report)} == {"CP-1.T1"}


def test_missing_indicator_is_listed_with_its_notebook():
    results = make_results()
    del results["soil"]
    report = prais.build(make_country(), results)
    missing = [f for f in prais.check(report) if f.found == "no table"]
    assert [(f.where, f.severity, f.notebook) for f in missing] == [
        ("SO1-3.T1", "warning", "04"),
        ("SO1-3.T2", "warning", "04"),
    ]


def test_without_soil_data_degradation_is_no_data_and_stocks_are_missing():
    results = make_results()
    results["soil"].tables["soil"]["degradation"] = X  # as the engine says it
    report = prais.build(make_country(soil=None), results)
    table = report["SO1-3.T2"].frame
    assert table.loc["no_data"].tolist() == table.loc["total"].tolist()
    assert table.loc[["degraded", "improved", "stable"]].to_numpy().sum() == 0
    missing = {f.where for f in prais.check(report) if f.found == "no table"}
    assert missing == {"SO1-3.T1"}


def test_years_of_trends_earth():
    # 2015 is compared with 2022; 2016 has no column of its own and is shown by 2015
    results = make_results(years={2023: 2022})
    cover = results["land_cover"].tables["land_cover"]
    cover["land_cover_2022"] = cover["land_cover_2023"]
    del cover["land_cover_2016"]
    country = make_country(cycle=Cycle(2026, "trends.earth"), method="trends.earth")
    report = prais.build(country, results)
    table = report["SO1-1.T4"]
    assert list(table.frame) == ["2000", "2015", "2016", "2019", "2022", "2023"]
    assert table.labelled().columns[3] == "2016 (2015 used)"
    assert report["SO1-1.T6"].period == "2015 → 2022"
    assert report["SO1-1.T6"].printed["total"].tolist() == table.printed["2015"].tolist()
    assert {f.where for f in prais.check(report)} == {"SO1-4.T2, confidence"}


def test_years_that_stand_in_are_stated_everywhere():
    results = make_results(years={2000: 2000, 2023: 2022})
    report = prais.build(make_country(), results)
    assert report["CP-1.T1"].frame["comments"].tolist() == ["", "", "", "2022 used"]
    assert report["SO1-1.T4"].labelled().columns[-1] == "2023 (2022 used)"
    assert report["SO1-1.T6"].period == "2016 → 2023 (2022 used)"
    assert (
        report["SO1-1.T7"]
        .labelled()
        .columns[3]
        .startswith("Reporting period (2016–2023; 2022 used), Area")
    )
    note = "Closest years, Land cover: 2022 used for 2023."
    without = {name for name in ORDER if note not in report[name].notes}
    # no years at all, or only those of the baseline
    assert without == {"SO1-1.T2", "SO1-1.T3", "SO1-1.T5", "SO1-2.T1"}
    assert not [f for f in prais.check(report) if "stands in" in f.expected]


def test_national_legend_with_two_waters():
    # lake and sea both nest in water bodies: neither is land
    legend = tables.legend()
    sea = legend.loc[legend["code"] == 7].assign(code=8, key="class_8", name="Sea")
    legend = pd.concat([legend, sea], ignore_index=True)
    matrix = tables.transition_matrix(classes=legend)
    results = make_results()
    for indicator, name in (("land_cover", "land_cover"), ("degradation", "status")):
        long = results[indicator].tables[name]
        for year in YEARS:
            long.loc[long.index[4], f"land_cover_{year}"] = 8  # cell e
    report = prais.build(make_country(land_cover=layer(legend=legend, matrix=matrix)), results)
    assert report["CP-1.T1"].frame.loc["2023", "water_bodies"] == 11
    assert report["SO1-1.T4"].frame.loc["class_8", "2023"] == 5
    assert report["SO1-1.T4"].labelled()["Land cover class"].tolist()[7] == "Sea"
    assert "class_8" not in report["SO1-2.T1"].frame.index


def test_regions_have_their_own_matrix():
    # in the south a field that becomes forest counts as degradation
    south = tables.transition_matrix()
    chosen = (south["from"] == C) & (south["to"] == T)
    south.loc[chosen, ["sign", "process"]] = [-1, "withdrawal of agriculture"]
    regions = (
        SimpleNamespace(name="North", matrix=tables.transition_matrix()),
        SimpleNamespace(name="South", matrix=south),
    )
    report = prais.build(make_country(regions=regions), make_results(zones={"d": 2, "e": 2}))
    matrix = report["SO1-1.T3"]
    assert matrix.frame.loc[("North", "cropland"), "tree"] == "afforestation (+)"
    assert matrix.frame.loc[("South", "cropland"), "tree"] == "withdrawal of agriculture (−)"
    assert matrix.help.iloc[:, 0].to_dict() == {"North": 75, "South": 40, "total": 115}
    assert report["SO1-1.T1"].frame.loc[1, "process"] == "withdrawal of agriculture"
    assert not [f for f in prais.check(report) if f.severity == "error"]


def test_weak_data_travel_into_the_report():
    weak = Finding("warning", "productivity", "5 years", "8 years", "Add years.", "03")
    results = make_results()
    results["productivity"].findings.append(weak)
    results["degradation"].findings.append(weak)
    assert prais.build(make_country(), results).findings == [weak]


def test_a_result_without_its_table_says_so():
    results = make_results()
    del results["soil"].tables["soil_stock"]
    with pytest.raises(KeyError, match="no table soil_stock"):
        prais.build(make_country(), results)


def test_asking_for_a_table_that_is_not_there(report):
    with pytest.raises(KeyError, match="No table SO5-1"):
        report["SO5-1"]


@pytest.mark.parametrize(
    ("row", "column", "value", "error", "message"),
    [
        ("2023", "confidence", "sure", ValueError, "Unknown confidence"),
        ("2022", "confidence", "high", KeyError, "No row '2022'"),
        ("2023", "certainty", "high", KeyError, "No column 'certainty'"),
        ("2023", "degraded_area", "many", ValueError, "give a figure"),
    ],
)
def test_fill_refuses_what_the_platform_would(report, row, column, value, error, message):
    with pytest.raises(error, match=message):
        report.fill("SO1-4.T2", row, column, value)


# --- printed figures


@pytest.fixture(scope="module")
def odd_report():
    """The same world with areas that no two decimals can hold, for example 1.23456789 km²."""
    return prais.build(make_country(), make_results(scale=0.123456789))


WITH_TOTALS = [
    *("SO1-1.T4", "SO1-1.T5", "SO1-1.T6", "SO1-1.T7", "SO1-2.T1", "SO1-2.T2", "SO1-2.T3"),
    *("SO1-3.T2", "SO1-4.T1"),
]


@pytest.mark.parametrize("table_id", WITH_TOTALS)
def test_printed_tables_add_up(odd_report, table_id):
    table = odd_report[table_id]
    figures = table.printed[table.numbers]
    assert figures.drop(index="total").sum().round(2).tolist() == figures.loc["total"].tolist()
    if "total" in figures:
        across = figures.drop(columns="total").sum(axis=1).round(2)
        assert across.tolist() == figures["total"].tolist()
    assert ((figures - table.frame[table.numbers]).abs() < 0.0101).all(axis=None)


@settings(max_examples=6)
@given(st.floats(1e-3, 1e5))
def test_printed_tables_keep_their_sums_whatever_the_areas(scale):
    """Largest remainders: classes add up to the printed total, rows and columns to their own."""
    report = prais.build(make_country(), make_results(scale=scale))
    for table_id, table in report.tables.items():
        frame = table.printed
        if "total" not in frame.index:
            continue
        for column in table.numbers:
            parts = round(frame[column].drop("total").sum(), table.decimals)
            assert parts == pytest.approx(frame.loc["total", column], abs=1e-9), table_id
        for row in frame.index if "total" in frame else ():
            parts = round(frame.loc[row].drop("total").sum(), table.decimals)
            assert parts == pytest.approx(frame.loc[row, "total"], abs=1e-9), table_id
    # exact figures close to one part in a million, whatever is printed
    assert {f.rule for f in prais.check(report)} == {"answer_open"}


def test_printed_tables_agree_with_each_other(odd_report):
    shown = {name: table.printed for name, table in odd_report.tables.items()}
    cover, profile = shown["SO1-1.T4"], shown["CP-1.T1"]
    assert shown["SO1-1.T5"]["total"].tolist() == cover["2000"].tolist()
    assert shown["SO1-1.T5"].loc["total"].tolist() == cover["2015"].tolist()
    assert shown["SO1-1.T6"]["total"].tolist() == cover["2016"].tolist()
    assert shown["SO1-1.T6"].loc["total"].tolist() == cover["2023"].tolist()
    assert cover.loc["total"].nunique() == 1
    for year in ("2000", "2015", "2019", "2023"):
        assert profile.loc[year, "water_bodies"] == cover.loc["water", year]
        assert profile.loc[year, "total_country_area"] == cover.loc["total", year]
    land = profile["total_land_area"]
    assert shown["SO1-2.T1"].loc["total", "total"] == land["2015"]
    assert shown["SO1-2.T1"].loc["cropland", "total"] == cover.loc["cropland", "2015"]
    for name in ("SO1-2.T3", "SO1-3.T2"):
        assert shown[name].loc["total", "baseline.area"] == land["2015"]
        assert shown[name].loc["total", "report_2.area"] == land["2023"]
        assert shown[name].loc["total", "report_2.share_of_land"] == 100
    assert shown["SO1-4.T1"].loc["total", "total"] == land["2023"]


def test_printed_degraded_land_is_the_sum_of_its_cells(odd_report):
    matrix, totals = odd_report["SO1-4.T1"], odd_report["SO1-4.T2"]
    cells = sum(matrix.printed.loc[cell] for cell in printed.degraded_cells(matrix))
    assert totals.printed.loc["2023", "degraded_area"] == round(cells, 2)
    assert (
        totals.printed["degraded_area"].tolist() == totals.frame["degraded_area"].round(2).tolist()
    )
    areas = totals.printed["degraded_area"]
    assert totals.printed.loc["2023", "change_area"] == round(areas["2023"] - areas["2015"], 2)
    assert math.isnan(totals.printed.loc["2015", "change_area"])


def test_printing_does_not_hide_a_mistake(report):
    # 1 km² too much in one class: the printed table shows it and its own total, not the country's
    report["SO1-1.T7"].frame.loc["stable", "baseline.area"] = 92.0
    printed.print_report(report)
    assert report["SO1-1.T7"].printed.loc["stable", "baseline.area"] == 92


def test_printing_survives_text_in_a_figure_cell(report):
    table = report["SO1-1.T4"]
    table.frame = table.frame.astype(object)
    table.frame.loc["tree", "2015"] = "about ten"
    printed.print_report(report)
    assert table.printed.loc["tree", "2015"] == "about ten"
    assert table.printed.loc["total", "2000"] == 126


# --- rules


def test_a_sound_report_has_no_findings(report):
    assert prais.check(report) == []


def change(table_id, row, column, value):
    def broken(report):
        report[table_id].frame.loc[row, column] = value

    return broken


def several(*changes):
    def broken(report):
        for each in changes:
            each(report)

    return broken


def text(table_id, row, column, value):
    def broken(report):
        table = report[table_id]
        table.frame[column] = table.frame[column].astype(object)
        table.frame.loc[row, column] = value

    return broken


def national(report):
    report["SO1-2.T1"].sources[0] |= {"source": "national", "title": "NDVI", "author": "Office"}


def silent_year(report):
    report.years["soil"] = {"2023": 2021}


def six_regions(report):
    names = [*"ABCDEF", "total"]
    areas = {"2023.total_land_area": [10, 20, 30, 40, 7, 8, 115]}
    report["SO1-1.T3"].help = pd.DataFrame(areas, names)


def region_gap(report):
    areas = {"2023.total_land_area": [70.0, 40.0, 5.0, 115.0]}
    report["SO1-1.T3"].help = pd.DataFrame(areas, ["North", "South", "no_region", "total"])


def many_classes(report):
    frame = pd.concat([report["SO1-1.T2"].frame] * 3).assign(code=range(21))
    report["SO1-1.T2"].frame = frame.set_axis(pd.RangeIndex(1, 22, name="number"))


def lost_margin(report):
    # g and h, 15 km² without data on one side, are left out of the matrix and of its totals
    frame = report["SO1-4.T1"].frame
    frame.loc["degraded", ["no_data", "total"]] = [0, 20]
    frame.loc["total", ["no_data", "total"]] = [0, 100]


BROKEN = {
    "rule 1, country": (
        several(*(change("CP-1.T1", "2019", c, v) for c, v in
                  (("total_land_area", 114), ("total_country_area", 125)))),
        [("error", "CP-1.T1, 2019, total_country_area"),
         ("error", "CP-1.T1, 2019, total_land_area")],
    ),
    "rule 1, water": (
        several(change("CP-1.T1", "2000", "total_land_area", 122),
                change("CP-1.T1", "2000", "water_bodies", 4)),
        [("error", "CP-1.T1, 2000, water_bodies"), ("error", "SO1-1.T4, 2000")],
    ),
    "rule 1, share": (
        change("SO1-4.T2", "2019", "degraded_share", 101.0),
        [("error", "SO1-4.T2, 2019, degraded_share")],
    ),
    "rule 2, negative": (
        several(change("SO1-3.T1", "tree", "2015", -5.0)),
        [("error", "SO1-3.T1, tree, 2015")],
    ),
    "rule 2, text": (
        text("SO1-1.T7", "stable", "baseline.area", "91 km2"),
        [("error", "SO1-1.T7, stable, baseline.area")],
    ),
    "rule 3": (
        change("CP-1.T1", "2015", "total_country_area", 127.0),
        [("error", "CP-1.T1, 2015, total_country_area")],
    ),
    "rule 4, class": (
        change("SO1-3.T2", "stable", "report_2.area", 37.0),
        [("error", "SO1-3.T2, report_2.area, total")],
    ),
    "rule 4, share": (
        change("SO1-2.T3", "degraded", "baseline.share_of_land", 1.0),
        [("error", "SO1-2.T3, degraded, baseline.share_of_land")],
    ),
    "rule 4, change matrix": (
        several(*(change("SO1-1.T5", row, column, value) for row, column, value in
                  (("tree", "cropland", 19), ("tree", "tree", 11),
                   ("total", "cropland", 67), ("total", "tree", 11)))),
        [("error", "SO1-1.T5, column tree, total"), ("error", "SO1-1.T5, column cropland, total"),
         ("warning", "SO1-1.T1, 2, baseline.area"), ("error", "SO1-1.T7, degraded, baseline.area"),
         ("error", "SO1-1.T7, stable, baseline.area")],
    ),
    "rule 5, whole": (
        lost_margin,
        [("error", "SO1-4.T1, all cells"), ("error", "SO1-4.T1, degraded, total")],
    ),
    "rule 5, degraded": (
        change("SO1-4.T2", "2023", "degraded_area", 41.0),
        [("error", "SO1-4.T2, 2023, degraded_area")],
    ),
    "rule 5, baseline": (
        change("SO1-4.T2", "2015", "degraded_area", 36.0),
        [("error", "SO1-4.T2, 2015, degraded_area")],
    ),
    "rule 6, six regions": (six_regions, [("error", "SO1-1.T3, region")]),
    "rule 6, gap": (region_gap, [("error", "SO1-1.T3, region")]),
    "rule 6, classes": (many_classes, [("warning", "SO1-1.T2, code")]),
    "rule 7, metadata": (national, [("error", "SO1-2.T1, data source productivity")]),
    "rule 7, year": (
        silent_year,
        [("warning", f"SO1-{name}, 2023") for name in
         ("3.T1", "3.T2", "4.T1", "4.T2", "4.T3", "4.T4", "4.T5")],
    ),
    "rule 9, answer": (
        change("SO1-4.T2", "2023", "confidence", ""),
        [("warning", "SO1-4.T2, confidence")],
    ),
    "rule 9, cell": (
        change("SO1-3.T1", "tree", "2023", math.nan),
        [("error", "SO1-3.T1, tree, 2023")],
    ),
    "rule 9, form": (
        lambda report: report.tables.pop("SO1-4.T4"),
        [("warning", "SO1-4.T4")],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_each_broken_rule_gives_its_findings(report, name):
    broken, expected = BROKEN[name]
    broken(report)
    findings = prais.check(report)
    assert sorted((f.severity, f.where) for f in findings) == sorted(expected)
    for finding in findings:
        assert finding.found and finding.expected and finding.remedy and finding.notebook


def test_all_mistakes_are_reported_at_once(report):
    for name in ("rule 2, text", "rule 5, degraded", "rule 6, gap", "rule 9, cell"):
        BROKEN[name][0](report)
    assert len(prais.check(report)) == 4


def test_sums_may_differ_by_one_millionth(report):
    report["SO1-3.T2"].frame.loc["stable", "report_2.area"] += 115 * 0.9e-6
    assert prais.check(report) == []
    report["SO1-3.T2"].frame.loc["stable", "report_2.area"] += 115 * 0.2e-6
    assert [f.rule for f in prais.check(report)] == ["national_totals", "class_sum"]


def test_a_difference_through_changed_water_is_shown():
    # the wetland f was degraded in the baseline; by 2019 it is water and leaves the land
    results = make_results()
    degradation = results["degradation"].tables
    degradation["status"].loc["f", "sdg_baseline"] = -1
    report = prais.build(make_country(), results)
    assert report["SO1-4.T2"].frame.loc["2015", "degraded_area"] == 41
    assert report["SO1-4.T2"].help["baseline_degraded"].tolist() == [41, 35, 35]
    assert report["SO1-4.T2"].help["through_water"].tolist() == [0, 6, 6]
    said = [f for f in prais.check(report) if f.severity == "info"]
    assert [(f.where, "6.0000 km² is changed water" in f.expected) for f in said] == [
        ("SO1-4.T2, 2015, degraded_area", True)
    ]
    assert any("6.00 km² less degraded land" in note for note in report["SO1-4.T2"].notes)


# --- files


@pytest.fixture(scope="module")
def written(odd_report, tmp_path_factory):
    return prais.write(odd_report, tmp_path_factory.mktemp("prais") / "report")


@pytest.fixture(scope="module")
def book(written):
    return openpyxl.load_workbook(written["xlsx"])


def cells_of_sheet(sheet, table):
    top = workbook.HEADINGS_ROW + 1
    width = table.frame.index.nlevels + len(table.frame.columns)
    return [
        [sheet.cell(top + 1 + row, column + 1).value for column in range(width)]
        for row in range(len(table.frame))
    ]


def test_workbook_has_a_sheet_per_table_in_order(book):
    assert book.sheetnames == ["Overview", *ORDER]


@pytest.mark.parametrize("table_id", ORDER)
def test_files_hold_the_printed_figures(written, book, odd_report, table_id):
    table = odd_report[table_id]
    expected = table.printed[table.numbers].to_numpy(dtype=float)
    levels = table.frame.index.nlevels
    places = [levels + list(table.frame.columns).index(column) for column in table.numbers]

    def figures(cells):
        values = [
            [math.nan if row[place] in (None, "") else float(row[place]) for place in places]
            for row in cells
        ]
        return np.array(values, dtype=float).reshape(expected.shape)

    np.testing.assert_array_equal(figures(cells_of_sheet(book[table_id], table)), expected)
    with (written["csv"] / f"{table_id}.csv").open(encoding="utf-8-sig", newline="") as file:
        lines = list(csv.reader(file))
    np.testing.assert_array_equal(figures(lines[1:]), expected)
    assert lines[0] == list(table.labelled().columns)
    data = json.loads(written["json"].read_text(encoding="utf-8"))["tables"][table_id]
    texts = [column in table.text for column in table.frame.columns]
    values = [[v for v, is_text in zip(row, texts) if not is_text] for row in data["printed"]]
    values = [[math.nan if value is None else value for value in row] for row in values]
    np.testing.assert_array_equal(np.array(values, float).reshape(expected.shape), expected)


def test_json_holds_exact_figures_and_findings(written, odd_report):
    data = json.loads(written["json"].read_text(encoding="utf-8"))
    table = data["tables"]["SO1-1.T4"]
    assert table["rows"][0] == "tree" and table["columns"][0] == "2000"
    assert table["exact"][0][0] == odd_report["SO1-1.T4"].frame.loc["tree", "2000"]
    assert data["country"] == {
        **{"iso3": "XLD", "name": "Landia", "party": "affected", "cycle": 2026},
        **{"method": "manual", "synthetic": True},
    }
    assert [finding["where"] for finding in data["findings"]] == ["SO1-4.T2, confidence"]


def texts_of(sheet):
    return [str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value is not None]


def test_overview_says_what_is_open(book):
    texts = texts_of(book["Overview"])
    assert "Open findings: 0 errors, 1 warnings." in texts
    assert "SO1-4.T2, confidence" in texts
    assert "This report still has open findings." in " ".join(texts)
    assert texts.count("To complete") == 2  # confidence in SO1-4.T2, and its form


def test_overview_of_a_finished_report(report, tmp_path):
    book = openpyxl.load_workbook(prais.write(report, tmp_path)["xlsx"])
    assert "No findings are open." in texts_of(book["Overview"])


def test_every_sheet_of_landia_says_that_its_data_are_synthetic(book):
    for sheet in book:
        assert any("Synthetic data" in text for text in texts_of(sheet)), sheet.title


def test_another_country_has_no_such_banner(tmp_path):
    report = prais.build(make_country(synthetic=False), make_results())
    book = openpyxl.load_workbook(prais.write(report, tmp_path)["xlsx"])
    assert not any("ynthetic" in text for sheet in book for text in texts_of(sheet))


def test_sheets_are_ready_to_print_and_to_paste(book):
    for table_id in ORDER:
        sheet = book[table_id]
        assert sheet.page_setup.orientation == "landscape"
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert sheet.freeze_panes == ("C8" if table_id == "SO1-1.T3" else "B8")
        widths = [column.width for column in sheet.column_dimensions.values()]
        assert min(widths) >= 9 and max(widths) <= workbook.WIDEST + 1
    cell = book["SO1-1.T4"].cell(workbook.HEADINGS_ROW + 2, 2)
    assert cell.number_format == "#,##0.00" and isinstance(cell.value, float)


def test_national_data_show_their_metadata(tmp_path):
    metadata = {"title": "Map 2023", "link": "doi:1", "author": "Office", "citation": "Office 2023"}
    soil = layer(source="national", metadata=SimpleNamespace(**metadata), tier=2)
    report = prais.build(make_country(soil=soil), make_results())
    texts = texts_of(openpyxl.load_workbook(prais.write(report, tmp_path)["xlsx"])["SO1-3.T1"])
    assert {"National data", "Default data", *metadata.values(), "2"} <= set(texts)


@pytest.mark.parametrize("language", tables.LANGUAGES)
def test_every_language_can_be_written(report, tmp_path, language):
    paths = prais.write(report, tmp_path, language=language)
    sheet = openpyxl.load_workbook(paths["xlsx"])["SO1-1.T4"]
    classes = [row[0] for row in cells_of_sheet(sheet, report["SO1-1.T4"])]
    assert classes[0] == tables.label("land_cover.tree", language)
    assert classes[-1] == tables.label("total", language)
    assert bool(sheet.sheet_view.rightToLeft) == (language == "ar")


def test_every_heading_has_a_label():
    """No key is left untranslated: what is not a number or a name is found in labels.csv."""
    report = prais.build(make_country(), make_results())
    known = set(tables.read("labels")["key"])
    for table in report.tables.values():
        frames = [table.frame] + ([table.help] if table.help is not None else [])
        keys = {key for frame in frames for key in (*frame.columns, *frame.index.names)}
        keys |= {part for key in keys for part in key.split(".")} - {k for k in keys if "." in k}
        for key in keys - set(table.spans):
            if not key.isdigit() and "." not in key:
                assert any(f"{group}{key}" in known for group in prais.report.LABEL_GROUPS) or (
                    key in prais.report.LABEL_NAMES
                ), (table.id, key)


def test_writing_again_replaces_and_leaves_nothing_over(report, tmp_path):
    first = prais.write(report, tmp_path)
    (tmp_path / "mine.txt").write_text("notes of the team", encoding="utf-8")
    del report.tables["SO1-4.T5"]
    prais.write(report, tmp_path)
    assert not (first["csv"] / "SO1-4.T5.csv").exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        *("csv", "findings.csv", "findings.json", "mine.txt"),
        *("prais_XLD_2026.json", "prais_XLD_2026.xlsx"),
    ]


def test_a_failure_leaves_the_earlier_report_whole(report, tmp_path, monkeypatch):
    paths = prais.write(report, tmp_path)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}

    def fails(*args, **kwargs):
        raise RuntimeError("disk full")

    monkeypatch.setattr(writers, "_write_csv", fails)
    with pytest.raises(RuntimeError, match="disk full"):
        prais.write(report, tmp_path)
    after = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert after == before and paths["xlsx"] in after


def test_a_locked_file_leaves_the_earlier_report_whole(report, tmp_path, monkeypatch):
    prais.write(report, tmp_path)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    replace = writers.Path.replace

    def locked(self, target):
        if target == tmp_path / "csv" and self.parent.name.startswith(".report-"):
            raise PermissionError("csv is open elsewhere")
        return replace(self, target)

    monkeypatch.setattr(writers.Path, "replace", locked)
    with pytest.raises(PermissionError, match="close its files"):
        prais.write(report, tmp_path)
    monkeypatch.undo()
    after = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert after == before


def test_text_that_looks_like_a_formula_stays_text(report, tmp_path):
    table = report["SO1-4.T4"]
    table.frame.loc[1] = ["=1+1", 30.0, "", "", "", "", "", ""]
    book = openpyxl.load_workbook(prais.write(report, tmp_path)["xlsx"])
    cell = book["SO1-4.T4"].cell(workbook.HEADINGS_ROW + 2, 2)
    assert (cell.value, cell.data_type) == ("=1+1", "s")


def test_a_table_is_data_with_fields(report):
    names = {each.name for each in dataclasses.fields(report["CP-1.T1"])}
    assert {"id", "form", "frame", "printed", "unit", "notes", "sources", "period"} <= names
    assert report["CP-1.T1"].title == "Land area, water bodies and country area by year"


def test_printing_survives_tables_that_contradict_each_other(report):
    # half a km² too much in SO1-1.T4 only: its column no longer comes from the change matrix
    report["SO1-1.T4"].frame.loc["tree", "2000"] += 0.5
    report["SO1-4.T1"].frame.loc["total", "total"] += 50
    printed.print_report(report)
    assert report["SO1-1.T4"].printed.loc["tree", "2000"] == 30.5
    assert report["SO1-4.T1"].printed.loc["total", "total"] == 115


def test_stated_years_follow_the_language():
    report = prais.build(make_country(), make_results(years={2023: 2022}))
    table = report["SO1-1.T4"]
    assert table.labelled("fr").columns[-1] == "2023 (2022 utilisée)"
    assert table.stated(table.period, "fr").endswith("2023 (2022 utilisée)")
    assert report["CP-1.T1"].labelled("fr").iloc[3, 4] == "2022 utilisée"


def test_a_country_of_water_has_no_shares_of_land():
    results = make_results()
    for each in results.values():
        for name, long in each.tables.items():
            for column in [c for c in long if c.startswith("land_cover") and "degr" not in c]:
                long[column] = WATER
            each.tables[name] = long
    report = prais.build(make_country(), results)
    assert report["CP-1.T1"].frame.loc["2023", "total_land_area"] == 0
    assert report["SO1-2.T3"].frame["report_2.share_of_land"].isna().all()
    assert not [f for f in prais.check(report) if f.where.startswith("SO1-2.T3")]


def test_a_table_shows_itself(report):
    table = report["SO1-4.T2"]
    assert repr(table) == "<Table SO1-4.T2, Total area and proportion of degraded land, 3 rows>"
    assert "Level of confidence" in table._repr_html_()

"""Summaries for PRAIS: their structure, their sums, and reading them again."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import rasterio
from paper_country import paper_country
from trends_earth_packages import NODATA

from ldnkit import InputError, areas, prais, tables
from ldnkit.prais import trends_earth
from ldnkit.sources.trends_earth import read_summary

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
CHANGE = ["Improved", "Stable", "Degraded", "No data"]
LAND_COVER = ["Tree-covered", "Grassland", "Cropland", "Wetland", "Artificial", "Other land",
              "Water body", "No data"]  # fmt: skip
LPD = ["Increasing", "Stable", "Stressed", "Moderate decline", "Declining", "No data"]
DROUGHT = ["Mild drought", "Moderate drought", "Severe drought", "Extreme drought", "Non-drought",
           "No data"]  # fmt: skip
SEXES = ["Total population", "Female population", "Male population"]
PERIODS = ["baseline", "report_1", "report_2"]


# ------------------------------------------------------------------------ shapes of the structure


def area_list(part, names=CHANGE):
    assert list(part) == ["name", "unit", "areas"] and part["unit"] == "sq km"
    assert [area["name"] for area in part["areas"]] == names
    assert all(type(area["area"]) is float and area["area"] >= 0 for area in part["areas"])
    return sum(area["area"] for area in part["areas"])


def cross_tab(part, names):
    assert list(part) == ["name", "unit", "initial_year", "final_year", "values"]
    assert type(part["initial_year"]) is int and type(part["final_year"]) is int
    pairs = [(cell["initial_label"], cell["final_label"]) for cell in part["values"]]
    assert pairs == [(one, other) for one in names for other in names]
    assert all(type(cell["value"]) is float for cell in part["values"])
    return sum(cell["value"] for cell in part["values"])


def by_year(part, names=LAND_COVER):
    assert list(part) == ["name", "unit", "values"]
    assert all(year.isdigit() and list(found) == names for year, found in part["values"].items())
    return {int(year): sum(found.values()) for year, found in part["values"].items()}


def population(lists, names):
    assert list(lists) == SEXES
    for sex, part in lists.items():
        assert list(part) == ["name", "values"]
        assert [each["name"] for each in part["values"]] == names
        for each in part["values"]:
            assert list(each) == ["name", "population", "type"] and each["type"] == sex
            assert type(each["population"]) is int and each["population"] >= 0
    return {sex: sum(each["population"] for each in part["values"]) for sex, part in lists.items()}


# ---------------------------------------------------------------------- the training country whole


def layer(results, indicator, name):
    with rasterio.open(results[indicator].layers[name]) as source:
        return source.read(1)


@pytest.fixture(scope="module")
def complete(landia, landia_results):
    """Landia's results with the two cross-tables, counted here from the layers themselves."""
    results = dict(landia_results)
    area = np.broadcast_to(areas.cell_area(landia.grid), landia.grid.shape)
    inside = layer(results, "land_cover", "land_cover_2000") != NODATA
    changes, dynamics = [], []
    for period in landia.cycle.periods:
        last = layer(results, "land_cover", f"land_cover_{period.status_year}")
        first = layer(results, "land_cover", f"land_cover_{period.land_cover[0]}")
        found = areas.crosstab(
            area, where=inside, land_cover_first=first, land_cover=last,
            lpd=layer(results, "productivity", f"land_productivity_{period.name}"),
            degradation=layer(results, "productivity", f"productivity_degradation_{period.name}"),
        )  # fmt: skip
        dynamics.append(found.assign(period=period.name))
        for indicator in ("productivity", "soil") if period.name != "baseline" else ():
            names = [f"{indicator}_degradation_{each}" for each in ("baseline", period.name)]
            pair = [layer(results, indicator, name) for name in names]
            found = areas.crosstab(
                area, where=inside, land_cover=last, baseline=pair[0], assessment=pair[1]
            )
            changes.append(found.assign(indicator=indicator, period=period.name))
    productivity = results["productivity"]
    results["productivity"] = replace(
        productivity, tables=productivity.tables | {"productivity": pd.concat(dynamics)}
    )
    degradation = results["degradation"]
    results["degradation"] = replace(
        degradation, tables=degradation.tables | {"sub_indicator_changes": pd.concat(changes)}
    )
    return results


@pytest.fixture(scope="module")
def summary(landia, complete):
    return trends_earth.land_condition(landia, complete, date=NOON)


@pytest.fixture(scope="module")
def report(landia, landia_results):
    return prais.build(landia, landia_results)


def test_the_tree_of_keys(summary):
    assert list(summary) == ["metadata", "land_condition", "affected_population"]
    assert list(summary["metadata"]) == [
        "title", "date", "trends_earth_version", "area_of_interest", "affected_areas_only",
    ]  # fmt: skip
    assert summary["metadata"]["date"] == "2026-11-22T12:00:00+00:00"
    assert list(summary["metadata"]["trends_earth_version"]) == [
        "version", "revision", "release_date",
    ]  # fmt: skip
    assert "synthetic" in summary["metadata"]["title"]
    area = summary["metadata"]["area_of_interest"]
    assert list(area) == ["name", "geojson", "crs_wkt"]
    assert area["geojson"]["features"][0]["geometry"]["type"] == "MultiPolygon"
    assert list(summary["land_condition"]) == list(summary["affected_population"]) == PERIODS
    for name, period in summary["land_condition"].items():
        assert list(period) == ["period_assessment", "status_assessment", "change_assessment"]
        assessment = period["period_assessment"]
        assert list(assessment) == [
            "sdg", "productivity", "land_cover", "soil_organic_carbon", "error_recode",
            "sdg_error_recode",
        ]  # fmt: skip
        assert list(assessment["productivity"]) == ["summaries", "crosstabs_by_productivity_class"]
        assert list(assessment["land_cover"]) == [
            "summary", "legend_nesting", "transition_matrix", "crosstabs_by_land_cover_class",
            "land_cover_areas_by_year",
        ]  # fmt: skip
        assert list(assessment["soil_organic_carbon"]) == ["summaries", "soc_stock_by_year"]
        if name == "baseline":
            assert period["status_assessment"] is period["change_assessment"] is None
            continue
        for part in (period["status_assessment"], period["change_assessment"]):
            assert list(part) == ["sdg", "productivity", "land_cover", "soil_organic_carbon"]
    assert json.loads(json.dumps(summary, allow_nan=False)) == summary


def test_every_list_sums_to_the_country_or_the_land(landia, summary, report):
    extent = report["CP-1.T1"].frame
    country = extent["total_country_area"].iloc[0]
    for period in landia.cycle.periods:
        land = extent.loc[str(period.status_year), "total_land_area"]
        found = summary["land_condition"][period.name]
        assessment = found["period_assessment"]
        assert area_list(assessment["sdg"]["summary"]) == pytest.approx(land, rel=1e-9)
        for part in (assessment["productivity"], assessment["soil_organic_carbon"]):
            sums = {name: area_list(each) for name, each in part["summaries"].items()}
            assert sums == {"all_cover_types": pytest.approx(country, rel=1e-9),
                            "non_water": pytest.approx(land, rel=1e-9)}  # fmt: skip
        assert area_list(assessment["land_cover"]["summary"]) == pytest.approx(country, rel=1e-9)
        if period.name == "baseline":
            continue
        status, change = found["status_assessment"], found["change_assessment"]
        assert area_list(status["sdg"]) == pytest.approx(land, rel=1e-9)
        assert area_list(status["land_cover"]) == pytest.approx(country, rel=1e-9)
        for name in ("productivity", "soil_organic_carbon"):
            assert area_list(status[name]["non_water"]) == pytest.approx(land, rel=1e-9)
            assert area_list(status[name]["all_cover_types"]) == pytest.approx(country, rel=1e-9)
        for name, part in change.items():
            expected = country if name == "land_cover" else land
            assert cross_tab(part, CHANGE) == pytest.approx(expected, rel=1e-9), name


def test_transitions_close_with_the_classes_of_both_years(summary):
    for found in summary["land_condition"].values():
        cover = found["period_assessment"]["land_cover"]
        (pairs,) = cover["crosstabs_by_land_cover_class"]
        cross_tab(pairs, LAND_COVER)
        by_year(cover["land_cover_areas_by_year"])
        values = cover["land_cover_areas_by_year"]["values"]
        for end, year in (("initial", pairs["initial_year"]), ("final", pairs["final_year"])):
            for name in LAND_COVER:
                total = sum(c["value"] for c in pairs["values"] if c[f"{end}_label"] == name)
                assert total == pytest.approx(values[str(year)][name], rel=1e-9, abs=1e-9)


def test_six_productivity_classes_make_the_summary(summary):
    for found in summary["land_condition"].values():
        part = found["period_assessment"]["productivity"]
        crosses = part["crosstabs_by_productivity_class"]
        assert [each["name"] for each in crosses] == LPD
        sums = dict(zip(LPD, (cross_tab(each, LAND_COVER) for each in crosses), strict=True))
        whole = {a["name"]: a["area"] for a in part["summaries"]["all_cover_types"]["areas"]}
        assert whole["Improved"] == pytest.approx(sums["Increasing"])
        assert whole["Stable"] == pytest.approx(sums["Stable"] + sums["Stressed"])
        assert whole["Degraded"] == pytest.approx(sums["Declining"] + sums["Moderate decline"])


def test_the_last_map_is_named_by_its_own_year(summary):
    # Landia has no land cover of 2023: that of 2022 stands for it, and the summary says 2022
    cover = summary["land_condition"]["report_2"]["period_assessment"]["land_cover"]
    assert list(cover["land_cover_areas_by_year"]["values"]) == ["2016", "2022"]
    stocks = summary["land_condition"]["report_1"]["period_assessment"]["soil_organic_carbon"]
    assert list(stocks["soc_stock_by_year"]["values"]) == ["2015", "2019"]
    assert stocks["soc_stock_by_year"]["unit"] == "tonnes"


def test_legend_nesting_and_matrix(summary):
    cover = summary["land_condition"]["baseline"]["period_assessment"]["land_cover"]
    nesting, matrix = cover["legend_nesting"], cover["transition_matrix"]
    assert list(nesting) == ["parent", "child", "nesting"]
    assert nesting["nesting"] == {str(c): [c] for c in range(1, 8)} | {"-32768": [-32768]}
    assert [entry["name_short"] for entry in nesting["parent"]["key"]] == LAND_COVER[:-1]
    changes = matrix["definitions"]["transitions"]
    assert len(changes) == 49 and set(changes[0]) == {"initial", "final", "meaning"}
    meanings = {(c["initial"]["code"], c["final"]["code"]): c["meaning"] for c in changes}
    assert meanings[1, 3] == "degradation" and meanings[2, 1] == "improvement"
    assert meanings[7, 7] == "stable"


def test_people_are_rounded_as_sums(landia, landia_results, summary):
    long = landia_results["exposure"].tables["exposure"]
    for period in landia.cycle.periods:
        lists = summary["affected_population"][period.name]["summary"]
        sums = population(lists, CHANGE)
        persons = long[long["year"] == period.status_year]
        for sex, label in zip(("total", "female", "male"), SEXES, strict=True):
            assert sums[label] == pytest.approx(persons[sex].sum(), abs=2)  # four roundings
    exposed = summary["affected_population"]["report_2"]["summary"]["Total population"]["values"]
    report = prais.build(landia, landia_results)
    ours = report["SO2-3.T1"].frame.loc["2023", "total.exposed"]
    assert exposed[2]["population"] == round(ours)


def test_without_the_cross_tables_the_keys_stay(landia, landia_results):
    results = dict(landia_results)
    for name, table in (("productivity", "productivity"), ("degradation", "sub_indicator_changes")):
        kept = dict(results[name].tables)
        if table == "productivity":
            kept[table] = kept[table].drop(columns="land_cover_first", errors="ignore")
        else:
            kept.pop(table, None)
        results[name] = replace(results[name], tables=kept)
    found = trends_earth.land_condition(landia, results, date=NOON)["land_condition"]["report_1"]
    assert found["period_assessment"]["productivity"]["crosstabs_by_productivity_class"] == []
    assert found["status_assessment"]["productivity"] == {}
    assert found["change_assessment"]["soil_organic_carbon"]["values"] == []
    assert cross_tab(found["change_assessment"]["sdg"], CHANGE) > 0


def test_drought(landia, landia_results, report):
    found = trends_earth.drought(landia, landia_results, date=NOON)
    assert list(found) == ["metadata", "drought"]
    tiers = found["drought"]
    assert list(tiers) == ["tier_one", "tier_two", "tier_three"]
    years = [str(year) for year in range(2000, 2024)]
    assert list(tiers["tier_one"]) == list(tiers["tier_two"]) == list(tiers["tier_three"]) == years
    land = report["CP-1.T1"].frame["total_land_area"]
    for year in ("2000", "2015", "2019", "2023"):
        assert area_list(tiers["tier_one"][year], DROUGHT) == pytest.approx(land[year], rel=1e-9)
    for year in years:
        people = population(tiers["tier_two"][year], DROUGHT)
        assert people["Total population"] == pytest.approx(
            people["Female population"] + people["Male population"], abs=12
        )
        value = tiers["tier_three"][year]
        assert list(value) == ["name", "value"] and 0 <= value["value"] <= 1
    ours = report["SO3-1.T1"].frame
    severe = {a["name"]: a["area"] for a in tiers["tier_one"]["2019"]["areas"]}["Severe drought"]
    (column,) = [c for c in ours.columns if "severe" in c and "share" not in c]
    assert severe == pytest.approx(ours.loc["2019", column])


def test_what_is_written_reads_back_and_compares(landia, complete, report, summary, tmp_path):
    paths = trends_earth.write(landia, complete, tmp_path / "exchange", date=NOON)
    assert [path.name for path in paths] == ["land_condition_XLD.json", "drought_XLD.json"]
    assert json.loads(paths[0].read_text(encoding="utf-8")) == summary
    assert sorted(path.name for path in (tmp_path / "exchange").iterdir()) == [
        "drought_XLD.json", "land_condition_XLD.json",
    ]  # fmt: skip
    table = trends_earth.compare(paths[0], report)
    areas_only = table[table["unit"] == "km²"]
    np.testing.assert_allclose(areas_only["ours"], areas_only["theirs"], rtol=1e-9, atol=1e-9)
    people = table[table["unit"] == "persons"]
    assert len(people) == 6 and (people["difference"].abs() <= 0.5 + 1e-6).all()
    assert {"SO1-1.T7", "SO1-2.T3", "SO1-3.T2", "SO1-4.T2"} <= set(areas_only["table"])


# ------------------------------------------------------------------------------ a country on paper

# Four cells of 1 km². Codes: tree 1, crop 3, water 7.
#
#     2000       2015       2019 = 2023     SDG baseline   SDG report_1, report_2
#    | 1 1 |    | 1 3 |    | 1 3 |          |  0 -1 |       |  0  1 |
#    | 1 7 |    | 1 7 |    | 7 7 |          |  . -1 |       |  0  . |


def paper():
    years = (2000, 2015, 2016, 2019, 2023)
    cover = {2000: (1, 1, 1, 7), 2015: (1, 3, 1, 7), 2016: (1, 3, 1, 7), 2019: (1, 3, 7, 7),
             2023: (1, 3, 7, 7)}  # fmt: skip
    sdg = {"baseline": (0, -1, NODATA, -1), "report_1": (0, 1, 0, NODATA),
           "report_2": (0, 1, 0, NODATA)}  # fmt: skip
    area = {"zone": [1] * 4, "area_km2": [1.0] * 4, "cells": [1] * 4}
    covers = {f"land_cover_{year}": list(cover[year]) for year in years}
    ends = {"baseline": 2015, "report_1": 2019, "report_2": 2023}
    degraded = {f"degradation_{name}": [0, -1, 0, 0] for name in sdg}
    status = {f"status_{name}": [0, 1, NODATA, NODATA] for name in ("report_1", "report_2")}
    period = pd.concat([
        pd.DataFrame(area | {"period": name, "land_cover": cover[ends[name]], "sdg": found,
                             "lpd": [4, 1, 4, NODATA], "degradation": [0, -1, 0, NODATA]})
        for name, found in sdg.items()
    ])  # fmt: skip
    stock = pd.concat([
        pd.DataFrame({"year": year, "zone": 1, "land_cover": cover[year],
                      "stock_tonnes": [100.0, 50.0, 70.0, 0.0]})
        for year in (2000, 2015, 2019, 2023)
    ])  # fmt: skip
    long = pd.concat([
        pd.DataFrame({"year": year, "population_year": year, "zone": 1, "land_cover": cover[year],
                      "status_class": sdg[name], "period_class": sdg[name],
                      "total": [10.4, 20.4, 5.0, 3.0], "female": [np.nan] * 4,
                      "male": [np.nan] * 4})
        for name, year in ends.items()
    ])  # fmt: skip
    whole = {f"sdg_{name}": list(found) for name, found in sdg.items()}
    made = {
        "land_cover": {"land_cover": pd.DataFrame(area | covers | degraded)},
        "productivity": {"productivity": period},
        "soil": {"soil": period, "soil_stock": stock},
        "degradation": {"sub_indicators": period,
                        "status": pd.DataFrame(area | covers | whole | status)},
        "exposure": {"exposure": long},
    }  # fmt: skip
    results = {name: SimpleNamespace(tables=found, years={}) for name, found in made.items()}
    section = SimpleNamespace(legend=tables.legend(), legend_name="unccd",
                              matrix=tables.transition_matrix())  # fmt: skip
    return paper_country(land_cover=section), results


def values(part):
    return [area["area"] for area in part["areas"]]


def test_numbers_worked_by_hand():
    country, results = paper()
    found = trends_earth.land_condition(country, results, date=NOON)
    baseline = found["land_condition"]["baseline"]["period_assessment"]
    # land of 2015: three cells; the fourth is water and not counted
    assert values(baseline["sdg"]["summary"]) == [0, 1, 1, 1]
    assert values(baseline["productivity"]["summaries"]["all_cover_types"]) == [0, 2, 1, 1]
    assert values(baseline["productivity"]["summaries"]["non_water"]) == [0, 2, 1, 0]
    assert values(baseline["land_cover"]["summary"]) == [0, 3, 1, 0]
    cells = baseline["land_cover"]["crosstabs_by_land_cover_class"][0]["values"]
    filled = {(c["initial_label"], c["final_label"]): c["value"] for c in cells if c["value"]}
    assert filled == {("Tree-covered", "Tree-covered"): 2, ("Tree-covered", "Cropland"): 1,
                      ("Water body", "Water body"): 1}  # fmt: skip
    stocks = baseline["soil_organic_carbon"]["soc_stock_by_year"]["values"]
    assert stocks["2000"]["Tree-covered"] == 220 and stocks["2015"]["Cropland"] == 50
    # land of 2019: two cells, stable and stable, degraded and improved
    report_1 = found["land_condition"]["report_1"]
    assert values(report_1["status_assessment"]["sdg"]) == [1, 1, 0, 0]
    assert values(report_1["status_assessment"]["land_cover"]) == [0, 3, 1, 0]
    cells = report_1["change_assessment"]["sdg"]["values"]
    filled = {(c["initial_label"], c["final_label"]): c["value"] for c in cells if c["value"]}
    assert filled == {("Stable", "Stable"): 1, ("Degraded", "Improved"): 1}
    # people: 10.4 stable, 20.4 degraded, 5 without class and 3 on water; women are not known
    people = found["affected_population"]["baseline"]["summary"]
    assert list(people) == ["Total population"]
    assert [each["population"] for each in people["Total population"]["values"]] == [0, 10, 20, 8]


def test_a_legend_whose_codes_are_not_one_to_seven():
    # the same world in codes of its own: 10 forest, 30 fields, 70 lake, all nested in the seven
    country, results = paper()
    codes = {1: 10, 3: 30, 7: 70}
    legend = pd.DataFrame({"code": [10, 30, 70], "key": ["forest", "fields", "lake"],
                           "name": ["Forest", "Fields", "Lake"], "unccd": [1, 3, 7],
                           "colour": ["#0d4f1e", "#fde97a", "#1a4ba2"]})  # fmt: skip
    country.land_cover.legend, country.land_cover.legend_name = legend, "legend.csv"
    country.land_cover.matrix = tables.transition_matrix(classes=legend)
    plain = trends_earth.land_condition(*paper(), date=NOON)["land_condition"]
    for result in results.values():
        for key, table in result.tables.items():
            covers = [name for name in table if name.startswith("land_cover")]
            result.tables[key] = table.assign(**{name: table[name].map(codes) for name in covers})
    found = trends_earth.land_condition(country, results, date=NOON)["land_condition"]
    for period in PERIODS:
        one, other = (each[period]["period_assessment"] for each in (plain, found))
        assert one["sdg"] == other["sdg"] and one["productivity"] == other["productivity"]
    cover = found["baseline"]["period_assessment"]["land_cover"]
    assert cover["legend_nesting"]["nesting"]["7"] == [70]
    assert cover["land_cover_areas_by_year"]["values"]["2015"] == {
        "Forest": 2.0, "Fields": 1.0, "Lake": 1.0, "No data": 0.0,
    }  # fmt: skip
    assert len(cover["transition_matrix"]["definitions"]["transitions"]) == 9


def test_status_follows_the_nine_pairs():
    country, results = paper()
    pairs = tables.status_matrix()
    rows = [{"indicator": "soil", "period": "report_1", "land_cover": 1, "area_km2": 2.0**number,
             "baseline": row["baseline"], "assessment": row["period"]}
            for number, row in enumerate(pairs.to_dict("records"))]  # fmt: skip
    rows.append({**rows[0], "baseline": NODATA, "area_km2": 1000.0})
    results["degradation"].tables["sub_indicator_changes"] = pd.DataFrame(rows)
    found = trends_earth.land_condition(country, results, date=NOON)
    soil = found["land_condition"]["report_1"]["status_assessment"]["soil_organic_carbon"]
    weights = 2.0 ** np.arange(len(pairs))
    expected = [weights[pairs["status"] == code].sum() for code in (1, 0, -1)] + [1000.0]
    assert values(soil["non_water"]) == expected


# -------------------------------------------------------------------------------- reading summaries


def test_both_structures_give_the_same_rows():
    country, results = paper()
    current = trends_earth.land_condition(country, results, date=NOON)
    older = {"report": {
        "metadata": current["metadata"],
        "land_condition": {name: part["period_assessment"]
                           for name, part in current["land_condition"].items()},
        "affected_population": current["affected_population"],
    }}  # fmt: skip
    one, other = read_summary(current), read_summary(older)
    kept = one[one["block"].str.startswith(("period_assessment", "affected"))]
    pd.testing.assert_frame_equal(kept.reset_index(drop=True), other)
    assert set(one["unit"]) == {"sq km", "tonnes", "persons"}


def test_files_that_are_no_summary(tmp_path):
    with pytest.raises(InputError, match="found type, features; expected one of"):
        read_summary({"type": "FeatureCollection", "features": []})
    (tmp_path / "a.json").write_text("[1, 2")
    with pytest.raises(InputError, match="expected a JSON file"):
        read_summary(tmp_path / "a.json")

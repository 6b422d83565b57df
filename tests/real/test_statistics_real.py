"""Official series of all countries, from the release of October 2020 of the UN SDG database.

The file names of the data tell the series; areas are M49 codes. Counts and values: README of the
data. Values change between releases: these are of 2020 and are reported nowhere.
"""

from __future__ import annotations

import csv
import json
import warnings
from types import SimpleNamespace

import openpyxl
import pandas as pd
import pytest

from ldnkit import outlines, statistics, tables
from ldnkit.country_file.forms_layers import Statistic
from ldnkit.periods import Cycle
from ldnkit.sources.statistics import definition, examine, read
from ldnkit.sources.statistics.grids import read_grids

pytestmark = [pytest.mark.real, pytest.mark.filterwarnings("ignore::UserWarning")]

CODES = {"poverty": "si_pov_day1", "water": "sh_h2o_safe"}
CODES |= {"red_list": "er_rsk_lsti", "protected": "er_ptd_terrs"}
#: Areas and years of each file.
AREAS = {"poverty": 208, "water": 163, "red_list": 247, "protected": 241}
YEARS = {"poverty": (1990, 2018), "water": (2000, 2017)}
YEARS |= {"red_list": (1993, 2020), "protected": (2000, 2019)}


@pytest.fixture(scope="module")
def files(shared_data):
    folder = shared_data / "unsdg_ddf2020"
    return {name: next(folder.glob(f"*--{code}--*.csv")) for name, code in CODES.items()}


def oracle(path, name) -> pd.DataFrame:
    """The file as it is: area, year, location, value."""
    table = pd.read_csv(path, dtype={"geo_area": str}).rename(columns={CODES[name]: "value"})
    places = {"allarea": "total"}
    table["location"] = table["location"].replace(places) if "location" in table else "total"
    return table


def values(table) -> dict:
    keys = zip(table["location"], table["year"].tolist(), strict=True)
    return dict(zip(keys, table["value"].tolist(), strict=True))


@pytest.mark.parametrize("name", CODES)
def test_what_the_readme_says(files, name):
    table = oracle(files[name], name)
    assert table["geo_area"].nunique() == AREAS[name]
    assert (table["year"].min(), table["year"].max()) == YEARS[name]
    (grid,) = read_grids(files[name])
    assert len(grid.cells) == len(table) + 1


def test_the_world(files):
    """An aggregate is read when the country file names its code, and that is said."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        world = read(Statistic(files["red_list"], area="1"), "red_list", iso3="KEN")
    assert values(world)["total", 2020] == 0.73239
    assert len(world) == 28
    assert any("the code of no country" in str(each) for each in world.attrs["findings"])


@pytest.mark.parametrize("name", CODES)
@pytest.mark.parametrize("iso3", ["KEN", "MRT", "COL", "MWI", "AFG", "FJI", "TKM", "ATG"])
def test_a_country_by_its_m49_code(files, name, iso3):
    expected = oracle(files[name], name)
    code = str(int(outlines.countries().loc[iso3, "m49"]))
    expected = expected[expected["geo_area"] == code]
    table, findings = examine(files[name], name, iso3=iso3)
    assert values(table) == values(expected)
    errors = [str(each) for each in findings if each.severity == "error"]
    if expected.empty:
        assert len(errors) == 1 and f"expected rows of {iso3}" in errors[0]
    else:
        assert errors == []


def test_kenya(files):
    poverty = read(files["poverty"], "poverty", iso3="KEN")
    assert values(poverty) == {
        ("total", year): value
        for year, value in {1992: 31, 1994: 32, 1997: 32, 2005: 44, 2015: 37}.items()
    }
    water = read(files["water"], "water", iso3="KEN")
    assert set(water["location"]) == {"urban"} and set(water["nature"]) == {"E"}
    assert values(water)["urban", 2017] == 50.00946


def test_every_area_is_read_once(files):
    """All areas one by one give the whole file: nothing is lost, nothing counts twice."""
    expected = oracle(files["poverty"], "poverty")
    known = {str(int(code)): iso3 for iso3, code in outlines.countries()["m49"].items() if code}
    count = 0
    for code, rows in expected.groupby("geo_area"):
        if code in known:
            table, findings = examine(files["poverty"], "poverty", iso3=known[code])
            assert values(table) == values(rows), code
            assert not any(each.severity == "error" for each in findings), code
            count += len(table)
    aggregates = expected[~expected["geo_area"].isin(known)]
    assert count == len(expected) - len(aggregates) and count > 1500


@pytest.mark.parametrize("form", ["json", "export", "wide", "office"])
@pytest.mark.parametrize("name", CODES)
def test_the_same_values_in_every_form(files, tmp_path, name, form):
    """Real values written as answer, export, World Bank table and office table read the same."""
    whole = oracle(files[name], name)
    rows = whole[whole["geo_area"].isin(["566", "404", "1"])]
    expected = values(rows[rows["geo_area"] == "566"])
    assert len(expected) > 2
    series = definition(name)
    if form == "json":
        path = as_answer(tmp_path, rows, series)
    elif form == "export":
        path = as_export(tmp_path, rows, series)
    elif form == "wide":
        path = as_wide(tmp_path, rows)
    else:
        path = as_office(tmp_path, rows[rows["geo_area"] == "566"])
    table, findings = examine(path, name, iso3="NGA")
    assert [str(each) for each in findings if each.severity == "error"] == []
    assert values(table) == pytest.approx(expected, abs=1e-12)


def as_answer(folder, rows, series):
    code, data = series.sdg_codes[0], []
    for row in rows.to_dict("records"):
        place = {"total": "ALLAREA"}.get(row["location"], row["location"].upper())
        data.append(
            {
                **{"series": code, "geoAreaCode": row["geo_area"], "value": str(row["value"])},
                **{"timePeriodStart": float(row["year"]), "dimensions": {"Location": place}},
                "attributes": {"Nature": row["nature"].upper(), "Units": row["units"].upper()},
            }
        )
    path = folder / "answer.json"
    path.write_text(json.dumps({"totalPages": 1, "data": data}), encoding="utf-8")
    return path


def as_export(folder, rows, series):
    path = folder / "export.csv"
    heads = ["SeriesCode", "GeoAreaCode", "GeoAreaName", "TimePeriod", "Value", "UpperBound"]
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*heads, "LowerBound", "FootNote", "[Location]", "[Nature]", "[Units]"])
        for row in rows.to_dict("records"):
            place = {"total": "ALLAREA"}.get(row["location"], row["location"].upper())
            cells = [series.sdg_codes[1 % len(series.sdg_codes)], row["geo_area"], "", row["year"]]
            cells += [row["value"], "", "", "", place, row["nature"].upper(), row["units"].upper()]
            writer.writerow(cells)
    return path


def as_wide(folder, rows):
    wide = rows.pivot(index=["geo_area", "location"], columns="year", values="value")
    path = folder / "wide.csv"
    wide.reset_index().rename(columns={"geo_area": "Country code"}).to_csv(path, index=False)
    return path


def as_office(folder, rows):
    """A workbook with a title, two levels of headings, text with decimal commas and notes."""
    book = openpyxl.Workbook()
    page = book.active
    page.append(["Official figures of the country"])
    page.append([])
    places = [place for place in ("urban", "rural", "total") if place in set(rows["location"])]
    page.append(["Year", "Official series", *[None] * (len(places) - 1)])
    page.append([None, *(place.capitalize() for place in places)])
    page.merge_cells(start_row=3, end_row=4, start_column=1, end_column=1)
    if len(places) > 1:
        page.merge_cells(start_row=3, end_row=3, start_column=2, end_column=1 + len(places))
    wide = rows.pivot(index="year", columns="location", values="value")
    for year, row in wide.iterrows():
        cells = [".." if pd.isna(row[place]) else str(row[place]) for place in places]
        page.append(
            [int(year), *(cell.replace(".", ",") if cell != ".." else cell for cell in cells)]
        )
    page.append(["Source: office, 2018"])
    path = folder / "office.xlsx"
    book.save(path)
    return path


def test_the_tables_of_a_country(files):
    sections = {name: Statistic(path) for name, path in files.items()}
    country = SimpleNamespace(
        iso3="NGA", cycle=Cycle(2026), statistics=sections, parameters=tables.method("manual")
    )
    found, findings = statistics.compute_tables(sections, country)
    long = found["statistics"]
    assert long["year"].between(2000, 2023).all()
    assert not any(each.severity == "error" for each in findings)
    directions = found["direction"].set_index(["series", "location"])["direction"]
    assert directions["red_list", "total"] == "decrease"
    assert directions["water", "total"] == "increase"

"""Official statistics of Landia in the formats in which such series come: all synthetic.

Landia is the fictional training country. It has no M49 code, so XLD stands in its place.
"""

from __future__ import annotations

import csv
import io
import json

from ldnkit.sources.landia_stories import YEARS

SAID = "Landia synthetic training data"
LANDIA = ("XLD", "Landia (fictional country)")
REGION = ("XTR", "Training region (fictional)")

# SDG 1.1.1, percent. Surveys every third year; poverty falls, but not in the worst drought (2009).
POVERTY = {
    2000: 47.9, 2003: 46.1, 2006: 43.8, 2009: 44.6, 2012: 39.7, 2015: 36.2, 2018: 31.9, 2021: 28.4,
}  # fmt: skip
# The surveys that also tell women from men, percent.
POVERTY_BY_SEX = {2018: (33.5, 30.2), 2021: (30.1, 26.6)}
# Gini index: six surveys up and down, no direction.
GINI = {2003: 43.6, 2008: 44.2, 2013: 42.9, 2016: 43.4, 2018: 42.6, 2022: 43.1}
GINI_UPDATED = "2026-07-01"
# SDG 15.1.2, percent: the first years in which a value holds.
PROTECTED = {
    2000: 17.02, 2005: 25.63, 2009: 29.36, 2012: 33.90, 2014: 41.05, 2017: 44.72, 2021: 49.88,
}  # fmt: skip
PROTECTED_BAND = (3.9, 2.6)  # how far the bounds are below and above

# The national table: years without a row, without a figure, with an estimate.
WATER_ABSENT = (2003, 2004, 2012)
WATER_NOT_AVAILABLE = (2008,)  # towns only
WATER_ESTIMATED = (2016,)
SHEET, HEADER = "Table 7.3", 5  # where the table stands: sheet, row of its header


def poverty() -> list[dict]:
    """Entries of the SDG database: all people, and women and men in two years."""
    entries = []
    for year, value in POVERTY.items():
        sexes = {"BOTHSEX": value}
        sexes |= dict(zip(("FEMALE", "MALE"), POVERTY_BY_SEX.get(year, ()), strict=False))
        for sex, number in sexes.items():
            entry = _entry("SI_POV_DAY1", year, f"{number:.1f}", "PERCENT")
            entry["dimensions"] |= {"Age": "ALLAGE", "Location": "ALLAREA", "Sex": sex}
            entries.append(entry)
    return entries


def red_list() -> dict[int, tuple[float, float, float]]:
    """Red List Index by year: value, lower, upper; every year but 2010, and one year before."""
    found = {}
    for year in (1999, *YEARS, 2024):
        passed = year - 2000
        value = 0.91264 - 0.00185 * passed - 0.00003 * passed * passed
        band = 0.0061 + 0.0009 * abs(passed - 12)  # surest near the years of assessment
        if year != 2010:
            found[year] = (round(value, 5), round(value - band, 5), round(value + 0.8 * band, 5))
    return found


def protected() -> list[dict]:
    """Entries of the SDG database: every year, a step whenever a new area is protected."""
    entries = []
    for year in YEARS:
        value = [value for first, value in PROTECTED.items() if first <= year][-1]
        entry = _entry("ER_PTD_TERR", year, f"{value:.2f}", "PERCENT")
        below, above = PROTECTED_BAND
        entry |= {"lowerBound": f"{value - below:.2f}", "upperBound": f"{value + above:.2f}"}
        entries.append(entry)
    return entries


def water() -> dict[int, tuple[float, float, float]]:
    """People with safely managed drinking water by year: urban, rural, total; percent.

    The total is that of the factor "safely_managed_water" of the drought vulnerability.

    Examples
    --------
    >>> water()[2000]
    (56.0, 25.1, 30.3)
    """
    found = {}
    for year in YEARS:
        passed = (year - YEARS[0]) / (YEARS[-1] - YEARS[0])
        total, urban = 30.3 + 27.9 * passed, 56.0 + 23.0 * passed
        share = 0.1695 + 0.145 * passed  # people in towns
        rural = (total - share * urban) / (1.0 - share)
        if year not in WATER_ABSENT:
            found[year] = (round(urban, 1), round(rural, 1), round(total, 1))
    return found


# ---- files ---------------------------------------------------------------------------------------


def write(folder) -> None:
    """Write statistics/: two answers of an API, two CSV exports and a table of an office.

    Parameters
    ----------
    folder : Path
        A folder with subfolders ``statistics`` and ``truth``.
    """
    place = folder / "statistics"
    _text(place / "poverty.json", _answer(poverty()))
    _text(place / "protected.json", _answer(protected()))
    _text(place / "red_list.csv", _sdg_export())
    _text(place / "gini.csv", _world_bank())
    _workbook(place / "water.xlsx")
    rows = [("poverty", year, "total", value) for year, value in POVERTY.items()]
    rows += [("gini", year, "total", value) for year, value in GINI.items()]
    for year, values in water().items():
        for location, value in zip(("urban", "rural", "total"), values, strict=True):
            if location != "urban" or year not in WATER_NOT_AVAILABLE:
                rows.append(("water", year, location, value))
    rows += [("red_list", year, "total", values[0]) for year, values in red_list().items()]
    rows += [
        ("protected", int(entry["timePeriodStart"]), "total", entry["value"])
        for entry in protected()
    ]
    header = ("series", "year", "location", "value")
    _text(folder / "truth" / "statistics.csv", _csv([header, *rows]))


def _text(path, text) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")


def _csv(rows, *, quoted=False) -> str:
    text = io.StringIO()
    quoting = csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL
    csv.writer(text, lineterminator="\n", quoting=quoting).writerows(rows)
    return text.getvalue()


NAMES = {
    "SI_POV_DAY1": ("1.1.1", "Proportion of population below international poverty line (%)"),
    "ER_PTD_TERR": (
        "15.1.2",
        "Average proportion of Terrestrial Key Biodiversity Areas (KBAs) covered by "
        "protected areas (%)",
    ),
    "ER_RSK_LST": ("15.5.1", "Red List Index"),
}


def _entry(series, year, value, units, area=LANDIA) -> dict:
    """One value as the API of the SDG database gives it; numbers are texts."""
    indicator, name = NAMES[series]
    goal, target, _ = indicator.split(".")
    return {
        "goal": [goal],
        "target": [f"{goal}.{target}"],
        "indicator": [indicator],
        "series": series,
        "seriesDescription": name,
        "geoAreaCode": area[0],
        "geoAreaName": area[1],
        "timePeriodStart": float(year),
        "value": value,
        "valueType": "Float",
        "upperBound": None,
        "lowerBound": None,
        "basePeriod": None,
        "source": SAID,
        "footnotes": ["Synthetic: computed, not measured"],
        "attributes": {"Nature": "E", "Units": units},
        "dimensions": {"Reporting Type": "G"},
    }


def _answer(entries) -> str:
    head = {"size": len(entries), "totalElements": len(entries), "totalPages": 1, "pageNumber": 1}
    return json.dumps(head | {"data": entries}, indent=1) + "\n"


def _sdg_export() -> str:
    """The CSV export of the SDG database, with a second area that is not Landia."""
    indicator, name = NAMES["ER_RSK_LST"]
    header = (
        *("Goal", "Target", "Indicator", "SeriesCode", "SeriesDescription", "GeoAreaCode"),
        *("GeoAreaName", "TimePeriod", "Value", "Time_Detail", "TimeCoverage", "UpperBound"),
        *("LowerBound", "BasePeriod", "Source", "GeoInfoUrl", "FootNote", "[Nature]"),
        *("[Observation Status]", "[Reporting Type]", "[Units]"),
    )
    rows = [header]
    for code, place in (LANDIA, REGION):
        for year, values in red_list().items():
            more = 0.0 if code == LANDIA[0] else -0.1
            value, lower, upper = (f"{number + more:.5f}" for number in values)
            rows.append(
                ("15", "15.5", indicator, "ER_RSK_LST", name, code, place, year, value, year, "")
                + (upper, lower, "", SAID, "", "Synthetic", "E", "A", "G", "INDEX")
            )
    return _csv(rows, quoted=True)


def _world_bank() -> str:
    """The CSV file of the World Bank: four lines, then a year in every column."""
    years = range(1990, 2025)
    above = [
        ("Data Source", f"{SAID} in the format of World Development Indicators"),
        ("Last Updated Date", GINI_UPDATED),
    ]
    header = ("Country Name", "Country Code", "Indicator Name", "Indicator Code", *years)
    rows = [header]
    for code, place in (LANDIA, REGION):
        more = 0.0 if code == LANDIA[0] else 3.0
        values = [f"{GINI[year] + more:.1f}" if year in GINI else "" for year in years]
        rows.append((place, code, "Gini index", "SI.POV.GINI", *values))
    head = "\n".join(_csv([row], quoted=True).rstrip("\n") + ",\n" for row in above)
    return "\ufeff" + head + "\n" + _csv(rows, quoted=True).replace('"\n', '",\n')


def _workbook(path) -> None:
    """A national table: titles above it, a header over several columns, notes below it."""
    from datetime import datetime

    import xlsxwriter

    with xlsxwriter.Workbook(str(path)) as book:
        book.set_properties({"title": SAID, "created": datetime(2026, 7, 1)})
        bold, percent = book.add_format({"bold": True}), book.add_format({"num_format": "0.0%"})
        notes = book.add_worksheet("Read me")
        notes.write_column(0, 0, (
            "Statistical Office of Landia (fictional country)",
            "Synthetic training data: computed, not measured",
            "Table 7.3  Drinking water", "Table 7.4  Sanitation",
        ))  # fmt: skip
        page = book.add_worksheet(SHEET)
        page.set_column(1, 4, 18)
        page.write_column(0, 0, (
            "Statistical Office of Landia (fictional country)",
            "Table 7.3  Drinking water services, 2000-2023",
            "Synthetic training data",
        ), bold)  # fmt: skip
        top = HEADER - 1
        page.merge_range(top, 0, top + 1, 0, "Year", bold)
        page.merge_range(top, 1, top, 3, "People with safely managed drinking water", bold)
        page.merge_range(top, 4, top + 1, 4, "Survey", bold)
        page.write_row(top + 1, 1, ("Urban 1)", "Rural", "National"), bold)
        row = top + 2
        for year, values in water().items():
            if year == 2013:
                page.merge_range(row, 0, row, 4, "New questions from 2013 on 2)")
                row += 1
            _water_row(page, row, year, values, percent)
            row += 1
        page.write_column(row + 1, 0, (
            "* Estimate of the office.", "1) Towns of more than 5 000 people.",
            "2) The old and the new questions gave the same share in 2013.",
            ".. Not available.", f"Source: Statistical Office of Landia. {SAID}.",
        ))  # fmt: skip
        other = book.add_worksheet("Table 7.4")
        other.write_row(0, 0, ("Year", "Safely managed sanitation (percent)"), bold)
        for row, (year, values) in enumerate(water().items(), 1):
            other.write_row(row, 0, (year, round(0.8 * values[2], 1)))


def _water_row(page, row, year, values, percent) -> None:
    page.write_number(row, 0, year)
    for column, value in enumerate(values, 1):
        if column == 1 and year in WATER_NOT_AVAILABLE:
            page.write_string(row, column, "..")
        elif year in WATER_ESTIMATED:
            page.write_string(row, column, f"{value:.1f} %*")
        else:
            page.write_number(row, column, round(value / 100.0, 6), percent)
    page.write_string(row, 4, "Estimate" if year in WATER_ESTIMATED else "Household survey")

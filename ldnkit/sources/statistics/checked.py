"""Raw records made tidy: one value a year and location, in the unit of PRAIS."""

from __future__ import annotations

import re

import pandas as pd

from ldnkit.country_file.forms_layers import Statistic
from ldnkit.findings import Finding, listed
from ldnkit.periods import year_spans
from ldnkit.sources.statistics import areas
from ldnkit.sources.statistics.figures import read_figures
from ldnkit.sources.statistics.headers import is_span, year_of
from ldnkit.sources.statistics.records import Notes, Records
from ldnkit.sources.statistics.series import LOCATIONS, Series, normal, words
from ldnkit.sources.statistics.units import in_range, in_unit

TIDY = (
    *("series", "year", "location", "value", "lower", "upper"),
    *("nature", "status", "release", "database"),
)
#: Figures: the columns that are numbers.
FIGURES = ("value", "lower", "upper")
#: Older definitions of the international poverty line in names of series.
OLDER_LINE = re.compile(r"\$?\s?(1\.25|1\.90|2\.15)\b")
#: Parts of a unit by which a total may leave its parts, and bounds their value: rounding.
ROUNDING = 0.05


def tidy(
    records: Records | None, statistic: Statistic, series: Series, iso3: str
) -> tuple[pd.DataFrame, list[Finding]]:
    """Tidy rows of one country with every problem found on the way."""
    if records is None:
        return nothing(), []
    notes = Notes(series.name, records.name, records.word, series.notebook)
    rows = _of_series(records.rows, series, notes)
    rows = areas.of_country(rows, statistic.area, iso3, notes)
    rows = _not_disaggregated(rows, notes)
    rows = _located(rows, series, notes)
    rows = _years(rows, notes)
    rows = _figures(rows, records, statistic, series, notes)
    rows = _once(rows, notes)
    _between(rows, series, notes)
    _poverty_line(rows, series, notes)
    release = _release(records, statistic, series, notes)
    if rows.empty and not notes.stopped:
        remedy = "Leave the series out, or give another file."
        notes.add("warning", [], f"no value of {iso3}", "yearly values", remedy)
    rows = rows.assign(series=series.name, release=release, database=records.form)
    rows = rows.assign(
        status=_status(rows), nature=rows["nature"].map(lambda code: str(code).upper())
    )
    order = {place: number for number, place in enumerate(LOCATIONS)}
    rows = rows.sort_values(
        ["location", "year"], key=lambda column: column.map(lambda each: order.get(each, each))
    )
    table = rows[list(TIDY)].reset_index(drop=True)
    return table.astype(dict.fromkeys(FIGURES, float) | {"year": int}), notes.findings


def nothing() -> pd.DataFrame:
    """Tidy rows of no series."""
    table = pd.DataFrame({name: pd.Series(dtype=object) for name in TIDY})
    return table.astype(dict.fromkeys(FIGURES, float) | {"year": int})


# ------------------------------------------------------------------- which rows count
def _of_series(rows: pd.DataFrame, series: Series, notes: Notes) -> pd.DataFrame:
    """The rows of the series; a file of other series is another file."""
    codes = rows["series"].map(lambda code: str(code).strip().upper())
    given = codes != ""
    if not given.any():
        return rows
    mine = codes.isin(series.codes)
    others = list(dict.fromkeys(codes[given & ~mine]))
    if not mine.any():
        expected = " or ".join(series.codes)
        remedy = "Give the file of this series, or write it under its own name."
        notes.add("error", [], f"the series {listed(others)}", expected, remedy)
        return rows.iloc[:0]
    if others:
        found = f"other series too: {listed(others)}"
        notes.add("info", [], found, "", f"Only {listed(set(codes[mine]))} is read.")
    chosen = rows[mine]
    places = codes[mine].map(series.world_bank)
    return chosen.assign(location=chosen["location"].where(chosen["location"] != "", places)).where(
        lambda table: table.notna(), ""
    )


def _not_disaggregated(rows: pd.DataFrame, notes: Notes) -> pd.DataFrame:
    """Of every further dimension (sex, age, reporting type) the part that stands for all."""
    whole = words("whole")
    for name in sorted({name for pairs in rows["other"] for name, _ in pairs}):
        parts = rows["other"].map(lambda pairs, name=name: dict(pairs).get(name, ""))
        values = list(dict.fromkeys(parts))
        if len(values) < 2:
            continue
        total = parts.map(lambda part: part == "" or normal(part) in whole)
        if not total.any():
            remedy = "Choose one of them when you download the series."
            notes.add("error", [], f"values by {name}: {listed(values)}", "one total", remedy)
            return rows.iloc[:0]
        left = listed(dict.fromkeys(parts[~total]))
        notes.add("info", [], f"values by {name}; {left} left out", "", "The totals are reported.")
        rows = rows[total]
    return rows


def _located(rows: pd.DataFrame, series: Series, notes: Notes) -> pd.DataFrame:
    """Locations as total, urban, rural; those the series does not have are left out."""
    known = words("location")
    places = rows["location"].map(lambda text: "total" if text == "" else known.get(normal(text)))
    unknown = places.isna()
    if unknown.any():
        found = f"the location {listed(dict.fromkeys(rows.loc[unknown, 'location']))}"
        remedy = "Write total, urban or rural. These rows are left out."
        notes.add("warning", rows.loc[unknown, "place"], found, "a known location", remedy)
    extra = places.notna() & ~places.isin(series.locations)
    if extra.any():
        found = f"{listed(dict.fromkeys(places[extra]))} values, left out"
        notes.add("info", [], found, "", "The table asks for the total only.")
    kept = ~unknown & ~extra
    return rows[kept].assign(location=places[kept])


def _years(rows: pd.DataFrame, notes: Notes) -> pd.DataFrame:
    """Rows with one year; the years of a survey over two years are for the team to decide."""
    years = rows["year"].map(year_of).astype(object)
    wrong = rows[years.isna()]
    several = wrong["year"].map(is_span).astype(bool)
    if several.any():
        found = f"years of a survey: {listed(dict.fromkeys(wrong.loc[several, 'year']))}"
        remedy = "Write the one year that the value speaks of. Until then it is left out."
        notes.add("warning", wrong.loc[several, "place"], found, "one year", remedy)
    rest = wrong[~several]
    if len(rest):
        shown = listed(
            dict.fromkeys(repr(text) if text != "" else "nothing" for text in rest["year"])
        )
        remedy = "Write the year in every row; merged cells lose theirs when saved as CSV."
        notes.add("error", rest["place"], f"{shown} as year of a value", "a year", remedy)
    good = years.notna()
    return rows[good].assign(year=years[good].astype(int))


# ---------------------------------------------------------------------------- figures
def _figures(rows, records: Records, statistic, series: Series, notes: Notes) -> pd.DataFrame:
    """Values and bounds as numbers in the unit of PRAIS; rows without a value are left out."""
    table, percent = rows.copy(), pd.Series(records.percent, rows.index, dtype=bool)
    table["mark"] = ""
    for name in FIGURES:
        found, style = read_figures(rows[name], maximum=100.0)
        figures = pd.Series(found, rows.index, dtype=object)
        kinds = figures.map(lambda figure: figure.kind)
        _say_kinds(rows[name], kinds, rows["place"], name, notes)
        if style.mixed and (kinds == "number").any():
            remedy = "Write all of them with a point, so that nobody can mistake them."
            notes.add("warning", [], f"points and commas as decimal signs in {name}", "", remedy)
        elif style.guessed:
            remedy = "Thousands are not possible in this series."
            notes.add("info", [], f"a comma in {name}, read as decimal sign", "", remedy)
        table[name] = figures.map(lambda figure: figure.value).astype(float)
        if name == "value":
            signs = figures.map(lambda figure: figure.percent).astype(bool)
            table["mark"] = figures.map(lambda figure: figure.mark)
            percent |= signs
    marks = table.loc[table["mark"] != "", "mark"]
    if len(marks):
        found = f"marks beside figures: {listed(dict.fromkeys(marks))}"
        remedy = "They are kept as notes of the source: check what they mean."
        notes.add("info", table.loc[marks.index, "place"], found, "", remedy)
    table = table[table["value"].notna()]
    table = in_unit(table, percent[table.index], records, statistic, series, notes)
    in_range(table, series, notes)
    _bounds(table, notes)
    return table


def _say_kinds(cells, kinds, places, name: str, notes: Notes) -> None:
    """Cells that are no figures."""
    text = kinds == "text"
    if text.any():
        shown = listed(dict.fromkeys(repr(cell) for cell in cells[text]))
        remedy = "Correct the cell, or empty it when there is no figure."
        notes.add("error", places[text], f"{shown} as {name}", "a figure", remedy)
    limit = kinds == "limit"
    if limit.any():
        shown = listed(dict.fromkeys(str(cell) for cell in cells[limit]))
        remedy = "A limit is no value: the year stays empty. Report it in a comment."
        notes.add("warning", places[limit], f"{shown} as {name}", "a figure", remedy)


def _bounds(table: pd.DataFrame, notes: Notes) -> None:
    """A value between its bounds."""
    size = ROUNDING * table["value"].abs().clip(upper=1.0)
    outside = (table["value"] < table["lower"] - size) | (table["value"] > table["upper"] + size)
    if outside.any():
        remedy = "Check whether columns were exchanged."
        years = year_spans(table.loc[outside, "year"])
        found = f"values outside their bounds in {years}"
        notes.add("warning", table.loc[outside, "place"], found, "lower ≤ value ≤ upper", remedy)


def _once(rows: pd.DataFrame, notes: Notes) -> pd.DataFrame:
    """Each year and location once; the same value a second time does no harm."""
    keys = ["location", "year"]
    again = rows[rows.duplicated(keys, keep=False)]
    differs = again.groupby(keys)["value"].transform(lambda values: values.max() != values.min())
    if differs.any():
        wrong = again[differs.astype(bool)]
        first = wrong.groupby(keys)["value"].agg(list)
        said = [
            f"{place} {year}: {', '.join(f'{value:g}' for value in values)}"
            for (place, year), values in first.items()
        ]
        remedy = "Keep one value a year, for example the one of the better survey."
        found = f"different values of one year ({listed(said)})"
        notes.add("error", wrong["place"], found, "one value a year", remedy)
    same = rows.duplicated(keys)
    if same.any() and not differs.any():
        found = f"the same value a second time in {year_spans(rows.loc[same, 'year'])}"
        notes.add("info", rows.loc[same, "place"], found, "", "It counts once.")
    return rows[~same]


def _between(rows: pd.DataFrame, series: Series, notes: Notes) -> None:
    """A total lies between urban and rural; else columns may have been exchanged."""
    if len(series.locations) < 2:
        return
    wide = rows.pivot_table(index="year", columns="location", values="value", observed=True)
    wide = wide.reindex(columns=list(LOCATIONS)).dropna()
    low = wide[["urban", "rural"]].min(axis=1) - ROUNDING
    high = wide[["urban", "rural"]].max(axis=1) + ROUNDING
    outside = wide.index[(wide["total"] < low) | (wide["total"] > high)]
    if len(outside):
        found = f"a total that is not between urban and rural in {year_spans(outside)}"
        remedy = "Check whether columns were exchanged."
        notes.add("warning", [], found, "a total between them", remedy)


def _status(rows: pd.DataFrame) -> list[str]:
    """Notes of the source on a value: its footnote and the mark beside the figure."""
    parts = zip(rows["note"], rows["mark"], strict=True)
    notes = ("; ".join(str(part) for part in pair if str(part).strip()) for pair in parts)
    return [f"note {note}" if re.fullmatch(r"[\d.]+", note) else note for note in notes]


# ---------------------------------------------------------------- definition, release
def _poverty_line(rows: pd.DataFrame, series: Series, notes: Notes) -> None:
    """Poverty counted by an older international line is another series."""
    if series.name != "poverty":
        return
    texts = rows["text"].astype(str) + " " + rows["note"].astype(str)
    lines = texts.map(lambda text: match[1] if (match := OLDER_LINE.search(text)) else "")
    if (lines != "").any():
        found = f"a poverty line of USD {listed(dict.fromkeys(lines[lines != '']))} a day"
        remedy = "Download the series again: older lines give other shares."
        notes.add("warning", [], found, "USD 3.00 a day in prices of 2021", remedy)


def _release(records: Records, statistic: Statistic, series: Series, notes: Notes) -> str:
    """The release: from the country file, else from the file; without one a warning."""
    given = "" if statistic.release is None else statistic.release.isoformat()
    release = given or records.release
    if given and records.release and given != records.release:
        found = f"release {given} in the country file, {records.release} in the file"
        notes.add("info", [], found, "", f"{given} is reported.")
    if not release:
        severity = "warning" if statistic.source == "default" else "info"
        remedy = "Write release: and the day on which the series was published."
        expected = "a release, because published values change"
        notes.add(severity, [], "no day of release", expected, remedy)
    elif statistic.source == "default" and series.valid_from and _day(release) < series.valid_from:
        if re.match(r"\d{4}", release):
            found = f"the release {release}"
            expected = f"one from {series.valid_from} on (USD 3.00 a day in prices of 2021)"
            remedy = "Download the series again: older lines give other shares."
            notes.add("warning", [], found, expected, remedy)
    return release


def _day(release: str) -> str:
    """The last day that a release can mean: 2025.Q1.G.02 is of the first quarter of 2025."""
    match = re.match(r"(\d{4})\.Q([1-4])", release)
    if match:
        return f"{match[1]}-{3 * int(match[2]):02d}-31"
    return release if len(release) > 4 else f"{release}-12-31"

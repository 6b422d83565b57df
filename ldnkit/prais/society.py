"""The tables of the forms SO2-1 and SO2-2: poverty or income inequality, and drinking water."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from ldnkit import tables
from ldnkit.country_file.layers import METADATA
from ldnkit.periods import year_spans
from ldnkit.prais.inputs import Inputs
from ldnkit.prais.report import Table, as_text

#: Series of a form, in the order of its tables.
SERIES = {"SO2-1": ("poverty", "gini"), "SO2-2": ("water",)}
#: The series that a table shows; the others of its form show several.
SHOWN = {"SO2-1.T1": "poverty", "SO2-1.T2": "gini", "SO2-2.T1": "water"}
#: Columns of text, which a kept table without any text has lost.
TEXTS = ("nature", "status", "release")
#: The series in a sentence.
WORDS = {"poverty": "poverty", "gini": "the Gini index"}
#: What suffices for the form SO2-1.
EITHER = "SO2-1 asks for poverty or for the Gini index: one of the two suffices."
#: Column of SO2-2.T1 -> where the people live.
LOCATIONS = {
    "water.urban.share": "urban",
    "water.rural.share": "rural",
    "water.total.share": "total",
}


def wanting(results: Mapping, table_id: str) -> str:
    """What to do first when the statistics have no series of a form; else empty."""
    form = table_id.partition(".")[0]
    if form not in SERIES or "statistics" not in results:
        return ""
    names = SERIES[form]
    long = results["statistics"].tables["statistics"]
    if long["series"].isin(names).any():
        return ""
    given = " or ".join(f"statistics: {name}" for name in names)
    return f"Give {given} in country.yml, run notebook 08 and build the report again."


def series_of(inputs: Inputs, name: str) -> pd.DataFrame:
    """One official series in the years of the report, by year; empty when it is not given."""
    long = inputs.table("statistics", "statistics")
    texts = {text: long[text].astype(object).fillna("") for text in TEXTS}
    rows = long.assign(**texts)[(long["series"] == name) & long["value"].notna()]
    return rows.sort_values("year").reset_index(drop=True)


def source_of(inputs: Inputs, *names: str) -> list[dict[str, str]]:
    """Data source of official series, with the metadata that national data need."""
    rows = []
    for name in names:
        section = (inputs.country.statistics or {}).get(name)
        if section is not None:
            row = {"layer": f"statistics.{name}", "source": section.source}
            rows.append(row | {part: getattr(section.metadata, part) for part in METADATA})
    return rows


# -------------------------------------------------------------------- figures by year
def poverty(inputs: Inputs, table: Table) -> None:
    """SO2-1.T1: people below the international poverty line, percent, by year."""
    _by_year(inputs, table, "poverty", {"poverty.share": "total"})
    line = "less than USD 3.00 a day in prices of 2021 (SDG 1.1.1)"
    if _is_national(inputs, "poverty"):
        table.notes.append(
            f"The table asks for the percent of the population with {line}. "
            "Say in a comment if the figures of the country use another line."
        )
    else:
        table.notes.append(
            f"Percent of the population with {line}. Releases before June 2025 used other lines."
        )
    table.notes.append(EITHER)


def gini(inputs: Inputs, table: Table) -> None:
    """SO2-1.T2: Gini index, 0 to 100, by year."""
    _by_year(inputs, table, "gini", {"gini": "total"})
    table.notes.append("0: all people have the same income. 100: one person has it all.")
    if not _is_national(inputs, "gini"):
        table.notes.append(
            "The index of the World Bank has no SDG validation: the country checks it before it "
            "reports it."
        )
    table.notes.append(EITHER)


def water(inputs: Inputs, table: Table) -> None:
    """SO2-2.T1: people who use safely managed drinking water, percent, by year."""
    _by_year(inputs, table, "water", LOCATIONS)
    absent = [place for name, place in LOCATIONS.items() if table.frame[name].isna().all()]
    table.optional = (*table.optional, "water.urban.share", "water.rural.share")
    if table.frame["water.total.share"].isna().any():
        table.answers = ("water.total.share",)
    table.notes.append("Percent of the urban, rural and total population (SDG 6.1.1).")
    if absent:
        table.notes.append(f"The series has no figures for: {as_text(absent)}.")


def _by_year(inputs: Inputs, table: Table, name: str, columns: Mapping[str, str]) -> None:
    """A column for every location, comments from the source, and what is known of the values."""
    rows = series_of(inputs, name)
    wide = rows.pivot(index="year", columns="location", values="value")
    wide = wide.reindex(columns=list(columns.values())).astype(float)
    index = pd.Index([str(year) for year in wide.index], name="year")
    table.frame = wide.set_axis(list(columns), axis=1).set_axis(index)
    comments = [_comment(rows, year) for year in wide.index]
    table.frame["comments"] = pd.Series(comments, index, dtype=object)
    table.text = table.optional = ("comments",)
    table.period = year_spans(wide.index)
    table.sources = source_of(inputs, name) if len(rows) else []
    if rows.empty:
        other = next(each for each in SERIES[table.form] if each != name)
        table.notes.append(f"Left empty: {WORDS[other]} is reported instead.")
        return
    releases = list(dict.fromkeys(text for text in rows["release"].astype(str) if text))
    table.fields = {"validation": _validation(inputs, rows, name)}
    if releases:
        table.fields = {"release": as_text(releases)} | table.fields
        if not _is_national(inputs, name):
            table.notes.append("Published values change from one release to the next.")
    natures = rows.drop_duplicates("year").set_index("year")["nature"].astype(str)
    if (natures != "").any():
        keys = [f"nature_{code.lower()}" if code else "" for code in natures]
        table.help = pd.DataFrame({"nature": keys}, index)
        table.keyed = ("nature",)


def _comment(rows: pd.DataFrame, year: int) -> str:
    """Notes of the source on the values of a year, each once."""
    notes = rows.loc[rows["year"] == year, "status"].astype(str)
    return as_text(dict.fromkeys(note for note in notes if note))


def _is_national(inputs: Inputs, name: str) -> bool:
    section = (inputs.country.statistics or {}).get(name)
    return section is not None and section.source == "national"


def _validation(inputs: Inputs, rows: pd.DataFrame, name: str) -> str:
    """Who vouches for the figures."""
    if _is_national(inputs, name):
        return "of_the_country"
    known = tables.read("statistics_series").set_index("series")
    is_sdg = known.at[name, "validated"] == "yes" and (rows["database"] == "sdg").all()
    return "validated" if is_sdg else "to_validate"


# ------------------------------------------------------------------ direction of change
def inequality_direction(inputs: Inputs, table: Table) -> None:
    """SO2-1.T3: direction of change, drivers and comments of poverty and of the Gini index."""
    found = _directions(inputs, "SO2-1").set_index("series")
    given = [name for name in SERIES["SO2-1"] if name in found.index]
    _qualitative(inputs, table, given, found.loc[given])
    table.notes.insert(1, "A decrease means less poverty, or less inequality.")


def water_direction(inputs: Inputs, table: Table) -> None:
    """SO2-2.T2: direction of change, drivers and comments, beside the test of each location."""
    found = _directions(inputs, "SO2-2").set_index("location")
    places = [place for place in LOCATIONS.values() if place in found.index]
    _qualitative(inputs, table, ["SO2-2"], found.loc[places])
    table.notes.insert(1, "An increase means that more people use safely managed water.")


def _directions(inputs: Inputs, form: str) -> pd.DataFrame:
    long = inputs.table("statistics", "direction")
    return long[long["series"].isin(SERIES[form])]


def _qualitative(inputs: Inputs, table: Table, rows: list[str], found: pd.DataFrame) -> None:
    """Answers of the team, and beside them the directions that the figures suggest."""
    columns = ("direction", "drivers", "comments")
    index = pd.Index(rows, name="indicator")
    table.frame = pd.DataFrame("", index, list(columns), dtype=object)
    table.text, table.keyed = columns, ("direction", "suggested")
    table.answers, table.optional = ("direction", "drivers"), ("comments",)
    index = found.index.rename("indicator" if found.index.name == "series" else "location")
    table.help = pd.DataFrame(
        {
            "years": found["n"].astype(int),
            "first_year": found["first"].astype(int).astype(str),
            "first_value": found["first_value"].astype(float),
            "last_year": found["last"].astype(int).astype(str),
            "last_value": found["last_value"].astype(float),
            "mann_kendall_s": found["s"].astype(int),
            "mann_kendall_p": found["p"].astype(float),
            "suggested": found["direction"],
        }
    ).set_axis(index)
    names = SERIES[table.form]
    table.sources = source_of(inputs, *names)
    long = inputs.table("statistics", "statistics")
    table.period = year_spans(long.loc[long["series"].isin(names), "year"])
    options = inputs.country.parameters
    least = int(tables.constant("statistics_minimum_years"))
    table.notes += [
        "The team chooses the direction: increase, decrease, no_change or unknown.",
        f"Suggested: two-sided Mann–Kendall test on the years with a value, level "
        f"{options['alpha']:g}. Fewer than {least} years give unknown; fewer than "
        f"{options['minimum_trend_years']} without a significant change do so, too.",
        "Estimates that a model has smoothed make the test too sure: look at the values.",
    ]

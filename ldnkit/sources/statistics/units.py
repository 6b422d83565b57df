"""Percent or fraction: what a file holds, what PRAIS wants, and the step between them."""

from __future__ import annotations

import pandas as pd

from ldnkit.country_file.forms_layers import Statistic
from ldnkit.findings import listed
from ldnkit.periods import year_spans
from ldnkit.sources.statistics.records import Notes, Records
from ldnkit.sources.statistics.series import Series, normal

#: Highest value of each unit that a country file may name.
HIGHEST = {"percent": 100.0, "fraction": 1.0}
#: Units of the SDG database in which the series are published.
PUBLISHED = {"percent": ("percent", "%"), "index": ("index", "")}
#: A value above this beside others up to one, and none between: two units in one column.
FAR = 20.0


def in_unit(table, percent, records: Records, statistic: Statistic, series: Series, notes: Notes):
    """The table in the unit of PRAIS.

    ``percent`` says for every row whether the file names percent, by a sign or a heading.
    Nothing is converted on a guess: without a unit, figures that look like fractions are an
    error that asks for one.
    """
    if table.empty:
        return table
    if records.form != "table":
        _published(table, statistic, series, notes)
        return table
    if statistic.unit is None:
        return _undeclared(table, percent, series, notes)
    if statistic.unit == "fraction" and percent.any():
        remedy = "Write unit: percent, or delete the line."
        notes.add("error", [], "unit: fraction beside percent signs", "one of the two", remedy)
        return table
    if statistic.unit == "index":
        return table
    return _multiplied(table, series, statistic.unit, notes)


def _published(table, statistic: Statistic, series: Series, notes: Notes) -> None:
    """The unit of the database, when the file names it; the country file cannot change it."""
    if statistic.unit not in (None, series.unit):
        found = f"unit: {statistic.unit} beside a file of the database"
        remedy = "Delete the line unit: it is not used."
        notes.add("warning", [], found, series.unit, remedy)
    units = {normal(unit) for unit in table["unit"] if unit != ""}
    other = units - set(PUBLISHED[series.unit])
    if other:
        expected = PUBLISHED[series.unit][0].upper()
        remedy = "Download the series in this unit."
        notes.add("error", [], f"the unit {listed(sorted(other))}", expected, remedy)


def _undeclared(table, percent, series: Series, notes: Notes) -> pd.DataFrame:
    """No unit in the country file: that of the file, or a question."""
    values, places = table["value"], table["place"]
    small = values.abs() <= 1
    named = percent | table["unit"].map(lambda unit: normal(unit) in ("percent", "%"))
    if series.maximum == 1:
        if named.any():
            return _multiplied(table, series, "percent", notes)
        if (~small).any():
            remedy = "Write unit: percent, or correct the values."
            found = f"values above 1 ({_some(values[~small])})"
            notes.add("error", places[~small], found, "an index from 0 to 1", remedy)
            return table[small]
        return table
    if small.all() and (values != 0).any():
        if named.all():
            remedy = "If they are right, write unit: percent; else write unit: fraction."
            found = f"values of one percent or less only ({_some(values)})"
            notes.add("warning", [], found, "percent or fractions?", remedy)
        else:
            remedy = "Write unit: fraction if 0.37 means 37 percent, or unit: percent."
            expected = f"figures from {series.minimum:g} to {series.maximum:g}"
            found = f"values of 1 or less only ({_some(values)})"
            notes.add("error", [], found, expected, remedy)
    _two_units(table, notes)
    return table


def _two_units(table: pd.DataFrame, notes: Notes) -> None:
    """Fractions and percent in one column: small and large values, and none between them."""
    values = table["value"]
    small, large = (values > 0) & (values <= 1), values > FAR
    if small.any() and large.any() and not ((values > 1) & (values <= FAR)).any():
        years = year_spans(table.loc[small, "year"])
        remedy = "If they are fractions, write all values in percent."
        found = f"{_some(values[small])} in {years} beside {_some(values[large])}"
        notes.add("warning", table.loc[small, "place"], found, "one unit in a column", remedy)


def _multiplied(table: pd.DataFrame, series: Series, unit: str, notes: Notes) -> pd.DataFrame:
    """Values and bounds times what leads from the unit of the file to that of PRAIS; it is said."""
    factor = series.maximum / HIGHEST[unit]
    if factor == 1:
        return table
    said = f"× {factor:g}" if factor > 1 else f"÷ {1 / factor:g}"
    found = f"values given as {unit}, {said}"
    notes.add("info", [], found, "", f"They are reported from 0 to {series.maximum:g}.")
    # a division by a whole number is exact where a multiplication by its inverse is not
    changed = {
        name: table[name] * factor if factor > 1 else table[name] / (1 / factor)
        for name in ("value", "lower", "upper")
    }
    return table.assign(**{name: column.round(12) for name, column in changed.items()})


def in_range(table: pd.DataFrame, series: Series, notes: Notes) -> None:
    """Values and bounds that the series cannot have."""
    for name in ("value", "lower", "upper"):
        figures = table[name]
        wrong = (figures < series.minimum) | (figures > series.maximum * (1 + 1e-9))
        if wrong.any():
            found = f"{name} {_some(figures[wrong])}"
            expected = f"{series.minimum:g} to {series.maximum:g}"
            remedy = "Correct the values, or name the right column and unit."
            notes.add("error", table.loc[wrong, "place"], found, expected, remedy)
    low = table["value"] < (series.minimum if series.least is None else series.least)
    if low.any() and series.least is not None:
        found = f"value {_some(table.loc[low, 'value'])}"
        remedy = "Write unit: fraction if the file has values from 0 to 1; else correct them."
        expected = f"{series.least:g} or more (from 0 to {series.maximum:g})"
        notes.add("error", table.loc[low, "place"], found, expected, remedy)


def _some(values: pd.Series) -> str:
    return listed(f"{value:g}" for value in values)

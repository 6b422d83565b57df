"""The tables of the forms SO4-2 and SO4-3: the Red List Index and protected key sites.

SO4-1, carbon stocks, has no table: it is reported once, under SO1-3.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ldnkit import yearly_change
from ldnkit.country_file.layers import METADATA
from ldnkit.findings import Finding
from ldnkit.periods import year_spans, years_between
from ldnkit.prais.breaches import TOLERANCE, breach
from ldnkit.prais.inputs import Inputs
from ldnkit.prais.report import Report, Table, is_share

#: What the result of statistics is called.
STATISTICS = "statistics"


@dataclass(frozen=True)
class Indicator:
    """Where an indicator comes from and what its column is called."""

    form: str
    result: str  # of the team's own files
    section: str  # of the country file
    series: str  # of the statistics
    column: str
    most: float
    helps: tuple[str, ...]


RED_LIST = Indicator(
    *("SO4-2", "red_list", "species", "red_list", "red_list_index", 1.0),
    helps=("species", "data_deficient"),
)
PROTECTED = Indicator(
    *("SO4-3", "protected_areas", "key_biodiversity_areas", "protected", "covered.share", 100.0),
    helps=("sites",),
)
INDICATORS = {indicator.form: indicator for indicator in (RED_LIST, PROTECTED)}
#: Computed indicator -> the result that has the published series instead.
ALTERNATIVES = {indicator.result: STATISTICS for indicator in INDICATORS.values()}


def wanting(results: Mapping, table_id: str) -> str:
    """What to do first when the results have neither an own nor a published series."""
    indicator = INDICATORS.get(table_id.partition(".")[0])
    if indicator is None or indicator.result in results:
        return ""
    if len(_published(results, indicator)):
        return ""
    return (
        f"Give {indicator.section}, or statistics: {indicator.series}, in country.yml, "
        "run notebook 13 and build the report again."
    )


def red_list_by_year(inputs: Inputs, table: Table) -> None:
    """SO4-2.T1: the Red List Index of every year, with its bounds."""
    own = _fill(inputs, table, RED_LIST)
    table.notes.append("1: all species are of least concern. 0: all species are extinct.")
    if own:
        table.notes += [
            "Own index, in the years in which species were assessed. A species keeps its category "
            "until its next assessment; each species counts the same, or by the share of its "
            "range inside the country.",
            "Bounds: 95 percent of the indices of as many species drawn at random from the same "
            "list.",
        ]
    table.notes.append("SO4-1, carbon stocks, is reported once, under SO1-3.")


def coverage_by_year(inputs: Inputs, table: Table) -> None:
    """SO4-3.T1: the mean protected share of key biodiversity areas, with its bounds."""
    own = _fill(inputs, table, PROTECTED)
    table.notes.append(
        "Mean over the terrestrial key biodiversity areas of the share of each that lies inside "
        "protected areas or other effective area-based conservation measures."
    )
    if own:
        table.notes.append(
            "Own calculation by year of designation. Each site counts the same and is counted "
            "whole; land in several protected areas counts once."
        )
        if table.frame["lower_bound"].notna().any():
            table.notes.append(
                "Bounds: without and with the protected areas whose year of designation is not "
                "known."
            )


def red_list_direction(inputs: Inputs, table: Table) -> None:
    """SO4-2.T2: direction of change, drivers and levers, with a suggested direction."""
    columns = ("direction", "direct_drivers", "indirect_drivers", "levers", "comments")
    _direction(inputs, table, RED_LIST, columns)
    table.answers, table.optional = columns[:-1], columns[-1:]
    table.notes += [
        "An increase means that the risk of extinction falls.",
        "Rank the drivers of a negative change, the strongest first. Levers: what was done that "
        "made the index better or slowed its fall.",
    ]


def coverage_direction(inputs: Inputs, table: Table) -> None:
    """SO4-3.T2: direction of change, drivers and comments, with a suggested direction."""
    columns = ("direction", "drivers", "comments")
    _direction(inputs, table, PROTECTED, columns)
    table.answers, table.optional = columns[:-1], columns[-1:]
    table.notes.append("An increase means that more of the key biodiversity areas is protected.")


def _own(inputs: Inputs, indicator: Indicator) -> pd.DataFrame:
    """The series of the team's own files, in the years of the report; empty without them."""
    if indicator.result not in inputs.results:
        return pd.DataFrame(columns=["value", "lower", "upper", *indicator.helps])
    long = inputs.table(indicator.result, indicator.result)
    return _of_the_report(inputs, long.dropna(subset="value").set_index("year"))


def _published(results: Mapping, indicator: Indicator) -> pd.DataFrame:
    """The published series; empty without statistics or when they do not have it."""
    columns = ["value", "lower", "upper"]
    if STATISTICS not in results or "statistics" not in results[STATISTICS].tables:
        return pd.DataFrame(columns=columns)
    long = results[STATISTICS].tables["statistics"]
    mine = long[(long["series"] == indicator.series) & long["value"].notna()]
    return mine.drop_duplicates("year").set_index("year").reindex(columns=columns)


def _of_the_report(inputs: Inputs, frame: pd.DataFrame) -> pd.DataFrame:
    years = years_between(inputs.cycle.baseline.first, inputs.cycle.last.last)
    return frame[frame.index.isin(years)].sort_index()


def _chosen(inputs: Inputs, indicator: Indicator) -> tuple[pd.DataFrame, bool]:
    """The series to report, and whether it is the team's own."""
    own = _own(inputs, indicator)
    if indicator.result in inputs.results:
        return own, True
    return _of_the_report(inputs, _published(inputs.results, indicator)), False


def _fill(inputs: Inputs, table: Table, indicator: Indicator) -> bool:
    """Value, bounds and comments of every year; True when they are the team's own."""
    series, own = _chosen(inputs, indicator)
    index = pd.Index([str(int(year)) for year in series.index], name="year")
    values = series[["value", "lower", "upper"]].astype(float).set_axis(index)
    table.frame = values.set_axis([indicator.column, "lower_bound", "upper_bound"], axis=1)
    table.frame["comments"] = pd.Series("", index, dtype=object)
    table.text, table.optional = ("comments",), ("lower_bound", "upper_bound", "comments")
    table.period = year_spans(series.index)
    table.sources = _sources(inputs, indicator, own)
    if own:
        published = _published(inputs.results, indicator)["value"].reindex(series.index)
        table.help = series[list(indicator.helps)].astype(int).set_axis(index)
        if published.notna().any():
            table.help["published"] = published.astype(float).to_numpy()
            table.notes.append("The published series stands beside your own for checking.")
    else:
        table.notes.append("The published series, as the file of statistics has it.")
    return own


def _sources(inputs: Inputs, indicator: Indicator, own: bool) -> list[dict[str, str]]:
    if own:
        return inputs.sources(indicator.section)
    statistic = (getattr(inputs.country, "statistics", None) or {}).get(indicator.series)
    if statistic is None:
        return []
    row = {"layer": f"statistics.{indicator.series}", "source": statistic.source}
    return [row | {name: getattr(statistic.metadata, name) for name in METADATA}]


def _direction(inputs: Inputs, table: Table, indicator: Indicator, columns) -> None:
    """One row of answers, and beside it the test that suggests a direction."""
    series, own = _chosen(inputs, indicator)
    options = inputs.country.parameters
    alpha, minimum = options["alpha"], options["minimum_trend_years"]
    values = series["value"].astype(float)
    table.help = pd.DataFrame([_tested(values, alpha, minimum)], pd.Index([indicator.form]))
    table.help.index.name = "indicator"
    index = pd.Index([indicator.form], name="indicator")
    table.frame = pd.DataFrame("", index, list(columns), dtype=object)
    table.text, table.keyed = tuple(columns), ("direction", "suggested")
    table.period = year_spans(series.index)
    table.sources = _sources(inputs, indicator, own)
    table.notes += [
        "The team chooses the direction: increase, decrease, no_change or unknown.",
        f"Suggested: two-sided Mann–Kendall test on the yearly values, level {alpha:g}; "
        f"fewer than {minimum} years give unknown.",
    ]


def _tested(values: pd.Series, alpha: float, minimum: int) -> dict[str, object]:
    """First and last value, S and p of the Mann–Kendall test, and the direction they suggest."""
    found = yearly_change.change(values.index, values, alpha=alpha, minimum_years=minimum)
    return {
        "years": found.n,
        "first_value": values.iloc[0] if found.n else np.nan,
        "last_value": values.iloc[-1] if found.n else np.nan,
        "mann_kendall_s": found.s,
        "mann_kendall_p": found.p,
        "suggested": found.direction,
    }


def index_bounds(report: Report) -> Iterator[Finding]:
    """Rule 4: an index lies between 0 and 1, a mean share below 100 %, both inside their bounds."""
    for indicator in INDICATORS.values():
        table = report.tables.get(f"{indicator.form}.T1")
        for year, row in table.frame.iterrows() if table is not None else ():
            value, low, high = (
                float(row[name]) for name in (indicator.column, "lower_bound", "upper_bound")
            )
            for name, found in (
                (indicator.column, value),
                ("lower_bound", low),
                ("upper_bound", high),
            ):
                # rule 1 looks at shares
                if not is_share(name) and found > indicator.most * (1 + TOLERANCE):
                    yield breach(
                        "index_bounds",
                        table,
                        f"{year}, {name}",
                        f"{found:g}",
                        f"{indicator.most:g} or less",
                        "Check the unit: an index runs from 0 to 1, a share from 0 to 100.",
                    )
            slack = indicator.most * TOLERANCE
            if low > value + slack or high < value - slack:
                yield breach(
                    "index_bounds",
                    table,
                    f"{year}, {indicator.column}",
                    f"{value:g}",
                    f"a value between its bounds {low:g} and {high:g}",
                    "Correct the value or its bounds.",
                )

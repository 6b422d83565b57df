"""The tables of a report beside the figures of a Trends.Earth summary."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from ldnkit.prais.trends_earth_shapes import classes_of
from ldnkit.sources.trends_earth import summaries

COLUMNS = ("table", "period", "row", "unit", "ours", "theirs", "difference", "percent")
#: Table, the column of a period in it, and where the summary has the same classes.
AREAS = (
    ("SO1-1.T7", "{period}.area", "period_assessment.land_cover.summary"),
    ("SO1-2.T3", "{period}.area", "period_assessment.productivity.summaries.non_water"),
    ("SO1-3.T2", "{period}.area", "period_assessment.soil_organic_carbon.summaries.non_water"),
)
#: Row of our tables -> code of the class.
ROWS = {"degraded": -1, "stable": 0, "improved": 1, "no_data": -32768}
STATUS, ASSESSED = "status_assessment.sdg", "period_assessment.sdg.summary"
PEOPLE = "affected_population.summary"


def compare(summary: str | Path | Mapping, report) -> pd.DataFrame:
    """Put our figures and those of a summary side by side.

    Parameters
    ----------
    summary : path, or what such a JSON file holds
        A land condition summary of Trends.Earth, or one of ours.
    report : Report
        Tables from :func:`ldnkit.prais.build`.

    Returns
    -------
    DataFrame
        table, period, row, unit, ours, theirs, difference (ours − theirs) and percent of theirs.
        Only figures that both have. Trends.Earth counts water and gaps by other rules, and its
        boundaries are others: differences are to be explained, not to be removed.

    Examples
    --------
    >>> compare("land_condition.json", report)  # doctest: +SKIP
    """
    theirs = summaries.read_summary(summary)
    rows = [*_areas(theirs, report), *_degraded(theirs, report), *_people(theirs, report)]
    frame = pd.DataFrame(rows, columns=list(COLUMNS[:6]))
    frame["difference"] = frame["ours"] - frame["theirs"]
    frame["percent"] = 100 * frame["difference"] / frame["theirs"].where(frame["theirs"] != 0)
    return frame


def _their(theirs: pd.DataFrame, **wanted) -> float | None:
    for column, value in wanted.items():
        theirs = theirs[theirs[column] == value]
    return float(theirs["value"].iloc[0]) if len(theirs) == 1 else None


def _frame(report, table_id: str) -> pd.DataFrame:
    try:
        return report[table_id].frame
    except KeyError:
        return pd.DataFrame()


def _areas(theirs, report):
    names = classes_of("change")
    for table, pattern, block in AREAS:
        frame = _frame(report, table)
        for period in theirs["period"].unique():
            column = pattern.format(period=period)
            if column not in frame:
                continue
            for row, code in ROWS.items():
                found = _their(theirs, period=period, block=block, name=names[code])
                if found is not None and row in frame.index:
                    yield table, period, row, "km²", float(frame.loc[row, column]), found


def _degraded(theirs, report):
    """Degraded land of every status year: the baseline by its assessment, the others by status."""
    frame = _frame(report, "SO1-4.T2")
    for number, year in enumerate(frame.index):
        period = "baseline" if number == 0 else f"report_{number}"
        block = ASSESSED if number == 0 else STATUS
        found = _their(theirs, period=period, block=block, name=classes_of("change")[-1])
        if found is not None:
            ours = float(frame.loc[year, "degraded_area"])
            yield "SO1-4.T2", period, f"degraded {year}", "km²", ours, found


def _people(theirs, report):
    frame = _frame(report, "SO2-3.T1")
    last = report.country.cycle.last.name
    ends = [name for name in ("baseline", last) if name in set(theirs["period"])]
    for year, period in zip(frame.index, ends, strict=False):
        for sex in ("total", "female", "male"):
            summary = f"{sex.capitalize()} population"
            block = f"{PEOPLE}.{summary}"
            name = classes_of("change")[-1]
            found = _their(theirs, period=period, block=block, summary=summary, name=name)
            if found is not None:
                ours = float(frame.loc[year, f"{sex}.exposed"])
                yield "SO2-3.T1", period, f"{sex} exposed {year}", "persons", ours, found

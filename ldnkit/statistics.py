"""Official series (SO2-1, SO2-2, SO4-2, SO4-3): what is reported of them, and where they go.

Values are those of the source: nothing is interpolated, smoothed or corrected.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from ldnkit import tables, yearly_change
from ldnkit.country_file.forms_layers import SERIES, Statistic
from ldnkit.findings import Finding, InputError
from ldnkit.periods import year_spans
from ldnkit.sources import statistics as files
from ldnkit.sources.statistics.checked import nothing
from ldnkit.sources.statistics.series import LOCATIONS, definition

#: The test behind a direction of change.
TEST = "Mann-Kendall"


def compute_tables(
    statistics: Mapping[str, Statistic], country
) -> tuple[dict[str, pd.DataFrame], list[Finding]]:
    """The official series of a country in the years of the report, and their directions.

    Parameters
    ----------
    statistics : mapping of str to Statistic
        Sections of the country file by name of the series.
    country : Country
        Its code, the years of its cycle and its parameters (alpha, minimum_trend_years).

    Returns
    -------
    tables : dict of DataFrame
        statistics: series, year, location (total, urban, rural), value, lower, upper (percent,
        0–100 or 0–1, as PRAIS asks), nature, status (notes of the source), release, database.
        direction: as :func:`directions`.
    findings : list of Finding
        Warnings and remarks.

    Raises
    ------
    InputError
        Every problem of all files at once.

    References
    ----------
    UNCCD reporting manual, 2026 process: SO2-1, SO2-2, SO4-2, SO4-3.

    Examples
    --------
    >>> found, findings = compute_tables(country.statistics, country)  # doctest: +SKIP
    """
    long, findings = gathered(statistics, country)
    errors = [finding for finding in findings if finding.severity == "error"]
    if errors:
        raise InputError(errors)
    options = country.parameters
    found = directions(
        long, alpha=options["alpha"], steady_years=int(options["minimum_trend_years"])
    )
    return {"statistics": long, "direction": found}, findings


def look(country) -> list[Finding]:
    """Every problem of the files of a country's official series, before the work starts.

    Parameters
    ----------
    country : Country

    Returns
    -------
    list of Finding
        Empty when the country file has no section ``statistics``.
    """
    return gathered(country.statistics or {}, country)[1]


def gathered(statistics: Mapping[str, Statistic], country) -> tuple[pd.DataFrame, list[Finding]]:
    """All series in the years of the report, with every problem of their files."""
    parts, findings = [], []
    for name in sorted(statistics, key=SERIES.index):
        section = statistics[name]
        table, found = files.examine(section, name, iso3=country.iso3)
        findings += found
        kept, said = within(table, name, country.cycle)
        findings += [*said, *_remarks(kept, name, section)]
        parts.append(kept)
    kept = [part for part in parts if len(part)]
    return pd.concat(kept, ignore_index=True) if kept else nothing(), findings


def within(table: pd.DataFrame, name: str, cycle) -> tuple[pd.DataFrame, list[Finding]]:
    """The values in the years of the report; the others are kept out, and that is said.

    Parameters
    ----------
    table : DataFrame
        Tidy rows of one series.
    name : str
        The series.
    cycle : Cycle
        From its first baseline year to its last year.
    """
    first, last = cycle.baseline.first, cycle.last.last
    inside = table["year"].between(first, last)
    outside = table.loc[~inside, "year"]
    if outside.empty:
        return table, []
    count = f"{len(outside)} value{'s' if len(outside) > 1 else ''}"
    found = f"{count} outside the years of the report ({year_spans(outside)})"
    expected, remedy = f"years from {first} to {last}", "They are not reported."
    finding = _remark("info", name, found, expected, remedy)
    if not inside.any():
        finding = _remark("warning", name, found, expected, "Give a longer series if there is one.")
    return table[inside].reset_index(drop=True), [finding]


def _remark(severity, name, found, expected="", remedy="") -> Finding:
    where = f"statistics.{name}"
    return Finding(severity, where, found, expected, remedy, definition(name).notebook)


def _remarks(table: pd.DataFrame, name: str, section: Statistic) -> list[Finding]:
    """What to know about a series before it is reported."""
    series, findings = definition(name), []
    if table.empty:
        return []
    absent = [place for place in series.locations if place not in set(table["location"])]
    if absent:
        found = f"no {' and no '.join(absent)} values"
        expected = ", ".join(series.locations)
        remedy = "Add them if your statistical office has them; else the column stays empty."
        findings.append(_remark("warning", name, found, expected, remedy))
    if section.source == "default" and not series.validated:
        remedy = "Have it checked by your statistical office: it has no SDG validation."
        findings.append(_remark("info", name, "default data that need validation", "", remedy))
    elif section.source == "default" and (table["database"] == "table").all():
        found = "default data in a table without the codes of a database"
        remedy = "If they are your own figures, write source: national and the metadata."
        expected = "an answer or an export of the SDG database"
        findings.append(_remark("info", name, found, expected, remedy))
    return findings


def directions(long: pd.DataFrame, *, alpha: float = 0.05, steady_years: int = 8) -> pd.DataFrame:
    """The direction of change of every series and location; a suggestion, the team decides.

    Two-sided Mann–Kendall test on the years that have a value. Fewer than five values say
    nothing; without a significant change, fewer than ``steady_years`` do not say that nothing
    changes either: the direction is unknown.

    Parameters
    ----------
    long : DataFrame
        series, year, location, value.
    alpha : float
        Significance level.
    steady_years : int
        Values needed to say that nothing changes.

    Returns
    -------
    DataFrame
        series, location, direction (increase, decrease, no_change, unknown), test, s, p, n,
        first, last (years), first_value, last_value.

    References
    ----------
    Mann (1945); Kendall (1975).

    Examples
    --------
    >>> falling = pd.DataFrame({"series": "poverty", "location": "total",
    ...                         "year": [2000, 2005, 2010, 2015, 2020],
    ...                         "value": [60.0, 51.0, 44.0, 37.0, 36.0]})
    >>> directions(falling)[["direction", "s", "n"]].values.tolist()
    [['decrease', -10, 5]]
    """
    least, rows = int(tables.constant("statistics_minimum_years")), []
    for (name, place), part in long.groupby(["series", "location"], sort=False):
        options = {"alpha": alpha, "minimum_years": least, "steady_years": steady_years}
        change = yearly_change.change(part["year"], part["value"], **options)
        values = part.set_index("year")["value"]
        rows.append(
            {
                "series": name,
                "location": place,
                "direction": change.direction,
                "test": TEST,
                "s": change.s,
                "p": change.p,
                "n": change.n,
                "first": change.first,
                "last": change.last,
                "first_value": values.get(change.first),
                "last_value": values.get(change.last),
            }
        )
    names = ("series", "location", "direction", "test", "s", "p", "n", "first", "last")
    return pd.DataFrame(rows, columns=[*names, "first_value", "last_value"])


def fetch(series: str, country, **options):
    """Ask a public API for a series; see :func:`ldnkit.sources.statistics.fetch`."""
    return files.fetch(series, country, **options)


__all__ = ["LOCATIONS", "compute_tables", "directions", "fetch", "gathered", "look", "within"]

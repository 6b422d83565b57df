"""Rule 4 between tables: what one table says of a class, another must say as well.

Two tables are compared only where each of them adds up by itself; else the mistake is told there.
"""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from ldnkit import tables
from ldnkit.findings import Finding
from ldnkit.prais.breaches import TOLERANCE, breach, differ, km2
from ldnkit.prais.report import DEGRADATION, DYNAMICS, NO_DATA, TOTAL, Report, Table, legend_of
from ldnkit.prais.sums import closes

#: The change matrices and the tables of productivity, baseline and reporting period.
CHANGES, BY_CLASS = ("SO1-1.T5", "SO1-1.T6"), ("SO1-2.T1", "SO1-2.T2")
#: Unit of an index -> its highest value.
HIGHEST = {"index": 1.0, "index_100": 100.0}


def _periods(report: Report) -> tuple:
    return report.country.cycle.baseline, report.country.cycle.last


def _sound(report: Report, table_id: str, column: str | None = None) -> Table | None:
    """A table that is there and adds up."""
    table = report.tables.get(table_id)
    return table if table is not None and closes(table, column) else None


def change_margins(report: Report) -> Iterator[Finding]:
    """Row and column totals by class are the areas of SO1-1.T4, no data included."""
    cover = report.tables.get("SO1-1.T4")
    if cover is None:
        return
    margins = []
    for table_id in CHANGES:
        table = _sound(report, table_id)
        if table is not None:
            margins.append((table, table.fields["first_year"], table.frame[TOTAL], "row"))
            margins.append((table, table.fields["last_year"], table.frame.loc[TOTAL], "column"))
    for table_id, period in zip(BY_CLASS, _periods(report), strict=True):
        table = _sound(report, table_id)
        if table is not None:
            margins.append((table, str(period.status_year), table.frame[TOTAL], "row"))
    for table, year, totals, kind in margins:
        if year not in cover.frame or not closes(cover, year):
            continue
        for key in totals.index.drop(TOTAL).intersection(cover.frame.index):
            expected = float(cover.frame.loc[key, year])
            if differ(float(totals[key]), expected, float(cover.frame.loc[TOTAL, year])):
                yield breach(
                    "change_margins",
                    table,
                    f"{kind} {key}, {TOTAL}",
                    km2(totals[key]),
                    f"{km2(expected)}, {key} of {year} in SO1-1.T4",
                    "Use the same land cover for both tables and compute them again.",
                )


def process_areas(report: Report) -> Iterator[Finding]:
    """SO1-1.T1: all processes of a transition together have the area of its matrix cell."""
    table = report.tables.get("SO1-1.T1")
    if table is None:
        return
    for matrix_id, period in zip(CHANGES, _periods(report), strict=True):
        matrix, column = _sound(report, matrix_id), f"{period.name}.area"
        if matrix is None or column not in table.frame:
            continue
        for (first, last), rows in table.frame.groupby(["starting_class", "ending_class"]):
            if first not in matrix.frame.index or last not in matrix.frame:
                continue
            found = float(rows[column].astype(float).sum(skipna=False))
            expected = float(matrix.frame.loc[first, last])
            # with regions of their own a transition may degrade in some of them only
            if report.country.regions and found < expected:
                continue
            if differ(found, expected):
                yield breach(
                    "process_area",
                    table,
                    f"{rows.index[0]}, {column}",
                    km2(found),
                    f"{km2(expected)}, {first} to {last} in {matrix_id}",
                    "Write the area of the change matrix, or build the report again.",
                )


def cover_degradation(report: Report) -> Iterator[Finding]:
    """SO1-1.T7 is the change matrix seen through the transition matrix."""
    country = report.country
    if country.regions or country.land_cover is None:
        return
    codes = legend_of(country).set_index("key")["code"]
    signs = {
        (row["from"], row["to"]): row["sign"]
        for row in country.land_cover.matrix.to_dict("records")
    }
    for matrix_id, period in zip(CHANGES, _periods(report), strict=True):
        matrix = _sound(report, matrix_id)
        years = tuple(str(year) for year in period.land_cover)
        if matrix is None or (matrix.fields["first_year"], matrix.fields["last_year"]) != years:
            continue
        sums = dict.fromkeys(DEGRADATION.values(), 0.0)
        cells = matrix.frame.drop(index=TOTAL, columns=TOTAL)
        for (first, last), area in cells.stack(future_stack=True).items():
            known = NO_DATA not in (first, last)
            sign = signs.get((codes[first], codes[last]), 0) if known else tables.NODATA
            sums[DEGRADATION[sign]] += float(area)
        yield from _compared(
            report, "SO1-1.T7", "cover_degradation", f"{period.name}.area", sums, matrix_id
        )


def dynamics_degradation(report: Report) -> Iterator[Finding]:
    """SO1-2.T3: declining and moderate decline are degraded, increasing is improved."""
    states = tables.lpd_degradation() | {tables.NODATA: tables.NODATA}
    for by_class, period in zip(BY_CLASS, _periods(report), strict=True):
        table = _sound(report, by_class)
        if table is None:
            continue
        sums = dict.fromkeys(DEGRADATION.values(), 0.0)
        for lpd, state in states.items():
            cells = table.frame[DYNAMICS[lpd]].drop(TOTAL).astype(float)
            sums[DEGRADATION[state]] += float(cells.sum(skipna=False))
        yield from _compared(
            report, "SO1-2.T3", "dynamics_degradation", f"{period.name}.area", sums, by_class
        )


def _compared(
    report: Report, table_id: str, rule: str, column: str, sums: dict, source: str
) -> Iterator[Finding]:
    """Cells of a column that are not the sums of another table."""
    table = _sound(report, table_id, column)
    if table is None:
        return
    whole = float(table.frame.loc[TOTAL, column])
    for key, expected in sums.items():
        found = float(table.frame.loc[key, column])
        if differ(found, expected, whole):
            yield breach(
                rule,
                table,
                f"{key}, {column}",
                km2(found),
                f"{km2(expected)}, the sum of its cells in {source}",
                "Correct the cell, or compute both tables again.",
            )


def water_between(report: Report) -> Iterator[Finding]:
    """SO2-2.T1: the total lies between urban and rural."""
    table = report.tables.get("SO2-2.T1")
    for year, row in table.frame.iterrows() if table is not None else ():
        urban, rural, total = (
            float(row[f"water.{name}.share"]) for name in ("urban", "rural", "total")
        )
        low, high, slack = min(urban, rural), max(urban, rural), 100 * TOLERANCE
        known = pd.notna(urban + rural + total) and total <= 100 + slack
        if known and not low - slack <= total <= high + slack:
            yield breach(
                "water_between",
                table,
                f"{year}, water.total.share",
                f"{total:g} %",
                f"a value between {low:g} % and {high:g} %, those of urban and rural",
                "Look up the three values in their source.",
            )


def index_limits(report: Report) -> Iterator[Finding]:
    """An index is not above its highest value: 1, or 100 for the Gini index."""
    for table in report.tables.values():
        if table.unit not in HIGHEST or table.form == "SO4-2":  # that one has its own rule
            continue
        for column in table.numbers:
            for row, value in table.frame[column].items():
                if pd.notna(value) and value > HIGHEST[table.unit] * (1 + TOLERANCE):
                    yield breach(
                        "index_bounds",
                        table,
                        f"{row}, {column}",
                        f"{value:g}",
                        f"{HIGHEST[table.unit]:g} or less",
                        "Check the unit: a share of 1 is 100 %.",
                    )

"""Rules 1, 3 and 4: areas that add up in a table, and to the national areas of CP-1.T1.

Sums are compared before rounding, to a relative 1e-6.  A mistake is told where it is: sums of a
table that do not add up by themselves are not compared with other tables as well.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd

from ldnkit.findings import Finding
from ldnkit.prais.breaches import TOLERANCE, breach, close, differ, km2, percent
from ldnkit.prais.definitions import definitions
from ldnkit.prais.report import DROUGHT, TOTAL, Report, Table, is_share, water_keys

AREA = ("total_land_area", "water_bodies", "total_country_area")
#: Tables whose columns are degraded, improved, stable and no data of a period.
BY_PERIOD = ("SO1-1.T7", "SO1-2.T3", "SO1-3.T2")


class Sum(NamedTuple):
    """One sum that CP-1.T1 must cover."""

    year: str
    column: str
    area: float
    table: str
    cell: str
    #: Whether the sum is the whole national area, and adds up by itself.
    whole: bool


# ------------------------------------------------------------------ sums inside a table
def gap(values: pd.Series) -> float:
    """The parts of a column or row less its total; zero when they close or are not all known."""
    cells, is_total = values.to_numpy(dtype=float), values.index == TOTAL
    parts, total = cells[~is_total], float(cells[is_total][0])
    if np.isnan(cells).any():
        return 0.0
    difference = float(parts.sum() - total)
    return 0.0 if close(difference, 0.0, max(abs(total), np.abs(parts).sum())) else difference


def has_totals(table: Table) -> bool:
    return TOTAL in table.frame.index


def is_square(table: Table) -> bool:
    """Whether a table has totals at its right and at its foot."""
    return has_totals(table) and TOTAL in table.frame.columns


def closes(table: Table, column: str | None = None) -> bool:
    """Whether a column, or every row and column of a table, adds up to its total."""
    if column is not None and not is_square(table):
        return gap(table.frame[column]) == 0
    return not any(gap(table.frame[name]) for name in table.numbers) and not (
        is_square(table) and any(gap(row) for _, row in table.frame.iterrows())
    )


def class_sums(report: Report) -> Iterator[Finding]:
    """Rule 4: the classes of a table add up to its total, and that to the national area."""
    for table in report.tables.values():
        if is_square(table):
            yield from _matrix_sums(table)
        elif has_totals(table):
            yield from _column_sums(table)
    yield from _national_sums(report)


def _column_sums(table: Table) -> Iterator[Finding]:
    for column in table.numbers:
        if is_share(column) and closes(table, _area_of(column)):
            continue  # the rule of shares looks at every cell
        difference = gap(table.frame[column])
        if difference:
            total = float(table.frame.loc[TOTAL, column])
            say = percent if is_share(column) else km2
            yield _sum_breach(table, f"{column}, {TOTAL}", say(total), say(total + difference))


def _area_of(share: str) -> str:
    return f"{share.rpartition('.')[0]}.area"


def _matrix_sums(table: Table) -> Iterator[Finding]:
    """A single wrong cell breaks one row and one column by the same area: it is named."""
    frame = table.frame
    rows = {row: found for row in frame.index if (found := gap(frame.loc[row]))}
    columns = {name: found for name in table.numbers if (found := gap(frame[name]))}
    if len(rows) == len(columns) == 1:
        (row, over), (column, down) = rows.popitem(), columns.popitem()
        if close(abs(over), abs(down)):
            value = float(frame.loc[row, column])
            expected = value + over if column == TOTAL else value - over
            if column != TOTAL and row == TOTAL:
                expected = value + down
            yield _sum_breach(table, f"{row}, {column}", km2(value), km2(expected))
            return
        rows, columns = {row: over}, {column: down}
    for kind, broken, totals in (
        ("column", columns, frame.loc[TOTAL]),
        ("row", rows, frame[TOTAL]),
    ):
        for key, difference in broken.items():
            total = float(totals[key])
            yield _sum_breach(table, f"{kind} {key}, {TOTAL}", km2(total), km2(total + difference))


def _sum_breach(table: Table, cell: str, found: str, expected: str) -> Finding:
    return breach(
        "class_sum",
        table,
        cell,
        found,
        f"{expected}, so that the classes add up to the total",
        "Correct the class or the total, or compute the table again.",
    )


def shares(report: Report) -> Iterator[Finding]:
    """Rule 4: each share is its area over the total of its column."""
    for table in report.tables.values():
        if not has_totals(table) or is_square(table):
            continue
        for column in filter(is_share, table.numbers):
            area = _area_of(column)
            if area not in table.frame or not closes(table, area):
                continue
            total = float(table.frame.loc[TOTAL, area])
            for row, value in table.frame[column].items():
                wanted = 100 * float(table.frame.loc[row, area]) / total if total else float("nan")
                yield from share_of_total(table, f"{row}, {column}", value, wanted)


def share_of_total(table: Table, cell: str, value: float, wanted: float) -> Iterator[Finding]:
    """A share that is not the one of its area; above 100 % rule 1 has said it."""
    if differ(float(value), wanted, 100.0) and value <= 100 * (1 + TOLERANCE):
        yield breach(
            "share_of_total",
            table,
            cell,
            percent(value),
            f"{percent(wanted)}, the area or the people over the total",
            "Correct the share, or build the report again.",
        )


# --------------------------------------------------------------------- national areas
def land_sums(report: Report) -> Iterator[Sum]:
    """Sums of every table that CP-1.T1 must cover; ``prais_tables.csv`` says which column."""
    cycle = report.country.cycle
    periods = {cycle.baseline.name: cycle.baseline, cycle.last.name: cycle.last}
    ends = {
        "SO1-2.T1": cycle.baseline.status_year,
        "SO1-2.T2": cycle.last.status_year,
        "SO1-4.T1": cycle.last.status_year,
    }
    for table in report.tables.values():
        column, fills = (definitions()[table.id][name] for name in ("national", "fills"))
        if fills not in ("whole", "part"):
            continue
        whole = fills == "whole"
        if table.id == "SO1-1.T4":
            yield from _cover_sums(report, table)
        elif table.id in BY_PERIOD:
            for name, period in periods.items():
                area = f"{name}.area"
                parts = table.frame[area].drop(TOTAL).astype(float).sum(skipna=False)
                yield Sum(
                    *(str(period.status_year), column, parts, table.id, name),
                    closes(table, area),
                )
        elif is_square(table):
            year = str(ends.get(table.id) or table.fields["last_year"])
            cells = table.frame.drop(index=TOTAL, columns=TOTAL).to_numpy(dtype=float)
            yield Sum(year, column, cells.sum(), table.id, TOTAL, whole and closes(table))
        else:
            yield from _sums_by_year(table, column, whole)


def _cover_sums(report: Report, table: Table) -> Iterator[Sum]:
    water = water_keys(report.country)
    for year in table.frame:
        cells = table.frame[year].drop(TOTAL).astype(float)
        is_water = cells.index.isin(water)
        sums = (cells[~is_water], cells[is_water], cells)
        for column, part in zip(AREA, sums, strict=True):
            area = float(part.sum(skipna=False))
            yield Sum(year, column, area, table.id, year, closes(table, year))


def _sums_by_year(table: Table, column: str, whole: bool) -> Iterator[Sum]:
    """SO1-4.T2 and the tables of land in drought."""
    names = {"SO1-4.T2": ["degraded_area"], "SO3-1.T2": ["under_drought.area"]}
    areas = names.get(table.id, [f"{name}.area" for name in DROUGHT.values()])
    for year, row in table.frame.iterrows():
        area = float(row[areas].astype(float).sum(skipna=False))
        complete = whole and close(area, float(row["total_land_area"]))
        yield Sum(str(year), column, area, table.id, str(year), complete)


def national_totals(report: Report) -> Iterator[Finding]:
    """Rule 1: land, water and country area are never smaller than the matching sums."""
    profile = report.tables.get("CP-1.T1")
    if profile is None:
        return
    larger: dict[tuple[str, str], list[Sum]] = {}
    for found in land_sums(report):
        if found.year not in profile.frame.index:
            continue
        national = float(profile.frame.loc[found.year, found.column])
        if found.area > national and differ(found.area, national, _country(profile, found.year)):
            larger.setdefault((found.year, found.column), []).append(found)
    for (year, column), sums in larger.items():
        listed = "; ".join(dict.fromkeys(f"{found.table}, {found.cell}" for found in sums))
        yield breach(
            "national_totals",
            profile,
            f"{year}, {column}",
            km2(profile.frame.loc[year, column]),
            f"at least {km2(max(found.area for found in sums))}, the sum in {listed}",
            "Correct the national area or the table, or compute both again.",
        )


def _country(profile: Table, year: str) -> float | None:
    area = float(profile.frame.loc[year, "total_country_area"])
    return None if pd.isna(area) else area


def _national_sums(report: Report) -> Iterator[Finding]:
    """The whole land or country is in the table; where CP-1.T1 itself adds up."""
    profile = report.tables.get("CP-1.T1")
    smaller: dict[tuple[str, str], tuple[Sum, float]] = {}
    for found in land_sums(report) if profile is not None else ():
        if not found.whole or found.year not in profile.frame.index:
            continue
        land, water, country = (float(profile.frame.loc[found.year, name]) for name in AREA)
        if differ(land + water, country):
            continue
        national = float(profile.frame.loc[found.year, found.column])
        if found.area < national and differ(found.area, national, country):
            smaller.setdefault((found.table, found.cell), (found, national))
    for (table_id, cell), (found, national) in smaller.items():
        yield breach(
            "class_sum",
            table_id,
            cell,
            km2(found.area),
            f"{km2(national)}, {found.column} of {found.year} in CP-1.T1",
            "Show no data as a class of its own, so that nothing is left out.",
        )


def country_area(report: Report) -> Iterator[Finding]:
    """Rule 3: total country area is land plus water."""
    profile = report.tables.get("CP-1.T1")
    for year, row in profile.frame.iterrows() if profile is not None else ():
        land, water, country = (float(row[column]) for column in AREA)
        if differ(land + water, country):
            yield breach(
                "country_area_sum",
                profile,
                f"{year}, total_country_area",
                km2(country),
                f"{km2(land + water)}, land plus water",
                "Correct one of the three areas.",
            )


def areas_in_country(report: Report) -> Iterator[Finding]:
    """Rule 1: no polygon, target or action is larger than the country."""
    profile = report.tables.get("CP-1.T1")
    if profile is None:
        return
    year = str(report.country.cycle.last.status_year)
    country = _country(profile, year) if year in profile.frame.index else None
    for table in report.tables.values():
        if definitions()[table.id]["fills"] != "each" or country is None:
            continue
        for row, value in table.frame["area"].items():
            area = float(pd.to_numeric(value, errors="coerce"))
            if area > country and differ(area, country):
                yield breach(
                    "area_in_country",
                    table,
                    f"{row}, area",
                    km2(area),
                    f"at most {km2(country)}, the total country area of {year} in CP-1.T1",
                    "Correct the area; check hectares (100 ha are 1 km²).",
                )

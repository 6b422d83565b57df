"""Rules 1, 3, 4 and 5: areas that must agree within a table and between tables.

Sums are compared before rounding, to a relative 1e-6.
"""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from ldnkit.findings import Finding
from ldnkit.prais.breaches import breach, close, km2
from ldnkit.prais.printed import degraded_cells
from ldnkit.prais.report import DROUGHT, TOTAL, Report, Table, is_share, water_keys

AREA = ("total_land_area", "water_bodies", "total_country_area")
#: Tables of a part of the land, which need not fill it.
PARTS = ("SO1-4.T2", "SO3-1.T2")


def _land_sums(report: Report) -> Iterator[tuple[str, str, float, str]]:
    """Sums that CP-1.T1 must cover: year, column of CP-1.T1, area, where it stands."""
    cycle = report.country.cycle
    by_period = {cycle.baseline.name: cycle.baseline, cycle.last.name: cycle.last}
    found = report.tables
    if "SO1-1.T4" in found:
        table, water = found["SO1-1.T4"], water_keys(report.country)
        for year in table.frame:
            cells = table.frame[year].drop(TOTAL)
            if cells.isna().any():
                continue
            is_water = cells.index.isin(water)
            cover = (cells[~is_water].sum(), cells[is_water].sum(), table.frame.loc[TOTAL, year])
            for column, area in zip(AREA, cover, strict=True):
                yield year, column, area, f"SO1-1.T4, {year}"
    for table_id in ("SO1-1.T5", "SO1-1.T6"):
        if table_id in found:
            last = found[table_id].fields["last_year"]
            yield last, AREA[2], found[table_id].frame.loc[TOTAL, TOTAL], f"{table_id}, total"
    for table_id, column in (("SO1-1.T7", AREA[2]), ("SO1-2.T3", AREA[0]), ("SO1-3.T2", AREA[0])):
        for name, period in by_period.items() if table_id in found else ():
            area = found[table_id].frame.loc[TOTAL, f"{name}.area"]
            yield str(period.status_year), column, area, f"{table_id}, {name}"
    for table_id, year in (
        ("SO1-2.T1", cycle.baseline.status_year),
        ("SO1-2.T2", cycle.last.status_year),
        ("SO1-4.T1", cycle.last.status_year),
    ):
        if table_id in found:
            yield str(year), AREA[0], found[table_id].frame.loc[TOTAL, TOTAL], f"{table_id}, total"
    if "SO1-4.T2" in found:
        for year, area in found["SO1-4.T2"].frame["degraded_area"].items():
            yield year, AREA[0], area, f"SO1-4.T2, {year}"
    if "SO3-1.T1" in found:
        areas = found["SO3-1.T1"].frame[[f"{name}.area" for name in DROUGHT.values()]]
        for year, area in areas.sum(axis=1, skipna=False).items():
            yield year, AREA[0], area, f"SO3-1.T1, {year}"
    if "SO3-1.T2" in found:
        for year, area in found["SO3-1.T2"].frame["under_drought.area"].items():
            yield year, AREA[0], area, f"SO3-1.T2, {year}"


def national_totals(report: Report) -> Iterator[Finding]:
    """Rule 1: land, water and country area are never smaller than the matching sums."""
    profile = report.tables.get("CP-1.T1")
    if profile is None:
        return
    larger: dict[tuple[str, str], list[tuple[float, str]]] = {}
    for year, column, area, where in _land_sums(report):
        if year not in profile.frame.index or pd.isna(area):
            continue
        national = profile.frame.loc[year, column]
        if area > national and not close(area, national, _country(profile, year)):
            larger.setdefault((year, column), []).append((area, where))
    for (year, column), sums in larger.items():
        listed = "; ".join(dict.fromkeys(where for _, where in sums))
        yield breach(
            "national_totals",
            profile,
            f"{year}, {column}",
            km2(profile.frame.loc[year, column]),
            f"at least {km2(max(area for area, _ in sums))}, the sum in {listed}",
            "Correct the national area or the table, or compute both again.",
        )


def _country(profile: Table, year: str) -> float:
    return float(profile.frame.loc[year, "total_country_area"])


def country_area(report: Report) -> Iterator[Finding]:
    """Rule 3: total country area is land plus water."""
    profile = report.tables.get("CP-1.T1")
    for year, row in profile.frame.iterrows() if profile is not None else ():
        land, water, country = (float(row[column]) for column in AREA)
        if not close(land + water, country):
            yield breach(
                "country_area_sum",
                profile,
                f"{year}, total_country_area",
                km2(country),
                f"{km2(land + water)}, land plus water",
                "Correct one of the three areas.",
            )


def class_sums(report: Report) -> Iterator[Finding]:
    """Rule 4: the classes of a table add up to its total, and that to the national area."""
    smaller = {}
    profile = report.tables.get("CP-1.T1")
    for table in report.tables.values():
        if TOTAL not in table.frame.index or table.id == "CP-1.T1":
            continue
        square = TOTAL in table.frame.columns
        for column in table.numbers:
            yield from _sum(table, table.frame[column], column)
        for row in table.frame.index if square else ():
            yield from _sum(table, table.frame.loc[row], row)
    if profile is None:
        return
    for year, column, area, where in _land_sums(report):
        if where.startswith(PARTS) or year not in profile.frame.index or pd.isna(area):
            continue
        national = profile.frame.loc[year, column]
        if area < national and not close(area, national, _country(profile, year)):
            smaller.setdefault(where, (column, year, area, national))
    for where, (column, year, area, national) in smaller.items():
        table_id, _, cell = where.partition(", ")
        yield breach(
            "class_sum",
            table_id,
            cell,
            km2(area),
            f"{km2(national)}, {column} of {year} in CP-1.T1",
            "Show no data as a class of its own, so that nothing is left out.",
        )


def _sum(table: Table, values: pd.Series, name: str) -> Iterator[Finding]:
    parts, total = values.drop(TOTAL).astype(float), float(values[TOTAL])
    if pd.isna(total) or parts.isna().any():
        return
    if close(parts.sum(), total, max(abs(total), parts.abs().sum())):
        return
    unit = "" if is_share(name) else " km²"
    yield breach(
        "class_sum",
        table,
        f"{name}, {TOTAL}",
        f"{total:,.4f}{unit}",
        f"{parts.sum():,.4f}{unit}, the sum of the classes",
        "Correct the class or the total, or compute the table again.",
    )


def change_margins(report: Report) -> Iterator[Finding]:
    """Rule 4: row and column totals by class are the areas of SO1-1.T4, no data included."""
    cover = report.tables.get("SO1-1.T4")
    if cover is None:
        return
    cycle = report.country.cycle
    margins = []
    for table_id in ("SO1-1.T5", "SO1-1.T6"):
        table = report.tables.get(table_id)
        if table is not None:
            margins.append((table, table.fields["first_year"], table.frame[TOTAL], "row"))
            margins.append((table, table.fields["last_year"], table.frame.loc[TOTAL], "column"))
    for table_id, period in (("SO1-2.T1", cycle.baseline), ("SO1-2.T2", cycle.last)):
        table = report.tables.get(table_id)
        if table is not None:
            margins.append((table, str(period.status_year), table.frame[TOTAL], "row"))
    for table, year, totals, kind in margins:
        if year not in cover.frame:
            continue
        for key in totals.index.drop(TOTAL).intersection(cover.frame.index):
            expected = cover.frame.loc[key, year]
            if not close(totals[key], expected, cover.frame.loc[TOTAL, year]):
                yield breach(
                    "change_margins",
                    table,
                    f"{kind} {key}, {TOTAL}",
                    km2(totals[key]),
                    f"{km2(expected)}, {key} of {year} in SO1-1.T4",
                    "Use the same land cover for both tables and compute them again.",
                )


def status(report: Report) -> Iterator[Finding]:
    """Rule 5: SO1-4.T1 and SO1-4.T2 say the same; a difference through water is shown."""
    matrix, totals = report.tables.get("SO1-4.T1"), report.tables.get("SO1-4.T2")
    if matrix is None or totals is None:
        return
    cycle = report.country.cycle
    first, last = str(cycle.baseline.status_year), str(cycle.last.status_year)
    land = float(totals.help.loc[last, "total_land_area"])
    cells = matrix.frame.drop(index=TOTAL, columns=TOTAL).to_numpy(dtype=float).sum()
    if not close(cells, land):
        yield breach(
            "status_sum",
            matrix,
            "all cells",
            km2(cells),
            f"{km2(land)}, the land of {last}",
            "Keep the row and the column of no data beside the nine cells.",
        )
    degraded = sum(float(matrix.frame.loc[cell]) for cell in degraded_cells(matrix))
    reported = float(totals.frame.loc[last, "degraded_area"])
    if not close(degraded, reported, land):
        yield breach(
            "status_degraded",
            totals,
            f"{last}, degraded_area",
            km2(reported),
            f"{km2(degraded)}, the degraded cells of SO1-4.T1",
            "Correct the cell, or compute both tables again.",
        )
    baseline = float(matrix.frame.loc["degraded"].drop(TOTAL).sum())
    on_same_land = float(totals.help.loc[last, "baseline_degraded"])
    water = float(totals.help.loc[last, "through_water"])
    reported = float(totals.frame.loc[first, "degraded_area"])
    if not close(baseline, on_same_land, land):
        yield breach(
            "status_baseline",
            matrix,
            f"degraded, {TOTAL}",
            km2(baseline),
            f"{km2(on_same_land)}, degraded in the baseline on the land of {last}",
            "Compute both tables again.",
        )
    if not close(reported, on_same_land + water, land):
        yield breach(
            "status_baseline",
            totals,
            f"{first}, degraded_area",
            km2(reported),
            f"{km2(on_same_land + water)}: {km2(on_same_land)} on the land of {last} and "
            f"{km2(water)} through changed water",
            "Correct the cell, or compute both tables again.",
        )
    elif not close(water, 0.0, land):
        yield breach(
            "water_changed",
            totals,
            f"{first}, degraded_area",
            km2(reported),
            f"{km2(on_same_land)} on the land of {last}; {km2(water)} is changed water",
            "Nothing to mend. Say it in the comments.",
        )

"""Rule 9 for voluntary targets and actions: areas, years, links that need a second look."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from ldnkit import tables
from ldnkit.findings import Finding
from ldnkit.prais.breaches import breach
from ldnkit.prais.report import Report, Table
from ldnkit.prais.targets import NONE
from ldnkit.targets import choices

TABLES = tuple(f"{objective}-VT.T1" for objective in choices("objective"))
LAND, ACTIONS = TABLES[0], "SO1-IA.T1"
#: A target whose year has passed is no longer one of these.
OPEN = ("ongoing", "extended")


def check(report: Report) -> Iterator[Finding]:
    """Every target and action that does not fit its polygon, its year, or the register."""
    for table_id in TABLES:
        table = report.tables.get(table_id)
        if table is not None:
            yield from _years(report, table)
            yield from _links(table)
    if LAND in report.tables:
        yield from _areas(report.tables[LAND])
    if ACTIONS in report.tables:
        yield from _actions(report)


def _years(report: Report, table: Table) -> Iterator[Finding]:
    """A target of the past has been achieved or not, or has a new year."""
    for target, row in table.frame.iterrows():
        year = str(row["year"]).strip()
        if year.isdigit() and int(year) < report.country.cycle.year and row["status"] in OPEN:
            yield breach(
                "target_year",
                table,
                f"{target}, year",
                f"{year}, and the status {row['status']}",
                f"{report.country.cycle.year} or later for a target that is still open",
                "Choose achieved, partially achieved or not achieved, or write the new year.",
            )


def _links(table: Table) -> Iterator[Finding]:
    for target, links in table.frame["links"].items():
        if not str(links).strip():
            yield breach(
                "target_link",
                table,
                f"{target}, links",
                "no goal",
                "at least one goal that the target serves",
                "Fill link_1 of the register, for example with SDG 15.",
            )


def _areas(table: Table) -> Iterator[Finding]:
    """A sub-national target has an area, and it is that of its polygon."""
    limit = tables.constant("target_area_tolerance")
    for target, row in table.frame.iterrows():
        area = pd.to_numeric(row["area"], errors="coerce")
        if row["level"] == "sub_national" and pd.isna(area):
            yield breach(
                "cell_missing",
                table,
                f"{target}, area",
                "an empty cell",
                "the area of a sub-national target",
                "Write it in the register, or give the target a polygon.",
            )
        measured = _measured(table, target)
        if pd.notna(area) and measured > 0 and abs(area - measured) > measured * limit / 100:
            yield breach(
                "target_area",
                table,
                f"{target}, area",
                f"{area:,.2f} km²",
                f"{measured:,.2f} km², the area of its polygon, within {limit:g} %",
                "Correct the area or the polygon; check hectares (100 ha are 1 km²).",
            )


def _measured(table: Table, target) -> float:
    """Area of the polygon of a target, zero when it has none."""
    if table.help is None or target not in table.help.index:
        return 0.0
    area = float(table.help.loc[target, "polygon_area"])
    return area if pd.notna(area) else 0.0


def _actions(report: Report) -> Iterator[Finding]:
    """An action serves a target that is there, or none."""
    tables_of = [report.tables[name] for name in TABLES if name in report.tables]
    known = {str(target) for table in tables_of for target in table.frame.index}
    for number, target in report.tables[ACTIONS].frame["linked_target"].items():
        if str(target).strip() not in ("", NONE, *known):
            yield breach(
                "action_target",
                ACTIONS,
                f"{number}, linked_target",
                f"target {target}",
                "a target of the register, or none",
                "Correct the number in the list of actions, or leave it empty.",
            )

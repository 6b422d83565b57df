"""Printed figures: every table rounded so that it adds up, and agrees with the tables before it.

The order matters. The change matrices are rounded first; their margins are the columns of the
land cover table; these give printed land and water; everything about land then meets that land.
A figure is only taken over from another table when the exact figures agree: a mistake is left
visible for the rules and not smoothed away.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from ldnkit import tables
from ldnkit.prais import rounding
from ldnkit.prais.report import DEGRADATION, DYNAMICS, TOTAL, Report, Table, is_share, water_keys

CHANGES = ("SO1-1.T5", "SO1-1.T6")
#: Productivity by class, baseline and reporting period.
DYNAMICS_TABLES = ("SO1-2.T1", "SO1-2.T2")
DEGRADATION_TABLES = ("SO1-1.T7", "SO1-2.T3", "SO1-3.T2")


def print_report(report: Report) -> None:
    """Fill ``printed`` of every table of a report."""
    from ldnkit.prais.printed_people import print_people  # it takes figures over from here

    for table in report.tables.values():
        decimals = {column: table.decimals_of(column) for column in table.numbers}
        table.printed, table.printed_help = rounded(table.frame, decimals), None
    figures = Figures(report)
    steps = (figures.changes, figures.processes, figures.cover, figures.profile, figures.dynamics)
    for step in steps:
        step()
    for table_id in DEGRADATION_TABLES:
        figures.degradation(table_id)
    figures.status()
    figures.degraded_land()
    print_people(figures)


def rounded(frame: pd.DataFrame, decimals: Mapping[str, int]) -> pd.DataFrame:
    """Every figure to its nearest printed value; text in a cell for figures stays as it is."""
    frame = frame.copy()
    for column, places in decimals.items():
        frame[column] = [_nearest(value, places) for value in frame[column]]
    return frame


def _nearest(value, decimals: int):
    if (
        isinstance(value, (str, int))
        or value is None
        or pd.isna(value)
        or abs(value) == float("inf")
    ):
        return value
    return rounding.nearest(float(value), decimals=decimals)


class Figures:
    """Printed figures that later tables take over from earlier ones."""

    def __init__(self, report: Report):
        self.report = report
        self.cover_by_year: dict[str, pd.Series] = {}
        self.dynamics_by_period: dict[str, pd.Series] = {}
        country = report.country
        self.water = water_keys(country)
        self.periods = (country.cycle.baseline, country.cycle.last)

    def table(self, table_id: str) -> Table | None:
        """The table, when it is there and holds nothing but figures that can add up."""
        table = self.report.tables.get(table_id)
        if table is None:
            return None
        numbers = table.frame[[column for column in table.numbers if "change" not in column]]
        figures = numbers.apply(pd.to_numeric, errors="coerce")
        return table if (figures.fillna(-1) >= 0).all(axis=None) else None

    def changes(self) -> None:
        """SO1-1.T5 and T6; their margins become columns of SO1-1.T4."""
        for table_id in CHANGES:
            table = self.table(table_id)
            if table is None:
                continue
            first, last = table.fields["first_year"], table.fields["last_year"]
            cells = table.frame.drop(index=TOTAL, columns=TOTAL)
            printed = controlled(
                cells,
                decimals=table.decimals,
                rows=self._cover(first, table.frame[TOTAL], table),
                columns=self._cover(last, table.frame.loc[TOTAL], table),
                groups=self._water_and_land(cells),
            )
            table.printed = with_totals(printed, table.decimals)
            self.cover_by_year.setdefault(first, table.printed[TOTAL].drop(TOTAL))
            self.cover_by_year.setdefault(last, table.printed.loc[TOTAL].drop(TOTAL))

    def processes(self) -> None:
        """SO1-1.T1: the area of a transition is the cell of the change matrix."""
        table = self.table("SO1-1.T1")
        if table is None:
            return
        for period, table_id in zip(self.periods, CHANGES, strict=True):
            matrix = self.table(table_id)
            column = f"{period.name}.area"
            if matrix is None or column not in table.frame:
                continue
            for row in table.frame.itertuples():
                cell = (row.starting_class, row.ending_class)
                # with regions of their own processes a transition may fill several rows
                if cell[0] in matrix.frame.index and cell[1] in matrix.frame:
                    exact = table.frame.loc[row.Index, column]
                    if abs(exact - matrix.frame.loc[cell]) <= 1e-6 * max(abs(exact), 1):
                        table.printed.loc[row.Index, column] = matrix.printed.loc[cell]

    def _water_and_land(self, cells: pd.DataFrame) -> list[tuple[list[tuple], None]]:
        """Water rows, land rows, water columns, land columns: sums that other tables print."""
        groups = []
        for is_water in (True, False):
            rows = [row for row in cells.index if (row in self.water) == is_water]
            columns = [column for column in cells if (column in self.water) == is_water]
            groups.append([(row, column) for row in rows for column in cells])
            groups.append([(row, column) for row in cells.index for column in columns])
        return [(group, None) for group in groups if group]

    def _cover(self, year: str, exact: pd.Series, table: Table) -> pd.Series | None:
        """Printed cover of a year, when it is known and agrees with the exact figures."""
        known = self.cover_by_year.get(year)
        if known is None or not agrees(known, exact, table.decimals):
            return None
        return known

    def cover(self) -> None:
        """SO1-1.T4: columns of the change matrices, the other years by themselves."""
        table = self.report.tables.get("SO1-1.T4")
        if table is None:
            return
        for year in table.frame:
            try:
                exact = table.frame[year].astype(float)
            except ValueError:
                continue
            if exact.isna().any() or (exact < 0).any():
                continue
            known = self._cover(year, exact, table)
            if known is None:
                cells = exact.drop(TOTAL).to_frame()
                groups = self._water_and_land(cells)
                known = controlled(cells, decimals=table.decimals, groups=groups)[year]
            self.cover_by_year[year] = known
            table.printed[year] = with_total(known, table.decimals)

    def profile(self) -> None:
        """CP-1.T1: printed land and water are those of the land cover table."""
        table = self.table("CP-1.T1")
        if table is None:
            return
        for year, exact in table.frame.iterrows():
            columns = ["total_land_area", "water_bodies"]
            parts = exact[columns].astype(float)
            known = self.cover_by_year.get(year)
            if known is not None:
                is_water = known.index.isin(self.water)
                taken = pd.Series([known[~is_water].sum(), known[is_water].sum()], columns)
            if known is None or not agrees(taken, parts, table.decimals):
                taken = rounding.largest_remainder(parts, decimals=table.decimals)
            table.printed.loc[year, columns] = [round(each, table.decimals) for each in taken]
            whole = round(float(taken.sum()), table.decimals)
            if abs(whole - exact["total_country_area"]) < 10.0**-table.decimals:
                table.printed.loc[year, "total_country_area"] = whole

    def land(self, year: int | str, exact: float, decimals: int) -> float | None:
        """Printed land of a year, when it agrees with the exact total of a table."""
        return self._anchor("total_land_area", year, exact, decimals)

    def _anchor(self, column: str, year: int | str, exact: float, decimals: int) -> float | None:
        profile = self.report.tables.get("CP-1.T1")
        if profile is None or str(year) not in profile.printed.index:
            return None
        known = profile.printed.loc[str(year), column]
        return known if agrees(pd.Series([known]), pd.Series([exact]), decimals) else None

    def dynamics(self) -> None:
        """SO1-2.T1 and T2: rows are the land classes of SO1-1.T4."""
        for table_id, period in zip(DYNAMICS_TABLES, self.periods, strict=True):
            table = self.table(table_id)
            if table is None:
                continue
            cells = table.frame.drop(index=TOTAL, columns=TOTAL)
            total = self.land(period.status_year, table.frame.loc[TOTAL, TOTAL], table.decimals)
            rows = self.cover_by_year.get(str(period.status_year))
            if rows is not None:
                rows = rows.reindex(cells.index)
                if not agrees(rows, cells.sum(axis=1), table.decimals):
                    rows = None
            states = tables.lpd_degradation() | {tables.NODATA: tables.NODATA}
            groups = {
                key: [(row, DYNAMICS[lpd]) for row in cells.index for lpd in lpds]
                for code, key in DEGRADATION.items()
                if (lpds := [lpd for lpd, state in states.items() if state == code])
            }
            printed = controlled(
                cells,
                decimals=table.decimals,
                rows=rows,
                total=total if rows is None else rows.sum(),
                groups=[(group, None) for group in groups.values()],
            )
            table.printed = with_totals(printed, table.decimals)
            self.dynamics_by_period[period.name] = pd.Series(
                {key: sum(printed.loc[cell] for cell in group) for key, group in groups.items()}
            )

    def degradation(self, table_id: str) -> None:
        """Degraded, improved, stable, no data: areas meet the printed total, shares 100 %."""
        table = self.table(table_id)
        if table is None:
            return
        column_of_total = "total_country_area" if table_id == "SO1-1.T7" else "total_land_area"
        for column in table.frame:
            exact = table.frame[column].astype(float)
            parts = exact.drop(TOTAL)
            name = column.partition(".")[0]
            if is_share(column):
                total = 100.0 if exact[TOTAL] else None
                printed = None
            else:
                year = next(each.status_year for each in self.periods if each.name == name)
                total = self._anchor(column_of_total, year, exact[TOTAL], table.decimals)
                printed = self.dynamics_by_period.get(name) if table_id == "SO1-2.T3" else None
            if printed is None or not agrees(printed[parts.index], parts, table.decimals):
                if total is not None and not agrees(
                    pd.Series([total]), pd.Series([parts.sum()]), table.decimals
                ):
                    total = None
                printed = rounding.largest_remainder(parts, decimals=table.decimals, total=total)
            table.printed[column] = with_total(printed[parts.index], table.decimals)

    def status(self) -> None:
        """SO1-4.T1: the whole meets the printed land, the degraded cells their nearest sum."""
        table = self.table("SO1-4.T1")
        if table is None:
            return
        cells = table.frame.drop(index=TOTAL, columns=TOTAL)
        year, degraded = self.periods[1].status_year, degraded_cells(table)
        exact = sum(table.frame.loc[cell] for cell in degraded)
        row = cells.loc["degraded"].sum()
        printed = controlled(
            cells,
            decimals=table.decimals,
            rows=pd.Series({"degraded": rounding.nearest(row, decimals=table.decimals)}),
            total=self.land(year, cells.to_numpy().sum(), table.decimals),
            groups=[(degraded, rounding.nearest(exact, decimals=table.decimals))],
        )
        table.printed = with_totals(printed, table.decimals)

    def degraded_land(self) -> None:
        """SO1-4.T2: changes are differences of what is printed."""
        table = self.table("SO1-4.T2")
        if table is None:
            return
        first = str(self.periods[0].status_year)
        printed = table.printed
        for column, source in (
            ("change_area", "degraded_area"),
            ("change_share", "degraded_share"),
        ):
            change = (printed[source] - printed.loc[first, source]).round(table.decimals)
            printed[column] = (change + 0.0).where(printed.index != first)


def degraded_cells(table: Table) -> list[tuple[str, str]]:
    """Cells of SO1-4.T1 whose status is degraded."""
    status = table.help
    return [
        (row, column)
        for row in status.index
        for column in status
        if status.loc[row, column] == "degraded"
    ]


def controlled(cells: pd.DataFrame, *, decimals: int, **links) -> pd.DataFrame:
    """Rounded with the figures of other tables; without them when they contradict each other."""
    try:
        return rounding.controlled(cells, decimals=decimals, **links)
    except ValueError:
        return rounding.controlled(cells, decimals=decimals)


def with_total(values: pd.Series, decimals: int) -> pd.Series:
    """A printed column with its total, which is the sum of what is printed."""
    return pd.concat([values, pd.Series({TOTAL: values.sum()})]).round(decimals)


def with_totals(cells: pd.DataFrame, decimals: int) -> pd.DataFrame:
    """A printed matrix with row totals, column totals and the grand total."""
    frame = cells.copy()
    frame[TOTAL] = cells.sum(axis=1)
    frame.loc[TOTAL] = frame.sum(axis=0)
    return frame.round(decimals)


def agrees(printed: pd.Series, exact: pd.Series, decimals: int) -> bool:
    """Whether printed figures are a rounding of exact ones: each within one unit."""
    if set(exact.index) - {TOTAL} != set(printed.index) - {TOTAL}:
        return False
    difference = (printed - exact.reindex(printed.index)).abs()
    return bool((difference < 10.0**-decimals * (1 - 1e-6)).all())

"""Printed figures of people and drought: whole persons, areas and shares that add up.

CP-1.T2 is printed first: its total, and women and men that add up to it.  People counted on the
population map meet it where it comes from that map; women and men of a class add up to all people
of the class.  Land by drought class meets the printed land of CP-1.T1.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping

import numpy as np
import pandas as pd

from ldnkit.country_file.layers import SEXES
from ldnkit.prais import rounding
from ldnkit.prais.people import GROUPS, PLACES
from ldnkit.prais.printed import Figures, agrees, controlled, rounded
from ldnkit.prais.report import DROUGHT, UNDER_DROUGHT, Table

BY_SEX = SEXES[1:]
#: People by drought class: all, women, men.
DROUGHT_TABLES = {"total": "SO3-2.T1", "female": "SO3-2.T2", "male": "SO3-2.T3"}


def print_people(figures: Figures) -> None:
    """Fill ``printed`` and ``printed_help`` of the tables of people and drought."""
    people = People(figures)
    people.national()
    people.on_degraded_land()
    people.in_drought()
    _land(figures)


class People:
    """Printed persons that later tables take over from CP-1.T2."""

    def __init__(self, figures: Figures):
        self.tables = figures.report.tables
        self.persons: dict[str, pd.Series] = {}

    def national(self) -> None:
        """CP-1.T2: women and men add up to the printed total."""
        table = _with_help(self.tables.get("CP-1.T2"))
        if table is None:
            return
        columns = {group: column for column, group in GROUPS.items()}
        for year, row in table.frame.iterrows():
            exact = pd.Series({sex: row[column] for sex, column in columns.items()})
            if not _figures(exact.dropna()) or pd.isna(exact["total"]):
                continue
            printed = _with_sexes(exact, table.decimals)
            for sex in printed.dropna().index:
                table.printed.loc[year, columns[sex]] = printed[sex]
            if pd.isna(table.help.loc[year, "official"]):
                self.persons[year] = (printed * 1000).round()

    def on_degraded_land(self) -> None:
        """SO2-3.T1: people by where they live add up to the population, women and men to all."""
        table = _with_help(self.tables.get("SO2-3.T1"))
        if table is None:
            return
        helps, rows = {}, {}
        for year in table.help.index.unique("year"):
            exact = table.help.loc[year][list(PLACES)].T.astype(float)
            printed = self._persons(exact, year, [("exposed",)])
            for sex in SEXES if printed is not None else ():
                whole = printed[sex].sum(skipna=False)
                helps[year, sex] = printed[sex].to_dict() | {"population": whole}
                column = f"{sex}.exposed"
                if year in table.frame.index and _same(
                    table.frame.loc[year, column], exact.loc["exposed", sex]
                ):
                    rows.setdefault(year, {})[column] = printed.loc["exposed", sex]
        _take_over(table.printed_help, helps)
        _take_over(table.printed, rows)

    def in_drought(self) -> None:
        """SO3-2: people by class add up to the population, women and men to all; shares to 100."""
        found = {sex: _with_help(self.tables.get(name)) for sex, name in DROUGHT_TABLES.items()}
        found = {sex: table for sex, table in found.items() if table is not None}
        for table in found.values():
            shares = _shares(table.frame, "share", table.decimals, "exposed.share")
            _take_over(table.printed, shares)
        if "total" not in found:
            return
        classes = list(DROUGHT.values())
        cells = pd.concat(
            {sex: table.help[classes].astype(float) for sex, table in found.items()}, axis="columns"
        ).reindex(columns=pd.MultiIndex.from_product([SEXES, classes]))
        helps, rows = {sex: {} for sex in found}, {sex: {} for sex in found}
        for key, row in cells.iterrows():
            exact = row.unstack(0).loc[classes, list(SEXES)]
            # people of a window are those of its last year
            printed = self._persons(exact, key[-4:], [UNDER_DROUGHT])
            for sex in found if printed is not None else ():
                under, whole = printed.loc[list(UNDER_DROUGHT), sex].sum(), printed[sex].sum()
                helps[sex][key] = printed[sex].to_dict() | {"exposed": under, "population": whole}
                frame = found[sex].frame
                if key in frame.index and _same(
                    frame.loc[key, "exposed"], exact.loc[list(UNDER_DROUGHT), sex].sum()
                ):
                    rows[sex][key] = {"exposed": under}
        for sex, table in found.items():
            _take_over(table.printed_help, helps[sex])
            _take_over(table.printed, rows[sex])

    def _persons(self, exact: pd.DataFrame, year: str, together: Iterable) -> pd.DataFrame | None:
        """Whole persons, class × group; None when a figure is missing or they do not add up."""
        known = exact.dropna(axis="columns", how="all")
        if not _figures(known) or "total" not in known:
            return None
        groups = [sex for sex in BY_SEX if sex in known]
        if len(groups) == len(BY_SEX):
            if not agrees(known[groups].sum(axis=1), known["total"], 0):
                return None
        else:
            groups = ["total"]
        cells = known[groups]
        margins = self.persons.get(year)
        if margins is not None:
            margins = margins[groups]
            if not agrees(margins, cells.sum(), 0):
                margins = None
        sums = [[(row, sex) for row in rows for sex in groups] for rows in together]
        sums += [[(row, sex) for row in rows] for rows in together for sex in groups]
        printed = controlled(
            cells,
            decimals=0,
            columns=margins,
            total=None if margins is None else margins.sum(),
            groups=[(cells_of_sum, None) for cells_of_sum in sums],
        )
        if "total" not in printed:
            printed["total"] = printed.sum(axis=1)
        return printed.reindex(columns=list(SEXES))


def _with_sexes(exact: pd.Series, decimals: int) -> pd.Series:
    """Total, women and men; women and men add up to the total when the exact figures do."""
    printed = exact.map(lambda value: rounding.nearest(value, decimals=decimals))
    parts = exact[list(BY_SEX)]
    whole = pd.Series({"total": printed["total"]})
    if parts.notna().all() and agrees(whole, pd.Series({"total": parts.sum()}), decimals):
        printed[list(BY_SEX)] = rounding.largest_remainder(
            parts, decimals=decimals, total=printed["total"]
        )
    return printed


def _land(figures: Figures) -> None:
    """SO3-1: classes meet the printed land, shares 100 %; land under drought is their sum."""
    table, whole = figures.report.tables.get("SO3-1.T1"), figures.report.tables.get("SO3-1.T2")
    if _with_help(table) is None:
        return
    for frame, shown in ((table.frame, table.printed), (table.help, table.printed_help)):
        _take_over(shown, _areas(frame, figures, table.decimals))
        _take_over(shown, _shares(frame, "share_of_land", table.decimals))
    for what in ("area", "share_of_land") if whole is not None else ():
        parts, column = [f"{name}.{what}" for name in UNDER_DROUGHT], f"under_drought.{what}"
        rows = {}
        for year in whole.frame.index.intersection(table.frame.index):
            exact, printed = table.frame.loc[year, parts], table.printed.loc[year, parts]
            if _figures(exact) and _same(whole.frame.loc[year, column], exact.sum()):
                rows[year] = {column: round(printed.sum(), table.decimals)}
        _take_over(whole.printed, rows)
    if _with_help(whole) is not None:
        columns = list(whole.help.columns)
        agree = [_same_row(whole.help, table.frame, year, columns) for year in whole.help.index]
        taken = table.printed.loc[whole.help.index[agree], columns]
        _take_over(whole.printed_help, taken.to_dict("index"))


def _areas(frame: pd.DataFrame, figures: Figures, decimals: int) -> dict[Hashable, dict]:
    """Printed areas of every row; the land of a year of CP-1.T1 is printed as there."""
    columns, rows = [f"{name}.area" for name in DROUGHT.values()], {}
    for year, exact in frame[columns].iterrows():
        if not _figures(exact):
            continue
        land = _land_of(figures, year, exact.astype(float).sum(), decimals)
        printed = one_row(exact, decimals, land)
        rows[year] = printed.to_dict()
        if _same(frame.loc[year, "total_land_area"], exact.sum()):
            rows[year]["total_land_area"] = round(printed.sum(), decimals)
    return rows


def _land_of(figures: Figures, year: Hashable, exact: float, decimals: int) -> float | None:
    """Printed land of the year in CP-1.T1, or of another year there with the same land."""
    known = figures.land(year, exact, decimals)
    profile = figures.table("CP-1.T1")
    for other in profile.frame.index if known is None and profile is not None else ():
        if _same(profile.frame.loc[other, "total_land_area"], exact):
            return figures.land(other, exact, decimals)
    return known


def _shares(frame: pd.DataFrame, what: str, decimals: int, whole: str = "") -> dict[Hashable, dict]:
    """Printed shares of every row that add up to 100 %, those under drought to ``whole``."""
    columns, rows = [f"{name}.{what}" for name in DROUGHT.values()], {}
    parts = [f"{name}.{what}" for name in UNDER_DROUGHT]
    for key, exact in frame[columns].iterrows():
        if not _figures(exact) or not _same(exact.sum(), 100.0):
            continue
        printed = one_row(exact, decimals, 100.0)
        rows[key] = printed.to_dict()
        if whole and _same(frame.loc[key, whole], exact[parts].sum()):
            rows[key][whole] = round(printed[parts].sum(), decimals)
    return rows


def _take_over(frame: pd.DataFrame, rows: Mapping[Hashable, Mapping[str, float]]) -> None:
    """Write printed figures, row by column, in place; other cells stay."""
    for column in dict.fromkeys(name for row in rows.values() for name in row):
        known = {key: row[column] for key, row in rows.items() if column in row}
        frame[column] = [
            known.get(key, value) for key, value in zip(frame.index, frame[column], strict=True)
        ]


def one_row(exact: pd.Series, decimals: int, total: float | None) -> pd.Series:
    """The classes of one year; those under drought add up to their own rounded sum.

    The rest then has a number of units that its classes can meet, unless another table prescribes
    a total that is not the nearest one.
    """
    exact = exact.astype(float)
    is_drought = np.array([key.partition(".")[0] in UNDER_DROUGHT for key in exact.index])
    nearest = rounding.nearest(exact.sum(), decimals=decimals)
    if total is None or abs(total - nearest) < 10.0**-decimals / 2:
        under = rounding.largest_remainder(exact[is_drought], decimals=decimals)
        rest = round(nearest - under.sum(), decimals)
        try:
            others = rounding.largest_remainder(exact[~is_drought], decimals=decimals, total=rest)
        except ValueError:  # two sums that both lie at a half, but for the last digits
            total = nearest
        else:
            return pd.concat([under, others])[exact.index]
    cells, group = exact.to_frame("row"), [(key, "row") for key in exact.index[is_drought]]
    return controlled(cells, decimals=decimals, total=total, groups=[(group, None)])["row"]


def _with_help(table: Table | None) -> Table | None:
    """The table with a copy of its help, rounded figure by figure, to be filled."""
    if table is not None and table.help is not None:
        numbers = table.help.select_dtypes("number").columns
        decimals = {column: table.decimals_of(column) for column in numbers}
        table.printed_help = rounded(table.help, decimals)
    return table


def _figures(values: pd.Series | pd.DataFrame) -> bool:
    """Whether there is nothing but figures that can add up."""
    numbers = values.apply(pd.to_numeric, errors="coerce")
    return bool((numbers.fillna(-1) >= 0).all(axis=None))


def _same_row(one: pd.DataFrame, other: pd.DataFrame, row: Hashable, columns: list) -> bool:
    """Whether two tables have the same figures in a row."""
    return row in other.index and all(
        _same(one.loc[row, column], other.loc[row, column]) for column in columns
    )


def _same(first, second) -> bool:
    """Equal to one part in a million: then a printed figure may be taken over."""
    try:
        return abs(float(first) - float(second)) <= 1e-6 * max(abs(float(first)), 1.0)
    except (TypeError, ValueError):
        return False

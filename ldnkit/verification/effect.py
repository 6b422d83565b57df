"""What corrections do to SDG 15.3.1, without computing the country again.

The tables of the national result stay; only the blocks that a polygon touches are joined again,
with and without the polygons, by the kernel that made the national result.
"""

from __future__ import annotations

import dataclasses
from collections import OrderedDict
from collections.abc import Iterable

import geopandas
import numpy as np
import pandas as pd

from ldnkit import areas, degradation, sources, tables
from ldnkit.plans import land as plans
from ldnkit.prais.report import WATER, legend_of
from ldnkit.shapes import place
from ldnkit.tables import NODATA

#: Rows and columns of a block, and how many blocks are kept in memory.
BLOCK, KEPT = 256, 24
#: Tables of the national result that corrections change.
CHANGED = ("sub_indicators", "status")
#: Classes in the order of tables and charts.
CLASSES = (-1, 0, 1, NODATA)
#: Layers whose shares are shown for each polygon, in the words of the tables.
LAYERS = {
    "land_cover_degradation": "land_cover",
    "productivity": "productivity",
    "soil": "soil",
    "sdg": "sdg",
}


class Effect:
    """Before and after: polygons in, areas of SDG 15.3.1 out.

    Parameters
    ----------
    country : Country
    results : mapping of indicator to Result
        land_cover, productivity, soil, degradation: fresh results of this country. If the
        country names error polygons already, their effect is taken out first.

    Examples
    --------
    >>> effect = Effect(country, results)  # doctest: +SKIP
    >>> effect.table(desk.errors)  # doctest: +SKIP
    """

    def __init__(self, country, results):
        self.country, self.results = country, results
        self.result = results["degradation"]
        self._arrays: OrderedDict[tuple[int, int], dict] = OrderedDict()
        corrected = "error_polygons" in self.result.tables
        old = sources.error_polygons(country) if corrected else None
        self.base = {name: self.result.tables[name] for name in CHANGED}
        if old is not None and len(old):
            self.base = self._instead(old, _nothing())
        legend = legend_of(country)
        self.water = legend.loc[legend["unccd"] == WATER, "code"].tolist()

    def corrected(self, polygons) -> dict[str, pd.DataFrame]:
        """The tables of the national result with these polygons as its only corrections.

        Parameters
        ----------
        polygons : GeoDataFrame
            Error polygons with ``periods_affected`` and the three recodes.

        Returns
        -------
        dict of str to DataFrame
            ``sub_indicators``, ``status`` and ``error_polygons`` as the computation of the whole
            country gives them.

        Raises
        ------
        ValueError
            Attributes that are missing, or recodes that are not allowed.
        """
        degradation.check_recodes(polygons)
        if not len(polygons):
            return dict(self.base)
        return self._instead(_nothing(), polygons, base=self.base)

    def result_with(self, polygons):
        """The national result with its tables corrected; its layers are as before."""
        tables_now = {**self.result.tables, **self.corrected(polygons)}
        if not len(polygons):
            tables_now.pop("error_polygons", None)
        return dataclasses.replace(self.result, tables=tables_now)

    def table(self, polygons) -> pd.DataFrame:
        """Area of every class before and after the corrections, on the land of each year.

        Returns
        -------
        DataFrame
            measure (assessment or status), period, year, class (-1, 0, 1, -32768), before_km2,
            after_km2, difference_km2; before_percent, after_percent of land, difference_points.
        """
        return self.compare(self.corrected(polygons)["status"])

    def compare(self, after: pd.DataFrame) -> pd.DataFrame:
        """As :meth:`table`, from a ``status`` table."""
        cycle, rows = self.country.cycle, []
        measures = [("assessment", period) for period in cycle.periods]
        measures += [("status", period) for period in cycle.reports]
        for measure, period in measures:
            layer = f"{'sdg' if measure == 'assessment' else 'status'}_{period.name}"
            now = self._classes(after, layer, period)
            was = self._classes(self.base["status"], layer, period)
            for code in CLASSES:
                rows.append((measure, period.name, period.status_year, code, was[code], now[code]))
        names = ["measure", "period", "year", "class", "before_km2", "after_km2"]
        frame = pd.DataFrame(rows, columns=names)
        whole = frame.groupby(["measure", "period"])[["before_km2", "after_km2"]].transform("sum")
        frame["difference_km2"] = frame["after_km2"] - frame["before_km2"]
        for name in ("before", "after"):
            frame[f"{name}_percent"] = 100 * frame[f"{name}_km2"] / whole[f"{name}_km2"]
        frame["difference_points"] = frame["after_percent"] - frame["before_percent"]
        return frame

    def shares(self, polygons) -> pd.DataFrame:
        """What the sub-indicators say inside each polygon, in every period, before corrections.

        Every polygon is looked at by itself, also where others lie over it. Water counts.

        Returns
        -------
        DataFrame
            polygon (from 1), period, layer (land_cover, productivity, soil, sdg), class,
            area_km2, percent of the polygon's cells.
        """
        periods = tuple(period.name for period in self.country.cycle.periods)
        rows = []
        for number, shape in enumerate(polygons.geometry, 1):
            one = _nothing([shape], polygons.crs).assign(periods_affected=[periods])
            found = self._joined(one, self._blocks([one])).get("error_polygons")
            if found is None or not len(found):
                continue
            found = found[found["stage"] == "before"]
            for column, name in LAYERS.items():
                sums = found.groupby(["period", column])["area_km2"].sum().unstack(fill_value=0.0)
                sums = sums.reindex(index=periods, columns=CLASSES, fill_value=0.0)
                for period, areas_km2 in sums.iterrows():
                    for code, area in areas_km2.items():
                        rows.append((number, period, name, code, area))
        frame = pd.DataFrame(rows, columns=["polygon", "period", "layer", "class", "area_km2"])
        whole = frame.groupby(["polygon", "period", "layer"])["area_km2"].transform("sum")
        return frame.assign(percent=100 * frame["area_km2"] / whole)

    def _classes(self, frame, layer: str, period) -> pd.Series:
        land = frame[~frame[f"land_cover_{period.status_year}"].isin(self.water)]
        return land.groupby(layer)["area_km2"].sum().reindex(CLASSES, fill_value=0.0)

    def _instead(self, old, new, *, base=None) -> dict[str, pd.DataFrame]:
        """The tables with new polygons in place of the old ones."""
        base = base or {name: self.result.tables[name] for name in CHANGED}
        blocks = self._blocks([old, new])
        before, after = self._joined(old, blocks), self._joined(new, blocks)
        found = {name: _sum(base[name], after.get(name), before.get(name)) for name in CHANGED}
        if len(new) and "error_polygons" in after:
            found["error_polygons"] = after["error_polygons"]
        return found

    def _joined(self, polygons, blocks) -> dict[str, pd.DataFrame]:
        """The tables of some blocks with these polygons."""
        plan = plans.land_degradation(self.country, self.results, polygons)
        parts: dict[str, list] = {}
        for row, column in blocks:
            window = self._window(row, column)
            arrays = self._read(plan, row, column, window)
            for name, part in plan.kernel(arrays, window)[1].items():
                parts.setdefault(name, []).append(part)
        return {name: areas.merge(each) for name, each in parts.items()}

    def _read(self, plan, row: int, column: int, window) -> dict:
        """The inputs of a block; those that do not depend on polygons are kept for a while."""
        kept = self._arrays.setdefault((row, column), {})
        self._arrays.move_to_end((row, column))
        while len(self._arrays) > KEPT:
            self._arrays.popitem(last=False)
        arrays = {}
        for name, layer in plan.inputs.items():
            if name.startswith("polygons_"):
                arrays[name] = layer.read(window)
                continue
            if name not in kept:
                kept[name] = layer.read(window)
            arrays[name] = kept[name]
        return arrays

    def _window(self, row: int, column: int):
        grid = self.country.grid
        rows, columns = grid.shape
        bottom, right = min(row + BLOCK, rows), min(column + BLOCK, columns)
        return grid[row:bottom, column:right]

    def _blocks(self, frames: Iterable) -> list[tuple[int, int]]:
        """Upper left corners of the blocks that a polygon touches, in the order of the grid."""
        grid = self.country.grid
        rows, columns = grid.shape
        found = set()
        for frame in frames:
            if not len(frame):
                continue
            for shape, _ in place(tuple(frame.geometry), frame.crs.to_wkt(), grid):
                west, south, east, north = shape.bounds
                corners = [~grid.transform * corner for corner in ((west, north), (east, south))]
                (left, top), (right, bottom) = corners
                first = max(int(np.floor(top)), 0), max(int(np.floor(left)), 0)
                last = min(int(np.ceil(bottom)), rows), min(int(np.ceil(right)), columns)
                found |= {
                    (row, column)
                    for row in range(first[0] // BLOCK * BLOCK, last[0], BLOCK)
                    for column in range(first[1] // BLOCK * BLOCK, last[1], BLOCK)
                }
        return sorted(found)


def degraded(table: pd.DataFrame) -> pd.DataFrame:
    """The degraded land of every year that is reported, from :meth:`Effect.table`.

    Returns
    -------
    DataFrame
        Index year: before_km2, after_km2, difference_km2, before_percent, after_percent,
        difference_points. The first year is the baseline assessment, the others the status.
    """
    first = table["period"].iloc[0]
    wanted = ((table["measure"] == "status") | (table["period"] == first)) & (table["class"] == -1)
    names = ["before_km2", "after_km2", "difference_km2"]
    names += ["before_percent", "after_percent", "difference_points"]
    return table[wanted].set_index("year")[names]


def shares_of(shares: pd.DataFrame, number: int, *, language: str = "en") -> pd.DataFrame:
    """One polygon of :meth:`Effect.shares`: percent by period and layer (rows) and class."""
    one = shares[shares["polygon"] == number]
    table = one.pivot_table("percent", ["period", "layer"], "class", "sum", sort=False)
    table = table.reindex(columns=CLASSES, fill_value=0.0)
    names = tables.palette("degradation", language).set_index("code")["label"].to_dict()
    names[NODATA] = tables.label("no_data", language)
    layers = {name: tables.label(f"indicator.{name}", language) for name in LAYERS.values()}
    return table.rename(index=layers, columns=names).rename_axis(columns=None)


def _nothing(shapes=(), crs=4326):
    """Polygons that change no class."""
    columns = {name: [None] * len(shapes) for name in degradation.RECODES.values()}
    columns["periods_affected"] = [()] * len(shapes)
    return geopandas.GeoDataFrame(columns, geometry=list(shapes), crs=crs)


def _sum(base: pd.DataFrame, plus, minus) -> pd.DataFrame:
    """A cross-table with some rows added and some taken away; classes without cells go."""
    if plus is None:
        return base
    minus = minus.assign(area_km2=-minus["area_km2"], cells=-minus["cells"])
    found = areas.merge([base, plus, minus], [name for name in base if name not in _AMOUNTS])
    return found[found["cells"] > 0].reset_index(drop=True)


_AMOUNTS = ("area_km2", "cells")

"""People of districts over the cells of a grid, whole or block by block."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ldnkit.places import whole_turn
from ldnkit.shapes import Polygons


@dataclass(frozen=True, eq=False)
class Districts:
    """Polygons of districts; ``names`` are the keys by which a table knows them."""

    names: tuple
    geometries: tuple
    crs: str

    @classmethod
    def of(cls, shapes) -> Districts:
        """From polygons indexed by district; several rows of one district are one.

        Raises
        ------
        ValueError
            No coordinate reference system, or more districts than can be numbered.
        """
        if shapes.crs is None:
            raise ValueError(
                "The districts cannot be placed: found no coordinate reference system; give "
                "them one with set_crs, for example EPSG:4326."
            )
        shapes = shapes.geometry
        if shapes.index.duplicated().any():
            shapes = shapes.groupby(level=0, sort=False).agg(lambda each: each.union_all())
        if len(shapes) > 32_000:
            raise ValueError(
                f"Too many districts: found {len(shapes)}; use units of a higher level, at most "
                "32 000."
            )
        return cls(tuple(shapes.index), tuple(shapes), shapes.crs.to_wkt())

    def numbers(self, grid) -> np.ndarray:
        """Position (from 0) of the district that holds the centre of each cell; -1 for none."""
        return Polygons(self.geometries, self.crs, outside=0).read(grid) - 1

    def cells(self, grid) -> tuple[np.ndarray, np.ndarray]:
        """Row and column of the cell that holds a point inside each district; -1 outside."""
        import geopandas

        points = geopandas.GeoSeries(list(self.geometries), crs=self.crs).representative_point()
        points = points.to_crs(grid.crs.to_wkt())
        back = ~grid.transform
        x, y = points.x.to_numpy(), points.y.to_numpy()
        column, row = back.c + back.a * x + back.b * y, back.f + back.d * x + back.e * y
        turn = whole_turn(grid)
        column = column % turn if turn else column
        known = np.isfinite(row) & np.isfinite(column)
        inside = known & (row >= 0) & (row < grid.shape[0])
        inside &= (column >= 0) & (column < grid.shape[1])
        return (
            np.where(inside, np.floor(row), -1).astype(np.int64),
            np.where(inside, np.floor(column), -1).astype(np.int64),
        )

    def arrange(self, table) -> dict[str, np.ndarray]:
        """Columns of a table indexed by district, in the order of the polygons; NaN if absent.

        Raises
        ------
        ValueError
            Districts given twice, or unknown ones, or people below zero.
        """
        twice = table.index[table.index.duplicated()].unique()
        if len(twice):
            raise ValueError(
                f"Districts are given twice: found {_listed(twice)}; keep one row of each."
            )
        unknown = table.index.difference(list(self.names))
        if len(unknown):
            raise ValueError(
                f"Districts without a polygon: found {_listed(unknown)}; use the names of the "
                f"polygons, such as {_listed(self.names[:3])}."
            )
        below = table.index[(table < 0).any(axis=1)]
        if len(below):
            raise ValueError(
                f"People below zero: found them in {_listed(below)}; correct the table."
            )
        ordered = table.reindex(list(self.names))
        return {str(name): ordered[name].to_numpy(np.float64) for name in ordered}

    def fill(self, persons, sums, numbers, area, weight, grid, cells=None) -> np.ndarray:
        """Persons per cell of a grid, or of a block of it.

        Parameters
        ----------
        persons : ndarray, one number per district
        sums : ndarray
            From :func:`sums`, for the whole grid.
        numbers, area, weight : arrays of the block
        grid : GeoBox of the block
        cells : pair of ndarrays, optional
            From :meth:`cells` for this block.
        """
        _, whole_area, whole_weight = sums
        weighted = whole_weight > 0
        by_area = np.divide(
            persons, whole_area, out=np.zeros(len(persons)), where=~weighted & (whole_area > 0)
        )
        inside = numbers >= 0
        filled = np.where(inside, by_area[numbers] * area, np.nan)
        if weight is not None:
            by_weight = np.divide(persons, whole_weight, out=np.zeros(len(persons)), where=weighted)
            filled += np.where(inside, by_weight[numbers] * weight, 0.0)
        small = np.flatnonzero(sums[0] == 0)
        if small.size:
            rows, columns = self.cells(grid) if cells is None else cells
            for number in small[(rows[small] >= 0) & ~np.isnan(persons[small])]:
                row, column = rows[number], columns[number]
                filled[row, column] = np.nan_to_num(filled[row, column]) + persons[number]
        return filled

    def remarks(self, table, sums, grid, *, weighted) -> list[str]:
        """What is special about districts: said, because it decides where people are put."""
        cells, _, weight = sums
        rows, _ = self.cells(grid)
        small, lost = (cells == 0) & (rows >= 0), (cells == 0) & (rows < 0)
        zero = (cells > 0) & (weight == 0) if weighted else np.zeros(len(cells), bool)
        absent = [name not in table.index for name in self.names]
        told = (
            (small, "Districts without the centre of a cell are put in one cell", "a finer grid"),
            (zero, "Districts whose weights are all zero are spread by area", "another weight"),
            (lost, "Districts outside the grid are left out with their people", "a larger grid"),
            (absent, "Districts that the table leaves out have no data", "a complete table"),
        )
        return [
            f"{text}: found {_listed(np.array(self.names, object)[np.asarray(which)])}; "
            f"use {remedy} if that is not meant."
            for which, text, remedy in told
            if np.any(which)
        ]


def sums(numbers, area, weight, count) -> np.ndarray:
    """Cells, area and weight of every district in a block, as three rows; blocks add up."""
    inside = numbers >= 0
    here = numbers[inside]

    def whole(values):
        values = np.broadcast_to(values, numbers.shape)[inside]
        return np.bincount(here, values, minlength=count)[:count]

    weights = np.zeros(count) if weight is None else whole(weight)
    return np.stack([np.bincount(here, minlength=count)[:count], whole(area), weights])


def _listed(names) -> str:
    names = [str(name) for name in names]
    return ", ".join(names[:10]) + (f" and {len(names) - 10} more" if len(names) > 10 else "")

"""Polygons brought to a grid: which cells they hold, and how much of each cell."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ldnkit.tables import NODATA


@dataclass(frozen=True)
class Polygons:
    """Position (1…n) of the polygon that holds each cell's centre; ``outside`` where none does.

    Where polygons overlap the later one counts. None and empty polygons hold no cell.
    On a geographic grid a polygon may lie a whole turn away: 181° east is 179° west.

    Examples
    --------
    >>> from odc.geo.geobox import GeoBox
    >>> from shapely import box
    >>> grid = GeoBox.from_bbox((179, 0, 181, 1), "EPSG:4326", resolution=1)
    >>> Polygons((box(-180, 0, -179, 1),), "EPSG:4326", outside=0).read(grid).tolist()
    [[0, 1]]
    """

    geometries: tuple
    crs: str
    outside: int = NODATA

    def read(self, grid) -> np.ndarray:
        """int16 numbers for the cells of a GeoBox."""
        from rasterio.features import rasterize

        placed = place(self.geometries, self.crs, grid)
        if not placed:
            return np.full(grid.shape, self.outside, np.int16)
        return rasterize(
            placed, grid.shape, transform=grid.transform, fill=self.outside, dtype="int16"
        )


@dataclass(frozen=True)
class Coverage:
    """Share of each cell that a polygon covers, from 8 × 8 points in every cell; float32."""

    geometry: object
    crs: str
    points: int = 8

    def read(self, grid) -> np.ndarray:
        """float32 shares from 0 to 1 for the cells of a GeoBox."""
        from affine import Affine
        from odc.geo.geobox import GeoBox

        rows, columns = grid.shape
        fine = GeoBox(
            (rows * self.points, columns * self.points),
            grid.transform @ Affine.scale(1 / self.points),
            grid.crs,
        )
        inside = Polygons((self.geometry,), self.crs, outside=0).read(fine)
        inside = inside.reshape(rows, self.points, columns, self.points)
        return inside.mean(axis=(1, 3), dtype=np.float32)


def place(geometries, crs, grid) -> list[tuple]:
    """The polygons that touch a grid, in its coordinates, each with its position from 1."""
    import geopandas as gpd
    from shapely import box
    from shapely.affinity import translate

    shapes = gpd.GeoSeries(list(geometries), crs=crs)
    if not shapes.crs.equals(grid.crs.to_wkt()):
        shapes = shapes.to_crs(grid.crs.to_wkt())
    window = box(*grid.boundingbox)
    turns = (0, -360, 360) if grid.crs.geographic else (0,)
    return [
        (moved, number)
        for number, shape in enumerate(shapes, 1)
        if shape is not None and not shape.is_empty
        for moved in (translate(shape, turn) if turn else shape for turn in turns)
        if moved.intersects(window)
    ]

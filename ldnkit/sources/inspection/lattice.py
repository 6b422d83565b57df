"""Points spread evenly over a country, to see how far a file covers it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

#: Points along the longer side of the country.
_SIDE = 250


@dataclass(frozen=True, eq=False)
class Lattice:
    """Points inside the boundary: longitude, latitude (degrees) and the area each stands for."""

    longitude: np.ndarray
    latitude: np.ndarray
    weight: np.ndarray

    @classmethod
    def of(cls, country) -> Lattice:
        """Points inside a country, and one in each of its parts, however small."""
        import shapely

        shape = country.boundary.geometry.iloc[0]
        west, south, east, north = shape.bounds
        step = max(east - west, north - south) / _SIDE
        columns, rows = (
            max(round((high - low) / step), 1) for low, high in ((west, east), (south, north))
        )
        x = west + (np.arange(columns) + 0.5) * (east - west) / columns
        y = south + (np.arange(rows) + 0.5) * (north - south) / rows
        x, y = (each.ravel() for each in np.meshgrid(x, y))
        shapely.prepare(shape)
        inside = shapely.contains_xy(shape, x, y)
        weight = np.cos(np.radians(y[inside]))
        parts = [part.representative_point() for part in shapely.get_parts(shape)]
        # a point that stands for a small part counts as little as that part
        small = np.array([part.area for part in shapely.get_parts(shape)])
        small = np.minimum(small / ((east - west) / columns * (north - south) / rows), 1)
        return cls(
            np.concatenate([x[inside], [point.x for point in parts]]),
            np.concatenate([y[inside], [point.y for point in parts]]),
            np.concatenate([weight, small * np.cos(np.radians([point.y for point in parts]))]),
        )

    def share(self, inside: np.ndarray) -> float:
        """Share of the country's area at these points, 0 to 1."""
        return float((self.weight * inside).sum() / self.weight.sum())

    def cells(self, grid) -> tuple[np.ndarray, np.ndarray]:
        """Rows and columns of a grid at the points; -1 outside it."""
        x, y = self._in(grid)
        columns, rows = ~grid.transform * (x, y)
        inside = np.isfinite(rows) & np.isfinite(columns)
        inside &= (rows >= 0) & (rows < grid.shape[0])
        inside &= (columns >= 0) & (columns < grid.shape[1])
        place = [np.where(inside, np.nan_to_num(each, posinf=0, neginf=0), -1)
                 for each in (rows, columns)]  # fmt: skip
        return place[0].astype(np.int64), place[1].astype(np.int64)

    def _in(self, grid):
        """The points in the coordinates of a grid; longitudes a whole turn away are found."""
        if grid.crs.geographic:
            west, east = sorted((grid.boundingbox.left, grid.boundingbox.right))
            turned = self.longitude.copy()
            for turn in (-360, 360):
                moved = self.longitude + turn
                turned = np.where((moved >= west) & (moved < east), moved, turned)
            here = (self.longitude >= west) & (self.longitude < east)
            return np.where(here, self.longitude, turned), self.latitude
        from pyproj import Transformer

        to_grid = Transformer.from_crs(4326, grid.crs.to_wkt(), always_xy=True)
        return to_grid.transform((self.longitude + 180) % 360 - 180, self.latitude)

    def in_shape(self, shape) -> np.ndarray:
        """Which points lie in polygons given in longitude and latitude."""
        import shapely

        shapely.prepare(shape)
        return np.logical_or.reduce(
            [
                shapely.intersects_xy(shape, self.longitude + turn, self.latitude)
                for turn in (-360, 0, 360)
            ]
        )

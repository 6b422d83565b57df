"""Rasters read on the country's grid, window by window."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ldnkit.tables import NODATA

#: Pixels of the source read beyond a window before it is brought to another grid.
_MARGIN = 4


@dataclass(frozen=True)
class Raster:
    """One band of a raster file, read on any window of any grid.

    Classes go to another grid by nearest neighbour (by the most frequent class where the target
    is coarser); values by bilinear interpolation (by the mean where the target is coarser).
    On the raster's own grid nothing is resampled.

    Parameters
    ----------
    path : Path
    kind : {"class", "value"}
    nodata : tuple of float
        Fill values that the file does not declare.
    band : int
    """

    path: Path
    kind: str = "class"
    nodata: tuple[float, ...] = ()
    band: int = 1

    def read(self, grid) -> np.ndarray:
        """The window ``grid`` (a GeoBox) as an array: int16 with -32768, or float32 with NaN.

        Raises
        ------
        ValueError
            Class codes that do not fit 16 bits, or a raster without reference system.
        """
        import rasterio

        with rasterio.Env(GDAL_CACHEMAX=32 * 2**20), rasterio.open(self.path) as source:
            if source.crs is None:
                raise ValueError(
                    f"The raster {self.path.name} has no coordinate reference system: it cannot "
                    "be placed; found none; assign one in your GIS and save it again."
                )
            result = self._read_at(source, grid, 0)
            if source.crs.is_geographic and grid.crs.geographic:
                result = self._other_side(source, grid, result)
        return result

    def _other_side(self, source, grid, result):
        """Fill what lies a whole turn away: 181° east is 179° west."""
        for turn in (-360, 360):
            west = grid.boundingbox.left + turn
            east = grid.boundingbox.right + turn
            if east <= source.bounds.left or west >= source.bounds.right:
                continue
            other = self._read_at(source, grid, turn)
            empty = _missing(result)
            result[empty] = other[empty]
        return result

    def _read_at(self, source, grid, turn):
        place = place_on(source, grid, turn)
        if place is not None:
            return self._window(source, *place, grid.shape)
        return self._resampled(source, grid, turn)

    def _window(self, source, row, column, shape):
        """Rows and columns of the source itself; outside the source there is no data."""
        from rasterio.windows import Window

        top, left = max(row, 0), max(column, 0)
        bottom = min(row + shape[0], source.height)
        right = min(column + shape[1], source.width)
        if bottom <= top or right <= left:
            return _empty(shape, self._dtype(source))
        window = Window(left, top, right - left, bottom - top)
        part = self._clean(source, source.read(self.band, window=window))
        if part.shape == tuple(shape):
            return part
        whole = _empty(shape, part.dtype)
        whole[top - row : bottom - row, left - column : right - column] = part
        return whole

    def _resampled(self, source, grid, turn):
        target = _shifted(grid, turn) if turn else grid
        value = self.kind == "value"
        result = _empty(grid.shape, np.dtype(np.float32) if value else self._dtype(source))
        for corner, shape, moved in _reach(source, target):
            part = self._window(source, *corner, shape)
            if value and part.dtype != np.float32:
                part = np.where(part == NODATA, np.nan, part).astype(np.float32)
            found = self._warped(source, corner, moved, part, target)
            empty = _missing(result)
            result[empty] = found[empty]
        return result

    def _warped(self, source, corner, moved, part, target):
        """A part of the source, moved east by degrees, on the target's cells.

        Every cell is placed exactly and the scale is fixed: what GDAL usually does depends on
        the window, so blocks would not fit together.
        """
        from affine import Affine
        from rasterio.enums import Resampling
        from rasterio.io import MemoryFile
        from rasterio.vrt import WarpedVRT

        place = {
            "driver": "GTiff",
            "height": part.shape[0],
            "width": part.shape[1],
            "count": 1,
            "dtype": part.dtype,
            "crs": source.crs,
            "transform": Affine.translation(moved, 0)
            @ source.transform
            @ Affine.translation(corner[1], corner[0]),
            "nodata": NODATA if part.dtype == np.int16 else np.nan,
        }
        aim = {
            "crs": target.crs.to_wkt(),
            "transform": target.transform,
            "height": target.shape[0],
            "width": target.shape[1],
            "resampling": Resampling[self.resampling(target)],
            "tolerance": 1e-9,
            "XSCALE": 1,
            "YSCALE": 1,
        }
        with MemoryFile() as memory:
            with memory.open(**place) as file:
                file.write(part, 1)
            with memory.open() as file, WarpedVRT(file, **aim) as warped:
                return warped.read(1)

    def resampling(self, grid) -> str:
        """How it reaches a grid: ``none``, ``nearest``, ``mode``, ``bilinear`` or ``average``."""
        import rasterio

        with rasterio.open(self.path) as source:
            if place_on(source, grid, 0) is not None:
                return "none"
            own = _height(source.transform, source.crs.to_wkt())
        coarser = _height(grid.transform, grid.crs.to_wkt()) / own > 1.5
        if self.kind == "class":
            return "mode" if coarser else "nearest"
        return "average" if coarser else "bilinear"

    def _dtype(self, source) -> np.dtype:
        dtype = np.dtype(source.dtypes[self.band - 1])
        small = dtype in (np.dtype(np.uint8), np.dtype(np.int8), np.dtype(np.int16))
        return np.dtype(np.int16 if small or self.kind == "class" else np.float32)

    def _clean(self, source, array):
        """The array with one value for no data, whatever the file called it."""
        missing = None
        declared = source.nodatavals[self.band - 1]
        for fill in (declared, *self.nodata):
            if fill is None or (isinstance(fill, float) and np.isnan(fill)):
                continue
            here = array == fill
            missing = here if missing is None else missing | here
        if array.dtype.kind == "f":
            gaps = ~np.isfinite(array)
            missing = gaps if missing is None else missing | gaps
        dtype = self._dtype(source)
        if self.kind == "class" and array.dtype.itemsize * 8 > 15 and array.dtype != np.int16:
            array = self._as_codes(array, missing)
        result = array.astype(dtype)
        if missing is not None:
            result[missing] = NODATA if dtype == np.int16 else np.nan
        return result

    def _as_codes(self, array, missing):
        valid = array if missing is None else np.where(missing, 0, array)
        if valid.size and (valid.min() <= NODATA or valid.max() >= 32767):
            raise ValueError(
                f"The classes of {self.path.name} do not fit: found codes from {valid.min()} to "
                f"{valid.max()}; use codes from -32767 to 32766 or declare fill values as no data."
            )
        if array.dtype.kind == "f" and (valid != np.rint(valid)).any():
            raise ValueError(
                f"The raster {self.path.name} should hold classes: found fractions such as "
                f"{valid[valid != np.rint(valid)][0]}; give the classified map."
            )
        return valid


@dataclass(frozen=True)
class Stack:
    """Several rasters as one array (layers, rows, columns)."""

    rasters: tuple[Raster, ...]

    def read(self, grid) -> np.ndarray:
        layers = [raster.read(grid) for raster in self.rasters]
        dtype = np.result_type(*{layer.dtype for layer in layers})
        if any(layer.dtype != dtype for layer in layers):
            layers = [_to_float(layer, dtype) for layer in layers]
        return np.stack(layers)


def place_on(source, grid, turn=0):
    """Row and column of a grid's corner on the raster, or None when the grids do not match."""
    from odc.geo.crs import CRS

    own, other = source.transform, grid.transform
    size = max(abs(own.a), abs(own.e))
    same = all(abs(getattr(own, part) - getattr(other, part)) < 1e-6 * size for part in "abde")
    if not same or own.b or own.d:
        return None
    code = source.crs.to_epsg()
    if CRS(source.crs.to_wkt()) != grid.crs and (code is None or code != grid.crs.epsg):
        return None
    column = (other.c + turn - own.c) / own.a
    row = (other.f - own.f) / own.e
    if abs(column - round(column)) > 0.01 or abs(row - round(row)) > 0.01:
        return None
    return round(row), round(column)


def _reach(source, target):
    """The parts of a source that matter for a target: (row, column), shape, degrees to move.

    A projected target may lie across the end of the source's longitudes; a source that runs from
    0 to 360 is then moved to where the projection looks for it.
    """
    from rasterio.warp import transform_bounds

    west, south, east, north = transform_bounds(
        target.crs.to_wkt(), source.crs, *target.boundingbox, densify_pts=21
    )
    sides, turns = [(west, east)], (0,)
    if source.crs.is_geographic and not target.crs.geographic:
        sides = sides if west <= east else [(west, 180), (-180, east)]
        turns = (0, -360, 360)
    for turn in turns:
        for left, right in sides:
            corners = [
                ~source.transform @ (x + turn, y) for x in (left, right) for y in (south, north)
            ]
            columns, rows = zip(*corners, strict=True)
            top, bottom = _limits(rows, source.height)
            first, last = _limits(columns, source.width)
            if top < bottom and first < last:
                yield (top, first), (bottom - top, last - first), -turn


def _limits(places, size):
    """First and last pixel of a span, with the margin, inside the source."""
    first, last = int(np.floor(min(places))) - _MARGIN, int(np.ceil(max(places))) + _MARGIN
    return max(first, 0), min(last, size)


def _height(transform, crs):
    """Height of a cell in metres, near enough to tell which of two grids is the coarser."""
    from pyproj import CRS

    crs = CRS(crs)
    unit = crs.axis_info[0].unit_conversion_factor
    return abs(transform.e) * unit * (6_371_000 if crs.is_geographic else 1)


def _shifted(grid, turn):
    from odc.geo.geobox import GeoBox
    from rasterio import Affine

    return GeoBox(grid.shape, Affine.translation(turn, 0) @ grid.transform, grid.crs)


def _missing(array):
    return np.isnan(array) if array.dtype.kind == "f" else array == NODATA


def _empty(shape, dtype):
    return np.full(shape, NODATA if dtype == np.int16 else np.nan, dtype)


def _to_float(layer, dtype):
    if layer.dtype.kind == "f":
        return layer.astype(dtype)
    return np.where(layer == NODATA, np.nan, layer).astype(dtype)

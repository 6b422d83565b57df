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

        with rasterio.Env(GDAL_CACHEMAX=64 * 2**20), rasterio.open(self.path) as source:
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
        from odc.geo.geobox import GeoBox
        from rasterio.warp import Resampling, reproject, transform_bounds

        target = _shifted(grid, turn) if turn else grid
        west, south, east, north = transform_bounds(
            target.crs.to_wkt(), source.crs, *target.boundingbox, densify_pts=21
        )
        own = GeoBox((source.height, source.width), source.transform, source.crs.to_wkt())
        columns, rows = zip(
            *(_pixel(own, x, y) for x in (west, east) for y in (south, north)), strict=True
        )
        top, bottom = int(np.floor(min(rows))) - _MARGIN, int(np.ceil(max(rows))) + _MARGIN
        left, right = int(np.floor(min(columns))) - _MARGIN, int(np.ceil(max(columns))) + _MARGIN
        top, left = max(top, 0), max(left, 0)
        bottom, right = min(bottom, source.height), min(right, source.width)
        dtype = self._dtype(source)
        if self.kind == "value":
            dtype = np.dtype(np.float32)
        result = _empty(grid.shape, dtype)
        if bottom <= top or right <= left:
            return result
        part = self._window(source, top, left, (bottom - top, right - left))
        if self.kind == "value" and part.dtype != np.float32:
            part = np.where(part == NODATA, np.nan, part).astype(np.float32)
        fill = NODATA if dtype == np.int16 else np.nan
        reproject(
            part,
            result,
            src_transform=own[top:bottom, left:right].transform,
            src_crs=source.crs,
            src_nodata=fill,
            dst_transform=target.transform,
            dst_crs=target.crs.to_wkt(),
            dst_nodata=fill,
            resampling=Resampling[self.resampling(grid)],
        )
        return result

    def resampling(self, grid) -> str:
        """How it reaches a grid: ``none``, ``nearest``, ``mode``, ``bilinear`` or ``average``."""
        import rasterio
        from rasterio.warp import transform_bounds

        with rasterio.open(self.path) as source:
            if place_on(source, grid, 0) is not None:
                return "none"
            west, south, east, north = transform_bounds(
                source.crs, grid.crs.to_wkt(), *source.bounds
            )
            columns = (east - west) / abs(grid.transform.a)
            coarser = source.width / max(columns, 1e-9) > 1.5
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
    if CRS(source.crs.to_wkt()) != grid.crs and source.crs.to_epsg() != grid.crs.epsg:
        return None
    column = (other.c + turn - own.c) / own.a
    row = (other.f - own.f) / own.e
    if abs(column - round(column)) > 0.01 or abs(row - round(row)) > 0.01:
        return None
    return round(row), round(column)


def _pixel(grid, x, y):
    column, row = ~grid.transform @ (x, y)
    return column, row


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

"""Layers as pictures: reading, thinning and colouring.

Nothing is calculated here but pixels: which cell is drawn where, and in which colour.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from ldnkit import tables
from ldnkit.scales import Counts, Scale

WATER_COLOUR = "#cfe6f5"
WATER_CLASS = 7
#: Index of a cell in a coloured picture; classes and colour steps follow.
TRANSPARENT, NO_DATA, WATER, FIRST = 0, 1, 2, 3
#: Layers are read in strips of about so many cells, 16 rows at least.
STRIP_CELLS = 2**20
#: Pixels along the longer side from which a boundary looks smooth.
SMOOTH = 600


@dataclass(frozen=True)
class Picture:
    """A thinned layer: values, which cells are missing, and the grid of the whole layer."""

    values: np.ndarray
    missing: np.ndarray
    grid: object

    @property
    def step(self) -> int:
        """Every how many cells one was drawn; 1 when the picture holds all of them."""
        return max(round(self.grid.shape[0] / self.values.shape[0]), 1)

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """Left, bottom, right, top in the units of the grid."""
        box = self.grid.extent.boundingbox
        return box.left, box.bottom, box.right, box.top

    @property
    def geographic(self) -> bool:
        """Longitude and latitude, not metres."""
        return self.grid.crs.geographic


@contextmanager
def opened(layer):
    """The layer as (grid, read), where ``read(rows, columns)`` gives values and missing cells.

    ``rows`` and ``columns`` are slices, or arrays of row and column numbers.
    """
    if isinstance(layer, (str, Path)):
        import rasterio
        from odc.geo.geobox import GeoBox

        if not Path(layer).is_file():
            raise FileNotFoundError(
                f"The layer cannot be drawn: found no file {layer}; "
                "run ldnkit.compute first or mend the path."
            )
        with rasterio.open(layer) as raster:
            if raster.crs is None:
                raise ValueError(_no_grid(Path(layer).name))
            yield GeoBox.from_rio(raster), lambda *where: _from_file(raster, *where)
    else:
        layer = _north_up(layer)
        yield layer.odc.geobox, lambda *where: _from_array(layer, *where)


def _no_grid(name: str) -> str:
    return (
        f"The layer {name} cannot be placed on a map: found no coordinate reference system; "
        'assign one, for example layer.rio.write_crs("EPSG:4326").'
    )


def _north_up(layer):
    import odc.geo.xr  # noqa: F401

    if not hasattr(layer, "dims") or layer.ndim != 2:
        found = f"dimensions {layer.dims}" if hasattr(layer, "dims") else type(layer).__name__
        raise ValueError(
            f"A map needs one layer with rows and columns: found {found}; "
            "give a path or a DataArray (y, x), for example layer.sel(year=2015)."
        )
    grid = layer.odc.geobox
    if grid is not None and grid.transform.e > 0:
        layer = layer.isel({layer.dims[0]: slice(None, None, -1)})
        grid = layer.odc.geobox
    if grid is None or grid.crs is None:
        raise ValueError(_no_grid(repr(layer.name or "without a name")))
    return layer


def _from_array(layer, rows, columns):
    part = layer.isel({layer.dims[0]: rows, layer.dims[1]: columns})
    values = np.asarray(part.values)
    nodata = layer.attrs.get("_FillValue", layer.encoding.get("_FillValue", tables.NODATA))
    return values, _is_missing(values, nodata)


def _from_file(raster, rows, columns):
    from rasterio.windows import Window

    if isinstance(rows, slice):
        window = Window(
            columns.start, rows.start, columns.stop - columns.start, rows.stop - rows.start
        )
        values = raster.read(1, window=window)
    else:
        shape = (len(rows), len(columns))
        values = raster.read(1, out_shape=shape)
    nodata = tables.NODATA if raster.nodata is None else raster.nodata
    return values, _is_missing(values, nodata)


def _is_missing(values: np.ndarray, nodata: float) -> np.ndarray:
    if values.dtype.kind == "f":
        return ~np.isfinite(values) | (values == nodata)
    return values == nodata


def nearest(count: int, out: int) -> np.ndarray:
    """The cell under the middle of each of ``out`` equal steps along ``count`` cells.

    Examples
    --------
    >>> nearest(6, 3).tolist()
    [1, 3, 5]
    """
    return ((np.arange(out) + 0.5) * count / out).astype(int)


def read(layer, *, limit: int = 1500) -> Picture:
    """A layer of at most ``limit`` rows and columns; larger ones are thinned, never averaged.

    Parameters
    ----------
    layer : Path, str or DataArray (y, x)
        GeoTIFF or array with a coordinate reference system.
    limit : int
        Most rows and columns of the picture. The nearest cell is taken: classes stay classes.

    Raises
    ------
    FileNotFoundError, ValueError
        There is no such file, more than one layer, or no coordinate reference system.
    """
    with opened(layer) as (grid, load):
        ratio = max(max(grid.shape) / limit, 1)
        shape = [max(round(count / ratio), 1) for count in grid.shape]
        rows, columns = (nearest(*pair) for pair in zip(grid.shape, shape, strict=True))
        values, missing = load(rows, columns)
    return Picture(values, missing, grid)


def strips(layer) -> Iterator[tuple[slice, np.ndarray, np.ndarray]]:
    """All cells of a layer, a few rows at a time: rows, values, missing."""
    with opened(layer) as (grid, load):
        rows, columns = grid.shape
        height = 2 ** (max(STRIP_CELLS // columns, 16).bit_length() - 1)
        for start in range(0, rows, height):
            part = slice(start, min(start + height, rows))
            yield part, *load(part, slice(0, columns))


def position(grid, longitude: float, latitude: float, shape) -> tuple[int, int]:
    """Row and column of a place in a picture of this shape; may lie outside."""
    from rasterio.warp import transform

    if grid.crs.geographic:
        x = longitude + 360 * round((_middle(grid) - longitude) / 360)
        y = latitude
    else:
        (x,), (y,) = transform("EPSG:4326", grid.crs.to_wkt(), [longitude], [latitude])
    column, row = ~grid.transform * (x, y)
    place = row * shape[0] / grid.shape[0], column * shape[1] / grid.shape[1]
    return tuple(int(np.floor(part)) for part in place)


def value_at(layer, longitude: float, latitude: float):
    """The value of the cell at a place; None outside the layer or without data."""
    with opened(layer) as (grid, load):
        row, column = position(grid, longitude, latitude, grid.shape)
        if not (0 <= row < grid.shape[0] and 0 <= column < grid.shape[1]):
            return None
        values, missing = load(slice(row, row + 1), slice(column, column + 1))
    return None if missing[0, 0] else values[0, 0].item()


def inside_mask(picture: Picture, inside, boundary, limit: int = 1500) -> np.ndarray | None:
    """True for cells of the country; None when nothing says where it ends."""
    if inside is not None:
        return same_shape(picture, inside, "inside", limit, lambda values, gone: ~gone)
    if boundary is None:
        return None
    return burn(boundary, picture.grid, picture.values.shape)


def placed(layer, palette, *, boundary=None, inside=None, water=None, limit=1500, clip=False):
    """A layer read, masked and coloured, as figures and interactive maps draw it.

    Parameters
    ----------
    layer, palette, boundary, inside, water, limit
        As for :func:`ldnkit.maps.figure`.
    clip : bool
        Cells that the boundary cuts are drawn as far as the boundary, by finer pixels of the
        same value. A cell without data is grey only where its centre lies inside. Without it
        every cell is drawn or left out as a whole, by its centre.

    Returns
    -------
    (Picture, ndarray of colour numbers, list of RGBA tuples)
        With ``clip`` the colour numbers may be finer than the picture.

    Raises
    ------
    ValueError
        ``clip`` without a boundary, or with the zones of another layer.
    """
    if clip and (boundary is None or inside is not None):
        found = "no boundary" if boundary is None else "inside="
        raise ValueError(f"clip=True draws up to the boundary: found {found}; give boundary= only.")
    picture = read(layer, limit=limit)
    within = inside_mask(picture, inside, boundary, limit)
    wet = water_mask(picture, water, palette, limit)
    if not clip:
        return picture, *coloured(picture, palette, inside=within, water=wet)
    index, colours = coloured(picture, palette, water=wet)
    index = np.where(within | (index != NO_DATA), index, np.uint8(TRANSPARENT))
    times = -(-SMOOTH // max(index.shape))
    index = index.repeat(times, axis=0).repeat(times, axis=1)
    within = burn(boundary, picture.grid, index.shape)
    return picture, np.where(within, index, np.uint8(TRANSPARENT)), colours


def water_mask(picture: Picture, water, palette, limit: int = 1500) -> np.ndarray | None:
    """True for water: a layer of true and false, or a land cover layer with the UNCCD class 7.

    None for a palette of land cover, which has a colour of its own for water.
    """
    of_cover = palette == "land_cover" if isinstance(palette, str) else "unccd" in palette
    if water is None or of_cover:
        return None
    water, codes = water_codes(water)
    return same_shape(
        picture, water, "water", limit, lambda values, gone: is_water(values, gone, codes)
    )


def water_codes(water) -> tuple:
    """The layer that shows water and its codes for it: (layer, codes), or a layer in UNCCD classes.

    Examples
    --------
    >>> water_codes("cover.tif"), water_codes(("cover.tif", [80, 81]))
    (('cover.tif', [7]), ('cover.tif', [80, 81]))
    """
    return water if isinstance(water, tuple) else (water, [WATER_CLASS])


def is_water(values: np.ndarray, missing: np.ndarray, codes) -> np.ndarray:
    """True for water, in a layer of true and false or of land cover classes."""
    return values if values.dtype == bool else np.isin(values, codes) & ~missing


def same_shape(picture: Picture, layer, name: str, limit: int, rule) -> np.ndarray:
    """A mask read beside a picture, after making sure that the two grids agree."""
    other = read(layer, limit=limit)
    agree(picture.grid, other.grid, name)
    return other.values if other.values.dtype == bool else rule(other.values, other.missing)


def agree(grid, other, name: str) -> None:
    """Stop when a second layer does not lie cell by cell on the first."""
    if other.shape != grid.shape or not np.allclose(
        grid.transform, other.transform, atol=abs(grid.transform.a) / 100
    ):
        raise ValueError(
            f"The layer given as {name} lies on another grid: found {other.shape} cells from "
            f"{other.transform.c:g}, {other.transform.f:g}, the map has {grid.shape} from "
            f"{grid.transform.c:g}, {grid.transform.f:g}; give it on the same grid."
        )


def burn(boundary, grid, shape) -> np.ndarray:
    """Cells whose centre lies inside the boundary."""
    from affine import Affine
    from rasterio.features import geometry_mask

    lines = outline(boundary, crs=grid.crs, middle=_middle(grid))
    scale = Affine.scale(grid.shape[1] / shape[1], grid.shape[0] / shape[0])
    return geometry_mask(lines, shape, grid.transform * scale, invert=True)


def _middle(grid) -> float:
    box = grid.extent.boundingbox
    return (box.left + box.right) / 2


def shapes(boundary):
    """The boundary as a GeoSeries with a coordinate system; None stays None."""
    import geopandas

    if boundary is None:
        return None
    if isinstance(boundary, (str, Path)):
        boundary = geopandas.read_file(boundary)
    if not hasattr(boundary, "geometry"):
        boundary = geopandas.GeoSeries([boundary], crs="EPSG:4326")
    series = boundary.geometry
    return series.set_crs("EPSG:4326") if series.crs is None else series


def outline(boundary, *, crs, middle: float):
    """The boundary as a GeoSeries in the coordinates of a map centred on ``middle``.

    On a geographic map, parts beyond 180° are moved by 360° so that the country stays whole.
    """
    import geopandas
    from shapely.affinity import translate

    series = shapes(boundary).to_crs(str(crs))
    if not series.crs.is_geographic:
        return series
    parts = series.explode(ignore_index=True)
    box = parts.bounds
    turns = ((middle - (box["minx"] + box["maxx"]) / 2) / 360).round()
    if (turns == 0).all():
        return series
    moved = [translate(part, 360 * turn) for part, turn in zip(parts, turns, strict=True)]
    moved = geopandas.GeoSeries(moved, crs=series.crs)
    return geopandas.GeoSeries([moved.union_all()], crs=series.crs)


def classes(palette, language: str = "en") -> pd.DataFrame:
    """Code, label and colour of each class, without the row for no data.

    ``palette`` is a name known to :func:`ldnkit.tables.palette` or a table with the columns
    code, colour and label or name, as :func:`ldnkit.tables.legend` gives, or :class:`Counts`.
    """
    if isinstance(palette, Counts):
        return palette.classes(language)
    if isinstance(palette, str):
        table = tables.palette(palette, language)
    else:
        table = palette.rename(columns={"name": "label"} if "label" not in palette else {})
        missing = {"code", "label", "colour"} - set(table)
        if missing:
            raise ValueError(
                f"The palette lacks columns: found no {', '.join(sorted(missing))}; "
                "give code, label (or name) and colour."
            )
    table = table[table["code"] != tables.NODATA]
    return table[["code", "label", "colour"]].reset_index(drop=True)


def no_data_colour() -> str:
    """The light grey of land without data, the same on every map."""
    return tables.palette("degradation").set_index("code").at[tables.NODATA, "colour"]


def class_index(values, missing, table: pd.DataFrame) -> np.ndarray:
    """Position of each cell's class in the palette, from FIRST; NO_DATA where missing."""
    codes = table["code"].to_numpy(int)
    order = np.argsort(codes)
    found = np.searchsorted(codes[order], values).clip(0, len(codes) - 1)
    known = codes[order][found] == values
    strange = np.unique(values[~known & ~missing])
    if len(strange):
        raise ValueError(
            f"The layer holds classes that the palette does not know: found {strange.tolist()[:9]}"
            f", the palette has {codes.tolist()}; choose the palette of this layer."
        )
    return np.where(missing, NO_DATA, order[found] + FIRST).astype(np.uint8)


def limits(picture: Picture, scale: Scale) -> tuple[float, float]:
    """Lowest and highest value of the colour scale."""
    if scale.limits is not None:
        return scale.limits
    values = picture.values[~picture.missing]
    if not len(values):
        return 0.0, 1.0
    low, high = np.percentile(values, [2, 98])
    return (float(low), float(high)) if high > low else (float(low), float(low) + 1)


def coloured(picture: Picture, palette, *, inside=None, water=None) -> tuple[np.ndarray, list]:
    """A picture of colour numbers and their colours (RGBA): the same for figures and maps.

    Parameters
    ----------
    picture : Picture
    palette : str, DataFrame, Scale or Counts
    inside, water : ndarray of bool, optional
        Without ``inside``, cells without data are grey; with it, cells outside are transparent.

    Returns
    -------
    (ndarray of uint8, list of RGBA tuples)
    """
    if isinstance(palette, Scale):
        index, colours = _graded(picture, palette)
    else:
        table, values = classes(palette), picture.values
        if isinstance(palette, Counts):
            values = palette.codes(values, picture.missing)
        index = class_index(values, picture.missing, table)
        colours = [rgba(colour) for colour in table["colour"]]
    if water is not None:
        index = np.where(water, np.uint8(WATER), index)
    if inside is not None:
        index = np.where(inside, index, np.uint8(TRANSPARENT))
    fixed = [(0, 0, 0, 0), rgba(no_data_colour()), rgba(WATER_COLOUR)]
    return index, fixed + colours


def _graded(picture: Picture, scale: Scale) -> tuple[np.ndarray, list]:
    from matplotlib import colormaps

    steps = 256 - FIRST
    low, high = limits(picture, scale)
    values = np.where(picture.missing, low, picture.values).astype(float)
    share = ((values - low) / (high - low)).clip(0, 1)
    index = np.where(picture.missing, NO_DATA, FIRST + (share * (steps - 1)).round())
    colours = colormaps[scale.colormap](np.linspace(0, 1, steps), bytes=True)
    return index.astype(np.uint8), [tuple(int(part) for part in colour) for colour in colours]


def rgba(colour: str) -> tuple[int, int, int, int]:
    """A colour such as #9b2779 as four numbers."""
    return *(int(colour[place : place + 2], 16) for place in (1, 3, 5)), 255

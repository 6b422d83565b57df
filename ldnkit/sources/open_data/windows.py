"""The part of a raster, or of several side by side, that a country needs: on its own cells."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ldnkit.sources.open_data.remote import Remote

#: Rows and columns that are copied at once.
BLOCK = 2048


@dataclass(frozen=True)
class Tile:
    """Where a raster lies on the lattice of the first one: row and column of its corner."""

    remote: Remote
    row: int
    column: int
    height: int
    width: int

    def overlap(self, top, left, bottom, right):
        """The common part with a window of the lattice, or None."""
        top, left = max(top, self.row), max(left, self.column)
        bottom = min(bottom, self.row + self.height)
        right = min(right, self.column + self.width)
        return (top, left, bottom, right) if top < bottom and left < right else None


@dataclass(frozen=True)
class Cut:
    """A window of the lattice of some rasters: its grid, and how to read parts of it."""

    tiles: tuple[Tile, ...]
    row: int
    column: int
    shape: tuple[int, int]
    transform: object
    crs: object
    dtype: str
    nodata: float | None
    count: int

    @property
    def corner(self) -> tuple[int, int]:
        """Row and column of the corner in the first raster."""
        return self.row - self.tiles[0].row, self.column - self.tiles[0].column

    def read(self, top: int, left: int, height: int, width: int, band=1):
        """Values of a part, counted from the corner of the cut; the first raster goes first.

        Raises
        ------
        ValueError
            Rasters leave a gap and no value for no data is known.
        """
        from rasterio.windows import Window

        first_row, first_column = self.row + top, self.column + left
        here = (first_row, first_column, first_row + height, first_column + width)
        fill = 0 if self.nodata is None else self.nodata
        result = np.full((height, width), fill, self.dtype)
        open_cells = np.ones((height, width), bool)
        for tile in self.tiles:
            common = tile.overlap(*here)
            if common is None:
                continue
            a, b, c, d = common
            target = (slice(a - here[0], c - here[0]), slice(b - here[1], d - here[1]))
            if not open_cells[target].any():
                continue
            part = tile.remote.read(band, Window(b - tile.column, a - tile.row, d - b, c - a))
            valid = open_cells[target] & self._valid(part)
            result[target] = np.where(valid, part, result[target])
            if self.nodata is None:
                open_cells[target] = False
            else:
                open_cells[target] &= ~valid
        if self.nodata is None and open_cells.any():
            raise ValueError(
                f"The files of {self.tiles[0].remote.name} leave gaps and declare no value for no "
                "data: found none; write one into the column fill of the catalogue."
            )
        return result

    def _valid(self, part):
        if self.nodata is None:
            return np.ones(part.shape, bool)
        return ~np.isnan(part) if np.isnan(self.nodata) else part != self.nodata


def plan(remotes: Sequence[Remote], place, *, margin: int, fill: float | None = None) -> Cut:
    """Which cells of some rasters a country needs.

    Parameters
    ----------
    remotes : sequence of Remote
        Rasters on one lattice; where they overlap the first counts.
    place : Place
    margin : int
        Cells beyond the bounding box of the country.
    fill : float, optional
        Value of no data, when the files declare none.

    Raises
    ------
    ValueError
        The rasters have different grids, no reference system, or lie outside the country.

    Notes
    -----
    Nothing is resampled. A country across 180° is put together from both ends of a raster in
    longitudes; the result then runs on beyond 180.
    """
    from rasterio import Affine

    first = remotes[0].dataset()
    if first.crs is None:
        raise ValueError(
            f"{remotes[0].name} has no coordinate reference system: found none; choose another "
            "way to this dataset."
        )
    own = first.transform
    west, south, east, north = place.bounds_in(first.crs.to_wkt())
    turns = (0,)
    if first.crs.is_geographic:
        turns = (0, 360, -360)
    wanted = (
        math.floor((north - own.f) / own.e) - margin,
        math.floor((west - own.c) / own.a) - margin,
        math.ceil((south - own.f) / own.e) + margin,
        math.ceil((east - own.c) / own.a) + margin,
    )
    tiles, reached = [], []
    for remote in remotes:
        for turn in turns:
            tile = _tile(remote, first, turn)
            common = tile.overlap(*wanted) if tile else None
            if common:
                tiles.append(tile)
                reached.append(common)
    if not tiles:
        raise ValueError(
            f"{remotes[0].name} does not touch {place.iso3}: found the bounds "
            f"{tuple(round(value, 3) for value in first.bounds)}; choose another dataset."
        )
    top, left = min(part[0] for part in reached), min(part[1] for part in reached)
    bottom, right = max(part[2] for part in reached), max(part[3] for part in reached)
    nodata = first.nodata if first.nodata is not None else fill
    return Cut(
        tuple(tiles),
        top,
        left,
        (bottom - top, right - left),
        own @ Affine.translation(left, top),
        first.crs,
        first.dtypes[0],
        nodata,
        first.count,
    )


def _tile(remote: Remote, first, turn: int) -> Tile | None:
    """A raster on the lattice of the first one, moved by a whole turn or not."""
    source = remote.dataset()
    own, other = first.transform, source.transform
    size = max(abs(own.a), abs(own.e))
    same = all(abs(getattr(own, part) - getattr(other, part)) < 1e-6 * size for part in "abde")
    column, row = (other.c + turn - own.c) / own.a, (other.f - own.f) / own.e
    aligned = max(abs(column - round(column)), abs(row - round(row))) < 0.01
    if turn and not aligned:
        return None
    if not same or not aligned or source.crs != first.crs:
        raise ValueError(
            f"{remote.name} does not fit beside the first file: found another grid; choose "
            "another way to this dataset, nothing is resampled here."
        )
    return Tile(remote, round(row), round(column), source.height, source.width)


def write(cut: Cut, path: Path, *, bands: Sequence[int] | None = None, after=None) -> Path:
    """Copy a cut into a GeoTIFF, block by block; ``after()`` runs once all is read.

    Values, type, grid and value of no data stay as they are.
    """
    return write_stack([cut], path, bands=bands, after=after)


def same_cells(cuts: Sequence[Cut]) -> Cut:
    """The first of some cuts, when all have the same cells.

    Raises
    ------
    ValueError
        One has other cells; it is named.
    """
    first = cuts[0]
    for cut in cuts[1:]:
        if (cut.shape, cut.transform, cut.crs) != (first.shape, first.transform, first.crs):
            raise ValueError(
                f"{cut.tiles[0].remote.name} has other cells than {first.tiles[0].remote.name}: "
                f"found {cut.shape} and {first.shape}; choose another way to this dataset."
            )
    return first


def write_stack(cuts: Sequence[Cut], path: Path, *, bands=None, names=None, after=None) -> Path:
    """Copy cuts of the same place into one GeoTIFF, a band (or more) for each.

    Raises
    ------
    ValueError
        The cuts have different grids.
    """
    import rasterio

    first = same_cells(cuts)
    order = [(cut, band) for cut in cuts for band in bands or range(1, cut.count + 1)]
    with rasterio.open(path, "w", **_profile(first, len(order))) as target:
        for number, (cut, band) in enumerate(order, 1):
            for top, left, height, width in blocks(cut.shape, corner=cut.corner):
                values = cut.read(top, left, height, width, band)
                target.write(values, number, window=_window(top, left, height, width))
            if names:
                target.set_band_description(number, names[number - 1])
            _copy_scale(cut, band, target, number)
    if after is not None:
        after()
    return Path(path)


def _profile(cut: Cut, count: int) -> dict:
    height, width = cut.shape
    profile = {
        "driver": "GTiff", "height": height, "width": width, "count": count, "dtype": cut.dtype,
        "crs": cut.crs, "transform": cut.transform, "compress": "zstd", "zstd_level": 1,
        "bigtiff": "if_safer", "interleave": "band",
    }  # fmt: skip
    if cut.nodata is not None:
        profile["nodata"] = cut.nodata
    if height >= 256 and width >= 256:
        profile |= {"tiled": True, "blockxsize": 256, "blockysize": 256}
    return profile


def _copy_scale(cut: Cut, band: int, target, number: int) -> None:
    """Scale and offset that the source declares."""
    source = cut.tiles[0].remote.dataset()
    scale, offset = source.scales[band - 1], source.offsets[band - 1]
    if (scale, offset) != (1.0, 0.0):
        scales, offsets = list(target.scales), list(target.offsets)
        scales[number - 1], offsets[number - 1] = scale, offset
        target.scales, target.offsets = scales, offsets


def blocks(shape: tuple[int, int], size: int = BLOCK, corner: tuple[int, int] = (0, 0)):
    """Corner and size of the blocks that cover a window: (row, column, height, width).

    With the ``corner`` of the window on its lattice, edges lie on whole blocks of the lattice, so
    that no tile of a file is fetched for two blocks.

    Examples
    --------
    >>> list(blocks((1, 10), 8, (0, 3)))
    [(0, 0, 1, 5), (0, 5, 1, 5)]
    """
    rows, columns = (_edges(*each, size) for each in zip(shape, corner, strict=True))
    for top, bottom in zip(rows, rows[1:], strict=False):
        for left, right in zip(columns, columns[1:], strict=False):
            yield top, left, bottom - top, right - left


def _edges(length: int, corner: int, size: int) -> list[int]:
    return [0, *range(size - corner % size, length, size), length]


def _window(top, left, height, width):
    from rasterio.windows import Window

    return Window(left, top, width, height)

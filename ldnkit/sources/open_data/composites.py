"""Yearly productivity from composites that are read block by block: a country never sits in memory.

The rule is that of :func:`ldnkit.productivity.annual`, which is called for every block; so the
result is the same as for the whole array at once.
"""

from __future__ import annotations

import json
import math
import shutil
import warnings
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import numpy as np

from ldnkit import tables
from ldnkit.sources.open_data import windows
from ldnkit.sources.open_data.remote import Remote
from ldnkit.tables import NODATA

#: Days that are read at the same time.
WORKERS = 4
#: Blocks in memory: the one that is computed, and the one that is read meanwhile.
AT_ONCE = 2


class FrameReader:
    """Composites at addresses: values without the cells that their quality rules out.

    Parameters
    ----------
    frames : sequence of Frame
        The files of each day, tiles side by side.
    place : Place
    keep : sequence of int
        Values of the quality file that count.
    fill : float, optional
        Value of no data, when the files declare none.
    sign : callable, optional
        See :class:`~ldnkit.sources.open_data.remote.Remote`.
    """

    def __init__(self, frames, place, *, keep=(), fill=None, sign=None, margin=0):
        self.days = [frame.day for frame in frames]
        self.keep = np.array(sorted(keep))
        values = [[Remote(href, sign=sign) for href in frame.values] for frame in frames]
        quality = [[Remote(href, sign=sign) for href in frame.quality] for frame in frames]
        every = [remote for remotes in (*values, *quality) for remote in remotes]
        with ThreadPoolExecutor(2 * WORKERS) as opening:  # many small questions at the same time
            list(opening.map(Remote.dataset, every))
        self.cuts = [windows.plan(each, place, margin=margin, fill=fill) for each in values]
        self.quality = [windows.plan(each, place, margin=margin) for each in quality if each]
        first = self.cuts[0]
        self.shape, self.transform, self.crs = first.shape, first.transform, first.crs
        self.corner = first.corner
        for cut in (*self.cuts, *self.quality):
            if (cut.shape, cut.transform, cut.crs) != (self.shape, self.transform, self.crs):
                raise ValueError(
                    f"{cut.tiles[0].remote.name} has other cells than the first composite: found "
                    f"{cut.shape} instead of {self.shape}; choose another way to this dataset."
                )

    def read(self, number: int, top: int, left: int, height: int, width: int) -> np.ndarray:
        """One day: whole numbers with -32768, or fractions with NaN, where nothing counts."""
        cut = self.cuts[number]
        values = cut.read(top, left, height, width)
        missing = _equal(values, cut.nodata)
        if self.quality:
            quality = self.quality[number].read(top, left, height, width)
            missing |= ~np.isin(quality, self.keep)
        if values.dtype.kind == "f":
            return np.where(missing, np.nan, values)
        wide = values if values.dtype == np.int16 else values.astype(np.int32)
        return np.where(missing, np.array(NODATA, wide.dtype), wide)

    def close(self) -> None:
        """Close all files."""
        for cut in (*self.cuts, *self.quality):
            for tile in cut.tiles:
                tile.remote.close()


def _equal(values, nodata):
    if nodata is None:
        return np.zeros(values.shape, bool)
    return np.isnan(values) if np.isnan(nodata) else values == nodata


def annual(
    reader,
    year: int,
    path,
    *,
    season=None,
    method="integral",
    minimum_share: float | None = None,
    block: int | None = None,
    workers: int = WORKERS,
    progress=True,
) -> Path:
    """Write the productivity of one year from its composites.

    Parameters
    ----------
    reader : FrameReader or the like
        Has ``days`` (the day on which each composite begins), ``shape``, ``transform``, ``crs``
        and ``read(number, row, column, height, width)``.
    year : int
        The year in which the season begins.
    path : str or Path
        The GeoTIFF to make: float32, NaN for no data, units of the composites.
    season, method, minimum_share
        As for :func:`ldnkit.productivity.annual`.
    block : int, optional
        Rows and columns of a block.
    workers : int
        Days read at the same time.
    progress : bool
        Show a bar.

    Returns
    -------
    Path

    Raises
    ------
    ValueError
        The composites do not hold a whole season of the year.

    Notes
    -----
    Blocks lie in ``<name>.parts`` until all are there: an interrupted run goes on with the next.
    At most two blocks are in memory.

    References
    ----------
    GPG for SDG 15.3.1, v2, land productivity: annual integral over the growing season.
    """
    from tqdm import tqdm

    path = Path(path)
    share = tables.constant("composite_minimum_share") if minimum_share is None else minimum_share
    size = int(block or tables.constant("composite_block"))
    rule = {"season": season, "method": method, "minimum_share": share}
    parts = path.with_name(f"{path.name}.parts")
    _begin(parts, reader, year, rule, size)
    todo = [
        (number, place)
        for number, place in enumerate(_blocks(reader, size))
        if not (parts / f"{number}.npy").is_file()
    ]
    _few_composites(reader.days, year)
    bar = tqdm(total=len(todo), desc=f"{year}", unit="block", leave=False,
               disable=not progress or len(todo) < 8)  # fmt: skip
    with bar, ThreadPoolExecutor(1) as ahead, ThreadPoolExecutor(workers) as readers:
        coming = None
        for at, (number, place) in enumerate(todo):
            cube = coming.result() if coming else _cube(reader, place, readers)
            following = todo[at + 1 : at + 2]
            coming = ahead.submit(_cube, reader, following[0][1], readers) if following else None
            _keep(parts / f"{number}.npy", block_of_year(cube, reader.days, year, **rule))
            del cube
            bar.update()
    _assemble(reader, parts, size, path)
    shutil.rmtree(parts)
    return path


def block_of_year(cube, days: Sequence[date], year: int, *, season, method, minimum_share):
    """The year's productivity of a block (day, row, column): float32, NaN for no data."""
    import pandas as pd
    import xarray as xr

    from ldnkit import productivity

    composites = xr.DataArray(cube, {"time": pd.to_datetime(list(days))}, ("time", "y", "x"))
    options = {"season": season, "method": method, "minimum_share": minimum_share}
    yearly = productivity.annual(composites, **options)
    if year not in yearly["year"]:
        raise ValueError(
            f"No whole season of {year} in the composites: found {len(days)} from {min(days)} to "
            f"{max(days)}; ask for another year."
        )
    return yearly.sel(year=year).values.astype(np.float32)


def _blocks(reader, size: int):
    return windows.blocks(reader.shape, size, getattr(reader, "corner", (0, 0)))


def _cube(reader, place, readers) -> np.ndarray:
    """All days of a block; the days are read at the same time."""
    layers = readers.map(lambda number: reader.read(number, *place), range(len(reader.days)))
    first = next(layers)
    cube = np.empty((len(reader.days), *first.shape), first.dtype)
    cube[0] = first
    for number, layer in enumerate(layers, 1):
        cube[number] = layer
    return cube


def _begin(parts: Path, reader, year, rule, size) -> None:
    """The folder of the blocks; those of another rule or place are thrown away."""
    place = [list(reader.shape), list(reader.transform)[:6], getattr(reader, "corner", 0)]
    said = [year, rule, size, place, [day.isoformat() for day in reader.days]]
    key = json.dumps(said, default=list)
    note = parts / "key.json"
    if not note.is_file() or note.read_text(encoding="utf-8") != key:
        shutil.rmtree(parts, ignore_errors=True)
        parts.mkdir(parents=True)
        note.write_text(key, encoding="utf-8")


def _keep(path: Path, values: np.ndarray) -> None:
    draft = path.with_suffix(".part")
    with draft.open("wb") as file:
        np.save(file, values)
    draft.replace(path)


def _assemble(reader, parts: Path, size: int, path: Path) -> None:
    """One GeoTIFF from the blocks, under a temporary name until it is whole."""
    import rasterio

    draft = path.with_name(f"{path.name}.part")
    height, width = reader.shape
    profile = {
        "driver": "GTiff", "height": height, "width": width, "count": 1, "dtype": "float32",
        "crs": reader.crs, "transform": reader.transform, "nodata": np.nan, "compress": "zstd",
        "zstd_level": 1, "bigtiff": "if_safer",
    }  # fmt: skip
    if min(height, width) >= 256:
        profile |= {"tiled": True, "blockxsize": 256, "blockysize": 256}
    with rasterio.Env(GDAL_CACHEMAX=64 * 2**20), rasterio.open(draft, "w", **profile) as target:
        for number, place in enumerate(_blocks(reader, size)):
            values = np.load(parts / f"{number}.npy")
            target.write(values, 1, window=windows._window(*place))
    draft.replace(path)


def _few_composites(days: Sequence[date], year: int) -> None:
    """A year with gaps in its composites is said: its mean may lean to one season."""
    own = sorted(day for day in set(days) if day.year == year)
    steps = [(b - a).days for a, b in zip(own, own[1:], strict=False)]
    if steps and max(steps) > 2 * min(steps) + 1:
        usual = math.floor(365 / min(steps)) + 1
        warnings.warn(
            f"Composites are missing in {year}: found {len(own)} days instead of about {usual}, "
            f"with a gap of {max(steps)} days; compare the year with its neighbours.",
            UserWarning,
            stacklevel=3,
        )

"""Whole countries, window by window: bounded memory, two or more windows at a time, resumable."""

from __future__ import annotations

import os
import pickle
import shutil
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from ldnkit import areas
from ldnkit.tables import NODATA

#: Rows and columns of a block; a multiple of the tiles written.
BLOCK = 1024
TILE = 512


@dataclass(frozen=True)
class Output:
    """A raster to write: its type, tags and colours (class → hex colour)."""

    dtype: str = "int16"
    tags: Mapping[str, str] = field(default_factory=dict)
    colours: Mapping[int, str] = field(default_factory=dict)


def windows(grid, block: int = BLOCK) -> Iterator[tuple[int, int, object]]:
    """Row, column and grid of every block, in reading order.

    Examples
    --------
    >>> from odc.geo.geobox import GeoBox
    >>> grid = GeoBox.from_bbox((0, 0, 3, 2), "EPSG:4326", resolution=1)
    >>> [(row, column, tuple(part.shape)) for row, column, part in windows(grid, block=2)]
    [(0, 0, (2, 2)), (0, 2, (2, 1))]
    """
    rows, columns = grid.shape
    for row in range(0, rows, block):
        for column in range(0, columns, block):
            # a GeoBox grows when sliced past its end, so the slice is kept inside
            bottom, right = min(row + block, rows), min(column + block, columns)
            yield row, column, grid[row:bottom, column:right]


def run(
    grid,
    inputs: Mapping[str, object],
    kernel: Callable,
    *,
    outputs: Mapping[str, Output] | None = None,
    folder: Path | None = None,
    block: int = BLOCK,
    workers: int | None = None,
    executor=None,
    inside: str | None = None,
    progress: str | None = None,
) -> dict[str, pd.DataFrame]:
    """Run a kernel over every block of a grid; write class layers, add up partial tables.

    Parameters
    ----------
    grid : odc.geo.geobox.GeoBox
        The whole grid.
    inputs : mapping of name to an object with ``read(grid) -> ndarray``
        For example :class:`ldnkit.sources.rasters.Raster`.
    kernel : callable
        ``kernel(arrays, grid) -> (layers, tables)``: arrays by name and the block's grid in;
        arrays by output name and partial cross-tables by name out. It must be picklable.
    outputs : mapping of name to Output, optional
        Layers to write as GeoTIFF into ``folder``.
    folder : Path, optional
        Needed with outputs, and for resuming: blocks already done there are not done again.
        The caller names it after the inputs and parameters, and removes ``done`` when finished.
    block : int
        Rows and columns of a block.
    workers : int, optional
        Threads; by default the number of processors, at most four.
    executor : optional
        Anything with ``submit(function, …) -> future``, for example a ``distributed.Client``.
        The processes behind it read their own windows and leave their blocks as files in
        ``folder``, which they must see under the same path; only tables travel.
    inside : str, optional
        Name of an input; blocks in which it has no data everywhere are left out.
    progress : str, optional
        Text of a progress bar, shown when there are many blocks.

    Returns
    -------
    dict of DataFrame
        The tables, added up in the order of the blocks: the same for any number of workers.

    Examples
    --------
    >>> from odc.geo.geobox import GeoBox
    >>> grid = GeoBox.from_bbox((0, 0, 4, 4), "EPSG:4326", resolution=1)
    >>> import numpy as np
    >>> class Ones:
    ...     def read(self, grid):
    ...         return np.ones(grid.shape, np.int16)
    >>> def kernel(arrays, grid):
    ...     return {}, {"cells": areas.crosstab(np.ones((1, 1)), one=arrays["one"])}
    >>> run(grid, {"one": Ones()}, kernel, block=2)["cells"]["cells"].tolist()
    [16]
    """
    outputs = dict(outputs or {})
    if outputs and folder is None:
        raise ValueError("Layers to write need a place: found no folder; give folder=.")
    store = _Store(grid, outputs, folder)
    todo = deque(list(windows(grid, block))[store.done :])
    count = len(todo)
    own = ThreadPoolExecutor(workers or min(os.cpu_count() or 1, 4)) if executor is None else None
    submit, limit = _submitter(own or executor, workers)
    work = _spread((inputs, kernel), own or executor)
    away = store.tiles() if own is None and outputs else None
    running: deque = deque()
    try:
        with _bar(progress, count) as bar:
            while todo or running:
                while todo and len(running) < limit:
                    row, column, part = todo.popleft()
                    tile = away and away / f"{row}_{column}.npz"
                    future = submit(_one, work, part, inside, tile)
                    running.append((row, column, future))
                row, column, future = running.popleft()
                store.add(row, column, *future.result())
                bar.update(1)
    finally:
        for *_, future in running:
            future.cancel()
        if own is not None:
            own.shutdown(cancel_futures=True)
    return store.tables()


def _submitter(pool, workers) -> tuple[Callable, int]:
    """How a block is handed over, and how many may wait or run at a time."""
    threads = getattr(pool, "nthreads", None)  # a client of dask's distributed
    if threads is None:
        return pool.submit, 1 + (workers or min(os.cpu_count() or 1, 4))
    return partial(pool.submit, pure=False), 2 + 2 * (workers or sum(threads().values()))


def _spread(work, pool):
    """What all blocks need, brought once to every worker of a cluster, not with every block."""
    if hasattr(pool, "scatter"):
        (work,) = pool.scatter([work], broadcast=True, hash=False)
    return work


def _one(work, grid, inside, tile=None):
    """One block: read, compute. None where the block lies wholly outside.

    ``tile`` names a file that takes the layers in the process that made them; it is given back
    in their place.
    """
    inputs, kernel = work
    arrays = {}
    if inside is not None:
        arrays[inside] = inputs[inside].read(grid)
        if (arrays[inside] == NODATA).all():
            return None, {}
    arrays |= {name: each.read(grid) for name, each in inputs.items() if name not in arrays}
    layers, tables = kernel(arrays, grid)
    if tile is None:
        return layers, tables
    unfinished = tile.with_name(f"{tile.stem}.part.npz")
    np.savez(unfinished, **layers)  # compressing takes longer than computing
    unfinished.replace(tile)
    return tile, tables


class _Store:
    """What blocks leave behind: layers on disk, partial tables, and a note of what is done.

    Blocks arrive in order, so the notes are always those of the first blocks, and tables are
    added up in the same order after a restart.
    """

    def __init__(self, grid, outputs, folder):
        self.folder, self.outputs = folder, outputs
        self.parts: dict[str, list[pd.DataFrame]] = {}
        self.done = 0
        if folder is None:
            return
        self.notes = Path(folder) / "done"
        self.notes.mkdir(parents=True, exist_ok=True)
        begun = (self.notes / "0.pickle").exists()
        if not begun or any(not self.path(name).exists() for name in outputs):
            shutil.rmtree(self.notes)
            self.notes.mkdir()
            for name, output in outputs.items():
                self.path(name).unlink(missing_ok=True)
                _create(self.path(name), grid, output)
        while (note := self.notes / f"{self.done}.pickle").exists():
            self._fold(pickle.loads(note.read_bytes()))

    def path(self, name: str) -> Path:
        return Path(self.folder) / f"{name}.tif"

    def tiles(self) -> Path:
        """The folder for blocks that other processes leave behind."""
        folder = Path(self.folder) / "tiles"
        folder.mkdir(exist_ok=True)
        return folder

    def add(self, row, column, layers, tables):
        tile = layers if isinstance(layers, Path) else None
        if tile is not None:
            with np.load(tile) as kept:
                layers = {name: kept[name] for name in self.outputs}
        if layers is not None:
            for name in self.outputs:
                _write(self.path(name), row, column, layers[name])
        if self.folder is not None:
            note = self.notes / f"{self.done}.pickle"
            unfinished = note.with_suffix(".part")
            unfinished.write_bytes(pickle.dumps(tables))
            unfinished.replace(note)
        if tile is not None:
            tile.unlink()
        self._fold(tables)

    def _fold(self, tables):
        self.done += 1
        for name, table in tables.items():
            waiting = self.parts.setdefault(name, [])
            waiting.append(table)
            if len(waiting) >= 8:
                self.parts[name] = [areas.merge(waiting)]

    def tables(self) -> dict[str, pd.DataFrame]:
        return {name: areas.merge(parts) for name, parts in self.parts.items()}


def _create(path, grid, output):
    import rasterio

    nodata = NODATA if output.dtype == "int16" else float("nan")
    rows, columns = grid.shape
    tile = {"tiled": True, "blockxsize": TILE, "blockysize": TILE}
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        width=columns,
        height=rows,
        count=1,
        dtype=output.dtype,
        crs=grid.crs.to_wkt(),
        transform=grid.transform,
        nodata=nodata,
        compress="zstd",
        zstd_level=1,
        sparse_ok=True,
        bigtiff="if_safer",
        **(tile if min(rows, columns) >= TILE else {}),
    ) as target:
        target.update_tags(**output.tags)


def _write(path, row, column, array):
    import rasterio
    from rasterio.windows import Window

    window = Window(column, row, array.shape[1], array.shape[0])
    with rasterio.Env(GDAL_CACHEMAX=32 * 2**20), rasterio.open(path, "r+") as target:
        target.write(array, 1, window=window)


def _bar(text, total):
    from tqdm import tqdm

    few = total < 8  # soon done: a bar would only flicker
    return tqdm(total=total, desc=text, unit="block", disable=text is None or few, leave=False)

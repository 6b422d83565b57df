"""From an Earth Engine image to a GeoTIFF on an exact grid, tile by tile.

A fetch that stops is taken up where it stopped: finished tiles stay on disk until the file is
complete, and the file takes its name only then.
"""

from __future__ import annotations

import hashlib
import json
import random
import shutil
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from ldnkit.sources.earthengine.problems import PASSING, explained, kind_of
from ldnkit.sources.earthengine.tiles import KINDS, Tile, request_grid, tiles_of
from ldnkit.tables import NODATA

#: Class of cells whose codes a table does not know (see ``shared.UNKNOWN``).
UNKNOWN = 32767
#: A tile of this side is not cut any further when the server finds it too heavy.
SMALLEST_SIDE = 64
#: Tag of the file that says from which graph and grid it was made.
TAG = "LDNKIT_EARTH_ENGINE"


def fetch(
    image,
    geobox,
    path,
    *,
    kind: str = "class",
    bands: Sequence[str] = ("value",),
    side: int = 1024,
    workers: int = 4,
    attempts: int = 6,
    progress: Callable[[int, int], None] | None = None,
    pause: Callable[[float], None] = time.sleep,
    language: str = "en",
) -> Path:
    """Fetch an image on a grid into a GeoTIFF.

    Parameters
    ----------
    image : ee.Image
        As many bands as ``bands`` names; masked where there is no data.
    geobox : GeoBox
        The grid; cells are asked for exactly there. It may run beyond 180°.
    path : str or Path
        The GeoTIFF. When it was made from the same graph and grid, nothing is asked.
    kind : {"class", "integer", "value", "persons"}
        int16 classes or whole numbers with -32768, float32 or float64 with NaN. In classes the
        code 32767 (codes that a table does not know) stops the fetch.
    bands : sequence of str
        Names of the bands in the file.
    side : int
        Cells a side of a tile; smaller tiles are safer and slower.
    workers : int
        Requests at a time; Earth Engine allows a few tens, and fewer for free accounts.
    attempts : int
        How often a tile is asked for while the server is busy, with growing pauses.
    progress : callable, optional
        Called with the finished and all tiles.
    pause : callable
        How to wait some seconds.
    language : str
        Language of messages.

    Returns
    -------
    Path

    Raises
    ------
    EarthEngineError
        What the server refused, in three parts. Tiles fetched so far stay for the next time.
    ValueError
        Unknown codes in a class layer, or impossible options.

    Examples
    --------
    >>> fetch(image, country.grid, "land_cover_2015.tif")  # doctest: +SKIP
    """
    path = Path(path)
    parts = tiles_of(geobox, kind=kind, bands=len(bands), side=side)
    key = _key(image, geobox, kind, bands)
    if made_from(path) == key:
        return path
    folder = _folder(path, key)
    job = _Job(prepared(image, kind, bands), geobox, kind, tuple(bands), folder, attempts, pause)
    try:
        _all(job, parts, workers, progress)
    except Exception as error:
        if isinstance(error, OSError) and kind_of(error) not in PASSING:
            raise  # the disk, not the server
        raise explained(error, language) from None  # the chain might show what is secret
    _assemble(job, parts, path, key)
    shutil.rmtree(folder)
    return path


def made_from(path: Path) -> str:
    """Key of the graph and grid from which a file was made; empty when there is none."""
    import rasterio

    if not path.is_file():
        return ""
    with rasterio.open(path) as source:
        return source.tags().get(TAG, "")


def _key(image, geobox, kind, bands) -> str:
    grid = [list(geobox.transform), list(geobox.shape), geobox.crs.to_wkt()]
    text = json.dumps([image.serialize(for_cloud_api=True), grid, kind, list(bands)])
    return hashlib.sha256(text.encode()).hexdigest()


def _folder(path: Path, key: str) -> Path:
    """The folder of finished tiles; tiles of another graph or grid are thrown away."""
    folder = path.with_name(f".{path.name}.tiles")
    note = folder / "key.txt"
    if not note.is_file() or note.read_text(encoding="utf-8") != key:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        note.write_text(key, encoding="utf-8")
    return folder


def prepared(image, kind, bands):
    """The image as it travels: named bands, a number in place of the mask."""
    dtype, fill = KINDS[kind]
    image = image.select(list(range(len(bands))), list(bands))
    if kind in ("class", "integer"):
        return image.toInt32().unmask(fill, False).toInt16()
    image = image.toDouble().unmask(fill, False)
    return image.toFloat() if dtype is np.float32 else image


@dataclass(frozen=True)
class _Job:
    image: object
    geobox: object
    kind: str
    bands: tuple[str, ...]
    folder: Path
    attempts: int
    pause: Callable[[float], None]
    #: Set when a tile has failed for good: the others need not be asked for.
    stop: threading.Event = field(default_factory=threading.Event)

    def tile(self, tile: Tile) -> None:
        """Have a tile on disk."""
        file = self.folder / f"{tile.name}.npy"
        if self.stop.is_set() or self._held(file, tile) is not None:
            return
        values = self.ask(tile)
        part = file.with_suffix(".part")
        with part.open("wb") as stream:
            np.save(stream, values)
        part.replace(file)

    def read(self, tile: Tile) -> np.ndarray:
        """A tile from disk, as it will stand in the file."""
        return self._held(self.folder / f"{tile.name}.npy", tile)

    def _held(self, file, tile):
        try:
            values = np.load(file)
        except (OSError, ValueError, EOFError):
            return None
        right = values.shape == (len(self.bands), tile.height, tile.width)
        return values if right else None

    def ask(self, tile: Tile) -> np.ndarray:
        """A tile from the server: in four parts when it is too heavy, again when it is busy."""
        for attempt in range(1, self.attempts + 1):
            try:
                return self._answer(tile)
            except Exception as error:
                kind = kind_of(error)
                if kind == "too_heavy" and max(tile.height, tile.width) > SMALLEST_SIDE:
                    return self._in_parts(tile)
                if kind not in PASSING or attempt == self.attempts or self.stop.is_set():
                    self.stop.set()
                    raise
            # twice as long each time, and not all workers at the same moment
            self.pause(min(2 ** (attempt - 1), 60) * (1 + random.random() / 2))
        raise AssertionError("attempts is at least 1")

    def _in_parts(self, tile):
        values = np.empty((len(self.bands), tile.height, tile.width), KINDS[self.kind][0])
        for part in tile.quarters():
            top, left = part.row - tile.row, part.column - tile.column
            values[:, top : top + part.height, left : left + part.width] = self.ask(part)
        return values

    def _answer(self, tile):
        import ee

        answer = ee.data.computePixels(
            {
                "expression": self.image,
                "fileFormat": "NUMPY_NDARRAY",
                "bandIds": list(self.bands),
                "grid": request_grid(self.geobox, tile),
            }
        )
        shape, names = getattr(answer, "shape", None), getattr(answer.dtype, "names", None)
        if shape != (tile.height, tile.width) or names is None or set(names) != set(self.bands):
            raise EOFError(
                f"The answer has another shape than the request: found {shape} and bands {names}; "
                f"asked for {(tile.height, tile.width)} and {self.bands}."
            )
        dtype, fill = KINDS[self.kind]
        values = np.stack([answer[name] for name in self.bands])
        if dtype is np.int16:
            return values.astype(np.int16)
        return np.where(values <= fill / 2, np.nan, values).astype(dtype)


def _all(job: _Job, parts: Sequence[Tile], workers: int, progress) -> None:
    with ThreadPoolExecutor(max(1, workers)) as pool:
        pending = [pool.submit(job.tile, tile) for tile in parts]
        try:
            for done, one in enumerate(as_completed(pending), 1):
                one.result()
                if progress is not None:
                    progress(done, len(parts))
        except BaseException:
            job.stop.set()
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _assemble(job: _Job, parts: Sequence[Tile], path: Path, key: str) -> None:
    """Write the tiles into one file, which takes its name at the very end."""
    import rasterio
    from rasterio.windows import Window

    dtype, _ = KINDS[job.kind]
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.part")
    rows, columns = job.geobox.shape
    profile = {
        "driver": "GTiff",
        "height": rows,
        "width": columns,
        "count": len(job.bands),
        "dtype": np.dtype(dtype).name,
        "crs": job.geobox.crs.to_wkt(),
        "transform": job.geobox.transform,
        "nodata": NODATA if dtype is np.int16 else np.nan,
        "tiled": True,
        "blockxsize": 256,
        "blockysize": 256,
        "compress": "zstd",
        "zstd_level": 1,
        "bigtiff": "if_safer",
    }
    unknown = 0
    with rasterio.open(unfinished, "w", **profile) as target:
        for tile in parts:
            values = job.read(tile)
            if job.kind == "class":
                unknown += int((values == UNKNOWN).sum())
            target.write(values, window=Window(tile.column, tile.row, tile.width, tile.height))
        target.descriptions = job.bands
        target.update_tags(**{TAG: key})
    if unknown:
        unfinished.unlink()
        raise ValueError(
            f"{path.name} holds codes that the table of classes does not know: found {unknown} "
            "cells; add the codes to the nesting or the matrix, or fetch the codes themselves "
            "(layer land_cover) and look at them."
        )
    unfinished.replace(path)

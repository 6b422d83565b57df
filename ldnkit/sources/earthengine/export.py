"""Batch export for large countries: Earth Engine computes and writes, we wait and put together."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ldnkit.sources.earthengine.fetch import UNKNOWN, prepared
from ldnkit.sources.earthengine.problems import EarthEngineError, clean, explained
from ldnkit.sources.earthengine.tiles import KINDS, Tile, crossing, request_grid
from ldnkit.tables import NODATA

#: States of a task after which nothing happens any more.
FINISHED = ("COMPLETED", "SUCCEEDED", "FAILED", "CANCELLED", "CANCEL_REQUESTED")


@dataclass
class Task:
    """One export: its name, Earth Engine's task and what is known about it."""

    name: str
    task: object
    state: str = "READY"
    progress: float = 0.0
    problem: str = ""

    @property
    def finished(self) -> bool:
        """Whether nothing happens any more."""
        return self.state in FINISHED

    @property
    def done(self) -> bool:
        """Whether the file is there."""
        return self.state in ("COMPLETED", "SUCCEEDED")


def export(
    image,
    geobox,
    name: str,
    *,
    kind: str = "class",
    bands=("value",),
    folder: str = "ldnkit",
    bucket: str | None = None,
    language: str = "en",
) -> list[Task]:
    """Start the export of an image on an exact grid to Google Drive or Cloud Storage.

    Parameters
    ----------
    image : ee.Image
    geobox : GeoBox
        A grid across 180° is exported in two parts.
    name : str
        Name of the files; Earth Engine adds numbers when it cuts them.
    kind, bands
        As for :func:`.fetch.fetch`.
    folder : str
        Folder in Google Drive (or in the bucket).
    bucket : str, optional
        A bucket of Cloud Storage instead of Google Drive.

    Returns
    -------
    list of Task
        Give them to :func:`watch`; then download the files and :func:`collect` them.

    Raises
    ------
    EarthEngineError
        The export could not be started.
    """
    import ee

    image, fill = prepared(image, kind, bands), KINDS[kind][1]
    tasks = []
    for part, tile in enumerate(_sides(geobox), 1):
        grid = request_grid(geobox, tile)
        affine = grid["affineTransform"]
        order = ("scaleX", "shearX", "translateX", "shearY", "scaleY", "translateY")
        options = {
            "image": image,
            "description": f"{name}_{part}",
            "fileNamePrefix": f"{name}_{part}",
            "crs": grid.get("crsCode") or grid["crsWkt"],
            "crsTransform": [affine[each] for each in order],
            "dimensions": f"{tile.width}x{tile.height}",
            "maxPixels": 1e13,
            "fileFormat": "GeoTIFF",
            "formatOptions": {"noData": float(fill)},
        }
        try:
            if bucket is None:
                task = ee.batch.Export.image.toDrive(**options, folder=folder)
            else:
                options["fileNamePrefix"] = f"{folder}/{name}_{part}"
                task = ee.batch.Export.image.toCloudStorage(**options, bucket=bucket)
            task.start()
        except Exception as error:
            raise explained(error, language) from None
        tasks.append(Task(f"{name}_{part}", task))
    return tasks


def watch(
    tasks: Iterable[Task],
    *,
    every: float = 30.0,
    limit: float = 24 * 3600.0,
    progress: Callable[[list[Task]], None] | None = None,
    pause: Callable[[float], None] = time.sleep,
    language: str = "en",
) -> list[Task]:
    """Wait until every task has finished.

    Parameters
    ----------
    tasks : iterable of Task
    every : float
        Seconds between two looks.
    limit : float
        Seconds after which to give up waiting; the tasks go on, and may be watched again.
    progress : callable, optional
        Called with the tasks after every look.

    Returns
    -------
    list of Task

    Raises
    ------
    EarthEngineError
        Tasks that failed or were cancelled, all of them named; or the limit.
    """
    tasks, waited = list(tasks), 0.0
    while True:
        for task in tasks:
            _look(task, language)
        if progress is not None:
            progress(tasks)
        if all(task.finished for task in tasks):
            break
        if waited >= limit:
            names = ", ".join(task.name for task in tasks if not task.finished)
            raise EarthEngineError("busy", names, language)
        pause(every)
        waited += every
    failed = [f"{task.name}: {task.problem or task.state}" for task in tasks if not task.done]
    if failed:
        raise EarthEngineError("other", "; ".join(failed), language)
    return tasks


def _look(task: Task, language) -> None:
    """Ask for the state; one answer that fails is no reason to stop waiting."""
    if task.finished:
        return
    try:
        answer = task.task.status()
    except Exception as error:
        problem = explained(error, language)
        if problem.kind not in ("quota", "offline"):
            raise problem from None
        return
    task.state = answer.get("state", task.state)
    task.progress = float(answer.get("progress", task.progress) or 0)
    task.problem = clean(answer.get("error_message", "") or "")


def collect(files: Iterable[str | Path], geobox, path, *, kind: str = "class") -> Path:
    """Put downloaded export files together on the grid, into one GeoTIFF.

    Parameters
    ----------
    files : iterable of path
        Every file of the export; each must lie on the grid.
    geobox : GeoBox
        The grid of the export.
    path : str or Path
        The GeoTIFF; it takes its name when complete.
    kind : str
        As for the export.

    Raises
    ------
    ValueError
        No files, a file off the grid, parts of the grid without a file, or unknown codes.
    """
    import rasterio
    from rasterio.windows import Window

    from ldnkit.sources.rasters import place_on

    files, path, (dtype, fill) = sorted(map(Path, files)), Path(path), KINDS[kind]
    if not files:
        raise ValueError("No export files: found none; download them from the export's folder.")
    unfinished = path.with_name(f".{path.name}.part")
    rows, columns = geobox.shape
    held = np.zeros((rows, columns), bool)
    with rasterio.open(files[0]) as first:
        count = first.count
    profile = {
        "driver": "GTiff",
        "height": rows,
        "width": columns,
        "count": count,
        "dtype": np.dtype(dtype).name,
        "crs": geobox.crs.to_wkt(),
        "transform": geobox.transform,
        "nodata": NODATA if dtype is np.int16 else np.nan,
        "tiled": True,
        "compress": "zstd",
        "zstd_level": 1,
        "bigtiff": "if_safer",
    }
    try:
        with rasterio.open(unfinished, "w", **profile) as target:
            for file in files:
                with rasterio.open(file) as source:
                    place = _place(source, geobox, place_on)
                    values = source.read()
                    if dtype is not np.int16:
                        values = np.where(values <= fill / 2, np.nan, values)
                    elif kind == "class" and (values == UNKNOWN).any():
                        raise ValueError(
                            f"{file.name} holds codes that the table of classes does not know: "
                            f"found {int((values == UNKNOWN).sum())} cells; add them to the table."
                        )
                    target.write(values.astype(dtype), window=Window(*place, *source.shape[::-1]))
                    left, top = place
                    held[top : top + source.height, left : left + source.width] = True
        if not held.all():
            raise ValueError(
                f"Parts of the export are missing: found {len(files)} files for "
                f"{100 * held.mean():.1f} % of the grid; download all files of the export."
            )
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
    unfinished.replace(path)
    return path


def _place(source, geobox, place_on) -> tuple[int, int]:
    """Column and row of a file on the grid."""
    for turn in (0, 360) if geobox.crs.geographic else (0,):
        found = place_on(source, geobox, -turn)
        if found is not None:
            row, column = -found[0], -found[1]
            inside = row >= 0 and row + source.height <= geobox.shape[0]
            if inside and column >= 0 and column + source.width <= geobox.shape[1]:
                return column, row
    raise ValueError(
        f"{Path(source.name).name} does not lie on the grid of the export: found the corner "
        f"{source.transform.c:g}, {source.transform.f:g}; export again with this grid."
    )


def _sides(geobox):
    """The whole grid, or its two sides of 180°."""
    rows, columns = geobox.shape
    cuts = [0, *crossing(geobox), columns]
    return [Tile(0, left, rows, right - left) for left, right in zip(cuts, cuts[1:], strict=False)]

"""Landia, the fictional training country, written as ordinary files.

Every file is synthetic: it is drawn by :mod:`ldnkit.sources.landia` from coordinates and a seed.
The same version, size and seed give the same values on every platform.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import numpy as np

from ldnkit.sources import landia_climate, landia_forms, landia_statistics, sample_files
from ldnkit.sources.landia import Landia
from ldnkit.sources.landia_people import (
    COARSE,
    COARSE_YEAR,
    DENSITY,
    GRID,
    SEXES,
    People,
)
from ldnkit.sources.landia_stories import (
    GAP_YEAR,
    HEIGHT,
    LAND_COVER_YEARS,
    NODATA,
    NORTH,
    PERIODS,
    WEST,
    WIDTH,
    YEARS,
)

VERSION = 3  # raise it whenever a value changes, so that older folders are made again
STAMP = "landia.json"
LESSON = (400, 500)  # rows, columns: cells of 1/400 degree
ZONES = (12, 15)  # climate zones: cells of 1/12 degree
RAIN = (20, 25)  # rain: cells of 1/20 degree
FOLDERS = (
    "land_cover", "productivity", "soil", "climate", "population", "vulnerability", "truth",
    "regions", *landia_forms.FOLDERS,
)  # fmt: skip
TILE = 256
WIDEST = 4096  # columns drawn at once


@dataclass(frozen=True)
class Layer:
    """One raster file: where it goes, what it says about itself, how it is drawn."""

    path: str
    title: str
    draw: Callable[[Landia], np.ndarray]
    dtype: str = "int16"
    nodata: float | None = NODATA
    year: int | None = None
    units: str = ""


def make(folder, *, size="lesson", seed: int = 2026) -> Path:
    """Write the training country into a folder and return the folder.

    The files are made beside the folder under a temporary name, then moved into place at once.
    A folder that already holds Landia is replaced; any other folder with files is left alone.
    A lesson country takes a few seconds, one of 4000 x 4000 cells a few minutes and 2 GB of disk.

    Parameters
    ----------
    folder : str or Path
        Where the country goes: ``country.yml``, its rasters and boundaries, and ``truth/``.
    size : "lesson" or tuple of int
        400 x 500 cells of 1/400 degree, or (rows, columns).
        The extent stays the same: more cells are smaller cells.
    seed : int
        Changes every ragged edge and all noise; places and years stay.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    ValueError
        When the size is not "lesson" or two whole numbers of 20 or more.
    FileExistsError
        When the folder holds files that are not Landia's.

    Examples
    --------
    >>> import tempfile
    >>> folder = make(Path(tempfile.mkdtemp()) / "landia", size=(40, 50))
    >>> (folder / "country.yml").exists()
    True
    """
    folder, shape = Path(folder), _shape(size)
    if folder.exists() and not (folder / STAMP).exists() and any(folder.iterdir()):
        raise FileExistsError(
            f"The training country needs a folder of its own: {folder} holds other files. "
            "Name a new folder or empty this one."
        )
    folder.parent.mkdir(parents=True, exist_ok=True)
    draft = folder.parent / f".{folder.name}-{uuid4().hex[:8]}"
    try:
        for name in FOLDERS:
            (draft / name).mkdir(parents=True)
        _write_rasters(draft, layers(), shape, seed)
        _write_rasters(draft, zone_layers(), ZONES, seed)
        _write_rasters(draft, rain_layers(), RAIN, seed)
        _write_rest(draft, Landia(LESSON, seed=seed), People(seed=seed))
        sample_files.write_texts(draft, shape)
        stamp = json.dumps(_stamp(shape, seed), indent=2)
        (draft / STAMP).write_text(stamp + "\n", encoding="utf-8")
        _put_in_place(draft, folder, shape, seed)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return folder


def is_current(folder, *, size="lesson", seed: int = 2026) -> bool:
    """Whether the folder holds the training country of this version, size and seed.

    Parameters
    ----------
    folder : str or Path
        A folder that may or may not exist.
    size, seed
        As for :func:`make`.

    Returns
    -------
    bool

    Examples
    --------
    >>> is_current("no/such/folder")
    False
    """
    try:
        found = json.loads((Path(folder) / STAMP).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return found == _stamp(_shape(size), seed)


def layers() -> list[Layer]:
    """The rasters on the country's own grid.

    Examples
    --------
    >>> len({layer.path for layer in layers()})
    55
    """
    found = [
        Layer(
            f"land_cover/land_cover_{year}.tif",
            f"Land cover {year}, ESA CCI classes",
            lambda land, year=year: land.cover(year),
            "uint8",
            0 if year == GAP_YEAR else None,
            year,
            "class code",
        )
        for year in LAND_COVER_YEARS
    ]
    found += [
        Layer(
            f"productivity/ndvi_{year}.tif",
            f"NDVI {year}, mean of the growing season",
            lambda land, year=year: land.ndvi(year),
            year=year,
            units="NDVI x 10 000",
        )
        for year in YEARS
    ]
    soil = "Soil organic carbon, 0-30 cm; 0 under lakes and ice means no soil"
    found += [
        Layer(
            "soil/soc_2000.tif", soil, lambda land: land.soil_carbon, year=2000, units="t/ha"
        ),
        Layer(
            "soil/soil_units.tif", "Soil units", lambda land: land.soil_unit, "uint8", 0,
            units="class code",
        ),
    ]  # fmt: skip
    for period in PERIODS:
        for place, name in enumerate(("truth", "cause")):
            found.append(
                Layer(
                    f"truth/{name}_{period}.tif",
                    f"Planted {'degradation' if name == 'truth' else 'cause'}, {period}",
                    lambda land, period=period, place=place: land.truth(period)[place],
                    units="class code",
                )
            )
    return found


def zone_layers() -> list[Layer]:
    """The climate zones, on a coarser grid."""
    title = "Climate zones, IPCC classes"
    return [
        Layer(
            "soil/climate_zones.tif", title, lambda land: land.climate_zone, units="class code"
        )
    ]  # fmt: skip


def rain_layers() -> list[Layer]:
    """The rain of every year, on a coarser grid."""
    return [
        Layer(
            f"climate/rain_{year}.tif",
            f"Rain {year}, sum of the year",
            lambda land, year=year: land.rain(year),
            year=year,
            units="mm",
        )
        for year in YEARS
    ]


def people_layers(people) -> list[Layer]:
    """The people of every year by sex, on a grid of their own."""
    return [
        Layer(
            f"population/{sex}_{year}.tif",
            f"Population {year}, {sex}, persons per cell",
            lambda _, year=year, sex=sex: people.counts(year, sex),
            "float32",
            float("nan"),
            year,
            "persons per cell",
        )
        for year in YEARS
        for sex in SEXES
    ]


def coarse_layers(people) -> list[Layer]:
    """The people of one year by sex, on a coarser grid."""
    return [
        Layer(
            f"population/coarse_{COARSE_YEAR}_{sex}.tif",
            f"Population {COARSE_YEAR}, {sex}, persons per coarse cell",
            lambda _, sex=sex: people.coarse(sex),
            "float32",
            float("nan"),
            COARSE_YEAR,
            "persons per cell",
        )
        for sex in SEXES
    ]


def density_layers(people) -> list[Layer]:
    """The density of the people in one year, on a grid of its own."""
    title = f"Population density {COARSE_YEAR}, women and men together"
    return [
        Layer(
            f"population/density_{COARSE_YEAR}.tif", title, lambda _: people.density(),
            "float32", float("nan"), COARSE_YEAR, "persons per square kilometre",
        )
    ]  # fmt: skip


def _write_rest(folder, whole, people):
    """What has the same cells, borders and numbers for every size of the other rasters."""
    regions = sample_files.write_vectors(folder, whole)
    districts = landia_statistics.write_districts(folder, regions)
    _write_rasters(folder, people_layers(people), GRID, whole.seed, one_window=True)
    _write_rasters(folder, coarse_layers(people), COARSE, whole.seed, one_window=True)
    _write_rasters(folder, density_layers(people), DENSITY, whole.seed, one_window=True)
    landia_climate.write(folder, whole)
    landia_statistics.write_people(folder, people, whole, districts)
    landia_statistics.write_droughts(folder, whole, districts)
    landia_statistics.write_factors(folder)
    landia_forms.write(folder, whole)


def _shape(size) -> tuple[int, int]:
    if size == "lesson":
        return LESSON
    try:
        rows, columns = (int(number) for number in size)
        if (rows, columns) == tuple(size) and min(rows, columns) >= 20:
            return rows, columns
    except (TypeError, ValueError):
        pass
    raise ValueError(
        f"Unknown size of the training country: found {size!r}. "
        'Use "lesson" or (rows, columns), both whole numbers of 20 or more.'
    )


def _stamp(shape, seed):
    return {"country": "XLD", "synthetic": True, "version": VERSION, "size": [*shape], "seed": seed}


def _windows(shape) -> Iterator[tuple[slice, slice]]:
    """Windows along the tiles of the files, so that every tile is written once."""
    rows, columns = shape
    for top in range(0, rows, TILE):
        for left in range(0, columns, WIDEST):
            yield (
                slice(top, min(top + TILE, rows)),
                slice(left, min(left + WIDEST, columns)),
            )


def _write_rasters(folder, some_layers, shape, seed, *, one_window=False):
    """Draw window by window and write every file at once: memory does not grow with the size."""
    import rasterio
    from rasterio.windows import Window

    rows, columns = shape
    profile = {
        "driver": "GTiff", "height": rows, "width": columns, "count": 1, "crs": "EPSG:4326",
        "transform": rasterio.Affine(WIDTH / columns, 0, WEST, 0, -HEIGHT / rows, NORTH),
        "tiled": True, "blockxsize": TILE, "blockysize": TILE, "compress": "zstd", "zstd_level": 3,
    }  # fmt: skip
    with rasterio.Env(GDAL_CACHEMAX=128 * 2**20):
        files = []
        try:
            for layer in some_layers:
                file = rasterio.open(
                    folder / layer.path, "w", dtype=layer.dtype, nodata=layer.nodata, **profile
                )
                files.append(file)
                file.update_tags(**_tags(layer))
            whole = [(slice(0, rows), slice(0, columns))]
            for down, across in whole if one_window else _windows(shape):
                land = Landia(shape, (down, across), seed=seed)
                window = Window.from_slices(down, across)
                for layer, file in zip(some_layers, files, strict=True):
                    file.write(layer.draw(land).astype(layer.dtype, copy=False), 1, window=window)
        finally:
            for file in files:
                file.close()


def _tags(layer):
    tags = {
        "TITLE": f"Landia synthetic training data: {layer.title}",
        "SYNTHETIC": "yes",
        "COUNTRY": "Landia (XLD), a fictional country",
        "UNITS": layer.units,
    }
    return tags | ({"YEAR": str(layer.year)} if layer.year else {})


def _put_in_place(draft, folder, shape, seed):
    """Move the finished draft to its name; another process that was faster is left alone."""
    older = draft.with_name(draft.name + "-old")
    if folder.exists():
        folder.replace(older) if any(folder.iterdir()) else folder.rmdir()
    try:
        draft.replace(folder)
    except OSError:
        if not is_current(folder, size=shape, seed=seed):
            if older.exists() and not folder.exists():
                older.replace(folder)
            raise
    shutil.rmtree(older, ignore_errors=True)

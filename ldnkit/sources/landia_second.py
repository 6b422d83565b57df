"""A second land cover of Landia, as another producer might have mapped it; all of it synthetic.

It has coarser cells, codes of another product, other definitions and a little noise of its own,
so that two sources of one layer can be compared in class. Neither map is the truth.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

from ldnkit.sources.landia import Landia
from ldnkit.sources.landia_stories import CITY, HEIGHT, NORTH, SNOW, WATER, WEST, WIDTH

#: Rows and columns: cells of 1/240 degree, about 460 m.
SIZE = (240, 300)
YEARS = (2000, 2015, 2016, 2019, 2022)
NESTING = "glc_fcs30d"
METADATA = {
    "title": "Landia synthetic training data: second land cover, 2000-2022",
    "link": "https://example.org/landia/second-land-cover",
    "author": "ldnkit (fictional country, synthetic data)",
    "citation": "Landia synthetic training data, second land cover",
}
#: Codes of the first map (ESA CCI) as the second producer names them (GLC_FCS30D).
_CODES = {
    10: 10, 20: 20, 30: 10, 40: 11, 50: 52, 60: 62, 100: 62, 120: 120, 130: 130, 150: 150,
    160: 181, 180: 182, CITY: 190, 200: 200, SNOW: 220, WATER: 210,
}  # fmt: skip
#: Wetness below which the second producer calls sparse vegetation bare.
_BARE_BELOW = 0.10
#: Bell-shaped noise beyond which a cell of grass and crop is taken for the other in one year.
_MISTAKEN = 1.15


def cover(year: int, size=SIZE, *, seed: int = 2026) -> np.ndarray:
    """Codes of the second map, uint8.

    - Open woodland (100) with few trees is shrubland there.
    - Sparse vegetation of the driest land is bare there.
    - A few cells of cropland and grassland are exchanged, other ones in every year.

    Examples
    --------
    >>> sorted(set(cover(2000, (24, 30)).ravel().tolist()) - {0})[:2]
    [10, 11]
    """
    land = Landia(size, seed=seed)
    first = land.cover(year)
    found = np.zeros(256, np.uint8)
    found[list(_CODES)] = list(_CODES.values())
    found = found[first]
    found = np.where((first == 100) & (land.patch < 0.1), 120, found)
    found = np.where((first == 150) & (land.wetness < _BARE_BELOW), 200, found)
    mistaken = land.grain(7000 + year) > _MISTAKEN
    crop, grass = np.isin(found, (10, 11)), found == 130
    found = np.where(mistaken & crop, 130, np.where(mistaken & grass, 10, found))
    return found.astype(np.uint8)


def write(folder: str | Path) -> dict[int, Path]:
    """Write the maps of the five years as GeoTIFF, and say in them that they are synthetic.

    Parameters
    ----------
    folder : str or Path
        Made when absent; maps that are there already are kept.

    Returns
    -------
    dict of int to Path

    Examples
    --------
    >>> write("outputs/second_source")  # doctest: +SKIP
    """
    import rasterio

    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    rows, columns = SIZE
    place = rasterio.Affine(WIDTH / columns, 0, WEST, 0, -HEIGHT / rows, NORTH)
    profile = {
        "driver": "GTiff", "height": rows, "width": columns, "count": 1, "crs": "EPSG:4326",
        "transform": place, "dtype": "uint8", "nodata": 0, "compress": "zstd", "tiled": True,
        "blockxsize": 256, "blockysize": 256,
    }  # fmt: skip
    files = {year: folder / f"second_land_cover_{year}.tif" for year in YEARS}
    for year, path in files.items():
        if path.exists():
            continue
        partial = path.with_suffix(".part.tif")
        with rasterio.open(partial, "w", **profile) as target:
            target.write(cover(year), 1)
            target.update_tags(SYNTHETIC="yes", TITLE=METADATA["title"], YEAR=str(year))
        partial.replace(path)
    return files


def section(files: dict[int, Path], folder: str | Path) -> dict:
    """What the section ``land_cover`` of a country file says of these maps.

    Parameters
    ----------
    files : dict of int to Path
        From :func:`write`.
    folder : str or Path
        Folder of the country file, from which the paths begin.

    Examples
    --------
    >>> section({2000: Path("maps/a.tif")}, "maps")["files"]
    {2000: 'a.tif'}
    """
    paths = {year: Path(os.path.relpath(path, folder)).as_posix() for year, path in files.items()}
    return {"source": "national", "files": paths, "nesting": NESTING, "metadata": dict(METADATA)}


def climate(folder: str | Path):
    """Rain and rain minus potential evapotranspiration of Landia, summed over all years, in mm.

    Parameters
    ----------
    folder : str or Path
        Folder of the training country.

    Returns
    -------
    (DataArray, DataArray)
        Dims (lat, lon).

    Examples
    --------
    >>> rain, balance = climate("outputs/landia")  # doctest: +SKIP
    """
    import xarray as xr

    sums = []
    for name in ("precipitation", "water_balance"):
        with xr.open_dataset(Path(folder) / "climate" / f"{name}.nc") as dataset:
            sums.append(dataset[name].sum("time").load())
    return tuple(sums)

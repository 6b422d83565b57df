"""Countries of a few cells as ordinary files: GeoTIFFs, a boundary, a country.yml.

The world is a lattice of square cells. Its corner is (WEST, NORTH), rows run south, columns east.

    column    0    1    2
    row 0   | a  | b  | c  |
    row 1   | d  | e  | f  |
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field
from pathlib import Path

import geopandas
import numpy as np
import rasterio
import yaml
from pyproj import Geod
from rasterio.transform import from_origin
from shapely import box

from ldnkit.country import Country

NODATA = -32768
WEST, NORTH, CELL = 30.0, 10.0, 0.01
COVER_YEARS = (2000, 2015, 2016, 2019, 2023)
NDVI_YEARS = tuple(range(2000, 2024))


@dataclass
class World:
    """A folder with the files of one small country; ``file`` becomes its country.yml."""

    folder: Path
    west: float = WEST
    north: float = NORTH
    cell: float = CELL
    crs: str = "EPSG:4326"
    file: dict = field(default_factory=dict)

    def raster(self, name, values, *, nodata=None, dtype=None, crs=None, **place) -> str:
        """Write a raster on the lattice, or elsewhere with west=, north=, cell=."""
        values = np.asarray(values, dtype)
        corner = [place.get(part, getattr(self, part)) for part in ("west", "north", "cell")]
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with rasterio.open(
            path,
            "w",
            driver="GTiff",
            height=values.shape[0],
            width=values.shape[1],
            count=1,
            dtype=values.dtype,
            crs=crs or self.crs,
            transform=from_origin(corner[0], corner[1], corner[2], corner[2]),
            nodata=nodata,
        ) as target:
            target.write(values, 1)
        return name

    def cells(self, top, left, bottom, right):
        """A rectangle of the lattice; the numbers may be fractions of cells."""
        return box(
            self.west + left * self.cell,
            self.north - bottom * self.cell,
            self.west + right * self.cell,
            self.north - top * self.cell,
        )

    def polygons(self, name, *shapes, crs=None, layer=None, **columns) -> str:
        """Write shapes with attributes as a GeoPackage, or a layer of one."""
        frame = geopandas.GeoDataFrame(columns, geometry=list(shapes), crs=crs or self.crs)
        options = {"layer": layer} if layer else {}
        frame.to_file(self.folder / name, driver="GPKG", **options)
        return name

    def read(self, **changes) -> Country:
        """Write country.yml with these changes of its sections, and read it."""
        content = self.file | changes
        path = self.folder / "country.yml"
        path.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            return Country.read(path, self.folder / "outputs")

    def area(self, row, columns=1) -> float:
        """km² of cells side by side in a row of a geographic lattice, from geodesics.

        Edges along a parallel are cut into 200 pieces, because a geodesic leaves the parallel.
        """
        top = self.north - row * self.cell
        east = np.linspace(0, columns * self.cell, 201)
        x = np.concatenate([east, east[::-1]])
        y = np.concatenate([np.full(201, top), np.full(201, top - self.cell)])
        return abs(Geod(ellps="WGS84").polygon_area_perimeter(x, y)[0]) / 1e6


def small_country(
    folder,
    cover,
    *,
    ndvi=None,
    reference=None,
    factor=0.8,
    nesting="unccd",
    dtype=np.uint8,
    cover_nodata=None,
    boundary=None,
    **place,
) -> World:
    """A country with these maps.

    Parameters
    ----------
    folder : Path
    cover : mapping of year to rows of codes
        A value that is no mapping stands for all five years.
    ndvi : mapping of year to rows of values, optional
    reference : rows of t/ha, optional
    boundary : geometry, optional
        The whole lattice by default.
    **place
        west, north, cell, crs of the lattice.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    world = World(folder, **place)
    cover = cover if isinstance(cover, dict) else dict.fromkeys(COVER_YEARS, cover)
    shape = np.asarray(next(iter(cover.values()))).shape
    world.polygons("boundary.gpkg", boundary or world.cells(0, 0, *shape))
    world.file = {
        "schema": 1,
        "iso3": "XLD",
        "name": "Landia",
        "cycle": 2026,
        "boundary": {"file": "boundary.gpkg", "rule": "centre"},
        "grid": {"from": "land_cover"},
        "land_cover": {
            "files": {
                year: world.raster(f"land_cover_{year}.tif", rows, dtype=dtype, nodata=cover_nodata)
                for year, rows in cover.items()
            },
            "nesting": nesting,
        },
        "productivity": None,
        "soil": None,
        "population": None,
        "drought": None,
        "vulnerability": None,
        "statistics": None,
        "finance": None,
    }
    if ndvi is not None:
        world.file["productivity"] = {
            "annual": {
                year: world.raster(f"ndvi_{year}.tif", rows, dtype=np.int16, nodata=NODATA)
                for year, rows in ndvi.items()
            },
            "scale": 10000,
            "units": {"land_cover": True},
        }
    if reference is not None:
        name = world.raster("soc_2000.tif", reference, dtype=np.float32, nodata=NODATA)
        world.file["soil"] = {"reference": name, "factor": factor}
    return world


def steady_ndvi(shape, *, years=NDVI_YEARS, start=4000, rise=0) -> dict:
    """Yearly values of every cell: a start and a rise per year."""
    start, rise = np.broadcast_to(start, shape), np.broadcast_to(rise, shape)
    return {year: start + rise * (year - years[0]) for year in years}


def long_area(table, **classes) -> float:
    """km² of the rows of a long table with these classes; a period's name is a class too."""
    for name, value in classes.items():
        table = table[table[name] == value]
    return float(table["area_km2"].sum())


def values_of(path) -> np.ndarray:
    """The first band of a raster."""
    with rasterio.open(path) as source:
        return source.read(1)

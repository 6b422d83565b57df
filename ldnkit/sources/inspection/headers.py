"""What the header of a file says: format, reference system, cells, type; no values are read."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from ldnkit.findings import InputError

#: Formats by the end of the name, where no driver says it.
_BY_SUFFIX = {
    ".gpkg": "GeoPackage",
    ".shp": "Shapefile",
    ".geojson": "GeoJSON",
    ".json": "JSON",
    ".csv": "CSV",
    ".txt": "text",
    ".xlsx": "XLSX",
    ".xlsm": "XLSX",
    ".yml": "YAML",
    ".yaml": "YAML",
    ".png": "PNG",
    ".parquet": "Parquet",
    ".nc": "NetCDF",
    ".nc4": "NetCDF",
}
_RASTERS = (".tif", ".tiff", ".vrt", ".img", ".asc")
_POLYGONS = (".gpkg", ".shp", ".geojson")
_CUBES = (".nc", ".nc4", ".cdf", ".netcdf", ".h5", ".hdf5", ".zarr")
#: Files that belong to a shapefile.
_SIDECARS = (".shx", ".dbf", ".prj", ".cpg", ".qix", ".sbn", ".sbx")
#: Polygons are read to compare them with the country up to this many megabytes.
_LARGEST_POLYGONS = 50


@dataclass(frozen=True)
class Header:
    """Facts about one file.

    Parameters
    ----------
    path : Path
    format : str
        For example ``"COG"``, ``"NetCDF"``, ``"GeoPackage"``.
    size : int
        Bytes on disk, of a VRT with the files it joins, of a shapefile with its companions.
    grid : GeoBox or None
        Cells of a raster.
    shape : geometry or None
        Polygons together, in longitude and latitude.
    crs, dtype, units : str
    nodata : tuple of float
        Fill values that the file declares.
    years : tuple of int
        Years of a time axis.
    problem : str
        Why the file cannot be read; empty otherwise.
    """

    path: Path
    format: str
    size: int
    grid: object = None
    shape: object = None
    crs: str = ""
    dtype: str = ""
    units: str = ""
    nodata: tuple[float, ...] = ()
    years: tuple[int, ...] = ()
    problem: str = ""


def read(path: Path, *, variable: str | None = None, raster: bool = False) -> Header:
    """The header of any file that a country file can name.

    Parameters
    ----------
    path : Path
        A file, or a Zarr folder.
    variable : str, optional
        The variable of a NetCDF file or Zarr folder.
    raster : bool
        The country file names it as a raster, whatever its name ends with.

    Examples
    --------
    >>> read(Path("table.csv")).format  # doctest: +SKIP
    'CSV'
    """
    ending = path.suffix.lower()
    if ending in _CUBES or path.is_dir():
        return _cube(path, variable)
    if raster or ending in _RASTERS:
        return _raster(path)
    if ending in _POLYGONS:
        return _polygons(path)
    return Header(path, _BY_SUFFIX.get(ending, ending.strip(".").upper()), path.stat().st_size)


def _raster(path: Path) -> Header:
    import rasterio
    from odc.geo.geobox import GeoBox
    from rasterio.errors import RasterioError

    try:
        with rasterio.open(path) as source:
            files = {Path(name) for name in source.files if Path(name).is_file()} | {path}
            found = Header(
                path,
                _format(source),
                sum(file.stat().st_size for file in files),
                dtype=source.dtypes[0],
                units=source.units[0] or "",
                nodata=tuple({fill for fill in source.nodatavals if fill is not None}),
            )
            if source.crs is None:
                return replace(found, problem="no coordinate reference system")
            grid = GeoBox(source.shape, source.transform, source.crs.to_wkt())
            return replace(found, grid=grid, crs=_name(source.crs))
    except RasterioError:
        return Header(path, "", path.stat().st_size, problem="does not open")


def _format(source) -> str:
    if source.driver != "GTiff":
        return {"VRT": "VRT", "netCDF": "NetCDF"}.get(source.driver, source.driver)
    layout = source.tags(ns="IMAGE_STRUCTURE").get("LAYOUT")
    return "COG" if layout == "COG" else "GeoTIFF"


def _name(crs) -> str:
    """EPSG code where there is one, else the name of the system."""
    from pyproj import CRS

    code = crs.to_epsg()
    return f"EPSG:{code}" if code else CRS(crs.to_wkt()).name


def _cube(path: Path, variable: str | None) -> Header:
    from pyproj import CRS

    from ldnkit.sources.timeseries import cubes

    kind = "Zarr" if path.is_dir() else "NetCDF"
    files = [file for file in path.rglob("*") if file.is_file()] if path.is_dir() else [path]
    size = sum(file.stat().st_size for file in files)
    try:
        cube = cubes.cube(path, variable)
        with cubes.opened(path) as dataset:
            dtype = str(dataset[cube.variable].dtype)
    except InputError as error:
        return Header(path, kind, size, problem=error.findings[0].found)
    years = tuple(sorted({step[0] for step in cube.steps}))
    return Header(
        path,
        kind,
        size,
        grid=cube.grid,
        crs=_name(CRS(cube.grid.crs.to_wkt())),
        dtype=dtype,
        units=cube.units,
        nodata=cube.fills,
        years=years,
    )


def _polygons(path: Path) -> Header:
    import geopandas
    import pyogrio
    from pyogrio.errors import DataLayerError, DataSourceError

    companions = [path.with_suffix(end) for end in _SIDECARS] if path.suffix == ".shp" else []
    size = sum(file.stat().st_size for file in [path, *companions] if file.is_file())
    kind = _BY_SUFFIX[path.suffix.lower()]
    try:
        facts = pyogrio.read_info(path)
        found = Header(path, kind, size, dtype=facts["geometry_type"] or "")
        if facts["crs"] is None:
            return replace(found, problem="no coordinate reference system")
        found = replace(found, crs=facts["crs"] if facts["crs"].startswith("EPSG") else "other")
        if size > _LARGEST_POLYGONS * 1e6:
            return found
        frame = geopandas.read_file(path, columns=[]).to_crs("EPSG:4326")
        shape = frame.geometry.make_valid().union_all()
        return replace(found, shape=shape)
    except (DataSourceError, DataLayerError, ValueError):
        return Header(path, kind, size, problem="does not open")

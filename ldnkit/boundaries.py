"""Country boundaries as polygons, across the 180° meridian too, and the grid that covers them."""

from __future__ import annotations

import math
from pathlib import Path

from ldnkit.findings import Finding, InputError

#: A boundary this close to a cell edge (in cells) does not need one more cell.
EDGE = 1e-6


def read_polygons(file: Path, layer: str | None = None, *, where: str = "boundary"):
    """All polygons of a file as one valid geometry in EPSG:4326.

    Parameters
    ----------
    file : Path
        GeoPackage, shapefile, GeoJSON or anything else that GDAL reads.
    layer : str, optional
        Layer of the file.
    where : str
        Place in the country file, for messages.

    Returns
    -------
    shapely geometry
        Longitudes as they are in the file.

    Raises
    ------
    InputError
        The file cannot be read, has no polygons or no coordinate system.
    """
    import geopandas
    import shapely
    from pyogrio.errors import DataLayerError, DataSourceError

    options = {} if layer is None else {"layer": layer}
    try:
        frame = geopandas.read_file(file, **options)
    except (DataSourceError, DataLayerError, OSError) as error:
        reason = str(error).partition(";")[0].rstrip(".")
        remedy = "Open it in QGIS and export it as GeoPackage."
        raise _error(where, f"{Path(file).name}: {reason}", "a polygon file", remedy) from error
    if not isinstance(frame, geopandas.GeoDataFrame) or frame.crs is None:
        remedy = "Give the file its coordinate system (for a shapefile the .prj file)."
        raise _error(where, f"{Path(file).name} without coordinate system", "EPSG:4326", remedy)
    shapes = _longitudes(frame.geometry.dropna().make_valid())
    geometry = _only_polygons(shapely.union_all(shapes.array))
    if geometry.is_empty:
        found = f"{Path(file).name} with {len(frame)} features, none a polygon"
        raise _error(where, found, "polygons", "Give the file of areas, not of lines or points.")
    return geometry


def _longitudes(shapes):
    """Shapes in EPSG:4326; where a map projection runs on across 180°, longitudes do, too."""
    plain = shapes.to_crs("EPSG:4326")
    west, _, east, _ = plain.total_bounds
    if shapes.crs.is_projected and east - west > 180:
        plain = shapes.to_crs("+proj=longlat +datum=WGS84 +lon_wrap=180 +type=crs")
        plain = plain.set_crs("EPSG:4326", allow_override=True)
    return plain.make_valid()


def _error(where: str, found: str, expected: str, remedy: str) -> InputError:
    return InputError([Finding("error", where, found, expected, remedy, "01")])


def _only_polygons(geometry):
    import shapely

    parts = shapely.get_parts(shapely.get_parts(geometry))
    return shapely.union_all([part for part in parts if part.geom_type == "Polygon"])


def shift_west(geometry):
    """The geometry with negative longitudes moved by +360: 0 … 360.

    Examples
    --------
    >>> import shapely
    >>> shift_west(shapely.box(-180, 0, -179, 1)).bounds
    (180.0, 0.0, 181.0, 1.0)
    """
    import shapely

    west = _only_polygons(geometry.intersection(shapely.box(-360, -90, 0, 90)))
    east = _only_polygons(geometry.intersection(shapely.box(0, -90, 360, 90)))
    moved = shapely.transform(west, lambda points: points + [360, 0])
    return _only_polygons(shapely.make_valid(shapely.union_all([east, moved])))


def across_180(geometry):
    """The geometry in 0 … 360 when that makes it narrower, as for a country across 180°.

    Longitudes that are already above 180 stay.

    Examples
    --------
    >>> import shapely
    >>> both = shapely.union(shapely.box(178, 0, 180, 1), shapely.box(-180, 0, -179, 1))
    >>> across_180(both).bounds
    (178.0, 0.0, 181.0, 1.0)
    """
    west, _, east, _ = geometry.bounds
    if west >= 0:
        return geometry
    moved = shift_west(geometry)
    moved_west, _, moved_east, _ = moved.bounds
    narrower = moved_east - moved_west < east - west - 1e-9
    return moved if narrower or west < -180 else geometry


def raster_grid(file: Path, geometry, *, where: str = "grid"):
    """The cells of a raster that cover a geometry, north up, with the raster's own cell edges.

    Only the header of the raster is read. The grid continues the raster's cells beyond its
    extent where the country is larger, and beyond 180° for a country in 0 … 360.

    Parameters
    ----------
    file : Path
        Raster with a coordinate system and square to the axes.
    geometry : shapely geometry, EPSG:4326
        The country, longitudes −180 … 180 or 0 … 360.

    Returns
    -------
    odc.geo.geobox.GeoBox

    Raises
    ------
    InputError
        The raster cannot be read, is rotated or has no coordinate system.
    """
    import rasterio
    from rasterio.errors import RasterioIOError

    try:
        with rasterio.open(file) as raster:
            transform, crs = raster.transform, raster.crs
    except RasterioIOError as error:
        remedy = "Open it in QGIS and export it as GeoTIFF."
        raise _error(where, f"{Path(file).name}, which is no raster", "GeoTIFF", remedy) from error
    if crs is None:
        remedy = "Give it one with QGIS or gdal_edit."
        raise _error(where, f"{Path(file).name} without coordinate system", "one", remedy)
    if transform.b or transform.d:
        remedy = "Warp it to a grid that is north up (gdalwarp)."
        raise _error(where, f"{Path(file).name}, which is rotated", "a north-up raster", remedy)
    origin = transform.c, transform.f
    return _grid(geometry, (abs(transform.a), abs(transform.e)), origin, crs)


def plain_grid(resolution: float, crs: str, geometry):
    """A grid of square cells whose edges are multiples of the cell size.

    Parameters
    ----------
    resolution : float
        Cell size in units of ``crs``.
    crs : str
        Coordinate system.
    geometry : shapely geometry, EPSG:4326

    Returns
    -------
    odc.geo.geobox.GeoBox

    Examples
    --------
    >>> import shapely
    >>> plain_grid(0.5, "EPSG:4326", shapely.box(0.1, 0, 1.9, 1)).shape
    Shape2d(x=4, y=2)
    """
    return _grid(geometry, (resolution, resolution), (0.0, 0.0), crs)


def _grid(geometry, size: tuple[float, float], origin: tuple[float, float], crs):
    """Cells of a lattice (size and one corner) that cover the bounds of a geometry."""
    from affine import Affine
    from odc.geo.geobox import GeoBox

    west, south, east, north = _bounds(geometry, crs)
    first = math.floor((west - origin[0]) / size[0] + EDGE)
    last = math.ceil((east - origin[0]) / size[0] - EDGE)
    top = math.ceil((north - origin[1]) / size[1] - EDGE)
    bottom = math.floor((south - origin[1]) / size[1] + EDGE)
    rows, columns = max(top - bottom, 1), max(last - first, 1)
    corner_x, corner_y = origin[0] + first * size[0], origin[1] + top * size[1]
    transform = Affine(size[0], 0, corner_x, 0, -size[1], corner_y)
    return GeoBox((rows, columns), transform, crs)


def _bounds(geometry, crs) -> tuple[float, float, float, float]:
    """Bounds of an EPSG:4326 geometry in another system; curved edges are followed."""
    import geopandas
    import shapely
    from pyproj import CRS

    crs = CRS.from_user_input(crs)
    if crs.is_geographic:
        return geometry.bounds
    dense = shapely.segmentize(geometry, 0.1)
    return tuple(geopandas.GeoSeries([dense], crs="EPSG:4326").to_crs(crs).total_bounds)


def middle(grid, rows: int, columns: int):
    """The part of a grid around its middle, at most ``rows`` × ``columns`` cells.

    Examples
    --------
    >>> import shapely
    >>> grid = plain_grid(1, "EPSG:4326", shapely.box(0, 0, 10, 4))
    >>> middle(grid, 2, 4).boundingbox.bbox
    (3.0, 1.0, 7.0, 3.0)
    """
    height, width = grid.shape
    rows, columns = min(rows, height), min(columns, width)
    top, left = (height - rows) // 2, (width - columns) // 2
    return grid[top : top + rows, left : left + columns]

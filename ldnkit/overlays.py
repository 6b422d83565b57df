"""Pictures laid on a web map: Mercator rows and PNG images that need no server."""

from __future__ import annotations

import base64
import io

import numpy as np

from ldnkit.pictures import TRANSPARENT

#: Latitude at which the square Mercator world ends.
MERCATOR_LIMIT = 85.0511287798066
EARTH_RADIUS = 6378137.0


def mercator(latitude) -> np.ndarray:
    """Height on the Mercator map, in radians, of a latitude in degrees.

    Examples
    --------
    >>> round(float(mercator(50.0)), 6)
    1.010683
    """
    angle = np.radians(np.clip(latitude, -MERCATOR_LIMIT, MERCATOR_LIMIT))
    return np.arctanh(np.sin(angle))


def mercator_rows(top: float, bottom: float, rows: int, out: int) -> np.ndarray:
    """Which row of a latitude grid lies under the middle of each of ``out`` Mercator rows.

    Rows of a latitude grid are equally high in degrees, rows of a web map in Mercator height:
    an image that is only stretched between its corners would be drawn too far north.
    """
    heights = np.linspace(mercator(top), mercator(bottom), 2 * out + 1)[1::2]
    latitudes = np.degrees(np.arctan(np.sinh(heights)))
    return ((top - latitudes) / (top - bottom) * rows).astype(int).clip(0, rows - 1)


def on_mercator(index: np.ndarray, grid, *, limit: int = 1500) -> tuple[np.ndarray, tuple]:
    """Colour numbers resampled to a web map, and its corners ((south, west), (north, east)).

    Longitudes past 180° stay as they are: web maps draw them beside the date line.
    """
    if not grid.crs.geographic:
        return _warped(index, grid, limit)
    box = grid.extent.boundingbox
    top, bottom = min(box.top, MERCATOR_LIMIT), max(box.bottom, -MERCATOR_LIMIT)
    rows = index.shape[0]
    skipped = round((box.top - top) / (box.top - box.bottom) * rows)
    kept = rows - skipped - round((bottom - box.bottom) / (box.top - box.bottom) * rows)
    stretch = np.degrees(mercator(top) - mercator(bottom)) / (top - bottom)
    out = min(int(np.ceil(kept * stretch)), limit)
    chosen = skipped + mercator_rows(top, bottom, kept, out)
    return index[chosen], ((bottom, box.left), (top, box.right))


def _warped(index: np.ndarray, grid, limit: int) -> tuple[np.ndarray, tuple]:
    from affine import Affine
    from rasterio.warp import calculate_default_transform, reproject
    from rasterio.warp import transform as transform_points

    box = grid.extent.boundingbox
    middle = [(box.left + box.right) / 2], [(box.bottom + box.top) / 2]
    (centre,), _ = transform_points(grid.crs.to_wkt(), "EPSG:4326", *middle)
    sphere = f"+proj=merc +a={EARTH_RADIUS} +b={EARTH_RADIUS} +lon_0={centre} +units=m +no_defs"
    rows, columns = index.shape
    scale = Affine.scale(grid.shape[1] / columns, grid.shape[0] / rows)
    edges = (box.left, box.bottom, box.right, box.top)
    transform, width, height = calculate_default_transform(
        grid.crs.to_wkt(), sphere, columns, rows, *edges
    )
    ratio = max(width / limit, height / limit, 1)
    shape = (max(round(height / ratio), 1), max(round(width / ratio), 1))
    transform *= Affine.scale(width / shape[1], height / shape[0])
    image = np.full(shape, TRANSPARENT, np.uint8)
    reproject(
        index,
        image,
        src_transform=grid.transform * scale,
        src_crs=grid.crs.to_wkt(),
        dst_transform=transform,
        dst_crs=sphere,
    )
    (west, north), (east, south) = (transform * corner for corner in ((0, 0), shape[::-1]))
    longitudes = [centre + np.degrees(x / EARTH_RADIUS) for x in (west, east)]
    latitudes = [np.degrees(np.arctan(np.sinh(y / EARTH_RADIUS))) for y in (south, north)]
    corners = zip(map(float, latitudes), map(float, longitudes), strict=True)
    return image, tuple(corners)


def png(index: np.ndarray, colours: list) -> str:
    """Colour numbers as a PNG inside a data address: no server is needed to show it."""
    from PIL import Image

    image = Image.fromarray(index)
    image.putpalette([part for colour in colours for part in colour[:3]])
    buffer = io.BytesIO()
    transparency = bytes(colour[3] for colour in colours)
    image.save(buffer, "PNG", optimize=True, transparency=transparency)
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode("ascii")

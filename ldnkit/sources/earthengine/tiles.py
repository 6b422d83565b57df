"""How a grid is cut into requests that Earth Engine accepts."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

#: Limits of one request, from the Earth Engine reference: bytes uncompressed, cells a side, bands.
MOST_BYTES, MOST_CELLS, MOST_BANDS = 48 * 2**20, 32_000, 1024
#: Seconds that one request is taken to need (a rule of thumb, between 5 and 60).
SECONDS = 20
#: How values travel: type, value for no data in transit.
KINDS = {
    "class": (np.int16, -32768),
    "integer": (np.int16, -32768),
    "value": (np.float32, -3.0e38),
    "persons": (np.float64, -1.0e300),
}


@dataclass(frozen=True)
class Tile:
    """A part of a grid, in cells from its upper left corner."""

    row: int
    column: int
    height: int
    width: int

    @property
    def name(self) -> str:
        """File name of the part."""
        return f"{self.row:06d}_{self.column:06d}_{self.height}x{self.width}"

    def quarters(self) -> list[Tile]:
        """The tile in four, each with its place."""
        rows = _parts(self.row, self.height)
        columns = _parts(self.column, self.width)
        return [
            Tile(row, column, height, width) for row, height in rows for column, width in columns
        ]


@dataclass(frozen=True)
class Estimate:
    """What a fetch will cost: requests, megabytes over the network, minutes."""

    requests: int
    megabytes: float
    minutes: float

    def __str__(self):
        return (
            f"{self.requests} requests, {self.megabytes:.0f} MB, about {self.minutes:.0f} minutes"
        )


def tiles_of(geobox, *, kind="class", bands=1, side=1024) -> list[Tile]:
    """The tiles of a grid, row by row; none crosses 180° or exceeds the limits of a request.

    Raises
    ------
    ValueError
        Unknown kind, too many bands, or a side that is not positive.
    """
    if kind not in KINDS:
        raise ValueError(f"Unknown kind: found {kind!r}; use one of {', '.join(KINDS)}.")
    if not 1 <= bands <= MOST_BANDS or side < 1:
        raise ValueError(
            f"A request needs 1 to {MOST_BANDS} bands and a side of at least 1: found {bands} "
            f"bands and a side of {side}; fetch fewer bands at a time."
        )
    # two thirds of the limit: a mask of a byte travels with every value
    most = math.isqrt(int(MOST_BYTES * 2 / 3 / bytes_of_cell(kind, bands)))
    side = max(1, min(side, most, MOST_CELLS))
    rows, columns = geobox.shape
    cuts = sorted({*range(0, columns, side), *crossing(geobox), columns})
    return [
        Tile(row, left, min(side, rows - row), right - left)
        for row in range(0, rows, side)
        for left, right in zip(cuts, cuts[1:], strict=False)
    ]


def bytes_of_cell(kind: str, bands: int) -> int:
    """Bytes of a cell in a request: integers travel as four bytes, masks as one."""
    return bands * (max(np.dtype(KINDS[kind][0]).itemsize, 4) + 1)


def estimate(geobox, *, kind="class", bands=1, side=1024, workers=4) -> Estimate:
    """What fetching this grid will cost, before it starts.

    Examples
    --------
    >>> from odc.geo.geobox import GeoBox
    >>> grid = GeoBox.from_bbox((0, 0, 10, 10), "EPSG:4326", resolution=0.0025)
    >>> print(estimate(grid))
    16 requests, 76 MB, about 1 minutes
    """
    parts = tiles_of(geobox, kind=kind, bands=bands, side=side)
    cells = geobox.shape[0] * geobox.shape[1]
    megabytes = cells * bytes_of_cell(kind, bands) / 2**20
    return Estimate(len(parts), megabytes, math.ceil(len(parts) / workers) * SECONDS / 60)


def request_grid(geobox, tile: Tile) -> dict:
    """The grid of a tile as Earth Engine wants it; longitudes beyond 180° are turned back."""
    west, north = geobox.transform @ (tile.column, tile.row)
    if geobox.crs.geographic and west >= 180 - abs(geobox.transform.a) / 2:
        west -= 360
    transform = geobox.transform
    code = geobox.crs.epsg
    system = {"crsCode": f"EPSG:{code}"} if code else {"crsWkt": geobox.crs.to_wkt()}
    return {
        "dimensions": {"width": tile.width, "height": tile.height},
        "affineTransform": {
            "scaleX": transform.a,
            "shearX": transform.b,
            "translateX": west,
            "shearY": transform.d,
            "scaleY": transform.e,
            "translateY": north,
        },
        **system,
    }


def _parts(start: int, size: int) -> list[tuple[int, int]]:
    half = (size + 1) // 2
    return [(start, half), (start + half, size - half)] if size > half else [(start, size)]


def crossing(geobox) -> list[int]:
    """Column at which a geographic grid passes 180°."""
    if not geobox.crs.geographic:
        return []
    column = round((180 - geobox.transform.c) / geobox.transform.a)
    return [column] if 0 < column < geobox.shape[1] else []

"""Where the cells of one grid lie in another: any two reference systems, any longitudes."""

from __future__ import annotations

import threading
from functools import lru_cache

import numpy as np

#: A whole turn this close to a whole number of cells is one.
_NEARLY = 0.01


def touching(source_grid, target_grid) -> list[tuple[slice, slice]]:
    """Rows and columns of a source grid that lie under a target, with a small margin.

    Two parts where the target lies across the end of the source's longitudes; none when the
    grids do not touch.

    Examples
    --------
    >>> from odc.geo.geobox import GeoBox
    >>> globe = GeoBox.from_bbox((-180, -90, 180, 90), "EPSG:4326", resolution=1)
    >>> fiji = GeoBox.from_bbox((177, -20, 182, -15), "EPSG:4326", resolution=0.1)
    >>> [(columns.start, columns.stop) for rows, columns in touching(globe, fiji)]
    [(0, 5), (354, 360)]
    """
    rows, columns = target_grid.shape
    down = np.linspace(0, rows, min(rows, 64) + 1)
    across = np.linspace(0, columns, min(columns, 64) + 1)
    place = locator(target_grid, source_grid)
    u, v = place(*np.meshgrid(across, down))
    period = whole_turn(source_grid)
    if period:
        middle = source_grid.shape[1] / 2
        u = middle + (u - middle + period / 2) % period - period / 2
    known = np.isfinite(u) & np.isfinite(v)
    if not known.any():
        return []
    first, last = _limits(v[known], 2 + _spacing(v, period=0), source_grid.shape[0])
    if last <= first:
        return []
    spacing = _spacing(u, period)
    order = np.sort(u[known])
    gaps = np.diff(order)
    torn = np.flatnonzero(gaps > max(source_grid.shape[1] / 4, 8 * spacing))
    spans = [
        _limits(group, 2 + spacing, source_grid.shape[1]) for group in np.split(order, torn + 1)
    ]
    return [(slice(first, last), slice(*span)) for span in _joined(spans)]


def _joined(spans) -> list[tuple[int, int]]:
    """Spans without empty ones; those that meet become one, so that no cell counts twice."""
    joined: list[tuple[int, int]] = []
    for first, last in sorted(span for span in spans if span[0] < span[1]):
        if joined and first <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(last, joined[-1][1]))
        else:
            joined.append((first, last))
    return joined


def _limits(places, margin, size) -> tuple[int, int]:
    first = np.floor(places.min() - margin)
    last = np.ceil(places.max() + margin)
    return int(np.clip(first, 0, size)), int(np.clip(last, 0, size))


def _spacing(places, period) -> float:
    """The largest step between neighbouring places that is no jump to the other side."""
    steps = np.concatenate(
        [np.abs(np.diff(places, axis=0)).ravel(), np.abs(np.diff(places, axis=1)).ravel()]
    )
    steps = steps[np.isfinite(steps)]
    if period:
        steps = np.minimum(steps, np.abs(period - steps))
    return float(np.quantile(steps, 0.9)) if steps.size else 0.0


def locator(grid, other):
    """A function from places in cells (column, row) of a grid to places in cells of another."""
    own, back = grid.transform, ~other.transform
    change = None
    if not same_system(grid.crs, other.crs):
        thread = threading.get_ident()
        change = _transformer(thread, grid.crs.to_wkt(), other.crs.to_wkt()).transform

    def place(column, row):
        x, y = own.c + own.a * column + own.b * row, own.f + own.d * column + own.e * row
        if change is not None:
            x, y = change(x, y)
        with np.errstate(invalid="ignore"):
            return back.c + back.a * x + back.b * y, back.f + back.d * x + back.e * y

    return place


@lru_cache(maxsize=64)
def _transformer(thread, source, target):
    """One for every thread: they are not to be shared."""
    from pyproj import Transformer

    return Transformer.from_crs(source, target, always_xy=True)


def same_system(first, second) -> bool:
    """Whether two reference systems are the same, however they are written."""
    return first == second or (first.epsg is not None and first.epsg == second.epsg)


def side_by_side(first, second) -> bool:
    """Whether two grids have one reference system and are square to its axes."""
    turned = any(grid.transform.b or grid.transform.d for grid in (first, second))
    return not turned and same_system(first.crs, second.crs)


def whole_turn(grid) -> float:
    """Cells in 360° of longitude; 0 in a grid that has no such thing.

    A number that is nearly whole is meant to be whole: cell sizes are often written rounded.
    """
    if not grid.crs.geographic or grid.transform.b or grid.transform.d:
        return 0.0
    cells = 360 / abs(grid.transform.a)
    return float(round(cells)) if abs(cells - round(cells)) < _NEARLY else cells


def wrapped(steps, period):
    """Steps the short way round."""
    with np.errstate(invalid="ignore"):
        return (steps + period / 2) % period - period / 2

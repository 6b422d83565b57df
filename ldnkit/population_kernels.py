"""Counts moved between grids, on plain arrays: shares of source cells in target cells.

Grids of one reference system get exact overlaps, axis by axis. Between reference systems every
source cell is cut into equal parts, and each part goes to the target cell that holds its middle.
Both depend on the cells alone, not on the windows in which they are read.
"""

from __future__ import annotations

import numpy as np

from ldnkit import areas, population_parts
from ldnkit.places import side_by_side, touching, whole_turn

#: Edges this close, in cells of the source, are the same edge.
_SAME_EDGE = 1e-6


def split(values, source_grid, target_grid) -> np.ndarray:
    """Counts on the cells of another grid; what lies outside the target is left out.

    Parameters
    ----------
    values : ndarray, shape of ``source_grid``
        Persons per cell; NaN is no data.
    source_grid, target_grid : odc.geo.geobox.GeoBox

    Returns
    -------
    ndarray, float64, shape of ``target_grid``
        NaN where a cell is touched by no source cell, or only by cells without data.

    Raises
    ------
    ValueError
        The shape is not that of the grid, or a grid has no reference system.

    Examples
    --------
    >>> from odc.geo.geobox import GeoBox
    >>> coarse = GeoBox.from_bbox((0, 0, 2, 1), "EPSG:3857", resolution=1)
    >>> fine = GeoBox.from_bbox((0, 0, 2, 1), "EPSG:3857", resolution=0.5)
    >>> split(np.array([[8.0, np.nan]]), coarse, fine).tolist()
    [[2.0, 2.0, nan, nan], [2.0, 2.0, nan, nan]]
    """
    values = _on_grid(values, source_grid)
    _check(source_grid, target_grid)
    result = np.zeros(tuple(target_grid.shape))
    touched = np.zeros(result.shape, bool)
    if side_by_side(source_grid, target_grid):
        _split_axes(values, source_grid, target_grid, result, touched)
    else:
        for rows, columns in touching(source_grid, target_grid):
            part = np.ascontiguousarray(values[rows, columns])
            population_parts.give(
                source_grid[rows, columns], target_grid, part, result, touched, gather=False
            )
    result[~touched] = np.nan
    return result


def inside_share(mask, mask_grid, grid) -> np.ndarray:
    """For each cell of ``grid`` the share of its people that :func:`split` puts on the mask.

    Parameters
    ----------
    mask : ndarray, shape of ``mask_grid``
        0 … 1 or boolean; NaN counts as 0.
    mask_grid, grid : odc.geo.geobox.GeoBox

    Returns
    -------
    ndarray, float64, shape of ``grid``
        Persons on the mask are the same on both grids:
        ``nansum(mask * split(counts, grid, mask_grid)) == nansum(inside_share(…) * counts)``.

    Examples
    --------
    >>> from odc.geo.geobox import GeoBox
    >>> coarse = GeoBox.from_bbox((0, 0, 2, 1), "EPSG:3857", resolution=1)
    >>> fine = GeoBox.from_bbox((0, 0, 2, 1), "EPSG:3857", resolution=0.5)
    >>> inside_share(np.array([[1, 1, 1, 0], [1, 1, 0, 0]]), fine, coarse).tolist()
    [[1.0, 0.25]]
    """
    mask = np.nan_to_num(_on_grid(mask, mask_grid))
    _check(grid, mask_grid)
    share = np.zeros(tuple(grid.shape))
    if side_by_side(grid, mask_grid):
        down, across = _axes(grid, mask_grid)
        rows, columns = _used(down.sum(axis=1)), _used(across.sum(axis=1))
        part = down[rows].T @ np.ascontiguousarray(mask[rows, columns])
        return np.ascontiguousarray((across[columns].T @ part.T).T)
    for rows, columns in touching(grid, mask_grid):
        part = np.zeros(share[rows, columns].shape)
        population_parts.give(
            grid[rows, columns], mask_grid, part, mask, np.zeros((1, 1), bool), gather=True
        )
        share[rows, columns] += part
    return share


def add(first, second) -> np.ndarray:
    """The sum of two arrays of counts; NaN only where both have no data.

    Examples
    --------
    >>> add(np.array([1.0, np.nan, np.nan]), np.array([2.0, 3.0, np.nan])).tolist()
    [3.0, 3.0, nan]
    """
    first, second = np.asarray(first, np.float64), np.asarray(second, np.float64)
    total = first + second
    gaps = np.isnan(total)
    if gaps.any():
        known = first[gaps]
        total[gaps] = np.where(np.isnan(known), second[gaps], known)
    return total


# ------------------------------------------------------- one reference system: axis by axis


def _split_axes(values, source, target, result, touched):
    down, across = _axes(source, target)
    rows, columns = _used(down.sum(axis=0)), _used(across.sum(axis=0))
    down, across = down[:, rows], across[:, columns]
    part = values[rows, columns]
    known = ~np.isnan(part)
    if known.all():
        filled = part
        touched |= np.outer(down.sum(axis=1) > 0, across.sum(axis=1) > 0)
    else:
        filled = np.where(known, part, 0.0)
        some = (down != 0).astype(np.float32) @ known.astype(np.float32)
        touched |= ((across != 0).astype(np.float32) @ some.T).T > 0
    result += (across @ np.ascontiguousarray((down @ np.ascontiguousarray(filled)).T)).T


def _axes(source, target):
    """Sparse matrices (target × source) of shares, down the rows and across the columns."""
    own, other = source.transform, target.transform
    measure = None
    if source.crs.geographic:

        def measure(place):
            return areas.zone_area(np.clip(own.f + own.e * place, -90, 90))

    turn = whole_turn(source)
    rows = (source.shape[0], target.shape[0])
    columns = (source.shape[1], target.shape[1])
    down = _shares(rows, (own.f, own.e), (other.f, other.e), measure=measure)
    across = sum(
        _shares(columns, (own.c, own.a), (other.c, other.a), moved=moved)
        for moved in ((0, -turn, turn) if turn else (0,))
    )
    return down, across


def _shares(counts, source, target, *, moved=0.0, measure=None):
    """Share of each source cell (column) in each target cell (row) along one axis.

    ``source`` and ``target`` are the first edge and the step, ``moved`` the number of cells of
    the source by which the target is moved.
    """
    from scipy.sparse import csr_array

    sources, targets = counts
    place = (target[0] + target[1] * np.arange(targets + 1) - source[0]) / source[1] + moved
    nearest = np.rint(place)
    place = np.where(np.abs(place - nearest) < _SAME_EDGE, nearest, place)
    backwards = place[0] > place[-1]
    edges = place[::-1] if backwards else place
    first, last = (int(np.clip(np.floor(edge), 0, sources)) for edge in (edges[0], edges[-1]))
    inner = np.arange(first, min(last + 1, sources) + 1)
    cuts = np.union1d(np.clip(edges, 0, sources), inner[(inner > edges[0]) & (inner < edges[-1])])
    middle = (cuts[:-1] + cuts[1:]) / 2
    cell = np.floor(middle).astype(np.int64)
    taker = np.searchsorted(edges, middle, "right") - 1
    if backwards:
        taker = targets - 1 - taker
    if measure is None:
        share = np.diff(cuts)
    else:
        whole = np.abs(measure(cell + 1) - measure(cell))
        share = np.abs(np.diff(measure(cuts))) / np.maximum(whole, np.finfo(float).tiny)
    return csr_array((share, (taker, cell)), shape=(targets, sources))


def _used(shares) -> slice:
    """The span of cells that have a share."""
    here = np.flatnonzero(shares)
    return slice(int(here[0]), int(here[-1]) + 1) if here.size else slice(0, 0)


def _on_grid(values, grid) -> np.ndarray:
    values = np.asarray(values, np.float64)
    if values.shape != tuple(grid.shape):
        raise ValueError(
            f"The values do not fit their grid: found {values.shape} values for "
            f"{tuple(grid.shape)} cells; give one value per cell."
        )
    return values


def _check(source, target):
    for name, grid in (("source", source), ("target", target)):
        if grid.crs is None:
            raise ValueError(
                f"The {name} grid has no coordinate reference system, so counts cannot be "
                "placed: found none; assign one, for example EPSG:4326."
            )
        turn = whole_turn(grid)
        if turn and grid.shape[1] > turn * 1.001:
            raise ValueError(
                f"The {name} grid goes round the Earth more than once: found "
                f"{grid.shape[1] / turn * 360:.1f} degrees of longitude; check its cell size."
            )

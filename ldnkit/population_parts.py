"""Counts moved between reference systems: source cells cut into equal parts.

Every part is taken for a small rectangle along the target's cells, at most half a cell wide, and
shared among the up to four cells it touches. Where a part goes depends on its source cell alone,
not on the window in which the cell is read.
"""

from __future__ import annotations

import numpy as np

from ldnkit.places import locator, whole_turn, wrapped

try:
    from numba import njit
except ImportError:  # Intel Macs: the NumPy path gives the same counts
    njit = None

#: A part is at most this fraction of a target cell; more parts than this a cell never has.
_PART, _MOST = 0.5, 1_000
#: Less than this share of a part in a cell is rounding: the neighbour has it all.
_NONE = 1e-6
#: Metres between the places that are projected exactly; others are interpolated between them.
_CONTROL = 2_000.0
#: A square of places that bends more than this is torn by the projection: no interpolation.
_TORN = 0.05
#: Parts held in memory at a time, where each is projected.
_AT_ONCE = 1_000_000


def give(source, target, source_array, target_array, touched, *, gather):
    """Give the counts of source cells to target cells, or gather the target's values from them.

    Parameters
    ----------
    source, target : GeoBox
    source_array, target_array : ndarrays, float64
        Counts, and where they are added; or, to gather, where values are added, and the values.
    touched : ndarray, boolean
        Set where a target cell gets a count.
    gather : bool
    """
    squares = _squares(source, target)
    corners, torn, sides, half, size, first = squares
    turn, latitude = whole_turn(target), _latitude(source)
    if njit is None:
        place = _interpolator(squares)
        _each(squares, ~torn, place, turn, latitude, source_array, target_array, touched, gather)
    else:
        _parts_numba(
            corners, torn, sides, half, size, *first, turn, *latitude,
            source_array, target_array, touched, gather,
        )  # fmt: skip
    if torn.any():
        place = locator(source, target)
        _each(squares, torn, place, turn, latitude, source_array, target_array, touched, gather)


def _squares(source, target):
    """Squares of source cells whose corners are projected exactly.

    Returns corners (u or v, corner, rows, columns) in cells of the target; which squares are
    torn; parts per side of a cell (across or down, rows, columns); half the width and height of
    a part in cells of the target; cells per side of a square; and the row and column of the first
    square. Squares begin at fixed cells of the lattice, not of the window.
    """
    rows, columns = source.shape
    size, first = _control(source)
    down = np.arange(first[0], rows + size, size, dtype=float)
    across = np.arange(first[1], columns + size, size, dtype=float)
    place, turn = locator(source, target), whole_turn(target)
    nodes = np.array(place(*np.meshgrid(across, down)))
    corners = np.stack(
        [nodes[:, :-1, :-1], nodes[:, :-1, 1:], nodes[:, 1:, :-1], nodes[:, 1:, 1:]], axis=1
    )
    with np.errstate(invalid="ignore", over="ignore"):
        if turn:  # corners of a square on the same side of the end of longitudes
            corners[0] = corners[0, 0] + wrapped(corners[0] - corners[0, 0], turn)
        column, row = np.meshgrid(across[:-1] + size / 2, down[:-1] + size / 2)
        middle = np.array(place(column, row))
        bend = middle - corners.mean(axis=1)
        if turn:
            bend[0] = wrapped(bend[0], turn)
        spread = np.abs(corners - corners[:, :1]).max(axis=(0, 1))
        torn = ~(np.abs(bend).max(axis=0) <= _TORN * spread + 1e-9)
        # how far one source cell goes, across and down, in u and v
        steps = np.stack(
            [
                np.abs(corners[:, [1, 3]] - corners[:, [0, 2]]).max(axis=1) / size,
                np.abs(corners[:, [2, 3]] - corners[:, [0, 1]]).max(axis=1) / size,
            ]
        )
        for step, (right, below) in zip(steps, ((1e-3, 0), (0, 1e-3)), strict=True):
            moved = np.array(place(column[torn] + right, row[torn] + below)) - middle[:, torn]
            if turn:
                moved[0] = wrapped(moved[0], turn)
            step[:, torn] = np.abs(moved) / 1e-3
    steps = np.clip(np.where(np.isfinite(steps), steps, 1), 0, _PART * _MOST)
    sides = np.maximum(np.ceil(steps.max(axis=1) / _PART - 1e-6), 1)
    half = np.clip((steps / sides[:, np.newaxis]).max(axis=0) / 2, 1e-9, _PART)
    return corners, torn, sides.astype(np.int64), half, size, first


def _control(source) -> tuple[int, tuple[int, int]]:
    """Cells per side of a square, and row and column of the first one (zero or negative)."""
    transform = source.transform
    if transform.b or transform.d:
        return 1, (0, 0)
    unit = 111_000 if source.crs.geographic else _unit(source)
    size = int(np.clip(_CONTROL / abs(transform.e * unit), 1, 64))
    # a fixed number of every row and column, whatever the window; 1/7 keeps clear of rounding
    row = int(np.floor(transform.f / transform.e + 1 / 7))
    column = int(np.floor(transform.c / transform.a + 1 / 7))
    return size, (-(row % size), -(column % size))


def _unit(grid) -> float:
    """Metres in a unit of a projected grid."""
    return grid.crs.proj.axis_info[0].unit_conversion_factor


def _latitude(grid) -> tuple[float, float]:
    """Radians of latitude at the first row and per row; zeros where parts are equal in area."""
    if grid.crs.geographic and not grid.transform.b and not grid.transform.d:
        return float(np.radians(grid.transform.f)), float(np.radians(grid.transform.e))
    return 0.0, 0.0


def _parts_loop(
    corners, torn, sides, half, size, first_row, first_column, turn, north, step,
    source, target, touched, gather,
):  # fmt: skip
    for square_row in range(torn.shape[0]):
        top = first_row + square_row * size
        for square_column in range(torn.shape[1]):
            if torn[square_row, square_column]:
                continue
            left = first_column + square_column * size
            across, down = sides[0, square_row, square_column], sides[1, square_row, square_column]
            wide, high = half[0, square_row, square_column], half[1, square_row, square_column]
            u0, u1, u2, u3 = corners[0, :, square_row, square_column]
            v0, v1, v2, v3 = corners[1, :, square_row, square_column]
            for row in range(max(top, 0), min(top + size, source.shape[0])):
                whole = 0.0
                for part in range(down):
                    whole += np.cos(north + step * (row + (part + 0.5) / down))
                whole *= across
                for column in range(max(left, 0), min(left + size, source.shape[1])):
                    value = source[row, column]
                    if np.isnan(value):
                        continue
                    found = 0.0
                    for part in range(down):
                        y = (row - top + (part + 0.5) / down) / size
                        share = np.cos(north + step * (row + (part + 0.5) / down)) / whole
                        u, v = u0 + y * (u2 - u0), v0 + y * (v2 - v0)
                        du, dv = u1 + y * (u3 - u1) - u, v1 + y * (v3 - v1) - v
                        for other in range(across):
                            x = (column - left + (other + 0.5) / across) / size
                            # the part reaches from here …
                            i, j = u + x * du - wide, v + x * dv - high
                            i0, j0 = np.floor(i), np.floor(j)
                            # … this far into the next column and row
                            right = (i + 2 * wide - i0 - 1) / (2 * wide)
                            below = (j + 2 * high - j0 - 1) / (2 * high)
                            right = 0.0 if right < _NONE else right
                            below = 0.0 if below < _NONE else below
                            if right > 1 - _NONE:
                                i0, right = i0 + 1, 0.0
                            if below > 1 - _NONE:
                                j0, below = j0 + 1, 0.0
                            for next_row in range(2):
                                jj = j0 + next_row
                                rows = below if next_row else 1 - below
                                if rows == 0 or jj < 0 or jj >= target.shape[0]:
                                    continue
                                for next_column in range(2):
                                    ii = i0 + next_column
                                    columns = right if next_column else 1 - right
                                    if turn > 0:
                                        ii -= np.floor(ii / turn) * turn
                                    if columns == 0 or ii < 0 or ii >= target.shape[1]:
                                        continue
                                    much = share * rows * columns
                                    if gather:
                                        found += much * target[int(jj), int(ii)]
                                    else:
                                        target[int(jj), int(ii)] += much * value
                                        touched[int(jj), int(ii)] = True
                    if gather:
                        source[row, column] += found


if njit is not None:
    _parts_numba = njit(cache=True, nogil=True)(_parts_loop)


def _interpolator(squares):
    """A function from places in cells of the source to the target, between the corners."""
    corners, _, _, _, size, first = squares

    def place(column, row):
        x, y = (column - first[1]) / size, (row - first[0]) / size
        i, j = x.astype(np.int64), y.astype(np.int64)
        x, y = x - i, y - j
        upper = corners[:, 0, j, i] * (1 - x) + corners[:, 1, j, i] * x
        lower = corners[:, 2, j, i] * (1 - x) + corners[:, 3, j, i] * x
        return upper * (1 - y) + lower * y

    return place


def _each(squares, chosen, place, turn, latitude, source, target, touched, gather):
    """Parts of the cells of the chosen squares, placed one by one; a cell's shares add up to 1."""
    _, _, sides, half, size, first = squares
    rows, columns = np.indices(source.shape)
    square = (rows - first[0]) // size, (columns - first[1]) // size
    wanted = chosen[square] & ~np.isnan(source)
    rows, columns = rows[wanted], columns[wanted]
    across, down = sides[0][square][wanted], sides[1][square][wanted]
    wide, high = half[0][square][wanted], half[1][square][wanted]
    for n, m in np.unique(np.stack([across, down]), axis=1).T:
        here = np.flatnonzero((across == n) & (down == m))
        for cells in np.array_split(here, int(len(here) * n * m // _AT_ONCE) + 1):
            row = rows[cells, None, None] + (np.arange(m)[:, None] + 0.5) / m
            column = columns[cells, None, None] + (np.arange(n) + 0.5) / n
            row, column = np.broadcast_arrays(row, column)
            u, v = place(column, row)
            known = np.isfinite(u) & np.isfinite(v)
            weight = np.cos(latitude[0] + latitude[1] * row) * known
            whole = weight.sum(axis=(1, 2), keepdims=True)
            weight = np.divide(weight, whole, out=np.zeros_like(weight), where=whole > 0)[known]
            cell = np.broadcast_to(cells[:, None, None], known.shape)[known]
            for i, j, share in _cells(u[known], v[known], wide[cell], high[cell]):
                i = i % turn if turn else i
                hit = (share > 0) & (i >= 0) & (j >= 0)
                hit &= (i < target.shape[1]) & (j < target.shape[0])
                i, j, from_ = i[hit].astype(np.int64), j[hit].astype(np.int64), cell[hit]
                much = weight[hit] * share[hit]
                if gather:
                    np.add.at(source, (rows[from_], columns[from_]), much * target[j, i])
                else:
                    np.add.at(target, (j, i), much * source[rows[from_], columns[from_]])
                    touched[j, i] = True


def _cells(u, v, wide, high):
    """Column, row and share of the up to four cells that parts touch."""
    (i, right), (j, below) = _two(u, wide), _two(v, high)
    for next_row, rows in ((0, 1 - below), (1, below)):
        for next_column, columns in ((0, 1 - right), (1, right)):
            yield i + next_column, j + next_row, rows * columns


def _two(place, half):
    """The first cell that a part touches along one axis, and its share in the next."""
    start = place - half
    first = np.floor(start)
    beyond = (start + 2 * half - first - 1) / (2 * half)
    beyond = np.where(beyond < _NONE, 0.0, beyond)
    return np.where(beyond > 1 - _NONE, first + 1, first), np.where(beyond > 1 - _NONE, 0, beyond)

"""Smooth and grainy fields computed from coordinates alone, the same on every platform.

Only additions, products, divisions, square roots and a 64-bit integer hash are used: these are
exact everywhere, so no random number generator and no version of NumPy can change a value.
Any window can be drawn by itself and equals the same window of the whole picture.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Place:
    """An ellipse with a ragged edge: centre, radii (degrees), roughness and its noise.

    Examples
    --------
    >>> Place(0.5, 0.5, 0.1, 0.2).rx
    0.1
    """

    x: float
    y: float
    rx: float
    ry: float
    rough: float = 0.5
    frequency: float = 14.0
    key: int = 0


def hashed(rows, columns, key: int):
    """64 well-mixed bits for every pair of whole numbers.

    Examples
    --------
    >>> bool(hashed(1, 2, 3) == hashed(2, 1, 3))
    False
    """
    rows, columns = _whole(rows), _whole(columns)
    start = np.uint64((key * 0x9E3779B97F4A7C15 + 0x632BE59BD9B4E019) % 2**64)
    bits = _mixed(rows * np.uint64(0xD1342543DE82EF95) + start)
    return _mixed(bits + columns * np.uint64(0xDA942042E4DD58B5))


def _whole(values):
    return np.atleast_1d(np.asarray(values, dtype=np.int64)).astype(np.uint64)


def _mixed(bits):
    bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return bits ^ (bits >> np.uint64(31))


def ramp(values):
    """0 below 0, 1 above 1, straight between."""
    return np.clip(values, 0.0, 1.0)


def smooth_step(values):
    """0 below 0, 1 above 1, without a corner between."""
    values = ramp(values)
    return values * values * (3.0 - 2.0 * values)


class Canvas:
    """A window of a grid with its coordinates, and the fields that can be drawn on it.

    Parameters
    ----------
    size : tuple of int
        Rows and columns of the whole grid.
    extent : tuple of float
        Height and width of the whole grid, in the unit of the coordinates.
    window : tuple of slice, optional
        Rows and columns to draw; the whole grid by default.
    seed : int
        Changes all noise.

    Attributes
    ----------
    x, y : ndarray
        Coordinates of the cell centres from the upper left corner, (1, columns) and (rows, 1).

    Examples
    --------
    >>> Canvas((4, 5), (1.0, 1.25)).noise(8.0, 1).shape
    (4, 5)
    """

    def __init__(self, size, extent, window=None, *, seed: int = 0):
        rows, columns = size
        down, across = window or (slice(0, rows), slice(0, columns))
        self.seed = seed
        self.rows = np.arange(down.start, down.stop)[:, None]
        self.columns = np.arange(across.start, across.stop)[None, :]
        self.y = (self.rows + 0.5) * (extent[0] / rows)
        self.x = (self.columns + 0.5) * (extent[1] / columns)
        self.shape = (self.rows.size, self.columns.size)

    def noise(self, frequency: float, key: int, octaves: int = 4, *, along_y: bool = False):
        """Smooth noise, mostly between -0.6 and 0.6: interpolated lattice values, added up.

        ``frequency`` is the number of bumps per unit; ``along_y`` draws one column of it.
        """
        total, amplitude, weight = 0.0, 1.0, 0.0
        x = np.zeros(1) if along_y else self.x[0]
        for octave in range(octaves):
            total = total + amplitude * self._lattice(x, frequency, key * 16 + octave)
            weight += amplitude
            amplitude *= 0.5
            frequency *= 2.03
        return total / weight

    def _lattice(self, x, frequency, key):
        v, u = self.y[:, 0] * frequency + 7.3, x * frequency + 3.1
        i, j = np.floor(v).astype(np.int64), np.floor(u).astype(np.int64)
        down, across = smooth_step(v - i)[:, None], smooth_step(u - j)
        nodes = hashed(
            np.arange(i[0], i[-1] + 2)[:, None],
            np.arange(j[0], j[-1] + 2)[None, :],
            key + self.seed * 4099,
        )
        nodes = (nodes >> np.uint64(11)).astype(np.float64) / 2.0**52 - 1.0
        i, j = i - i[0], j - j[0]
        lines = nodes[i] * (1.0 - down) + nodes[i + 1] * down
        return lines[:, j] * (1.0 - across) + lines[:, j + 1] * across

    def grain(self, key: int):
        """Bell-shaped noise, independent from cell to cell: mean 0, standard deviation 0.58."""
        bits = hashed(self.rows, self.columns, key + self.seed * 8191)
        total = np.zeros(self.shape)
        for shift in (0, 16, 32, 48):
            total += (bits >> np.uint64(shift)) & np.uint64(0xFFFF)
        return total / 65535.0 - 2.0

    def inside(self, place: Place):
        """1 at the centre of the place, 0 on its ragged edge, negative outside."""
        u, v = (self.x - place.x) / place.rx, (self.y - place.y) / place.ry
        edge = place.rough * self.noise(place.frequency, place.key) if place.rough else 0.0
        return 1.0 - np.sqrt(u * u + v * v) + edge

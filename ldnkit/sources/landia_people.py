"""Who lives in Landia, the fictional training country, 2000-2023: every number is synthetic.

People live in two towns that grow with the built-up land, in villages along the river, the coast
and the fields, and thinly everywhere else. They are counted by 1/256 of a person, so that sums of
cells are exact: rasters of any cell size have the very same total.
"""

from __future__ import annotations

from functools import cached_property
from math import fsum

import numpy as np

from ldnkit.sources.canvas import hashed, ramp
from ldnkit.sources.landia import Landia
from ldnkit.sources.landia_stories import (
    ALWAYS,
    CITY,
    HEIGHT,
    NORTH,
    WATER,
    WIDTH,
    YEARS,
)

GRID = (120, 150)  # rows, columns: cells of 1/120 degree
PARTS = 3  # a cell is seen as 3 x 3 parts, to know its share of land and town
COARSE = (40, 50)  # the copy of 2020 in cells of 1/40 degree
DENSITY = (60, 75)  # the density of 2020 in cells of 1/60 degree, 3.3 square kilometres each
COARSE_YEAR = 2020
CENSUS_YEARS = (2000, 2010, 2020)
QUANTUM = 256.0  # persons are counted by 1/256
FIRST_TOTAL, GROWTH = 1_200_000.0, 1.02
UNDERCOUNT = 1.024  # the official figures, as a multiple of the people in the raster
SEXES = ("female", "male")
ISLAND_FROM = 0.73  # degrees east of the corner where the mainland has ended

# Persons per cell of rural land by land cover, before they are scaled to the total of the year.
RURAL = {
    10: 44.0, 20: 60.0, 30: 34.0, 40: 20.0, 50: 4.0, 60: 7.0, 100: 7.0, 120: 6.0, 130: 8.0,
    150: 1.0, 160: 3.0, 180: 4.0, CITY: 60.0, 200: 0.5, 220: 0.0, WATER: 0.0,
}  # fmt: skip
DRY = 0.20  # wetness below which land is dry: fewer than one person in two cells, every year


class People:
    """The people of Landia on cells of 1/120 degree, whatever the size of the other rasters.

    Parameters
    ----------
    seed : int
        As for :class:`Landia`.

    Examples
    --------
    >>> People().counts(2000, "female").shape
    (120, 150)
    """

    def __init__(self, *, seed: int = 2026):
        rows, columns = GRID
        self.land = Landia(GRID, seed=seed)
        self.parts = Landia((rows * PARTS, columns * PARTS), seed=seed)
        self._counts = {}

    def counts(self, year: int, sex: str):
        """Persons per cell (float32); no data (NaN) on the open sea.

        Parameters
        ----------
        year : int
            2000 to 2023.
        sex : "female" or "male"
        """
        if year not in self._counts:
            people, men = self._groups(year)
            whole = np.rint(people * QUANTUM)
            male = np.minimum(np.rint(men * QUANTUM), whole)
            for name, values in (("male", male), ("female", whole - male)):
                values = np.where(self.near_land, values / QUANTUM, np.nan)
                self._counts.setdefault(year, {})[name] = values.astype(np.float32)
        return self._counts[year][sex]

    def coarse(self, sex: str, grid=COARSE):
        """The counts of 2020 in larger cells: sums of cells, the same total (float64)."""
        counts = self.counts(COARSE_YEAR, sex).astype(np.float64)
        rows, columns = grid
        blocks = counts.reshape(rows, GRID[0] // rows, columns, GRID[1] // columns)
        known = ~np.isnan(blocks)
        total = np.where(known, blocks, 0.0).sum((1, 3))
        return np.where(known.any((1, 3)), total, np.nan)

    def density(self):
        """Persons per square kilometre in 2020 in cells of 1/60 degree, women and men together."""
        from ldnkit.areas import zone_area

        rows, columns = DENSITY
        edges = zone_area(NORTH - np.arange(rows + 1) * (HEIGHT / rows))
        area = (edges[:-1] - edges[1:]) * np.radians(WIDTH / columns) / 1e6
        return sum(self.coarse(sex, DENSITY) for sex in SEXES) / area[:, None]

    # ---- where people can live ---------------------------------------------------------------
    def _share(self, mask):
        """Share of the parts of each cell where a mask is true."""
        rows, columns = GRID
        return mask.reshape(rows, PARTS, columns, PARTS).sum((1, 3)) / float(PARTS * PARTS)

    @cached_property
    def coast_share(self):
        return self._share(self.parts.land > 0)

    @cached_property
    def near_land(self):
        """Cells with land, and the cells beside them: the rest is open sea."""
        padded = np.zeros((GRID[0] + 2, GRID[1] + 2), bool)
        padded[1:-1, 1:-1] = self.coast_share > 0
        near = padded[:-2] | padded[1:-1] | padded[2:]
        return near[:, :-2] | near[:, 1:-1] | near[:, 2:]

    @cached_property
    def leaving(self):
        """How strongly people leave the overgrazed land: 0 outside, 1 in the middle."""
        keys = ("overgrazing", "overgrazing_south", "drying")
        return np.maximum.reduce([self.land.strength(key) for key in keys])

    @cached_property
    def villages(self):
        """Size of a village where there is one, before it is scaled; 0 elsewhere."""
        land, seed = self.land, self.land.seed
        shore = (self.coast_share > 0.3) & (self.coast_share < 0.9) & (land.wetness > DRY)
        river = (land.river < 0.035) & (land.wetness > 0.08)
        fields = np.isin(land.start_cover, (10, 20, 30, 40))
        bits = hashed(land.rows, land.columns, 7001 + seed * 131)
        chance = (bits & np.uint64(0x3FF)).astype(np.float64) / 1024.0
        large = ((bits >> np.uint64(20)) & np.uint64(0x3FF)).astype(np.float64) / 1024.0
        odds = np.where(fields, 0.10, np.where(land.wetness > DRY, 0.02, 0.004))
        odds = np.maximum(odds, np.where(river, 0.22, np.where(shore, 0.20, 0.0)))
        high = ramp(1.6 - 1.6 * land.elevation)
        size = (260.0 + 2400.0 * large * large * large) * high
        size = np.where(land.wetness > DRY, size, 20.0)
        return np.where((chance < odds) & (self.coast_share > 0.3), size, 0.0)

    @cached_property
    def camp(self):
        """Cells of the mining camps."""
        bits = hashed(self.land.rows, self.land.columns, 7002 + self.land.seed * 131)
        return (self.land.strength("mining") > 0.75) & ((bits & np.uint64(0x7)) < 3)

    @cached_property
    def afloat(self):
        """Cells in the middle of the shrinking lake, where fishermen live on their boats."""
        middle = self.land.lake >= 0.9 * self.land.lake.max()
        return middle & (self._share(self.parts._cover(YEARS[-1]) == WATER) == 1.0)

    def _towns(self, year):
        """Weight of the built-up land of a year: the old town counts most, new suburbs least."""
        first = self.parts.changes["city"]
        age = np.minimum(np.maximum(year - first, 0), 8)
        weight = np.where(first == ALWAYS, 50.0, 3.0 + age)  # whole numbers: exact sums
        rows, columns = GRID
        built = np.where(self.parts._cover(year) == CITY, weight, 0.0)
        return built.reshape(rows, PARTS, columns, PARTS).sum((1, 3))

    def _rural(self, year):
        """Weight of the rural land of a year, without the dry land."""
        land = self.land
        table = np.zeros(256)
        table[list(RURAL)] = list(RURAL.values())
        weight = table[land._cover(year)] * (0.35 + 0.65 * land.wetness)
        weight = weight * ramp(1.9 - 1.9 * land.elevation) * (1.0 + 0.7 * land.noise(20.0, 70))
        return np.where(land.wetness < DRY, 0.0, weight * self.coast_share)

    def _herders(self, year):
        """Persons per cell of dry land: always less than half a person."""
        land = self.land
        few = 0.08 + 0.38 * ramp(0.5 + land.noise(20.0, 70))
        settled = (land._cover(year) != WATER) & (land.wetness < DRY)
        return np.where(settled, few * self.coast_share, 0.0)

    def _groups(self, year):
        """People and men per cell: herders, miners, fishermen, towns, villages and rural land."""
        passed = year - YEARS[0]
        gone = self.leaving * ramp((year - 2002) / 21.0)
        stay, built = 1.0 - 0.7 * gone, self._towns(year)
        east = self.land.x > ISLAND_FROM
        herders = self._herders(year) * stay
        inside = self._share(self.parts.country > 0) / np.maximum(self.coast_share, 0.1)
        groups = [  # where, persons inside Landia, men among 100 of them
            (herders, fsum((herders * inside).ravel().tolist()), 49.4),
            (1.0 * self.camp, 800.0 * max(year - 2015, 0) * (year >= 2018), 84.0),
            (1.0 * self.afloat, 60.0 - 1.5 * passed, 75.0),
            (np.where(east, 0.0, built), _grown(120_000.0, 1.045, passed), 51.2),
            (np.where(east, built, 0.0), _grown(30_000.0, 1.040, passed), 50.4),
        ]
        rest = _grown(FIRST_TOTAL, GROWTH, passed) - fsum(group[1] for group in groups)
        groups += [
            (self.villages * stay, 0.42 * rest, 49.0 - 6.0 * gone),
            (self._rural(year) * stay, 0.58 * rest, 49.4 - 6.0 * gone),
        ]
        people, men = np.zeros(GRID), np.zeros(GRID)
        for where, persons, male in groups:
            weights = fsum((where * inside).ravel().tolist())
            here = where * (persons / weights) if weights > 0 else 0.0
            people, men = people + here, men + here * (male / 100.0)
        return people, men


def _grown(start, rate, years):
    """A number that grows by the same rate every year."""
    for _ in range(years):
        start = start * rate
    return start

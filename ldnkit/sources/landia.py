"""Landia, a fictional country drawn from numbers: every value is synthetic training data.

The country is 1.25 degrees wide and 1 degree high, whatever the number of cells.
Coordinates are degrees: ``x`` east of 179.2° E (the country crosses 180°), ``y`` south of 16° S.
What happens to the land is a table of stories; land cover, NDVI and the truth all follow it.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np

from ldnkit.sources.canvas import Canvas, Place, hashed, ramp
from ldnkit.sources.landia_stories import (
    ALWAYS,
    BARE,
    CARBON,
    CITY,
    FARM,
    FOREST,
    GAP_YEAR,
    HEIGHT,
    LAND,
    LAND_COVER_YEARS,
    NEVER,
    NODATA,
    OPEN,
    PERIODS,
    POTENTIAL,
    RAIN_ANOMALY,
    SNOW,
    STORIES,
    WATER,
    WIDTH,
    YEARS,
)


class Landia(Canvas):
    """A window of the training country; every layer is a NumPy array of its rows and columns.

    Parameters
    ----------
    size : tuple of int
        Rows and columns of the whole country.
    window : tuple of slice, optional
        Rows and columns to draw; the whole country by default.
    seed : int
        Changes every ragged edge and all noise; places and years stay.

    Examples
    --------
    >>> Landia((40, 50)).cover(2000).shape
    (40, 50)
    """

    def __init__(self, size, window=None, *, seed: int = 2026):
        super().__init__(size, (HEIGHT, WIDTH), window, seed=seed)
        self._strengths = {}

    # ---- the land ----------------------------------------------------------------------------
    @cached_property
    def mainland(self):
        return self.inside(Place(0.27, 0.50, 0.44, 0.43, 0.42, 4.0, 64))

    @cached_property
    def island(self):
        main = self.inside(Place(0.945, 0.52, 0.185, 0.32, 0.55, 5.0, 176))
        islet = self.inside(Place(1.10, 0.17, 0.050, 0.042, 0.7, 15.0, 3))
        reef = self.inside(Place(0.80, 0.14, 0.032, 0.020, 0.7, 22.0, 4))
        return np.maximum(np.maximum(main, islet), reef)

    @cached_property
    def land(self):
        """Above the sea where positive; lakes count as land here."""
        return np.maximum(self.mainland, self.island) + 0.10 * self.noise(17.0, 22)

    @cached_property
    def country(self):
        """Inside Landia where positive: bounded by the coast, and by a land border in the west."""
        border = self.x - 0.055 - 0.06 * self.noise(6.0, 5)
        return np.minimum(self.land, 6.0 * border)

    @cached_property
    def elevation(self):
        """0 at the coast, about 1 where the snow begins."""
        u, v = (self.x - 0.30) + 0.35 * (self.y - 0.28), (self.y - 0.28) / 1.5
        range_ = 1.0 / (1.0 + 75.0 * (u * u + v * v))
        hill = 0.5 * ramp(self.inside(Place(0.96, 0.50, 0.12, 0.2, 0.0)))
        rough = self.noise(9.0, 6, 5)
        return 0.15 * ramp(self.land) + range_ * (0.85 + 0.45 * rough) + hill + 0.12 * rough

    @cached_property
    def wetness(self):
        """0 in the hyper-arid south-west, 1 on the windward coasts."""
        mainland = 0.06 + 1.05 * (self.x - 0.06) + 0.62 * (0.52 - self.y)
        island = np.minimum(0.50 + 2.2 * (self.x - 0.80), 0.95)
        share = ramp(0.5 + 1.2 * (self.island - self.mainland))
        wet = mainland + share * (island - mainland)
        return ramp(wet + 0.08 * ramp(self.elevation) + 0.12 * self.noise(5.0, 7))

    @cached_property
    def mean_rain(self):
        """Mean yearly rain, mm."""
        return 45.0 + 900.0 * self.wetness + 1350.0 * self.wetness * self.wetness

    @cached_property
    def river(self):
        """Distance (degrees) from the river, which runs from the mountain to the delta."""
        course = 0.375 + 0.36 * (self.y - 0.36) + 0.06 * self.noise(7.0, 8, 3, along_y=True)
        away = np.abs(self.x - course)
        return np.where((self.y > 0.36) & (self.mainland > 0), away, 1.0)

    # ---- land cover --------------------------------------------------------------------------
    @cached_property
    def patch(self):
        """Small pattern that mixes the classes of a landscape."""
        return self.noise(30.0, 10)

    @cached_property
    def natural(self):
        """Land cover of 2000 before the stories are laid over it (ESA CCI codes)."""
        wet = self.wetness + 0.12 * self.noise(16.0, 9, 5)
        patch = self.patch
        farmed = self.noise(10.0, 11, 5) + 0.5 * ramp(1.0 - self.river / 0.06)
        cover = np.where(patch + 4.0 * (wet - 0.09) > 0, 150, BARE)
        cover = np.where(wet < 0.05, BARE, cover)
        cover = np.where(wet > 0.17, np.where(patch < -0.12, 120, 130), cover)
        farm = np.where(patch > 0.12, 30, np.where(patch < -0.2, 40, 10))
        cover = np.where((wet > 0.25) & (farmed > 0.10), farm, cover)
        cover = np.where((wet > 0.44) & (farmed <= 0.0), np.where(patch > 0, 60, 100), cover)
        cover = np.where((wet > 0.60) & (farmed <= 0.12), 50, cover)
        cover = np.where((self.river < 0.02) & (wet < 0.5) & (wet > 0.12), 20, cover)
        cover = np.where(self.elevation > 0.62, 60, cover)
        cover = np.where(self.elevation > 0.74, 130, cover)
        cover = np.where(self.elevation > 0.86, BARE, cover)
        shore = (self.land < 0.06) & (self.wetness > 0.5) & (self.noise(12.0, 12) > 0.06)
        return np.where(shore, 160, cover)

    @cached_property
    def forest(self):
        return self.inside(Place(0.545, 0.27, 0.23, 0.25, 0.6, 11.0, 14)) + 0.8 * (self.x - 0.545)

    @cached_property
    def lake(self):
        return self.inside(Place(0.135, 0.575, 0.055, 0.046, 1.0, 11.0, 19))

    @cached_property
    def start_cover(self):
        """Land cover of 2000."""
        cover, patch = self.natural, self.patch
        wild = np.where(patch > 0.05, 130, np.where(patch < -0.15, 120, cover))
        wild = np.where((wild == 130) | (wild == 120) | (wild == 150), wild, 130)
        wood = np.where(patch > 0.25, 60, np.where(patch < -0.32, 100, 50))
        wooded = (self.forest > 0) & (self.elevation < 0.74) & (self.mainland > 0)
        cover = np.where(wooded, wood, cover)
        for key in ("overgrazing", "overgrazing_south", "restoration_2016", "recovery", "mining"):
            cover = np.where(self.strength(key) > 0, wild, cover)
        for key in ("invader", "clearing"):
            cover = np.where(self.strength(key) > 0, np.where(patch > 0.1, 120, 130), cover)
        cover = np.where(self.strength("salinisation") > 0, np.where(patch > 0.3, 10, 20), cover)
        cover = np.where(self.strength("restoration_2005") > 0, BARE, cover)
        cover = np.where(self.delta > 0, 180, cover)
        fields = np.where(patch > 0.15, 30, np.where(patch < -0.3, 40, 10))
        cover = np.where(self.abandoned > 0, fields, cover)
        cover = np.where(self.changes["city"] == ALWAYS, CITY, cover)
        cover = np.where(self.elevation > 0.985, SNOW, cover)
        cover = np.where((self.river < 0.0016) | (self.lake > 0), WATER, cover)
        return np.where(self.land > 0, cover, WATER).astype(np.uint8)

    @cached_property
    def delta(self):
        return self.inside(Place(0.56, 0.80, 0.065, 0.072, 1.2, 12.0, 13))

    @cached_property
    def abandoned(self):
        return self.inside(Place(0.43, 0.40, 0.055, 0.07, 1.5, 11.0, 18))

    @cached_property
    def changes(self):
        """First year in which each land cover story shows on the map, by story."""
        front = self.forest + 0.12 * self.noise(45.0, 15, 2)
        city = self._growth(Place(0.625, 0.55, 0.020, 0.023, 2.4, 15.0, 16), 0.075)
        town = self._growth(Place(1.02, 0.50, 0.010, 0.012, 2.4, 25.0, 17), 0.06)
        below = (self.y > 0.575) & (self.y < 0.70) & (self.river < 0.11)
        below &= self.strength("restoration_2016") == 0
        basin = 1.0 - self.river / 0.013 + 0.7 * self.noise(30.0, 20)
        basin = np.where((self.y > 0.475) & (self.y < 0.565), basin, -1.0)
        return {
            "forest_front": self._advance(front, 2000, 0.0165),
            "city": np.minimum(city, town),
            "drainage": self._advance(8.0 * (self.x - 0.48) + 0.5 * self.patch, 2003, 0.030),
            "abandonment": self._advance(self.abandoned, 2006, 0.07),
            "glacier": self._advance(self.elevation - 0.985, 2000, 0.0040),
            "lake": self._advance(self.lake, 2000, 0.021),
            "irrigation": np.where(below & (self.noise(28.0, 21) > 0.08), 2013, NEVER),
            "reservoir": np.where(basin > 0, np.where(basin > 0.45, 2011, 2012), NEVER),
        }

    def _advance(self, field, start, speed):
        """Years in which a front arrives that moves from 0 upwards by ``speed`` a year."""
        years = start + 1 + np.floor(np.maximum(field, 0.0) / speed)
        return np.where(field > 0, years, NEVER)

    def _growth(self, place, speed):
        """Years in which growth out of a place arrives; ALWAYS where it began before 2001."""
        outward = -self.inside(place)
        return np.where(outward > 0, 2001 + np.floor(np.maximum(outward, 0.0) / speed), ALWAYS)

    def strength(self, key: str):
        """Strength of a slow story: 0 outside, 0.5 on the edge, 1 well inside.

        Where two slow stories meet, the first of the table has the ground.
        """
        if key not in self._strengths:
            field = self.inside(STORIES[key].place)
            strength = np.where(field > 0, ramp(0.5 + 2.0 * field), 0.0)
            for earlier in STORIES.values():
                if earlier.key == key:
                    break
                if earlier.place is not None:
                    strength = np.where(self.strength(earlier.key) > 0, 0.0, strength)
            self._strengths[key] = strength
        return self._strengths[key]

    def cover(self, year: int):
        """Land cover of a year (ESA CCI codes; the map of 2011 has a hole of zeros).

        Raises
        ------
        ValueError
            When the year has no map.
        """
        if year not in LAND_COVER_YEARS:
            raise ValueError(
                f"No land cover map for {year}: Landia has maps of {LAND_COVER_YEARS[0]} to "
                f"{LAND_COVER_YEARS[-1]}. Use the closest year."
            )
        cover = self._cover(year)
        if year == GAP_YEAR:
            hole = self.inside(Place(0.13, 0.32, 0.030, 0.024, 1.0, 14.0, 23)) > 0
            cover = np.where(hole, 0, cover).astype(np.uint8)
        return cover

    @cached_property
    def steps(self):
        """Changes of land cover in the order they are laid: story, first years, new code, slow.

        Years count only where the class of 2000 is one that the story changes.
        NDVI follows the slow ones by a ramp of its own, not by the class.
        """
        years, patch = self.changes, self.patch
        pits = np.where(self.strength("mining") > 0.75, 2018, NEVER)
        bare, trees = self.strength("restoration_2005"), self.strength("restoration_2016")
        sown = np.where(bare > 0, 2013 - np.floor(5.0 * bare), NEVER)
        grown = np.where(bare > 0.8, 2017 + np.floor(4.0 * patch), NEVER)
        planted = np.where(trees > 0.6, 2022 - np.floor(4.0 * trees), NEVER)
        laid = (
            ("forest_front", years["forest_front"], FOREST, np.where(patch > 0.2, 30, 10), False),
            ("drainage", years["drainage"], (180,), 10, False),
            ("abandonment", years["abandonment"], FARM, 130, False),
            ("irrigation", years["irrigation"], OPEN, 20, False),
            ("glacier", years["glacier"], (SNOW,), BARE, False),
            ("lake", years["lake"], (WATER,), BARE, False),
            ("lake_grass", years["lake"] + 7, (WATER,), 130, False),
            ("reservoir", years["reservoir"], LAND, WATER, False),
            ("city", years["city"], LAND, CITY, False),
            ("mining", pits, LAND, BARE, False),
            ("restoration_2005", sown, (BARE,), 130, True),
            ("restoration_2005_trees", grown, (BARE,), 60, True),
            ("restoration_2016", planted, OPEN, 60, True),
        )
        return [
            (key, self._only(first, kinds), np.asarray(code, np.uint8), slow)
            for key, first, kinds, code, slow in laid
        ]

    def _only(self, years, kinds):
        years = np.where(np.isin(self.start_cover, kinds), years, NEVER)
        return np.minimum(years, NEVER).astype(np.int16)

    def _cover(self, year, *, slow=True):
        """Land cover without a hole; ``slow=False`` leaves out what NDVI follows by a ramp."""
        cover = self.start_cover.copy()
        for _, years, code, is_slow in self.steps:
            if slow or not is_slow:
                np.copyto(cover, code, where=years <= year)
        return cover

    # ---- productivity ------------------------------------------------------------------------
    def rain_share(self, year: int):
        """Rain of a year as a share above (+) or below (-) the mean."""
        national = RAIN_ANOMALY[year - YEARS[0]] / 100.0
        local = 0.20 * self.noise(3.0, 100 + year, 2)
        drying = 0.45 * self.strength("drying") * _progress(STORIES["drying"], year)
        return np.maximum(national + local - drying, -0.9)

    def rain(self, year: int):
        """Rain of a year, mm (int16)."""
        return np.rint(self.mean_rain * (1.0 + self.rain_share(year))).astype(np.int16)

    @cached_property
    def site(self):
        """Fertility of the site, about 0.75 to 1.1."""
        return 0.78 + 0.26 * self.wetness + 0.14 * self.noise(22.0, 24)

    def ndvi(self, year: int):
        """NDVI x 10 000 of a year, mean over the year (int16, no data over water and clouds)."""
        cover = self._cover(year, slow=False)
        value = _look_up(POTENTIAL, cover) * self.site
        for story in STORIES.values():
            share = story.depth * _progress(story, year)
            if share and self.strength(story.key).any():
                value = value * (1.0 + share * self.strength(story.key))
        response = 0.55 - 0.33 * self.wetness
        value = value * (1.0 + response * self.rain_share(year))
        value = value * (1.0 + 0.08 * response * self.grain(200 + year))
        missing = (cover == WATER) | self._cloudy(year)
        return np.where(missing, NODATA, np.rint(np.clip(value, 50.0, 9500.0))).astype(np.int16)

    @cached_property
    def cloud(self):
        return self.inside(Place(0.99, 0.36, 0.08, 0.07, 0.5, 9.0, 25))

    def _cloudy(self, year):
        lost = hashed(self.rows, self.columns, 300 + year + self.seed * 131)
        few = (lost & np.uint64(0x3FF)) < 2
        patches = self.noise(6.0, 400 + year, 3) + 0.55 * np.maximum(self.cloud, -1.0)
        return few | ((patches > 0.12) & (self.cloud > 0))

    # ---- soil --------------------------------------------------------------------------------
    @cached_property
    def soil_unit(self):
        """Soil unit (codes of SOIL_UNITS; 0 at sea)."""
        pattern = self.noise(7.0, 26, 5)
        unit = np.where(self.wetness + 0.3 * pattern > 0.5, np.where(pattern > 0, 2, 3), 4)
        unit = np.where(self.wetness + 0.2 * pattern < 0.27, 5, unit)
        unit = np.where((self.wetness < 0.30) & (pattern > 0.12), 6, unit)
        unit = np.where(self.elevation > 0.6, 1, unit)
        unit = np.where((self.river < 0.022) | (np.abs(self.lake) < 0.3), 7, unit)
        unit = np.where(self.delta > -0.1, 8, unit)
        return np.where(self.land > 0, unit, 0).astype(np.uint8)

    @cached_property
    def soil_carbon(self):
        """Soil organic carbon of 2000, t/ha, 0-30 cm (int16; 0 under lakes and ice)."""
        base = (
            14.0 + 70.0 * self.wetness + 25.0 * ramp(self.elevation) + 18.0 * self.noise(11.0, 27)
        )
        base = base + np.where(self.soil_unit == 8, 60.0, 0.0)
        value = np.maximum(base, 6.0) * _look_up(CARBON, self.start_cover)
        return np.where(self.land > 0, np.rint(value), NODATA).astype(np.int16)

    @cached_property
    def climate_zone(self):
        """IPCC climate zone (9 tropical montane, 10 wet, 11 moist, 12 dry)."""
        zone = np.where(self.mean_rain < 1000.0, 12, np.where(self.mean_rain > 2000.0, 10, 11))
        return np.where(self.elevation > 0.75, 9, zone).astype(np.int16)

    # ---- truth -------------------------------------------------------------------------------
    def truth(self, period: str):
        """What was planted: ``(truth, cause)`` of a period, int16, no data on water and abroad.

        Truth is -1 degraded, 0 stable, 1 improved; a cause is a code of STORIES, or 0.
        A cause counts in a period when it acts in the period's productivity window, from its
        fourth year, or when it changes land cover between the period's land cover years.
        """
        start, end, mapped = PERIODS[period]
        dated = {key: years for key, years, _, _ in self.steps}
        truth = np.zeros(self.shape, np.int16)
        cause = np.zeros(self.shape, np.int16)
        for story in STORIES.values():
            if story.place is not None:
                acts = (self.strength(story.key) > 0) & (story.first + 1 <= end)
                acts &= story.last >= start + 3
            else:
                years = dated[story.key]
                acts = (years <= end) & ((years >= start + 3) | (years > mapped))
            acts &= cause == 0
            cause[acts], truth[acts] = story.code, story.sign
        land = (self.country > 0) & (self._cover(end) != WATER)
        nodata = np.int16(NODATA)
        return np.where(land, truth, nodata), np.where(land, cause, nodata)


def _progress(story, year):
    """How far a slow story has come in a year: 0 before it, 1 after it."""
    return min(max((year - story.first + 1) / (story.last - story.first + 1), 0.0), 1.0)


def _look_up(table, codes):
    values = np.zeros(256)
    values[list(table)] = list(table.values())
    return values[codes]

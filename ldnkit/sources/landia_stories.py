"""What is planted in Landia, the fictional training country: constants and a table of stories."""

from __future__ import annotations

from dataclasses import dataclass

from ldnkit.sources.canvas import Place

WEST, NORTH, WIDTH, HEIGHT = 179.2, -16.0, 1.25, 1.0  # degrees; longitudes run past 180
LAND_COVER_YEARS = tuple(range(2000, 2023))  # the map of 2023 is not out yet, as in real life
YEARS = tuple(range(2000, 2024))
NODATA = -32768
NEVER, ALWAYS = 9999, 0
GAP_YEAR = 2011  # the land cover map with a hole in it (0, declared as no data)
BARE, WATER, SNOW, CITY = 200, 210, 220, 190  # ESA CCI codes

FOREST, FARM, OPEN = (50, 60, 100, 160), (10, 20, 30, 40), (120, 130, 150)
LAND = tuple(range(1, WATER))

# Rain of the whole country, percent above or below its mean.
# Dry years come early, in the middle and late in every window of 16 years: no trend is planted.
RAIN_ANOMALY = (
    15, 7, -26, -14, 16, -5, -19, -6, 25, -31, -17, 18,
    11, 4, 20, -22, -24, -3, 23, -20, -12, 27, 3, -8,
)  # fmt: skip
# NDVI x 10 000 that a class reaches on good soil in a mean year.
POTENTIAL = {
    10: 5000, 20: 6200, 30: 5500, 40: 5900, 50: 8000, 60: 7200, 100: 6500, 120: 4600,
    130: 4300, 150: 2300, 160: 7000, 180: 6200, CITY: 2500, BARE: 1100, SNOW: 300, WATER: 0,
}  # fmt: skip
# Soil carbon of a class relative to the site.
CARBON = {
    10: 0.75, 20: 0.8, 30: 0.85, 40: 0.9, 50: 1.15, 60: 1.05, 100: 1.0, 120: 0.9,
    130: 0.95, 150: 0.6, 160: 1.4, 180: 1.6, CITY: 0.6, BARE: 0.35, SNOW: 0.0, WATER: 0.0,
}  # fmt: skip
SOIL_UNITS = {
    1: "Leptosols", 2: "Ferralsols", 3: "Acrisols", 4: "Vertisols",
    5: "Arenosols", 6: "Calcisols", 7: "Fluvisols", 8: "Histosols",
}  # fmt: skip
# Productivity window, and the first land cover year, of each period of the 2026 process.
PERIODS = {
    "baseline": (2000, 2015, 2000),
    "report_1": (2004, 2019, 2016),
    "report_2": (2008, 2023, 2016),
}


@dataclass(frozen=True)
class Story:
    """One planted cause: is it bad (-1), good (1) or neither (0), where, when, how much.

    ``depth`` is the share of NDVI lost or gained between ``first`` and ``last``.
    A story without a place is a change of land cover, dated cell by cell.
    """

    code: int
    key: str
    name: str
    sign: int
    place: Place | None = None
    first: int = NEVER
    last: int = NEVER
    depth: float = 0.0


STORIES = {
    story.key: story
    for story in (
        Story(1, "forest_front", "Forest cleared for crops by an advancing front", -1),
        Story(2, "city", "City and town growing over fields and grassland", -1),
        Story(3, "drainage", "Wetland drained for crops", -1),
        Story(4, "abandonment", "Fields abandoned to grass", -1),
        Story(5, "overgrazing", "Overgrazing of rangeland from 2003", -1,
              Place(0.235, 0.44, 0.10, 0.09, 1.5, 9.0, 51), 2003, 2023, -0.52),
        Story(6, "overgrazing_south", "Overgrazing of dry pasture in the south from 2003", -1,
              Place(0.405, 0.83, 0.07, 0.052, 1.5, 10.0, 52), 2003, 2023, -0.50),
        Story(7, "salinisation", "Salt in irrigated land from 2012", -1,
              Place(0.475, 0.675, 0.045, 0.062, 1.4, 14.0, 53), 2012, 2021, -0.62),
        Story(8, "mining", "Open mines from 2018", -1,
              Place(0.19, 0.20, 0.034, 0.030, 1.5, 20.0, 54), 2018, 2019, -0.62),
        Story(9, "invader", "Woody invader: greener, yet degraded (false positive)", -1,
              Place(0.803, 0.55, 0.034, 0.062, 1.0, 14.0, 55), 2003, 2021, 0.42),
        Story(20, "restoration_2005", "Restoration of bare land from 2005", 1,
              Place(0.18, 0.71, 0.085, 0.045, 1.4, 12.0, 56), 2005, 2023, 1.0),
        Story(21, "restoration_2016", "Trees planted on pasture from 2016", 1,
              Place(0.345, 0.57, 0.068, 0.062, 1.5, 11.0, 57), 2016, 2023, 0.62),
        Story(22, "recovery", "Rested rangeland recovering from 2004", 1,
              Place(0.315, 0.715, 0.065, 0.055, 1.5, 11.0, 58), 2004, 2022, 0.60),
        Story(23, "clearing", "Invader cleared from 2016: less green, better (false negative)", 1,
              Place(0.905, 0.71, 0.042, 0.036, 1.0, 14.0, 59), 2016, 2019, -0.38),
        Story(30, "glacier", "Glacier retreating to bare rock", 0),
        Story(31, "lake", "Lake bed laid bare by a shrinking lake", 0),
        Story(32, "irrigation", "New irrigated fields below the reservoir", 0),
        Story(33, "drying", "Less and less rain from 2004, and greenness with it", 0,
              Place(0.61, 0.65, 0.055, 0.04, 1.2, 12.0, 60), 2004, 2023),
    )
}  # fmt: skip

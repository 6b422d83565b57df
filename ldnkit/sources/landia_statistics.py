"""Districts, census, official figures and drought factors of Landia, and the truth about them.

Landia is the fictional training country: every number is synthetic.
What is counted inside a border is counted as the workbook does it. Each cell of people is split
by area over the cells of lesson size, and a cell of lesson size is inside when its centre is.
"""

from __future__ import annotations

import numpy as np

from ldnkit.sources import landia_climate
from ldnkit.sources.landia import Landia
from ldnkit.sources.landia_people import CENSUS_YEARS, GRID, ISLAND_FROM, SEXES, UNDERCOUNT
from ldnkit.sources.landia_stories import (
    HEIGHT,
    LAND_COVER_YEARS,
    NORTH,
    PERIODS,
    RAIN_ANOMALY,
    WATER,
    WEST,
    WIDTH,
    YEARS,
)
from ldnkit.sources.sample_files import split_at_180, write_csv, write_polygons

# Districts from west to east: code, name, and the line x = at + tilt (y - 0.5) that ends it in the
# east, in degrees from the corner. The line between the regions parts the north from the south.
DISTRICTS = {
    "North": (
        ("LD01", "Border Hills", 0.235, 0.10), ("LD02", "High Range", 0.455, -0.08),
        ("LD03", "Forest Coast", ISLAND_FROM, 0.0), ("LD04", "North Island", 9.0, 0.0),
    ),
    "South": (
        ("LD05", "Dry Plain", 0.235, 0.10), ("LD06", "River Valley", 0.455, -0.08),
        ("LD07", "Delta Coast", ISLAND_FROM, 0.0), ("LD08", "South Island", 9.0, 0.0),
    ),
}  # fmt: skip
LESSON = (400, 500)  # rows, columns: cells of 1/400 degree
CODES = [code for parts in DISTRICTS.values() for code, *_ in parts]

# Droughts that were planted, by year and place; the rest is in drought_shares.csv.
DROUGHTS = (
    (1983, "The whole country", "Landia", "In the reference period"),
    (1987, "The island alone", "Island", "An ordinary year on the mainland"),
    (1992, "The whole country", "Landia", "In the reference period"),
    (2002, "The whole country", "Landia", ""),
    (2006, "The whole country, weak", "Landia", "The driest year of 2004-2007"),
    (2009, "The whole country, the worst", "Landia", "Severe or extreme on most of the land"),
    (2015, "The whole country, first of two years", "Landia", ""),
    (2016, "The whole country, second of two years", "Landia", "The island is spared"),
    (2019, "The whole country", "Landia", ""),
    (2020, "Less and less rain in one place", "Drying", "No severe drought elsewhere in 2020-2023"),
    (2022, "Less and less rain in one place", "Drying", "A mean year everywhere else"),
    (2023, "Less and less rain in one place", "Drying", "No severe drought elsewhere in 2020-2023"),
)
CLASSES = ("none", "mild", "moderate", "severe", "extreme", "no_data")


# ---- districts -----------------------------------------------------------------------------------


def write_districts(folder, regions):
    """Write population/districts.gpkg: eight districts that share out the country.

    Parameters
    ----------
    folder : Path
        A folder with a subfolder ``population``.
    regions : dict of str to polygon
        North and South, in longitudes that run past 180.

    Returns
    -------
    ndarray
        District of each cell of lesson size by its centre: 1 to 8 in the order of ``CODES``, 0
        outside Landia; int16.
    """
    from odc.geo.geobox import GeoBox
    from shapely.geometry import Polygon

    from ldnkit.shapes import Polygons

    rows, shapes = [], []
    for part, districts in DISTRICTS.items():
        left = regions[part]
        for code, name, at, tilt in districts:
            top, bottom = (WEST + at + tilt * (y - 0.5) for y in (-1.0, 2.0))
            west = WEST - 9.0
            strip = Polygon(
                [(west, NORTH + 1), (top, NORTH + 1), (bottom, NORTH - 2), (west, NORTH - 2)]
            )
            shapes.append(left.intersection(strip))
            left = left.difference(strip)
            note = "Landia is fictional; synthetic training data"
            rows.append({"code": code, "name": name, "region": part, "note": note})
    write_polygons(folder / "population" / "districts.gpkg", rows, shapes)
    grid = GeoBox.from_bbox((WEST, NORTH - HEIGHT, WEST + WIDTH, NORTH), "EPSG:4326", shape=LESSON)
    written = tuple(split_at_180(shape) for shape in shapes)
    return Polygons(written, "EPSG:4326", outside=0).read(grid)


def share_of_people(mask):
    """Share of each population cell that lies in a part of the country.

    Parameters
    ----------
    mask : ndarray of bool
        The part, on the cells of lesson size.

    Returns
    -------
    ndarray
        float64 on the grid of the people, 0 to 1.
    """
    from ldnkit.areas import zone_area

    def edges(count):
        return zone_area(NORTH - np.arange(count + 1) * (HEIGHT / count))

    down = _overlap(-edges(GRID[0]), -edges(mask.shape[0]))
    across = _overlap(np.linspace(0, WIDTH, GRID[1] + 1), np.linspace(0, WIDTH, mask.shape[1] + 1))
    return down @ mask @ across.T


def _overlap(coarse, fine):
    """Share of every coarse step (rows) that lies in every fine step (columns)."""
    first = np.maximum(coarse[:-1, None], fine[None, :-1])
    last = np.minimum(coarse[1:, None], fine[None, 1:])
    return np.maximum(last - first, 0.0) / np.diff(coarse)[:, None]


# ---- people --------------------------------------------------------------------------------------


def write_people(folder, people, whole: Landia, districts) -> None:
    """Write the census, the official figures and the truth about people.

    Parameters
    ----------
    folder : Path
        A folder with subfolders ``population`` and ``truth``.
    people : People
        Who lives where.
    whole : Landia
        The country at lesson size.
    districts : ndarray
        District of each cell of lesson size, from :func:`write_districts`.
    """
    counts = {
        year: {sex: np.nan_to_num(people.counts(year, sex).astype(np.float64)) for sex in SEXES}
        for year in YEARS
    }
    shares = [share_of_people(districts == number) for number in range(1, len(CODES) + 1)]
    census = [
        (code, year, *(int(np.rint((counts[year][sex] * share).sum())) for sex in SEXES))
        for year in CENSUS_YEARS
        for code, share in zip(CODES, shares, strict=True)
    ]
    write_csv(folder / "population" / "census.csv", ("district", "year", *SEXES), census)
    country, official, truth = sum(shares), [], []
    for year in YEARS:
        inside = [float((counts[year][sex] * country).sum()) for sex in SEXES]
        raster = sum(float(counts[year][sex].sum()) for sex in SEXES)
        told = [int(np.rint(persons * UNDERCOUNT)) for persons in inside]
        official.append((year, *(f"{number / 1000:.3f}" for number in (sum(told), *told))))
        numbers = (raster, sum(inside), raster - sum(inside), *inside)
        truth.append((year, *(f"{number:.1f}" for number in numbers), sum(told)))
    header = ("year", "total", *SEXES)
    write_csv(folder / "population" / "national.csv", header, official)
    header = ("year", "raster", "inside", "outside", "female", "male", "official")
    write_csv(folder / "truth" / "population.csv", header, truth)
    rows = []
    for period, (_, year, _) in PERIODS.items():
        share = share_of_people(whole.truth(period)[0] == -1)
        found = [float((counts[year][sex] * share).sum()) for sex in SEXES]
        rows.append((period, year, *(f"{number:.1f}" for number in (sum(found), *found))))
    write_csv(folder / "truth" / "exposed.csv", ("period", "year", "total", *SEXES), rows)


# ---- droughts ------------------------------------------------------------------------------------


def drought_places(whole: Landia, districts) -> dict[str, np.ndarray]:
    """Parts of the country for which the planted droughts are told: name to mask."""
    inside, east = districts > 0, np.broadcast_to(whole.x > ISLAND_FROM, whole.shape)
    places = {
        "Landia": inside,
        "North": inside & (districts <= 4),
        "South": districts > 4,
        "Mainland": inside & ~east,
        "Island": inside & east,
        "Drying": inside & (whole.strength("drying") > 0.5),
    }
    return places | {code: districts == number for number, code in enumerate(CODES, 1)}


def write_droughts(folder, whole: Landia, districts) -> None:
    """Write truth/droughts.csv and truth/drought_shares.csv.

    Shares are percent of the land of a place, each cell of lesson size counted once.

    Parameters
    ----------
    folder : Path
        A folder with a subfolder ``truth``.
    whole : Landia
        The country at lesson size.
    districts : ndarray
        District of each cell of lesson size, from :func:`write_districts`.
    """
    land = Landia(landia_climate.GRID, seed=whole.seed)
    classes = landia_climate.expected_classes(land)
    classes = np.where(landia_climate.covered(land, whole), classes, CLASSES.index("no_data"))
    steps = [large // small for large, small in zip(whole.shape, land.shape, strict=True)]
    shares, places = {}, drought_places(whole, districts)
    for year, coarse in zip(landia_climate.CLIMATE_YEARS, classes, strict=True):
        mapped = min(max(year, LAND_COVER_YEARS[0]), LAND_COVER_YEARS[-1])
        dry_ground = whole._cover(mapped) != WATER
        fine = coarse.repeat(steps[0], 0).repeat(steps[1], 1)
        for place, mask in places.items():
            cells = np.bincount(fine[mask & dry_ground], minlength=len(CLASSES))
            shares[year, place] = 100.0 * cells / max(cells.sum(), 1)
    rows = [(*key, *(f"{share:.2f}" for share in found)) for key, found in shares.items()]
    write_csv(folder / "truth" / "drought_shares.csv", ("year", "place", *CLASSES), rows)
    told = []
    for year, name, place, note in DROUGHTS:
        found = shares[year, place]
        usual = CLASSES[int(np.searchsorted(np.cumsum(found[:5]), found[:5].sum() / 2.0))]
        told.append((year, name, place, usual, f"{found[3] + found[4]:.1f}", note))
    header = ("year", "name", "place", "median_class", "severe_or_extreme_percent", "note")
    write_csv(folder / "truth" / "droughts.csv", header, told)


# ---- factors of drought vulnerability ------------------------------------------------------------

# Factor: decimals, answer to a year with 1 % more rain, {sex: (value of 2000, value of 2023)},
# what the north and the south add to the national value. The keys are those of
# drought_factors.csv. Refugees are constant; poverty was not surveyed in 2011.
FACTORS = {
    "literacy": (1, 0.0, {"female": (51.8, 80.9), "male": (69.6, 86.3)}, (3.4, -4.1)),
    "rural_population": (1, 0.0, {"female": (83.7, 69.9), "male": (82.4, 67.2)}, (-2.6, 3.2)),
    "life_expectancy": (1, 0.0, {"female": (62.9, 71.4), "male": (58.8, 66.2)}, (0.9, -1.1)),
    "refugee_population": (1, 0.0, {"total": (0.4, 0.4)}, (0.0, 0.0)),
    "poverty_headcount": (
        1, -0.09, {"female": (48.2, 23.4), "male": (43.6, 20.1)}, (-5.2, 6.3)
    ),
    "gdp_per_capita": (0, 3.1, {"total": (640.0, 1910.0)}, (110.0, -135.0)),
    "agriculture_share": (1, 0.05, {"total": (38.5, 24.0)}, (1.8, -2.2)),
    "safely_managed_water": (
        1, 0.0, {"female": (29.6, 57.8), "male": (31.0, 58.6)}, (6.5, -7.9)
    ),
    "renewable_water": (0, 0.0, {"total": (3510.0, 2240.0)}, (690.0, -840.0)),
    "irrigated_share": (1, 0.0, {"total": (6.2, 11.3)}, (-1.1, 1.3)),
}  # fmt: skip
GAP = ("poverty_headcount", 2011)
WEIGHTS = {"literacy": 2, "poverty_headcount": 2, "safely_managed_water": 2}


def factor_rows() -> list[tuple]:
    """Rows of vulnerability/factors.csv: year, factor, sex, unit, value (text).

    Examples
    --------
    >>> factor_rows()[0]
    (2000, 'literacy', 'female', 'national', '51.8')
    """
    rows = []
    for year in YEARS:
        for factor, (decimals, rain, by_sex, apart) in FACTORS.items():
            if (factor, year) == GAP:
                continue
            for unit, more in zip(("national", "North", "South"), (0.0, *apart), strict=True):
                values = {}
                for sex, (first, last) in by_sex.items():
                    passed = (year - YEARS[0]) / (YEARS[-1] - YEARS[0])
                    value = first + (last - first) * passed + more
                    values[sex] = value + rain * RAIN_ANOMALY[year - YEARS[0]]
                if "total" not in values:
                    values["total"] = (values["female"] + values["male"]) / 2.0
                rows += [
                    (year, factor, sex, unit, f"{value:.{decimals}f}")
                    for sex, value in values.items()
                ]
    return rows


def write_factors(folder) -> None:
    """Write vulnerability/factors.csv and weights.csv.

    Parameters
    ----------
    folder : Path
        A folder with a subfolder ``vulnerability``.
    """
    header = ("year", "factor", "sex", "unit", "value")
    write_csv(folder / "vulnerability" / "factors.csv", header, factor_rows())
    weights = [(factor, WEIGHTS.get(factor, 1)) for factor in FACTORS]
    write_csv(folder / "vulnerability" / "weights.csv", ("factor", "weight"), weights)

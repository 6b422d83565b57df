"""The training country's polygons and texts: boundary, regions, error polygons, country files."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

from ldnkit.sources.landia_stories import (
    GAP_YEAR,
    LAND_COVER_YEARS,
    NORTH,
    SOIL_UNITS,
    STORIES,
    WEST,
    WIDTH,
    YEARS,
)

SMALLEST = 4e-6  # square degrees: specks of land below half a lesson cell are left out
# Where the north of Landia ends, in degrees east and south of its corner.
DIVIDE = ((0.0, 0.52), (0.21, 0.55), (0.38, 0.49), (0.52, 0.53), (0.70, 0.50), (WIDTH, 0.53))
ERRORS = (
    {
        "story": "invader",
        "location_name": "Landia, west coast of the island",
        "process_driving_change": "Woody invader replaces grassland: greener, worse for people",
        "basis_for_judgement": "Field visits and aerial photographs (invented for training)",
        "periods": ("baseline", "report_1", "report_2"),
        "recode_deg_to": None,
        "recode_stable_to": -1,
        "recode_imp_to": -1,
    },
    {
        "story": "clearing",
        "location_name": "Landia, south of the island",
        "process_driving_change": "Invader cleared from 2016, native shrubs and grass come back",
        "basis_for_judgement": "Records of the clearing programme (invented for training)",
        "periods": ("report_1", "report_2"),
        "recode_deg_to": 1,
        "recode_stable_to": 1,
        "recode_imp_to": None,
    },
)


def write_vectors(folder, land) -> dict:
    """Write boundary.gpkg, regions.gpkg, regions/*.gpkg and error_polygons.gpkg.

    Longitudes are ordinary (-180 to 180): whatever crosses 180° is in two parts.

    Parameters
    ----------
    folder : Path
        A folder with a subfolder ``regions``.
    land : Landia
        The whole country at lesson size; outlines are the same for every size of the rasters.

    Returns
    -------
    dict of str to polygon
        North and South, in longitudes that run past 180.
    """
    from shapely.geometry import Polygon

    country = outline(land, land.country)
    note = "Landia is fictional; synthetic training data"
    write_polygons(
        folder / "boundary.gpkg", [{"iso3": "XLD", "name": "Landia", "note": note}], [country]
    )
    line = [(WEST + x, NORTH - y) for x, y in DIVIDE]
    north = Polygon([(WEST - 1, NORTH + 1), (WEST - 1, line[0][1]), *line]
                    + [(WEST + 3, line[-1][1]), (WEST + 3, NORTH + 1)])  # fmt: skip
    parts = {"North": country.intersection(north), "South": country.difference(north)}
    rows = [{"region": number, "name": name, "note": note} for number, name in enumerate(parts, 1)]
    write_polygons(folder / "regions.gpkg", rows, list(parts.values()))
    for row, shape in zip(rows, parts.values(), strict=True):
        write_polygons(folder / "regions" / f"{row['name'].lower()}.gpkg", [row], [shape])
    rows, shapes = [], []
    for error in ERRORS:
        shape = outline(land, land.inside(STORIES[error["story"]].place)).intersection(country)
        shapes.append(shape)
        rows.append(_error_row(error, shape))
    write_polygons(folder / "error_polygons.gpkg", rows, shapes)
    return parts


def outline(land, field):
    """The area where a field is positive, as a polygon in longitudes that run past 180.

    The line is interpolated between cell centres, so a centre is inside where its value is
    positive.
    """
    from contourpy import contour_generator
    from shapely import set_precision, unary_union
    from shapely.geometry import Polygon

    generator = contour_generator(
        WEST + land.x[0], NORTH - land.y[:, 0], field, fill_type="OuterOffset"
    )
    shapes = []
    for points, offsets in zip(*generator.filled(0.0, 1e9), strict=True):
        rings = [points[a:b] for a, b in zip(offsets[:-1], offsets[1:], strict=True)]
        shapes.append(Polygon(rings[0], rings[1:]))
    shape = set_precision(unary_union([shape for shape in shapes if shape.area > SMALLEST]), 1e-6)
    return shape


def split_at_180(shape):
    """A shape in longitudes past 180, as a multipolygon within -180 to 180.

    Examples
    --------
    >>> from shapely.geometry import box
    >>> [part.bounds for part in split_at_180(box(179.5, -17, 180.5, -16)).geoms]
    [(179.5, -17.0, 180.0, -16.0), (-180.0, -17.0, -179.5, -16.0)]
    """
    from shapely.affinity import translate
    from shapely.geometry import MultiPolygon, box

    west = shape.intersection(box(0, -90, 180, 90))
    east = translate(shape.intersection(box(180, -90, 360, 90)), xoff=-360)
    parts = []
    for side in (west, east):
        parts += [part for part in getattr(side, "geoms", [side]) if part.area > 0]
    return MultiPolygon(parts)


def _error_row(error, shape):
    from pyproj import Geod

    area = abs(Geod(ellps="WGS84").geometry_area_perimeter(shape)[0]) / 1e6
    row = {
        "uuid": str(uuid5(NAMESPACE_URL, f"landia/{error['story']}")),
        "location_name": error["location_name"],
        "area_km_sq": round(area, 3),
        "process_driving_change": error["process_driving_change"],
        "basis_for_judgement": error["basis_for_judgement"],
        "periods_affected": json.dumps(error["periods"]),
    }
    return row | {name: error[name] for name in error if name.startswith("recode")}


def write_polygons(path, rows, shapes) -> None:
    """A GeoPackage of polygons and their attributes; whatever crosses 180° is in two parts."""
    import geopandas
    import pandas

    table = pandas.DataFrame(rows)
    for name in table.columns:
        if name.startswith("recode"):
            table[name] = table[name].astype("Int32")
    split = [split_at_180(shape) for shape in shapes]
    frame = geopandas.GeoDataFrame(table, geometry=split, crs="EPSG:4326")
    frame.to_file(path, driver="GPKG", layer=path.stem)


def write_texts(folder: Path, size: tuple[int, int]) -> None:
    """Write the two country files, the READMEs and the lists of codes.

    Parameters
    ----------
    folder : Path
        A folder with subfolders ``soil`` and ``truth``.
    size : tuple of int
        Rows and columns, to be named in the README.
    """
    texts = {
        "country.yml": _country("null          # country_verified.yml has them switched on"),
        "country_verified.yml": _country("error_polygons.gpkg"),
        "README.txt": README.format(rows=size[0], columns=size[1], gap=GAP_YEAR),
        "truth/README.md": TRUTH,
    }
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    units = [(code, name) for code, name in SOIL_UNITS.items()]
    write_csv(folder / "soil" / "soil_units.csv", ("code", "name"), units)
    causes = [(story.code, story.key, story.name, story.sign) for story in STORIES.values()]
    write_csv(folder / "truth" / "causes.csv", ("code", "key", "name", "sign"), causes)


def write_csv(path, header, rows) -> None:
    """A CSV file with the same bytes on every platform."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerows([header, *rows])


def _country(error_polygons):
    def files(pattern, years):
        return "\n".join(f"    {year}: {pattern.format(year)}" for year in years)

    return COUNTRY.format(
        land_cover=files("land_cover/land_cover_{}.tif", LAND_COVER_YEARS),
        ndvi=files("productivity/ndvi_{}.tif", YEARS),
        error_polygons=error_polygons,
    )


COUNTRY = """\
# Landia, the training country. Landia is fictional and all its data are synthetic.
# Paths are relative to this file.
schema: 1
iso3: XLD
name: Landia
party: affected
cycle: 2026
method: manual

boundary: {{file: boundary.gpkg, rule: centre}}
grid: {{from: productivity}}
# For an exercise with two regions, write instead of []:
#   - {{name: North, file: regions/north.gpkg, matrix: unccd}}
#   - {{name: South, file: regions/south.gpkg, matrix: unccd}}
regions: []
affected_area: null

land_cover:
  source: default
  files:          # there is no map of 2023 yet: the closest year is used, and said
{land_cover}
  nesting: esa_cci
  legend: unccd
  matrix: unccd
  metadata:
    title: "Landia synthetic training data: land cover 2000-2022"
    link: ""
    author: "ldnkit (fictional country, synthetic data)"
    citation: "Landia synthetic training data"

productivity:
  source: default
  annual:
{ndvi}
  index: NDVI
  scale: 10000
  units: {{soil: soil/soil_units.tif, land_cover: true}}
  metadata:
    title: "Landia synthetic training data: NDVI 2000-2023"
    link: ""
    author: "ldnkit (fictional country, synthetic data)"
    citation: "Landia synthetic training data"

soil:
  source: default
  reference: soil/soc_2000.tif
  climate: soil/climate_zones.tif
  factors: unccd
  tier: 1
  metadata:
    title: "Landia synthetic training data: soil organic carbon 2000"
    link: ""
    author: "ldnkit (fictional country, synthetic data)"
    citation: "Landia synthetic training data"

population:
  source: default
  female: "population/female_{{year}}.tif"
  male: "population/male_{{year}}.tif"
  years: 2000-2023
  unit: counts            # density_2020.tif is there for an exercise
  national: population/national.csv
  # For the exercise with a census, write instead of female, male and years:
  # districts: {{file: population/districts.gpkg, key: code}}
  # table: population/census.csv
  metadata:
    title: "Landia synthetic training data: population by sex 2000-2023"
    link: ""
    author: "ldnkit (fictional country, synthetic data)"
    citation: "Landia synthetic training data"

drought:
  source: default
  precipitation: climate/precipitation.nc
  # For the exercise with evaporation (SPEI), write instead of precipitation and variable:
  # water_balance: climate/water_balance.nc
  # variable: water_balance
  variable: precipitation
  time_step: month
  metadata:
    title: "Landia synthetic training data: monthly precipitation 1981-2023"
    link: ""
    author: "ldnkit (fictional country, synthetic data)"
    citation: "Landia synthetic training data"

vulnerability:
  source: national
  factors: vulnerability/factors.csv
  weights: vulnerability/weights.csv
  directions: unccd
  units: {{file: regions.gpkg, key: name}}
  metadata:
    title: "Landia synthetic training data: factors of drought vulnerability 2000-2023"
    link: "https://example.org/landia"
    author: "ldnkit (fictional country, synthetic data)"
    citation: "Landia synthetic training data"

error_polygons: {error_polygons}
parameters: {{}}
"""

README = """\
LANDIA, THE TRAINING COUNTRY
Landia (code XLD) is fictional. All its data are synthetic: computed, not measured.
Do not use any number of this folder for anything but learning.

The country lies around 16.5 S, 179.8 E. Its island crosses the 180th meridian.
Rasters: {rows} rows x {columns} columns, EPSG:4326, longitudes from 179.2 to 180.45.
Boundaries have ordinary longitudes (-180 to 180), so the island is in two parts.

country.yml            the country file: start here
country_verified.yml   the same, with the team's error polygons switched on
boundary.gpkg          the boundary
regions.gpkg           north and south; one file each in regions/
error_polygons.gpkg    a false positive (woody invader) and a false negative (invader cleared)
land_cover/            yearly land cover 2000-2022, ESA CCI class codes; 2023 is not out yet
                       the map of {gap} has a hole (0 = no data), the others declare no such value
productivity/          yearly NDVI 2000-2023, x 10 000; -32768 = no data (water, clouds)
soil/                  soil organic carbon 2000 (t/ha, 0-30 cm), climate zones, soil units
                       -32768 = no data; 0 under lakes and ice = no soil
climate/               yearly rain 2000-2023, mm, coarser cells
                       precipitation.nc: months of 1981-2023, mm; no data on the sea and one reef
                       temperature.nc: mean of the month, degrees Celsius
                       water_balance.nc: precipitation minus potential evapotranspiration, mm
population/            persons per cell by sex 2000-2023, in fractions of a person
                       density_2020.tif: persons per square kilometre, in cells twice as wide
                       coarse_2020_*.tif: the same people in cells that are three times as wide
                       districts.gpkg and census.csv: eight districts, 2000, 2010 and 2020
                       national.csv: official figures, in thousands
vulnerability/         factors of drought vulnerability 2000-2023 and their weights
truth/                 what was planted, to compare with what the method finds
landia.json            version, size and seed of this folder

Copy this folder before you change anything in it.
"""

TRUTH = """\
# What was planted in Landia

Landia is fictional. This is the truth that no real country has.

`truth_<period>.tif`: -1 degraded, 0 stable, 1 improved, -32768 no data (water, outside Landia).
`cause_<period>.tif`: a code of `causes.csv`, 0 where nothing was planted.
The periods are `baseline`, `report_1` and `report_2`.

A cause counts in a period in two cases.
It acts in the productivity window of the period, from the fourth year of the window.
The windows are 2000-2015, 2004-2019 and 2008-2023.
The truth knows 2023, though the last land cover map is of 2022.
Or it changes the land cover between the land cover years of the period.
Where two causes meet, the first in `causes.csv` has the ground.

## Where the method and the truth differ, and why
- The woody invader is degradation, but it is green: the method calls it improved.
- Where the invader is cleared the land gets better, but less green: the method calls it degraded.
- Dry years come one after the other at "drying": the land is not degraded, it only lacks rain.
  A correction for rain would show it, but the cells of the rain map are too large for the place.
- Bare rock under the old glacier and the bed of the shrinking lake turn green without any merit.
  They have no soil carbon of 2000, so the indicator has no data there.
- New irrigated fields are an improvement in the land cover matrix.
  Their soil loses carbon. The truth leaves the question open (0).
- After a change of land cover the soil gains or loses carbon for twenty years.
  So cleared forest stays degraded, and abandoned fields become improved, in later periods.
- The land cover map of 2011 has a hole: soil carbon is unknown there from 2011 on.
- A change in the first or last years of a window is hard to see for any trend.
- Slow changes are weaker at their edges.

## Droughts

`droughts.csv` names the droughts that were planted: the year, the place, and how bad it was there.
`drought_shares.csv` has the percent of the land of each place in each class, every year 1981-2023.
A class is that of the whole year's rain: the index of December over twelve months.
Both come from the planted rain before it was rounded to whole millimetres.
Every cell of 1/400 degree counts once; areas of cells differ by less than one percent.
The places are Landia, its regions North and South, Mainland and Island, and the districts.
"Drying" is the core of the place where rain gets less and less from 2004 on.
From 2020 to 2023 that place has the only severe drought.
The rain data leave out the reef in the north: there is no drought class (no data).
From the year 2000 on, the twelve months add up to the files climate/rain_<year>.tif.
Before 2000 there are no such files.
In the driest corner many months have no rain at all: short sums are zero there.

## People

`population.csv`: persons in the rasters, of these inside and outside the boundary, and by sex.
Outside are people abroad in the west, and the part of coastal cells that lies on the sea.
People are split by area over cells of 1/400 degree; a cell is inside when its centre is.
The official figures are 2.4 % above the people inside: the rasters miss some, as real ones do.
`census.csv` has the people of the rasters in each district, rounded to whole persons.
So the census has the total of the rasters, not the official one.
Dry land has less than half a person in a cell: whoever rounds cells loses these people.
Fishermen live on the middle of the shrinking lake: people in land cover water.
Miners came in 2018, most of them men. Many left the overgrazed land, more men than women.
`exposed.csv`: people on land that was planted as degraded, in the last year of each period.

## Drought vulnerability

`factors.csv` is made of straight lines; poverty, GDP and agriculture also answer to rain.
Poverty has no value in 2011. The share of refugees never changes.
"""

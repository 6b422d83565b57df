"""The training country's polygons and texts: boundary, regions, error polygons, country files."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

from ldnkit.sources import sample_texts
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
        "country.yml": _country("null", f"null          # {sample_texts.SWITCHED_ON}"),
        "country_verified.yml": _country("{file: affected_area.gpkg}", "error_polygons.gpkg"),
        "README.txt": sample_texts.README.format(rows=size[0], columns=size[1], gap=GAP_YEAR),
        "truth/README.md": sample_texts.TRUTH + sample_texts.TRUTH_OF_FORMS,
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


def _country(affected_area, error_polygons):
    def files(pattern, years):
        return "\n".join(f"    {year}: {pattern.format(year)}" for year in years)

    text = sample_texts.COUNTRY + sample_texts.FORMS + sample_texts.LAST
    return text.format(
        land_cover=files("land_cover/land_cover_{}.tif", LAND_COVER_YEARS),
        ndvi=files("productivity/ndvi_{}.tif", YEARS),
        affected_area=affected_area,
        error_polygons=error_polygons,
    )

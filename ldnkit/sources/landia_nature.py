"""Species, key biodiversity areas and protected areas of Landia: fictional and synthetic.

Polygons are drawn in degrees from the north-west corner of Landia, as everything else there.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from ldnkit.sources.landia_stories import NORTH, WEST, YEARS
from ldnkit.sources.sample_files import split_at_180, write_csv

SYNTHETIC = "Landia is fictional; synthetic training data"

# ---- species -------------------------------------------------------------------------------------

ASSESSED = (2000, 2008, 2016, 2023)
WEIGHTS = {"LC": 0, "NT": 1, "VU": 2, "EN": 3, "CR": 4, "CR(PE)": 5, "RE": 5}
TWICE = ("Dune skink", 2016)  # stands twice in the list, with the same category
# Categories of the four years, and the species that have them.
SPECIES = {
    ("LC", "LC", "LC", "LC"): (
        "Landia plain lark", "High Range finch", "River Valley kingfisher", "Landia swiftlet",
        "Delta heron", "Island white-eye", "Landia nightjar", "River Valley weaver",
        "Landia fruit bat", "High Range hare", "River Valley mouse", "Landia horseshoe bat",
        "Dry Plain jerboa", "Dune skink", "Forest Coast gecko", "River Valley monitor",
        "Landia grass snake", "Border Hills lizard", "Delta tree frog", "Landia ironwood",
        "Dry Plain acacia", "Delta reed", "Island palm", "Border Hills heath",
        "River Valley willow", "Forest Coast fern", "Dry Plain aloe", "Delta sedge",
        "River Valley iris", "Reef tern",
    ),
    ("NT", "NT", "NT", "NT"): (
        "Forest Coast pigeon", "Border Hills partridge", "Forest Coast squirrel", "Island shrew",
        "Forest Coast toad", "High Range gentian",
    ),
    ("VU", "VU", "VU", "VU"): ("High Range eagle", "Border Hills goat", "Delta terrapin"),
    ("EN", "EN", "EN", "EN"): ("Island boa", "Island ebony"),
    # genuine declines
    ("LC", "LC", "NT", "NT"): ("Dry Plain courser",),
    ("LC", "NT", "VU", "VU"): ("Dry Plain bustard",),
    ("LC", "LC", "LC", "NT"): ("Forest Coast fig",),
    ("NT", "NT", "VU", "VU"): ("Delta warbler",),
    ("NT", "VU", "VU", "EN"): ("Forest Coast parrot",),
    ("VU", "VU", "EN", "EN"): ("Delta otter",),
    ("VU", "EN", "EN", "CR"): ("Forest Coast civet",),
    ("EN", "EN", "CR", "CR"): ("Dry Plain tortoise",),
    ("EN", "CR", "CR(PE)", "CR(PE)"): ("High Range torrent frog",),
    ("LC", "NT", "NT", "VU"): ("High Range juniper",),
    ("NT", "NT", "NT", "VU"): ("River Valley newt",),
    ("CR", "CR", "RE", "RE"): ("Dry Plain gazelle",),
    # genuine recoveries: rested rangeland, cleared invader
    ("EN", "VU", "VU", "NT"): ("Island rail",),
    ("VU", "VU", "NT", "LC"): ("Border Hills thrush",),
    # data-deficient for some time or always
    ("DD", "DD", "DD", "DD"): ("High Range vole", "Landia orchid", "Border Hills lily"),
    ("DD", "DD", "VU", "VU"): ("Island stream frog",),
    ("DD", "NT", "NT", "NT"): ("High Range chameleon",),
}  # fmt: skip


def assessments() -> list[tuple]:
    """Rows of species/assessments.csv: species, year, category, share, source.

    Examples
    --------
    >>> len(assessments())
    241
    """
    rows = []
    for categories, names in SPECIES.items():
        for name in names:
            for year, category in zip(ASSESSED, categories, strict=True):
                row = (name, year, category, "", SYNTHETIC)
                rows += [row, row] if (name, year) == TWICE else [row]
    return sorted(rows)


def red_list() -> list[tuple[int, float, int, int]]:
    """The truth: year, Red List Index, species in it, data-deficient species."""
    found = []
    for place, year in enumerate(ASSESSED):
        categories = [key[place] for key, names in SPECIES.items() for _ in names]
        known = [WEIGHTS[category] for category in categories if category != "DD"]
        index = 1 - Fraction(sum(known), 5 * len(known))
        found.append((year, round(float(index), 6), len(known), len(categories) - len(known)))
    return found


# ---- key biodiversity areas ----------------------------------------------------------------------

# Sites: a corner-cut rectangle around (x, y) with half widths.
SITES = {
    "Forest Coast": (0.500, 0.310, 0.095, 0.085),
    "High Range": (0.305, 0.300, 0.075, 0.090),
    "Old Lake": (0.135, 0.575, 0.070, 0.065),
    "Delta": (0.545, 0.815, 0.065, 0.070),  # a part of it is sea
    "Date Line Ridge": (0.830, 0.520, 0.055, 0.085),  # on the island, across 180 degrees
    "Dry Plain": (0.290, 0.720, 0.090, 0.070),
}
#: Corner points of the invalid polygon: the third and the fourth are exchanged, so it cuts itself.
TWISTED = (
    (0.500, 0.780), (0.570, 0.780), (0.545, 0.865), (0.585, 0.835), (0.500, 0.850),
)  # fmt: skip
POINT = "Rested Range Community Reserve"
UNKNOWN = "Sacred Groves of the Valley"
# Protected areas: name, year of designation, kind of area, shape.
PROTECTED = (
    ("High Range National Park", 1996, "National park", (0.290, 0.265, 0.060, 0.070)),
    ("Forest Coast National Park", 1998, "National park", (0.545, 0.280, 0.055, 0.060)),
    ("Old Lake Wetland", 2005, "Wetland of international importance",
     (0.115, 0.555, 0.055, 0.050)),
    ("Delta Reserve", 2009, "Nature reserve", TWISTED),
    ("Forest Coast Buffer Zone", 2012, "Conservation measure (OECM)",
     (0.520, 0.285, 0.070, 0.070)),
    ("Date Line Park", 2014, "National park", (0.820, 0.470, 0.045, 0.060)),
    (POINT, 2017, "Community reserve", 60.0),
    ("Coastal Community Conservancy", 2021, "Conservation measure (OECM)",
     (0.575, 0.840, 0.045, 0.050)),
    (UNKNOWN, None, "Sacred site", (0.350, 0.760, 0.040, 0.040)),
)  # fmt: skip
POINT_AT = (0.270, 0.700)
CUT = 0.35  # share of a half width that is cut off at each corner


def write(folder) -> None:
    """Write species/, kba/ and the truth about both.

    Parameters
    ----------
    folder : Path
        A folder with subfolders ``species``, ``kba`` and ``truth``.
    """
    header = ("species", "year", "category", "share", "source")
    write_csv(folder / "species" / "assessments.csv", header, assessments())
    header = ("year", "red_list_index", "species", "data_deficient")
    write_csv(folder / "truth" / "red_list.csv", header, red_list())
    rows = [{"site": name, "note": SYNTHETIC} for name in SITES]
    _shapes(folder / "kba" / "sites.gpkg", rows, [_box(*place) for place in SITES.values()])
    rows = [
        {
            "name": name,
            "designation_year": year,
            "designation": kind,
            "status": "Established" if "OECM" in kind else "Designated",
            "reported_area_km2": shape if isinstance(shape, float) else None,
            "note": SYNTHETIC,
        }
        for name, year, kind, shape in PROTECTED
    ]
    _shapes(folder / "kba" / "protected.gpkg", rows, [_shape(shape) for *_, shape in PROTECTED])
    header = ("site", "year", "area_km2", "without_unknown_percent", "with_unknown_percent")
    write_csv(folder / "truth" / "coverage.csv", header, coverage())


def _box(x, y, wide, high):
    """A rectangle with cut corners, in longitudes that run past 180."""
    from shapely.geometry import Polygon

    a, b = wide * (1.0 - CUT), high * (1.0 - CUT)
    corners = [(-wide, -b), (-a, -high), (a, -high), (wide, -b)]
    corners += [(-u, -v) for u, v in corners]
    return Polygon([_degrees(x + u, y + v) for u, v in corners])


def _degrees(x, y) -> tuple[float, float]:
    return round(WEST + x, 6), round(NORTH - y, 6)


def _shape(shape):
    from shapely.geometry import Point, Polygon

    if isinstance(shape, float):
        return Point(_degrees(*POINT_AT))
    if shape is TWISTED:
        return Polygon([_degrees(x, y) for x, y in TWISTED])
    return _box(*shape)


def _shapes(path, rows, shapes) -> None:
    """A GeoPackage; what crosses 180 degrees is in two parts, all else stays as it was drawn."""
    import geopandas
    import pandas

    table = pandas.DataFrame(rows)
    for name in table.columns:
        if name.endswith("_year"):
            table[name] = table[name].astype("Int32")
    split = [split_at_180(shape) if shape.bounds[2] > 180 else shape for shape in shapes]
    frame = geopandas.GeoDataFrame(table, geometry=split, crs="EPSG:4326")
    frame.to_file(path, driver="GPKG", layer=path.stem)


# ---- the truth about coverage --------------------------------------------------------------------


def coverage() -> list[tuple]:
    """Rows of truth/coverage.csv: every site and year, and the mean of the sites.

    The protected area without a year never counts, then always. Overlaps count once.
    """
    from shapely import make_valid, unary_union

    areas = [(year, _flat(make_valid(_circle(shape)))) for _, year, _, shape in PROTECTED]
    rows, means = [], {year: [[], []] for year in YEARS}
    for name, place in SITES.items():
        site = _flat(_box(*place))
        for year in YEARS:
            shares = []
            for always in (False, True):
                here = [
                    shape
                    for first, shape in areas
                    if (first is None and always) or (first is not None and first <= year)
                ]
                shares.append(100.0 * unary_union(here).intersection(site).area / site.area)
            for values, share in zip(means[year], shares, strict=True):
                values.append(share)
            rows.append((name, year, f"{site.area:.2f}", *(f"{share:.3f}" for share in shares)))
    for year, both in means.items():
        shares = [sum(values) / len(values) for values in both]
        rows.append(("mean", year, "", *(f"{share:.3f}" for share in shares)))
    return rows


def _circle(shape):
    """The shape of a protected area; the point becomes a circle of its reported area."""
    from pyproj import Geod
    from shapely.geometry import Polygon

    if not isinstance(shape, float):
        return _shape(shape)
    x, y = _degrees(*POINT_AT)
    turns = np.arange(720) / 2.0
    radius = np.full(turns.size, np.sqrt(shape * 1e6 / np.pi))
    start = np.full(turns.size, x), np.full(turns.size, y)
    east, north, _ = Geod(ellps="WGS84").fwd(*start, turns, radius)
    return Polygon(np.column_stack([np.mod(east, 360.0), north]))


def _flat(shape):
    """A shape in kilometres of an equal-area projection; edges are straight in degrees."""
    from pyproj import Transformer
    from shapely import segmentize, transform

    to_metres = Transformer.from_crs(
        "EPSG:4326", "+proj=cea +lat_ts=-16.5 +lon_0=180 +ellps=WGS84", always_xy=True
    )

    def move(points):
        return np.column_stack(to_metres.transform(points[:, 0], points[:, 1])) / 1e3

    return transform(segmentize(shape, 0.01), move)

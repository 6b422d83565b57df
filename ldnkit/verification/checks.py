"""Everything that is doubtful about the polygons, told at once."""

from __future__ import annotations

import itertools

import numpy as np

from ldnkit import areas, boundaries, degradation, polygons, tables
from ldnkit.findings import Finding, listed
from ldnkit.shapes import Polygons as Burned
from ldnkit.shapes import place
from ldnkit.sources.vectors import error_type
from ldnkit.verification.files import errors_to_mend, place_of
from ldnkit.verification.polygons import KINDS, Polygons

#: Texts that the tables SO1-4.T3 to T5 ask for.
NEEDED = {
    "error": ("location_name", "process_driving_change", "basis_for_judgement"),
    "hotspot": ("location", "assessment_process", "direct_drivers"),
    "brightspot": ("location", "assessment_process", "direct_drivers"),
}


def findings(desk: Polygons, country=None) -> list[Finding]:
    """All problems and remarks: errors first.

    Parameters
    ----------
    desk : Polygons
    country : Country, optional
        Without it nothing is said about its boundary and its cells.

    Returns
    -------
    list of Finding
        Polygons without period or recode (errors); outside the country, without the centre of
        any cell, over each other, contradictory, or without a text that the tables ask for.
    """
    found = errors_to_mend(desk)
    for kind in KINDS:
        here = desk.of(kind)
        for number, feature in enumerate(here, 1):
            where = place_of(kind, number, feature)
            found += _texts(kind, feature, where)
            if kind == "error":
                found += _contradiction(feature, where)
            if country is not None:
                found += _outside(country, feature, where)
                found += _small(country, feature, where)
        found += _overlaps(kind, here)
    return sorted(found, key=lambda each: ("error", "warning", "info").index(each.severity))


def _texts(kind: str, feature, where: str) -> list[Finding]:
    empty = [name for name in NEEDED[kind] if not feature.attributes[name]]
    if not empty:
        return []
    remedy = "Write it now, while people remember: the table asks for it."
    return [Finding("warning", where, f"no text for {listed(empty)}", "a text", remedy, "06")]


def _contradiction(feature, where: str) -> list[Finding]:
    if error_type(feature.attributes) != "both":
        return []
    found = "recodes that make some land better and other land worse"
    expected = "a false positive or a false negative"
    remedy = "Draw two polygons when there are two reasons."
    return [Finding("warning", where, found, expected, remedy, "06")]


def _outside(country, feature, where: str) -> list[Finding]:
    shape = feature.geometry
    if country.crosses_180:
        shape = boundaries.shift_west(shape)
    border = country.boundary.geometry.iloc[0]
    whole, inside = polygons.area_km2([shape, shape.intersection(border)])
    share = 100 * (1 - inside / whole)
    if inside == 0:
        remedy = "Look at the coordinates: longitude comes first, and south is negative."
        return [Finding("error", where, "a polygon outside the country", "", remedy, "06")]
    if share > tables.constant("verification_outside_share"):
        found = f"{share:.0f} % of the polygon outside the country"
        remedy = "Only cells inside the country are corrected. The table gives the whole polygon."
        return [Finding("warning", where, found, "a polygon inside", remedy, "06")]
    return []


def _small(country, feature, where: str) -> list[Finding]:
    grid, crs = country.grid, "EPSG:4326"
    cells, cell = 0, None
    for shape, _ in place((feature.geometry,), crs, grid):
        west, south, east, north = shape.bounds
        (left, top) = ~grid.transform * (west, north)
        (right, bottom) = ~grid.transform * (east, south)
        rows, columns = grid.shape
        top, left = max(int(np.floor(top)), 0), max(int(np.floor(left)), 0)
        bottom, right = min(int(np.ceil(bottom)), rows), min(int(np.ceil(right)), columns)
        if bottom <= top or right <= left:
            continue
        cell = float(areas.cell_area(grid[top : top + 1, left : left + 1])[0, 0])
        step = max(1, 4_000_000 // (right - left))  # rows at a time
        for first in range(top, bottom, step):
            part = grid[first : min(first + step, bottom), left:right]
            cells += int((Burned((feature.geometry,), crs, outside=0).read(part) > 0).sum())
            if cells:
                return []
    if cell is None:
        return []
    area = polygons.area_km2([feature.geometry])[0]
    found = f"{area:.3g} km² without the centre of a cell"
    expected = f"more than a cell of {cell:.3g} km²"
    remedy = "It changes nothing. Draw it larger, or use finer data."
    return [Finding("warning", where, found, expected, remedy, "06")]


def _overlaps(kind: str, here) -> list[Finding]:
    found = []
    for (first, one), (second, other) in itertools.combinations(enumerate(here, 1), 2):
        if not one.geometry.intersects(other.geometry):
            continue
        common = _common(kind, one, other)
        area = polygons.area_km2([one.geometry.intersection(other.geometry)])[0]
        if not common or area < 1e-9:
            continue
        where = place_of(kind, second, other)
        said = f"{area:.4g} km² that polygon {first} has, too"
        if kind == "error":
            remedy = f"Polygon {second} wins there, because it comes later. Cut one of them."
        else:
            remedy = "The areas of the table may be added by others. Cut one of them."
        found.append(Finding("warning", where, said, "each place once", remedy, "06"))
    return found


def _common(kind: str, one, other) -> bool:
    """Whether two polygons speak of the same period."""
    if kind != "error":
        return True
    names = [
        set(degradation.periods_of(each.attributes["periods_affected"])) for each in (one, other)
    ]
    return bool(names[0] & names[1])

"""Where targets lie: one polygon per target; they may overlap, so each is a mask of its own."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from ldnkit import shapes as grids
from ldnkit.findings import Finding, listed
from ldnkit.polygons import area_km2, tidy, to_degrees
from ldnkit.targets.columns import NOTEBOOK
from ldnkit.team_sheets import text


@dataclass(frozen=True)
class Masks:
    """The cells of polygons that may overlap, one polygon at a time.

    Only one mask is held at a time, and only as large as its polygon: memory does not grow with
    the number of polygons. A cell belongs to every polygon that holds its centre. On a geographic
    grid a polygon may lie a whole turn away.

    Examples
    --------
    >>> from odc.geo.geobox import GeoBox
    >>> from shapely import box
    >>> grid = GeoBox.from_bbox((0, 0, 3, 1), "EPSG:4326", resolution=1)
    >>> both = Masks((box(0, 0, 2, 1), box(1, 0, 3, 1)), "EPSG:4326")
    >>> [(number, columns.start, columns.stop) for number, _, columns, _ in both.read(grid)]
    [(1, 0, 2), (2, 1, 3)]
    """

    geometries: tuple
    crs: str

    def read(self, grid) -> Iterator[tuple[int, slice, slice, np.ndarray]]:
        """Number of a polygon (from 1), rows and columns of its window in the grid, its mask."""
        placed: dict[int, list] = {}
        for shape, number in grids.place(self.geometries, self.crs, grid):
            placed.setdefault(number, []).append(shape)
        return (
            (number, rows, columns, _mask(parts, grid[rows, columns]))
            for number, parts in placed.items()
            for rows, columns in [_window(parts, grid)]
            if rows.start < rows.stop and columns.start < columns.stop
        )


def _window(parts, grid) -> tuple[slice, slice]:
    """Rows and columns of the grid that hold all parts of a polygon."""
    inverse = ~grid.transform
    west, south, east, north = np.array([part.bounds for part in parts]).T
    corners = [
        inverse @ (x, y) for x in (west.min(), east.max()) for y in (south.min(), north.max())
    ]
    across, down = zip(*corners, strict=True)
    return tuple(
        slice(max(math.floor(min(places)), 0), min(math.ceil(max(places)), size))
        for places, size in zip((down, across), grid.shape, strict=True)
    )


def _mask(parts, grid) -> np.ndarray:
    from rasterio.features import rasterize

    placed = [(part, 1) for part in parts]
    burnt = rasterize(placed, grid.shape, transform=grid.transform, fill=0, dtype="uint8")
    return burnt.astype(bool)


def examine_polygons(section, targets: Iterable[str]):
    """The polygons of a register, one per target, with every problem found in them.

    Parameters
    ----------
    section : Targets
        ``polygons`` is the file, ``polygons_key`` its column with the number of the target.
    targets : iterable of str
        Numbers of the register.

    Returns
    -------
    polygons : GeoDataFrame or None
        target, area_km2 (of the polygon itself, on the ellipsoid), geometry; EPSG:4326, in the
        order of the register. None when there are none.
    findings : list of Finding
    """
    if section.polygons is None:
        return None, []
    where = f"targets: polygons ({section.polygons.file.name})"
    frame, problem = _opened(section.polygons, where)
    if frame is None:
        return None, [problem]
    key = section.polygons_key
    if key not in frame:
        found = f"columns {', '.join(name for name in frame if name != frame.geometry.name)}"
        remedy = "Write the column with the number of the target as targets: polygons: key."
        return None, [Finding("error", where, found, f"a column {key}", remedy, NOTEBOOK)]
    names = {str(name).casefold(): name for name in targets}
    numbers = frame[key].map(text).map(lambda name: names.get(name.casefold(), name))
    shapes, problems = _shapes(frame, numbers, where)
    if not len(shapes):
        return None, problems
    joined = shapes.dissolve("target", sort=False).reset_index()
    return _in_register(joined, list(targets), where, problems)


def _shapes(frame, numbers, where: str):
    """target and geometry of the features that have an area; the others are a problem."""
    import geopandas
    import shapely

    raw = np.array(frame.geometry.array, object)
    there = ~shapely.is_missing(raw) & ~shapely.is_empty(raw)
    degrees = np.full(len(raw), None, object)
    degrees[there] = tidy(to_degrees(raw[there], frame.crs))
    is_area = np.nan_to_num(shapely.area(degrees)) > 0
    problems = []
    if not is_area.all():
        found = f"no area for target {listed(map(_shown, numbers[~is_area]))}"
        remedy = "Draw a polygon instead of a line or a point."
        problems.append(Finding("error", where, found, "polygons", remedy, NOTEBOOK))
    rows = {"target": numbers[is_area].to_numpy()}
    shapes = geopandas.GeoDataFrame(rows, geometry=degrees[is_area], crs="EPSG:4326")
    return shapes, problems


def _opened(file, where: str):
    """The features of a file and no problem, or None and the problem."""
    import geopandas
    from pyogrio.errors import DataLayerError, DataSourceError

    options = {} if file.layer is None else {"layer": file.layer}
    try:
        frame = geopandas.read_file(file.file, **options)
    except (DataSourceError, DataLayerError, OSError) as error:
        found = str(error).partition(";")[0].rstrip(".")
        remedy = "Check the file and the name of its layer, or export it as GeoPackage."
        return None, Finding("error", where, found, "polygons of targets", remedy, NOTEBOOK)
    if not isinstance(frame, geopandas.GeoDataFrame) or frame.crs is None:
        found, remedy = "no coordinate system", "Give the file its coordinate system."
        return None, Finding("error", where, found, "EPSG:4326", remedy, NOTEBOOK)
    return frame, None


def _in_register(polygons, targets: list[str], where: str, findings: list[Finding]):
    """The polygons whose target is in the register, in its order, with their areas."""
    unknown = polygons.loc[~polygons["target"].isin(targets), "target"]
    if len(unknown):
        found = f"polygons of no target of the register: {listed(map(_shown, unknown))}"
        remedy = "Write the number as in the register; these polygons are not used."
        expected = "a number of the register"
        findings.append(Finding("warning", where, found, expected, remedy, NOTEBOOK))
    polygons = polygons[polygons["target"].isin(targets)]
    order = {name: place for place, name in enumerate(targets)}
    polygons = polygons.sort_values("target", key=lambda names: names.map(order))
    polygons = polygons.reset_index(drop=True)
    polygons.insert(1, "area_km2", area_km2(polygons.geometry.array))
    return polygons, findings


def _shown(name: str) -> str:
    return repr(name) if name else "nothing"

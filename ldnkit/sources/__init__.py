"""Layers of a country on its grid, wherever they come from.

``load`` gives labelled arrays for the classroom window; :func:`layer_input` gives the same layer
to the engine, which reads it block by block. Both read through :mod:`ldnkit.sources.rasters`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ldnkit import tables
from ldnkit.periods import closest_year
from ldnkit.shapes import Coverage, Polygons
from ldnkit.sources.rasters import Raster, Stack
from ldnkit.tables import NODATA

LAYERS = (
    "zones",
    "affected",
    "land_cover",
    "productivity",
    "units",
    "lpd",
    "climate",
    "soil_reference",
    "soil_climate_factor",
    "soil_stock",
    "population",
    "drought_series",
)


def load(country, layer, *, year=None, period=None, sex="total", window=None):
    """A layer of a country as a labelled array.

    Parameters
    ----------
    country : Country
    layer : str
        ``zones`` (region number inside the country), ``affected`` (1 in the affected area, else 0),
        ``land_cover`` (codes of the product),
        ``productivity``, ``climate`` (yearly rain), ``units``, ``lpd``, ``soil_reference`` (t/ha),
        ``soil_climate_factor``, ``soil_stock`` (t/ha), ``population`` (persons per cell),
        ``drought_series`` (months of precipitation or water balance).
    year : int, optional
        The year, or the closest one the country has; all years when left out.
    period : str, optional
        For ``lpd`` and ``units``: ``"baseline"``, ``"report_1"``, …
    sex : {"total", "female", "male"}
        For ``population``.
    window : GeoBox, optional
        The part of the grid to read; ``country.window()`` by default, and all of the country on
        their own cells for ``population`` and ``drought_series``.

    Returns
    -------
    DataArray
        Dims (y, x), or (year, y, x) for all years, or (time, y, x); int16 with -32768 for no
        data, or float32 (people float64) with NaN. The attribute ``years_used`` says which years
        were read.

    Raises
    ------
    ValueError
        Unknown layer, or one that the country file does not give.
    """
    import xarray as xr
    from odc.geo.xr import xr_coords

    if layer == "drought_series":
        from ldnkit.sources import timeseries

        return timeseries.load_series(country, window=window)
    if layer == "population" and window is None:
        from ldnkit.sources import people

        window = people.population_grid(country)
    grid = country.window() if window is None else window
    years = None
    if layer in ("land_cover", "productivity", "soil_stock", "climate", "population"):
        available = years_of(country, layer)
        years = tuple(available) if year is None else (closest_year(year, available),)
    values = layer_input(country, layer, years=years, period=period, sex=sex).read(grid)
    coords = dict(xr_coords(grid))
    rows, columns = (name for name in coords if name != "spatial_ref")
    if years is None or year is not None:
        values = values[0] if values.ndim == 3 else values
        array = xr.DataArray(values, coords, (rows, columns), name=layer)
    else:
        array = xr.DataArray(
            values, {"year": list(years), **coords}, ("year", rows, columns), name=layer
        )
    array = array.rename({rows: "y", columns: "x"}) if (rows, columns) != ("y", "x") else array
    array.attrs["years_used"] = ", ".join(map(str, years or ()))
    return array


def years_of(country, layer) -> list[int]:
    """The years that a country has of a layer.

    Raises
    ------
    ValueError
        The country file gives none.
    """
    if layer == "population":
        from ldnkit.sources import people

        return people.population_years(country)
    name = {"soil_stock": "soil", "climate": "productivity"}.get(layer, layer)
    section = getattr(country, name)
    files = {} if section is None else section.files
    if layer == "climate":
        files = {} if section is None else section.climate
    if not files:
        raise ValueError(
            f"{country.iso3} has no {layer}: found no files in {country.path.name}; add them "
            "under that name, or leave this indicator out."
        )
    return sorted(files)


def layer_input(country, layer, *, years=None, period=None, sex="total"):
    """A layer as something that reads itself on any window: ``.read(grid) -> ndarray``."""
    if layer == "zones":
        return Zones(country)
    if layer == "affected":
        return Affected.of(country)
    if layer == "land_cover":
        return Stack(
            tuple(
                Raster(country.land_cover.files[year], "class", country.land_cover.nodata)
                for year in years
            )
        )
    if layer in ("productivity", "soil_stock"):
        section = country.soil if layer == "soil_stock" else country.productivity
        return Stack(tuple(Raster(section.files[year], "value", section.nodata) for year in years))
    if layer == "climate":
        files = country.productivity.climate
        return Stack(tuple(Raster(files[year], "value") for year in years))
    if layer == "lpd":
        return ReadyDynamics(Raster(country.productivity.lpd[period], "class", (0, 15)))
    if layer == "units":
        return units_input(country, period or country.cycle.baseline.name)
    if layer == "soil_reference":
        return Raster(country.soil.reference, "value", country.soil.nodata)
    if layer == "soil_climate_factor":
        return ClimateFactor.of(country)
    if layer == "population":
        from ldnkit.sources import people

        return Stack(tuple(people.counts_input(country, sex, year) for year in years))
    raise ValueError(f"Unknown layer: found {layer!r}; use one of {', '.join(LAYERS)}.")


class Zones:
    """Number of the region (1 without regions) of every cell of the country; -32768 outside.

    A cell belongs to the country when its centre does, or, with the rule ``fraction``, when any
    part of it does. Cells of the country in no region have the number 0.
    """

    def __init__(self, country):
        self.boundary = country.boundary.geometry.union_all()
        self.crs = country.boundary.crs.to_wkt()
        self.rule = country.boundary_rule
        self.regions = tuple(country.region_boundaries.geometry) if country.regions else ()

    def read(self, grid) -> np.ndarray:
        if self.rule == "fraction":
            inside = self.coverage().read(grid) > 0
        else:
            inside = Polygons((self.boundary,), self.crs).read(grid) != NODATA
        numbers = np.ones(grid.shape, np.int16)
        if self.regions:
            numbers = Polygons(self.regions, self.crs, outside=0).read(grid)
            if self.rule == "fraction" and (inside & (numbers == 0)).any():
                # the country reaches into a cell whose centre is outside: the largest share counts
                shares = [Coverage(region, self.crs).read(grid) for region in self.regions]
                largest = np.where(np.max(shares, axis=0) > 0, np.argmax(shares, axis=0) + 1, 0)
                numbers = np.where(numbers == 0, largest, numbers)
        return np.where(inside, numbers, NODATA).astype(np.int16)

    def coverage(self) -> Coverage:
        """Share of each cell inside the boundary."""
        return Coverage(self.boundary, self.crs)


@dataclass(frozen=True)
class Affected:
    """1 for the cells of the country whose centre is in the affected area, 0 for all others."""

    zones: Zones
    area: Polygons

    @classmethod
    def of(cls, country):
        shape = country.polygons(country.affected_area)
        return cls(Zones(country), Polygons((shape,), country.boundary.crs.to_wkt(), outside=0))

    def read(self, grid) -> np.ndarray:
        """int16 for the cells of a GeoBox."""
        inside = self.zones.read(grid) != NODATA
        return np.where(inside, self.area.read(grid), 0).astype(np.int16)


@dataclass(frozen=True)
class Units:
    """Land units for performance: a raster of units, crossed with native land cover or not."""

    units: Raster | None
    land_cover: Raster | None

    def read(self, grid) -> np.ndarray:
        """int32 codes: unit × 100 000 + land cover code; -32768 where either has no data."""
        parts = [part.read(grid) for part in (self.units, self.land_cover) if part is not None]
        missing = np.logical_or.reduce([part == NODATA for part in parts])
        code = parts[0].astype(np.int32)
        if len(parts) == 2:
            code = code * 100_000 + parts[1]
        return np.where(missing, NODATA, code).astype(np.int32)


def units_input(country, period) -> Units:
    """The units of a period: soil units × land cover of the first year of the trend window."""
    section = country.productivity
    land_cover = None
    if section.units_land_cover:
        first = country.cycle[period].trend_years[0]
        year = closest_year(first, years_of(country, "land_cover"))
        land_cover = Raster(country.land_cover.files[year], "class", country.land_cover.nodata)
    units = Raster(section.units_file, "class") if section.units_file else None
    if units is None and land_cover is None:
        raise ValueError(
            f"{country.iso3} has no units for performance: found neither a raster nor land cover; "
            "give productivity.units in the country file."
        )
    return Units(units, land_cover)


@dataclass(frozen=True)
class ReadyDynamics:
    """A ready-made map of land productivity dynamics; anything but 1…5 is refused."""

    raster: Raster

    def read(self, grid) -> np.ndarray:
        values = self.raster.read(grid)
        wrong = np.setdiff1d(values, (NODATA, 1, 2, 3, 4, 5))
        if len(wrong):
            raise ValueError(
                f"{self.raster.path.name} is not a map of land productivity dynamics: found "
                f"classes {', '.join(map(str, wrong[:10]))}; give classes 1 to 5 (0 and 15 are "
                "no data)."
            )
        return values


@dataclass(frozen=True)
class ClimateFactor:
    """Climate factor f of every cell: from a map of IPCC climate zones, or one for all."""

    zones: Raster | None
    factor: float | None

    @classmethod
    def of(cls, country):
        soil = country.soil
        return cls(Raster(soil.climate, "class") if soil.climate else None, soil.factor)

    def read(self, grid) -> np.ndarray:
        if self.zones is None:
            return np.full(grid.shape, self.factor, np.float32)
        table = tables.climate_factors()
        factor = np.full(65536, np.nan, np.float32)
        codes = table["zone"].to_numpy(np.int16).view(np.uint16)
        factor[codes] = table["f"].to_numpy(np.float32)
        zones = self.zones.read(grid)
        strange = np.setdiff1d(zones, [NODATA, *table["zone"]])
        if len(strange):
            raise ValueError(
                f"{self.zones.path.name} is not a map of IPCC climate zones: found the codes "
                f"{', '.join(map(str, strange[:10]))}; give the zones 0 to 12, and declare fill "
                "values as no data in the file."
            )
        return factor[zones.view(np.uint16)]


def error_polygons(country):
    """False positives and false negatives of a country (see :mod:`ldnkit.sources.vectors`)."""
    from ldnkit.sources import vectors

    return vectors.error_polygons(country)

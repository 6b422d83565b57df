"""People of a country from rasters or a census, on any grid, with their sum kept."""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ldnkit.findings import Finding, InputError, stop_on_errors
from ldnkit.periods import closest_year
from ldnkit.places import touching, whole_turn
from ldnkit.population_kernels import add, inside_share, split
from ldnkit.tables import NODATA

#: Rows and columns of a raster or of the country held in memory at a time.
PIECE = 2048


def sexes(country) -> tuple[str, ...]:
    """The groups that are read: ``("female", "male")`` where sex is known, else ``("total",)``.

    Women and men add up to the total.
    """
    section = _section(country)
    if section.sex_ratio:
        return ("female", "male")
    given = set(section.files)
    if section.table is not None:
        from ldnkit.sources import census

        given = set(census.read(country).columns)
    return ("female", "male") if {"female", "male"} <= given else ("total",)


def population_years(country) -> list[int]:
    """Years in which people are known, women and men where sex is known.

    Raises
    ------
    InputError
        The country file gives no people, or its census has mistakes.
    """
    section = _section(country)
    if section.table is not None:
        from ldnkit.sources import census

        years = set(census.read(country).index.unique("year"))
    elif {"female", "male"} <= set(section.files):
        years = set(section.files["female"]) & set(section.files["male"])
    else:
        years = set(section.files.get("total", ()))
    if not years:
        remedy = "Add female and male rasters under population, or districts and a table."
        where, expected = f"{country.path.name}: population", "people by cell"
        raise InputError([Finding("error", where, "no year with people", expected, remedy, "09")])
    return sorted(int(year) for year in years)


def counts_input(country, sex, year):
    """People of a year as something that reads itself on any window, in persons per cell.

    Parameters
    ----------
    country : Country
    sex : {"total", "female", "male"}
    year : int
        One of :func:`population_years`.

    Returns
    -------
    object with ``read(grid) -> ndarray``
        float64, NaN where there are no data.

    Raises
    ------
    ValueError
        Unknown sex, a sex that the country does not give, or a year without data.
    """
    if sex not in ("total", "female", "male"):
        raise ValueError(f"Unknown sex: found {sex!r}; use total, female or male.")
    known = sexes(country)
    if sex not in (*known, "total"):
        raise ValueError(
            f"The people of {country.iso3} are not known by sex: found totals only; add female: "
            "and male:, or sex_ratio:, to population in the country file."
        )
    available = population_years(country)
    if year not in available:
        raise ValueError(
            f"No people of {year}: found {', '.join(map(str, available))}; use the closest year, "
            f"{closest_year(year, available)}."
        )
    section = country.population
    if section.table is not None:
        from ldnkit.sources import census

        return census.counts(country, sex, year, _share(section, sex, year))
    if section.sex_ratio or known == ("total",):
        paths = section.files["total"][year]
    else:
        wanted = known if sex == "total" else (sex,)
        paths = tuple(path for each in wanted for path in section.files[each][year])
    return Counts(tuple(paths), section.unit, section.nodata, _share(section, sex, year))


def _share(section, sex, year) -> float:
    """The share of women or men in the total, where only a ratio is known; else 1."""
    if sex == "total" or not section.sex_ratio:
        return 1.0
    years = [each for each in section.sex_ratio if each]
    ratio = section.sex_ratio[closest_year(year, years) if years else 0]
    return (100 if sex == "female" else ratio) / (100 + ratio)


@dataclass(frozen=True)
class Counts:
    """Rasters of one year added up, in persons per cell of any grid.

    Each raster is read as it is, on its own cells, and then split by area.
    """

    paths: tuple[Path, ...]
    unit: str = "counts"
    nodata: tuple[float, ...] = ()
    share: float = 1.0

    def read(self, grid) -> np.ndarray:
        """Persons per cell, float64; NaN where no raster has data.

        Raises
        ------
        ValueError
            Values below zero, or a raster without reference system.
        """
        result = None
        for own, paths in self._grids().items():
            for window in _pieces(touching(own, grid)):
                piece = own[window]
                files = (read_window(path, window, self.nodata) for path in paths)
                values = functools.reduce(add, files)
                if self.unit == "density":
                    values *= _areas(piece)
                here = split(values, piece, grid)
                result = here if result is None else add(result, here)
        return np.full(tuple(grid.shape), np.nan) if result is None else result * self.share

    def _grids(self) -> dict:
        """The rasters by their grid: those of one grid are added before they are split."""
        grids: dict = {}
        for path in self.paths:
            grids.setdefault(own_grid(path), []).append(path)
        return grids


def _areas(grid) -> np.ndarray:
    from ldnkit import areas

    return areas.cell_area(grid)


def _pieces(windows):
    """Windows of bounded size."""
    for rows, columns in windows:
        for top in range(rows.start, rows.stop, PIECE):
            for left in range(columns.start, columns.stop, PIECE):
                bottom, right = min(top + PIECE, rows.stop), min(left + PIECE, columns.stop)
                yield slice(top, bottom), slice(left, right)


def own_grid(path):
    """The grid of a raster file (GeoBox), exactly as the file says."""
    import rasterio
    from odc.geo.geobox import GeoBox

    with rasterio.open(path) as source:
        if source.crs is None:
            raise ValueError(
                f"The raster {Path(path).name} has no coordinate reference system: it cannot be "
                "placed; found none; assign one in your GIS and save it again."
            )
        return GeoBox(source.shape, source.transform, source.crs.to_wkt())


def read_window(path, window, nodata=()) -> np.ndarray:
    """Rows and columns of the first band, float64; NaN for no data.

    Raises
    ------
    ValueError
        Values below zero: a fill value that is not declared.
    """
    import rasterio

    with rasterio.Env(GDAL_CACHEMAX=32 * 2**20), rasterio.open(path) as source:
        found = source.read(1, window=tuple((part.start, part.stop) for part in window))
        fills = [source.nodatavals[0], *nodata]
    values = found.astype(np.float64)
    values[~known(found, fills)] = np.nan
    if np.fmin.reduce(values, axis=None) < 0:
        raise ValueError(
            f"{Path(path).name} has fewer than no people in a cell: found {np.nanmin(values):g}; "
            "if this is a fill value, declare it in the file or under population: nodata."
        )
    return values


def known(values, fills) -> np.ndarray:
    """Where values of a raster are data; fill values are compared in the raster's own type."""
    here = np.isfinite(values) if values.dtype.kind == "f" else np.ones(values.shape, bool)
    for fill in fills:
        if fill is None or not np.isfinite(fill):
            continue
        with np.errstate(over="ignore", invalid="ignore"):
            same = np.asarray(fill).astype(values.dtype)
        if values.dtype.kind == "f" or same == fill:
            here &= values != same
    return here


def population_grid(country):
    """The cells on which people are given, over the whole country (GeoBox).

    The cells of the first raster in the longitudes of the country, beyond 180° too, with a rim
    that covers every cell of the country's own grid; of a census the country's grid.
    """
    from ldnkit import boundaries

    section = _section(country)
    if section.table is not None:
        return country.grid
    first = Path(_first_file(country))
    grid = boundaries.raster_grid(
        first, country.boundary.geometry.iloc[0], where="population (grid)"
    )
    return _on_earth(grid.pad(_rim(country, grid)))


def _first_file(country) -> Path:
    files, (group, *_) = country.population.files, sexes(country)
    year = population_years(country)[0]
    return files.get(group, files.get("total"))[year][0]


def _rim(country, grid) -> int:
    """Cells of a grid that one cell of the country can reach beyond the boundary, and one more."""
    south, north = country.boundary.total_bounds[[1, 3]]
    narrow = math.cos(math.radians(min(max(abs(south), abs(north)), 85)))

    def metres(each, degree):
        unit = degree if each.crs.geographic else each.crs.proj.axis_info[0].unit_conversion_factor
        return abs(each.transform.a) * unit, abs(each.transform.e) * unit

    reach = max(metres(country.grid, 111_700))
    return math.ceil(1.5 * reach / min(metres(grid, 110_500 * narrow))) + 1


def _on_earth(grid):
    """The grid without rows beyond a pole and columns beyond a whole turn."""
    if not grid.crs.geographic:
        return grid
    transform, (rows, columns) = grid.transform, grid.shape
    top = max(math.ceil((transform.f - 90) / -transform.e - 1e-6), 0)
    bottom = min(math.floor((transform.f + 90) / -transform.e + 1e-6), rows)
    return grid[top:bottom, : min(columns, int(whole_turn(grid) + 1e-6))]


@dataclass(frozen=True, eq=False)
class Inside:
    """The share of the people of any cell who live in the country.

    It follows the cells of the country's grid and the boundary rule, so that people inside are
    the same whether they are counted on their own cells or on those of the country.
    """

    zones: object
    grid: object
    fraction: bool = False
    affected: object = None

    @classmethod
    def of(cls, country, *, affected=False) -> Inside:
        """For a country, or for the part of it that is the affected area."""
        from ldnkit.sources import Affected, Zones

        part = Affected.of(country) if affected else None
        return cls(Zones(country), country.grid, country.boundary_rule == "fraction", part)

    def read(self, grid) -> np.ndarray:
        """float64 shares from 0 to 1 for the cells of a GeoBox."""
        share = np.zeros(tuple(grid.shape))
        for window in _pieces(touching(self.grid, grid)):
            piece = self.grid[window]
            mask = (self.zones.read(piece) != NODATA).astype(np.float64)
            if not mask.any():
                continue
            if self.fraction:
                mask *= self.zones.coverage().read(piece)
            if self.affected is not None:
                mask *= self.affected.read(piece)
            share += inside_share(mask, piece, grid)
        return np.clip(share, 0, 1)


def national_figures(country):
    """The official population: year, total, female, male, in persons; empty when not given.

    Raises
    ------
    InputError
        Mistakes in the table; all are listed.
    """
    from ldnkit.sources import census

    figures, findings = census.official(country)
    stop_on_errors(finding for finding in findings if finding.severity == "error")
    return figures


def look(country) -> list:
    """A look at all people of a country before work starts (list of Finding).

    Every raster opens, has a reference system, lies on the country and holds people; a census
    fits its districts; national figures tell counts from densities; women and men are the total.
    """
    from ldnkit.sources import people_checks

    return people_checks.look(country)


def _section(country):
    section = country.population
    if section is None:
        remedy = "Add it, or leave this indicator out."
        where, expected = f"{country.path.name}: population", "people by cell"
        raise InputError([Finding("error", where, "nothing", expected, remedy, "09")])
    return section

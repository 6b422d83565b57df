"""What a country file says about each layer; nothing here opens a raster."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from pathlib import Path

import pandas


@dataclass(frozen=True)
class Metadata:
    """The four fields of Annex II; all are filled for national data."""

    title: str = ""
    link: str = ""
    author: str = ""
    citation: str = ""

    def as_dict(self) -> dict[str, str]:
        """The fields as a plain dictionary."""
        return dict(vars(self))


#: The names of the four fields.
METADATA = tuple(part.name for part in fields(Metadata))


@dataclass(frozen=True, eq=False)
class LandCover:
    """Land cover rasters and the three tables that give their codes a meaning.

    ``files`` holds one raster per year in the raster's own codes. ``nesting`` has the columns
    code, name, to; ``legend`` code, key, name, unccd, colour; ``matrix`` from, to, sign,
    process, unlikely. The ``*_name`` fields say what the country file named: a packaged table
    or the path of a CSV file. ``nodata`` are extra fill values.
    """

    files: dict[int, Path]
    nesting: pandas.DataFrame
    legend: pandas.DataFrame
    matrix: pandas.DataFrame
    nesting_name: str
    legend_name: str = "unccd"
    matrix_name: str = "unccd"
    source: str = "default"
    nodata: tuple[float, ...] = ()
    metadata: Metadata = field(default_factory=Metadata)


@dataclass(frozen=True, eq=False)
class Productivity:
    """Yearly productivity (``files`` by year), or ready dynamics (``lpd`` by period name).

    ``scale`` is the stored value of an index of 1. ``units_file`` is the raster of units for
    performance or None; with ``units_land_cover`` it is crossed with the first land cover.
    ``climate`` (rain or evapotranspiration by year) and ``correction`` correct the trend.
    """

    files: dict[int, Path]
    lpd: dict[str, Path]
    index: str = "NDVI"
    scale: float | None = None
    units_file: Path | None = None
    units_land_cover: bool = True
    climate: dict[int, Path] = field(default_factory=dict)
    correction: str | None = None
    source: str = "default"
    nodata: tuple[float, ...] = ()
    metadata: Metadata = field(default_factory=Metadata)


@dataclass(frozen=True, eq=False)
class Soil:
    """A reference stock (t/ha, 0–30 cm, year 2000) with factors, or stocks by year (``files``).

    The climate factor f comes from ``climate`` (IPCC zones 0…12) or is one ``factor`` for the
    whole country. ``factors`` has the columns from, to, factor; None when stocks are given.
    """

    reference: Path | None
    files: dict[int, Path]
    climate: Path | None = None
    factor: float | None = None
    factors: pandas.DataFrame | None = None
    factors_name: str = "unccd"
    tier: int = 1
    source: str = "default"
    nodata: tuple[float, ...] = ()
    metadata: Metadata = field(default_factory=Metadata)

    @property
    def stocks(self) -> dict[int, Path]:
        """Tier 2 or 3 stocks by year; the same as ``files``."""
        return self.files


#: The groups for which people are counted.
SEXES = ("total", "female", "male")


@dataclass(frozen=True, eq=False)
class Population:
    """Population rasters by sex and year, or a census table by district.

    ``files`` maps ``"female"``, ``"male"`` or ``"total"`` to year → rasters; several rasters of
    one year (age groups) are added up. ``unit`` says whether cells hold persons (``counts``) or
    persons per km² (``density``). With totals alone, ``sex_ratio`` (males per 100 females, by
    year; key 0 for all years) gives women and men. A census has ``districts``, ``district_key``
    and ``table`` (district, year, female, male or total), spread by area or by ``weight``.
    ``national`` is a CSV file with the official totals for CP-1.T2, in thousands.
    """

    files: dict[str, dict[int, tuple[Path, ...]]]
    unit: str = "counts"
    sex_ratio: dict[int, float] = field(default_factory=dict)
    districts: VectorFile | None = None
    district_key: str = ""
    table: Path | None = None
    weight: Path | None = None
    national: Path | None = None
    source: str = "default"
    nodata: tuple[float, ...] = ()
    metadata: Metadata = field(default_factory=Metadata)

    @property
    def years(self) -> tuple[int, ...]:
        """Years with rasters; those of a census are in its table."""
        return tuple(sorted({year for files in self.files.values() for year in files}))


@dataclass(frozen=True, eq=False)
class Drought:
    """Precipitation, a water balance or a ready index: one of the three.

    ``precipitation`` and ``water_balance`` are monthly (or, with ``time_step``, daily) series in
    mm: a NetCDF file, a Zarr folder, or GeoTIFF files by the pattern with {year} and {month}
    (one band) or {year} (a band per month). ``index`` has one raster of the index of December per
    year; stored values are the index times ``index_scale`` (1000 for Trends.Earth).
    """

    precipitation: str | None = None
    water_balance: str | None = None
    index: dict[int, Path] = field(default_factory=dict)
    index_kind: str = "SPI"
    index_scale: float = 1.0
    variable: str | None = None
    time_step: str = "month"
    source: str = "default"
    nodata: tuple[float, ...] = ()
    metadata: Metadata = field(default_factory=Metadata)

    @property
    def series(self) -> str | None:
        """The path or pattern of the series from which the index is computed."""
        return self.precipitation or self.water_balance


@dataclass(frozen=True, eq=False)
class Vulnerability:
    """Factors of the drought vulnerability index.

    ``factors`` is a CSV file (year, factor, sex, unit, value); ``weights`` one with factor,
    weight; ``directions`` the packaged list of factors (``unccd``) or a CSV file of your own.
    ``units`` are the polygons of sub-national units, named by ``unit_key``.
    """

    factors: Path
    weights: Path | None = None
    directions: str = "unccd"
    units: VectorFile | None = None
    unit_key: str = ""
    source: str = "national"
    metadata: Metadata = field(default_factory=Metadata)


@dataclass(frozen=True)
class VectorFile:
    """A polygon file and, when it holds several layers, the layer."""

    file: Path
    layer: str | None = None


@dataclass(frozen=True, eq=False)
class Region:
    """A part of the country with a transition matrix of its own (columns as in LandCover)."""

    name: str
    file: Path
    matrix: pandas.DataFrame
    matrix_name: str = "unccd"
    layer: str | None = None

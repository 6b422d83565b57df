"""A look at every raster before a long run: problems are told early and all at once.

:func:`check` gives the findings of one indicator. :func:`report` shows every file of a country as
a table, :func:`estimate` what the run will ask of the computer;
see :mod:`ldnkit.sources.inspection`.
"""

from __future__ import annotations

import numpy as np

from ldnkit.findings import Finding
from ldnkit.sources.rasters import Raster, place_on

#: Values that products use for "no data" without declaring it.
FILLS = (65535, 65534, 65533, 65529, 32767, -32768, -9999, -3000, 255, 254, -128)

#: Rows and columns of the thinned-out picture that is looked at.
_SAMPLE = 400
#: A raster without overviews and with more cells than this is looked at in patches.
_WHOLE = 16_000_000
#: Patches along each side; together they have as many cells as the thinned-out picture.
_PATCHES = 8


def check(country, indicator) -> list[Finding]:
    """Look at the rasters that an indicator reads.

    Each must open, have a reference system and lie on the country; values must be those of the
    layer, without undeclared fill values; maps of different years must have the same fill value
    or say it.

    Returns
    -------
    list of Finding
        Errors stop the work; a raster that is resampled is an info.
    """
    if indicator == "population":
        from ldnkit.sources import people

        return people.look(country)
    if indicator == "drought_index":
        from ldnkit.sources.timeseries import checks

        return checks.look(country)
    if indicator == "vulnerability":
        from ldnkit import vulnerability

        return vulnerability.look(country)
    if indicator in ("red_list", "protected_areas"):
        from ldnkit import biodiversity

        return biodiversity.look(country, indicator)
    findings = []
    for _, what, raster in rasters(country, indicator):
        findings += _look(country, what, raster)
    return findings


def report(country, indicators=None):
    """One row for every file of a country; see :func:`ldnkit.sources.inspection.report`."""
    from ldnkit.sources import inspection

    return inspection.report(country, indicators)


def estimate(country, indicators=None, *, processors: int = 2):
    """What the run will ask of the computer; see :func:`ldnkit.sources.inspection.estimate`."""
    from ldnkit.sources import inspection

    return inspection.estimate(country, indicators, processors=processors)


def rasters(country, indicator):
    """The rasters on the country's grid that an indicator reads, with their place in the file.

    Yields
    ------
    (str, str, Raster)
        The key of the country file (``"soil.reference"``), what it is in words with its year or
        period, and the raster.
    """
    lc, npp, soc = country.land_cover, country.productivity, country.soil
    if indicator == "land_cover" and lc is not None:
        for year, path in lc.files.items():
            yield "land_cover.files", f"land cover {year}", Raster(path, "class", lc.nodata)
    if indicator == "productivity" and npp is not None:
        for year, path in npp.files.items():
            yield "productivity.annual", f"productivity {year}", Raster(path, "value", npp.nodata)
        for year, path in npp.climate.items():
            yield "productivity.climate", f"climate {year}", Raster(path, "value")
        for period, path in npp.lpd.items():
            what = f"land productivity dynamics {period}"
            yield "productivity.lpd", what, Raster(path, "class", (0, 15))
        if npp.units_file:
            yield "productivity.units", "productivity units", Raster(npp.units_file, "class")
    if indicator == "soil" and soc is not None:
        for year, path in soc.stocks.items():
            yield "soil.stocks", f"soil organic carbon {year}", Raster(path, "value", soc.nodata)
        if soc.reference:
            what = "soil organic carbon reference"
            yield "soil.reference", what, Raster(soc.reference, "value", soc.nodata)
        if soc.climate:
            yield "soil.climate", "climate zones", Raster(soc.climate, "class")


def _look(country, what, raster) -> list[Finding]:
    import rasterio
    from rasterio.errors import RasterioIOError

    where = f"{what} ({raster.path.name})"
    try:
        with rasterio.open(raster.path) as source:
            if source.crs is None:
                return [
                    Finding(
                        "error",
                        where,
                        "no coordinate reference system",
                        "a georeferenced raster",
                        "Assign one in your GIS and save the file again.",
                    )
                ]
            sample = thinned(source, raster.band)
            declared = source.nodatavals[raster.band - 1]
            aligned = place_on(source, country.grid) is not None
            outside = _apart(source, country)
    except RasterioIOError as error:
        return [
            Finding(
                "error",
                where,
                f"a file that does not open ({error})",
                "a raster file",
                "Copy it again from its source, or export it as GeoTIFF.",
            )
        ]
    if outside:
        return [
            Finding(
                "error",
                where,
                f"a raster that does not touch the country ({outside})",
                "a raster that covers the country",
                "Check the file and its georeference.",
            )
        ]
    findings = _values(country, where, what, raster, sample, declared)
    if not aligned:
        findings.append(
            Finding(
                "info",
                where,
                f"another grid; resampled by {raster.resampling(country.grid)}",
                "the country's grid",
                "Nothing to do: this is said in the report.",
            )
        )
    return findings


def thinned(source, band=1, rows: slice | None = None, columns: slice | None = None):
    """A thinned-out picture of a raster or of a part of it, never all its cells.

    Parameters
    ----------
    source : open rasterio dataset
    band : int
    rows, columns : slice, optional
        The part to look at; all of it by default.

    Returns
    -------
    ndarray
        At most 400 rows and columns. Of a large raster without overviews, where thinning would
        unpack every cell, 8 x 8 patches spread evenly, side by side.
    """
    from rasterio.windows import Window

    rows = rows or slice(0, source.height)
    columns = columns or slice(0, source.width)
    height, width = rows.stop - rows.start, columns.stop - columns.start
    if height * width <= _WHOLE or source.overviews(band):
        shape = tuple(max(min(size, _SAMPLE), 1) for size in (height, width))
        window = Window(columns.start, rows.start, width, height)
        return source.read(band, window=window, out_shape=shape)
    size = _SAMPLE // _PATCHES
    tops, lefts = (
        [(2 * n + 1) * length // (2 * _PATCHES) for n in range(_PATCHES)]
        for length in (height, width)
    )
    deep, wide = min(size, height), min(size, width)
    patches = [
        [
            source.read(
                band,
                window=Window(
                    columns.start + min(left, width - wide),
                    rows.start + min(top, height - deep),
                    wide,
                    deep,
                ),
            )
            for left in lefts
        ]
        for top in tops
    ]
    return np.block(patches)


def _apart(source, country) -> str:
    """Empty when raster and country touch, else the bounds of the raster."""
    from rasterio.warp import transform_bounds

    west, south, east, north = transform_bounds(source.crs, "EPSG:4326", *source.bounds)
    left, bottom, right, top = country.boundary.total_bounds
    touches = (
        any(west < right + turn and east > left + turn for turn in (-360, 0, 360)) or east < west
    )
    if touches and south < top and north > bottom:
        return ""
    return f"{west:.2f}, {south:.2f}, {east:.2f}, {north:.2f}"


def _values(country, where, what, raster, sample, declared) -> list[Finding]:
    known = [fill for fill in (declared, *raster.nodata) if fill is not None]
    valid = sample[~np.isin(sample, known)] if known else sample.ravel()
    if valid.dtype.kind == "f":
        valid = valid[np.isfinite(valid)]
    if not valid.size:
        return [
            Finding(
                "warning",
                where,
                "no valid value in a sample of the raster",
                "values",
                "Check that this is the right file.",
            )
        ]
    if raster.kind == "class":
        return []  # unknown classes are listed with their areas when the map is read
    suspects = suspected(valid)
    if suspects:
        share = np.isin(valid, suspects).mean() * 100
        listed = ", ".join(map(str, suspects))
        key = "productivity.nodata" if what.startswith("productivity") else "soil.nodata"
        remedy = f"write {key}: [{listed}] in {country.path.name}"
        if what.startswith("climate"):
            remedy = "declare it as no data in the file"
        return [
            Finding(
                "error",
                where,
                f"{listed} in {share:.1f} % of the cells, far from all other "
                "values and not declared as no data",
                "values of the layer only",
                f"If this is a fill value, {remedy}.",
            )
        ]
    return []


def suspected(valid) -> list[int]:
    """Values that look like no data and are not declared: usual fill values far from all others.

    Examples
    --------
    >>> suspected(np.array([4100, 5200, -9999]))
    [-9999]
    """
    here = [value for value in FILLS if (valid == value).any()]
    return [value for value in here if _alone(valid, value)]


def _alone(valid, value) -> bool:
    """Whether a value lies far beyond all others: further than their whole range."""
    others = valid[valid != value].astype(np.float64)
    others = others[~np.isin(others, FILLS)]
    if not others.size:
        return True
    low, high = others.min(), others.max()
    return value > high + (high - low) or value < low - (high - low)

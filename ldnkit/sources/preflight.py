"""A look at every raster before a long run: problems are told early and all at once."""

from __future__ import annotations

import numpy as np

from ldnkit.findings import Finding
from ldnkit.sources.rasters import Raster, place_on

#: Values that products use for "no data" without declaring it.
_SUSPECTS = (65535, 65534, 65533, 65529, 32767, -32768, -9999, -3000, 255, 254, -128)

#: Rows and columns of the thinned-out picture that is looked at.
_SAMPLE = 400


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
    for what, raster in _rasters(country, indicator):
        findings += _look(country, what, raster)
    return findings


def _rasters(country, indicator):
    lc, npp, soc = country.land_cover, country.productivity, country.soil
    if indicator == "land_cover" and lc is not None:
        for year, path in lc.files.items():
            yield f"land cover {year}", Raster(path, "class", lc.nodata)
    if indicator == "productivity" and npp is not None:
        for year, path in npp.files.items():
            yield f"productivity {year}", Raster(path, "value", npp.nodata)
        for year, path in npp.climate.items():
            yield f"climate {year}", Raster(path, "value")
        for period, path in npp.lpd.items():
            yield f"land productivity dynamics {period}", Raster(path, "class", (0, 15))
        if npp.units_file:
            yield "productivity units", Raster(npp.units_file, "class")
    if indicator == "soil" and soc is not None:
        for year, path in soc.stocks.items():
            yield f"soil organic carbon {year}", Raster(path, "value", soc.nodata)
        if soc.reference:
            yield "soil organic carbon reference", Raster(soc.reference, "value", soc.nodata)
        if soc.climate:
            yield "climate zones", Raster(soc.climate, "class")


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
            shape = tuple(max(min(size, _SAMPLE), 1) for size in source.shape)
            sample = source.read(raster.band, out_shape=shape)
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
    suspects = [value for value in _SUSPECTS if (valid == value).any()]
    suspects = [value for value in suspects if _alone(valid, value)]
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


def _alone(valid, value) -> bool:
    """Whether a value lies far beyond all others: further than their whole range."""
    others = valid[valid != value].astype(np.float64)
    others = others[~np.isin(others, _SUSPECTS)]
    if not others.size:
        return True
    low, high = others.min(), others.max()
    return value > high + (high - low) or value < low - (high - low)

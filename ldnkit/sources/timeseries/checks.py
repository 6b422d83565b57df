"""A look at the data of drought before a long run: problems are told early and all at once."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ldnkit import tables
from ldnkit.findings import Finding, InputError
from ldnkit.periods import time_spans
from ldnkit.shapes import Polygons
from ldnkit.sources.timeseries import Series, clean
from ldnkit.sources.timeseries.axes import cells, cover
from ldnkit.sources.timeseries.calendar import axis
from ldnkit.sources.timeseries.files import bands
from ldnkit.sources.timeseries.values import SAMPLE, Tally, fill_finding, percent, unpacked, values

#: Values that are unpacked in about half a minute.
_LONG = 2_000_000_000
#: Indices are rarely larger.
_LARGEST_INDEX, _MOST = 5, 0.95


def look(country) -> list[Finding]:
    """Look at the series or the index of the section drought.

    Files must open, have a reference system and lie on the country. The time axis must have
    every month once and enough sums in the reference period. Values must be those of the layer,
    without undeclared fill values, and in mm per time step; an index must be one, after its scale.

    Parameters
    ----------
    country : Country

    Returns
    -------
    list of Finding
        Every problem at once; errors stop the work.
    """
    section = country.drought
    findings = []
    if section is None:
        return findings
    if section.precipitation:
        findings += _series(country, "precipitation", section.precipitation)
    if section.water_balance:
        findings += _series(country, "water balance", section.water_balance)
    if section.index:
        findings += _index(country)
    return findings


# ------------------------------------------------------------------------ a series
def _series(country, what, path) -> list[Finding]:
    series = Series.from_section(country, path)
    where = f"{what} ({series.name})"
    try:
        findings = _file(series, where) + axis(country, series, where)
    except InputError as error:
        return [replace(finding, where=f"{what} ({finding.where})") for finding in error.findings]
    window = cover(series.grid, country.boundary)
    rows, columns = series.cells(window)
    inside = _inside(country, window)
    covered = inside & (rows >= 0)[:, None] & (columns >= 0)
    if not covered.any():
        return [*findings, _apart(where, series.grid)]
    if (share := 1 - covered.sum() / inside.sum()) > 0:
        findings.append(
            Finding(
                "warning",
                where,
                f"files that end inside the country: {percent(share)} of its cells are outside",
                "files that cover the country",
                "These cells have no drought index. Give files that reach farther.",
                "10",
            )
        )
    findings += _slow(series, where, window)
    return findings + values(country, series, what, where, window, inside, covered)


def _slow(series, where, window) -> list[Finding]:
    """A remark when most of what is unpacked from the files lies outside the country."""
    cut = unpacked(series, window)
    if cut < 10 * window.shape[0] * window.shape[1] or cut * len(series.found) < _LONG:
        return []
    return [
        Finding(
            "info",
            where,
            "files that are stored in pieces much larger than the country: reading takes long",
            "files cut to the country",
            "Cut them to the country once (gdalwarp -te, cdo sellonlatbox).",
            "10",
        )
    ]


def _file(series, where) -> list[Finding]:
    """What the headers of the files say: reference system, fill values, place of the times."""
    findings, parts = [], series.parts
    if not all(part.crs_said for part in parts):
        findings.append(
            Finding(
                "info",
                where,
                "no coordinate reference system; longitude and latitude (EPSG:4326) are assumed",
                remedy="Nothing to do if the coordinates are degrees.",
            )
        )
    if any(0 in part.fills and part.offset == 0 for part in parts):
        findings.append(
            Finding(
                "warning",
                where,
                "0 declared as no data: months without rain count as missing",
                "another fill value, such as -9999",
                "Remove the declaration if 0 means no rain (gdal_edit.py -unsetnodata).",
                "10",
            )
        )
    if any(part.late for part in parts):
        findings.append(
            Finding(
                "warning",
                where,
                "times that stand at the end of their months, which reads as the month after",
                "times within their months",
                "Compare the bounds of the time axis with its times, and move the times back.",
                "10",
            )
        )
    return findings


# -------------------------------------------------------------------------- places
def _inside(country, window) -> np.ndarray:
    """Cells whose centre lies in the country, or of a country between centres all that it nears."""
    shapes, crs = tuple(country.boundary.geometry), country.boundary.crs.to_wkt()
    inside = Polygons(shapes, crs, outside=0).read(window) > 0
    if not inside.any():
        inside[1:-1, 1:-1] = True
    return inside


def _apart(where, grid) -> Finding:
    west, south, east, north = grid.extent.to_crs("EPSG:4326").boundingbox.bbox
    return Finding(
        "error",
        where,
        f"a raster that does not touch the country ({west:.2f}, {south:.2f}, {east:.2f}, "
        f"{north:.2f})",
        "a raster that covers the country",
        "Check the file and its georeference.",
        "10",
    )


# ------------------------------------------------------------------- a ready index
def _index(country) -> list[Finding]:
    """Every raster opens and touches the country; together they hold a standardised index."""
    section, findings, samples, tally = country.drought, [], [], None
    for year, path in sorted(section.index.items()):
        where = f"drought index {year} ({path.name})"
        try:
            part = bands(path)
        except InputError as error:
            findings += [replace(finding, where=where) for finding in error.findings]
            continue
        window = cover(part.grid, country.boundary)
        rows, columns = cells(part.grid, window)
        inside = _inside(country, window) & (rows >= 0)[:, None] & (columns >= 0)
        if not inside.any():
            findings.append(_apart(where, part.grid))
            continue
        tally = tally or Tally.of(part)
        sample = tally.add(_thinned(part, rows, columns, section.nodata), part)
        if np.isfinite(sample).any():
            samples.append(sample[np.isfinite(sample)])
        else:
            remedy = "Check that this is the right file."
            text = "no valid value in a sample of the raster"
            findings.append(Finding("warning", where, text, "values", remedy, "10"))
    findings += _index_years(country)
    if tally is not None:
        where = "drought index"
        findings += fill_finding(country, where, tally, tally.fills(negative_too=False))
    if samples:
        findings += _index_values(section, "drought index", np.concatenate(samples))
    return findings


def _thinned(part, rows, columns, nodata) -> np.ndarray:
    """A sample of the first band in the country's rows and columns."""
    rows, columns = rows[rows >= 0], columns[columns >= 0]
    every = max(1, -(-len(rows) // SAMPLE), -(-len(columns) // SAMPLE))
    spans = [slice(int(each.min()), int(each.max()) + 1, every) for each in (rows, columns)]
    return clean(part, part.read(slice(0, 1), *spans), nodata)


def _index_years(country) -> list[Finding]:
    years = range(int(tables.constant("drought_first_year")), country.cycle.last.last + 1)
    absent = [(year,) for year in years if year not in country.drought.index]
    if not absent:
        return []
    return [
        Finding(
            "warning" if len(absent) < len(years) else "error",
            "drought index",
            f"no index for {time_spans(absent, [(year,) for year in years])}",
            f"every year from {years[0]} to {years[-1]}",
            "Add the rasters of these years.",
            "10",
        )
    ]


def _index_values(section, where, stored) -> list[Finding]:
    """Whether the values, divided by the scale, are those of a standardised index."""

    def fits(scale):
        return (np.abs(stored) <= _LARGEST_INDEX * scale).mean() >= _MOST

    span = f"values from {stored.min():g} to {stored.max():g}"
    expected = f"values mostly between -{_LARGEST_INDEX} and {_LARGEST_INDEX}"
    scale = section.index_scale
    if not fits(scale) or (scale != 1 and np.abs(stored).max() <= _LARGEST_INDEX):
        other = next((each for each in (1, 10, 100, 1000, 10_000) if fits(each)), None)
        remedy = (
            f"Write drought: index_scale: {other}." if other else "Check that this is an index."
        )
        found = f"{span} with index_scale: {scale:g}"
        return [Finding("error", where, found, f"{expected} after the scale", remedy, "10")]
    if scale == 1 and stored.min() >= 0 and (stored == np.rint(stored)).all():
        remedy = "Give the index itself: its classes are made here."
        found = f"whole numbers from {stored.min():g} to {stored.max():g}, as of classes"
        return [Finding("warning", where, found, "an index such as the SPI", remedy, "10")]
    return []

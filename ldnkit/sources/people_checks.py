"""A look at all people of a country before work starts: problems are told early, all at once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from ldnkit import blocks, tables
from ldnkit.findings import Finding, InputError
from ldnkit.periods import closest_year
from ldnkit.places import touching
from ldnkit.shapes import Coverage, Polygons
from ldnkit.sources import census, people

#: Rows and columns of the thinned-out picture that is looked at.
_SAMPLE = 400
#: People in one cell that no city has: a fill value.
_TOO_MANY = 1e8
#: Official figures this many years away do not stop the work.
_NEAR_YEARS = 5
#: Women and men may differ from the total by this share, from rounding in the cells.
_ROUNDING = 1e-3
#: Mean people per cell below which whole numbers lose too many.
_SPARSE = 10
#: Cells of a grid up to which parts of cells at the boundary are counted.
_SMALL = 250_000


def look(country) -> list[Finding]:
    """Findings about rasters or census, and about their totals; see :func:`people.look`."""
    section = country.population
    if section is None:
        return []
    figures, findings = census.official(country)
    findings = list(findings)
    if not section.files and section.table is None:
        return findings  # official totals alone: enough for the country profile
    findings += _census(country) if section.table is not None else _rasters(country)
    if any(finding.severity == "error" for finding in findings):
        return findings
    findings += _sum_of_sexes(country)
    if figures.empty:
        remedy = "Give population: national (year, total, female, male in thousands)."
        found, expected = "no official figures", "figures that tell a wrong unit from a right one"
        return [*findings, _finding("info", "population", found, expected, remedy)]
    for year in _ends(people.population_years(country)):
        for sex in dict.fromkeys(("total", *people.sexes(country))):
            if sex == "total" or not section.sex_ratio:
                persons = total(country, sex, year)
                findings += against_official(country, figures, sex, year, persons)
    return findings


def _ends(years) -> list[int]:
    """The first and the last year."""
    return sorted({years[0], years[-1]}) if len(years) else []


def _finding(severity, where, found, expected, remedy) -> Finding:
    return Finding(severity, where, found, expected, remedy, "09")


# -------------------------------------------------------------------------------- totals


def total(country, sex, year, *, unit=None, counts=None) -> float:
    """People inside the boundary, by the cells of the population itself.

    ``unit`` takes the values for counts or densities, whatever the country file says.
    """
    counts = people.counts_input(country, sex, year) if counts is None else counts
    counts = counts if unit is None else replace(counts, unit=unit)
    grid = people.population_grid(country)
    boundary, crs = country.boundary.geometry.union_all(), country.boundary.crs.to_wkt()
    small = grid.shape[0] * grid.shape[1] <= _SMALL
    inside = Coverage(boundary, crs) if small else Polygons((boundary,), crs, outside=0)
    return float(
        sum(
            np.nansum(counts.read(block) * inside.read(block))
            for _, _, block in blocks.windows(grid)
        )
    )


def against_official(country, figures, sex, year, persons) -> list[Finding]:
    """Whether the people of the maps agree with the official figure of the closest year.

    Parameters
    ----------
    country : Country
    figures : DataFrame
        From :func:`ldnkit.sources.people.national_figures`.
    sex, year : str, int
    persons : float
        People inside the country by the maps or the census.
    """
    given = figures.dropna(subset=sex).set_index("year")[sex]
    given = given[given > 0]
    if given.empty:
        return []
    near = closest_year(year, given.index)
    off = (persons / given[near] - 1) * 100
    if abs(off) <= tables.constant("population_tolerance"):
        return []
    where = f"population {year}, {sex}"
    found = f"{persons:,.0f} people, {abs(off):,.0f} % {'more' if off > 0 else 'less'}"
    expected = f"about {given[near]:,.0f}, the official figure of {near}"
    remedy = _why(country, sex, year, persons, given[near])
    severity = "error" if abs(near - year) <= _NEAR_YEARS else "warning"
    return [_finding(severity, where, found, expected, remedy)]


def _why(country, sex, year, persons, wanted) -> str:
    """What would explain the difference: the other unit, thousands, or the wrong files."""
    section, tolerance = country.population, tables.constant("population_tolerance") / 100
    if section.table is None:
        other = "density" if section.unit == "counts" else "counts"
        meant = {"density": "persons per km²", "counts": "persons per cell"}
        otherwise = total(country, sex, year, unit=other)
        told = f"If the values are {meant[other]}, it would be {otherwise:,.0f} people"
        if abs(otherwise / wanted - 1) <= tolerance:
            return f"{told}, which fits: write unit: {other} in {country.path.name}."
        told += f" (unit: {other}). "
    else:
        told = ""
    for factor in (1000, 1 / 1000):
        if abs(persons * factor / wanted - 1) <= tolerance:
            return told + "Official figures are in thousands, rasters and census in persons."
    if persons == 0:
        return told + "Check the place of the files: none of their people is in the country."
    return told + "Check the files, the year, the boundary and the official figures."


def _sum_of_sexes(country) -> list[Finding]:
    """Women and men against rasters of all people, where both are given."""
    files, section = country.population.files, country.population
    if not {"total", "female", "male"} <= set(files):
        return []
    years = sorted(set(people.population_years(country)) & set(files["total"]))
    findings = []
    for year in _ends(years):
        paths = tuple(files["total"][year])
        alone = people.Counts(paths, section.unit, section.nodata)
        both, whole = total(country, "total", year), total(country, "total", year, counts=alone)
        off = abs(both - whole) / max(whole, 1)
        if off > _ROUNDING:
            severe = off * 100 > tables.constant("population_tolerance")
            found = f"{both:,.0f} women and men, but {whole:,.0f} people in total"
            remedy = "Women and men are used. Check that all files have one source."
            findings.append(
                _finding(
                    "error" if severe else "warning",
                    f"population {year}",
                    found,
                    "the same number",
                    remedy,
                )
            )
    return findings


# -------------------------------------------------------------------------------- rasters


def _rasters(country) -> list[Finding]:
    section, findings = country.population, []
    for sex, files in section.files.items():
        for year, paths in files.items():
            for path in paths:
                findings += _raster(country, f"population {year}, {sex}", Path(path))
    if not findings and not section.files:
        remedy = "Add female and male, or total, or districts and a table."
        found = "no people by cell"
        findings.append(_finding("warning", "population", found, "rasters or a census", remedy))
    return findings


def _raster(country, what, path) -> list[Finding]:
    import rasterio
    from rasterio.errors import RasterioIOError

    where = f"{what} ({path.name})"
    try:
        with rasterio.open(path) as source:
            if source.crs is None:
                remedy = "Assign one in your GIS and save the file again."
                found, expected = "no coordinate reference system", "a georeferenced raster"
                return [_finding("error", where, found, expected, remedy)]
            shape = tuple(max(min(size, _SAMPLE), 1) for size in source.shape)
            sample = source.read(1, out_shape=shape)
            fills = [source.nodatavals[0], *country.population.nodata]
            scaled = (source.scales[0], source.offsets[0]) != (1, 0)
            bands = source.count
    except RasterioIOError as error:
        found = f"a file that does not open ({error})"
        remedy = "Copy it again from its source, or export it as GeoTIFF."
        return [_finding("error", where, found, "a raster file", remedy)]
    if not touching(people.own_grid(path), country.grid):
        found, expected = "a raster that does not touch the country", "one that covers it"
        remedy = "Check the file and its georeference."
        return [_finding("error", where, found, expected, remedy)]
    findings = _values(country, where, sample, fills)
    if scaled:
        found, remedy = "values with a scale or an offset", "Export the raster as plain numbers."
        findings.append(_finding("error", where, found, "persons", remedy))
    if bands > 1:
        found, remedy = f"{bands} bands", "Only the first is read; give one file per group."
        findings.append(_finding("warning", where, found, "one band", remedy))
    return findings


def _values(country, where, sample, fills) -> list[Finding]:
    valid = sample[people.known(sample, fills)]
    if not valid.size:
        found, remedy = "no value in a sample of the raster", "Check that this is the right file."
        return [_finding("warning", where, found, "people", remedy)]
    strange = valid[(valid < 0) | (valid > _TOO_MANY)]
    if strange.size:
        value = strange[0]
        remedy = (
            f"If this is a fill value, write population.nodata: [{value:g}] in "
            f"{country.path.name}, or declare it in the file."
        )
        found = f"{value:g} in {strange.size / sample.size * 100:.1f} % of the cells"
        return [_finding("error", where, found, "people: zero or more", remedy)]
    if valid.dtype.kind in "iu" and country.population.unit == "counts" and valid.mean() < _SPARSE:
        found, remedy = "whole persons per cell", "Use a raster with decimals where there is one."
        expected = "decimals: rounding loses people where few live"
        return [_finding("warning", where, found, expected, remedy)]
    return []


# -------------------------------------------------------------------------------- census


def _census(country) -> list[Finding]:
    section = country.population
    table, findings = census.table(country)
    findings = list(findings)
    where = f"population.districts ({section.districts.file.name})"
    try:
        districts, sums, (rows, _) = census.layout(country)
    except InputError as error:
        return [*findings, *error.findings]
    if findings and any(finding.severity == "error" for finding in findings):
        return findings
    names = set(districts.names)
    for year, people_of_year in table.groupby(level="year"):
        given = set(people_of_year.index.get_level_values("district"))
        for found, absent, severity, remedy in (
            ("no polygon", given - names, "error", "Use the keys of the polygons."),
            ("no row in the table", names - given, "warning", "Add rows: these cells are no data."),
        ):
            if absent:
                text = f"{found} for {_listed(absent)}"
                place = f"{section.table.name}, {year}"
                expected = "the same districts in both"
                findings.append(_finding(severity, place, text, expected, remedy))
    empty = table.index[table.isna().all(axis=1)]
    if len(empty):
        found = f"{len(empty)} rows without people"
        remedy = "Fill them: their districts are no data."
        findings.append(_finding("warning", section.table.name, found, "people", remedy))
    findings += _spread(districts, sums, rows, where, section)
    return findings


def _spread(districts, sums, rows, where, section) -> list[Finding]:
    """Districts that are spread in another way than most, or not at all."""
    cells, _, weight = sums
    names = np.array(districts.names, object)
    told = [
        ("warning", (cells == 0) & (rows < 0), "outside the country's grid", "inside it",
         "Their people are left out. Check the polygons and the boundary."),
        ("info", (cells == 0) & (rows >= 0), "smaller than a cell", "the centre of a cell",
         "Nothing to do: their people are put in one cell."),
    ]  # fmt: skip
    if section.weight is not None:
        told.append(
            ("warning", (cells > 0) & (weight == 0), "without any weight", "weights above zero",
             "Their people are spread by area. Check the weight raster.")
        )  # fmt: skip
    return [
        _finding(severity, where, f"districts {text}: {_listed(names[here])}", expected, remedy)
        for severity, here, text, expected, remedy in told
        if here.any()
    ]


def _listed(names) -> str:
    names = sorted(map(str, names))
    return ", ".join(names[:10]) + (f" and {len(names) - 10} more" if len(names) > 10 else "")

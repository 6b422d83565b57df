"""All tables of SO4-2 and SO4-3 from a team's files, and a look at the files before."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ldnkit.biodiversity.assessments import examined
from ldnkit.biodiversity.coverage import covered, means
from ldnkit.biodiversity.polygons import NOTEBOOK, Polygons
from ldnkit.biodiversity.red_list import counts_of, index_of
from ldnkit.biodiversity.sites import prepared_protected, prepared_sites
from ldnkit.country_file.forms_layers import KeyBiodiversityAreas, Species
from ldnkit.findings import Finding, InputError, listed
from ldnkit.periods import years_between
from ldnkit.polygons import tidy


def compute_red_list(
    section, *, extinct_at_first: str = "counted"
) -> tuple[dict[str, pd.DataFrame], list[Finding]]:
    """Everything that SO4-2 needs, as plain tables.

    Parameters
    ----------
    section : Species, path or DataFrame
        The section ``species`` of a country, or its assessments.
    extinct_at_first : {"counted", "left_out"}
        As for :func:`red_list_index`.

    Returns
    -------
    tables : dict of DataFrame
        red_list: year, value, lower, upper, species, data_deficient. species: species, year,
        category, share, as they were read. categories: year, category, species (how many).
    findings : list of Finding
        Warnings and remarks.

    Raises
    ------
    InputError
        Every problem of the assessments.

    Examples
    --------
    >>> found, findings = compute_red_list("species/assessments.csv")  # doctest: +SKIP
    """
    table, findings = examined(_assessments(section))
    _stop(findings)
    index = index_of(table, findings, extinct_at_first)
    found = index.attrs.pop("findings")
    return {"red_list": index, "species": table, "categories": counts_of(table)}, found


def _assessments(section):
    return section.assessments if isinstance(section, Species) else section


def compute_coverage(
    section: KeyBiodiversityAreas, country, *, unknown_year: str = "last"
) -> tuple[dict[str, pd.DataFrame], list[Finding]]:
    """Everything that SO4-3 needs, as plain tables.

    Parameters
    ----------
    section : KeyBiodiversityAreas
        The section ``key_biodiversity_areas`` of a country.
    country : Country
        Gives the years of the report, and the boundary that the sites should touch.
    unknown_year : {"last", "all", "none"}
        As for :func:`protected_coverage`.

    Returns
    -------
    tables : dict of DataFrame
        protected_areas: year, value (percent), lower, upper, sites. sites: site, year, area_km2,
        covered_km2, share (percent), lower, upper.
    findings : list of Finding
        Warnings and remarks.

    Raises
    ------
    InputError
        Every problem of the two files; fewer than half of the sites touch the country.

    Examples
    --------
    >>> section = country.key_biodiversity_areas                     # doctest: +SKIP
    >>> found, findings = compute_coverage(section, country)         # doctest: +SKIP
    """
    sites, areas, designated, findings = _prepared(section, country, unknown_year)
    _stop(findings)
    cycle = country.cycle
    years = list(years_between(cycle.baseline.first, cycle.last.last))
    table = covered(sites, areas, designated, years, unknown_year)
    if not table["covered_km2"].any():
        found = "no protected area inside a site"
        remedy = "Check that both files show the same country."
        where = "key_biodiversity_areas"
        finding = Finding("warning", where, found, "some that overlap", remedy, NOTEBOOK)
        findings = [*findings, finding]
    return {"protected_areas": means(table), "sites": table}, findings


def _prepared(section: KeyBiodiversityAreas, country, unknown_year: str = "last"):
    """Sites, protected areas, their years, and every problem found in both."""
    where = "key_biodiversity_areas"
    sites = prepared_sites(
        section.sites, section.sites_key, f"{where}: sites ({section.sites.file.name})"
    )
    areas, designated = prepared_protected(
        section.protected,
        section.protected_year,
        section.protected_key,
        unknown_year,
        f"{where}: protected ({section.protected.file.name})",
    )
    findings = [*sites.findings, *areas.findings, *_abroad(sites, country, section)]
    return sites, areas, designated, findings


def _abroad(sites: Polygons, country, section: KeyBiodiversityAreas) -> list[Finding]:
    """Sites that do not touch the country: a warning, and an error when they are the most."""
    import shapely

    if not len(sites.shapes):
        return []
    (boundary,) = tidy(np.array(country.boundary.geometry.array, object))
    shapely.prepare(boundary)
    outside = np.array(sites.names, object)[~shapely.intersects(boundary, sites.shapes)]
    if not len(outside):
        return []
    where = f"key_biodiversity_areas: sites ({section.sites.file.name})"
    found = f"{len(outside)} of {len(sites.names)} sites outside the country: {listed(outside)}"
    if 2 * len(outside) > len(sites.names):
        remedy = "Give the sites of your country only, and check the boundary."
        return [Finding("error", where, found, "sites of the country", remedy, NOTEBOOK)]
    remedy = "They are counted. Take them out of the file if they belong to another country."
    return [Finding("warning", where, found, "sites that touch it", remedy, NOTEBOOK)]


def _stop(findings: list[Finding]) -> None:
    errors = [finding for finding in findings if finding.severity == "error"]
    if errors:
        raise InputError(errors)


def look(country, indicator: str | None = None) -> list[Finding]:
    """Every problem of a country's assessments and polygons, before the work starts.

    Parameters
    ----------
    country : Country
    indicator : {"red_list", "protected_areas"}, optional
        One of the two; both by default.

    Returns
    -------
    list of Finding
        Empty when the country file has neither section.
    """
    findings: list[Finding] = []
    if indicator in (None, "red_list") and country.species is not None:
        findings += examined(_assessments(country.species))[1]
    section = country.key_biodiversity_areas
    if indicator in (None, "protected_areas") and section is not None:
        findings += _prepared(section, country)[-1]
    return findings

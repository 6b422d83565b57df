"""How much of each key biodiversity area is protected, year by year."""

from __future__ import annotations

from collections.abc import Iterable
from numbers import Integral

import numpy as np
import pandas as pd

from ldnkit.biodiversity.polygons import Polygons
from ldnkit.biodiversity.sites import prepared_protected, prepared_sites
from ldnkit.findings import InputError, stop_on_errors
from ldnkit.polygons import area_km2, only_polygons

#: What may be done with protected areas whose year of designation is not known.
UNKNOWN_YEAR = ("last", "all", "none")
#: Corners from which a protected area is divided before it is laid over sites.
_MANY_CORNERS = 2_000
#: Columns of the table of sites.
SITE_COLUMNS = ["site", "year", "area_km2", "covered_km2", "share", "lower", "upper"]


def protected_coverage(
    kbas,
    protected,
    *,
    years: Iterable[int],
    site: str | None = None,
    year: str | None = None,
    name: str | None = None,
    unknown_year: str = "last",
) -> pd.DataFrame:
    """Mean percentage of each key biodiversity area that is protected, by year.

    The share of a site is its area inside protected areas or OECMs designated by that year, over
    its whole area; where several overlap the land counts once. Every site counts the same, and is
    counted whole, also what lies outside the country.

    Parameters
    ----------
    kbas : GeoDataFrame or path
        Terrestrial key biodiversity areas: polygons (or points with their area in km² in
        ``reported_area_km2`` or ``REP_AREA``, which become circles). Any coordinate system, also
        across 180°.
    protected : GeoDataFrame or path
        Protected areas and OECMs, likewise. With a column STATUS only those that are designated,
        established, inscribed or adopted count.
    years : iterable of int
        Years of the table.
    site : str, optional
        Column that names a site; rows of one name are one site. By default ``site`` or those of
        the World Database (``SitRecID``, ``IntName``, ``NatName``); without one every row is a
        site.
    year : str, optional
        Column with the year of designation; by default ``designation_year`` or ``STATUS_YR``.
        Empty or 0 is not known.
    name : str, optional
        Column that names a protected area, for messages.
    unknown_year : {"last", "all", "none"}
        Protected areas of unknown year count in the last year only, in all years or in none. The
        official method draws a year for them by lot.

    Returns
    -------
    DataFrame
        year, value (percent), lower, upper, sites. Where the year of a protected area is not
        known: lower is without it, upper with it from the beginning; else both are NaN.
        ``attrs["findings"]`` has what was repaired, joined or left out.

    Raises
    ------
    InputError
        Every problem of the two files: no coordinate system, missing columns, text in years, no
        polygons.
    ValueError
        Years that are none, or an unknown word for ``unknown_year``.

    Warns
    -----
    UserWarning
        Polygons that were repaired or left out, years that are not known.

    References
    ----------
    Metadata of SDG indicator 15.1.2; UNCCD reporting manual, 2026 process, SO4-3.

    Examples
    --------
    >>> import geopandas, shapely
    >>> kbas = geopandas.GeoDataFrame(
    ...     {"site": ["a", "b"]}, geometry=[shapely.box(0, 0, 1, 1), shapely.box(2, 0, 3, 1)],
    ...     crs=4326)
    >>> parks = geopandas.GeoDataFrame(
    ...     {"designation_year": [2005]}, geometry=[shapely.box(0.5, 0, 1.5, 1)], crs=4326)
    >>> protected_coverage(kbas, parks, years=[2000, 2010])["value"].round(6).tolist()
    [0.0, 25.0]
    """
    options = {"site": site, "year": year, "name": name, "unknown_year": unknown_year}
    sites = site_coverage(kbas, protected, years=years, **options)
    table = means(sites)
    table.attrs["findings"] = sites.attrs["findings"]
    return table


def site_coverage(
    kbas,
    protected,
    *,
    years: Iterable[int],
    site: str | None = None,
    year: str | None = None,
    name: str | None = None,
    unknown_year: str = "last",
) -> pd.DataFrame:
    """The protected share of every site: what :func:`protected_coverage` takes the mean of.

    Returns
    -------
    DataFrame
        site, year, area_km2, covered_km2, share (percent), lower, upper (percent, NaN when all
        years of designation are known); sites in the order of the file.

    Raises
    ------
    InputError, ValueError
        As :func:`protected_coverage`.

    Examples
    --------
    >>> site_coverage("kba/sites.gpkg", "kba/protected.gpkg", years=[2023])  # doctest: +SKIP
    """
    years = checked_years(years)
    if unknown_year not in UNKNOWN_YEAR:
        raise ValueError(
            f"Unknown unknown_year: found {unknown_year!r}; use one of {', '.join(UNKNOWN_YEAR)}."
        )
    sites = prepared_sites(kbas, site)
    areas, designated = prepared_protected(protected, year, name, unknown_year)
    findings = [*sites.findings, *areas.findings]
    errors = [finding for finding in findings if finding.severity == "error"]
    if errors:
        raise InputError(errors)
    table = covered(sites, areas, designated, years, unknown_year)
    table.attrs["findings"] = stop_on_errors(findings)
    return table


def checked_years(years: Iterable[int]) -> list[int]:
    """Years in order, each once.

    Raises
    ------
    ValueError
        No year, or something that is none.
    """
    years = [years] if isinstance(years, Integral) else list(years)
    wrong = [year for year in years if not isinstance(year, Integral) or isinstance(year, bool)]
    if wrong or not years:
        found = ", ".join(map(repr, wrong)) or "none"
        raise ValueError(f"Years for the table: found {found}; give whole numbers such as 2023.")
    return sorted({int(year) for year in years})


def means(sites: pd.DataFrame) -> pd.DataFrame:
    """The mean over sites of every year: year, value, lower, upper, sites."""
    groups = sites.groupby("year", sort=True)
    table = groups[["share", "lower", "upper"]].mean().rename(columns={"share": "value"})
    return table.assign(sites=groups.size()).reset_index()


def covered(
    sites: Polygons,
    areas: Polygons,
    designated: np.ndarray,
    years: list[int],
    unknown_year: str = "last",
) -> pd.DataFrame:
    """Covered area and share of every site and year; ``designated`` is NaN where not known."""
    whole = area_km2(sites.shapes)
    pieces = _pieces(sites.shapes, areas.shapes)
    never, always = (_yearly(pieces, designated, whole, years, start) for start in (None, -np.inf))
    uncertain = bool(np.isnan(designated).any())
    chosen = {"last": never.copy(), "all": always, "none": never}[unknown_year]
    if unknown_year == "last":
        chosen[:, -1] = always[:, -1]
    count = len(years)
    table = pd.DataFrame(
        {
            "site": np.repeat(np.array(sites.names, object), count),
            "year": np.tile(years, len(whole)),
            "area_km2": np.repeat(whole, count),
            "covered_km2": chosen.ravel(),
        }
    )
    for column, area in (("share", chosen), ("lower", never), ("upper", always)):
        table[column] = (100 * area / whole[:, None]).ravel()
    if not uncertain:
        table[["lower", "upper"]] = np.nan
    return table[SITE_COLUMNS]


def _pieces(sites: np.ndarray, areas: np.ndarray) -> list[list[tuple[int, object]]]:
    """For every site the protected areas that touch it: their number, and what lies inside."""
    import shapely

    found: list[list[tuple[int, object]]] = [[] for _ in sites]
    parts = [_divided(shape) for shape in areas]
    owner = np.repeat(np.arange(len(areas)), [len(mine) for mine in parts])
    if not len(owner):
        return found
    shapes = np.array([part for mine in parts for part in mine], object)
    site, part = shapely.STRtree(shapes).query(sites, predicate="intersects")
    inside = only_polygons(shapely.intersection(sites[site], shapes[part]))
    for place in np.flatnonzero(shapely.area(inside) > 0):
        found[site[place]].append((int(owner[part[place]]), inside[place]))
    return found


def _divided(shape) -> list:
    """A polygon of very many corners in parts that touch: each overlay is short then."""
    import shapely

    if shapely.get_num_coordinates(shape) <= _MANY_CORNERS:
        return [shape]
    west, south, east, north = shape.bounds
    x, y = (west + east) / 2, (south + north) / 2
    halves = [(west, south, x, north), (x, south, east, north)]
    if north - south > east - west:
        halves = [(west, south, east, y), (west, y, east, north)]
    parts = only_polygons(shapely.intersection(shape, [shapely.box(*half) for half in halves]))
    corners = shapely.get_num_coordinates(parts)
    if max(corners) >= shapely.get_num_coordinates(shape):  # all of them in one place
        return [shape]
    return [small for part in parts if not part.is_empty for small in _divided(part)]


def _yearly(pieces, designated, whole, years, start) -> np.ndarray:
    """Covered area (site, year) in km²; ``start`` is the year of those without one."""
    if start is not None:
        designated = np.where(np.isnan(designated), start, designated)
    result = np.zeros((len(whole), len(years)))
    steps = []  # every union that has to be measured: site, years from here on, shape
    for site, mine in enumerate(pieces):
        dates = np.array([designated[area] for area, _ in mine], float)
        # the first year of the table that each piece counts in; NaN sorts last and never does
        first = np.searchsorted(years, dates, side="left")
        shape = None
        for place in sorted({int(place) for place in first if place < len(years)}):
            new = [piece for (_, piece), begins in zip(mine, first, strict=True) if begins == place]
            shape = _union(new if shape is None else [shape, *new])
            steps.append((site, place, shape))
    for (site, place, _), area in zip(steps, area_km2([shape for *_, shape in steps]), strict=True):
        result[site, place:] = area
    result = np.minimum(result, whole[:, None])  # no more than the site, to the last digit
    return np.maximum.accumulate(result, axis=1)


def _union(shapes: list):
    import shapely

    return shapes[0] if len(shapes) == 1 else shapely.union_all(shapes)

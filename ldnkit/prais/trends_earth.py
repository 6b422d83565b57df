"""The summaries that Trends.Earth hands to PRAIS (JSON), from the workbook's own results.

Everything is added up from the cross-tables. Areas of the sub-indicator land cover and of
``all_cover_types`` cover the whole country; those of ``non_water``, of SDG 15.3.1 and of the
status cover the land, as in the tables of the report.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd

from ldnkit import __version__
from ldnkit.country_file.layers import SEXES
from ldnkit.prais import trends_earth_land
from ldnkit.prais.inputs import Inputs
from ldnkit.prais.trends_earth_shapes import area_list, classes_of, population_list

__all__ = ["compare", "drought", "land_condition", "read_summary", "write"]


def land_condition(country, results: Mapping, *, date: datetime | None = None) -> dict:
    """The land condition summary, in the structure that PRAIS takes.

    Parameters
    ----------
    country : Country
    results : mapping
        Indicator -> Result: land_cover, productivity, soil, degradation; with exposure the
        people, too.
    date : datetime, optional
        When it was made; now by default.

    Returns
    -------
    dict
        JSON-ready: metadata, land_condition by period, affected_population by period. Areas in
        km² and stocks in tonnes are exact; people are whole numbers, rounded once as sums.
        Years are those of the maps used. What the results do not hold is an empty list or
        mapping: the transitions by productivity class need ``land_cover_first`` in the table
        ``productivity``; status and change of productivity and soil need the table
        ``sub_indicator_changes``.

    Raises
    ------
    KeyError
        A result that is needed is missing.

    References
    ----------
    Trends.Earth, land condition summary for UNCCD reporting.

    Examples
    --------
    >>> summary = land_condition(country, results)  # doctest: +SKIP
    >>> list(summary)  # doctest: +SKIP
    ['metadata', 'land_condition', 'affected_population']
    """
    inputs = Inputs(country, results)
    conditions = {
        period.name: {
            "period_assessment": trends_earth_land.assessment(inputs, period),
            "status_assessment": trends_earth_land.status(inputs, period),
            "change_assessment": trends_earth_land.change(inputs, period),
        }
        for period in country.cycle.periods
    }
    return {
        "metadata": metadata(country, "Land condition summary", date),
        "land_condition": conditions,
        "affected_population": trends_earth_land.people(inputs),
    }


def drought(country, results: Mapping, *, date: datetime | None = None) -> dict:
    """The drought summary: land by class, people by class, and the vulnerability index.

    Parameters
    ----------
    country : Country
    results : mapping
        drought, drought_exposure and vulnerability, as far as they are there.
    date : datetime, optional
        When it was made; now by default.

    Returns
    -------
    dict
        metadata and drought: ``tier_one`` (km² of land by class and year), ``tier_two`` (people
        by class, year and sex), ``tier_three`` (national index by year; 0 to 1).

    References
    ----------
    Trends.Earth, drought summary for UNCCD reporting.

    Examples
    --------
    >>> drought(country, results)["drought"]["tier_one"]["2023"]  # doctest: +SKIP
    """
    inputs = Inputs(country, results)
    names = classes_of("drought")
    tiers: dict[str, dict] = {"tier_one": {}, "tier_two": {}, "tier_three": {}}
    if "drought" in results:
        land = inputs.land(inputs.table("drought", "drought"))
        for year, part in land.groupby("year"):
            sums = part.groupby("drought")["area_km2"].sum()
            tiers["tier_one"][str(year)] = area_list("Area by drought class", sums, names)
    if "drought_exposure" in results:
        people = inputs.table("drought_exposure", "drought_exposure")
        for year, part in people.groupby("year"):
            sums = part.groupby("drought")[list(SEXES)].sum(min_count=1)
            found = population_list("Population by drought class", part, sums, names)
            tiers["tier_two"][str(year)] = found
    if "vulnerability" in results:
        index = inputs.table("vulnerability", "dvi")
        whole = index[(index["unit"] == "national") & (index["sex"] == "total")]
        for year, value in whole.dropna(subset="dvi").set_index("year")["dvi"].items():
            tiers["tier_three"][str(year)] = {"name": "Mean value", "value": float(value)}
    return {"metadata": metadata(country, "Drought summary", date), "drought": tiers}


def write(country, results: Mapping, folder: str | Path, *, date=None) -> list[Path]:
    """Write the summaries and the error polygons that Trends.Earth and PRAIS read.

    Parameters
    ----------
    country : Country
    results : mapping
        Indicator -> Result; what is not computed gives no file.
    folder : str or Path
        Files of the same name are replaced when the new ones are whole.
    date : datetime, optional
        When they were made; now by default.

    Returns
    -------
    list of Path
        ``land_condition_<ISO3>.json``, ``drought_<ISO3>.json`` and, for a country that gives
        error polygons, ``error_recode_<ISO3>.geojson``.

    Examples
    --------
    >>> write(country, results, "outputs/XLD/report/exchange")  # doctest: +SKIP
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    made = {}
    if "degradation" in results:
        made["land_condition"] = land_condition(country, results, date=date)
    if {"drought", "drought_exposure", "vulnerability"} & set(results):
        made["drought"] = drought(country, results, date=date)
    paths = []
    for name, content in made.items():
        path = folder / f"{name}_{country.iso3}.json"
        text = json.dumps(content, ensure_ascii=False, indent=1, allow_nan=False)
        part = path.with_name(f".{path.name}.part")
        part.write_text(text + "\n", encoding="utf-8")
        part.replace(path)
        paths.append(path)
    if getattr(country, "error_polygons", None) is not None:
        from ldnkit.sources.trends_earth import error_polygons

        path = folder / f"error_recode_{country.iso3}.geojson"
        frame = error_polygons.own(country.error_polygons)
        paths.append(error_polygons.write_error_polygons(frame, path, cycle=country.cycle.year))
    return paths


def metadata(country, title: str, date: datetime | None = None) -> dict:
    """Title, date, version and area of a summary."""
    import shapely
    from pyproj import CRS

    from ldnkit import polygons

    moment = (date or datetime.now(UTC)).strftime("%Y-%m-%dT%H:%M:%S+00:00")
    name = country.name("en")
    synthetic = " (fictional, synthetic training data)" if country.synthetic else ""
    boundary = getattr(country, "boundary", None)
    features = []
    if boundary is not None:
        shapes = polygons.tidy(boundary.geometry.to_crs(4326).to_numpy())
        features = [
            {"type": "Feature", "properties": {}, "geometry": json.loads(shapely.to_geojson(shape))}
            for shape in shapes
        ]
    return {
        "title": f"{title}: {name}{synthetic}",
        "date": moment,
        "trends_earth_version": {
            "version": f"ldnkit {__version__}",
            "revision": None,
            "release_date": moment,
        },
        "area_of_interest": {
            "name": f"{name}{synthetic}",
            "geojson": {"type": "FeatureCollection", "features": features},
            "crs_wkt": CRS(4326).to_wkt(),
        },
        "affected_areas_only": False,
    }


# --------------------------------------------------------------------------- comparison
def read_summary(path) -> pd.DataFrame:
    """Every figure of a summary: see :func:`ldnkit.sources.trends_earth.read_summary`."""
    from ldnkit.sources.trends_earth import summaries

    return summaries.read_summary(path)


def compare(summary, report) -> pd.DataFrame:
    """The tables of a report beside the figures of a summary: see ``trends_earth_compare``."""
    from ldnkit.prais import trends_earth_compare

    return trends_earth_compare.compare(summary, report)

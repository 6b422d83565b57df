"""Land condition in the shapes of Trends.Earth's summary, period by period."""

from __future__ import annotations

import pandas as pd

from ldnkit import tables
from ldnkit.country_file.layers import SEXES
from ldnkit.periods import closest_year
from ldnkit.prais.inputs import Inputs
from ldnkit.prais.trends_earth_shapes import (
    KM2,
    area_list,
    classes_of,
    cross_tab,
    matrix_of,
    names_of,
    nesting_of,
    population_list,
    values_by_year,
)
from ldnkit.tables import NODATA

SDG = "SDG Indicator 15.3.1"
#: Sub-indicators: column of the table ``sub_indicator_changes``, and their names.
SUB_INDICATORS = {"productivity": "Productivity", "land_cover": "Land cover",
                  "soil": "Soil organic carbon"}  # fmt: skip
CHANGES = {
    "sdg": "Land area by change in degradation status (one-out all-out layer)",
    "productivity": "Land area by change in land productivity degradation status",
    "land_cover": "Land area by change in land cover degradation status",
    "soil": "Land area by change in soil organic carbon degradation status",
}


def assessment(inputs: Inputs, period) -> dict:
    """What the period itself shows."""
    long = _of(inputs.table("degradation", "sub_indicators"), period)
    sdg = _by(inputs.land(long), "sdg")
    return {
        "sdg": {"summary": area_list(SDG, sdg, classes_of("change"))},
        "productivity": _productivity(inputs, period),
        "land_cover": _land_cover(inputs, period),
        "soil_organic_carbon": _soil(inputs, period),
        "error_recode": _error_recode(inputs, period),
        "sdg_error_recode": _recoded(inputs, period),
    }


def _of(long: pd.DataFrame, period) -> pd.DataFrame:
    return long[long["period"] == period.name]


def _by(long: pd.DataFrame, column: str | list[str]) -> pd.Series:
    return long.groupby(column)["area_km2"].sum()


def _summaries(inputs: Inputs, long: pd.DataFrame, column: str, name: str) -> dict:
    """Areas of all cells, and of those that are land in the last year of the period."""
    names = classes_of("change")
    return {
        "all_cover_types": area_list(name, _by(long, column), names),
        "non_water": area_list(name, _by(inputs.land(long), column), names),
    }


def _productivity(inputs: Inputs, period) -> dict:
    long = _of(inputs.table("productivity", "productivity"), period)
    crosses = []
    if "land_cover_first" in long:
        used = inputs.results["land_cover"].years
        first = int(used.get(period.land_cover[0], period.land_cover[0]))
        last = int(used.get(period.status_year, period.status_year))
        names = names_of(inputs)
        for code, name in classes_of("productivity").items():
            pairs = _by(long[long["lpd"] == code], ["land_cover_first", "land_cover"])
            crosses.append(cross_tab(name, pairs, names, first, last))
    return {
        "summaries": _summaries(inputs, long, "degradation", "Productivity"),
        "crosstabs_by_productivity_class": crosses,
    }


def _cover_years(inputs: Inputs, period) -> tuple[int, int]:
    """The years of the maps that stand for the first and the last year of a period."""
    used = inputs.results["land_cover"].years
    first, last = period.land_cover
    return int(used.get(first, first)), int(used.get(last, last))


def _land_cover(inputs: Inputs, period) -> dict:
    long = inputs.table("land_cover", "land_cover")
    ends = [f"land_cover_{year}" for year in period.land_cover]
    years = _cover_years(inputs, period)
    names = names_of(inputs)
    pairs = _by(long, ends)
    values = {
        year: long.groupby(column)["area_km2"].sum()
        for year, column in zip(years, ends, strict=True)
    }
    sums = _by(long, f"degradation_{period.name}")
    return {
        "summary": area_list("Land cover", sums, classes_of("change")),
        "legend_nesting": nesting_of(inputs),
        "transition_matrix": matrix_of(inputs),
        "crosstabs_by_land_cover_class": [
            cross_tab("Land area by land cover transition type", pairs, names, *years)
        ],
        "land_cover_areas_by_year": values_by_year(
            "Area by year by land cover class", KM2, values, names
        ),
    }


def _soil(inputs: Inputs, period) -> dict:
    long = _of(inputs.table("soil", "soil"), period)
    stocks = inputs.table("soil", "soil_stock")
    known = sorted(set(stocks["year"]))
    # the table of stocks has the years of SO1-3.T1: the closest one begins a reporting period
    wanted = sorted({closest_year(year, known) for year in period.land_cover}) if known else []
    used = inputs.results["soil"].years
    values = {
        int(used.get(year, year)): stocks[stocks["year"] == year]
        .groupby("land_cover")["stock_tonnes"]
        .sum()
        for year in wanted
    }
    return {
        "summaries": _summaries(inputs, long, "degradation", "Soil organic carbon"),
        "soc_stock_by_year": values_by_year(
            "Soil organic carbon by year by land cover class", "tonnes", values, names_of(inputs)
        ),
    }


def _error_recode(inputs: Inputs, period) -> dict | None:
    path = getattr(inputs.country, "error_polygons", None)
    if path is None:
        return None
    from ldnkit.sources.trends_earth import error_polygons

    frame = error_polygons.own(path)
    here = [period.name in periods for periods in frame["periods_affected"]]
    return error_polygons.feature_collection(frame[here], name=f"error_recode_{period.name}")


def _recoded(inputs: Inputs, period) -> dict | None:
    """Areas inside the error polygons of a period, after the corrections."""
    found = inputs.results["degradation"].tables.get("error_polygons")
    if found is None or not len(found):
        return None
    after = _of(found[found["stage"] == "after"], period)
    return area_list(f"{SDG} (error recode)", _by(after, "sdg"), classes_of("change"))


# --------------------------------------------------------------------- status and change
def status(inputs: Inputs, period) -> dict | None:
    """Status since the baseline, of every part; nothing for the baseline."""
    if period == inputs.cycle.baseline:
        return None
    names, since = classes_of("change"), "(progress since baseline)"
    long = inputs.table("degradation", "status")
    land = inputs.land(long, f"land_cover_{period.status_year}")
    found = {}
    for indicator, name in SUB_INDICATORS.items():
        pairs = _pairs(inputs, period, indicator)
        found[indicator] = (
            {}
            if pairs is None
            else _summaries(inputs, _with_status(pairs), "status", f"{name} {since}")
        )
    cover = found["land_cover"]
    return {
        "sdg": area_list(f"{SDG} {since}", _by(land, f"status_{period.name}"), names),
        "productivity": found["productivity"],
        "land_cover": cover["all_cover_types"],
        "soil_organic_carbon": found["soil"],
    }


def change(inputs: Inputs, period) -> dict | None:
    """Baseline assessment by period assessment, of every part; nothing for the baseline."""
    if period == inputs.cycle.baseline:
        return None
    names = classes_of("change")
    long = inputs.table("degradation", "status")
    land = inputs.land(long, f"land_cover_{period.status_year}")
    pairs = {"sdg": _by(land, ["sdg_baseline", f"sdg_{period.name}"])}
    for indicator in SUB_INDICATORS:
        table = _pairs(inputs, period, indicator)
        # land cover is told for the whole country, the others for the land, as in their summaries
        if table is not None and indicator != "land_cover":
            table = inputs.land(table)
        pairs[indicator] = None if table is None else _by(table, ["baseline", "assessment"])
    years = dict.fromkeys(("sdg", "productivity"), period.trend_years)
    years |= dict.fromkeys(("land_cover", "soil"), _cover_years(inputs, period))
    return {
        {"soil": "soil_organic_carbon"}.get(name, name): cross_tab(
            CHANGES[name], pairs[name], names, *years[name]
        )
        for name in ("sdg", *SUB_INDICATORS)
    }


def _pairs(inputs: Inputs, period, indicator: str) -> pd.DataFrame | None:
    """Areas by baseline and period assessment of a sub-indicator; None when not counted."""
    if indicator == "land_cover":
        long = inputs.table("land_cover", "land_cover")
        columns = {"degradation_baseline": "baseline", f"degradation_{period.name}": "assessment",
                   f"land_cover_{period.status_year}": "land_cover"}  # fmt: skip
        return long[[*columns, "area_km2"]].rename(columns=columns)
    if "sub_indicator_changes" not in inputs.results["degradation"].tables:
        return None
    long = inputs.table("degradation", "sub_indicator_changes")
    return _of(long[long["indicator"] == indicator], period)


def _with_status(pairs: pd.DataFrame) -> pd.DataFrame:
    """The status that the two assessments give; no data where either is missing."""
    known = tables.status_matrix().rename(columns={"period": "assessment"})
    joined = pairs.merge(known, on=["baseline", "assessment"], how="left")
    return joined.assign(status=joined["status"].fillna(NODATA).astype(int))


# -------------------------------------------------------------------------------- people
def people(inputs: Inputs) -> dict:
    """People by class, on water and without class together as no data."""
    if "exposure" not in inputs.results:
        return {}
    long = inputs.table("exposure", "exposure")
    by = inputs.country.parameters["population_exposed_by"]
    classes = long[f"{by}_class"].where(~long["land_cover"].isin(inputs.water), NODATA)
    long = long.assign(class_code=classes)
    found = {}
    for period in inputs.cycle.periods:
        part = long[long["year"] == period.status_year]
        sums = part.groupby("class_code")[list(SEXES)].sum(min_count=1)
        lists = population_list("Population by degradation class", part, sums, classes_of("change"))
        found[period.name] = {"summary": lists}
    return found

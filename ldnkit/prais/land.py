"""The tables of the forms CP, SO1-1, SO1-2 and SO1-3: land, cover, productivity, soil."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from ldnkit import tables
from ldnkit.periods import closest_year
from ldnkit.prais.inputs import Inputs, areas_by, matrix_of
from ldnkit.prais.report import DEGRADATION, DYNAMICS, TOTAL, Table, as_text

SIGNS = {-1: "−", 0: "0", 1: "+"}


def country_profile(inputs: Inputs, table: Table) -> None:
    """CP-1.T1: land, water and total area of the country."""
    _land_cover(inputs, table)
    long = inputs.table("land_cover", "land_cover")
    rows = {}
    for year in inputs.cycle.soil_years:
        land = inputs.land(long, f"land_cover_{year}")["area_km2"].sum()
        country = long["area_km2"].sum()
        used = table.used.get(str(year))
        rows[str(year)] = {
            "total_land_area": land,
            "water_bodies": country - land,
            "total_country_area": country,
            "comments": f"{used} used" if used else "",
        }
    table.frame = pd.DataFrame.from_dict(rows, orient="index").rename_axis("year")
    table.frame["comments"] = table.frame["comments"].astype(object)
    table.text = table.optional = ("comments",)
    table.period = as_text(rows)
    table.notes.append(
        "Water bodies are the land cover classes that nest in water bodies; all else is land."
    )


def key_processes(inputs: Inputs, table: Table) -> None:
    """SO1-1.T1: the degradation processes of the matrix that occur, with their area."""
    long = inputs.zoned(inputs.table("land_cover", "land_cover"))
    degrading = inputs.matrices[inputs.matrices["sign"] == -1]
    names = [period.name for period in inputs.periods]
    found = []
    for period in inputs.periods:
        first, last = (f"land_cover_{year}" for year in period.land_cover)
        area = long.groupby(["zone", first, last])["area_km2"].sum().rename("area")
        area = area.rename_axis(["zone", "from", "to"]).reset_index()
        found.append(degrading.merge(area[area["area"] > 0]).assign(period=period.name))
    rows = pd.concat(found)
    rows["process"] = rows["process"].replace("", "process.other")
    rows = rows.groupby(["process", "from", "to", "period"])["area"].sum().unstack("period")
    rows = rows.reindex(columns=names).fillna(0.0).reset_index()
    order = rows.assign(largest=-rows[names].max(axis=1))
    rows = rows.loc[order.sort_values(["largest", "process", "from", "to"]).index]
    table.frame = pd.DataFrame(
        {
            "process": rows["process"].tolist(),
            "starting_class": rows["from"].map(inputs.classes).tolist(),
            "ending_class": rows["to"].map(inputs.classes).tolist(),
        }
        | {f"{name}.area": rows[name].tolist() for name in names},
        index=pd.RangeIndex(1, len(rows) + 1, name="number"),
    )
    table.text = table.keyed = ("process", "starting_class", "ending_class")
    table.frame = table.frame.astype(dict.fromkeys(table.text, object))
    _land_cover(inputs, table)
    _both_periods(inputs, table, "land_cover")
    table.notes += [
        "Processes of the transition matrix that occur in the country; keep the key ones.",
        "The areas are a help and are not pasted.",
    ]


def legend(inputs: Inputs, table: Table) -> None:
    """SO1-1.T2: the national legend and the UNCCD classes it nests in."""
    rows = inputs.legend
    parents = tables.legend().set_index("code")["key"]
    table.frame = pd.DataFrame(
        {
            "code": rows["code"].astype(int).tolist(),
            "class_name": rows["key"].astype(object).tolist(),
            "unccd_class": rows["unccd"].map(parents).astype(object).tolist(),
        },
        index=pd.RangeIndex(1, len(rows) + 1, name="number"),
    )
    table.text = table.keyed = ("class_name", "unccd_class")
    table.sources = inputs.sources("land_cover")


def transition_matrix(inputs: Inputs, table: Table) -> None:
    """SO1-1.T3: sign and process of every transition, for every region."""
    keys = {code: key for code, key in inputs.classes.items() if code != tables.NODATA}
    parts = []
    for zone, region in inputs.regions.items():
        matrix = inputs.matrices[inputs.matrices["zone"] == zone]
        cells = {
            (row["from"], row["to"]): _meaning(row["sign"], row["process"])
            for row in matrix.to_dict("records")
        }
        index = pd.MultiIndex.from_product([[region], keys.values()], names=["region", "from_to"])
        values = [[cells.get((first, last), "0") for last in keys] for first in keys]
        parts.append(pd.DataFrame(values, index, list(keys.values()), dtype=object))
    table.frame = pd.concat(parts)
    table.text = table.keyed = tuple(keys.values())
    table.names |= {name: name for name in inputs.regions.values() if name != "whole_country"}
    table.sources = inputs.sources("land_cover")
    table.help = _region_areas(inputs)
    table.used = inputs.used("land_cover")
    table.notes += [
        "Rows: class of the first year. Columns: class of the last year. "
        "− degradation, 0 stable, + improvement.",
        f"{len(inputs.regions)} regions with a matrix each; their land adds up to total land."
        if len(inputs.regions) > 1
        else "One matrix for the whole country.",
    ]


def _meaning(sign: int, process: str) -> str:
    return "0" if sign == 0 else f"{process} ({SIGNS[sign]})".strip()


def _region_areas(inputs: Inputs) -> pd.DataFrame:
    """Land of every region in the last year; cells in no region have a row when there are any."""
    year = inputs.cycle.last.status_year
    long = inputs.zoned(inputs.table("land_cover", "land_cover"))
    land = inputs.land(long, f"land_cover_{year}")
    zones = land["zone"].where(land["zone"].isin(inputs.regions), 0)
    areas = areas_by(land.assign(zone=zones), "zone", inputs.regions | {0: "no_region"})
    if areas["no_region"] == 0:
        areas = areas.drop("no_region")
    return areas.rename(f"{year}.total_land_area").rename_axis("region").to_frame()


def land_cover_areas(inputs: Inputs, table: Table) -> None:
    """SO1-1.T4: area of every land cover class in every year."""
    long = inputs.table("land_cover", "land_cover")
    _land_cover(inputs, table)
    columns = {}
    for year in inputs.land_cover_years:
        shown = closest_year(year, inputs.years_of_cover)
        columns[str(year)] = areas_by(long, f"land_cover_{shown}", inputs.classes)
        if shown != year:
            table.used[str(year)] = table.used.get(str(shown), shown)
    table.frame = pd.DataFrame(columns).astype(float).rename_axis("land_cover_class")
    table.period = as_text(columns)


def change_in_baseline(inputs: Inputs, table: Table) -> None:
    """SO1-1.T5: land cover change matrix of the baseline."""
    _change(inputs, table, inputs.cycle.baseline)


def change_in_report(inputs: Inputs, table: Table) -> None:
    """SO1-1.T6: land cover change matrix of the reporting period."""
    _change(inputs, table, inputs.cycle.last)


def _change(inputs: Inputs, table: Table, period) -> None:
    first, last = (str(year) for year in period.land_cover)
    table.frame = matrix_of(
        inputs.table("land_cover", "land_cover"),
        f"land_cover_{first}",
        f"land_cover_{last}",
        inputs.classes,
        inputs.classes,
    ).rename_axis("from_to")
    table.fields = {"first_year": first, "last_year": last}
    table.period = f"{first} → {last}"
    _land_cover(inputs, table)
    table.notes.append(
        "Rows: class of the first year. Columns: class of the last year. "
        "The row and the column of no data are for checking."
    )


def land_cover_degradation(inputs: Inputs, table: Table) -> None:
    """SO1-1.T7: degraded, improved, stable, no data; share of the country area."""
    long = inputs.table("land_cover", "land_cover")
    layers = {period.name: (long, f"degradation_{period.name}") for period in inputs.periods}
    table.frame = _degradation(layers, "share_of_country")
    _land_cover(inputs, table)
    _both_periods(inputs, table, "land_cover")


def productivity_in_baseline(inputs: Inputs, table: Table) -> None:
    """SO1-2.T1: land productivity dynamics by land cover class, baseline."""
    _productivity(inputs, table, inputs.cycle.baseline)


def productivity_in_report(inputs: Inputs, table: Table) -> None:
    """SO1-2.T2: land productivity dynamics by land cover class, reporting period."""
    _productivity(inputs, table, inputs.cycle.last)


def _productivity(inputs: Inputs, table: Table, period) -> None:
    land = inputs.land(_of(inputs.table("productivity", "productivity"), period))
    table.frame = matrix_of(land, "land_cover", "lpd", inputs.land_classes, DYNAMICS).rename_axis(
        "land_cover_class"
    )
    table.fields = {"land_year": str(period.status_year)}
    table.period = str(period)
    table.used = inputs.used("productivity")
    table.sources = inputs.sources("productivity", "land_cover")
    table.notes.append(
        f"Land and its classes are those of {period.status_year}; water bodies are left out. "
        "The row of no data is land whose cover is not known."
    )


def productivity_degradation(inputs: Inputs, table: Table) -> None:
    """SO1-2.T3: productivity degradation; share of the total land area."""
    _land_degradation(inputs, table, "productivity")
    _both_periods(inputs, table, None)


def soil_degradation(inputs: Inputs, table: Table) -> None:
    """SO1-3.T2: soil organic carbon degradation; share of the total land area."""
    _land_degradation(inputs, table, "soil")
    _both_periods(inputs, table, "land_cover")


def _land_degradation(inputs: Inputs, table: Table, indicator: str) -> None:
    long = inputs.table(indicator, indicator)
    layers = {
        period.name: (inputs.land(_of(long, period)), "degradation") for period in inputs.periods
    }
    table.frame = _degradation(layers, "share_of_land")
    table.used = inputs.used(indicator)
    table.sources = inputs.sources(indicator, "land_cover")
    table.fields = {"subnational": "no"}
    first, last = (period.status_year for period in inputs.periods)
    table.notes.append(f"Land of {first} in the baseline, of {last} in the reporting period.")


def soil_stock(inputs: Inputs, table: Table) -> None:
    """SO1-3.T1: soil organic carbon stock by land cover class and year."""
    long = inputs.table("soil", "soil_stock")
    sums = long.groupby(["land_cover", "year"])[["stock_tonnes", "stock_area_km2"]].sum()
    hectares = sums["stock_area_km2"] * 100
    stock = (sums["stock_tonnes"] / hectares.where(hectares > 0)).unstack("year")
    keys = {code: key for code, key in inputs.classes.items() if code != tables.NODATA}
    stock = stock.reindex(index=list(keys), columns=list(inputs.cycle.soil_years))
    stock.index, stock.columns = list(keys.values()), [str(year) for year in stock.columns]
    table.frame = stock.astype(float).rename_axis("land_cover_class")
    table.period = as_text(stock.columns)
    table.used = inputs.used("land_cover", "soil")
    table.sources = inputs.sources("soil", "land_cover")
    table.fields = {"tier": str(inputs.country.soil.tier)}
    table.notes.append(
        "Mean stock of the topsoil, 0–30 cm, over the cells of the class that have a stock. "
        "An empty cell: the class has no cell with a stock."
    )


def _degradation(layers: Mapping, share: str) -> pd.DataFrame:
    frame = pd.DataFrame(index=[*DEGRADATION.values(), TOTAL])
    for name, (long, column) in layers.items():
        area = areas_by(long, column, DEGRADATION)
        frame[f"{name}.area"] = area
        frame[f"{name}.{share}"] = 100 * area / area[TOTAL] if area[TOTAL] else float("nan")
    return frame.rename_axis("class")


def _land_cover(inputs: Inputs, table: Table) -> None:
    table.used = inputs.used("land_cover")
    table.sources = inputs.sources("land_cover")


def _both_periods(inputs: Inputs, table: Table, part: str | None) -> None:
    table.spans = inputs.spans(part)
    table.period = as_text(table.spans[period.name] for period in inputs.periods)


def _of(long: pd.DataFrame, period) -> pd.DataFrame:
    return long[long["period"] == period.name]

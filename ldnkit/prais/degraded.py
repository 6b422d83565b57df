"""The tables of form SO1-4: degraded land, SDG 15.3.1."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ldnkit import polygons, tables
from ldnkit.prais.inputs import Inputs, matrix_of
from ldnkit.prais.report import DEGRADATION, Table, as_text
from ldnkit.sources import vectors

#: Columns of the layers of the cross-table -> key of the sub-indicator.
SUB_INDICATORS = {
    "land_cover_degradation": "land_cover",
    "productivity": "productivity",
    "soil": "soil",
}
#: Layers of the country file that SO1-4 draws on.
LAYERS = ("land_cover", "productivity", "soil")


def status_matrix(inputs: Inputs, table: Table) -> None:
    """SO1-4.T1: area of every pair of baseline and period assessment, on land."""
    last = inputs.cycle.last
    land = inputs.land(inputs.table("degradation", "status"), f"land_cover_{last.status_year}")
    table.frame = matrix_of(
        land, "sdg_baseline", f"sdg_{last.name}", DEGRADATION, DEGRADATION
    ).rename_axis("baseline_status")
    states = tables.status_matrix().set_index(["baseline", "period"])["status"]
    keys = list(DEGRADATION.values())
    table.help = pd.DataFrame(
        [
            [DEGRADATION[int(states.get((row, column), tables.NODATA))] for column in DEGRADATION]
            for row in DEGRADATION
        ],
        index=pd.Index(keys, name="status"),
        columns=keys,
        dtype=object,
    )
    table.period = as_text(inputs.periods)
    table.sources = inputs.sources(*LAYERS)
    table.keyed = tuple(keys)
    table.notes += [
        f"Rows: baseline. Columns: period assessment {last}. Land of {last.status_year}.",
        "No data on either side gives no data; that row and that column are for checking.",
        "The second table gives the status of every cell.",
    ]


def degraded_land(inputs: Inputs, table: Table) -> None:
    """SO1-4.T2: area and proportion of degraded land and its change since the baseline."""
    long = inputs.table("degradation", "status")
    baseline, last = inputs.cycle.baseline, inputs.cycle.last
    rows, helps = {}, {}
    for period in inputs.cycle.periods:
        layer = "sdg_baseline" if period is baseline else f"status_{period.name}"
        land = inputs.land(long, f"land_cover_{period.status_year}")
        total, area = land["area_km2"].sum(), _area(land, layer, -1)
        rows[str(period.status_year)] = {
            "degraded_area": area,
            "degraded_share": 100 * area / total if total else float("nan"),
        }
        helps[str(period.status_year)] = {
            "total_land_area": total,
            "no_data": _area(land, layer, tables.NODATA),
            "baseline_degraded": _area(land, "sdg_baseline", -1),
        }
    frame = pd.DataFrame.from_dict(rows, orient="index").rename_axis("year")
    first = str(baseline.status_year)
    for column, source in (("change_area", "degraded_area"), ("change_share", "degraded_share")):
        frame[column] = (frame[source] - frame.loc[first, source]).where(frame.index != first)
    used = _sub_indicators(inputs)
    frame["sub_indicators"], frame["method"] = as_text(used), "1oao"
    frame["confidence"] = ""
    table.text = table.keyed = ("sub_indicators", "method", "confidence")
    table.frame = frame.astype(dict.fromkeys(table.text, object))
    table.optional, table.answers = ("change_area", "change_share"), ("confidence",)
    table.help = pd.DataFrame.from_dict(helps, orient="index").rename_axis("year")
    table.help["through_water"] = (
        frame.loc[first, "degraded_area"] - table.help["baseline_degraded"]
    )
    table.period = as_text(rows)
    table.sources = inputs.sources(*LAYERS)
    table.notes += [
        f"Degraded in {first}: the baseline assessment. Later years: the status, each year "
        "combined with the baseline. Shares are percent of the total land of that year.",
        "Choose the confidence: high, medium or low.",
    ]
    if len(used) < len(SUB_INDICATORS):
        table.notes.append(f"{len(used)} of {len(SUB_INDICATORS)} sub-indicators are used.")
    changed = table.help.loc[str(last.status_year), "through_water"]
    if abs(changed) >= 10.0**-table.decimals / 2:
        table.notes.append(
            f"The baseline has {abs(changed):,.{table.decimals}f} km² "
            f"{'less' if changed > 0 else 'more'} degraded land on the land of "
            f"{last.status_year} than on the land of {first}, because water bodies changed."
        )


def _sub_indicators(inputs: Inputs) -> list[str]:
    """Sub-indicators with data in at least one cell."""
    long = inputs.table("degradation", "sub_indicators")
    return [
        name
        for column, name in SUB_INDICATORS.items()
        if column in long and (long[column] != tables.NODATA).any()
    ]


def _area(frame: pd.DataFrame, column: str, code: int) -> float:
    return float(frame.loc[frame[column] == code, "area_km2"].sum())


def false_positives_and_negatives(inputs: Inputs, table: Table) -> None:
    """SO1-4.T3: the team's polygons, their area, type and what the sub-indicators say there."""
    shares = [f"{name}.{what}.share" for name in SUB_INDICATORS.values() for what in CHANGES]
    text = ("location", "process", "basis", "type", "period_affected")
    columns = ["location", "area", "process", "basis", "type", "period_affected", *shares]
    found = inputs.results["degradation"].tables.get("error_polygons")
    rows = []
    if found is not None and len(found):
        attributes = _polygon_attributes(inputs.country)
        for number, polygon in found.groupby("polygon"):
            rows.append(_polygon_row(inputs, int(number), polygon, attributes))
    kinds = {column: object if column in text else float for column in columns}
    table.frame = pd.DataFrame(rows, columns=columns).astype(kinds)
    table.frame.index = pd.RangeIndex(1, len(rows) + 1, name="number")
    table.text, table.keyed = text, ("type",)
    table.answers, table.optional = ("location", "process", "basis"), tuple(shares)
    table.period = as_text(inputs.spans().values())
    table.sources = inputs.sources(*LAYERS)
    table.notes += [
        "False positive: the method says not degraded, but the land is. "
        "False negative: the method says degraded, but the land is not.",
        "The area is that of the polygon on the ellipsoid. Shares are those of the cells whose "
        "centre lies inside, as the sub-indicators show them before the correction.",
    ]


#: What is counted inside a polygon.
CHANGES = {"degraded": -1, "improved": 1}


def _polygon_row(inputs: Inputs, number: int, polygon: pd.DataFrame, attributes) -> dict:
    before = polygon[polygon["stage"] == "before"]
    # a polygon has cells only in the periods that it affects
    affected = [
        period.name for period in inputs.cycle.periods if (polygon["period"] == period.name).any()
    ]
    shown = before[before["period"] == affected[-1]]
    given = attributes.get(number, {})
    cells = shown["area_km2"].sum()
    row = {
        "location": given.get("location_name", ""),
        "area": given.get("area_km2") or cells,  # a row without a polygon has no area of its own
        "process": given.get("process_driving_change", ""),
        "basis": given.get("basis_for_judgement", ""),
        "type": as_text(_types(polygon)),
        "period_affected": as_text(inputs.spans()[name] for name in affected),
    }
    for column, name in SUB_INDICATORS.items():
        for what, code in CHANGES.items():
            share = 100 * _area(shown, column, code) / cells if cells else float("nan")
            row[f"{name}.{what}.share"] = share
    return row


def _types(polygon: pd.DataFrame) -> list[str]:
    """False positive when degraded land is added, false negative when it is taken away."""
    area = polygon.astype({"area_km2": float})
    sums = area.groupby(["stage", "sdg"])["area_km2"].sum().unstack("sdg", fill_value=0.0)
    sums = sums.reindex(index=["before", "after"], columns=list(DEGRADATION), fill_value=0.0)
    change = sums.loc["after"] - sums.loc["before"]
    if change[-1] > 0:
        return ["false_positive"]
    if change[-1] < 0:
        return ["false_negative"]
    # between stable and improved: the method saw too much or too little improvement
    if change[1] != 0:
        return ["false_positive" if change[1] < 0 else "false_negative"]
    return []


def _polygon_attributes(country) -> dict[int, dict]:
    """Polygon number -> its attributes and ``area_km2``, numbered from 1 as in their file."""
    if country.error_polygons is None:
        return {}
    import pyogrio

    frame = pyogrio.read_dataframe(country.error_polygons)
    shapes = polygons.tidy(polygons.to_degrees(np.array(frame.geometry.array, object), frame.crs))
    plain = frame.drop(columns="geometry").astype(object)
    plain["area_km2"] = polygons.area_km2(shapes)
    records = plain.where(plain.notna(), "").to_dict("records")
    return dict(enumerate(records, 1))


#: Columns of the hotspot and brightspot forms.
SPOT_COLUMNS = (
    "location",
    "area",
    "assessment_process",
    "direct_drivers",
    "indirect_drivers",
    "actions_taken",
    "actions_planned",
    "polygon",
)


def hotspots(inputs: Inputs, table: Table) -> None:
    """SO1-4.T4: the form, with candidates where some were proposed."""
    _spots(inputs, table, "hotspots")


def brightspots(inputs: Inputs, table: Table) -> None:
    """SO1-4.T5: the form, with candidates where some were proposed."""
    _spots(inputs, table, "brightspots")


def _spots(inputs: Inputs, table: Table, name: str) -> None:
    candidates = inputs.results["degradation"].tables.get(name)
    named = vectors.spots(inputs.country, name)
    if named is not None:
        candidates = named.drop(columns="geometry").assign(polygon=named["uuid"])
    rows = [] if candidates is None else candidates.to_dict("records")
    text = tuple(column for column in SPOT_COLUMNS if column != "area")
    frame = pd.DataFrame(
        [
            {column: row.get(column, "") for column in SPOT_COLUMNS} | {"area": row["area_km2"]}
            for row in rows
        ],
        columns=list(SPOT_COLUMNS),
    ).astype(dict.fromkeys(text, object) | {"area": float})
    frame.index = pd.RangeIndex(1, len(frame) + 1, name="number")
    table.frame, table.text = frame, text
    table.answers = tuple(column for column in text if column != "polygon")
    table.optional = ("polygon",)
    table.period = str(inputs.cycle.last)
    table.sources = inputs.sources(*LAYERS)
    table.notes.append(_said_of_spots(rows, named is not None))


def _said_of_spots(rows: list, named: bool) -> str:
    if named and rows:
        return (
            "Areas named by the team. The area is that of the polygon on the ellipsoid; draw or "
            "load the same polygon on the platform."
        )
    if named:
        return "The file of these areas holds no polygon."
    if rows:
        return "Candidates are proposed by size; the team decides which are reported."
    return "The team names these areas; candidates can be proposed in notebook 06."

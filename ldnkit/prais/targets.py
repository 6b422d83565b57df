"""The tables of voluntary targets and of actions: SO1-VT, SO1-IA, SO2-VT, SO3-VT, SO4-VT."""

from __future__ import annotations

from functools import partial

import pandas as pd

from ldnkit.prais.inputs import Inputs
from ldnkit.prais.report import DEGRADATION, Table, as_text
from ldnkit.targets import links_of

#: Columns of SO1-VT.T1; those of the other objectives have no place, area, type or commitment.
TEXT = ("target_text", "year", "level", "location", "type", "status", "commitment", "links")
TEXT += ("change", "revision", "comments")
COLUMNS = ("target_text", "year", "level", "location", "area", *TEXT[4:])
OTHERS = ("target_text", "year", "level", "status", "links", "change", "revision", "comments")
KEYED = ("level", "type", "status", "commitment", "change")
OPTIONAL = ("location", "area", "commitment", "links", "change", "revision", "comments")
ACTIONS = ("linked_target", "action", "location", "start_date", "area", "funding", "polygon")
ACTIONS += ("comments",)
#: What stands for "none".
NONE = "–"


def wanting(inputs: Inputs, table_id: str) -> str:
    """What to do first, when the lists hold nothing for a table."""
    if table_id == "SO1-IA.T1":
        empty = inputs.table("targets", "actions").empty
        return "Add actions to the section targets of country.yml." if empty else ""
    objective = table_id.partition("-")[0]
    if len(_register(inputs, objective)):
        return ""
    return f"Add targets of {objective} to the register, if there are any."


def _register(inputs: Inputs, objective: str) -> pd.DataFrame:
    """The targets of an objective; an empty cell is an empty text."""
    return _rows(inputs, "targets", objective)


def _rows(inputs: Inputs, name: str, objective: str | None = None) -> pd.DataFrame:
    rows = inputs.table("targets", name)
    rows = rows.astype(object).where(rows.notna(), "")
    return rows if objective is None else rows[rows["objective"] == objective]


def _targets(inputs: Inputs, table: Table, objective: str) -> None:
    """The targets of one objective, with what became of those of the last cycle."""
    rows = _register(inputs, objective)
    changes = _rows(inputs, "target_changes", objective).set_index("target")
    frame = pd.DataFrame(index=pd.Index(rows["target"].map(str), name="target_number"))
    for name in OTHERS:
        if name in rows:
            frame[name] = rows[name].map(str).tolist()
    frame["links"] = [as_text(links_of(row)) for row in rows.to_dict("records")]
    frame["change"] = changes["change"].reindex(frame.index).fillna("").tolist()
    made = changes["changed"].reindex(frame.index).fillna("")
    proposed = (frame["revision"] == "") & (made != "")
    frame["revision"] = frame["revision"].mask(proposed, made)
    table.frame = frame[list(OTHERS)].astype(object)
    table.text, table.keyed = OTHERS, KEYED
    table.optional, table.answers = OPTIONAL, ("status",)
    table.period = str(inputs.cycle.last)
    table.sources = inputs.sources("targets")
    table.notes += _notes(changes, frame.index[proposed])


def _notes(changes: pd.DataFrame, proposed: pd.Index) -> list[str]:
    """What the officer does with the rows that the platform has filled in."""
    notes = ["Linked goals: the most important one first, up to five."]
    if changes.empty:
        return notes
    for change, what in (
        ("edited", "Edit on the platform, with the revision text"),
        ("added", "Add on the platform"),
        ("removed", "Remove on the platform"),
    ):
        numbers = changes.index[changes["change"] == change]
        if len(numbers):
            notes.append(f"{what}: target {as_text(numbers)}.")
    if len(proposed):
        notes.append(
            f"The register has no revision text for target {as_text(proposed)}: what differs is "
            "listed instead. Say why."
        )
    return notes


def voluntary_targets(inputs: Inputs, table: Table) -> None:
    """SO1-VT.T1: the LDN targets, their place, area, type, status and links."""
    _targets(inputs, table, "SO1")
    rows, frame = _register(inputs, "SO1"), table.frame
    for name in ("location", "type", "commitment"):
        frame[name] = rows[name].map(str).tolist()
    stated = pd.to_numeric(rows["area_km2"], errors="coerce").set_axis(frame.index)
    measured = _measured(inputs, frame.index)
    national = frame["level"] == "national"
    own = measured["polygon_area"].where(stated.isna() & ~national)
    frame["area"] = stated.mask(national).fillna(own).astype(float)
    table.frame = frame[list(COLUMNS)]
    table.text, table.answers = TEXT, ("type", "status")
    if len(measured.dropna(how="all")):
        table.help = measured.assign(stated_area=stated)
    taken = own.index[own.notna()]
    if len(taken):
        table.notes.append(f"Area measured from the polygon: target {as_text(taken)}.")
    lost = stated.index[national & stated.notna()]
    if len(lost):
        text = "The platform asks for no area of a national target; left out: target"
        table.notes.append(f"{text} {as_text(lost)}.")
    if table.help is not None:
        table.notes.append(
            f"For checking: the area of each polygon, and the status of {inputs.cycle.last.last} "
            "on the land inside it. Polygons may overlap, so they do not add up."
        )


def _measured(inputs: Inputs, targets: pd.Index) -> pd.DataFrame:
    """Area of each polygon and status of the land in it, km²; NaN without a polygon."""
    polygons = _rows(inputs, "target_polygons")
    area = pd.Series(polygons["area_km2"].to_numpy(), polygons["target"].map(str), dtype=float)
    overlay = inputs.land(inputs.table("targets", "overlay"))
    keys = list(DEGRADATION.values())
    sums = (
        overlay.assign(target=overlay["target"].map(str), key=overlay["class"].map(DEGRADATION))
        .pivot_table("area_km2", "target", "key", "sum", fill_value=0.0)
        .reindex(columns=keys, fill_value=0.0)
        .astype(float)
    )
    table = pd.DataFrame({"polygon_area": area}).reindex(targets)
    table = table.join(sums.reindex(targets).fillna(0.0).where(table["polygon_area"].notna()))
    table.insert(1, "polygon_land", table[keys].sum(axis=1, min_count=1))
    return table


def targets_of(objective: str):
    """The function that fills SO2-VT.T1, SO3-VT.T1 or SO4-VT.T1."""
    return partial(_targets, objective=objective)


def actions(inputs: Inputs, table: Table) -> None:
    """SO1-IA.T1: implemented actions, the target each one serves, place, date, area, funding."""
    rows = _rows(inputs, "actions")
    frame = pd.DataFrame(index=pd.RangeIndex(1, len(rows) + 1, name="number"))
    names = {"linked_target": "target", "polygon": "polygon_name"}
    for name in ACTIONS:
        if name != "area":
            frame[name] = rows[names.get(name, name)].map(str).tolist()
    frame["linked_target"] = frame["linked_target"].replace("", NONE)
    frame["area"] = pd.to_numeric(rows["area_km2"], errors="coerce").astype(float).tolist()
    table.frame = frame[list(ACTIONS)]
    table.text = tuple(name for name in ACTIONS if name != "area")
    table.answers = ("location", "start_date", "area", "funding")
    table.optional = ("polygon", "comments")
    register = _register(inputs, "SO1")
    used = [name for name in dict.fromkeys(frame["linked_target"]) if name != NONE]
    texts = dict(zip(register["target"].map(str), register["target_text"], strict=True))
    table.notes += [f"Target {name}: {texts[name]}" for name in used if name in texts]
    table.period = str(inputs.cycle.last)
    table.sources = inputs.sources("targets")


#: Table id -> the indicator it needs and the function that fills it.
MAKERS = {
    "SO1-VT.T1": ("targets", voluntary_targets),
    "SO1-IA.T1": ("targets", actions),
    "SO2-VT.T1": ("targets", targets_of("SO2")),
    "SO3-VT.T1": ("targets", targets_of("SO3")),
    "SO4-VT.T1": ("targets", targets_of("SO4")),
}

"""All tables of the targets from a team's files, and what is said about their polygons."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

from ldnkit import tables
from ldnkit.findings import Finding, InputError, listed
from ldnkit.targets import scenario
from ldnkit.targets.carried import carry_over
from ldnkit.targets.columns import NOTEBOOK, keys
from ldnkit.targets.files import examine
from ldnkit.targets.polygons import examine_polygons

CHANGES = ["target", "objective", "change", "changed", "revision", "target_text"]
#: Share of a polygon, in percent, that may lie outside the country before it is said.
OUTSIDE = 1.0


@dataclass
class Gathered:
    """What the files of a section hold: tables, polygons (GeoDataFrame or None), problems."""

    tables: dict[str, pd.DataFrame]
    polygons: object = None
    findings: list[Finding] = field(default_factory=list)


def compute_tables(
    section, *, legend: pd.DataFrame | None = None, balance: pd.DataFrame | None = None
) -> tuple[dict[str, pd.DataFrame], list[Finding]]:
    """Everything that needs no raster: register, actions, changes, scenario, polygon areas.

    Parameters
    ----------
    section : Targets
        The section of the country file.
    legend : DataFrame, optional
        Land cover classes of the country, for the land types; by default the UNCCD classes.
    balance : DataFrame, optional
        Gains and losses so far, as :func:`ldnkit.targets.balance` gives them.

    Returns
    -------
    tables : dict of DataFrame
        targets and actions (as :func:`read_register` and :func:`read_actions`), target_changes
        (as :func:`carry_over`; empty without a register of the last cycle), target_polygons
        (target, area_km2 of the polygon itself), scenario (as :func:`read_scenario`), balance,
        counterbalance (as :func:`ldnkit.targets.counterbalance`).
    findings : list of Finding
        Warnings and remarks.

    Raises
    ------
    InputError
        Every problem of all files at once.

    Examples
    --------
    >>> found, findings = compute_tables(country.targets)  # doctest: +SKIP
    """
    found = gather(section, legend=legend, balance=balance)
    errors = [finding for finding in found.findings if finding.severity == "error"]
    if errors:
        raise InputError(errors)
    return found.tables, found.findings


def gather(section, *, legend=None, balance=None) -> Gathered:
    """The same with polygons and every problem, errors too."""
    legend = tables.legend() if legend is None else legend
    targets, findings = examine(section.register, "targets")
    actions, problems = _optional(section.actions, "actions")
    findings += problems
    previous, problems = _optional(section.previous, "targets")
    findings += problems
    polygons, problems = examine_polygons(section, targets["target"])
    findings += problems
    plan, problems = pd.DataFrame(columns=scenario.SCENARIO), []
    if section.scenario is not None:
        plan, problems = scenario.examine_scenario(section.scenario, legend)
    findings += problems
    found = {"targets": targets, "actions": actions}
    changes = pd.DataFrame(columns=CHANGES)
    if section.previous is not None:
        changes = carry_over(previous, targets)
        findings += changes.attrs.pop("findings")
    found["target_changes"] = changes
    found["target_polygons"] = _areas(polygons)
    found["scenario"] = plan
    found["balance"] = _none(scenario.BALANCE) if balance is None else balance
    found["counterbalance"] = _none(scenario.COUNTERBALANCE)
    if plan["land_type"].notna().all() and not plan["land_type"].empty:
        names = _names(legend)
        table = scenario.counterbalance(plan, balance)
        found["counterbalance"] = table
        findings += scenario.findings_of(plan, table, names, section.scenario.name)
    return Gathered(found, polygons, findings)


def _optional(path, sheet: str) -> tuple[pd.DataFrame, list[Finding]]:
    """A list that a team may leave out."""
    return examine(path, sheet) if path is not None else (_none(keys(sheet)), [])


def _none(columns) -> pd.DataFrame:
    return pd.DataFrame(columns=list(columns))


def _areas(polygons) -> pd.DataFrame:
    if polygons is None:
        return _none(["target", "area_km2"])
    return pd.DataFrame({"target": polygons["target"], "area_km2": polygons["area_km2"]})


def _names(legend: pd.DataFrame) -> dict[int, str]:
    return dict(zip(legend["code"].astype(int), legend["name"], strict=True))


def no_overlay() -> pd.DataFrame:
    """The overlay of a register without polygons."""
    return _none(["target", "land_cover", "class", "area_km2", "cells"])


def overlaid(found: pd.DataFrame, polygons) -> tuple[pd.DataFrame, list[Finding]]:
    """The overlay by target instead of polygon number, and polygons that it hardly meets.

    Parameters
    ----------
    found : DataFrame
        polygon (from 1), land_cover, class, area_km2, cells.
    polygons : GeoDataFrame
        As :func:`ldnkit.targets.polygons.examine_polygons` gives them.
    """
    names = dict(enumerate(polygons["target"], 1))
    table = found.rename(columns={"polygon": "target"})
    table["target"] = table["target"].map(names).astype(object)
    met = found.groupby("polygon")["area_km2"].sum()
    findings = []
    lost = [name for number, name in names.items() if number not in met.index]
    where = "targets: polygons"
    if lost:
        found_text = f"no cell of the country in the polygon of target {listed(lost)}"
        expected = "polygons larger than a cell, inside the country"
        remedy = "Check its place and its coordinate system, or draw it larger."
        findings.append(Finding("warning", where, found_text, expected, remedy, NOTEBOOK))
    for number, area in met.items():
        whole = polygons["area_km2"].iloc[number - 1]
        share = 100 * (1 - area / whole)
        cells = found.loc[found["polygon"] == number, "cells"].sum()
        if share > OUTSIDE + 100 / max(cells, 1) ** 0.5:  # not what cells on the edge explain
            said = f"{share:.1f} % of the polygon of target {names[number]} outside the country"
            remedy = "Cut it at the boundary; the tables count the cells inside the country."
            findings.append(Finding("warning", where, said, "inside it", remedy, NOTEBOOK))
    return table, findings

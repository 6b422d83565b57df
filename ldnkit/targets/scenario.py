"""Neutrality: gains and losses by land type, seen so far and anticipated, like for like."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import pandas as pd

from ldnkit import degradation, tables
from ldnkit.findings import Finding, closest, stop_on_errors
from ldnkit.targets import cells
from ldnkit.targets.columns import HIERARCHY, NOTEBOOK, columns, land_types
from ldnkit.targets.files import raw_rows
from ldnkit.team_sheets import plain

SCENARIO = ["land_type", "response", "anticipated_loss_km2", "anticipated_gain_km2"]
SCENARIO += ["counted_gain_km2", "net_km2", "note"]
BALANCE = ["land_type", "gains", "losses", "stable", "no_data", "net", "neutral"]
COUNTERBALANCE = ["land_type", "gains", "losses", "anticipated_gain", "anticipated_loss"]
COUNTERBALANCE += ["net_so_far", "net_anticipated", "net", "balanced", "neutral"]
#: km² below which a net counts as zero: figures are typed with few decimals.
SMALLEST = 1e-6


def read_scenario(path: str | Path, legend: pd.DataFrame | None = None) -> pd.DataFrame:
    """Anticipated losses and gains of a CSV or XLSX file, checked.

    Parameters
    ----------
    path : str or Path
        Columns land_type (code, key or name of a land cover class), anticipated_loss_km2 (land
        that will probably degrade in spite of the response), anticipated_gain_km2 (land that will
        improve), response (avoid, reduce or reverse), note.
    legend : DataFrame, optional
        Land cover classes of the country; by default the seven UNCCD classes.

    Returns
    -------
    DataFrame
        land_type (code), response, anticipated_loss_km2, anticipated_gain_km2, counted_gain_km2
        (zero in rows with the response avoid: an avoided loss is no gain), net_km2 (counted gain
        minus loss), note; within a land type in the order avoid, reduce, reverse.
        ``attrs["findings"]`` has the warnings.

    Raises
    ------
    InputError
        Every problem of the file: unknown land types and responses, figures that are none.

    References
    ----------
    Orr et al. (2017), Scientific Conceptual Framework for Land Degradation Neutrality:
    counterbalancing, like for like, response hierarchy.

    Examples
    --------
    >>> scenario = read_scenario("targets/anticipated.csv")  # doctest: +SKIP
    """
    table, findings = examine_scenario(path, legend)
    table.attrs["findings"] = stop_on_errors(findings)
    return table


def examine_scenario(path, legend=None) -> tuple[pd.DataFrame, list[Finding]]:
    """The scenario of a file with every problem found in it, errors too."""
    legend = tables.legend() if legend is None else legend
    rows, notes = raw_rows(path, "scenario")
    codes = rows["land_type"].map(lambda cell: land_types(legend).get(plain(cell)))
    if "land_type" in rows.attrs["given"]:
        expected = "a land cover class of the country"
        names = legend["key"].tolist()
        notes.cells(
            rows["land_type"][codes.isna()],
            "land_type",
            expected,
            lambda cell: closest(cell, names),
        )
    table = rows.assign(land_type=codes)
    choices = columns("scenario").set_index("key")["choices"]
    table["response"] = cells.chosen(rows["response"], "response", notes, choices["response"])
    for column in ("anticipated_loss_km2", "anticipated_gain_km2"):
        areas = cells.areas(rows[column], column, notes)
        table[column] = areas.fillna(0.0)  # nothing written: nothing is anticipated
        table[f"{column}_given"] = areas.notna()
    _weak(table, notes)
    is_gain = table["response"] != "avoid"
    table["counted_gain_km2"] = table["anticipated_gain_km2"].where(is_gain, 0.0)
    table["net_km2"] = _net(table["counted_gain_km2"], table["anticipated_loss_km2"])
    ranks = {response: rank for rank, response in enumerate(HIERARCHY)}
    rank = table["response"].map(lambda response: ranks.get(response, len(ranks)))
    table = table.assign(rank=rank).sort_values(["land_type", "rank"], kind="stable")
    if table["land_type"].notna().all():
        table["land_type"] = table["land_type"].astype(int)
    return table[SCENARIO].reset_index(drop=True), notes.findings


def _weak(table: pd.DataFrame, notes) -> None:
    """Rows without figures or response, and gains that are none."""
    given = table["anticipated_loss_km2_given"] | table["anticipated_gain_km2_given"]
    if not given.all():
        remedy = "Write the area, or delete the row."
        notes.add(table.index[~given], "", "no area", "a loss, a gain or both", remedy)
    silent = table.index[table["response"] == ""]
    if len(silent):
        remedy = "Say whether the loss is avoided or reduced, or other land is restored."
        expected = " or ".join(HIERARCHY)
        notes.add(silent, "response", "nothing", expected, remedy, "warning")
    avoided = table.index[(table["response"] == "avoid") & (table["anticipated_gain_km2"] > 0)]
    if len(avoided):
        found = "a gain with the response avoid, which is not counted"
        remedy = "An avoided loss is no gain: write the smaller loss, and gains in other rows."
        notes.add(avoided, "anticipated_gain_km2", found, "no gain", remedy, "warning")


def _net(gain: pd.Series, loss: pd.Series) -> pd.Series:
    """Gain minus loss; what is less than the last digit that can be typed is zero."""
    net = gain - loss
    return net.where(net.abs() >= SMALLEST, 0.0)


def balance(status: pd.DataFrame, *, period: str, year: int, water: Iterable[int] = ()):
    """Gains and losses of a reporting period by land type, on the land of its last year.

    Parameters
    ----------
    status : DataFrame
        The long table ``status`` of the indicator degradation.
    period : str
        Name of the reporting period: its assessment tells gains (improved) from losses (degraded).
    year : int
        Its last year, whose land cover decides what is land.
    water : iterable of int
        Codes of the classes that are water bodies.

    Returns
    -------
    DataFrame
        land_type (land cover class of the first year), gains, losses, stable, no_data, net
        (km²), neutral (the net is not negative).

    References
    ----------
    Orr et al. (2017), Scientific Conceptual Framework for Land Degradation Neutrality: like for
    like; :func:`ldnkit.degradation.neutrality`.

    Examples
    --------
    >>> long = pd.DataFrame({"land_type": [1, 1, 2], "land_cover_2023": [1, 1, 7],
    ...                      "sdg_report_2": [1, -1, -1], "area_km2": [3.0, 5.0, 9.0]})
    >>> balance(long, period="report_2", year=2023, water=[7])[["land_type", "net"]].values.tolist()
    [[1.0, -2.0]]
    """
    land = status[~status[f"land_cover_{year}"].isin(list(water))]
    table = degradation.neutrality_table(land.assign(status=land[f"sdg_{period}"]))
    names = {"improved": "gains", "degraded": "losses", "balance": "net"}
    return table.rename(columns=names)[BALANCE]


def counterbalance(scenario: pd.DataFrame, seen: pd.DataFrame | None = None) -> pd.DataFrame:
    """Whether anticipated gains make up for losses, in every land type.

    Parameters
    ----------
    scenario : DataFrame
        As :func:`read_scenario` gives it.
    seen : DataFrame, optional
        The gains and losses so far, as :func:`balance` gives them.

    Returns
    -------
    DataFrame
        By land type, km²: gains and losses so far, anticipated_gain (as counted) and
        anticipated_loss, net_so_far, net_anticipated, net of both; balanced (the anticipated net
        is not negative) and neutral (the net of both is not negative). Gains of one land type
        never make up for losses of another.

    Examples
    --------
    >>> plan = pd.DataFrame({"land_type": [1, 3], "anticipated_loss_km2": [5.0, 2.0],
    ...                      "counted_gain_km2": [4.0, 9.0]})
    >>> counterbalance(plan)[["land_type", "net_anticipated", "balanced"]].values.tolist()
    [[1, -1.0, False], [3, 7.0, True]]
    """
    names = {"counted_gain_km2": "anticipated_gain", "anticipated_loss_km2": "anticipated_loss"}
    planned = scenario.groupby("land_type")[list(names)].sum().rename(columns=names)
    if seen is None:
        seen = pd.DataFrame(columns=["land_type", "gains", "losses"])
    so_far = seen.set_index("land_type")[["gains", "losses"]].astype(float)
    table = planned.join(so_far, how="outer").fillna(0.0).astype(float)
    table["net_so_far"] = _net(table["gains"], table["losses"])
    table["net_anticipated"] = _net(table["anticipated_gain"], table["anticipated_loss"])
    table["net"] = _net(table["net_so_far"] + table["net_anticipated"], 0.0 * table["gains"])
    table["balanced"] = table["net_anticipated"] >= 0
    table["neutral"] = table["net"] >= 0
    table = table.rename_axis("land_type").reset_index()
    return table.astype({"land_type": int})[COUNTERBALANCE]


def messages(table: pd.DataFrame, names: Mapping[int, str]) -> list[str]:
    """What the counterbalancing says, one sentence per land type that is short, then the whole.

    Parameters
    ----------
    table : DataFrame
        As :func:`counterbalance` gives it.
    names : mapping
        Code of a land type -> its name.

    Examples
    --------
    >>> plan = pd.DataFrame({"land_type": [1], "anticipated_loss_km2": [5.0],
    ...                      "counted_gain_km2": [4.0]})
    >>> messages(counterbalance(plan), {1: "Tree-covered areas"})[0]
    'Tree-covered areas: anticipated losses exceed anticipated gains by 1.00 km².'
    """
    said = []
    for row in table.to_dict("records"):
        name = names.get(row["land_type"], row["land_type"])
        if not row["balanced"]:
            said.append(
                f"{name}: anticipated losses exceed anticipated gains by "
                f"{-row['net_anticipated']:,.2f} km²."
            )
        elif not row["neutral"]:
            said.append(
                f"{name}: the plan is balanced, but with the losses and gains so far (net "
                f"{row['net_so_far']:+,.2f} km²) losses exceed gains by {-row['net']:,.2f} km²."
            )
    if not said:
        return ["Gains make up for losses in every land type."]
    if not table["balanced"].all() and (total := table["net_anticipated"].sum()) >= 0:
        said.append(
            f"All land types together have an anticipated net of {total:+,.2f} km², but gains of "
            "one land type do not make up for losses of another (like for like)."
        )
    return said


def findings_of(scenario: pd.DataFrame, table: pd.DataFrame, names, where: str) -> list[Finding]:
    """Land types whose losses are not balanced, and plans that begin with the last response."""
    expected = "a net of zero or more in every land type"
    remedy = "First avoid and reduce losses; then plan gains in the same land type."
    findings = []
    if not (table["balanced"] & table["neutral"]).all():
        for said in messages(table, names):
            findings.append(Finding("warning", where, said.rstrip("."), expected, remedy, NOTEBOOK))
    losing = scenario[scenario["anticipated_loss_km2"] > 0]
    for code, rows in losing.groupby("land_type"):
        responses = set(scenario.loc[scenario["land_type"] == code, "response"]) - {""}
        if responses == {"reverse"}:
            found = f"{names.get(code, code)}: a loss of {rows['anticipated_loss_km2'].sum():,.2f}"
            found += " km² with no other response than to reverse"
            remedy = "Restoring costs more and takes longer: look first at what can be avoided."
            expected = "avoid first, then reduce, reverse last"
            findings.append(Finding("warning", where, found, expected, remedy, NOTEBOOK))
    return findings

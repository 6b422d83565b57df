"""Where a report stands: every table and every form with its state, findings and sources."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from ldnkit import tables
from ldnkit.findings import Finding
from ldnkit.prais import rules
from ldnkit.prais.breaches import place
from ldnkit.prais.definitions import definitions
from ldnkit.prais.report import Report, Table

#: States of a table or form, from what needs work first to what needs none.
STATES = ("missing", "to_complete", "open", "complete", "not applicable")
#: What stands for "none".
NONE = "–"
#: The form that repeats others for the affected area, and its notebook.
AFFECTED_AREA = ("AA", "15")
#: Columns of the overview of tables.
COLUMNS = (
    *("id", "form", "title_key", "requirement", "state", "completeness", "errors", "warnings"),
    *("findings", "source", "changed_cells", "last_change", "notebook"),
)
#: Columns of the overview of forms.
FORM_COLUMNS = (
    *("form", "title_key", "requirement", "state", "tables", "completeness", "errors"),
    *("warnings", "findings", "source", "changed_cells", "notebook"),
)


def overview(
    report: Report,
    findings: Sequence[Finding] | None = None,
    *,
    changes: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Every table of the process with its state.

    Parameters
    ----------
    report : Report
    findings : sequence of Finding, optional
        What :func:`ldnkit.prais.check` found; checked anew when left out.
    changes : DataFrame, optional
        What differs from an earlier report: table, row, column, …, because.

    Returns
    -------
    DataFrame
        One row per table, in the order of the platform: id, form, title_key; requirement
        (required, optional, voluntary or not applicable, for this kind of Party); state;
        completeness (percent of the required cells that are filled; NaN for an empty list and for
        a table that does not apply); errors, warnings, findings (both together); source
        (default, national, mixed or –); changed_cells (NaN without ``changes``) and last_change
        (why); notebook.

    Notes
    -----
    A table is ``missing`` when it is required and not there, ``to_complete`` when an error or a
    warning is open or a required cell is empty, ``open`` when nobody has written in it though it
    may be filled, ``complete``, or ``not applicable``.  A table that a Party opens although it
    does not apply is treated like any other.

    References
    ----------
    UNCCD reporting manual, 2026 process: requirements of the forms for each kind of Party.

    Examples
    --------
    >>> prais.overview(report).query("state == 'missing'")["id"].tolist()     # doctest: +SKIP
    ['SO3-3.T1']
    """
    findings = rules.check(report) if findings is None else list(findings)
    by_table: dict[str, list[Finding]] = {}
    for finding in findings:
        by_table.setdefault(place(finding)[0], []).append(finding)
    rows = []
    for table_id, definition in definitions().items():
        table = report.tables.get(table_id)
        if report.area == "affected" and table is None:
            continue  # the forms AA repeat only what is counted on maps
        row = {key: definition[key] for key in ("id", "form", "title_key", "notebook")}
        row["requirement"] = requirement(report, definition)
        row |= _counts(by_table.get(table_id, ()))
        filled, cells = _filled(report, table)
        row["state"] = _state(row, table, filled, cells)
        row["completeness"] = _percent(row["state"], table is not None, filled, cells)
        row["source"] = _source(table)
        row |= _changed(report.label(table_id), changes)
        rows.append(row)
    return pd.DataFrame(rows, columns=list(COLUMNS))


def forms_overview(
    report: Report,
    findings: Sequence[Finding] | None = None,
    *,
    changes: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Every form of the process with its state: the least complete one of its tables.

    Parameters
    ----------
    report, findings, changes
        As for :func:`overview`.

    Returns
    -------
    DataFrame
        One row per form, in the order of the platform: form, title_key, requirement, state,
        tables (there, of those it has, as text), completeness (mean of its tables, percent),
        errors, warnings, findings, source, changed_cells, notebook.
        SO4-1 has no tables of its own: its requirement says where it is reported.

    Examples
    --------
    >>> prais.forms_overview(report).set_index("form").loc["CP", "state"]     # doctest: +SKIP
    'complete'
    """
    found = overview(report, findings, changes=changes)
    rows = []
    for form in tables.read("forms").to_dict("records"):
        mine = found[found["form"] == form["form"]]
        if report.area == "affected" and mine.empty:
            continue
        required = "optional" if report.area == "affected" else form[report.country.party]
        row = {"form": form["form"], "title_key": form["title_key"], "requirement": required}
        row["notebook"] = AFFECTED_AREA[1] if form["form"] == AFFECTED_AREA[0] else NONE
        rows.append(row | _of_form(report, mine, required, found))
    return pd.DataFrame(rows, columns=list(FORM_COLUMNS))


def requirement(report: Report, definition: dict[str, Any]) -> str:
    """What a form asks of this kind of Party; the forms AA are optional."""
    if report.area == "affected":
        return "optional"
    return definition[f"required_{report.country.party}"]


def _counts(findings: Sequence[Finding]) -> dict[str, int]:
    count = {
        f"{severity}s": sum(finding.severity == severity for finding in findings)
        for severity in ("error", "warning")
    }
    return count | {"findings": sum(count.values())}


def _filled(report: Report, table: Table | None) -> tuple[int, int]:
    """Required cells that are filled, and their number."""
    if table is None or table.frame.columns.has_duplicates:
        return 0, 0
    filled = cells = 0
    for column in table.frame.columns.difference(list(table.optional), sort=False):
        for row, value in table.frame[column].items():
            if not rules.is_empty(value):
                filled, cells = filled + 1, cells + 1
            elif column in table.answers or not rules.may_be_empty(report, table, row, column):
                cells += 1
    return filled, cells


def _state(row: dict[str, Any], table: Table | None, filled: int, cells: int) -> str:
    if table is None:
        if row["requirement"] == "not applicable":
            return "not applicable"
        return "missing" if row["requirement"] == "required" else "open"
    if row["findings"] or filled < cells:
        return "to_complete"
    return "open" if _untouched(table) else "complete"


def _untouched(table: Table) -> bool:
    """Whether there is nothing in a table: no row, or only empty cells."""
    cells = [value for column in table.frame for value in table.frame[column]]
    return all(rules.is_empty(value) for value in cells)


def _percent(state: str, there: bool, filled: int, cells: int) -> float:
    """Percent of the required cells; an empty list and a table that does not apply have none."""
    if cells:
        return 100.0 * filled / cells
    if state == "complete":
        return 100.0
    return float("nan") if there or state == "not applicable" else 0.0


def _source(table: Table | None) -> str:
    found = sorted({source["source"] for source in table.sources}) if table is not None else []
    return "mixed" if len(found) > 1 else found[0] if found else NONE


def _changed(label: str, changes: pd.DataFrame | None) -> dict[str, Any]:
    """Number of cells that differ from the earlier report, and the reasons, each once."""
    if changes is None:
        return {"changed_cells": float("nan"), "last_change": ""}
    mine = changes[changes["table"] == label]
    reasons = mine["because"].dropna().astype(str) if "because" in mine else []
    said = "; ".join(dict.fromkeys(reason for reason in reasons if reason))
    return {"changed_cells": float(len(mine)), "last_change": said}


def _of_form(report: Report, mine: pd.DataFrame, required: str, found: pd.DataFrame) -> dict:
    """State and sums of the tables of one form."""
    if required.startswith("see "):
        other = found[found["form"] == required.removeprefix("see ")]
        return _of_form(report, other, "", found) | {"tables": NONE}
    if mine.empty:
        empty = {"state": "not applicable" if required == "not applicable" else "open"}
        empty |= {"tables": NONE, "completeness": float("nan"), "source": NONE}
        return empty | dict.fromkeys(("errors", "warnings", "findings"), 0)
    here = mine["id"].isin(report.tables)
    sources = {name for name in mine["source"] if name != NONE}
    return {
        "state": _worst(mine, here),
        "tables": f"{int(here.sum())}/{len(mine)}",
        "completeness": mine["completeness"].mean(),
        **{name: int(mine[name].sum()) for name in ("errors", "warnings", "findings")},
        "source": "mixed" if len(sources) > 1 else next(iter(sources), NONE),
        "changed_cells": mine["changed_cells"].sum(min_count=1),
        "notebook": ", ".join(dict.fromkeys(mine["notebook"])),
    }


def _worst(mine: pd.DataFrame, here: pd.Series) -> str:
    """The first of the states; a form in which something is filled is more than open."""
    states = set(mine["state"])
    worst = next(state for state in STATES if state in states)
    if worst == "open" and "complete" in states:
        return "complete" if here.all() else "to_complete"
    return worst

"""From the targets of the last cycle to those of this one: edited, added, removed."""

from __future__ import annotations

import pandas as pd

from ldnkit.findings import Finding, listed
from ldnkit.targets.columns import LINKS, NOTEBOOK
from ldnkit.team_sheets import plain, text

#: Columns that are compared; a revision or a comment is no change of the target.
COMPARED = ("objective", "target_text", "year", "level", "location", "area_km2", "type", "status")
COMPARED += ("commitment", *LINKS)


def carry_over(previous: pd.DataFrame, current: pd.DataFrame) -> pd.DataFrame:
    """What became of the targets of the last cycle.

    The platform shows the targets of the last cycle. Each stays, or is edited with a text that
    says why, or is removed; new ones are added. Targets are known by their number.

    Parameters
    ----------
    previous, current : DataFrame
        Registers as :func:`read_register` gives them.

    Returns
    -------
    DataFrame
        The current targets in their order, then the removed ones: target, objective, change
        (``unchanged``, ``edited``, ``added``, ``removed``), changed (each column that differs
        with its old and its new value), revision (the team's text), target_text.
        ``attrs["findings"]``: edited targets without a revision text, and targets that seem
        only to have a new number.

    References
    ----------
    UNCCD reporting manual, 2026 process, SO1-VT: pre-filled rows are edited, added or removed.

    Examples
    --------
    >>> before = pd.DataFrame({"target": ["1", "2"], "year": [2025, 2030]})
    >>> now = pd.DataFrame({"target": ["1", "3"], "year": [2030, 2030]})
    >>> carry_over(before, now)[["target", "change", "changed"]].values.tolist()
    [['1', 'edited', 'year: 2025 → 2030'], ['3', 'added', ''], ['2', 'removed', '']]
    """
    known = {key(row): row for row in previous.to_dict("records")}
    rows = []
    for row in current.to_dict("records"):
        before = known.pop(key(row), None)
        changed = "" if before is None else differences(before, row)
        change = "added" if before is None else "edited" if changed else "unchanged"
        rows.append(_row(row, change, changed))
    rows += [_row(row, "removed") for row in known.values()]
    columns = ["target", "objective", "change", "changed", "revision", "target_text"]
    table = pd.DataFrame(rows, columns=columns)
    table.attrs["findings"] = _findings(table)
    return table


def key(row) -> str:
    """The number of a target, for comparing."""
    return text(row["target"]).casefold()


def _row(row, change: str, changed: str = "") -> dict:
    names = ("target", "objective", "revision", "target_text")
    return {name: text(row.get(name)) for name in names} | {"change": change, "changed": changed}


def differences(before, now) -> str:
    """The columns that differ, in one line.

    Examples
    --------
    >>> differences({"year": 2025, "status": ""}, {"year": 2030, "status": "ongoing"})
    'year: 2025 → 2030; status: – → ongoing'
    """
    pairs = [(name, text(before.get(name)), text(now.get(name))) for name in COMPARED]
    return "; ".join(f"{name}: {a or '–'} → {b or '–'}" for name, a, b in pairs if a != b)


def _findings(table: pd.DataFrame) -> list[Finding]:
    findings = []
    silent = table[(table["change"] == "edited") & (table["revision"] == "")]
    if len(silent):
        found = f"no revision text for the edited target {listed(silent['target'])}"
        expected, remedy = "what was changed and why", "Fill the column revision of the register."
        findings.append(Finding("warning", "targets", found, expected, remedy, NOTEBOOK))
    texts = {plain(said): number for number, said in _texts(table, "removed") if plain(said)}
    for number, said in _texts(table, "added"):
        if plain(said) in texts:
            before = texts[plain(said)]
            found = f"target {number} has the text of the removed target {before}"
            remedy = f"Give it the number {before}, if it is the same target."
            expected = "the number of the last cycle"
            findings.append(Finding("warning", "targets", found, expected, remedy, NOTEBOOK))
    return findings


def _texts(table: pd.DataFrame, change: str):
    rows = table[table["change"] == change]
    return zip(rows["target"], rows["target_text"], strict=True)

"""Land cover legends, nestings and transition matrices of Trends.Earth, as country files want."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from ldnkit import tables
from ldnkit.findings import Finding, closest, listed, stop_on_errors
from ldnkit.tables import NODATA

#: Words of Trends.Earth for what a transition means.
MEANINGS = {"degradation": -1, "stable": 0, "improvement": 1}
_NOTEBOOK = "02"


def read_legend(source: str | Path | Mapping | list, *, target: str | Path | None = None):
    """A legend and the UNCCD class of each of its classes.

    Parameters
    ----------
    source : path, or what such a JSON file holds
        A list of classes with their parents, or a nesting whose parents are the UNCCD classes.
    target : path, optional
        Write the CSV file for ``land_cover: legend`` here, too.

    Returns
    -------
    DataFrame
        code, name, unccd, colour: as :func:`ldnkit.tables.legend` reads it.

    Raises
    ------
    InputError
        No such list; codes that repeat or are no whole numbers; parents that are no UNCCD class.

    Examples
    --------
    >>> lcc = {"code": 10, "name_long": "Savanna", "color": "#9cc440"}
    >>> read_legend([{"lcc": lcc, "parent": {"code": 2}}]).values.tolist()
    [[10, 'Savanna', 2, '#9cc440']]
    """
    content, where = _content(source)
    findings: list[Finding] = []
    rows = []
    if isinstance(content, Mapping) and "nesting" in content:
        parents = _parents(content["nesting"], where, findings)
        for child in _key(content, "child"):
            rows.append(_legend_row(child, parents.get(_code(child.get("code")))))
    elif isinstance(content, list):
        for entry in content:
            parent = entry.get("parent") if isinstance(entry, Mapping) else None
            lcc = entry.get("lcc") if isinstance(entry, Mapping) else None
            rows.append(_legend_row(lcc or {}, _code((parent or {}).get("code"))))
    else:
        findings.append(_wrong(where, "a list of classes with lcc and parent, or a nesting"))
    rows = [row for row in rows if row["code"] != NODATA]
    known = tables.legend()["code"].tolist()
    for row in rows:
        if row["code"] is None:
            findings.append(_wrong(where, "a whole number as code", f"class {row['name']!r}"))
        elif row["unccd"] not in known:
            found = f"class {row['code']} ({row['name']}) in {row['unccd']}"
            findings.append(_wrong(where, f"one of the UNCCD classes {listed(known)}", found))
    findings += _repeated(where, [row["code"] for row in rows])
    stop_on_errors(findings)
    table = pd.DataFrame(rows, columns=["code", "name", "unccd", "colour"])
    return _written(table.astype({"code": int, "unccd": int}), target)


def read_nesting(source: str | Path | Mapping, *, target: str | Path | None = None):
    """How the codes of a map nest in the classes of a legend.

    Parameters
    ----------
    source : path, or what such a JSON file holds
        child and parent legends, and nesting: parent code to a list of child codes.
    target : path, optional
        Write the CSV file for ``land_cover: nesting`` here, too.

    Returns
    -------
    DataFrame
        code, name, to: as :func:`ldnkit.tables.nesting` reads it. Codes in ``-32768`` are no data.

    Raises
    ------
    InputError
        No nesting; a code in two classes; codes that are no whole numbers. A class of the child
        legend that is nested nowhere is an error, too: its cells would be lost.

    Examples
    --------
    >>> nesting = {"nesting": {"1": [50, 60], "-32768": [0, -32768]}}
    >>> read_nesting(nesting).values.tolist()
    [[0, '', -32768], [50, '', 1], [60, '', 1]]
    """
    content, where = _content(source)
    findings: list[Finding] = []
    if not isinstance(content, Mapping) or not isinstance(content.get("nesting"), Mapping):
        findings.append(_wrong(where, "a nesting: parent code to child codes"))
        content = {"nesting": {}}
    parents = _parents(content["nesting"], where, findings)
    names = {_code(child.get("code")): _name(child) for child in _key(content, "child")}
    lost = sorted(code for code in set(names) - set(parents) if code not in (None, NODATA))
    if lost:
        expected = "every class of the child legend in a class of the parent"
        findings.append(_wrong(where, expected, f"codes nested nowhere: {listed(lost)}"))
    stop_on_errors(findings)
    rows = [(code, names.get(code, ""), to) for code, to in sorted(parents.items())]
    table = pd.DataFrame(rows, columns=["code", "name", "to"])
    return _written(table[table["code"] != NODATA].reset_index(drop=True), target)


def read_matrix(source: str | Path | Mapping, *, target: str | Path | None = None):
    """What each transition between classes means.

    Parameters
    ----------
    source : path, or what such a JSON file holds
        definitions, transitions: initial and final class, and degradation, stable or improvement.
    target : path, optional
        Write the CSV file for ``land_cover: matrix`` here, too.

    Returns
    -------
    DataFrame
        from, to, sign, process, unlikely: as :func:`ldnkit.tables.transition_matrix` reads it.
        Trends.Earth has no processes: those of the UNCCD matrix stand where the seven UNCCD
        classes change with the same sign; the others are for the team to name.

    Raises
    ------
    InputError
        No transitions, other words, transitions given twice.

    Examples
    --------
    >>> change = {"initial": {"code": 1}, "final": {"code": 3}, "meaning": "degradation"}
    >>> read_matrix({"definitions": {"transitions": [change]}}).values.tolist()
    [[1, 3, -1, 'deforestation', False]]
    """
    content, where = _content(source)
    findings: list[Finding] = []
    changes = None
    if isinstance(content, Mapping):
        changes = (content.get("definitions") or {}).get("transitions")
    if not isinstance(changes, list):
        findings.append(_wrong(where, "definitions with transitions"))
        changes = []
    rows = []
    for number, change in enumerate(changes, 1):
        pair = [_code((change.get(end) or {}).get("code")) for end in ("initial", "final")]
        sign = MEANINGS.get(str(change.get("meaning")).lower())
        if None in pair:
            findings.append(_wrong(where, "codes that are whole numbers", f"transition {number}"))
        elif sign is None:
            found = f"transition {pair[0]} to {pair[1]}: {change.get('meaning')}"
            remedy = closest(change.get("meaning"), MEANINGS)
            findings.append(Finding("error", where, found, "a known meaning", remedy, _NOTEBOOK))
        rows.append((*pair, sign))
    findings += _repeated(where, [row[:2] for row in rows])
    stop_on_errors(findings)
    default = tables.transition_matrix().set_index(["from", "to", "sign"])
    legend = _key(content, "legend") if "legend" in content else []
    seven = {_code(each.get("code")) for each in legend} <= set(tables.legend()["code"])
    table = pd.DataFrame(rows, columns=["from", "to", "sign"]).astype(int)
    same = default.reindex(pd.MultiIndex.from_frame(table)) if seven else None
    table["process"] = "" if same is None else same["process"].fillna("").to_numpy()
    table["unlikely"] = False if same is None else (same["unlikely"] == True).to_numpy()  # noqa: E712
    table = table.sort_values(["from", "to"], ignore_index=True)
    return _written(table, target)


def _content(source):
    """What a JSON file holds, and the name for messages."""
    if isinstance(source, (Mapping, list)):
        return source, "land cover legend"
    path = Path(source)
    try:
        return json.loads(path.read_text(encoding="utf-8-sig")), path.name
    except ValueError as error:
        stop_on_errors([_wrong(path.name, "a JSON file", f"no JSON ({error})")])


def _key(content: Mapping, part: str) -> list[Mapping]:
    legend = content.get(part)
    classes = legend.get("key") if isinstance(legend, Mapping) else None
    return [each for each in classes or [] if isinstance(each, Mapping)]


def _parents(nesting: Mapping, where: str, findings: list[Finding]) -> dict[int, int]:
    """Child code -> parent code."""
    parents: dict[int, int] = {}
    for parent, children in nesting.items():
        to = _code(parent)
        for child in children or []:
            code = _code(child)
            if to is None or code is None:
                found = f"{child} in {parent}"
                findings.append(_wrong(where, "codes that are whole numbers", found))
            elif parents.setdefault(code, to) != to:
                found = f"code {code} in {parents[code]} and in {to}"
                findings.append(_wrong(where, "every code in one class", found))
    return parents


def _code(value) -> int | None:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return int(number) if number == int(number) else None


def _name(entry: Mapping) -> str:
    return str(entry.get("name_long") or entry.get("name_short") or "").strip()


def _legend_row(entry: Mapping, parent: int | None) -> dict:
    code, colour = _code(entry.get("code")), str(entry.get("color") or "")
    name = _name(entry) or f"Class {code}"
    return {"code": code, "name": name, "unccd": parent, "colour": colour.lower()}


def _repeated(where: str, codes: list) -> list[Finding]:
    twice = sorted({str(code) for code in codes if codes.count(code) > 1})
    return [_wrong(where, "each of them once", f"twice: {listed(twice)}")] if twice else []


def _wrong(where: str, expected: str, found: str = "another layout") -> Finding:
    remedy = "Export it again from the settings of Trends.Earth, or write the CSV file by hand."
    return Finding("error", where, found, expected, remedy, _NOTEBOOK)


def _written(table: pd.DataFrame, target) -> pd.DataFrame:
    if target is not None:
        target = Path(target)
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_name(f".{target.name}.part")
        table.to_csv(part, index=False, encoding="utf-8", lineterminator="\n")
        part.replace(target)
    return table

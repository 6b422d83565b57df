"""Summaries of Trends.Earth (JSON), the current structure and the older one, as a tidy table."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import pandas as pd

from ldnkit.findings import Finding, InputError

COLUMNS = ("period", "block", "summary", "name", "value", "unit")
#: Parts that describe the work and hold no figures.
_ASIDE = ("metadata", "legend_nesting", "transition_matrix", "error_recode")
#: What the older structure calls a period, without the level that was put in later.
_LATER = "period_assessment"


def read_summary(path: str | Path | Mapping) -> pd.DataFrame:
    """Every figure of a summary, one row each.

    Parameters
    ----------
    path : path, or what such a JSON file holds
        A land condition summary, current or older (top level ``report``), or a drought summary.

    Returns
    -------
    DataFrame
        ``period`` (baseline, report_1, …; ``progress`` in older files; a year for drought),
        ``block`` (the place, such as ``period_assessment.productivity.summaries.non_water``),
        ``summary`` (name of the list, with its years), ``name`` (class, ``from > to`` for
        transitions), ``value``, ``unit``. Nothing is rounded or left out.

    Raises
    ------
    InputError
        The file is no summary; what its top level holds is named.

    References
    ----------
    Trends.Earth, land condition summary and drought summary.

    Examples
    --------
    >>> areas = {"name": "SDG", "unit": "sq km", "areas": [{"name": "Stable", "area": 2.0}]}
    >>> read_summary({"report": {"land_condition": {"baseline": {"sdg": {"summary": areas}}}}})[
    ...     ["period", "block", "name", "value"]
    ... ].values.tolist()
    [['baseline', 'period_assessment.sdg.summary', 'Stable', 2.0]]
    """
    content, where = _content(path)
    if isinstance(content, Mapping) and isinstance(content.get("report"), Mapping):
        content = content["report"]
    parts = {"land_condition", "affected_population", "drought"}
    if not isinstance(content, Mapping) or not parts & set(content):
        held = ", ".join(content) if isinstance(content, Mapping) else type(content).__name__
        remedy = "Give the summary JSON that Trends.Earth writes beside its tables."
        expected = f"one of {', '.join(sorted(parts))}"
        raise InputError([Finding("error", where, held or "nothing", expected, remedy, "16")])
    rows: list[tuple] = []
    for period, report in (content.get("land_condition") or {}).items():
        for block, part in _items(report):
            place = [block] if block.endswith("_assessment") else [_LATER, block]
            rows += [(period, *row) for row in _figures(part, place)]
    for period, report in (content.get("affected_population") or {}).items():
        rows += [(period, *row) for row in _figures(report, ["affected_population"])]
    for tier, years in (content.get("drought") or {}).items():
        for year, part in _items(years):
            rows += [(str(year), *row) for row in _figures(part, ["drought", tier])]
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype({"value": float})


def _content(path):
    if isinstance(path, Mapping):
        return path, "summary"
    path = Path(path)
    try:
        return json.loads(path.read_text(encoding="utf-8-sig")), path.name
    except ValueError as error:
        remedy = "Get the file again."
        finding = Finding("error", path.name, f"no JSON ({error})", "a JSON file", remedy, "16")
        raise InputError([finding]) from error


def _items(part) -> Iterator[tuple[str, object]]:
    if isinstance(part, Mapping):
        for name, value in part.items():
            if name not in _ASIDE and value is not None:
                yield str(name), value


def _figures(part, place: list[str]) -> Iterator[tuple]:
    """Rows of a part: block, summary, name, value, unit."""
    if isinstance(part, list):
        for each in part:
            yield from _figures(each, place)
        return
    if not isinstance(part, Mapping):
        return
    block, summary = ".".join(place), str(part.get("name") or "")
    unit, values = str(part.get("unit") or ""), part.get("values")
    if isinstance(part.get("areas"), list):
        for area in part["areas"]:
            yield block, summary, str(area["name"]), area["area"], unit
    elif isinstance(values, Mapping):
        for year, classes in values.items():
            for name, value in classes.items():
                yield block, f"{summary}, {year}", name, value, unit
    elif isinstance(values, list):
        yield from _listed(values, part, block, summary, unit)
    elif "value" in part:
        yield block, summary, summary, part["value"], unit
    else:
        for name, value in _items(part):
            yield from _figures(value, [*place, name])


def _listed(values, part, block, summary, unit) -> Iterator[tuple]:
    """Transitions, transitions with a first and a last value, or people."""
    if "initial_year" in part:
        summary = f"{summary}, {part['initial_year']}-{part['final_year']}"
    for entry in values:
        if "population" in entry:
            yield block, entry.get("type", summary), entry["name"], entry["population"], "persons"
            continue
        name = f"{entry['initial_label']} > {entry['final_label']}"
        if "value" in entry:
            yield block, summary, name, entry["value"], unit
        else:
            for end in ("initial", "final"):
                year = part.get(f"{end}_year", end)
                yield block, f"{summary}, stock of {year}", name, entry[f"{end}_value"], unit

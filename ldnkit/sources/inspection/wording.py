"""The table of files in the words of a language, and in one sentence."""

from __future__ import annotations

import pandas as pd

from ldnkit import tables

#: Columns whose values are words of the workbook.
_WORDS = ("coverage", "to_grid", "unit")
#: Columns that are estimates.
_ESTIMATED = ("seconds", "memory_mb", "disk_mb")


def labelled(table: pd.DataFrame, language: str = "en") -> pd.DataFrame:
    """A report, its short form or an estimate with headings and words in a language.

    Columns in which every row is empty are left out.

    Parameters
    ----------
    table : DataFrame
        From :func:`report`, :func:`by_layer` or :func:`estimate`.
    language : str

    Examples
    --------
    >>> labelled(report(country), "fr")  # doctest: +SKIP
    """
    shown = table.copy()
    for name in shown:
        if name in _WORDS:
            shown[name] = [_word(name, value, language) for value in shown[name]]
        elif name == "worst":
            shown[name] = [
                tables.label(f"finding.{value}", language) if value else "" for value in shown[name]
            ]
    if "indicator" in shown:
        shown["indicator"] = [_indicator(value, language) for value in shown["indicator"]]
    text = shown.select_dtypes(exclude="number")
    empty = [name for name in text if not text[name].astype(str).str.strip().any()]
    shown = shown.drop(columns=empty)
    shown.attrs = {}
    for name in shown:
        if name in _ESTIMATED:
            shown[name] = [_rounded(value) for value in shown[name]]
        elif shown[name].dtype.kind == "f":
            # a table or a folder of words has no cells: an empty place, not NaN
            shown[name] = shown[name].astype(object).where(shown[name].notna(), "")
    return shown.rename(columns={name: tables.label(f"preflight.{name}", language)
                                 for name in shown})  # fmt: skip


def summary(table: pd.DataFrame, costs: pd.DataFrame | None = None, language: str = "en") -> str:
    """One sentence: how many files, how large, how many on another grid, findings, and time.

    Parameters
    ----------
    table : DataFrame
        From :func:`report`.
    costs : DataFrame, optional
        From :func:`estimate`.
    language : str

    Examples
    --------
    >>> print(summary(report(country), estimate(country)))  # doctest: +SKIP
    """
    resampled = table["to_grid"].isin(["nearest", "mode", "bilinear", "average"])
    severities = [each.severity for each in table.attrs.get("findings", [])]
    said = tables.label("preflight.summary", language).format(
        files=len(table),
        size=f"{table['size_mb'].sum():,.1f}",
        resampled=int(resampled.sum()),
        errors=severities.count("error"),
        warnings=severities.count("warning"),
    )
    if costs is None:
        return said
    last = costs.iloc[-1]
    return f"{said} " + tables.label("preflight.costs", language).format(
        seconds=_rounded(last["seconds"]),
        memory=_rounded(last["memory_mb"]),
        disk=_rounded(last["disk_mb"]),
    )


def _rounded(number: float) -> str:
    """One or two digits that count: an estimate is not more precise."""
    if number < 10:
        return f"{float(f'{number:.1g}'):g}"
    return f"{float(f'{number:.2g}'):,.0f}"


def _word(column: str, value: str, language: str) -> str:
    """A word of the workbook, or several; what a file says itself stays."""
    if not value:
        return ""
    parts = [part.strip() for part in value.split(",")]
    keys = [f"preflight.{column}.{part}" for part in parts]
    known = set(tables.read("labels")["key"])
    if not all(key in known for key in keys):
        return value
    return ", ".join(tables.label(key, language) for key in keys)


def _indicator(name: str, language: str) -> str:
    if name == "total":
        return tables.label("preflight.total", language)
    known = set(tables.read("labels")["key"])
    keys = (f"preflight.indicator.{name}", f"indicator.{name}")
    return next((tables.label(key, language) for key in keys if key in known), name)

"""Rules 2 and 9 for the shape of a table: its rows, columns and words are those it is made of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pandas as pd

from ldnkit import tables
from ldnkit.findings import Finding, closest
from ldnkit.prais.breaches import breach
from ldnkit.prais.definitions import Keys, keys_of
from ldnkit.prais.report import CHOICES, Report, Table, as_text, legend_of

#: Columns whose cells name a class of the reporting legend.
CLASSES = ("starting_class", "ending_class")
#: Table -> columns whose cells together may not stand twice.
UNIQUE = {"SO1-1.T1": ("process", *CLASSES), "SO1-1.T2": ("code",)}


def check(report: Report) -> Iterator[Finding]:
    """Every row or column that stands twice, is unknown or is missing, and unknown words."""
    for table in report.tables.values():
        yield from axes(report, table)
        if table.frame.columns.is_unique and table.frame.index.is_unique:
            yield from _repeated_cells(table)
            yield from _words(report, table)


def axes(report: Report, table: Table) -> Iterator[Finding]:
    """Rows and columns of a table against its definition."""
    for kind, axis, labels in (
        ("row", "rows", table.frame.index),
        ("column", "columns", table.frame.columns),
    ):
        yield from _repeated(table, kind, labels)
        keys = keys_of(report, table.id, axis)
        if keys is not None:
            yield from _strange(table, kind, labels, keys)


def _repeated(table: Table, kind: str, labels: pd.Index) -> Iterator[Finding]:
    for label in labels[labels.duplicated()].unique():
        yield breach(
            "key_repeated",
            table,
            f"{kind} {_said(label)}",
            f"{int((labels == label).sum())} times",
            f"one {kind}",
            f"Delete the {kind} that is too many, or build the report again.",
        )


def _strange(table: Table, kind: str, labels: pd.Index, keys: Keys) -> Iterator[Finding]:
    """Keys that the definition does not know, and keys that it asks for."""
    found = set(labels)
    for label in labels.unique():
        if label not in keys.allowed:
            yield breach(
                "key_unknown",
                table,
                f"{kind} {_said(label)}",
                f"the {kind} {_said(label)}",
                f"one of {_listed(keys)}",
                f"Correct or delete it. {closest(_said(label), map(_said, _ordered(keys)))}",
            )
    missing = [label for label in keys.required if label not in found]
    if missing:
        yield breach(
            "key_missing",
            table,
            f"{kind}s",
            f"no {kind} {as_text(map(_said, missing))}",
            f"a {kind} for each of {_listed(keys)}",
            f"Run notebook {table.notebook} and build the report again.",
        )


def _ordered(keys: Keys) -> list:
    return list(keys.required) or sorted(keys.allowed)


def _listed(keys: Keys) -> str:
    """The keys in a line; of many only the first and the last."""
    names = list(map(_said, _ordered(keys)))
    return as_text(names) if len(names) <= 14 else f"{names[0]} … {names[-1]}"


def _said(label) -> str:
    return as_text(label) if isinstance(label, tuple) else str(label)


def _repeated_cells(table: Table) -> Iterator[Finding]:
    columns = list(UNIQUE.get(table.id, ()))
    if not columns or not set(columns) <= set(table.frame.columns):
        return
    rows = table.frame[columns]
    for row in rows.index[rows.duplicated()]:
        yield breach(
            "key_repeated",
            table,
            f"{row}, {columns[-1]}",
            as_text(rows.loc[row]),
            f"{' and '.join(columns)} once",
            "Delete the row that is too many, or correct it.",
        )


def _words(report: Report, table: Table) -> Iterator[Finding]:
    """Rule 2: where the platform offers a list, the cell holds one of its words."""
    legend = legend_of(report.country)
    known: dict[str, Iterable[str]] = dict(CHOICES)
    if table.id == "SO1-1.T1":
        known |= dict.fromkeys(CLASSES, legend["key"].tolist())
    if table.id == "SO1-1.T2":
        known["unccd_class"] = tables.legend()["key"].tolist()
    for column in table.frame.columns.intersection(list(known), sort=False):
        if column not in table.text:
            continue
        for row, value in table.frame[column].items():
            if str(value).strip() and pd.notna(value) and value not in known[column]:
                yield breach(
                    "choice_unknown",
                    table,
                    f"{_said(row)}, {column}",
                    f"{value!r}",
                    f"one of {as_text(known[column])}",
                    closest(value, known[column]),
                )

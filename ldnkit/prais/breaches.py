"""One breach of a rule, told as a finding."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from ldnkit.findings import SEVERITIES, Finding
from ldnkit.prais.definitions import definitions, rules
from ldnkit.prais.report import Table

#: Sums are compared before rounding, to this share of their size.
TOLERANCE = 1e-6


def breach(rule: str, table: Table | str, cell: str, found, expected, remedy: str) -> Finding:
    """A finding about one cell of a table, with the severity of its rule.

    ``rule`` is a name of ``prais_rules.csv``; the notebook is the one that makes the table.
    """
    table_id = table if isinstance(table, str) else table.id
    notebook = definitions().get(table_id, {}).get("notebook", "")
    where = f"{table_id}, {cell}" if cell else table_id
    severity = rules()[rule]["severity"]
    return Finding(severity, where, str(found), str(expected), remedy, notebook, rule)


def place(finding: Finding) -> tuple[str, str]:
    """Table and cell of a finding; no table when it speaks of the data behind the tables.

    Examples
    --------
    >>> place(breach("class_sum", "SO1-1.T7", "baseline.area, total", 1, 2, "Mend it."))
    ('SO1-1.T7', 'baseline.area, total')
    >>> place(Finding("info", "population 2023", "some"))
    ('', 'population 2023')
    """
    table_id, _, cell = finding.where.partition(", ")
    return (table_id, cell) if table_id in definitions() else ("", finding.where)


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """Errors, then warnings, then notes; each in the order of the tables, then of the rules."""
    table_order = {table_id: number for number, table_id in enumerate(definitions())}
    rule_order = {rule: number for number, rule in enumerate(rules())}

    def key(finding: Finding) -> tuple[int, int, int]:
        return (
            SEVERITIES.index(finding.severity),
            table_order.get(place(finding)[0], len(table_order)),
            rule_order.get(finding.rule, len(rule_order)),
        )

    return sorted(findings, key=key)


def close(first: float, second: float, scale: float | None = None) -> bool:
    """Equal to a relative 1e-6 of the larger one, or of ``scale``; no figure is never close."""
    size = max(abs(first), abs(second)) if scale is None or pd.isna(scale) else scale
    return abs(first - second) <= TOLERANCE * size + 1e-12


def differ(first: float, second: float, scale: float | None = None) -> bool:
    """Both are known, and they are not equal to a relative 1e-6."""
    return bool(pd.notna(first) and pd.notna(second)) and not close(first, second, scale)


def km2(value: float) -> str:
    return f"{value:,.4f} km²"


def percent(value: float) -> str:
    return f"{value:,.4f} %"

"""One breach of a rule, told as a finding."""

from __future__ import annotations

import functools

from ldnkit import tables
from ldnkit.findings import Finding
from ldnkit.prais.report import Table

#: Sums are compared before rounding, to this share of their size.
TOLERANCE = 1e-6


def breach(rule: str, table: Table | str, cell: str, found, expected, remedy: str) -> Finding:
    """A finding about one cell of a table, with the severity of its rule.

    ``rule`` is a name of ``prais_rules.csv``; the notebook is the one that makes the table.
    """
    table_id = table if isinstance(table, str) else table.id
    notebook = _notebooks().get(table_id, "")
    where = f"{table_id}, {cell}" if cell else table_id
    return Finding(_severity(rule), where, str(found), str(expected), remedy, notebook)


@functools.cache
def _severities() -> dict[str, str]:
    rules = tables.read("prais_rules")
    return dict(zip(rules["rule"], rules["severity"], strict=True))


def _severity(rule: str) -> str:
    return _severities()[rule]


@functools.cache
def _notebooks() -> dict[str, str]:
    known = tables.prais_tables()
    return dict(zip(known["id"], known["notebook"], strict=True))


def close(first: float, second: float, scale: float | None = None) -> bool:
    """Equal to a relative 1e-6 of the larger one, or of ``scale``; no figure is never close."""
    size = max(abs(first), abs(second)) if scale is None else scale
    return abs(first - second) <= TOLERANCE * size + 1e-12


def km2(value: float) -> str:
    return f"{value:,.4f} km²"

"""PRAIS tables: :func:`build` them, :func:`check` them, :func:`write` them.

The package reads cross-tables, never rasters.
"""

from ldnkit.prais.answers import open_answers, write_answer_sheet
from ldnkit.prais.builder import build
from ldnkit.prais.report import Report, Table
from ldnkit.prais.rules import check
from ldnkit.prais.writers import write

__all__ = ["Report", "Table", "build", "check", "open_answers", "write", "write_answer_sheet"]

"""PRAIS tables: :func:`build` them, :func:`check` them, :func:`write` them, :func:`read` them back.

:func:`overview` and :func:`forms_overview` say where a report stands.
The package reads cross-tables, never rasters.
"""

from ldnkit.prais.answers import open_answers, write_answer_sheet
from ldnkit.prais.builder import build
from ldnkit.prais.changes import changes, revisions
from ldnkit.prais.comparison import compare
from ldnkit.prais.overview import forms_overview, overview
from ldnkit.prais.readback import read
from ldnkit.prais.report import Report, Table
from ldnkit.prais.rules import check
from ldnkit.prais.writers import write

__all__ = [
    "Report",
    "Table",
    "build",
    "changes",
    "check",
    "compare",
    "forms_overview",
    "open_answers",
    "overview",
    "read",
    "revisions",
    "write",
    "write_answer_sheet",
]

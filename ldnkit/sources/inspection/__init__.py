"""Every file of a country as a table, and what a run will ask of the computer, before it starts.

:func:`report` opens headers and thinned-out pictures only; :func:`estimate` counts cells.
The problems themselves are those of :mod:`ldnkit.sources.preflight`.
"""

from ldnkit.sources.inspection.costs import estimate
from ldnkit.sources.inspection.listing import COLUMNS, by_layer, report
from ldnkit.sources.inspection.wording import labelled, summary

__all__ = ["COLUMNS", "by_layer", "estimate", "labelled", "report", "summary"]

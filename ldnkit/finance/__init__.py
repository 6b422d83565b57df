"""Finance (SO5): activities in one table, every amount once, in US dollars, by year and direction.

A team's own sheet (our template) and an activity file of the OECD CRS become one table of
activities. Duplicates, repayments and rows of other years are set apart and shown, never dropped.
"""

from ldnkit.country_file.forms_layers import TRENDS
from ldnkit.finance.activities import read_activities
from ldnkit.finance.columns import DIRECTIONS, years
from ldnkit.finance.computed import compute_tables, look
from ldnkit.finance.creditors import read_crs
from ldnkit.finance.doubles import duplicates, look_alikes
from ldnkit.finance.needs import read_needs
from ldnkit.finance.rates import in_dollars, read_rates
from ldnkit.finance.totals import Trend, amounts_by, flagged, summary, technology, trend
from ldnkit.finance.workbook import template

__all__ = [
    "DIRECTIONS",
    "TRENDS",
    "Trend",
    "amounts_by",
    "compute_tables",
    "duplicates",
    "flagged",
    "in_dollars",
    "look",
    "look_alikes",
    "read_activities",
    "read_crs",
    "read_needs",
    "read_rates",
    "summary",
    "technology",
    "template",
    "trend",
    "years",
]

"""Words of notebooks and lessons in other languages, by gettext.

``lessons/locale/<language>/LC_MESSAGES/…/*.po`` holds them; ``tests/tools/build_prose.py`` keeps
them in step with the English pages.
"""

from ldnkit.prose.catalogues import Catalogue, Entry, read, units, updated
from ldnkit.prose.checks import faults
from ldnkit.prose.copies import Written, write
from ldnkit.prose.pages import (
    Coverage,
    coverage,
    is_translated,
    notice,
    page_coverage,
    translated_notebook,
    translated_page,
    undirected,
    without_notice,
)
from ldnkit.prose.terms import glossary

__all__ = [
    "Catalogue",
    "Coverage",
    "Entry",
    "Written",
    "coverage",
    "faults",
    "glossary",
    "is_translated",
    "notice",
    "page_coverage",
    "read",
    "translated_notebook",
    "translated_page",
    "undirected",
    "units",
    "updated",
    "without_notice",
    "write",
]

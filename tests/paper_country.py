"""A country on paper: what the PRAIS tables ask of one, and no file behind it."""

from __future__ import annotations

from types import SimpleNamespace

from ldnkit import tables
from ldnkit.periods import Cycle


def paper_country(**changes) -> SimpleNamespace:
    """An affected country in the 2026 process; ``changes`` are sections and other values."""
    fields = {
        "iso3": "XLD",
        "name": lambda language="en": "Landia",
        "party": "affected",
        "cycle": Cycle(2026),
        "method": "manual",
        "language": "en",
        "synthetic": True,
        "regions": (),
        "land_cover": None,
        "affected_area": None,
        "parameters": tables.method("manual"),
    }
    return SimpleNamespace(**fields | changes)

"""What a country file says about finance (SO5)."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from ldnkit.country_file.layers import Metadata

#: What a Party does with the activities that the platform has filled in.
DEFAULT_SHEETS = ("confirmed", "corrected", "rejected")


@dataclass(frozen=True, eq=False)
class Finance:
    """Files with activities, and what the team has decided about them.

    ``activities`` is our template or a CSV file with its columns; ``creditor_reporting_system``
    an activity file of the OECD; ``exchange_rates`` a table year, currency, usd (US dollars for
    one unit); ``needs`` the table of SO5-5. The template may hold the rates and the needs itself.
    ``weighting`` is the share of an amount that counts, for ``principal`` and ``significant``
    activities; empty means that the team has not chosen. ``default_sheet`` is ``confirmed``,
    ``corrected``, ``rejected`` or empty. ``trends`` holds the declared trends:
    indicator → direction → increasing, stable, declining or unknown.
    """

    activities: Path | None = None
    creditor_reporting_system: Path | None = None
    exchange_rates: Path | None = None
    weighting: dict[str, float] = field(default_factory=dict)
    default_sheet: str = ""
    trends: dict[str, dict[str, str]] = field(default_factory=dict)
    needs: Path | None = None
    source: str = "national"
    metadata: Metadata = field(default_factory=Metadata)

"""Open data without an account: fetched once for a country, on the cells of the source, and kept.

``fetch`` brings a layer of the catalogue into the cache; ``prepare`` puts layers beside a country
file and writes their sections, after which the ordinary way with files does everything; ``bring``
does it for all layers that a country file wishes for.
"""

from ldnkit.sources.open_data.cache import Cache
from ldnkit.sources.open_data.country_wishes import bring, wishes, years_in
from ldnkit.sources.open_data.fetching import fetch
from ldnkit.sources.open_data.problems import Offline, Unreachable
from ldnkit.sources.open_data.sections import (
    Prepared,
    country_section,
    fetch_boundary,
    prepare,
)

__all__ = [
    "Cache",
    "Offline",
    "Prepared",
    "Unreachable",
    "bring",
    "country_section",
    "fetch",
    "fetch_boundary",
    "prepare",
    "wishes",
    "years_in",
]

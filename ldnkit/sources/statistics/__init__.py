"""Official series: from the files of databases and statistical offices to tidy rows.

Poverty and the Gini index (SO2-1), drinking water (SO2-2), the Red List Index (SO4-2) and
protected key biodiversity areas (SO4-3). :func:`read` takes an answer of the UN SDG or the World
Bank API, an export of either, or a table of any office; :func:`fetch` asks the two APIs.
"""

from ldnkit.sources.statistics.online import fetch
from ldnkit.sources.statistics.reader import examine, read
from ldnkit.sources.statistics.series import LOCATIONS, Series, all_series, definition

__all__ = ["LOCATIONS", "Series", "all_series", "definition", "examine", "fetch", "read"]

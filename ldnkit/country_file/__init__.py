"""The country file: reading, checking and writing country.yml."""

from ldnkit.country_file.finance_layers import Finance
from ldnkit.country_file.forms_layers import (
    SERIES,
    AdditionalIndicators,
    KeyBiodiversityAreas,
    Narrative,
    Species,
    Statistic,
    Targets,
)
from ldnkit.country_file.keys import keys
from ldnkit.country_file.layers import (
    SEXES,
    Drought,
    LandCover,
    Metadata,
    Population,
    Productivity,
    Region,
    Soil,
    VectorFile,
    Vulnerability,
)
from ldnkit.country_file.sections import check
from ldnkit.country_file.text import country_text, example_text

__all__ = [
    "SERIES",
    "SEXES",
    "AdditionalIndicators",
    "Drought",
    "Finance",
    "KeyBiodiversityAreas",
    "LandCover",
    "Metadata",
    "Narrative",
    "Population",
    "Productivity",
    "Region",
    "Soil",
    "Species",
    "Statistic",
    "Targets",
    "VectorFile",
    "Vulnerability",
    "check",
    "country_text",
    "example_text",
    "keys",
]

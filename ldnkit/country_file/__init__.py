"""The country file: reading, checking and writing country.yml."""

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
    "SEXES",
    "Drought",
    "LandCover",
    "Metadata",
    "Population",
    "Productivity",
    "Region",
    "Soil",
    "VectorFile",
    "Vulnerability",
    "check",
    "country_text",
    "example_text",
    "keys",
]

"""The country file: reading, checking and writing country.yml."""

from ldnkit.country_file.keys import keys
from ldnkit.country_file.layers import LandCover, Metadata, Productivity, Region, Soil, VectorFile
from ldnkit.country_file.sections import check
from ldnkit.country_file.text import country_text, example_text

__all__ = [
    "LandCover",
    "Metadata",
    "Productivity",
    "Region",
    "Soil",
    "VectorFile",
    "check",
    "country_text",
    "example_text",
    "keys",
]

"""What a country file says about the objectives that live in tables; nothing here opens a file."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from ldnkit.country_file.layers import Metadata, VectorFile

#: The official series, by the names of the section statistics.
SERIES = ("poverty", "gini", "water", "red_list", "protected")
#: What a column of a table of statistics may hold.
ROLES = ("year", "value", "location", "lower", "upper", "total", "urban", "rural")
#: The trends that a Party can declare in SO5.
TRENDS = ("increasing", "stable", "declining", "unknown")


@dataclass(frozen=True, eq=False)
class Statistic:
    """One official series in a file, as the source or the statistical office gives it.

    ``format`` says who wrote the file (``sdg``, ``world_bank``, ``table``; ``auto`` looks).
    ``sheet`` and ``header`` (row number, from one) say where a table begins; ``columns`` maps
    year, value, location, lower and upper to the names of the file, or instead of value a
    column for each of total, urban and rural. ``unit`` is ``percent``, ``fraction`` or ``index``,
    None when the file says it. ``area`` is the country's code in the file (M49 or ISO3), None for
    the country's own. ``release`` is the day of the release.
    """

    file: Path
    format: str = "auto"
    sheet: str | None = None
    header: int | None = None
    columns: dict[str, str] = field(default_factory=dict)
    unit: str | None = None
    area: str | None = None
    release: date | None = None
    source: str = "default"
    metadata: Metadata = field(default_factory=Metadata)


@dataclass(frozen=True, eq=False)
class Species:
    """Assessments for a Red List Index of your own: CSV (species, year, category, share).

    ``share`` is the share of the range inside the country (0–1); empty in a national list.
    """

    assessments: Path
    source: str = "national"
    metadata: Metadata = field(default_factory=Metadata)


@dataclass(frozen=True, eq=False)
class KeyBiodiversityAreas:
    """Polygons of key biodiversity areas and of protected areas.

    ``sites_key`` names a site. ``protected_key`` names a protected area and may be empty;
    ``protected_year`` is the column with the year of designation.
    """

    sites: VectorFile
    sites_key: str
    protected: VectorFile
    protected_key: str = ""
    protected_year: str = "designation_year"
    source: str = "national"
    metadata: Metadata = field(default_factory=Metadata)


@dataclass(frozen=True, eq=False)
class Targets:
    """Voluntary targets (register), their polygons and the actions on the ground.

    ``previous`` is the register of the previous cycle, ``scenario`` the anticipated losses and
    gains. The polygons join the register by ``polygons_key``. All but the register are optional.
    ``source`` is ``default`` for the targets that the platform shows (with changes of the team)
    and ``national`` for a register of its own.
    """

    register: Path
    polygons: VectorFile | None = None
    polygons_key: str = ""
    actions: Path | None = None
    previous: Path | None = None
    scenario: Path | None = None
    source: str = "default"
    metadata: Metadata = field(default_factory=Metadata)


@dataclass(frozen=True, eq=False)
class Narrative:
    """Answers to the questions of the implementation framework: a YAML file."""

    answers: Path


@dataclass(frozen=True, eq=False)
class AdditionalIndicators:
    """Additional national indicators: a CSV or XLSX file, one row per indicator."""

    register: Path

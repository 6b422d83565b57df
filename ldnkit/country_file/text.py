"""Writing country.yml: every key with its explanation, values where they are known."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import yaml

from ldnkit.country_file.keys import keys

HEADER = """\
# Country file: what your team has. Change it with any text editor.
# A line with # and a space explains the key below it.
# A line with # and no space is a key that is switched off: delete the # to use it.
# Move lines in with spaces, never with tabs. Paths begin at the folder of this file.
"""
EXAMPLE = {
    "schema": 1,
    "iso3": "KEN",
    "name": {
        "en": "Kenya",
        "fr": "Kenya",
        "es": "Kenia",
        "ru": "Кения",
        "ar": "كينيا",
        "zh": "肯尼亚",
    },
    "party": "affected",
    "cycle": 2026,
    "method": "manual",
    "boundary": {"file": "boundary.gpkg", "rule": "centre"},
    "grid": {"from": "productivity"},
    "regions": [],
    "affected_area": None,
    "land_cover": {
        "source": "default",
        "files": "land_cover/land_cover_{year}.tif",
        "years": [2000, 2015, 2016, 2019, 2023],
        "nesting": "esa_cci",
        "legend": "unccd",
        "matrix": "unccd",
        "nodata": [],
    },
    "productivity": {
        "source": "default",
        "annual": "productivity/productivity_{year}.tif",
        "years": "2000-2023",
        "index": "NDVI",
        "scale": 10000,
        "units": {"soil": "soil/soil_units.tif", "land_cover": True},
        "nodata": [],
    },
    "soil": {
        "source": "default",
        "reference": "soil/soc_2000.tif",
        "climate": "soil/climate_zones.tif",
        "factors": "unccd",
        "tier": 1,
        "nodata": [],
    },
    "population": {
        "source": "default",
        "female": "population/female_{year}.tif",
        "male": "population/male_{year}.tif",
        "years": "2000-2023",
        "unit": "counts",
        "national": "population/national.csv",
        "nodata": [],
    },
    "drought": {
        "source": "default",
        "precipitation": "climate/precipitation.nc",
        "time_step": "month",
        "nodata": [],
    },
    "vulnerability": {
        "source": "national",
        "factors": "vulnerability/factors.csv",
        "directions": "unccd",
        "metadata": {
            "title": "Drought vulnerability factors of Kenya",
            "link": "https://example.org/vulnerability",
            "author": "Statistical office",
            "citation": "Statistical office 2024. Drought vulnerability factors of Kenya.",
        },
    },
    "statistics": {
        "poverty": {"file": "statistics/poverty.csv", "release": date(2026, 9, 15)},
        "gini": {"file": "statistics/gini.csv"},
        "water": {"file": "statistics/water.csv"},
        "red_list": {"file": "statistics/red_list.csv"},
        "protected": {"file": "statistics/protected.csv"},
    },
    "targets": {"register": "targets/targets.csv", "actions": "targets/actions.csv"},
    "finance": {
        "activities": "finance/activities.xlsx",
        "weighting": {"principal": 1.0, "significant": 1.0},
        "default_sheet": "confirmed",
        "trends": {
            "SO5-1": {"provided": "unknown", "received": "increasing"},
            "SO5-2": {"spending": "stable", "funding": "stable"},
        },
    },
    "narrative": {"answers": "narrative/answers.yml"},
    "error_polygons": None,
    "hotspots": None,
    "brightspots": None,
    "answers": None,
    "licence": "CC BY 4.0",
    "earth_engine": None,
    "parameters": {},
}


def country_text(values: Mapping) -> str:
    """The text of a country file with these values and an explanation of every key.

    Parameters
    ----------
    values : mapping
        Keys and values as in country.yml. A key that is absent or None is written as a
        line that is switched off, with an example.

    Returns
    -------
    str
        YAML; reading it gives the values back.

    Raises
    ------
    ValueError
        A key that country.yml does not have.

    Examples
    --------
    >>> text = country_text({"schema": 1, "iso3": "KEN"})
    >>> yaml.safe_load(text)
    {'schema': 1, 'iso3': 'KEN'}
    """
    _no_unknown(values, "")
    return HEADER + "\n".join(_level(values, "", 0, False)) + "\n"


def example_text() -> str:
    """The published example of a country file, ``ldnkit/data/country.example.yml``.

    Examples
    --------
    >>> yaml.safe_load(example_text())["iso3"]
    'KEN'
    """
    return country_text(EXAMPLE)


def _children(prefix: str) -> dict[str, dict]:
    return {
        key.removeprefix(prefix): row
        for key, row in keys().items()
        if key.startswith(prefix) and not {".", "["} & set(key.removeprefix(prefix))
    }


def _no_unknown(values: Mapping, prefix: str) -> None:
    known = _children(prefix)
    for key, value in values.items():
        if key not in known:
            raise ValueError(
                f"Unknown key of country.yml: found {prefix}{key}; use one of {', '.join(known)}."
            )
        if known[key]["kind"] == "section" and isinstance(value, Mapping):
            _no_unknown(value, f"{prefix}{key}.")
        if known[key]["kind"] == "statistic" and isinstance(value, Mapping):
            _no_unknown(value, f"{prefix[:-1]}[].")


def _level(values: Mapping, prefix: str, depth: int, off: bool) -> list[str]:
    """Lines of one level; ``off`` writes every key as switched off."""
    indent, lines = "  " * depth, []
    for key, row in _children(prefix).items():
        value = values.get(key)
        is_section = row["kind"] == "section"
        is_off = off or (not value if is_section else value is None)
        mark = f"{indent}#" if is_off else indent
        if depth == 0:
            lines.append("")
        lines += [f"{indent}# {line}" for line in row["comment"].split("|")]
        if is_section:
            lines += [f"{indent}# {line}" for line in _shared(f"{prefix}{key}[].")]
            lines.append(f"{mark}{key}:")
            lines += _level(value or {}, f"{prefix}{key}.", depth + 1, is_off)
        else:
            lines.append(f"{mark}{key}: {row['example'] if is_off else _flow(value)}")
    return lines


def _shared(prefix: str) -> list[str]:
    """What the keys mean that all parts of a section may have."""
    lines = [
        f"  {key}: {line}" if first else f"    {line}"
        for key, row in _children(prefix).items()
        for first, line in zip([True, False, False], row["comment"].split("|"), strict=False)
    ]
    return ["Each one may have these keys:", *lines] if lines else []


def _flow(value) -> str:
    """A value on one line, quoted where YAML needs it."""
    if isinstance(value, Mapping):
        value = dict(value)
    elif isinstance(value, tuple):
        value = list(value)
    text = yaml.safe_dump(
        value, default_flow_style=True, allow_unicode=True, width=100_000, sort_keys=False
    )
    return text.removesuffix("...\n").strip()

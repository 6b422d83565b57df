"""The keys of country.yml: which exist, what each expects, and whether a value fits."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from pathlib import Path

from ldnkit import outlines, tables
from ldnkit.country_file import mappings
from ldnkit.country_file.document import Document, dotted, is_number, shown
from ldnkit.country_file.patterns import from_folder
from ldnkit.findings import closest

FIRST_YEAR, LAST_YEAR = 1980, 2100
YEAR_RANGE = re.compile(r"\s*(\d{4})\s*[-–:]\s*(\d{4})\s*")
USER_ASSIGNED = re.compile(r"X[A-Z]{2}")
#: What each kind of key expects, in words.
KINDS = {
    "area": "an M49 code or an ISO3 code",
    "boolean": "true or false",
    "codes": "a list of numbers, such as [0, 255]",
    "columns": "what a column holds, and its name",
    "crs": "a coordinate system, such as EPSG:4326",
    "cycle": "the year of a reporting process",
    "date": "a day, such as 2026-09-15",
    "file": "the name of a file",
    "iso3": "a three-letter country code (ISO 3166-1)",
    "lpd": "one raster per period",
    "names": "a text, or one text per language",
    "number": "a number",
    "parameters": "parameters with their values",
    "periods": "periods with their years",
    "rasters": "a pattern with {year}, or one file per year",
    "ratio": "males per 100 females: a number, or one per year",
    "regions": "a list of regions",
    "section": "further keys below it, moved in by two spaces",
    "series": "a NetCDF file, a Zarr folder, or a pattern with {year}",
    "statistic": "a file, and what it holds",
    "table": "a name or a CSV file",
    "text": "a text",
    "trends": "forms with their trends",
    "weighting": "a weight for principal and one for significant",
    "years": "a list of years, or two years as 2000-2023",
}


def keys() -> dict[str, dict]:
    """Every key of country.yml with its kind, choices, example and comment."""
    return {row["key"]: row for row in tables.read("country_keys").to_dict("records")}


def check_keys(document: Document) -> None:
    """Unknown, missing and wrongly typed keys; good values go to ``document.values``."""
    _check_level(document, document.tree, (), "")


def _check_level(document: Document, content: dict, path: tuple, prefix: str) -> None:
    known = {
        key.removeprefix(prefix): _named(row, path)
        for key, row in keys().items()
        if key.startswith(prefix) and not re.search(r"\.|\[\]", key.removeprefix(prefix))
    }
    for key in content:
        if key not in known:
            place = f" of {dotted(path)}" if path else ""
            document.problem(
                (*path, key), f"the unknown key '{key}'", f"a key{place}", closest(key, known)
            )
    for key, row in known.items():
        value, here = content.get(key), (*path, key)
        if value is None:
            if row["required"] == "yes":
                _missing(document, here, row)
        elif row["kind"] in ("section", "statistic"):
            if isinstance(value, dict):
                below = f"{prefix}{key}." if row["kind"] == "section" else f"{prefix[:-1]}[]."
                _check_level(document, value, here, below)
            else:
                _wrong(document, here, value, row)
        else:
            converted = _convert(document, here, value, row)
            if converted is not None:
                document.values[dotted(here)] = converted


def _named(row: dict, path: tuple) -> dict:
    """The row of a key that several sections share, with the name of this one in its example."""
    return row | {"example": row["example"].replace("{name}", str(path[-1]))} if path else row


def _missing(document: Document, path: tuple, row: dict) -> None:
    expected = KINDS.get(row["kind"], row["choices"].replace("|", " or "))
    example = row["example"]
    remedy = f"Write {path[-1]}: {example}" if example else f"Add the section {path[-1]}:"
    document.problem(path, "nothing", expected, f"{remedy}.")


def _wrong(document: Document, path: tuple, value, row: dict) -> None:
    example = f" Example: {path[-1]}: {row['example']}" if row["example"] else ""
    remedy = f"Correct it.{example}"
    if isinstance(value, str) and re.fullmatch(r"\s*-?\d+,\d+\s*", value):
        remedy = "Write the number with a decimal point."
    document.problem(path, shown(value), KINDS[row["kind"]], remedy)


def _convert(document: Document, path: tuple, value, row: dict):
    """The value as its kind wants it, or None after a finding."""
    kind = row["kind"]
    if kind == "choice":
        choices = row["choices"].split("|")
        wanted = str(value).lower() if not isinstance(value, (dict, list, bool)) else None
        for choice in choices:
            if wanted == choice.lower():
                return int(choice) if choice.isdigit() else choice
        expected = " or ".join(choices)
        document.problem(path, shown(value), expected, closest(value, choices))
        return None
    if kind == "regions":
        return _regions(document, path, value, row)
    fits = {
        "area": isinstance(value, (str, int)) and not isinstance(value, bool),
        "boolean": isinstance(value, bool),
        "codes": isinstance(value, list) and all(is_number(item) for item in value),
        "columns": isinstance(value, dict) and bool(value),
        "crs": isinstance(value, str) or is_number(value),
        "cycle": isinstance(value, int) and not isinstance(value, bool),
        "date": not isinstance(value, (list, dict)),
        "file": isinstance(value, str),
        "iso3": isinstance(value, str),
        "lpd": isinstance(value, dict),
        "names": isinstance(value, (str, dict)) and bool(value),
        "number": is_number(value),
        "parameters": isinstance(value, dict),
        "periods": isinstance(value, dict),
        "rasters": isinstance(value, (str, dict)) and bool(value),
        "ratio": is_number(value) or (isinstance(value, dict) and bool(value)),
        "series": isinstance(value, str) and bool(value.strip()),
        "table": isinstance(value, str),
        "text": is_number(value) or isinstance(value, str),
        "trends": isinstance(value, dict),
        "weighting": isinstance(value, dict),
        "years": isinstance(value, (list, str, int)) and not isinstance(value, bool),
    }[kind]
    if not fits:
        _wrong(document, path, value, row)
        return None
    special = {
        "area": mappings.area,
        "columns": mappings.columns,
        "crs": _crs,
        "cycle": _cycle,
        "date": mappings.day,
        "file": existing_file,
        "iso3": _iso3,
        "names": _names,
        "trends": mappings.trends,
        "weighting": mappings.weighting,
        "years": years,
    }
    if kind in special:
        return special[kind](document, path, value)
    if kind == "codes":
        return tuple(value)
    return str(value) if kind == "text" else value


def _regions(document: Document, path: tuple, value, row: dict):
    if not isinstance(value, list):
        _wrong(document, path, value, row)
        return None
    for number, region in enumerate(value, 1):
        here = (*path, f"[{number}]")
        if isinstance(region, dict):
            _check_level(document, region, here, "regions[].")
        else:
            document.problem(here, shown(region), "name and file", f"Example: {row['example']}")
    return value


def _iso3(document: Document, path: tuple, value: str):
    code = value.strip()
    if USER_ASSIGNED.fullmatch(code):
        return code
    try:
        found = outlines.check_iso3(code)
    except ValueError as error:
        hint = str(error).partition("; ")[2].partition(" Codes")[0]
        document.problem(path, f"'{value}'", KINDS["iso3"], hint[:1].upper() + hint[1:])
        return None
    if found != code:
        document.problem(path, f"'{value}'", f"'{found}'", f"Write iso3: {found}.")
        return None
    return found


def _names(document: Document, path: tuple, value):
    if isinstance(value, str):
        return {"en": value}
    names = {}
    for language, text in value.items():
        if language not in tables.LANGUAGES:
            document.problem(
                (*path, language),
                f"the language '{language}'",
                ", ".join(tables.LANGUAGES),
                closest(language, tables.LANGUAGES),
            )
        elif not isinstance(text, str) or not text.strip():
            document.problem(
                (*path, language), shown(text), "a text", f"Write the name ({language}) in quotes."
            )
        else:
            names[language] = text
    return names


def _cycle(document: Document, path: tuple, value: int):
    known = sorted({int(year) for year in tables.read("periods")["first_cycle"]})
    if value in known:
        return value
    remedy = f"Write cycle: {min(known, key=lambda year: abs(year - value))}."
    document.problem(path, shown(value), " or ".join(map(str, known)), remedy)
    return None


def _crs(document: Document, path: tuple, value):
    from pyproj import CRS
    from pyproj.exceptions import CRSError

    try:
        CRS.from_user_input(value)
    except CRSError:
        remedy = "Write the EPSG code of your grid, for example crs: EPSG:4326."
        document.problem(path, shown(value), KINDS["crs"], remedy)
        return None
    return value if isinstance(value, str) else f"EPSG:{value}"


def year(document: Document, path: tuple, value):
    """A year between 1980 and 2100, or None after a finding."""
    try:
        number = int(str(value)) if not isinstance(value, bool) else None
    except ValueError:
        number = None
    if number is None:
        document.problem(path, shown(value), "a year", "Write a year with four digits.")
    elif not FIRST_YEAR <= number <= LAST_YEAR:
        expected = f"a year between {FIRST_YEAR} and {LAST_YEAR}"
        document.problem(path, f"the year {number}", expected, "Correct the year.")
    else:
        return number
    return None


def years(document: Document, path: tuple, value) -> tuple[int, ...] | None:
    """Years from a list or from text such as ``2000-2023``."""
    if isinstance(value, str) and (match := YEAR_RANGE.fullmatch(value)):
        first, last = (year(document, path, part) for part in match.groups())
        if first is None or last is None:
            return None
        if first > last:
            document.problem(path, f"'{value}'", "the earlier year first", f"Write {last}-{first}.")
            return None
        return tuple(range(first, last + 1))
    items = value if isinstance(value, list) else [value]
    checked = []
    for place, item in enumerate(items, 1):
        here = (*path, f"[{place}]") if isinstance(value, list) else path
        number = year(document, here, item)
        if number in checked:
            document.problem(path, f"the year {number} twice", "each year once", "Delete one.")
        elif number is not None:
            checked.append(number)
    if not items:
        document.problem(path, "an empty list", KINDS["years"], "Write the years: 2000-2023.")
    return tuple(sorted(checked)) if checked else None


def existing_file(document: Document, path: tuple, value: str) -> Path | None:
    """The absolute path of an existing file, or None after a finding."""
    file = from_folder(document.folder, value)
    if file.is_file():
        return file.resolve()
    if file.is_dir():
        document.problem(path, f"the folder {value}", "a file", "Add the file name after it.")
        return None
    names = [entry.name for entry in _entries(file.parent)]
    close = difflib.get_close_matches(file.name, names, 1, 0.6)
    same = [name for name in names if name.lower() == file.name.lower()]
    remedy = (
        f"Did you mean {(same or close)[0]}?"
        if same or close
        else (
            f"Put the file there or correct the path (it begins at the folder of {document.file})."
        )
    )
    document.problem(path, f"no file {value}", "a file that exists", remedy)
    return None


def _entries(folder: Path) -> Iterator[Path]:
    return folder.iterdir() if folder.is_dir() else iter(())

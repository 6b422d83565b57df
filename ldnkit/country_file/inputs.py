"""What country.yml points to: rasters by year, polygons, tables as CSV files, metadata."""

from __future__ import annotations

import math
import re
import warnings
from pathlib import Path

import pandas

from ldnkit.country_file.document import Document, dotted, shown
from ldnkit.country_file.keys import FIRST_YEAR, LAST_YEAR, existing_file, keys, year
from ldnkit.country_file.layers import METADATA, Metadata, VectorFile
from ldnkit.country_file.patterns import from_folder
from ldnkit.findings import Finding, InputError, closest


def vector_file(document: Document, section: str) -> VectorFile | None:
    """The polygon file of a section with its layer."""
    file = document.values.get(f"{section}.file")
    return VectorFile(file, document.values.get(f"{section}.layer")) if file else None


def one_of(document: Document, section: str, *choices: str) -> None:
    """Exactly one of these keys must be given."""
    given = [key for key in choices if document.given(f"{section}.{key}")]
    wanted = " or ".join(choices)
    if len(given) > 1:
        document.problem(
            (section, given[1]),
            ("both " if len(given) == 2 else "") + " and ".join(given),
            wanted,
            f"Delete {' or '.join(given)}, whichever you do not want to use.",
        )
    elif not given:
        document.problem(
            (section, choices[0]),
            "nothing",
            wanted,
            f"Write {choices[0]}: {keys()[f'{section}.{choices[0]}']['example']}, or leave the "
            f"section out for now: {section}: null.",
        )


def positive(document: Document, key: str, most: float | None = None, unit: str = "") -> None:
    """A number, when it is given, must be above 0 and not above ``most``."""
    value = document.values.get(key)
    if value is not None and (not 0 < value < math.inf or (most is not None and value > most)):
        expected = "a number above 0" + (f" and at most {most:g}" if most is not None else "")
        document.problem(key, f"{value:g}", expected + unit, "Correct the number.")


def table(document: Document, path: tuple, reader, **options) -> pandas.DataFrame | None:
    """A packaged or national table; problems of its file are told with the line of the key."""
    key = dotted(path)
    if not document.usable(key):
        return None
    name = document.values.get(key, "unccd")
    if re.search(r"[/\\]|\.\w+$", name):
        file = existing_file(document, path, name)
        if file is None:
            return None
        document.values[key] = str(file)
        name = file
    return _call_table(document, path, reader, name, options)


def _call_table(document, path, reader, name, options) -> pandas.DataFrame | None:
    where = document.where(path)
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            table = reader(name, **options)
    except InputError as error:
        document.failed.add(dotted(path))
        for finding in error.findings:
            known = re.search(r"one of (.+)", finding.expected)
            if isinstance(name, str) and known:
                options_known = known.group(1).replace(" or ", ", ").split(", ")
                expected = f"a CSV file or one of {', '.join(options_known)}"
                document.problem(path, f"'{name}'", expected, closest(name, options_known))
            else:
                document.problem(
                    path,
                    f"{finding.found} in {finding.where}",
                    finding.expected,
                    finding.remedy,
                    notebook=finding.notebook,
                )
        return None
    for warning in caught:
        document.findings.append(Finding("warning", where, str(warning.message), notebook="02"))
    return table


def rasters(document: Document, section: str, key: str) -> dict[int, Path]:
    """Files by year from a pattern with {year} or from one file per year."""
    path, value = (section, key), document.values.get(f"{section}.{key}")
    if isinstance(value, str):
        return _pattern(document, path, value, document.values.get(f"{section}.years"))
    if document.given(f"{section}.years") and isinstance(value, dict):
        document.problem(
            (section, "years"),
            "years beside a list of files",
            "years with a pattern only",
            "Delete the line years.",
            severity="warning",
        )
    files: dict[int, Path] = {}
    for name, file in (value or {}).items():
        here = (*path, name)
        number = year(document, here, name)
        if number is None:
            continue
        if number in files:
            document.problem(here, f"the year {number} twice", "each year once", "Delete one.")
        elif not isinstance(file, str):
            document.problem(here, shown(file), "the name of a file", "Write the file name.")
        else:
            found = existing_file(document, here, file)
            if found in files.values():
                document.problem(
                    here,
                    f"{file} for a second year",
                    "another file for each year",
                    "Correct the file name.",
                )
            elif found:
                files[number] = found
    return dict(sorted(files.items()))


def _pattern(document: Document, path: tuple, value: str, given: tuple | None) -> dict[int, Path]:
    if value.count("{year}") != 1 or "{" in value.replace("{year}", ""):
        remedy = f"Example: {path[-1]}: {keys()[dotted(path)]['example']}"
        document.problem(path, f"'{value}'", "a path with {year} in it once", remedy)
        return {}
    folder = document.folder
    if given is None:
        if document.usable(f"{path[0]}.years"):
            given = _years_on_disk(folder, value)
            if not given:
                remedy = "Put the rasters there, or correct the pattern."
                document.problem(path, f"no file like {value}", "one raster per year", remedy)
        return {number: _file(folder, value, number) for number in given or ()}
    files = {number: _file(folder, value, number) for number in given}
    absent = [number for number, file in files.items() if not file.is_file()]
    if absent:
        no_files(document, path, value, absent, len(files))
    return files


def no_files(document: Document, path: tuple, pattern: str, absent: list[int], many: int) -> None:
    """A pattern finds no file for some of the years that are asked for."""
    document.problem(
        path,
        f"no file for {len(absent)} of {many} years ({listed(absent)})",
        f"files such as {pattern.replace('{year}', str(absent[0]))}",
        "Put the rasters there, correct the pattern, or correct years.",
    )


def listed(items) -> str:
    """The first six, and a sign that there are more."""
    return ", ".join(map(str, items[:6])) + (", …" if len(items) > 6 else "")


def _file(folder: Path, pattern: str, number: int) -> Path:
    return from_folder(folder, pattern.replace("{year}", str(number))).resolve()


def _years_on_disk(folder: Path, pattern: str) -> tuple[int, ...]:
    """Years between 1980 and 2100 for which the pattern names an existing file."""
    candidates = range(FIRST_YEAR, LAST_YEAR + 1)
    return tuple(number for number in candidates if _file(folder, pattern, number).is_file())


def metadata(document: Document, section: str) -> Metadata:
    """Annex II fields; national data without all four is an error (rule 7)."""
    values = {part: document.values.get(f"{section}.metadata.{part}", "") for part in METADATA}
    if document.values.get(f"{section}.source") == "national":
        for part, text in values.items():
            if not str(text).strip() and document.usable(f"{section}.metadata.{part}"):
                document.problem(
                    f"{section}.metadata.{part}",
                    "nothing",
                    f"the {part} of the national data (Annex II)",
                    f"Write {part}: or use source: default.",
                )
    return Metadata(**{part: str(text).strip() for part, text in values.items()})


def licences(document: Document) -> dict[str, str]:
    """Section -> licence of its data, where the metadata name one."""
    ending = ".metadata.licence"
    return {
        key.removesuffix(ending): str(value).strip()
        for key, value in document.values.items()
        if key.endswith(ending) and str(value).strip()
    }

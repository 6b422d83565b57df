"""The section population of country.yml: rasters by sex, or a census; official figures."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from ldnkit.country_file.document import Document, dotted, shown
from ldnkit.country_file.inputs import listed, metadata, no_files, vector_file
from ldnkit.country_file.keys import FIRST_YEAR, LAST_YEAR, existing_file, is_number, keys, year
from ldnkit.country_file.layers import SEXES, Population
from ldnkit.country_file.patterns import braces, on_disk

LEAST_RATIO, MOST_RATIO = 50, 400
CENSUS = ("districts", "table", "weight")
Files = dict[str, dict[int, tuple[Path, ...]]]


def population(document: Document) -> Population | None:
    """The section population: rasters by sex, or a census; and the official figures."""
    if not isinstance(document.tree.get("population"), dict):
        return None
    values = document.values
    _population_parts(document)
    files = {sex: _files_by_year(document, ("population", sex)) for sex in SEXES}
    files = {sex: by_year for sex, by_year in files.items() if by_year}
    good = {sex: files[sex] for sex in files if document.usable(f"population.{sex}")}
    _one_file_once(document, good)
    _same_years(document, good)
    _same_number(document, good)
    return Population(
        files=files,
        unit=values.get("population.unit", "counts"),
        sex_ratio=_sex_ratio(document),
        districts=vector_file(document, "population.districts"),
        district_key=values.get("population.districts.key", ""),
        table=values.get("population.table"),
        weight=values.get("population.weight"),
        national=values.get("population.national"),
        source=values.get("population.source", "default"),
        nodata=values.get("population.nodata", ()),
        metadata=metadata(document, "population"),
    )


def _population_parts(document: Document) -> None:
    """Which keys go together: women and men, or all people, or a census."""
    values = document.values
    given = {key for key in (*SEXES, *CENSUS) if document.given(f"population.{key}")}
    by_sex, by_raster = given & {"female", "male"}, given & set(SEXES)
    census = [key for key in CENSUS if key in given]
    if len(by_sex) == 1:
        (one,) = by_sex
        other = "male" if one == "female" else "female"
        _say(document, other, f"{one} without {other}", "both, or total", f"Add {other}: too.")
    if by_raster and census:
        names = " and ".join(sorted(by_raster, key=SEXES.index))
        remedy = f"Delete {names}, or delete {' and '.join(census)}."
        _say(document, census[0], "rasters and a census", "one of the two", remedy)
    elif census:
        _census_parts(document, census)
    elif not by_raster:
        _no_people(document)
    _sex_ratio_parts(document, by_sex, by_raster, census)
    listed_only = all(isinstance(values.get(f"population.{key}"), dict) for key in by_raster)
    if document.given("population.years") and given and listed_only:
        remedy, wanted = "Delete the line years.", "years with a pattern only"
        _say(document, "years", "years without a pattern", wanted, remedy, "warning")


def _say(document: Document, key: str, found, expected, remedy, severity="error") -> None:
    document.problem(("population", key), found, expected, remedy, severity=severity)


def _census_parts(document: Document, census: list[str]) -> None:
    """Districts and their table belong together; they hold persons, never a density."""
    known = keys()
    example = f"{{file: {known['population.districts.file']['example']}, key: code}}"
    for key, value in (("districts", example), ("table", known["population.table"]["example"])):
        if key not in census:
            found, expected = f"{' and '.join(census)} without {key}", "districts and table"
            _say(document, key, found, expected, f"Write {key}: {value}.")
    if document.values.get("population.unit") == "density":
        remedy = "Write unit: counts, or delete the line unit."
        _say(document, "unit", "density with districts", "persons per district (counts)", remedy)


def _no_people(document: Document) -> None:
    """Neither rasters nor a census; the official figures alone fill one table."""
    remedy = f"Write female: {keys()['population.female']['example']}, and male: in the same way"
    if document.given("population.national"):
        found, expected = "the official figures only", "population by cell too"
        remedy += ". Without it, SO2-3 and SO3-2 stay empty."
        _say(document, "female", found, expected, remedy, "warning")
    else:
        remedy += ", or leave the section out for now: population: null."
        _say(document, "female", "nothing", "female and male, or total, or districts", remedy)


def _sex_ratio_parts(document: Document, by_sex: set, by_raster: set, census: list[str]) -> None:
    """The ratio of the sexes belongs to people who are not counted by sex."""
    ratio = document.given("population.sex_ratio")
    if ratio and by_sex:
        remedy = "Delete sex_ratio, or delete female and male."
        _say(document, "sex_ratio", "sex_ratio beside female and male", "one of the two", remedy)
    elif ratio and not by_raster and not census:
        remedy = "Add total:, or delete sex_ratio."
        _say(document, "sex_ratio", "sex_ratio without total", "total with it", remedy)
    elif by_raster == {"total"} and not ratio:
        remedy = "Add female: and male:, or write sex_ratio: and males per 100 females."
        found, expected = "people without their sex", "women and men (SO2-3 and SO3-2 ask for them)"
        _say(document, "total", found, expected, remedy, "warning")


def _files_by_year(document: Document, path: tuple) -> dict[int, tuple[Path, ...]]:
    """Rasters of each year from a pattern, or from a file or several files per year."""
    value = document.values.get(dotted(path))
    if isinstance(value, str):
        return _files_of_pattern(document, path, value)
    files: dict[int, tuple[Path, ...]] = {}
    for name, given in (value or {}).items():
        here = (*path, name)
        number = year(document, here, name)
        if number is None:
            continue
        if number in files:
            document.problem(here, f"the year {number} twice", "each year once", "Delete one.")
            continue
        several = isinstance(given, list)
        if several and not given:
            document.problem(here, "an empty list", "files", "Write the file names.")
        found = []
        for place, file in enumerate(given if several else [given], 1):
            item = (*here, f"[{place}]") if several else here
            if isinstance(file, str):
                found.append(existing_file(document, item, file))
            else:
                document.problem(item, shown(file), "the name of a file", "Write the file name.")
        files[number] = tuple(file for file in found if file)
    return dict(sorted((number, found) for number, found in files.items() if found))


def _files_of_pattern(document: Document, path: tuple, value: str) -> dict[int, tuple[Path, ...]]:
    parts = Counter(braces(value))
    if not parts["year"] or parts["age"] > 1 or set(parts) - {"year", "age"}:
        remedy = f"Example: {path[-1]}: {keys()[dotted(path)]['example']}"
        document.problem(path, f"'{value}'", "a path with {year} in it, and {age} or not", remedy)
        return {}
    files: dict[int, tuple[Path, ...]] = {}
    for texts, file in on_disk(document.folder, value):
        number = int(texts["year"])
        if FIRST_YEAR <= number <= LAST_YEAR:
            files[number] = (*files.get(number, ()), file)
    wanted = document.values.get("population.years")
    if wanted is None:
        if not files and document.usable("population.years"):
            remedy = "Put the rasters there, or correct the pattern."
            document.problem(path, f"no file like {value}", "one raster per year", remedy)
        return files
    absent = [number for number in wanted if number not in files]
    if absent:
        no_files(document, path, value, absent, len(wanted))
    return {number: files[number] for number in wanted if number in files}


def _one_file_once(document: Document, files: Files) -> None:
    """A raster that stands for two years or two sexes would count people twice."""
    seen: dict[Path, str] = {}
    for sex, by_year in files.items():
        again = []
        for number, found in by_year.items():
            for file in found:
                if file in seen:
                    again.append(f"{file.name}, which is {seen[file]} already")
                seen.setdefault(file, f"{sex} {number}")
        if again:
            found = again[0] + (f" ({len(again)} files like this)" if len(again) > 1 else "")
            remedy = "Correct the file name or the pattern."
            _say(document, sex, found, "another file for each year and sex", remedy)


def _same_years(document: Document, files: Files) -> None:
    """Women and men are counted in the same years, all people when both are there."""
    female, male, total = (set(files.get(sex, ())) for sex in ("female", "male", "total"))
    for sex, own, other_sex, other in (
        ("female", female, "male", male),
        ("male", male, "female", female),
    ):
        absent = sorted(other - own)
        if own and absent:
            found = f"no {sex} of {listed(absent)}, but {other_sex}"
            remedy = "Add the rasters, or write years: and the years that both have."
            _say(document, sex, found, "female and male of the same years", remedy)
    absent = sorted(total - female)
    if total and female and absent:
        found = f"no female and male of {listed(absent)}, but total"
        remedy = "Add the rasters of women and men when there are any."
        _say(document, "total", found, "female and male of the same years", remedy, "warning")


def _same_number(document: Document, files: Files) -> None:
    """A year with fewer age groups than the others has too few people."""
    for group in (("female", "male"), ("total",)):
        many = [
            (sex, number, len(found))
            for sex in group
            for number, found in files.get(sex, {}).items()
        ]
        most = max((count for *_, count in many), default=0)
        for sex in group:
            fewer = [
                f"{number} ({count})" for of, number, count in many if of == sex and count < most
            ]
            if fewer:
                found = f"fewer than {most} files in {listed(fewer)}"
                remedy = "Look for age groups that are missing: without them people are missing."
                expected = "as many files in all years and for both sexes"
                _say(document, sex, found, expected, remedy, "warning")


def _sex_ratio(document: Document) -> dict[int, float]:
    """Males per 100 females by year; the key 0 stands for all years."""
    path, given = ("population", "sex_ratio"), document.values.get("population.sex_ratio")
    if given is None:
        return {}
    if not isinstance(given, dict):
        return {0: float(given)} if _plausible_ratio(document, path, given) else {}
    ratios: dict[int, float] = {}
    for name, value in given.items():
        here = (*path, name)
        number, plausible = year(document, here, name), _plausible_ratio(document, here, value)
        if number in ratios:
            document.problem(here, f"the year {number} twice", "each year once", "Delete one.")
        elif number is not None and plausible:
            ratios[number] = float(value)
    return dict(sorted(ratios.items()))


def _plausible_ratio(document: Document, path: tuple, value) -> bool:
    """Whether the value may be males per 100 females; if not, it is told."""
    if not is_number(value):
        document.problem(path, shown(value), "a number", "Write a number such as 101.5.")
        return False
    if LEAST_RATIO <= value <= MOST_RATIO:
        return True
    remedy = "Write males per 100 females, such as 101.5."
    if LEAST_RATIO <= 100 * value <= MOST_RATIO:
        remedy = f"Write {100 * value:g}: males per 100 females."
    document.problem(path, f"{value:g}", f"a number from {LEAST_RATIO} to {MOST_RATIO}", remedy)
    return False

"""Rules 1, 3 and 4 for people and drought: what must agree within a table and between tables.

Figures are compared before rounding, to a relative 1e-6.
"""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from ldnkit.country_file.layers import SEXES
from ldnkit.findings import Finding
from ldnkit.prais.breaches import TOLERANCE, breach, differ, km2, percent
from ldnkit.prais.people import GROUPS, PLACES
from ldnkit.prais.printed_people import DROUGHT_TABLES
from ldnkit.prais.report import DROUGHT, UNDER_DROUGHT, Report, Table
from ldnkit.prais.sums import share_of_total

#: Group -> its column in CP-1.T2.
COLUMNS = {group: column for column, group in GROUPS.items()}
#: What explains a share of people above 100 %.
ABOVE_ALL = (
    "More people are counted on the map than CP-1.T2 has. Compare both in the table for checking, "
    "see whether cells hold persons or persons per km², and correct the one that is wrong."
)


def persons(value: float) -> str:
    return f"{value:,.1f} persons"


def _national(report: Report, year: str, sex: str) -> float:
    """Persons of a group in CP-1.T2, NaN when it has none."""
    table = report.tables.get("CP-1.T2")
    if table is None or year not in table.frame.index:
        return float("nan")
    return float(table.frame.loc[year, COLUMNS[sex]]) * 1000


def _exposed(report: Report) -> Iterator[tuple[Table, str, str, str, float]]:
    """Exposed persons of every table: table, year, column, group, persons."""
    table = report.tables.get("SO2-3.T1")
    for year in table.frame.index if table is not None else ():
        for sex in SEXES:
            yield table, year, f"{sex}.exposed", sex, float(table.frame.loc[year, f"{sex}.exposed"])
    for sex, table_id in DROUGHT_TABLES.items():
        table = report.tables.get(table_id)
        for year in table.frame.index if table is not None else ():
            yield table, year, "exposed", sex, float(table.frame.loc[year, "exposed"])


def national_population(report: Report) -> Iterator[Finding]:
    """Rule 1: the population of CP-1.T2 is never smaller than the people exposed."""
    larger: dict[tuple[str, str], list[tuple[float, str]]] = {}
    for table, year, column, sex, value in _exposed(report):
        national = _national(report, year, sex)
        if value > national and differ(value, national):
            larger.setdefault((year, sex), []).append((value, f"{table.id}, {year}, {column}"))
    for (year, sex), found in larger.items():
        yield breach(
            "national_population",
            "CP-1.T2",
            f"{year}, {COLUMNS[sex]}",
            persons(_national(report, year, sex)),
            f"at least {persons(max(value for value, _ in found))}, the people exposed in "
            + "; ".join(where for _, where in found),
            ABOVE_ALL,
        )


def population_totals(report: Report) -> Iterator[Finding]:
    """Rule 1: people counted on the map are the same in every table, and in CP-1.T2."""
    counted: dict[tuple[str, str], dict[str, float]] = {}
    national = report.tables.get("CP-1.T2")
    for year in national.frame.index if national is not None else ():
        if pd.isna(national.help.loc[year, "official"]) and _sexes_close(report, year):
            for sex in SEXES:
                counted.setdefault((year, sex), {})["CP-1.T2"] = _national(report, year, sex)
    for table_id, year, sex, value in _populations(report):
        counted.setdefault((year, sex), {})[table_id] = value
    for (year, sex), found in counted.items():
        known = {table_id: value for table_id, value in found.items() if pd.notna(value)}
        if not known:
            continue
        table_id, first = next(iter(known.items()))
        others = [name for name, value in known.items() if differ(value, first)]
        if others:
            yield breach(
                "population_totals",
                table_id,
                f"{year}, {COLUMNS[sex] if table_id == 'CP-1.T2' else sex}",
                persons(first),
                "; ".join(f"{persons(known[name])}, population of {name}" for name in others),
                "Compute the tables again from the same population maps.",
            )


def _populations(report: Report) -> Iterator[tuple[str, str, str, float]]:
    table = report.tables.get("SO2-3.T1")
    for year, sex in table.help.index if table is not None else ():
        yield table.id, year, sex, float(table.help.loc[(year, sex), "population"])
    for sex, table_id in DROUGHT_TABLES.items():
        table = report.tables.get(table_id)
        for year in table.frame.index if table is not None else ():
            yield table_id, year, sex, float(table.help.loc[year, "population"])


def _sexes_close(report: Report, year: str) -> bool:
    """Whether female and male of CP-1.T2 are the total; a year that is not there closes."""
    total, female, male = (_national(report, year, sex) for sex in SEXES)
    return not differ(female + male, total)


def population_sums(report: Report) -> Iterator[Finding]:
    """Rule 3: female plus male is the total."""
    table = report.tables.get("CP-1.T2")
    for year, row in table.frame.iterrows() if table is not None else ():
        total, male, female = (float(row[column]) for column in GROUPS)
        if differ(female + male, total):
            yield breach(
                "population_sum",
                table,
                f"{year}, total_population",
                f"{total:,.3f} thousand",
                f"{female + male:,.3f} thousand, female plus male",
                "Correct one of the three figures.",
            )
    by_sex: dict[tuple[str, str, str], dict[str, float]] = {}
    for table, year, column, sex, value in _exposed(report):
        if differ(value, _counted(table, year, sex)):
            continue  # the cell is told by itself
        place = ("SO2-3.T1", year, "total.exposed")
        if table.id != "SO2-3.T1":
            place = (DROUGHT_TABLES["total"], year, column)
        by_sex.setdefault(place, {})[sex] = value
    for (table_id, year, column), found in by_sex.items():
        if set(found) != set(SEXES):
            continue
        parts = found["female"] + found["male"]
        if differ(parts, found["total"]):
            yield breach(
                "population_sum",
                table_id,
                f"{year}, {column}",
                persons(found["total"]),
                f"{persons(parts)}, female plus male",
                "Correct one of the three figures, or compute the table again.",
            )


def _counted(table: Table, year: str, sex: str) -> float:
    """Exposed persons that the figures for checking have for a cell."""
    if table.id == "SO2-3.T1":
        return float(table.help.loc[(year, sex), "exposed"])
    return float(sum(float(table.help.loc[year, name]) for name in UNDER_DROUGHT))


def class_sums(report: Report) -> Iterator[Finding]:
    """Rule 4: classes of land and of people add up, and their parts under drought."""
    yield from _land_classes(report)
    yield from _land_under_drought(report)
    yield from _people_classes(report)
    yield from _people_places(report)


def _land_classes(report: Report) -> Iterator[Finding]:
    """SO3-1.T1: classes add up to the land of the year, each share is its area over the land."""
    table = report.tables.get("SO3-1.T1")
    for year, row in table.frame.iterrows() if table is not None else ():
        total = float(row["total_land_area"])
        area = _sum(row, "area", DROUGHT.values())
        if differ(area, total):
            yield breach(
                "class_sum",
                table,
                f"{year}, total_land_area",
                km2(total),
                f"{km2(area)}, the sum of the classes",
                "Correct the class or the total, or compute the table again.",
            )
            continue
        for name in DROUGHT.values():
            wanted = 100 * float(row[f"{name}.area"]) / total if total else float("nan")
            column = f"{name}.share_of_land"
            yield from share_of_total(table, f"{year}, {column}", float(row[column]), wanted)


def _land_under_drought(report: Report) -> Iterator[Finding]:
    """SO3-1.T2: the four drought classes of SO3-1.T1 together, where those add up."""
    classes, table = report.tables.get("SO3-1.T1"), report.tables.get("SO3-1.T2")
    if classes is None or table is None:
        return
    told = {finding.where.partition(", ")[2].partition(",")[0] for finding in _land_classes(report)}
    for year in table.frame.index.intersection(classes.frame.index):
        for what, unit in (("area", "km²"), ("share_of_land", "%")):
            found = float(table.frame.loc[year, f"under_drought.{what}"])
            expected = _sum(classes.frame.loc[year], what, UNDER_DROUGHT)
            if differ(found, expected) and year not in told and _is_share(found, unit):
                yield breach(
                    "drought_sum",
                    table,
                    f"{year}, under_drought.{what}",
                    f"{found:,.4f} {unit}",
                    f"{expected:,.4f} {unit}, mild to extreme drought in SO3-1.T1",
                    "Correct the cell, or compute both tables again.",
                )


def _is_share(value: float, unit: str = "%") -> bool:
    """Whether rule 1 lets a share pass; it says those above 100 % itself."""
    return unit != "%" or value <= 100 * (1 + TOLERANCE)


def _people_classes(report: Report) -> Iterator[Finding]:
    """SO3-2: shares are those of the persons counted, exposed is mild … extreme."""
    for table_id in DROUGHT_TABLES.values():
        table = report.tables.get(table_id)
        for key in table.help.index if table is not None else ():
            helped = table.help.loc[key]
            by_class = sum(float(helped[name]) for name in DROUGHT.values())
            if differ(by_class, float(helped["population"])):
                yield _not_the_population(table, str(key), by_class, float(helped["population"]))
        for year, row in table.frame.iterrows() if table is not None else ():
            yield from _people_of_a_year(table, year, row)


def _people_of_a_year(table: Table, year: str, row: pd.Series) -> Iterator[Finding]:
    helped = table.help.loc[year]
    people, wrong = sum(float(helped[name]) for name in DROUGHT.values()), []
    counted = people > 0 and not differ(people, float(helped["population"]))
    for name in DROUGHT.values():
        wanted = 100 * float(helped[name]) / people if counted else float("nan")
        cell = f"{year}, {name}.share"
        wrong += share_of_total(table, cell, float(row[f"{name}.share"]), wanted)
    sums = [("exposed", float(row["exposed"]), _counted(table, year, ""))]
    if not wrong:
        parts = _sum(row, "share", UNDER_DROUGHT)
        sums.append(("exposed.share", float(row["exposed.share"]), parts))
    yield from wrong
    for column, found, expected in sums:
        share = column.endswith("share")
        if differ(found, expected) and (not share or _is_share(found)):
            say = percent if share else persons
            yield breach(
                "drought_sum",
                table,
                f"{year}, {column}",
                say(found),
                f"{say(expected)}, mild to extreme drought together",
                "Correct the cell, or compute the table again.",
            )


def _people_places(report: Report) -> Iterator[Finding]:
    """SO2-3.T1: people by place add up; the exposed are theirs, shares those of CP-1.T2."""
    table = report.tables.get("SO2-3.T1")
    if table is None:
        return
    for (year, sex), row in table.help.iterrows():
        by_place = sum(float(row[place]) for place in PLACES)
        if differ(by_place, float(row["population"])):
            yield _not_the_population(table, f"{year}, {sex}", by_place, float(row["population"]))
    for year in table.frame.index:
        for sex in SEXES:
            exposed, share = (
                float(table.frame.loc[year, f"{sex}.{name}"]) for name in ("exposed", "share")
            )
            expected = float(table.help.loc[(year, sex), "exposed"])
            wrong = differ(exposed, expected)
            if wrong:
                yield breach(
                    "exposed_sum",
                    table,
                    f"{year}, {sex}.exposed",
                    persons(exposed),
                    f"{persons(expected)}, people on degraded land",
                    "Correct the cell, or compute the table again.",
                )
            national = _national(report, year, sex)
            if wrong or not national or exposed > national or not _is_share(share):
                continue  # the cell, or CP-1.T2, is told by itself
            if not _sexes_close(report, year):
                continue
            if differ(share, 100 * exposed / national):
                yield breach(
                    "exposed_share",
                    table,
                    f"{year}, {sex}.share",
                    percent(share),
                    f"{percent(100 * exposed / national)}, the exposed persons over "
                    f"{COLUMNS[sex]} in CP-1.T2",
                    "Correct the cell, or build the report again.",
                )


def _not_the_population(table: Table, cell: str, found: float, expected: float) -> Finding:
    return breach(
        "class_sum",
        table,
        f"{cell}, population",
        f"{persons(found)}, the sum of the classes",
        persons(expected),
        "Compute the table again.",
    )


def _sum(row: pd.Series, what: str, names) -> float:
    return sum(float(row[f"{name}.{what}"]) for name in names)

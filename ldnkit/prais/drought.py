"""The tables of the forms SO3-1 and SO3-2: land under drought, and people in drought."""

from __future__ import annotations

import calendar
from collections.abc import Iterator

import pandas as pd

from ldnkit import tables
from ldnkit.periods import year_spans, years_between
from ldnkit.prais.inputs import Inputs, areas_by
from ldnkit.prais.people import denominators, difference, national, percent, persons_by
from ldnkit.prais.report import DROUGHT, TOTAL, UNDER_DROUGHT, Table

#: How the share of people under any drought is called beside their number.
EXPOSED = ("exposed", "exposed.share")


def drought_years(inputs: Inputs) -> list[int]:
    """The years of the drought tables."""
    first = int(tables.constant("drought_first_year"))
    return list(years_between(first, inputs.cycle.last.last))


# ---------------------------------------------------------------------- land, SO3-1
def land_by_class(inputs: Inputs, table: Table) -> None:
    """SO3-1.T1: land area of every year in each drought class; windows as a help."""
    long = inputs.table("drought", "drought")
    table.frame = _land(inputs, long.groupby("year"), drought_years(inputs), "year")
    windows = inputs.table("drought", "drought_windows")
    spans = windows["first"].astype(str) + "–" + windows["last"].astype(str)
    table.help = _land(inputs, windows.groupby(spans), sorted(set(spans)), "window")
    _describe(inputs, table)
    table.sources = inputs.sources("drought", "land_cover")
    covers = long.groupby("land_cover_year")["year"].unique()
    spoken = "; ".join(f"{cover} for {year_spans(years)}" for cover, years in covers.items())
    table.notes += [
        f"Shares: percent of the total land area of the year. Land cover: {spoken}.",
        "For checking: the highest class of each cell in every window of years.",
    ]


def _land(inputs: Inputs, groups, keys: list, name: str) -> pd.DataFrame:
    """Area of every class, total land, share of every class; without rows all are empty."""
    parts, rows = dict(iter(groups)), {}
    for key in keys:
        row = dict.fromkeys([f"{each}.area" for each in DROUGHT.values()], float("nan"))
        row["total_land_area"] = float("nan")
        if key in parts:
            areas = areas_by(inputs.land(parts[key]), "drought", DROUGHT)
            row = {f"{each}.area": areas[each] for each in DROUGHT.values()}
            row["total_land_area"] = areas[TOTAL]
        for each in DROUGHT.values():
            row[f"{each}.share_of_land"] = percent(row[f"{each}.area"], row["total_land_area"])
        rows[str(key)] = row
    return pd.DataFrame.from_dict(rows, orient="index").astype(float).rename_axis(name)


def land_under_drought(inputs: Inputs, table: Table) -> None:
    """SO3-1.T2: land under drought of any class in every year."""
    groups = inputs.table("drought", "drought").groupby("year")
    land = _land(inputs, groups, drought_years(inputs), "year")
    table.frame = pd.DataFrame(
        {
            f"under_drought.{what}": land[[f"{each}.{what}" for each in UNDER_DROUGHT]].sum(
                axis=1, skipna=False
            )
            for what in ("area", "share_of_land")
        }
    )
    table.help = land[["total_land_area", "no_data.area"]]
    _describe(inputs, table)
    table.sources = inputs.sources("drought", "land_cover")
    table.notes.append(
        "Under drought: mild, moderate, severe and extreme drought together, as in SO3-1.T1. "
        "Land without data is not counted as drought."
    )


def _describe(inputs: Inputs, table: Table) -> None:
    """Years, the index and its month."""
    table.period = year_spans(drought_years(inputs))
    table.used = {
        year: used for year, used in inputs.used("drought_index").items() if table.concerns(year)
    }
    section, options = inputs.country.drought, inputs.country.parameters
    kind = "SPEI" if section.water_balance else "SPI"
    if section.index:
        own = section.index_kind == "national"
        table.fields = {"drought_index": "national_index" if own else section.index_kind}
        return
    table.fields = {"drought_index": f"{kind}-{options['drought_scale']}"}
    first, last = options["drought_reference_first"], options["drought_reference_last"]
    table.notes.append(
        f"The index of {calendar.month_name[options['drought_month']]} speaks for the year. "
        f"Reference period {first}–{last}."
    )


# -------------------------------------------------------------------- people, SO3-2
def people_total(inputs: Inputs, table: Table) -> None:
    """SO3-2.T1: total population in each drought class."""
    _people(inputs, table, "total")


def people_female(inputs: Inputs, table: Table) -> None:
    """SO3-2.T2: female population in each drought class."""
    _people(inputs, table, "female")


def people_male(inputs: Inputs, table: Table) -> None:
    """SO3-2.T3: male population in each drought class."""
    _people(inputs, table, "male")


def _people(inputs: Inputs, table: Table, sex: str) -> None:
    figures, rows, helps = national(inputs), {}, {}
    parts = dict(_parts(inputs))
    for year in drought_years(inputs):
        persons = _persons(parts[year])[sex] if year in parts else _nobody()
        rows[str(year)] = _shares(persons)
        helps[str(year)] = _checked(parts.get(year), persons, figures, year, sex)
    for (first, last), part in _windows(inputs):
        persons = _persons(part)[sex]
        helps[f"{first}–{last}"] = _checked(part, persons, figures, last, sex)
    table.frame = pd.DataFrame.from_dict(rows, orient="index").rename_axis("year")
    table.help = pd.DataFrame.from_dict(helps, orient="index").rename_axis("years")
    _describe(inputs, table)
    table.sources = inputs.sources("drought", "population")
    table.notes += [
        "Shares: percent of the people of this group who are counted inside the country, on land "
        "or not. Exposed: mild, moderate, severe and extreme drought together.",
        "The platform multiplies the share by CP-1.T2; the last columns for checking show it. "
        "Rows of several years: the highest class of each cell in these years.",
    ]


def _parts(inputs: Inputs) -> Iterator[tuple[int, pd.DataFrame]]:
    for year, part in inputs.table("drought_exposure", "drought_exposure").groupby("year"):
        yield int(year), part


def _windows(inputs: Inputs) -> Iterator[tuple[tuple[int, int], pd.DataFrame]]:
    long = inputs.table("drought_exposure", "drought_exposure_windows")
    yield from long.groupby(["first", "last"])


def _persons(part: pd.DataFrame) -> pd.DataFrame:
    return persons_by(part, "drought", DROUGHT)


def _nobody() -> pd.Series:
    return pd.Series(float("nan"), list(DROUGHT.values()))


def _shares(persons: pd.Series) -> dict[str, float]:
    whole, in_drought = persons.sum(skipna=False), persons[list(UNDER_DROUGHT)].sum(skipna=False)
    shares = {f"{name}.share": percent(value, whole) for name, value in persons.items()}
    return shares | dict(zip(EXPOSED, (in_drought, percent(in_drought, whole)), strict=True))


def _checked(part, persons: pd.Series, figures: pd.DataFrame, year: int, sex: str) -> dict:
    """Persons of every class, their sum, CP-1.T2, and what the platform makes of the share."""
    whole, in_drought = persons.sum(skipna=False), persons[list(UNDER_DROUGHT)].sum(skipna=False)
    total = denominators(figures, year, pd.Series({sex: whole}))[sex]
    return persons.to_dict() | {
        "exposed": in_drought,
        "population": whole,
        "national_population": total,
        "difference.share": difference(whole, total),
        "exposed_national": percent(in_drought, whole) * total / 100,
        "grid_year": "" if part is None else str(part["population_year"].iloc[0]),
    }

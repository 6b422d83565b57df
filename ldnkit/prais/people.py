"""The tables about people: national population, and people exposed to land degradation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from ldnkit import tables
from ldnkit.country_file.layers import SEXES
from ldnkit.periods import closest_year, year_spans, years_between
from ldnkit.prais import rounding
from ldnkit.prais.inputs import Inputs
from ldnkit.prais.report import Table, as_text

#: Columns of CP-1.T2 and the group each counts.
GROUPS = {"total_population": "total", "male": "male", "female": "female"}
#: Where the people of a country live, in the order of the help table; the parts of the whole.
PLACES = ("exposed", "not_exposed", "no_data", "on_water")
#: What to do when the population is not given by sex.
BY_SEX = (
    "Give the population by sex in country.yml (population: female and male, or total with "
    "sex_ratio), compute it again, and build the report again."
)


# ------------------------------------------------------------------ national population
def counted(inputs: Inputs, place: str = "inside") -> pd.DataFrame:
    """Persons on the population grid inside or outside the country: year × group."""
    if "population" not in inputs.results:
        return pd.DataFrame(columns=list(SEXES), dtype=float)
    long = inputs.table("population", "population")
    long = long[long["place"] == place]
    sums = long.groupby(["year", "sex"])["persons"].sum(min_count=1).unstack("sex")
    return sums.reindex(columns=list(SEXES)).astype(float)


def official(inputs: Inputs) -> pd.DataFrame:
    """Persons of the official national figures: year × group; empty when none are given."""
    if "population" not in inputs.results:
        return pd.DataFrame(columns=list(SEXES), dtype=float)
    frame = inputs.table("population", "national").set_index("year")
    return frame.reindex(columns=list(SEXES)).dropna(subset="total").astype(float)


def national(inputs: Inputs) -> pd.DataFrame:
    """Persons that CP-1.T2 reports: year × group, with the year used and whether it is official.

    The official figure of a year counts; else the sum of the grid; else those of the closest
    year that has one of them.
    """
    figures, grid = official(inputs), counted(inputs)
    known = figures.index.union(grid.index).astype(int)
    rows = {}
    for year in reporting_years(inputs) if len(known) else ():
        used = closest_year(year, known)
        source = figures if used in figures.index else grid
        rows[year] = source.loc[used].to_dict() | {"used": used, "official": source is figures}
    frame = pd.DataFrame.from_dict(rows, orient="index", columns=[*SEXES, "used", "official"])
    return frame.rename_axis("year")


def reporting_years(inputs: Inputs) -> tuple[int, ...]:
    """The years of CP-1.T2."""
    return years_between(inputs.cycle.baseline.first, inputs.cycle.last.last)


def population(inputs: Inputs, table: Table) -> None:
    """CP-1.T2: total, male and female population of every year, in thousands."""
    figures, grid, outside = national(inputs), counted(inputs), counted(inputs, "outside")
    table.used = {str(year): int(used) for year, used in figures["used"].items() if used != year}
    table.frame = pd.DataFrame(
        {column: figures[group].astype(float) / 1000 for column, group in GROUPS.items()}
    )
    table.frame.index = pd.Index(map(str, figures.index), name="year")
    said = {year: f"{used} used" for year, used in table.used.items()}
    comments = [said.get(year, "") for year in table.frame.index]
    table.frame["comments"] = pd.Series(comments, table.frame.index, dtype=object)
    table.text = table.optional = ("comments",)
    table.answers = unknown_columns(table.frame, ("male", "female"))
    rows = {}
    for year, row in figures.iterrows():
        used = closest_year(year, grid.index) if len(grid) else None
        inside = grid["total"].get(used, np.nan)
        rows[str(year)] = {
            "official": row["total"] / 1000 if row["official"] else np.nan,
            "grid_inside": inside / 1000,
            "grid_outside": outside["total"].get(used, np.nan) / 1000,
            "difference.share": difference(inside, row["total"]),
            "grid_year": "" if used is None else str(used),
        }
    table.help = pd.DataFrame.from_dict(rows, orient="index").rename_axis("year")
    table.period = year_spans(figures.index)
    table.sources = inputs.sources("population")
    table.notes += _population_notes(figures, table)


def _population_notes(figures: pd.DataFrame, table: Table) -> list[str]:
    notes = ["In thousands. Grid: people of the population map, inside and outside the boundary."]
    if figures["official"].all():
        notes.append("All figures are the official ones of the country.")
    elif figures["official"].any():
        years = year_spans(figures.index[~figures["official"].astype(bool)])
        notes.append(f"Official figures, where there are any. Sum of the population map: {years}.")
    else:
        notes.append("No official figures are given: the figures are sums of the population map.")
    gap = table.help.loc[table.help["official"].notna(), "difference.share"].abs().max()
    if gap > 0:
        notes.append(f"Map and official figures differ by {gap:.2f} % at most.")
    if table.answers:
        notes.append("The population is not given by sex for every year. " + BY_SEX)
    return notes


def difference(found: float, expected: float) -> float:
    """Percent by which a figure is above (or, negative, below) another one."""
    return 100 * (found - expected) / expected if expected else float("nan")


def unknown_columns(frame: pd.DataFrame, columns: Iterable[str]) -> tuple[str, ...]:
    """Columns with a gap, which the team fills."""
    return tuple(column for column in columns if frame[column].isna().any())


def by_sex(inputs: Inputs, indicator: str) -> bool:
    """Whether people are counted by sex."""
    long = inputs.table(indicator, indicator)
    return bool(long[["female", "male"]].notna().all(axis=None))


def denominators(figures: pd.DataFrame, year: int, persons: pd.Series) -> pd.Series:
    """National total of every group in a year: that of CP-1.T2, else the people counted."""
    if year not in figures.index:
        return persons
    known = figures.loc[year, list(SEXES)].astype(float)
    return known.fillna(persons)


def persons_by(long: pd.DataFrame, column: str, keys: Mapping) -> pd.DataFrame:
    """Persons of every class of a column and group; a group that is not known stays empty."""
    sums = long.groupby(column)[list(SEXES)].sum().reindex(list(keys), fill_value=0.0)
    sums.index = list(keys.values())
    return sums.assign(**{sex: np.nan for sex in SEXES if long[sex].isna().any()}).astype(float)


# ------------------------------------------------------------- people on degraded land
def places(inputs: Inputs) -> pd.DataFrame:
    """People by where they live: (year, sex) × exposed, not exposed, no data, on water.

    Exposed are the people on land that is degraded, by status or by period assessment. With them
    come the sum, the national total of the group, the difference, the share and the year used.
    """
    long = inputs.table("exposure", "exposure")
    column = "period_class" if _by_period(inputs) else "status_class"
    chosen = [
        long["land_cover"].isin(inputs.water),
        long[column] == -1,
        long[column] == tables.NODATA,
    ]
    place = np.select(chosen, ["on_water", "exposed", "no_data"], "not_exposed")
    figures, rows = national(inputs), {}
    for year, part in long.assign(place=place).groupby("year"):
        sums = persons_by(part, "place", {name: name for name in PLACES})
        persons = sums.sum(min_count=1)
        totals = denominators(figures, int(year), persons)
        for sex in SEXES:
            rows[str(year), sex] = sums[sex].to_dict() | {
                "population": persons[sex],
                "national_population": totals[sex],
                "difference.share": difference(persons[sex], totals[sex]),
                "share": percent(sums.loc["exposed", sex], totals[sex]),
                "grid_year": str(part["population_year"].iloc[0]),
            }
    frame = pd.DataFrame.from_dict(rows, orient="index")
    frame.index = pd.MultiIndex.from_tuples(rows, names=["year", "sex"])
    return frame


def _by_period(inputs: Inputs) -> bool:
    return inputs.country.parameters["population_exposed_by"] == "period"


def percent(part: float, whole: float) -> float:
    return 100 * part / whole if whole else float("nan")


def exposed(inputs: Inputs, table: Table) -> None:
    """SO2-3.T1: people exposed to land degradation, baseline and last year, by sex."""
    table.help = places(inputs)
    years = _shown_years(inputs)
    table.frame = pd.DataFrame(
        {
            f"{sex}.{name}": [table.help.loc[(year, sex), name] for year in years]
            for sex in SEXES
            for name in ("exposed", "share")
        },
        index=pd.Index(years, name="year"),
    )
    table.used = {
        year: int(used)
        for year, used in table.help["grid_year"].droplevel("sex").items()
        if year != used
    }
    table.answers = unknown_columns(table.frame, [c for c in table.frame if "total" not in c])
    table.period = as_text(years)
    table.sources = inputs.sources("population", "land_cover", "productivity", "soil")
    table.fields = {"exposed_by": "period_status" if _by_period(inputs) else "status"}
    first, last = inputs.periods
    decides = f"period assessment {last}" if _by_period(inputs) else "status"
    table.notes += [
        f"Exposed: people on degraded land. {first.status_year}: by the baseline assessment. "
        f"{last.status_year}: by the {decides}.",
        "Shares: percent of the national population of the same group in CP-1.T2.",
        "People on water bodies are counted in the population, and not as exposed.",
    ]
    if table.answers:
        table.notes.append("The population is not given by sex. " + BY_SEX)


def _shown_years(inputs: Inputs) -> list[str]:
    return [str(period.status_year) for period in inputs.periods]


def exposure_direction(inputs: Inputs, table: Table) -> None:
    """SO2-3.T2: direction of change, drivers and comments, with a suggested direction."""
    shares = places(inputs)["share"].unstack("sex")
    first, last = _shown_years(inputs)
    rows = {}
    for sex in SEXES:
        change = shares.loc[last, sex] - shares.loc[first, sex]
        rows[sex] = {
            f"{first}.share": shares.loc[first, sex],
            f"{last}.share": shares.loc[last, sex],
            "change_share": change,
            "suggested": _direction(change, table.decimals),
        }
    table.help = pd.DataFrame.from_dict(rows, orient="index").rename_axis("sex")
    columns = ("direction", "drivers", "comments")
    index = pd.Index(["SO2-3"], name="indicator")
    table.frame = pd.DataFrame("", index, list(columns), dtype=object)
    table.text, table.keyed = columns, ("direction", "suggested")
    table.answers, table.optional = ("direction", "drivers"), ("comments",)
    table.period = f"{first} → {last}"
    table.sources = inputs.sources("population", "land_cover", "productivity", "soil")
    table.notes += [
        "The team chooses the direction: increase, decrease, no_change or unknown.",
        f"Suggested: from the share of exposed people, {first} to {last}. "
        "A difference that does not show in print is no change.",
    ]


def _direction(change: float, decimals: int) -> str:
    """Direction of a change; without a figure it is not known."""
    printed = rounding.nearest(change, decimals=decimals)
    if np.isnan(printed):
        return "unknown"
    return "increase" if printed > 0 else "decrease" if printed < 0 else "no_change"

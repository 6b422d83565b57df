"""The tables of form SO3-3: drought vulnerability."""

from __future__ import annotations

import pandas as pd

from ldnkit import vulnerability
from ldnkit.periods import year_spans, years_between
from ldnkit.prais.inputs import Inputs
from ldnkit.prais.report import Table, as_text, wording
from ldnkit.vulnerability import COMPONENTS, NATIONAL, SEXES

#: What stands for "none" in the declaration.
NONE = "–"


def index_by_year(inputs: Inputs, table: Table) -> None:
    """SO3-3.T1: the index of every year, total, female and male, and what it is made of."""
    long = _national(inputs)
    wide = long.pivot(index="year", columns="sex", values="dvi").reindex(columns=list(SEXES))
    years = wide.index[wide["total"].notna()]
    frame = wide.loc[years].astype(float).rename_axis(columns=None)
    without = _without(inputs)
    frame["comments"] = pd.Series([_comment(without, year) for year in years], years, dtype=object)
    frame.index = pd.Index([str(year) for year in years], name="year")
    table.frame, table.text = frame, ("comments",)
    table.optional = ("female", "male", "comments")
    components = long[long["sex"] == "total"].set_index("year").loc[years, list(COMPONENTS)]
    table.help = components.set_axis(frame.index)
    table.period = year_spans(years)
    table.sources = inputs.sources("vulnerability")
    declared = inputs.table("vulnerability", "declaration")
    table.fields = _declaration(declared)
    for name in _names(declared, "factors"):
        if wording(name) == name:  # a factor of the country's own list
            table.names[name] = name.replace("_", " ")
    table.notes += _notes(inputs, declared, sorted(set(wide.index) - set(years)), wide)


def _national(inputs: Inputs) -> pd.DataFrame:
    """The national index in the years of the report."""
    long = inputs.table("vulnerability", "dvi")
    years = years_between(inputs.cycle.baseline.first, inputs.cycle.last.last)
    return long[(long["unit"] == NATIONAL) & long["year"].isin(years)]


def _without(inputs: Inputs) -> dict[int, list[str]]:
    """Year -> national factors that have no value then."""
    long = inputs.table("vulnerability", "factors")
    long = long[long["normalised"].notna() & (long["unit"] == NATIONAL)]
    names = long["factor"].unique()
    given = long.groupby("year")["factor"].agg(set)
    return {
        int(year): [name for name in names if name not in present]
        for year, present in given.items()
    }


def _comment(without: dict[int, list[str]], year: int) -> str:
    absent = without.get(int(year), [])
    return f"Without {_plain(absent)}." if absent else ""


def _plain(names) -> str:
    return as_text(name.replace("_", " ") for name in names)


def _split(cell) -> list[str]:
    """The names in a cell of the declaration."""
    return [] if cell == NONE else str(cell).split(", ")


def _names(declared: pd.DataFrame, column: str) -> list[str]:
    return [name for cell in declared[column] for name in _split(cell)]


def _declaration(declared: pd.DataFrame) -> dict[str, str]:
    """Tier, and for every component its factors, which are by sex and which sub-national."""
    tier = str(declared["tier"].iloc[0])
    fields = {"tier": "no_tier" if tier == NONE else f"tier_{tier.replace(' ', '_')}"}
    for row in declared.to_dict("records"):
        component = row["component"]
        fields[f"{component}_factors"] = "no_factor" if row["factors"] == NONE else row["factors"]
        for trait in ("by_sex", "sub_national"):
            fields[f"{component}_{trait}"] = row[trait]
    return fields


def _notes(inputs: Inputs, declared: pd.DataFrame, gaps: list, wide: pd.DataFrame) -> list[str]:
    notes = [
        "0 stands for the best and 1 for the worst value of every factor in the country's own "
        "data: the index is not comparable with that of another country.",
        "The default value of the platform speaks of 2018 and was normalised over the whole "
        "world: it is not comparable with these figures.",
    ]
    if gaps:
        notes.append(f"No index in {year_spans(gaps)}: a component has no factor in these years.")
    left_out = _names(declared, "left_out")
    if left_out:
        notes.append(f"Left out, because the values never change: {_plain(left_out)}.")
    weights = inputs.table("vulnerability", "weights")
    for component, rows in weights.groupby("component", sort=False):
        if rows["weight"].nunique() > 1:
            pairs = zip(rows["factor"], rows["weight"], strict=True)
            said = as_text(f"{_plain([name])} {weight:g}" for name, weight in pairs)
            notes.append(f"Weights in the {component} component: {said}.")
    totals = [
        name
        for row in declared.to_dict("records")
        for name in _split(row["factors"])
        if row["by_sex"] != "yes" and name not in _split(row["by_sex"])
    ]
    if totals and wide["female"].notna().any():
        said = _plain(totals)
        notes.append(f"Female and male are not known, the total serves both: {said}.")
    units = set(inputs.table("vulnerability", "dvi")["unit"]) - {NATIONAL}
    if units:
        notes.append(f"The index of {len(units)} sub-national units is shown on maps.")
    return notes


def direction(inputs: Inputs, table: Table) -> None:
    """SO3-3.T2: direction of change, drivers and comments, with a suggested direction."""
    long, options = _national(inputs), inputs.country.parameters
    alpha, minimum = options["alpha"], options["minimum_trend_years"]
    given = [sex for sex in SEXES if (long["sex"] == sex).any()]
    changes = {
        sex: vulnerability.change(long, sex=sex, alpha=alpha, minimum_years=minimum)
        for sex in given
    }
    table.help = pd.DataFrame(
        {
            "years": [change.n for change in changes.values()],
            "mann_kendall_s": [change.s for change in changes.values()],
            "mann_kendall_p": [change.p for change in changes.values()],
            "suggested": [change.direction for change in changes.values()],
        },
        index=pd.Index(given, name="sex"),
    )
    columns = ("direction", "drivers", "comments")
    index = pd.Index(["SO3-3"], name="indicator")
    table.frame = pd.DataFrame("", index, list(columns), dtype=object)
    table.text, table.keyed = columns, ("direction", "suggested")
    table.answers, table.optional = ("direction", "drivers"), ("comments",)
    years = long.loc[(long["sex"] == "total") & long["dvi"].notna(), "year"]
    table.period = year_spans(years)
    table.sources = inputs.sources("vulnerability")
    table.notes += [
        "The team chooses the direction: increase, decrease, no_change or unknown. "
        "An increase means more vulnerability.",
        f"Suggested: two-sided Mann–Kendall test on the yearly index, level {alpha:g}; "
        f"fewer than {minimum} years give unknown.",
    ]
    if len({tuple(absent) for year, absent in _without(inputs).items() if year in set(years)}) > 1:
        notes = "Factors are missing in some years: a part of the change may come from that."
        table.notes.append(notes)

"""The Red List Index of a set of species, and what is said about the data behind it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ldnkit import tables
from ldnkit.biodiversity.assessments import NOTEBOOK, checked, left_out
from ldnkit.biodiversity.categories import DATA_DEFICIENT, EXTINCT, heaviest, weights
from ldnkit.findings import Finding, listed, stop_on_errors

#: The bounds are the same whenever the assessments are.
SEED = 155_1
#: What may be done with species that are extinct when the list begins.
EXTINCT_AT_FIRST = ("counted", "left_out")
#: Numbers of samples that are added up at once.
_AT_ONCE = 200


def red_list_index(assessments, *, extinct_at_first: str = "counted") -> pd.DataFrame:
    """The Red List Index of every year in which species were assessed.

    1 − Σ W / (5 N): N species, W their weights from 0 (least concern) to 5 (extinct). 1 means that
    every species is of least concern, 0 that all are extinct. With shares of the ranges it is
    1 − Σ (W r) / (5 Σ r), r the share of the range of the species inside the country.

    A species keeps its category until its next assessment. It enters the index in the year of its
    first one: give it a row in earlier years, with the category that it had then, and the years
    can be compared. Species that are data deficient, not evaluated or not applicable are left out
    while they are so. Only genuine changes belong in the index: when knowledge, names or rules
    have changed and not the species, correct the earlier rows. That is the team's to do.

    Parameters
    ----------
    assessments : path or DataFrame
        species, year, category, share: see :func:`read_assessments`. One group of species, or
        several together, each species counting the same.
    extinct_at_first : {"counted", "left_out"}
        Species that are extinct (EX) or regionally extinct (RE) in their first assessment: they
        can never change. The metadata of SDG 15.5.1 leave them out.

    Returns
    -------
    DataFrame
        year, value (0–1; NaN when no species is left), lower, upper, species (in the index),
        data_deficient (left out). The bounds hold 95 percent of 1,000 indices, each made of as
        many species drawn with replacement from the same list: they show how much the index
        depends on which species were assessed, not how sure the categories are. They are the same
        in every run. ``attrs["findings"]`` has the remarks.

    Raises
    ------
    InputError
        Every problem of the assessments.
    ValueError
        Unknown word for ``extinct_at_first``.

    Warns
    -----
    UserWarning
        Species that enter later, or that are extinct from the beginning.

    References
    ----------
    Metadata of SDG indicator 15.5.1; Butchart et al. (2007), PLoS ONE 2(1): e140; UNCCD reporting
    manual, 2026 process, SO4-2.

    Examples
    --------
    >>> table = pd.DataFrame({"species": ["a", "b", "c"] * 2, "year": [2000] * 3 + [2010] * 3,
    ...                       "category": ["LC", "VU", "EN", "LC", "EN", "DD"]})
    >>> index = red_list_index(table)
    >>> index["value"].round(3).tolist(), index["data_deficient"].tolist()
    ([0.667, 0.7], [0, 1])
    """
    table = checked(assessments)
    index = index_of(table, table.attrs["findings"], extinct_at_first)
    stop_on_errors(index.attrs["findings"])
    return index


def index_of(table: pd.DataFrame, findings=(), extinct_at_first="counted") -> pd.DataFrame:
    """The index of checked assessments; nothing here depends on the order of the rows."""
    if extinct_at_first not in EXTINCT_AT_FIRST:
        raise ValueError(
            f"Unknown extinct_at_first: found {extinct_at_first!r}; "
            f"use {' or '.join(EXTINCT_AT_FIRST)}."
        )
    states = states_of(table)
    gone = _extinct_at_first(states)
    kept = states.loc[~gone] if extinct_at_first == "left_out" else states
    weight = _weights_of(kept)
    values, lower, upper = _with_bounds(weight, _shares_of(table, kept))
    index = pd.DataFrame(
        {
            "year": states.columns.astype(int),
            "value": values,
            "lower": lower,
            "upper": upper,
            "species": np.isfinite(weight).sum(axis=0),
            "data_deficient": (kept == DATA_DEFICIENT).sum(axis=0).to_numpy(),
        }
    )
    remarks = _remarks(table, states, index, gone, extinct_at_first)
    index.attrs["findings"] = [*findings, *remarks]
    return index


def states_of(table: pd.DataFrame) -> pd.DataFrame:
    """Species × years with the category that holds: that of the last assessment; else None."""
    wide = table.pivot(index="species", columns="year", values="category")
    return wide.astype(object).ffill(axis=1).sort_index()


def counts_of(table: pd.DataFrame) -> pd.DataFrame:
    """Number of species in every category and year: year, category, species."""
    long = states_of(table).stack().rename("category").reset_index()
    counts = long.groupby(["year", "category"], as_index=False).size()
    return counts.rename(columns={"size": "species"}).astype({"year": int})


def _weights_of(states: pd.DataFrame) -> np.ndarray:
    """Weights (species, years); NaN where a species does not count in the index."""
    return states.apply(lambda column: column.map(weights())).to_numpy(float)


def _shares_of(table: pd.DataFrame, states: pd.DataFrame) -> np.ndarray:
    """The share of each species; 1 in a national list."""
    shares = table.groupby("species")["share"].first().reindex(states.index)
    return shares.fillna(1.0).to_numpy(float)


def _with_bounds(weight: np.ndarray, shares: np.ndarray):
    """Index of every year, and its bounds from samples of species; weights (species, years)."""
    values = _plain_indices(weight, shares)
    drawn = np.isfinite(weight).any(axis=1)  # the others are never in the index
    weight, shares = weight[drawn], shares[drawn]
    if not len(shares):
        return values, values.copy(), values.copy()
    size, runs = len(shares), int(tables.constant("red_list_bootstrap"))
    generator, samples = np.random.default_rng(SEED), []
    for first in range(0, runs, _AT_ONCE):
        draws = generator.integers(size, size=(min(_AT_ONCE, runs - first), size))
        counts = np.stack([np.bincount(draw, minlength=size) for draw in draws]).astype(float)
        samples.append(_indices(counts, weight, shares))
    tail = (100 - tables.constant("red_list_level")) / 2
    lower, upper = np.full((2, len(values)), np.nan)
    for year in np.flatnonzero(np.isfinite(values)):
        found = np.concatenate([sample[:, year] for sample in samples])
        ends = np.percentile(found[np.isfinite(found)], [tail, 100 - tail])
        lower[year], upper[year] = min(ends[0], values[year]), max(ends[1], values[year])
    return values, lower, upper


def _plain_indices(weight: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """Index of every year, each species counted once."""
    return _indices(np.ones((1, len(shares))), weight, shares)[0]


def _indices(counts: np.ndarray, weight: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """Index (sample, year) when each species counts as often as ``counts`` (sample, species)."""
    counted = np.isfinite(weight)
    lost = counts @ (np.where(counted, weight, 0.0) * shares[:, None])
    most = heaviest() * (counts @ (counted * shares[:, None]))
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(most > 0, 1 - lost / most, np.nan)


def _extinct_at_first(states: pd.DataFrame) -> pd.Series:
    """Species whose first category is that of an extinct one."""
    return states.bfill(axis=1).iloc[:, 0].isin(EXTINCT)


def _remarks(table, states, index, gone, extinct_at_first) -> list[Finding]:
    findings = []

    def add(severity, about, found, expected="", remedy=""):
        where = f"red list: {about}"
        findings.append(Finding(severity, where, found, expected, remedy, NOTEBOOK))

    years = index["year"].tolist()
    late = states.index[states.iloc[:, 0].isna()].tolist()
    if late:
        found = f"{len(late)} species without assessment in {years[0]}: {listed(late)}"
        remedy = "They enter later. Add rows with the category that they had in earlier years."
        add("warning", "years", found, "the same species in every year", remedy)
    if gone.any():
        add("warning", "extinct species", *_on_extinct(table, states.index[gone], extinct_at_first))
    for year in index.loc[index["value"].isna(), "year"]:
        remedy = "There is no index of this year."
        add("warning", str(year), "no species with a category", "at least one", remedy)
    for row in index[index["data_deficient"] > 0].to_dict("records"):
        of = row["species"] + row["data_deficient"]
        found = f"{row['data_deficient']} of {of} species data deficient, which are left out"
        add("info", str(row["year"]), found, "", _if_known(states, table, row["year"]))
    others = table.loc[table["category"].isin(left_out()), "species"].nunique()
    if others:
        found = f"{others} species that are not evaluated or not applicable"
        add("info", "species", found, "", "They are left out while they are so.")
    carried = {
        int(year): len(states.index[states[year].notna()].difference(assessed))
        for year, assessed in table.groupby("year")["species"].agg(set).items()
    }
    said = [f"{count} in {year}" for year, count in carried.items() if count]
    if said:
        found = f"species that were not assessed again: {listed(said)}"
        add("info", "years", found, "", "Each keeps the category of its last assessment.")
    worse, better = _moves(states)
    if worse or better:
        found = f"{worse} changes to a worse category and {better} to a better one"
        remedy = "Only genuine changes belong in the index: check each one with your experts."
        add("info", "changes", found, "", remedy)
    return findings


def _on_extinct(table: pd.DataFrame, names, chosen: str) -> tuple[str, str, str]:
    """What is said about species that are extinct from the beginning, with their effect."""
    other = next(word for word in EXTINCT_AT_FIRST if word != chosen)
    rest = table[~table["species"].isin(names)] if other == "left_out" else table
    found = f"{len(names)} species extinct in their first assessment: {listed(names)}"
    if rest.empty:
        return found, "species that can still change", "Check the list."
    states = states_of(rest)
    value = _plain_indices(_weights_of(states), _shares_of(rest, states))[-1]
    did = {"counted": "They are counted", "left_out": "They are left out"}[chosen]
    remedy = f"{did}. The metadata of SDG 15.5.1 leave them out. "
    remedy += f"With extinct_at_first={other!r} the last index is {value:.4f}."
    return found, "species that can still change", remedy


def _if_known(states: pd.DataFrame, table: pd.DataFrame, year: int) -> str:
    """Between which values the index lies if the data deficient species had a category."""
    shares, ends = _shares_of(table, states), []
    for category in ("CR", "LC"):
        assumed = states[[year]].replace(DATA_DEFICIENT, category)
        ends.append(_plain_indices(_weights_of(assumed), shares)[0])
    return (
        f"If all of them were critically endangered the index would be {ends[0]:.4f}, "
        f"if all were of least concern {ends[1]:.4f}. The bounds do not include this."
    )


def _moves(states: pd.DataFrame) -> tuple[int, int]:
    """Changes to a heavier and to a lighter category from one year to the next."""
    steps = np.diff(_weights_of(states), axis=1)
    return int((steps > 0).sum()), int((steps < 0).sum())

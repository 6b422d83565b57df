"""Weights, totals by year and direction, technology transfer, trends."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

import pandas as pd

from ldnkit import tables
from ldnkit.finance.columns import (
    COUNTED,
    DIRECTIONS,
    NOTEBOOK,
    SHEETS,
    SUPPORT,
    TECHNOLOGY,
    TRANSFER,
    years,
)
from ldnkit.finance.doubles import duplicates, priced
from ldnkit.findings import Finding, listed, stop_on_errors

SUMMARY = ["indicator", "direction", "year", "amount_usd", "activities"]


class Trend(NamedTuple):
    """A suggested trend and the two means behind it; ``change`` is in percent of the first."""

    trend: str
    first: float
    last: float
    change: float


def checked_weights(weighting: Mapping[str, float] | None) -> tuple[dict, list[Finding]]:
    """The weights of principal and significant activities, with what is to be said about them."""
    where = "finance: weighting"
    default = {name: tables.constant(f"finance_weight_{name}") for name in SUPPORT}
    if not weighting:
        found = "no weights chosen: " + ", ".join(f"{name} {default[name]:g}" for name in SUPPORT)
        remedy = "Write the team's choice as finance: weighting in country.yml, and say why."
        return default, [Finding("info", where, found, "the team's choice", remedy, NOTEBOOK)]
    findings = []
    for name in sorted({*weighting, *SUPPORT}):
        value = weighting.get(name)
        if name in SUPPORT and _is_share(value):
            continue
        found = f"{name}: {'nothing' if value is None else value}"
        expected = "a number from 0 to 1 for principal and for significant"
        remedy = "Write, for example, principal: 1.0 and significant: 0.4."
        findings.append(Finding("error", where, found, expected, remedy, NOTEBOOK))
    good = {name: float(value) for name, value in weighting.items() if _is_share(value)}
    return default | {name: good[name] for name in SUPPORT if name in good}, findings


def _is_share(value) -> bool:
    return not isinstance(value, (bool, str)) and value is not None and 0 <= value <= 1


def weighted(
    activities: pd.DataFrame, weights: Mapping[str, float]
) -> tuple[pd.DataFrame, list[Finding]]:
    """Activities with weight and counted_usd, and an error for rows that need a type of support."""
    weight = activities["support"].map(dict(weights)).astype(float)
    if set(weights.values()) == {1.0}:
        weight = weight.fillna(1.0)
    table = activities.assign(weight=weight, counted_usd=activities["amount_usd"] * weight)
    kept = table["status"] == "kept" if "status" in table else True
    lacking = table[table["weight"].isna() & kept]
    findings = []
    if len(lacking):
        places = listed(place or label for label, place in lacking["place"].items())
        found = f"no type of support in {places}"
        expected = "principal or significant, because they weigh differently"
        remedy = "Fill the type of support of these activities."
        findings.append(Finding("error", "finance", found, expected, remedy, NOTEBOOK))
    return table, findings


def summary(
    activities: pd.DataFrame, *, indicator: str, weighting: Mapping[str, float] | None = None
) -> pd.DataFrame:
    """Amounts in US dollars by year and direction, as the summary table of an indicator has them.

    Every amount counts once. Repayments (negative amounts), duplicates and years outside 2020 to
    2023 are not in the sums. SO5-4 holds the rows of SO5-1 to SO5-3 with technology transfer; if
    there are rows of SO5-4 itself, these replace them.

    Parameters
    ----------
    activities : DataFrame
        As :func:`read_activities` gives it (other currencies: first :func:`in_dollars`), or any
        table with year, direction and amount or amount_usd. Without a column indicator all rows
        belong to ``indicator``.
    indicator : {"SO5-1", "SO5-2", "SO5-3", "SO5-4"}
    weighting : dict, optional
        Share of the amount that counts: ``{"principal": 1.0, "significant": 0.4}``. By default
        both count in full.

    Returns
    -------
    DataFrame
        indicator, direction, year, amount_usd [US dollars], activities (number). A direction with
        activities has a row for each of the four years; a year without any is 0.

    Raises
    ------
    ValueError
        Unknown indicator, missing columns, or amounts in other currencies.
    InputError
        Impossible weights, or different weights and rows without type of support.

    References
    ----------
    UNCCD reporting manual, 2026 process, SO5-1 to SO5-4, summary tables.

    Examples
    --------
    >>> rows = pd.DataFrame({"indicator": "SO5-1", "direction": "received", "year": [2020, 2022],
    ...                      "amount_usd": [500.0, 800.0]})
    >>> summary(rows, indicator="SO5-1")["amount_usd"].tolist()
    [500.0, 0.0, 800.0, 0.0]
    """
    if indicator not in SHEETS:
        raise ValueError(f"Unknown indicator: found {indicator!r}; use one of {', '.join(SHEETS)}.")
    if "counted_usd" not in activities or weighting is not None:
        activities = counted(activities, indicator, weighting)
    rows = technology(activities) if indicator == TECHNOLOGY else activities
    rows = rows[(rows["indicator"] == indicator) & (rows["status"] == "kept")]
    sums = rows.groupby(["direction", "year"])["counted_usd"].agg(["sum", "size"])
    given = [name for name in DIRECTIONS[indicator] if name in set(rows["direction"])]
    index = pd.MultiIndex.from_product([given, years()], names=["direction", "year"])
    sums = sums.reindex(index, fill_value=0).reset_index()
    sums = sums.rename(columns={"sum": "amount_usd", "size": "activities"})
    types = {"year": int, "amount_usd": float, "activities": int}
    return sums.assign(indicator=indicator).astype(types)[SUMMARY]


def amounts_by(
    activities: pd.DataFrame, *, by: str, indicator: str, weighting=None, most: int = 7
) -> pd.DataFrame:
    """Amounts by provider, sector, type of support or another column, for charts.

    Parameters
    ----------
    activities, indicator, weighting
        As for :func:`summary`; the same rows count.
    by : str
        A column of the activities, for example ``provider``, ``sector`` or ``support``.
    most : int
        So many values stay by themselves, the largest ones; the others together are
        ``other_kind``. An empty cell is ``no_data``.

    Returns
    -------
    DataFrame
        direction, year, the column ``by``, amount_usd, activities; the largest value first.

    Raises
    ------
    KeyError
        There is no such column.

    Examples
    --------
    >>> rows = pd.DataFrame({"direction": "received", "year": 2021, "provider": ["A", "B", "A"],
    ...                      "amount_usd": [5.0, 8.0, 4.0]})
    >>> amounts_by(rows, by="provider", indicator="SO5-1")[["provider", "amount_usd"]].values
    array([['A', 9.0],
           ['B', 8.0]], dtype=object)
    """
    if "counted_usd" not in activities or weighting is not None:
        activities = counted(activities, indicator, weighting)
    rows = technology(activities) if indicator == TECHNOLOGY else activities
    rows = rows[(rows["indicator"] == indicator) & (rows["status"] == "kept")]
    if by not in rows:
        raise KeyError(f"No column {by!r}: found {', '.join(rows)}.")
    names = rows[by].replace("", "no_data")
    sums = rows["counted_usd"].groupby(names).sum().sort_values(ascending=False, kind="stable")
    kept = [name for name in sums.index if name != "no_data"][:most]
    names = names.where(names.isin([*kept, "no_data"]), "other_kind")
    found = rows.groupby(["direction", "year", names])["counted_usd"].agg(["sum", "size"])
    found = found.rename(columns={"sum": "amount_usd", "size": "activities"}).reset_index()
    order = [*kept, "other_kind", "no_data"]
    found = found.sort_values(by, key=lambda column: column.map(order.index), kind="stable")
    return found.astype({"year": int}).reset_index(drop=True)


def counted(activities: pd.DataFrame, indicator: str, weighting) -> pd.DataFrame:
    """Any table of activities, with status, weight and counted_usd."""
    table = priced(activities, indicator).copy()
    if "status" not in table:
        table["status"] = basic_status(table)
        table.loc[duplicates(table)["duplicate"], "status"] = "duplicate"
    weights, findings = checked_weights(weighting)
    table, lacking = weighted(table, weights)
    stop_on_errors([*findings, *lacking])
    return table


def basic_status(activities: pd.DataFrame) -> pd.Series:
    """Whether the amount of a row may count: kept, repayment, outside, unassigned."""
    status = pd.Series("kept", activities.index, dtype=object)
    known = [
        direction in DIRECTIONS.get(indicator, ())
        for indicator, direction in activities[["indicator", "direction"]].itertuples(index=False)
    ]
    status = status.where(known, "unassigned")
    status = status.where(~(activities["amount_usd"] < 0), "repayment")
    return status.where(activities["year"].isin(years()), "outside")


def technology(activities: pd.DataFrame) -> pd.DataFrame:
    """The rows of SO5-4: its own if there are any, else those flagged in SO5-1 to SO5-3.

    Domestic is what is spent: SO5-2 spending and SO5-3 domestic (reporting manual, SO5-4).
    """
    own = activities[activities["indicator"] == TECHNOLOGY]
    return own if len(own) else flagged(activities)


def flagged(activities: pd.DataFrame) -> pd.DataFrame:
    """The rows of SO5-1 to SO5-3 with technology transfer, as rows of SO5-4."""
    rows = activities[activities["indicator"].isin(COUNTED)]
    rows = rows[rows["technology_transfer"] == "yes"]
    direction = rows["direction"].map(TRANSFER)
    return rows.assign(indicator=TECHNOLOGY, direction=direction)[direction.notna()]


def trend(amounts: Mapping[int, float], *, threshold: float | None = None) -> Trend:
    """The trend that four yearly amounts suggest.

    The mean of the last two years is compared with the mean of the first two: more than
    ``threshold`` percent above is increasing, more than that below declining, else stable. A year
    without a figure gives unknown.

    Parameters
    ----------
    amounts : mapping of year to amount
        NaN, or no entry, for a year without activities.
    threshold : float, optional
        Percent; by default 10 (``finance_trend_change`` in ``constants.csv``, a convention of
        this workbook).

    Returns
    -------
    Trend
        trend (increasing, stable, declining, unknown), first, last, change [%].

    Examples
    --------
    >>> trend({2020: 90.0, 2021: 110.0, 2022: 110.0, 2023: 110.0}).trend  # + 10 %
    'stable'
    >>> trend({2020: 90.0, 2021: 110.0, 2022: 130.0, 2023: 100.0})
    Trend(trend='increasing', first=100.0, last=115.0, change=15.0)
    """
    threshold = tables.constant("finance_trend_change") if threshold is None else threshold
    wanted = list(years())
    values = [float(amounts.get(year, math.nan)) for year in wanted]
    half = len(values) // 2
    first, last = (sum(part) / half for part in (values[:half], values[half:]))
    if math.isnan(first) or math.isnan(last):
        return Trend("unknown", first, last, math.nan)
    if first == 0:
        return Trend("increasing" if last > 0 else "stable", first, last, math.nan)
    difference, limit = last - first, threshold / 100 * first
    edge = 1e-9 * max(first, last)
    name = "increasing" if difference > limit + edge else "stable"
    name = "declining" if difference < -limit - edge else name
    return Trend(name, first, last, 100 * difference / first)

"""Yearly tables of drought and of people, said in words: every number is computed."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from ldnkit import tables
from ldnkit.drought_charts import class_table, yearly
from ldnkit.numerals import percent, short
from ldnkit.words import STRONG_DROUGHT


def describe_years(
    frame: pd.DataFrame,
    *,
    name: str,
    column: str = "drought",
    value: str = "area_km2",
    year: str | list[str] = "year",
    language: str = "en",
) -> str:
    """Sentences on drought over the years: mean share, worst year, largest class, gaps.

    Parameters
    ----------
    frame, column, value, year
        As for :func:`ldnkit.maps.stacked_years`.
    name : str
        What the table shows; begins the first sentence.
    language : str

    Returns
    -------
    str
        Shares are of all area (or all persons) of a year, no data included. The worst year has
        the largest share in severe or extreme drought; of equal ones, the largest share in mild
        or worse drought; of equal ones again, the first.

    Raises
    ------
    KeyError, ValueError
        As for :func:`ldnkit.maps.stacked_years`.

    Examples
    --------
    >>> table = pd.DataFrame({"year": [2000, 2001, 2001], "drought": [0, 0, 3],
    ...                       "area_km2": [100.0, 40.0, 60.0]})
    >>> for sentence in describe_years(table, name="Landia").split(". "):
    ...     print(sentence)
    Landia: 30.0 % of the area is in drought, mild or worse (mean of 2000–2001)
    Worst: 2001, with 60.0 % in severe or extreme drought and 60.0 % in mild or worse drought
    Largest class over all: No drought (70.0 %).
    """
    classes = class_table("drought", language)["label"]
    sums = yearly(frame, column, value, year, list(classes.index))
    known = sums.drop(columns=tables.NODATA).sum(axis=1) > 0
    if not known.any():
        return tables.label("sentence.empty", language).format(name=name)
    shares = sums[known].fillna(0)
    shares = shares.div(shares.sum(axis=1), axis=0)
    drought = shares[[code for code in shares if code >= 1]].sum(axis=1)
    strong = shares[STRONG_DROUGHT].sum(axis=1)
    worst = max(shares.index, key=lambda row: (strong[row], drought[row]))
    totals = sums[known].drop(columns=tables.NODATA).sum()
    largest = totals.idxmax()
    kind = "map.drought_area" if value == "area_km2" else "map.drought_people"

    def say(key: str, **values) -> str:
        return tables.label(key, language).format(**values)

    sentences = [
        say(
            kind,
            name=name,
            share=percent(drought.mean(), language),
            span=_span(shares.index),
        ),
        say(
            "map.drought_worst",
            year=_when(worst),
            severe=percent(strong[worst], language),
            share=percent(drought[worst], language),
        ),
        say(
            "map.drought_largest",
            label=classes[largest],
            share=percent(totals[largest] / sums[known].sum().sum(), language),
        ),
    ]
    without = [_when(row) for row in sums.index[~known]]
    if without:
        sentences.append(say("map.years_without", years=_listed(without, language)))
    return _joined(sentences, language)


def describe_exposed(
    frame: pd.DataFrame,
    *,
    name: str,
    column: str,
    codes: Sequence[int] = (-1,),
    value: str = "total",
    year: str | list[str] = "year",
    language: str = "en",
) -> str:
    """How many persons of each year live in the classes that count as exposed.

    Parameters
    ----------
    frame : DataFrame
        Rows by year and class with persons; rows of the same year and class are added up.
    name : str
        What the table shows; begins the sentence.
    column : str
        The class column.
    codes : sequence of int
        The classes that count: -1 for degraded land, (1, 2, 3, 4) for drought.
    value : str
        ``"total"``, ``"female"`` or ``"male"``.
    year, language
        As for :func:`ldnkit.maps.stacked_years`.

    Returns
    -------
    str
        Shares are of all persons of the table in that year.

    Raises
    ------
    KeyError, ValueError
        As for :func:`ldnkit.maps.stacked_years`.

    Examples
    --------
    >>> table = pd.DataFrame({"year": 2015, "status": [-1, 0], "total": [250.0, 750.0]})
    >>> describe_exposed(table, name="On degraded land", column="status")
    'On degraded land. 2015: 250 of 1,000 persons (25.0 %).'
    """
    known = sorted(set(frame[column])) if column in frame else []
    sums = yearly(frame, column, value, year, known).dropna(how="all").fillna(0)
    exposed = sums[[code for code in sums if code in tuple(codes)]].sum(axis=1)
    totals = sums.sum(axis=1)
    sentences = [
        tables.label("map.exposed_year", language).format(
            year=_when(row),
            number=short(round(exposed[row]), language),
            total=short(round(totals[row]), language),
            share=percent(exposed[row] / totals[row] if totals[row] else 0.0, language),
        )
        for row in sums.index
    ]
    stop = "。" if language == "zh" else ". "
    return name + stop + _joined(sentences, language)


def _when(row) -> str:
    """A year, or a window from its first to its last year."""
    return "–".join(map(str, row)) if isinstance(row, tuple) else str(row)


def _span(rows) -> str:
    """From the first to the last year or window."""
    first, last = _when(rows[0]), _when(rows[-1])
    if first == last:
        return first
    return f"{first} … {last}" if isinstance(rows[0], tuple) else f"{first}–{last}"


def _listed(texts: list[str], language: str) -> str:
    return {"ar": "، ", "zh": "、"}.get(language, ", ").join(texts)


def _joined(sentences: list[str], language: str) -> str:
    return ("" if language == "zh" else " ").join(sentences)

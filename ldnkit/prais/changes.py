"""What changed between two reports: every figure, row, column and text, and why."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from ldnkit.labels import label
from ldnkit.prais.reasons import because
from ldnkit.prais.report import wording
from ldnkit.prais.written import Book, Written, as_book, in_order, is_figure

#: Relative difference of exact figures above which they count as changed.
TOLERANCE = 1e-6
COLUMNS = (
    *("table", "row", "column", "unit", "kind", "earlier", "later"),
    *("difference", "percent", "differs", "because"),
)
#: Kinds of changes in the order in which a table lists them.
KINDS = ("appeared", "vanished", "title", "unit", "period", "figure", "text")
REVISIONS = (
    *("table", "row", "column", "unit", "previous", "new", "difference", "percent", "reason"),
)


def changes(
    earlier,
    later,
    *,
    earlier_provenance: Mapping | str | Path | None = None,
    later_provenance: Mapping | str | Path | None = None,
    language: str = "en",
) -> pd.DataFrame:
    """Every difference between two reports.

    Parameters
    ----------
    earlier, later : Report, dict, str or Path
        A report, what its JSON file holds, or the path of that file.
    earlier_provenance, later_provenance : dict, str or Path, optional
        What :func:`ldnkit.provenance.trace` gave for each, or the path of provenance.json.
    language : str
        Language of the reasons.

    Returns
    -------
    DataFrame
        table, row, column, unit, kind, earlier, later, difference, percent, differs, because.
        ``kind``: figure, text, appeared, vanished, title, unit, period. A whole table that
        appears has neither row nor column, a whole row no column.
        ``differs``: ``printed`` when the printed figures differ, ``exact`` when only the exact
        ones do, by more than one part in a million.
        ``earlier`` and ``later`` are the figures of that kind; ``difference`` is later minus
        earlier, ``percent`` of the earlier figure.
        Tables come in the order of the platform, in each the largest relative differences first.

    Raises
    ------
    FileNotFoundError
        There is no such file.
    InputError
        A file is not a report of ours.

    Notes
    -----
    Rows of a list (processes, activities) have running numbers, which name nothing: there a row
    is known by its texts, and rows that are left are taken in their order.

    Examples
    --------
    >>> from ldnkit import prais
    >>> prais.changes("old/prais_KEN_2026.json", report)        # doctest: +SKIP
    """
    before, after = _two_books(earlier, later)
    traces = _trace(earlier_provenance), _trace(later_provenance)
    same_words = before.language == after.language
    found = []
    for table_id in in_order([*before.tables, *after.tables]):
        pair = before.tables.get(table_id), after.tables.get(table_id)
        rows = _sorted(list(_of_table(*pair, same_words)))
        if rows:
            why = because(table_id, *traces, language)
            found += [{"table": table_id} | row | {"because": why} for row in rows]
    # figures and texts stay as they are: no column becomes a number because all its cells are
    columns = {name: pd.Series([row[name] for row in found], dtype=object) for name in COLUMNS}
    return pd.DataFrame(columns).astype({"difference": float, "percent": float})


def sentence(frame: pd.DataFrame, language: str = "en") -> str:
    """One sentence about the changes: how many, where, and the largest.

    Examples
    --------
    >>> sentence(pd.DataFrame(columns=list(COLUMNS)))
    'Nothing has changed since the earlier report.'
    """
    if frame.empty:
        return label("changes.none", language)
    said = label("changes.sentence", language).format(
        figures=int((frame["kind"] == "figure").sum()),
        others=int((frame["kind"] != "figure").sum()),
        tables=frame["table"].nunique(),
    )
    figures = frame[(frame["kind"] == "figure") & frame["percent"].notna()]
    if figures.empty:
        return said
    largest = figures.loc[figures["percent"].abs().idxmax()]
    place = ", ".join(wording(str(largest[key]), language) for key in ("row", "column"))
    return (
        said
        + " "
        + label("changes.largest", language).format(
            place=f"{largest['table']} ({place})",
            earlier=f"{largest['earlier']:g}",
            later=f"{largest['later']:g}",
        )
    )


def revisions(earlier, later, *, unchanged: bool = False) -> pd.DataFrame:
    """Figures of earlier periods that a new submission revises.

    In every process the figures of the baseline and of earlier reporting periods are submitted
    again. The platform asks for a reason where they differ.

    Parameters
    ----------
    earlier, later : Report, dict, str or Path
        The previous submission and the new one.
    unchanged : bool
        Also list figures that stay the same in print.

    Returns
    -------
    DataFrame
        table, row, column, unit, previous, new, difference, percent, reason (empty: the team
        writes it). Printed figures.

    References
    ----------
    UNCCD reporting manual, 2026 process: baseline and 2019 are calculated and submitted again.

    Examples
    --------
    >>> from ldnkit.prais.changes import revisions
    >>> revisions("prais_KEN_2022.json", report)                # doctest: +SKIP
    """
    before, after = _two_books(earlier, later)
    years = _earlier_years(before)
    found = []
    for table_id in in_order(set(before.tables) & set(after.tables)):
        old, new = before.tables[table_id], after.tables[table_id]
        if old.is_list or new.is_list:
            continue
        for row, column in new.printed:
            pair = old.printed.get((row, column)), new.printed[row, column]
            if not _is_earlier(old, new, row, column, years) or not all(map(is_figure, pair)):
                continue
            if unchanged or pair[0] != pair[1]:
                values = _difference(*pair)
                unit = new.unit_of(column)
                found.append((table_id, row, column, unit, *pair, *values, ""))
    return pd.DataFrame(found, columns=list(REVISIONS))


def _earlier_years(book: Book) -> set[str]:
    """Years for which the earlier report gave the state of the land, as text."""
    from ldnkit.periods import Cycle

    cycle = Cycle(book.country.get("cycle") or 2026)
    return {str(period.status_year) for period in cycle.periods} | {"2000"}


def _is_earlier(old: Written, new: Written, row: str, column: str, years: set[str]) -> bool:
    """Whether a cell speaks of the baseline or of a year that was reported before."""
    keys = {row, *column.split(".")}
    if "baseline" in keys or keys & years:
        return True
    if any(key.isdigit() and len(key) == 4 or key.startswith("report_") for key in keys):
        return False
    return bool(old.period) and old.period == new.period


def _two_books(earlier, later) -> tuple[Book, Book]:
    """Both as figures, titles in the language of the earlier one where that is possible."""
    before = as_book(earlier)
    return before, as_book(later, language=before.language)


def _trace(source) -> Mapping | None:
    if source is None or isinstance(source, Mapping):
        return source
    path = Path(source)
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None


def _of_table(old: Written | None, new: Written | None, same_words: bool) -> Iterator[dict]:
    if old is None or new is None:
        yield _row("", "", "", "vanished" if new is None else "appeared")
        return
    if same_words and old.title != new.title:
        yield _row("", "", "", "title", old.title, new.title)
    for kind in ("unit", "period"):
        pair = getattr(old, kind), getattr(new, kind)
        if pair[0] != pair[1]:
            yield _row("", "", "", kind, *pair)
    rows = _matched(old, new)
    for kind, left in (("vanished", old), ("appeared", new)):
        place = 0 if left is old else 1
        gone = {pair[place] for pair in rows if None in pair}
        yield from (_row(row, "", "", kind) for row in left.rows if row in gone)
        other = new if left is old else old
        yield from (_row("", name, "", kind) for name in left.columns if name not in other.columns)
    for before, after in rows:
        if before is not None and after is not None:
            for column in old.columns:
                if column in new.columns:
                    yield from _of_cell(old, new, before, after, column)


def _of_cell(old: Written, new: Written, before: str, after: str, column: str) -> Iterator[dict]:
    """The difference of one cell, if there is one."""
    printed = old.printed[before, column], new.printed[after, column]
    exact = old.exact[before, column], new.exact[after, column]
    name = after if before == after else f"{before} → {after}"
    unit = new.unit_of(column)
    if any(isinstance(value, str) for value in (*printed, *exact)):
        first, last = printed
        if (first or "") != (last or ""):
            yield _row(name, column, "", "text", first, last)
        return
    if printed[0] != printed[1]:
        yield _row(name, column, unit, "figure", *printed, differs="printed")
    elif not _same(*exact):
        yield _row(name, column, unit, "figure", *exact, differs="exact")


def _same(first, last) -> bool:
    if first is None or last is None:
        return first is last
    return math.isclose(first, last, rel_tol=TOLERANCE, abs_tol=0.0)


def _row(row, column, unit, kind, earlier=None, later=None, differs="") -> dict[str, Any]:
    found = {"row": row, "column": column, "unit": unit, "kind": kind}
    found |= {"earlier": earlier, "later": later, "difference": None, "percent": None}
    if kind == "figure":
        found["difference"], found["percent"] = _difference(earlier, later)
    return found | {"differs": differs}


def _difference(earlier, later) -> tuple[float, float]:
    """Later minus earlier, and the same in percent of the earlier figure."""
    if earlier is None or later is None:
        return math.nan, math.nan
    # printed figures have few decimals: their difference has no more
    difference = round(later - earlier, 12)
    return difference, 100 * difference / abs(earlier) if earlier else math.nan


def _matched(old: Written, new: Written) -> list[tuple[str | None, str | None]]:
    """Rows of two tables that are one another; None where there is no partner."""
    if not (old.is_list or new.is_list):
        names = [*old.rows, *(row for row in new.rows if row not in set(old.rows))]
        first, last = set(old.rows), set(new.rows)
        return [(n if n in first else None, n if n in last else None) for n in names]
    words = sorted(old.text & new.text & set(old.columns) & set(new.columns))
    before, after = _by_text(old, words), _by_text(new, words)
    pairs = [(row, after[key]) for key, row in before.items() if key in after]
    left = [row for key, row in before.items() if key not in after]
    right = [row for key, row in after.items() if key not in before]
    more = max(len(left), len(right))
    left += [None] * (more - len(left))
    right += [None] * (more - len(right))
    return [*pairs, *zip(left, right, strict=True)]


def _by_text(table: Written, columns: list[str]) -> dict[tuple, str]:
    """Rows of a list by their texts; equal ones are counted."""
    seen: Counter = Counter()
    found = {}
    for row in table.rows:
        words = tuple(table.printed[row, column] for column in columns)
        seen[words] += 1
        found[words, seen[words]] = row
    return found


def _sorted(rows: list[dict]) -> list[dict]:
    """What appears or vanishes first, then figures by the size of their relative change."""

    def order(row: dict) -> tuple:
        percent, difference = row["percent"], row["difference"]
        unknown = percent is None or math.isnan(percent)
        size = 0.0 if difference is None or math.isnan(difference) else abs(difference)
        return KINDS.index(row["kind"]), not unknown, -(0.0 if unknown else abs(percent)), -size

    return sorted(rows, key=order)

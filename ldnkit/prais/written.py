"""A report as plain figures: from a file on disk, its dictionary, or the report itself."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from ldnkit import tables
from ldnkit.findings import Finding, InputError
from ldnkit.prais.report import Report, Table, wording

#: Between the parts of a row that has several keys.
JOINED = " / "


@dataclass
class Written:
    """One table as figures: what comparing needs, and nothing else.

    ``exact`` and ``printed`` hold (row, column) -> value; rows and columns are texts. ``text``
    are the columns with words. ``used`` are nominal years with the year that stands for them.
    """

    id: str
    title: str = ""
    unit: str = ""
    period: str = ""
    rows: list[str] = field(default_factory=list)
    columns: list[str] = field(default_factory=list)
    exact: dict[tuple[str, str], Any] = field(default_factory=dict)
    printed: dict[tuple[str, str], Any] = field(default_factory=dict)
    text: frozenset[str] = frozenset()
    used: dict[str, int] = field(default_factory=dict)
    sources: list[dict[str, str]] = field(default_factory=list)

    def unit_of(self, column: str) -> str:
        """Unit of a column; none for text."""
        if column in self.text:
            return ""
        form = self.id.partition(".")[0]
        plain = Table(self.id, form, "", self.unit, 0, "", pd.DataFrame())
        return plain.unit_of(column)

    @property
    def is_list(self) -> bool:
        """Whether its rows are running numbers, which name no row."""
        return bool(self.rows) and self.rows == [str(n) for n in range(1, len(self.rows) + 1)]


@dataclass
class Book:
    """All tables of a report as figures, with what is known of how they were made."""

    tables: dict[str, Written]
    country: dict[str, Any] = field(default_factory=dict)
    parameters: dict[str, Any] | None = None
    language: str = "en"


def as_book(source, *, language: str | None = None) -> Book:
    """Figures of a report, whatever form it has.

    Parameters
    ----------
    source : Report, dict, str, Path or Book
        A report, what its JSON file holds, or the path of that file.
    language : str, optional
        Language of the titles of a report; by default that of its country.

    Raises
    ------
    FileNotFoundError
        There is no such file.
    InputError
        The file is not a report of ours.
    """
    if isinstance(source, Book):
        return source
    if isinstance(source, Report):
        return _book_of_report(source, language or source.country.language)
    if isinstance(source, Mapping):
        content, name = source, "the report"
    else:
        content, name = _read(Path(source)), Path(source).name
    _check(content, name)
    return Book(
        {name: _written(name, table) for name, table in content["tables"].items()},
        dict(content.get("country") or {}),
        content.get("parameters"),
        content.get("language", "en"),
    )


def _book_of_report(report: Report, language: str) -> Book:
    from ldnkit.prais import printed

    printed.print_report(report)
    country = report.country
    made = {
        report.label(table_id): {
            "title": wording(table.title_key, language),
            "unit": table.unit,
            "period": table.period,
            "rows": list(table.frame.index),
            "columns": list(table.frame.columns),
            "exact": _values(table.frame),
            "printed": _values(table.printed),
            "text": table.text,
            "years_used": table.used,
            "sources": table.sources,
        }
        for table_id, table in report.tables.items()
    }
    return Book(
        {name: _written(name, table) for name, table in made.items()},
        {"iso3": country.iso3, "cycle": country.cycle.year, "method": country.method},
        getattr(country, "parameters", None),
        language,
    )


def _values(frame: pd.DataFrame) -> list[list[Any]]:
    """Cells as a written report has them: no NaN, plain numbers."""
    return [[_plain(value) for value in row] for row in frame.itertuples(index=False, name=None)]


def _plain(value: Any) -> Any:
    value = value.item() if hasattr(value, "item") else value
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _read(path: Path) -> dict:
    if not path.is_file():
        raise FileNotFoundError(
            f"There is no report: found nothing at {path}; give the path of a prais_….json file."
        )
    try:
        return json.loads(path.read_text(encoding="utf-8-sig"))
    except ValueError as error:
        remedy = "Take the file that the report wrote, and do not edit it."
        found = f"text that is not JSON ({error})"
        raise InputError(
            [Finding("error", path.name, found, "a prais_….json file", remedy, "17")]
        ) from None


def _check(content, name: str) -> None:
    """Every table needs rows, columns and as many values."""
    found = content.get("tables") if isinstance(content, Mapping) else None
    problems = []
    if not isinstance(found, Mapping):
        problems.append((name, "no tables"))
    else:
        problems += [(f"{name}: {key}", "another layout") for key in found if _bad(found[key])]
    if problems:
        expected, remedy = "what prais.write puts in prais_….json", "Write the report again."
        raise InputError(
            [Finding("error", where, what, expected, remedy, "17") for where, what in problems]
        )


def _bad(table) -> bool:
    if not isinstance(table, Mapping) or not {"rows", "columns", "exact", "printed"} <= set(table):
        return True
    rows, columns = len(table["rows"]), len(table["columns"])
    return any(
        len(table[kind]) != rows or any(len(row) != columns for row in table[kind])
        for kind in ("exact", "printed")
    )


def _written(name: str, table: Mapping) -> Written:
    rows = _once([row_text(row) for row in table["rows"]])
    columns = [str(column) for column in table["columns"]]

    def cells(kind: str) -> dict:
        return {
            (row, column): value
            for row, values in zip(rows, table[kind], strict=True)
            for column, value in zip(columns, values, strict=True)
        }

    return Written(
        id=name,
        title=table.get("title") or "",
        unit=table.get("unit") or "",
        period=table.get("period") or "",
        rows=rows,
        columns=columns,
        exact=cells("exact"),
        printed=cells("printed"),
        text=frozenset(table.get("text") or ()),
        used={str(year): used for year, used in (table.get("years_used") or {}).items()},
        sources=list(table.get("sources") or []),
    )


def row_text(key: Any) -> str:
    """The key of a row as one text.

    Examples
    --------
    >>> row_text(("North", "tree")), row_text(3)
    ('North / tree', '3')
    """
    return JOINED.join(map(str, key)) if isinstance(key, (tuple, list)) else str(key)


def _once(rows: list[str]) -> list[str]:
    """Row names that come twice get a number, so that no row hides another."""
    seen: Counter = Counter()
    named = []
    for row in rows:
        seen[row] += 1
        named.append(row if seen[row] == 1 else f"{row} ({seen[row]})")
    return named


def in_order(names) -> list[str]:
    """Table ids in the order of the platform; those of the affected area after the others."""
    order = {name: place for place, name in enumerate(tables.prais_tables()["id"])}

    def place(name: str) -> tuple:
        bare = name.removeprefix("AA-")
        return bare != name, order.get(bare, len(order)), name

    return sorted(set(names), key=place)


def is_figure(value: Any) -> bool:
    """Whether a cell holds a number."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)

"""Figures of the report's tables in sentences that help to write a section of the narrative."""

from __future__ import annotations

import math
import re
from numbers import Real

import pandas as pd

from ldnkit import tables
from ldnkit.numerals import point
from ldnkit.periods import year_spans

COLUMNS = ["form", "section", "fact", "table", "text"]
#: Separator of a list, and the brackets around a year.
LISTS = {"ar": ("، ", " ({})"), "zh": ("，", "（{}）")}
#: Units that stand behind a figure; an index has none.
UNITS = ("km2", "percent", "percentage_points", "persons", "t_ha", "usd")
YEAR = re.compile(r"\d{4}")


def facts(report, *, language: str = "en") -> pd.DataFrame:
    """Sentences with figures from the tables of a report, for each section of the narrative.

    Nothing is computed anew: every figure is a printed cell, a sum or a count of one column, and
    the sentence names the table. A sentence whose figures are not there is left out.

    Parameters
    ----------
    report : Report
        From :func:`ldnkit.prais.build`.
    language : {"en", "fr", "es", "ru", "ar", "zh"}

    Returns
    -------
    DataFrame
        form, section, fact, table, text; one sentence may help several sections.

    Examples
    --------
    >>> facts(prais.build(country, ldnkit.results(country)))["text"]  # doctest: +SKIP
    """
    rows = []
    for row in tables.read("narrative_facts").to_dict("records"):
        if row["table"] not in report.tables:
            continue
        said = _Sentence(report, report.tables[row["table"]], language)
        text = said.text(row["label_key"], row["cells"].split(";"))
        if text:
            for place in row["places"].split(";"):
                form, _, section = place.partition(".")
                rows.append((form, section, row["fact"], report.label(row["table"]), text))
    return pd.DataFrame(rows, columns=COLUMNS)


class _Sentence:
    """One sentence about one table."""

    def __init__(self, report, table, language: str):
        self.report, self.table, self.language = report, table, language
        self.frame = table.frame if table.printed is None else table.printed
        self.period = report.country.cycle.last.name
        self.row = None

    def text(self, label_key: str, cells: list[str]) -> str:
        """The sentence, or nothing when one of its figures is not there."""
        words = {
            "table": self.report.label(self.table.id),
            "period": self.table.heading(self.period, self.language),
            "form": self.table.heading(self.table.form, self.language),
        }
        for letter, cell in zip("abcd", cells, strict=False):
            pick, _, column = cell.partition("|")
            column = re.sub("^reporting(?=[.])", self.period, column)
            value = self._value(pick, column) if column in self.frame else None
            if value is None:
                return ""
            words["years"] = self._years(column)
            words[letter], words[f"row_{letter}"] = value, self._heading(self.row)
            words[f"column_{letter}"] = self.table.heading(column, self.language)
        return tables.label(label_key, self.language).format(**words)

    def _value(self, pick: str, column: str) -> str | None:
        """One figure in words; remembers the row it comes from."""
        if pick == "count":
            rows = self.frame
            if "change" in rows:  # targets that the team takes out of the register
                rows = rows[rows["change"] != "removed"]
            return str(len(rows)) if len(rows) else None
        if pick == "same":
            return self._cell(self.row, column)
        figures = self._figures(column)
        if figures.empty:
            return None
        if pick == "sum":
            return self._figure(math.fsum(figures), column)
        if pick == "ends":
            return self._ends(figures, column)
        if pick == "highest":
            self.row = figures.idxmax()
            return self._cell(self.row, column) if figures[self.row] > 0 else None
        self.row = figures.index[-1] if pick == "last" else pick
        return self._cell(self.row, column) if self.row in figures else None

    def _figures(self, column: str) -> pd.Series:
        """The cells of a column that hold figures."""
        cells = self.frame[column]
        return cells[[isinstance(cell, Real) and math.isfinite(cell) for cell in cells]].astype(
            float
        )

    def _ends(self, figures: pd.Series, column: str) -> str:
        """The first and the last figure, each with its year; one figure alone if there is one."""
        comma, brackets = LISTS.get(self.language, (", ", " ({})"))
        ends = dict.fromkeys((figures.index[0], figures.index[-1]))
        said = []
        for self.row in ends:
            said.append(self._cell(self.row, column) + brackets.format(self._heading(self.row)))
        return comma.join(said)

    def _cell(self, row, column: str) -> str | None:
        """A cell in words: a figure with its unit, or a text in the language."""
        value = self.frame.loc[row, column]
        if column in self.table.text:
            return self.table.heading(str(value), self.language) if str(value).strip() else None
        if not isinstance(value, Real) or not math.isfinite(value):
            return None
        return self._figure(float(value), column)

    def _figure(self, value: float, column: str) -> str:
        sign = "+" if column.startswith("change_") else ""
        text = point(f"{value:{sign},.{self.table.decimals_of(column)}f}", self.language)
        unit = self.table.unit_of(column)
        return f"{text} {tables.label(f'unit.{unit}', self.language)}" if unit in UNITS else text

    def _heading(self, row) -> str:
        return self.table.heading(row, self.language) if isinstance(row, str) else str(row)

    def _years(self, column: str) -> str:
        """The years in which a column has a figure."""
        years = filter(YEAR.fullmatch, map(str, self._figures(column).index))
        return year_spans(years)

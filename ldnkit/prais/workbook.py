"""The workbook an officer pastes from: an overview, then one sheet per table."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd
import xlsxwriter

from ldnkit.country_file.layers import METADATA
from ldnkit.findings import Finding
from ldnkit.messages import translate
from ldnkit.prais import overview_sheet
from ldnkit.prais.readback import HEADINGS_ROW
from ldnkit.prais.report import Report, Table, wording
from ldnkit.prais.sheets import HIGHEST, lines_of, merged, prepare, styles_of, width_of, write_text

#: Merged lines are at least this wide, so that notes stay readable below a narrow table.
LEAST_WIDTH = 110
#: Widths of columns; the first one also holds the names of sources and answers.
WIDEST, NARROWEST, FIRST = 44, 11, 22
#: Columns in which the team writes sentences, and their least width.
SENTENCES, FOR_SENTENCES = ("drivers", "levers", "details", "comments"), 30


def write(
    report: Report,
    findings: Sequence[Finding],
    path: Path,
    language: str,
    changes: pd.DataFrame | None = None,
) -> None:
    """Write the workbook; ``changes`` since an earlier report have a sheet of their own."""
    options = {"strings_to_numbers": False, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(str(path), options) as book:
        # a fixed date: equal reports are equal files
        created = datetime(report.country.cycle.year, 1, 1)
        title = wording("report.title", language)
        book.set_properties({"title": title, "author": "", "created": created})
        styles = styles_of(book, language)
        overview_sheet.write(book, styles, report, findings, language, changes)
        if changes is not None:
            overview_sheet.write_changes(book, styles, report, changes, language)
        for table in report.tables.values():
            _TableSheet(book, styles, report, table, language).write()


class _TableSheet:
    """One table on its sheet."""

    def __init__(self, book, styles, report: Report, table: Table, language: str):
        self.sheet = book.add_worksheet(report.label(table.id))
        self.styles, self.report, self.table = styles, report, table
        self.language = language
        self.frame = table.labelled(language)
        self.help = table.labelled_help(language)
        self.decimals = table.decimals_by_place(table.frame)
        self.help_decimals = [] if self.help is None else table.decimals_by_place(table.help)
        columns = max(len(self.frame.columns), len(self.help_decimals), 2)
        self.widths = [
            max(
                self._width(self.frame, column, self.decimals),
                self._width(self.help, column, self.help_decimals),
            )
            for column in range(columns)
        ]
        self.widths[0] = max(self.widths[0], FIRST)
        for place, column in enumerate(table.frame.columns, table.frame.index.nlevels):
            if column in SENTENCES:
                self.widths[place] = max(self.widths[place], FOR_SENTENCES)
        while sum(self.widths) < LEAST_WIDTH:
            self.widths.append(NARROWEST)
        self.last, self.total_width = len(self.widths) - 1, sum(self.widths)

    def _word(self, key: str) -> str:
        return wording(key, self.language)

    def _width(self, frame: pd.DataFrame | None, column: int, decimals: Sequence[int]) -> float:
        if frame is None or column >= len(frame.columns):
            return NARROWEST
        heading = str(frame.columns[column])
        longest_word = max((width_of(word) for word in heading.split()), default=0)
        cells = [_length(value, decimals[column]) for value in frame.iloc[:, column]]
        wanted = max([longest_word, *cells, width_of(heading) / 3, NARROWEST - 2]) + 2
        return min(wanted, WIDEST)

    def write(self) -> None:
        country, table, sheet = self.report.country, self.table, self.sheet
        label = self.report.label(table.id)
        prepare(sheet, self.language, f"{country.name(self.language)} – {label}", self.total_width)
        for column, width in enumerate(self.widths):
            sheet.set_column(column, column, width)
        self._line(0, f"{label}  {self._word(table.title_key)}", "title", height=22)
        if country.synthetic:
            self._line(1, self._word("notice.synthetic"), "banner")
        self._line(2, f"{country.name(self.language)}, {country.cycle.year}", "plain")
        self._line(
            3,
            f"{self._word('report.period')}: {table.stated(table.period, self.language) or '–'}",
            "plain",
        )
        unit = " / ".join(self._word(f"unit.{unit}") for unit in table.unit.split(";") if unit)
        self._line(4, f"{self._word('report.unit')}: {unit or '–'}", "plain")
        end = self._grid(HEADINGS_ROW, self.frame, checked=False)
        levels = table.frame.index.nlevels
        sheet.freeze_panes(HEADINGS_ROW + 1, levels)
        sheet.repeat_rows(HEADINGS_ROW)
        sheet.repeat_columns(0, levels - 1)
        sheet.ignore_errors({"number_stored_as_text": "A1:XFD1048576"})
        self._below(end + 1)

    def _line(self, row: int, text: str, style: str, height: float | None = None) -> None:
        merged(self.sheet, row, 0, self.last, text, self.styles[style], self.total_width)
        if height:
            self.sheet.set_row(row, height)

    def _grid(self, top: int, frame: pd.DataFrame, *, checked: bool) -> int:
        """Headings and cells; returns the row after the last."""
        sheet, styles = self.sheet, self.styles
        kind, decimals = "number", self.decimals
        if checked:
            kind, decimals = "checked", self.help_decimals
        lines = 1
        for column, heading in enumerate(frame.columns):
            write_text(sheet, top, column, str(heading), styles["heading"])
            lines = max(lines, lines_of(heading, self.widths[column]))
        sheet.set_row(top, 15.5 * lines)
        levels = self.table.frame.index.nlevels if not checked else 1
        for place, row in enumerate(frame.itertuples(index=False, name=None), top + 1):
            lines = 1
            for column, value in enumerate(row):
                style = styles["checked" if checked else "cell"]
                if isinstance(value, str) or column < levels:
                    chosen = styles["row"] if column < levels else style
                    write_text(sheet, place, column, str(value), chosen)
                    lines = max(lines, lines_of(value, self.widths[column]))
                elif value is None or not math.isfinite(value):
                    sheet.write_blank(place, column, None, style)
                elif isinstance(value, int):
                    sheet.write_number(place, column, value, style)
                else:
                    sheet.write_number(place, column, value, styles[f"{kind}{decimals[column]}"])
            if lines > 1:
                sheet.set_row(place, min(15 * lines, HIGHEST))
        return top + 1 + len(frame)

    def _below(self, row: int) -> None:
        """Answers beside the grid, figures for checking, data sources, notes, comments."""
        table = self.table
        if table.fields:
            for name, value in table.fields.items():
                row = self._pair(row, self._word(name), self._word(value))
            row += 1
        if self.help is not None:
            row = self._section(row, "report.help")
            row = self._grid(row, self.help, checked=True) + 1
        if table.sources:
            row = self._section(row, "data_source")
            for source in table.sources:
                kind = self._word(f"data.{source['source']}")
                row = self._pair(row, self._word(f"indicator.{source['layer']}"), kind)
                for name in METADATA:
                    if source[name] or source["source"] == "national":
                        row = self._pair(row, self._word(f"metadata.{name}"), source[name] or "–")
            row += 1
        if table.notes:
            row = self._section(row, "report.notes")
            for note in table.notes:
                self._line(row, translate(note, self.language), "wrapped")
                row += 1
            row += 1
        row = self._section(row, "comments")
        self.sheet.merge_range(row, 0, row + 3, self.last, "", self.styles["comments"])

    def _section(self, row: int, key: str) -> int:
        self._line(row, self._word(key), "section", height=18)
        return row + 1

    def _pair(self, row: int, name: str, value: str) -> int:
        write_text(self.sheet, row, 0, name, self.styles["name"])
        width = self.total_width - self.widths[0]
        merged(self.sheet, row, 1, self.last, value, self.styles["wrapped"], width)
        lines = max(lines_of(name, self.widths[0]), lines_of(value, width))
        self.sheet.set_row(row, 15 * lines)
        return row + 1


def _length(value: Any, decimals: int) -> int:
    if isinstance(value, float):
        return 0 if math.isnan(value) else len(f"{value:,.{decimals}f}")
    return width_of(str(value))

"""The workbook an officer pastes from: an overview, then one sheet per table."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import xlsxwriter

from ldnkit import tables
from ldnkit.country_file.layers import METADATA
from ldnkit.findings import Finding
from ldnkit.prais.report import Report, Table, wording

#: Row of the headings of every table, counted from 0; the cells to paste begin below it.
HEADINGS_ROW = 6
#: Merged lines are at least this wide, so that notes stay readable below a narrow table.
LEAST_WIDTH = 110
#: Widths of columns; the first one also holds the names of sources and answers.
WIDEST, NARROWEST, FIRST = 44, 11, 22
#: Height of the highest row that a spreadsheet takes, in points.
HIGHEST = 409
#: Columns in which the team writes sentences, and their least width.
SENTENCES, FOR_SENTENCES = ("drivers", "levers", "details", "comments"), 30
A4 = 9
#: State of a table -> look of its cell in the overview.
STATE_STYLES = {"to_complete": "wait", "to_mend": "stop", "missing": "stop"}
PURPLE, GREEN, GREY, YELLOW, WHITE = "#5b2150", "#e6f0e4", "#f1f1ee", "#fff4c2", "#ffffff"


def write(report: Report, findings: Sequence[Finding], path: Path, language: str) -> None:
    """Write the workbook."""
    options = {"strings_to_numbers": False, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(str(path), options) as book:
        book.set_properties({"title": wording("report.title", language), "author": ""})
        styles = _styles(book)
        _overview(book, styles, report, findings, language)
        for table in report.tables.values():
            _TableSheet(book, styles, report, table, language).write()


def _styles(book) -> dict[str, Any]:
    base = {"font_name": "Calibri", "font_size": 11, "valign": "top"}
    wrapped = base | {"text_wrap": True}
    edged = wrapped | {"border": 1, "border_color": "#9a9a9a"}
    looks = {
        "title": base | {"bold": True, "font_size": 15, "font_color": PURPLE},
        "banner": wrapped | {"bold": True, "bg_color": YELLOW, "font_color": "#7a4b00"},
        "plain": base,
        "wrapped": wrapped,
        "name": wrapped | {"bold": True},
        "section": base | {"bold": True, "font_size": 12, "font_color": PURPLE, "bottom": 1},
        "heading": edged
        | {"bold": True, "bg_color": PURPLE, "font_color": WHITE, "align": "center"},
        "row": edged | {"bold": True, "bg_color": GREEN},
        "cell": edged,
        "checked": edged | {"bg_color": GREY, "font_color": "#444444"},
        "comments": edged | {"bg_color": "#fbfbf6"},
        "good": wrapped | {"bold": True, "font_color": "#006500"},
        "open": wrapped | {"bold": True, "font_color": "#9b2779"},
        "wait": edged | {"bold": True, "bg_color": YELLOW},
        "stop": edged | {"bold": True, "bg_color": "#f3dbe6", "font_color": "#9b2779"},
        "link": edged | {"font_color": "#1f4e9c", "underline": 1},
    }
    styles = {name: book.add_format(look) for name, look in looks.items()}
    for decimals in range(6):
        number = {"num_format": "#,##0" + ("." + "0" * decimals if decimals else "")}
        styles[f"number{decimals}"] = book.add_format(edged | number)
        styles[f"checked{decimals}"] = book.add_format(looks["checked"] | number)
    return styles


def _prepare(sheet, language: str, footer: str) -> None:
    """Landscape A4, one page wide, the page number at the foot; Arabic from right to left."""
    sheet.set_landscape()
    sheet.set_paper(A4)
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    page = wording("report.page", language)
    sheet.set_footer(f"&L{footer.replace('&', '&&')}&R{page} &P / &N")
    sheet.hide_gridlines(2)
    if language == "ar":
        sheet.right_to_left()


def _merged(sheet, row: int, first: int, last: int, text: str, style, width: float) -> None:
    """One line of text over several columns, high enough to be read."""
    sheet.merge_range(row, first, row, last, text, style)
    sheet.set_row(row, 15 * _lines(text, width))


def _lines(text: str, width: float) -> int:
    parts = str(text).splitlines()
    return max(1, sum(len(textwrap.wrap(part, max(int(width) - 1, 1))) or 1 for part in parts))


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
        longest_word = max((len(word) for word in heading.split()), default=0)
        cells = [_length(value, decimals[column]) for value in frame.iloc[:, column]]
        wanted = max([longest_word, *cells, len(heading) / 3, NARROWEST - 2]) + 2
        return min(wanted, WIDEST)

    def write(self) -> None:
        country, table, sheet = self.report.country, self.table, self.sheet
        label = self.report.label(table.id)
        _prepare(sheet, self.language, f"{country.name(self.language)} – {label}")
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
        sheet.ignore_errors({"number_stored_as_text": "A1:XFD1048576"})
        self._below(end + 1)

    def _line(self, row: int, text: str, style: str, height: float | None = None) -> None:
        _merged(self.sheet, row, 0, self.last, text, self.styles[style], self.total_width)
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
            sheet.write_string(top, column, str(heading), styles["heading"])
            lines = max(lines, _lines(heading, self.widths[column]))
        sheet.set_row(top, 15.5 * lines)
        levels = self.table.frame.index.nlevels if not checked else 1
        for place, row in enumerate(frame.itertuples(index=False, name=None), top + 1):
            lines = 1
            for column, value in enumerate(row):
                style = styles["checked" if checked else "cell"]
                if isinstance(value, str) or column < levels:
                    chosen = styles["row"] if column < levels else style
                    sheet.write_string(place, column, str(value), chosen)
                    lines = max(lines, _lines(value, self.widths[column]))
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
                self._line(row, note, "wrapped")
                row += 1
            row += 1
        row = self._section(row, "comments")
        self.sheet.merge_range(row, 0, row + 3, self.last, "", self.styles["comments"])

    def _section(self, row: int, key: str) -> int:
        self._line(row, self._word(key), "section", height=18)
        return row + 1

    def _pair(self, row: int, name: str, value: str) -> int:
        self.sheet.write_string(row, 0, name, self.styles["name"])
        width = self.total_width - self.widths[0]
        _merged(self.sheet, row, 1, self.last, value, self.styles["wrapped"], width)
        lines = max(_lines(name, self.widths[0]), _lines(value, width))
        self.sheet.set_row(row, 15 * lines)
        return row + 1


def _length(value: Any, decimals: int) -> int:
    if isinstance(value, float):
        return 0 if math.isnan(value) else len(f"{value:,.{decimals}f}")
    return len(str(value))


def table_states(report: Report, findings: Sequence[Finding]) -> pd.DataFrame:
    """Every table we know with its state: id, form, title_key, requirement, state, findings.

    A table is ``complete``, ``to_complete`` (a required cell or a whole list waits for the team),
    ``to_mend`` (an error is open), ``missing`` (required and not there) or made ``elsewhere`` for
    now.
    """
    from ldnkit.prais.builder import MAKERS

    rows = []
    for row in tables.prais_tables().to_dict("records"):
        if report.area == "affected" and row["id"] not in report.tables:
            continue
        mine = [f for f in findings if f.where.partition(",")[0].partition(":")[0] == row["id"]]
        severities = {finding.severity for finding in mine}
        required = row[f"required_{report.country.party}"]
        if row["id"] not in report.tables:
            absent = "missing" if required == "required" else "–"
            state = absent if row["id"] in MAKERS else "elsewhere"
        elif "error" in severities:
            state = "to_mend"
        else:
            waits = "warning" in severities or report.tables[row["id"]].frame.empty
            state = "to_complete" if waits else "complete"
        kept = {key: row[key] for key in ("id", "form", "title_key", "notebook")}
        rows.append(kept | {"required": required, "state": state, "findings": len(mine)})
    return pd.DataFrame(rows)


def _overview(book, styles, report: Report, findings: Sequence[Finding], language: str) -> None:
    """First sheet: what the report is, which tables are ready, what is open."""
    country = report.country

    def word(key: str) -> str:
        return wording(key, language)

    name = word("report.overview")
    sheet = book.add_worksheet("Overview")
    _prepare(sheet, language, f"{country.name(language)} – {name}")
    widths = [18, 34, 34, 34, 30, 12]
    for column, width in enumerate(widths):
        sheet.set_column(column, column, width)
    last, total = len(widths) - 1, sum(widths)
    lines = [(f"{word('report.title')} – {country.name(language)}", "title")]
    if report.area == "affected":
        lines.append((word("form.AA"), "name"))
    if country.synthetic:
        lines.append((word("notice.synthetic"), "banner"))
    party = word(f"report.{country.party}")
    lines.append((f"{word('report.party')}: {party}", "plain"))
    lines.append((f"{word('report.cycle')}: {country.cycle.year}", "plain"))
    lines.append((f"{word('method')}: {country.method}", "plain"))
    open_ones = {
        severity: sum(finding.severity == severity for finding in findings)
        for severity in ("error", "warning")
    }
    if any(open_ones.values()):
        said = word("report.open_findings").format(
            errors=open_ones["error"], warnings=open_ones["warning"]
        )
        lines.append((said, "open"))
    else:
        lines.append((word("report.no_findings"), "good"))
    lines.append((word("report.paste"), "plain"))
    for row, (text, style) in enumerate(lines):
        _merged(sheet, row, 0, last, text, styles[style], total)
    sheet.set_row(0, 22)
    row = len(lines) + 1
    states = table_states(report, findings)
    keys = ("report.table", "metadata.title", "report.form", "report.state")
    headings = [word(key) for key in (*keys, "report.findings", "report.notebook")]
    _cells(sheet, row, headings, [styles["heading"]] * 6, widths)
    for entry in states.to_dict("records"):
        row += 1
        required = word(f"requirement.{entry['required'].replace(' ', '_')}")
        form = f"{entry['form']}  {word('form.' + entry['form'])} ({required})"
        state_key = entry["state"]
        state = state_key if state_key == "–" else word(f"report.{state_key}")
        cells = [entry["id"], word(entry["title_key"]), form, state]
        cells += [str(entry["findings"] or "–"), entry["notebook"]]
        looks = [styles["row"], *[styles["cell"]] * 5]
        looks[3] = styles[STATE_STYLES.get(state_key, "cell")]
        _cells(sheet, row, cells, looks, widths)
        if entry["id"] in report.tables:
            label = report.label(entry["id"])
            sheet.write_url(row, 0, f"internal:'{label}'!A1", styles["link"], string=label)
    for form in _reported_elsewhere(report):
        row += 1
        cells = [form, word(f"form.{form}"), form, "–", "–", "–"]
        _cells(sheet, row, cells, [styles["row"], *[styles["cell"]] * 5], widths)
    row += 2
    _merged(sheet, row, 0, last, word("report.findings"), styles["section"], total)
    row += 1
    keys = ("report.kind", "report.where", "report.found", "report.expected", "report.remedy")
    headings = [word(key) for key in (*keys, "report.notebook")]
    _cells(sheet, row, headings, [styles["heading"]] * 6, widths)
    for finding in findings:
        row += 1
        cells = [word(f"finding.{finding.severity}"), finding.where, finding.found]
        cells += [finding.expected, finding.remedy, finding.notebook]
        _cells(sheet, row, cells, [styles["cell"]] * 6, widths)
    sheet.freeze_panes(1, 0)


def _reported_elsewhere(report: Report) -> list[str]:
    """Forms without tables of their own: what they ask for is reported under another one."""
    forms = tables.read("forms")
    if report.area == "affected":
        return []
    return forms.loc[forms[report.country.party].str.startswith("see "), "form"].tolist()


def _cells(sheet, row: int, texts: Sequence[str], looks: Sequence, widths: Sequence) -> None:
    for column, (text, look) in enumerate(zip(texts, looks, strict=True)):
        sheet.write_string(row, column, str(text), look)
    lines = [_lines(text, width) for text, width in zip(texts, widths, strict=True)]
    sheet.set_row(row, 15 * max(lines))

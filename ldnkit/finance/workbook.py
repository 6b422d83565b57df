"""The workbook in which a team collects its activities: one sheet per indicator, with help."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from ldnkit import templates
from ldnkit.finance.columns import NEEDS, RATES, SHEETS, choice_label, choices, columns, years
from ldnkit.labels import LANGUAGES, label
from ldnkit.team_sheets import empty

#: Rows that have drop-down lists.
ROWS = 1000
#: Rows in front of the headings of a sheet, and the first row for cells.
HEADINGS, FIRST = 2, 3
PURPLE, LIGHT, YELLOW, GREY = "#5b2150", "#efe4ee", "#fff4c2", "#666666"
LARGEST = 1e15
#: Lengths that spreadsheets allow for the message of a cell.
TITLE, MESSAGE = 32, 255


def template(
    path: str | Path, language: str = "en", *, activities: pd.DataFrame | None = None
) -> Path:
    """Write the activity workbook: headings, drop-down lists and help in a language.

    Sheets: Help, ``SO5-1`` to ``SO5-4`` (SO5-4 is optional: it replaces the rows marked with
    technology transfer), ``SO5-5`` for plans and needs, ``Rates`` for exchange rates.
    :func:`read_activities` reads it in any of the six languages.

    Parameters
    ----------
    path : str or Path
        The XLSX file to write. An existing one is not overwritten.
    language : {"en", "fr", "es", "ru", "ar", "zh"}
    activities : DataFrame, optional
        Rows to start from, for example those of :func:`read_crs`, so that the default data can
        be corrected. Only rows with the status ``kept`` are written.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    FileExistsError
        There is such a file already: it may hold the team's work.
    ValueError
        Unknown language.

    References
    ----------
    UNCCD reporting manual, 2026 process, SO5, activity-level template.

    Examples
    --------
    >>> template("activities.xlsx", "fr")  # doctest: +SKIP
    """
    if language not in LANGUAGES:
        raise ValueError(
            f"Unknown language: found {language!r}; use one of {', '.join(LANGUAGES)}."
        )
    with templates.new_workbook(path, label("finance_template.title", language)) as book:
        _Writer(book, language).write(activities)
    return Path(path)


class _Writer:
    """The sheets of one workbook."""

    def __init__(self, book, language: str):
        self.book, self.language = book, language
        base = {"font_name": "Calibri", "font_size": 11, "valign": "top"}
        wrapped = base | {"text_wrap": True}
        heading = wrapped | {"bold": True, "border": 1, "align": "center"}
        looks = {
            "title": base | {"bold": True, "font_size": 14, "font_color": PURPLE},
            "plain": base,
            "wrapped": wrapped,
            "note": base | {"font_color": GREY},
            "name": wrapped | {"bold": True},
            "required": heading | {"bg_color": PURPLE, "font_color": "#ffffff"},
            "optional": heading | {"bg_color": LIGHT},
            "amount": base | {"num_format": "#,##0.00"},
            "text": base | {"num_format": "@"},
        }
        self.styles = {name: book.add_format(look) for name, look in looks.items()}
        self.lists: dict[tuple, str] = {}

    def word(self, key: str) -> str:
        return label(key, self.language)

    def write(self, activities: pd.DataFrame | None) -> None:
        help_sheet = self.book.add_worksheet("Help")
        sheets = {name: self.book.add_worksheet(name) for name in (*SHEETS, NEEDS, "Rates")}
        self.list_sheet = self.book.add_worksheet("Lists")
        self.list_sheet.very_hidden()
        self._help(help_sheet)
        for name, sheet in sheets.items():
            kind = RATES if name == "Rates" else name
            self._sheet(sheet, kind)
            if activities is not None and kind in SHEETS:
                self._fill(sheet, kind, activities)
        help_sheet.activate()

    def _prepare(self, sheet) -> None:
        sheet.hide_gridlines(2)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        if self.language == "ar":
            sheet.right_to_left()

    def _help(self, sheet) -> None:
        """What the workbook is for, what each column takes, and every list of words."""
        self._prepare(sheet)
        for column, width in enumerate((12, 34, 90)):
            sheet.set_column(column, column, width)
        sheet.write_string(0, 0, self.word("finance_template.title"), self.styles["title"])
        row = 2
        for number in range(1, 8):
            sheet.merge_range(
                row, 0, row, 2, self.word(f"finance_template.line_{number}"), self.styles["wrapped"]
            )
            sheet.set_row(row, 32)
            row += 1
        row += 1
        names = ("finance_template.sheet", "finance_template.column", "finance_template.help")
        for column, key in enumerate(names):
            sheet.write_string(row, column, self.word(key), self.styles["required"])
        for kind in (*SHEETS, NEEDS, RATES):
            for form in columns(kind).to_dict("records"):
                row += 1
                place = "Rates" if kind == RATES else kind
                sheet.write_string(row, 0, place, self.styles["plain"])
                sheet.write_string(row, 1, self._heading(form), self.styles["name"])
                sheet.write_string(row, 2, self._explained(form, kind), self.styles["wrapped"])

    def _heading(self, form: dict) -> str:
        return self.word(form["label"]) + (" *" if form["required"] else "")

    def _explained(self, form: dict, kind: str) -> str:
        """The help of a column, with the words it accepts."""
        said = self.word(form["help"])
        if form["choices"] and form["choices"] != "yes_no":
            said += f" ({'; '.join(self._words(form['choices'], kind))})"
        return said

    def _words(self, name: str, kind: str) -> list[str]:
        return [self.word(choice_label(key)) for key in choices(name, kind)]

    def _sheet(self, sheet, kind: str) -> None:
        self._prepare(sheet)
        title = self.word("column.exchange_rates" if kind == RATES else f"form.{kind}")
        sheet.write_string(0, 0, title, self.styles["title"])
        sheet.write_string(1, 0, self.word("finance_template.star"), self.styles["note"])
        sheet.set_row(HEADINGS, 48)
        for place, form in enumerate(columns(kind).to_dict("records")):
            look = "required" if form["required"] else "optional"
            sheet.write_string(HEADINGS, place, self._heading(form), self.styles[look])
            style = {"amount": "amount", "identifier": "text"}.get(form["type"])
            sheet.set_column(place, place, form["width"], self.styles.get(style))
            rule = self._rule(form, kind)
            if rule:
                sheet.data_validation(FIRST, place, FIRST + ROWS - 1, place, rule)
        sheet.freeze_panes(FIRST, 0)
        sheet.repeat_rows(HEADINGS)

    def _rule(self, form: dict, kind: str) -> dict:
        """The data validation of a column, with its help as message."""
        rule = {
            "input_title": self._heading(form)[:TITLE],
            "input_message": _cut(self.word(form["help"]), MESSAGE),
            "error_title": self._heading(form)[:TITLE],
        }
        if form["type"] == "year" and kind != RATES:
            return rule | {"validate": "list", "source": [str(year) for year in years()]}
        if form["type"] in ("amount", "rate"):
            least = -LARGEST if form["key"] == "amount" else 0
            rule |= {"validate": "decimal", "criteria": "between", "minimum": least}
            message = self.word("finance_template.number")
            return rule | {"maximum": LARGEST, "error_message": _cut(message, MESSAGE)}
        if form["type"] in ("choice", "open_choice"):
            source = self._list(form["choices"], kind)
            stop = form["type"] == "choice"
            message = self.word("finance_template.choose")
            rule |= {"error_message": _cut(message, MESSAGE)}
            kind_of_error = "stop" if stop else "information"
            return rule | {"validate": "list", "source": source, "error_type": kind_of_error}
        return rule | {"validate": "any"}

    def _list(self, name: str, kind: str) -> str:
        """A range on the hidden sheet: lists may be longer than a rule allows."""
        words = tuple(self._words(name, kind))
        if words not in self.lists:
            row = len(self.lists)
            for place, word in enumerate(words):
                self.list_sheet.write_string(row, place, word)
            from xlsxwriter.utility import xl_range_abs

            self.lists[words] = f"=Lists!{xl_range_abs(row, 0, row, len(words) - 1)}"
        return self.lists[words]

    def _fill(self, sheet, kind: str, activities: pd.DataFrame) -> None:
        """Rows to start from, in the words of the language."""
        rows = activities[activities["indicator"] == kind]
        if "status" in rows:
            rows = rows[rows["status"] == "kept"]
        for place, form in enumerate(columns(kind).to_dict("records")):
            key = form["key"]
            if kind == "SO5-3" and key == "private_amount_usd":
                key = "amount"
            codes = rows["purpose_code"] if key == "sector" else [""] * len(rows)
            for row, (cell, code) in enumerate(zip(rows[key], codes, strict=True), FIRST):
                self._cell(sheet, row, place, form, cell, code)

    def _cell(self, sheet, row: int, place: int, form: dict, cell, code: str) -> None:
        """One cell; a sector begins with its CRS code, because an activity may have several."""
        if empty(cell):
            return
        if form["type"] in ("amount", "year"):
            sheet.write_number(row, place, cell)
        elif form["choices"] and cell in choices(form["choices"]):
            sheet.write_string(row, place, f"{code} {self.word(choice_label(cell))}".strip())
        else:
            sheet.write_string(row, place, str(cell))


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1] + "…"

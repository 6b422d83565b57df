"""What every sheet of the workbook shares: its looks, its paper, and rows that can be read."""

from __future__ import annotations

import textwrap
import unicodedata
from collections.abc import Sequence
from typing import Any

from ldnkit.prais.report import wording

A4 = 9
#: Height of the highest row that a spreadsheet takes, in points.
HIGHEST = 409
#: Width of the columns that one printed page takes, in letters.
PAGE_WIDTH = 230
PURPLE, GREEN, GREY, YELLOW, WHITE = "#5b2150", "#e6f0e4", "#f1f1ee", "#fff4c2", "#ffffff"


def styles_of(book, language: str = "en") -> dict[str, Any]:
    """The looks of cells by name; each knows the same look for text from right to left."""
    base = {"font_name": "Calibri", "font_size": 11, "valign": "top"}
    if language == "ar":
        base["align"] = "right"
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
        "alarm": wrapped | {"bold": True, "bg_color": "#f3dbe6", "font_color": "#9b2779"},
        "good": wrapped | {"bold": True, "font_color": "#006500"},
        "open": wrapped | {"bold": True, "font_color": "#9b2779"},
        "wait": edged | {"bold": True, "bg_color": YELLOW},
        "fine": edged | {"font_color": "#006500"},
        "stop": edged | {"bold": True, "bg_color": "#f3dbe6", "font_color": "#9b2779"},
        "link": edged | {"font_color": "#1f4e9c", "underline": 1},
    }
    styles = {name: book.add_format(look) for name, look in looks.items()}
    for name, look in looks.items() if language == "ar" else ():
        styles[name].right_to_left = book.add_format(look | {"reading_order": 2})
    for decimals in range(6):
        number = {"num_format": "#,##0" + ("." + "0" * decimals if decimals else "")}
        styles[f"number{decimals}"] = book.add_format(edged | number)
        styles[f"checked{decimals}"] = book.add_format(looks["checked"] | number)
    return styles


def prepare(sheet, language: str, footer: str, width: float = 0) -> None:
    """Landscape A4, the page number at the foot; Arabic from right to left.

    A sheet is one page wide, or as many as it needs for its letters to be read.
    """
    sheet.set_landscape()
    sheet.set_paper(A4)
    sheet.fit_to_pages(max(1, round(width / PAGE_WIDTH)), 0)
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    page = wording("report.page", language)
    sheet.set_footer(f"&L{footer.replace('&', '&&')}&R{page} &P / &N")
    sheet.hide_gridlines(2)
    if language == "ar":
        sheet.right_to_left()


def merged(sheet, row: int, first: int, last: int, text: str, style, width: float) -> None:
    """One line of text over several columns, high enough to be read."""
    if is_arabic(text):
        text = text.replace("→", "←")  # from the earlier to the later year
    sheet.merge_range(row, first, row, last, text, directed(text, style))
    sheet.set_row(row, min(15 * lines_of(text, width), HIGHEST))


def is_arabic(text: str) -> bool:
    """Whether there are Arabic letters in a text, whatever it begins with.

    Examples
    --------
    >>> is_arabic("SO1-1 land"), is_arabic("SO1-1 أرض")
    (False, True)
    """
    return any(unicodedata.bidirectional(sign) == "AL" for sign in text)


def directed(text: str, style):
    """The look of a text: Arabic runs from right to left, anything else from left to right."""
    return getattr(style, "right_to_left", style) if is_arabic(text) else style


def write_text(sheet, row: int, column: int, text: str, style) -> None:
    """One cell of text."""
    sheet.write_string(row, column, text, directed(text, style))


def width_of(text: str) -> int:
    """Width of a text in Latin letters: Chinese signs take two.

    Examples
    --------
    >>> width_of("abc"), width_of("水体")
    (3, 4)
    """
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)


def lines_of(text: str, width: float) -> int:
    """Lines that a text takes in a column of a width."""
    room, lines = max(int(width) - 1, 1), 0
    for part in str(text).splitlines():
        wide = width_of(part)
        if wide > len(part):  # no blanks to wrap at: the signs fill every line
            lines += -(-wide // room)
        else:
            lines += len(textwrap.wrap(part, room)) or 1
    return max(1, lines)


def write_row(sheet, row: int, texts: Sequence[str], looks: Sequence, widths: Sequence) -> None:
    for column, (text, look) in enumerate(zip(texts, looks, strict=True)):
        write_text(sheet, row, column, str(text), look)
    lines = [lines_of(text, width) for text, width in zip(texts, widths, strict=True)]
    sheet.set_row(row, min(15 * max(lines), HIGHEST))

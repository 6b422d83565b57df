"""Figures as offices write them: decimal commas, thousands, percent signs, footnote marks."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from numbers import Real

from ldnkit.sources.statistics.series import normal, words

#: Spaces and strokes between thousands.
SEPARATORS = "\u00a0\u202f\u2009\u2007 '\u2019٬"
#: Marks that lead to a footnote: 36.8*, 36.8 a, 36.8 (1), 36.8¹.
FOOTNOTE = re.compile(
    r"(?P<figure>.*[\d%])"
    r"(?P<mark>\s*[*†‡§¹²³⁰-⁹]+|\s*\(\w{1,2}\)|\s*\[\w{1,3}\]|\s?[a-z]{1,2}\)?)"
)
#: A figure that is only a limit: <0.1, > 95, ≤ 1.
LIMIT = re.compile(r"[<>≤≥~≈].*\d.*")
PLAIN = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
GROUPS = {sign: re.compile(rf"[+-]?\d{{1,3}}({re.escape(sign)}\d{{3}})+") for sign in ",."}


class Percent(float):
    """A number that a spreadsheet shows with a percent sign; its value is in percent."""


@dataclass(frozen=True)
class Figure:
    """One cell: its value, or why it has none.

    ``kind`` is number, nothing (an empty cell or a sign for it), limit (<0.1) or text.
    """

    value: float = math.nan
    kind: str = "nothing"
    percent: bool = False
    mark: str = ""


@dataclass(frozen=True)
class Style:
    """How a column writes its figures: the decimal sign; ``mixed`` when there are two of them.

    ``guessed``: commas before three digits were read as decimal commas, because the series
    cannot have thousands.
    """

    decimal: str = "."
    mixed: bool = False
    guessed: bool = False


def read_figures(cells: Iterable, *, maximum: float = math.inf) -> tuple[list[Figure], Style]:
    """Every cell of a column as a figure.

    Parameters
    ----------
    cells : iterable of str or float
        Cells of one column: the decimal sign is that of the column.
    maximum : float
        Highest figure that the series can have; it tells 1,234 apart (thousands or decimals).

    Examples
    --------
    >>> found, style = read_figures(["36,8 %", "1 204,5", "..", "<0,1"])
    >>> [figure.value for figure in found][:2], [figure.kind for figure in found][2:], style.decimal
    ([36.8, 1204.5], ['nothing', 'limit'], ',')
    """
    cells = list(cells)
    texts = [_bare(cell) for cell in cells]
    style = _style([text for text in texts if text], maximum)
    return [_figure(cell, style) for cell in cells], style


def is_number(cell) -> bool:
    """Whether a cell is a typed number; true and false are none."""
    return isinstance(cell, Real) and not isinstance(cell, bool)


def plain(text) -> str:
    """Digits of all scripts as 0–9, the minus sign as a hyphen, no spaces around.

    Examples
    --------
    >>> plain(" ٣٦٫٨ ")
    '36.8'
    """
    text = str(text)
    if text.isascii():
        return text.strip()
    signs = {"−": "-", "٫": ".", "٪": "%", "％": "%", "．": ".", "，": ","}
    digits = (str(unicodedata.decimal(sign, signs.get(sign, sign))) for sign in text)
    return "".join(digits).strip()


def is_nothing(cell) -> bool:
    """Whether a cell says that there is no figure: empty, ``..``, n/a, a dash."""
    if is_number(cell):
        return math.isnan(cell)
    return cell is None or plain(cell) == "" or normal(plain(cell)) in words("nothing")


def _split(cell) -> tuple[str, str, bool]:
    """A text without separators, its footnote mark, and whether it has a percent sign."""
    text, mark = plain(cell), ""
    match = FOOTNOTE.fullmatch(text)
    if match and not PLAIN.fullmatch(text):
        text, mark = match["figure"], match["mark"].strip()
    percent = text.endswith("%")
    text = text.removesuffix("%").rstrip()
    return re.sub(rf"(?<=\d)[{SEPARATORS}](?=\d{{3}}(\D|$))", "", text), mark, percent


def _bare(cell) -> str:
    return "" if is_number(cell) or is_nothing(cell) else _split(cell)[0].lstrip("<>≤≥~≈ ")


def _style(texts: Sequence[str], maximum: float) -> Style:
    """The decimal sign of a column, from all its cells."""
    last = {text[max(text.rfind(","), text.rfind("."))] for text in texts if {",", "."} <= {*text}}
    if last:
        return Style(min(last), mixed=len(last) > 1)
    commas = [text for text in texts if "," in text]
    points = [text for text in texts if "." in text]
    decimal = any(not GROUPS[","].fullmatch(text) for text in commas)
    if commas and not decimal:  # 1,234: thousands, unless the series cannot have any
        values = (float(text.replace(",", "")) for text in commas if text.count(",") == 1)
        guessed = any(abs(value) > maximum for value in values)
        return Style("," if guessed else ".", mixed=guessed and bool(points), guessed=guessed)
    mixed = decimal and any(not GROUPS["."].fullmatch(text) for text in points)
    return Style("," if decimal else ".", mixed=mixed)


def _figure(cell, style: Style) -> Figure:
    if is_nothing(cell):
        return Figure()
    if is_number(cell):
        if math.isinf(cell):
            return Figure(kind="text")
        return Figure(float(cell), "number", isinstance(cell, Percent))
    text, mark, percent = _split(cell)
    if LIMIT.fullmatch(text):
        return Figure(kind="limit", mark=mark)
    other = "," if style.decimal == "." else "."
    if style.decimal in text or GROUPS[other].fullmatch(text):
        text = text.replace(other, "")
    text = text.replace(",", ".")
    if not PLAIN.fullmatch(text):
        return Figure(kind="text")
    return Figure(float(text), "number", percent, mark)

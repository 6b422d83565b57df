"""What a document is made of: blocks of text, figures and tables, and nothing about files.

The writers (:mod:`ldnkit.handover.html_writer`, :mod:`ldnkit.handover.docx_writer`) turn the same
document into HTML and DOCX, so that both say the same.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import pandas as pd

from ldnkit.numerals import point

#: Width of the text on A4, upright and across, in cm.
UPRIGHT, ACROSS = 16.4, 25.1
#: Width of a letter of a table and of the edges of its cell, in cm.
LETTER, EDGES = 0.175, 0.36
#: How far the wanted width may pass the width of the page before a table is crowded.
CROWDED = 1.6
#: Most letters in a line of a column: of sentences, of other texts, of a word that is not cut.
SENTENCE, LINE, WORD = 42, 24, 24
#: Fewest letters in a line of sentences.
LEAST_LINE = 14
#: Texts longer than this are sentences.
LONG = 110


ARABIC, LATIN = re.compile("[\u0600-\u06ff]"), re.compile("[A-Za-z]")


@dataclass(frozen=True)
class Heading:
    """A heading; level 1 begins a chapter, as a rule on a new page.

    ``listed`` says whether it stands in the table of contents.
    """

    text: str
    level: int = 1
    anchor: str = ""
    new_page: bool = True
    listed: bool = True


@dataclass(frozen=True)
class Paragraph:
    """A paragraph; ``style`` is empty, ``lead`` or ``small``, ``link`` the anchor it leads to."""

    text: str
    style: str = ""
    link: str = ""


@dataclass(frozen=True)
class Notice:
    """A paragraph that must be seen; ``kind`` is ``note`` or ``warning``."""

    text: str
    kind: str = "note"


@dataclass(frozen=True)
class Figure:
    """A picture with its caption, the computed sentences below it, and its text alternative."""

    image: bytes = field(repr=False)
    caption: str
    sentences: tuple[str, ...]
    alt: str
    key: str = ""
    mime: str = "image/png"


@dataclass(frozen=True)
class Listing:
    """Items of a list; an item is a text, or a name and a text."""

    items: tuple[str | tuple[str, str], ...]


@dataclass(frozen=True)
class PageBreak:
    """What follows begins on a new page."""


@dataclass(frozen=True)
class Contents:
    """The place of the table of contents."""

    title: str


@dataclass(frozen=True, eq=False)
class TableBlock:
    """A table: figures as figures, so that every writer shows them in the same way.

    Parameters
    ----------
    frame : DataFrame
        Headings as columns; texts and figures, no index.
    caption : str
    notes : tuple of str
        Lines below the table.
    key : str
        Identifier, for example ``"SO1-4.T2"``.
    decimals : tuple of int
        Printed decimals of every column.
    levels : int
        How many columns name the row.
    anchor : str
    across : bool
        The page lies across however small the table is: a part of a wide table.
    """

    frame: pd.DataFrame
    caption: str
    notes: tuple[str, ...] = ()
    key: str = ""
    decimals: tuple[int, ...] = ()
    levels: int = 1
    anchor: str = ""
    across: bool = False

    def rows(self, language: str) -> list[list[str]]:
        """The cells as texts; a table without rows has one of dashes.

        Examples
        --------
        >>> block = TableBlock(pd.DataFrame({"a": ["x"], "b": [1234.5]}), "", decimals=(0, 2))
        >>> block.rows("en"), block.rows("es")
        ([['x', '1,234.50']], [['x', '1\\u202f234,50']])
        """
        decimals = self.decimals or (2,) * len(self.frame.columns)
        rows = [
            [written(value, places, language) for value, places in zip(row, decimals, strict=True)]
            for row in self.frame.itertuples(index=False, name=None)
        ]
        return rows or [["–"] * len(self.frame.columns)]

    def figures(self) -> list[bool]:
        """For every column, whether it holds figures and nothing else."""
        return [
            any(isinstance(value, float) and not math.isnan(value) for value in column)
            and not any(isinstance(value, str) and value.strip(" –-") for value in column)
            for column in (self.frame.iloc[:, place] for place in range(len(self.frame.columns)))
        ]

    def needs(self, language: str) -> tuple[list[float], list[float]]:
        """The least and the wanted width of every column, in cm."""
        rows, least, wanted = self.rows(language), [], []
        for place, heading in enumerate(map(str, self.frame.columns)):
            texts = [row[place] for row in rows]
            longest = max(map(letters, texts))
            word = min(max(map(longest_word, [heading, *texts])), WORD)
            line = SENTENCE if longest > LONG else LINE
            full = max(word, min(longest, line), min(letters(heading) / 3, line))
            sentences = longest > line
            least.append(
                LETTER * max(word, LEAST_LINE if sentences else min(longest, LINE)) + EDGES
            )
            wanted.append(LETTER * full + EDGES)
        return least, wanted

    def fits(self, room: float, language: str) -> bool:
        """Whether a page of this width takes the table."""
        least, wanted = map(sum, self.needs(language))
        return least <= room and wanted <= CROWDED * room

    def widths(self, language: str, room: float) -> list[float]:
        """Widths of the columns in cm, together not more than the page."""
        least, wanted = self.needs(language)
        if sum(wanted) <= room:
            return wanted
        if sum(least) >= room:
            return [width * room / sum(least) for width in least]
        part = (room - sum(least)) / (sum(wanted) - sum(least))
        return [low + part * (high - low) for low, high in zip(least, wanted, strict=True)]

    def wide(self, language: str) -> bool:
        """Whether the table needs the page across."""
        return self.across or not self.fits(UPRIGHT, language)

    def parts(self, language: str, title: str) -> Iterator[TableBlock]:
        """The table in parts that a page takes; every part begins with the names of the rows.

        ``title`` is added to the captions of several parts, with {number} and {count}.
        """
        if self.fits(ACROSS, language):
            yield self
            return
        least, wanted = self.needs(language)
        widths = [max(low, high / CROWDED) for low, high in zip(least, wanted, strict=True)]
        named = sum(widths[: self.levels])
        groups: list[list[int]] = [[]]
        for place in range(self.levels, len(widths)):
            taken = named + sum(widths[other] for other in groups[-1])
            if groups[-1] and taken + widths[place] > ACROSS:
                groups.append([])
            groups[-1].append(place)
        decimals = self.decimals or (2,) * len(widths)
        for number, group in enumerate(groups, 1):
            chosen = [*range(self.levels), *group]
            last = number == len(groups)
            yield replace(
                self,
                frame=self.frame.iloc[:, chosen],
                caption=f"{self.caption} {title.format(number=number, count=len(groups))}",
                notes=self.notes if last else (),
                decimals=tuple(decimals[place] for place in chosen),
                anchor=self.anchor if number == 1 else "",
                across=True,
            )


Block = Heading | Paragraph | Notice | Figure | Listing | PageBreak | Contents | TableBlock


@dataclass(frozen=True, eq=False)
class Document:
    """A document: its title, its language and its blocks from top to bottom.

    ``author`` may stay empty. The blocks before :class:`Contents` are the first page.
    """

    title: str
    language: str
    blocks: tuple[Block, ...] = field(repr=False)
    author: str = ""

    @property
    def right_to_left(self) -> bool:
        """Whether the document runs from right to left."""
        return self.language == "ar"

    def of(self, kind: type) -> list:
        """All blocks of a kind.

        Examples
        --------
        >>> Document("", "en", (Heading("A"), Paragraph("b"))).of(Heading)[0].text
        'A'
        """
        return [block for block in self.blocks if isinstance(block, kind)]

    def headings(self, deepest: int = 2) -> list[Heading]:
        """The headings of the table of contents."""
        found = self.of(Heading)
        return [heading for heading in found if heading.listed and heading.level <= deepest]


def laid_out(document: Document) -> list[tuple[Block, bool]]:
    """Every block with whether its page lies across: wide tables, and the headings above them.

    Examples
    --------
    >>> blocks = (Heading("A"), Paragraph("b"))
    >>> laid_out(Document("", "en", blocks))[1][1]
    False
    """
    language, made = document.language, []
    for block in document.blocks:
        across = isinstance(block, TableBlock) and block.wide(language)
        if across:
            first = _heading_above(made)
            made[first:] = [(each, True) for each, _ in made[first:]]
        elif made and made[-1][1]:  # what is said about a table stays on its page
            deep = isinstance(block, Heading) and block.level > 2
            across = deep or isinstance(block, Paragraph)
        made.append((block, across))
    return made


def _heading_above(made: list[tuple[Block, bool]]) -> int:
    """Where the headings and paragraphs begin that stand directly above the next block."""
    place = first = len(made)
    while place and isinstance(made[place - 1][0], (Heading, Paragraph)):
        place -= 1
        if isinstance(made[place][0], Heading):
            first = place
    return first


def written(value, decimals: int, language: str) -> str:
    """A cell as text: figures in the manner of the language, nothing for an empty one.

    Examples
    --------
    >>> written(1234.5, 1, "en"), written(float("nan"), 1, "en"), written("a", 0, "en")
    ('1,234.5', '', 'a')
    """
    if value is None:
        return ""
    if isinstance(value, float):
        return point(f"{value:,.{decimals}f}", language) if math.isfinite(value) else ""
    return str(value)


def letters(text: str) -> int:
    """Letters of a text, those of Chinese counted twice.

    Examples
    --------
    >>> letters("ab"), letters("土地")
    (2, 4)
    """
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def signed(text: str, language: str) -> str:
    """A figure with its sign, which stays in front of it in Arabic sentences too.

    Examples
    --------
    >>> signed("+1.5", "en"), signed("+1.5", "ar")
    ('+1.5', '\\u200e+1.5')
    """
    return f"\N{LEFT-TO-RIGHT MARK}{text}" if language == "ar" else text


def longest_word(text: str) -> int:
    """Letters of the longest part of a text that is not cut; Chinese is cut anywhere.

    Examples
    --------
    >>> longest_word("a long-lasting drought"), longest_word("1\u202f234"), longest_word("土地退化")
    (7, 5, 2)
    """
    words = re.split(r"[ \t\n]+|(?<=[-–/])(?=\D)", text)
    wide = [letter for letter in text if letters(letter) == 2]
    plain = [sum(letters(letter) == 1 for letter in word) for word in words]
    return max([*plain, 2 * bool(wide)], default=0)


def kept(text: str, language: str) -> str:
    """A text without Arabic letters keeps its own direction in an Arabic document.

    Examples
    --------
    >>> kept("A sentence.", "en"), kept("A sentence.", "ar")
    ('A sentence.', '\\u200eA sentence.\\u200e')
    """
    if language != "ar" or ARABIC.search(text) or not LATIN.search(text):
        return text
    mark = "\N{LEFT-TO-RIGHT MARK}"
    return f"{mark}{text}{mark}"


def joined(texts: Sequence[str], language: str) -> str:
    """Sentences one after the other.

    Examples
    --------
    >>> joined(["A.", "", "B."], "en")
    'A. B.'
    """
    return ("" if language == "zh" else " ").join(text for text in texts if text)

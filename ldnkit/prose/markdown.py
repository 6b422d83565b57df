"""Markdown as units: what a translator gets, one line of text at a time.

A line holds one sentence, one heading, one item of a list or one row of a table.
Signs that make a heading, an item or a folded part stay outside the unit, so that nobody can
change them by mistake; code, diagrams, formulas and HTML tags are never given away.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

#: What opens and closes a block of code or a diagram.
FENCE = re.compile(r"\s*(```|~~~)")
#: Signs before the text of a line: quotation, heading with its number, item, letter of an answer.
BEFORE = re.compile(
    r"\s*(?:> ?)*(?:#{1,6} +(?:\d\d?\.? +)?|(?:[-*+]|\d+[.)]) +)?"
    r"(?:<summary>|`\"[a-z]\"`: *)?"
)
AFTER = re.compile(r"(?:</summary>)?\s*$")
#: A line of front matter that people read.
TITLE = re.compile(r"title: +")
RULE = re.compile(r"\|(?:\s*:?-+:?\s*\|)+\s*")
CODE = re.compile(r"`[^`]*`")
TARGET = re.compile(r"(?<=\])\([^)]*\)")
TAG = re.compile(r"<!--.*?-->|</?[a-zA-Z][^>]*>")
FORMULA = re.compile(r"\$\$?[^$\n]+\$\$?")
#: Small words are words too; other short runs of letters are signs of units and classes.
WORD = re.compile(r"[a-zé]{3,}|\b(?:[Nn]o|[Oo]r|[Oo]f|[Tt]o|[Ii]n|[Ii]s|[Aa]s|[Aa]t|[Bb]y|[Ii]f)\b")
HEADING = re.compile(r"(#{1,6}) +(.+)")


@dataclass(frozen=True)
class Unit:
    """One text to translate.

    Parameters
    ----------
    context : str
        Where it stands: ``"02_land_cover:step-1"``, ``"lesson 05_degraded_land:The idea"``.
    text : str
        The English text, without the signs around it.
    """

    context: str
    text: str


def has_words(text: str) -> bool:
    """Whether there is something to translate in a text.

    Examples
    --------
    >>> has_words("| A: 0 | B: − |"), has_words("`outputs/XLD`"), has_words("km², no data")
    (False, False, True)
    """
    for pattern in (CODE, TARGET, TAG, FORMULA):
        text = pattern.sub(" ", text)
    return bool(WORD.search(text))


def is_row(text: str) -> bool:
    """Whether a text is a row of a table."""
    return text.startswith("|") and text.endswith("|") and len(text) > 1


def rebuild(markdown: str, said: Callable[[str, tuple[str, ...]], str | None]) -> str:
    """A markdown text with other words.

    Parameters
    ----------
    markdown : str
        A cell or a page.
    said : callable
        Gets the text of a unit and the headings above it; gives the other text, or None to keep.

    Returns
    -------
    str

    Examples
    --------
    >>> rebuild("## 1. Look\\n\\n- `x` is it.", lambda text, headings: text.upper())
    '## 1. LOOK\\n\\n- `X` IS IT.'
    """
    lines = []
    for before, text, after, headings in _pieces(markdown):
        new = said(text, headings) if text else None
        if new is not None and before == "title: " and ": " in new:
            new = '"' + new.replace('"', "'") + '"'
        lines.append(before + (text if new is None else new) + after)
    return "\n".join(lines)


def texts(markdown: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The texts of the units of a markdown text, each with the headings above it.

    Examples
    --------
    >>> list(texts("# 05 Land\\n\\nIt is **dry**.\\n\\n```python\\nx = 1\\n```"))
    [('Land', ()), ('It is **dry**.', ('Land',))]
    """
    for _, text, _, headings in _pieces(markdown):
        if text:
            yield text, headings


def _pieces(markdown: str) -> Iterator[tuple[str, str, str, tuple[str, ...]]]:
    """Every line as what stays before, the text of the unit ("" for none), what stays after."""
    lines = markdown.split("\n")
    front = lines[0] == "---" and "---" in lines[1:]
    fence, above = "", []
    for number, line in enumerate(lines):
        if front:
            front = number == 0 or line != "---"
            found = TITLE.match(line)
            yield (found[0], line[found.end() :], "", ()) if found else (line, "", "", ())
            continue
        mark = FENCE.match(line)
        if fence or mark:
            closes = fence and mark and mark[1] == fence
            fence = "" if closes else fence or mark[1]
            yield line, "", "", ()
            continue
        before, text, after = _split(line)
        yield before, text, after, tuple(title for _, title in above)
        heading = HEADING.match(line)
        if heading:
            level = len(heading[1])
            above = [(other, title) for other, title in above if other < level]
            above.append((level, text or heading[2]))


def _split(line: str) -> tuple[str, str, str]:
    if RULE.fullmatch(line.strip()) or not has_words(line):
        return line, "", ""
    before = BEFORE.match(line)[0]
    rest = line[len(before) :]
    after = AFTER.search(rest)[0]
    text = rest[: len(rest) - len(after)]
    return (before, text, after) if has_words(text) else (line, "", "")

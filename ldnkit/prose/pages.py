"""Notebooks and lessons in another language: other words, the same code, ids and links."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from ldnkit.labels import label
from ldnkit.messages import translate
from ldnkit.prose import catalogues, codewords
from ldnkit.prose.catalogues import Catalogue
from ldnkit.prose.markdown import Unit, rebuild, texts

#: Languages that are written from right to left.
RIGHT_TO_LEFT = frozenset({"ar"})
BLOCK = re.compile(r"^```.*?^```$", re.DOTALL | re.MULTILINE)
#: An answer that is the name of a class or another label.
LABEL_ANSWER = re.compile(r'^(answer = ")([^"]{2,})(")$', re.MULTILINE)
#: What stands around a text from right to left, and around code in it.
RIGHT, LEFT, END = '<div dir="rtl">\n\n', '<div dir="ltr">\n\n', "\n\n</div>"
MARKED = re.compile(f"{re.escape(LEFT)}(.*?){re.escape(END)}", re.DOTALL)
#: The same in a sentence, as an example of what to write.
LABEL_EXAMPLE = re.compile(r'(`answer = ")([^"`\n]{2,})("`)')
SENTENCE = re.compile(r"(?<=[.。]) *(?=\S)")
FIRST_HEADING = re.compile(r"^# .+$", re.MULTILINE)


@dataclass(frozen=True)
class Coverage:
    """How much of a page is translated.

    Parameters
    ----------
    page : str
    units, done : int
        Lines with words, and those that are shown in the language.
    fuzzy : int
        Lines whose English has changed since.
    reviewer : str
        Who has signed; "" for nobody.
    """

    page: str
    units: int
    done: int
    fuzzy: int
    reviewer: str

    @property
    def percent(self) -> float:
        return 100 * self.done / self.units if self.units else 100.0


def page_coverage(page: str, language: str) -> Coverage:
    """How much of one page is translated.

    Examples
    --------
    >>> page_coverage("lessons/glossary", "en").done
    0
    """
    found = catalogues.read(page, language)
    wanted = catalogues.units(page)
    done = sum(found.said(unit) is not None for unit in wanted)
    fuzzy = sum(entry.fuzzy for entry in found.entries)
    return Coverage(page, len(wanted), done, fuzzy, found.reviewer)


def coverage(language: str | None = None):
    """Lines, translated lines and percent of every page; DataFrame.

    Parameters
    ----------
    language : str, optional
        One language; default all but English.
    """
    import pandas as pd

    from ldnkit.labels import LANGUAGES

    rows = []
    for one in [language] if language else [other for other in LANGUAGES if other != "en"]:
        for page in catalogues.pages():
            found = page_coverage(page, one)
            row = {"language": one, "page": page, "units": found.units, "translated": found.done}
            row |= {"percent": round(found.percent, 1), "fuzzy": found.fuzzy}
            rows.append(row | {"reviewed_by": found.reviewer})
    return pd.DataFrame(rows)


def is_translated(page: str, language: str) -> bool:
    """Whether at least half of a page is in the language; English pages always are."""
    return language == "en" or page_coverage(page, language).percent >= 50


def notice(page: str, language: str) -> str:
    """What readers are told about a translation; "" when a person has signed a whole one."""
    found = page_coverage(page, language)
    if language == "en" or not found.done:
        return ""
    said = [] if found.reviewer else [label("prose.machine", language)]
    if found.done < found.units:
        said.append(label("prose.partial", language))
    return ("" if language == "zh" else " ").join(said)


def translated_notebook(path, language: str, *, notices: bool = True, direction: bool = True):
    """A notebook with its words in another language.

    Parameters
    ----------
    path : path
        A notebook of the workbook, or an executed copy of one.
    language : str
        One of the six.
    notices : bool
        Say under the title that the translation is not reviewed.
    direction : bool
        Mark the text as right to left where it is.

    Returns
    -------
    nbformat.NotebookNode
        The same cells, ids and outputs; in code only the words that readers see are others
        (:mod:`ldnkit.prose.codewords`), and a cell that has run stays as it ran. Lines without a
        translation stay English.

    Examples
    --------
    >>> from ldnkit.runner import notebooks_folder
    >>> node = translated_notebook(notebooks_folder() / "00_start_here.ipynb", "en")
    >>> node.cells[0].id
    'title'
    """
    import nbformat

    notebook = nbformat.read(path, as_version=4)
    page = f"notebooks/{Path(path).stem}"
    catalogue = catalogues.read(page, language)
    if language == "en" or not catalogue.by_unit:
        return notebook
    said = notice(page, language) if notices else ""
    for cell in notebook.cells:
        where = catalogues.context(page, cell.id)
        if cell.cell_type == "code" and not cell.execution_count:
            cell.source = codewords.rebuild(
                cell.source, lambda text, where=where: catalogue.said(Unit(where, text))
            )
        if cell.cell_type != "markdown":
            continue
        if not any(catalogue.said(Unit(where, text)) for text, _ in texts(cell.source)):
            continue
        text = _in_words_of(cell.source, catalogue, lambda above, where=where: where)
        text = _answer(text, language, LABEL_EXAMPLE)
        if "solution" in cell.id:
            text = BLOCK.sub(lambda block: _answer(block[0], language), text)
        text, said = _noticed(text, said), ""
        cell.source = _directed(text) if direction and language in RIGHT_TO_LEFT else text
    return notebook


def translated_page(path, language: str, *, notices: bool = True, direction: bool = True) -> str:
    """The text of a lesson or another page of ``lessons`` in another language.

    Parameters
    ----------
    path : path
        A file in the folder of the lessons.
    language, notices, direction
        As for :func:`translated_notebook`.

    Returns
    -------
    str
        Markdown; lines without a translation stay English.
    """
    text = Path(path).read_text(encoding="utf-8")
    page = Path(path).resolve().relative_to(catalogues.HOUSE).with_suffix("").as_posix()
    catalogue = catalogues.read(page, language)
    if language == "en" or not catalogue.by_unit:
        return text
    text = _in_words_of(
        text, catalogue, lambda above: catalogues.context(page, "/".join(above[1:]))
    )
    text = _noticed(text, notice(page, language) if notices else "")
    if not direction or language not in RIGHT_TO_LEFT:
        return text
    front = re.match(r"---\n.*?\n---\n", text, re.DOTALL)
    head = front[0] if front else ""
    return f"{head}\n{_directed(text[len(head) :].strip())}\n"


def _in_words_of(markdown: str, catalogue: Catalogue, place) -> str:
    return rebuild(markdown, lambda text, above: catalogue.said(Unit(place(above), text)))


def _answer(text: str, language: str, pattern: re.Pattern = LABEL_ANSWER) -> str:
    """A solution or an example whose answer is a label: what the reader's own legend shows."""
    return pattern.sub(
        lambda found: found[1] + translate(found[2], language, whole=True) + found[3], text
    )


def _noticed(text: str, said: str) -> str:
    """The text with a notice under its title, one sentence per line."""
    heading = FIRST_HEADING.search(text) if said else None
    if heading is None:
        return text
    return f"{text[: heading.end()]}{_quotation(said)}{text[heading.end() :]}"


def without_notice(text: str, said: str) -> str:
    """A text without the notice under its title."""
    return text.replace(_quotation(said), "", 1) if said else text


def _quotation(said: str) -> str:
    return "\n\n" + "\n".join(f"> {line}" for line in SENTENCE.sub("\n", said).split("\n"))


def _directed(text: str) -> str:
    """Text from right to left, code in it from left to right."""
    text = BLOCK.sub(lambda block: f"{LEFT}{block[0]}{END}", text)
    return f"{RIGHT}{text}{END}"


def undirected(text: str) -> str:
    """A text without the marks of its direction, for pages that have a direction of their own."""
    if not (text.startswith(RIGHT) and text.endswith(END)):
        return text
    text = text.removeprefix(RIGHT).removesuffix(END)
    return MARKED.sub(lambda block: block[1], text)

"""The narrative as a document: Markdown for the screen, DOCX to pass round and to edit."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from ldnkit.country_file.layers import METADATA
from ldnkit.documents import in_place
from ldnkit.narrative.forms import COLUMNS, questions
from ldnkit.tables import label


class Block(NamedTuple):
    """A piece of the document: what it is (title, notice, question …), its text, its image."""

    kind: str
    text: str
    image: str = ""


def markdown(
    answers: pd.DataFrame,
    facts: pd.DataFrame | None = None,
    *,
    additional: pd.DataFrame | None = None,
    country=None,
    language: str = "en",
) -> str:
    """The narrative in Markdown: forms, sections, questions with answers, figures of the tables.

    Parameters
    ----------
    answers : DataFrame
        From :func:`read_answers`, or the table ``narrative`` of a result.
    facts : DataFrame, optional
        From :func:`facts`.
    additional : DataFrame, optional
        From :func:`read_additional`.
    country : Country, optional
        For its name and cycle, and the notice that Landia is fictional.
    language : {"en", "fr", "es", "ru", "ar", "zh"}
        Language of headings and questions; answers stay as they were written.

    Returns
    -------
    str

    Examples
    --------
    >>> answers = questions()[COLUMNS].assign(answer="", details="")
    >>> print(markdown(answers).splitlines()[0])
    # Implementation framework
    """
    marks = {
        **{"title": "# {}", "heading_1": "## {}", "heading_2": "### {}", "notice": "**{}**"},
        **{"question": "**{}**", "answer": "**{}**", "fact": "- {}", "image": "![{}](<{}>)"},
        **{"label": "*{}*"},
    }
    lines, before = [], ""
    for block in _blocks(answers, facts, additional, country, language):
        text = block.text if block.kind != "text" else _paragraphs(block.text)
        if lines and not block.kind == before == "fact":
            lines.append("")
        image = block.image.replace("\\", "/")
        lines.append(marks.get(block.kind, "{}").format(text, image))
        before = block.kind
    if language == "ar":
        lines = ['<div dir="rtl">', "", *lines, "", "</div>"]
    return "\n".join(lines) + "\n"


def _paragraphs(text: str) -> str:
    """Text whose lines stay lines in Markdown; empty lines part paragraphs."""
    parts = re.split(r"\n\s*\n", text.strip())
    return "\n\n".join("  \n".join(part.splitlines()) for part in parts)


def write_docx(
    answers: pd.DataFrame,
    facts: pd.DataFrame | None,
    path: str | Path,
    *,
    additional: pd.DataFrame | None = None,
    country=None,
    language: str = "en",
) -> Path:
    """Write the narrative as a Word document; Arabic runs from right to left.

    Parameters
    ----------
    answers, facts, additional, country, language
        As for :func:`markdown`. ``facts`` may be None.
    path : str or Path
        The DOCX file; an earlier one is replaced once the new one is complete.

    Returns
    -------
    Path

    Raises
    ------
    PermissionError
        The earlier file is open in another program.
    FileNotFoundError
        The image of an additional indicator is not there any more.

    Examples
    --------
    >>> write_docx(answers, facts, "narrative.docx", country=country)  # doctest: +SKIP
    """
    import docx

    path = Path(path)
    document = docx.Document()
    _page(document)
    properties = document.core_properties
    properties.author, properties.comments = "", ""
    properties.title, properties.language = label("form.IF", language), language
    for block in _blocks(answers, facts, additional, country, language):
        _write_block(document, block)
    if language == "ar":
        _right_to_left(document)
    return in_place(path, lambda made: document.save(str(made)))


def _blocks(answers, facts, additional, country, language: str) -> Iterator[Block]:
    """The document from top to bottom."""
    name = "" if country is None else f" – {country.name(language)}, {country.cycle.year}"
    yield Block("title", label("form.IF", language) + name)
    if country is not None and country.synthetic:
        yield Block("notice", label("notice.synthetic", language))
    keys = questions()[[*COLUMNS, "section_key", "label_key"]]
    answers = keys.merge(answers[["form", "section", "question", "answer", "details"]], "left")
    answers = answers.fillna("")
    for form, of_form in answers.groupby("form", sort=False):
        yield Block("heading_1", f"{form} – {label(f'prais.{form}.T1', language)}")
        for section, of_section in of_form.groupby("section", sort=False):
            yield Block("heading_2", label(of_section["section_key"].iloc[0], language))
            for row in of_section.to_dict("records"):
                yield from _question(row, language)
            yield from _figures(facts, form, section, language)
    if additional is not None and len(additional):
        yield Block("heading_1", label("prais.AI.T1", language))
        for row in additional.fillna("").to_dict("records"):
            yield from _indicator(row, language)


def _question(row: dict, language: str) -> Iterator[Block]:
    """A question, its answer and its details."""
    if row["section"] != "comments":  # the heading says it already
        yield Block("question", label(row["label_key"], language))
    if row["answer"]:
        yield Block("answer", label(row["answer"], language))
    if row["details"]:
        yield Block("text", row["details"])
    if not row["answer"] and not row["details"]:
        yield Block("label", label("form.IF.not_answered", language))


def _figures(facts, form: str, section: str, language: str) -> Iterator[Block]:
    """The figures of the tables that help to write a section."""
    if facts is None:
        return
    mine = facts.loc[(facts["form"] == form) & (facts["section"] == section), "text"]
    if len(mine):
        yield Block("label", label("form.IF.from_tables", language))
    for text in mine:
        yield Block("fact", text)


def _indicator(row: dict, language: str) -> Iterator[Block]:
    """An additional indicator with its image."""
    yield Block("heading_2", row["name"])
    pairs = [
        ("column.strategic_objective", row["objective"]),
        ("column.direction", label(f"column.{row['direction']}", language)),
        *((f"metadata.{name}", row[name]) for name in METADATA),
        ("column.comments", row["comments"]),
    ]
    if row["image"]:
        yield Block("image", row["name"], row["image"])
    for key, value in pairs:
        if value:
            yield Block("fact", f"{label(key, language)}: {value}")


#: Kind of a block -> style of Word's own template.
STYLES = {
    **{"title": "Title", "heading_1": "Heading 1", "heading_2": "Heading 2"},
    **{"fact": "List Bullet"},
}
#: Width of an image, A4 paper and its margins, in cm.
IMAGE_WIDTH, PAPER, MARGIN = 15, (21.0, 29.7), 2.5


def _page(document) -> None:
    from docx.shared import Cm

    section = document.sections[0]
    section.page_width, section.page_height = map(Cm, PAPER)
    for side in ("left", "right", "top", "bottom"):
        setattr(section, f"{side}_margin", Cm(MARGIN))


def _write_block(document, block: Block) -> None:
    from docx.shared import Cm

    if block.kind == "image":
        if not Path(block.image).is_file():
            raise FileNotFoundError(
                f"The image of {block.text} is not there: found nothing at {block.image}; "
                "put it back, or correct the register."
            )
        picture = document.add_picture(block.image, width=Cm(IMAGE_WIDTH))
        picture._inline.docPr.set("descr", block.text)
        return
    for line in block.text.splitlines() or [""]:
        if not line.strip():
            continue
        paragraph = document.add_paragraph(style=STYLES.get(block.kind, "Normal"))
        run = paragraph.add_run(line)
        run.bold = True if block.kind in ("notice", "question", "answer") else None
        run.italic = True if block.kind == "label" else None
        paragraph.paragraph_format.keep_with_next = block.kind in ("question", "label") or None


def _right_to_left(document) -> None:
    """Paragraphs, runs and the page itself from right to left."""
    from docx.oxml import OxmlElement

    for paragraph in document.paragraphs:
        # the schema wants the order of its elements: bidi comes before spacing and alignment
        later = ("w:adjustRightInd", "w:snapToGrid", "w:spacing", "w:ind", "w:jc", "w:outlineLvl")
        paragraph._p.get_or_add_pPr().insert_element_before(OxmlElement("w:bidi"), *later)
        for run in paragraph.runs:
            run.font.rtl, run.font.cs_bold, run.font.cs_italic = True, run.bold, run.italic
    for section in document.sections:
        section._sectPr.insert_element_before(
            OxmlElement("w:bidi"), "w:rtlGutter", "w:docGrid", "w:printerSettings"
        )

"""A document as DOCX: real headings, captions, repeated table headings, text alternatives.

Arabic runs from right to left; Chinese names its own fonts.
"""

from __future__ import annotations

import io
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from ldnkit.documents import in_place
from ldnkit.handover import docx_parts as parts
from ldnkit.handover.document import (
    ACROSS,
    UPRIGHT,
    Contents,
    Document,
    Figure,
    Heading,
    Listing,
    Notice,
    PageBreak,
    Paragraph,
    TableBlock,
    kept,
    laid_out,
    signed,
)

#: Width of a picture and its greatest height, in cm.
PICTURE, HIGHEST = 16.0, 18.5
#: Rows with a longer text may break over two pages.
UNBROKEN = 700
STYLES = {"lead": "Lead", "small": "Small"}


def write_docx(document: Document, path: str | Path) -> Path:
    """Write a document as a Word file.

    Parameters
    ----------
    document : Document
    path : str or Path
        An earlier file is replaced once the new one is complete.

    Returns
    -------
    Path

    Raises
    ------
    PermissionError
        The earlier file is open in another program.

    Examples
    --------
    >>> from ldnkit.handover import Document, Paragraph
    >>> write_docx(Document("Landia", "en", (Paragraph("a"),)), "report.docx")  # doctest: +SKIP
    """
    made = _Writer(document).make()
    return in_place(path, lambda new: made.save(str(new)))


class _Writer:
    """Block by block; keeps the direction of the page and the numbers of bookmarks."""

    def __init__(self, document: Document):
        import docx

        self.document, self.language = document, document.language
        self.rtl = document.right_to_left
        self.word = docx.Document()
        self.bookmarks, self.across, self.turned = 0, False, False
        parts.prepare(self.word, document)

    def make(self):
        title = self.word.add_paragraph(style="Title")
        self._run(title, self.document.title)
        for block, across in laid_out(self.document):
            self.turned = across != self.across
            if self.turned:
                self.across = across
                parts.new_section(self.word, across)
            getattr(self, f"_{type(block).__name__.lower()}")(block)
        for section in self.word.sections:
            parts.finish_section(section, self.rtl)
        return self.word

    def _paragraph_of(self, style: str, text: str = "", **looks):
        paragraph = self.word.add_paragraph(style=style)
        for place, line in enumerate(text.splitlines()):
            if place:
                paragraph.add_run().add_break()
            self._run(paragraph, line, **looks)
        return self._directed(paragraph)

    def _directed(self, paragraph):
        if self.rtl:
            parts.right_to_left(paragraph)
        return paragraph

    def _run(self, paragraph, text: str, bold: bool | None = None):
        run = paragraph.add_run(parts.printable(kept(text, self.language)))
        run.bold = bold
        if self.rtl:
            run.font.rtl, run.font.cs_bold = True, bold
            self._directed(paragraph)
        return run

    def _bookmark(self, paragraph, anchor: str) -> None:
        if anchor:
            self.bookmarks += 1
            parts.bookmark(paragraph, parts.bookmark_name(anchor), self.bookmarks)

    def _heading(self, block: Heading) -> None:
        paragraph = self._paragraph_of(f"Heading {block.level}", block.text)
        if block.level == 1 and (self.turned or not block.new_page):
            paragraph.paragraph_format.page_break_before = False
        self._bookmark(paragraph, block.anchor)

    def _paragraph(self, block: Paragraph) -> None:
        style = STYLES.get(block.style, "Normal")
        if not block.link:
            self._paragraph_of(style, block.text)
            return
        paragraph = self._directed(self.word.add_paragraph(style=style))
        parts.hyperlink(paragraph, block.text, parts.bookmark_name(block.link), self.rtl)

    def _notice(self, block: Notice) -> None:
        style = "Notice warning" if block.kind == "warning" else "Notice"
        self._paragraph_of(style, block.text, bold=True)

    def _listing(self, block: Listing) -> None:
        for item in block.items:
            paragraph = self._directed(self.word.add_paragraph(style="List Bullet"))
            if isinstance(item, str):
                self._run(paragraph, item)
            else:
                name, text = item
                self._run(paragraph, f"{name}{parts.COLONS.get(self.language, ': ')}", bold=True)
                self._run(paragraph, text)

    def _pagebreak(self, block: PageBreak) -> None:
        self.word.add_page_break()

    def _contents(self, block: Contents) -> None:
        self.word.add_page_break()
        self._paragraph_of("Contents heading", block.title)
        entries = []
        for heading in self.document.headings():
            paragraph = self._directed(self.word.add_paragraph(style=f"Contents {heading.level}"))
            anchor = parts.bookmark_name(heading.anchor)
            parts.hyperlink(paragraph, heading.text, anchor, self.rtl)
            entries.append(paragraph)
        if entries:
            parts.contents_field(entries[0], entries[-1])

    def _figure(self, block: Figure) -> None:
        from docx.shared import Cm

        paragraph = self._directed(self.word.add_paragraph(style="Picture"))
        picture = paragraph.add_run().add_picture(io.BytesIO(block.image), width=Cm(PICTURE))
        if picture.height > Cm(HIGHEST):
            picture.width = int(picture.width * Cm(HIGHEST) / picture.height)
            picture.height = Cm(HIGHEST)
        properties = picture._inline.docPr
        properties.set("descr", parts.printable(block.alt))
        properties.set("title", parts.printable(block.caption))
        caption = self._paragraph_of("Caption", block.caption)
        caption.paragraph_format.keep_with_next = bool(block.sentences)
        for sentence in block.sentences:
            self._paragraph_of("Normal", sentence)

    def _tableblock(self, block: TableBlock) -> None:
        from docx.oxml import parse_xml
        from docx.shared import Pt

        caption = self._paragraph_of("Caption", block.caption)
        caption.paragraph_format.keep_with_next = True
        self._bookmark(caption, block.anchor)
        room = ACROSS if self.across else UPRIGHT
        widths = block.widths(self.language, room)
        if self.rtl:  # programs disagree on which side a narrow table begins
            widths = [width * room / sum(widths) for width in widths]
        table = parse_xml(self._table(block, [round(567 * width) for width in widths]))
        body = self.word.element.body
        body.insert(len(body) - 1, table)  # the last element holds the page
        for place, note in enumerate(block.notes or ("",)):
            paragraph = self._paragraph_of("Small", note)
            if not place:
                paragraph.paragraph_format.space_before = Pt(4)

    def _table(self, block: TableBlock, widths: list[int]) -> str:
        """The table as XML: one by one, cells of long tables would take minutes."""
        figures = block.figures()
        headings = [str(heading) for heading in block.frame.columns]
        made = [
            f"<w:tbl {parts.NAMESPACE}><w:tblPr><w:tblStyle w:val='TableGrid'/>",
            "<w:bidiVisual/>" if self.rtl else "",
            f"<w:tblW w:w='{sum(widths)}' w:type='dxa'/>",
            "<w:tblLayout w:type='fixed'/>",
            "<w:tblCellMar><w:left w:w='70' w:type='dxa'/><w:right w:w='70' w:type='dxa'/>",
            "</w:tblCellMar><w:tblLook w:val='0420' w:firstRow='1' w:firstColumn='1'/>",
            f"<w:tblCaption w:val={quoteattr(parts.printable(block.caption))}/></w:tblPr>",
            "<w:tblGrid>",
            *(f"<w:gridCol w:w='{width}'/>" for width in widths),
            "</w:tblGrid>",
            self._row(headings, widths, figures, block.levels, heading=True),
        ]
        made += [self._row(row, widths, figures, block.levels) for row in block.rows(self.language)]
        return "".join([*made, "</w:tbl>"])

    def _row(self, texts, widths, figures, levels: int, *, heading: bool = False) -> str:
        whole = max(map(len, texts)) < UNBROKEN
        marks = ("<w:cantSplit/>" if whole else "") + ("<w:tblHeader/>" if heading else "")
        cells = []
        for place, (text, width) in enumerate(zip(texts, widths, strict=True)):
            names = place < levels
            fill = parts.HEADING_FILL if heading else parts.NAME_FILL if names else ""
            shade = f"<w:shd w:val='clear' w:color='auto' w:fill='{fill}'/>" if fill else ""
            number = figures[place] and not names
            style = "Table heading" if heading else "Table name" if names else "Table text"
            look = f"<w:pStyle w:val='{parts.style_id(style)}'/>"
            look += "<w:bidi/>" if self.rtl else ""
            look += "<w:jc w:val='right'/>" if number else ""
            # figures stay from left to right, with their sign in front
            rtl = "<w:rPr><w:rtl/></w:rPr>" if self.rtl and (heading or not number) else ""
            texts_of_lines = [kept(line, self.language) for line in text.splitlines()] or [""]
            if number:
                texts_of_lines = [signed(text, self.language)]
            lines = "<w:br/>".join(
                f"<w:t xml:space='preserve'>{escape(parts.printable(line))}</w:t>"
                for line in texts_of_lines
            )
            cells.append(
                f"<w:tc><w:tcPr><w:tcW w:w='{width}' w:type='dxa'/>{shade}</w:tcPr>"
                f"<w:p><w:pPr>{look}</w:pPr><w:r>{rtl}{lines}</w:r></w:p></w:tc>"
            )
        return f"<w:tr><w:trPr>{marks}</w:trPr>{''.join(cells)}</w:tr>"

"""A document as one HTML file that needs nothing else: to read on screen, to print, to listen to.

Pictures are inside the file, there is no script, and nothing is asked of the internet.
"""

from __future__ import annotations

import base64
import html
from collections.abc import Iterator
from pathlib import Path

from ldnkit.documents import in_place
from ldnkit.handover.document import (
    WORD,
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
    longest_word,
)
from ldnkit.tables import label

#: Language tags of HTML, where they differ from ours.
TAGS = {"zh": "zh-Hans"}

STYLE = """
:root { --ink: #222222; --soft: #4d4d4d; --purple: #5b2150; --line: #9a9a9a; --pale: #e6f0e4; }
* { box-sizing: border-box; }
html { font: 100%/1.5 "Noto Sans", "Segoe UI", Roboto, Arial, "Noto Sans Arabic",
  "Noto Naskh Arabic", "Noto Sans CJK SC", "Microsoft YaHei", "PingFang SC", "DejaVu Sans",
  sans-serif;
  color: var(--ink); background: #ffffff; }
body { margin: 0 auto; padding: 1.5rem; max-width: 64rem; }
a { color: #1f4e9c; }
a:focus-visible, .scroll:focus-visible { outline: 3px solid #1f4e9c; outline-offset: 2px; }
.skip { position: absolute; inset-inline-start: -100rem; top: 0; padding: .5rem 1rem;
  background: #ffffff; }
.skip:focus { inset-inline-start: 0; }
h1, h2, h3, h4 { color: var(--purple); line-height: 1.25; margin: 1.6em 0 .5em; }
h1 { font-size: 2rem; margin-top: .5em; }
h2 { font-size: 1.5rem; border-bottom: 2px solid var(--purple); padding-bottom: .15em; }
h3 { font-size: 1.2rem; } h4 { font-size: 1.02rem; }
p { margin: .5em 0; } .lead { font-size: 1.1rem; } .small { font-size: .85rem; color: var(--soft); }
.notice { border-inline-start: 5px solid #8a6d00; background: #fff4c2; padding: .5em .8em;
  font-weight: 600; }
.warning { border-color: #9b2779; background: #f8e6ee; }
nav ul { list-style: none; padding-inline-start: 0; } nav ul ul { padding-inline-start: 1.4em; }
figure { margin: 1.2em 0; } figure img { display: block; max-width: 100%; height: auto; }
figcaption { font-weight: 600; margin-top: .3em; } .said { margin-top: .2em; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; margin: 1em 0 .3em; font-size: .86rem; line-height: 1.3; }
caption { text-align: start; font-weight: 600; padding: .3em 0; }
th, td { border: 1px solid var(--line); padding: .25em .45em; vertical-align: top;
  text-align: start; overflow-wrap: break-word; }
.cut { overflow-wrap: anywhere; }
thead th { background: var(--purple); color: #ffffff; overflow-wrap: break-word; }
tbody th { background: var(--pale); font-weight: 600; }
th.f { text-align: end; }
.n { text-align: end; white-space: nowrap; font-variant-numeric: tabular-nums; }
td.n { overflow-wrap: normal; }
.notes { margin: 0 0 1.2em; padding-inline-start: 1.1em; font-size: .85rem; color: var(--soft); }
@page { size: A4; margin: 17mm 15mm 18mm; @bottom-center { content: counter(page); } }
@page across { size: A4 landscape; }
@media print {
  html { font-size: 10pt; } body { max-width: none; padding: 0; } .skip { display: none; }
  h2 { break-before: page; } h2.same, .across > h2:first-child { break-before: auto; }
  h1, h2, h3, h4, caption { break-after: avoid; } figure, tr { break-inside: avoid; }
  figure img { max-height: 185mm; } thead { display: table-header-group; }
  table { font-size: 7.6pt; } .scroll { overflow: visible; } .across { page: across; }
  thead th, tbody th, .notice { -webkit-print-color-adjust: exact; print-color-adjust: exact; }
  .break { break-after: page; } a { color: inherit; text-decoration: none; }
}
"""


def write_html(document: Document, path: str | Path) -> Path:
    """Write a document as one HTML file.

    Parameters
    ----------
    document : Document
    path : str or Path
        An earlier file is replaced once the new one is complete.

    Returns
    -------
    Path

    Examples
    --------
    >>> from ldnkit.handover import Document, Paragraph
    >>> write_html(Document("Landia", "en", (Paragraph("a"),)), "report.html")  # doctest: +SKIP
    """
    return in_place(path, lambda new: _write(document, new))


def _write(document: Document, path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(lines(document))


def lines(document: Document) -> Iterator[str]:
    """The HTML of a document, piece by piece."""
    language = document.language
    title = html.escape(document.title)
    direction = "rtl" if document.right_to_left else "ltr"
    yield f'<!DOCTYPE html>\n<html lang="{TAGS.get(language, language)}" dir="{direction}">\n'
    yield '<head>\n<meta charset="utf-8">\n'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
    if document.author:
        yield f'<meta name="author" content="{html.escape(document.author)}">\n'
    yield f"<title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n"
    yield f'<a class="skip" href="#content">{html.escape(label("report.skip", language))}</a>\n'
    yield f"<header>\n<h1>{title}</h1>\n"
    front = next(
        (place for place, block in enumerate(document.blocks) if isinstance(block, Contents)), 0
    )
    writer = _Writer(document)
    for block in document.blocks[:front]:
        yield writer.text(block)
    yield "</header>\n"
    rest = laid_out(document)[front:]
    if rest and isinstance(rest[0][0], Contents):
        yield writer.contents(rest.pop(0)[0])
    yield '<main id="content" tabindex="-1">\n'
    lying = False
    for block, across in rest:
        if across != lying:
            yield '<div class="across">\n' if across else "</div>\n"
            lying = across
        yield writer.text(block)
    if lying:
        yield "</div>\n"
    yield "</main>\n</body>\n</html>\n"


class _Writer:
    """Block by block; remembers the numbers of figures and tables for their identifiers."""

    def __init__(self, document: Document):
        self.document, self.language = document, document.language
        self.count = 0

    def text(self, block) -> str:
        return getattr(self, f"_{type(block).__name__.lower()}")(block)

    def contents(self, block: Contents) -> str:
        parts = [f'<nav aria-labelledby="contents">\n<h2 id="contents">{_safe(block.title)}</h2>\n']
        parts.append("<ul>\n")
        inside = False
        for place, heading in enumerate(self.document.headings()):
            deeper = heading.level > 1 and place > 0
            if deeper and not inside:
                parts.append("<ul>\n")
            if inside and not deeper:
                parts.append("</ul></li>\n")
            elif place and not deeper:
                parts.append("</li>\n")
            inside = deeper
            link = f'<a href="#{_safe(heading.anchor)}">{_safe(heading.text)}</a>'
            parts.append(f"<li>{link}" + ("</li>\n" if deeper else ""))
        parts.append("</ul></li>\n" if inside else "</li>\n")
        return "".join([*parts, "</ul>\n</nav>\n"])

    def _said(self, text: str) -> str:
        """A text, safe, with its lines and in its own direction."""
        lines = (_safe(kept(line, self.language)) for line in str(text).splitlines())
        return "<br>".join(lines)

    def _heading(self, block: Heading) -> str:
        level = block.level + 1
        anchor = f' id="{_safe(block.anchor)}"' if block.anchor else ""
        anchor += ' class="same"' if not block.new_page and block.level == 1 else ""
        return f"<h{level}{anchor}>{_safe(block.text)}</h{level}>\n"

    def _paragraph(self, block: Paragraph) -> str:
        style = f' class="{block.style}"' if block.style else ""
        text = self._said(block.text)
        if block.link:
            text = f'<a href="#{_safe(block.link)}">{text}</a>'
        return f"<p{style}>{text}</p>\n"

    def _notice(self, block: Notice) -> str:
        kind = " warning" if block.kind == "warning" else ""
        return f'<p class="notice{kind}">{_safe(block.text)}</p>\n'

    def _figure(self, block: Figure) -> str:
        self.count += 1
        said = f"said-{self.count}"
        data = base64.b64encode(block.image).decode("ascii")
        sentences = "".join(f'<p class="said">{self._said(text)}</p>\n' for text in block.sentences)
        return (
            f'<figure>\n<img src="data:{block.mime};base64,{data}" alt="{_safe(block.alt)}" '
            f'aria-describedby="{said}">\n<figcaption>{_safe(block.caption)}</figcaption>\n'
            f'<div id="{said}">\n{sentences}</div>\n</figure>\n'
        )

    def _tableblock(self, block: TableBlock) -> str:
        self.count += 1
        anchor = f' id="{_safe(block.anchor)}"' if block.anchor else ""
        figures = block.figures()
        name = f"caption-{self.count}"
        parts = [f"<div{anchor}>\n"]
        parts.append(
            f'<div class="scroll" role="region" tabindex="0" aria-labelledby="{name}">\n<table>\n'
        )
        parts.append(f'<caption id="{name}">{_safe(block.caption)}</caption>\n<thead><tr>')
        for heading, numeric in zip(block.frame.columns, figures, strict=True):
            end = ' class="f"' if numeric else ""
            parts.append(f'<th scope="col"{end}>{_safe(heading)}</th>')
        parts.append("</tr></thead>\n<tbody>\n")
        for row in block.rows(self.language):
            parts.append("<tr>")
            for place, (text, numeric) in enumerate(zip(row, figures, strict=True)):
                if place < block.levels:
                    parts.append(f'<th scope="row">{self._said(text)}</th>')
                elif numeric:
                    parts.append(f'<td class="n"><bdi dir="ltr">{_safe(text)}</bdi></td>')
                else:
                    cut = ' class="cut"' if longest_word(text) > WORD else ""
                    parts.append(f"<td{cut}>{self._said(text)}</td>")
            parts.append("</tr>\n")
        parts.append("</tbody>\n</table>\n</div>\n")
        if block.notes:
            items = "".join(f"<li>{self._said(note)}</li>\n" for note in block.notes)
            parts.append(f'<ul class="notes">\n{items}</ul>\n')
        return "".join([*parts, "</div>\n"])

    def _listing(self, block: Listing) -> str:
        items = []
        for item in block.items:
            if isinstance(item, str):
                items.append(f"<li>{self._said(item)}</li>\n")
            else:
                name, text = map(self._said, item)
                items.append(f"<li><strong>{name}</strong>{_colon(self.language)}{text}</li>\n")
        return f"<ul>\n{''.join(items)}</ul>\n"

    def _pagebreak(self, block: PageBreak) -> str:
        return '<div class="break"></div>\n'


def _colon(language: str) -> str:
    return {"zh": "：", "fr": " : "}.get(language, ": ")


def _safe(text) -> str:
    return html.escape(str(text), quote=True)

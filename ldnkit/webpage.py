"""Self-contained web pages: readable without a network, in six languages, in both directions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

#: Languages written from right to left.
RIGHT_TO_LEFT = ("ar",)
STYLE = """
:root { color-scheme: light; }
body { font: 16px/1.5 "Noto Sans", "Segoe UI", Arial, sans-serif; color: #222; margin: 0 auto;
  max-width: 76rem; padding: 1.5rem; }
h1, h2, h3 { color: #5b2150; line-height: 1.25; }
h1 { font-size: 1.7rem; } h2 { font-size: 1.3rem; margin-top: 2rem; } h3 { font-size: 1.1rem; }
table { border-collapse: collapse; margin: .5rem 0 1.5rem; width: 100%; font-size: .92rem; }
caption { text-align: start; font-weight: bold; padding: .4rem 0; }
th, td { border: 1px solid #b5b5b5; padding: .3rem .5rem; text-align: start; vertical-align: top;
  overflow-wrap: break-word; }
thead th { background: #5b2150; color: #fff; }
tbody th { background: #f1f1ee; font-weight: 600; }
td.number { text-align: end; font-variant-numeric: tabular-nums; white-space: nowrap; }
.notice { background: #fff4c2; border: 1px solid #c9a400; padding: .6rem .9rem; }
code { font-size: .85em; overflow-wrap: anywhere; } .scroll { overflow-x: auto; }
details > summary { cursor: pointer; padding: .2rem 0; }
a:focus, summary:focus, .scroll:focus { outline: 3px solid #1b7837; }
@media print { details { display: block; } body { max-width: none; } }
"""


class Code(str):
    """A text that is shown as it is typed: a hash, a file name."""

    __slots__ = ()


class Number(str):
    """A figure, already in words of the page."""

    __slots__ = ()


def left_to_right(text: str) -> str:
    """A text that keeps its direction inside a line of any language, such as 2023 → 2022."""
    return f"\u2066{text}\u2069"


def page(title: str, body: Iterable[str], *, language: str = "en") -> str:
    """The text of a whole page.

    Parameters
    ----------
    title : str
        Title and first heading.
    body : iterable of str
        Parts of the page, already HTML.
    language : str
        One of the six; Arabic is written from right to left.

    Examples
    --------
    >>> page("Title", [paragraph("a < b")]).count("a &lt; b")
    1
    """
    direction = "rtl" if language in RIGHT_TO_LEFT else "ltr"
    return "\n".join(
        [
            "<!doctype html>",
            f'<html lang="{language}" dir="{direction}">',
            '<head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{escape(title)}</title>",
            f"<style>{STYLE}</style></head>",
            f"<body><main><h1>{escape(title)}</h1>",
            *body,
            "</main></body></html>\n",
        ]
    )


def paragraph(text: str, kind: str = "") -> str:
    """A paragraph; ``kind="notice"`` is set off."""
    attribute = f' class="{kind}"' if kind else ""
    return f"<p{attribute}>{escape(text)}</p>"


def heading(text: str, level: int = 2, anchor: str = "") -> str:
    """A heading that can be linked to."""
    attribute = f' id="{escape(anchor, quote=True)}"' if anchor else ""
    return f"<h{level}{attribute}>{escape(text)}</h{level}>"


def folded(summary: str, parts: Iterable[str]) -> str:
    """Parts that open on demand."""
    return f"<details><summary>{escape(summary)}</summary>\n" + "\n".join(parts) + "</details>"


def table(caption: str, headings: Sequence[str], rows: Iterable[Sequence]) -> str:
    """A table with a caption; the first cell of every row names the row.

    Examples
    --------
    >>> "<caption>Files</caption>" in table("Files", ["File"], [["a.tif"]])
    True
    """
    head = "".join(f'<th scope="col">{escape(text)}</th>' for text in headings)
    lines = []
    for first, *others in rows:
        cells = f'<th scope="row">{_cell(first)}</th>' + "".join(map(_data, others))
        lines.append(f"<tr>{cells}</tr>")
    name = escape(caption, quote=True)
    return (
        f'<div class="scroll" role="region" aria-label="{name}" tabindex="0"><table>'
        f"<caption>{escape(caption)}</caption><thead><tr>{head}</tr></thead>\n<tbody>"
        + "\n".join(lines)
        + "</tbody></table></div>"
    )


def _data(value) -> str:
    # words of another language, such as titles, keep their own direction
    kind = ' class="number" dir="ltr"' if isinstance(value, Number) else ' dir="auto"'
    return f"<td{kind}>{_cell(value)}</td>"


def _cell(value) -> str:
    text = "" if value is None else escape(str(value))
    return f'<code dir="ltr">{text}</code>' if isinstance(value, Code) else text

"""The card of a kit: one page per language that says how to start."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from pathlib import Path

from ldnkit import webpage
from ldnkit.handover.pdf import write_pdf
from ldnkit.labels import LANGUAGES, label

#: One sheet of paper, A4.
STYLE = """
<style>@page { size: A4; margin: 14mm; } body { max-width: 44rem; font-size: 15px; }
ol > li { margin: .35rem 0; } code { font-size: .95em; unicode-bidi: isolate; }
h1 { font-size: 1.5rem; } h2 { margin-top: 1.1rem; }</style>
"""
VERBS = (("report", "report"), ("doctor", "doctor"))


def html(language: str, *, pythons: Iterable[str], platforms: Iterable[str]) -> str:
    """The card as a self-contained page.

    Parameters
    ----------
    language : str
        One of the six.
    pythons : iterable of str
        Versions for which the kit has packages, for example ``["3.12"]``.
    platforms : iterable of str
        Names of the kinds of computers.

    Examples
    --------
    >>> "start.bat" in html("en", pythons=["3.12"], platforms=["Windows"])
    True
    """

    def word(key: str, **fields: str) -> str:
        return escape(label(f"kit.{key}", language).format(**fields)) if fields else _plain(key)

    def _plain(key: str) -> str:
        text = escape(label(f"kit.{key}", language))
        for code in ("sh start.sh check", "sh start.sh", "start.bat", "00_start_here"):
            if code in text:
                return text.replace(code, f'<code dir="ltr">{code}</code>')
        return text

    needs = [word("need_python", versions=", ".join(pythons)), word("need_room")]
    steps = [word(key) for key in ("copy", "start_windows", "start_others", "wait", "opens")]
    verbs = "".join(
        f'<li>{word(key)}: <code dir="ltr">start.bat {verb}</code>, '
        f'<code dir="ltr">sh start.sh {verb}</code></li>'
        for verb, key in VERBS
    )
    parts = [STYLE]
    if language != "en":
        parts.append(webpage.paragraph(label("notice.machine_translation", language), "notice"))
    parts += [
        f"<h2>{word('need')}</h2><ul>{_items(needs)}</ul>",
        f"<h2>{word('steps')}</h2><ol>{_items(steps)}</ol>",
        f"<h2>{word('other_verbs')}</h2><ul>{verbs}</ul>",
        f"<p>{word('read')}</p><p>{word('checksums')}</p>",
        f"<p>{word('platforms', platforms=', '.join(platforms))}</p>",
        webpage.paragraph(label("notice.synthetic", language)),
        webpage.paragraph(label("site.licence", language)),
        webpage.paragraph(label("site.no_product", language)),
    ]
    return webpage.page(label("kit.title", language), parts, language=language)


def _items(texts: Iterable[str]) -> str:
    return "".join(f"<li>{text}</li>" for text in texts)


def write(folder: Path, *, pythons: Iterable[str], platforms: Iterable[str]) -> list[Path]:
    """Write the cards of all languages, and the page that leads to them.

    Parameters
    ----------
    folder : Path
        The kit; takes ``START_HERE.html`` and the folder ``cards``.
    pythons, platforms : iterable of str

    Returns
    -------
    list of Path
        HTML always; PDF where this computer has a browser that prints.
    """
    pythons, platforms = list(pythons), list(platforms)
    cards = folder / "cards"
    cards.mkdir(parents=True, exist_ok=True)
    made, lines = [], ""
    for language in LANGUAGES:
        path = cards / f"start_{language}.html"
        text = html(language, pythons=pythons, platforms=platforms)
        path.write_text(text, encoding="utf-8", newline="\n")
        made.append(path)
        printed = path.with_suffix(".pdf")
        if write_pdf(path, printed):
            made.append(printed)
        name = label("site.language_name", language)
        title = label("kit.title", language)
        lines += (
            f'<li><a href="cards/{path.name}" lang="{language}" dir="auto">'
            f"{escape(name)}: {escape(title)}</a></li>"
        )
    first = folder / "START_HERE.html"
    text = webpage.page(label("site.title", "en"), [f"<ul>{lines}</ul>"])
    first.write_text(text, encoding="utf-8", newline="\n")
    return [first, *made]

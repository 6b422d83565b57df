"""The last touch: direction, notices, and links to the same page in other languages."""

from __future__ import annotations

import re
from html import escape
from pathlib import Path

from ldnkit import webpage
from ldnkit.labels import LANGUAGES, label
from ldnkit.site.staging import SPHINX_LANGUAGES, Stage

BEGIN, END = "<!-- ldnkit:languages -->", "<!-- /ldnkit:languages -->"
PLACE = re.compile(f"{re.escape(BEGIN)}.*?{re.escape(END)}", re.DOTALL)
#: A heading of a table without words, and a row of nothing but these.
EMPTY_HEADING = re.compile(r"<th[^>]*>\s*(?:<p>\s*</p>)?\s*</th>")
EMPTY_HEAD = re.compile(rf"<thead>\s*<tr[^>]*>\s*(?:{EMPTY_HEADING.pattern}\s*)+</tr>\s*</thead>")
ARTICLE = '<article class="bd-article"'


def finish(folder: Path, ready: Stage, language: str) -> None:
    """Finish the pages that Sphinx has written, in place.

    Parameters
    ----------
    folder : Path
        The pages.
    ready : Stage
        What they were made from.
    language : str
    """
    direction = "rtl" if language in webpage.RIGHT_TO_LEFT else "ltr"
    for left in [*folder.glob("_static/*macros.html"), folder / ".buildinfo"]:
        left.unlink(missing_ok=True)  # for the machine that built the pages
    foreign, not_run = set(ready.foreign), set(ready.not_run)
    for path in sorted(folder.rglob("*.html")):
        page = path.relative_to(folder).with_suffix("").as_posix()
        text = path.read_text(encoding="utf-8")
        text = re.sub(r"<html\b[^>]*?lang=\"[^\"]*\"", f'<html lang="{language}" dir="{direction}"',
                      text, count=1)  # fmt: skip
        if page in foreign:
            text = text.replace(ARTICLE, f'{ARTICLE} lang="en" dir="ltr"', 1)
        notices = [ready.notices.get(page, "")]
        notices += [label("site.not_run", language)] if page in not_run else []
        said = "".join(
            f'<p class="ldnkit-notice" role="note">{escape(notice)}</p>'
            for notice in notices
            if notice
        )
        text = text.replace(ARTICLE, said + ARTICLE, 1)
        path.write_text(accessible(text), encoding="utf-8", newline="\n")


def accessible(text: str) -> str:
    """Mend what the theme leaves open for people who hear the page or use the keyboard.

    Examples
    --------
    >>> accessible('<pre>x</pre>')
    '<pre tabindex="0">x</pre>'
    >>> accessible('<tr><th class="head"></th><th>a</th></tr>')
    '<tr><td></td><th>a</th></tr>'
    """
    text = re.sub(r"<pre(?![^>]*tabindex)([ >])", r'<pre tabindex="0"\1', text)
    text = EMPTY_HEAD.sub("", text)
    return EMPTY_HEADING.sub("<td></td>", text)


def link_languages(home: Path) -> None:
    """Let every page link to the same page in the other languages that are there.

    Also writes ``index.html``, from which a reader chooses the language.

    Parameters
    ----------
    home : Path
        Holds a folder per language.
    """
    built = [language for language in LANGUAGES if (home / language / "index.html").is_file()]
    for language in built:
        folder = home / language
        for path in folder.rglob("*.html"):
            text = path.read_text(encoding="utf-8")
            if BEGIN not in text:
                continue
            links = _links(home, path.relative_to(folder), built, language)
            changed = PLACE.sub(lambda found, links=links: BEGIN + links + END, text)
            if changed != text:
                path.write_text(changed, encoding="utf-8", newline="\n")
    (home / "index.html").write_text(_choice(built), encoding="utf-8", newline="\n")


def _links(home: Path, page: Path, built: list[str], current: str) -> str:
    """The list of languages; a page that another language lacks leads to its first page."""
    up = "../" * len(page.parts)
    lines = []
    for language in built:
        name = label("site.language_name", language)
        tag = SPHINX_LANGUAGES.get(language, language).replace("_", "-")
        if language == current:
            lines.append(f'<li><span aria-current="true" lang="{tag}">{name}</span></li>')
            continue
        there = page.as_posix() if (home / language / page).is_file() else "index.html"
        lines.append(
            f'<li><a href="{up}{language}/{there}" lang="{tag}" hreflang="{tag}">{name}</a></li>'
        )
    return f"<ul>{''.join(lines)}</ul>"


def _choice(built: list[str]) -> str:
    lines = "".join(
        f'<li><a href="{language}/index.html" lang="{language}" dir="auto">'
        f"{escape(label('site.language_name', language))}: "
        f"{escape(label('site.title', language))}</a></li>"
        for language in built
    )
    first = built[0] if built else "en"
    return webpage.page(label("site.title", first), [f"<ul>{lines}</ul>"], language=first)

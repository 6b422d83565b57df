"""Translations on disk: one gettext file per page and language.

``lessons/locale/<language>/LC_MESSAGES/notebooks/05_degraded_land.po`` holds the words of that
notebook. ``msgctxt`` is the page and the id of the cell, or the headings of a lesson; ``msgid`` is
the English line. An entry that is marked ``fuzzy`` is not shown: its English line has changed.
"""

from __future__ import annotations

import difflib
import functools
import io
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from ldnkit.labels import LANGUAGES
from ldnkit.prose import codewords
from ldnkit.prose.markdown import Unit, texts

HOUSE = Path(__file__).resolve().parents[2]
HOME = HOUSE / "lessons" / "locale"
#: Folders of pages, and the kind of file in each.
KINDS = {"notebooks": ".ipynb", "lessons": ".md"}
#: How alike two lines have to be for a translation to be offered as a draft.
ALIKE = 0.7
EARLIER = re.compile(r'^#\| msgid (".*")\nmsgctxt (".*")\nmsgid (".*")$', re.MULTILINE)
REVIEWER = re.compile(r'^"X-Reviewed-By:\s*(.*?)\\n"$', re.MULTILINE)
HEADER = """\
# {language}: words of {page}.
# Drafted by machine and not reviewed, until a person signs below: X-Reviewed-By.
# A line marked fuzzy is not shown, because its English line has changed.
msgid ""
msgstr ""
"Project-Id-Version: ldnkit\\n"
"Language: {language}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"X-Drafted-By: machine\\n"
"X-Reviewed-By: {reviewer}\\n"
"""


@dataclass(frozen=True)
class Entry:
    """The translation of one unit; ``earlier`` is the English text of a fuzzy one."""

    unit: Unit
    text: str = ""
    fuzzy: bool = False
    earlier: str = ""

    @property
    def shown(self) -> str:
        """The text that readers see, "" for none."""
        return "" if self.fuzzy else self.text


@dataclass
class Catalogue:
    """All entries of one page in one language; ``old`` are those the page no longer has."""

    page: str
    language: str
    entries: list[Entry] = field(default_factory=list)
    old: list[Entry] = field(default_factory=list)
    reviewer: str = ""

    @functools.cached_property
    def by_unit(self) -> dict[Unit, str]:
        """Texts that readers see, by unit."""
        return {entry.unit: entry.shown for entry in self.entries if entry.shown}

    @functools.cached_property
    def by_text(self) -> dict[str, str]:
        """The same by the English text alone: it says the same wherever it stands in a page."""
        return {entry.unit.text: entry.shown for entry in self.entries if entry.shown}

    def said(self, unit: Unit) -> str | None:
        """The translation of a unit, None without one."""
        return self.by_unit.get(unit) or self.by_text.get(unit.text)


def pages() -> list[str]:
    """Names of all pages: ``"notebooks/00_start_here"``, …, ``"lessons/glossary"``."""
    found = []
    for folder, ending in KINDS.items():
        files = (HOUSE / folder).rglob(f"*{ending}")
        names = (path.relative_to(HOUSE).with_suffix("").as_posix() for path in files)
        found += sorted(name for name in names if "/locale/" not in name and "/." not in name)
    return found


def source(page: str) -> Path:
    """The English file of a page.

    Raises
    ------
    KeyError
        There is no such page; the message names close ones.

    Examples
    --------
    >>> source("lessons/glossary").name
    'glossary.md'
    """
    path = HOUSE / f"{page}{KINDS.get(page.partition('/')[0], '')}"
    if path.is_file():
        return path
    known = pages()
    close = difflib.get_close_matches(page, known, n=3) or known[:3]
    raise KeyError(f"Unknown page: found {page!r}; use for example {', '.join(close)}.")


def context(page: str, place: str) -> str:
    """The ``msgctxt`` of a unit: page and cell, or page and headings.

    Examples
    --------
    >>> context("notebooks/02_land_cover", "step-1")
    '02_land_cover:step-1'
    >>> context("lessons/02_land_cover", "The idea")
    'lesson 02_land_cover:The idea'
    """
    folder, _, name = page.partition("/")
    return f"{name}:{place}" if folder == "notebooks" else f"lesson {name}:{place}"


def units(page: str) -> list[Unit]:
    """What there is to translate in a page, in its order, each unit once."""
    path = source(page)
    content = path.read_text(encoding="utf-8")
    found = []
    if path.suffix == ".md":
        found = [Unit(context(page, "/".join(above[1:])), text) for text, above in texts(content)]
    else:
        for cell in json.loads(content)["cells"]:
            where, words = context(page, cell["id"]), "".join(cell["source"])
            if cell["cell_type"] == "markdown":
                found += [Unit(where, text) for text, _ in texts(words)]
            elif cell["cell_type"] == "code":
                found += [Unit(where, text) for text in codewords.texts(words)]
    return list(dict.fromkeys(found))


def path(page: str, language: str) -> Path:
    """The file of a page in a language; it need not be there.

    Raises
    ------
    KeyError
        Unknown language.
    """
    if language not in LANGUAGES:
        raise KeyError(f"Unknown language: found {language!r}; use one of {', '.join(LANGUAGES)}.")
    return HOME / language / "LC_MESSAGES" / f"{page}.po"


def read(page: str, language: str) -> Catalogue:
    """The translations of a page; without entries when nobody has begun.

    Examples
    --------
    >>> read("lessons/05_degraded_land", "en").entries
    []
    """
    file = path(page, language)
    return parse(file.read_text(encoding="utf-8"), page, language) if file.is_file() else Catalogue(
        page, language
    )  # fmt: skip


def parse(text: str, page: str, language: str) -> Catalogue:
    """A catalogue from the text of its file."""
    from babel.messages.pofile import read_po, unescape

    found = read_po(io.BytesIO(text.encode()), locale=language, ignore_obsolete=False)
    signed = REVIEWER.search(text)
    made = Catalogue(page, language, reviewer=signed[1] if signed else "")
    quoted = [[unescape(part) for part in match] for match in EARLIER.findall(text)]
    earlier = {Unit(where, english): before for before, where, english in quoted}
    made.entries = [_entry(message, earlier) for message in found if message.id]
    made.old = [_entry(message, {}) for message in found.obsolete.values()]
    return made


def _entry(message, earlier: Mapping[Unit, str]) -> Entry:
    unit = Unit(message.context or "", message.id)
    return Entry(unit, message.string, message.fuzzy, earlier.get(unit, ""))


def write(catalogue: Catalogue) -> Path:
    """Write a catalogue; the same entries always give the same file."""
    file = path(catalogue.page, catalogue.language)
    file.parent.mkdir(parents=True, exist_ok=True)
    unfinished = file.with_suffix(".part")
    unfinished.write_text(as_text(catalogue), encoding="utf-8", newline="\n")
    unfinished.replace(file)
    return file


def as_text(catalogue: Catalogue) -> str:
    """The text of the file of a catalogue."""
    words = {"language": catalogue.language, "page": catalogue.page, "reviewer": catalogue.reviewer}
    parts = [HEADER.format(**words)]
    parts += [_written(entry) for entry in catalogue.entries]
    parts += [_written(entry, "#~ ") for entry in catalogue.old]
    return "\n".join(parts)


def _written(entry: Entry, mark: str = "") -> str:
    lines = ["#, fuzzy"] if entry.fuzzy and not mark else []
    if entry.earlier and not mark:
        lines.append(f"#| msgid {_quoted(entry.earlier)}")
    parts = {"msgctxt": entry.unit.context, "msgid": entry.unit.text, "msgstr": entry.text}
    lines += [f"{mark}{name} {_quoted(text)}" for name, text in parts.items()]
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\t", "\\t")
    return '"' + escaped.replace("\n", "\\n") + '"'


def updated(catalogue: Catalogue, wanted: Iterable[Unit]) -> Catalogue:
    """The catalogue in step with its page; no translation is lost.

    A line that only moved keeps its translation. A line that changed a little gets that of the
    earlier line, marked as fuzzy. What the page no longer has goes to the old entries.

    Parameters
    ----------
    catalogue : Catalogue
    wanted : iterable of Unit
        The units of the page now.

    Returns
    -------
    Catalogue
    """
    wanted = list(wanted)
    known = {entry.unit: entry for entry in catalogue.entries}
    all_kept = [*catalogue.old, *catalogue.entries]
    drafts = [entry for entry in all_kept if entry.text and entry.fuzzy and entry.earlier]
    by_text = {one.earlier: Entry(one.unit, one.text) for one in drafts}
    by_text |= {entry.unit.text: entry for entry in all_kept if entry.text}
    here = {unit.text for unit in wanted}
    free = {entry.unit.text: entry for entry in all_kept if entry.text and not entry.fuzzy}
    free = {text: entry for text, entry in free.items() if text not in here}
    entries = [_updated(unit, known.get(unit), by_text, free) for unit in wanted]
    back = [entry for entry in drafts if entry.earlier in here]
    gone = {entry.unit.text: entry for entry in all_kept if entry.text and entry not in back}
    taken = {entry.earlier for entry in entries}
    old = [entry for text, entry in gone.items() if text not in here | taken]
    return Catalogue(catalogue.page, catalogue.language, entries, old, catalogue.reviewer)


def _updated(unit: Unit, known: Entry | None, by_text: Mapping, free: Mapping) -> Entry:
    if known is not None and known.text:
        return known
    if unit.text in by_text:
        return replace(by_text[unit.text], unit=unit)
    close = difflib.get_close_matches(unit.text, free, n=1, cutoff=ALIKE)
    if not close:
        return Entry(unit)
    return Entry(unit, free[close[0]].text, fuzzy=True, earlier=close[0])

"""Messages in the reader's language.

The code speaks English; the English text is the key. ``data/messages.csv`` holds every message as
a template, what the code inserts as ``{0}``, ``{1}`` …, with its translations.
``tests/tools/build_messages.py`` keeps the templates in step with the code.
"""

from __future__ import annotations

import functools
import itertools
import re
from dataclasses import dataclass

from ldnkit import csvfiles
from ldnkit.labels import LANGUAGES, label

#: Words that are too common to tell one message from another.
COMMON = frozenset(
    "a an and are as at by each for from in is it no not of on one or that the these they to with "
    "without".split()
)
FIELD = re.compile(r"\{\{|\}\}|\{(\d+)\}")
#: Marks of numbers, quoted cells and keys, which no name of a place or person has.
MARKED, KEY = re.compile(r"[\d'\"_]"), re.compile(r"[a-z_.\[\]\d]+")
#: Words that stand in sentences, and not in the names that the code inserts.
PROSE = re.compile(r"(?<!\S)(a|an|are|has|have|is|not|no|the|that|this|which|with|without)(?!\S)")
#: Messages that begin so say what to type: what they insert stays as it is.
VERBATIM = re.compile(r"(Add|Choose|Delete|Did|Example|Fill|Give|Name|Use|Write)\b")
#: Single words that may be told inside a message; others may be keys of a file.
ALONE = ("day", "days", "line", "month", "months", "none", "nothing", "row", "unknown")
#: Fewer letters than these do not make a message.
FEW = 9
SENTENCES = re.compile(r"(?<=[.!?]) (?=[A-Z\d'\"])")
#: What stands between the items of a list, and how other languages write it.
#: The longest text that common words alone may tell.
SHORT = 60
BETWEEN = re.compile(r"(; |, or |, and |, | and | or )(?![^()]*\))")
COLONS = {"fr": {": ": " : "}, "zh": {": ": "："}}
COMMAS = {"ar": {", ": "، ", "; ": "؛ "}, "zh": {", ": "、", "; ": "；"}}
#: A place among the layers, by its keys.
KEYS = re.compile(r"[a-z_]+(, \w+)+")
SEX = re.compile(r", (female|male)$")
#: A place in a PRAIS table: the keys of its rows and columns have labels.
TABLE = re.compile(r"(AA-)?(CP-1|SO\d-[\dA-Z]+|SO5|AI|AA)(\.T\d+)?(?=,|$)")


@dataclass(frozen=True)
class Template:
    """One message: its English pattern and its texts."""

    texts: dict[str, str]
    pattern: re.Pattern
    letters: int
    words: frozenset[str]

    @property
    def is_weak(self) -> bool:
        """Whether its own words could stand in any text."""
        return not any(len(word) > 1 for word in self.words - COMMON)

    @property
    def is_short(self) -> bool:
        """Whether it has so few letters that it fits by chance."""
        return self.letters < FEW and ":" not in self.texts["en"]


def translate(text: str, language: str, *, whole: bool = False) -> str:
    """A message in another language; English where there is no translation.

    Parameters
    ----------
    text : str
        An English text as the package makes it: a part of a finding, a note of a table.
    language : str
        One of the six languages.
    whole : bool
        Only when the whole text is one message: what a team has written itself stays.

    Returns
    -------
    str
        What the code inserted stays as it is, unless it is itself a message or a label, or a list
        of such. Names, numbers, and keys of files are never changed.

    Raises
    ------
    KeyError
        Unknown language.

    Examples
    --------
    >>> translate("no map of 2003, 2004", "fr")
    'pas de carte pour 2003, 2004'
    >>> translate("Kenya", "fr")
    'Kenya'
    """
    if language not in LANGUAGES:
        raise KeyError(f"Unknown language: found {language!r}; use one of {', '.join(LANGUAGES)}.")
    if language == "en" or not text:
        return text
    said = _fitting(str(text), language) if whole else _translated(str(text), language)
    return str(text) if said is None else said


def place(where: str, language: str) -> str:
    """The place of a finding in another language: keys of table cells become their labels.

    Examples
    --------
    >>> place("SO1-4.T2, 2023, confidence", "fr")
    'SO1-4.T2, 2023, Niveau de confiance'
    >>> place("factors.csv row 3, column value", "es")
    'factors.csv fila 3, columna value'
    """
    if language == "en":
        return where
    if not TABLE.match(where):
        said = translate(where, language)
        if said != where or not KEYS.fullmatch(where):
            return SEX.sub(lambda match: _sex(match, language), said)
    from ldnkit.prais.report import wording

    table, *cells = where.split(", ")
    return _comma(language).join([table, *(_cell(cell, language, wording) for cell in cells)])


def _sex(match: re.Match, language: str) -> str:
    return _comma(language) + label(f"column.{match[1]}", language)


def _cell(cell: str, language: str, wording) -> str:
    said = wording(cell, language)
    return translate(cell, language) if said == cell else said


def is_known(text: str) -> bool:
    """Whether a text is a message of ``messages.csv``, or put together from such."""
    return not text or _translated(str(text), "") is not None


@functools.lru_cache(maxsize=20_000)
def _translated(text: str, language: str) -> str | None:
    """The text in a language, or None when no message fits. ``""`` asks for English."""
    bare = text.strip()
    if not bare:
        return text
    if bare != text:
        said = _translated(bare, language)
        return None if said is None else text.replace(bare, said, 1)
    if "\n" in bare:
        return _pieces(bare.split("\n"), "\n", language)
    ways = (_fitting, _in_other_form, _sentences, _list, _headed, _weakly)
    said = (way(bare, language) for way in ways)
    return next((one for one in said if one is not None), None)


def _fitting(text: str, language: str) -> str | None:
    """The text as one message or label; a known text with a remark goes before a short message."""
    catalogue = _catalogue()
    if text in catalogue.exact:
        return catalogue.exact[text][language or "en"] or text
    head = max(_known_letters(text.partition(gap)[0]) for gap in (": ", " ("))
    for template in catalogue.candidates(text):
        said = None if template.is_weak else _filled(template, text, language)
        if said is not None:
            return said if template.letters > head else _headed(text, language)
    return None


def _known_letters(head: str) -> int:
    """How many letters of its own a text has that is a message without anything inserted."""
    return len(re.sub(r"\W", "", head)) if head in _catalogue().exact else 0


def _weakly(text: str, language: str) -> str | None:
    """A short text of common words around numbers, keys or messages: ``0.5 for 2010``."""
    weak = [one for one in _catalogue().candidates(text) if one.is_weak]
    filled = (_filled(one, text, language) for one in weak if len(text) <= SHORT)
    return next((said for said in filled if said is not None), None)


def _sentences(text: str, language: str) -> str | None:
    return _pieces(SENTENCES.split(text), " ", language)


def _headed(text: str, language: str) -> str | None:
    """``a known text: names``, ``a known text (3)``."""
    head, colon, tail = text.partition(": ")
    if not colon:
        head, colon, tail = text.partition(" (")
    said = _translated(head, language) if colon else None
    if said is None:
        return None
    rest = _inserted(tail, language)
    return said + COLONS.get(language, {}).get(colon, colon) + (tail if rest is None else rest)


def _in_other_form(text: str, language: str) -> str | None:
    """The same text with a full stop, or with another first letter."""
    if not text.endswith((".", ":", "?")):
        said = _fitting(text + ".", language)
        if said is not None:
            return said.rstrip(".。")
    elif text.endswith((":.", "}.")):
        said = _fitting(text[:-1], language)
        return None if said is None else said + "."
    if " " not in text:  # a word alone may be a key that has to stay
        return None
    first = text[0].lower() if text[0].isupper() else text[0].upper()
    said = _fitting(first + text[1:], language)
    if said is None:
        return None
    return (said[0].upper() if text[0].isupper() else said[0].lower()) + said[1:]


def _pieces(parts: list[str], gap: str, language: str) -> str | None:
    """Sentences or lines of which at least one is known; the others stay as they are."""
    if len(parts) == 1:
        return None
    said = [_translated(part, language) for part in parts]
    if all(one is None for one in said):
        return None
    return gap.join(b if a is None else a for a, b in zip(said, parts, strict=True))


def _filled(template: Template, text: str, language: str) -> str | None:
    """The template in a language with what it inserts, or None when the text does not fit."""
    match = template.pattern.fullmatch(text)
    if match is None or not all(_is_whole(value) for value in match.groups()):
        return None
    items = text.split(", ")
    if len(items) > 1 and all(template.pattern.fullmatch(item) for item in items):
        said = [_filled(template, item, language) for item in items]
        return None if None in said else _between(", ", language).join(said)
    inserted = [_inserted(value, language) for value in match.groups()]
    if VERBATIM.match(template.texts["en"]):
        inserted = [_connected(value, language) for value in match.groups()]
    unknown = [b for a, b in zip(inserted, match.groups(), strict=True) if a is None]
    if (template.is_short or template.is_weak) and any(PROSE.search(one) for one in unknown):
        return None
    if template.is_weak and not _is_plain(match.groups()) and not any(inserted):
        return None
    values = [b if a is None else a for a, b in zip(inserted, match.groups(), strict=True)]
    wanted = template.texts[language or "en"] or template.texts["en"]
    return FIELD.sub(lambda m: values[int(m[1])] if m[1] else m[0][0], wanted)


def _is_whole(value: str) -> bool:
    """Whether a value begins with no conjunction and closes every bracket that it opens."""
    if re.match(r"(or|and) ", value):
        return False
    depth = list(itertools.accumulate((mark == "(") - (mark == ")") for mark in value))
    return not depth or (min(depth) >= 0 and depth[-1] == 0)


def _is_plain(values: tuple[str, ...]) -> bool:
    """Whether there is a number or a quoted cell among the values, or all are keys."""
    return any(MARKED.search(one) for one in values) or all(KEY.fullmatch(one) for one in values)


def _inserted(value: str, language: str) -> str | None:
    """What the code inserted, when it is a message, a label, or a list of such."""
    if not re.search(r"[A-Za-z]{2}", value) or (KEY.fullmatch(value) and value not in ALONE):
        return None
    return _translated(value, language)


def _connected(text: str, language: str) -> str | None:
    """Words to choose from stay; the words between them do not."""
    parts = BETWEEN.split(text)
    if len(parts) == 1 or not ("or" in text.split() or _are_keys(parts[::2])):
        return None
    return "".join(_between(part, language) if n % 2 else part for n, part in enumerate(parts))


def _are_keys(items: list[str]) -> bool:
    return not any(" " in item for item in items)


def _list(text: str, language: str) -> str | None:
    """A list: what is known in it, and the words between its items."""
    parts = BETWEEN.split(text)
    if len(parts) == 1:
        return None
    said = [_inserted(part, language) for part in parts[::2]]
    unknown = [b for a, b in zip(said, parts[::2], strict=True) if a is None]
    if any(PROSE.search(one) for one in unknown):
        return None
    if len(unknown) == len(said):
        return _connected(text, language) if _are_keys(unknown) else None
    items = [b if a is None else a for a, b in zip(said, parts[::2], strict=True)]
    gaps = [_between(gap, language) for gap in parts[1::2]]
    return "".join(piece for pair in zip(items, [*gaps, ""], strict=True) for piece in pair)


def _between(gap: str, language: str) -> str:
    if gap.strip(" ,") in ("and", "or"):
        word = label(f"message.{gap.strip(' ,')}", language or "en")
        return f" {word} " if language != "zh" else word
    return COMMAS.get(language, {}).get(gap, gap)


def _comma(language: str) -> str:
    return _between(", ", language)


# ------------------------------------------------------------------ the templates
class _Catalogue:
    """Every message, found by its English text."""

    def __init__(self, rows: list[dict[str, str]]):
        self.exact: dict[str, dict[str, str]] = _labels()
        self._by_word: dict[str, list[dict[str, str]]] = {}
        for row in rows:
            if any(match[1] for match in FIELD.finditer(row["en"])):
                self._by_word.setdefault(_rarest(row["en"]), []).append(row)
            else:
                self.exact[_literal(row["en"])] = {
                    language: _literal(row[language]) for language in LANGUAGES
                }

    def candidates(self, text: str) -> list[Template]:
        """Templates that may fit, the one with the most letters of its own first."""
        words = set(re.findall(r"\w+", text))
        rows = [row for word in words for row in self._by_word.get(word, ())]
        found = [_template(tuple(row[language] for language in LANGUAGES)) for row in rows]
        return sorted(found, key=lambda template: -template.letters)


@functools.cache
def _catalogue() -> _Catalogue:
    return _Catalogue(csvfiles.packaged("messages").to_dict("records"))


def _labels() -> dict[str, dict[str, str]]:
    """Labels by their English text: those that begin with a capital, or of several words."""
    table = csvfiles.packaged("labels")
    rows = table[table["en"].str.contains("^[A-Z]| ") & ~table["en"].str.contains(r"\{")]
    return {row["en"]: row for row in rows.iloc[::-1].to_dict("records")}


def _literal(text: str) -> str:
    return text.replace("{{", "{").replace("}}", "}")


def _rarest(english: str) -> str:
    """The longest word of a template that nothing is inserted into."""
    text = FIELD.sub(lambda match: "\0" if match[1] else match[0], english)
    words = [word for word in re.findall(r"(?<![\0\w])\w+(?![\0\w])", text)]
    return max(words, key=lambda word: (word.lower() not in COMMON, len(word)), default="")


@functools.cache
def _template(texts: tuple[str, ...]) -> Template:
    english, pattern, letters, start = texts[0], "", "", 0
    for match in FIELD.finditer(english):
        literal = english[start : match.start()] + ("" if match[1] else match[0][0])
        pattern += re.escape(literal)
        letters += literal
        if match[1]:
            glued = pattern and not literal.endswith(" ")
            pattern += "(.*?)" if glued else "(.+?)"
            letters += "\0"
        start = match.end()
    pattern += re.escape(english[start:])
    letters += english[start:]
    words = frozenset(re.findall(r"[A-Za-z]+", letters.lower()))
    return Template(
        dict(zip(LANGUAGES, texts, strict=True)),
        re.compile(pattern, re.DOTALL),
        len(re.sub(r"\W", "", letters)),
        words,
    )

"""What a translation has to keep of its line: marks, links, code, numbers, columns."""

from __future__ import annotations

import re
from collections import Counter

from ldnkit.prose import codewords, markdown

NUMBER = re.compile(r"(?<![\w.,])[−+-]?\d(?:[\d,]*\d)?(?:\.\d+)?")
#: Tables, forms and variables as PRAIS and the code name them.
NAME = re.compile(r"\b(?:SO\d|CP|AA|AI|IF)-[\w.]*\w|\{\w*\}")
SENTENCES = re.compile(r"[a-z0-9)%»”\"*_][.!][*_)»”\"]* +[A-ZÀ-Ý«“\"*_(\[]")
ENUMERATED = re.compile(r"^\d\d?[.)] ")
BLOCK = re.compile(r"(#{1,6} |[-*+] |\d+[.)] |> |```|~~~|\|)")
#: Digits of other scripts, which the tables and figures of the workbook do not use.
OTHER_DIGITS = re.compile(r"[٠-٩۰-۹０-９]")


def faults(english: str, text: str) -> list[str]:
    """What is wrong with the translation of a line; empty when nothing is.

    Parameters
    ----------
    english, text : str
        A unit and its translation.

    Returns
    -------
    list of str

    Examples
    --------
    >>> faults("See [here](a.md), **2 km**.", "Voir [ici](a.md), **2 km**.")
    []
    >>> faults("See [here](a.md).", "Voir [ici](b.md).")
    ['link targets: (a.md) is missing; (b.md) is new']
    """
    if not text.strip():
        return ["it is empty"]
    found = []
    if text != text.strip() or "\n" in text or "\t" in text:
        found.append("it has spaces around it, a tab or a line break")
    if markdown.is_row(english):
        columns = [_columns(one) for one in (english, text)]
        if columns[0] != columns[1]:
            found.append(f"{columns[1]} columns in place of {columns[0]}")
    elif BLOCK.match(text) and not BLOCK.match(english):
        found.append("it begins with a sign that makes a heading, a list, a table or code")
    for name, parts in _kept(english).items():
        found += _difference(name, parts, _kept(text)[name])
    if OTHER_DIGITS.search(text):
        found.append("digits of another script: write 0 to 9")
    bare = ENUMERATED.sub("", _plain(text))
    if (
        not markdown.is_row(text)
        and SENTENCES.search(bare)
        and not SENTENCES.search(_plain(english))
    ):
        found.append("more than one sentence in a line")
    return found


def _plain(text: str) -> str:
    return markdown.TARGET.sub("", markdown.CODE.sub("code", text))


def _columns(row: str) -> int:
    return row.replace("\\|", "").count("|") - 1 if markdown.is_row(row) else 0


def _kept(text: str) -> dict[str, Counter]:
    """Everything that has to be the same in both texts."""
    bare = markdown.TAG.sub(" ", markdown.FORMULA.sub(" ", _plain(text)))
    return {
        "inline code": Counter(markdown.CODE.findall(text)),
        "link targets": Counter(markdown.TARGET.findall(text)),
        "pictures": Counter(re.findall(r"!(?=\[)", text)),
        "HTML": Counter(markdown.TAG.findall(text)),
        "formulas": Counter(markdown.FORMULA.findall(text)),
        "bold": Counter(bold=bare.count("**")),
        "italic": Counter(italic=bare.replace("**", "").count("*")),
        "numbers": Counter(NUMBER.findall(bare.replace("\u202f", " ").replace("\xa0", " "))),
        "names": Counter(NAME.findall(bare)),
        "computed parts": Counter(codewords.fields(text)),
    }


def _difference(name: str, wanted: Counter, got: Counter) -> list[str]:
    missing, new = wanted - got, got - wanted
    if not missing and not new:
        return []
    said = [f"{', '.join(sorted(missing))} is missing"] if missing else []
    said += [f"{', '.join(sorted(new))} is new"] if new else []
    return [f"{name}: {'; '.join(said)}"]

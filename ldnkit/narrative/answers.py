"""A team's answers to the implementation framework: a YAML file, checked whole."""

from __future__ import annotations

import difflib
import functools
from dataclasses import replace
from pathlib import Path

import pandas as pd

from ldnkit import tables
from ldnkit.country_file.document import Document, parse, shown
from ldnkit.findings import Finding, stop_on_errors
from ldnkit.narrative.forms import COLUMNS, NOTEBOOK, questions

START = "Start from the template of notebook 15."
BLOCK = "Write details: | and put the text on the next lines, two spaces further in."


def read_answers(path: str | Path) -> pd.DataFrame:
    """Read the answers of a team; every problem is reported at once.

    Parameters
    ----------
    path : str or Path
        YAML: form, section, question, then ``answer`` (yes or no, in one of the six languages)
        and ``details``. In place of both a question may have its answer, or its text, alone.

    Returns
    -------
    DataFrame
        Every question in the order of the forms: form, section, question, kind, answer (yes, no
        or empty), details. ``attrs["findings"]`` holds the warnings.

    Raises
    ------
    InputError
        Mistakes of writing; unknown forms, sections, questions; other answers than yes and no;
        details without an answer. A yes without details is a warning.

    References
    ----------
    UNCCD reporting manual, 2026 process, implementation framework.

    Examples
    --------
    >>> answers = read_answers("narrative/answers.yml")  # doctest: +SKIP
    """
    table, findings = examine_answers(path)
    table.attrs["findings"] = stop_on_errors(findings)
    return table


def examine_answers(path: str | Path) -> tuple[pd.DataFrame, list[Finding]]:
    """The answers as :func:`read_answers` gives them, and every problem of the file."""
    path, table = Path(path), questions()[COLUMNS].assign(answer="", details="")
    document = _document(path)
    problems = len(document.findings)
    given = _given(document) if not problems else {}
    for place, row in table.iterrows():
        keys = (row["form"], row["section"], row["question"])
        if keys in given:
            answer, details = _entry(document, keys, given[keys], row["kind"])
            table.loc[place, ["answer", "details"]] = answer, details
    return table, [replace(finding, notebook=NOTEBOOK) for finding in document.findings]


def _document(path: Path) -> Document:
    """The file as a document; what cannot be read is a finding."""
    document = Document(path.name, path.parent)
    if not path.is_file():
        document.problem((), "no such file", "a YAML file", f"Check the path. {START}")
        return document
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        document.problem((), "letters in another encoding", "UTF-8 text", "Save it as UTF-8.")
        return document
    document = parse(text, path.parent, path.name)
    # the remedies of the parser speak of country.yml
    document.findings = [
        replace(finding, expected="lines such as 'SO1-IF:'", remedy=START)
        if "workbook.py new" in finding.remedy
        else finding
        for finding in document.findings
    ]
    return document


def _given(document: Document) -> dict[tuple[str, str, str], object]:
    """What stands under each question that the forms know."""
    known = questions()
    found = {}
    for form, sections in _known_keys(document, (), document.tree, known["form"].unique()):
        of_form = known[known["form"] == form]
        home = of_form.set_index("question")["section"].to_dict()
        names = of_form["section"].unique()
        for section, entries in _known_keys(document, (form,), sections, names, home):
            mine = of_form.loc[of_form["section"] == section, "question"].tolist()
            keys = (form, section)
            for question, entry in _known_keys(document, keys, entries, mine, home):
                found[form, section, question] = entry
    return found


def _known_keys(document: Document, path: tuple, node, known, home=()):
    """Keys and values of a mapping; keys that are not among the known ones are problems."""
    if node is None:
        return
    what = ("form", "section", "question")[len(path)]
    if not isinstance(node, dict):
        found = "text" if isinstance(node, str) else shown(node)
        document.problem(path, found, f"{what}s, one per line", START)
        return
    for key, value in node.items():
        if key in known:
            yield key, value
            continue
        remedy = _closest(key, known)
        if key in home:
            remedy = f"Write it under {home[key]}."
        document.problem((*path, key), f"an unknown {what}", ", ".join(known), remedy)


def _closest(word, known) -> str:
    """The known word that is meant, if one is close."""
    spelled = {name.casefold().replace("_", " "): name for name in known}
    sought = str(word).casefold().replace("_", " ")
    close = difflib.get_close_matches(sought, spelled, 1, 0.6)
    return f"Did you mean {spelled[close[0]]}?" if close else START


def _entry(document: Document, keys: tuple, entry, kind: str) -> tuple[str, str]:
    """Answer and details of one question."""
    if not isinstance(entry, dict):
        entry = {"answer" if kind == "yes_no" else "details": entry}
    expected = ("answer", "details") if kind == "yes_no" else ("details",)
    for key in entry:
        if key == "answer" and kind == "text":
            if _filled(entry[key]):
                remedy = "Delete the answer, or move it to the details."
                document.problem((*keys, key), shown(entry[key]), "details alone", remedy)
        elif key not in expected:
            remedy = _closest(key, expected) if isinstance(key, str) else BLOCK
            document.problem((*keys, key), "an unknown key", ", ".join(expected), remedy)
    details = _text(document, (*keys, "details"), entry.get("details"))
    if kind == "text":
        return "", details
    answer, usable = _yes_or_no(document, keys, entry.get("answer"))
    if usable and details and not answer:
        remedy = "Write answer: yes or answer: no above them."
        document.problem(keys, "details without an answer", "yes or no", remedy)
    if answer == "yes" and not details and document.usable(".".join((*keys, "details"))):
        document.problem(
            keys,
            "yes without details",
            "details of what is done",
            "Say what is done, where and with what result.",
            severity="warning",
        )
    return answer, details


def _filled(value) -> bool:
    return value is not None and str(value).strip() != ""


def _yes_or_no(document: Document, keys: tuple, value) -> tuple[str, bool]:
    """``yes``, ``no`` or nothing, and whether the cell could be read."""
    if not _filled(value):
        return "", True
    if isinstance(value, bool):
        return ("yes" if value else "no"), True
    word = _words().get(str(value).strip().rstrip(".").casefold(), "")
    if not word:
        remedy = "Write yes or no; the rest belongs in details."
        document.problem((*keys, "answer"), shown(value), "yes or no", remedy)
    return word, bool(word)


@functools.cache
def _words() -> dict[str, str]:
    """Yes and no in six languages."""
    languages = tables.LANGUAGES
    return {
        tables.label(word, language).casefold(): word
        for word in ("yes", "no")
        for language in languages
    }


def _text(document: Document, path: tuple, value) -> str:
    """The details as text; a list gives one paragraph for each item."""
    if value is None:
        return ""
    if isinstance(value, list) and not any(isinstance(item, (dict, list)) for item in value):
        return "\n".join(str(item).strip() for item in value if _filled(item))
    if isinstance(value, (dict, list)):
        document.problem(path, shown(value), "text", BLOCK)
        return ""
    if isinstance(value, bool):
        document.problem(path, shown(value), "text", 'Put the word in "quotes".')
        return ""
    return str(value).strip()

"""The questions of the forms SO1-IF to SO5-IF, and an empty file to answer them in."""

from __future__ import annotations

import textwrap

import pandas as pd

from ldnkit import tables

NOTEBOOK = "15"
#: Columns of a question that its readers need.
COLUMNS = ["form", "section", "question", "kind"]
#: Line length of the comments of the template.
WIDTH = 88


def questions() -> pd.DataFrame:
    """Every question: form, section, question, kind, objective, keys of its labels, source.

    ``kind`` is ``yes_no`` (then details) or ``text``. ``confirmed`` says whether the reporting
    manual gives the question in these words, or we read it so.

    References
    ----------
    UNCCD reporting manual, 2026 process, implementation framework.

    Examples
    --------
    >>> questions().query("form == 'SO4-IF'")["question"].tolist()
    ['synergies', 'comments']
    """
    return tables.read("narrative_forms")


def template(language: str = "en") -> str:
    """An empty answers file: YAML with every question and a hint, to save and to fill in.

    Parameters
    ----------
    language : {"en", "fr", "es", "ru", "ar", "zh"}
        Language of questions and hints; the keys stay the same.

    Returns
    -------
    str

    Examples
    --------
    >>> print(template().splitlines()[0])
    # Implementation framework
    """
    hints = ("how_answer", "how_details", "how_empty")
    lines = [f"# {tables.label('form.IF', language)}"]
    lines += [f"# {tables.label(f'form.IF.{hint}', language)}" for hint in hints]
    for form, of_form in questions().groupby("form", sort=False):
        lines += ["", f"# ==== {tables.label(f'prais.{form}.T1', language)}", f"{form}:"]
        for section, of_section in of_form.groupby("section", sort=False):
            heading = tables.label(of_section["section_key"].iloc[0], language)
            lines += ["", f"  # ---- {heading}", f"  {section}:"]
            for row in of_section.to_dict("records"):
                lines += _lines(row, language)
    return "\n".join(lines) + "\n"


def _lines(row: dict, language: str) -> list[str]:
    """The lines of one question."""
    text = tables.label(row["label_key"], language)
    hint = "→ " + tables.label(row["help_key"], language)
    lines = [f"    # {part}" for said in (text, hint) for part in textwrap.wrap(said, WIDTH)]
    lines.append(f"    {row['question']}:")
    if row["kind"] == "yes_no":
        lines.append("      answer:")
    return [*lines, "      details: |"]

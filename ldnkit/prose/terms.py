"""Terms of the lessons in six languages, as the United Nations write them."""

from __future__ import annotations

from ldnkit import csvfiles
from ldnkit.labels import LANGUAGES, label


def terms():
    """The table of terms: key, six languages, reviewed, source; do not change it, take a copy."""
    return csvfiles.packaged("glossary")


def glossary(language: str) -> str:
    """Terms of one language beside the English ones, as a markdown table.

    Parameters
    ----------
    language : str
        One of the six; English gives the terms in all languages.

    Returns
    -------
    str
        A table, sorted by the English term. A term without a translation shows a dash.

    Raises
    ------
    KeyError
        Unknown language.

    Examples
    --------
    >>> glossary("fr").splitlines()[0]
    '| English | Français |'
    """
    names = {one: label("site.language_name", one) for one in LANGUAGES}
    label("site.language_name", language)  # an unknown language stops here
    columns = list(LANGUAGES) if language == "en" else ["en", language]
    rows = [[names[one] for one in columns], ["---"] * len(columns)]
    found = terms()[columns].to_dict("records")
    found = sorted(found, key=lambda row: row["en"].lower())
    rows += [[row[one] or "–" for one in columns] for row in found]
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    lines[1] = "|" + "---|" * len(columns)
    return "\n".join(lines)

"""The first page: what the workbook is, and where a form or an SDG indicator is worked on."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ldnkit import tables
from ldnkit.crosswalk import indicators
from ldnkit.labels import label

#: Forms that repeat or join others, and the notebook that speaks of them.
ELSEWHERE = {"SO4-1": "04", "AA": "15", "AI": "15", "IF": "15", "SO5": "14"}
#: Rows whose requirement stands in another row of the table of forms.
REFERENCE = re.compile(r"^see (.+)$")
NONE = "–"


def text(language: str, notebooks: dict, lessons: dict, others: Sequence[str] = ()) -> str:
    """The first page as MyST markdown.

    Parameters
    ----------
    language : str
        One of the six.
    notebooks, lessons : dict of str to (str, str)
        Number -> name of the file and title.
    others : sequence of str
        Files of the lessons without a number.

    Returns
    -------
    str

    Examples
    --------
    >>> page = text("en", {"04": ("04_soil.ipynb", "04 Soil")}, {})
    >>> "[04](notebooks/04_soil.ipynb)" in page
    True
    """

    def word(key: str) -> str:
        return label(f"site.{key}", language)

    parts = [f"# {word('title')}", word("intro")]
    notices = [label("notice.synthetic", language), word("boundaries")]
    notices += [word("licence"), word("no_product")]
    parts.append("```{note}\n" + "\n\n".join(notices) + "\n```")
    parts += [f"## {word('by_number')}", _by_number(word, notebooks, lessons)]
    parts += [f"## {word('by_form')}", _by_form(language, word, notebooks, lessons)]
    parts += [f"## {word('by_sdg')}", _by_sdg(language, word, notebooks)]
    papers = "[Apache 2.0](LICENSE.txt) · [CC BY 4.0](LICENSE-CONTENT.txt)"
    parts += [f"## {word('about')}", papers]
    files = [f"notebooks/{name}" for name, _ in notebooks.values()]
    parts.append(_contents(word("notebooks"), files))
    files = ["lessons/index.md", *(f"lessons/{name}" for name, _ in lessons.values())]
    parts.append(_contents(word("lessons"), [*files, *others, "lessons/glossary.md"]))
    papers = ["VALIDATION.md", "CONTRIBUTING.md", "CHANGELOG.md"]
    parts.append(_contents(word("about"), papers))
    return "\n\n".join(parts) + "\n"


def form_notebooks() -> dict[str, list[str]]:
    """Form -> numbers of the notebooks in which its tables are made."""
    found: dict[str, list[str]] = {form: [] for form in tables.read("forms")["form"]}
    for row in tables.prais_tables().to_dict("records"):
        numbers = found.setdefault(row["form"], [])
        if row["notebook"] and row["notebook"] not in numbers:
            numbers.append(row["notebook"])
    for form, number in ELSEWHERE.items():
        if form in found and not found[form]:
            found[form] = [number]
    return found


def _contents(caption: str, files: list[str]) -> str:
    names = "\n".join(file.rsplit(".", 1)[0] for file in files)
    return f"```{{toctree}}\n:caption: {caption}\n:hidden:\n:maxdepth: 1\n\n{names}\n```"


def _link(numbers, pages: dict, folder: str) -> str:
    found = [f"[{number}]({folder}/{pages[number][0]})" for number in numbers if number in pages]
    return ", ".join(found) or NONE


def _table(headings: list[str], rows: list[list[str]]) -> str:
    lines = [headings, ["---"] * len(headings), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _by_number(word, notebooks: dict, lessons: dict) -> str:
    rows = []
    for number in sorted({*notebooks, *lessons}):
        row = [number]
        for pages, folder in ((notebooks, "notebooks"), (lessons, "lessons")):
            name, title = pages.get(number, ("", ""))
            title = title.removeprefix(number).strip()
            row.append(f"[{title}]({folder}/{name})" if name else NONE)
        rows.append(row)
    return _table([word("number"), word("notebooks"), word("lessons")], rows)


def _by_form(language: str, word, notebooks: dict, lessons: dict) -> str:
    found, rows = form_notebooks(), []
    for form in tables.read("forms").to_dict("records"):
        numbers = found[form["form"]]
        asked = [_requirement(form[party], language) for party in ("affected", "developed")]
        pages = [_link(numbers, notebooks, "notebooks"), _link(numbers, lessons, "lessons")]
        rows.append([form["form"], label(form["title_key"], language), *asked, *pages])
    keys = ("form", "form_title", "affected", "developed", "notebooks", "lessons")
    return _table([word(key) for key in keys], rows)


def _requirement(asked: str, language: str) -> str:
    reference = REFERENCE.match(asked)
    if reference:
        return f"→ {reference[1]}"
    return label(f"requirement.{asked.replace(' ', '_')}", language)


def _by_sdg(language: str, word, notebooks: dict) -> str:
    """Indicators in their order; their titles are English, as the framework has them."""
    found = indicators()
    found = found[found["framework"] == "SDG"]
    order = {"same_number": 0, "component": 1, "context": 2}
    rows = found.assign(order=found["relation"].map(order)).sort_values(
        ["order", "code", "unccd"], kind="stable"
    )
    of_form, lines = form_notebooks(), []
    for row in rows.to_dict("records"):
        relation = word("relation_" + row["relation"].removesuffix("_number"))
        link = _link(of_form.get(row["unccd"], []), notebooks, "notebooks")
        lines.append([row["code"], row["title"], row["unccd"], relation, link])
    keys = ("sdg", "form_title", "form", "relation", "notebooks")
    return _table([word(key) for key in keys], lines)

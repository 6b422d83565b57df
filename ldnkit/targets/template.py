"""The workbook in which a team writes its targets, its actions and what it anticipates."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from ldnkit import tables, templates
from ldnkit.targets.columns import LINKS, SHEETS, choice_label, choices, columns

#: Kinds of columns -> kinds of the workbook.
KINDS = {"year": "year", "area": "amount", "choice": "choice", "open_choice": "choice"}
KINDS |= {"link": "choice", "land_type": "choice"}
WORDS = ("rows", "headings", "file")
HEADINGS = ("sheet", "column", "help", "choices")


def write_template(
    path: str | Path,
    *,
    language: str = "en",
    previous: pd.DataFrame | None = None,
    legend: pd.DataFrame | None = None,
) -> Path:
    """Write a workbook with drop-down lists for targets, actions and anticipated changes.

    Parameters
    ----------
    path : str or Path
        The XLSX file to write. An existing one is not overwritten.
    language : {"en", "fr", "es", "ru", "ar", "zh"}
        Language of headings, help and choices; :func:`read_register` reads all six.
    previous : DataFrame, optional
        The register of the last cycle: its targets are filled in, ready to be edited.
    legend : DataFrame, optional
        Land cover classes of the country, for the land types; by default the UNCCD classes.

    Returns
    -------
    Path

    Raises
    ------
    FileExistsError
        There is such a file already: it may hold the team's work.

    References
    ----------
    UNCCD reporting manual, 2026 process, SO1-VT and SO1-IA.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> write_template(folder / "targets.xlsx", language="fr").name
    'targets.xlsx'
    """

    def word(key: str) -> str:
        return tables.label(f"target_template.{key}", language)

    legend = tables.legend() if legend is None else legend
    sheets = []
    for sheet in SHEETS:
        rows = previous if sheet == "targets" else None
        made = tuple(_column(row, language, legend) for row in columns(sheet).to_dict("records"))
        known = None if rows is None else _filled(rows, language)
        sheets.append(templates.Sheet(word(sheet), made, known))
    words = templates.Words(
        title=word("title"),
        lines=tuple(word(line) for line in WORDS),
        overview=word("overview"),
        headings=tuple(word(heading) for heading in HEADINGS),
    )
    return templates.write(path, sheets, words, language=language)


def _column(row, language: str, legend: pd.DataFrame) -> templates.Column:
    name = row["choices"]
    said = tuple(choice_label(key, language) for key in choices(name)) if name else ()
    if row["type"] == "land_type":
        said = tuple(_land_type(each, language) for each in legend.to_dict("records"))
    return templates.Column(
        key=row["key"],
        heading=tables.label(row["label"], language),
        kind=KINDS.get(row["type"], "text"),
        choices=said,
        # a goal may carry the number of its target: SDG 15.3
        is_open=row["type"] in ("open_choice", "link"),
        required=row["required"] == "yes",
        help=tables.label(row["help"], language),
        width=float(row["width"]),
    )


def _land_type(row, language: str) -> str:
    """The label of a UNCCD class, the name of a class of the country's own."""
    try:
        return tables.label(f"land_cover.{row['key']}", language)
    except KeyError:
        return row["name"]


def _filled(rows: pd.DataFrame, language: str) -> pd.DataFrame:
    """Rows of a register with their choices in words; last cycle's revisions are left out."""
    filled = rows.copy()
    for column in columns("targets").to_dict("records"):
        key, name = column["key"], column["choices"]
        if key in filled and name and key not in LINKS:
            known = {each: choice_label(each, language) for each in choices(name)}
            filled[key] = filled[key].map(lambda cell, known=known: known.get(cell, cell))
    return filled.drop(columns="revision", errors="ignore")

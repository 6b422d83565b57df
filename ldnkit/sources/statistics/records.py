"""What every reader of official series gives: raw records, as the file has them."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

from ldnkit.findings import Finding, listed

#: Columns of raw records; cells are text or numbers, empty when the file says nothing.
#: ``place`` is the row, line or entry; ``other`` are further dimensions as pairs of texts.
COLUMNS = (
    *("place", "series", "area", "year", "location", "value", "lower", "upper"),
    *("nature", "unit", "note", "text", "other"),
)


@dataclass
class Records:
    """Raw records of a file, what kind of file it is, and what was found while reading it.

    ``form`` is sdg, world_bank or table. ``percent`` says that a heading names percent.
    ``release`` is the release or the day of the last update, empty when the file has none.
    ``table`` says in words where the figures stand, for a table with a header.
    """

    name: str
    form: str
    rows: pd.DataFrame
    word: str = "row"
    percent: bool = False
    release: str = ""
    table: str = ""
    findings: list[Finding] = field(default_factory=list)


def frame(rows) -> pd.DataFrame:
    """Raw records as a table; cells that are not given are empty.

    Examples
    --------
    >>> frame([{"place": 2, "year": 2015, "value": "36,8"}])["area"].tolist()
    ['']
    """
    table = pd.DataFrame(list(rows), columns=list(COLUMNS), dtype=object)
    other = table["other"].map(lambda pairs: pairs if isinstance(pairs, tuple) else ())
    return table.astype(object).where(table.notna(), "").assign(other=other)


class Notes:
    """Findings about places of one file."""

    def __init__(self, series: str, name: str, word: str, notebook: str):
        self.where = f"statistics.{series} ({name})"
        self.word, self.notebook = word, notebook
        self.findings: list[Finding] = []

    def add(self, severity, places, found, expected="", remedy="") -> None:
        """Note something about several places, or about the file when there are none."""
        places = list(dict.fromkeys(places))
        word = self.word + ("s" if len(places) > 1 else "")
        if self.word == "entry" and len(places) > 1:
            word = "entries"
        where = f"{self.where} {word} {listed(places)}" if places else self.where
        self.findings.append(Finding(severity, where, found, expected, remedy, self.notebook))

    @property
    def stopped(self) -> bool:
        """Whether there is an error among the findings."""
        return any(finding.severity == "error" for finding in self.findings)

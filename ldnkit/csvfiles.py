"""Small CSV tables: packaged ones read once, a team's own ones checked whole."""

from __future__ import annotations

import csv
import functools
import io
import re
from collections.abc import Iterable
from importlib import resources
from itertools import product
from pathlib import Path

import pandas as pd

from ldnkit.findings import Finding

#: Class codes are int16; -32768 is kept for "no data".
CODES = range(-32767, 32768)
NUMBER = re.compile(r"[+-]?(0|[1-9]\d*)(\.\d+)?")
WHOLE = re.compile(r"[+-]?\d{1,9}")


def parse(text: str) -> tuple[pd.DataFrame, list[int]]:
    """A table of text from CSV text, comma or semicolon; its index is the line in the file.

    Also gives the lines that have more cells than the header.

    Examples
    --------
    >>> table, too_long = parse("code,name\\n1,Tree\\n2,Grass\\n")
    >>> table.loc[3].tolist(), too_long
    (['2', 'Grass'], [])
    """
    header = text.partition("\n")[0]
    separator = ";" if header.count(";") > header.count(",") else ","
    reader = csv.reader(io.StringIO(text), delimiter=separator)
    columns = [column.strip() for column in next(reader, [])]
    rows, lines, too_long = [], [], []
    for row in reader:
        cells = [cell.strip() for cell in row]
        if not any(cells):
            continue
        if any(cells[len(columns) :]):
            too_long.append(reader.line_num)
        rows.append((cells + [""] * len(columns))[: len(columns)])
        lines.append(reader.line_num)
    return pd.DataFrame(rows, columns=columns, index=lines, dtype=object), too_long


@functools.cache
def packaged(name: str) -> pd.DataFrame:
    """A table of ``ldnkit/data``; do not change it, take a copy.

    Raises
    ------
    FileNotFoundError
        There is no such table; the message lists those there are.
    """
    folder = resources.files("ldnkit") / "data"
    file = folder / f"{name}.csv"
    if not file.is_file():
        known = sorted(Path(entry.name).stem for entry in folder.iterdir() if ".csv" in entry.name)
        raise FileNotFoundError(
            f"Unknown packaged table: found {name!r}; use one of {', '.join(known)}."
        )
    table, too_long = parse(file.read_text(encoding="utf-8"))
    if too_long:
        raise ValueError(f"Cells without a column: found in {name}.csv, lines {too_long}; quote.")
    return numbers(table.reset_index(drop=True))


def numbers(table: pd.DataFrame) -> pd.DataFrame:
    """Turn the columns that hold only numbers into numbers; an empty cell there becomes NaN."""
    for column in table:
        filled = [cell for cell in table[column] if cell != ""]
        if filled and all(NUMBER.fullmatch(cell) for cell in filled):
            table[column] = pd.to_numeric(table[column].replace("", None))
    return table


class UserTable:
    """A team's own CSV file, with every problem found in it.

    Parameters
    ----------
    path : str or Path
        The file.
    required : iterable of str
        Columns it must have.
    names : iterable of str
        Packaged names that could have been given instead, for the message.
    notebook : str
        The notebook that helps.
    wanted : str
        What a filled table holds, for the message about an empty one.

    Attributes
    ----------
    rows : DataFrame
        The cells as text; the index is the line in the file. Required columns always exist.
    findings : list of Finding
        Problems found so far.
    """

    def __init__(
        self,
        path,
        required: Iterable[str],
        *,
        names: Iterable[str] = (),
        notebook: str,
        wanted: str = "one row per class or pair of classes",
    ):
        self.path, self.notebook = Path(path), notebook
        self.findings: list[Finding] = []
        self.rows = self._read(names)
        self.missing = [column for column in required if column not in self.rows]
        if not self.findings:
            for column in self.missing:
                found = "columns " + ", ".join(self.rows.columns)
                self.add("", found, f"a column {column}", "Add it to the first line of the file.")
            if self.rows.empty:
                self.add("", "no rows", wanted, "Fill the table.")
        self.rows = self._once()
        self.rows = self.rows.reindex(columns=dict.fromkeys([*self.rows.columns, *required]))

    def _read(self, names: Iterable[str]) -> pd.DataFrame:
        if not self.path.is_file():
            expected = " or one of ".join(filter(None, ["a CSV file", ", ".join(names)]))
            self.add("", "no such file", expected, "Check the path.")
            return pd.DataFrame()
        try:
            text = self.path.read_text(encoding="utf-8-sig")
        except UnicodeDecodeError:
            remedy = 'In the spreadsheet choose "CSV UTF-8" when saving.'
            self.add("", "letters in another encoding", "UTF-8 text", remedy)
            return pd.DataFrame()
        table, too_long = parse(text)
        for line in too_long:
            remedy = 'Put text that holds a comma in "quotes"; write numbers with a point.'
            self.add(f"line {line}", "more cells than columns", "one cell per column", remedy)
        return table

    def _once(self) -> pd.DataFrame:
        """Each column once; a spreadsheet may write empty ones without a name at the end."""
        rows = self.rows
        filled = [bool(name) or any(cells != "") for name, cells in rows.items()]
        rows = rows.loc[:, filled]
        again = rows.columns.duplicated()
        for name in dict.fromkeys(rows.columns[again]):
            found = f"a second column {name or 'without a name'}"
            self.add("", found, "each column once", "Keep one of the two, or name them.")
        return rows.loc[:, ~again]

    def add(self, place: str, found: str, expected: str, remedy: str, severity: str = "error"):
        """Note a problem at a place of the file."""
        where = f"{self.path.name} {place}".strip()
        self.findings.append(Finding(severity, where, found, expected, remedy, self.notebook))

    def add_cell(self, line: int, column: str, expected: str, remedy: str, severity="error"):
        """Note a problem of one cell, which is shown."""
        found = repr(self.rows.at[line, column]) if self.rows.at[line, column] != "" else "nothing"
        self.add(f"line {line}, column {column}", found, expected, remedy, severity)

    def codes(self, column: str, allowed: Iterable[int] = CODES) -> pd.Series:
        """The column as codes; an impossible one is a problem and becomes NaN."""
        codes = pd.Series(float("nan"), index=self.rows.index)
        if column in self.missing:
            return codes
        if isinstance(allowed, range):
            expected = f"a whole number from {allowed.start} to {allowed.stop - 1}"
        else:
            allowed = [int(code) for code in allowed]
            expected = "one of " + ", ".join(map(str, allowed))
        for line, cell in self.rows[column].items():
            if WHOLE.fullmatch(cell) and int(cell) in allowed:
                codes[line] = int(cell)
            else:
                self.add_cell(line, column, expected, "Correct the code.")
        return codes

    def match(self, column: str, pattern: re.Pattern, expected: str):
        """Note every cell of a column that does not match the whole pattern."""
        if column not in self.missing:
            for line, cell in self.rows[column].items():
                if not pattern.fullmatch(cell):
                    self.add_cell(line, column, expected, "Correct the cell.")

    def no_repeats(self, columns: list[str]):
        """Note every row that repeats the code, or pair of codes, of an earlier one."""
        known = self.rows[self.rows[columns].notna().all(axis=1)]
        for line in known.index[known.duplicated(columns)]:
            values = " to ".join(f"{self.rows.at[line, column]:g}" for column in columns)
            self.add(f"line {line}", f"{values} a second time", "each one once", "Delete a row.")

    def pairs(self, codes: Iterable[int]):
        """Check that from and to give each pair of classes exactly once."""
        codes = [int(code) for code in codes]
        for column in ("from", "to"):
            self.rows[column] = self.codes(column, codes)
        if self.missing or self.rows.empty:
            return
        self.no_repeats(["from", "to"])
        given = set(zip(self.rows["from"], self.rows["to"], strict=True))
        absent = [f"{a} to {b}" for a, b in product(codes, codes) if (a, b) not in given]
        if absent:
            shown = ", ".join(absent[:12]) + (" …" if len(absent) > 12 else "")
            found = f"{len(absent)} pairs of classes without a row: {shown}"
            self.add("", found, f"{len(codes) ** 2} pairs", "Add a row for each pair.")

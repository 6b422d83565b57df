"""Files of tables as rows of cells: CSV in any manner, sheets of a workbook, ZIP of either."""

from __future__ import annotations

import csv
import io
import zipfile
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from ldnkit.findings import Finding, InputError
from ldnkit.sources.statistics.figures import Percent, is_number

WORKBOOKS = (".xlsx", ".xlsm")
TEXTS = (".csv", ".tsv", ".txt")
#: In this order of preference when two separators fit equally well.
SEPARATORS = (";", "\t", "|", ",")
#: Bytes of a file, or of one in a ZIP file, above which it is no table of statistics.
MOST_BYTES = 200 * 2**20


@dataclass
class Grid:
    """Cells of one table: text, or a number when the file has numbers.

    ``numbers`` are the rows as the file counts them; ``word`` is line or row. ``gaps`` are the
    positions of the rows above which the file has an empty row.
    """

    name: str
    cells: list[list]
    numbers: list[int]
    word: str = "row"
    sheet: str = ""
    gaps: set[int] = field(default_factory=set)
    findings: list[Finding] = field(default_factory=list)

    @property
    def width(self) -> int:
        return max(map(len, self.cells), default=0)


def read_grids(path: Path, *, sheet: str | None = None) -> list[Grid]:
    """The tables of a file: one of a CSV file, one per sheet that is not empty.

    Raises
    ------
    InputError
        The file is missing or cannot be read, or has no such sheet.
    """
    name, data = read_bytes(Path(path))
    kind = Path(name).suffix.lower()
    if data[:4] == b"PK\x03\x04" or kind in WORKBOOKS:
        return _workbook(name, data, sheet)
    if data[:4] == b"\xd0\xcf\x11\xe0" or kind in (".xls", ".ods"):
        remedy = "Open it in a spreadsheet and save it as XLSX or CSV."
        raise problem(name, f"a file of the kind {kind or 'XLS'}", "XLSX, CSV or JSON", remedy)
    return [_text(name, data)]


def read_bytes(path: Path) -> tuple[str, bytes]:
    """Name and content of a file; of a ZIP file, those of its one file with data.

    Raises
    ------
    InputError
        There is no such file, it is far too large, or its ZIP has no or several data files.
    """
    if not path.is_file():
        raise problem(path.name, "no such file", "a CSV, XLSX, JSON or ZIP file", "Check the path.")
    if path.stat().st_size > MOST_BYTES:
        raise problem(path.name, "more than 200 MB", "one series", "Download one series only.")
    if path.suffix.lower() != ".zip":
        return path.name, path.read_bytes()
    try:
        with zipfile.ZipFile(path) as archive:
            entries = [each for each in archive.infolist() if _has_data(each.filename)]
            if len(entries) != 1:
                listed = ", ".join(each.filename for each in entries) or "none"
                remedy = "Unpack it and give the file with the data."
                raise problem(path.name, f"files with data: {listed}", "one of them", remedy)
            if entries[0].file_size > MOST_BYTES:
                raise problem(path.name, "more than 200 MB", "one series", "Unpack it.")
            return f"{path.name}/{entries[0].filename}", archive.read(entries[0])
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
        remedy = "Download it again, or unpack it and give the file inside."
        raise problem(path.name, f"a ZIP file that does not open ({error})", "", remedy) from None


def _has_data(name: str) -> bool:
    """Whether a file in a ZIP file holds data: World Bank files come with their metadata."""
    last = name.rpartition("/")[2]
    kinds = (*TEXTS, ".json", *WORKBOOKS)
    hidden = last.startswith((".", "Metadata_")) or name.startswith("__MACOSX")
    return Path(last).suffix.lower() in kinds and not hidden


def problem(where: str, found: str, expected: str, remedy: str, notebook: str = "08") -> InputError:
    """One mistake that stops the reading of a file."""
    return InputError([Finding("error", where, found, expected, remedy, notebook)])


# ------------------------------------------------------------------------------ text
def _text(name: str, data: bytes) -> Grid:
    text, findings = _decoded(name, data)
    first, _, rest = text.partition("\n")
    given = first.strip().strip('"').removeprefix("sep=")
    marked = first.strip().strip('"').startswith("sep=") and len(given) == 1
    if marked:
        text = "\n" + rest
    rows = _split(text, given) if marked else _best_split(text)
    rows = [(line, [cell.strip() for cell in row]) for line, row in rows]
    return _without_empty(Grid(name, [], [], "line", findings=findings), rows)


def _without_empty(grid: Grid, rows: list[tuple[int, list]]) -> Grid:
    """The grid with the rows that are not empty."""
    empty = True
    for number, row in rows:
        filled = any(cell != "" for cell in row)
        if filled:
            if empty:
                grid.gaps.add(len(grid.cells))
            grid.cells.append(row)
            grid.numbers.append(number)
        empty = not filled
    return grid


def _decoded(name: str, data: bytes) -> tuple[str, list[Finding]]:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", errors="replace"), []
    try:
        return data.decode("utf-8-sig"), []
    except UnicodeDecodeError:
        remedy = 'In the spreadsheet choose "CSV UTF-8" when names look wrong.'
        found = "letters that are not UTF-8; read as Windows-1252"
        return data.decode("cp1252", errors="replace"), [
            Finding("info", name, found, "UTF-8 text", remedy)
        ]


def _best_split(text: str) -> list[tuple[int, list[str]]]:
    """Rows split by the separator that gives most rows the same number of cells."""
    best, rows = (0, 0), None
    for separator in SEPARATORS:
        split = _split(text, separator)
        widths = Counter(len(row) for _, row in split if len(row) > 1)
        width, count = max(widths.items(), key=lambda item: item[1], default=(0, 0))
        if (count, width) > best and (rows is None or count > best[0]):
            best, rows = (count, width), split
    return _split(text, ",") if rows is None else rows


def _split(text: str, separator: str) -> list[tuple[int, list[str]]]:
    """Rows with the line on which each begins; quoted cells may hold line breaks."""
    lines = io.StringIO(text.replace("\0", ""), newline="")
    reader, rows, begins = csv.reader(lines, delimiter=separator), [], 1
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return rows
        except csv.Error:  # a cell larger than any table has
            row = []
        rows.append((begins, row))
        begins = reader.line_num + 1


# -------------------------------------------------------------------------- workbooks
def _workbook(name: str, data: bytes, sheet: str | None) -> list[Grid]:
    import openpyxl

    try:
        book = openpyxl.load_workbook(io.BytesIO(data), data_only=True)
    except Exception as error:  # the many ways in which a file can be no workbook
        remedy = "Open it in a spreadsheet and save it again as XLSX, without a password."
        found = f"a workbook that does not open ({error or type(error).__name__})"
        raise problem(name, found, "an XLSX file", remedy) from None
    pages = {page.title: page for page in book.worksheets}
    if sheet is not None and sheet not in pages:
        remedy = "Correct the line sheet."
        raise problem(name, f"the sheets {', '.join(pages)}", f"a sheet {sheet}", remedy)
    chosen = pages if sheet is None else {sheet: pages[sheet]}
    grids = [_page(name, title, page) for title, page in chosen.items()]
    for grid in grids:
        _uncomputed(grid, data)
    return [grid for grid in grids if grid.cells]


def _page(name: str, title: str, page) -> Grid:
    grid = Grid(f"{name}, sheet {title}", [], [], "row", title)
    values = [[_value(cell) for cell in row] for row in page.iter_rows()]
    for area in page.merged_cells.ranges:
        corner = values[area.min_row - 1][area.min_col - 1]
        for row in range(area.min_row - 1, min(area.max_row, len(values))):
            for column in range(area.min_col - 1, min(area.max_col, len(values[row]))):
                if values[row][column] == "":
                    values[row][column] = corner
    return _without_empty(grid, list(enumerate(values, 1)))


def _value(cell):
    """A cell as text or number; percent cells show 23.4 % for a stored 0.234."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value)
    if is_number(value):
        return Percent(round(100 * value, 10)) if "%" in str(cell.number_format) else value
    if isinstance(value, (datetime, date)):
        return value.strftime("%Y-%m-%d")
    return str(value).strip()


def _uncomputed(grid: Grid, data: bytes) -> None:
    """Formulas whose result was never stored look empty: say so."""
    import openpyxl

    if not any(cell == "" for row in grid.cells for cell in row):
        return
    page = openpyxl.load_workbook(io.BytesIO(data))[grid.sheet]
    for number, row in zip(grid.numbers, grid.cells, strict=True):
        for column, cell in enumerate(row):
            if cell == "" and page.cell(number, column + 1).data_type == "f":
                found = f"a formula without a stored result in row {number}"
                remedy = "Open the file in a spreadsheet and save it."
                grid.findings.append(Finding("warning", grid.name, found, "a figure", remedy, "08"))
                return

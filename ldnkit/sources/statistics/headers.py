"""Where the table begins in a sheet: its years, its header, the names of its columns."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ldnkit.sources.statistics.figures import FOOTNOTE, PLAIN, is_number, plain
from ldnkit.sources.statistics.grids import Grid, problem
from ldnkit.sources.statistics.series import normal, words

YEAR = re.compile(r"(1[89]\d\d|20\d\d|2100)")
#: 2015, 2015.0, 2015-06-30, 2015 [YR2015], YR2015: one year.
ONE_YEAR = re.compile(rf"(?:YR)?{YEAR.pattern}(?:\.0+|-\d\d-\d\d|\s*\[YR\d{{4}}\])?")
#: 2014/15, 2014-2015, 2014–15: years of one survey.
SPAN = re.compile(rf"{YEAR.pattern}\s*[-–/]\s*(?:20|19)?\d\d")


@dataclass
class Layout:
    """A table in a grid: its columns by name, its rows, and where the years stand.

    ``names`` holds the levels of the header of every column, the nearest to the data last.
    ``rows`` are positions in the grid. ``year`` is the column with the years, or None when the
    years run across: then ``across`` maps columns to years.
    """

    grid: Grid
    names: list[tuple[str, ...]]
    rows: list[int]
    header: int | None
    year: int | None = None
    across: dict[int, int] | None = None

    def name(self, column: int) -> str:
        """The levels of a header in one line."""
        return " / ".join(self.names[column]) or f"column {column + 1}"

    def cell(self, row: int, column: int | None):
        """A cell; what lies beyond the row is empty."""
        cells = self.grid.cells[row]
        return "" if column is None or column >= len(cells) else cells[column]

    def column(self, column: int | None) -> list:
        """The cells of a column in the rows of the table."""
        return [self.cell(row, column) for row in self.rows]


def year_of(cell) -> int | None:
    """The year that a cell is; a footnote mark behind it does not matter.

    Examples
    --------
    >>> year_of("2015*"), year_of(2015.0), year_of("2014/15"), year_of("2015 [YR2015]")
    (2015, 2015, None, 2015)
    """
    if is_number(cell):
        return int(cell) if cell == cell // 1 and YEAR.fullmatch(str(int(cell))) else None
    text = plain(cell)
    match = ONE_YEAR.fullmatch(text)
    if match is None and (marked := FOOTNOTE.fullmatch(text)):
        match = ONE_YEAR.fullmatch(marked["figure"].strip())
    return int(match[1]) if match else None


def is_span(cell) -> bool:
    """Whether a cell names the years of a survey rather than one year."""
    return not is_number(cell) and bool(SPAN.fullmatch(plain(cell)))


def layout(grid: Grid, *, header: int | None = None, year: str | None = None) -> Layout:
    """The table of a grid.

    Parameters
    ----------
    grid : Grid
    header : int, optional
        Row of the header as the file counts it; found by the years below it when left out.
    year : str, optional
        Name of the column with the years.

    Raises
    ------
    InputError
        No years are found, or the header or the column is not there.
    """
    if not grid.cells:
        raise problem(grid.name, "an empty file", "a table with years", "Give another file.")
    top = None
    if header is not None:
        top = next((at for at, number in enumerate(grid.numbers) if number >= header), None)
        if top is None:
            found = f"{grid.numbers[-1]} rows"
            raise problem(grid.name, found, f"a header in row {header}", "Correct the line header.")
    begin = 0 if top is None else top
    across = _across(grid, begin, given=top is not None)
    columns = {} if across and year is None else _down(grid, begin)
    if across and year is None:
        at, years = across
        rows = [row for row in range(at + 1, len(grid.cells))]
        return Layout(grid, _names(grid, [at], years), rows, grid.numbers[at], None, years)
    if not columns:
        raise problem(
            grid.name,
            "no column and no row with years",
            "years from 1800 to 2100",
            "Name the row with the headings as header and, in a workbook, the sheet.",
        )
    first = _first_row(grid, top, min(rows[0] for rows in columns.values()))
    names = _names(grid, _header_rows(grid, top, first))
    chosen = _year_column(grid, columns, names, year)
    first = _first_row(grid, top, columns.get(chosen, [first])[0])
    heads = _header_rows(grid, top, first)
    rows = list(range(first, len(grid.cells)))
    shown = grid.numbers[heads[0]] if heads else None
    return Layout(grid, _names(grid, heads), rows, shown, chosen)


def _down(grid: Grid, begin: int) -> dict[int, list[int]]:
    """Columns with years below one another, and their rows."""
    found: dict[int, list[int]] = {}
    for row in range(begin, len(grid.cells)):
        for column, cell in enumerate(grid.cells[row]):
            if year_of(cell) is not None:
                found.setdefault(column, []).append(row)
    return found


def _across(grid: Grid, begin: int, *, given: bool) -> tuple[int, dict[int, int]] | None:
    """The row in which years run across, when the table has one."""
    best: tuple[int, dict[int, int]] | None = None
    for row in range(begin, begin + 1 if given else len(grid.cells)):
        years = {at: year_of(cell) for at, cell in enumerate(grid.cells[row])}
        years = {at: year for at, year in years.items() if year is not None}
        if len(set(years.values())) > max(1, len(best[1]) if best else 1):
            best = (row, years)
    if best is None:
        return None
    down = _down(grid, begin)
    longest = max((len({year_of(grid.cells[r][c]) for r in rows}) for c, rows in down.items()))
    return best if given or len(best[1]) > longest else None


def _first_row(grid: Grid, top: int | None, first: int) -> int:
    """The first row of data: rows with figures above the first year belong to the table too."""
    least = 0 if top is None else top + 1
    while first > least and any(_is_figure(cell) for cell in grid.cells[first - 1]):
        first -= 1
    return first


def _is_figure(cell) -> bool:
    return is_number(cell) or bool(PLAIN.fullmatch(plain(cell).replace(",", ".", 1)))


def _header_rows(grid: Grid, top: int | None, first: int) -> list[int]:
    """The rows of the header above the first row of data, without titles and notes."""
    if top is not None:
        return list(range(top, first))
    heads: list[int] = []
    for row in range(first - 1, -1, -1):
        if row + 1 in grid.gaps and heads:
            break  # an empty row parts the header from what stands above
        if len({cell for cell in grid.cells[row] if cell != ""}) < 2:
            break  # a title
        heads.insert(0, row)
    if not heads and first > 0:  # a table with one named column
        heads = [first - 1]
    return heads


def _names(grid: Grid, heads: list[int], years=()) -> list[tuple[str, ...]]:
    """The levels of every column's name; in a CSV file a level goes on over empty cells."""
    names: list[list[str]] = [[] for _ in range(grid.width)]
    for level, row in enumerate(heads):
        carried = ""
        for column in range(grid.width):
            cells = grid.cells[row]
            text = str(cells[column]).strip() if column < len(cells) else ""
            if text:
                carried = text
            elif grid.word == "line" and level < len(heads) - 1:
                text = carried
            text = " ".join(text.split())
            if text and column not in years and text not in names[column]:
                names[column].append(text)
    return [tuple(levels) for levels in names]


def _year_column(grid: Grid, columns, names, given: str | None) -> int:
    """The column with the years: the one named, or the one whose heading says so."""
    if given is not None:
        return named(grid, names, given, "year")
    called = [at for at in columns if says(names[at], "column") == "year"]
    if len(called) > 1:
        # "Survey year" beside "Year": the plain word counts
        called = [at for at in called if normal(names[at][-1]) == "year"] or called
    if len(called) == 1:
        return called[0]
    most = max(len(rows) for rows in columns.values())
    full = called or [at for at, rows in columns.items() if 2 * len(rows) > most]
    if len(full) == 1:
        return full[0]
    listed = ", ".join(" / ".join(names[at]) or f"column {at + 1}" for at in full)
    remedy = f"Write columns: {{year: {' / '.join(names[full[0]]) or 'its name'}}}."
    raise problem(grid.name, f"several columns with years: {listed}", "one", remedy)


def named(grid: Grid, names, given: str, role: str) -> int:
    """The column with a name, as one level of its header or all of it.

    Raises
    ------
    InputError
        No column, or several, have this name.
    """
    wanted = normal(given)
    levels = [{normal(" / ".join(parts)), normal(" ".join(parts))} for parts in names]
    for candidates in (levels, [{normal(part) for part in parts} for parts in names]):
        found = [at for at, known in enumerate(candidates) if wanted in known]
        if found:
            break
    if len(found) == 1:
        return found[0]
    listed = ", ".join(dict.fromkeys(" / ".join(parts) for parts in names if parts)) or "no names"
    expected = f"one column {given} (columns: {role})"
    remedy = "Write the name as it stands above the column, or correct header."
    what = f"{len(found)} columns {given} among" if found else "the columns"
    raise problem(grid.name, f"{what} {listed}", expected, remedy)


def says(levels: tuple[str, ...], kind: str) -> str:
    """What a heading means: its nearest level, or all of it, is a known word; else empty."""
    known = words(kind)
    for text in (*levels[::-1], " ".join(levels)):
        bare = re.sub(r"\s*[(\[].*?[)\]]\s*$", "", text)
        for candidate in (text, bare):
            if candidate and (meaning := known.get(normal(candidate))):
                return meaning
    return ""

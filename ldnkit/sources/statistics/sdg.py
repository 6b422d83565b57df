"""The UN SDG database: answers of its API (JSON) and its CSV export."""

from __future__ import annotations

from collections.abc import Mapping

from ldnkit.sources.statistics.grids import Grid, problem
from ldnkit.sources.statistics.records import Records, frame
from ldnkit.sources.statistics.series import normal

#: Headings of the CSV export that tell it from other tables.
EXPORT = ("seriescode", "geoareacode", "timeperiod", "value")
#: Columns of the export -> names of raw records.
FIELDS = {
    "seriescode": "series",
    "geoareacode": "area",
    "timeperiod": "year",
    "value": "value",
    "lowerbound": "lower",
    "upperbound": "upper",
    "nature": "nature",
    "units": "unit",
    "location": "location",
    "footnote": "note",
    "seriesdescription": "text",
}
#: Dimensions that do not part values: attributes of the export that stand in brackets too.
ATTRIBUTES = ("nature", "units", "observation status", "unit multiplier")


def from_answer(name: str, answer: Mapping) -> Records:
    """Records of an answer of ``Series/Data`` or ``Indicator/Data``.

    Raises
    ------
    InputError
        There is no list of data, or the answer is one page of several.
    """
    data = answer.get("data")
    if not isinstance(data, list):
        said = str(answer.get("message") or answer.get("title") or ", ".join(map(str, answer)))
        remedy = "Ask the API for Series/Data with seriesCode and areaCode, and save its answer."
        raise problem(name, f"JSON without data ({said[:120]})", "an answer of the API", remedy)
    pages = answer.get("totalPages")
    if isinstance(pages, int) and pages > 1 and len(data) < int(answer.get("totalElements") or 0):
        found = f"page {answer.get('pageNumber')} of {pages}"
        remedy = "Ask again with pageSize=10000, or let the workbook fetch it."
        raise problem(name, found, "all pages in one file", remedy)
    rows = [_row(number, entry) for number, entry in enumerate(data, 1) if isinstance(entry, dict)]
    release = str(answer.get("release") or "")
    return Records(name, "sdg", frame(rows), "entry", release=release)


def _row(number: int, entry: Mapping) -> dict:
    dimensions = _texts(entry.get("dimensions"))
    attributes = _texts(entry.get("attributes"))
    footnotes = entry.get("footnotes")
    footnotes = footnotes if isinstance(footnotes, list) else [footnotes]
    other = {key: text for key, text in dimensions.items() if key != "location"}
    return {
        "place": number,
        "series": entry.get("series"),
        "area": entry.get("geoAreaCode"),
        "year": entry.get("timePeriodStart", entry.get("timePeriod")),
        "location": dimensions.get("location"),
        "value": entry.get("value"),
        "lower": entry.get("lowerBound"),
        "upper": entry.get("upperBound"),
        "nature": attributes.get("nature"),
        "unit": attributes.get("units"),
        "note": "; ".join(str(note).strip() for note in footnotes if note and str(note).strip()),
        "text": entry.get("seriesDescription"),
        "other": tuple(sorted(other.items())),
    }


def _texts(mapping) -> dict[str, str]:
    if not isinstance(mapping, Mapping):
        return {}
    return {normal(key): str(text) for key, text in mapping.items() if text is not None}


def is_export(grid: Grid) -> bool:
    """Whether a grid is the CSV export of the database."""
    heads = {normal(cell) for cell in grid.cells[0]} if grid.cells else set()
    return set(EXPORT) <= heads


def from_grid(grid: Grid) -> Records:
    """Records of the CSV export; its first row has the names.

    Raises
    ------
    InputError
        The columns of the export are missing.
    """
    if not is_export(grid):
        found = f"the columns {', '.join(map(str, grid.cells[0])) if grid.cells else 'none'}"
        expected = "the export of the SDG database (SeriesCode, GeoAreaCode, TimePeriod, Value)"
        raise problem(grid.name, found, expected, "Write format: table, or delete the line.")
    heads = [(str(cell).strip(), normal(cell)) for cell in grid.cells[0]]
    rows = []
    for number, cells in zip(grid.numbers[1:], grid.cells[1:], strict=True):
        padded = [*cells, *[""] * (len(heads) - len(cells))]
        pairs = list(zip(heads, padded, strict=False))
        row = {FIELDS[key]: cell for (_, key), cell in pairs if key in FIELDS}
        other = [
            (key, str(cell))
            for (head, key), cell in pairs
            if head.startswith("[") and key not in (*FIELDS, *ATTRIBUTES) and cell != ""
        ]
        rows.append(row | {"place": number, "other": tuple(sorted(other))})
    return Records(grid.name, "sdg", frame(rows), grid.word, findings=list(grid.findings))

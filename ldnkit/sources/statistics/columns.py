"""Tables of any office as raw records: which column holds what."""

from __future__ import annotations

from collections.abc import Mapping

from ldnkit import outlines
from ldnkit.sources.statistics.figures import is_nothing, is_number, read_figures
from ldnkit.sources.statistics.grids import Grid, problem
from ldnkit.sources.statistics.headers import Layout, is_span, layout, named, says, year_of
from ldnkit.sources.statistics.records import Records, frame
from ldnkit.sources.statistics.series import LOCATIONS, Series, normal, words

#: Columns of raw records that one column of the file fills.
SINGLE = ("location", "lower", "upper", "area", "series", "nature", "unit", "note")


def from_grid(
    grid: Grid,
    series: Series,
    *,
    header: int | None = None,
    columns: Mapping[str, str] | None = None,
    form: str = "table",
) -> Records:
    """Records of a table with the years in one column, or in one row.

    Parameters
    ----------
    grid : Grid
    series : Series
        Its words and codes help to find the column with the values.
    header : int, optional
        Row of the header.
    columns : mapping, optional
        Name of the column that holds year, value, location, lower, upper, or one of the
        locations total, urban and rural. Where years run across, ``value`` names a row.

    Raises
    ------
    InputError
        A column is not there, or it is not clear which one holds the values.
    """
    columns = dict(columns or {})
    found = layout(grid, header=header, year=columns.get("year"))
    roles = roles_of(found, series, columns)
    records = _across(found, roles, columns) if found.across else _down(found, roles)
    values = [roles.get("value"), *(roles.get(place) for place in LOCATIONS)]
    heads = [found.name(at) for at in values if at is not None]
    percent = any(_is_percent(head) for head in heads)
    return Records(
        grid.name,
        form,
        frame(records),
        grid.word,
        percent=percent,
        table=described(found, roles),
        findings=list(grid.findings),
    )


def roles_of(found: Layout, series: Series, columns: Mapping[str, str]) -> dict[str, int]:
    """Role -> column. Values stand in one column, or in one for each location.

    Raises
    ------
    InputError
        It is not clear which column holds the values.
    """
    asked = {} if found.across else {role: columns[role] for role in columns if role != "year"}
    roles = {role: named(found.grid, found.names, name, role) for role, name in asked.items()}
    taken = {found.year, *roles.values(), *(found.across or ())}
    free = [at for at in range(found.grid.width) if at not in taken]
    for at in free:
        meaning = says(found.names[at], "column")
        if meaning in (*SINGLE, "area_name") and meaning not in roles:
            roles[meaning] = at
    for role, known in (("area", _codes()), ("location", words("location"))):
        if role not in roles:
            matches = [at for at in free if at not in roles.values() and _all_in(found, at, known)]
            if len(matches) == 1:
                roles[role] = matches[0]
    if "area" not in roles and "area_name" in roles:
        roles["area"] = roles["area_name"]
    if not found.across and not ({"value", *LOCATIONS} & set(roles)):
        roles |= _values(found, series, set(roles.values()))
    return roles


def _codes() -> set[str]:
    return {normal(code) for code in outlines.countries().index}


def _all_in(found: Layout, at: int, known) -> bool:
    """Whether a column holds nothing but words of a kind."""
    cells = [normal(cell) for row, cell in _data(found, at) if cell != ""]
    return bool(cells) and all(cell in known for cell in cells)


def _data(found: Layout, at: int) -> list[tuple[int, object]]:
    """Cells of a column in the rows that have a year, or a figure under a year."""
    rows = [row for row in found.rows if _is_data(found, row)]
    return [(row, found.cell(row, at)) for row in rows]


def _is_data(found: Layout, row: int) -> bool:
    if found.across:
        return any(not is_nothing(found.cell(row, at)) for at in found.across)
    return year_of(found.cell(row, found.year)) is not None


def _values(found: Layout, series: Series, taken: set[int]) -> dict[str, int]:
    """The column with the values, or one column for each location."""
    numeric = [
        at
        for at in range(found.grid.width)
        if at != found.year and at not in taken and _is_numeric(found, at)
    ]
    if len(series.locations) > 1:
        by_place: dict[str, list[int]] = {}
        for at in numeric:
            if place := _place(found.names[at]):
                by_place.setdefault(place, []).append(at)
        if by_place and all(len(several) == 1 for several in by_place.values()):
            return {place: at for place, (at,) in by_place.items()}
    if len(numeric) == 1:
        return {"value": numeric[0]}
    codes = {normal(code) for code in series.codes}
    for test in (
        lambda levels: any(normal(level) in codes for level in levels),
        lambda levels: any(word in normal(" ".join(levels)) for word in series.words),
        lambda levels: says(levels, "column") == "value",
    ):
        chosen = [at for at in numeric if test(found.names[at])]
        if len(chosen) == 1:
            return {"value": chosen[0]}
    names = ", ".join(found.name(at) for at in numeric) or "none"
    if not numeric:
        remedy = "Name the column as columns: {value: …}, or correct header and sheet."
    else:
        remedy = f"Write columns: {{value: {found.name(numeric[0])}}}, or another one of them."
    raise problem(
        found.grid.name, f"columns with figures: {names}", "one that holds the values", remedy
    )


def _is_numeric(found: Layout, at: int) -> bool:
    """Whether most cells of a column are figures, and not years or numbers of rows."""
    cells = [cell for _, cell in _data(found, at) if not is_nothing(cell)]
    if not cells or says(found.names[at], "column") == "year":
        return False
    figures, _ = read_figures(cells)
    count = sum(figure.kind in ("number", "limit") for figure in figures)
    return 2 * count > len(cells)


def _place(levels: tuple[str, ...]) -> str:
    """The location that a heading names, as a whole or as one of its words."""
    if place := says(levels, "location"):
        return place
    known = words("location")
    for level in reversed(levels):
        text = f" {normal(level).replace('(', ' ').replace(')', ' ').replace(',', ' ')} "
        places = {
            meaning for word, meaning in known.items() if len(word) > 1 and f" {word} " in text
        }
        if len(places) == 1:
            return places.pop()
    return ""


def _is_percent(text: str) -> bool:
    """Whether a heading names percent."""
    text = f" {normal(text)} "
    return any(word in text if word == "%" else f" {word}" in text for word in words("percent"))


def _down(found: Layout, roles: Mapping[str, int]):
    """Records of a table with the years in one column."""
    places = {place: roles[place] for place in LOCATIONS if place in roles}
    pairs = [(place, at) for place, at in places.items()] or [("", roles["value"])]
    for row in found.rows:
        year = found.cell(row, found.year)
        for place, at in pairs:
            value = found.cell(row, at)
            if not _belongs(found, year, value):
                continue
            record = {role: found.cell(row, roles[role]) for role in SINGLE if role in roles}
            if place:
                record["location"] = place
            where = found.grid.numbers[row]
            yield record | {"place": where, "year": year, "value": value}


def _belongs(found: Layout, year, value) -> bool:
    """Whether a row is one of the table: notes below it have neither year nor figure."""
    if year_of(year) is not None or is_span(year):
        return True
    figure = read_figures([value])[0][0]
    return figure.kind in ("number", "limit")


def _across(found: Layout, roles: Mapping[str, int], columns: Mapping[str, str]):
    """Records of a table with a year in every column."""
    keys = [at for at in range(found.grid.width) if at not in found.across]
    wanted = normal(columns["value"]) if "value" in columns else None
    for row in found.rows:
        labels = [normal(found.cell(row, at)) for at in keys if not is_number(found.cell(row, at))]
        if wanted is not None and wanted not in labels:
            continue
        if not _is_data(found, row):
            continue
        record = {role: found.cell(row, roles[role]) for role in SINGLE if role in roles}
        if not record.get("location"):
            known = [words("location")[text] for text in labels if text in words("location")]
            record["location"] = known[0] if len(known) == 1 else ""
        record["text"] = " ".join(str(found.cell(row, at)) for at in keys).strip()
        for at, year in found.across.items():
            value = found.cell(row, at)
            yield record | {"place": found.grid.numbers[row], "year": year, "value": value}
    if wanted is not None and wanted not in {
        normal(found.cell(row, at)) for row in found.rows for at in keys
    }:
        rows = dict.fromkeys(str(found.cell(row, keys[0])) for row in found.rows if keys)
        listed = ", ".join(list(rows)[:8])
        raise problem(
            found.grid.name,
            f"the rows {listed}",
            f"a row {columns['value']} (columns: value)",
            "Years run across: write the name of the row with the values.",
        )


def described(found: Layout, roles: Mapping[str, int]) -> str:
    """In words what was read: the header and the columns, for people to check."""
    said = [f"header in {found.grid.word} {found.header}" if found.header else "no header"]
    if found.across:
        years = sorted(found.across.values())
        said.append(f"years across, {years[0]} to {years[-1]}")
    else:
        said.append(f"year: {found.name(found.year)}")
    shown = ("value", *LOCATIONS, "location", "lower", "upper", "area", "series")
    said += [f"{role}: {found.name(roles[role])}" for role in shown if role in roles]
    return "; ".join(said)

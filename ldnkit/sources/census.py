"""Tables of people: a census by district, and the official figures of the country."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd

from ldnkit import areas, blocks, population_districts
from ldnkit.csvfiles import NUMBER, WHOLE, UserTable
from ldnkit.findings import Finding, InputError, stop_on_errors
from ldnkit.places import touching
from ldnkit.population_districts import Districts
from ldnkit.population_kernels import add, split

GROUPS = ("total", "female", "male")
#: Thousands of people that no country has: the figures are persons.
_TOO_MANY = 2_000_000
#: Women and men may differ from the total by this share, from rounding.
_ROUNDING = 1e-3


@dataclass(frozen=True, eq=False)
class Census:
    """People of districts in persons per cell of any grid; one group and year."""

    districts: Districts
    persons: np.ndarray
    sums: np.ndarray
    spots: tuple[np.ndarray, np.ndarray]
    grid: object
    weight: object = None

    def read(self, grid) -> np.ndarray:
        """Persons per cell, float64; NaN outside the districts."""
        result = np.full(tuple(grid.shape), np.nan)
        for rows, columns in touching(self.grid, grid):
            for top, left, piece in blocks.windows(self.grid[rows, columns]):
                filled = self._fill(piece, rows.start + top, columns.start + left)
                result = add(result, split(filled, piece, grid))
        return result

    def _fill(self, piece, top, left) -> np.ndarray:
        rows, columns = self.spots[0] - top, self.spots[1] - left
        here = (rows >= 0) & (rows < piece.shape[0]) & (columns >= 0) & (columns < piece.shape[1])
        return self.districts.fill(
            self.persons,
            self.sums,
            self.districts.numbers(piece),
            areas.cell_area(piece),
            None if self.weight is None else np.nan_to_num(self.weight.read(piece)),
            piece,
            cells=(np.where(here, rows, -1), np.where(here, columns, -1)),
        )


def counts(country, sex, year, share=1.0) -> Census:
    """People of a census as an input; ``share`` of the total where only a ratio is known."""
    persons = _of_sex(read(country).xs(year, level="year"), sex, share)
    districts, sums, spots = layout(country)
    try:
        ordered = districts.arrange(persons.to_frame(sex))[sex]
    except ValueError as error:
        raise _error(f"{country.population.table.name}, {year}", error) from error
    return Census(districts, ordered, sums, spots, country.grid, _weight(country.population))


def _of_sex(people, sex, share=1.0) -> pd.Series:
    """One group of a census table; women and men together are the total."""
    if sex in ("female", "male") and sex in people:
        return people[sex]
    total = people.get("total", pd.Series(np.nan, people.index))
    if {"female", "male"} <= set(people):
        total = people[["female", "male"]].sum(axis=1, min_count=2).fillna(total)
    return total * share


#: Districts, their sums and their spots, kept for the country in work.
_kept: dict = {}


def layout(country) -> tuple[Districts, np.ndarray, tuple[np.ndarray, np.ndarray]]:
    """The districts, and how they lie on the country's grid: counted once.

    Returns the districts; their cells, area and weight; row and column of a point inside each.
    """
    section = country.population
    stamps = tuple(_stamp(file) for file in (section.districts.file, section.weight) if file)
    key = (stamps, section.districts.layer, section.district_key, section.nodata, country.grid)
    if key not in _kept:
        _kept.clear()
        districts = polygons(section)
        sums = _sums(districts, country.grid, _weight(section))
        _kept[key] = districts, sums, districts.cells(country.grid)
    return _kept[key]


def polygons(section) -> Districts:
    """The districts of a census; their keys are text, as in the table.

    Raises
    ------
    InputError
        The file does not open, has no reference system or no such attribute.
    """
    import geopandas
    from pyogrio.errors import DataLayerError, DataSourceError

    file, layer, key = section.districts.file, section.districts.layer, section.district_key
    try:
        shapes = geopandas.read_file(file, **({"layer": layer} if layer else {}))
        if not isinstance(shapes, geopandas.GeoDataFrame) or key not in shapes:
            raise ValueError(
                f"no attribute {key!r} among "
                f"{', '.join(name for name in shapes if name != 'geometry')}"
            )
        shapes = shapes[shapes.geometry.notna() & ~shapes.geometry.is_empty]
        names = [_key(value) for value in shapes[key]]
        shapes = shapes.set_geometry(shapes.geometry.make_valid())
        return Districts.of(shapes.set_axis(names))
    except (DataSourceError, DataLayerError, OSError, ValueError) as error:
        raise _error(f"population.districts ({file.name})", error) from error


def _error(where, error) -> InputError:
    remedy = "Correct the file, or population: districts and table, in the country file."
    expected = "polygons whose key names the districts of the table"
    return InputError([Finding("error", where, str(error), expected, remedy, "09")])


def _key(value) -> str:
    """A key as a table would have it: whole numbers without a decimal point."""
    return str(int(value)) if isinstance(value, float) and value == int(value) else str(value)


def _stamp(file) -> tuple[str, int]:
    return str(file), Path(file).stat().st_mtime_ns


def _sums(districts, grid, weight) -> np.ndarray:
    total = np.zeros((3, len(districts.names)))
    for _, _, block in blocks.windows(grid):
        numbers = districts.numbers(block)
        if (numbers < 0).all():
            continue
        values = None if weight is None else np.nan_to_num(weight.read(block))
        area = areas.cell_area(block)
        total += population_districts.sums(numbers, area, values, len(districts.names))
    return total


def _weight(section):
    from ldnkit.sources.people import Counts

    return Counts((section.weight,), "counts", section.nodata) if section.weight else None


# -------------------------------------------------------------------------------- tables


def read(country) -> pd.DataFrame:
    """The census table, checked.

    Raises
    ------
    InputError
        Mistakes in the table; all are listed.
    """
    people, findings = table(country)
    stop_on_errors(finding for finding in findings if finding.severity == "error")
    return people


def table(country) -> tuple[pd.DataFrame, list[Finding]]:
    """The census: persons by group, indexed by district and year; and what is wrong with it."""
    return _table(*_stamp(country.population.table))


@lru_cache(maxsize=4)
def _table(path, stamp) -> tuple[pd.DataFrame, list[Finding]]:
    file = UserTable(path, ["district", "year"], names=[], notebook="09")
    groups = _groups(file)
    years = _years(file)
    frame = pd.DataFrame({group: _persons(file, group) for group in groups}, file.rows.index)
    frame["district"], frame["year"] = file.rows["district"], years
    if not file.missing:
        for line in file.rows.index[file.rows["district"] == ""]:
            file.add_cell(line, "district", "the name of a district", "Fill the cell.")
        again = frame.dropna(subset="year").duplicated(["district", "year"])
        for line in again.index[again]:
            found = f"{frame.at[line, 'district']} in {frame.at[line, 'year']:.0f} a second time"
            file.add(f"line {line}", found, "each district and year once", "Delete a row.")
    _sum_of_sexes(file, frame)
    frame = frame.dropna(subset="year").astype({"year": int})
    return frame.set_index(["district", "year"])[groups], file.findings


def official(country) -> tuple[pd.DataFrame, list[Finding]]:
    """Official totals in persons: year, total, female, male; and what is wrong with them."""
    columns = ["year", *GROUPS]
    if country.population is None or country.population.national is None:
        return pd.DataFrame({name: pd.Series(dtype=float) for name in columns}), []
    file = UserTable(country.population.national, ["year"], names=[], notebook="09")
    groups = _groups(file)
    frame = pd.DataFrame(index=file.rows.index)
    frame["year"] = _years(file)
    for group in GROUPS:
        frame[group] = _persons(file, group) if group in groups else np.nan
    frame["total"] = frame["total"].fillna(frame["female"] + frame["male"])
    if not file.missing:
        again = frame["year"].dropna().duplicated()
        for line in again.index[again]:
            found = f"{frame.at[line, 'year']:.0f} a second time"
            file.add(f"line {line}", found, "each year once", "Delete a row.")
    for line in frame.index[frame["total"] > _TOO_MANY]:
        found = f"{frame.at[line, 'total']:,.0f} thousand people"
        file.add(f"line {line}", found, "thousands", "Divide the figures by 1000.")
    _sum_of_sexes(file, frame)
    frame = frame.dropna(subset="year").astype({"year": int})
    frame[list(GROUPS)] *= 1000
    return frame.sort_values("year").reset_index(drop=True), file.findings


def _groups(file) -> list[str]:
    """The groups that a table gives: women and men, or all people."""
    groups = [group for group in GROUPS if group in file.rows]
    if not file.findings and not ("total" in groups or {"female", "male"} <= set(groups)):
        found = "columns " + ", ".join(file.rows.columns)
        file.add("", found, "female and male, or total", "Add the columns.")
    return groups


def _years(file) -> pd.Series:
    years = pd.Series(np.nan, file.rows.index)
    if "year" in file.missing:
        return years
    for line, cell in file.rows["year"].items():
        if WHOLE.fullmatch(cell) and 1900 <= int(cell) <= 2100:
            years[line] = int(cell)
        else:
            file.add_cell(line, "year", "a year", "Correct the cell.")
    return years


def _persons(file, group) -> pd.Series:
    """A column as numbers; an empty cell is not known."""
    values = pd.Series(np.nan, file.rows.index)
    for line, cell in file.rows[group].items():
        if NUMBER.fullmatch(cell) and float(cell) >= 0:
            values[line] = float(cell)
        elif cell != "":
            remedy = "Write digits only, with a point for decimals."
            file.add_cell(line, group, "a number of zero or more", remedy)
    return values


def _sum_of_sexes(file, frame) -> None:
    if not set(GROUPS) <= set(frame):
        return
    both = frame["female"] + frame["male"]
    for line in frame.index[(both - frame["total"]).abs() > _ROUNDING * frame["total"]]:
        found = f"female + male = {both[line]:,.1f} and total = {frame.at[line, 'total']:,.1f}"
        file.add(f"line {line}", found, "the same number", "Correct one of the three.", "warning")

"""Maps and tables said in words: the shares of each class and where degraded land lies."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ldnkit import areas as ground
from ldnkit import pictures, tables
from ldnkit.figures import writing
from ldnkit.numerals import number, percent, short
from ldnkit.scales import Counts

#: Shares of degraded land below this in each ninth of the country: no place stands out.
SPREAD = 0.2
#: Drought classes whose place is named: severe and extreme.
STRONG_DROUGHT = [3, 4]
CACHE_BYTES = 128 * 2**20
PLACES = (
    ("north_west", "north", "north_east"),
    ("west", "centre", "east"),
    ("south_west", "south", "south_east"),
)


def describe(
    source,
    *,
    name: str,
    palette="degradation",
    column: str | None = None,
    inside=None,
    water=None,
    areas=None,
    language: str = "en",
) -> str:
    """One or two sentences on a map or table, computed from every cell.

    Parameters
    ----------
    source : Path, str, DataArray (y, x) or DataFrame
        A class layer, or a cross-table with ``area_km2``.
    name : str
        What the map shows; begins the sentence.
    palette : str, DataFrame or Counts
        As for :func:`ldnkit.maps.figure`. Persons (:func:`ldnkit.maps.persons`) are added up.
    column : str, optional
        Class column of a table; needed only when the table has several.
    inside : Path or DataArray, optional
        Zones on the same grid: cells outside do not count, and no data inside is counted.
    water : Path or DataArray, optional
        Land cover in UNCCD classes, true and false, or (layer, codes of water) for a national
        legend; same grid. Water does not count.
    areas : ndarray, km², optional
        Cell areas in place of :func:`ldnkit.areas.cell_area`.
    language : str

    Returns
    -------
    str
        Shares in percent, what they are shares of, and the part of the country with most of
        the degraded land (of severe and extreme drought, of the people). That part is one of
        nine: thirds of the area from north to south crossed with thirds from west to east.
        For drought also the share of mild or worse, and the largest class.

    Raises
    ------
    ValueError, KeyError
        A layer without coordinate reference system, another grid, an unclear class column, or
        densities, which cannot be added up.

    Examples
    --------
    >>> table = pd.DataFrame({"sdg": [-1, 0], "area_km2": [25.0, 75.0]})
    >>> print(describe(table, name="SDG 15.3.1").split(". ")[0])
    SDG 15.3.1: Degraded 25.0 %, Stable 75.0 %, Improved 0.0 %
    """
    if isinstance(source, pd.DataFrame):
        classes = pictures.classes(palette, language)
        sums = source.groupby(_class_column(source, column))["area_km2"].sum()
        sentence = _shares(sums, classes, name, "table", language)
        return sentence + _in_drought(palette, sums, classes, language)

    import rasterio

    tell = _describe_counts if isinstance(palette, Counts) else _describe_layer
    with rasterio.Env(GDAL_CACHEMAX=CACHE_BYTES):
        return tell(source, name, palette, inside, water, areas, language)


def _describe_layer(source, name, palette, inside, water, areas, language) -> str:
    counts, rows, columns = [], [], 0
    for codes, weights, _ in _parts(source, inside, water, areas):
        counts.append(ground.crosstab(weights, where=weights > 0, code=codes))
        rows.append(weights.sum(axis=1))
        columns = columns + weights.sum(axis=0)
    sums = ground.merge(counts).set_index("code")["area_km2"]
    basis = "data" if inside is None else "inside" if water is None else "land"
    classes = pictures.classes(palette, language)
    sentence = _shares(sums, classes, name, basis, language)
    sentence += _in_drought(palette, sums, classes, language)
    focus = _degraded(palette)
    if sums.reindex(focus).fillna(0).sum():
        parts = (
            (np.where(np.isin(codes, focus), weights, 0.0), start)
            for codes, weights, start in _parts(source, inside, water, areas)
        )
        about = "_drought" if palette == "drought" else ""
        sentence += " " + _where(parts, np.concatenate(rows), columns, about, language)
    return sentence + _if_english(language)


def _if_english(language: str) -> str:
    """That the words in the figure are English, where this computer lacks the letters."""
    if writing(language)[0] == language:
        return ""
    return " " + tables.label("map.english_words", language)


def _describe_counts(source, name, palette, inside, water, areas, language) -> str:
    """How many persons a layer counts, in how many cells, and where most of them are."""
    if not palette.additive:
        raise ValueError(
            f"Densities cannot be added up: found a layer in {palette.unit}; "
            "describe the layer of persons per cell."
        )
    total, cells, rows, columns = 0.0, 0, [], 0
    for counts, weights, _ in _counted(source, inside, water, areas):
        total += counts.sum(dtype=float)
        cells += int((counts > 0).sum())
        rows.append(weights.sum(axis=1))
        columns = columns + weights.sum(axis=0)
    sentence = tables.label("map.people_counted", language).format(
        name=name, number=short(round(total), language), cells=short(cells, language)
    )
    if total:
        parts = ((counts, at) for counts, _, at in _counted(source, inside, water, areas))
        sentence += " " + _where(parts, np.concatenate(rows), columns, "_people", language)
    return sentence + _if_english(language)


def _in_drought(palette, sums: pd.Series, classes: pd.DataFrame, language: str) -> str:
    """The share of drought, mild or worse, and the largest class; nothing for other palettes."""
    if not isinstance(palette, str) or palette != "drought" or not sums.sum():
        return ""
    known = sums.reindex(classes["code"]).fillna(0)
    if not known.sum():
        return ""
    names = classes.set_index("code")["label"]
    return " " + tables.label("map.drought_share", language).format(
        share=percent(known[known.index >= 1].sum() / sums.sum(), language),
        label=names[known.idxmax()],
    )


def _class_column(frame: pd.DataFrame, column: str | None) -> str:
    if column is not None:
        if column not in frame:
            raise KeyError(f"No column {column}: found {', '.join(frame)}; choose one of these.")
        return column
    known = {"zone", "period", "year", "cells", "area_km2", "land_cover", "land_type"}
    candidates = [name for name in frame if name not in known]
    if len(candidates) != 1:
        raise ValueError(
            f"Which classes to describe is not clear: found {', '.join(candidates) or 'none'}; "
            "give column=."
        )
    return candidates[0]


def _parts(source, inside, water, areas):
    """Strips of the layer: codes, area of every cell that counts (0 for others), first row."""
    for values, missing, weights, start in _strips(source, inside, water, areas):
        yield np.where(missing, tables.NODATA, values).astype(np.int16), weights, start


def _counted(source, inside, water, areas):
    """Strips of a layer of counts: the counts (0 where none counts), areas, first row."""
    for values, missing, weights, start in _strips(source, inside, water, areas):
        yield np.where(missing | (weights == 0), 0.0, values), weights, start


def _strips(source, inside, water, areas):
    """Strips of the layer: values, missing, area of every cell that counts, first row."""
    with pictures.opened(source) as (grid, _):
        cell = ground.cell_area(grid) if areas is None else np.asarray(areas, float)
    water, codes_of_water = pictures.water_codes(water)
    layers = {"source": source, "inside": inside, "water": water}
    layers = {name: layer for name, layer in layers.items() if layer is not None}
    for name, layer in layers.items():
        with pictures.opened(layer) as (other, _):
            pictures.agree(grid, other, name)
    for strips in zip(*map(pictures.strips, layers.values()), strict=True):
        found = dict(zip(layers, strips, strict=True))
        rows, values, missing = found["source"]
        counted = ~missing if inside is None else np.ones(values.shape, bool)
        if inside is not None:
            _, zones, outside = found["inside"]
            counted &= zones if zones.dtype == bool else ~outside
        if water is not None:
            counted &= ~pictures.is_water(*found["water"][1:], codes_of_water)
        part = cell[rows] if cell.shape[0] > 1 else cell
        yield values, missing, np.where(counted, part, 0.0), rows.start


def _degraded(palette) -> list[int]:
    """Codes of degraded land or strong drought; none for land cover and own palettes."""
    if not isinstance(palette, str):
        return []
    if palette == "drought":
        return STRONG_DROUGHT
    if palette in ("degradation", "sdg"):
        return [-1]
    if palette == "productivity":
        return [code for code, sign in tables.lpd_degradation().items() if sign == -1]
    if palette == "status_detail":
        matrix = tables.status_matrix()
        return sorted(set(matrix.loc[matrix["status"] == -1, "detail"]))
    return []


def _shares(sums: pd.Series, classes: pd.DataFrame, name: str, basis: str, language: str) -> str:
    total = sums.sum()
    if not total:
        return tables.label("sentence.empty", language).format(name=name)
    rows = [(code, text) for code, text, _ in classes.itertuples(index=False)]
    if sums.get(tables.NODATA, 0) > 0:
        rows.append((tables.NODATA, tables.label("no_data", language)))
    comma = {"ar": "، ", "zh": "，"}.get(language, ", ")
    shares = [f"{text} {percent(sums.get(code, 0) / total, language)}" for code, text in rows]
    return tables.label("map.describe", language).format(
        name=name,
        shares=comma.join(shares),
        area=number(total, language),
        basis=tables.label(f"map.basis_{basis}", language),
    )


def _where(parts, rows, columns, about: str, language: str) -> str:
    """The ninth of the country that holds most of what is looked for.

    ``parts``: strips of how much of it each cell holds, with their first row.
    """
    south, east = _thirds(rows), _thirds(columns)
    ninths = np.zeros((3, 3))
    for amounts, start in parts:
        band = south[start : start + len(amounts)]
        for third in range(3):
            ninths[third] += np.bincount(east, amounts[band == third].sum(axis=0), minlength=3)
    share = ninths.max() / ninths.sum()
    if share < SPREAD:
        return tables.label(f"map.spread{about}", language).format(
            share=percent(SPREAD, language, 0)
        )
    row, column = np.unravel_index(ninths.argmax(), ninths.shape)
    place = tables.label(f"map.place_{PLACES[row][column]}", language)
    share = percent(share, language, 0)
    return tables.label(f"map.where{about}", language).format(place=place, share=share)


def _thirds(weights: np.ndarray) -> np.ndarray:
    """0, 1 or 2 for each row (or column): the third of the area its middle lies in."""
    middle = (np.cumsum(weights) - weights / 2) / weights.sum()
    return np.minimum((middle * 3).astype(int), 2)

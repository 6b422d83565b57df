"""One block of the indicators of people and drought: plain arrays in, layers and tables out.

People of a year arrive as ``<sex>_<year>``, persons per cell, NaN where they are not known;
drought classes as ``drought_<year>``. ``sexes`` is (total,), or (female, male), whose sum is the
total.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from ldnkit import areas, drought, drought_kernels
from ldnkit.kernels.shared import block_area, nothing, place_of
from ldnkit.population_kernels import add
from ldnkit.tables import NODATA


def people_of(arrays: Mapping, sexes, year) -> dict[str, np.ndarray]:
    """Persons by sex of a year, the total first; where one sex has no data the other counts."""
    people = {sex: arrays[f"{sex}_{year}"] for sex in sexes}
    if "total" in people:
        return people
    return {"total": add(people["female"], people["male"])} | people


def population(arrays, grid, *, years, sexes):
    """Persons of every year inside and outside the country; ``inside`` is a share of cells.

    With a share ``affected`` those in the affected area are a table of their own.
    """
    rows, affected = [], []
    for year in years:
        for sex, counts in people_of(arrays, sexes, year).items():
            known, inside = np.nan_to_num(counts), arrays["inside"]
            rows.append((year, sex, "inside", float((known * inside).sum())))
            rows.append((year, sex, "outside", float((known * (1 - inside)).sum())))
            if "affected" in arrays:
                persons = float((known * arrays["affected"]).sum())
                affected.append((year, sex, "inside", persons))
    columns = ["year", "sex", "place", "persons"]
    found = {"population": rows} | ({"population_affected": affected} if affected else {})
    return {}, {name: pd.DataFrame(some, columns=columns) for name, some in found.items()}


def land_exposure(arrays, grid, *, years, sexes, exposed_by, shown):
    """People by class of the land they live on, for the last year of every period.

    ``years`` maps the name of a period to its status year and the year of the population. The
    baseline has one assessment, which is both its period class and its status. ``shown`` are the
    periods whose people on degraded land are written as layers, by status or period assessment.
    """
    zones = arrays["zones"]
    inside = zones != NODATA
    area = block_area(arrays, grid)
    layers, found = {}, []
    for period, (year, population_year) in years.items():
        classes = {"period": arrays[f"sdg_{period}"]}
        classes["status"] = arrays.get(f"status_{period}", classes["period"])
        people = people_of(arrays, sexes, population_year)
        if "coverage" in arrays:
            people = {sex: counts * arrays["coverage"] for sex, counts in people.items()}
        known = np.where(np.isnan(people["total"]), 0.0, area)
        table = areas.crosstab(
            area,
            where=inside,
            weights=people | {"known_km2": known},
            **place_of(arrays),
            land_cover=arrays[f"cover_{year}"],
            period_class=classes["period"],
            status_class=classes["status"],
        )
        table.insert(0, "year", year)
        table.insert(1, "population_year", population_year)
        found.append(table)
        if period in shown:
            degraded = inside & (classes[exposed_by] == -1)
            for sex, counts in people.items():
                layers[f"exposed_{sex}_{year}"] = _where_known(counts, degraded, inside)
    return layers, {"exposure": areas.merge(found)}


def _where_known(counts, exposed, inside) -> np.ndarray:
    """Persons where exposed, 0 elsewhere in the country, NaN outside."""
    values = np.where(exposed, np.nan_to_num(counts), 0.0)
    return np.where(inside, values, np.nan).astype(np.float32)


def drought_index(arrays, grid, *, years, windows, compat, options):
    """Index, class and worst class of four years, from a series of months."""
    times, series = arrays["series"]
    found_years, index, quality = drought_kernels.index_of_month(series, times, **options)
    found = dict(zip((int(year) for year in found_years), index, strict=True))
    table = areas.crosstab(areas.cell_area(grid), quality=quality)
    return _index_layers(found, grid, years, windows, compat), {"quality": table}


def given_index(arrays, grid, *, given, scale, years, windows, compat):
    """The same from ready maps of the index; ``given`` are their years."""
    found = dict(zip(given, np.asarray(arrays["index"], np.float32) / scale, strict=True))
    known = np.array([~np.isnan(index) for index in found.values()])
    quality = np.where(known.all(axis=0), 0, np.where(known.any(axis=0), 4, NODATA))
    table = areas.crosstab(areas.cell_area(grid), quality=quality.astype(np.int16))
    return _index_layers(found, grid, years, windows, compat), {"quality": table}


def _index_layers(found, grid, years, windows, compat) -> dict[str, np.ndarray]:
    layers, classes = {}, {}
    for year in years:
        index = found.get(year, np.full(grid.shape, np.nan)).astype(np.float32)
        layers[f"drought_index_{year}"] = index
        classes[year] = layers[f"drought_{year}"] = drought.classes(index, compat=compat)
    for first, last in windows:
        # no data is the smallest code: the highest class wins whatever is missing
        here = [classes[year] for year in range(first, last + 1) if year in classes]
        worst = np.max(here, axis=0) if here else nothing(grid.shape)
        layers[f"drought_worst_{first}_{last}"] = worst.astype(np.int16)
    return layers


def drought_areas(arrays, grid, *, years, windows):
    """Land by drought class, of every year and window.

    ``years`` and ``windows`` map a year, or (first, last), to the year whose land cover decides
    what is land.
    """
    found = list(_drought_tables(arrays, grid, {year: (year,) for year in years}, years, ["year"]))
    spans = {f"worst_{first}_{last}": (first, last) for first, last in windows}
    covers = {name: windows[span] for name, span in spans.items()}
    worst = list(_drought_tables(arrays, grid, spans, covers, ["first", "last"]))
    return {}, {"drought": areas.merge(found), "drought_windows": areas.merge(worst)}


def _drought_tables(arrays, grid, spans, covers, columns) -> Iterator[pd.DataFrame]:
    zones = arrays["zones"]
    area = block_area(arrays, grid)
    for name, span in spans.items():
        table = areas.crosstab(
            area,
            where=zones != NODATA,
            **place_of(arrays),
            land_cover=arrays[f"cover_{covers[name]}"],
            drought=arrays[f"drought_{name}"],
        )
        table.insert(0, "land_cover_year", covers[name])
        for place, (column, value) in enumerate(zip(columns, span, strict=True)):
            table.insert(place, column, value)
        yield table


def drought_exposure(arrays, grid, *, years, windows, sexes):
    """People by drought class, of every year and window, on the grid of the population.

    ``years`` and ``windows`` map a year, or (first, last), to the year of the population. With a
    share ``affected`` the people of the affected area have tables of their own.
    """
    layers, found = {}, {}
    for layer, suffix in (("inside", ""), ("affected", "_affected")):
        if layer not in arrays:
            continue
        share = arrays[layer]
        spans = {(year,): population_year for year, population_year in years.items()}
        yearly = _by_class(arrays, share, sexes, spans, ("year",), "drought_{}")
        worst = _by_class(arrays, share, sexes, windows, ("first", "last"), "drought_worst_{}_{}")
        found[f"drought_exposure{suffix}"] = yearly
        found[f"drought_exposure_windows{suffix}"] = worst
    inside = arrays["inside"]
    for (first, last), population_year in windows.items():
        people = people_of(arrays, sexes, population_year)["total"] * inside
        exposed = arrays[f"drought_worst_{first}_{last}"] > 0
        layers[f"drought_exposed_{first}_{last}"] = _where_known(people, exposed, inside > 0)
    return layers, found


def _by_class(arrays, share, sexes, spans, columns, layer) -> pd.DataFrame:
    """People by class of one layer for each span of years."""
    found = []
    for span, population_year in spans.items():
        people = people_of(arrays, sexes, population_year)
        people = {sex: counts * share for sex, counts in people.items()}
        classes = arrays[layer.format(*span)]
        table = areas.crosstab(np.zeros((1, 1)), where=share > 0, weights=people, drought=classes)
        for place, (column, value) in enumerate(zip(columns, span, strict=True)):
            table.insert(place, column, value)
        table.insert(len(columns), "population_year", population_year)
        found.append(table.drop(columns="area_km2"))
    return areas.merge(found)

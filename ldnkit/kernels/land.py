"""One block of the indicators of land: plain arrays in, classes and tables out.

Land cover of a year arrives as ``cover_<year>``; ``ends`` maps a period to the year whose land
cover decides what is land in the period's tables. :func:`ldnkit.blocks.run` calls every kernel as
``kernel(arrays, grid)``. They use the same pure functions as the notebooks; options are bound with
``functools.partial``.
"""

from __future__ import annotations

import numpy as np
import xarray as xr

from ldnkit import areas, degradation, lookup, productivity, soil
from ldnkit import productivity_kernels as series
from ldnkit.kernels.shared import block_area, nothing, place_of
from ldnkit.tables import NODATA

_UNKNOWN = 32767

#: Corrections of the productivity trend for climate, by their name in the country file.
CORRECTIONS = {"restrend": productivity.restrend, "use_efficiency": productivity.use_efficiency}


def nest(raw, nesting: lookup.Kernel, inside):
    """Legend classes of native codes inside the country, and where a code is unknown."""
    classes = nesting.lookup(raw)
    unknown = (classes == _UNKNOWN) & inside
    return np.where(inside & ~unknown, classes, NODATA).astype(np.int16), unknown


def nest_years(years, maps, nesting, inside, area):
    """Classes of every year, and the table ``unknown`` when there are codes to complain about."""
    classes, unknown = {}, []
    for year, raw in zip(years, maps, strict=True):
        classes[year], strange = nest(raw, nesting, inside)
        if strange.any():
            unknown.append(areas.crosstab(area, where=strange, code=raw).assign(year=year))
    return classes, {"unknown": areas.merge(unknown)} if unknown else {}


def land_cover(arrays, grid, *, nesting, matrix, used, nominal, pairs):
    """Classes of every nominal year, degradation of every period, their cross-table.

    ``used`` are the years read, ``nominal`` maps table years to them, ``pairs`` maps a period
    to its first and last nominal year.
    """
    zones = arrays["zones"]
    inside = zones != NODATA
    area = block_area(arrays, grid)
    by_year, tables = nest_years(used, arrays["land_cover"], nesting, inside, area)
    layers = {f"land_cover_{year}": by_year[nominal[year]] for year in nominal}
    crossed = place_of(arrays) | layers
    for period, (first, last) in pairs.items():
        name = f"land_cover_degradation_{period}"
        classes = matrix(zones, layers[f"land_cover_{first}"], layers[f"land_cover_{last}"])
        layers[name] = crossed[f"degradation_{period}"] = classes
    tables["land_cover"] = areas.crosstab(area, where=inside, **crossed)
    return layers, tables


def productivity_reference(arrays, grid, *, years, windows, minimum_years, scale):
    """First pass: how many cells of each unit have each mean, for every period."""
    counts: dict[str, list] = {period: [] for period in windows}
    for cells, values in _alike(arrays["productivity"], arrays["zones"] != NODATA):
        for period, window in windows.items():
            here, units = _within(years, window), arrays[f"units_{period}"][cells]
            if len(here):
                counted = series.reference_counts(
                    values[here], units, minimum_years=minimum_years, scale=scale
                )
                counts[period].append(counted)
    return {}, {period: areas.merge(parts) for period, parts in counts.items() if parts}


def productivity_dynamics(
    arrays, grid, *, years, periods, starts, ends, correction, references, trend, state, performance
):
    """Trend, state, performance, dynamics and degradation of every period.

    ``correction`` is None, or its name and the years of the climate layers: the trend is then
    that of the corrected series.
    """
    zones = arrays["zones"]
    inside = zones != NODATA
    area = block_area(arrays, grid)
    years = np.asarray(years)
    steps = {
        period.name: {name: nothing(grid.shape) for name in ("trend", "state", "performance")}
        for period in periods
    }
    for cells, values in _alike(arrays["productivity"], inside):
        climate = arrays["climate"][:, cells] if correction else None
        for period in periods:
            window = _within(years, period.trend_years)
            if not len(window):
                continue
            found = steps[period.name]
            trended, trend_years = values[window], years[window]
            if correction:
                trended, trend_years = _corrected(trended, trend_years, climate, *correction)
            if len(trend_years) >= trend["minimum_years"]:
                found["trend"][cells] = series.trend(trended, trend_years, **trend)
            history, recent = (
                len(_within(years, part)) for part in (period.history, period.recent)
            )
            if history >= state["minimum_history"] and recent >= state["minimum_recent"]:
                found["state"][cells] = series.state(
                    values, years, period.history, period.recent, **state
                )
            units, reference = arrays[f"units_{period.name}"][cells], references[period.name]
            found["performance"][cells] = series.performance(
                values[window], units, reference, **performance
            )
    layers, tables = {}, []
    for period in periods:
        found = steps[period.name]
        found["land_productivity"] = productivity.dynamics(*found.values())
        cover = starts[period.name], ends[period.name]
        _finish_productivity(layers, tables, found, period.name, cover, arrays, area, inside)
    return layers, {"productivity": areas.merge(tables)}


def _alike(values, inside):
    """Cells of the country without gaps and their values, then those with gaps, as floats.

    Cells without any value are left out. Integers are most of the speed.
    """
    valid = ~np.isnan(values) if values.dtype.kind == "f" else values != NODATA
    complete, some = valid.all(axis=0), valid.any(axis=0)
    if (inside & complete).any():
        yield inside & complete, values[:, inside & complete]
    gaps = inside & some & ~complete
    if gaps.any():
        yield gaps, series.with_nan(values[:, gaps])


def _corrected(values, years, climate, method, climate_years):
    """The series without what climate explains, for the years that have both."""
    both = [int(year) for year in years if year in climate_years]
    annual, rain = (
        xr.DataArray(array, {"year": list(own)}, ("year", "cell")).sel(year=both)
        for array, own in ((values, years), (climate, climate_years))
    )
    return CORRECTIONS[method](annual, rain).values, both


def ready_dynamics(arrays, grid, *, periods, starts, ends):
    """The same from ready-made maps of land productivity dynamics: no trend, state, performance."""
    inside = arrays["zones"] != NODATA
    area = block_area(arrays, grid)
    layers, tables = {}, []
    for period in periods:
        ready = arrays.get(f"lpd_{period.name}", nothing(grid.shape))
        found = {"land_productivity": np.where(inside, ready, NODATA)}
        cover = starts[period.name], ends[period.name]
        _finish_productivity(layers, tables, found, period.name, cover, arrays, area, inside)
    return layers, {"productivity": areas.merge(tables)}


def _finish_productivity(layers, tables, found, period, cover, arrays, area, inside):
    """Degradation and the cross-table; ``cover`` are the first and last year of land cover."""
    found["productivity_degradation"] = productivity.degradation(found["land_productivity"])
    layers |= {f"{name}_{period}": classes for name, classes in found.items()}
    steps = {name: found[name] for name in ("trend", "state", "performance") if name in found}
    table = areas.crosstab(
        area,
        where=inside,
        **place_of(arrays),
        land_cover_first=arrays[f"cover_{cover[0]}"],
        land_cover=arrays[f"cover_{cover[1]}"],
        **steps,
        lpd=found["land_productivity"],
        degradation=found["productivity_degradation"],
    )
    table.insert(0, "period", period)
    tables.append(table)


def soil_carbon(arrays, grid, *, shown, pairs, ends, stocks, nesting, classify):
    """Stocks of the years shown, change and degradation of every period.

    ``shown`` maps table years to the years whose stock stands for them, ``pairs`` a period to
    its first and last stock year, ``stocks`` holds the options of the stock kernel, or only the
    years of given stocks.
    """
    zones = arrays["zones"]
    inside = zones != NODATA
    area = block_area(arrays, grid)
    wanted, tables = stocks["wanted"], {}
    if not wanted:
        stock = {}
    elif "reference" in arrays:
        maps = stocks["years"], arrays["land_cover"]
        by_year, tables = nest_years(*maps, nesting, inside, area)
        cover = np.stack(list(by_year.values()))
        found = soil.stock_kernel(arrays["reference"], cover, arrays["factor"], **stocks)
        stock = dict(zip(wanted, found, strict=True))
    else:
        stock = dict(zip(wanted, arrays["stocks"], strict=True))
    layers, changes, amounts, place = {}, [], [], place_of(arrays)
    unknown = np.full(grid.shape, np.nan)
    for year, stands_for in shown.items():
        tonnes = np.where(inside, stock.get(stands_for, unknown), np.nan)
        layers[f"soil_stock_{year}"] = tonnes.astype(np.float32)
        amounts.append(_amounts(tonnes, area, place, arrays[f"cover_{year}"], year))
    for period, (first, last) in pairs.items():
        change = soil.change(stock.get(first, unknown), stock.get(last, unknown))
        classes = np.where(inside, soil.degradation(change, **classify), NODATA).astype(np.int16)
        layers[f"soil_degradation_{period}"] = classes
        table = areas.crosstab(
            area,
            where=inside,
            **place,
            land_cover=arrays[f"cover_{ends[period]}"],
            degradation=classes,
        )
        table.insert(0, "period", period)
        changes.append(table)
    return layers, tables | {"soil": areas.merge(changes), "soil_stock": areas.merge(amounts)}


def _amounts(stock, area, place, cover, year):
    """Tonnes of carbon and the area they lie on, by class: t/ha × 100 ha in a km².

    A stock of zero (under water and ice) is no stock, as in the change.
    """
    inside = place["zone"] != NODATA
    known = np.where(stock > 0, area, 0.0)
    tonnes = np.where(stock > 0, stock, 0.0) * known * 100
    table = areas.crosstab(
        area,
        where=inside,
        weights={"stock_tonnes": tonnes, "stock_area_km2": known},
        **place,
        land_cover=cover,
    )
    table.insert(0, "year", year)
    return table


def land_degradation(arrays, grid, *, ends, land_type, missing, absent, recodes):
    """SDG 15.3.1 of every period, status of every reporting period, corrections by polygons.

    ``ends`` maps each period, the baseline first, to the year that decides what is land.
    ``absent`` names sub-indicators that the country does not have: the assessment then rests on
    the others. ``recodes`` maps a period to a look-up of (polygon, class before) or is empty.
    """
    zones = arrays["zones"]
    inside = zones != NODATA
    area = block_area(arrays, grid)
    layers, assessed, corrected = {}, [], []
    for period in ends:
        parts = {name: arrays[f"{name}_{period}"] for name in degradation.SUB_INDICATORS}
        joined = {
            name: np.zeros(grid.shape, np.int16) if name in absent else part
            for name, part in parts.items()
        }
        before = degradation.one_out_all_out(*joined.values(), missing=missing)
        before = np.where(inside, before, NODATA).astype(np.int16)
        after = before
        if period in recodes:
            polygons = arrays[f"polygons_{period}"]
            after = recodes[period](polygons, before)
            for stage, classes in (("before", before), ("after", after)):
                table = areas.crosstab(
                    area, where=inside & (polygons > 0), polygon=polygons, **parts, sdg=classes
                )
                table.insert(1, "period", period)
                table.insert(2, "stage", stage)
                corrected.append(table)
        layers[f"sdg_{period}"] = after
        table = areas.crosstab(
            area,
            where=inside,
            **place_of(arrays),
            land_cover=arrays[f"cover_{ends[period]}"],
            productivity=parts["productivity"],
            land_cover_degradation=parts["land_cover_degradation"],
            soil=parts["soil"],
            sdg=after,
        )
        table.insert(0, "period", period)
        assessed.append(table)
    first, *reports = ends
    tables = {"sub_indicator_changes": _changes(arrays, area, inside, first, reports, ends)}
    baseline = layers[f"sdg_{first}"]
    for period in reports:
        assessment = layers[f"sdg_{period}"]
        layers[f"status_{period}"] = degradation.status(baseline, assessment)
        layers[f"status_detail_{period}"] = degradation.status_detail(baseline, assessment)
    crossed = {name: layers[name] for name in layers if not name.startswith("status_detail")}
    tables |= {
        "sub_indicators": areas.merge(assessed),
        "status": areas.crosstab(
            area,
            where=inside,
            **place_of(arrays),
            land_type=arrays[f"cover_{land_type}"],
            **{f"land_cover_{year}": arrays[f"cover_{year}"] for year in ends.values()},
            **crossed,
        ),
    }
    if corrected:
        tables["error_polygons"] = areas.merge(corrected)
    return layers, tables


def _changes(arrays, area, inside, first, reports, ends):
    """Baseline by period assessment of every sub-indicator, on the land cover of the last year."""
    parts = []
    for period in reports:
        for name in degradation.SUB_INDICATORS:
            table = areas.crosstab(
                area,
                where=inside,
                **place_of(arrays),
                land_cover=arrays[f"cover_{ends[period]}"],
                baseline=arrays[f"{name}_{first}"],
                assessment=arrays[f"{name}_{period}"],
            )
            table.insert(0, "indicator", name)
            table.insert(1, "period", period)
            parts.append(table)
    return areas.merge(parts)


def _within(years, window) -> np.ndarray:
    """Positions of the years inside a window, both ends included."""
    years = np.asarray(years)
    return np.flatnonzero((years >= window[0]) & (years <= window[1]))

"""Maps and charts of the country profile and of strategic objective 1."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from ldnkit import maps, pictures, tables
from ldnkit.figures import writing
from ldnkit.handover.differences import land_cover_change, percent_change
from ldnkit.handover.document import Figure, signed
from ldnkit.handover.studio import Studio
from ldnkit.numerals import number, percent, point, short
from ldnkit.periods import closest_year

#: Percent of change at which the colours of soil organic carbon end.
SOIL_CHANGE = (-50, 50)


def profile(studio: Studio) -> Iterator[Figure]:
    """CP: the population by sex."""
    if "CP-1.T2" not in studio.report.tables:
        return
    frame = studio.report["CP-1.T2"].printed
    columns = [name for name in ("total_population", "female", "male") if name in frame]
    columns = [name for name in columns if frame[name].notna().any()]
    years = frame.index.astype(int)
    lines = {studio.label(f"column.{name}"): frame[name].to_numpy(float) for name in columns}
    title = studio.label("prais.CP-1.T2")
    sheet = maps.series(
        years, lines, title=f"{studio.name}: {title}", unit=studio.label("unit.thousand_persons"),
        limits=(0, None), gaps=True, language=studio.language,
    )  # fmt: skip
    said = from_to(studio, years, lines)
    yield studio.figure(sheet, "CP.population", title, said, chart=True)


def from_to(studio: Studio, years, lines) -> list[str]:
    """The first and the last value of every line, in words."""
    sentences = []
    for name, values in lines.items():
        known = pd.Series(list(values), index=list(years)).dropna()
        if known.empty:
            continue
        first, last = known.index[0], known.index[-1]
        start, end = (short(float(known[year]), studio.language) for year in (first, last))
        words = {"name": name, "first": first, "last": last, "start": start, "end": end}
        sentences.append(studio.label("report.from_to", **words))
    return sentences


def land_cover(studio: Studio) -> Iterator[Figure]:
    """SO1-1: land cover, where it changed, and its degradation."""
    if not studio.has("land_cover"):
        return
    layers, frame = studio.layers("land_cover"), studio.table("land_cover", "land_cover")
    cycle, title = studio.cycle, studio.label("indicator.land_cover")
    years = [*cycle.baseline.land_cover, cycle.last.land_cover[1]]
    years = [year for year in dict.fromkeys(years) if f"land_cover_{year}" in layers]
    said = [
        studio.describe(
            layers[f"land_cover_{year}"], frame, column=f"land_cover_{year}",
            name=studio.label("map.land_cover", year=studio.year("land_cover", year)),
            palette=studio.classes,
        )
        for year in years
    ]  # fmt: skip
    pairs = [(layers[f"land_cover_{year}"], studio.year("land_cover", year)) for year in years]
    sheet = maps.panels(pairs, palette=studio.classes, columns=2, **studio.drawn)
    yield studio.figure(sheet, "SO1-1.land_cover", title, said)
    yield _changes(studio, layers, frame)
    yield _degradation(
        studio, "SO1-1.degradation", "land_cover", "land_cover_degradation_{}",
        "map.land_cover_degradation", lambda each: (frame, f"degradation_{each.name}"),
    )  # fmt: skip


def _changes(studio: Studio, layers, frame) -> Figure:
    words = writing(studio.language)[0]  # the letters that this computer can draw
    classes = pictures.classes(studio.classes, words)
    unchanged = tables.label("report.unchanged", words)
    pairs, said, step, palette = [], [], 1, None
    for each in (studio.cycle.baseline, studio.cycle.last):
        ends = [f"land_cover_{year}" for year in each.land_cover]
        layer, palette = land_cover_change(
            *(layers[name] for name in ends), classes, unchanged=unchanged
        )
        step = max(step, pictures.read(layers[ends[0]], limit=800).step)
        first, last = (studio.year("land_cover", year) for year in each.land_cover)
        title = studio.label("map.land_cover_change", first=first, last=last)
        pairs.append((layer, f"{first} → {last}"))
        said.append(_changed(studio, frame, *ends, title))
    if step > 1:
        said.append(studio.label("map.thinned", step=step) + ".")
    sheet = maps.panels(pairs, palette=palette, columns=2, **studio.drawn)
    return studio.figure(sheet, "SO1-1.change", studio.label("report.change_map"), said)


def _changed(studio: Studio, frame, first: str, last: str, title: str) -> str:
    """How much land cover changed, and the largest change."""
    known = frame[(frame[first] != tables.NODATA) & (frame[last] != tables.NODATA)]
    changed = known[known[first] != known[last]]
    total = known["area_km2"].sum()
    if changed.empty or not total:
        return studio.label("report.nothing_changed", name=title)
    areas = changed.groupby([first, last])["area_km2"].sum()
    source, target = areas.idxmax()
    return studio.label(
        "report.changed", name=title,
        share=percent(areas.sum() / total, studio.language),
        area=number(areas.sum(), studio.language),
        source=studio.class_names.get(source, source),
        target=studio.class_names.get(target, target),
        largest=number(areas.max(), studio.language),
    )  # fmt: skip


def _degradation(studio: Studio, key, indicator, layer_name, title_key, table_of) -> Figure:
    """Degraded, stable and improved in the baseline and in the reporting period."""
    layers, pairs, waters, said = studio.layers(indicator), [], [], []
    for each in (studio.cycle.baseline, studio.cycle.last):
        name = studio.label(title_key, first=each.first, last=each.last)
        layer, water = layers[layer_name.format(each.name)], studio.water(each.status_year)
        table, column = table_of(each)
        said.append(
            studio.describe(
                layer, studio_land(studio, table, each), name=name, column=column,
                palette="degradation", water=water,
            )
        )  # fmt: skip
        pairs.append((layer, str(each)))
        waters.append(water)
    title = studio.label(title_key, first=studio.cycle.baseline.first, last=studio.cycle.last.last)
    sheet = maps.panels(pairs, palette="degradation", water=waters, columns=2, **studio.drawn)
    return studio.figure(sheet, key, title, said)


def studio_land(studio: Studio, table, period):
    """The land of a long table, whatever its column of land cover is called."""
    column = "land_cover" if "land_cover" in table else f"land_cover_{period.status_year}"
    return studio.land(table, column) if column in table else table


def productivity(studio: Studio) -> Iterator[Figure]:
    """SO1-2: dynamics and degradation in both periods."""
    if not studio.has("productivity"):
        return
    layers, frame = studio.layers("productivity"), studio.table("productivity", "productivity")
    pairs, waters, said, rows = [], [], [], []
    for each in (studio.cycle.baseline, studio.cycle.last):
        name = studio.label("map.land_productivity", first=each.first, last=each.last)
        part = studio.land(frame[frame["period"] == each.name])
        layer, water = layers[f"land_productivity_{each.name}"], studio.water(each.status_year)
        said.append(
            studio.describe(
                layer, part, name=name, column="lpd", palette="productivity", water=water
            )
        )
        pairs.append((layer, str(each)))
        waters.append(water)
        rows.append(part.assign(years=str(each)))
    title = studio.label("report.dynamics")
    sheet = maps.panels(pairs, palette="productivity", water=waters, columns=2, **studio.drawn)
    yield studio.figure(sheet, "SO1-2.dynamics", title, said)
    yield _degradation(
        studio, "SO1-2.degradation", "productivity", "productivity_degradation_{}",
        "map.productivity_degradation",
        lambda each: (frame[frame["period"] == each.name], "degradation"),
    )  # fmt: skip
    sheet = maps.bars(
        pd.concat(rows), column="lpd", by="years", palette="productivity", percent=True,
        title=studio.name, language=studio.language,
    )  # fmt: skip
    yield studio.figure(sheet, "SO1-2.bars", title, studio.told("SO1-2.T3"), chart=True)


def soil(studio: Studio) -> Iterator[Figure]:
    """SO1-3: stocks, their change, and degradation."""
    if not studio.has("soil"):
        return
    layers, stocks = studio.layers("soil"), studio.table("soil", "soil_stock")
    years = [year for year in studio.cycle.soil_years if f"soil_stock_{year}" in layers]
    if years:
        yield _stocks(studio, layers, stocks, years)
    yield from _stock_changes(studio, layers)
    frame = studio.table("soil", "soil")
    yield _degradation(
        studio, "SO1-3.degradation", "soil", "soil_degradation_{}", "map.soil_degradation",
        lambda each: (frame[frame["period"] == each.name], "degradation"),
    )  # fmt: skip


def _stocks(studio: Studio, layers, stocks, years) -> Figure:
    import numpy as np

    said, highest = [], 0.0
    for year in years:
        picture = pictures.read(layers[f"soil_stock_{year}"], limit=400)
        known = picture.values[~picture.missing]
        highest = max(highest, float(np.percentile(known, 98)) if len(known) else 0.0)
        mean, total = _mean_stock(stocks, year)
        if mean:
            said.append(
                studio.label(
                    "report.stock", year=studio.year("soil", year),
                    mean=number(mean, studio.language), total=short(total / 1e6, studio.language),
                )
            )  # fmt: skip
    scale = maps.Scale("t/ha", limits=(0, max(10 * round(highest / 10 + 0.5), 10)))
    pairs = [(layers[f"soil_stock_{year}"], studio.year("soil", year)) for year in years]
    sheet = maps.panels(pairs, palette=scale, columns=2, **studio.drawn)
    return studio.figure(sheet, "SO1-3.stock", studio.label("report.stocks"), said)


def _mean_stock(stocks, year: int) -> tuple[float, float]:
    """Tonnes per hectare on average, and tonnes; zero without a stock."""
    part = stocks[stocks["year"] == year]
    tonnes, area = part["stock_tonnes"].sum(), part["stock_area_km2"].sum()
    return (tonnes / (100 * area), tonnes) if area else (0.0, 0.0)


def _stock_changes(studio: Studio, layers) -> Iterator[Figure]:
    """Change in percent; the kept stock closest to the first year of the period stands for it."""
    stocks = studio.table("soil", "soil_stock")
    pairs, said, step = [], [], 1
    for each in (studio.cycle.baseline, studio.cycle.last):
        years = [year for year in studio.cycle.soil_years if f"soil_stock_{year}" in layers]
        first, last = closest_year(each.land_cover[0], years), each.status_year
        if first == last or last not in years:
            continue
        ends = [layers[f"soil_stock_{year}"] for year in (first, last)]
        step = max(step, pictures.read(ends[0], limit=800).step)
        words = [studio.year("soil", year) for year in (first, last)]
        pairs.append((percent_change(*ends), f"{words[0]} → {words[1]}"))
        start, end = (_mean_stock(stocks, year)[0] for year in (first, last))
        if start:
            change = point(f"{100 * (end / start - 1):+.1f}", studio.language)
            name = studio.label("map.soil_change", first=words[0], last=words[1])
            said.append(
                studio.label(
                    "report.stock_changed", name=name, start=number(start, studio.language),
                    end=number(end, studio.language), change=signed(change, studio.language),
                )
            )  # fmt: skip
    if not pairs:
        return
    if step > 1:
        said.append(studio.label("map.thinned", step=step) + ".")
    colours = maps.Scale("%", limits=SOIL_CHANGE, colormap="PRGn")
    sheet = maps.panels(pairs, palette=colours, columns=2, **studio.drawn)
    yield studio.figure(sheet, "SO1-3.change", studio.label("report.stock_change"), said)


def degraded(studio: Studio, spots=None) -> Iterator[Figure]:
    """SO1-4: 15.3.1 in both periods, after corrections, the condition of land, the years."""
    if not studio.has("degradation"):
        return
    layers, parts = studio.layers("degradation"), studio.table("degradation", "sub_indicators")
    corrected = studio.country.error_polygons is not None
    title_key = "map.sdg_recoded" if corrected else "map.sdg"
    key = "SO1-4.recoded" if corrected else "SO1-4.sdg"
    yield _degradation(
        studio, key, "degradation", "sdg_{}", title_key,
        lambda each: (parts[parts["period"] == each.name], "sdg"),
    )  # fmt: skip
    last = studio.cycle.last
    name, water = (
        studio.label("map.status_detail", year=last.status_year),
        studio.water(last.status_year),
    )
    layer = layers[f"status_detail_{last.name}"]
    options = {"palette": "status_detail", "water": water}
    sheet = maps.figure(layer, title=f"{studio.name}: {name}", **options, **studio.drawn)
    said = [_described(studio, layer, name, water)]
    yield studio.figure(sheet, "SO1-4.condition", name, said)
    for kind, polygons in (spots or {}).items():
        if polygons is not None and len(polygons):
            yield _spots(studio, layers[f"status_{last.name}"], kind, polygons, water)


def _described(studio: Studio, layer, name: str, water) -> str:
    options = {"name": name, "palette": "status_detail", "language": studio.language}
    return maps.describe(layer, inside=studio.zones, water=water, **options)


def headline(studio: Studio) -> Figure | None:
    """The status of the land in every year that is reported, as bars."""
    status = studio.table("degradation", "status")
    if status is None:
        return None
    rows, said = [], []
    for each in studio.cycle.periods:
        layer = "sdg_baseline" if each == studio.cycle.baseline else f"status_{each.name}"
        part = studio.land(status, f"land_cover_{each.status_year}")
        rows.append(part.assign(year=str(each.status_year), sdg=part[layer]))
        name = studio.label("map.status", year=each.status_year)
        said.append(maps.describe(rows[-1], name=name, column="sdg", language=studio.language))
    options = {"column": "sdg", "by": "year", "palette": "sdg", "percent": True}
    title = studio.label("indicator.sdg")
    sheet = maps.bars(pd.concat(rows), title=studio.name, language=studio.language, **options)
    return studio.figure(sheet, "summary.status", title, said, chart=True)


def _spots(studio: Studio, layer, kind: str, polygons, water) -> Figure:
    """Hotspots or brightspots over the status of the last year."""
    title = studio.label(f"map.{kind}")
    sheet = maps.figure(
        layer, palette="sdg", title=f"{studio.name}: {title}", water=water, **studio.drawn
    )
    ax = sheet.axes[0]
    lines = pictures.outline(polygons, crs=studio.country.grid.crs, middle=sum(ax.get_xlim()) / 2)
    lines.boundary.plot(ax=ax, color="black", linewidth=1.6, aspect=None)
    ax.set(xlabel="", ylabel="")
    count = studio.label("report.polygons", name=title, count=len(polygons))
    return studio.figure(sheet, f"SO1-4.{kind}", title, [count])


def targets(studio: Studio) -> Iterator[Figure]:
    """SO1-VT: the status of the land inside the polygons of the targets."""
    overlay = studio.table("targets", "overlay")
    if overlay is None or overlay.empty:
        return
    overlay = studio.land(overlay)
    title = studio.label("report.target_areas", year=studio.cycle.last.status_year)
    sheet = maps.bars(
        overlay, column="class", by="target", palette="sdg", percent=True,
        title=f"{studio.name}: {title}", language=studio.language,
    )  # fmt: skip
    said = [maps.describe(overlay, name=title, column="class", language=studio.language)]
    yield studio.figure(sheet, "SO1-VT.areas", title, said, chart=True)

"""Maps and charts of strategic objectives 2 to 5."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ldnkit import maps, tables
from ldnkit.handover.document import Figure
from ldnkit.handover.land_figures import from_to
from ldnkit.handover.studio import Studio

#: Years of a line that are drawn for each map of units.
MOST_LINES = 8


def official(studio: Studio, *names: str) -> Iterator[Figure]:
    """SO2-1 or SO2-2: official series as lines."""
    rows = studio.table("statistics", "statistics")
    if rows is None:
        return
    rows = rows[rows["series"].isin(names)]
    lines, years = {}, sorted(rows["year"].unique())
    for (name, place), part in rows.groupby(["series", "location"], sort=False):
        if name != "water" and place != "total":
            continue
        key = f"column.{place}" if name == "water" else f"column.{name}"
        lines[studio.label(key)] = part.set_index("year")["value"].reindex(years)
    if not lines:
        return
    form = "SO2-2" if "water" in names else "SO2-1"
    title = studio.label(f"form.{form}")
    sheet = maps.series(
        years, lines, title=f"{studio.name}: {title}", unit="%" if "water" in names else "",
        limits=(0, 100), gaps=True, language=studio.language,
    )  # fmt: skip
    yield studio.figure(sheet, f"{form}.series", title, from_to(studio, years, lines), chart=True)


def on_degraded_land(studio: Studio) -> Iterator[Figure]:
    """SO2-3: people on degraded land by sex, in the baseline and in the last year."""
    if not studio.has("exposure"):
        return
    layers, pairs, said = studio.layers("exposure"), [], []
    persons = maps.persons(language=studio.language)
    for year in (studio.cycle.baseline.status_year, studio.cycle.last.status_year):
        for sex in ("total", "female", "male"):
            layer = layers.get(f"exposed_{sex}_{year}")
            if layer is None:
                continue
            name = studio.label(f"map.exposed_{sex}", year=studio.year("exposure", year))
            options = {"palette": persons, "language": studio.language}
            said.append(maps.describe(layer, name=name, **options))
            pairs.append((layer, f"{studio.label(f'column.{sex}')}, {year}"))
    title = studio.label("form.SO2-3")
    if pairs:
        sheet = maps.panels(pairs, palette=persons, columns=2, **studio.drawn)
        yield studio.figure(sheet, "SO2-3.exposed", title, said)
    frame = studio.land(studio.table("exposure", "exposure"))
    column = studio.results["exposure"].parameters.get("population_exposed_by", "status")
    column = f"{column}_class"
    name = studio.label("report.people_by_status")
    options = {"column": column, "value": "total", "language": studio.language}
    sheet = maps.stacked_years(frame, palette="sdg", title=f"{studio.name}: {name}", **options)
    said = [maps.describe_exposed(frame, name=name, **options)]
    yield studio.figure(sheet, "SO2-3.years", name, said, chart=True)


def _windows(studio: Studio, prefix: str) -> list[tuple[object, int, int]]:
    """The layers of the windows of four years: layer, first year, last year."""
    indicator = "drought_index" if prefix == "drought_worst" else "drought_exposure"
    found = []
    for name, layer in studio.layers(indicator).items():
        if name.startswith(f"{prefix}_"):
            first, last = name.removeprefix(f"{prefix}_").split("_")
            found.append((layer, int(first), int(last)))
    return sorted(found, key=lambda window: window[1])


def drought(studio: Studio) -> Iterator[Figure]:
    """SO3-1: the highest drought class of every window, and land by class and year."""
    title, language = studio.label("map.drought_windows"), studio.language
    windows = _windows(studio, "drought_worst")
    by_window, by_year = (studio.table("drought", name) for name in ("drought_windows", "drought"))
    if windows:
        pairs = [(layer, f"{first}–{last}") for layer, first, last in windows]
        sheet = maps.panels(pairs, palette="drought", clip=True, columns=2, **studio.drawn)
        if by_window is not None:
            options = {"name": title, "year": ["first", "last"], "language": language}
            said = [maps.describe_years(studio.land(by_window), **options)]
        else:
            said = [
                maps.describe(layer, name=name, palette="drought", language=language)
                for layer, name in pairs
            ]
        yield studio.figure(sheet, "SO3-1.windows", title, said)
    if by_year is not None:
        land, title = studio.land(by_year), studio.label("map.drought_land_chart")
        sheet = maps.stacked_years(land, title=f"{studio.name}: {title}", language=language)
        said = [maps.describe_years(land, name=title, language=language)]
        yield studio.figure(sheet, "SO3-1.years", title, said, chart=True)


def people_in_drought(studio: Studio) -> Iterator[Figure]:
    """SO3-2: people in drought in every window, and people by class and year."""
    if not studio.has("drought_exposure"):
        return
    windows, language = _windows(studio, "drought_exposed"), studio.language
    if windows:
        persons, said = maps.persons(language=language), []
        for layer, first, last in windows:
            name = studio.label("map.drought_exposed", first=first, last=last)
            options = {"palette": persons, "language": language}
            said.append(maps.describe(layer, name=name, **options))
        pairs = [(layer, f"{first}–{last}") for layer, first, last in windows]
        title = studio.label("report.people_windows")
        sheet = maps.panels(pairs, palette=persons, clip=True, columns=2, **studio.drawn)
        yield studio.figure(sheet, "SO3-2.windows", title, said)
    frame = studio.table("drought_exposure", "drought_exposure")
    title = studio.label("map.drought_people_chart")
    options = {"value": "total", "language": language}
    sheet = maps.stacked_years(frame, title=f"{studio.name}: {title}", **options)
    said = [maps.describe_years(frame, name=title, **options)]
    yield studio.figure(sheet, "SO3-2.years", title, said, chart=True)


def vulnerability(studio: Studio) -> Iterator[Figure]:
    """SO3-3: the index of the country by year, and of its units in the first and last year."""
    index = studio.table("vulnerability", "dvi")
    if index is None:
        return
    from ldnkit.vulnerability import NATIONAL

    title = studio.label("column.dvi")
    units = index[(index["unit"] != NATIONAL) & (index["sex"] == "total")]
    section = studio.country.vulnerability
    if len(units) and section is not None and section.units:
        yield _by_unit(studio, units, section, title)
    rows = index[index["unit"] == NATIONAL].pivot(index="year", columns="sex", values="dvi")
    lines = {
        studio.label(f"column.{sex}"): rows[sex]
        for sex in ("total", "female", "male")
        if sex in rows and rows[sex].notna().any()
    }
    if lines:
        sheet = maps.series(
            rows.index, lines, limits=(0, 1), gaps=True, title=f"{studio.name}: {title}",
            language=studio.language,
        )  # fmt: skip
        said = from_to(studio, rows.index, lines)
        yield studio.figure(sheet, "SO3-3.years", title, said, chart=True)


def _by_unit(studio: Studio, units, section, title: str) -> Figure:
    import geopandas

    by_unit = units.pivot(index="unit", columns="year", values="dvi")
    known = by_unit.columns[by_unit.notna().any()]
    ends = list(dict.fromkeys([known.min(), known.max()]))
    shapes = geopandas.read_file(section.units.file, layer=section.units.layer)
    sheet = maps.units(shapes, by_unit[ends], key=section.unit_key, title=title, **studio.plain)
    lines = {name: values for name, values in by_unit[ends].iterrows()}
    return studio.figure(sheet, "SO3-3.units", title, from_to(studio, ends, lines))


def red_list(studio: Studio) -> Iterator[Figure]:
    """SO4-2: the Red List Index of the country, and the published one."""
    yield from _with_published(studio, "red_list", "red_list", "SO4-2", None)


def protected_areas(studio: Studio) -> Iterator[Figure]:
    """SO4-3: the mean protected share of key biodiversity areas, and of every site."""
    by_site = studio.table("protected_areas", "sites")
    if by_site is not None and len(by_site):
        yield _sites(studio, by_site)
    yield from _with_published(studio, "protected_areas", "protected", "SO4-3", (0, 100))


def _with_published(studio: Studio, indicator, series, form, limits) -> Iterator[Figure]:
    own, rows = studio.table(indicator, indicator), studio.table("statistics", "statistics")
    found = {}
    if own is not None:
        found[studio.label(f"indicator.{indicator}")] = own.set_index("year")["value"]
    rows = None if rows is None else rows[rows["series"] == series]
    if rows is not None and len(rows):
        found[studio.label("column.published")] = rows.set_index("year")["value"]
    if not found:
        return
    years = range(
        min(each.index.min() for each in found.values()),
        max(each.index.max() for each in found.values()) + 1,
    )
    lines = {name: each.reindex(years) for name, each in found.items()}
    title = studio.label(f"form.{form}")
    sheet = maps.series(
        years, lines, gaps=True, title=f"{studio.name}: {title}", limits=limits,
        unit="%" if limits else "", language=studio.language,
    )  # fmt: skip
    yield studio.figure(sheet, f"{form}.series", title, from_to(studio, years, lines), chart=True)


def _sites(studio: Studio, by_site) -> Figure:
    import geopandas

    from ldnkit.biodiversity import sites

    section = studio.country.key_biodiversity_areas
    places = sites.prepared_sites(section.sites, section.sites_key)
    shapes = geopandas.GeoDataFrame({"site": places.names}, geometry=list(places.shapes), crs=4326)
    shares = by_site.pivot(index="site", columns="year", values="share")
    ends = list(dict.fromkeys([shares.columns.min(), shares.columns.max()]))
    scale = maps.Scale("%", (0, 100), "YlGn")
    title = studio.label("report.sites")
    sheet = maps.units(shapes, shares[ends], key="site", scale=scale, title=title, **studio.plain)
    lines = {name: values for name, values in shares[ends].iterrows()}
    said = from_to(studio, ends, dict(list(lines.items())[: 2 * MOST_LINES]))
    return studio.figure(sheet, "SO4-3.sites", title, said)


def finance(studio: Studio) -> Iterator[Figure]:
    """SO5: the amounts of every form and direction by year."""
    summary = studio.table("finance", "summary")
    if summary is None or summary.empty:
        return
    from ldnkit.finance import columns

    summary = summary[summary["indicator"] != "SO5-4"]
    years = sorted(summary["year"].unique())
    lines = {}
    for (form, direction), rows in summary.groupby(["indicator", "direction"]):
        name = f"{form}, {tables.label(columns.choice_label(direction), studio.language)}"
        lines[name] = rows.set_index("year")["amount_usd"].reindex(years)
    lines = dict(list(lines.items())[:MOST_LINES])
    title = studio.label("report.amounts")
    sheet = maps.series(
        years, lines, title=f"{studio.name}: {title}", unit=studio.label("unit.usd"),
        limits=(0, None), language=studio.language,
    )  # fmt: skip
    yield studio.figure(sheet, "SO5.amounts", title, from_to(studio, years, lines), chart=True)


def additional(studio: Studio) -> Iterator[Figure]:
    """AI: the pictures that the team gave for its own indicators."""
    register = studio.table("narrative", "additional_indicators")
    if register is None:
        return
    types = {".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg"}
    for row in register.fillna("").to_dict("records"):
        file = Path(row["image"]) if row["image"] else None
        if file is None or file.suffix.lower() not in types or not file.is_file():
            continue
        studio.number += 1
        studio.made.append(f"AI.{row['name']}")
        yield Figure(
            image=file.read_bytes(),
            caption=studio.label("report.figure", number=studio.number, title=row["name"]),
            sentences=(row["comments"],) if row["comments"] else (),
            alt=row["name"],
            key=f"AI.{row['name']}",
            mime=types[file.suffix.lower()],
        )

"""Pictures of polygons, their shares, and what they change."""

from __future__ import annotations

from ldnkit import figures, maps, pictures, tables
from ldnkit.verification.effect import LAYERS

#: Lines of each kind on a map.
COLOURS = {"error": "#111111", "hotspot": "#b30000", "brightspot": "#0b5394"}


def figure(country, layer, desk, *, palette="sdg", title: str = "", water=None, language="en"):
    """A map with the outlines of all polygons, numbered as in the tables.

    Parameters
    ----------
    country : Country
    layer : Path or DataArray
        For example the layer ``status_report_2``.
    desk : Polygons
    palette, title, water, language
        As for :func:`ldnkit.maps.figure`.

    Returns
    -------
    matplotlib.figure.Figure
    """
    from matplotlib.lines import Line2D

    drawn = {"language": language, "synthetic": country.synthetic, "boundary": country.boundary}
    sheet = maps.figure(layer, palette=palette, title=title, water=water, **drawn)
    ax = sheet.axes[0]
    left, right, bottom, top = *ax.get_xlim(), *ax.get_ylim()
    words, fonts = figures.writing(language)
    handles = []
    for kind, colour in COLOURS.items():
        frame = desk.frame(kind)
        if not len(frame):
            continue
        lines = pictures.outline(frame, crs=country.grid.crs, middle=(left + right) / 2)
        lines.boundary.plot(ax=ax, color=colour, linewidth=1.6, aspect=None)
        for number, shape in enumerate(outline_of(country, frame), 1):
            point = shape.representative_point()
            ax.annotate(
                str(number), (point.x, point.y), color=colour, weight="bold", fontsize=9,
                ha="center", va="center",
                bbox={"boxstyle": "circle,pad=0.15", "fc": "white", "ec": colour, "lw": 0.8},
            )  # fmt: skip
        name = figures.drawable(tables.label(f"verification.kind.{kind}", words), fonts)
        handles.append(Line2D([], [], color=colour, lw=1.6, label=name))
    ax.set(xlabel="", ylabel="", xlim=(left, right), ylim=(bottom, top))
    if handles:
        prop = {"family": list(fonts), "size": 8}
        sheet.legend(handles=handles, loc="outside right center", frameon=False, prop=prop)
    return sheet


def outline_of(country, frame) -> list:
    """The polygons in the coordinates of the country's grid, whole also across 180°."""
    from shapely import union_all

    from ldnkit import boundaries

    shapes = frame.geometry
    if country.crosses_180:
        shapes = shapes.map(boundaries.shift_west)
    shapes = shapes.to_crs(country.grid.crs.to_wkt())
    return [union_all([shape]) for shape in shapes]


def effect_chart(table, *, measure: str = "status", title: str = "", language: str = "en"):
    """Before and after, one pair of bars for each year (or period), in percent of land.

    Parameters
    ----------
    table : DataFrame
        From :meth:`ldnkit.verification.Effect.table`.
    measure : {"status", "assessment"}
        The status, with the baseline for its year, or the period assessments.

    Returns
    -------
    matplotlib.figure.Figure
    """
    import pandas as pd

    first = table["period"].iloc[0]
    chosen = table[table["measure"] == measure]
    if measure == "status":
        baseline = (table["measure"] == "assessment") & (table["period"] == first)
        chosen = pd.concat([table[baseline], chosen])
    rows = []
    for _, part in chosen.groupby("year", sort=True):
        for when in ("before", "after"):
            name = f"{part['year'].iloc[0]} {tables.label(f'verification.{when}', language)}"
            rows.append(part.assign(bar=name, area_km2=part[f"{when}_km2"]))
    frame = pd.concat(rows)
    options = {"column": "class", "by": "bar", "palette": "sdg", "percent": True}
    title = title or tables.label("verification.effect", language)
    return maps.bars(frame, title=title, language=language, **options)


def share_chart(shares, number: int, *, cycle, title: str = "", language: str = "en"):
    """What the sub-indicators say inside one polygon, in every period.

    Parameters
    ----------
    shares : DataFrame
        From :meth:`ldnkit.verification.Effect.shares`.
    number : int
        The polygon.
    cycle : Cycle

    Returns
    -------
    matplotlib.figure.Figure
    """
    one = shares[shares["polygon"] == number].copy()
    spans = {period.name: f"{period.first}–{period.last}" for period in cycle.periods}
    names = {name: tables.label(f"indicator.{name}", language) for name in LAYERS.values()}
    one["bar"] = one["period"].map(spans) + "  " + one["layer"].map(names)
    options = {"column": "class", "by": "bar", "palette": "sdg", "percent": True}
    return maps.bars(one, title=title, language=language, **options)

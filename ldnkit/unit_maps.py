"""Maps of sub-national units, each in the colour of its value: a figure and one to explore."""

from __future__ import annotations

import html
from typing import NamedTuple

import numpy as np
import pandas as pd

from ldnkit import pictures, tables, unit_shapes, webmaps
from ldnkit.figures import (
    INK,
    aspect,
    class_legend,
    colour_bar,
    drawable,
    edges,
    new_sheet,
    note,
    writing,
)
from ldnkit.scales import Counts

#: Names of units listed below a map where they found no room on it.
MOST_NAMES = 12


def units(
    frame,
    values,
    *,
    key: str,
    scale=None,
    title: str = "",
    language: str = "en",
    synthetic: bool = False,
    labels: bool = True,
    columns: int = 3,
    boundary=None,
):
    """Units coloured by a value, with names and values on the map.

    Parameters
    ----------
    frame : GeoDataFrame or Path
        One polygon or multipolygon per unit.
    values : Series, mapping of unit to value, or DataFrame
        A table has the units as its index and one column per map, for example years.
    key : str
        Column of ``frame`` that names the units.
    scale : Scale or Counts, optional
        By default an index from 0 to 1.
    title, language, synthetic
        As for :func:`ldnkit.maps.figure`.
    labels : bool
        Write name and value on each unit. Where there is too little room the name stands below.
        A name in letters that this computer cannot draw is left out.
    columns : int
        Most maps in a row.
    boundary : GeoSeries or GeoDataFrame, optional
        Outline of the country, drawn as a line: the map is then as large as the country.

    Returns
    -------
    matplotlib.figure.Figure
        Units without a value are grey.

    Raises
    ------
    KeyError, ValueError
        No such column, a unit that stands twice in ``frame``, or a value for a unit that it
        does not have.

    Examples
    --------
    >>> import geopandas, shapely
    >>> frame = geopandas.GeoDataFrame(
    ...     {"name": ["North", "South"]}, crs=4326,
    ...     geometry=[shapely.box(30, 1, 32, 2), shapely.box(30, 0, 32, 1)])
    >>> drawn = units(frame, {"North": 0.25, "South": 0.75}, key="name")
    >>> [text.get_text() for text in drawn.axes[0].texts][1:]
    ['North\\n0.25', 'South\\n0.75']
    """
    words, fonts = writing(language)
    shapes, table = unit_shapes.joined(frame, values, key)
    scale = unit_shapes.index_scale(words) if scale is None else scale
    limits = unit_shapes.ends(table, scale)
    both, border = shapes, None
    if boundary is not None:  # turned together: both lie on the same side of 180°
        both = pd.concat([shapes, unit_shapes.unturned(boundary.geometry.dropna())])
        both = unit_shapes.unturned(both)
        shapes, border = both.iloc[: len(shapes)], both.iloc[len(shapes) :]
    place = _place(both)
    many = len(table.columns)
    across = min(columns, many)
    down = -(-many // across)
    size = (3.6 * across + 2.2, 3.4 * down + 0.7) if many > 1 else (8.6, 5.6)
    sheet = new_sheet(size, layout="compressed")
    axes = sheet.subplots(down, across, squeeze=False).ravel()
    for ax, column in zip(axes, table, strict=False):
        _draw(ax, shapes, table[column], scale, limits)
        if border is not None:
            border.boundary.plot(ax=ax, color="#888888", linewidth=0.8, aspect=None)
        ax.set_aspect(aspect(place))
        west, south, east, north = place.bounds
        ax.set(xlim=(west, east), ylim=(south, north))
        edges(ax, place, small=many > 1)
        text = drawable(str(column), fonts)
        if many > 1 and text:
            ax.set_title(text, fontfamily=fonts, fontsize=10, color=INK)
    for ax in axes[many:]:
        ax.set_axis_off()
    if drawable(title, fonts):
        if many > 1:
            sheet.suptitle(title, fontfamily=fonts, fontweight="bold", color=INK)
        else:
            axes[0].set_title(title, fontfamily=fonts, fontsize=12, color=INK)
    _legend(sheet, axes[:many], table, scale, limits, words, fonts)
    note(sheet, words, fonts, synthetic=synthetic)
    if labels:
        left_out = _label(sheet, axes, shapes, table, scale, limits, words, fonts)
        if left_out:
            more = drawable(_names(left_out, words), fonts)
            note(sheet, words, fonts, synthetic=synthetic, more=more)
    return sheet


def interactive_units(
    frame,
    values,
    *,
    key: str,
    scale=None,
    language: str = "en",
    height: int = 500,
    synthetic: bool = False,
    chooser=None,
):
    """Units to explore: move over one, or click it, to read its value.

    Works without internet and without a server: the shapes are inside the notebook.

    Parameters
    ----------
    frame, values, key, scale, language, synthetic
        As for :func:`units`. A table with several columns gets a slider over them.
    height : int
        Pixels.
    chooser : ipywidgets selection, optional
        Another widget to choose a column with.

    Returns
    -------
    ipyleaflet.Map

    Raises
    ------
    KeyError, ValueError
        As for :func:`units`.

    Examples
    --------
    >>> interactive_units(regions, {"North": 0.25}, key="name")  # doctest: +SKIP
    """
    shapes, table = unit_shapes.joined(frame, values, key)
    scale = unit_shapes.index_scale(language) if scale is None else scale
    explorer = _Units(shapes, table, scale, language)
    return explorer.map(height, synthetic, chooser)


class _Place(NamedTuple):
    """Where a map lies, in degrees."""

    bounds: tuple[float, float, float, float]
    geographic: bool = True


def _place(shapes) -> _Place:
    west, south, east, north = shapes.total_bounds
    margin = 0.03 * max(east - west, north - south)
    bar = 0.09 * (north - south)  # room for the scale bar below the units
    return _Place((west - margin, south - margin - bar, east + margin, north + margin))


def _draw(ax, shapes, values, scale, limits) -> None:
    from matplotlib.patches import PathPatch

    for shape, colour in zip(shapes, unit_shapes.colours(values, scale, limits), strict=True):
        ax.add_patch(PathPatch(_path(shape), facecolor=colour, edgecolor=INK, linewidth=0.6))


def _path(shape):
    """A shape with its holes as one path of matplotlib."""
    import shapely
    from matplotlib.path import Path as Outline

    # holes run the other way round than the shape about them
    polygons = shapely.get_parts(shapely.orient_polygons(shape))
    rings = [
        ring
        for polygon in polygons
        if polygon.geom_type == "Polygon"
        for ring in (polygon.exterior, *polygon.interiors)
    ]
    rings = [Outline(shapely.get_coordinates(ring), closed=True) for ring in rings]
    return Outline.make_compound_path(*rings)


def _legend(sheet, axes, table, scale, limits, words, fonts) -> None:
    entries, unit = [], ""
    if isinstance(scale, Counts):
        unit = scale.unit
        entries = [
            (text, colour) for _, text, colour in scale.classes(words).itertuples(index=False)
        ]
    else:
        colour_bar(sheet, list(axes), scale, limits, fonts)
    if table.isna().any(axis=None):
        entries.append((tables.label("no_data", words), pictures.no_data_colour()))
    class_legend(sheet, entries, fonts, unit)


def _label(sheet, axes, shapes, table, scale, limits, words, fonts) -> list[str]:
    """Names and values on the units; returns the names that found no room."""
    import shapely

    spots = shapely.maximum_inscribed_circle(shapes.to_numpy())
    spots = dict(zip(shapes.index, map(shapely.get_coordinates, spots), strict=True))
    sizes = dict(zip(shapes.index, shapely.area(shapes.to_numpy()), strict=True))
    texts = []
    for ax, column in zip(axes, table, strict=False):
        colours = unit_shapes.colours(table[column], scale, limits)
        for (name, value), colour in zip(table[column].items(), colours, strict=True):
            value = unit_shapes.written(value, scale, words) if np.isfinite(value) else ""
            lines = f"{drawable(name, fonts)}\n{value}".strip()
            texts.append((ax, name, _write(ax, spots[name][0], lines, colour, fonts)))
    sheet.draw_without_rendering()
    taken, left_out = [], {}
    for ax, name, text in sorted(texts, key=lambda entry: -sizes[entry[1]]):
        if not _fits(ax, shapes[name], text, taken):
            left_out[name] = None
            text.set_text(text.get_text().split("\n")[-1])
        if _fits(ax, shapes[name], text, taken):
            taken.append(text.get_window_extent())
        else:
            text.remove()
    return list(left_out)


def _write(ax, spot, lines: str, colour: str, fonts):
    """Dark letters on a pale unit, pale ones on a dark unit, with an edge against borders."""
    from matplotlib.patheffects import withStroke

    red, green, blue, _ = pictures.rgba(colour)
    dark = 0.3 * red + 0.59 * green + 0.11 * blue < 125
    edge = withStroke(linewidth=2.2, foreground=colour if dark else "white")
    return ax.annotate(
        lines, spot, ha="center", va="center", fontsize=7.5, fontfamily=fonts,
        color="white" if dark else INK, path_effects=[edge], annotation_clip=True,
    )  # fmt: skip


def _fits(ax, shape, text, taken: list) -> bool:
    """Whether a text is no larger than its unit and lies on no other text."""
    west, south, east, north = shape.bounds
    (left, low), (right, high) = ax.transData.transform([(west, south), (east, north)])
    box = text.get_window_extent()
    room = box.width <= 1.1 * (right - left) and box.height <= 1.1 * (high - low)
    return room and not any(box.overlaps(other) for other in taken)


def _names(left_out: list[str], language: str) -> str:
    more = len(left_out) - MOST_NAMES
    names = ", ".join(left_out[:MOST_NAMES]) + (f" … (+{more})" if more > 0 else "")
    return tables.label("map.not_labelled", language).format(names=names)


class _Units:
    """The widgets of a map of units and what they do to each other."""

    def __init__(self, shapes, table, scale, language):
        import shapely

        west, south, east, north = map(float, shapes.total_bounds)
        self.corners = ((south, west), (north, east))
        # neighbours keep their common border; no finer than a pixel
        simple = shapely.coverage_simplify(shapes.to_numpy(), (east - west) / 2000)
        self.shapes = dict(zip(shapes.index, simple, strict=True))
        self.table, self.scale, self.language = table, scale, language
        self.limits = unit_shapes.ends(table, scale)
        self.shown = table.columns[0]

    def data(self) -> dict:
        """The units as GeoJSON, each with its colour and its text."""
        values = self.table[self.shown]
        colours = unit_shapes.colours(values, self.scale, self.limits)
        features = [
            {
                "type": "Feature",
                "geometry": self.shapes[name].__geo_interface__,
                "properties": {
                    "name": name,
                    "text": self.reading(value),
                    "style": {
                        "fillColor": colour, "fillOpacity": 1, "color": INK, "weight": 1,
                    },
                },
            }
            for (name, value), colour in zip(values.items(), colours, strict=True)
        ]  # fmt: skip
        return {"type": "FeatureCollection", "features": features}

    def reading(self, value: float) -> str:
        text = unit_shapes.written(value, self.scale, self.language)
        return text if np.isnan(value) else f"{text} ({self.scale.unit})"

    def map(self, height: int, synthetic: bool, chooser):
        import ipyleaflet
        import ipywidgets

        view = webmaps.View(self.corners, height)
        world = webmaps.blank("ipyleaflet", height, *view.fit(webmaps.FIRST_WIDTH))
        hover = {"weight": 3, "color": INK}
        self.layer = ipyleaflet.GeoJSON(data=self.data(), hover_style=hover, name=str(self.shown))
        self.layer.on_hover(self.pointed)
        self.layer.on_click(self.pointed)
        world.add(self.layer)
        webmaps.add_controls(world, self.language, synthetic)
        self.readout = ipywidgets.HTML(self.ask())
        parts = [ipywidgets.HTML(self.legend()), self.readout]
        if len(self.table.columns) > 1:
            chooser = self.slider() if chooser is None else chooser
            chooser.observe(lambda change: self.show(change["new"]), "value")
            parts.insert(0, chooser)
        panel = webmaps.panel(parts, height)
        world.add(ipyleaflet.WidgetControl(widget=panel, position="topright"))
        view.refit(world)
        return world

    def slider(self):
        import ipywidgets

        return ipywidgets.SelectionSlider(
            options=[str(column) for column in self.table],
            description=tables.label("map.year", self.language),
            continuous_update=False,
            layout={"width": "auto"},
            style={"description_width": "initial"},
        )

    def ask(self) -> str:
        return webmaps.text(
            f"<em>{tables.label('map.click_unit', self.language)}</em>", self.language
        )

    def legend(self) -> str:
        rows = webmaps.legend(self.scale, self.limits, self.language)
        if self.table.isna().any(axis=None):
            no_data = tables.label("no_data", self.language)
            rows.append(webmaps.swatch(no_data, pictures.no_data_colour()))
        return webmaps.text("<br>".join(rows), self.language)

    def show(self, column: str) -> None:
        """Give the units the colours of another column."""
        self.shown = next(name for name in self.table if str(name) == column)
        self.layer.data = self.data()
        self.layer.name = column
        self.readout.value = self.ask()

    def pointed(self, *, feature=None, **event) -> None:
        """Say the value of the unit under the pointer."""
        if feature:
            name, value = (html.escape(feature["properties"][part]) for part in ("name", "text"))
            self.readout.value = webmaps.text(f"<b>{name}</b><br>{value}", self.language)

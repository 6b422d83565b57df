"""Maps for notebooks: interactive maps, and the same said in words.

The static figures of :mod:`ldnkit.figures` and :mod:`ldnkit.charts` are offered here too, so that
``ldnkit.maps`` is all a notebook needs. Every interactive map stands beside its static figure.
"""

from __future__ import annotations

import html
from collections.abc import Mapping

import numpy as np

from ldnkit import numerals, overlays, pictures, tables, webmaps
from ldnkit.charts import bars, matrix, series
from ldnkit.drought_charts import fit, index_series, stacked_years
from ldnkit.figures import degrees, figure, panels
from ldnkit.scales import Counts, Scale, persons
from ldnkit.unit_maps import interactive_units, units
from ldnkit.webmaps import PANEL_PIXELS, View
from ldnkit.words import describe
from ldnkit.yearly_words import describe_exposed, describe_years

__all__ = [
    "PANEL_PIXELS",
    "Counts",
    "Scale",
    "View",
    "bars",
    "degrees",
    "describe",
    "describe_exposed",
    "describe_years",
    "figure",
    "fit",
    "index_series",
    "interactive",
    "interactive_units",
    "matrix",
    "panels",
    "persons",
    "series",
    "stacked_years",
    "time_slider",
    "units",
]


def interactive(
    layers: Mapping[str, tuple],
    *,
    boundary=None,
    inside=None,
    water=None,
    language: str = "en",
    height: int = 500,
    opacity: float = 1.0,
    synthetic: bool = False,
    basemap: bool | None = None,
    limit: int = 1500,
    clip: bool = False,
    engine: str = "ipyleaflet",
    chooser=None,
):
    """A map to explore: choose a layer, fade it, click a place to read its class.

    Works without internet and without a server: layers are images inside the notebook.

    Parameters
    ----------
    layers : mapping of name to (layer, palette)
        ``{"Baseline": (path, "degradation"), "Soil": (array, Scale("t/ha"))}``; the first is shown.
    boundary : GeoDataFrame, Path or geometry, optional
        Drawn as a line; cells outside are transparent.
    inside, water, language, synthetic, limit, clip
        As for :func:`figure`. ``water`` may also be a mapping of name to layer.
    height : int
        Pixels.
    opacity : float
        0 (unseen) to 1.
    basemap : bool, optional
        Offer a street map from the internet, switched off at first.
        Default: yes, except for synthetic data.
    engine : {"ipyleaflet", "leafmap"}
        leafmap brings more tools and takes four seconds longer to load.
    chooser : ipywidgets selection, optional
        Another widget to choose a layer with; radio buttons by default.

    Returns
    -------
    ipyleaflet.Map or leafmap.Map

    Raises
    ------
    FileNotFoundError, ValueError
        As for :func:`figure`, no layer at all, or an unknown engine.

    Examples
    --------
    >>> interactive({"Baseline": ("sdg_baseline.tif", "sdg")}, boundary=border)  # doctest: +SKIP
    """
    from ipywidgets import RadioButtons

    if chooser is None and len(layers) > 1:
        names, layout = list(layers), {"width": "auto", "margin": "0 0 4px 0"}
        chooser = RadioButtons(options=names, layout=layout)
    boundary = pictures.shapes(boundary)
    masks = dict(boundary=boundary, inside=inside, limit=limit, clip=clip)
    explorer = _Explorer(layers, chooser, masks, water, language, opacity)
    return explorer.map(height, synthetic, basemap, engine)


def time_slider(layers: Mapping, *, palette, language: str = "en", **options):
    """A map with a slider over the years.

    Parameters
    ----------
    layers : mapping of year to layer
        ``{2000: path, 2001: path}``.
    palette : str, DataFrame, Scale or Counts
        Give a ``Scale`` its limits, so that the years can be compared.
    language, **options
        As for :func:`interactive`.

    Returns
    -------
    ipyleaflet.Map or leafmap.Map

    Examples
    --------
    >>> time_slider({2000: first, 2015: last}, palette="land_cover")  # doctest: +SKIP
    """
    from ipywidgets import SelectionSlider

    slider = SelectionSlider(
        options=[str(year) for year in layers],
        description=tables.label("map.year", language),
        continuous_update=False,
        layout={"width": "auto"},
        style={"description_width": "initial"},
    )
    named = {str(year): (layer, palette) for year, layer in layers.items()}
    return interactive(named, chooser=slider, language=language, **options)


class _Explorer:
    """The widgets of one interactive map and what they do to each other."""

    def __init__(self, layers, chooser, masks, water, language, opacity):
        if not layers:
            raise ValueError('A map needs a layer: found none; give {"name": (layer, palette)}.')
        self.layers, self.chooser, self.language = layers, chooser, language
        self.masks, self.water, self.opacity = masks, water, opacity
        self.shown = next(iter(layers))
        self.images, self.places = {}, {}

    def label(self, key: str, **values) -> str:
        return tables.label(key, self.language).format(**values)

    def text(self, body: str) -> str:
        return webmaps.text(body, self.language)

    def image(self, name: str):
        """Address, corners and legend of a layer; made when first asked for."""
        if name not in self.images:
            layer, palette = self.layers[name]
            water = self.water.get(name) if isinstance(self.water, Mapping) else self.water
            picture, index, colours = pictures.placed(layer, palette, water=water, **self.masks)
            limit = max(self.masks["limit"], *index.shape)
            mercator, corners = overlays.on_mercator(index, picture.grid, limit=limit)
            legend = self.legend(palette, picture, set(np.unique(index).tolist()))
            self.images[name] = overlays.png(mercator, colours), corners, legend
            self.places[name] = index, picture.grid
        return self.images[name]

    def legend(self, palette, picture, seen) -> str:
        limits = pictures.limits(picture, palette) if isinstance(palette, Scale) else None
        rows = webmaps.legend(palette, limits, self.language)
        if pictures.WATER in seen:
            rows.append(webmaps.swatch(self.label("map.water"), pictures.WATER_COLOUR))
        if pictures.NO_DATA in seen:
            rows.append(webmaps.swatch(self.label("no_data"), pictures.no_data_colour()))
        if picture.step > 1:
            thinned = html.escape(self.label("map.thinned", step=picture.step))
            rows.append(f"<small>{thinned}</small>")
        return self.text("<br>".join(rows))

    def map(self, height: int, synthetic: bool, basemap: bool | None, engine: str):
        import ipyleaflet

        url, corners, legend = self.image(self.shown)
        view = View(corners, height)
        world = webmaps.blank(engine, height, *view.fit(webmaps.FIRST_WIDTH))
        self.overlay = ipyleaflet.ImageOverlay(
            url=url, bounds=corners, opacity=self.opacity, name=self.shown
        )
        world.add(self.overlay)
        if self.masks["boundary"] is not None:
            border = webmaps.border(self.masks["boundary"], corners, self.label("map.boundary"))
            world.add(border)
        webmaps.add_controls(world, self.language, synthetic)
        offer = not synthetic if basemap is None else basemap
        panel = self.panel(legend, world if offer else None, height)
        world.add(ipyleaflet.WidgetControl(widget=panel, position="topright"))
        world.on_interaction(lambda **event: self.clicked(world, **event))
        view.refit(world)
        return world

    def panel(self, legend: str, world, height: int):
        import ipywidgets

        self.legend_box = ipywidgets.HTML(legend)
        self.readout = ipywidgets.HTML(self.text(f"<em>{self.label('map.click')}</em>"))
        slider = ipywidgets.FloatSlider(
            value=self.opacity, min=0, max=1, step=0.05, readout=False,
            description=self.label("map.opacity"), style={"description_width": "initial"},
            layout={"width": "auto"},
        )  # fmt: skip
        ipywidgets.link((slider, "value"), (self.overlay, "opacity"))
        parts = [self.legend_box, slider, self.readout]
        if self.chooser is not None:
            self.chooser.observe(lambda change: self.show(change["new"]), "value")
            parts.insert(0, self.chooser)
        if world is not None:
            parts.insert(-1, self.street_switch(world))
        return webmaps.panel(parts, height)

    def street_switch(self, world):
        """A switch that loads a street map only when somebody wants it."""
        import ipyleaflet
        import ipywidgets

        switch = ipywidgets.Checkbox(
            value=False, description=self.label("map.streets"), indent=False,
            layout={"width": "auto"},
        )  # fmt: skip
        streets = ipyleaflet.TileLayer(
            url="https://tile.openstreetmap.org/{z}/{x}/{y}.png",
            attribution="© OpenStreetMap contributors",
            name="OpenStreetMap",
        )

        def turn(change):
            if change["new"]:
                world.layers = (streets, *world.layers)
            else:
                world.layers = tuple(layer for layer in world.layers if layer is not streets)

        switch.observe(turn, "value")
        return switch

    def show(self, name: str) -> None:
        """Change the image, its place and the legend."""
        url, corners, legend = self.image(name)
        self.shown = name
        self.overlay.bounds = corners
        self.overlay.url = url
        self.overlay.name = name
        self.legend_box.value = legend

    def read(self, latitude: float, longitude: float) -> str:
        """What the shown layer holds at a place, and the place below."""
        layer, palette = self.layers[self.shown]
        place = f"{degrees(round(latitude, 3), 'NS')}, {degrees(round(longitude, 3), 'EW')}"
        index, grid = self.places[self.shown]
        row, column = pictures.position(grid, longitude, latitude, index.shape)
        within = 0 <= row < index.shape[0] and 0 <= column < index.shape[1]
        drawn = index[row, column] if within else pictures.TRANSPARENT
        if drawn in (pictures.TRANSPARENT, pictures.WATER):
            key = "map.water" if drawn == pictures.WATER else "map.outside"
            return f"{self.label(key)}\n{place}"
        value = pictures.value_at(layer, longitude, latitude)
        if value is None:
            return f"{self.label('no_data')}\n{place}"
        if isinstance(palette, Scale):
            return f"{value:.4g} {palette.unit}\n{place}"
        if isinstance(palette, Counts):
            return f"{numerals.short(value, self.language)} {palette.unit}\n{place}"
        names = pictures.classes(palette, self.language).set_index("code")["label"]
        return f"{names.get(int(value), value)}\n{place}"

    def clicked(self, world, **event) -> None:
        """Put the answer for a clicked place into the panel and mark the place."""
        import ipyleaflet

        if event.get("type") != "click":
            return
        place = event["coordinates"]
        what, where = map(html.escape, self.read(*place).split("\n"))
        self.readout.value = self.text(f"<b>{what}</b><br>{where}")
        if not hasattr(self, "mark"):
            self.mark = ipyleaflet.CircleMarker(
                location=place, radius=6, color="#222222", weight=2, fill_opacity=0
            )
            world.add(self.mark)
        self.mark.location = place

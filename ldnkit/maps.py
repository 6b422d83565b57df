"""Maps for notebooks: interactive maps, and the same said in words.

The static figures of :mod:`ldnkit.figures` and :mod:`ldnkit.charts` are offered here too, so that
``ldnkit.maps`` is all a notebook needs. Every interactive map stands beside its static figure.
"""

from __future__ import annotations

import html
import math
from collections.abc import Mapping

import numpy as np

from ldnkit import overlays, pictures, tables
from ldnkit.charts import bars, matrix, series
from ldnkit.figures import degrees, figure, panels
from ldnkit.pictures import Scale
from ldnkit.words import describe

__all__ = [
    "Scale",
    "bars",
    "degrees",
    "describe",
    "figure",
    "interactive",
    "matrix",
    "panels",
    "series",
    "time_slider",
]

PANEL_PIXELS = 236
#: Size of a map before the browser has told its own: JupyterLab at 1280 × 720.
FIRST_WIDTH = 880
STYLE = """<style>
.ldnkit-map .leaflet-container {background: #e1e7ec; font: 12px/1.4 system-ui, sans-serif}
.ldnkit-panel {background: rgba(255,255,255,.94); padding: 8px 10px; border-radius: 4px}
.ldnkit-panel .widget-html-content, .ldnkit-legend {font-size: 12px; line-height: 1.45;
  color: #222; white-space: normal}
.ldnkit-panel .widget-radio-box label {display: flex; flex-direction: row-reverse;
  justify-content: flex-end; align-items: flex-start; height: auto; line-height: 1.35;
  white-space: normal; margin-bottom: 3px}
.ldnkit-legend i {display: inline-block; width: 16px; height: 12px; margin-inline-end: 7px;
  border: 1px solid #888; vertical-align: -1px}
.ldnkit-map .leaflet-control-attribution {max-width: 60%; white-space: normal; color: #333}
</style>"""


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
    inside, water, language, synthetic, limit
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
    explorer = _Explorer(layers, chooser, boundary, inside, water, language, limit, opacity)
    return explorer.map(height, synthetic, basemap, engine)


def time_slider(layers: Mapping, *, palette, language: str = "en", **options):
    """A map with a slider over the years.

    Parameters
    ----------
    layers : mapping of year to layer
        ``{2000: path, 2001: path}``.
    palette : str, DataFrame or Scale
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

    def __init__(self, layers, chooser, boundary, inside, water, language, limit, opacity):
        if not layers:
            raise ValueError('A map needs a layer: found none; give {"name": (layer, palette)}.')
        self.layers, self.chooser, self.language, self.limit = layers, chooser, language, limit
        self.boundary, self.inside, self.water = boundary, inside, water
        self.opacity = opacity
        self.shown = next(iter(layers))
        self.images, self.places = {}, {}

    def label(self, key: str, **values) -> str:
        return tables.label(key, self.language).format(**values)

    def image(self, name: str):
        """Address, corners and legend of a layer; made when first asked for."""
        if name not in self.images:
            layer, palette = self.layers[name]
            picture = pictures.read(layer, limit=self.limit)
            within = pictures.inside_mask(picture, self.inside, self.boundary, self.limit)
            water = self.water.get(name) if isinstance(self.water, Mapping) else self.water
            wet = pictures.water_mask(picture, water, palette, self.limit)
            index, colours = pictures.coloured(picture, palette, inside=within, water=wet)
            mercator, corners = overlays.on_mercator(index, picture.grid, limit=self.limit)
            legend = self.legend(palette, picture, set(np.unique(index).tolist()))
            self.images[name] = overlays.png(mercator, colours), corners, legend
            self.places[name] = index, picture.grid
        return self.images[name]

    def legend(self, palette, picture, seen) -> str:
        if isinstance(palette, Scale):
            rows = [_gradient(palette, pictures.limits(picture, palette))]
        else:
            table = pictures.classes(palette, self.language)
            rows = [_swatch(text, colour) for _, text, colour in table.itertuples(index=False)]
        if pictures.WATER in seen:
            rows.append(_swatch(self.label("map.water"), pictures.WATER_COLOUR))
        if pictures.NO_DATA in seen:
            rows.append(_swatch(self.label("no_data"), pictures.no_data_colour()))
        if picture.step > 1:
            thinned = html.escape(self.label("map.thinned", step=picture.step))
            rows.append(f"<small>{thinned}</small>")
        return self.text("<br>".join(rows))

    def text(self, body: str) -> str:
        direction = "rtl" if self.language == "ar" else "ltr"
        return f'<div class="ldnkit-legend" dir="{direction}" lang="{self.language}">{body}</div>'

    def map(self, height: int, synthetic: bool, basemap: bool | None, engine: str):
        import ipyleaflet

        url, corners, legend = self.image(self.shown)
        view = View(corners, height)
        centre, zoom = view.fit(FIRST_WIDTH)
        world = _blank(engine, height, centre, zoom)
        world.add_class("ldnkit-map")
        self.overlay = ipyleaflet.ImageOverlay(
            url=url, bounds=corners, opacity=self.opacity, name=self.shown
        )
        world.add(self.overlay)
        if self.boundary is not None:
            world.add(_border(self.boundary, corners, self.label("map.boundary")))
        world.add(
            ipyleaflet.ZoomControl(
                position="topleft",
                zoom_in_title=self.label("map.zoom_in"),
                zoom_out_title=self.label("map.zoom_out"),
            )
        )
        world.add(ipyleaflet.FullScreenControl(position="topleft"))
        world.add(ipyleaflet.ScaleControl(position="bottomleft", imperial=False))
        said = [self.label("notice.synthetic")] if synthetic else []
        said.append(self.label("notice.boundaries"))
        world.add(ipyleaflet.AttributionControl(position="bottomright", prefix=" · ".join(said)))
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
        panel = ipywidgets.VBox([ipywidgets.HTML(STYLE, layout={"display": "none"}), *parts])
        panel.layout.width = f"{PANEL_PIXELS}px"
        # many layers: the panel scrolls before it covers the note on boundaries
        panel.layout.max_height = f"{height - 80}px"
        panel.layout.overflow = "hidden auto"
        panel.add_class("ldnkit-panel")
        return panel

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


class View:
    """Where a map must look to show its layer beside the panel."""

    def __init__(self, corners, height: int):
        ((south, west), (north, east)), self.height = corners, height
        self.west, self.east = west, east
        self.low, self.high = (float(overlays.mercator(value)) for value in (south, north))

    def fit(self, width: float) -> tuple[tuple[float, float], float]:
        """Centre (latitude, longitude) and zoom for a map so many pixels wide."""
        free = max(width - PANEL_PIXELS - 90, 150)
        wide = math.radians(self.east - self.west)
        pixels = min(free / wide, (self.height - 70) / (self.high - self.low))
        zoom = math.floor(4 * math.log2(pixels * 2 * math.pi / 256)) / 4
        zoom = min(max(zoom, 0), 18)
        pixels = 256 * 2**zoom / (2 * math.pi)
        # the panel hides the right side: look further east, so that the layer lies left of it
        longitude = (self.west + self.east) / 2 + math.degrees((PANEL_PIXELS - 30) / 2 / pixels)
        middle = (self.low + self.high) / 2 - 8 / pixels
        return (math.degrees(math.atan(math.sinh(middle))), longitude), zoom

    def refit(self, world) -> None:
        """Look again, once, when the browser tells how wide the map really is."""
        first = world.zoom

        def measured(change):
            (left, _), (right, _) = change["new"]
            if not 0 < right - left < 10_000:
                return
            world.unobserve(measured, "pixel_bounds")
            if world.zoom == first:
                world.center, world.zoom = self.fit(right - left)

        world.observe(measured, "pixel_bounds")


def _blank(engine: str, height: int, centre, zoom):
    """A map without layers and controls."""
    options = dict(
        center=centre, zoom=zoom, zoom_snap=0.25, zoom_delta=0.5, max_zoom=18,
        interpolation="nearest", zoom_control=False, attribution_control=False,
        scroll_wheel_zoom=False,
    )  # fmt: skip
    if engine == "ipyleaflet":
        from ipyleaflet import Map

        world = Map(**options)
    elif engine == "leafmap":
        from leafmap.leafmap import Map

        world = Map(**options, draw_control=False, toolbar_control=False)
    else:
        raise ValueError(f"Unknown map engine: found {engine!r}; use ipyleaflet or leafmap.")
    world.layers = ()
    world.controls = ()
    world.layout.height = f"{height}px"
    return world


def _border(boundary, corners, name: str):
    """The boundary as a thin line, no finer than a pixel of the overlay."""
    import ipyleaflet

    (_, west), (_, east) = corners
    lines = pictures.outline(boundary, crs="EPSG:4326", middle=(west + east) / 2)
    lines = lines.boundary.simplify((east - west) / 2000)
    style = {"color": "#222222", "weight": 1.2, "fillOpacity": 0, "smoothFactor": 0.2}
    return ipyleaflet.GeoJSON(data=lines.__geo_interface__, style=style, name=name)


def _swatch(text: str, colour: str) -> str:
    return f'<i style="background:{colour}"></i>{html.escape(text)}'


def _gradient(scale: Scale, limits: tuple[float, float]) -> str:
    from matplotlib import colormaps
    from matplotlib.colors import to_hex

    colours = ", ".join(to_hex(colormaps[scale.colormap](share)) for share in np.linspace(0, 1, 9))
    low, high = (f"{limit:.4g}" for limit in limits)
    return (
        f'{html.escape(scale.unit)}<div dir="ltr"><div style="height:12px;border:1px solid #888;'
        f'background:linear-gradient(to right, {colours})"></div>'
        f'<span style="float:right">{high}</span>{low}</div>'
    )

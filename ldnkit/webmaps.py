"""The parts of an interactive map: the empty map, its controls, its panel and its legend."""

from __future__ import annotations

import html
import math

import numpy as np

from ldnkit import overlays, pictures, tables
from ldnkit.keyboard import KEEPS_KEYS
from ldnkit.scales import Counts, Scale

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


def blank(engine: str, height: int, centre, zoom):
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
    world.add_class("ldnkit-map")
    world.layout.height = f"{height}px"
    return world


def border(boundary, corners, name: str):
    """The boundary as a thin line, no finer than a pixel of the overlay."""
    import ipyleaflet

    (_, west), (_, east) = corners
    lines = pictures.outline(boundary, crs="EPSG:4326", middle=(west + east) / 2)
    lines = lines.boundary.simplify((east - west) / 2000)
    style = {"color": "#222222", "weight": 1.2, "fillOpacity": 0, "smoothFactor": 0.2}
    return ipyleaflet.GeoJSON(data=lines.__geo_interface__, style=style, name=name)


def add_controls(world, language: str, synthetic: bool) -> None:
    """Zoom, full screen, scale bar, and the notes that stand on every map."""
    import ipyleaflet

    def label(key: str) -> str:
        return tables.label(key, language)

    zoom = ipyleaflet.ZoomControl(
        position="topleft",
        zoom_in_title=label("map.zoom_in"),
        zoom_out_title=label("map.zoom_out"),
    )
    said = [label("notice.synthetic")] if synthetic else []
    said.append(label("notice.boundaries"))
    prefix = f'<span dir="{_direction(language)}">{" · ".join(said)}</span>'
    notes = ipyleaflet.AttributionControl(position="bottomright", prefix=prefix)
    scale = ipyleaflet.ScaleControl(position="bottomleft", imperial=False)
    for control in (zoom, ipyleaflet.FullScreenControl(position="topleft"), scale, notes):
        world.add(control)


def panel(parts: list, height: int):
    """Widgets one below the other, in a box that scrolls before it covers the notes."""
    import ipywidgets

    style = ipywidgets.HTML(STYLE + KEEPS_KEYS, layout={"display": "none"})
    box = ipywidgets.VBox([style, *parts])
    box.layout.width = f"{PANEL_PIXELS}px"
    box.layout.max_height = f"{height - 80}px"
    box.layout.overflow = "hidden auto"
    box.add_class("ldnkit-panel")
    return box


def text(body: str, language: str) -> str:
    """HTML in the direction of its language."""
    direction = _direction(language)
    return f'<div class="ldnkit-legend" dir="{direction}" lang="{language}">{body}</div>'


def _direction(language: str) -> str:
    return "rtl" if language == "ar" else "ltr"


def legend(palette, limits, language: str) -> list[str]:
    """Rows of a legend: the classes, or the colours from the lowest to the highest value."""
    if isinstance(palette, Scale):
        return [gradient(palette, limits)]
    table = pictures.classes(palette, language)
    rows = [swatch(text, colour) for _, text, colour in table.itertuples(index=False)]
    if isinstance(palette, Counts):
        rows.insert(0, html.escape(palette.unit))
    return rows


def swatch(text: str, colour: str) -> str:
    """A colour and its meaning."""
    return f'<i style="background:{colour}"></i>{html.escape(text)}'


def gradient(scale: Scale, limits: tuple[float, float]) -> str:
    """The colours of a quantity from its lowest to its highest value."""
    from matplotlib import colormaps
    from matplotlib.colors import to_hex

    colours = ", ".join(to_hex(colormaps[scale.colormap](share)) for share in np.linspace(0, 1, 9))
    low, high = (f"{limit:.4g}" for limit in limits)
    return (
        f'{html.escape(scale.unit)}<div dir="ltr"><div style="height:12px;border:1px solid #888;'
        f'background:linear-gradient(to right, {colours})"></div>'
        f'<span style="float:right">{high}</span>{low}</div>'
    )

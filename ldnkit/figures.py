"""Static maps of classes and quantities.

The colours come from :func:`ldnkit.tables.palette`, the words from :func:`ldnkit.tables.label`.
Both functions return a matplotlib ``Figure``; end a notebook cell with it to see it.
"""

from __future__ import annotations

import functools
import io
from collections.abc import Iterable, Mapping
from importlib import resources

import numpy as np

from ldnkit import numerals, pictures, tables
from ldnkit.scales import Counts, Scale

#: The font for Chinese that the package brings: matplotlib's own has no Chinese signs.
CHINESE_FONT, CHINESE_FILE = "ldnkit Sans SC", "fonts/ldnkit-sans-sc.otf"
INK, SOFT_INK, DEGREE_KM = "#222222", "#666666", 111.32


@functools.cache
def writing(language: str) -> tuple[str, tuple[str, ...]]:
    """The language of words inside a picture, and the fonts for it.

    The font for Chinese comes with the package. Arabic is English with matplotlib 3.10, which
    does not join its letters: broken words help nobody.

    Examples
    --------
    >>> writing("fr")[0]
    'fr'
    >>> writing("zh")
    ('zh', ('ldnkit Sans SC', 'DejaVu Sans'))
    """
    fonts = ("DejaVu Sans",)
    if language == "zh":
        from matplotlib import font_manager

        file = resources.files("ldnkit") / "data" / CHINESE_FILE
        with resources.as_file(file) as path:
            font_manager.fontManager.addfont(path)
        return language, (CHINESE_FONT, *fonts)
    if language == "ar":
        from matplotlib import ft2font

        # Arabic letters join and run right to left only with the text shaper of matplotlib 3.11
        return ("ar" if hasattr(ft2font, "__libraqm_version__") else "en"), fonts
    return language, fonts


def drawable(text: str, fonts: tuple[str, ...]) -> str:
    """The text when the fonts have all its letters, otherwise nothing."""
    have = _letters(fonts)
    return text if all(ord(letter) in have or letter.isspace() for letter in text) else ""


@functools.cache
def _letters(fonts: tuple[str, ...]) -> frozenset[int]:
    from matplotlib import font_manager

    files = [font_manager.findfont(name) for name in fonts]
    return frozenset().union(*(font_manager.get_font(file).get_charmap() for file in files))


def figure(
    layer,
    *,
    palette,
    title: str = "",
    language: str = "en",
    boundary=None,
    inside=None,
    water=None,
    synthetic: bool = False,
    areas: Mapping[int, float] | None = None,
    limit: int = 1500,
    clip: bool = False,
    ax=None,
):
    """A map of one layer with legend, scale and the note on boundaries.

    Parameters
    ----------
    layer : Path, str or DataArray (y, x)
        Classes or a quantity, with a coordinate reference system.
    palette : str, DataFrame, Scale or Counts
        Name of a packaged palette (``"degradation"``, ``"drought"`` …), a legend
        (:func:`ldnkit.tables.legend`), ``Scale("t/ha")`` for a quantity, or
        :func:`ldnkit.maps.persons` for people.
    title, language : str
        Heading; one of the six languages of the labels.
    boundary : GeoDataFrame, Path or geometry, optional
        Drawn as a line; cells outside stay white.
    inside : Path or DataArray, optional
        Zones: no data outside the country. Quicker than the boundary.
    water : Path or DataArray, optional
        Land cover in UNCCD classes, true and false, or (layer, codes of water) for a national
        legend: water is drawn pale blue. A map of land cover keeps its own colour for it.
    synthetic : bool
        Say below the map that the data are made up for training.
    areas : mapping of class code to km², optional
        Shares in percent are then written in the legend.
    limit : int
        Most rows and columns drawn; larger layers are thinned to the nearest cell.
    clip : bool
        For large cells: draw those that the boundary cuts as far as the boundary.
        Otherwise a cell is drawn as a whole when its centre lies inside.
    ax : matplotlib Axes, optional
        Draw there; no legend and no note are added to the figure.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    FileNotFoundError, ValueError
        No such file, no coordinate reference system, a class that the palette does not know,
        a count below zero, or ``clip`` without a boundary.

    Examples
    --------
    >>> import numpy as np, xarray as xr, rioxarray
    >>> cells = xr.DataArray(np.array([[-1, 0], [1, 0]]), coords={"y": [1, 0], "x": [30, 31]},
    ...                      dims=["y", "x"]).rio.write_crs("EPSG:4326")
    >>> drawn = figure(cells, palette="degradation", title="Landia", synthetic=True)
    >>> [text.get_text() for text in drawn.legends[0].get_texts()]
    ['Degraded', 'Stable', 'Improved']
    """
    boundary = pictures.shapes(boundary)
    options = dict(boundary=boundary, inside=inside, water=water, limit=limit, clip=clip)
    words, fonts = writing(language)
    if ax is not None:
        _draw(ax, layer, palette, title, fonts, **options)
        return ax.figure
    sheet = new_sheet((8.6, 5.6))
    ax = sheet.add_subplot()
    drawn = _draw(ax, layer, palette, title, fonts, **options)
    _legend(sheet, [drawn], palette, words, fonts, areas=areas)
    note(sheet, words, fonts, synthetic=synthetic, step=drawn[0].step)
    return sheet


def panels(
    layers: Iterable[tuple],
    *,
    palette,
    title: str = "",
    language: str = "en",
    boundary=None,
    inside=None,
    water=None,
    synthetic: bool = False,
    columns: int = 3,
    limit: int = 800,
    clip: bool = False,
):
    """Several maps side by side with one legend.

    Parameters
    ----------
    layers : iterable of (layer, title)
    columns : int
        Most maps in a row.
    palette, title, language, boundary, inside, water, synthetic, limit, clip
        As for :func:`figure`. ``water`` may also be a list, one for each map.
        Give a ``Scale`` its limits, so that the maps can be compared.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    FileNotFoundError, ValueError
        As for :func:`figure`.

    Examples
    --------
    >>> panels([(first, "2000"), (last, "2015")], palette="land_cover")  # doctest: +SKIP
    """
    layers = list(layers)
    words, fonts = writing(language)
    waters = water if isinstance(water, list) else [water] * len(layers)
    width = min(columns, len(layers))
    height = -(-len(layers) // width)
    sheet = new_sheet((3.3 * width + 2.0, 3.1 * height + 0.7), layout="compressed")
    axes = sheet.subplots(height, width, squeeze=False).ravel()
    boundary = pictures.shapes(boundary)
    drawn = [
        _draw(ax, layer, palette, name, fonts, boundary, inside, wet, limit, clip, small=True)
        for ax, (layer, name), wet in zip(axes, layers, waters, strict=False)
    ]
    for ax in axes[len(layers) :]:
        ax.set_axis_off()
    if drawable(title, fonts):
        sheet.suptitle(title, fontfamily=fonts, fontweight="bold", color=INK)
    _legend(sheet, drawn, palette, words, fonts)
    step = max(picture.step for picture, _, _ in drawn)
    note(sheet, words, fonts, synthetic=synthetic, step=step)
    return sheet


def new_sheet(size, *, layout: str = "constrained"):
    """An empty figure that a notebook shows where a cell ends with it, and nowhere else."""
    return _sheet_class()(figsize=size, dpi=100, layout=layout)


@functools.cache
def _sheet_class():
    from matplotlib.figure import Figure

    class Sheet(Figure):
        """A figure that brings its own picture, so that pyplot need not know of it."""

        def _repr_png_(self):
            buffer = io.BytesIO()
            self.savefig(buffer, format="png", bbox_inches="tight", pad_inches=0.1)
            return buffer.getvalue()

    return Sheet


def _draw(ax, layer, palette, title, fonts, boundary, inside, water, limit, clip, small=False):
    """Draw a layer; returns its picture, the colour numbers in it and the drawn image."""
    from matplotlib.colors import ListedColormap

    picture, index, colours = pictures.placed(
        layer, palette, boundary=boundary, inside=inside, water=water, limit=limit, clip=clip
    )
    left, bottom, right, top = picture.bounds
    colormap = ListedColormap(np.array(colours) / 255)
    image = ax.imshow(
        index,
        cmap=colormap,
        vmin=-0.5,
        vmax=len(colours) - 0.5,
        extent=(left, right, bottom, top),
        interpolation="nearest",
        aspect=aspect(picture),
    )
    if boundary is not None:
        lines = pictures.outline(boundary, crs=picture.grid.crs, middle=(left + right) / 2)
        lines.boundary.plot(ax=ax, color=INK, linewidth=0.8, aspect=None)
    ax.set(xlim=(left, right), ylim=(bottom, top), xlabel="", ylabel="")
    if drawable(title, fonts):
        ax.set_title(title, fontfamily=fonts, fontsize=10 if small else 12, color=INK)
    edges(ax, picture, small=small)
    return picture, index, image


def aspect(place) -> float:
    """How many times longer a unit to the north is drawn than one to the east."""
    _, bottom, _, top = place.bounds
    return 1 / np.cos(np.radians((bottom + top) / 2)) if place.geographic else 1


def edges(ax, place, *, small: bool = False) -> None:
    """Degrees along the edges and a scale bar; ``place`` has ``bounds`` and ``geographic``."""
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    for spine in ax.spines.values():
        spine.set_color("#bbbbbb")
    ax.tick_params(labelsize=7 if small else 8, colors=SOFT_INK, length=2)
    if place.geographic:
        ax.xaxis.set(
            major_locator=MaxNLocator(4, steps=[1, 2, 5, 10]),
            major_formatter=FuncFormatter(lambda x, _: degrees(x, "EW")),
        )
        ax.yaxis.set(
            major_locator=MaxNLocator(4, steps=[1, 2, 5, 10]),
            major_formatter=FuncFormatter(lambda y, _: degrees(y, "NS")),
        )
    else:
        ax.set(xticks=[], yticks=[])
    _scale_bar(ax, place)


def degrees(value: float, sides: str) -> str:
    """A coordinate for people: 181.5 east is 178.5° W.

    Examples
    --------
    >>> degrees(181.5, "EW"), degrees(-12.25, "NS"), degrees(180, "EW")
    ('178.5° W', '12.25° S', '180°')
    """
    if sides == "EW":
        value = (value + 180) % 360 - 180
    value = round(float(value), 4)
    side = "" if value == 0 or abs(value) == 180 else f" {sides[int(value < 0)]}"
    return f"{abs(value):g}°{side}"


def _scale_bar(ax, picture) -> None:
    left, bottom, right, top = picture.bounds
    if picture.geographic:
        unit = DEGREE_KM * np.cos(np.radians((bottom + top) / 2))
    else:
        unit = 1 / 1000
    target = (right - left) * unit / 4
    power = 10.0 ** np.floor(np.log10(target))
    length = max(step for step in (1, 2, 5) if step * power <= target) * power
    ax.plot(
        [0.03, 0.03 + length / unit / (right - left)],
        [0.035, 0.035],
        transform=ax.transAxes,
        color=INK,
        linewidth=2.5,
        solid_capstyle="butt",
    )
    from matplotlib.patheffects import withStroke

    text = ax.text(
        0.03, 0.05, f"{length:g} km", transform=ax.transAxes, fontsize=7, color=INK, va="bottom"
    )
    text.set_path_effects([withStroke(linewidth=2.5, foreground="white")])  # over lines of a coast


def _legend(sheet, drawn, palette, words, fonts, *, areas=None) -> None:
    """One legend for all maps of a sheet: the classes, or a colour bar with the unit."""
    seen = set().union(*(np.unique(index).tolist() for _, index, _ in drawn))
    total = sum(areas.values()) if areas else 0

    def share(code):
        return f" ({numerals.percent(areas.get(code, 0) / total, words)})" if total else ""

    entries = []
    if isinstance(palette, Scale):
        _colour_bar(sheet, drawn, palette, fonts)
    else:
        table = pictures.classes(palette, words)
        for code, text, colour in table.itertuples(index=False):
            entries.append((f"{text}{share(code)}", colour))
    if pictures.WATER in seen:
        entries.append((tables.label("map.water", words), pictures.WATER_COLOUR))
    if pictures.NO_DATA in seen:
        text = f"{tables.label('no_data', words)}{share(tables.NODATA)}"
        entries.append((text, pictures.no_data_colour()))
    class_legend(sheet, entries, fonts, palette.unit if isinstance(palette, Counts) else "")


def class_legend(sheet, entries: list[tuple[str, str]], fonts, unit: str = "") -> None:
    """Texts and colours beside the maps of a sheet; above them the unit, if there is one."""
    from matplotlib.patches import Patch

    if not entries:
        return
    handles = [
        Patch(facecolor=colour, edgecolor="#888888", linewidth=0.5, label=text)
        for text, colour in entries
    ]
    sheet.legend(
        handles=handles,
        loc="outside right upper",
        frameon=False,
        prop={"family": list(fonts), "size": 9},
        labelcolor=INK,
        title=drawable(unit, fonts) or None,
        title_fontproperties={"family": list(fonts), "size": 9},
        alignment="left",
    )


def _colour_bar(sheet, drawn, scale: Scale, fonts) -> None:
    ranges = [pictures.limits(picture, scale) for picture, _, _ in drawn]
    if len(set(ranges)) > 1:
        raise ValueError(
            f"The maps would have different colour scales: found limits {ranges}; "
            'give them, for example Scale("t/ha", limits=(0, 120)).'
        )
    colour_bar(sheet, [image.axes for _, _, image in drawn], scale, ranges[0], fonts)


def colour_bar(sheet, axes, scale: Scale, limits: tuple[float, float], fonts) -> None:
    """The colours of a quantity beside its maps, with the unit."""
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import Normalize

    bar = sheet.colorbar(
        ScalarMappable(Normalize(*limits), scale.colormap),
        ax=axes,
        shrink=0.7,
        extend="both" if scale.limits is None else "neither",
    )
    bar.set_label(drawable(scale.unit, fonts), fontfamily=fonts, color=INK)
    bar.outline.set_visible(False)


def note(sheet, words, fonts, *, synthetic: bool, step: int = 1, more: str = "") -> None:
    """What stands below every map: training data, thinning, and the boundary disclaimer."""
    lines = [more] if more else []
    if synthetic:
        lines.append(tables.label("notice.synthetic", words))
    if step > 1:
        lines.append(tables.label("map.thinned", words).format(step=step))
    lines.append(tables.label("notice.boundaries", words))
    text = "\n".join(lines)
    sheet.supxlabel(text, fontsize=7, fontfamily=fonts, color=SOFT_INK, linespacing=1.4)

"""Colours and class names beside a map: a style for QGIS, an attribute table for GDAL programs.

A GeoTIFF of int16 classes cannot hold a colour table, so the colours travel in these files.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

import numpy as np

from ldnkit import numerals, tables
from ldnkit.handover.layers import Layer

#: Oldest QGIS whose style format is written; newer ones read it.
QGIS = "3.16"
#: Colours of an even scale that are written down; QGIS fills in those between.
STEPS = 11
#: Fields of an attribute table: name, type (0 integer, 2 text) and use, as GDAL numbers them.
FIELDS = (
    ("Value", 0, 5),
    ("Class_Name", 2, 2),
    ("Red", 0, 6),
    ("Green", 0, 7),
    ("Blue", 0, 8),
    ("Class_Name_EN", 2, 0),
)


def write(layer: Layer, path: Path, language: str = "en") -> dict[Path, str]:
    """Write the style of a map and, for classes, its attribute table.

    Parameters
    ----------
    layer : Layer
    path : Path
        The GeoTIFF they belong to.
    language : {"en", "fr", "es", "ru", "ar", "zh"}
        Language of class names.

    Returns
    -------
    dict of Path to str
        Each file and what it is.
    """
    title = layer.titles[language]
    files = {path.with_suffix(".qml"): (qgis_style(layer, language), "package.style")}
    if layer.values == "classes":
        table = attribute_table(layer, language)
        files[path.with_name(f"{path.name}.aux.xml")] = (table, "package.attribute_table")
    for file, (text, _) in files.items():
        file.write_text(text, encoding="utf-8", newline="\n")
    return {
        file: tables.label(key, language).format(title=title) for file, (_, key) in files.items()
    }


def qgis_style(layer: Layer, language: str = "en") -> str:
    """The style of a map for QGIS: classes with names, or a scale of colours.

    Parameters
    ----------
    layer : Layer
    language : str

    Returns
    -------
    str
        XML.
    """
    paletted = layer.values == "classes"
    root = Element("qgis", version=QGIS, styleCategories="LayerConfiguration|Symbology|Rendering")
    pipe = SubElement(root, "pipe")
    provider = SubElement(pipe, "provider")
    near = "nearestNeighbour" if paletted else "bilinear"
    sampling = {"zoomedInResamplingMethod": "nearestNeighbour", "zoomedOutResamplingMethod": near}
    SubElement(provider, "resampling", enabled="false", maxOversampling="2", **sampling)
    kind = "paletted" if paletted else "singlebandpseudocolor"
    common = {"band": "1", "opacity": "1", "alphaBand": "-1", "nodataColor": ""}
    renderer = SubElement(pipe, "rasterrenderer", type=kind, **common)
    SubElement(renderer, "rasterTransparency")
    if paletted:
        palette = SubElement(renderer, "colorPalette")
        for each in layer.classes.to_dict("records"):
            shown = {"label": each[language], "color": each["colour"], "alpha": "255"}
            SubElement(palette, "paletteEntry", value=str(each["code"]), **shown)
    else:
        _scale(renderer, layer, language)
    SubElement(pipe, "brightnesscontrast", brightness="0", contrast="0", gamma="1")
    SubElement(pipe, "huesaturation", saturation="0", grayscaleMode="0", colorizeOn="0")
    SubElement(pipe, "rasterresampler", maxOversampling="2")
    SubElement(root, "blendMode").text = "0"
    head = "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"
    return head + _text(root)


def _scale(renderer: Element, layer: Layer, language: str) -> None:
    """Classes of counts, each with its upper limit, or colours that run between two values."""
    items = list(_classes(layer, language) if layer.values == "counts" else _run(layer, language))
    first, last = f"{layer.limits[0]:g}", f"{layer.limits[-1]:g}"
    renderer.set("classificationMin", first)
    renderer.set("classificationMax", last)
    way = "DISCRETE" if layer.values == "counts" else "INTERPOLATED"
    options = {"minimumValue": first, "maximumValue": last, "labelPrecision": "0"}
    shader = SubElement(
        SubElement(renderer, "rastershader"),
        "colorrampshader",
        colorRampType=way,
        classificationMode="1",
        clip="0",
        **options,
    )
    for value, label, colour in items:
        SubElement(shader, "item", value=value, label=label, color=colour, alpha="255")


def _classes(layer: Layer, language: str) -> Iterator[tuple[str, str, str]]:
    """Upper limit, name and colour: nothing, below the first limit … and above the last.

    QGIS counts a limit to the class below it; a limit belongs to the class that begins with it,
    so the largest float32 below is written.
    """
    below = [float(np.nextafter(np.float32(limit), np.float32(0))) for limit in layer.limits]
    uppers = ["0", *(f"{limit:.9g}" for limit in below), "inf"]
    shown = layer.classes
    yield from zip(uppers, shown[language], shown["colour"], strict=True)


def _run(layer: Layer, language: str) -> Iterator[tuple[str, str, str]]:
    from matplotlib import colormaps
    from matplotlib.colors import to_hex

    first, last = layer.limits
    unit = layer.unit_name(language)
    for share in np.linspace(0, 1, STEPS):
        value = first + share * (last - first)
        label = f"{numerals.short(value, language)} {unit}".strip()
        yield f"{value:g}", label, to_hex(colormaps[layer.colormap](share))


def attribute_table(layer: Layer, language: str = "en") -> str:
    """The names and colours of the classes as GDAL and programs built on it read them.

    Parameters
    ----------
    layer : Layer
    language : str
        Language of ``Class_Name``; ``Class_Name_EN`` is English.

    Returns
    -------
    str
        XML of a ``.tif.aux.xml`` file.
    """
    root = Element("PAMDataset")
    band = SubElement(root, "PAMRasterBand", band="1")
    table = SubElement(band, "GDALRasterAttributeTable", tableType="thematic")
    for number, (name, kind, use) in enumerate(FIELDS):
        field = SubElement(table, "FieldDefn", index=str(number))
        for tag, text in (("Name", name), ("Type", kind), ("Usage", use)):
            SubElement(field, tag).text = str(text)
    for number, each in enumerate(layer.classes.to_dict("records")):
        row = SubElement(table, "Row", index=str(number))
        colour = [int(each["colour"][place : place + 2], 16) for place in (1, 3, 5)]
        for cell in (each["code"], each[language], *colour, each["en"]):
            SubElement(row, "F").text = str(cell)
    return _text(root)


def _text(root: Element) -> str:
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode") + "\n"

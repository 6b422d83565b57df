"""Figures show letters and no boxes, in every language."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
import xarray as xr

from ldnkit import figures, maps, outlines, tables
from ldnkit.numerals import number

WORLD = np.array([[-1, 0, 1], [0, -1, -32768]], np.int16)


def layer() -> xr.DataArray:
    import rioxarray  # noqa: F401

    world = xr.DataArray(WORLD, dims=("y", "x"), coords={"y": [1.0, 0.0], "x": [0.0, 1.0, 2.0]})
    return world.rio.write_crs("EPSG:4326")


def chinese() -> list[str]:
    texts = tables.read("labels")["zh"].tolist() + tables.read("messages")["zh"].tolist()
    return texts + [outlines.names(iso3)["zh"] for iso3 in outlines.countries().index]


def test_the_packaged_font_has_every_chinese_sign():
    _, fonts = figures.writing("zh")
    have = figures._letters(fonts[:1])
    missing = {sign for text in chinese() for sign in str(text) if sign.isprintable()}
    missing = {sign for sign in missing if ord(sign) not in have and ord(sign) > 0x2E80}
    assert not missing, f"run tests/tools/build_font.py: {''.join(sorted(missing))}"


def test_the_packaged_font_has_the_common_signs_too():
    """A name or a place that a Party writes itself: the signs of GB 2312."""
    _, fonts = figures.writing("zh")
    assert figures.drawable("中华人民共和国土地退化防治", fonts)
    assert len(figures._letters(fonts[:1])) > 6763


def test_the_font_is_small_has_its_licence_and_a_name_of_its_own(house):
    from fontTools.ttLib import TTFont

    folder = house / "ldnkit" / "data" / "fonts"
    file = folder / "ldnkit-sans-sc.otf"
    assert file.stat().st_size < 2_000_000
    licence = (folder / "OFL.txt").read_text(encoding="utf-8")
    assert "SIL OPEN FONT LICENSE Version 1.1" in licence and "Adobe" in licence
    names = TTFont(file)["name"]
    assert names.getDebugName(1) == figures.CHINESE_FONT
    assert "Open Font License" in names.getDebugName(13)


@pytest.mark.parametrize("language", tables.LANGUAGES)
def test_figures_have_no_box(language):
    words, _ = figures.writing(language)
    title = tables.label("indicator.sdg", words)
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # matplotlib warns about every sign it has not
        sheet = maps.figure(
            layer(), palette="degradation", language=language, title=title, synthetic=True
        )
        assert sheet._repr_png_()[:4] == b"\x89PNG"
        layers = [(layer(), title), (layer(), number(1234.5, language))]
        sheet = maps.panels(layers, palette="degradation", language=language)
        assert sheet._repr_png_()[:4] == b"\x89PNG"
    said = sheet.legends[0].get_texts()[0].get_text()
    assert said == tables.palette("degradation", words)["label"].iloc[0]


def test_chinese_needs_no_font_of_the_computer(monkeypatch):
    from matplotlib import font_manager

    own = [font for font in font_manager.fontManager.ttflist if "DejaVu" in font.name]
    monkeypatch.setattr(font_manager.fontManager, "ttflist", own)
    figures.writing.cache_clear()
    figures._letters.cache_clear()
    try:
        language, fonts = figures.writing("zh")
        assert language == "zh" and figures.drawable("退化土地", fonts)
    finally:
        figures.writing.cache_clear()
        figures._letters.cache_clear()

"""Maps and charts: the right cell in the right place, the right colour, the right words."""

import math
import subprocess
import sys
import warnings

import geopandas
import numpy as np
import pandas as pd
import pytest
import rioxarray  # noqa: F401
import shapely
from drawn_layers import decoded, layer
from hypothesis import given
from hypothesis import strategies as st

from ldnkit import areas, maps, overlays, pictures, tables, words

GAP = tables.NODATA
WORLD = np.array([[-1, 0, 1], [GAP, 0, -1]], np.int16)


# --- Where a cell is drawn -------------------------------------------------------------------


@pytest.mark.parametrize("latitude", [-70.0, -10.0, 0.0, 30.0, 50.0, 80.0])
def test_mercator_is_the_textbook_formula(latitude):
    # Snyder (1987), equation 7-1: y = ln tan(45° + latitude / 2)
    expected = math.log(math.tan(math.pi / 4 + math.radians(latitude) / 2))
    assert overlays.mercator(latitude) == pytest.approx(expected, abs=1e-12)


def test_a_row_at_50_north_lands_in_its_mercator_row():
    # 60°–40° N in rows of 0.1°; row 99 spans 50.1°–50.0° N, middle 50.05°
    values = np.zeros((200, 4), np.int16)
    values[99] = -1
    picture = pictures.read(layer(values, top=60, size=0.1))
    index, colours = pictures.coloured(picture, "degradation")
    image, ((south, west), (north, east)) = overlays.on_mercator(index, picture.grid)
    assert (south, west, north, east) == pytest.approx((40, 30, 60, 30.4))

    def height(latitude):
        return math.log(math.tan(math.pi / 4 + math.radians(latitude) / 2))

    rows = len(image)
    expected = (height(60) - height(50.05)) / (height(60) - height(40)) * rows
    found = np.flatnonzero(image[:, 0] == pictures.FIRST)
    assert abs(found.mean() + 0.5 - expected) <= 1
    # stretching the degrees between the corners would miss it by more than four rows
    assert abs((60 - 50.05) / 20 * rows - expected) > 4


def test_a_web_map_ends_before_the_pole():
    picture = pictures.read(layer(np.zeros((180, 2), np.int16), top=90))
    index, _ = pictures.coloured(picture, "degradation")
    _, ((south, _), (north, _)) = overlays.on_mercator(index, picture.grid)
    assert -south == north == pytest.approx(85.0511, abs=1e-4)


def test_longitudes_past_180_stay_beside_the_date_line():
    picture = pictures.read(layer(np.zeros((2, 4), np.int16), left=178.0))
    index, _ = pictures.coloured(picture, "degradation")
    _, ((_, west), (_, east)) = overlays.on_mercator(index, picture.grid)
    assert (west, east) == (178.0, 182.0)


@pytest.mark.parametrize("crs,longitude,latitude", [(32636, 33.4, 51.2), (3832, -179.7, -17.6)])
def test_a_projected_cell_lands_within_one_pixel(crs, longitude, latitude):
    from pyproj import Transformer

    forward = Transformer.from_crs(4326, crs, always_xy=True)
    x, y = forward.transform(longitude, latitude)
    # 100 × 100 cells of 1 km; the place lies in the middle of cell (40, 70)
    values = np.zeros((100, 100), np.int16)
    values[40, 70] = -1
    array = layer(values, left=x - 70_500, top=y + 40_500, size=1000, crs=f"EPSG:{crs}")
    picture = pictures.read(array)
    index, _ = pictures.coloured(picture, "degradation")
    image, ((south, west), (north, east)) = overlays.on_mercator(index, picture.grid)
    assert 0 < east - west < 3
    longitude += 360 * round(((west + east) / 2 - longitude) / 360)
    tall = overlays.mercator(north) - overlays.mercator(south)
    row = float((overlays.mercator(north) - overlays.mercator(latitude)) / tall) * image.shape[0]
    column = (longitude - west) / (east - west) * image.shape[1]
    found = np.argwhere(image == pictures.FIRST) + 0.5
    assert np.abs(found - [row, column]).max(axis=1).min() <= 1


def test_files_and_arrays_are_thinned_alike_and_never_averaged(tmp_path):
    random = np.random.default_rng(1)
    array = layer(random.choice([-1, 1], (90, 60)).astype(np.int16), size=0.1)
    array.rio.write_nodata(GAP).rio.to_raster(tmp_path / "layer.tif")
    thin = pictures.read(array, limit=30)
    assert thin.values.shape == (30, 20) and thin.step == 3
    # every third cell, the middle one of its three
    assert (thin.values == array.values[1::3, 1::3]).all()
    assert (pictures.read(tmp_path / "layer.tif", limit=30).values == thin.values).all()
    assert thin.bounds == pytest.approx((30, -7, 36, 2))


def test_a_layer_with_the_south_on_top_is_turned():
    turned = layer(WORLD).isel(y=slice(None, None, -1))
    assert (pictures.read(turned).values == WORLD).all()


def test_the_value_at_a_place(tmp_path):
    # 179  180  181      columns from 178.5
    array = layer(WORLD, left=178.5)
    array.rio.write_nodata(GAP).rio.to_raster(tmp_path / "layer.tif")
    for source in (array, tmp_path / "layer.tif"):
        assert pictures.value_at(source, 179.0, 1.5) == -1
        assert pictures.value_at(source, -179.0, 1.5) == 1
        assert pictures.value_at(source, 181.0, 0.5) == -1
        assert pictures.value_at(source, 179.0, 0.5) is None
        assert pictures.value_at(source, 170.0, 0.5) is None


def test_a_boundary_across_180_is_joined():
    west = shapely.box(179, 0, 180, 1)
    east = shapely.box(-180, 0, -179, 1)
    border = geopandas.GeoSeries([shapely.MultiPolygon([west, east])], crs=4326)
    (whole,) = pictures.outline(border, crs="EPSG:4326", middle=180.0)
    assert whole.geom_type == "Polygon" and whole.equals(shapely.box(179, 0, 181, 1))
    assert pictures.outline(border, crs="EPSG:4326", middle=0.0).equals(border)


def test_cells_inside_a_boundary_by_their_centre():
    picture = pictures.read(layer(np.zeros((2, 3), np.int16), left=179.0))
    border = geopandas.GeoSeries([shapely.box(-179.9, 0, -178.1, 2)], crs=4326)
    within = pictures.inside_mask(picture, None, border)
    assert within.tolist() == [[False, True, True], [False, True, True]]


# --- Colours -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["land_cover", "degradation", "sdg", "productivity", "status_detail", "trend"]
)
def test_every_class_has_the_colour_of_its_palette(name):
    table = tables.palette(name)
    table = table[table["code"] != GAP]
    picture = pictures.read(layer(table["code"].to_numpy(np.int16)[np.newaxis]))
    image = decoded(overlays.png(*pictures.coloured(picture, name)))
    expected = [pictures.rgba(colour) for colour in table["colour"]]
    assert image[0].tolist() == [list(colour) for colour in expected]


def test_outside_water_and_no_data():
    #  degraded  stable  improved      outside everything in the last column
    #  no data   water   degraded
    picture = pictures.read(layer(WORLD))
    within = np.array([[True, True, False], [True, True, False]])
    water = np.array([[False, False, False], [False, True, False]])
    index, colours = pictures.coloured(picture, "degradation", inside=within, water=water)
    assert index.tolist() == [[3, 4, 0], [1, 2, 0]]
    image = decoded(overlays.png(index, colours))
    assert image[:, 2, 3].tolist() == [0, 0]
    assert image[1, 0].tolist() == list(pictures.rgba(pictures.no_data_colour()))
    assert image[1, 1].tolist() == list(pictures.rgba(pictures.WATER_COLOUR))
    assert (image[:, :2, 3] == 255).all()


def test_land_cover_keeps_its_own_colour_for_water():
    cover = layer(np.array([[1, 7]], np.int16))
    picture = pictures.read(cover)
    assert pictures.water_mask(picture, cover, "land_cover") is None
    assert pictures.water_mask(picture, cover, tables.legend()) is None
    assert pictures.water_mask(picture, cover, "sdg").tolist() == [[False, True]]
    assert pictures.water_mask(picture, cover == 1, "sdg").tolist() == [[True, False]]
    assert pictures.water_mask(picture, (cover, [1, 9]), "sdg").tolist() == [[True, False]]


def test_a_class_without_colour_is_named():
    picture = pictures.read(layer(np.array([[0, 11]], np.int16)))
    with pytest.raises(ValueError, match=r"found \[11\], the palette has \[-1, 0, 1\]"):
        pictures.coloured(picture, "degradation")


def test_a_quantity_runs_from_the_first_to_the_last_colour():
    from matplotlib import colormaps

    picture = pictures.read(layer(np.array([[-5.0, 0.0, 10.0, 99.0, np.nan]])))
    image = decoded(overlays.png(*pictures.coloured(picture, maps.Scale("t/ha", (0, 10)))))
    low, high = (colormaps["viridis"](share, bytes=True) for share in (0.0, 1.0))
    assert (image[0, :2] == low).all() and (image[0, 2:4] == high).all()
    assert image[0, 4].tolist() == list(pictures.rgba(pictures.no_data_colour()))


@pytest.mark.parametrize(
    "wrong,message",
    [
        (layer(np.zeros((2, 2), np.int16)).expand_dims(year=[2000]), "one layer with rows"),
        (np.zeros((2, 2)), "found ndarray"),
        (layer(WORLD).drop_vars("spatial_ref"), "no coordinate reference system"),
    ],
)
def test_what_cannot_be_placed_is_refused(wrong, message):
    with pytest.raises(ValueError, match=message):
        pictures.read(wrong)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="found no file"):
        maps.figure(tmp_path / "none.tif", palette="sdg")


def test_a_mask_on_another_grid_is_refused():
    with pytest.raises(ValueError, match="given as water lies on another grid"):
        maps.figure(layer(WORLD), palette="sdg", water=layer(WORLD, left=31.0))
    with pytest.raises(ValueError, match="given as inside lies on another grid"):
        maps.describe(layer(WORLD), name="x", inside=layer(WORLD[:1]))


# --- Words -----------------------------------------------------------------------------------


def test_shares_and_place_by_hand():
    # areas 1 1   codes -1 0   degraded 1 + 3 of 8 km², stable 1, improved 3
    #       3 3         -1 1   rows weigh 2 and 6: their middles lie at 1/8 and 5/8 of the area,
    #                          so they are the northern and the middle third;
    #                          columns at 1/4 and 3/4: western and eastern third.
    # degraded: north-west 1 km², west 3 km² (75 %)
    cells, size = layer(np.array([[-1, 0], [-1, 1]], np.int16)), np.array([[1.0], [3.0]])
    assert maps.describe(cells, name="SDG", areas=size) == (
        "SDG: Degraded 50.0 %, Stable 12.5 %, Improved 37.5 %. "
        "Shares of 8.0 km², the area with a result; no data is not counted. "
        "Main place of degraded land: west (75 % of it)."
    )


def test_no_data_counts_inside_and_water_does_not():
    #  degraded  stable    improved        4 cells of 1 km² counted: the last column is outside
    #  no data   stable    degraded
    cells, one = layer(WORLD), np.ones((2, 1))
    zones = layer(np.array([[1, 1, GAP], [1, 1, GAP]], np.int16))
    cover = layer(np.array([[1, 2, 2], [2, 7, 2]], np.int16))
    whole = maps.describe(cells, name="SDG", inside=zones, areas=one)
    assert whole.startswith(
        "SDG: Degraded 25.0 %, Stable 50.0 %, Improved 0.0 %, No data 25.0 %. "
        "Shares of 4.0 km², the whole area inside the boundary."
    )
    land = maps.describe(cells, name="SDG", inside=zones, water=cover, areas=one)
    assert land.startswith(
        "SDG: Degraded 33.3 %, Stable 33.3 %, Improved 0.0 %, No data 33.3 %. "
        "Shares of 3.0 km², the land inside the boundary; water is not counted."
    )
    national = layer(np.array([[10, 20, 20], [20, 80, 20]], np.int16))
    assert maps.describe(cells, name="SDG", inside=zones, water=(national, [80]), areas=one) == land


def test_spread_out_and_absent_degradation():
    everywhere = layer(np.full((6, 6), -1, np.int16))
    assert maps.describe(everywhere, name="x", areas=np.ones((6, 1))).endswith(
        "Degraded land is spread out: no part of the area holds 20 % of it."
    )
    nowhere = maps.describe(layer(np.zeros((2, 2), np.int16)), name="x", areas=np.ones((2, 1)))
    assert "Degraded 0.0 %" in nowhere and "place" not in nowhere
    nothing = layer(np.full((2, 2), GAP, np.int16))
    assert maps.describe(nothing, name="x") == "x: there is nothing to show."


@pytest.mark.parametrize(
    "row,column,place",
    [(0, 0, "north-west"), (0, 1, "north"), (1, 1, "centre"), (1, 2, "east"), (2, 2, "south-east")],
)
def test_the_nine_places(row, column, place):
    values = np.zeros((3, 3), np.int16)
    values[row, column] = -1
    sentence = maps.describe(layer(values), name="x", areas=np.ones((3, 1)))
    assert f"degraded land: {place} (100 % of it)" in sentence


def test_degraded_classes_of_other_palettes():
    assert words._degraded("productivity") == [1, 2]
    assert words._degraded("status_detail") == [1, 2, 3]
    assert words._degraded("land_cover") == [] == words._degraded(tables.legend())


def test_strips_give_the_same_sentence_as_the_whole(monkeypatch, tmp_path):
    random = np.random.default_rng(2)
    values = random.choice([-1, 0, 1, GAP], (1100, 7), p=[0.4, 0.3, 0.2, 0.1]).astype(np.int16)
    values[:200, :3] = -1
    cells = layer(values, top=10, size=0.01)
    cells.rio.write_nodata(GAP).rio.to_raster(tmp_path / "cells.tif")
    whole = maps.describe(cells, name="x")
    # and the shares are those of the cross-table
    table = areas.crosstab(areas.cell_area(cells.odc.geobox), sdg=values)
    table = table[table["sdg"] != GAP].set_index("sdg")["area_km2"]
    assert f"Degraded {100 * table[-1] / table.sum():.1f} %" in whole
    monkeypatch.setattr(pictures, "STRIP_CELLS", 7)
    assert len(list(pictures.strips(cells))) == 69  # of 16 rows each
    assert maps.describe(cells, name="x") == whole
    assert maps.describe(tmp_path / "cells.tif", name="x") == whole


def test_a_table_is_described_by_its_class_column():
    table = pd.DataFrame(
        {"period": "baseline", "sdg": [-1, 0, GAP], "area_km2": [1000.0, 2000.0, 1000.0]}
    )
    assert maps.describe(table, name="ODD", language="fr") == (
        "ODD : Dégradée 25,0 %, Stable 50,0 %, Améliorée 0,0 %, Absence de données 25,0 %. "
        "Parts de 4\N{NARROW NO-BREAK SPACE}000 km², toute la superficie du tableau."
    ).replace("Améliorée", tables.label("degradation.improved", "fr")).replace(
        "Dégradée", tables.label("degradation.degraded", "fr")
    )
    table["soil"] = 0
    with pytest.raises(ValueError, match="found sdg, soil; give column="):
        maps.describe(table, name="x")
    assert "Stable 100.0 %" in maps.describe(table, name="x", column="soil")
    with pytest.raises(KeyError, match="No column soils"):
        maps.describe(table, name="x", column="soils")


@pytest.mark.parametrize("language", tables.LANGUAGES)
def test_sentences_exist_in_every_language(language):
    cells = layer(np.array([[0, 0], [-1, 1]], np.int16))
    sentence = maps.describe(cells, name="SDG", language=language)
    assert "SDG" in sentence and "{" not in sentence
    assert tables.label("map.place_south_west", language) in sentence


# --- Figures -----------------------------------------------------------------------------------


def legend(sheet):
    return [text.get_text() for text in sheet.legends[0].get_texts()]


def test_the_legend_speaks_french():
    sheet = maps.figure(layer(WORLD), palette="sdg", language="fr")
    expected = list(tables.palette("sdg", "fr")["label"])
    assert legend(sheet) == expected and expected[-1] == "Absence de données"


def test_the_legend_of_land_cover_in_french():
    sheet = maps.figure(layer(np.array([[1, 7]], np.int16)), palette="land_cover", language="fr")
    assert legend(sheet) == [*tables.palette("land_cover", "fr")["label"][:7]]
    assert legend(sheet)[0] == "Zones arborées"


def test_a_national_legend_brings_its_names_and_colours():
    national = pd.DataFrame({"code": [10, 20], "name": ["Miombo", "Maize"],
                             "colour": ["#112233", "#445566"]})  # fmt: skip
    sheet = maps.figure(layer(np.array([[10, 20]], np.int16)), palette=national)
    assert legend(sheet) == ["Miombo", "Maize"]
    with pytest.raises(ValueError, match="found no colour"):
        maps.figure(layer(WORLD), palette=national.drop(columns="colour"))


def test_what_stands_below_a_map():
    sheet = maps.figure(layer(WORLD), palette="sdg", synthetic=True, limit=2)
    note = sheet.get_supxlabel()
    assert tables.label("notice.synthetic") in note
    assert tables.label("notice.boundaries") in note
    plain = maps.figure(layer(WORLD), palette="sdg").get_supxlabel()
    assert plain == tables.label("notice.boundaries")
    thin = maps.figure(layer(np.zeros((9, 9), np.int16)), palette="sdg", limit=3)
    assert "one cell in 3" in thin.get_supxlabel()


def test_shares_in_the_legend():
    sheet = maps.figure(layer(WORLD), palette="sdg", areas={-1: 1.0, 0: 2.0, GAP: 1.0})
    assert legend(sheet)[:3] == ["Degraded (25.0 %)", "Stable (50.0 %)", "Improved (0.0 %)"]
    assert legend(sheet)[3] == "No data (25.0 %)"


def test_longitudes_past_180_are_west():
    sheet = maps.figure(layer(WORLD, left=179.0), palette="sdg")
    ax = sheet.axes[0]
    assert ax.xaxis.get_major_formatter()(181.5, 0) == "178.5° W"
    assert ax.get_xlim() == (179.0, 182.0) and ax.get_xlabel() == ""


def test_a_map_without_cells_outside_the_boundary():
    border = geopandas.GeoSeries([shapely.box(30, 0, 32, 2)], crs=4326)
    sheet = maps.figure(layer(WORLD), palette="sdg", boundary=border)
    index = sheet.axes[0].images[0].get_array()
    assert (index[:, 2] == pictures.TRANSPARENT).all()
    assert index[1, 0] == pictures.NO_DATA


def test_a_quantity_has_a_colour_bar_with_its_unit():
    sheet = maps.figure(layer(np.array([[1.0, 2.0]])), palette=maps.Scale("t/ha", (0, 5)))
    assert sheet.axes[-1].get_ylabel() == "t/ha" and not sheet.legends


def test_panels_share_one_legend_and_one_scale():
    pairs = [(layer(WORLD), "2000"), (layer(WORLD), "2015")]
    sheet = maps.panels(pairs, palette="sdg", columns=3)
    assert [ax.get_title() for ax in sheet.axes] == ["2000", "2015"] and len(sheet.legends) == 1
    different = [(layer(np.array([[0.0, 1.0]])), "a"), (layer(np.array([[0.0, 9.0]])), "b")]
    with pytest.raises(ValueError, match="different colour scales"):
        maps.panels(different, palette=maps.Scale("t/ha"))
    assert maps.panels(different, palette=maps.Scale("t/ha", (0, 9)))


def test_figures_may_be_drawn_into_other_figures():
    from matplotlib.figure import Figure

    sheet = Figure()
    assert maps.figure(layer(WORLD), palette="sdg", ax=sheet.add_subplot()) is sheet
    assert not sheet.legends


@pytest.mark.parametrize("language", tables.LANGUAGES)
def test_no_boxes_in_any_language(language):
    title = tables.label("map.sdg", language)
    sheet = maps.figure(layer(WORLD), palette="sdg", language=language, title=title)
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # matplotlib warns about every missing letter
        assert sheet._repr_png_()[:4] == b"\x89PNG"


def test_without_a_text_shaper_the_words_are_english_and_said_to_be(monkeypatch):
    """matplotlib 3.10 does not join Arabic letters."""
    from matplotlib import ft2font

    from ldnkit import figures

    monkeypatch.delattr(ft2font, "__libraqm_version__", raising=False)
    figures.writing.cache_clear()
    try:
        sheet = maps.figure(layer(WORLD), palette="sdg", language="ar")
        assert legend(sheet)[0] == "Degraded"
        sentence = maps.describe(layer(WORLD), name="SDG", language="ar")
        assert sentence.endswith(tables.label("map.english_words", "ar"))
    finally:
        figures.writing.cache_clear()


def test_a_series_with_its_trend_line():
    values, spans = [1.0, 2.0, np.nan, 4.0], {"Baseline": (2000, 2001)}
    sheet = maps.series([2000, 2001, 2002, 2003], values, slope=1.0, spans=spans)
    points, line = sheet.axes[0].lines
    assert np.isnan(points.get_ydata()[2])
    # median of 1 - 2000, 2 - 2001, 4 - 2003 is -1999, so the line is year - 1999
    assert line.get_ydata().tolist() == [1.0, 4.0] and line.get_label() == "Trend: +1 per year"
    assert sheet.axes[0].texts[0].get_text() == "Baseline"


def test_bars_by_period_and_by_column():
    table = pd.DataFrame(
        {
            "period": ["baseline", "baseline", "report_1"],
            "sdg": [-1, GAP, 0],
            "status": [1, 1, 0],
            "area_km2": [1.0, 3.0, 8.0],
        }
    )
    sheet = maps.bars(table, column="sdg", by="period", palette="sdg", names={"report_1": "2019"})
    ax = sheet.axes[0]
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["baseline", "2019"]
    # degraded, stable, improved, no data; two bars each
    widths = [float(patch.get_width()) for patch in ax.patches]
    assert widths == [1, 0, 0, 8, 0, 0, 3, 0]
    sheet = maps.bars(table, column=["sdg", "status"], palette="sdg", percent=True)
    widths = np.array([patch.get_width() for patch in sheet.axes[0].patches]).reshape(4, 2)
    assert widths.sum(axis=0) == pytest.approx([100, 100])
    assert widths[0].tolist() == pytest.approx([100 / 12, 0])


def test_a_change_matrix_with_signs():
    table = pd.DataFrame({"a": [1, 1, 2], "b": [1, 3, 2], "area_km2": [9.0, 1.5, 4.0]})
    sheet = maps.matrix(table, first="a", last="b", signs=tables.transition_matrix(),
                        names={"a": "2000", "b": "2015"})  # fmt: skip
    ax = sheet.axes[0]
    texts = np.array([text.get_text() for text in ax.texts]).reshape(7, 7)
    assert texts[0, :3].tolist() == ["9.0", "–", "1.5"] and texts[1, 1] == "4.0"
    assert ax.get_ylabel() == "2000 (km²)" and ax.get_xlabel() == "2015 (km²)"
    colours = np.array([patch.get_facecolor()[:3] for patch in ax.patches]).reshape(7, 7, 3)
    # tree to cropland is degradation (purple: less green), grassland to tree is not (more green)
    assert colours[0, 2].argmin() == 1 and colours[1, 0].argmax() == 1


# --- Interactive maps ------------------------------------------------------------------------


def parts(world):
    import ipyleaflet
    import ipywidgets

    (panel,) = [c.widget for c in world.controls if isinstance(c, ipyleaflet.WidgetControl)]
    kinds = {
        "chooser": (ipywidgets.RadioButtons, ipywidgets.SelectionSlider),
        "slider": ipywidgets.FloatSlider,
        "streets": ipywidgets.Checkbox,
    }
    found = {
        name: next((child for child in panel.children if isinstance(child, kind)), None)
        for name, kind in kinds.items()
    }
    texts = [child for child in panel.children if isinstance(child, ipywidgets.HTML)]
    _, found["legend"], found["readout"] = texts
    (found["overlay"],) = [x for x in world.layers if isinstance(x, ipyleaflet.ImageOverlay)]
    return found


def click(world, latitude, longitude):
    event = {"event": "interaction", "type": "click", "coordinates": [latitude, longitude]}
    world._handle_leaflet_event(None, event, [])
    return parts(world)["readout"].value


BORDER = geopandas.GeoSeries([shapely.box(30, 0, 33, 2)], crs=4326)


def two_layers(**options):
    cover = layer(np.array([[1, 2, 3], [4, 5, 7]], np.int16))
    chosen = {"SDG": (layer(WORLD), "sdg"), "Cover": (cover, "land_cover")}
    return maps.interactive(chosen, boundary=BORDER, **options)


def test_a_map_needs_no_server_and_no_warning():
    import ipyleaflet

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.simplefilter("ignore", PendingDeprecationWarning)  # not shown to users
        world = two_layers(synthetic=True)
    found = parts(world)
    assert tuple(found["overlay"].bounds) == ((0.0, 30.0), (2.0, 33.0))
    image = decoded(found["overlay"].url)
    assert image.shape == (3, 3, 4)  # two rows on the equator need a little more than two
    assert image[0, 0].tolist() == list(pictures.rgba("#9b2779"))
    assert not any(isinstance(x, ipyleaflet.TileLayer) for x in world.layers)
    assert any(isinstance(x, ipyleaflet.GeoJSON) for x in world.layers)
    (said,) = [c.prefix for c in world.controls if isinstance(c, ipyleaflet.AttributionControl)]
    assert tables.label("notice.boundaries") in said and tables.label("notice.synthetic") in said
    assert found["streets"] is None


def test_choosing_a_layer_changes_picture_and_legend():
    world = two_layers(language="es")
    found = parts(world)
    before = found["overlay"].url
    assert tables.label("degradation.stable", "es") in found["legend"].value
    found["chooser"].value = "Cover"
    assert found["overlay"].url != before and found["overlay"].name == "Cover"
    assert tables.label("land_cover.cropland", "es") in found["legend"].value
    assert tables.label("no_data", "es") not in found["legend"].value
    found["slider"].value = 0.35
    assert found["overlay"].opacity == 0.35


def test_a_click_reads_the_class():
    cover = layer(np.array([[1, 1, 1], [1, 7, 1]], np.int16))
    world = maps.interactive(
        {"SDG": (layer(WORLD), "sdg"), "SOC": (layer(WORLD * 1.5), maps.Scale("t/ha"))},
        water=cover, boundary=shapely.box(30, 0, 32.2, 2),
    )  # fmt: skip
    assert "Degraded</b><br>1.5° N, 30.5° E" in click(world, 1.5, 30.5)
    assert "Stable</b><br>1.5° N, 31.5° E" in click(world, 1.5, 31.5)
    assert tables.label("no_data") in click(world, 0.5, 30.5)
    assert "<b>Water</b>" in click(world, 0.5, 31.5)
    assert "<b>Outside the area</b>" in click(world, 1.5, 32.5)
    assert "<b>Outside the area</b>" in click(world, 1.5, 99.0)
    parts(world)["chooser"].value = "SOC"
    assert "-1.5 t/ha</b><br>1.5° N, 30.5° E" in click(world, 1.5, 30.5)
    assert len([x for x in world.layers if type(x).__name__ == "CircleMarker"]) == 1


def test_the_street_map_is_loaded_only_when_asked_for():
    import ipyleaflet

    world = maps.interactive({"SDG": (layer(WORLD), "sdg")})
    found = parts(world)
    assert found["chooser"] is None and found["streets"].value is False
    found["streets"].value = True
    assert isinstance(world.layers[0], ipyleaflet.TileLayer)
    found["streets"].value = False
    assert not any(isinstance(x, ipyleaflet.TileLayer) for x in world.layers)


def test_a_slider_over_the_years():
    years = {2000: layer(WORLD), 2015: layer(np.zeros((2, 3), np.int16))}
    world = maps.time_slider(years, palette="sdg", language="fr")
    found = parts(world)
    assert found["chooser"].options == ("2000", "2015")
    assert found["chooser"].description == tables.label("map.year", "fr")
    before = found["overlay"].url
    found["chooser"].value = "2015"
    assert found["overlay"].url != before
    with pytest.raises(TypeError, match="unexpected keyword"):
        maps.time_slider(years, palette="sdg", colour="red")


def test_what_a_map_cannot_do_is_said():
    with pytest.raises(ValueError, match="found none"):
        maps.interactive({})
    with pytest.raises(ValueError, match="found 'folium'; use ipyleaflet or leafmap"):
        maps.interactive({"SDG": (layer(WORLD), "sdg")}, engine="folium")


@pytest.mark.slow
def test_leafmap_shows_the_same():
    leafmap = pytest.importorskip("leafmap.leafmap")
    world = maps.interactive({"SDG": (layer(WORLD), "sdg")}, engine="leafmap")
    assert isinstance(world, leafmap.Map)
    plain = maps.interactive({"SDG": (layer(WORLD), "sdg")})
    assert [type(x) for x in world.layers] == [type(x) for x in plain.layers]
    assert [type(x) for x in world.controls] == [type(x) for x in plain.controls]


@given(
    west=st.floats(-180, 179),
    wide=st.floats(0.1, 60),
    south=st.floats(-60, 50),
    tall=st.floats(0.1, 30),
    width=st.integers(600, 2500),
    height=st.integers(300, 900),
)
def test_the_layer_fits_beside_the_panel(west, wide, south, tall, width, height):
    view = maps.View(((south, west), (south + tall, west + wide)), height)
    (latitude, longitude), zoom = view.fit(width)
    pixels = 256 * 2**zoom / (2 * math.pi)
    left, right = (
        width / 2 + math.radians(edge - longitude) * pixels for edge in (west, west + wide)
    )
    top, bottom = (
        height / 2 - float(overlays.mercator(edge) - overlays.mercator(latitude)) * pixels
        for edge in (south + tall, south)
    )
    if zoom > 0:
        assert 0 <= left and right <= width - maps.PANEL_PIXELS
        assert 0 <= top and bottom <= height


def test_the_view_is_fitted_once_when_the_width_is_known():
    world = maps.interactive({"SDG": (layer(WORLD), "sdg")})
    before = world.zoom
    world.set_trait("pixel_bounds", ((0.0, 0.0), (400.0, 500.0)))
    narrow = world.zoom
    assert narrow < before
    world.set_trait("pixel_bounds", ((0.0, 0.0), (2000.0, 500.0)))
    assert world.zoom == narrow


def test_importing_the_maps_stays_light():
    code = (
        "import sys, ldnkit.maps, ldnkit.exercises; "
        "heavy = {'matplotlib', 'rasterio', 'geopandas', 'ipyleaflet', 'leafmap', 'ipywidgets'}; "
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("language", "share"), [("en", "25.0 %"), ("fr", "25,0 %"), ("zh", "25.0 %")]
)
def test_shares_in_a_legend_follow_the_language(language, share):
    # one of four km² is degraded
    options = {"palette": "degradation", "areas": {-1: 1.0, 0: 3.0}, "language": language}
    legend = maps.figure(layer(WORLD), **options).legends[0]
    degraded = tables.palette("degradation", language).set_index("code").at[-1, "label"]
    assert legend.get_texts()[0].get_text() == f"{degraded} ({share})"

"""Maps and charts of people and drought: the right cell, the right class, the right words."""

import socket
import warnings

import geopandas
import ipyleaflet
import ipywidgets
import numpy as np
import pandas as pd
import pytest
import rioxarray  # noqa: F401
import shapely
from drawn_layers import decoded, layer
from hypothesis import given
from hypothesis import strategies as st

from ldnkit import figures, maps, numerals, overlays, pictures, scales, tables

GAP = tables.NODATA
#  none  mild      moderate     four cells of one degree and two more;
#  gap   severe    extreme      x from 30 to 33, y from 0 to 2
WORLD = np.array([[0, 1, 2], [GAP, 3, 4]], np.int16)
#: Cuts the right column in the middle, and the whole west at a tenth of a cell.
BORDER = geopandas.GeoSeries([shapely.box(30.9, 0.0, 32.5, 2.0)], crs=4326)
WHOLE = geopandas.GeoSeries([shapely.box(30, 0, 33, 2)], crs=4326)


def colour(palette, code):
    table = pictures.classes(palette).set_index("code")
    return list(pictures.rgba(table.at[code, "colour"]))


def legend(sheet):
    return [text.get_text() for text in sheet.legends[0].get_texts()]


def parts(world):
    """Overlay or units, chooser, texts and notes of an interactive map."""
    (panel,) = [c.widget for c in world.controls if isinstance(c, ipyleaflet.WidgetControl)]
    choosers = (ipywidgets.RadioButtons, ipywidgets.SelectionSlider)
    texts = [child for child in panel.children if isinstance(child, ipywidgets.HTML)]
    pictured = (ipyleaflet.ImageOverlay, ipyleaflet.GeoJSON)
    (notes,) = [c.prefix for c in world.controls if isinstance(c, ipyleaflet.AttributionControl)]
    return {
        "layer": next(x for x in world.layers if isinstance(x, pictured)),
        "chooser": next((child for child in panel.children if isinstance(child, choosers)), None),
        "legend": texts[1].value,
        "readout": texts[2].value,
        "notes": notes,
    }


def click(world, latitude, longitude):
    event = {"event": "interaction", "type": "click", "coordinates": [latitude, longitude]}
    world._handle_leaflet_event(None, event, [])
    return parts(world)["readout"]


# --- Large cells and the boundary --------------------------------------------------------------


def drawn(array, **options):
    """Codes of colours in a picture, as a function of longitude and latitude."""
    _, index, _ = pictures.placed(array, "drought", **options)
    box = array.odc.geobox.extent.boundingbox

    def at(longitude, latitude):
        row = int((box.top - latitude) / (box.top - box.bottom) * index.shape[0])
        column = int((longitude - box.left) / (box.right - box.left) * index.shape[1])
        return int(index[row, column])

    return at


def test_cut_cells_end_at_the_boundary():
    # longitude  30      30.9  31       32   32.5   33
    #            |  outside | none | mild | moderate | outside
    #            |  outside | gap's centre outside: white | severe | extreme | outside
    at = drawn(layer(WORLD), boundary=BORDER, clip=True)
    first = pictures.FIRST
    assert at(30.85, 1.5) == pictures.TRANSPARENT and at(30.95, 1.5) == first
    assert at(32.45, 1.5) == first + 2 and at(32.55, 1.5) == pictures.TRANSPARENT
    assert at(31.5, 0.5) == first + 3 and at(32.49, 0.01) == first + 4
    # this cell has no data, and its centre lies abroad: that is nothing the country lacks
    assert at(30.95, 0.5) == pictures.TRANSPARENT
    # a cell without data whose centre lies inside is grey up to the boundary
    wide = geopandas.GeoSeries([shapely.box(30.2, 0, 33, 2)], crs=4326)
    at = drawn(layer(WORLD), boundary=wide, clip=True)
    assert at(30.25, 0.5) == pictures.NO_DATA and at(30.15, 0.5) == pictures.TRANSPARENT


def test_without_clip_cells_are_whole():
    at = drawn(layer(WORLD), boundary=BORDER)
    assert at(30.95, 1.5) == pictures.TRANSPARENT  # its centre, 30.5, lies outside
    assert at(31.01, 1.5) == at(31.99, 1.5) == pictures.FIRST + 1
    centre_in = geopandas.GeoSeries([shapely.box(30, 0, 32.6, 2)], crs=4326)
    assert drawn(layer(WORLD), boundary=centre_in)(32.95, 1.5) == pictures.FIRST + 2


def test_clip_needs_a_boundary_and_no_zones():
    with pytest.raises(ValueError, match="found no boundary; give boundary="):
        maps.figure(layer(WORLD), palette="drought", clip=True)
    with pytest.raises(ValueError, match="found inside=; give boundary= only"):
        maps.figure(
            layer(WORLD), palette="drought", boundary=BORDER, inside=layer(WORLD), clip=True
        )


@given(west=st.floats(30.0, 31.4), east=st.floats(31.6, 33.0), edge=st.floats(0.1, 1.9))
def test_nothing_is_drawn_outside_the_boundary(west, east, edge):
    border = geopandas.GeoSeries([shapely.box(west, 0, east, edge)], crs=4326)
    _, index, _ = pictures.placed(layer(WORLD), "drought", boundary=border, clip=True)
    rows, columns = index.shape
    x = 30 + (np.arange(columns) + 0.5) * 3 / columns
    y = 2 - (np.arange(rows) + 0.5) * 2 / rows
    # a picture cell whose centre lies exactly on the line may fall on either side
    off = y[:, np.newaxis] - edge
    outside = (x < west - 1e-9) | (x > east + 1e-9) | (off > 1e-9)
    on_the_line = (abs(x - west) < 1e-9) | (abs(x - east) < 1e-9) | (abs(off) < 1e-9)
    assert (index[outside] == pictures.TRANSPARENT).all()
    cells = np.array([[0, 1, 2], [GAP, 3, 4]])[(y < 1).astype(int)][:, (x - 30).astype(int)]
    inside = ~outside & ~on_the_line & (cells != GAP)
    assert (index[inside] == cells[inside] + pictures.FIRST).all()


def test_a_layer_of_fine_cells_is_not_repeated():
    fine = layer(np.zeros((700, 650), np.int16), size=0.001, top=2.0)
    border = geopandas.GeoSeries([shapely.box(30, 1.3, 30.65, 2)], crs=4326)
    _, index, _ = pictures.placed(fine, "drought", boundary=border, clip=True)
    assert index.shape == (700, 650)


def test_cut_cells_on_the_web_map_lie_where_they_should():
    # at 60° N the Mercator rows of a degree differ by 3 %: whole-cell rows would be seen to jump
    high = layer(WORLD, top=61.0)
    border = geopandas.GeoSeries([shapely.box(30, 59, 33, 61)], crs=4326)
    world = maps.interactive({"2011": (high, "drought")}, boundary=border, clip=True)
    found = parts(world)["layer"]
    image = decoded(found.url)
    (south, west), (north, east) = found.bounds
    assert (south, west, north, east) == pytest.approx((59, 30, 61, 33))
    assert len(image) > 600
    # the upper row of cells ends at 60° N
    column = (image[:, 10, :3] == colour("drought", 0)[:3]).all(axis=1)
    height = np.arcsinh(np.tan(np.radians([61, 60, 59])))
    assert column.mean() == pytest.approx(
        (height[0] - height[1]) / (height[0] - height[2]), abs=2e-3
    )


def test_a_click_on_a_cut_cell():
    world = maps.interactive({"2011": (layer(WORLD), "drought")}, boundary=BORDER, clip=True)
    assert "<b>No drought</b>" in click(world, 1.5, 30.95)
    assert "<b>Outside the area</b>" in click(world, 1.5, 30.8)
    assert "<b>Extreme drought</b>" in click(world, 0.5, 32.4)


def test_clip_across_180(tmp_path):
    west, east = shapely.box(179.2, 0, 180, 2), shapely.box(-180, 0, -178.3, 2)
    border = geopandas.GeoSeries([shapely.MultiPolygon([west, east])], crs=4326)
    border.to_file(tmp_path / "border.gpkg")
    at = drawn(layer(WORLD, left=179.0), boundary=tmp_path / "border.gpkg", clip=True)
    assert at(179.1, 1.5) == pictures.TRANSPARENT and at(179.3, 1.5) == pictures.FIRST
    assert at(181.6, 1.5) == pictures.FIRST + 2 and at(181.8, 1.5) == pictures.TRANSPARENT


def test_clip_on_a_grid_in_metres():
    from pyproj import Transformer

    # cells of 50 km in UTM zone 36 N; the boundary is a box in degrees inside them
    x, y = Transformer.from_crs(4326, 32636, always_xy=True).transform(33.0, 10.0)
    cells = layer(WORLD, left=x - 75_000, top=y + 50_000, size=50_000, crs="EPSG:32636")
    border = geopandas.GeoSeries([shapely.box(32.6, 9.7, 33.4, 10.3)], crs=4326)
    world = maps.interactive({"2011": (cells, "drought")}, boundary=border, clip=True)
    assert "<b>Mild drought</b>" in click(world, 10.2, 33.0)
    assert "<b>Extreme drought</b>" in click(world, 9.75, 33.35)
    assert "<b>Outside the area</b>" in click(world, 9.65, 33.35)
    image = decoded(parts(world)["layer"].url)
    # The boundary covers 88 by 66 of 150 by 100 km. The centre of the cell without data lies
    # abroad: the 19 by 33 km of it inside the boundary stay white.
    expected = (0.88 * 0.66 - 0.19 * 0.33) / 1.5
    assert (image[..., 3] > 0).mean() == pytest.approx(expected, abs=0.005)


# --- Drought classes ---------------------------------------------------------------------------


@pytest.mark.parametrize("language", tables.LANGUAGES)
def test_the_legend_of_drought(language):
    words, _ = figures.writing(language)  # English where this computer lacks the letters
    sheet = maps.figure(layer(WORLD), palette="drought", language=language)
    keys = ("none", "mild", "moderate", "severe", "extreme")
    expected = [tables.label(f"drought.{key}", words) for key in keys]
    assert legend(sheet) == [*expected, tables.label("no_data", words)]


def test_every_class_has_its_colour():
    _, index, colours = pictures.placed(layer(WORLD), "drought")
    image = np.array(colours)[index]
    for row, column, code in [(0, 0, 0), (0, 1, 1), (0, 2, 2), (1, 1, 3), (1, 2, 4)]:
        assert image[row, column].tolist() == colour("drought", code)
    assert image[1, 0].tolist() == list(pictures.rgba(pictures.no_data_colour()))


def test_six_windows_in_one_figure():
    windows = [(layer(WORLD), f"{year}–{year + 3}") for year in range(2000, 2024, 4)]
    sheet = maps.panels(windows, palette="drought", boundary=BORDER, clip=True, synthetic=True)
    assert [ax.get_title() for ax in sheet.axes] == [name for _, name in windows]
    assert len(sheet.legends) == 1 and len(legend(sheet)) == 5  # the gap is cut away
    note = sheet.get_supxlabel()
    assert tables.label("notice.boundaries") in note and tables.label("notice.synthetic") in note


def test_a_slider_over_24_years_makes_one_picture_at_a_time(monkeypatch):
    made = []
    png = overlays.png
    monkeypatch.setattr(overlays, "png", lambda *given: made.append(1) or png(*given))
    years = {year: layer(np.roll(WORLD, year, axis=1)) for year in range(2000, 2024)}
    world = maps.time_slider(years, palette="drought", boundary=WHOLE, clip=True, synthetic=True)
    found = parts(world)
    assert found["chooser"].options == tuple(map(str, range(2000, 2024)))
    assert len(made) == 1
    first = found["layer"].url
    found["chooser"].value = "2001"
    assert found["layer"].url != first and len(made) == 2
    found["chooser"].value = "2000"
    assert found["layer"].url == first and len(made) == 2  # kept, not made again
    # cells of 2000 (rolled by 2000 mod 3 = 2 columns): mild, moderate, none
    image = decoded(found["layer"].url)
    middle = [image[10, round((place + 0.5) / 3 * image.shape[1])].tolist() for place in range(3)]
    assert middle == [colour("drought", code) for code in (1, 2, 0)]
    assert len(first) < 20_000


# --- Persons -----------------------------------------------------------------------------------


def test_classes_of_persons_at_their_limits():
    values = [0, -0.0, 1e-9, 0.999999, 1, 9.999999, 10, 99.99999, 100, 999.9999, 1000, 1e8, np.nan]
    expected = [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
    for kind in (np.float64, np.float32):
        array = np.array(values, kind)
        codes = maps.persons().codes(array, np.isnan(array))
        assert codes[:-1].tolist() == expected
    picture = pictures.read(layer([values]))
    index, colours = pictures.coloured(picture, maps.persons())
    assert index[0].tolist() == [pictures.FIRST + code for code in expected] + [pictures.NO_DATA]
    assert [list(colours[place]) for place in index[0][:2]] == [colour(maps.persons(), 0)] * 2


@given(st.floats(0, 1e7), st.lists(st.floats(0.01, 1e6), min_size=1, max_size=6, unique=True))
def test_a_count_lies_in_the_class_it_is_given(value, limits):
    counts = scales.Counts("persons", tuple(sorted(limits)))
    (code,) = counts.codes(np.array([value]), np.array([False]))
    edges = [0, 0, *counts.limits, np.inf]
    if value == 0:
        assert code == 0
    else:
        assert edges[code] <= value < edges[code + 1]
    assert len(counts.classes()) == len(limits) + 2 > code


def test_people_below_zero_are_refused():
    with pytest.raises(ValueError, match=r"cannot hold counts: found -5; use a Scale"):
        maps.figure(layer([[1.0, -5.0]]), palette=maps.persons())
    with pytest.raises(ValueError, match="per cell or per km2: found 'ha'"):
        maps.persons("ha")


def test_the_legend_of_persons():
    people = layer(np.array([[0.0, 0.4, 5.0], [50.0, 1000.0, np.nan]], np.float32))
    sheet = maps.figure(people, palette=maps.persons(language="fr"), language="fr")
    thousand = "1\N{NARROW NO-BREAK SPACE}000"
    expected = ["0", "< 1", "1–10", "10–100", f"100–{thousand}", f"≥ {thousand}"]
    assert legend(sheet) == [*expected, tables.label("no_data", "fr")]
    assert sheet.legends[0].get_title().get_text() == "personnes par cellule"
    assert tables.label("notice.boundaries", "fr") in sheet.get_supxlabel()
    density = maps.figure(people, palette=maps.persons("km2"))
    assert density.legends[0].get_title().get_text() == "persons per km²"


def test_the_colours_of_persons_can_be_told_apart():
    colours = [pictures.rgba(text)[:3] for text in maps.persons().classes()["colour"]]
    light = [0.299 * red + 0.587 * green + 0.114 * blue for red, green, blue in colours]
    # from pale to dark, by steps that also eyes without red and green see
    assert (np.diff(light) < -15).all()
    grey = pictures.rgba(pictures.no_data_colour())[:3]
    assert min(np.abs(np.subtract(shade, grey)).max() for shade in colours) > 25


def test_persons_on_an_interactive_map():
    people = layer(np.array([[0.0, 0.4, 5.0], [50.0, 12345.6, np.nan]], np.float32))
    chosen = {"Total": (people, maps.persons()), "Female": (people * 0.001, maps.persons())}
    world = maps.interactive(chosen, boundary=WHOLE, clip=True, synthetic=True)
    found = parts(world)
    assert "persons per cell" in found["legend"] and "≥ 1,000" in found["legend"]
    assert "12,346 persons per cell" in click(world, 0.5, 31.5)
    assert "0.4 persons per cell" in click(world, 1.5, 31.5)
    assert "<b>0 persons per cell</b>" in click(world, 1.5, 30.5)
    before = found["layer"].url
    found["chooser"].value = "Female"
    assert found["layer"].url != before
    assert "12.3 persons per cell" in click(world, 0.5, 31.5)


def test_numbers_as_people_write_them():
    assert numerals.short(999.6) == "1,000" and numerals.short(999.4) == "999"
    assert numerals.short(-12.345, "es") == "-12,3" and numerals.short(10) == "10"


# --- Units -------------------------------------------------------------------------------------

# North   30–32 E, 1–2 N     with a hole, 30.4–30.6 E, 1.4–1.6 N, in which Lake lies
# South   30–32 E, 0–1 N     two parts: the second is an island far to the east
LAKE = shapely.box(30.4, 1.4, 30.6, 1.6)
SHAPES = [
    shapely.box(30, 1, 32, 2).difference(LAKE),
    shapely.union(shapely.box(30, 0, 32, 1), shapely.box(33, 0, 33.2, 0.2)),
    LAKE,
]
UNITS = geopandas.GeoDataFrame({"name": ["North", "South", "Lake"]}, geometry=SHAPES, crs=4326)
VALUES = {"North": 0.0, "South": 1.0}


def patches(ax):
    from matplotlib.patches import PathPatch

    return [patch for patch in ax.patches if isinstance(patch, PathPatch)]


def test_one_shape_per_unit_in_its_colour():
    from matplotlib import colormaps
    from matplotlib.colors import to_hex

    sheet = maps.units(UNITS, VALUES, key="name", title="Landia", synthetic=True)
    found = patches(sheet.axes[0])
    assert len(found) == 3
    shown = [to_hex(patch.get_facecolor()) for patch in found]
    ends = [to_hex(colormaps["YlOrBr"](share)) for share in (0.0, 1.0)]
    assert shown == [*ends, pictures.no_data_colour()]
    assert legend(sheet) == [tables.label("no_data")]
    assert sheet.axes[-1].get_ylabel() == tables.label("unit.index")
    note = sheet.get_supxlabel()
    assert tables.label("notice.boundaries") in note and tables.label("notice.synthetic") in note


def test_a_map_of_units_is_as_large_as_the_outline_of_the_country():
    country = geopandas.GeoDataFrame(geometry=[shapely.box(20, -10, 40, 10)], crs="EPSG:4326")
    plain = maps.units(UNITS, VALUES, key="name").axes[0]
    whole = maps.units(UNITS, VALUES, key="name", boundary=country).axes[0]
    (west, east), (south, north) = whole.get_xlim(), whole.get_ylim()
    assert west < 20 and east > 40 and south < -10 and north > 10
    assert plain.get_xlim()[1] - plain.get_xlim()[0] < 20
    assert len(whole.collections) == len(plain.collections) + 1  # the outline itself


def test_units_and_outline_lie_on_one_side_of_180_degrees():
    # the country spans 176 to 182 degrees, its only unit lies beyond 180
    east = geopandas.GeoDataFrame(
        {"name": ["East"]}, geometry=[shapely.box(-180, 0, -179, 1)], crs="EPSG:4326"
    )
    parts = shapely.union(shapely.box(176, 0, 180, 2), shapely.box(-180, 0, -178, 2))
    country = geopandas.GeoDataFrame(geometry=[parts, None], crs="EPSG:4326")
    axes = maps.units(east, {"East": 0.5}, key="name", boundary=country).axes[0]
    west, east = axes.get_xlim()
    assert 175 < west < 176 and 182 < east < 183


def test_the_pixels_of_units():
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    # Lake is left out: the hole in North shows the paper, the island has the colour of South
    sheet = maps.units(UNITS.iloc[:2], VALUES, key="name", labels=False)
    canvas = FigureCanvasAgg(sheet)
    canvas.draw()
    image, ax = np.asarray(canvas.buffer_rgba()), sheet.axes[0]

    def pixel(longitude, latitude):
        x, y = ax.transData.transform((longitude, latitude))
        return image[int(image.shape[0] - y), int(x), :3].tolist()

    assert pixel(30.5, 1.5) == [255, 255, 255]
    assert pixel(33.1, 0.1) == pixel(31.0, 0.6)
    assert pixel(31.5, 1.5) != pixel(31.0, 0.6)


def test_a_name_without_room_stands_below():
    frame = UNITS.replace({"name": {"Lake": "Municipality of the lake"}})
    sheet = maps.units(frame, {**VALUES, "Municipality of the lake": 0.5}, key="name")
    texts = [text.get_text() for text in sheet.axes[0].texts]
    # the value alone finds room
    assert texts[1:] == ["North\n0.00", "South\n1.00", "0.50"]
    # without a value the name alone stands on the grey
    texts = maps.units(UNITS, VALUES, key="name").axes[0].texts
    assert [text.get_text() for text in texts][1:] == ["North\n0.00", "South\n1.00", "Lake"]
    assert (
        "Without a name on the map (too little room): Municipality of the lake"
        in sheet.get_supxlabel()
    )


def test_a_name_in_letters_that_cannot_be_drawn_is_left_out():
    name = "\U00013000 east"  # a hieroglyph
    frame = UNITS.replace({"name": {"Lake": name, "North": "\U00013001"}})
    sheet = maps.units(frame, {"\U00013001": 0.1, "South": 0.2, name: 0.3}, key="name")
    texts = [text.get_text() for text in sheet.axes[0].texts]
    assert texts[1:] == ["0.10", "South\n0.20", "0.30"]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        sheet._repr_png_()


def test_years_of_units_side_by_side():
    table = pd.DataFrame({2000: VALUES, 2023: {"North": 0.25, "South": np.nan}})
    sheet = maps.units(UNITS, table, key="name", language="fr", title="DVI")
    assert [ax.get_title() for ax in sheet.axes[:2]] == ["2000", "2023"]
    assert [len(patches(ax)) for ax in sheet.axes[:2]] == [3, 3]
    assert "North\n0,25" in [text.get_text() for text in sheet.axes[1].texts]


def test_units_coloured_by_persons():
    sheet = maps.units(UNITS, {"North": 0, "South": 12345}, key="name", scale=maps.persons())
    shown = [list(np.round(np.array(p.get_facecolor()) * 255)) for p in patches(sheet.axes[0])[:2]]
    assert shown == [colour(maps.persons(), 0), colour(maps.persons(), 5)]
    assert legend(sheet)[-2:] == ["≥ 1,000", "No data"] and len(sheet.axes) == 1
    assert "South\n12,345" in [text.get_text() for text in sheet.axes[0].texts]


def test_units_with_a_part_on_each_side_of_180():
    """The bounds of such a unit reach all round the globe; its parts lie beside each other."""
    halves = [
        shapely.union_all(
            [shapely.box(179, low, 180, low + 1), shapely.box(-180, low, -179, low + 1)]
        )
        for low in (0, 1)
    ]
    frame = geopandas.GeoDataFrame({"name": ["South", "North"]}, geometry=halves, crs=4326)
    ax = maps.units(frame, {"South": 0.1, "North": 0.2}, key="name").axes[0]
    # 2 degrees wide, with 3 % of that as a margin on both sides
    assert ax.get_xlim() == pytest.approx((178.94, 181.06))


def test_units_across_180():
    shapes = [shapely.box(179, 0, 180, 1), shapely.box(-180, 0, -179, 1)]
    frame = geopandas.GeoDataFrame({"name": ["West", "East"]}, geometry=shapes, crs=4326)
    ax = maps.units(frame, {"West": 0.1, "East": 0.2}, key="name").axes[0]
    west, east = ax.get_xlim()
    assert 178 < west < 179 and 181 < east < 182
    projected = frame.to_crs(3832)  # Pacific Mercator: metres that run on across 180°
    assert maps.units(projected, {"West": 0.1}, key="name").axes[0].get_xlim() == pytest.approx(
        (west, east), abs=1e-6
    )
    world = maps.interactive_units(frame, {"West": 0.1, "East": 0.2}, key="name")
    shapes = [shapely.geometry.shape(f["geometry"]) for f in parts(world)["layer"].data["features"]]
    assert [shape.bounds[0] for shape in shapes] == [179, 180]


@pytest.mark.parametrize(
    "frame,values,error,message",
    [
        (UNITS.rename(columns={"name": "nom"}), VALUES, KeyError, "no column name: found nom"),
        (pd.concat([UNITS, UNITS[:1]]), VALUES, ValueError, "found North more than once"),
        (UNITS, {"Nord": 1.0}, ValueError, "found Nord; the units are North, South, Lake"),
        (UNITS, pd.Series([0, 1], ["South", "South"]), ValueError, "several rows for South"),
        (UNITS.assign(geometry=[None, *SHAPES[1:]]), VALUES, ValueError, "found none for North"),
    ],
)
def test_units_that_do_not_fit_their_values(frame, values, error, message):
    for draw in (maps.units, maps.interactive_units):
        with pytest.raises(error, match=message):
            draw(frame, values, key="name")


def test_units_to_explore():
    table = pd.DataFrame({2000: {"North": 0.1, "South": 0.9}, 2023: VALUES})
    world = maps.interactive_units(UNITS, table, key="name", synthetic=True)
    found = parts(world)
    features = found["layer"].data["features"]
    assert [feature["properties"]["name"] for feature in features] == ["North", "South", "Lake"]
    assert [feature["properties"]["text"] for feature in features] == [
        "0.10 (index from 0 to 1)", "0.90 (index from 0 to 1)", "No data",
    ]  # fmt: skip
    assert features[2]["properties"]["style"]["fillColor"] == pictures.no_data_colour()
    shapes = [shapely.geometry.shape(feature["geometry"]) for feature in features]
    assert [shape.equals(given) for shape, given in zip(shapes, SHAPES, strict=True)] == [True] * 3
    # pointing at a unit, and clicking it, says its name and value
    for event in ("mouseover", "click"):
        found["layer"]._handle_mouse_events(None, {"event": event, "feature": features[1]}, [])
        assert "<b>South</b><br>0.90 (index" in parts(world)["readout"]
    # another year: other colours, the same shapes
    before = [feature["properties"]["style"]["fillColor"] for feature in features]
    found["chooser"].value = "2023"
    after = found["layer"].data["features"]
    assert [feature["properties"]["style"]["fillColor"] for feature in after] != before
    assert after[0]["properties"]["text"].startswith("0.00")
    assert [feature["geometry"] for feature in after] == [f["geometry"] for f in features]
    assert tables.label("map.click_unit") in parts(world)["readout"]


def test_a_file_of_units(tmp_path):
    UNITS.to_file(tmp_path / "units.gpkg")
    assert len(patches(maps.units(tmp_path / "units.gpkg", VALUES, key="name").axes[0])) == 3
    assert (
        parts(maps.interactive_units(tmp_path / "units.gpkg", VALUES, key="name"))["chooser"]
        is None
    )


# --- What holds for every map ------------------------------------------------------------------


def every_interactive_map(**options):
    yield maps.time_slider(
        {2000: layer(WORLD), 2001: layer(WORLD)}, palette="drought", boundary=WHOLE, clip=True,
        **options,
    )  # fmt: skip
    yield maps.interactive({"a": (layer([[0.0, 5.0]]), maps.persons())}, **options)
    yield maps.interactive_units(UNITS, VALUES, key="name", **options)


@pytest.mark.parametrize("language", ["en", "ar"])
def test_no_network_no_tiles_and_the_notes(monkeypatch, language):
    def refuse(*where):
        raise AssertionError(f"asks for {where}")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    for world in every_interactive_map(synthetic=True, language=language):
        assert not any(isinstance(x, ipyleaflet.TileLayer) for x in world.layers)
        found = parts(world)
        for key in ("notice.boundaries", "notice.synthetic"):
            assert tables.label(key, language) in found["notes"]
        direction = 'dir="rtl"' if language == "ar" else 'dir="ltr"'
        assert all(direction in found[part] for part in ("notes", "legend", "readout"))


@pytest.mark.parametrize("language", tables.LANGUAGES)
def test_no_boxes_in_any_language(language):
    people, label = layer(np.array([[0.0, 5.0]])), tables.label("map.dvi", language)
    table = pd.DataFrame({"year": 2000, "drought": [0, GAP], "total": [1.0, 1.0]})
    sheets = [
        maps.figure(people, palette=maps.persons(language=language), language=language),
        maps.units(UNITS, VALUES, key="name", language=language, title=label),
        maps.stacked_years(table, value="total", percent=False, language=language, title=label),
        maps.fit([1.0, 2.0], density=([1, 2], [0.5, 0.5]), language=language, title=label),
        maps.index_series([2000, 2001], [-1, 1], language=language, title=label),
    ]
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # matplotlib warns about every missing letter
        for sheet in sheets:
            assert sheet._repr_png_()[:4] == b"\x89PNG"


# --- Charts ------------------------------------------------------------------------------------

#  2000  none 75, moderate 25
#  2001  (no rows)
#  2002  none 20, severe 20, extreme 20, no data 40
YEARS = pd.DataFrame(
    {
        "year": [2000, 2000, 2002, 2002, 2002, 2002],
        "drought": [0, 2, 0, 3, 4, GAP],
        "area_km2": [75.0, 25.0, 20.0, 20.0, 20.0, 40.0],
        "total": [750.0, 250.0, 100.0, 400.0, 500.0, 0.0],
        "female": np.nan,
    }
)


def heights(sheet):
    """Heights of the bars of each class, by its name in the legend."""
    ax = sheet.axes[0]
    bars = {box.get_label(): box.patches for box in ax.containers}
    return {name: [bar.get_height() for bar in each] for name, each in bars.items()}


def test_stacked_years_by_hand():
    sheet = maps.stacked_years(YEARS)
    found = heights(sheet)
    assert found["No drought"] == [75, 0, 20] and found["Moderate drought"] == [25, 0, 0]
    assert found["Extreme drought"] == [0, 0, 20] and found["No data"] == [0, 0, 40]
    # the worst stands on the floor, no data on top, and the legend reads from top to bottom
    bottoms = [box.patches[2].get_y() for box in sheet.axes[0].containers]
    assert list(found) == list(reversed(legend(sheet)))
    assert bottoms == [0, 20, 40, 40, 40, 60]
    # the year without rows keeps its place
    ticks = [text.get_text() for text in sheet.axes[0].get_xticklabels()]
    assert ticks == ["2000", "2001", "2002"] and sheet.axes[0].get_ylabel() == "%"


def test_stacked_persons_and_windows():
    sheet = maps.stacked_years(YEARS, value="total", percent=False)
    assert heights(sheet)["No drought"] == [750, 0, 100]
    assert sheet.axes[0].get_ylabel() == "persons"
    windows = YEARS.assign(first=2000 + 4 * (YEARS.year == 2002), last=lambda t: t["first"] + 3)
    sheet = maps.stacked_years(windows, year=["first", "last"], percent=False)
    ticks = [text.get_text() for text in sheet.axes[0].get_xticklabels()]
    assert ticks == ["2000–2003", "2004–2007"] and sheet.axes[0].get_ylabel() == "km²"
    assert heights(sheet)["Severe drought"] == [0, 20]
    land = pd.DataFrame({"year": 2015, "status": [-1, 0, 1], "area_km2": [1.0, 2.0, 1.0]})
    found = heights(maps.stacked_years(land, column="status", palette="degradation"))
    assert found == {"Degraded": [25], "Stable": [50], "Improved": [25]}


def test_stacked_years_that_cannot_be_drawn():
    with pytest.raises(KeyError, match="No column persons: found year"):
        maps.stacked_years(YEARS, value="persons")
    with pytest.raises(ValueError, match="found no value in the column female"):
        maps.stacked_years(YEARS, value="female")
    with pytest.raises(ValueError, match=r"found \[9\]; choose the palette"):
        maps.stacked_years(YEARS.replace({"drought": {4: 9}}))


@given(st.lists(st.tuples(st.integers(2000, 2005), st.sampled_from([0, 1, 4, GAP]),
                          st.floats(0.01, 1e6)), min_size=1, max_size=20))  # fmt: skip
def test_shares_of_a_year_add_up(rows):
    sheet = maps.stacked_years(pd.DataFrame(rows, columns=["year", "drought", "area_km2"]))
    sums = np.sum(list(heights(sheet).values()), axis=0)
    given_years = sorted({year for year, _, _ in rows})
    expected = [100 * (y in given_years) for y in range(given_years[0], given_years[-1] + 1)]
    assert sums == pytest.approx(expected)


def test_a_series_with_gaps():
    values = {"DVI": [0.1, np.nan, 0.3, 0.4]}
    years = [2000, 2001, 2002, 2005]
    (line,) = maps.series(years, values, gaps=True, limits=(0, 1)).axes[0].lines
    assert line.get_xdata().tolist() == [2000, 2001, 2002, 2003, 2004, 2005]
    assert np.isnan(line.get_ydata()).tolist() == [False, True, False, True, True, False]
    ax = maps.series(years, values, limits=(0, 1)).axes[0]
    assert ax.get_ylim() == (0, 1) and ax.lines[0].get_xdata().tolist() == years


def test_a_series_of_large_numbers_and_too_many_lines():
    ax = maps.series([2000, 2001], [1_000_000, 3_000_000], language="es").axes[0]
    space = "\N{NARROW NO-BREAK SPACE}"
    assert ax.yaxis.get_major_formatter()(2_000_000, 0) == f"2{space}000{space}000"
    many = {str(name): [1, 2] for name in range(9)}
    with pytest.raises(ValueError, match="found 9; choose 8 at most"):
        maps.series([2000, 2001], many)
    ax = maps.series([2000, 2001], dict(list(many.items())[:8])).axes[0]
    assert len({(line.get_color(), line.get_marker()) for line in ax.lines}) == 8


def test_names_of_many_lines_stand_below_the_chart():
    for lines, inside in ((4, True), (5, False)):
        sheet = maps.series([2000, 2001], {str(name): [1, 2] for name in range(lines)})
        assert (sheet.axes[0].get_legend() is not None) == inside
        assert len(sheet.legends) == (not inside)
    assert legend(sheet) == ["0", "1", "2", "3", "4"]


def test_the_fit_draws_the_curve_it_is_given():
    curve = ([0, 1, 2, 3], [0.0, 0.5, 0.4, 0.1])
    values = [0.5, 1.0, 1.5, np.nan, 2.5]
    sheet = maps.fit(values, density=curve, unit="mm", marks={"2011": 0.5}, bins=4)
    ax = sheet.axes[0]
    assert [line.tolist() for line in ax.lines[0].get_data()] == [
        list(map(float, x)) for x in curve
    ]
    # four values in four bins of 0.5 mm: 2 / 4 / 0.5 … the area is 1, the gap is left out
    bars = [(bar.get_x(), bar.get_height()) for bar in ax.patches]
    assert bars == [(0.5, 0.5), (1.0, 0.5), (1.5, 0.5), (2.0, 0.5)]
    assert ax.lines[1].get_xdata() == [0.5, 0.5] and ax.texts[0].get_text() == "2011"
    assert ax.get_xlabel() == "mm"
    with pytest.raises(ValueError, match="found none"):
        maps.fit([np.nan], density=curve)


def test_the_bands_of_the_index_are_those_of_the_classes():
    sheet = maps.index_series([2000, 2001, 2003], [0.5, np.nan, -2.6], name="SPI-12")
    ax = sheet.axes[0]
    limits = tables.read("drought_classes")["upper"].dropna().tolist()
    assert limits == [0, -1, -1.5, -2]
    low, high = ax.get_ylim()
    assert (low, high) == (-3, 3)
    bands = [patch.get_bbox() for patch in ax.patches[:5]]
    assert [band.y1 for band in bands] == [high, *limits]
    assert [band.y0 for band in bands] == [*limits, low]
    shades = [
        np.round(np.array(patch.get_facecolor()[:3]) * 255).tolist() for patch in ax.patches[:5]
    ]
    assert shades == [colour("drought", code)[:3] for code in range(5)]
    (bars,) = ax.containers
    tall = [bar.get_height() for bar in bars]
    assert tall[0] == 0.5 and np.isnan(tall[1]) and tall[2] == -2.6
    assert [bar.get_x() + bar.get_width() / 2 for bar in bars] == [2000, 2001, 2003]
    with pytest.raises(ValueError, match="found 2 times and 1 values"):
        maps.index_series([2000, 2001], [1.0])


def test_months_of_the_index_are_a_line():
    months = pd.date_range("2000-01", periods=30, freq="MS")
    values = np.linspace(-1, 1, 30)
    values[3] = np.nan
    ax = maps.index_series(months, values, limits={1: -0.5, 2: -1, 3: -1.5, 4: -2}).axes[0]
    line = ax.lines[0].get_ydata()
    assert np.isnan(line[3]) and len(line) == 30 and not ax.containers
    assert ax.patches[1].get_bbox().y1 == -0.5


# --- Words -------------------------------------------------------------------------------------


def test_drought_in_words_by_hand():
    # cells of 1 km²: none, mild, moderate / no data, severe, extreme; 4 of 5 known are in drought
    sentence = maps.describe(layer(WORLD), name="2011", palette="drought", areas=np.ones((2, 1)))
    assert sentence == (
        "2011: No drought 20.0 %, Mild drought 20.0 %, Moderate drought 20.0 %, "
        "Severe drought 20.0 %, Extreme drought 20.0 %. "
        "Shares of 5.0 km², the area with a result; no data is not counted. "
        "80.0 % of it is in drought, mild or worse. Largest class: No drought. "
        "Main place of severe or extreme drought: south (50 % of it)."
    )
    calm = maps.describe(layer(WORLD[:1]), name="x", palette="drought", areas=np.ones((1, 1)))
    assert calm.endswith("66.7 % of it is in drought, mild or worse. Largest class: No drought.")
    table = YEARS[YEARS.year == 2002][["drought", "area_km2"]]
    assert "40.0 % of it is in drought" in maps.describe(table, name="x", palette="drought")


def test_people_in_words_by_hand():
    #  0    0.5   NaN       rows weigh the same, columns too: the first row is the northern
    #  0    2     97.5      third of the area, the second the southern; columns are thirds
    people = layer(np.array([[0, 0.5, np.nan], [0, 2, 97.5]], np.float32))
    sentence = maps.describe(people, name="2023", palette=maps.persons(), areas=np.ones((2, 1)))
    assert sentence == (
        "2023: 100 persons in 3 inhabited cells. Main place: south-east (98 % of them)."
    )
    zones = layer(np.array([[1, 1, 1], [1, 1, GAP]], np.int16))
    inside = maps.describe(people, name="x", palette=maps.persons(), inside=zones)
    assert inside.startswith("x: 2 persons in 2 inhabited cells.")
    none = maps.describe(layer(np.zeros((2, 2))), name="x", palette=maps.persons())
    assert none == "x: 0 persons in 0 inhabited cells."
    with pytest.raises(ValueError, match="found a layer in persons per km²; describe the layer"):
        maps.describe(people, name="x", palette=maps.persons("km2"))


def test_years_in_words_by_hand():
    # drought: 25 % in 2000, 40 % in 2002 (no data counts), mean 32.5 %; strong: 0 and 40 %
    # none: 75 + 20 of 200 km² are the largest class
    assert maps.describe_years(YEARS, name="Landia") == (
        "Landia: 32.5 % of the area is in drought, mild or worse (mean of 2000–2002). "
        "Worst: 2002, with 40.0 % in severe or extreme drought and 40.0 % in mild or worse "
        "drought. Largest class over all: No drought (47.5 %). No data: 2001."
    )
    people = maps.describe_years(YEARS, name="Landia", value="total")
    assert people.startswith("Landia: 57.5 % of the people live in drought")
    # persons: extreme 500 < none 850 of 2,000
    assert "Largest class over all: No drought (42.5 %)" in people
    empty = YEARS.assign(drought=GAP)
    assert maps.describe_years(empty, name="x") == "x: there is nothing to show."


def test_the_worst_year_of_equal_ones():
    rows = [(2000, 1, 1.0), (2000, 0, 1.0), (2001, 1, 2.0), (2002, 1, 2.0), (2003, 0, 2.0)]
    table = pd.DataFrame(rows, columns=["year", "drought", "area_km2"])
    assert "Worst: 2001, with 0.0 %" in maps.describe_years(table, name="x")
    # a little strong drought weighs more than much mild drought
    table.loc[len(table)] = (2003, 3, 0.1)
    assert "Worst: 2003, with 4.8 % in severe" in maps.describe_years(table, name="x")
    windows = table.assign(first=table.year, last=table.year + 3)
    sentence = maps.describe_years(windows, name="x", year=["first", "last"])
    assert "(mean of 2000–2003 … 2003–2006)" in sentence and "Worst: 2003–2006" in sentence


def test_exposed_people_in_words():
    table = pd.DataFrame(
        {"year": [2015, 2015, 2023, 2023], "status": [-1, 0, -1, GAP], "total": [250.4, 750, 0, 9]}
    )
    assert maps.describe_exposed(table, name="On degraded land", column="status") == (
        "On degraded land. 2015: 250 of 1,000 persons (25.0 %). 2023: 0 of 9 persons (0.0 %)."
    )
    drought = maps.describe_exposed(YEARS, name="x", column="drought", codes=(1, 2, 3, 4))
    assert drought == "x. 2000: 250 of 1,000 persons (25.0 %). 2002: 900 of 1,000 persons (90.0 %)."
    with pytest.raises(KeyError, match="No column state"):
        maps.describe_exposed(table, name="x", column="state")


@pytest.mark.parametrize("language", tables.LANGUAGES)
def test_sentences_exist_in_every_language(language):
    sentences = [
        maps.describe(layer(WORLD), name="Landia", palette="drought", language=language),
        maps.describe(
            layer(WORLD * 0 + 1.0), name="Landia", palette=maps.persons(), language=language
        ),
        maps.describe_years(YEARS, name="Landia", language=language),
        maps.describe_years(YEARS, name="Landia", value="total", language=language),
        maps.describe_exposed(YEARS, name="Landia", column="drought", codes=[2], language=language),
    ]
    assert all(sentence.startswith("Landia") and "{" not in sentence for sentence in sentences)
    assert tables.label("drought.none", language) in sentences[2]
    if language != "en":
        english = maps.describe_years(YEARS, name="Landia")
        assert sentences[2] != english and sentences[3] != english
